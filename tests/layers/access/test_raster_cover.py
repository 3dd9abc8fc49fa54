"""Rasters whose hole covers a part of a desa: the part is said, and most of it missing is none."""

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import rasterio
import shapely
from numpy.typing import NDArray

from layers.access.gaps.gaps import choose_services
from layers.access.measure import AccessResult, measure_access
from layers.access.people.people_grid import share_people
from layers.access.terrain.grid import Grid
from layers.access.terrain.raster_cover import cut_cells, floor_percent
from layers.access.terrain.rasters import Raster
from layers.workspace.sections import Workspace
from tests.layers.access.world import make_desa, make_facilities, square

NODATA = -9999
FOREST: dict[str, object] = {"path": "land_cover.tif", "classes": {"1": "forest", "3": "water"}}
WAYS: dict[str, dict[str, object]] = {
    "friction": {"friction": {"path": "friction.tif"}},
    "land_cover": {"land_cover": FOREST},
    "elevation": {
        "land_cover": FOREST,
        "elevation": {"path": "elevation.tif"},
        "travel": {"mode": "walking"},
    },
}
VALUES = {"population": 2.0, "friction": 0.02, "land_cover": 1, "elevation": 300}


def write(folder: Path, name: str, missing: float, number: float = NODATA) -> None:
    """One value over two desa of 20 x 20 cells, a hole from the west of the second one."""
    values = np.full((20, 60), VALUES[name], np.float32 if name != "land_cover" else np.int16)
    values[:, 20 : 20 + round(20 * missing)] = number
    with rasterio.open(
        folder / f"{name}.tif",
        "w",
        driver="GTiff",
        height=20,
        width=60,
        count=1,
        dtype=values.dtype.name,
        crs="EPSG:4326",
        nodata=NODATA,
        transform=rasterio.Affine(0.005, 0, 120, 0, -0.005, -7.9),
    ) as target:
        target.write(values, 1)


def declare(population: dict[str, object], ways: dict[str, object]) -> Workspace:
    document: dict[str, object] = {
        "schema": 1,
        "wilayah": {"id": "x", "name": "X", "scope": ["99.01"], "year": 2025},
        "boundaries": [{"path": "b", "code_system": "kemendagri"}],
        "population": {"path": "population.tif", "year": 2025, **population},
    }
    return Workspace.model_validate(document | ways)


def measure(folder: Path, holed: str, missing: float, number: float = NODATA) -> AccessResult:
    """Access of two desa where the raster ``holed`` lacks a share of the second."""
    for name in VALUES:
        write(folder, name, missing if name == holed else 0.0, number)
    ways = WAYS["elevation" if holed == "population" else holed]
    workspace = declare({}, ways)
    desa = make_desa(square(0), square(1))
    facilities = make_facilities((120.05, -7.95), kind="puskesmas")
    services = choose_services(["puskesmas"])
    return measure_access(workspace, folder, desa, facilities, services)


def row_of(access: AccessResult, method: str, row: int = 1) -> pd.Series:
    rows = access.gaps.long[access.gaps.long["method"] == method]
    return rows.sort_values("kode").iloc[row]


def codes(access: AccessResult) -> list[str]:
    return [finding.code for finding in access.gaps.findings]


def coverage_of(access: AccessResult, name: str) -> list[float]:
    """Of each desa what the field of the map says that it rests on, in percent."""
    (entry,) = [field for field in access.gaps.fields if field.name == name]
    ((known, total, unit),) = [(part.known, part.total, part.unit) for part in entry.coverage]
    assert (total, unit) == (100, "persen")
    assert known in {field.name for field in access.gaps.fields}
    return [float(percent) for percent in access.gaps.wide[known]]


@pytest.mark.parametrize("missing", [0.0, 0.3, 0.7, 1.0])
def test_people_of_a_part_say_so_and_of_less_than_half_are_none(
    tmp_path: Path, missing: float
) -> None:
    access = measure(tmp_path, "population", missing)
    straight = row_of(access, "straight_line")
    assert straight["people_coverage"] == pytest.approx(1 - missing)
    whole = 20 * 20 * 2
    if missing < 0.5:
        assert straight["people"] == pytest.approx(whole * (1 - missing))
    else:
        assert straight[["people", "people_beyond_norm", "people_unreached"]].isna().all()
    assert row_of(access, "straight_line", 0)["people"] == pytest.approx(whole)
    name = "penduduk_di_luar_norma_puskesmas"
    assert coverage_of(access, name) == [100, 100 - round(100 * missing)]
    assert access.gaps.wide[name].isna().tolist() == [False, missing > 0.5]
    expected = {0.0: [], 0.3: ["raster.part_of_desa"]}.get(missing, ["population.partly_covered"])
    assert [code for code in codes(access) if code != "access.no_kantor_desa"] == expected


