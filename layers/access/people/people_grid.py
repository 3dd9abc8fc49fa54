"""How many people live how far: population cells shared exactly between desa, and their summary.

People are counted where the population raster puts them; a cell on a border is divided by the
share of it that lies in each desa.  For every desa: people of all bands + unreached + off the
grid = people.  A mean over reached people always travels with the unreached.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from boundaries.findings.report import Finding
from layers.access.straight import geodesy, nearest
from layers.access.terrain import raster_cover, rasters
from layers.finding_words.finding_kinds import declared_kind

NO_CELLS = declared_kind("population.no_cells")

MOST_TRIES = 20
"""Cells tried for a desa; beyond, it is too small for the raster to say where its people live."""


@dataclass(frozen=True, slots=True)
class PeopleCells:
    """People of each piece of a cell that lies in one desa.

    Parameters
    ----------
    desa
        Row of the desa of each piece, ascending.
    lonlat
        Middle of the cell, shape (n, 2).
    people
        People in the piece, positive.
    total
        People of each desa, NaN where the raster covers less than `LEAST_WITHIN` of it or has a
        value for less than `LEAST_KNOWN`.
    outside
        People of the raster in no desa.
    coverage
        Share of each desa for which the raster has a value, 0 to 1; NaN without a polygon; null:
        all of each.
    """

    desa: nearest.Ints
    lonlat: geodesy.Floats
    people: geodesy.Floats
    total: geodesy.Floats
    outside: float
    coverage: geodesy.Floats | None = None


def share_people(raster: rasters.Raster, desa: gpd.GeoDataFrame) -> PeopleCells:
    """The people of each desa, cell by cell; the raster counts people per cell.

    Cells on borders are shared by area (`exactextract`); counting a cell by its middle loses small
    desa.  Where polygons overlap, the people under both are counted twice and ``outside`` is less.
    """
    # People are never negative, so a negative number can say that a cell has none.
    laid = np.where(np.isnan(raster.values), -1, raster.values)
    pieces = raster_cover.cut_cells(laid, raster.grid, raster.crs, desa)
    is_known = pieces.value >= 0
    coverage = pieces.measure_known(is_known)
    owner, people = pieces.desa[is_known], (pieces.value * pieces.part)[is_known]
    total = np.bincount(owner, people, len(desa)).astype(float)
    is_told = (pieces.within >= raster_cover.LEAST_WITHIN) & (coverage >= raster_cover.LEAST_KNOWN)
    total[~is_told] = np.nan
    lived_in = people > 0
    owner, cell, people = owner[lived_in], pieces.cell[is_known][lived_in], people[lived_in]
    row, column = np.divmod(cell, raster.grid.columns)
    outside = float(np.nansum(raster.values)) - float(people.sum())
    return PeopleCells(owner, raster.find_lonlat(row, column), people, total, outside, coverage)


def rescale_people(
    cells: PeopleCells, official: geodesy.Floats, kode: Sequence[str]
) -> tuple[PeopleCells, tuple[Finding, ...]]:
    """The same pattern with the official total of each desa; desa without one stay as they are.

    Findings
    --------
    population.no_cells
        People are registered where the raster has none: they cannot be placed (warning).
    """
    factor = np.ones(len(cells.total))
    is_placed = np.isfinite(official) & (np.nan_to_num(cells.total) > 0)
    factor[is_placed] = official[is_placed] / cells.total[is_placed]
    lost = np.isfinite(official) & (official > 0) & ~is_placed
    findings = _report_unplaced(lost, official, kode)
    total = np.where(is_placed, official, np.where(lost, np.nan, cells.total))
    people = cells.people * factor[cells.desa]
    return replace(cells, people=people, total=total), findings


def withhold_unplaced(
    cells: PeopleCells, registered: geodesy.Floats, kode: Sequence[str]
) -> tuple[PeopleCells, tuple[Finding, ...]]:
    """Unknown people instead of nobody where some are registered: a desa of 700 is not empty.

    Findings
    --------
    population.no_cells
        People are registered where every cell of the raster is 0 (warning).
    """
    lost = (registered > 0) & (cells.total == 0)
    findings = _report_unplaced(lost, registered, kode)
    coverage = cells.coverage if cells.coverage is None else np.where(lost, 0.0, cells.coverage)
    return replace(cells, total=np.where(lost, np.nan, cells.total), coverage=coverage), findings


def _report_unplaced(
    lost: NDArray[np.bool_], registered: geodesy.Floats, kode: Sequence[str]
) -> tuple[Finding, ...]:
    return tuple(
        NO_CELLS.finding(
            "People are registered here, but the population raster has none to place them.",
            kode=kode[int(row)],
            measure=float(registered[row]),
        )
        for row in np.flatnonzero(lost)
    )


def summarise_people(
    cells: PeopleCells,
    value: geodesy.Floats,
    edges: Sequence[float],
    *,
    off_grid: np.ndarray | None = None,
) -> pd.DataFrame:
    """People of each desa by what they must travel; the parts add up to the people.

    Parameters
    ----------
    value
        Distance or minutes of each piece; NaN where no facility is reached.
    edges
        Upper edges of bands, ascending; an edge belongs to the lower band.
    off_grid
        Pieces for which nothing could be computed (outside the friction raster).

    Returns
    -------
    DataFrame
        One row per desa: ``people`` (null where unknown), in people ``band_1`` to the first edge
        and so on, the last band open, ``unreached``, ``off_grid``; ``mean, median, p90`` over
        reached people (null without any).
    """
    count = len(cells.total)
    off = np.zeros(len(value), bool) if off_grid is None else off_grid
    reached = ~off & np.isfinite(value)

    def add(mask: np.ndarray) -> geodesy.Floats:
        return np.bincount(cells.desa[mask], cells.people[mask], count).astype(float)

    frame = pd.DataFrame({"people": cells.total})
    band = np.searchsorted(np.asarray(edges, float), value, side="left")
    for number in range(len(edges) + 1):
        frame[f"band_{number + 1}"] = add(reached & (band == number))
    frame["unreached"] = add(~off & ~reached)
    frame["off_grid"] = add(off)
    people = add(reached)
    weighted = np.bincount(
        cells.desa[reached], (cells.people * np.nan_to_num(value))[reached], count
    )
    frame["mean"] = np.divide(weighted, people, out=np.full(count, np.nan), where=people > 0)
    quantiles = find_quantiles(
        cells.desa[reached], value[reached], cells.people[reached], count, (0.5, 0.9)
    )
    frame["median"], frame["p90"] = quantiles.T
    unknown = np.isnan(frame["people"].to_numpy(float))
    frame.loc[unknown, [name for name in frame.columns if name != "people"]] = np.nan
    return frame


def find_quantiles(
    group: nearest.Ints,
    value: geodesy.Floats,
    weight: geodesy.Floats,
    groups: int,
    shares: Sequence[float],
) -> geodesy.Floats:
    """Weighted quantiles by group, shape (groups, shares): the least value that the share of weight
    does not exceed; NaN for a group without weight.
    """
    order = np.lexsort((value, group))
    group, value, weight = group[order], value[order], weight[order]
    out = np.full((groups, len(shares)), np.nan)
    if not group.size:
        return out
    first = np.searchsorted(group, np.arange(groups), side="left")
    last = np.searchsorted(group, np.arange(groups), side="right")
    total = np.r_[0.0, np.cumsum(weight)]
    full = np.flatnonzero(last > first)
    for column, share in enumerate(shares):
        limit = total[first[full]] + share * (total[last[full]] - total[first[full]])
        index = np.searchsorted(total[1:], limit * (1 - 1e-12), side="left")
        out[full, column] = value[np.clip(index, first[full], last[full] - 1)]
    return out


def find_settlements(people: PeopleCells, desa: gpd.GeoDataFrame) -> geodesy.Floats:
    """Lon, lat of the middle of the most populated cell of each desa, shape (n, 2).

    A cell on the border counts with the people of its part inside, and only if its middle lies in
    the desa.  Ties go to the cell nearest to the middle of all people of the desa, then to the one
    farther north, then west.  Null where no cell is such.
    """
    places = np.full((len(desa), 2), np.nan)
    lon, lat = people.lonlat.T
    crowd = np.round(people.people, 6)
    order = np.lexsort((lon, -lat, _measure_to_middle(people), -crowd, people.desa))
    order = order[people.people[order] > 0]
    owner = people.desa[order]
    shapes = np.asarray(desa.geometry.array, dtype=object)
    first = np.searchsorted(owner, np.arange(len(desa)), side="left")
    last = np.searchsorted(owner, np.arange(len(desa)), side="right")
    open_rows = np.flatnonzero(last > first)
    for _ in range(MOST_TRIES):
        tried = people.lonlat[order[first[open_rows]]]
        inside = shapely.intersects_xy(shapes[open_rows], tried)
        places[open_rows[inside]] = tried[inside]
        open_rows = open_rows[~inside]
        first[open_rows] += 1
        open_rows = open_rows[first[open_rows] < last[open_rows]]
        if not open_rows.size:
            break
    return places


def _measure_to_middle(people: PeopleCells) -> geodesy.Floats:
    """How far each piece lies from the middle of the people of its desa, degrees, rounded."""
    owner, weight = people.desa, people.people
    whole = np.maximum(np.bincount(owner, weight), 1e-12)
    away = np.empty_like(people.lonlat)
    for axis in (0, 1):
        middle = np.bincount(owner, weight * people.lonlat[:, axis]) / whole
        away[:, axis] = people.lonlat[:, axis] - middle[owner]
    return np.hypot(away[:, 0], away[:, 1]).astype(float).round(6)
