"""A section that nothing uses is read all the same, and told with what is missing."""

import json
from pathlib import Path

import numpy as np
import pytest
import rasterio
from rasterio import Affine

from layers.errors import InputError
from tests.layers.small_workspace import check_report, of_code

CODE = "input.section_unused"
ROADS = '[[roads]]\npath = "jalan.geojson"\nclass_column = "kelas"\n'
FACILITIES = """[[facilities]]
id = "faskes"
path = "faskes.csv"
kind = "puskesmas"
lon_column = "lon"
lat_column = "lat"
"""
FASKES = {"faskes.csv": "lon,lat\n123.01,-8.39\n"}
POPULATION = '[population]\npath = "r.tif"\nyear = 2024\n'
FRICTION = '[friction]\npath = "r.tif"\n'
COVER = '[land_cover]\npath = "r.tif"\n[land_cover.classes]\n1 = "forest"\n'
ELEVATION = '[elevation]\npath = "r.tif"\n'
BARRIERS = '[[barriers]]\npath = "jalan.geojson"\n'
TRAVEL = '[travel]\nmode = "walking"\n'
SPEEDS = '[speeds]\npath = "laju.toml"\n'
INDICATOR = (
    '[[indicators]]\nname = "sumur_jumlah"\ntitle = { id = "Sumur", en = "Wells" }\nunit = "unit"\n'
)
SERVICE = """[[services]]
id = "sumur"
title = { id = "Sumur", en = "Wells" }
opd = "Dinas PU"
legal_basis = "Perbup"
source = "Perbup"
date = "2024"
activities = ["02.04.11"]
step_desa = { id = "Gali sumur", en = "Dig a well" }
step_office = { id = "Gali sumur", en = "Dig a well" }
[[services.needs]]
indicator = "air_minum_layak_pct"
norm = 80
"""
PROGRAMMES = """[[programmes]]
id = "rkpd"
path = "rkpd.csv"
code_system = "kemendagri"
code_column = "kode"
activity_column = "kegiatan"
year = 2024
"""
RKPD = {"rkpd.csv": "kode,kegiatan\n53.06.01.2001,Posyandu\n"}


def roads(word: str = "primary") -> dict[str, str]:
    """A file of one road through the desa."""
    line = {"type": "LineString", "coordinates": [[123.0, -8.39], [123.08, -8.39]]}
    feature = {"type": "Feature", "properties": {"kelas": word}, "geometry": line}
    return {"jalan.geojson": json.dumps({"type": "FeatureCollection", "features": [feature]})}


def write_raster(folder: Path, bands: int = 1) -> None:
    """Ones over the four desa, without a value that any kind of raster would refuse."""
    folder.mkdir(exist_ok=True)
    transform = Affine(0.005, 0, 123.0, 0, -0.005, -8.38)
    profile = {"driver": "GTiff", "width": 16, "height": 4, "count": bands, "dtype": "float32"}
    with rasterio.open(
        folder / "r.tif", "w", crs="EPSG:4326", transform=transform, **profile
    ) as raster:
        raster.write(np.full((bands, 4, 16), 0.01, np.float32))


def unused(folder: Path, sections: str, files: dict[str, str]) -> dict[str, str]:
    """The sections that nothing uses, with the message of each."""
    write_raster(folder)
    files = {"laju.toml": "", **files}
    found = of_code(check_report(folder, sections, files), CODE)
    return {str(finding.value): finding.message for finding in found}


@pytest.mark.parametrize(
    ("section", "name"),
    [
        (ROADS, "[[roads]]"),
        (POPULATION, "[population]"),
        (FRICTION, "[friction]"),
        (COVER, "[land_cover]"),
        (ELEVATION, "[elevation]"),
        (BARRIERS, "[[barriers]]"),
        (TRAVEL, "[travel]"),
        (SPEEDS, "[speeds]"),
    ],
)
def test_what_serves_distances_is_unused_without_facilities(
    section: str, name: str, tmp_path: Path
) -> None:
    messages = unused(tmp_path, section, roads())
    assert list(messages) == [name]
    assert "no [[facilities]] are declared" in messages[name]


