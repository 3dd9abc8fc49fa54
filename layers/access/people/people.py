"""How many people live how far: population cells shared exactly between desa, and their summary.

People are counted where the population raster puts them; a cell on a border is divided by the
share of it that lies in each desa.  For every desa: people of all bands + unreached + off the
grid = people.  A mean over reached people always travels with the unreached.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from boundaries.findings.report import Finding
from layers.access.straight import geodesy, nearest
from layers.access.straight.geodesy import measure_degree_lat, measure_degree_lon
from layers.access.terrain import raster_cover, raster_kinds
from layers.access.terrain.raster import Raster, read_raster
from layers.access.terrain.raster_cover import LEAST_KNOWN, LEAST_WITHIN, cut_cells
from layers.errors import InputError
from layers.finding_words.finding_kinds import declared_kind
from layers.workspace import access_sections, workspace

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


def share_people(raster: Raster, desa: gpd.GeoDataFrame) -> PeopleCells:
    """The people of each desa, cell by cell; the raster counts people per cell.

    Cells on borders are shared by area (`exactextract`); counting a cell by its middle loses small
    desa.  Where polygons overlap, the people under both are counted twice and ``outside`` is less.
    """
    # People are never negative, so a negative number can say that a cell has none.
    laid = np.where(np.isnan(raster.values), -1, raster.values)
    pieces = cut_cells(laid, raster.grid, raster.crs, desa)
    is_known = pieces.value >= 0
    coverage = pieces.measure_known(is_known)
    owner, people = pieces.desa[is_known], (pieces.value * pieces.part)[is_known]
    total = np.bincount(owner, people, len(desa)).astype(float)
    is_told = (pieces.within >= LEAST_WITHIN) & (coverage >= LEAST_KNOWN)
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


IMPLAUSIBLE = declared_kind("population.implausible")
NOBODY = declared_kind("population.nobody")
PARTLY_COVERED = declared_kind("population.partly_covered")
PARTLY_OFFICIAL = declared_kind("population.partly_official")
OTHER_THAN_REGISTERED = declared_kind("population.other_than_registered")
NO_OFFICIAL = declared_kind("population.no_official")

PEOPLE_UNIT = "jiwa"
MOST_TIMES, MOST_OFF = 2.0, 0.2
"""Of the registered people: a desa, and all desa together, beyond which the raster is doubted."""
DENSEST_KM2 = 100_000.0
"""People per km2; the densest kecamatan of the country (Tambora, Jakarta) has half of it."""


def read_people(
    section: access_sections.PopulationSection,
    folder: Path,
    desa: gpd.GeoDataFrame,
    official: pd.Series[float] | None = None,
    registered: pd.Series[float] | None = None,
) -> tuple[PeopleCells | None, tuple[Finding, ...]]:
    """The people of each desa, cell by cell; None where the raster cannot be used.

    Parameters
    ----------
    official
        Numbers by kode that ``rescale_to`` asks for; each desa that has one is rescaled to it.
    registered
        Registered people by kode, whatever is rescaled: where there are any, nobody is not true.

    Findings
    --------
    population.other_than_registered
        The raster has less than half or more than twice the people that are registered in desa, or
        all together differ by over a fifth (warning, with their count and the worst of them).
    population.implausible
        More people than fit in the desa: the raster holds people per km2, not per cell? (warning).
    population.partly_covered
        The raster ends short of desa, or has no value in half of them or more: their people are
        unknown (warning, with their count).
    raster.part_of_desa
        See `report_parts`.
    population.partly_official
        Desa without an official number keep the sum of the raster (warning, with their count).
    population.nobody
        Every cell of desa is 0 and no official number says so: are they cells without data?
        (warning, with the count of desa and one of them).
    population.no_cells
        See `rescale_people` and `withhold_unplaced`; others as `read_raster`.
    """
    west, south, east, north = (float(edge) for edge in desa.total_bounds)
    raster, findings = read_raster(
        folder / section.path,
        section.path,
        raster_kinds.PEOPLE,
        crs=section.crs,
        nodata=section.nodata,
        band=section.band,
        band_key="[population] band",
        bbox_lonlat=(west, south, east, north),
    )
    if raster is None:
        return None, findings
    if section.empty == "nobody":
        raster.values[np.isnan(raster.values)] = 0
    people = share_people(raster, desa)
    findings = (*findings, *_report_uncovered(people, desa, section.path))
    kode = desa["kode"].tolist()
    counted = _numbers_of(kode, registered)
    if official is None:
        people, unplaced = withhold_unplaced(people, counted, kode)
        findings = (*findings, *(replace(finding, file=section.path) for finding in unplaced))
        nobody = _report_nobody((people.total == 0) & (counted != 0), desa, section.path)
        crowd = _report_crowd(people, desa, section.path)
        return people, (*findings, *nobody, *crowd, *_compare(people, counted, kode, section.path))
    goal = _numbers_of(kode, official)
    people, unplaced = rescale_people(people, goal, kode)
    people, empty = withhold_unplaced(people, np.where(np.isnan(goal), counted, 0), kode)
    findings = (
        *findings,
        *(replace(finding, file=section.path) for finding in (*unplaced, *empty)),
    )
    nobody = (people.total == 0) & np.isnan(goal) & (counted != 0)
    findings = (*findings, *_report_nobody(nobody, desa, section.path))
    unknown = int((np.isnan(goal) & (np.nan_to_num(people.total) > 0)).sum())
    if unknown:
        message = f"Desa without a value of {section.rescale_to} keep the people of the raster."
        finding = PARTLY_OFFICIAL.finding(message, section.path)
        findings = (*findings, replace(finding, measure=float(unknown), unit="desa"))
    return people, findings


def _numbers_of(kode: list[str], numbers: pd.Series[float] | None) -> NDArray[np.float64]:
    """The numbers in the order of ``kode``; NaN without one."""
    if numbers is None:
        return np.full(len(kode), np.nan)
    return np.asarray(numbers.reindex(kode), np.float64)


def _compare(
    people: PeopleCells, registered: NDArray[np.float64], kode: list[str], path: str
) -> tuple[Finding, ...]:
    """Where the raster and the register speak of quite other numbers of people."""
    is_both = (registered > 0) & (people.total > 0)
    if not is_both.any():
        return ()
    ratio = people.total[is_both] / registered[is_both]
    off = np.maximum(ratio, 1 / ratio)
    raster, counted = float(people.total[is_both].sum()), float(registered[is_both].sum())
    is_far = off > MOST_TIMES
    if not is_far.any() and abs(raster / counted - 1) <= MOST_OFF:
        return ()
    message = (
        f"The population raster has {raster:,.0f} people where {counted:,.0f} are registered, and "
        f"in {int(is_far.sum())} desa less than half or more than twice as many; people beyond a "
        'norm are those of the raster. rescale_to = "penduduk_jiwa" brings both together.'
    )
    worst = np.array(kode)[is_both][int(np.argmax(off))]
    finding = OTHER_THAN_REGISTERED.finding(message, path)
    return (replace(finding, measure=float(is_far.sum()), unit="desa", value=str(worst)),)


def _report_crowd(people: PeopleCells, desa: gpd.GeoDataFrame, path: str) -> tuple[Finding, ...]:
    shapes = np.asarray(desa.geometry.array, dtype=object)[np.isfinite(people.total)]
    _, south, _, north = shapely.bounds(shapes).T
    lat = (south + north) / 2
    km2 = shapely.area(shapes) * measure_degree_lon(lat) * measure_degree_lat(lat) / 1e6
    density = float(np.nansum(people.total)) / max(float(km2.sum()), 1e-9)
    if density <= DENSEST_KM2:
        return ()
    message = "More people than could live here: does the raster hold people per km2, not per cell?"
    finding = IMPLAUSIBLE.finding(message, path)
    return (replace(finding, measure=round(density), unit="jiwa/km2"),)


def _report_nobody(
    is_empty: NDArray[np.bool_], desa: gpd.GeoDataFrame, path: str
) -> tuple[Finding, ...]:
    """Desa where the raster says that nobody lives, and no official number contradicts it."""
    if not is_empty.any():
        return ()
    message = "The population raster has nobody in desa: are its cells without data 0?"
    finding = NOBODY.finding(message, path)
    kode = str(desa["kode"].to_numpy()[is_empty].min())
    return (replace(finding, measure=float(is_empty.sum()), unit="desa", value=kode),)


def _report_uncovered(
    people: PeopleCells, desa: gpd.GeoDataFrame, path: str
) -> tuple[Finding, ...]:
    shapes = desa.geometry
    unknown = np.isnan(people.total) & ~(shapes.isna() | shapes.is_empty).to_numpy()
    assert people.coverage is not None
    parts = raster_cover.report_parts(
        np.where(unknown, np.nan, people.coverage), desa, path, "people"
    )
    if not unknown.any():
        return parts
    message = (
        "The population raster ends short of desa, or has no value in most of them: people "
        "unknown. Where it leaves out cells in which nobody lives (WorldPop constrained, HRSL), "
        'declare empty = "nobody" under [population].'
    )
    finding = PARTLY_COVERED.finding(message, path)
    kode = str(desa["kode"].to_numpy()[unknown].min())
    return (replace(finding, measure=float(unknown.sum()), unit="desa", value=kode), *parts)


def choose_official(
    section: access_sections.PopulationSection | None,
    wide: pd.DataFrame,
    definitions: Mapping[str, workspace.IndicatorSection],
) -> tuple[pd.Series[float] | None, tuple[Finding, ...]]:
    """Registered people by kode: the indicator that ``rescale_to`` names, where it has a value.

    Parameters
    ----------
    wide
        The indicators of the desa: ``kode`` and, for those that tables fill, ``<name>`` and
        ``<name>_status``; only rows with status ``ok`` count.
    definitions
        All indicators by name.

    Findings
    --------
    population.no_official
        No table of the workspace fills the indicator; the raster is used as it is (warning).

    Raises
    ------
    InputError
        ``rescale_to`` names no indicator, or one that does not count people.
    """
    if section is None or section.rescale_to is None:
        return None, ()
    name = section.rescale_to
    if name not in definitions:
        near = get_close_matches(name, definitions, n=1)
        hint = f" Did you mean '{near[0]}'?" if near else ""
        raise InputError(f"population.rescale_to: {name!r} is no indicator.{hint}")
    if definitions[name].unit != PEOPLE_UNIT or not definitions[name].is_summable:
        raise InputError(
            f"population.rescale_to: {name!r} does not count people (its unit is "
            f"{definitions[name].unit!r}); name one that is summable and in {PEOPLE_UNIT!r}."
        )
    known_rows = wide[wide[f"{name}_status"] == "ok"] if name in wide else wide.iloc[:0]
    if known_rows.empty:
        message = f"No table fills {name}, so people are not rescaled to it."
        return None, (NO_OFFICIAL.finding(message, section.path, value=name),)
    return pd.Series(known_rows[name].to_numpy(float), index=known_rows["kode"]), ()
