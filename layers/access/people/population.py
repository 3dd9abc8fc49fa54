"""The people of a workspace: its population raster, shared between desa, on official totals."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from difflib import get_close_matches
from pathlib import Path, PurePosixPath

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from boundaries.findings.report import Finding
from layers.access.people import people_grid
from layers.access.straight.geodesy import measure_degree_lat, measure_degree_lon
from layers.access.terrain import raster_cover, raster_kinds, rasters
from layers.errors import InputError
from layers.finding_words.finding_kinds import declared_kind
from layers.tables.rows import stated_years
from layers.workspace import access_sections, sections

IMPLAUSIBLE = declared_kind("population.implausible")
NOBODY = declared_kind("population.nobody")
PARTLY_COVERED = declared_kind("population.partly_covered")
PARTLY_OFFICIAL = declared_kind("population.partly_official")
OTHER_THAN_REGISTERED = declared_kind("population.other_than_registered")
NO_OFFICIAL = declared_kind("population.no_official")
OTHER_YEAR = declared_kind("population.other_year")
_YEAR = re.compile(r"(?<!\d)((?:19|20)\d\d)(?!\d)")

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
) -> tuple[people_grid.PeopleCells | None, tuple[Finding, ...]]:
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
    population.other_year
        The band describes itself as one of another year (warning).
    population.no_cells
        See `rescale_people` and `withhold_unplaced`; others as `read_raster`.
    """
    west, south, east, north = (float(edge) for edge in desa.total_bounds)
    raster, findings = rasters.read_raster(
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
    findings = (*findings, *_report_year(section, raster))
    if section.empty == "nobody":
        raster.values[np.isnan(raster.values)] = 0
    people = people_grid.share_people(raster, desa)
    findings = (*findings, *_report_uncovered(people, desa, section.path))
    kode = desa["kode"].tolist()
    counted = _numbers_of(kode, registered)
    if official is None:
        people, unplaced = people_grid.withhold_unplaced(people, counted, kode)
        findings = (*findings, *(replace(finding, file=section.path) for finding in unplaced))
        nobody = _report_nobody((people.total == 0) & (counted != 0), desa, section.path)
        crowd = _report_crowd(people, desa, section.path)
        return people, (*findings, *nobody, *crowd, *_compare(people, counted, kode, section.path))
    goal = _numbers_of(kode, official)
    people, unplaced = people_grid.rescale_people(people, goal, kode)
    people, empty = people_grid.withhold_unplaced(
        people, np.where(np.isnan(goal), counted, 0), kode
    )
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


def _report_year(
    section: access_sections.PopulationSection, raster: rasters.Raster
) -> tuple[Finding, ...]:
    """Where the only year that the band's description states, else the file's name, is another."""
    text = raster.applied[0].description or ""
    name = PurePosixPath(section.path).name
    years, says = set(map(int, _YEAR.findall(text))), f"The band is described as '{text}'"
    if not years and (of_name := stated_years.year_of_name(name)) is not None:
        years, text, says = {of_name}, name, f"The file is called '{name}'"
    if len(years) != 1 or section.year in years:
        return ()
    message = (
        f"{says}, but [population] declares year = {section.year}; read "
        f"as people of {section.year}. Declare the year that the raster is of."
    )
    return (OTHER_YEAR.finding(message, section.path, value=text),)


def _numbers_of(kode: list[str], numbers: pd.Series[float] | None) -> NDArray[np.float64]:
    """The numbers in the order of ``kode``; NaN without one."""
    if numbers is None:
        return np.full(len(kode), np.nan)
    return np.asarray(numbers.reindex(kode), np.float64)


def _compare(
    people: people_grid.PeopleCells, registered: NDArray[np.float64], kode: list[str], path: str
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


def _report_crowd(
    people: people_grid.PeopleCells, desa: gpd.GeoDataFrame, path: str
) -> tuple[Finding, ...]:
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
    people: people_grid.PeopleCells, desa: gpd.GeoDataFrame, path: str
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
    definitions: Mapping[str, sections.IndicatorSection],
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
        return None, (NO_OFFICIAL.finding(message, section.path, value=name, fields=(name,)),)
    return pd.Series(known_rows[name].to_numpy(float), index=known_rows["kode"]), ()
