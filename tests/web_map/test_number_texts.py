"""Numbers as pages and files write them: rounded once, tied where they are equal, never with noise.

`noisy` looks at every text that a reader sees on a page, in drawings and titles too.  A number has
at most two decimals; an index between 0 and 1 is published with four, as its office does.  Places
(coordinates) are no measures.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping
from html.parser import HTMLParser

import openpyxl
import pytest

from layers.pipeline.build import build_release
from layers.release.drawing_file import Outline
from tests.geo_service.client import Client
from tests.layers.provenance import world
from tests.web_map import conftest, test_pages
from web_map.drawing import picture_sheet
from web_map.drawing.choropleth import Shape
from web_map.pages.area import area

SHOWN = ("title", "aria-label", "alt", "placeholder", "content", "data-label", "data-text")
UNSHOWN = ("script", "style", "template")
NO_MEASURES = re.compile(r"-?\d{1,3}\.\d{4,7}(?:, ?| \| )-?\d{1,3}\.\d{4,7}|\b0\d\.\d{4}\.")
"""Coordinates, and codes of Siskeudes."""
NOISE = r"(?<![\d.,])(?!0[.,]\d{4}5(?!\d))\d+[.,]\d{5,}"
"""The middle of two indices may end in a half: 0.65015 is written out."""
LONG = {
    "id": re.compile(rf"{NOISE}|(?<![\d.,])[\d.]+,\d{{3}}(?!\d)|(?<![\d.,])(?!0,)[\d.]+,\d{{4}}"),
    "en": re.compile(
        rf"{NOISE}|(?<![\d.,])[\d,]+\.\d{{3}}(?!\d)|(?<![\d.,])(?!0\.)[\d,]+\.\d{{4}}"
    ),
}


class ShownText(HTMLParser):
    """The texts of a page that a reader sees or hears."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.texts: list[str] = []
        self._inside: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.texts += [text for name, text in attrs if name in SHOWN and text]
        if tag in UNSHOWN:
            self._inside.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in UNSHOWN and self._inside:
            self._inside.pop()

    def handle_data(self, data: str) -> None:
        if not self._inside:
            self.texts.append(data)


def noisy(page: str, language: str) -> list[str]:
    """Texts with a number of more than two decimals."""
    texts = (NO_MEASURES.sub("", text) for text in ShownText(page).texts)
    return [text.strip() for text in texts if LONG[language].search(text)]


@pytest.mark.parametrize(
    ("language", "page", "is_noisy"),
    [
        ("id", "<p title='85,94999999999999%'>a</p>", True),
        ("en", "<p>85.94999999999999%</p>", True),
        ("id", "<td>0.30000000000000004</td>", True),
        ("id", "<td>12,345</td><td>1.234,5678</td>", True),
        ("en", "<td>1,234.567</td>", True),
        ("id", "<td>1.234.567 0,7481 3,5 12,34 99.01.01.2003</td>", False),
        ("en", "<td>1,234,567 0.7481 3.5 12.34 99.01.01.2003</td>", False),
        ("id", "<script>0.123456</script><p>121.012345, -8.490000</p>", False),
    ],
)
def test_the_walk_finds_noise_and_nothing_else(language: str, page: str, is_noisy: bool) -> None:
    assert bool(noisy(page, language)) == is_noisy


@pytest.mark.parametrize("language", ["id", "en"])
@pytest.mark.parametrize("path", test_pages.PAGES)
def test_no_number_of_a_page_has_more_than_two_decimals(
    pages: conftest.Pages, path: str, language: str
) -> None:
    page = pages.get(f"{path}{'&' if '?' in path else '?'}lang={language}").text
    assert noisy(page, language) == []


def test_no_number_of_a_picture_or_follow_up_file_has_noise(pages: conftest.Pages) -> None:
    kecamatan = test_pages.KECAMATAN
    for query in (
        "",
        "?layer=desa.idm_skor",
        "?layer=gaps.jarak_puskesmas_m",
        "?layer=needs.need_count",
    ):
        words = list(readable_cells(pages, f"{kecamatan}.xlsx{query}"))
        assert words
        assert [cell for cell in words if is_float_noise(cell)] == []
    for file in ("tindak-lanjut", "banding"):
        assert [
            c for c in readable_cells(pages, f"{kecamatan}/{file}.xlsx") if is_float_noise(c)
        ] == []
        body = pages.get(f"{kecamatan}/{file}.csv").content.decode("utf-8-sig")
        cells = [cell for row in csv.reader(io.StringIO(body)) for cell in row]
        assert [cell for cell in cells if is_float_noise(cell)] == []


