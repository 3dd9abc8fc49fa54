"""Two rows that may be one facility are told, whichever list they stand in."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd

from layers.facilities.twins import find_twins
from tests.layers.access.world import make_facilities


def make(*rows: tuple[str | None, float, str, int], kind: str = "sd") -> gpd.GeoDataFrame:
    """Name, longitude, file and row of each facility."""
    frame = make_facilities(*[(lon, -8.0) for _, lon, _, _ in rows], kind=kind)
    frame["nama"] = pd.Series([name for name, *_ in rows], dtype=object)
    frame["file"], frame["row"] = [file for *_, file, _ in rows], [row for *_, row in rows]
    return frame


def test_the_same_name_and_kind_nearby_is_told_once_a_list() -> None:
    facilities = make(
        ("SDN 1 Waiwerang", 120.0, "a.csv", 2),
        ("SDN 1 WAIWERANG", 120.0005, "b.csv", 7),
        ("sdn-1 waiwerang.", 120.0, "b.csv", 3),
        ("SDN 1 Waiwerang", 120.1, "b.csv", 9),
        ("SDN 2 Waiwerang", 120.0, "b.csv", 10),
    )
    (finding,) = find_twins(facilities)
    assert (finding.code, finding.file, finding.row) == ("facility.twice", "b.csv", 3)
    assert finding.measure == 2
    assert "Rows 3, 7" in finding.message


def test_another_kind_no_name_and_an_office_are_no_twins() -> None:
    twice = [("Waiwerang", 120.0, "a.csv", 2), ("Waiwerang", 120.0, "a.csv", 3)]
    apart = make(*twice)
    apart["kind"] = ["sd", "smp"]
    assert find_twins(apart) == ()
    assert find_twins(make((None, 120.0, "a.csv", 2), (None, 120.0, "a.csv", 3))) == ()
    assert find_twins(make(*twice, kind="kantor_desa")) == ()
    assert len(find_twins(make(*twice))) == 1
