"""Positions as they are written: marks of degrees and minutes, pairs in one cell, links of maps."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from layers.tables.points.coordinate_pairs import read_pair
from layers.tables.points.coordinate_text import CoordinateProblem, Reading, read_cell
from layers.tables.points.point_cells import cells_of_columns, place_points
from layers.workspace.section import PointFileSection
from tests.layers.tables.conftest import AREA, LAT, LON


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
    "-8.38 123.02 12.5 4.8",
    "-8.38 123.02 0 0",
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


def place_cell(
    *cells: object, crs: str | None = None
) -> tuple[list[tuple[float, float]], set[str]]:
    section = PointFileSection(path="f.csv", position_column="p", crs=crs)
    positions = place_points(cells_of_columns(section, [list(cells)]), AREA)
    points = [(round(x, 4), round(y, 4)) for x, y in zip(positions.lon, positions.lat, strict=True)]
    return points, {problem.message for problem in positions.problems}


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