def test_a_road_is_read_and_checked_without_facilities(tmp_path: Path) -> None:
    report = check_report(tmp_path, ROADS, roads("jalan entah"))
    assert len(of_code(report, "road.unknown_class")) == 1
    assert [load.rows_read for load in report.loads if load.file == "jalan.geojson"] == [1]


def test_a_broken_road_file_is_refused_without_facilities(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"jalan\.geojson"):
        check_report(tmp_path, ROADS, {"jalan.geojson": '{"type": "FeatureColl'})


@pytest.mark.parametrize("section", [POPULATION, FRICTION, COVER])
def test_a_raster_of_several_bands_blocks_without_facilities(section: str, tmp_path: Path) -> None:
    write_raster(tmp_path, bands=2)
    assert len(of_code(check_report(tmp_path, section, {}), "raster.several_bands")) == 1


def test_facilities_without_a_norm_make_no_use_of_roads(tmp_path: Path) -> None:
    facilities = FACILITIES.replace("puskesmas", "warung_kopi")
    messages = unused(tmp_path, ROADS + facilities, roads() | FASKES)
    assert "none of the declared kinds has a norm" in messages["[[roads]]"]


@pytest.mark.parametrize("section", [ROADS, POPULATION, FRICTION, COVER, ROADS + TRAVEL + SPEEDS])
def test_what_distances_use_is_not_told(section: str, tmp_path: Path) -> None:
    assert unused(tmp_path, FACILITIES + section, roads() | FASKES) == {}


@pytest.mark.parametrize(
    ("section", "names"),
    [
        (ELEVATION, ["[elevation]"]),
        (BARRIERS, ["[[barriers]]"]),
        (ROADS + ELEVATION + TRAVEL, ["[elevation]"]),
        (TRAVEL + SPEEDS, ["[speeds]", "[travel]"]),
        (FRICTION + 'height_path = "r.tif"\n' + ELEVATION, ["[elevation]"]),
    ],
)
def test_what_needs_another_section_is_told_without_it(
    section: str, names: list[str], tmp_path: Path
) -> None:
    assert sorted(unused(tmp_path, FACILITIES + section, roads() | FASKES)) == names


def test_indicators_and_services_that_nothing_fills_are_told(tmp_path: Path) -> None:
    assert list(unused(tmp_path, INDICATOR + SERVICE, {})) == [
        "indicators.sumur_jumlah",
        "services.sumur",
    ]


def test_plans_without_a_measured_need_are_told(tmp_path: Path) -> None:
    sections = PROGRAMMES + "[priority]\npeople_power = 2\n"
    assert sorted(unused(tmp_path, sections, RKPD)) == ["[priority]", "programmes.rkpd"]


def test_plans_with_a_measured_need_are_used(tmp_path: Path) -> None:
    table = """[[tables]]
id = "air"
path = "air.csv"
code_system = "kemendagri"
code_column = "kode"
year = 2024
[tables.columns]
air = "air_minum_layak_pct"
"""
    files = RKPD | {"air.csv": "kode,air\n53.06.01.2001,60\n"}
    assert unused(tmp_path, table + SERVICE + PROGRAMMES, files) == {}


BRIDGE = """[[crosswalks]]
kind = "bridge"
path = "bridge.csv"
from_column = "bps"
to_column = "kode"
date = "2024"
"""
PAIRS = {"bridge.csv": "bps,kode\n5309010001,53.06.01.2001\n"}


def test_a_bridge_that_no_input_with_bps_codes_crosses_is_a_note(tmp_path: Path) -> None:
    (idle,) = of_code(check_report(tmp_path, BRIDGE, PAIRS), CODE)
    assert (idle.severity, idle.file, idle.value) == ("note", "bridge.csv", "crosswalks.1")
    assert "no input declares BPS codes" in idle.message


def test_a_bridge_that_a_table_crosses_is_used(tmp_path: Path) -> None:
    table = """[[tables]]
id = "air"
path = "air.csv"
code_system = "bps"
code_column = "kode"
year = 2024
[tables.columns]
air = "air_minum_layak_pct"
"""
    files = PAIRS | {"air.csv": "kode,air\n5309010001,60\n5309010002,70\n"}
    report = check_report(tmp_path, BRIDGE + table, files)
    assert of_code(report, CODE) == []
    (missing,) = of_code(report, "codes.not_bridged")
    assert (missing.file, missing.row) == ("air.csv", 3)
