"""An input of which nothing is used blocks publication, of whatever kind it is."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import rasterio
from affine import Affine

from boundaries.findings.report import Finding, LoadCount, Severity
from layers.pipeline.lost_inputs import find_lost
from tests.layers.small_workspace import check_report, of_code

BY_CODE = """[[tables]]
id = "t"
path = "t.csv"
code_system = "kemendagri"
code_column = "kode"
year = 2024
"""
WIDE = f'{BY_CODE}[tables.columns]\njiwa = "penduduk_jiwa"\n'
BY_NAME = """[[tables]]
id = "t"
path = "t.csv"
kecamatan_column = "kec"
name_column = "desa"
year = 2024
[tables.columns]
jiwa = "penduduk_jiwa"
"""
LONG = f"""{BY_CODE}shape = "long"
indicator_column = "apa"
value_column = "nilai"
[tables.columns]
"Jumlah penduduk" = "penduduk_jiwa"
"""
SPENDING = """[[spending]]
id = "t"
path = "t.csv"
code_system = "kemendagri"
code_column = "kode"
activity_column = "kegiatan"
anggaran_column = "pagu"
year = 2024
"""
PROGRAMMES = """[[programmes]]
id = "t"
path = "t.csv"
code_system = "kemendagri"
code_column = "kode"
activity_column = "kegiatan"
service_column = "layanan"
year = 2024
"""
PROPOSALS = PROGRAMMES.replace("programmes", "proposals")
FACILITIES = """[[facilities]]
id = "t"
path = "t.csv"
kind_column = "jenis"
lon_column = "lon"
lat_column = "lat"
[facilities.kinds]
Puskesmas = "puskesmas"
"""
NAMES = """[[names]]
path = "t.csv"
code_system = "kemendagri"
code_column = "kode"
name_column = "nama"
"""
BRIDGE = """[[crosswalks]]
kind = "bridge"
path = "t.csv"
from_column = "bps"
to_column = "kode"
date = "2024"
"""
HISTORY = """[[crosswalks]]
kind = "history"
path = "t.csv"
from_column = "lama"
to_column = "baru"
kind_column = "jenis"
"""
LOST = {
    "no code": (WIDE, "kode,jiwa\n26000,1\n26001,2\n"),
    "empty code": (WIDE, "kode,jiwa,lain\n,1,a b\n,2,c d\n"),
    "another kabupaten": (WIDE, "kode,jiwa\n53.07.01.2001,1\n53.07.01.2002,2\n"),
    "codes that are not there": (WIDE, "kode,jiwa\n53.06.09.2001,1\n53.06.09.2002,2\n"),
    "no number": (WIDE, "kode,jiwa\n53.06.01.2001,banyak\n53.06.01.2002,sedikit\n"),
    "contradictions": (WIDE, "kode,jiwa\n53.06.01.2001,1\n53.06.01.2001,2\n"),
    "names of elsewhere": (BY_NAME, "kec,desa,jiwa\nMana,Entah,1\nMana,Apa,2\n"),
    "wrong word": (LONG, "kode,apa,nilai\n53.06.01.2001,Penduduk,1\n53.06.01.2002,Penduduk,2\n"),
    "spending elsewhere": (SPENDING, "kode,kegiatan,pagu\n53.07.01.2001,02.02.01,5\n"),
    "no amount": (SPENDING, "kode,kegiatan,pagu\n53.06.01.2001,02.02.01,belum\n"),
    "programmes elsewhere": (PROGRAMMES, "kode,kegiatan,layanan\n53.07.01.2001,a,posyandu\n"),
    "no service": (PROGRAMMES, "kode,kegiatan,layanan\n53.06.01.2001,a,entah\n"),
    "proposals elsewhere": (PROPOSALS, "kode,kegiatan,layanan\n53.07.01.2001,a,posyandu\n"),
    "wrong kind": (FACILITIES, "jenis,lon,lat\nPKM,123.01,-8.39\n"),
    "positions elsewhere": (FACILITIES, "jenis,lon,lat\nPuskesmas,,\n"),
    "names of another kabupaten": (NAMES, "kode,nama\n53.07.01.2001,A\n53.07.01.2002,B\n"),
    "bridge of another kabupaten": (BRIDGE, "bps,kode\n5309010001,53.07.01.2001\n"),
    "bridge without a pair": (BRIDGE, "bps,kode\n5309010001,\n"),
    "history of another kabupaten": (
        HISTORY,
        "lama,baru,jenis\n53.07.01.2001,53.07.01.2009,recode\n",
    ),
    "history without a kind": (HISTORY, "lama,baru,jenis\n53.06.01.2009,53.06.01.2001,entah\n"),
    "names in BPS codes": (NAMES.replace("kemendagri", "bps"), "kode,nama\n5309010001,A\n"),
}


@pytest.mark.parametrize("kind", LOST)
def test_nothing_used_blocks_and_is_accepted_with_a_reason(tmp_path: Path, kind: str) -> None:
    sections, text = LOST[kind]
    report = check_report(tmp_path / "w", sections, {"t.csv": text})
    (lost,) = of_code(report, "input.no_row_used")
    assert lost.severity is Severity.ERROR
    assert lost.file == "t.csv"
    assert report.blocks_publication
    reason = "Berkas ini sengaja belum dipakai."
    allow = f'[[allow]]\ncheck = "input.no_row_used"\nfile = "t.csv"\nreason = "{reason}"\n'
    accepted = check_report(tmp_path / "w", sections + allow, {"t.csv": text})
    assert not accepted.blocks_publication
    (note,) = of_code(accepted, "input.no_row_used")
    assert note.severity is Severity.NOTE
    assert reason in note.message


def test_accepting_one_file_does_not_accept_another(tmp_path: Path) -> None:
    allow = '[[allow]]\ncheck = "input.no_row_used"\nfile = "u.csv"\nreason = "yang lain saja"\n'
    report = check_report(tmp_path / "w", WIDE + allow, {"t.csv": "kode,jiwa\n26000,1\n"})
    assert report.blocks_publication
    assert of_code(report, "boundary.allow_unused")


def test_one_used_row_is_enough(tmp_path: Path) -> None:
    text = "kode,jiwa\n26000,1\n53.06.01.2001,2\n"
    report = check_report(tmp_path / "w", WIDE, {"t.csv": text})
    assert not of_code(report, "input.no_row_used")
    assert not report.blocks_publication


def test_a_header_without_rows_is_a_warning(tmp_path: Path) -> None:
    report = check_report(tmp_path / "w", WIDE, {"t.csv": "kode,jiwa\n"})
    (empty,) = of_code(report, "input.no_row")
    assert empty.severity is Severity.WARNING
    assert not report.blocks_publication


def test_of_a_file_of_elsewhere_it_is_not_said_that_nothing_is_to_do(tmp_path: Path) -> None:
    text = "kode,jiwa\n53.07.01.2001,1\n53.07.01.2002,2\n"
    report = check_report(tmp_path / "w", WIDE, {"t.csv": text})
    (lost,) = of_code(report, "input.no_row_used")
    assert "53.07.01.2001 is of kabupaten 53.07" in lost.message
    assert "of another kabupaten, its code_system is another" in lost.message
    assert "othing to do" not in lost.message


def test_rows_that_are_all_taken_for_totals_and_notes_block(tmp_path: Path) -> None:
    text = "kode,nama,jiwa\nJumlah,,120\n,Sumber: Dukcapil,\n"
    report = check_report(tmp_path / "w", WIDE, {"t.csv": text})
    (lost,) = of_code(report, "input.no_row_used")
    assert (lost.severity, lost.file, lost.row) == (Severity.ERROR, "t.csv", 2)
    assert "all 2 rows were taken for totals, headings or footnotes" in lost.message
    assert not of_code(report, "input.no_row")


@pytest.mark.parametrize("value", ["120", "1.234", "Rp 85", "85,3 %", "-2"])
def test_a_value_without_its_code_is_no_footnote(tmp_path: Path, value: str) -> None:
    text = f'kode,jiwa\n53.06.01.2001,7\n,"{value}"\n'
    report = check_report(tmp_path / "w", WIDE, {"t.csv": text})
    (nameless,) = of_code(report, "table.no_code")
    assert (nameless.severity, nameless.row) == (Severity.WARNING, 3)
    assert not of_code(report, "table.not_a_record")


def test_rows_whose_cells_are_all_empty_are_a_warning(tmp_path: Path) -> None:
    text = "kode,jiwa,lain\n53.06.01.2001,,x\n53.06.01.2002,,y\n"
    report = check_report(tmp_path / "w", WIDE, {"t.csv": text})
    (empty,) = of_code(report, "input.no_value")
    assert empty.severity is Severity.WARNING


def test_words_of_kinds_and_services_that_never_occur_are_told(tmp_path: Path) -> None:
    sections = FACILITIES + 'Pustu = "pustu"\n'
    text = "jenis,lon,lat\nPuskesmas,123.01,-8.39\nPST,123.01,-8.391\n"
    report = check_report(tmp_path / "w", sections, {"t.csv": text})
    (word,) = of_code(report, "input.word_unused")
    assert word.value == "Pustu"
    assert "'PST' (1 rows)" in word.message


def test_the_commonest_reason_is_the_example() -> None:
    refused = [
        ("table.no_code", 2, None),
        ("table.code_refused", 4, "x"),
        ("table.code_refused", 3, "y"),
    ]
    findings = [
        Finding(code, Severity.WARNING, "Not a code.", "t.csv", row, value=value)
        for code, row, value in refused
    ]
    (lost,) = find_lost(findings, LoadCount("tables.t", "t.csv", 3, 0, 3, 0))
    assert (lost.row, lost.value) == (3, "y")


def test_a_refused_table_is_not_told_twice() -> None:
    refused = Finding("codes.mixed", Severity.ERROR, "Both systems.", "t.csv")
    assert find_lost([refused], LoadCount("tables.t", "t.csv", 3, 0, 3, 0)) == []


def test_roads_of_which_none_is_used_say_why(tmp_path: Path) -> None:
    line = '{"type": "LineString", "coordinates": [[120, -8], [120.1, -8]]}'
    roads = (
        '{"type": "FeatureCollection", "features": [{"type": "Feature", "properties": '
        f'{{"kelas": "jalan X"}}, "geometry": {line}}}]}}'
    )
    places = FACILITIES.replace('kind_column = "jenis"', 'kind = "puskesmas"')
    sections = places + '[[roads]]\npath = "r.geojson"\nclass_column = "kelas"\n'
    files = {"r.geojson": roads, "t.csv": "lon,lat\n123.01,-8.39\n"}
    report = check_report(tmp_path, sections, files)
    (lost,) = of_code(report, "input.no_row_used")
    assert "Road class 'jalan x' is in no class of speeds" in lost.message


POLYGONS = """[[boundaries]]
path = "lain.geojson"
code_system = "kemendagri"
code_column = "kode"
name_column = "nama"
"""
BARE = """[[boundaries]]
path = "lain.geojson"
code_system = "kemendagri"
name_column = "nama"
[boundaries.codes_from]
path = "desa.geojson"
code_system = "kemendagri"
code_column = "kode"
name_column = "nama"
"""
LOST_POLYGONS: dict[str, tuple[str, dict[str, tuple[float, float] | None], str]] = {
    "another kabupaten": (POLYGONS, {"53.07.01.2001": (0.3, 0.4)}, "outside the scope"),
    "no code": (POLYGONS, {"entah": (0.3, 0.4)}, "entah"),
    "nothing drawn": (POLYGONS, {"53.06.03.2001": None}, "no polygon"),
    "no code and other places": (BARE, {"": (0.3, 0.4)}, "No reference polygon meets this one"),
    "the same polygons again": (POLYGONS, {"53.06.01.2001": (0.0, 0.02)}, "same polygon"),
}


@pytest.mark.parametrize("kind", LOST_POLYGONS)
def test_polygons_of_which_none_is_used_block_beside_good_ones(tmp_path: Path, kind: str) -> None:
    section, rows, why = LOST_POLYGONS[kind]
    features = [
        {"type": "Feature", "properties": {"kode": code, "nama": "Entah"}, "geometry": _box(sides)}
        for code, sides in rows.items()
    ]
    text = json.dumps({"type": "FeatureCollection", "features": features})
    report = check_report(tmp_path / "w", section, {"lain.geojson": text})
    (lost,) = of_code(report, "input.no_row_used")
    assert (lost.file, lost.severity) == ("lain.geojson", Severity.ERROR)
    assert why in lost.message
    assert "boundaries.2: None of 1 rows" in lost.message


def _box(sides: tuple[float, float] | None) -> dict[str, object] | None:
    if sides is None:
        return None
    west, east = (123.0 + side for side in sides)
    ring = [[west, -8.4], [east, -8.4], [east, -8.38], [west, -8.38], [west, -8.4]]
    return {"type": "Polygon", "coordinates": [ring]}


def test_a_history_of_the_provinsi_is_about_its_kabupaten(tmp_path: Path) -> None:
    text = "lama,baru,jenis\n51,53,recode\n"
    report = check_report(tmp_path / "w", HISTORY, {"t.csv": text})
    assert not of_code(report, "input.no_row_used")


SITES = FACILITIES.replace('kind_column = "jenis"', 'kind = "puskesmas"').replace(
    '[facilities.kinds]\nPuskesmas = "puskesmas"\n', ""
)
COVER = '[land_cover]\npath = "here.tif"\n[land_cover.classes]\n1 = "crop"\n'
ELSEWHERE = {
    "population": '[population]\npath = "there.tif"\nyear = 2024\n',
    "population without a value": '[population]\npath = "empty.tif"\nyear = 2024\n',
    "population turned": '[population]\npath = "turned.tif"\nyear = 2024\n',
    "population of no CRS": '[population]\npath = "nowhere.tif"\nyear = 2024\n',
    "friction": '[friction]\npath = "there.tif"\n',
    "friction of no CRS": '[friction]\npath = "nowhere.tif"\n',
    "land cover": COVER.replace("here.tif", "there.tif"),
    "elevation": COVER + '[elevation]\npath = "there.tif"\n[travel]\nmode = "walking"\n',
    "barriers": COVER + '[[barriers]]\npath = "there.geojson"\n',
    "roads": '[[roads]]\npath = "there.geojson"\nclass_column = "kelas"\n',
}


def write_drawn(folder: Path) -> None:
    """Rasters of ones over the desa, of none, turned, of no CRS, elsewhere; a line elsewhere."""
    folder.mkdir()
    upright = Affine(0.005, 0, 122.9, 0, -0.005, -8.2)
    for name, transform, value, crs in (
        ("here", upright, 1, 4326),
        ("there", Affine(0.005, 0, 110, 0, -0.005, -8.2), 1, 4326),
        ("empty", upright, -9, 4326),
        ("turned", upright @ Affine.rotation(5), 1, 4326),
        ("nowhere", upright, 1, None),
    ):
        profile = {"driver": "GTiff", "width": 60, "height": 60, "count": 1, "dtype": "float32"}
        with rasterio.open(
            folder / f"{name}.tif", "w", crs=crs, transform=transform, nodata=-9, **profile
        ) as raster:
            raster.write(np.full((1, 60, 60), value, np.float32))
    line = {"type": "LineString", "coordinates": [[110, -8.3], [110.1, -8.3]]}
    feature = {"type": "Feature", "properties": {"kelas": "primary"}, "geometry": line}
    document = {"type": "FeatureCollection", "features": [feature]}
    (folder / "there.geojson").write_text(json.dumps(document))


@pytest.mark.parametrize("kind", ELSEWHERE)
def test_a_raster_or_drawing_of_elsewhere_blocks(tmp_path: Path, kind: str) -> None:
    write_drawn(tmp_path / "w")
    places = {"t.csv": "lon,lat\n123.01,-8.39\n"}
    report = check_report(tmp_path / "w", SITES + ELSEWHERE[kind], places)
    (lost,) = of_code(report, "input.no_row_used")
    assert lost.severity is Severity.ERROR
    assert str(lost.file) in ELSEWHERE[kind]
    assert "Nothing of this file is used." in lost.message


OFFICES = """[[facilities]]
id = "k"
path = "k.csv"
kind = "kantor_desa"
name_column = "nama"
lon_column = "lon"
lat_column = "lat"
code_column = "kode"
code_system = "kemendagri"
"""


@pytest.mark.parametrize(
    ("code", "lon", "words"),
    [
        ("", 123.01, "its cell of the code is empty"),
        ("Waibao", 123.01, "By this name there is 53.06.01.2001 Waibao"),
        ("53.06.01.2009", 123.01, "Nearest: 53.06.01.200"),
        ("5306012009", 123.01, "Nearest: 53.06.01.200"),
        ("53.06.01", 123.01, "no desa of the boundaries has the code"),
        ("53.06.01.2001", 123.51, "far outside the desa its code names"),
    ],
)
def test_offices_of_which_none_is_used_say_what_is_wrong_with_one(
    tmp_path: Path, code: str, lon: float, words: str
) -> None:
    report = check_report(
        tmp_path, OFFICES, {"k.csv": f"nama,kode,lon,lat\nA,{code},{lon},-8.39\n"}
    )
    (finding,) = of_code(report, "input.no_row_used")
    assert words in finding.message
