"""Findings of files and coverages that no other test draws."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from boundaries.codes import CodeSystem
from boundaries.codes.crosswalk import read_bridge
from boundaries.codes.lists import read_name_list
from boundaries.history.history_file import read_history
from boundaries.polygons import read_polygons
from tests.boundaries.drawing import (
    build,
    codes_of,
    frame,
    kode,
    one,
    reference_of,
    source,
    square,
    write_json,
)


def test_a_desa_without_name_and_a_parent_with_two_are_told(tmp_path: Path) -> None:
    shapes = [square(0, 0), square(1, 0), square(2, 0)]
    table = frame(shapes, nama=["A", None, "C"], kec=["Titehena", "Titehena", "Titehana"])
    declared = {"kecamatan_name_column": "kec"}
    result = build(tmp_path, table, declared=declared)
    assert one(result.report.findings, "boundary.name_missing").kode == kode(2)
    assert "Titehana" in one(result.report.findings, "boundary.parent_names").message
    assert set(result.level("desa")["nama_kecamatan"]) == {"Titehena"}


def test_slivers_small_overlaps_and_kept_holes_are_counted(tmp_path: Path) -> None:
    thin = 0.0005
    ring = shapely.box(124.0, -8.9, 124.03, -8.87) - shapely.box(124.01, -8.89, 124.02, -8.88)
    shapes = [
        square(0, 0),
        square(1 + thin, 0),
        square(0, 1, 1, 1),
        square(1 + thin, 1),
        shapely.box(124.01 - 1e-6, -8.98, 124.02, -8.97),
        shapely.box(124.0, -8.98, 124.01, -8.97),
        ring,
    ]
    found = build(tmp_path, frame(shapes)).report.findings
    assert "boundary.overlap_small" in codes_of(found, "note")
    assert one(found, "boundary.hole_kept").unit == "ha"


def test_a_sliver_inside_a_coverage_is_counted_with_its_width(tmp_path: Path) -> None:
    gap = shapely.box(124.0099, -8.996, 124.0101, -8.994)
    shapes = [square(0, 0) - gap, square(1, 0) - gap]
    finding = one(build(tmp_path, frame(shapes)).report.findings, "boundary.sliver")
    assert finding.measure == 1


def test_points_and_collections_are_no_polygons(tmp_path: Path) -> None:
    shapes = [
        shapely.Point(124.0, -9.0),
        shapely.GeometryCollection([square(0, 0), shapely.Point(1, 1)]),
    ]
    features = [
        {
            "type": "Feature",
            "properties": {"kode": kode(at + 1), "nama": "A"},
            "geometry": shapely.geometry.mapping(shape),
        }
        for at, shape in enumerate(shapes)
    ]
    path = write_json(tmp_path / "a.geojson", {"type": "FeatureCollection", "features": features})
    polygons, findings = read_polygons(source(path))
    assert [found.row for found in findings if found.code == "boundary.not_polygon"] == [1, 2]
    assert polygons.geometry.notna().tolist() == [False, True]


def test_what_a_file_does_not_say_and_was_taken_is_noted(tmp_path: Path) -> None:
    table = pd.DataFrame({"kode": [kode(1)], "nama": ["A"], "geom": [square(0, 0).wkb]})
    table.to_parquet(tmp_path / "a.parquet")
    _, findings = read_polygons(source(tmp_path / "a.parquet"))
    assert {"boundary.format_assumed", "boundary.crs_assumed"} <= set(codes_of(findings, "note"))


def test_assigned_codes_say_how_sure_they_are(tmp_path: Path) -> None:
    frame([square(0, 0)]).to_parquet(tmp_path / "rujukan.parquet")
    lender = reference_of(tmp_path / "rujukan.parquet")
    drawn = gpd.GeoDataFrame({"nama": ["A"]}, geometry=[square(0, 0)], crs=4326)
    result = build(tmp_path, drawn, declared={"codes_from": lender, "code_column": None})
    assert (
        "the least overlap is 100.0 %" in one(result.report.findings, "boundary.code_lent").message
    )


def test_lists_say_which_rows_repeat_and_which_have_no_name(tmp_path: Path) -> None:
    path = tmp_path / "kode.csv"
    path.write_text("kode,nama\n99.01.01.2001,A\n99.01.01.2001,A\n99.01.01.2002,\n")
    _, findings, load = read_name_list(
        path, path.name, code_column="kode", name_column="nama", system=CodeSystem.KEMENDAGRI
    )
    assert {"codes.listed_twice", "codes.name_missing"} <= set(codes_of(findings))
    assert load.rows_read == load.matched + load.unmatched + load.duplicates


def test_a_bridge_never_pairs_codes_of_two_levels(tmp_path: Path) -> None:
    path = tmp_path / "bridge.csv"
    path.write_text("bps,kmd\n9901010,990101\n9901010001,990101\n")
    bridge, findings, _ = read_bridge(
        path, path.name, bps_column="bps", kemendagri_column="kmd", date="2024"
    )
    assert one(findings, "crosswalk.level_differs").row == 3
    assert bridge.targets == {"9901010": "990101"}


@pytest.mark.parametrize("kind", ["recode", "rename"])
def test_a_recode_to_several_is_used_as_the_split_it_is(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "riwayat.csv"
    path.write_text(
        f"lama,baru,jenis,tgl\n{kode(1)},{kode(2)},{kind},2020\n{kode(1)},{kode(3)},{kind},2020\n"
    )
    history, findings, _ = read_history(
        path,
        path.name,
        old_column="lama",
        new_column="baru",
        kind_column="jenis",
        date_column="tgl",
    )
    assert one(findings, "versions.several_successors").kode == kode(1)
    assert {change.kind for change in history.changes} == {"split"}