@pytest.mark.parametrize("missing", [0.0, 0.3, 0.7, 1.0])
@pytest.mark.parametrize("holed", ["friction", "land_cover", "elevation"])
def test_times_over_a_part_say_so_and_over_less_than_half_are_none(
    tmp_path: Path, holed: str, missing: float
) -> None:
    access = measure(tmp_path, holed, missing)
    timed = row_of(access, "raster")
    assert timed["time_coverage"] == pytest.approx(1 - missing)
    assert timed["people"] == pytest.approx(20 * 20 * 2)
    assert np.isfinite(row_of(access, "raster", 0)["travel_time_min"])
    assert coverage_of(access, "waktu_puskesmas_min") == [100, 100 - round(100 * missing)]
    minutes, status = (access.gaps.wide[f"waktu_puskesmas_min{end}"] for end in ("", "_status"))
    if missing < 0.5:
        assert status[1] in {"ok", "unreachable"}
        assert timed["reason"] != "not_covered"
    else:
        assert (timed["status"], timed["reason"]) == ("no_data", "not_covered")
        assert (status[1], np.isnan(minutes[1])) == ("no_data", True)
        measured = ["travel_time_min", "facility_id", "people_unreached", "people_band_1"]
        assert timed[measured].isna().all()
    reported = {"raster.part_of_desa", "access.time_not_covered"} & {*codes(access)}
    expected = {0.0: set(), 0.3: {"raster.part_of_desa"}}.get(missing, {"access.time_not_covered"})
    assert reported == expected
    assert status[0] == "ok"


@pytest.mark.parametrize("number", [255, 32767, 7])
def test_a_land_cover_in_no_class_is_a_hole(tmp_path: Path, number: int) -> None:
    access = measure(tmp_path, "land_cover", 0.7, number)
    assert row_of(access, "raster")["reason"] == "not_covered"
    expected = {"raster.unknown_class", "raster.undeclared_nodata"}
    assert len(expected & {*codes(access)}) == 1


def test_water_that_the_legend_has_is_no_hole(tmp_path: Path) -> None:
    result = measure(tmp_path, "land_cover", 0.7, 3)
    timed = row_of(result, "raster")
    assert timed["time_coverage"] == 1
    assert timed["reason"] != "not_covered"


@pytest.mark.parametrize(("empty", "people"), [("unknown", None), ("nobody", 240)])
def test_cells_left_out_because_nobody_lives_there_are_declared(
    tmp_path: Path, empty: str, people: float | None
) -> None:
    write(tmp_path, "population", 0.7)
    workspace = declare({"empty": empty}, {})
    facilities = make_facilities((120.05, -7.95), kind="puskesmas")
    desa, services = make_desa(square(0), square(1)), choose_services(["puskesmas"])
    access = measure_access(workspace, tmp_path, desa, facilities, services)
    straight = row_of(access, "straight_line")
    assert (None if np.isnan(straight["people"]) else round(straight["people"])) == people
    assert straight["people_coverage"] == pytest.approx(1.0 if people else 0.3)
    assert ("population.partly_covered" in codes(access)) == (people is None)


def make_raster(values: NDArray[np.float64], side: float) -> Raster:
    return Raster(values, Grid(120.0, -7.9, side, side, *values.shape), "EPSG:4326")


def test_what_a_coarse_coast_leaves_out_is_no_hole() -> None:
    # A desa of ten by ten cells, and half a cell of sea around it that the raster leaves out.
    values = np.full((12, 12), np.nan)
    values[1:11, 1:11] = 1.0
    coast = make_desa(shapely.box(120.0055, -8.0145, 120.1145, -7.9055))
    cells = share_people(make_raster(values, 0.01), coast)
    assert cells.coverage == pytest.approx([1])
    assert cells.total == pytest.approx([100])
    values[1:11, 1:4] = np.nan
    assert share_people(make_raster(values, 0.01), coast).coverage == pytest.approx([0.7])


def test_the_coverage_of_a_desa_smaller_than_a_cell_is_by_area() -> None:
    islet = make_desa(shapely.box(120.009, -7.906, 120.013, -7.902), None, square(9))
    pieces = cut_cells(
        np.array([[1.0, 0.0]]), Grid(120.0, -7.9, 0.01, 0.01, 1, 2), "EPSG:4326", islet
    )
    share = pieces.measure_known(pieces.value > 0)
    assert share == pytest.approx([0.25, np.nan, 0], nan_ok=True)
    assert pieces.within == pytest.approx([1, np.nan, 0], nan_ok=True)


@pytest.mark.parametrize("seed", range(5))
def test_the_share_is_that_of_the_cells_whose_middle_lies_in_a_desa(seed: int) -> None:
    generator = np.random.default_rng(seed)
    is_known = generator.random((40, 80)) < generator.uniform(0.2, 0.9)
    desa = gpd.GeoDataFrame(make_desa(square(0), square(1)), geometry="geometry", crs="EPSG:4326")
    grid = Grid(120.0, -7.9, 0.0025, 0.0025, 40, 80)
    pieces = cut_cells(is_known.astype(np.float32), grid, "EPSG:4326", desa)
    expected = [is_known[:, :40].mean(), is_known[:, 40:].mean()]
    assert pieces.measure_known(pieces.value > 0) == pytest.approx(expected)


def test_a_part_is_never_a_hundred_percent() -> None:
    shares = np.array([0.0, 0.29, 0.7, 0.9999, 1.0, np.nan])
    assert floor_percent(shares) == pytest.approx([0, 29, 70, 99, 100, np.nan], nan_ok=True)
