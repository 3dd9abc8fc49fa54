"""Polygons of what was drawn as lines: GPS tracks walked round a desa, outlines in Google Earth."""

import numpy as np
import shapely

from boundaries.findings.report import Severity, declared_kind
from boundaries.geometry_arrays import Geometry
from boundaries.polygons.declaration import RawLayer

CLOSING_SHARE = 0.02
"""A walk may end this share of its own length short of where it began, and still be closed."""

_POLYGONS = (3, 6)
_LINES = (1, 2, 5)
_COLLECTION = 7


def polygons_only(raw: RawLayer, label: str) -> RawLayer:
    """The layer with polygons alone: closed lines become polygons, all else loses its geometry.

    A geometry without coordinates (``POLYGON EMPTY``) is none, like null.  A line is closed when
    the gap between its ends is at most 2 % of its length: a GPS logger is stopped a few metres from
    where it was started.

    Findings
    --------
    boundary.line_closed
        A closed line was taken as the outline of a polygon (note).
    boundary.line_open
        A line that ends far from its beginning (warning); ``measure`` is the gap's share.
    boundary.not_polygon
        Points and the like (warning); they have no place in a boundary.
    """
    geometry = raw.geometry.copy()
    geometry[shapely.is_empty(geometry)] = None
    kinds = shapely.get_type_id(geometry)
    findings = list(raw.findings)
    for index in np.flatnonzero(~np.isin(kinds, (*_POLYGONS, -1))):
        geometry[index], finding = _as_polygon(raw.geometry[index])
        findings.append(
            declared_kind(finding[0]).finding(
                finding[2],
                file=label,
                row=int(raw.rows[index]),
                measure=finding[3],
                unit=None if finding[3] is None else "%",
                severity=finding[1],
            )
        )
    return RawLayer(raw.table, raw.rows, geometry, raw.crs, findings, raw.axis_order)


def _as_polygon(shape: Geometry) -> tuple[Geometry | None, tuple[str, Severity, str, float | None]]:
    kind = shapely.get_type_id(shape)
    if kind == _COLLECTION:
        parts = shapely.get_parts(shape)
        polygons = [part for part in parts if shapely.get_type_id(part) in _POLYGONS]
        message = "A collection: its polygons were used, points and lines in it were not."
        if polygons:
            whole = shapely.MultiPolygon(list(shapely.get_parts(np.asarray(polygons))))
            return whole, ("boundary.not_polygon", Severity.WARNING, message, None)
    if kind in _LINES:
        return _close(shape)
    message = f"A {shape.geom_type} where a polygon is needed; it was not used."
    return None, ("boundary.not_polygon", Severity.WARNING, message, None)


def _close(shape: Geometry) -> tuple[Geometry | None, tuple[str, Severity, str, float | None]]:
    lines = [line for line in shapely.get_parts(shapely.line_merge(shape)) if line.length > 0]
    rings = []
    worst = 0.0
    for line in lines:
        points = shapely.get_coordinates(line)
        worst = max(worst, float(np.hypot(*(points[0] - points[-1])) / line.length))
        if len(points) >= 3:
            rings.append(shapely.Polygon(points))
    if not rings or worst > CLOSING_SHARE:
        message = (
            "A line whose ends are apart: a walk round the desa must end where it began. "
            "It was not used."
        )
        return None, ("boundary.line_open", Severity.WARNING, message, round(100 * worst, 1))
    message = "A closed line was taken as the outline of the desa."
    polygon = rings[0] if len(rings) == 1 else shapely.multipolygons(rings)
    return polygon, ("boundary.line_closed", Severity.NOTE, message, round(100 * worst, 1))
