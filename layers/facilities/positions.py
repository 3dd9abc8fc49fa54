"""Where the facilities of a list are: positions repaired, and held against the loaded desa."""

from collections.abc import Sequence
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from boundaries.findings import report
from boundaries.findings.accepted import Acceptance, is_accepted
from layers.access.straight.arrays import take_or_none
from layers.access.straight.land import Land
from layers.access.straight.nearest import measure_to_polygon
from layers.facilities import checks, doubtful_places
from layers.facilities.rows import FacilityRows
from layers.finding_words.finding_kinds import declared_kind
from layers.tables.points import coordinates, point_cells
from layers.tables.points.metres import is_inside, widened

MANY_REPAIRED = 10
"""Rows repaired in one way (a whole file without its minus) beyond which one finding lists them."""
KANTOR_REACH_M = 5000.0
"""A kantor desa farther than this from the desa it is declared for is a slip, not an office."""
_POSITION_CODES = {
    coordinates.CoordinateProblem.EMPTY: "facility.no_position",
    coordinates.CoordinateProblem.UNREADABLE: "facility.unreadable_position",
    coordinates.CoordinateProblem.OUT_OF_RANGE: "facility.out_of_range",
    coordinates.CoordinateProblem.ZERO: "facility.zero_position",
    coordinates.CoordinateProblem.SWAPPED: "facility.swapped",
    coordinates.CoordinateProblem.MINUS_LOST: "facility.minus_lost",
    coordinates.CoordinateProblem.MINUS_DOUBTFUL: "facility.minus_doubtful",
    coordinates.CoordinateProblem.POINT_LOST: "facility.point_lost",
    coordinates.CoordinateProblem.POINT_DOUBTFUL: "facility.point_doubtful",
    coordinates.CoordinateProblem.OUTSIDE_INDONESIA: "facility.outside_indonesia",
    coordinates.CoordinateProblem.OUTSIDE_AREA: "facility.outside",
    coordinates.CoordinateProblem.METRES: "facility.metres",
    coordinates.CoordinateProblem.DEGREES: "facility.degrees",
    coordinates.CoordinateProblem.MINUTES: "facility.minutes",
    coordinates.CoordinateProblem.NOT_ONE_POINT: "facility.not_one_point",
    coordinates.CoordinateProblem.AREA: "facility.area",
    coordinates.CoordinateProblem.VIEW_CENTRE: "facility.view_centre",
}
_ASK_KANTOR = (
    "The point lies far outside the desa its code names, so it is not used as origin until that is "
    "decided: correct the position, or accept it under [[allow]] with check = "
    '"facility.kantor_elsewhere" and kode = "{kode}".'
)
_NOTES = {coordinates.CoordinateProblem.OUTSIDE_AREA, coordinates.CoordinateProblem.AREA}
_OF_LISTS = {
    coordinates.CoordinateProblem.METRES,
    coordinates.CoordinateProblem.DEGREES,
    coordinates.CoordinateProblem.MINUTES,
}
"""What is wrong with a list rather than with a row: one finding says it once."""


def add_position(
    frame: pd.DataFrame, rows: FacilityRows, desa: gpd.GeoDataFrame, log: checks.RowFindings
) -> pd.DataFrame:
    """The rows whose position is known, with ``x`` and ``y`` (lon, lat).

    Findings
    --------
    See ``facility.*`` in ``layers/FINDINGS.md``.
    """
    west, south, east, north = desa.total_bounds
    positions = point_cells.place_points(
        rows.points.take(frame["at"].tolist()),
        (float(west), float(south), float(east), float(north)),
    )
    _tell_positions(positions, frame["row"].tolist(), log)
    _tell_none_near(positions, frame["row"].tolist(), desa, log)
    frame = frame.assign(x=positions.lon, y=positions.lat)
    return frame[frame["x"].notna()]


def _tell_positions(
    positions: coordinates.Positions, numbers: list[int], log: checks.RowFindings
) -> None:
    """A finding for each row; one for many rows that were repaired, or are wrong, in one way."""
    groups: dict[tuple[coordinates.CoordinateProblem, str], list[coordinates.PositionProblem]] = {}
    for problem in positions.problems:
        groups.setdefault((problem.problem, problem.message), []).append(problem)
    for (kind, _), problems in groups.items():
        severity = report.Severity.NOTE if kind in _NOTES else report.Severity.WARNING
        message = coordinates.write_sentence(problems[0], "facility")
        is_many = all(problem.is_usable for problem in problems) and len(problems) > MANY_REPAIRED
        if is_many or (kind in _OF_LISTS and len(problems) > 1):
            rows = [numbers[problem.index] for problem in problems]
            message = f"{len(rows)} of {len(numbers)} rows: {message}"
            log.add_rows(_POSITION_CODES[kind], severity, message, rows, problems[0].value)
            continue
        for problem in problems:
            row = numbers[problem.index]
            value = None if kind is coordinates.CoordinateProblem.AREA else problem.value
            log.add(_POSITION_CODES[kind], severity, message, row, value=value)


