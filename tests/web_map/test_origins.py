"""The source of a number is that of the inputs it was made from, the same wherever it is said."""

from __future__ import annotations

import csv
import io
import json
import re
import sqlite3
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from geo_service.releases.release import Release
from layers.pipeline.build import build_release
from layers.release.provenance_file import Piece
from tests.geo_service.client import Client
from tests.layers.provenance.world import KODE, write_workspace
from tests.web_map.conftest import Pages
from web_map.pages.area_files import picture_sheet
from web_map.pages.origin import group_pieces
from web_map.views.question import read_question
from web_map.views.reader import Reader
from web_map.views.readings import read_readings
from web_map.views.view import make_view
from web_map.words import Words

KECAMATAN = "/kecamatan/99.01.01"
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


@pytest.fixture(scope="module")
def small(small_releases: Path) -> Iterator[Client]:
    with Client(small_releases) as client:
        yield client


@pytest.fixture(scope="module")
def release(small_releases: Path) -> Release:
    return Release((small_releases / "current").resolve())


def page_of(client: Client, url: str) -> str:
    answer = client.get(url, accept="text/html")
    assert answer.status_code == 200, answer.text[:300]
    return unescape(answer.text)


def part_of(page: str, name: str) -> str:
    """The text of one part of a page, up to the next."""
    return page.split(f'data-part="{name}"')[1].split("data-part=")[0]


@pytest.mark.parametrize(("layer", "sources"), SAID)
def test_page_picture_workbook_and_csv_cite_the_same_inputs_and_no_others(
    small: Client, release: Release, layer: str, sources: set[str]
) -> None:
    about = part_of(page_of(small, f"{KECAMATAN}?layer={layer}"), "about")
    query = dict(part.split("=") for part in f"layer={layer}".split("&"))
    reader = Reader(release, Words("id"), "", "").about("kecamatan", "99.01.01")
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
    assert all(column["dc:description"].keys() == {"id", "en"} for column in columns)


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


def origin_of(client: Client, path: str, layer: str) -> dict[str, Any]:
    found: dict[str, Any] = client.json(f"/{path}/asal.json?layer={layer}")
    return found


def test_an_origin_goes_down_to_file_and_row(small: Client) -> None:
    found = origin_of(small, f"desa/{KODE[0]}", "gaps.jarak_sd_m")
    assert [(one["role"], one["file"], one["rows"]) for one in found["inputs"]] == [
        ("origin", "kantor.csv", [[3, 3]]),
        ("facility", "sekolah.csv", [[3, 3]]),
    ]
    assert all(len(one["sha256"]) == 64 for one in found["inputs"])
    page = page_of(small, f"/desa/{KODE[0]}/asal?layer=gaps.jarak_sd_m")
    assert "kantor.csv" in page
    assert "Dinas Pendidikan" in page


@pytest.mark.parametrize("place", ["kecamatan/99.01.01", "kabupaten/99.01"])
def test_a_sum_is_made_of_exactly_its_desa(small: Client, place: str) -> None:
    level = place.split("/")[0]
    found = origin_of(small, place, f"{level}.anggaran_idr_jumlah")
    assert found["desa"] == [KODE[0], KODE[1]]
    assert [(one["file"], one["rows"]) for one in found["inputs"]] == [("apbdes.csv", [[2, 5]])]


def test_a_sum_without_any_desa_says_where_it_was_looked_for(small: Client) -> None:
    found = origin_of(small, "kecamatan/99.01.02", "kecamatan.anggaran_idr_jumlah")
    assert found["value"] is None
    assert found["inputs"] == []
    assert [one["input"] for one in found["searched"]] == ["spending.apbdes"]


def test_a_missing_value_says_why(small: Client) -> None:
    empty = origin_of(small, f"desa/{KODE[2]}", "desa.air_minum_layak_pct")
    assert (empty["status"], empty["inputs"][0]["rows"]) == ("no_data", [[4, 4]])
    absent = origin_of(small, f"desa/{KODE[3]}", "desa.air_minum_layak_pct")
    assert absent["inputs"] == []
    assert [one["file"] for one in absent["searched"]] == ["air_2025.csv"]
    page = page_of(small, f"/desa/{KODE[3]}/asal?layer=desa.air_minum_layak_pct")
    assert "Tidak ada angka" in page


def test_a_hidden_count_shows_file_and_row_and_nothing_of_it(small: Client) -> None:
    found = origin_of(small, f"desa/{KODE[1]}", "desa.gizi_buruk_jumlah")
    assert (found["status"], found["value"]) == ("suppressed", None)
    assert found["inputs"][0]["rows"] == [[3, 3]]
    page = page_of(small, f"/desa/{KODE[1]}/asal?layer=desa.gizi_buruk_jumlah&lang=en")
    main = page.split("<main")[1].split("</main>")[0]
    assert "it is hidden" in main
    assert "800" not in main  # what else stands in that row


