"""Conditions on places: how the geometry of each feature lies to a geometry that is written out.

A box or point is met by arithmetic over bounds, as ever; other geometries and relations are asked
of shapely, which is loaded when it is first needed (30 ms and 4 MB).  Which geometries are looked
at is known from their bounds, so what they cost is counted before the first is read.
"""

from typing import TYPE_CHECKING

import numpy as np
import orjson

from geo_service.errors import MalformedFilterError
from geo_service.http.link_types import CRS84
from geo_service.ogc.filtering import crs
from geo_service.ogc.filtering.filter_values import Node, is_number
from geo_service.ogc.filtering.filter_work import Selection
from layers.release import array_kinds
from layers.release.features import Box

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

GEOMETRY: Node = {"property": "geometry"}
RELATIONS = {
    "s_intersects": "intersects",
    "s_equals": "equals",
    "s_disjoint": "disjoint",
    "s_touches": "touches",
    "s_within": "within",
    "s_overlaps": "overlaps",
    "s_crosses": "crosses",
    "s_contains": "contains",
}
_OF_ITSELF = {"s_intersects", "s_equals", "s_within", "s_contains"}
"""Relations in which every geometry is to itself."""
ROWS_AT_ONCE = 256
COSTLY_RELATION = 3
"""How much more a byte of a geometry costs when shapely relates it, instead of a box."""


def relate(
    selection: Selection, operation: str, args: list[Node]
) -> tuple[array_kinds.Mask, array_kinds.Mask]:
    """Where a relation holds, and where it can be asked: features without geometry are in none.

    Raises
    ------
    MalformedFilterError
        It does not take two geometries.
    CostlySelectionError
        It asks for more work than is left.
    """
    if len(args) != 2:
        raise MalformedFilterError(f"filter: {operation.upper()} takes two geometries.")
    left, right = args
    has = selection.features.has_geometry()
    if left == GEOMETRY == right:
        return has & (operation in _OF_ITSELF), has
    if left != GEOMETRY != right:
        holds = _call(operation, _geometry(left, selection), _geometry(right, selection))
        everything = np.ones(selection.features.count, np.bool_)
        return everything & holds, everything
    literal = right if left == GEOMETRY else left
    box = _box(literal) if selection.crs == CRS84 else None
    if operation == "s_intersects" and box is not None:
        return selection.features.intersecting(box, spend=selection.spend_geometry), has
    place = _geometry(literal, selection)
    return _relate_rows(selection, operation, place, is_first=left == GEOMETRY), has


def _relate_rows(
    selection: Selection, operation: str, place: "BaseGeometry", *, is_first: bool
) -> array_kinds.Mask:
    """For which features a relation holds; ``is_first``: the feature is its first operand."""
    import shapely

    features = selection.features
    near = features.near(place.bounds)
    rows = np.flatnonzero(near)
    selection.spend_geometry(features.size_of(rows) * COSTLY_RELATION)
    shapely.prepare(place)
    holds = np.full(features.count, operation == "s_disjoint") & features.has_geometry()
    for start in range(0, len(rows), ROWS_AT_ONCE):
        some = rows[start : start + ROWS_AT_ONCE]
        shapes = shapely.from_geojson([features.geometry_bytes(row) for row in some.tolist()])
        pair = (shapes, place) if is_first else (place, shapes)
        holds[some] = _call(operation, *pair)
        selection.spend(0)
    return holds


def _call(operation: str, left: object, right: object) -> array_kinds.Mask:
    import shapely

    try:
        return np.asarray(getattr(shapely, RELATIONS[operation])(left, right), np.bool_)
    except shapely.GEOSException as error:
        raise MalformedFilterError(f"filter: {operation.upper()}: {error}") from None


def _geometry(node: Node, selection: Selection) -> "BaseGeometry":
    """A geometry that is written out, in lon/lat."""
    import shapely

    box = _box(node) if isinstance(node, dict) and "bbox" in node else None
    try:
        geometry = _shape_of(box) if box is not None else shapely.from_geojson(orjson.dumps(node))
        geometry = shapely.force_2d(geometry)
        if selection.crs != CRS84:
            geometry = crs.to_lonlat_geometry(geometry, selection.crs)
    except (shapely.GEOSException, TypeError, ValueError) as error:
        raise MalformedFilterError(f"filter: a geometry cannot be read: {error}") from None
    if not isinstance(geometry, shapely.Geometry) or geometry.is_empty:
        raise MalformedFilterError("filter: expected a geometry that is not empty.")
    if not np.isfinite(shapely.get_coordinates(geometry)).all():
        raise MalformedFilterError("filter: a geometry has coordinates without a place.")
    if not geometry.is_valid:
        reason = shapely.is_valid_reason(geometry)
        raise MalformedFilterError(f"filter: a geometry is not valid: {reason}.")
    return geometry


def _shape_of(box: Box) -> "BaseGeometry":
    import shapely

    west, south, east, north = box
    if west <= east:
        return shapely.box(west, south, east, north)
    parts = [shapely.box(west, south, 180, north), shapely.box(-180, south, east, north)]
    return shapely.MultiPolygon(parts)


def _box(node: Node) -> Box | None:
    """The box that a BBOX or a point is; None for another geometry."""
    numbers: list[object] = []
    if isinstance(node, dict) and "bbox" in node:
        corners = list(node["bbox"])
        numbers = corners if len(corners) != 6 else [*corners[:2], *corners[3:5]]
    elif isinstance(node, dict) and node.get("type") == "Point":
        numbers = [*node.get("coordinates", ())[:2]] * 2
    else:
        return None
    edges = [float(number) for number in numbers if is_number(number)]
    if len(numbers) != 4 or len(edges) != 4:
        raise MalformedFilterError("filter: expected a BBOX of four numbers or a POINT of two.")
    west, south, east, north = edges
    if south > north:
        raise MalformedFilterError("filter: BBOX has its south above its north.")
    return west, south, east, north
