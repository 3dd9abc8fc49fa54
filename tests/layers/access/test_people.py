"""People per desa, their distances, catchments: on paper, mass balance, and PySAL."""

from __future__ import annotations

import gzip
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import rasterio
import shapely

from layers.access.people.people_grid import (
    find_quantiles,
    find_settlements,
    rescale_people,
    share_people,
    summarise_people,
)
from layers.access.people.population import read_people
from layers.access.people.supply import (
    GAUSSIAN_WEIGHTS,
    Pairs,
    count_nearest,
    find_pairs,
    measure_load,
    measure_two_step,
)
from layers.access.straight.distance import origins
from layers.access.terrain.grid import Grid
from layers.access.terrain.rasters import Raster, align_raster, read_raster, write_cog
from layers.workspace.access_sections import PopulationSection
from tests.layers.access.world import make_desa, square


def make_raster(values: list[list[float]], west: float = 120.0, side: float = 0.1) -> Raster:
    array = np.array(values)
    return Raster(array, Grid(west, -7.9, side, side, *array.shape), "EPSG:4326")


def test_a_cell_on_a_border_is_shared_by_area() -> None:
    desa = make_desa(square(0), shapely.box(120.1, -8, 120.125, -7.9))
    cells = share_people(make_raster([[100.0, 40.0]]), desa)
    assert cells.total == pytest.approx([100, 10])
    assert cells.outside == pytest.approx(30)


def test_a_desa_outside_the_raster_has_unknown_people() -> None:
    desa = make_desa(square(0), square(9), None)
    cells = share_people(make_raster([[100.0]]), desa)
    assert np.isnan(cells.total).tolist() == [False, True, True]
    summary = summarise_people(cells, np.full(len(cells.people), 10.0), (50,))
    assert summary["band_1"].isna().tolist() == [False, True, True]


def test_a_desa_that_the_raster_ends_short_of_has_unknown_people_not_few(tmp_path: Path) -> None:
    desa = make_desa(square(0), shapely.box(120.1, -8, 120.31, -7.9), square(5), None)
    values = np.full((10, 30), 1.0)
    values[:, 3:6] = np.nan
    raster = make_raster(values.tolist(), side=0.01)
    cells = share_people(raster, desa)
    assert cells.total == pytest.approx([70, 200, np.nan, np.nan], nan_ok=True)
    wider = make_desa(square(0), shapely.box(120.1, -8, 120.33, -7.9))
    assert share_people(raster, wider).total == pytest.approx([70, np.nan], nan_ok=True)
    assert share_people(raster, wider).people.sum() == pytest.approx(270)
    write_cog(tmp_path / "p.tif", raster)
    people, findings = read_people(PopulationSection(path="p.tif", year=2025), tmp_path, desa)
    assert people is not None
    assert [(one.code, one.measure, one.value) for one in findings] == [
        ("population.partly_covered", 1, desa["kode"][2]),
        ("raster.part_of_desa", 2, desa["kode"][0]),
    ]
    assert "at least 70 % of a desa" in findings[1].message


def test_a_desa_in_which_the_raster_has_nobody_is_told(tmp_path: Path) -> None:
    desa = make_desa(square(0), square(1))
    section = PopulationSection(path="p.tif", year=2025)
    write_cog(tmp_path / "p.tif", make_raster([[0.0, 40.0]]))
    people, findings = read_people(section, tmp_path, desa)
    assert people is not None
    assert people.total.tolist() == [0, 40]
    assert [(one.code, one.measure) for one in findings] == [("population.nobody", 1)]
    official = pd.Series({desa["kode"][0]: 0.0, desa["kode"][1]: 50.0})
    assert read_people(section, tmp_path, desa, official)[1] == ()
    unknown = pd.Series({desa["kode"][1]: 50.0})
    codes = [one.code for one in read_people(section, tmp_path, desa, unknown)[1]]
    assert codes[:1] == ["population.nobody"]


