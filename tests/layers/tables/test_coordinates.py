"""Coordinates as they are written in lists of schools and health facilities."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from layers.tables.points.coordinates import CoordinateProblem, read_coordinate, repair_positions

FLORES_TIMUR = (122.6, -8.7, 123.4, -8.0)


@pytest.mark.parametrize(
    ("written", "degrees"),
    [
        ("122.98", 122.98),
        ("-8,35", -8.35),
        ("−8.35", -8.35),
        (" 8.35 S", -8.35),
        ("8,35 LS", -8.35),
        ("LS 8.35", -8.35),
        ("-8.35 LS", -8.35),
        ("122.98 BT", 122.98),
        ("03°19'03.44\" N", 3 + 19 / 60 + 3.44 / 3600),
        ("097°07'41.73\" E", 97 + 7 / 60 + 41.73 / 3600),
        ("8° 20′ 15,2″ LS", -(8 + 20 / 60 + 15.2 / 3600)),
        ("8º20'15.2'' S", -(8 + 20 / 60 + 15.2 / 3600)),
        ("-8 20 15.2", -(8 + 20 / 60 + 15.2 / 3600)),
        ("S 8:20:15", -(8 + 20 / 60 + 15 / 3600)),
        ("8°20.5' S", -(8 + 20.5 / 60)),
        ("'-8.35", -8.35),
        (-8.35, -8.35),
        (123, 123.0),
    ],
)
def test_a_coordinate_is_read_in_every_usual_form(written: object, degrees: float) -> None:
    assert read_coordinate(written) == pytest.approx(degrees, abs=1e-12)


@pytest.mark.parametrize(
    ("written", "problem"),
    [
        (None, "empty"),
        ("", "empty"),
        ("-", "empty"),
        (float("nan"), "empty"),
        ("di depan kantor", "unreadable"),
        ("8°75'00\" S", "unreadable"),
        ("8.3 N S", "unreadable"),
        ("-8.3 N", "unreadable"),
        ("12/5", "unreadable"),
        ("T", "unreadable"),
    ],
)
def test_what_is_no_coordinate_says_why(written: object, problem: str) -> None:
    assert read_coordinate(written) is CoordinateProblem(problem)


@pytest.mark.parametrize(
    ("lon", "lat", "problem"),
    [
        ("122.98", "-8.35", None),
        ("-8.35", "122.98", "swapped"),
        ("8.35", "122.98", "swapped"),
        ("8.35 LS", "122.98 BT", "swapped"),
        ("122.98", "8.35", "minus_lost"),
        ("122,98", "-8,35", None),
        ("12298", "-8.35", "point_lost"),
        ("122.980.000", "-8.350.000", "point_lost"),
    ],
)
def test_a_provable_damage_is_repaired(lon: str, lat: str, problem: str | None) -> None:
    positions = repair_positions([lon], [lat], FLORES_TIMUR)
    assert (positions.lon[0], positions.lat[0]) == (122.98, -8.35)
    assert [str(found.problem) for found in positions.problems] == ([problem] if problem else [])
    assert all(found.is_usable for found in positions.problems)


@pytest.mark.parametrize(
    ("lon", "lat", "problem"),
    [
        ("0", "0", "zero"),
        ("", "-8.35", "empty"),
        ("2.35", "48.85", "outside_indonesia"),
        ("1e9", "x", "unreadable"),
        ("500", "95", "out_of_range"),
    ],
)
def test_what_cannot_be_proved_has_no_position(lon: str, lat: str, problem: str) -> None:
    positions = repair_positions([lon], [lat], FLORES_TIMUR)
    assert math.isnan(positions.lon[0])
    assert [str(found.problem) for found in positions.problems] == [problem]
    assert not positions.problems[0].is_usable


def test_a_place_across_the_border_is_kept_and_noted() -> None:
    positions = repair_positions(["121.66"], ["-8.84"], FLORES_TIMUR)
    assert (positions.lon[0], positions.lat[0]) == (121.66, -8.84)
    assert positions.problems[0].problem is CoordinateProblem.OUTSIDE_AREA


def test_near_the_equator_one_missing_minus_is_doubtful_but_all_are_proof() -> None:
    area = (109.0, -0.8, 110.0, -0.1)
    one = repair_positions(["109.3", "109.4"], ["0.3", "-0.4"], area)
    assert math.isnan(one.lat[0])
    assert one.problems[0].problem is CoordinateProblem.MINUS_DOUBTFUL
    every = repair_positions(["109.3", "109.4"], ["0.3", "0.4"], area)
    assert every.lat.tolist() == [-0.3, -0.4]


GROUPED = "-8.351.234"


@pytest.mark.parametrize(
    ("lats", "doubtful"),
    [
        # each row at longitude 122.98; the area reaches from -8.7 to -8.0
        (["-8351234", "-8.35", "-8"], {2}),
        (["-8351234", "-8.3512", "-8.35"], set()),
        (["-8351234", "-8", "-8.0", "-8.000", "-8,0"], {1, 2, 3, 4}),
        (["-8351234", -8.0, -8, -8.35], {1, 2}),
        ([GROUPED, "-1.071", "-1,070", "-8.351"], {1, 2}),
        ([GROUPED, "-1.0712", "8° LS"], set()),
        (["-8.35", "-8", "-1.071"], set()),
        (["-8351234", "-5123456", "-6123456"], {0}),
        (["-8351234", "-8351234", "-6123456"], set()),
    ],
)
def test_a_column_that_lost_decimal_points_is_doubted_as_a_whole(
    lats: list[object], doubtful: set[int]
) -> None:
    positions = repair_positions(["122.98"] * len(lats), lats, FLORES_TIMUR)
    problems = {p.index for p in positions.problems if p.problem == "point_doubtful"}
    assert problems == doubtful
    assert all(math.isnan(positions.lat[index]) for index in doubtful)
    placed = [lat for lat in positions.lat if not math.isnan(lat)]
    assert not {-80.0, -71.0, -5.123456} & set(placed)


@pytest.mark.parametrize(("lons", "count"), [(["123", "123"], 2), (["123", "123.02"], 0)])
def test_columns_of_whole_degrees_have_lost_their_decimals(lons: list[str], count: int) -> None:
    placed = repair_positions(lons, ["-8", "-8"], FLORES_TIMUR)
    doubtful = [p for p in placed.problems if p.problem is CoordinateProblem.POINT_DOUBTFUL]
    assert len(doubtful) == count


def test_columns_of_which_every_cell_lost_its_point_are_mended_where_the_area_proves_it() -> None:
    lons, lats = ["122980123", "122990456", "123010789"], ["-8350123", "-8360456", "-8340789"]
    placed = repair_positions(lons, lats, FLORES_TIMUR)
    assert placed.lon.tolist() == [122.980123, 122.990456, 123.010789]
    assert placed.lat.tolist() == [-8.350123, -8.360456, -8.340789]
    assert {problem.problem for problem in placed.problems} == {CoordinateProblem.POINT_LOST}


def test_a_longitude_that_lost_its_point_doubts_the_whole_degrees_of_its_column() -> None:
    lon = ["122980", "1229812", "122.98", "123", "122.9"]
    positions = repair_positions(lon, ["-8.35"] * 5, FLORES_TIMUR)
    assert positions.lon[[0, 1, 2, 4]].tolist() == [122.98, 122.9812, 122.98, 122.9]
    assert math.isnan(positions.lon[3])
    assert [str(found.problem) for found in positions.problems] == [
        "point_lost",
        "point_lost",
        "point_doubtful",
    ]


@given(st.lists(st.floats(-8.69, -8.01), min_size=2, max_size=12), st.data())
def test_no_lost_point_ever_gives_another_place(lats: list[float], data: st.DataObject) -> None:
    digits = data.draw(st.lists(st.integers(1, 6), min_size=len(lats), max_size=len(lats)))
    truth = [round(lat, count) for lat, count in zip(lats, digits, strict=True)]
    cells = [str(lat).replace(".", "") if data.draw(st.booleans()) else str(lat) for lat in truth]
    positions = repair_positions(["122.98"] * len(lats), cells, FLORES_TIMUR)
    for lat, right in zip(positions.lat, truth, strict=True):
        assert math.isnan(lat) or lat == pytest.approx(right)


def test_columns_of_different_length_are_refused() -> None:
    with pytest.raises(ValueError, match="1 longitudes but 2"):
        repair_positions(["1"], ["1", "2"], FLORES_TIMUR)
