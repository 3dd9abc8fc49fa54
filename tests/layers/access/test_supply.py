"""Catchments and supply of one service, on paper."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import shapely

from layers.access.gaps.gap_people import find_nearest_of_people
from layers.access.gaps.gaps import choose_services
from layers.access.people.people_grid import PeopleCells
from layers.access.people.supply import Supply, measure_supply
from layers.access.straight.land import find_land
from layers.workspace.access_sections import NormSection
from tests.layers.access.world import make_desa, make_facilities

KODE = pd.Series(["a", "b", "c", "d"])
# Three desa in a row, 0.01 degree (1.1 km) apart; nobody in c, nothing known of d.
CELLS = PeopleCells(
    desa=np.array([0, 1]),
    lonlat=np.array([[120.0, 0.0], [120.01, 0.0]]),
    people=np.array([100.0, 300.0]),
    total=np.array([100.0, 300.0, 0.0, np.nan]),
    outside=0.0,
)


def measure(
    supply: list[float], units: list[str | None] | None = None, bound: list[float] | None = None
) -> Supply:
    facilities = make_facilities((120.0, 0.0), (120.021, 0.0))
    facilities["supply"], facilities["supply_unit"] = supply, units or ["guru"] * 2
    services = choose_services(["sd"], {"sd": NormSection(norm_m=1500)})
    nearest = find_nearest_of_people(CELLS, facilities, services)
    # What is loaded ends 2 km west of the first facility and 1.1 km east of the second.
    land = find_land(make_desa(shapely.box(119.982, -0.1, 120.031, 0.1)))
    bounds = {} if bound is None else {"sd": np.array(bound)}
    return measure_supply(KODE, facilities, services, CELLS, nearest, land, bounds)


def test_supply_is_shared_by_those_in_reach() -> None:
    result = measure([4, 6])
    assert result.catchments["people_in_reach"].tolist() == [400, 300]
    assert result.catchments["people_nearest"].tolist() == [400, 0]
    assert result.catchments["supply_per_1000_people"].tolist() == pytest.approx([10, 20])
    # The one at b is 1,113 m away: the third band of 500 m.
    weighted = result.catchments["people_in_reach_weighted"]
    assert weighted.tolist() == pytest.approx([100 + 0.22 * 300, 0.22 * 300])
    assert result.supply["supply_2sfca_per_1000_people"].tolist() == pytest.approx(
        [10, 30, np.nan, np.nan], nan_ok=True
    )
    assert result.supply["status"].tolist() == ["ok", "ok", "no_population", "no_data"]


def test_a_reach_that_leaves_the_loaded_area_is_said() -> None:
    assert measure([4, 6]).catchments["is_edge_of_data"].tolist() == [False, True]


def test_an_unknown_supply_is_not_zero() -> None:
    result = measure([4, np.nan])
    assert result.catchments["supply_per_1000_people"].isna().tolist() == [False, True]
    assert result.supply["is_understated"].tolist() == [False, True, False, False]
    nothing = measure([np.nan, np.nan])
    assert set(nothing.supply["status"]) == {"no_data"}
    assert nothing.supply["supply_2sfca_per_1000_people"].isna().all()


def test_different_units_are_not_added() -> None:
    result = measure([4, 6], ["guru", "kelas"])
    assert [finding.code for finding in result.findings] == ["access.mixed_supply"]
    assert result.supply.empty
    assert result.catchments["supply"].isna().all()


@pytest.mark.parametrize(
    ("bound", "overstated", "understated"),
    [
        ([0.0, 1114.0], [False, False], [True, True, False, False]),
        ([9000.0, 1000.0], [True, False], [False, True, False, False]),
        ([9000.0, 1600.0], [False, False], [False, False, False, False]),
    ],
)
def test_a_place_that_nobody_can_place_is_said_of_users_and_of_what_they_find(
    bound: list[float], overstated: list[bool], understated: list[bool]
) -> None:
    """Those of a stand at the first facility; those of b 1,113 m from both, which reach 1,500 m."""
    result = measure([4, 6], bound=bound)
    assert result.catchments["is_overstated"].tolist() == overstated
    assert result.supply["is_understated"].tolist() == understated
    assert measure([4, 6]).catchments["is_overstated"].tolist() == [False, False]
