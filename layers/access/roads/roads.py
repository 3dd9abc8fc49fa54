"""Roads as lines with a class of the speed table and a direction, from GIS files or OSM PBF."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import shapely

from boundaries.bounds import input_limits, input_readers
from boundaries.findings import locations, report
from boundaries.findings.report import Finding, LoadCount
from layers.access.roads import osm_ways, road_directions
from layers.access.terrain.speeds import SpeedTable
from layers.errors import InputError
from layers.finding_words.finding_kinds import declared_kind
from layers.tables.rows.declared_words import check_words
from layers.workspace import access_sections, drawn_files

ELSEWHERE = declared_kind("road.elsewhere")

SMALLEST_DEGREES = 1e-3
Bbox = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class RoadsResult:
    """Usable roads (``road_class, oneway, name, geometry``, EPSG:4326) and what became of each row.

    The roads do not come in the order of the file.  ``oneway`` is 1 along the line, -1 against it,
    0 both ways, 2 unknown: passable in neither direction for who obeys one-way roads.
    """

    roads: gpd.GeoDataFrame
    findings: tuple[report.Finding, ...]
    load: report.LoadCount


def read_roads(
    section: access_sections.RoadSection, folder: Path, speeds: SpeedTable
) -> RoadsResult:
    """The roads of one declared file.

    Findings
    --------
    road.unknown_class
        The word is in no class of the speed table: not used (warning, one a word).
    road.no_line
        The row has no line: not used (warning, with the count).
    road.duplicate
        The same line again (note, with the count).
    road.two_classes
        The same line in several classes: the faster counts (warning, with the count and the words).
    road.cut_off, road.closed, road.private
        See `layers.access.roads.osm_ways`.
    road.unknown_oneway, road.oneway_not_declared
        See `layers.access.roads.road_directions`.

    Raises
    ------
    InputError
        The file is missing, unreadable, lacks a column or does not say its CRS.
    """
    path = folder / section.path
    if not drawn_files.is_drawn_input(path):
        raise InputError(f"roads: {section.path} does not exist.")
    if is_osm := osm_ways.is_osm(path):
        file = input_limits.InputFile(path, section.path)
        frame = input_readers.read_within(file, _read_osm, file)
        findings = osm_ways.report_cut(frame, section.path)
    else:
        frame, findings = _read_lines(section, path)
    read, rows = len(frame), frame["row"]
    frame = _split_parts(frame)
    is_line = frame.geometry.geom_type.eq("LineString").to_numpy() & ~frame.geometry.is_empty
    lost = read - frame.loc[is_line, "row"].nunique()
    if lost:
        message = "Rows without a line; not used."
        first = int(rows[~rows.isin(frame.loc[is_line, "row"])].min())
        finding = _count("road.no_line", report.Severity.WARNING, message, section, lost)
        findings.append(replace(finding, row=first))
    frame = frame[is_line]
    frame, lost_ways, problems = _add_classes(frame, section, speeds, is_osm)
    findings += problems
    oneway, problems = _read_oneway(frame, section, is_osm)
    findings += problems
    unmatched = lost + int(frame.loc[lost_ways, "row"].nunique())
    frame = _sort(frame.assign(direction=oneway)[~lost_ways])
    frame = frame.assign(direction=road_directions.merge_directions(frame))
    frame, repeated, problems = _drop_repeats(frame, section)
    findings += problems
    name_column = "name" if is_osm else section.name_column
    names = frame[name_column] if name_column else pd.Series(None, frame.index)
    roads = gpd.GeoDataFrame(
        {
            "road_class": frame["road_class"].to_numpy(dtype=object),
            "oneway": frame["direction"].to_numpy(np.int8),
            "name": names.to_numpy(dtype=object),
        },
        geometry=frame.geometry.to_numpy(),
        crs="EPSG:4326",
    )
    used = read - unmatched - repeated
    load = report.LoadCount("roads", section.path, read, used, unmatched, repeated)
    return RoadsResult(roads, tuple(findings), load)


def _add_classes(
    frame: gpd.GeoDataFrame, section: access_sections.RoadSection, speeds: SpeedTable, is_osm: bool
) -> tuple[gpd.GeoDataFrame, "pd.Series[bool]", list[report.Finding]]:
    """The rows with ``road_class``, which of them are not used, and why."""
    column = "highway" if is_osm else section.class_column
    words = frame[column].map(road_directions.single_word)
    classes = {word: _classify(word, section.classes, speeds) for word in words.unique()}
    road_class = words.map(classes)
    findings = check_words(section.classes, words, "[roads.classes]", column, section.path)
    unknown = road_class.isna()
    for word, times in words[unknown].value_counts().sort_index().items():
        message = f"Road class {word!r} is in no class of speeds; map it under [roads.classes]."
        count, first = int(times), int(frame.loc[words == word, "row"].min())
        finding = _count("road.unknown_class", report.Severity.WARNING, message, section, count)
        findings.append(replace(finding, row=first, value=word or None))
    lost = unknown
    if column == "highway":
        road_class, problems = osm_ways.close_ways(frame, road_class, section.path)
        lost = unknown | road_class.eq("")
        findings += problems
    return frame.assign(road_class=road_class), lost, findings


def _drop_repeats(
    frame: gpd.GeoDataFrame, section: access_sections.RoadSection
) -> tuple[gpd.GeoDataFrame, int, list[report.Finding]]:
    """Each line once in each of its classes, how many rows that leaves out, and the findings.

    Where a line has several classes, all stay: along them the least time counts.
    """
    line = pd.Series(frame.geometry.normalize().to_wkb(), frame.index)
    keys = pd.DataFrame({"line": line, "road_class": frame["road_class"]})
    again = keys.duplicated().to_numpy()
    repeated = frame.loc[again & ~frame["row"].isin(frame.loc[~again, "row"]), "row"].nunique()
    findings = []
    if again.any():
        message = "The same line again; counted once."
        findings.append(
            _count("road.duplicate", report.Severity.NOTE, message, section, int(again.sum()))
        )
    is_both = np.zeros(len(frame), bool)
    is_both[~again] = line[~again].duplicated(keep=False)
    if is_both.any():
        classes = ", ".join(sorted(set(frame.loc[is_both, "road_class"])))
        message = f"The same line stands in several classes ({classes}); the faster counts."
        count = int(line[is_both].nunique())
        finding = _count("road.two_classes", report.Severity.WARNING, message, section, count)
        row = int(frame.loc[is_both, "row"].min())
        findings.append(replace(finding, row=row, value=classes))
    return frame[~again], int(repeated), findings


def check_roads(section: access_sections.RoadSection, folder: Path, speeds: SpeedTable) -> None:
    """Refuse declared columns that a file does not have, and classes without speed.

    Raises
    ------
    InputError
        As `read_roads`; for a class of ``[roads.classes]`` that no mode has a speed for.
    """
    classes = {name for mode in speeds.modes.values() for name in mode.roads}
    unknown = sorted({*section.classes.values()} - classes)
    if unknown:
        raise InputError(
            f"roads: {section.path}: no mode has a speed for the class {', '.join(unknown)}. "
            f"Known: {', '.join(sorted(classes))}."
        )
    path = folder / section.path
    if path.suffix.lower() not in {".gpkg", ".shp", ".fgb"}:
        return
    file = input_limits.InputFile(path, section.path, section.layer)
    columns = input_readers.read_within(file, _list_columns, file, section.encoding)
    if columns is not None:
        _check_columns(section, columns)


def _list_columns(file: input_limits.InputFile, encoding: str | None) -> list[str] | None:
    """The columns of a file that has features."""
    try:
        info = pyogrio.read_info(file.path, layer=file.layer, encoding=encoding)
    except (ValueError, OSError, RuntimeError):
        return None  # whoever reads the file says what is wrong with it
    return list(info["fields"]) if info["features"] else None


def _read_osm(file: input_limits.InputFile) -> gpd.GeoDataFrame:
    """The ways of an OSM extract, no more of them than one input may have."""
    frame = osm_ways.read_osm(file.path)
    input_readers.check_shapes(file, np.asarray(frame.geometry.array, dtype=object))
    return frame


def _read_lines(
    section: access_sections.RoadSection, path: Path
) -> tuple[gpd.GeoDataFrame, list[report.Finding]]:
    named = (section.class_column, section.oneway_column, section.name_column)
    frame, findings = drawn_files.read_drawn(
        path,
        f"roads: {section.path}",
        layer=section.layer,
        crs=section.crs,
        encoding=section.encoding,
        file=section.path,
        columns=named,
    )
    _check_columns(section, list(frame.columns))
    return frame.assign(row=np.arange(1, len(frame) + 1)), findings


def _check_columns(section: access_sections.RoadSection, columns: list[str]) -> None:
    for column in (section.class_column, section.oneway_column, section.name_column):
        if column is not None and column not in columns:
            names = [name for name in columns if name != "geometry"]
            listed = ", ".join(map(repr, names)) or "none (is the .dbf beside it?)"
            raise InputError(
                f"roads: {section.path} has no column {column!r}. Columns: {listed}."
                f"{locations.hint_word(column, columns)}"
            )


def _split_parts(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """A row for each part, in the plane: the same line at another height is the same."""
    flat = frame.set_geometry(shapely.force_2d(np.asarray(frame.geometry.array)), crs=frame.crs)
    return flat.explode(ignore_index=True, index_parts=False)


def _sort(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """The rows in an order that only what they say decides, however the file has them.

    Of the same line twice it decides which is counted, and of sums how they are rounded.
    """
    plain, drawn = frame.geometry.normalize().to_wkb(), frame.geometry.to_wkb()
    keys = list(zip(plain, frame["road_class"], frame["direction"], drawn, strict=True))
    return frame.iloc[sorted(range(len(keys)), key=keys.__getitem__)]


def _classify(word: str, classes: dict[str, str], speeds: SpeedTable) -> str | None:
    road_classes = {name for mode in speeds.modes.values() for name in mode.roads}
    declared = {road_directions.single_word(key): value for key, value in classes.items()}
    name = declared.get(word, osm_ways.OSM_CLASSES.get(word, word))
    return name if name in road_classes else None


def _read_oneway(
    frame: gpd.GeoDataFrame, section: access_sections.RoadSection, is_osm: bool
) -> tuple[road_directions.Directions, list[report.Finding]]:
    """Directions by the declared column; in an export of OSM, roundabouts are one-way as well."""
    name = "oneway" if is_osm else section.oneway_column
    if name is None:
        return np.zeros(len(frame), np.int8), road_directions.report_undeclared(frame, section.path)
    words = frame[name].astype(object)
    if section.class_column == "highway" and not is_osm:
        junction = frame["junction"] if "junction" in frame else pd.Series(None, frame.index)
        pairs = zip(frame["highway"], junction, strict=True)
        is_implied = np.array([road_directions.is_implied_oneway(*pair) for pair in pairs], bool)
        words = words.mask(is_implied & words.isna().to_numpy(), "yes")
    return road_directions.read_directions(
        words,
        frame["row"],
        section.directions,
        section.path,
        is_geofabrik="fclass" in frame.columns,
    )


def _count(
    code: str,
    severity: report.Severity,
    message: str,
    section: access_sections.RoadSection,
    count: int,
) -> report.Finding:
    return declared_kind(code).finding(
        message,
        file=section.path,
        measure=float(count),
        unit="rows",
        severity=severity,
    )


def find_elsewhere(result: RoadsResult, bbox_lonlat: Bbox) -> list[Finding]:
    """The finding of a file of roads that all lie elsewhere.

    Findings
    --------
    road.elsewhere
        Nothing of the file lies in the loaded area (warning).
    """
    usable = result.roads.geometry
    if not len(usable) or usable.intersects(shapely.box(*bbox_lonlat)).any():
        return []
    message = f"None of these roads lies in the loaded area.{_explain_place(usable, bbox_lonlat)}"
    return [ELSEWHERE.finding(message, result.load.file, measure=len(usable))]


def _explain_place(shapes: gpd.GeoSeries, bbox_lonlat: Bbox) -> str:
    """Why shapes may lie elsewhere: what their numbers look like."""
    west, south, east, north = (float(edge) for edge in shapes.total_bounds)
    if shapely.box(south, west, north, east).intersects(shapely.box(*bbox_lonlat)):
        return " Latitude and longitude are swapped in the file: save it with longitude first."
    if max(abs(west), abs(east)) > 180 or max(abs(south), abs(north)) > 90:
        return (
            f" Their numbers ({(west + east) / 2:.0f}, {(south + north) / 2:.0f}) are metres, but "
            'the file says degrees: declare the CRS they are of, such as crs = "EPSG:32751".'
        )
    if max(east - west, north - south) < SMALLEST_DEGREES:
        return " They lie within 100 m, as degrees do that are read as metres: is crs right?"
    return ""


BARRIER_UNUSABLE = declared_kind("access.barrier_unusable")
BARRIER_ELSEWHERE = declared_kind("access.barrier_elsewhere")


@dataclass(frozen=True, slots=True)
class BarriersResult:
    """Usable barriers (one geometry a row, EPSG:4326) and what became of each file's rows."""

    barriers: gpd.GeoDataFrame
    findings: tuple[Finding, ...]
    loads: tuple[LoadCount, ...]


