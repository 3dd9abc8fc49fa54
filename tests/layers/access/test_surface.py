"""Friction given or built from what a workspace declares, with every bad input a finding."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import rasterio
import shapely
from pyproj import Geod

from layers.access.gaps.gaps import choose_services
from layers.access.roads.roads import read_barriers
from layers.access.straight.nearest import measure_pairs
from layers.access.terrain.friction import build_friction
from layers.access.terrain.grid import Grid
from layers.access.terrain.joining import join_places
from layers.access.terrain.rasters import Raster
from layers.access.terrain.speeds import read_own_speeds, read_speeds
from layers.access.terrain.surfaces import Surface, read_surface
from layers.access.terrain.travel import measure_travel
from layers.errors import DefinitionError, InputError
from layers.workspace.sections import Workspace
from tests.layers.access.world import make_desa, make_facilities, square

SIDE = 0.005
BBOX = (120.0, -8.0, 120.2, -7.9)


def write_raster(
    path: Path,
    values: np.ndarray,
    *,
    side: float = SIDE,
    west: float = 120.0,
    crs: str | None = "EPSG:4326",
    dtype: str = "float32",
    nodata: float | None = None,
) -> None:
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        height=values.shape[0],
        width=values.shape[1],
        count=1,
        dtype=dtype,
        crs=crs,
        nodata=nodata,
        transform=rasterio.Affine(side, 0, west, 0, -side, -7.9),
    ) as target:
        target.write(values.astype(dtype), 1)


def declare(**sections: object) -> Workspace:
    document: dict[str, Any] = {
        "schema": 1,
        "wilayah": {"id": "x", "name": "X", "scope": ["99.01"], "year": 2025},
        "boundaries": [{"path": "b", "code_system": "kemendagri"}],
    }
    return Workspace.model_validate(document | sections)


def read(
    folder: Path, roads: gpd.GeoDataFrame | None = None, **sections: object
) -> tuple[Surface | None, list[str]]:
    workspace = declare(**sections)
    speeds = read_speeds()
    if workspace.speeds is not None:
        speeds = read_own_speeds(folder / workspace.speeds.path, workspace.speeds.path)
    stops = read_barriers(workspace.barriers, folder, BBOX)
    desa = make_desa(square(0), square(1))
    surface, findings = read_surface(workspace, folder, desa, roads, stops.barriers, speeds)
    return surface, [finding.code for finding in (*stops.findings, *findings)]


def make_roads(*classes: str) -> gpd.GeoDataFrame:
    """Straight from west to east, each a cell farther south."""
    lines = [
        shapely.LineString([(120.0, -7.9025 - SIDE * row), (120.2, -7.9025 - SIDE * row)])
        for row in range(len(classes))
    ]
    frame = {"road_class": list(classes), "oneway": [0] * len(classes)}
    return gpd.GeoDataFrame(frame, geometry=lines, crs="EPSG:4326")


COVER = {"path": "cover.tif", "classes": {"1": "forest", "2": "crop", "3": "water"}}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Forest in the west, fields in the east; a river runs between them; a slope to the east."""
    cover = np.ones((20, 40))
    cover[:, 20:] = 2
    write_raster(tmp_path / "cover.tif", cover, dtype="uint8")
    river = shapely.LineString([(120.1001, -7.9), (120.1001, -8.0)])
    gpd.GeoDataFrame(geometry=[river], crs="EPSG:4326").to_file(tmp_path / "river.gpkg")
    write_raster(tmp_path / "dem.tif", np.tile(np.arange(40) * 30.0, (20, 1)))
    return tmp_path


def test_land_cover_barriers_and_roads_make_friction(folder: Path) -> None:
    surface, codes = read(
        folder,
        make_roads("primary"),
        land_cover=COVER,
        travel={"mode": "walking"},
        barriers=[{"path": "river.gpkg"}],
    )
    assert codes == []
    assert surface is not None
    assert surface.mode == "walking"
    values = surface.friction.values
    assert values[5, 0] == pytest.approx(0.06 / 2)
    assert values[5, 30] == pytest.approx(0.06 / 4)
    assert np.isnan(values[5, 20])
    assert values[0, 20] == pytest.approx(0.06 / 5)


