"""Every page without script: complete, in both languages, small, and strict about its policy."""

from __future__ import annotations

import csv
import gzip
import io
import re
from html.parser import HTMLParser

import openpyxl
import pytest

from tests.web_map.conftest import Pages
from web_map.pages.base.answers import read_page_assets

KECAMATAN = "/kecamatan/99.01.01"
PAGES = (
    "/",
    KECAMATAN,
    f"{KECAMATAN}?layer=desa.stunting_pct&tahun=2024",
    f"{KECAMATAN}?layer=spending.realisasi_idr&method=natural&k=4&compare=kecamatan",
    f"{KECAMATAN}?desa=99.01.01.2003",
    f"{KECAMATAN}?layer=gaps.jarak_puskesmas_m&rings=waktu",
    "/embed/kecamatan/99.01.02",
    "/kabupaten/99.01",
    "/provinsi/99",
    "/desa/99.01.01.2003",
    f"{KECAMATAN}/tindak-lanjut",
    f"{KECAMATAN}/banding",
    f"{KECAMATAN}/banding?mode=both&desa=99.01.01.2003",
    "/kabupaten/99.01/banding?mode=swipe",
    "/desa/99.01.01.1001",
    "/cari?q=tan",
    "/cari?q=tidakada",
    "/reports/",
    "/reports/?wilayah=99.01.01",
    "/reports/?temuan=table.code_unknown",
)
KB = 1000


