"""Every format gives the same polygons, in the declared reference and code system."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import shapely

from boundaries.codes import CodeSystem
from boundaries.errors import InputUndeclaredError
from boundaries.polygons import PolygonSource, read_polygons
from tests.boundaries.drawing import codes_of, frame, one, source, square
from tests.boundaries.formats import (
    FORMATS,
    WORLD,
    write_filegdb,
    write_gpx,
    write_kml,
    zip_shapefile,
)


@pytest.mark.parametrize("write", [*FORMATS, write_filegdb])
def test_every_format_gives_the_same_polygons(
    write: Callable[[Path], Path], tmp_path: Path
) -> None:
    polygons, _ = read_polygons(source(write(tmp_path)))
    polygons = polygons.sort_values("kode")
    assert polygons["kode"].tolist() == WORLD["kode"].tolist()
    assert polygons["nama"].tolist() == WORLD["nama"].tolist()
    assert polygons.crs.to_epsg() == 4326
    for ours, drawn in zip(polygons.geometry, WORLD.geometry, strict=True):
        assert shapely.hausdorff_distance(ours, drawn) < 1e-6
    assert sorted(polygons["source_row"]) == [1, 2, 3]


@pytest.mark.parametrize("write", [*FORMATS, write_filegdb])
def test_reading_leaves_nothing_beside_the_file(
    write: Callable[[Path], Path], tmp_path: Path
) -> None:
    path = write(tmp_path)
    before = sorted(tmp_path.rglob("*"))
    read_polygons(source(path))
    assert sorted(tmp_path.rglob("*")) == before


def test_heights_are_dropped_and_reported(tmp_path: Path) -> None:
    polygons, findings = read_polygons(source(write_kml(tmp_path)))
    assert not polygons.geometry.has_z.any()
    assert one(findings, "boundary.three_dimensional").measure == 3


def test_a_shapefile_without_prj_is_read_under_a_declared_crs(tmp_path: Path) -> None:
    polygons, _ = read_polygons(
        source(zip_shapefile(tmp_path, without=(".prj",), epsg=32751), crs="EPSG:32751")
    )
    assert polygons.geometry.iloc[0].bounds[0] == pytest.approx(124.0)


def test_a_declared_crs_overrules_the_file_and_says_so(tmp_path: Path) -> None:
    WORLD.to_crs(32751).set_crs(32750, allow_override=True).to_parquet(tmp_path / "a.parquet")
    polygons, findings = read_polygons(source(tmp_path / "a.parquet", crs="EPSG:32751"))
    assert polygons.geometry.iloc[0].bounds[0] == pytest.approx(124.0)
    assert one(findings, "boundary.crs_overruled").severity == "warning"


@pytest.mark.parametrize("epsg", [32651, 32751, 3857, 23831])
def test_degrees_under_a_crs_in_metres_are_refused(epsg: int, tmp_path: Path) -> None:
    """In UTM north, degrees would lie on the equator, inside of Indonesia, and vanish there."""
    lying = WORLD.set_crs(epsg, allow_override=True)
    lying.to_file(tmp_path / "desa.shp")
    with pytest.raises(InputUndeclaredError, match=r"coordinates x 124 .* are degrees"):
        read_polygons(source(tmp_path / "desa.shp"))
    polygons, findings = read_polygons(source(tmp_path / "desa.shp", crs="EPSG:4326"))
    assert one(findings, "boundary.crs_overruled").file == "desa.shp"
    assert polygons.geometry.iloc[0].equals(WORLD.geometry.iloc[0])


def test_metres_under_a_crs_in_degrees_are_refused(tmp_path: Path) -> None:
    WORLD.to_crs(32751).set_crs(4326, allow_override=True).to_file(tmp_path / "desa.shp")
    with pytest.raises(InputUndeclaredError, match="metres of a projection"):
        read_polygons(source(tmp_path / "desa.shp"))


def test_coordinates_written_lat_lon_are_turned_round_and_reported(tmp_path: Path) -> None:
    turned = WORLD.set_geometry(shapely.transform(WORLD.geometry.values, lambda xy: xy[:, ::-1]))
    turned.to_parquet(tmp_path / "a.parquet")
    polygons, findings = read_polygons(source(tmp_path / "a.parquet"))
    assert polygons.geometry.iloc[0].equals(WORLD.geometry.iloc[0])
    assert one(findings, "boundary.axis_swapped").measure == 3


def test_one_row_outside_of_indonesia_loses_its_polygon_only(tmp_path: Path) -> None:
    table = frame([square(0, 0), shapely.box(0, 50, 1, 51)])
    table.to_parquet(tmp_path / "a.parquet")
    polygons, findings = read_polygons(source(tmp_path / "a.parquet"))
    assert polygons.geometry.isna().tolist() == [False, True]
    assert one(findings, "boundary.outside_indonesia").row == 2


def test_only_rows_that_where_lets_pass_are_read_and_they_keep_their_numbers(
    tmp_path: Path,
) -> None:
    table = frame([square(0, 0), square(1, 0), square(2, 0)], tipe=["garis", "desa", "desa"])
    table.to_parquet(tmp_path / "a.parquet")
    polygons, _ = read_polygons(source(tmp_path / "a.parquet", where={"tipe": "desa"}))
    assert polygons["source_row"].tolist() == [2, 3]


@pytest.mark.parametrize(
    ("where", "message"),
    [
        ({"tipe": "Desa "}, r"'Desa ' never occurs in column 'tipe', which has 'desa' \(2 rows\)"),
        ({"tipe": "dessa"}, r"Did you mean 'desa'\?"),
        ({"tahun": "2023"}, r"has '2024' \(2 rows\)\."),
        ({"tipe": "garis", "tahun": "2024"}, "no row has tipe = 'garis' and .* together"),
        ({"tpe": "desa"}, r"no column 'tpe'.* Did you mean 'tipe'\?"),
    ],
)
def test_a_condition_that_no_row_meets_lists_what_occurs(
    tmp_path: Path, where: dict[str, str], message: str
) -> None:
    table = frame(
        [square(0, 0), square(1, 0), square(2, 0)],
        tipe=["garis", "desa", "desa"],
        tahun=[None, 2024, 2024],
    )
    table.to_parquet(tmp_path / "a.parquet")
    with pytest.raises(InputUndeclaredError, match=message):
        read_polygons(source(tmp_path / "a.parquet", where=where))
    met = source(tmp_path / "a.parquet", where={"tahun": "2024"})
    assert read_polygons(met)[0]["source_row"].tolist() == [2, 3]


def test_a_big_file_is_read_in_the_declared_system_though_it_carries_both(tmp_path: Path) -> None:
    table = frame(
        [square(0, 0)],
        KDPPUM=["99"],
        KDPKAB=["99.01"],
        KDCPUM=["99.01.01"],
        KDEPUM=["99.01.01.2001"],
        KDPBPS=["98"],
        KDBBPS=["02"],
        KDCBPS=["010"],
        KDEBPS=["003"],
        NAMOBJ=["Oesao"],
        WADMKC=["Kupang Timur"],
    ).drop(columns=["kode", "nama"])
    table.to_parquet(tmp_path / "a.parquet")
    declared = source(tmp_path / "a.parquet", code_column=None, name_column=None)
    polygons, _ = read_polygons(declared)
    assert polygons["kode"].tolist() == ["99.01.01.2001"]
    assert polygons[["nama", "nama_kecamatan"]].iloc[0].tolist() == ["Oesao", "Kupang Timur"]
    bps = source(
        tmp_path / "a.parquet", code_column=None, name_column=None, code_system=CodeSystem.BPS
    )
    assert read_polygons(bps)[0]["kode"].tolist() == ["9802010003"]


def test_a_walk_round_a_desa_becomes_its_polygon(tmp_path: Path) -> None:
    declared = source(write_gpx(tmp_path, 0.0001), code_column="name", name_column=None)
    polygons, findings = read_polygons(declared)
    assert polygons.geometry.iloc[0].area == pytest.approx(1e-4, rel=0.02)
    assert "boundary.line_closed" in codes_of(findings, "note")


def test_a_walk_that_does_not_end_where_it_began_is_no_polygon(tmp_path: Path) -> None:
    declared = source(write_gpx(tmp_path, 0.008), code_column="name", name_column=None)
    polygons, findings = read_polygons(declared)
    assert polygons.geometry.iloc[0] is None
    assert one(findings, "boundary.line_open").row == 1


def test_a_code_system_given_as_text_is_that_system_and_no_other(tmp_path: Path) -> None:
    declared = {"path": tmp_path / "a.gpkg", "label": "a.gpkg", "code_system": "kemendagri"}
    assert PolygonSource.model_validate(declared).code_system is CodeSystem.KEMENDAGRI
    with pytest.raises(ValueError, match="dukcapil"):
        PolygonSource.model_validate(declared | {"code_system": "dukcapil"})