@pytest.mark.parametrize(
    ("text", "file", "is_doubted"),
    [
        ("2015", "p.tif", True),
        ("ppp_2025", "ppp_2015.tif", False),
        ("2015-2025", "p.tif", False),
        ("", "p.tif", False),
        ("", "idn_ppp_2020_UNadj.tif", True),
        ("", "idn_ppp_2025_20260101.tif", False),
    ],
)
def test_a_raster_of_another_year_is_doubted(
    tmp_path: Path, text: str, file: str, is_doubted: bool
) -> None:
    section = PopulationSection(path=file, year=2025)
    write_cog(tmp_path / file, make_raster([[3.0, 40.0]]), title=text)
    _, findings = read_people(section, tmp_path, make_desa(square(0), square(1)))
    assert ("population.other_year" in [one.code for one in findings]) is is_doubted


def test_people_that_are_registered_are_not_nobody(tmp_path: Path) -> None:
    desa = make_desa(square(0), square(1), square(2))
    first, second, third = desa["kode"]
    section = PopulationSection(path="p.tif", year=2025)
    write_cog(tmp_path / "p.tif", make_raster([[0.0, 40.0, 0.0]]))
    registered = pd.Series({first: 700.0, second: 45.0})
    for official in (None, pd.Series({second: 45.0})):
        people, findings = read_people(section, tmp_path, desa, official, registered)
        assert people is not None
        assert people.total == pytest.approx(
            [np.nan, 45 if official is not None else 40, 0], nan_ok=True
        )
        told = [(one.code, one.kode, one.measure) for one in findings]
        assert ("population.no_cells", first, 700) in told
        # Of the third nobody knows anything else.
        assert [one.value for one in findings if one.code == "population.nobody"] == [third]


def test_a_desa_without_people_in_both_is_empty(tmp_path: Path) -> None:
    desa = make_desa(square(0), square(1))
    write_cog(tmp_path / "p.tif", make_raster([[0.0, 40.0]]))
    section = PopulationSection(path="p.tif", year=2025)
    registered = pd.Series({desa["kode"][0]: 0.0, desa["kode"][1]: 40.0})
    people, findings = read_people(section, tmp_path, desa, None, registered)
    assert people is not None
    assert people.total.tolist() == [0, 40]
    assert findings == ()


@pytest.mark.parametrize(
    ("registered", "doubted"),
    [([100, 50], None), ([100, 24], (1, 1)), ([201, 50], (1, 0)), ([140, 70], (0, 0))],
)
def test_a_raster_of_quite_other_numbers_than_the_register_is_doubted(
    tmp_path: Path, registered: list[int], doubted: tuple[int, int] | None
) -> None:
    desa = make_desa(square(0), square(1))
    write_cog(tmp_path / "p.tif", make_raster([[100.0, 50.0]]))
    section = PopulationSection(path="p.tif", year=2025)
    numbers = pd.Series(registered, index=desa["kode"].tolist(), dtype=float)
    _, findings = read_people(section, tmp_path, desa, None, numbers)
    if doubted is None:
        assert findings == ()
        return
    ((code, count, worst),) = [(one.code, one.measure, one.value) for one in findings]
    assert code == "population.other_than_registered"
    assert (count, worst) == (doubted[0], desa["kode"][doubted[1]])
    # Rescaled, both say the same.
    assert read_people(section, tmp_path, desa, numbers, numbers)[1] == ()


def test_a_density_instead_of_people_is_said(tmp_path: Path) -> None:
    desa = make_desa(square(0))
    section = PopulationSection(path="p.tif", year=2025)
    for people_a_cell, codes in ((1_500, ["population.implausible"]), (1_000, [])):
        values = [[float(people_a_cell)] * 100] * 100
        write_cog(tmp_path / "p.tif", make_raster(values, side=0.001))
        _, findings = read_people(section, tmp_path, desa)
        assert [finding.code for finding in findings] == codes
        official = pd.Series({desa["kode"][0]: 900.0})
        assert read_people(section, tmp_path, desa, official)[1] == ()


def test_a_number_far_above_all_others_that_stands_for_nothing_counts_nobody(
    tmp_path: Path,
) -> None:
    values = np.full((4, 4), 12.0)
    values[0] = 99999
    write_cog(tmp_path / "p.tif", make_raster(values.tolist()))
    raster, findings = read_raster(tmp_path / "p.tif", "p.tif")
    assert raster is not None
    assert np.nansum(raster.values) == 12 * 12
    assert [(one.code, one.measure) for one in findings] == [("raster.undeclared_nodata", 4)]
    values[1, 1] = 20_000
    write_cog(tmp_path / "p.tif", make_raster(values.tolist()))
    _, findings = read_raster(tmp_path / "p.tif", "p.tif")
    assert findings == ()