def test_a_bridge_removed_shortens_no_way(folder: Path) -> None:
    facilities = make_facilities((120.195, -7.95), kind="puskesmas")
    services = choose_services(["puskesmas"])
    minutes = []
    for roads in (make_roads("primary"), None):
        surface, _ = read(folder, roads, land_cover=COVER, barriers=[{"path": "river.gpkg"}])
        assert surface is not None
        travel, _ = measure_travel(surface, facilities, services)
        minutes.append(travel["puskesmas"].time.minutes)
    bridged, cut = minutes
    assert np.isfinite(bridged[:, :20]).all()
    assert np.isnan(cut[:, :20]).all()
    assert (cut[:, 21:] >= bridged[:, 21:] - 1e-3).all()


def test_a_ferry_crosses_water_and_its_mode_decides(folder: Path) -> None:
    cover = np.ones((20, 40))
    cover[:, 15:25] = 3
    write_raster(folder / "cover.tif", cover, dtype="uint8")
    crossing = shapely.LineString([(120.07, -7.95), (120.13, -7.95)])
    ferry = gpd.GeoDataFrame(
        {"road_class": ["ferry"], "oneway": [0]}, geometry=[crossing], crs="EPSG:4326"
    )
    facilities = make_facilities((120.19, -7.95), kind="puskesmas")
    services = choose_services(["puskesmas"])
    reached = {}
    for name, roads in (("ferry", ferry), ("none", None)):
        surface, codes = read(folder, roads, land_cover=COVER, travel={"mode": "walking"})
        assert surface is not None
        assert codes == []
        travel, _ = measure_travel(surface, facilities, services)
        reached[name] = int(np.isfinite(travel["puskesmas"].time.minutes).sum())
    assert reached == {"ferry": 20 * 30, "none": 20 * 15}
    far = ferry.set_geometry([shapely.LineString([(120.07, -7.95), (121.5, -7.95)])])
    _, codes = read(folder, far.set_crs("EPSG:4326", allow_override=True), land_cover=COVER)
    assert codes == ["access.ferry_not_used"]
    boat, _ = read(folder, None, land_cover=COVER, travel={"mode": "boat"})
    assert boat is not None
    assert boat.friction.values[0, 20] == pytest.approx(0.06 / 12)


def test_own_speeds_replace_only_what_they_say(folder: Path) -> None:
    (folder / "speeds.toml").write_text("[modes.walking.land]\nforest = 1\n")
    surface, _ = read(
        folder, land_cover=COVER, travel={"mode": "walking"}, speeds={"path": "speeds.toml"}
    )
    assert surface is not None
    assert surface.friction.values[0, 0] == pytest.approx(0.06)
    assert surface.friction.values[0, 30] == pytest.approx(0.06 / 4)
    (folder / "speeds.toml").write_text("[modes.walking.land]\nforest = -1\n")
    with pytest.raises(DefinitionError, match=r"modes\.walking\.land\.forest"):
        read(folder, land_cover=COVER, speeds={"path": "speeds.toml"})
    endless = [
        ("snap_limit_m = inf", "snap_limit_m"),
        ("[modes.boat]\naccess_kmh = inf", r"modes\.boat\.access_kmh"),
    ]
    for text, where in endless:
        (folder / "speeds.toml").write_text(text)
        with pytest.raises(DefinitionError, match=where):
            read(folder, land_cover=COVER, speeds={"path": "speeds.toml"})
    with pytest.raises(InputError, match="Known: walking, motorbike"):
        read(folder, land_cover=COVER, travel={"mode": "sepeda"})


def test_uphill_is_slower_for_who_walks(folder: Path) -> None:
    elevation = {"elevation": {"path": "dem.tif"}}
    facilities = make_facilities((120.1975, -7.95), kind="puskesmas")
    services = choose_services(["puskesmas"])
    minutes = {}
    for name, sections in (
        ("flat", {}),
        ("up", elevation),
        ("rider", elevation | {"travel": {"mode": "motorbike"}}),
    ):
        asked = {"land_cover": COVER, "travel": {"mode": "walking"}} | sections
        surface, codes = read(folder, **asked)
        assert surface is not None
        assert codes == (["access.elevation_not_used"] if name == "rider" else [])
        travel, _ = measure_travel(surface, facilities, services)
        minutes[name] = float(travel["puskesmas"].time.minutes[10, 0])
    assert minutes["up"] > 1.1 * minutes["flat"]
    assert minutes["rider"] == pytest.approx(minutes["flat"])


