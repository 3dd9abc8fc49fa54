"""Parts of the road network that nothing joins to the rest: the gap, and who lives beyond it."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from shapely import STRtree

from boundaries.findings.report import Finding
from layers.access.roads.network import Network
from layers.access.straight import geodesy, nearest
from layers.finding_words.finding_kinds import declared_kind

DISCONNECTED = declared_kind("road.disconnected")
LOOSE_PARTS = declared_kind("road.loose_parts")

MOST_PARTS = 20
"""Parts with desa that are named one by one, those with most people first."""
MOST_NAMES = 10
NEAR_DEGREES = 0.0005
"""The first radius (55 m) in which the other side of a gap is looked for."""


@dataclass(frozen=True, slots=True)
class RoadGap:
    """The narrowest gap between a part and the rest: metres, and lon, lat of its middle."""

    width_m: float
    lonlat: tuple[float, float]


def report_parts(
    network: Network,
    roads: gpd.GeoDataFrame,
    starts: pd.DataFrame,
    names: pd.Series[str] | None,
    people: geodesy.Floats | None,
) -> tuple[Finding, ...]:
    """What is cut off from the largest part of the network.

    Parameters
    ----------
    network
        Its first places are the origins of the rows of ``starts`` that have one.
    names, people
        Of each row of ``starts``; people NaN where unknown.

    Findings
    --------
    road.disconnected
        Desa start from roads that nothing joins to the rest (warning, one a part, with the width of
        the gap in metres, their names and people).
    road.loose_parts
        Further parts, without the origin of a desa (warning, with their count).
    """
    count = int(network.part.max(initial=0))
    if not count:
        return ()
    owner = _find_owners(network, starts)
    lines = _Lines(roads, network.line_part)
    crowd = np.zeros(len(starts)) if people is None else np.nan_to_num(people)
    parts = sorted(set(owner[owner > 0]), key=lambda part: (-crowd[owner == part].sum(), part))
    findings = []
    for part in parts[:MOST_PARTS]:
        rows = np.flatnonzero(owner == part)
        gap = lines.find_gap(part)
        if gap is not None:
            findings.append(_report_part(gap, rows, starts, names, people))
    loose = count - len(findings)
    if loose:
        findings.append(_report_loose(network, loose, owner))
    return tuple(findings)


def _find_owners(network: Network, starts: pd.DataFrame) -> nearest.Ints:
    """The part that each row of ``starts`` joins; -1 where it joins none."""
    located = np.flatnonzero(starts["origin"].notna().to_numpy())
    owner = np.full(len(starts), -1, np.int64)
    node = network.snap_node[: len(located)]
    owner[located] = np.where(node >= 0, network.part[node], -1)
    return owner


class _Lines:
    """All lines of the network with their parts, longitudes shrunk to the length of latitudes."""

    def __init__(self, roads: gpd.GeoDataFrame, part: nearest.Ints) -> None:
        is_used = part >= 0
        lines = np.asarray(roads.geometry.array, dtype=object)[is_used]
        lonlat, line = shapely.get_coordinates(lines, return_index=True)
        self.scale = np.array([np.cos(np.radians(lonlat[:, 1].mean())), 1.0])
        flat = shapely.linestrings(lonlat * self.scale, indices=line)
        self.flat: NDArray[np.object_] = np.atleast_1d(np.asarray(flat, dtype=object))
        self.part = part[is_used]
        self.tree = STRtree(self.flat)

    def find_gap(self, part: int) -> RoadGap | None:
        """The narrowest gap between a part and any other."""
        members = np.flatnonzero(self.part == part)
        reach = NEAR_DEGREES
        while reach < 360:
            near, other = self.tree.query(self.flat[members], "dwithin", reach)
            is_beyond = self.part[other] != part
            near, other = members[near[is_beyond]], other[is_beyond]
            if near.size:
                return self._measure(near, other)
            reach *= 4
        return None

    def _measure(self, near: nearest.Ints, other: nearest.Ints) -> RoadGap:
        apart = shapely.distance(self.flat[near], self.flat[other])
        best = int(np.argmin(apart))
        way = shapely.shortest_line(self.flat[near[best]], self.flat[other[best]])
        ends = shapely.get_coordinates(way) / self.scale
        lon, lat = ends.mean(axis=0)
        return RoadGap(
            float(nearest.measure_pairs(ends[:1], ends[1:])[0]), (float(lon), float(lat))
        )


def _report_part(
    gap: RoadGap,
    rows: nearest.Ints,
    starts: pd.DataFrame,
    names: pd.Series[str] | None,
    people: geodesy.Floats | None,
) -> Finding:
    kode = starts["kode"].to_numpy()
    words = kode[rows] if names is None else names.to_numpy()[rows]
    counts = np.full(len(rows), np.nan) if people is None else people[rows]
    order = np.lexsort((kode[rows], -np.nan_to_num(counts, nan=-1.0)))
    listed = [_name(str(words[i]), float(counts[i])) for i in order[:MOST_NAMES]]
    listed += [f"+{len(rows) - MOST_NAMES}"] if len(rows) > MOST_NAMES else []
    place = f"end {gap.width_m:.1f} m from the rest of the network here"
    if gap.width_m < 0.05:
        place = "cross the rest of the network here without a common vertex"
    message = (
        f"Roads of {len(rows)} desa {place}, and nothing joins them: {', '.join(listed)}. What "
        "lies beyond is unreachable for them; join the lines (common vertex) if there is a way."
    )
    return DISCONNECTED.finding(
        message,
        kode=str(kode[rows[order[0]]]),
        value=", ".join(listed),
        measure=round(gap.width_m, 1),
        geometry="POINT ({:.6f} {:.6f})".format(*gap.lonlat),
    )


def _name(name: str, people: float) -> str:
    """A desa with its people, such as ``Lamatou (250 jiwa)``; ``?`` where they are unknown."""
    return f"{name} (? jiwa)" if np.isnan(people) else f"{name} ({people:.0f} jiwa)"


def _report_loose(network: Network, loose: int, owner: nearest.Ints) -> Finding:
    """The parts without the origin of a desa, at the place of the largest."""
    count = int(network.part.max())
    free = np.setdiff1d(np.arange(1, count + 1), owner[owner > 0])
    first = int(free[0]) if free.size else 1
    lon, lat = network.lonlat[int(np.flatnonzero(network.part == first)[0])]
    message = "Parts of the road network are joined to no other; the largest of them is here."
    return LOOSE_PARTS.finding(
        message, measure=float(loose), geometry=f"POINT ({lon:.6f} {lat:.6f})"
    )
