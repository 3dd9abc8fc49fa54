from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import shapely

from boundaries.coverage.shape_checks import cut_spikes, find_spikes
from tests.boundaries.drawing import SOUTH, STEP, WEST, build, codes_of, frame, kode, one, square


def with_needle(length: float, width: float) -> shapely.Polygon:
    """A square with a needle on its right side, in units of its side."""
    points = [
        (0, 0),
        (1, 0),
        (1, 0.5 - width / 2),
        (1 + length, 0.5),
        (1, 0.5 + width / 2),
        (1, 1),
        (0, 1),
    ]
    return shapely.Polygon([(WEST + STEP * x, SOUTH + STEP * y) for x, y in points])


@pytest.mark.parametrize(
    ("length", "width", "spikes"), [(0.5, 0.002, 1), (0.5, 0.1, 0), (0.03, 0.0001, 0)]
)
def test_only_long_and_thin_needles_are_spikes(length: float, width: float, spikes: int) -> None:
    owners, _ = find_spikes(np.array([with_needle(length, width)], dtype=object))
    assert len(owners) == spikes


def test_a_spike_is_cut_off_and_the_rest_stays() -> None:
    (cut,), ((index, tip),) = cut_spikes(np.array([with_needle(0.5, 0.002)], dtype=object))
    assert index == 0
    assert tip[0] == pytest.approx(WEST + 1.5 * STEP)
    assert cut.equals(square(0, 0))


def test_a_spike_is_reported_with_its_place(tmp_path: Path) -> None:
    result = build(tmp_path, frame([with_needle(0.5, 0.002)]))
    finding = one(result.report.findings, "boundary.spike")
    assert finding.geometry == "POINT (124.015 -8.995)"


def test_points_drawn_twice_are_counted(tmp_path: Path) -> None:
    double = shapely.Polygon([(124, -9), (124, -9), (124.01, -9), (124.01, -8.99), (124.01, -8.99)])
    result = build(tmp_path, frame([double]))
    assert one(result.report.findings, "boundary.duplicate_nodes").measure == 2


def test_outlines_of_negative_area_are_listed_with_their_rows(tmp_path: Path) -> None:
    shapes = [square(0, 0), square(1, 0).reverse(), square(2, 0).reverse(), square(4, 0)]
    result = build(tmp_path, frame(shapes))
    finding = one(result.report.findings, "boundary.orientation")
    assert (finding.measure, finding.severity) == (2, "note")
    assert "Rows 2-3." in finding.message
    assert all(
        shapely.is_ccw(part.exterior)
        for shape in result.level("desa").geometry
        for part in shape.geoms
    )


def test_a_part_far_from_the_others_is_reported(tmp_path: Path) -> None:
    result = build(tmp_path, frame([shapely.MultiPolygon([square(0, 0), square(200, 0)])]))
    findings = [f for f in result.report.findings if f.code == "boundary.far_apart"]
    assert [finding.kode for finding in findings] == [kode(1), kode(1)]
    assert findings[0].measure == pytest.approx(218.7, abs=0.5)


def test_a_desa_whose_neighbours_all_belong_elsewhere_is_reported(tmp_path: Path) -> None:
    shapes = [square(0, 0), square(1, 0), square(0, 1), square(1, 1), square(9, 9)]
    codes = [kode(1, 1), kode(2, 1), kode(3, 1), kode(1, 2), kode(2, 2)]
    result = build(tmp_path, frame(shapes, codes))
    finding = one(result.report.findings, "boundary.outside_parent")
    assert (finding.kode, finding.value) == (kode(1, 2), "99.01.01")


@pytest.mark.parametrize(
    ("column", "kin", "severity"),
    [
        (1, 3, "warning"),  # three sides among others, its own 2 km away
        (1, 1.5, "note"),  # three sides among others, its own behind a strip of 0.5 km
        (3, 5, None),  # an island that touches one neighbour, its own 1 km away
        (3, 9, "warning"),  # the same, 5.5 km away
    ],
)
def test_an_island_beside_another_kecamatan_is_no_exclave(
    tmp_path: Path, column: float, kin: float, severity: str | None
) -> None:
    around = [square(0, 0), square(0, 1), square(1, 1), square(2, 0)]
    own = square(1, -kin) if column == 1 else square(kin, 0)
    shapes = [*around, square(column, 0), own]
    codes = [*(kode(at, 1) for at in range(1, 5)), kode(1, 2), kode(2, 2)]
    result = build(tmp_path, frame(shapes, codes))
    found = [f.severity for f in result.report.findings if f.code == "boundary.outside_parent"]
    assert found == ([severity] if severity else [])


def test_a_clean_file_says_nothing_but_the_missing_names(tmp_path: Path) -> None:
    result = build(tmp_path, frame([square(0, 0), square(1, 0)]))
    assert set(codes_of(result.report.findings)) == {"boundary.name_from_code"}
