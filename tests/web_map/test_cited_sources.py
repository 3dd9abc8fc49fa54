"""The source of a number is that of the inputs it was made from, the same wherever it is said."""

from __future__ import annotations

import csv
import io
import json
import sqlite3

import pytest
from openpyxl import load_workbook

from geo_service.http.urls import Address
from geo_service.releases.release import Release
from tests.geo_service.client import Client
from tests.layers.provenance.world import KODE
from tests.web_map.small_pages import KECAMATAN, page_of, part_of
from web_map.pages.area.area import picture_sheet
from web_map.views.area_views import make_view
from web_map.views.questions import read_question
from web_map.views.readers import Reader
from web_map.views.readings import read_readings
from web_map.words import Words

GIZI = "Register gizi, Puskesmas, 2025-06-30, CC-BY-4.0"
KANTOR = "Titik kantor desa, Bagian Pemerintahan, 2025-03-01, CC0-1.0"
DAPODIK = "Dapodik, Dinas Pendidikan, 2025-06-30, CC0-1.0"
WATER_2024 = "Profil kesehatan, Dinas Kesehatan, 2024-12-31, CC0-1.0"
WATER_2025 = "Profil kesehatan, Dinas Kesehatan, 2025-12-31, CC0-1.0"
BUDGET = "Siskeudes, Dinas PMD, 2025-12-31, CC0-1.0"
ALL = {GIZI, KANTOR, DAPODIK, WATER_2024, WATER_2025, BUDGET}
SAID = [
    ("desa.gizi_buruk_jumlah", {GIZI}),
    ("desa.air_minum_layak_pct", {WATER_2025}),
    ("desa.air_minum_layak_pct&tahun=2024", {WATER_2024}),
    ("gaps.jarak_sd_m", {KANTOR, DAPODIK}),
    ("spending.anggaran_idr", {BUDGET}),
    ("spending.anggaran_per_jiwa_idr", {BUDGET, GIZI}),
]


@pytest.mark.parametrize(("layer", "sources"), SAID)
def test_page_picture_workbook_and_csv_cite_the_same_inputs_and_no_others(
    small: Client, release: Release, layer: str, sources: set[str]
) -> None:
    about = part_of(page_of(small, f"{KECAMATAN}?layer={layer}"), "about")
    query = dict(part.split("=") for part in f"layer={layer}".split("&"))
    reader = Reader(release, Words("id"), Address(""), "").about("kecamatan", "99.01.01")
    question = read_question(reader, query)
    view = make_view(reader, question, read_readings(reader, question))
    picture = " ".join(picture_sheet(view, "").notes)
    book = load_workbook(io.BytesIO(small.get(f"{KECAMATAN}.xlsx?layer={layer}").content))
    lines = book["Sumber"].iter_rows(values_only=True)
    field = layer.split(".")[1].split("&")[0]
    cited_lines = [line for line in lines if field in str(line[6]).split(", ")]
    sheet = "\n".join(", ".join(map(str, line[1:5])) for line in cited_lines)
    described = small.get(f"{KECAMATAN}.csv-metadata.json?layer={layer}").json()
    column = next(one for one in described["tableSchema"]["columns"] if one["name"] == field)
    terms = ("dc:source", "dc:publisher", "dc:date", "dc:license")
    cited = {", ".join(one[term] for term in terms) for one in column["dc:source"]}
    assert cited == sources
    for text in (about, picture, sheet):
        assert {one for one in ALL if one in text} == sources


def test_a_norm_is_cited_apart(small: Client) -> None:
    about = part_of(page_of(small, f"{KECAMATAN}?layer=gaps.jarak_sd_m"), "about")
    source, norm = about.split("Norma, definisi, kelas")
    assert "IDM" not in source
    assert "IDM, indikator SD/MI" in norm


def test_each_row_of_a_table_names_its_own_rows(small: Client) -> None:
    text = small.get(f"{KECAMATAN}.csv?layer=gaps.jarak_sd_m").content.decode("utf-8-sig")
    rows = {row["kode"]: row["jarak_sd_m_sumber"] for row in csv.DictReader(io.StringIO(text))}
    assert rows == {
        KODE[0]: "facilities.kantor:3; facilities.sekolah:3",
        KODE[1]: "facilities.kantor:2; facilities.sekolah:3",
    }
    link = small.get(f"{KECAMATAN}.csv?layer=gaps.jarak_sd_m").headers["link"]
    assert 'rel="describedby"' in link
    assert small.get(link.split(">")[0].removeprefix("<http://peta.example")).status_code == 200


