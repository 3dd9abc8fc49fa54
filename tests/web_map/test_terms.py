"""Every page calls a desa and a kecamatan what they are called there, in both languages."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from geo_service.http.urls import Address
from geo_service.releases.release import Release
from layers.release.manifest_file import Terms, fill_terms, make_terms
from tests.web_map.conftest import Pages
from tests.web_map.local_places import make_codes, publish_places, write_places
from web_map.pages.area.area import picture_sheet
from web_map.views.area_views import make_view
from web_map.views.questions import read_question
from web_map.views.readers import Reader
from web_map.views.readings import read_readings
from web_map.words import Words

# Names that the law gives, whatever the place is called: accounts, funds, plans, the product.
LEGAL = re.compile(
    r"Peta Kecamatan|Kecamatan Map|Indeks Desa Membangun|Dana Desa|RKP Desa|APBDes|"
    r"pendapatan asli desa|"
    r"the desa's own revenue|pemerintahan desa|Government of the desa|pembangunan desa|"
    r"Operasional pemerintah desa|Running costs of the desa|Development of the desa|"
    r"PP 17/2018 \(kecamatan\)|dana desa"
)
DESA, KECAMATAN = re.compile(r"\bdesa", re.IGNORECASE), re.compile(r"\bkecamatan", re.IGNORECASE)


class Place:
    """One published release of small places, asked in this process."""

    def __init__(self, folder: Path, kabupaten: str, west: float, south: float, **more: object):
        write_places(folder / "masukan", kabupaten, west, south, **more)  # type: ignore[arg-type]  # options of the sample
        publish_places(folder / "masukan", folder / "terbitan")
        self.release = Release((folder / "terbitan" / "current").resolve())
        self.kabupaten = kabupaten
        self.kecamatan = f"{kabupaten}.01"
        self.desa = make_codes(kabupaten, int(str(more.get("kelurahan", 0))))[2]
        self.trial = f"coba={west + 0.07},{south + 0.01}&coba_jenis=puskesmas"
        self.pages = Pages(folder / "terbitan")

    @property
    def addresses(self) -> list[str]:
        """Every page about these places."""
        here = f"/kecamatan/{self.kecamatan}"
        return [
            here,
            f"{here}?{self.trial}",
            f"{here}?desa={self.desa}",
            f"{here}/banding",
            f"{here}/banding?mode=both",
            f"{here}/tindak-lanjut",
            f"{here}/tindak-lanjut.csv",
            f"/embed{here}",
            f"/desa/{self.desa}",
            f"/kabupaten/{self.kabupaten}",
            f"/kabupaten/{self.kabupaten}/banding",
            f"/provinsi/{self.kabupaten[:2]}",
            "/cari?q=blang",
            "/cari?q=zzz",
            "/?f=html",
        ]

    def said(self, address: str, language: str) -> str:
        """What a reader and a screen reader get of a page, and the words of its script."""
        url = address + ("" if language == "id" else f"{'&?'['?' not in address]}lang=en")
        answer = self.pages.get(url)
        assert answer.status_code == 200, url
        return spoken(answer.text)

    def lines(self, address: str, language: str) -> str:
        """The same with a bar between texts, whatever stands between them."""
        return re.sub(r"\s*\n\s*", "|", self.said(address, language))


def spoken(text: str) -> str:
    island = re.search(r'id="data"[^>]*>(.*?)</script>', text, re.DOTALL)
    words = json.dumps(json.loads(island[1])["words"], ensure_ascii=False) if island else ""
    shown = re.sub(r"<script.*?</script>", "", text, flags=re.DOTALL)
    marks = re.findall(r'(?:aria-label|title|alt|placeholder|data-[a-z-]+)="([^"]*)"', shown)
    shown = html.unescape("\n".join([re.sub(r"<[^>]*>", "\n", shown), *marks, words]))
    return re.sub(r"\S*(?:https?:/|/kecamatan|/desa/|[?&]layer=|layers/)\S*", "", shown)


def left_over(pattern: re.Pattern[str], text: str) -> list[str]:
    """Lines that say a word though no law makes them."""
    return [line for line in LEGAL.sub("", text).splitlines() if pattern.search(line)]


@pytest.fixture(scope="module")
def aceh(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    place = Place(tmp_path_factory.mktemp("aceh"), "11.06", 95.5, 5.4)
    with place.pages:
        yield place


@pytest.fixture(scope="module")
def papua(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    place = Place(tmp_path_factory.mktemp("papua"), "91.03", 140.5, -2.6)
    with place.pages:
        yield place


@pytest.fixture(scope="module")
def mixed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """One kelurahan and two negeri in the first kecamatan, desa in the second."""
    words = {0: "Kelurahan", 1: "NEGERI", 2: "negeri"}
    more = '[sebutan.kecamatan]\n"81.01.02" = "distrik"\n'
    folder = tmp_path_factory.mktemp("maluku")
    place = Place(folder, "81.01", 129.0, -3.3, kelurahan=1, words=words, more=more)
    with place.pages:
        yield place


@pytest.mark.parametrize("language", ["id", "en"])
def test_no_page_of_aceh_says_desa_where_gampong_is_meant(aceh: Place, language: str) -> None:
    for address in aceh.addresses:
        said = aceh.said(address, language)
        assert left_over(DESA, said) == [], address
        assert "gampong" in said.lower() or address.startswith(("/provinsi", "/embed")), address


@pytest.mark.parametrize("language", ["id", "en"])
def test_no_page_of_papua_says_desa_or_kecamatan(papua: Place, language: str) -> None:
    for address in papua.addresses:
        said = papua.said(address, language)
        assert left_over(DESA, said) == [], address
        assert left_over(KECAMATAN, said) == [], address


@pytest.mark.parametrize(
    ("address", "indonesian", "english"),
    [
        ("/kecamatan/11.06.01", ["Jumlah gampong", "\nGampong\n"], ["Number of gampong"]),
        (
            "/desa/11.06.01.2003",
            ["Gampong Blang", "Gampong di Kecamatan Seulimeum"],
            ["Gampong Blang", "Gampong in Kecamatan Seulimeum"],
        ),
        (
            "/kecamatan/11.06.01/tindak-lanjut",
            ["layanan dasar di 2 gampong,", "pemerintah gampong"],
            ["basic services in 2 gampong,", "the gampong government"],
        ),
        ("/kabupaten/11.06", ["(median gampong)"], ["(median of gampong)"]),
        (
            "/",
            ["2 kecamatan · 6 gampong", "Layanan dasar gampong, per kecamatan", "Lihat gampong"],
            ["2 kecamatan · 6 gampong", "Basic services of gampong", "See which gampong"],
        ),
        ("/cari?q=gampong blang", ["Gampong, Seulimeum"], ["Gampong, Seulimeum"]),
    ],
)
def test_aceh_says_gampong(
    aceh: Place, address: str, indonesian: list[str], english: list[str]
) -> None:
    for language, sentences in (("id", indonesian), ("en", english)):
        said = re.sub(r"[ \t]+", " ", aceh.said(address, language))
        assert [one for one in sentences if one not in said] == []


def test_a_trial_speaks_of_gampong(aceh: Place) -> None:
    said = aceh.said(f"/kecamatan/{aceh.kecamatan}?{aceh.trial}", "id")
    assert "Kesenjangan gampong tertutup" in said
    assert "Gampong yang menjadi lebih dekat" in said
    assert "gampong di luar norma" in said


def test_papua_says_distrik_and_kampung(papua: Place) -> None:
    assert "Distrik Seulimeum" in papua.said(f"/kecamatan/{papua.kecamatan}", "id")
    assert "2 distrik · 6 kampung" in papua.said("/", "id")
    assert "Kampung in Distrik Seulimeum" in papua.said(f"/desa/{papua.desa}", "en")
    assert "Distrik, Setempat" in papua.said("/cari?q=distrik lembah", "id")
    reader = Reader(papua.release, Words("id"), Address(""), "").about("kecamatan", papua.kecamatan)
    question = read_question(reader, {})
    view = make_view(reader, question, read_readings(reader, question))
    sheet = picture_sheet(view, "http://x/")
    assert sheet.place.startswith("Distrik Seulimeum")


def test_a_mixed_kecamatan_says_both_and_how_many_of_each(mixed: Place) -> None:
    said = mixed.said(f"/kecamatan/{mixed.kecamatan}", "id")
    assert "Jumlah negeri/kelurahan" in said
    assert "2 negeri, 1 kelurahan" in said
    assert "\nNegeri/kelurahan\n" in said
    assert "\nkel.\n" in said
    profile = mixed.said(f"/desa/{mixed.desa}", "en")
    assert "Negeri Blang" in profile
    assert "\nNegeri spending\n" in profile


def test_a_kelurahan_is_no_gap_of_what_is_of_desa_only(mixed: Place) -> None:
    """Of five desa and a kelurahan four have an index: 4 of 5 desa, nowhere of 6 with both."""
    first, field = f"/kecamatan/{mixed.kecamatan}", "layer=desa.idm_skor"
    page = mixed.lines(f"{first}?{field}", "id")
    assert "|Tanpa nilai|0|1 tidak berlaku|" in page
    assert "4 dari 5 wilayah memiliki nilai" in page
    assert "median kabupaten 0,6500, menurut 4 dari 5 desa|" in page
    second = mixed.lines(f"/kecamatan/{mixed.kabupaten}.02?{field}", "id")
    assert "|Tanpa nilai|1|1 tidak ada data|" in second
    total = f"/kabupaten/{mixed.kabupaten}/asal?layer=kabupaten.idm_skor_median"
    assert "0,6500, menurut 4 dari 5 desa|" in mixed.lines(total, "id")
    assert "Gabungan dari 4 desa|" in mixed.lines(total, "id")
    assert "0.6500, from 4 of 5 desa|" in mixed.lines(total, "en")
    assert "|Indeks Desa Membangun (IDM)|2025|4 / 5|" in mixed.lines("/reports/", "id")


def test_what_applies_to_kelurahan_too_is_counted_with_them(mixed: Place) -> None:
    total = f"/kabupaten/{mixed.kabupaten}/asal?layer=kabupaten.penduduk_jiwa_jumlah"
    assert "Gabungan dari 6 desa/kelurahan\n" in mixed.said(total, "id")


def test_where_local_terms_differ_the_word_of_the_law_is_used(mixed: Place) -> None:
    said = mixed.said("/", "id")
    assert "2 kecamatan · 6 desa/kelurahan" in said
    assert "3 negeri/kelurahan" in said
    assert "\n3 desa\n" in said
    assert "(median desa)" in mixed.said(f"/kabupaten/{mixed.kabupaten}", "id")
    assert "Distrik Lembah" in mixed.said(f"/kecamatan/{mixed.kabupaten}.02", "id")


def test_names_of_columns_and_addresses_do_not_change(aceh: Place) -> None:
    head = aceh.pages.get(f"/kecamatan/{aceh.kecamatan}.csv?layer=desa.penduduk_jiwa").text
    assert head.lstrip("\N{BOM}").startswith("peringkat,kode,nama,jenis,penduduk_jiwa")
    item = aceh.pages.json(f"/collections/desa/items/{aceh.desa.replace('.', '')}")["properties"]
    assert (item["jenis"], item["sebutan"]) == ("desa", "gampong")
    kecamatan = f"/collections/kecamatan/items/{aceh.kecamatan.replace('.', '')}"
    assert aceh.pages.json(kecamatan)["properties"]["sebutan"] == "kecamatan"


def test_the_texts_of_a_release_say_the_terms_and_leave_none_open(aceh: Place) -> None:
    title = {layer.id: layer.title.id for layer in aceh.release.manifest.layers}
    assert title["desa"] == "Gampong"
    assert title["spending"] == "Belanja gampong"
    for path in sorted(aceh.release.path.rglob("*.json*")):
        content = path.read_text(encoding="utf-8")
        assert not re.search(r"\{(desa|village|kecamatan)\}", content, re.IGNORECASE), path.name


def test_a_release_that_knows_no_terms_says_desa_and_kelurahan() -> None:
    assert make_terms({}, [None]) == Terms("desa/kelurahan", "desa", "kecamatan")
    assert make_terms({"kelurahan": 4}, []) == Terms("kelurahan", "kelurahan", "kecamatan")
    assert fill_terms("{Desa} {desa} {lain}", Terms()) == "Desa/kelurahan desa/kelurahan {lain}"
