"""Removing values never turns into a better number without saying so: aggregates of access.

Each property takes a world, removes something that was known, and holds the number from before
against the one after: it is no better, or its status or coverage says that it is of a part.
"""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from layers.access.gaps.gaps import build_gaps, choose_services
from layers.access.people.people_grid import PeopleCells, summarise_people
from layers.publish.isolines import count_band_people
from layers.workspace.access_sections import NormSection
from tests.layers.access.test_supply import measure
from tests.layers.access.world import make_desa, make_facilities, square

EDGES = (1000.0, 3000.0)
DISTANCE = st.one_of(st.floats(0, 9000), st.just(float("nan")))
CELL = st.tuples(st.integers(0, 2), st.floats(0.5, 500), DISTANCE, st.booleans())
KINDS = ("sd", "smp")
FACILITY = st.tuples(st.floats(120.0, 120.3), st.sampled_from(KINDS))


def make_cells(cells: list[tuple[int, float, float, bool]]) -> tuple[PeopleCells, np.ndarray]:
    """Pieces of cells in three desa, and the distance of each."""
    ordered = sorted(cells, key=lambda cell: cell[0])
    desa = np.array([cell[0] for cell in ordered])
    people = np.array([cell[1] for cell in ordered])
    total = np.bincount(desa, people, 3).astype(float)
    lonlat = np.zeros((len(ordered), 2))
    return PeopleCells(desa, lonlat, people, total, 0.0), np.array([cell[2] for cell in ordered])


def count_beyond(summary: pd.DataFrame) -> np.ndarray:
    """People not known to be within the first edge."""
    columns = ["band_2", "band_3", "unreached", "off_grid"]
    return summary[columns].sum(axis=1, min_count=len(columns)).to_numpy(float)


@settings(max_examples=12, deadline=None)
@given(st.lists(CELL, min_size=1, max_size=12))
def test_people_of_unknown_distance_are_not_within_the_norm(
    cells: list[tuple[int, float, float, bool]],
) -> None:
    people, distance = make_cells(cells)
    removed = np.where(
        [cell[3] for cell in sorted(cells, key=lambda one: one[0])], np.nan, distance
    )
    before, after = (summarise_people(people, one, EDGES) for one in (distance, removed))
    assert (count_beyond(after) >= count_beyond(before) - 1e-6).all()
    parts = after[["band_1", "band_2", "band_3", "unreached", "off_grid"]].sum(axis=1)
    assert np.allclose(parts, after["people"])
    # A mean may come nearer when the far are unknown: then these are told beside it.
    nearer = (after["mean"] < before["mean"] - 1e-6).to_numpy()
    assert (after["unreached"][nearer] > before["unreached"][nearer]).all()


@settings(max_examples=12, deadline=None)
@given(st.lists(CELL, min_size=1, max_size=12), st.sets(st.integers(0, 2)))
def test_a_desa_whose_people_are_unknown_has_no_number_of_people(
    cells: list[tuple[int, float, float, bool]], unknown: set[int]
) -> None:
    people, distance = make_cells(cells)
    total = people.total.copy()
    total[list(unknown)] = np.nan
    partly = PeopleCells(people.desa, people.lonlat, people.people, total, 0.0)
    after = summarise_people(partly, distance, EDGES)
    assert after.iloc[sorted(unknown)].isna().all(axis=None)
    assert after.iloc[sorted({0, 1, 2} - unknown)]["band_1"].notna().all()


@settings(max_examples=12, deadline=None)
@given(st.lists(FACILITY, min_size=1, max_size=6), st.data())
def test_a_service_of_unknown_distance_is_not_among_those_that_the_gaps_are_of(
    facilities: list[tuple[float, str]], data: st.DataObject
) -> None:
    desa = make_desa(square(0), square(1), square(2))
    services = choose_services(KINDS, {kind: NormSection(norm_m=3000) for kind in KINDS})
    kept = data.draw(st.lists(st.sampled_from(facilities), unique=True))
    before, after = (build_gaps(desa, place(some), services).wide for some in (facilities, kept))
    fewer = after["gap_count"].fillna(-1) < before["gap_count"].fillna(-1)
    assert (after["gap_known_count"][fewer] < before["gap_known_count"][fewer]).all()
    assert ((after["gap_count_status"] == "ok") == (after["gap_known_count"] > 0)).all()
    for kind in KINDS:
        distance = f"jarak_{kind}_m"
        is_known = after[f"{distance}_status"] == "ok"
        assert (after[distance][is_known] >= before[distance][is_known] - 0.11).all()
        assert after[distance][~is_known].isna().all()


def place(facilities: list[tuple[float, str]]) -> gpd.GeoDataFrame:
    """Facilities on one parallel, of two kinds; the columns are there without any too."""
    frame = make_facilities((120.0, -7.95), *((lon, -7.95) for lon, _ in facilities)).iloc[1:]
    return frame.assign(kind=[kind for _, kind in facilities])


@settings(max_examples=12, deadline=None)
@given(st.lists(st.floats(0, 50), min_size=2, max_size=2), st.sets(st.integers(0, 1)))
def test_an_unknown_supply_is_no_better_and_said(supply: list[float], unknown: set[int]) -> None:
    partly = [np.nan if at in unknown else one for at, one in enumerate(supply)]
    before, after = measure(supply).supply, measure(partly).supply
    column = "supply_2sfca_per_1000_people"
    is_known = (after["status"] == "ok").to_numpy()
    assert (after[column][is_known] <= before[column][is_known] + 1e-9).all()
    worse = is_known & (after[column] < before[column] - 1e-9).to_numpy()
    assert after["is_understated"].to_numpy()[worse].all()
    if len(unknown) == len(supply):
        assert not is_known.any()
        assert after[column].isna().all()


@settings(max_examples=12, deadline=None)
@given(st.lists(st.tuples(st.floats(0, 900), st.floats(0, 900), st.booleans()), min_size=1))
def test_people_by_band_say_of_how_many_desa_they_are(
    desa: list[tuple[float, float, bool]],
) -> None:
    kode = [f"99.01.01.{2001 + at}" for at in range(len(desa))]
    boundaries = gpd.GeoDataFrame({"level": "desa", "kode": kode, "kode_kecamatan": "99.01.01"})
    is_unknown = np.array([one[2] for one in desa])
    gaps = pd.DataFrame(
        {
            "kode": kode,
            "service": "sd",
            "method": "raster",
            "edge_1_min": 30.0,
            "people_band_1": [one[0] for one in desa],
            "people_band_2": [one[1] for one in desa],
            "people_unreached": 0.0,
            "people_off_grid": 0.0,
            "people": [one[0] + one[1] for one in desa],
        }
    )
    counts = ["people", "people_band_1", "people_band_2", "people_unreached", "people_off_grid"]
    partly = gaps.copy()
    partly.loc[is_unknown, counts] = np.nan
    after = count_band_people(partly, "kode_kecamatan", "99.01.01", boundaries)
    if is_unknown.all():
        assert after == {}
        return
    assert after["sd"].desa == int((~is_unknown).sum())
    assert after["sd"].desa_total == len(desa)
    total = sum(people for _, people in after["sd"].upto)
    assert abs(total + after["sd"].unreached - after["sd"].total) < 0.6
