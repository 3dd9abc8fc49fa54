"""The land is a coverage with the shapes that give map software trouble."""

from __future__ import annotations

import shapely

from layers.sample.boundary_files import CROSSED
from layers.sample.spoil import cross_outline, redraw_border, repeat_corners
from layers.sample.world.sample_land import ENCLAVE, make_land
from layers.sample.world.sample_records import make_units, unit_by_kode


def test_desa_share_every_vertex_of_their_borders() -> None:
    polygons = [unit.geometry for unit in make_units()]
    assert shapely.coverage_is_valid(polygons)
    assert all(polygon.is_valid for polygon in polygons)


def test_vertex_counts_are_those_of_real_desa() -> None:
    counts = sorted(shapely.get_num_coordinates(unit.geometry) for unit in make_units())
    assert counts[1] > 150
    assert counts[-1] < 600


def test_lake_lies_between_desa_and_belongs_to_none() -> None:
    land = make_land()
    whole = shapely.union_all(list(land.desa.values()))
    assert not whole.intersects(land.lake.representative_point())
    assert sum(len(part.interiors) for part in shapely.get_parts(whole)) == 1


def test_enclave_fills_a_hole_of_its_host() -> None:
    land = make_land()
    enclave = land.desa[ENCLAVE[0]]
    hosts = [shape for shape in land.desa.values() if shape.touches(enclave)]
    assert len(hosts) == 1
    assert shapely.Polygon(hosts[0].geoms[0].exterior).contains(enclave)


def test_land_has_two_islands_and_a_desa_of_three_parts() -> None:
    whole = shapely.union_all([unit.geometry for unit in make_units()])
    assert shapely.get_num_geometries(whole) == 5
    assert len(unit_by_kode()["99.01.01.2003"].geometry.geoms) == 3


def test_land_is_far_from_every_shore_it_could_be_mistaken_for() -> None:
    west, south, east, north = shapely.total_bounds([unit.geometry for unit in make_units()])
    assert shapely.box(125.4, -5.9, 126.1, -5.5).contains(shapely.box(west, south, east, north))


def test_crossed_outline_is_invalid_and_moves_little_land() -> None:
    shape = unit_by_kode()[CROSSED].geometry
    damaged = cross_outline(shape)
    assert not damaged.is_valid
    assert shapely.make_valid(damaged).symmetric_difference(shape).area < 1e-3 * shape.area


def test_repeated_corners_leave_the_shape_as_it_is() -> None:
    shape = unit_by_kode()[CROSSED].geometry
    assert repeat_corners(shape).equals(shape)


def test_redrawn_border_overlaps_and_leaves_slivers() -> None:
    one, two = (unit_by_kode()[kode].geometry for kode in ("99.01.02.2002", "99.01.01.2013"))
    redrawn = redraw_border(one, [two])
    assert redrawn.is_valid
    assert 0 < redrawn.intersection(two).area < 1e-3 * two.area
    assert redrawn.union(two).area < one.union(two).area


def test_names_hold_the_characters_that_break_files() -> None:
    names = "".join(unit.nama for unit in make_units())
    assert all(character in names for character in "'/(),é15.")


def test_two_units_of_one_kecamatan_share_their_name() -> None:
    twins = [unit for unit in make_units() if unit.nama == "Watulewo"]
    assert {unit.jenis for unit in twins} == {"desa", "kelurahan"}
    assert len({unit.kode_kecamatan for unit in twins}) == 1