class Elements(HTMLParser):
    """All elements of a page with their attributes, and the text of the table."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def ids(self) -> set[str | None]:
        return {attributes.get("id") for _, attributes in self.found}


@pytest.mark.parametrize("language", ["id", "en"])
@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_served_under_a_strict_policy(pages: Pages, path: str, language: str) -> None:
    answer = pages.get(f"{path}{'&' if '?' in path else '?'}lang={language}")
    assert answer.status_code == 200, answer.text[:300]
    policy = answer.headers["content-security-policy"]
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy
    for tag, attributes in Elements(answer.text).found:
        assert "style" not in attributes
        assert not any(name.startswith("on") for name in attributes)
        if tag == "script":
            assert attributes.get("src") or attributes.get("type") == "application/json"
        assert tag != "style"


@pytest.mark.parametrize("path", PAGES)
def test_a_page_asks_no_other_origin_for_anything(pages: Pages, path: str) -> None:
    for tag, attributes in Elements(pages.get(path).text).found:
        if tag in ("script", "img", "iframe", "source"):
            assert not (attributes.get("src") or "").startswith(("http", "//"))
        if tag == "link":
            assert not (attributes.get("href") or "").startswith(("http", "//"))


@pytest.mark.parametrize(
    "path",
    [
        KECAMATAN,
        f"{KECAMATAN}/banding",
        "/desa/99.01.01.2003",
        "/kabupaten/99.01",
        "/",
        "/reports/",
    ],
)
def test_the_first_stage_is_at_most_40_kilobytes(pages: Pages, path: str) -> None:
    assets = read_page_assets()
    if assets.script is None:
        pytest.skip("the page is not built")
    parts = [path, f"/{assets.script}", *(f"/{style}" for style in assets.styles)]
    assert len(parts) <= 8
    assert sum(len(gzip.compress(pages.get(part).content, 5)) for part in parts) <= 40 * KB


def test_a_kecamatan_has_what_the_page_contract_names(pages: Pages) -> None:
    ids = Elements(pages.get(KECAMATAN).text).ids()
    assert {"map", "layer", "legend", "panel", "tbl", "svgmap"} <= ids


def test_every_desa_is_in_table_and_map(pages: Pages) -> None:
    text = pages.get(KECAMATAN).text
    table = set(re.findall(r'<tr data-kode="([\d.]+)"', text))
    drawn = set(re.findall(r'<path [^>]*data-kode="([\d.]+)"', text))
    assert len(table) == 14
    assert drawn == table


def test_the_legend_counts_every_desa_once(pages: Pages) -> None:
    text = pages.get(f"{KECAMATAN}?layer=spending.realisasi_idr").text
    counts = re.findall(r'<span class="count"[^>]*>(\d+)</span>', text)
    assert sum(map(int, counts)) == 14


def test_a_kelurahan_without_apbdes_is_marked_and_not_painted_as_zero(pages: Pages) -> None:
    text = pages.get(f"{KECAMATAN}?layer=spending.realisasi_idr").text
    marked = re.findall(r'fill="url\(#p-not_applicable\)" data-kode="([\d.]+)"', text)
    assert marked
    assert all(kode.split(".")[3].startswith("1") for kode in marked)
    assert 'data-mark="not_applicable"' in text


def test_facilities_have_rings_of_their_norm(pages: Pages) -> None:
    path = f"{KECAMATAN}?layer=gaps.jarak_puskesmas_m"
    plain, ringed = pages.get(path).text, pages.get(f"{path}&rings=1").text
    places = re.findall(r'<circle [^>]*r="5"><title>Puskesmas', plain)
    assert places
    assert 'class="rings"' not in plain
    rings = ringed.split('class="rings"')[1].split("</g>")[0]
    # 10 km, the norm, in pixels of the drawing: from the scale bar of 5 km.
    five_km = float(re.findall(r'class="scalebar"><path d="M2 [\d.]+v9h(\d+)', ringed)[0])
    radius = {float(found) for found in re.findall(r' r="([\d.]+)"', rings)}
    assert len(radius) == 1
    assert abs(radius.pop() / five_km - 2) < 0.02
    assert "10,0 km garis lurus (norma)" in ringed


def test_a_kind_of_facility_can_be_chosen_or_none(pages: Pages) -> None:
    def shown(query: str) -> int:
        return pages.get(f"{KECAMATAN}?{query}").text.count(' r="5"><title>')

    assert shown("layer=desa.stunting_pct") == 0
    assert shown("layer=desa.stunting_pct&facilities=posyandu") > 10
    assert shown("layer=gaps.jarak_posyandu_m&facilities=none") == 0


def test_names_and_strength_of_colour_can_be_chosen(pages: Pages) -> None:
    plain = pages.get(KECAMATAN).text
    assert 'class="names"' in plain
    assert "fill-opacity" not in plain.split("</svg>")[1]
    faint = pages.get(f"{KECAMATAN}?labels=0&opacity=60").text
    assert 'class="names"' not in faint
    assert 'fill-opacity="0.6"' in faint


def test_links_of_a_view_keep_how_it_is_displayed(pages: Pages) -> None:
    query = "layer=desa.stunting_pct&opacity=60&labels=0&rings=1&view=125.6,-5.72,11.5"
    text = pages.get(f"{KECAMATAN}?{query}").text.replace("%2C", ",")
    other = re.findall(r'href="(\?[^"]*lang=en[^"]*)"', text)[0]
    for part in query.split("&"):
        assert part in other


def test_a_desa_without_boundary_stays_in_the_table(pages: Pages) -> None:
    text = pages.get("/kecamatan/99.01.03").text
    assert 'data-kode="99.01.03.2014"' in text


def test_ranks_begin_with_the_worst(pages: Pages) -> None:
    text = pages.get(f"{KECAMATAN}?layer=desa.air_minum_layak_pct").text
    values = [float(value) for value in re.findall(r'<td class="num" data-value="([\d.]+)"', text)]
    assert values == sorted(values)


def test_numbers_are_written_as_the_language_does(pages: Pages) -> None:
    path = f"{KECAMATAN}?layer=desa.stunting_pct"
    assert re.search(r"\d,\d%", pages.get(path).text)
    assert re.search(r"\d\.\d%", pages.get(f"{path}&lang=en").text)


def test_the_same_view_is_not_sent_twice(pages: Pages) -> None:
    first = pages.get(KECAMATAN)
    again = pages.get(KECAMATAN, if_none_match=first.headers["etag"])
    assert again.status_code == 304


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/kecamatan/99.01.99", 404),
        ("/kecamatan/990101", 404),
        ("/kabupaten/99.99", 404),
        ("/provinsi/98", 404),
        ("/desa/99.01.01.2999", 404),
        (f"{KECAMATAN}?layer=nothing", 400),
        (f"{KECAMATAN}?layer=desa.nothing", 400),
        (f"{KECAMATAN}?method=jenks", 400),
        (f"{KECAMATAN}?k=99", 400),
        (f"{KECAMATAN}?tahun=kini", 400),
        (f"{KECAMATAN}?unknown=1", 400),
        (f"{KECAMATAN}?lang=fr", 400),
        (f"{KECAMATAN}.png?width=99999", 400),
        (f"{KECAMATAN}?view=abc", 400),
        (f"{KECAMATAN}?view=125.6,-95.7,11", 400),
        (f"{KECAMATAN}?opacity=5", 400),
        (f"{KECAMATAN}/banding?mode=three", 400),
        (f"{KECAMATAN}/banding?layer2=nothing", 400),
        ("/kecamatan/99.01.99/banding", 404),
        (f"{KECAMATAN}?facilities=<b>", 400),
        (f"{KECAMATAN}?facilities=bioskop", 400),
    ],
)
def test_an_error_is_a_page_for_people_and_a_problem_for_programs(
    pages: Pages, path: str, status: int
) -> None:
    page = pages.get(path)
    assert page.status_code == status
    assert "<h1>" in page.text
    problem = pages.get(path, accept="application/json")
    assert problem.status_code == status
    assert problem.headers["content-type"] == "application/problem+json"


def test_only_the_embedded_page_may_be_framed(pages: Pages) -> None:
    def framers(path: str) -> str:
        policy = pages.get(path).headers["content-security-policy"]
        return policy.split("frame-ancestors ")[1]

    assert framers("/embed/kecamatan/99.01.01") == "*"
    assert framers(KECAMATAN) == "'self'"


def test_the_embedded_page_leads_back_to_the_full_one(pages: Pages) -> None:
    assert f'href="{KECAMATAN}?layer=' in pages.get("/embed/kecamatan/99.01.01").text


def test_text_of_the_reader_is_escaped(pages: Pages) -> None:
    assert "<b>" not in pages.get("/cari?q=<b>x</b>").text.split("<main")[1].split("<ul")[0]


def test_a_browser_gets_the_start_page_and_a_program_the_links(pages: Pages) -> None:
    assert "<h1>" in pages.get("/").text
    assert pages.get("/", accept="application/json").json()["links"]


def test_links_of_a_desa_lead_to_its_views(pages: Pages) -> None:
    text = pages.get("/desa/99.01.01.2003").text
    for path in set(re.findall(r'href="(/[^"]*)"', text)):
        assert pages.get(path.replace("&amp;", "&")).status_code == 200, path


@pytest.mark.parametrize(
    "path",
    [
        f"{KECAMATAN}?desa=99.01.01.2003",
        "/kabupaten/99.01",
        "/reports/",
        "/reports/?temuan=table.code_unknown",
    ],
)
def test_links_of_a_page_resolve(pages: Pages, path: str) -> None:
    text = pages.get(path).text
    links = {link.replace("&amp;", "&") for link in re.findall(r'href="([/?][^"]*)"', text)}
    for link in links:
        target = link if link.startswith("/") else path.split("?")[0] + link
        assert pages.get(target).status_code == 200, target


def test_a_built_file_is_sent_packed_as_it_was_built(pages: Pages) -> None:
    script = read_page_assets().script
    if script is None:
        pytest.skip("the page is not built")
    packed = pages.get(f"/{script}", accept_encoding="gzip, br")
    assert packed.headers["content-encoding"] == "br"
    assert packed.headers["content-type"].startswith("text/javascript")
    assert "Accept-Encoding" in packed.headers["vary"]
    plain = pages.get(f"/{script}", accept_encoding="identity")
    assert "content-encoding" not in plain.headers
    assert int(packed.headers["content-length"]) < len(plain.content) / 2
    assert packed.headers["etag"] != plain.headers["etag"]
    again = pages.get(f"/{script}", accept_encoding="br", if_none_match=packed.headers["etag"])
    assert again.status_code == 304


def test_the_follow_up_list_holds_every_need_once(pages: Pages) -> None:
    url = "/collections/synchronisation/items?kode_kecamatan=99.01.01&need=need&limit=1000"
    needs = {
        (item["properties"]["kode"], item["properties"]["service"])
        for item in pages.json(url)["features"]
    }
    text = pages.get(f"{KECAMATAN}/tindak-lanjut").text
    shown = re.findall(r"\?layer=needs\.(\w+)_state&amp;desa=([\d.]+)", text)
    assert sorted((kode, service) for service, kode in shown) == sorted(needs)
    assert "Dinas Pendidikan Provinsi" in text


def test_a_follow_up_list_of_one_addressee(pages: Pages) -> None:
    text = pages.get(f"{KECAMATAN}/tindak-lanjut?penerima=Dinas%20Kesehatan").text
    assert re.findall(r'<h2 id="a-\d+">([^<]+) <', text) == ["Dinas Kesehatan"]
    assert pages.get(f"{KECAMATAN}/tindak-lanjut?penerima=Tidak%20Ada").status_code == 400


def test_the_follow_up_list_as_files_says_the_same(pages: Pages) -> None:
    body = pages.get(f"{KECAMATAN}/tindak-lanjut.csv").content.decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(body, newline="")))
    book = openpyxl.load_workbook(io.BytesIO(pages.get(f"{KECAMATAN}/tindak-lanjut.xlsx").content))
    head, *sheet = book["Data"].iter_rows(values_only=True)
    assert list(head) == list(rows[0])
    assert len(sheet) == len(rows) > 20
    known = [float(row["prioritas"]) for row in rows if row["prioritas"]]
    assert known == sorted(known, reverse=True)
    assert all(bool(row["penduduk_dasar"]) == bool(row["penduduk"]) for row in rows)
    counted_by = {row["penduduk_dasar"] for row in rows if row["penduduk"]}
    assert counted_by <= {"terdaftar", "raster"}
    page = pages.get(f"{KECAMATAN}/tindak-lanjut").text
    assert {basis for basis in ("terdaftar", "raster") if f"<small>{basis}</small>" in page} == (
        counted_by
    )
    assert "selain itu raster penduduk" in page
    link = rows[0]["tautan"].split("/", 3)[3]
    assert pages.get("/" + link).status_code == 200


def test_a_pointer_is_told_value_year_class_and_rank_without_script(pages: Pages) -> None:
    text = pages.get("/kecamatan/99.01.01?layer=desa.stunting_pct").text
    drawing = text.split('id="svgmap"')[1].split("</svg>")[0]
    told = re.findall(r"<title>Bukit Damar: (.*?)</title>", drawing)
    place = "peringkat 7 dari 14, sama dengan 1 lain"
    assert told == [f"14,5% (2025) · &gt; 14,0% – 20,0% · {place}"]
    text = pages.get("/kecamatan/99.01.03?layer=needs.air_minum_state").text
    assert "<title>Suka Maju: Kebutuhan tanpa dana · peringkat" in text


def test_a_state_has_no_rank_among_neighbours(pages: Pages) -> None:
    rows = re.findall(r"<tr><th.*?</tr>", pages.get("/desa/99.01.01.2003").text, re.DOTALL)
    states = [row for row in rows if "_state&amp;" in row]
    assert len(states) > 5
    assert not [row for row in states if re.search(r"\d dari \d", row)]


def test_a_distance_beyond_the_norm_is_none_or_more(pages: Pages) -> None:
    legend = pages.get("/kecamatan/99.01.01?layer=gaps.gap_posyandu_m").text.split('id="legend"')[1]
    assert re.findall(r'<span class="range">(.*?)</span>', legend)[:2] == ["0 m", "&gt; 0 – 500 m"]


def test_a_state_is_read_as_its_label(pages: Pages) -> None:
    text = pages.get("/kecamatan/99.01.03?layer=needs.air_minum_state").text
    legend = text.split('id="legend"')[1].split("</section>")[0]
    assert "Kebutuhan tanpa dana" in legend
    assert "Kebutuhan, dalam program kabupaten" in legend
    assert "Median" not in text.split("<main")[1].split("</main>")[0]


@pytest.mark.parametrize(
    "path",
    ["/kecamatan/99.01.01", "/desa/99.01.01.2003", "/cari?q=sagara", "/", "/kabupaten/99.01"],
)
def test_a_name_keeps_its_direction_to_itself(pages: Pages, path: str) -> None:
    text = pages.get(path, accept="text/html").text
    assert re.search(r"<(?:h1|a)\b[^>]*><bdi>[^<]+</bdi></(?:h1|a)>", text)