@pytest.mark.parametrize("layer", ["desa.idm_skor", "needs.need_count", "gaps.jarak_puskesmas_m"])
def test_no_word_of_a_picture_has_noise(
    pages: conftest.Pages, layer: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn = list[str]()

    def draw(
        words: picture_sheet.PictureWords,
        outline: Outline | None,
        shapes: Mapping[str, Shape],
        width: int,
    ) -> bytes:
        drawn.append(picture_sheet.compose_sheet(words, outline, shapes))
        return picture_sheet.draw_picture(words, outline, shapes, width)

    monkeypatch.setattr(area, "draw_picture", draw)
    answer = pages.get(f"{test_pages.KECAMATAN}.png?layer={layer}&width=300")
    assert answer.status_code == 200
    (svg,) = drawn
    assert ShownText(svg).texts
    assert noisy(svg, "id") == []


def readable_cells(pages: conftest.Pages, url: str) -> Iterator[str]:
    """Every filled cell of a workbook as text."""
    book = openpyxl.load_workbook(io.BytesIO(pages.get(url).content))
    for sheet in book:
        for row in sheet.iter_rows(values_only=True):
            yield from (str(cell) for cell in row if cell is not None)


def is_float_noise(cell: str) -> bool:
    """Whether a cell is a number that shows the rounding of binary fractions.

    >>> is_float_noise("85.94999999999999"), is_float_noise("0.30000000000000004")
    (True, True)
    >>> is_float_noise("0.7481"), is_float_noise("121.0123456")
    (False, False)
    """
    return re.search(r"\d\.\d*(?:0{6,}[1-9]|9{6,})\d*", cell) is not None


THEMES = (
    "needs.need_count",
    "gaps.jarak_puskesmas_m",
    "desa.idm_skor",
    "desa.air_minum_layak_pct",
    "spending.realisasi_idr",
)


@pytest.mark.parametrize("layer", THEMES)
def test_equal_values_share_a_rank_in_files_and_on_the_page(
    pages: conftest.Pages, layer: str
) -> None:
    url, field = f"{test_pages.KECAMATAN}.csv?layer={layer}", layer.split(".")[1]
    body = pages.get(url).content.decode("utf-8-sig")
    rows = [row for row in csv.DictReader(io.StringIO(body)) if row["peringkat"]]
    values = [float(row[field]) for row in rows]
    assert len(values) > 5
    page = pages.get(f"{test_pages.KECAMATAN}?layer={layer}").text
    titles = [text for text in ShownText(page).texts if " \N{MIDDLE DOT} " in text]
    for row, value in zip(rows, values, strict=True):
        ties = values.count(value) - 1
        rank = values.index(value) + 1
        assert (int(row["peringkat"]), int(row["peringkat_sama"])) == (rank, ties)
        place = f"peringkat {rank} dari {len(values)}" + f", sama dengan {ties} lain" * bool(ties)
        if ties and value == values[-1]:
            place = f"terbaik, sama dengan {ties} lain"
        (title,) = {text for text in titles if text.startswith(f"{row['nama']}: ")}
        assert title.endswith(f" \N{MIDDLE DOT} {place}"), title


@pytest.fixture(scope="module")
def tied(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """Four desa: a median of a half, and two that are alike in everything."""
    scratch = tmp_path_factory.mktemp("tied")
    people = (1200, 801, 900, 900)
    lines = [f"{kode},0,{jiwa}" for kode, jiwa in zip(world.KODE, people, strict=True)]
    gizi = "\n".join(["kode,gizi,jiwa", *lines, ""])
    water = "\n".join(["kode,air", *(f"{kode},85.95" for kode in world.KODE), ""])
    folder = world.write_workspace(scratch / "uji", gizi=gizi, air_2025=water)
    build_release(folder, scratch / "releases", publish=True)
    with Client(scratch / "releases") as client:
        yield client


def words_of(client: Client, url: str) -> str:
    return " ".join(" ".join(ShownText(client.get(url, accept="text/html").text).texts).split())


def test_a_median_between_two_whole_numbers_is_a_half(tied: Client) -> None:
    page = words_of(tied, "/kecamatan/99.01.01?layer=desa.penduduk_jiwa")
    assert "Median 1.000,5 jiwa" in page
    english = words_of(tied, "/kecamatan/99.01.01?layer=desa.penduduk_jiwa&lang=en")
    assert "Median 1,000.5 people" in english


def test_where_all_are_alike_nobody_is_first_or_last(tied: Client) -> None:
    for url in ("/kecamatan/99.01.02?layer=desa.penduduk_jiwa", "/kecamatan/99.01.01"):
        page = words_of(tied, f"{url}{'&' if '?' in url else '?layer=desa.air_minum_layak_pct'}")
        assert "semua 2 bernilai sama" in page
        assert not re.search(r"peringkat \d dari 2|Paling buruk Desa", page)
    compared = words_of(tied, "/kecamatan/99.01.02/banding?layer=desa.penduduk_jiwa")
    assert "peringkat 1 dari 2" not in compared
    assert "85,949" not in compared


def test_needs_of_many_desa_are_counted_as_needs_and_not_as_services(
    pages: conftest.Pages,
) -> None:
    page = words_of(pages, "/kabupaten/99.01?layer=kecamatan.need_count")
    assert re.search(r"\d kebutuhan", page)
    assert "dari 14 layanan" in page
    assert not re.search(r"(?<!dari )\b\d+ layanan\b", page)
    desa = words_of(pages, f"{test_pages.KECAMATAN}?layer=needs.need_count")
    assert re.search(r"\d layanan\b", desa)
    assert not re.search(r"\d kebutuhan\b", desa)


def test_people_of_two_sources_say_which_they_are(pages: conftest.Pages) -> None:
    asked = "layer=gaps.penduduk_di_luar_norma_sma&desa=99.01.01.2005"
    for url in (f"{test_pages.KECAMATAN}?{asked}", "/desa/99.01.01.2005"):
        page = words_of(pages, url)
        assert "menurut raster)" in page
        more, registered = re.search(r"2\.284", page), re.search(r"2\.366", page)
        assert more
        assert registered
    assert "Jumlah penduduk (terdaftar)" in words_of(pages, f"{test_pages.KECAMATAN}?{asked}")
    tasks = words_of(pages, f"{test_pages.KECAMATAN}/tindak-lanjut")
    assert "Penduduk 2.366 terdaftar" in tasks
    assert "2.284" not in tasks
