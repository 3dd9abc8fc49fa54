"""Every method side by side on one small world: statuses, reasons, people, and no silent zero."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import rasterio
import shapely

from layers.access.gaps.gaps import choose_services
from layers.access.measure import AccessResult, measure_access
from layers.access.planning.whatif import compare
from layers.access.release_files import list_access_files
from layers.access.straight.unknown_places import UnknownPlace
from layers.access.terrain.friction import build_friction, find_ferries
from layers.access.terrain.grid import Grid
from layers.access.terrain.rasters import Raster
from layers.access.terrain.speeds import read_speeds
from layers.facilities.read import make_fids
from layers.release.scenario_file import find_origin, read_scenario, write_scenarios
from layers.workspace.sections import Workspace
from tests.layers.access.world import make_desa, make_facilities, square


def write_raster(path: Path, values: np.ndarray, side: float) -> None:
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        height=values.shape[0],
        width=values.shape[1],
        count=1,
        dtype="float32",
        crs="EPSG:4326",
        transform=rasterio.Affine(side, 0, 120, 0, -side, -7.9),
    ) as target:
        target.write(values.astype(np.float32), 1)


@pytest.fixture
def access(tmp_path: Path) -> AccessResult:
    return _measure(tmp_path)


def _measure(tmp_path: Path, unknown: Sequence[UnknownPlace] = ()) -> AccessResult:
    """Three desa on a road, the third on an island; nobody lives in the second."""
    desa = make_desa(square(0), square(1), square(4))
    people = np.zeros((10, 50))
    people[:, :10] = 3.0
    people[:, 40:] = 2.0
    write_raster(tmp_path / "people.tif", people, 0.01)
    friction = np.full((20, 100), np.nan)
    friction[:, :40] = 0.015
    friction[:, 80:] = 0.015
    write_raster(tmp_path / "friction.tif", friction, 0.005)
    write_raster(tmp_path / "height.tif", np.zeros((10, 50)), 0.01)
    road = shapely.LineString([(120.0, -7.95), (120.2, -7.95)])
    roads = gpd.GeoDataFrame({"kelas": ["primary"]}, geometry=[road], crs="EPSG:4326")
    roads.to_file(tmp_path / "roads.gpkg", engine="pyogrio")
    workspace = Workspace.model_validate(
        {
            "schema": 1,
            "wilayah": {"id": "x", "name": "X", "scope": ["99.01"], "year": 2025},
            "boundaries": [{"path": "b", "code_system": "kemendagri"}],
            "population": {"path": "people.tif", "year": 2025},
            "friction": {"path": "friction.tif", "height_path": "height.tif"},
            "roads": [{"path": "roads.gpkg", "class_column": "kelas"}],
        }
    )
    facilities = make_facilities((120.05, -7.95), kind="puskesmas")
    services = choose_services(["puskesmas", "sd"])
    return measure_access(workspace, tmp_path, desa, facilities, services, unknown=unknown)


def test_each_method_says_what_it_knows(access: AccessResult) -> None:
    long = access.gaps.long
    rows = long[long["service"] == "puskesmas"]
    status = {method: part["status"].tolist() for method, part in rows.groupby("method")}
    assert status == {
        "straight_line": ["ok", "no_population", "gap"],
        "network": ["ok", "no_population", "unreachable"],
        "raster": ["ok", "no_population", "unreachable"],
    }
    reasons = rows.loc[rows["status"] == "unreachable", "reason"].tolist()
    assert sorted(reasons) == ["beyond_snap_limit", "not_connected"]
    unreached = rows[rows["status"] == "unreachable"]
    assert unreached["travel_time_min"].isna().all()


def test_a_kind_without_facilities_is_no_data_in_every_method(access: AccessResult) -> None:
    long = access.gaps.long
    assert set(long.loc[long["service"] == "sd", "status"]) == {"no_data"}


FAR = ["people_beyond_norm", "people_unreached", "people_off_grid", "people_mean"]


def test_without_facilities_nobody_knows_who_lives_too_far(access: AccessResult) -> None:
    long = access.gaps.long
    rows = long[(long["service"] == "sd") & (long["method"] != "network")]
    assert rows["people"].tolist() == pytest.approx([300, 300, 0, 0, 200, 200])
    assert rows[FAR].isna().all(axis=None)


@pytest.mark.parametrize("method", ["raster", "network"])
def test_the_people_of_every_row_add_up(access: AccessResult, method: str) -> None:
    long = access.gaps.long
    rows = long[(long["service"] == "puskesmas") & (long["method"] == method)]
    bands = [name for name in long.columns if name.startswith("people_band_")]
    parts = rows[[*bands, "people_unreached", "people_off_grid"]].sum(axis=1)
    assert rows["people"].tolist() == pytest.approx([300, 0, 200])
    assert parts.tolist() == pytest.approx([300, 0, 200])
    # The road runs through the middle: the cells at the border of a desa are 5 km from it.
    unreached = {"raster": [0, 0, 200], "network": [180, 0, 200]}[method]
    assert rows["people_unreached"].tolist() == pytest.approx(unreached)
    assert (rows["people_off_grid"] == 0).all()


def test_a_time_that_no_norm_is_held_against_is_no_gap_and_not_ok(tmp_path: Path) -> None:
    write_raster(tmp_path / "friction.tif", np.full((20, 40), 0.015), 0.005)
    workspace = Workspace.model_validate(
        {
            "schema": 1,
            "wilayah": {"id": "x", "name": "X", "scope": ["99.01"], "year": 2025},
            "boundaries": [{"path": "b", "code_system": "kemendagri"}],
            "friction": {"path": "friction.tif"},
        }
    )
    desa, facilities = make_desa(square(0), square(1)), make_facilities((120.05, -7.95))
    access = measure_access(workspace, tmp_path, desa, facilities, choose_services(["sd"]))
    rows = access.gaps.long[access.gaps.long["method"] == "raster"]
    assert rows["travel_time_min"].notna().all()
    assert (set(rows["status"]), set(rows["reason"])) == ({"no_data"}, {"no_norm"})
    assert rows[["gap_min", "norm_min", "norm_source", "severity"]].isna().all(axis=None)
    assert set(access.gaps.wide["waktu_sd_min_status"]) == {"ok"}


def test_the_straight_line_is_never_longer_than_the_road(access: AccessResult) -> None:
    long = access.gaps.long[access.gaps.long["service"] == "puskesmas"]
    wide = long.pivot(index="kode", columns="method", values="distance_m")
    both = wide.dropna(subset=["network", "straight_line"])
    assert (both["network"] >= both["straight_line"] - 0.01).all()


def test_what_if_starts_from_the_published_distances(access: AccessResult) -> None:
    long = access.gaps.long
    rows = long[(long["service"] == "puskesmas") & (long["method"] == "straight_line")]
    scenario = access.scenarios["puskesmas"]
    published = rows.set_index("kode")["distance_m"].reindex(scenario.kode).to_numpy(float)
    assert np.allclose(scenario.desa_distance_m, published, atol=0.1, equal_nan=True)
    assert (rows["norm_m"] == float(scenario.norm_m)).all()


def test_what_if_has_its_arrays_and_the_map_its_raster(access: AccessResult) -> None:
    assert set(access.scenarios) == {"puskesmas", "sd"}
    assert np.isnan(access.scenarios["sd"].distance_m).all()
    assert set(access.travel) == {"puskesmas"}
    minutes = access.travel["puskesmas"].minutes.values
    assert np.isfinite(minutes).sum() == 20 * 40
    assert {"raster.other_resolution"} <= {finding.code for finding in access.gaps.findings}


def test_a_release_says_of_each_cell_how_long_and_to_which_facility(
    access: AccessResult, tmp_path: Path
) -> None:
    facilities = make_facilities((120.05, -7.95), kind="puskesmas")
    files = list_access_files(access, facilities)
    assert set(files) == {
        "access/travel_time_puskesmas.tif",
        "access/nearest_facility_puskesmas.tif",
        "access/what_if.npz",
    }
    for name, unit in (("travel_time", "min"), ("nearest_facility", "")):
        files[f"access/{name}_puskesmas.tif"](tmp_path / f"{name}.tif")
        with rasterio.open(tmp_path / f"{name}.tif") as raster:
            assert raster.tags(ns="IMAGE_STRUCTURE")["LAYOUT"] == "COG"
            assert (raster.units[0] or "") == unit
            assert "puskesmas" in raster.descriptions[0]
            values = raster.read(1)
        assert (np.isfinite(values) == np.isfinite(access.travel["puskesmas"].minutes.values)).all()
    (fid,) = make_fids(["f0"])
    assert set(values[np.isfinite(values)]) == {fid}


def test_people_are_rescaled_to_the_official_number(tmp_path: Path) -> None:
    write_raster(tmp_path / "people.tif", np.full((10, 20), 2.0), 0.01)
    desa = make_desa(square(0), square(1))
    workspace = Workspace.model_validate(
        {
            "schema": 1,
            "wilayah": {"id": "x", "name": "X", "scope": ["99.01"], "year": 2025},
            "boundaries": [{"path": "b", "code_system": "kemendagri"}],
            "population": {"path": "people.tif", "year": 2025},
        }
    )
    official = pd.Series({"99.01.01.2001": 1000.0})
    facilities = make_facilities((120.05, -7.95))
    access = measure_access(
        workspace, tmp_path, desa, facilities, choose_services(["sd"]), official=official
    )
    assert access.gaps.long["people"].tolist() == pytest.approx([1000, 200])


def test_friction_from_land_cover_roads_and_rivers() -> None:
    cover = np.ones((5, 9))
    cover[:, 8] = 77
    raster = Raster(cover, Grid(120.0, -7.0, 0.001, 0.001, 5, 9), "EPSG:4326")
    mode = read_speeds().modes["walking"]
    course = shapely.LineString([(120.0045, -7.0), (120.0045, -7.005)])
    river = gpd.GeoDataFrame(geometry=[course], crs="EPSG:4326")
    roads = gpd.GeoDataFrame(
        {"road_class": ["primary", "ferry"]},
        geometry=[
            shapely.LineString([(120.0, -7.0025), (120.0075, -7.0025)]),
            shapely.LineString([(120.0, -7.0005), (120.0075, -7.0005)]),
        ],
        crs="EPSG:4326",
    )
    friction, findings = build_friction(raster, {"1": "forest"}, mode, roads, river)
    assert friction.values[0, 0] == pytest.approx(0.06 / 2)
    assert np.isnan(friction.values[0, 4])
    assert friction.values[2, 4] == pytest.approx(0.06 / 5)
    assert [finding.code for finding in findings] == ["raster.unknown_class"]
    ferries = find_ferries(roads, mode, 20.0, "EPSG:4326")
    assert ferries.minutes[0] > 20
    assert ferries.first.tolist() == [[120.0, -7.0005]]


def test_a_plan_counts_no_people_and_no_desa_of_whom_the_gaps_say_nothing(tmp_path: Path) -> None:
    """One more puskesmas is listed without a position, in the desa on the island."""
    before = _measure(tmp_path)
    lost = UnknownPlace("puskesmas", frozenset({"99.01.01.2003"}), "f.csv", 7)
    access = _measure(tmp_path, [lost])
    state = access.gaps.wide.set_index("kode")["gap_puskesmas_m_status"]
    assert state.to_dict() == {
        "99.01.01.2001": "ok",
        "99.01.01.2002": "ok",
        "99.01.01.2003": "no_data",
    }
    path = tmp_path / "what_if.npz"
    write_scenarios(path, before.scenarios)
    whole = compare(read_scenario(path, "puskesmas"), np.empty((0, 2)))
    write_scenarios(path, access.scenarios)
    part = compare(read_scenario(path, "puskesmas"), np.empty((0, 2)))
    assert whole.people is not None
    assert part.people is not None
    assert (whole.known_desa, whole.gaps_before, whole.people.known_desa) == (3, 2, 3)
    assert (part.known_desa, part.gaps_before, part.people.known_desa) == (2, 1, 2)
    assert part.people.total == pytest.approx(whole.people.total - 200, abs=1)
    assert part.people.covered_before == whole.people.covered_before
    assert find_origin(path, "99.01.01.2003") is not None
    other = compare(read_scenario(path, "sd"), np.empty((0, 2)))
    assert other.people is not None
    assert (other.known_desa, other.people.known_desa) == (0, 3)
