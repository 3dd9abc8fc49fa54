"""Polygons in text columns, as OpenSID keeps and exports them."""

from __future__ import annotations

from pathlib import Path

import pytest
import shapely

from boundaries.polygons import read_polygons
from boundaries.polygons.path_text import PathError, polygon_of_path
from tests.boundaries.drawing import one, source
from tests.boundaries.formats import write_opensid_csv, write_sql


@pytest.mark.parametrize("text", [None, "", "[]", "[[]]", "[[[[]]]]", " null ", float("nan")])
def test_empty_paths_are_no_polygon_and_no_fault(text: object) -> None:
    assert polygon_of_path(text) is None


def test_a_path_of_depth_four_is_several_parts() -> None:
    text = "[[[[-8,124],[-8,125],[-7,125]]],[[[-8,126],[-8,127],[-7,127]]]]"
    assert shapely.get_num_geometries(polygon_of_path(text)) == 2


@pytest.mark.parametrize(
    "text", ["[[[-8,124],[-8,12", "{}", "[1,2]", "[[[-8],[124]]]", '[[["a",1],[2,3],[4,5]]]', "12"]
)
def test_a_damaged_path_is_named(text: str) -> None:
    with pytest.raises(PathError):
        polygon_of_path(text)


def test_a_path_cut_off_by_its_column_is_a_finding_with_its_row(tmp_path: Path) -> None:
    path = write_opensid_csv(tmp_path)
    lines = path.read_text().splitlines()
    lines[2] = lines[2][:60] + '"'
    path.write_text("\n".join(lines))
    polygons, findings = read_polygons(source(path))
    assert polygons.geometry.isna().sum() == 1
    assert one(findings, "boundary.path_damaged").row == 2


def test_sql_quotes_and_escapes_are_undone(tmp_path: Path) -> None:
    path = write_sql(tmp_path)
    path.write_text(
        path.read_text().replace("Desa 1", r"Pasi Kuala Ba\'u").replace("Desa 2", "Ba''u")
    )
    polygons, _ = read_polygons(source(path))
    assert polygons["nama"].tolist()[:2] == ["Pasi Kuala Ba'u", "Ba'u"]