def read_barriers(
    sections: Sequence[access_sections.BarrierSection], folder: Path, bbox_lonlat: Bbox
) -> BarriersResult:
    """All declared barriers.

    Findings
    --------
    access.barrier_unusable
        Rows without a line or polygon; not used (warning, with their count).
    access.barrier_elsewhere
        Nothing of the file lies in the loaded area (warning).

    Raises
    ------
    InputError
        A file is missing, unreadable or does not say its CRS.
    """
    frames, findings, loads = [], [], []
    for section in sections:
        path = folder / section.path
        label = f"barriers: {section.path}"
        frame, _ = drawn_files.read_drawn(path, label, layer=section.layer, crs=section.crs)
        shapes = np.asarray(frame.geometry.array, dtype=object)
        kinds = shapely.get_dimensions(shapes)
        usable = (kinds >= 1) & ~shapely.is_empty(shapes)
        if not usable.all():
            message = "Rows without a line or polygon stop nobody; not used."
            finding = BARRIER_UNUSABLE.finding(message, section.path)
            findings.append(replace(finding, measure=float((~usable).sum()), unit="rows"))
        lost = int((~usable).sum())
        loads.append(LoadCount("barriers", section.path, len(frame), len(frame) - lost, lost, 0))
        frame = frame[usable]
        if not frame.geometry.intersects(shapely.box(*bbox_lonlat)).any():
            place = _explain_place(frame.geometry, bbox_lonlat) if len(frame) else ""
            message = f"None of these barriers lies in the loaded area.{place}"
            findings.append(BARRIER_ELSEWHERE.finding(message, section.path))
        frames.append(frame[["geometry"]])
    joined = pd.concat(frames, ignore_index=True) if frames else {"geometry": []}
    barriers = gpd.GeoDataFrame(joined, geometry="geometry", crs="EPSG:4326")
    return BarriersResult(barriers, tuple(findings), tuple(loads))
