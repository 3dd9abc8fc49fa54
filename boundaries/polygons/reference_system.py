"""Coordinates as lon, lat in EPSG:4326: what is provable is settled, the rest is asked."""

import numpy as np
import pyproj
import shapely
from numpy.typing import NDArray
from pyproj.exceptions import CRSError, ProjError

from boundaries import errors, geometry_arrays
from boundaries.findings import report
from boundaries.polygons.declaration import PolygonSource, RawLayer

THREE_DIMENSIONAL = report.declared_kind("boundary.three_dimensional")
CRS_ASSUMED = report.declared_kind("boundary.crs_assumed")
AXIS_SWAPPED = report.declared_kind("boundary.axis_swapped")
OUTSIDE_INDONESIA = report.declared_kind("boundary.outside_indonesia")
CRS_OVERRULED = report.declared_kind("boundary.crs_overruled")

INDONESIA = (94.0, -12.0, 142.0, 8.0)
"""West, south, east, north, with room for the sea; longitude and latitude cannot be confused."""

_ASK = 'Declare crs, such as crs = "EPSG:4326" for degrees or "EPSG:32748" for UTM zone 48S.'


def place_on_earth(
    raw: RawLayer, source: PolygonSource
) -> tuple[geometry_arrays.Geometries, list[report.Finding], pyproj.CRS]:
    """The geometries in two dimensions, lon, lat, EPSG:4326; and the CRS they were read as.

    Order of evidence for the CRS: the declaration, the file, the format's rule.  The axis order is
    the declared one; else it is read off the coordinates, which in Indonesia prove it (no
    longitude there is a latitude).

    Findings
    --------
    boundary.three_dimensional
        Heights were dropped (note).
    boundary.crs_overruled
        The workspace declares another CRS than the file (warning).
    boundary.crs_assumed
        The format says nothing; degrees inside Indonesia were taken as EPSG:4326 (note).
    boundary.axis_swapped
        Written as lat, lon and turned round (note for formats that do so always, else warning).
    boundary.outside_indonesia
        A row outside of Indonesia, in whichever order (warning); it loses its geometry.

    Raises
    ------
    InputUndeclaredError
        No CRS is known, or it cannot be right; the message says which is likely.
    """
    flat = shapely.force_2d(raw.geometry)
    findings = _note_heights(raw, source)
    if not _has_coordinates(flat):
        return flat, findings, pyproj.CRS(4326)
    crs, crs_findings = _settle_crs(raw, source, flat)
    findings += crs_findings
    if not crs.is_geographic and _is_degrees(flat):
        raise errors.InputUndeclaredError(_degrees_for_metres(source, crs, flat))
    if not crs.is_geographic:
        flat = _project(flat, crs, source.label)
    elif not crs.equals(pyproj.CRS(4326), ignore_axis_order=True) and _is_degrees(flat):
        flat = _project(_ordered(flat, source, raw)[0], crs, source.label)
    placed, axis_findings = _ordered(flat, source, raw)
    findings += axis_findings
    return (*_drop_outside(placed, raw, source, crs, findings), crs)


def _has_coordinates(geometry: geometry_arrays.Geometries) -> bool:
    return bool((~shapely.is_missing(geometry) & ~shapely.is_empty(geometry)).any())


def _note_heights(raw: RawLayer, source: PolygonSource) -> list[report.Finding]:
    count = int(shapely.has_z(raw.geometry).sum())
    if count == 0:
        return []
    message = f"{count} geometries had heights; they were dropped."
    return [THREE_DIMENSIONAL.finding(message, file=source.label, measure=count)]


def _settle_crs(
    raw: RawLayer, source: PolygonSource, flat: geometry_arrays.Geometries
) -> tuple[pyproj.CRS, list[report.Finding]]:
    declared = _parse(source.crs, f"crs of {source.label}") if source.crs else None
    crs_of_file = _parse(raw.crs, f"the CRS in {source.label}") if raw.crs else None
    if declared is not None:
        if crs_of_file is not None and not declared.equals(crs_of_file, ignore_axis_order=True):
            message = (
                f"The file says {crs_of_file.name}; the workspace declares {declared.name}, used."
            )
            return declared, [CRS_OVERRULED.finding(message, file=source.label)]
        return declared, []
    if crs_of_file is not None:
        return crs_of_file, []
    if source.path.suffix.lower() in (".shp", ".zip"):
        looks = "degrees" if _is_degrees(flat) else "metres of a projection (UTM?)"
        raise errors.InputUndeclaredError(
            f"{source.label}: no .prj, so its CRS is unknown; coordinates {_extent(flat)} look "
            f"like {looks}. {_ASK}"
        )
    if not _is_degrees(flat):
        raise errors.InputUndeclaredError(
            f"{source.label}: says no CRS, and coordinates {_extent(flat)} are no degrees. {_ASK}"
        )
    message = "The file says no CRS; its coordinates are degrees, taken as EPSG:4326."
    return pyproj.CRS(4326), [CRS_ASSUMED.finding(message, file=source.label)]


def _degrees_for_metres(
    source: PolygonSource, crs: pyproj.CRS, flat: geometry_arrays.Geometries
) -> str:
    """Degrees taken as metres lie within two hundred metres of the CRS's origin."""
    who = "the workspace declares" if source.crs else "the file says"
    return (
        f"{source.label}: {who} {crs.name}, which is in metres, but its coordinates "
        f'{_extent(flat)} are degrees. Declare crs = "EPSG:4326" if they are of WGS 84.'
    )