def _tell_none_near(
    positions: coordinates.Positions,
    numbers: list[int],
    desa: gpd.GeoDataFrame,
    log: checks.RowFindings,
) -> None:
    """A list of which no place lies in or about the loaded area.

    Findings
    --------
    facility.none_near
        Of another area, or in another CRS than its file says? (warning, with the count of rows);
        used as they stand.
    """
    west, south, east, north = (float(edge) for edge in desa.total_bounds)
    lonlat = np.column_stack([positions.lon, positions.lat])
    has_place = np.isfinite(lonlat).all(axis=1)
    near = is_inside(lonlat, widened((west, south, east, north)))
    if np.isfinite(west) and has_place.any() and not near.any():
        count = int(has_place.sum())
        message = (
            f"None of {count} places of this list lies in the loaded area or within 0.5 degrees of "
            "it: is it the list of another area, or is its CRS another than the file says?"
        )
        first = numbers[int(np.argmax(has_place))]
        log.add(
            "facility.none_near",
            report.Severity.WARNING,
            message,
            first,
            measure=count,
            unit="rows",
        )


def add_place(
    frame: pd.DataFrame,
    desa: gpd.GeoDataFrame,
    land: Land,
    log: checks.RowFindings,
    accepted: Sequence[Acceptance] = (),
) -> pd.DataFrame:
    """The rows with ``kode_desa_letak``; a kantor desa far from its desa waits for a decision.

    Findings
    --------
    facility.near_shore, facility.on_sea
        The point lies in no loaded desa, just outside or farther (note, warning); used.
    facility.elsewhere
        The point lies outside the desa its code names (warning); used.
    facility.kantor_elsewhere
        A kantor desa lies outside its desa (warning); farther than ``KANTOR_REACH_M`` it is used
        only where the workspace accepts this finding: no distance starts from a slip.
    And those of `tell_shared_points`.
    """
    lonlat = frame[["x", "y"]].to_numpy(float)
    row = land.find_desa(lonlat)
    kode = desa["kode"].to_numpy(dtype=object)
    frame = frame.assign(kode_desa_letak=take_or_none(kode, row))
    _report_sea(frame[row < 0], desa, land, log)
    doubtful_places.tell_shared_points(frame, desa, log)
    return _hold_far_kantor(frame, desa, kode, log, accepted)


def _report_sea(
    frame: pd.DataFrame, desa: gpd.GeoDataFrame, land: Land, log: checks.RowFindings
) -> None:
    """Points inside the loaded area's box, yet in none of its desa."""
    west, south, east, north = desa.total_bounds
    for x, y, row in frame[["x", "y", "row"]].itertuples(index=False):
        if not (west <= x <= east and south <= y <= north):
            continue
        nearest: shapely.Geometry = land.polygons[int(land.tree.nearest(shapely.Point(x, y)))]
        metres = measure_to_polygon(nearest, x, y)
        if land.find_part(np.array([[x, y]]))[0] >= 0:
            code, severity = "facility.near_shore", report.Severity.NOTE
            message = "The point lies just outside every desa (a simplified coast?)."
        else:
            code, severity = "facility.on_sea", report.Severity.WARNING
            message = "The point lies in no loaded desa: at sea, or beyond the border. Used."
        log.add(code, severity, message, row, measure=metres, unit="m")


def _hold_far_kantor(
    frame: pd.DataFrame,
    desa: gpd.GeoDataFrame,
    kode: np.ndarray,
    log: checks.RowFindings,
    accepted: Sequence[Acceptance],
) -> pd.DataFrame:
    """Points that lie in another desa than declared; a kantor far from its desa is asked about."""
    declared = frame["kode_desa_declared"]
    moved = declared.notna() & (declared != frame["kode_desa_letak"])
    far = np.zeros(len(frame), bool)
    for index in np.flatnonzero(moved):
        line = frame.iloc[index]
        declared_kode = line["kode_desa_declared"]
        polygon = desa.geometry.iloc[int(np.flatnonzero(kode == declared_kode)[0])]
        metres = measure_to_polygon(polygon, line["x"], line["y"])
        is_kantor = line["kind"] == checks.KANTOR_DESA
        code = "facility.kantor_elsewhere" if is_kantor else "facility.elsewhere"
        message = "The point lies outside the desa its code names; used as it stands."
        finding = declared_kind(code).finding(
            message,
            log.file,
            int(line["row"]),
            declared_kode,
            measure=metres,
            unit="m",
            severity=report.Severity.WARNING,
        )
        far[index] = (
            is_kantor and not metres <= KANTOR_REACH_M and not is_accepted(finding, accepted)
        )
        if far[index]:
            finding = replace(finding, message=_ASK_KANTOR.format(kode=declared_kode))
        log.findings.append(finding)
    return frame[~far]