@pytest.mark.parametrize(
    ("raster", "code", "is_used"),
    [
        ({"crs": None}, "raster.no_crs", False),
        ({"west": 10.0}, "raster.no_overlap", False),
        ({"fill": -9999.0}, "raster.undeclared_nodata", True),
        ({"fill": -3.4e38}, "raster.undeclared_nodata", True),
        ({"fill": 9999.0}, "raster.undeclared_nodata", True),
        ({"fill": 3.0}, "raster.other_unit", False),
        ({"fill": 0.0001}, "raster.other_unit", False),
        ({"fill": 0.2}, "raster.implausible", True),
        ({"fill": np.nan}, "raster.empty", True),
    ],
)
def test_a_bad_friction_is_a_finding(
    tmp_path: Path, raster: dict[str, Any], code: str, is_used: bool
) -> None:
    values = np.full((20, 40), raster.pop("fill", 0.02))
    values[0, 0] = values[1, 1] if code in ("raster.implausible", "raster.other_unit") else 0.02
    if code == "raster.empty":
        values[:] = np.nan
    write_raster(tmp_path / "f.tif", values, **raster)
    surface, codes = read(tmp_path, friction={"path": "f.tif"})
    assert codes == [code]
    assert (surface is not None) == is_used


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"side": 2 * SIDE, "shape": (10, 20)}, ["raster.other_resolution"]),
        ({"west": 30.0}, ["raster.no_overlap"]),
        ({"crs": None}, ["raster.no_crs"]),
        ({"shape": (20, 20)}, ["raster.other_resolution", "raster.partly_covered"]),
        ({"hole": -9999}, ["raster.undeclared_nodata", "raster.partly_covered"]),
        ({"hole": 32767}, ["raster.undeclared_nodata", "raster.partly_covered"]),
    ],
)
def test_a_bad_elevation_is_a_finding(
    folder: Path, change: dict[str, Any], expected: list[str]
) -> None:
    values = np.full(change.pop("shape", (20, 40)), 700.0)
    values[5:8, 5:8] = change.pop("hole", 700.0)
    write_raster(folder / "dem.tif", values, **change)
    surface, codes = read(
        folder, land_cover=COVER, travel={"mode": "walking"}, elevation={"path": "dem.tif"}
    )
    assert codes == expected
    assert surface is not None
    if surface.height is not None:
        # Beyond the edge the ground goes on: 0 would be a cliff of 700 m.
        assert (surface.height == 700).all()


def test_bad_barriers_and_codes_are_findings(folder: Path) -> None:
    shapes = [shapely.Point(120.1, -7.95), shapely.LineString([(10, 10), (11, 10)])]
    gpd.GeoDataFrame(geometry=shapes, crs="EPSG:4326").to_file(folder / "river.gpkg")
    classes = {"1": "forest", "2": "sawah"}
    _, codes = read(
        folder, land_cover=COVER | {"classes": classes}, barriers=[{"path": "river.gpkg"}]
    )
    assert codes == ["access.barrier_unusable", "access.barrier_elsewhere", "raster.unknown_class"]
    write_raster(folder / "cover.tif", np.arange(800).reshape(20, 40), dtype="uint16")
    _, codes = read(folder, land_cover=COVER)
    assert codes == ["raster.unknown_class"] * 21


@pytest.mark.parametrize(
    ("values", "classes", "expected"),
    [
        ([1, 1, 2], {"1": "forest", "2": "crop", "90": "water"}, None),
        ([1, 1, 3], {"1": "forest", "2": "crop"}, "'2' never"),
        ([1, 1, 10], {"1": "forest", "010": "crop"}, "'010' never"),
    ],
)
def test_declared_codes_that_never_occur_are_told_beside_codes_without_class(
    values: list[int], classes: dict[str, str], expected: str | None
) -> None:
    grid = Grid(120.0, -7.0, 0.001, 0.001, 1, 3)
    cover = Raster(np.array([values], dtype=float), grid, "EPSG:4326")
    _, findings = build_friction(cover, classes, read_speeds().modes["walking"])
    told = [one.message for one in findings if one.code == "input.word_unused"]
    assert len(told) == (expected is not None)
    if expected is not None:
        assert expected in told[0]
        assert f"'1' (2 cells), '{values[-1]}' (1 cells)" in told[0]