def _parse(text: str, what: str) -> pyproj.CRS:
    try:
        return pyproj.CRS.from_user_input(text)
    except CRSError as error:
        raise errors.InputUndeclaredError(f"{what} is not known: {text[:80]!r}. {_ASK}") from error


def _is_degrees(flat: geometry_arrays.Geometries) -> bool:
    bounds = shapely.total_bounds(flat)
    return bool(np.abs(bounds).max() <= 180)


def _project(
    flat: geometry_arrays.Geometries, crs: pyproj.CRS, label: str
) -> geometry_arrays.Geometries:
    transformer = pyproj.Transformer.from_crs(crs, 4326, always_xy=True)
    try:
        return np.asarray(
            shapely.transform(flat, lambda xy: np.column_stack(transformer.transform(*xy.T)))
        )
    except (ProjError, shapely.errors.GEOSException) as error:
        raise errors.InputUndeclaredError(
            f"{label}: its coordinates do not fit {crs.name}. {_ASK}"
        ) from error


def _inside(bounds: NDArray[np.float64]) -> NDArray[np.bool_]:
    west, south, east, north = INDONESIA
    return np.asarray(
        (bounds[:, 0] >= west)
        & (bounds[:, 1] >= south)
        & (bounds[:, 2] <= east)
        & (bounds[:, 3] <= north)
    )


def _ordered(
    flat: geometry_arrays.Geometries, source: PolygonSource, raw: RawLayer
) -> tuple[geometry_arrays.Geometries, list[report.Finding]]:
    """Lon, lat order; rows that are provably turned round are turned back."""
    if source.axis_order is not None:
        turn = np.full(len(flat), source.axis_order == "lat_lon")
    else:
        turn = _inside(shapely.bounds(flat)[:, [1, 0, 3, 2]])
    count = int(turn.sum())
    if count == 0:
        return flat, []
    turned = flat.copy()
    turned[turn] = shapely.transform(flat[turn], lambda xy: xy[:, ::-1])
    expected = source.axis_order == "lat_lon" or raw.axis_order == "lat_lon"
    message = f"{count} of {len(flat)} geometries were written lat, lon and turned round."
    severity = report.Severity.NOTE if expected else report.Severity.WARNING
    first = int(raw.rows[int(np.flatnonzero(turn)[0])])
    return turned, [
        AXIS_SWAPPED.finding(
            message,
            file=source.label,
            row=None if turn.all() else first,
            measure=count,
            severity=severity,
        )
    ]


def _drop_outside(
    placed: geometry_arrays.Geometries,
    raw: RawLayer,
    source: PolygonSource,
    crs: pyproj.CRS,
    findings: list[report.Finding],
) -> tuple[geometry_arrays.Geometries, list[report.Finding]]:
    bounds = shapely.bounds(placed)
    drawn = ~np.isnan(bounds[:, 0])
    outside = drawn & ~_inside(np.nan_to_num(bounds))
    if outside.any() and outside.sum() == drawn.sum():
        raise errors.InputUndeclaredError(_nowhere(raw, source, crs))
    in_indonesia = placed.copy()
    for index in np.flatnonzero(outside):
        west, south, east, north = bounds[index]
        in_indonesia[index] = None
        findings.append(
            OUTSIDE_INDONESIA.finding(
                "This polygon lies outside of Indonesia and was not used: check its coordinates.",
                file=source.label,
                row=int(raw.rows[index]),
                value=f"{west:.4f} {south:.4f} {east:.4f} {north:.4f}",
            )
        )
    return in_indonesia, findings


def _nowhere(raw: RawLayer, source: PolygonSource, crs: pyproj.CRS) -> str:
    flat = shapely.force_2d(raw.geometry)
    where = f"{source.label}: read as {crs.name}, its coordinates {_extent(flat)}"
    if crs.is_geographic and not _is_degrees(flat):
        return (
            f"{where} are no degrees but probably metres of a projection (UTM zones 46 to 54 "
            f"cover Indonesia). {_ASK}"
        )
    if crs.is_geographic and source.axis_order is not None:
        turned = source.axis_order == "lat_lon"
        bounds = shapely.total_bounds(flat)[[0, 1, 2, 3] if turned else [1, 0, 3, 2]]
        if _inside(bounds[np.newaxis])[0]:
            other = "lon_lat" if turned else "lat_lon"
            return f'{where} are no {source.axis_order}. Probably axis_order = "{other}" is right.'
    mirrored = _other_hemisphere(crs)
    if (
        mirrored is not None
        and _inside(shapely.bounds(_project(flat, mirrored, source.label))).any()
    ):
        return f'{where} lie outside of Indonesia. Probably crs = "{_code_of(mirrored)}" is right.'
    return f"{where} lie outside of Indonesia (94 to 142 E, 12 S to 8 N). {_ASK}"


def _other_hemisphere(crs: pyproj.CRS) -> pyproj.CRS | None:
    """The same zone of UTM on the other side of the equator; None for any other CRS."""
    if crs.utm_zone is None:
        return None
    base = 32600 if crs.utm_zone.endswith("S") else 32700
    return pyproj.CRS(base + int(crs.utm_zone[:-1]))


def _code_of(crs: pyproj.CRS) -> str:
    return f"EPSG:{crs.to_epsg()}"


def _extent(flat: geometry_arrays.Geometries) -> str:
    west, south, east, north = shapely.total_bounds(flat)
    return f"x {west:.6g} to {east:.6g}, y {south:.6g} to {north:.6g}"