@pytest.mark.parametrize(
    "url",
    [
        f"/desa/{KODE[0]}/asal?layer=desa.nothing",
        f"/desa/{KODE[0]}/asal?layer=desa.gizi_buruk_jumlah&tahun=1999",
        f"/desa/{KODE[0]}/asal?layer=desa.gizi_buruk_jumlah&wrong=1",
        f"/desa/{KODE[0]}/asal?layer=desa.gizi_buruk_jumlah&tahun=²",
        f"/desa/{KODE[0]}/asal?layer=desa.gizi_buruk_jumlah&tahun={'9' * 4400}",
        "/kecamatan/99.01.01?method=quantile&k=②",
        "/kecamatan/99.01.01?opacity=²",
        f"/kecamatan/99.01.01.png?width={'9' * 4400}",
    ],
)
def test_what_is_not_there_is_refused(small: Client, url: str) -> None:
    assert small.get(url).status_code == 400


def test_an_unknown_place_has_no_origin(small: Client) -> None:
    answer = small.get("/desa/99.01.01.2999/asal?layer=desa.gizi_buruk_jumlah")
    assert answer.status_code == 404


def test_profile_panel_and_follow_up_lead_to_origins_that_open(small: Client) -> None:
    pages = {
        f"/desa/{KODE[0]}": 5,
        f"{KECAMATAN}?layer=gaps.jarak_sd_m&desa={KODE[0]}": 1,
        f"{KECAMATAN}/tindak-lanjut": 1,
    }
    for url, least in pages.items():
        links = [
            part.split('"')[0]
            for part in page_of(small, url).split('href="')
            if "/asal?" in part.split('"')[0]
        ]
        assert len(links) >= least, url
        for link in links[:6]:
            assert small.get(link, accept="text/html").status_code == 200, link


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


def test_every_value_of_every_place_has_an_origin(small: Client, release: Release) -> None:
    for layer in release.manifest.layers:
        if layer.level not in ("desa", "kecamatan", "kabupaten"):
            continue
        features = release.features(layer.id)
        kode = str(features.property_column("kode").value(0))
        for entry in layer.fields:
            if not entry.thematic or entry.type not in ("integer", "number"):
                continue
            found = origin_of(small, f"{layer.level}/{kode}", f"{layer.id}.{entry.name}")
            if found["status"] == "ok":
                assert found["inputs"], (layer.id, entry.name)


VALUE = re.compile(r'data-value="([^"]*)">.*?<a class="origin" href="([^"?]+)[?]([^"]+)"([^>]*)>')


@pytest.mark.parametrize("page", [KECAMATAN, f"/embed{KECAMATAN}", f"{KECAMATAN}/banding"])
def test_every_value_of_a_table_leads_to_the_origin_of_that_very_value(
    pages: Pages, page: str
) -> None:
    table = part_of(pages.get(f"{page}?layer=desa.idm_skor").text, "table").split("<tbody>")[1]
    assert "data-value" in table
    values = [VALUE.findall(cell) for cell in table.split("<td ") if "data-value" in cell]
    assert all(len(found) == 1 for found in values)
    for ((shown, path, query, rest),) in values[:6]:
        origin = pages.json(f"{path}.json?{unescape(query)}")
        assert origin["value"] == (float(shown) if shown else None)
        assert ('target="_blank"' in rest) == page.startswith("/embed")


THOUSANDS = (
    f"kode,gizi,jiwa\n{KODE[0]},12,1.234\n{KODE[1]},2,800\n{KODE[2]},15,2.5\n{KODE[3]},0,1.045\n"
)
BEYOND = f"kode,air\n{KODE[1]},95\n{KODE[0]},400\n{KODE[2]},\n"


