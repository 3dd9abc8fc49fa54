"""Where rows are, however a list says it: marks, pairs, metres, geometries."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Transformer

from boundaries.findings.report import Finding
from layers.errors import InputError
from layers.facilities.candidate_files import read_candidates
from layers.facilities.checks import RowFindings
from layers.facilities.positions import add_position
from layers.facilities.rows import read_facility_rows
from layers.tables.points.coordinate_pairs import read_pair
from layers.tables.points.coordinate_text import CoordinateProblem, Reading, read_cell
from layers.tables.points.coordinates import repair_positions
from layers.tables.points.point_cells import (
    PointCells,
    cells_of_columns,
    cells_of_geometries,
    check_position_section,
    place_points,
)
from layers.workspace.section import PointFileSection
from layers.workspace.workspace import FacilitySection

AREA = (122.6, -8.7, 123.4, -8.0)
LON, LAT = 123 + 1 / 60 + 12 / 3600, -(8 + 22 / 60 + 48 / 3600)  # 123.02, -8.38


@pytest.mark.parametrize(
    "written",
    [
        "8°22'48\" LS",
        "8 22 48 S",
        "8d22m48s S",
        "8d22m48S",
        "S 8 22 48",
        "LS 8°22'48\"",
        "8°22′48″ S",
        "8º22’48” L.S.",
        "8°22.8' S",
        "8 22,8 LS",
        "8-22-48 S",
        "8.22.48 LS",
        "8:22:48 Selatan",
        "8 derajat 22 menit 48 detik Lintang Selatan",
        "-8°22'48''",
        "8° 22ʹ 48ʺ South",
        "8deg 22min 48sec S",
        "Lintang: -8.38",
        "-8,38°",
        "8.38° S",
    ],
)
def test_a_latitude_is_read_in_every_hand(written: str) -> None:
    reading = read_cell(written)
    assert isinstance(reading, Reading)
    assert reading.degrees == pytest.approx(LAT, abs=1e-9)


@pytest.mark.parametrize(
    "written", ["123°01'12\" BT", "123d01m12s", "123D01M12S", "E 123 1 12", "123 1.2 Bujur Timur"]
)
def test_a_longitude_is_read_in_every_hand(written: str) -> None:
    reading = read_cell(written)
    assert isinstance(reading, Reading)
    assert reading.degrees == pytest.approx(LON, abs=1e-9)
    assert reading.axis in {None, "lon"}


@pytest.mark.parametrize("written", ["8.5 12", "8°12.5'30\"", "8°60'", "8 12 30 1", "2024-12-30"])
def test_minutes_that_cannot_be_are_unreadable(written: str) -> None:
    assert read_cell(written) is CoordinateProblem.UNREADABLE


PAIRS = [
    "-8.38, 123.02",
    "123.02 -8.38",
    "-8.38;123.02",
    "-8,38, 123,02",
    "-8,38 123,02",
    "-8,38;123,02",
    "(-8.38, 123.02)",
    "POINT(123.02 -8.38)",
    "POINT Z (123.02 -8.38 12)",
    "SRID=4326;POINT(123.02 -8.38)",
    '{"type": "Point", "coordinates": [123.02, -8.38]}',
    "8°22'48\"S 123°1'12\"E",
    "8°22'48\" LS, 123°1'12\" BT",
    "S 8 22 48 E 123 1 12",
    "lat: -8.38, lng: 123.02",
    "-8.38\n123.02",
    "123.02,-8.38,0",
    "geo:-8.38,123.02",
    "https://www.google.com/maps?q=-8.38,123.02",
    "https://maps.google.com/?ll=-8.38,123.02&z=3",
    "https://www.google.com/maps/place/X/@-8.4,123.0,17z/data=!3m1!4b1!8m2!3d-8.38!4d123.02",
    "https://www.google.com/maps/place/8%C2%B022'48.0%22S+123%C2%B001'12.0%22E/",
    "https://www.google.com/maps/search/?api=1&query=-8.38%2C123.02",
    "https://www.openstreetmap.org/?mlat=-8.38&mlon=123.02#map=17/-8.4/123.0",
]


@pytest.mark.parametrize("written", PAIRS)
def test_one_cell_holds_both_coordinates_in_every_usual_form(written: str) -> None:
    section = PointFileSection(path="f.csv", position_column="titik")
    positions = place_points(cells_of_columns(section, [[written]]), AREA)
    assert (positions.lon[0], positions.lat[0]) == pytest.approx((LON, LAT), abs=1e-9)
    assert positions.problems == ()


@pytest.mark.parametrize(
    ("link", "problem"),
    [
        ("maps/@-8.38,123.02,17z", "view_centre"),
        ("maps/place/Puskesmas+2/@-8.38,123.02,18.5z", "view_centre"),
        ("maps/place/Puskesmas+2/@-8.38,123.02,512m/data=!3m1!1e3", "view_centre"),
        ("maps/@-8.38,123.02,3a,75y,90t/data=!3m6", "view_centre"),
        ("maps?layer=c&cbll=-8.38,123.02", "view_centre"),
        ("maps/@-8.38,123.02,12z", "far"),
        ("maps/@-8.38,123.02,9000m", "far"),
        ("maps/@-8.38,123.02", "far"),
        ("maps?center=-8.38,123.02", "far"),
        ("maps?q=Puskesmas+Waibao&sll=-8.38,123.02", "far"),
        ("maps/place/X/@-8.4,123.0,17z/data=!8m2!3d-8.38!4d123.02", ""),
        ("maps/place/X/@-8.4,123.0,9z/data=!8m2!3d-8.38!4d123.02", ""),
        ("maps/@-8.4,123.0,17z?q=-8.38,123.02", ""),
        ("maps?center=-8.4,123.0&query=-8.38,123.02", ""),
        ("maps?sll=-8.4,123.0&ll=-8.38,123.02", ""),
        ("maps/place/8%C2%B022'48.0%22S+123%C2%B001'12.0%22E/@-8.4,123.0,17z", ""),
        ("maps/search/-8.38,+123.02/@-8.4,123.0,12z", ""),
    ],
)
def test_the_place_of_a_link_goes_before_the_view_of_the_map(link: str, problem: str) -> None:
    section = PointFileSection(path="f.csv", position_column="titik")
    cells = cells_of_columns(section, [[f"https://www.google.com/{link}"]])
    positions = place_points(cells, AREA)
    assert [str(found.problem) for found in positions.problems] == (
        ["view_centre"] if problem else []
    )
    assert all(found.is_usable == (problem != "far") for found in positions.problems)
    if problem == "far":
        assert math.isnan(positions.lon[0])
    else:
        assert (positions.lon[0], positions.lat[0]) == pytest.approx((LON, LAT), abs=1e-9)


@pytest.mark.parametrize(
    "written", ["di kantor", "-8.38", "8,38", "123", "https://maps.app.goo.gl/abc", "2024-12-30"]
)
def test_what_is_no_pair_has_no_position_and_says_so(written: str) -> None:
    assert read_pair(written) is None
    section = PointFileSection(path="f.csv", position_column="titik")
    positions = place_points(cells_of_columns(section, [[written]]), AREA)
    assert math.isnan(positions.lon[0])
    (problem,) = positions.problems
    assert problem.problem is CoordinateProblem.UNREADABLE
    assert problem.value == written
    assert ("open it" in problem.message) == written.startswith("https")


def test_a_pair_in_one_of_two_columns_is_read_and_an_empty_row_is_empty() -> None:
    section = PointFileSection(path="f.csv", lon_column="x", lat_column="y")
    cells = cells_of_columns(
        section,
        [["123.02", "-8.38, 123.02", "", "-8.38, 123.02"], ["-8.38", "", "", "-8.38, 123.02"]],
    )
    positions = place_points(cells, AREA)
    assert positions.lon.tolist() == pytest.approx([123.02, 123.02, math.nan, 123.02], nan_ok=True)
    assert [(p.index, str(p.problem)) for p in positions.problems] == [(2, "empty")]


@given(
    lon=st.floats(122.7, 123.3),
    lat=st.floats(-8.6, -8.1),
    separator=st.sampled_from([", ", ",", " ", "; ", " / ", "\t"]),
    swap=st.booleans(),
)
def test_any_pair_of_decimal_degrees_is_read_as_written(
    lon: float, lat: float, separator: str, swap: bool
) -> None:
    parts = [f"{lat:.6f}", f"{lon:.6f}"]
    pair = read_pair(separator.join(parts[::-1] if swap else parts))
    assert pair is not None
    assert [reading.degrees for reading in pair] == [float(parts[1]), float(parts[0])]


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


def place_cell(
    *cells: object, crs: str | None = None
) -> tuple[list[tuple[float, float]], set[str]]:
    section = PointFileSection(path="f.csv", position_column="p", crs=crs)
    positions = place_points(cells_of_columns(section, [list(cells)]), AREA)
    points = [(round(x, 4), round(y, 4)) for x, y in zip(positions.lon, positions.lat, strict=True)]
    return points, {problem.message for problem in positions.problems}


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


@pytest.mark.parametrize(
    "cell",
    [
        "502202, 9073692",
        "502202 9073692",
        "502.202 9.073.692",
        "502202,9073692",
        "502202;9073692",
        "X: 502202 Y: 9073692",
        "9073692 502202",
        "(502202 9073692)",
    ],
)
def test_metres_in_one_cell_are_read_by_the_declared_crs(cell: str) -> None:
    points, _ = place_cell(cell, crs="EPSG:32751")
    assert points == [(123.02, -8.38)]


@pytest.mark.parametrize(
    "cell",
    [
        "https://www.google.com/maps?q=loc:-8.38+123.02",
        "8.38 LS - 123.02 BT",
        "lat=-8.38&lon=123.02",
        "https://maps.google.com/maps?saddr=-8.5,122.9&daddr=-8.38,123.02",
    ],
)
def test_further_hands_of_one_cell(cell: str) -> None:
    assert place_cell(cell)[0] == [(123.02, -8.38)]


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        ("https://www.google.com/maps/dir/-8.5,122.9/-8.38,123.02/@-8.4,123.0,12z", "two ends"),
        ("6P3RJ2CC+2X", "Plus Code"),
        ("J2CC+2X Waibao", "Plus Code"),
        ("0, 0", "hold a 0"),
        ("0,0", "hold a 0"),
        ("-", "has no coordinates"),
        ("", "has no coordinates"),
    ],
)
def test_one_cell_without_a_place_says_why(cell: str, words: str) -> None:
    points, messages = place_cell(cell)
    assert np.isnan(points[0]).all()
    assert len(messages) == 1
    assert words in messages.pop()


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