def test_friction_is_given_or_built_not_both(folder: Path) -> None:
    with pytest.raises(InputError, match=r"either \[friction\] or \[land_cover\]"):
        read(folder, friction={"path": "cover.tif"}, land_cover=COVER)


def test_only_what_is_near_the_loaded_area_is_read(tmp_path: Path) -> None:
    write_raster(tmp_path / "f.tif", np.full((400, 800), 0.02), west=118.0)
    surface, codes = read(tmp_path, friction={"path": "f.tif"})
    assert codes == []
    assert surface is not None
    west, south, east, north = surface.friction.find_bbox()
    assert west == pytest.approx(119.75, abs=SIDE)
    assert (east, north) == pytest.approx((120.45, -7.9), abs=SIDE)
    assert south == pytest.approx(-8.25, abs=SIDE)


def test_a_place_on_an_impassable_cell_walks_to_the_nearest_passable_one() -> None:
    friction = np.full((20, 40), 0.02, np.float32)
    friction[:, 10:] = np.nan
    surface = Surface(
        Raster(friction, Grid(120.0, -7.9, SIDE, SIDE, 20, 40), "EPSG:4326"), None, None, "walking"
    )
    places = np.array([[120.0475, -7.9525], [120.0525, -7.9525], [120.1, -7.95], [119.0, -7.95]])
    joined = join_places(surface, places)
    assert joined.column.tolist() == [9, 9, -1, -1]
    assert joined.is_off.tolist() == [False, False, False, True]
    metres = Geod(ellps="WGS84").inv(120.0525, -7.9525, 120.0475, -7.9525)[2]
    assert joined.leg_min.tolist() == pytest.approx([0, metres / (4000 / 60), 0, 0])
    minutes = Raster(np.full((20, 40), 7.0), surface.friction.grid, "EPSG:4326")
    assert np.isnan(joined.take_minutes(minutes)).tolist() == [False, False, True, True]


@pytest.mark.parametrize("seed", range(5))
def test_the_cell_joined_is_the_nearest_of_all(seed: int) -> None:
    generator = np.random.default_rng(seed)
    friction = np.where(generator.random((20, 40)) < 0.2, 0.02, np.nan).astype(np.float32)
    grid = Grid(120.0, -7.9, SIDE, SIDE, 20, 40)
    surface = Surface(Raster(friction, grid, "EPSG:4326"), None, None, "walking", snap_limit_m=1e6)
    places = generator.uniform([120.0, -8.0], [120.2, -7.9], (60, 2))
    joined = join_places(surface, places)
    row, column = np.nonzero(np.isfinite(friction))
    centres = grid.find_centres(row, column)
    own = surface.is_passable[grid.find_cells(places[:, 0], places[:, 1])]
    for at in np.flatnonzero(~own):
        metres = measure_pairs(np.repeat(places[at : at + 1], len(row), axis=0), centres)
        assert joined.leg_min[at] == pytest.approx(metres.min() / (4000 / 60))
    assert (joined.leg_min[own] == 0).all()


@pytest.mark.parametrize(("low", "expected"), [(0.0, ["raster.cliffs"]), (650.0, [])])
def test_steps_that_no_landscape_has_are_said(
    folder: Path, low: float, expected: list[str]
) -> None:
    values = np.tile(np.linspace(700, 900, 40), (20, 1))
    values[:, :15] = low
    # Cells are hundreds of metres wide: what is no wall between them is a hill.
    values[:, 15:] *= 10 if low == 0 else 1
    write_raster(folder / "dem.tif", values)
    _, codes = read(
        folder, land_cover=COVER, travel={"mode": "walking"}, elevation={"path": "dem.tif"}
    )
    assert codes == expected


@pytest.mark.parametrize(("cells", "expected"), [(1, []), (20, ["raster.coarse"])])
def test_cells_wider_than_desa_are_said(tmp_path: Path, cells: int, expected: list[str]) -> None:
    write_raster(tmp_path / "f.tif", np.full((20, 40), 0.02), side=cells * SIDE)
    _, codes = read(tmp_path, friction={"path": "f.tif"})
    assert codes == expected
