"""Where rows are by their columns or geometries: declared and undeclared metres, minutes, zeros."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from pyproj import Transformer

from boundaries.findings.report import Finding
from layers.errors import InputError
from layers.facilities.checks import RowFindings
from layers.facilities.positions import add_position
from layers.facilities.rows import read_candidates, read_facility_rows
from layers.tables.points.coordinates import repair_positions
from layers.tables.points.point_cells import (
    PointCells,
    cells_of_columns,
    cells_of_geometries,
    check_position_section,
    place_points,
)
from layers.workspace.section import PointFileSection
from layers.workspace.sections import FacilitySection
from tests.layers.tables.conftest import AREA, LAT, LON


def columns(x: list[object], y: list[object], **keys: object) -> PointCells:
    section = PointFileSection.model_validate(
        {"path": "f.csv", "lon_column": "x", "lat_column": "y", **keys}
    )
    return cells_of_columns(section, [x, y])


def in_metres(code: str, lon: float = LON, lat: float = LAT) -> tuple[float, float]:
    x, y = Transformer.from_crs("EPSG:4326", code, always_xy=True).transform(lon, lat)
    return float(x), float(y)


@pytest.mark.parametrize("code", ["EPSG:32751", "EPSG:23849", "EPSG:3857", "EPSG:23838"])
@pytest.mark.parametrize("hand", ["number", "comma", "grouped", "unit"])
def test_a_declared_crs_is_applied_to_columns(code: str, hand: str) -> None:
    x, y = in_metres(code)
    texts: list[object] = [x, y]
    if hand == "comma":
        texts = [f"{x:.3f}".replace(".", ","), f"{y:.3f}".replace(".", ",")]
    elif hand == "grouped":
        texts = [f"{n:,.2f}".translate(str.maketrans(",.", ".,")) for n in (x, y)]
    elif hand == "unit":
        texts = [f"{x:.4f} mE", f"{y:.4f} mN"]
    positions = place_points(columns(texts[:1], texts[1:], crs=code), AREA)
    assert (positions.lon[0], positions.lat[0]) == pytest.approx((LON, LAT), abs=1e-6)
    assert positions.problems == ()


@pytest.mark.parametrize(
    "written",
    [
        "51L {x:.1f} {y:.1f}",
        "{x:.1f} mE {y:.1f} mS zona 51S",
        "51 L 0{x:.0f} UTM {y:.0f}",
        "X: {x:.1f} Y: {y:.1f} Zona 51 S",
        "{x:.0f},{y:.0f} 51 Selatan",
        "WGS 84 / UTM zone 51S; {y:.1f}; {x:.1f}",
        "51S 502.201,9 9.073.692,8",
    ],
)
def test_metres_in_one_cell_with_their_zone_are_read(written: str) -> None:
    x, y = in_metres("EPSG:32751")
    cell = written.format(x=x, y=y)
    for keys in ({}, {"crs": "EPSG:32751"}, {"crs": "EPSG:9491"}, {"crs": "EPSG:4326"}):
        positions = place_points(columns([cell], [""], **keys), AREA)
        assert (positions.lon[0], positions.lat[0]) == pytest.approx((LON, LAT), abs=1e-4)
        assert positions.problems == ()


@pytest.mark.parametrize(
    ("cell", "keys", "problem"),
    [
        ("502202 9073692", {}, "metres"),
        ("51L 502202 9073692", {"crs": "EPSG:32750"}, "metres"),
        ("51L 502202", {}, "unreadable"),
        ("32N 502202 9073692", {}, "unreadable"),
        ("51L 502202 9073692 52L", {}, "unreadable"),
    ],
)
def test_metres_in_one_cell_without_one_zone_are_not(
    cell: str, keys: dict[str, object], problem: str
) -> None:
    section = PointFileSection.model_validate({"path": "f.csv", "position_column": "p", **keys})
    positions = place_points(cells_of_columns(section, [[cell]]), AREA)
    assert np.isnan(positions.lon).all()
    assert [str(noticed.problem) for noticed in positions.problems] == [problem]


def test_degrees_that_end_like_a_zone_are_degrees() -> None:
    for cell in ("8 22 51 S 123 1 49 E", "8°22'51\" S, 123°01'49\" E"):
        positions = place_points(columns([cell], [""]), AREA)
        assert positions.lat[0] == pytest.approx(-8.3808, abs=1e-3)


def test_exchanged_metres_are_turned_and_told() -> None:
    x, y = in_metres("EPSG:32751")
    positions = place_points(columns([y], [x], crs="EPSG:32751"), AREA)
    assert positions.lon[0] == pytest.approx(LON)
    assert [str(problem.problem) for problem in positions.problems] == ["swapped"]


@pytest.mark.parametrize(
    ("x", "y", "problem"),
    [
        ("", "", "empty"),
        ("sana", "sini", "unreadable"),
        (0, 0, "zero"),
        (123.02, -8.38, "degrees"),
        (502201.9, 1_000.0, "outside_indonesia"),
    ],
)
def test_what_is_no_place_by_the_declared_crs_is_named(x: object, y: object, problem: str) -> None:
    good = in_metres("EPSG:32751")
    positions = place_points(columns([good[0], x], [good[1], y], crs="EPSG:32751"), AREA)
    assert np.isfinite(positions.lon).tolist() == [True, False]
    assert [str(one.problem) for one in positions.problems] == [problem]


@pytest.mark.parametrize("swap", [False, True])
@pytest.mark.parametrize(
    ("code", "name"),
    [("EPSG:32751", "UTM zone 51S"), ("EPSG:23839", "TM-3 zone 51.1"), ("EPSG:3857", "Mercator")],
)
def test_undeclared_metres_get_a_proposal_and_no_position(code: str, name: str, swap: bool) -> None:
    points = [in_metres(code, LON + step / 100, LAT) for step in range(4)]
    x, y = [list(axis) for axis in zip(*points, strict=True)]
    positions = repair_positions(y if swap else x, x if swap else y, AREA)
    assert np.isnan(positions.lon).all()
    assert {str(problem.problem) for problem in positions.problems} == {"metres"}
    message = positions.problems[0].message
    assert name in message
    assert f'declare crs = "{code}"' in message
    assert ("exchanged" in message) == swap


def test_the_wrong_zone_is_doubted_and_the_right_one_proposed() -> None:
    x, y = in_metres("EPSG:32751")
    positions = place_points(columns([x], [y], crs="EPSG:32750"), AREA)
    assert np.isnan(positions.lon).all()
    assert 'UTM zone 51S ("EPSG:32751")' in positions.problems[0].message


@pytest.mark.parametrize(
    ("lon", "lat"),
    [
        (["12301.2000", "12304.2"], ["-0822.8000", "-0822.2"]),
        (["12301.2000 E"], ["0822.8000,S"]),
        (["-0822.8"], ["12301.2"]),
        (["1230112"], ["-82248"]),
        (["12315"], ["-832"]),
    ],
)
def test_degrees_and_minutes_in_one_number_are_named_not_shifted(
    lon: list[object], lat: list[object]
) -> None:
    positions = repair_positions(lon, lat, AREA)
    assert np.isnan(positions.lon).all()
    assert {str(problem.problem) for problem in positions.problems} == {"minutes"}


def test_a_number_with_a_decimal_point_has_not_lost_it() -> None:
    positions = repair_positions(["12298.75"], ["-8.35"], AREA)
    assert [str(problem.problem) for problem in positions.problems] == ["out_of_range"]


def test_geometries_are_one_point_or_are_named() -> None:
    shapes = [
        shapely.Point(LON, LAT),
        shapely.MultiPoint([(LON, LAT)]),
        shapely.MultiPoint([(LON, LAT), (LON, LAT)]),
        shapely.MultiPoint([(LON, LAT), (123, -8.2)]),
        shapely.box(123, -8.4, 123.1, -8.3),
        shapely.LineString([(123, -8.4), (123.1, -8.3)]),
        shapely.GeometryCollection([shapely.Point(LON, LAT)]),
        shapely.Point(),
        None,
        shapely.Point(LAT, LON),
    ]
    positions = place_points(cells_of_geometries(np.array(shapes, dtype=object)), AREA)
    known = np.isfinite(positions.lon).tolist()
    assert known == [True, True, True, False, True, False, True, False, False, True]
    assert [(one.index, str(one.problem)) for one in positions.problems] == [
        (3, "not_one_point"),
        (4, "area"),
        (5, "not_one_point"),
        (7, "empty"),
        (8, "empty"),
        (9, "swapped"),
    ]


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        ({"lon_column": "x"}, "lon_column and lat_column"),
        ({"position_column": "p", "lat_column": "y"}, "either"),
    ],
)
def test_half_a_declaration_is_refused(keys: dict[str, str], words: str) -> None:
    with pytest.raises(InputError, match=words):
        check_position_section(PointFileSection.model_validate({"path": "f", **keys}), "f")


def test_a_crs_that_does_not_exist_is_refused() -> None:
    with pytest.raises(InputError, match="EPSG:32751"):
        columns([1], [2], crs="EPSG:999999")


def place_columns(
    lon: list[object], lat: list[object], crs: str | None = None
) -> tuple[list[tuple[float, float]], list[str]]:
    section = PointFileSection(path="f.csv", lon_column="x", lat_column="y", crs=crs)
    positions = place_points(cells_of_columns(section, [lon, lat]), AREA)
    points = [(round(x, 4), round(y, 4)) for x, y in zip(positions.lon, positions.lat, strict=True)]
    return points, [problem.problem.value for problem in positions.problems]


def test_letters_that_no_number_can_have_are_not_believed() -> None:
    points, problems = place_columns(["123°1'12\"LS"], ["8°22'48\"BT"])
    assert np.isnan(points[0]).all()
    assert problems == ["out_of_range"]
    points, problems = place_columns(["8°22'48\"LS"], ["123°1'12\"BT"])
    assert points == [(123.02, -8.38)]
    assert problems == ["swapped"]


@pytest.mark.parametrize(("lon", "lat"), [(0, -8.38), (123.02, 0), ("0", "-8,38"), (0.0, 0.0)])
def test_one_coordinate_of_zero_is_not_filled_in(lon: object, lat: object) -> None:
    points, problems = place_columns([lon], [lat])
    assert np.isnan(points[0]).all()
    assert problems == ["zero"]


@pytest.mark.parametrize(
    ("x", "y"),
    [
        (["502.202", "507.707"], ["9.073.692", "9.074.797"]),
        (["502,202", "507,707"], ["9,073,692", "9,074,797"]),
        (["502.202,0", "507.707,2"], ["9.073.692,1", "9.074.797,0"]),
        (["502202", "507707"], ["9073692", "9074797"]),
    ],
)
def test_dots_and_commas_of_thousands_are_read_by_both_columns(
    x: list[object], y: list[object]
) -> None:
    points, problems = place_columns(x, y, "EPSG:32751")
    assert points == [(123.02, -8.38), (123.07, -8.37)]
    assert problems == []
    points, problems = place_columns(x, y)
    assert np.isnan(points).all()
    assert problems == ["metres", "metres"]


DOUBTFUL = {
    "f.csv": {"facility.view_centre": [3, 4]},
    "g.csv": {"facility.point_lost": [2], "facility.point_doubtful": [3]},
}


@pytest.mark.parametrize("file", DOUBTFUL)
def test_doubtful_positions_are_named_in_lists_of_facilities_and_candidates(
    file: str, tmp_path: Path
) -> None:
    link = "https://www.google.com/maps/@-8.38,123.02"
    if file == "f.csv":
        text = f'nama,koordinat\nA,"-8.38, 123.02"\nB,"{link},17z"\nC,"{link},9z"\n'
        section = FacilitySection(
            id="sd", path=file, name_column="nama", kind="sd", position_column="koordinat"
        )
    else:
        text = "nama,lon,lat\nA,123.02,-8381234\nB,123.02,-8\nC,123.02,-8.38\n"
        section = FacilitySection(
            id="sd", path=file, name_column="nama", kind="sd", lon_column="lon", lat_column="lat"
        )
    (tmp_path / file).write_text(text)
    desa = gpd.GeoDataFrame(
        {"kode": ["53.06.01.2001"]}, geometry=[shapely.box(*AREA)], crs="EPSG:4326"
    )
    rows = read_facility_rows(section, tmp_path)
    facilities = RowFindings(file)
    frame = pd.DataFrame({"at": range(3), "row": rows.row})
    assert len(add_position(frame, rows, desa, facilities)) == 2
    assert _rows_by_code(facilities.findings) == DOUBTFUL[file]
    candidates = read_candidates(tmp_path / file, AREA)
    assert len(candidates.rows) == 2
    assert _rows_by_code(candidates.findings) == {
        code.replace("facility", "candidate"): numbers for code, numbers in DOUBTFUL[file].items()
    }


def _rows_by_code(findings: Sequence[Finding]) -> dict[str, list[int | None]]:
    rows: dict[str, list[int | None]] = {}
    for finding in findings:
        rows.setdefault(finding.code, []).append(finding.row)
    return rows