DESCRIBED = (
    f"{KECAMATAN}.csv?layer=gaps.jarak_sd_m",
    f"{KECAMATAN}/tindak-lanjut.csv",
    f"{KECAMATAN}/tindak-lanjut.csv?lang=en",
    f"{KECAMATAN}/banding.csv?layer=gaps.jarak_sd_m&layer2=desa.gizi_buruk_jumlah",
    f"{KECAMATAN}/banding.csv?layer=gaps.jarak_sd_m&layer2=gaps.jarak_sd_m",
)


@pytest.mark.parametrize("url", DESCRIBED)
def test_each_csv_has_a_description_of_exactly_its_columns(small: Client, url: str) -> None:
    answer = small.get(url)
    about, kind = answer.headers["link"].split("; ", 1)
    assert kind == 'rel="describedby"; type="application/csvm+json"'
    described = small.get(about.strip("<>").removeprefix("http://peta.example"))
    assert described.headers["content-type"] == "application/csvm+json"
    head = next(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    columns = described.json()["tableSchema"]["columns"]
    assert [column["name"] for column in columns] == head
    assert described.json()["url"] in answer.headers["content-disposition"]
    for column in columns:
        assert [text["@language"] for text in column["dc:title"]] == ["id", "en"]
        assert column["dc:description"]


def described_columns(client: Client, url: str) -> dict[str, set[str]]:
    """The inputs that the description of a CSV cites, by column."""
    columns = client.json(url)["tableSchema"]["columns"]
    return {
        column["name"]: {one["dc:identifier"] for one in column.get("dc:source", ())}
        for column in columns
    }


def test_a_follow_up_file_says_of_each_column_who_supplied_it(small: Client) -> None:
    cited = described_columns(small, f"{KECAMATAN}/tindak-lanjut.csv-metadata.json")
    text = small.get(f"{KECAMATAN}/tindak-lanjut.csv").content.decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    for column in ("keadaan", "penduduk"):
        cells = [row[f"{column}_sumber"] for row in rows if row["kode"]]
        named = {piece.split(":")[0] for cell in cells for piece in cell.split("; ") if piece}
        assert named
        assert named <= cited[column]
        assert cited[f"{column}_sumber"] == cited[column]
    assert cited["keparahan"]
    assert cited["tautan"] == set()


def test_a_comparison_of_a_field_with_itself_cites_both_sides(small: Client) -> None:
    query = "layer=gaps.jarak_sd_m&layer2=gaps.jarak_sd_m"
    cited = described_columns(small, f"{KECAMATAN}/banding.csv-metadata.json?{query}")
    assert cited["jarak_sd_m"] == cited["jarak_sd_m_2"] == cited["selisih"]
    assert cited["jarak_sd_m"] == {"facilities.kantor", "facilities.sekolah"}
    query = "layer=gaps.jarak_sd_m&layer2=desa.gizi_buruk_jumlah"
    cited = described_columns(small, f"{KECAMATAN}/banding.csv-metadata.json?{query}")
    assert cited["gizi_buruk_jumlah"] == {"tables.gizi"}


def test_two_maps_cite_each_its_own_source_and_change_with_them(small: Client) -> None:
    url = f"{KECAMATAN}/banding?layer=gaps.jarak_sd_m&layer2="
    first = part_of(page_of(small, f"{url}desa.gizi_buruk_jumlah"), "sources")
    other = part_of(page_of(small, f"{url}spending.anggaran_idr"), "sources")
    assert {one for one in ALL if one in first} == {KANTOR, DAPODIK, GIZI}
    assert {one for one in ALL if one in other} == {KANTOR, DAPODIK, BUDGET}


def test_schema_and_tiles_say_the_sources_of_each_property(small: Client) -> None:
    schema = small.json("/collections/gaps/schema")["properties"]
    sources = schema["jarak_sd_m"]["x-sources"]
    assert [one["input"] for one in sources["inputs"]] == [
        "boundaries.1",
        "facilities.kantor",
        "facilities.sekolah",
    ]
    assert "IDM" in sources["norm"]
    tiles = small.json("/tiles/desa.json")
    assert WATER_2025 in tiles["attribution"]
    assert not {WATER_2024, GIZI, BUDGET} & {one for one in ALL if one in tiles["attribution"]}
    assert tiles["sources"]["kode"]["inputs"][0]["input"] == "boundaries.1"


def test_the_geopackage_says_what_the_schema_says(small: Client, release: Release) -> None:
    schema = small.json("/collections/gaps/schema")["properties"]
    database = sqlite3.connect(release.path / "downloads" / "gaps.gpkg")
    rows = database.execute(
        "SELECT column_name, metadata FROM gpkg_metadata_reference AS r "
        "JOIN gpkg_metadata AS m ON m.id = r.md_file_id WHERE reference_scope = 'column'"
    )
    cited = {name: json.loads(text) for name, text in rows}
    told = {name: one["x-sources"] for name, one in schema.items() if "x-sources" in one}
    assert cited == told


def test_each_task_of_a_follow_up_file_names_its_own_rows(small: Client) -> None:
    text = small.get(f"{KECAMATAN}/tindak-lanjut.csv").content.decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    water = next(
        row
        for row in rows
        if row["kode"] == KODE[0] and "layer=needs.air_minum_state" in row["tautan"]
    )
    assert water["keadaan_sumber"] == "tables.air_2025:3; spending.apbdes:2-3; programmes.rkpd"
    assert "tables.gizi:2" in water["penduduk_sumber"].split("; ")
    tasks = [row for row in rows if row["kode"]]
    assert all(row["keadaan_sumber"] for row in tasks)
    book = load_workbook(io.BytesIO(small.get(f"{KECAMATAN}/tindak-lanjut.xlsx").content))
    head, *sheet = book["Data"].iter_rows(values_only=True)
    place = head.index("keadaan_sumber")
    assert [line[place] or "" for line in sheet] == [row["keadaan_sumber"] for row in rows]
    noted = {line[0] for line in book["Sumber"].iter_rows(values_only=True)}
    inputs = {one.split(":")[0] for row in tasks for one in row["keadaan_sumber"].split("; ")}
    assert inputs <= noted


def test_a_follow_up_workbook_says_what_each_input_gave(small: Client) -> None:
    cited = cited_columns(small, f"{KECAMATAN}/tindak-lanjut.xlsx")
    given = {name: cited.get(name, set()) for name in cited if "." in str(sorted(cited[name]))}
    assert given == {
        "keadaan": {"tables.air_2025"},
        # The share without water, of the people who are registered.
        "penduduk": {"tables.air_2025", "tables.gizi"},
        "keadaan (fasilitas)": {"facilities.sekolah"},
        "penduduk (fasilitas)": {"facilities.sekolah"},
        "penduduk (titik asal)": {"facilities.kantor"},
        "keadaan (titik asal)": {"facilities.kantor"},
        "dana": {"spending.apbdes", "programmes.rkpd"},
    }


def cited_columns(client: Client, url: str) -> dict[str, set[str]]:
    """The inputs that the sheet of sources cites, by column of the sheet of data."""
    book = load_workbook(io.BytesIO(client.get(url).content))
    cited: dict[str, set[str]] = {}
    for line in book["Sumber"].iter_rows(values_only=True):
        for column in str(line[6] or "").split(", ") if len(line) > 6 else ():
            cited.setdefault(column, set()).add(str(line[0]))
    return cited


def test_a_workbook_cites_every_column_that_is_in_it(small: Client) -> None:
    url = f"{KECAMATAN}.xlsx?layer=desa.gizi_buruk_jumlah"
    cited = cited_columns(small, url)
    assert cited["gizi_buruk_jumlah"] == {"tables.gizi"}
    assert cited["penduduk_jiwa"] == {"tables.gizi"}
    assert cited["kesehatan_idr"] == {"spending.apbdes"}
    assert "facilities.sekolah" in cited["gap_count"]
    assert cited["nama"] == {"boundaries.1"}
    head = next(
        load_workbook(io.BytesIO(small.get(url).content))["Data"].iter_rows(values_only=True)
    )
    release_fields = {name for name in head if name in cited or "_" in str(name)}
    beside = ("_status", "_tahun", "_sumber", "peringkat_sama")
    assert {name for name in release_fields if not str(name).endswith(beside)} <= cited.keys()
