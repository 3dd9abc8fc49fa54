"""Each polygon by itself made valid, and what that changed; neighbours come later.

A repaired polygon is valid in the sense of OGC Simple Features, has two dimensions, coordinates on
a grid of 1e-7 degrees (about one centimetre, the precision in which releases publish), no repeated
points and counter-clockwise shells.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely

from boundaries.coverage import work_estimates
from boundaries.findings import report
from boundaries.geometry_arrays import Geometries, Geometry

GRID_DECIMALS = 7
"""Decimals of a degree that a boundary is stored with."""

AREA_LOSS_LIMIT = 0.5
"""Above this share lost, the rings were mislabelled, and counting crossings is the better guess."""

LINEWORK_PART = 20
"""Counting crossings takes seconds from a thousand crossings on, and minutes from a few more."""

_REASONS = {
    "Self-intersection": ("boundary.self_intersection", "its outline crosses itself"),
    "Ring Self-intersection": ("boundary.self_intersection", "its outline touches itself"),
    "Nested shells": ("boundary.nested_shells", "one part lies inside another"),
    "Hole lies outside shell": ("boundary.hole_outside", "a hole lies outside of its outline"),
    "Holes are nested": ("boundary.nested_holes", "a hole lies inside another"),
    "Too few points in geometry component": ("boundary.degenerate", "a ring encloses nothing"),
    "Interior is disconnected": ("boundary.self_intersection", "holes cut it into pieces"),
}
_TWIN_RINGS = ("boundary.duplicate_rings", "a ring occurs twice")


@dataclass(frozen=True, slots=True)
class Repair:
    """What became of one invalid polygon.

    Parameters
    ----------
    index
        Position in the array given.
    area_change_percent
        Of the planar area in degrees; positive where the polygon grew.
    vertices_before, vertices_after
        Counts over all rings.
    """

    index: int
    code: str
    reason: str
    place: str
    area_change_percent: float
    vertices_before: int
    vertices_after: int
    is_empty: bool

    def finding(self, file: str | None, row: int | None, kode: str | None) -> report.Finding:
        """The repair as a finding; an error where nothing of the polygon was left."""
        if self.is_empty:
            message = f"Invalid polygon: {self.reason}; nothing of it could be kept. Draw it again."
        else:
            message = (
                f"Invalid polygon: {self.reason}; repaired, area {self.area_change_percent:+.4f} "
                f"%, vertices {self.vertices_before} to {self.vertices_after}."
            )
        severity = report.Severity.ERROR if self.is_empty else report.Severity.WARNING
        return report.declared_kind(self.code).finding(
            message,
            file=file,
            row=row,
            kode=kode,
            measure=round(self.area_change_percent, 4),
            unit="%",
            geometry=self.place,
            severity=severity,
        )


def repair_polygons(
    geometry: Geometries, files: Sequence[str | None] = ()
) -> tuple[Geometries, list[Repair]]:
    """Valid polygons of drawn ones, and one record per polygon that was invalid.

    Rings keep their meaning: shells bound area, holes exclude it (`shapely.make_valid`, method
    ``structure``).  Where that loses more than half of the area, the rings were labelled wrongly
    (a hole larger than its shell), and every ring is taken as an outline, crossings counted.

    Parameters
    ----------
    geometry
        Polygons or MultiPolygons in lon, lat; None passes through.
    files
        The file of each, for what is said of work that goes beyond a limit.

    Returns
    -------
    array of shape (n,)
        None where nothing was drawn or nothing could be kept.
    list of Repair
        In the order of the array.

    Raises
    ------
    InputBeyondLimitError
        An outline crosses itself too often.
    """
    drawn = ~shapely.is_missing(geometry) & ~shapely.is_empty(geometry)
    on_grid = geometry.copy()
    on_grid[drawn] = drop_repeated_points(round_to_grid(geometry[drawn]))
    on_grid[~drawn] = None
    invalid = drawn & ~shapely.is_valid(geometry)
    collapsed = drawn & ~invalid & ~shapely.is_valid(on_grid)
    repaired = on_grid.copy()
    for index in np.flatnonzero(invalid | collapsed):
        repaired[index] = _make_valid(on_grid[index], files[int(index)] if files else None)
    repairs = [_describe(int(i), geometry[i], repaired[i]) for i in np.flatnonzero(invalid)]
    repaired[drawn & shapely.is_empty(repaired)] = None
    return orient(repaired), repairs


def round_to_grid(geometry: Geometries) -> Geometries:
    """The geometries with coordinates rounded to the grid; equal points stay equal."""
    return np.asarray(shapely.transform(geometry, lambda xy: np.round(xy, GRID_DECIMALS)))


def drop_repeated_points(geometry: Geometries) -> Geometries:
    """The geometries with each point once in a row; one with a ring of a single place stays.

    GEOS refuses such rings (a hole of a centimetre on the grid), and the whole array with them.
    """
    try:
        return np.asarray(shapely.remove_repeated_points(geometry), dtype=object)
    except shapely.errors.GEOSException:
        if len(geometry) == 1:
            return geometry
    middle = len(geometry) // 2
    halves = (drop_repeated_points(half) for half in (geometry[:middle], geometry[middle:]))
    return np.concatenate([*halves])


def orient(geometry: Geometries) -> Geometries:
    """Shells counter-clockwise, holes clockwise (RFC 7946)."""
    return np.asarray(shapely.orient_polygons(geometry, exterior_cw=False), dtype=object)


def _make_valid(shape: Geometry, file: str | None) -> Geometry:
    work_estimates.check_outline(shape, file)
    structured = _polygonal(shapely.make_valid(shape, method="structure", keep_collapsed=False))
    outlines = shapely.get_rings(shapely.get_parts(shape))
    drawn = float(np.abs([_signed_area(ring) for ring in outlines]).max(initial=0.0))
    if shapely.area(structured) >= (1 - AREA_LOSS_LIMIT) * drawn:
        return structured
    work_estimates.check_outline(shape, file, LINEWORK_PART)
    crossed = _polygonal(shapely.make_valid(shape, method="linework"))
    return crossed if shapely.area(crossed) > shapely.area(structured) else structured


def _signed_area(ring: Geometry) -> float:
    x, y = shapely.get_coordinates(ring).T
    return float(np.dot(x[:-1] - x[0], np.diff(y)) - np.dot(y[:-1] - y[0], np.diff(x))) / 2


def _polygonal(shape: Geometry) -> Geometry:
    parts = shapely.get_parts(shapely.get_parts(shape))
    parts = parts[shapely.get_type_id(parts) == 3]
    if len(parts) == 1:
        polygon: Geometry = parts[0]
        return polygon
    return shapely.multipolygons(parts) if len(parts) else shapely.Polygon()


def _has_twin_rings(shape: Geometry) -> bool:
    """Whether a ring occurs twice; GEOS sees only that the two cross each other."""
    rings = shapely.get_rings(shapely.normalize(shapely.get_parts(shape)))
    return len(set(shapely.to_wkb(shapely.normalize(rings)))) < len(rings)


def _describe(index: int, before: Geometry, after: Geometry) -> Repair:
    text = shapely.is_valid_reason(before)
    reason, _, place = text.partition("[")
    code, words = _REASONS.get(reason, ("boundary.invalid", reason.lower()))
    if code == "boundary.self_intersection" and _has_twin_rings(before):
        code, words = _TWIN_RINGS
    drawn = abs(shapely.area(before))
    change = 100 * (shapely.area(after) - drawn) / drawn if drawn else 0.0
    return Repair(
        index,
        code,
        words,
        f"POINT ({place.rstrip(']')})",
        float(change),
        int(shapely.get_num_coordinates(before)),
        int(shapely.get_num_coordinates(after)),
        bool(shapely.is_empty(after)),
    )