def test_bands_unreached_and_off_grid_add_up_to_the_people() -> None:
    generator = np.random.default_rng(1)
    desa = make_desa(square(0), square(1), square(2))
    values = generator.uniform(0, 50, (20, 60))
    cells = share_people(make_raster(values.tolist(), side=0.005), desa)
    distance = generator.uniform(0, 10000, len(cells.people))
    distance[generator.random(len(distance)) < 0.2] = np.nan
    off = generator.random(len(distance)) < 0.1
    summary = summarise_people(cells, distance, (1000, 5000), off_grid=off)
    parts = summary[["band_1", "band_2", "band_3", "unreached", "off_grid"]].sum(axis=1)
    assert np.allclose(parts, summary["people"], rtol=1e-6)
    assert cells.total.sum() + cells.outside == pytest.approx(values.sum(), rel=1e-6)


def test_mean_median_and_p90_are_weighted_by_people() -> None:
    group, value = np.zeros(4, np.int64), np.array([10.0, 20.0, 30.0, 40.0])
    weight = np.array([1.0, 1.0, 1.0, 97.0])
    assert find_quantiles(group, value, weight, 2, (0.01, 0.5)).tolist()[0] == [10.0, 40.0]
    assert np.isnan(find_quantiles(group, value, weight, 2, (0.5,))[1, 0])


def test_rescaling_gives_the_official_totals_and_names_whom_it_cannot_place() -> None:
    desa = make_desa(square(0), square(1))
    cells = share_people(make_raster([[100.0, 0.0]]), desa)
    scaled, findings = rescale_people(cells, np.array([250.0, 80.0]), desa["kode"].tolist())
    assert scaled.people.sum() == pytest.approx(250)
    assert [(f.code, f.kode) for f in findings] == [("population.no_cells", "99.01.01.2002")]
    assert np.isnan(scaled.total[1])


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"crs": None}, "raster.no_crs"),
        ({"west": 10.0}, "raster.no_overlap"),
        ({"fill": -9999.0}, "raster.undeclared_nodata"),
        ({"fill": -7.0}, "raster.negative"),
        ({"fill": np.nan}, "raster.empty"),
    ],
)
def test_a_bad_raster_is_a_finding(tmp_path: Path, change: dict[str, object], code: str) -> None:
    values = np.full((4, 4), change.get("fill", 1.0), np.float32)
    west = float(str(change.get("west", 120.0)))
    with rasterio.open(
        tmp_path / "p.tif",
        "w",
        driver="GTiff",
        height=4,
        width=4,
        count=1,
        dtype="float32",
        crs=change.get("crs", "EPSG:4326"),
        transform=rasterio.Affine(0.1, 0, west, 0, -0.1, -7.9),
    ) as target:
        target.write(values, 1)
    _, findings = read_raster(tmp_path / "p.tif", "p.tif", bbox_lonlat=(120, -8, 121, -7.9))
    assert code in [finding.code for finding in findings]


def test_another_resolution_is_said(tmp_path: Path) -> None:
    raster = make_raster([[1.0, 2.0], [3.0, 4.0]])
    fine = Grid(120.0, -7.9, 0.05, 0.05, 4, 4)
    aligned, findings = align_raster(raster, fine, "dem.tif")
    assert [finding.code for finding in findings] == ["raster.other_resolution"]
    assert aligned.values[:, 0].tolist() == [1, 1, 3, 3]


def test_the_figure_of_luo_and_wang() -> None:
    # Fig. 3 of Luo and Wang (2003): one physician for 8, one for 4; who is in both has 3/8.
    place = np.array([*range(8), *range(7, 11)])
    facility = np.array([0] * 8 + [1] * 4)
    pairs = Pairs(place, facility, np.zeros(12), 11, 2)
    access = measure_two_step(pairs, np.ones(11), np.ones(2), (30.0,))
    assert access[0] == pytest.approx(1 / 8)
    assert access[8] == pytest.approx(1 / 4)
    assert access[7] == pytest.approx(3 / 8)