@pytest.fixture(scope="module")
def doubtful(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """The small world with a number out of range in one file, and a column without its dots."""
    scratch = tmp_path_factory.mktemp("doubtful")
    workspace = write_workspace(scratch / "uji", air_2025=BEYOND, gizi=THOUSANDS)
    build_release(workspace, scratch / "releases", publish=True)
    with Client(scratch / "releases") as client:
        yield client


def observed_at(client: Client, path: str, layer: str) -> list[tuple[str, str]]:
    """File and rows of what was observed about a value."""
    findings = origin_of(client, path, layer)["findings"]
    return [(one["file"], one["rows"]) for one in findings]


def test_a_finding_of_a_row_is_shown_beside_the_value_of_that_row_only(doubtful: Client) -> None:
    water = "desa.air_minum_layak_pct"
    assert observed_at(doubtful, f"desa/{KODE[0]}", water) == [("air_2025.csv", "3")]
    for kode in KODE[1:]:
        assert observed_at(doubtful, f"desa/{kode}", water) == []
    assert observed_at(doubtful, f"desa/{KODE[0]}", f"{water}&tahun=2024") == []
    page = page_of(doubtful, f"/desa/{KODE[0]}/asal?layer={water}&lang=en")
    assert "air_2025.csv" in page.split("origin-findings")[2].split("</section>")[0]


def test_a_finding_of_a_column_is_shown_beside_each_of_its_rows(doubtful: Client) -> None:
    for number, kode in enumerate(KODE):
        rows = observed_at(doubtful, f"desa/{kode}", "desa.penduduk_jiwa")
        assert rows == [("gizi.csv", str(number + 2))]
        assert observed_at(doubtful, f"desa/{kode}", "desa.gizi_buruk_jumlah") == []


def test_a_finding_without_a_file_is_shown_where_it_is_about_the_value(
    pages: Pages, sample_releases: Path
) -> None:
    split = "99.01.03.2007"
    old = pages.json(f"/desa/{split}/asal.json?layer=desa.air_minum_layak_pct&tahun=2023")
    assert old["status"] == "before_split"
    assert [one["file"] for one in old["findings"]] == [None]
    for layer in ("desa.idm_skor&tahun=2024", "gaps.jarak_puskesmas_m", "desa.area_ha"):
        other = pages.json(f"/desa/{split}/asal.json?layer={layer}")
        assert not [one for one in other["findings"] if one["title"] == old["findings"][0]["title"]]
    # Roads that end there are no reason for what a table says, and are for a way.
    island, road = "99.01.02.2012", "Jalan"
    stunting = pages.json(f"/desa/{island}/asal.json?layer=desa.stunting_pct")
    travel = pages.json(f"/desa/{island}/asal.json?layer=gaps.waktu_puskesmas_min")
    assert not [one for one in stunting["findings"] if road in one["title"]]
    assert len(travel["findings"]) >= len(stunting["findings"])


def test_a_hidden_count_has_no_findings(doubtful: Client) -> None:
    assert origin_of(doubtful, f"desa/{KODE[1]}", "desa.gizi_buruk_jumlah")["findings"] == []


def test_every_published_value_of_every_level_has_a_page(small: Client, release: Release) -> None:
    for layer in release.manifest.layers:
        if layer.level not in ("desa", "kecamatan", "kabupaten"):
            continue
        features = release.features(layer.id)
        kode = str(features.property_column("kode").value(0))
        for entry in layer.fields:
            url = f"/{layer.level}/{kode}/asal"
            name = f"{layer.id}.{entry.name}"
            found = small.json(f"{url}.json?layer={name}")
            value = features.property_column(entry.name).value(0)
            if not entry.thematic:
                assert found["value"] == value, name
                assert found["status"] == ("no_data" if value is None else "ok"), name
            assert {one["input"] for one in found["inputs"]} <= set(
                entry.inputs
            ) or not entry.inputs, name
    page = page_of(small, f"/desa/{KODE[0]}/asal?layer=gaps.origin")
    assert "tidak dicatat berkas atau baris" in page
    area = origin_of(small, f"desa/{KODE[0]}", "gaps.area_ha")
    assert [one["role"] for one in area["inputs"]] == ["boundary"]


def test_status_year_and_counts_come_from_where_their_value_does(small: Client) -> None:
    water = origin_of(small, f"desa/{KODE[0]}", "desa.air_minum_layak_pct")
    for ending in ("status", "tahun"):
        beside = origin_of(small, f"desa/{KODE[0]}", f"desa.air_minum_layak_pct_{ending}")
        assert beside["inputs"] == water["inputs"]
    assert "2.025" not in page_of(
        small, f"/desa/{KODE[0]}/asal?layer=desa.air_minum_layak_pct_tahun"
    )
    summary = origin_of(small, "kecamatan/99.01.01", "kecamatan.anggaran_idr_jumlah")
    count = origin_of(small, "kecamatan/99.01.01", "kecamatan.anggaran_idr_desa_dengan_data")
    assert count["value"] == 2
    assert (count["inputs"], count["desa"]) == (summary["inputs"], summary["desa"])


def test_a_file_that_counts_as_a_whole_and_by_rows_says_both(release: Release) -> None:
    whole, row = (
        Piece("value", "tables.gizi", "gizi.csv"),
        Piece("value", "tables.gizi", "gizi.csv", 3, 3),
    )
    for pieces in ([whole, row], [row, whole]):
        (used,) = group_pieces(release, pieces)
        assert (used.is_whole, used.rows) == (True, ((3, 3),))
    (used,) = group_pieces(release, [row])
    assert not used.is_whole
    (used,) = group_pieces(release, [whole])
    assert (used.is_whole, used.rows_text) == (True, "")


def test_a_sum_over_a_split_says_why_there_is_none_and_what_its_desa_have(pages: Pages) -> None:
    path = "/kecamatan/99.01.03/asal"
    query = "layer=kecamatan.penduduk_jiwa_jumlah&tahun=2023"
    found = pages.json(f"{path}.json?{query}")
    assert (found["status"], found["value"]) == ("before_split", None)
    page = unescape(pages.get(f"{path}?{query}&lang=en").text)
    assert "2 negeri/kelurahan were measured before a split" in page
    assert "Made from" not in page
    assert found["desa_total"] == 14
    assert page.split("origin-parts")[2].count("before the split") == 2
    after = pages.json(f"{path}.json?layer=kecamatan.penduduk_jiwa_jumlah&tahun=2024")
    assert after["status"] == "ok"


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