def scatter(seed: int) -> tuple[Pairs, np.ndarray, np.ndarray]:
    generator = np.random.default_rng(seed)
    places = generator.uniform([120, -8], [120.4, -7.6], (200, 2))
    facilities = generator.uniform([120, -8], [120.4, -7.6], (25, 2))
    people, supply = generator.uniform(1, 900, 200), generator.integers(1, 9, 25).astype(float)
    return find_pairs(places, facilities, 15000.0), people, supply


@pytest.mark.parametrize("weights", [None, GAUSSIAN_WEIGHTS])
def test_supply_is_conserved(weights: tuple[float, ...] | None) -> None:
    pairs, people, supply = scatter(1)
    access = measure_two_step(pairs, people, supply, (5000, 10000, 15000), weights)
    used = np.isin(np.arange(25), pairs.facility)
    assert (people * access).sum() == pytest.approx(supply[used].sum(), rel=1e-9)


@pytest.mark.parametrize("weights", [None, {5000: 1.0, 10000: 0.68, 15000: 0.22}])
def test_pysal_agrees(weights: dict[int, float] | None) -> None:
    fca = pytest.importorskip("access.fca")
    pairs, people, supply = scatter(2)
    cost = pd.DataFrame({"origin": pairs.place, "dest": pairs.facility, "cost": pairs.cost})
    demand = pd.DataFrame({"demand": people}).rename_axis("geoid")
    offer = pd.DataFrame({"supply": supply}).rename_axis("geoid")
    weight = None
    if weights:
        from access import weights as kinds

        weight = kinds.step_fn(weights)
    theirs = fca.two_stage_fca(demand, offer, cost, max_cost=15000, weight_fn=weight)
    ours = measure_two_step(
        pairs, people, supply, (5000, 10000, 15000), tuple(weights.values()) if weights else None
    )
    assert np.abs(ours - theirs.reindex(range(200)).fillna(0).to_numpy()).max() < 1e-9


def test_load_counts_everyone_once() -> None:
    facility = np.array([0, 0, 1, -1])
    assert count_nearest(facility, np.array([5.0, 6.0, 7.0, 8.0]), 3).tolist() == [11, 7, 0]
    pairs, people, _ = scatter(3)
    load = measure_load(pairs, people, (15000,))
    assert load.sum() == pytest.approx(people[pairs.place].sum())


@pytest.mark.real
def test_jakarta_people_are_all_accounted_for(shared_data: Path, tmp_path: Path) -> None:
    folder = shared_data / "inasafe_jakarta"
    text = gzip.decompress((folder / "Population_Jakarta_geographic.asc.gz").read_bytes())
    (tmp_path / "p.asc").write_bytes(text)
    raster, findings = read_raster(tmp_path / "p.asc", "p.asc", crs="EPSG:4326")
    assert raster is not None
    assert findings == ()
    kelurahan = gpd.read_parquet(folder / "kelurahan_jakarta.parquet")
    cells = share_people(raster, kelurahan)
    total = float(np.nansum(raster.values))
    assert np.nansum(cells.total) + cells.outside == pytest.approx(total, rel=1e-6)
    assert abs(cells.outside) < 0.02 * total


def test_a_settlement_is_the_most_populated_cell_in_the_desa() -> None:
    desa = make_desa(square(0), square(1), square(9), square(2))
    values = np.zeros((2, 6))
    values[0, 1], values[1, 0] = 30.0, 30.0
    values[1, 3] = 8.0
    cells = share_people(make_raster(values.tolist(), side=0.05), desa)
    places = find_settlements(cells, desa)
    assert places[0].tolist() == pytest.approx([120.075, -7.925])
    assert places[1].tolist() == pytest.approx([120.175, -7.975])
    assert np.isnan(places[2:]).all()
    starts = origins(desa, None, places)
    assert starts["origin"].tolist() == [
        "settlement",
        "settlement",
        "point_on_surface",
        "point_on_surface",
    ]


def test_a_cell_whose_middle_is_outside_is_nobodys_settlement() -> None:
    # The east of the crowded cell lies in the desa, its middle does not.
    desa = make_desa(shapely.box(120.08, -8, 120.2, -7.9))
    cells = share_people(make_raster([[900.0, 5.0]]), desa)
    assert find_settlements(cells, desa)[0].tolist() == pytest.approx([120.15, -7.95])
    lonely = make_desa(shapely.box(120.08, -8, 120.1, -7.9))
    assert np.isnan(find_settlements(share_people(make_raster([[900.0]]), lonely), lonely)).all()
