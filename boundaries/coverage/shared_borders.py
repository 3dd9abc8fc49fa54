"""One coverage of many polygons: shared borders identical, no overlap, no sliver.

A *valid coverage* is an array of valid polygons whose interiors do not meet and whose shared
borders have the same vertices on both sides.  A *sliver* is a hole of the coverage into which no
circle of the stated width fits; wider holes are lakes, enclaves of others or water between islands,
and stay.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import shapely
from numpy.typing import NDArray

from boundaries.coverage import repair
from boundaries.coverage.repair import GRID_DECIMALS
from boundaries.coverage.slivers import METRES_PER_DEGREE, find_holes, merge_slivers
from boundaries.geometry_arrays import Floats, Geometries, Geometry, Mask, Positions
from boundaries.progress import Progress, silent

SLIVER_WIDTH_M = 25.0
"""Holes narrower than this are slivers.

Of 350,000 holes between the desa polygons of all Indonesia, drawn to about 10 m, the widest
defect is 21 m wide and the narrowest real hole (a lake) 1,300 m.
"""

SNAP_DEGREES = 1e-8
"""Tenth of the grid.  Without snapping (0) the noding loses whole desa: 5 of 83,403 vanish."""

ROUNDS = 8


@dataclass(frozen=True, slots=True)
class CleanCoverage:
    """A valid coverage and the slivers that were merged on the way.

    Parameters
    ----------
    geometry
        Polygons or MultiPolygons in the order given, shape (n,); None stays None, and a polygon
        that lay wholly inside others is None too.
    slivers, sliver_owners, sliver_widths_m
        What was merged, into which position, and how wide it was.
    lakes
        Wider holes, kept.
    """

    geometry: Geometries
    slivers: list[shapely.Polygon] = field(default_factory=list)
    sliver_owners: list[int] = field(default_factory=list)
    sliver_widths_m: list[float] = field(default_factory=list)
    lakes: list[shapely.Polygon] = field(default_factory=list)


def clean_coverage(
    geometry: Geometries,
    *,
    partitions: Sequence[object] | None = None,
    sliver_width_m: float = SLIVER_WIDTH_M,
    progress: Progress = silent,
) -> CleanCoverage:
    """One valid coverage of repaired polygons.

    Each partition is cleaned by itself, then the seams: the polygons within a sliver's width of
    another partition, with their neighbours, are cleaned together.  Memory and time grow with the
    largest partition instead of the whole.

    Parameters
    ----------
    geometry
        Valid polygons on the grid (`repair_polygons`), sorted by code so that ties fall alike.
    partitions
        Label of each polygon's partition, such as its provinsi; None for one.
    """
    result = CleanCoverage(geometry.copy())
    drawn = ~shapely.is_missing(geometry)
    labels = np.asarray(["" if partitions is None else str(label) for label in partitions or drawn])
    names = sorted(set(labels[drawn]))
    for done, name in enumerate(names):
        progress("coverage", done, len(names))
        _clean_part(result, np.flatnonzero(drawn & (labels == name)), sliver_width_m)
    if len(names) > 1:
        seam = _seam(result.geometry, labels, sliver_width_m)
        if len(seam):
            _clean_part(result, seam, sliver_width_m)
    progress("coverage", len(names), len(names))
    _collect_lakes(result)
    return result


def _clean_part(result: CleanCoverage, members: Positions, sliver_width_m: float) -> None:
    """Clean the polygons at these positions together, in place."""
    part = result.geometry[members]
    clean = _settle(_cleaned(part))
    holes = find_holes(clean)
    narrow = np.flatnonzero(holes.width_m < sliver_width_m)
    narrow = narrow[~_is_taken(holes.polygons[narrow], result.geometry, members)]
    merged, owners = merge_slivers(clean, holes.polygons[narrow])
    settled = _settle(merged)
    settled[shapely.is_empty(settled)] = None
    result.geometry[members] = repair.orient(settled)
    result.slivers.extend(holes.polygons[narrow])
    result.sliver_owners.extend(int(members[owner]) for owner in owners)
    result.sliver_widths_m.extend(float(width) for width in holes.width_m[narrow])


def _cleaned(part: Geometries) -> Geometries:
    clean: Geometries = shapely.coverage_clean(  # type: ignore[attr-defined]  # newer than its stubs
        part, snapping_distance=SNAP_DEGREES
    )
    return clean


def _is_taken(holes: Geometries, whole: Geometries, members: Positions) -> Mask:
    """Whether a hole of a part is filled by a polygon outside of that part."""
    taken = np.zeros(len(holes), dtype=bool)
    outside = np.setdiff1d(np.flatnonzero(~shapely.is_missing(whole)), members)
    if len(holes) == 0 or len(outside) == 0:
        return taken
    west, south, east, north = shapely.total_bounds(holes)
    bounds = shapely.bounds(whole[outside])
    near = (bounds[:, 0] <= east) & (bounds[:, 2] >= west)
    near &= (bounds[:, 1] <= north) & (bounds[:, 3] >= south)
    inside = shapely.point_on_surface(holes)
    tree = shapely.STRtree(whole[outside[near]])
    taken[np.unique(tree.query(inside, predicate="intersects")[0])] = True
    return taken


def _settle(coverage: Geometries) -> Geometries:
    """The coverage on the grid: rounding moves borders by a centimetre, which can cross them anew.

    Rounds until nothing is left to mend, each on the polygons concerned and their neighbours only.
    """
    settled = repair.round_to_grid(coverage)
    for _ in range(ROUNDS):
        faulty = np.flatnonzero(~shapely.is_valid(settled) | _has_invalid_edges(settled))
        if len(faulty) == 0:
            return settled
        near = np.unique(shapely.STRtree(settled).query(settled[faulty], predicate=None)[1])
        local = shapely.make_valid(settled[near], method="structure", keep_collapsed=False)
        settled[near] = open_pinches(repair.round_to_grid(_cleaned(local)))
    return settled


def _has_invalid_edges(coverage: Geometries) -> Mask:
    return ~shapely.is_empty(shapely.coverage_invalid_edges(coverage))


def _seam(geometry: Geometries, labels: NDArray[np.str_], sliver_width_m: float) -> Positions:
    """Positions of polygons near another partition, and of their neighbours."""
    tree = shapely.STRtree(geometry)
    reach = sliver_width_m / METRES_PER_DEGREE
    drawn = np.flatnonzero(~shapely.is_missing(geometry))
    boxes = shapely.box(*_grown(shapely.bounds(geometry[drawn]), reach).T)
    left, right = tree.query(boxes)
    left = drawn[left]
    other = labels[left] != labels[right]
    left, right = left[other], right[other]
    close = shapely.dwithin(geometry[left], geometry[right], reach)
    near = np.unique(left[close])
    if len(near) == 0:
        return near
    return np.unique(np.append(near, tree.query(geometry[near], predicate="intersects")[1]))


def _grown(bounds: Floats, reach: float) -> Floats:
    grown: Floats = bounds + np.array([-reach, -reach, reach, reach])
    return grown


def _collect_lakes(result: CleanCoverage) -> None:
    drawn = result.geometry[~shapely.is_missing(result.geometry)]
    if len(drawn):
        result.lakes.extend(find_holes(drawn).polygons)


OPENING_DEGREES = 2e-7


def open_pinches(coverage: Geometries) -> Geometries:
    """The coverage with every hole clear of its own outline."""
    opened = coverage.copy()
    for index in np.flatnonzero(_touches_itself(coverage)):
        for part in shapely.get_parts(coverage[index]):
            for hole, corner in _touching_holes(part):
                _move_corner(opened, shapely.Polygon(hole), corner)
    return opened


def _touches_itself(coverage: Geometries) -> Mask:
    """Whether a polygon with holes has one point twice (ends of rings apart)."""
    candidates = np.zeros(len(coverage), dtype=bool)
    for index, shape in enumerate(coverage):
        parts = shapely.get_parts(shape)
        for part in parts[shapely.get_num_interior_rings(parts) > 0]:
            points = shapely.get_coordinates(part)
            rings = 1 + shapely.get_num_interior_rings(part)
            candidates[index] |= len(np.unique(points, axis=0)) < len(points) - rings
    return candidates


def _touching_holes(part: shapely.Polygon) -> list[tuple[shapely.LinearRing, Floats]]:
    outline = {tuple(point) for point in shapely.get_coordinates(part.exterior)}
    touching = []
    for hole in part.interiors:
        shared = [point for point in map(tuple, hole.coords[:-1]) if point in outline]
        touching += [(hole, np.array(point)) for point in shared]
    return touching


def _move_corner(opened: Geometries, hole: shapely.Polygon, corner: Floats) -> None:
    """Move the corner into the hole, in the hole itself and in every polygon that fills it."""
    target = _inward(hole, corner)
    inside = shapely.buffer(hole, 10.0**-GRID_DECIMALS)
    for index in shapely.STRtree(opened).query(hole):
        parts = shapely.get_parts(opened[index])
        changed = [_moved(part, hole, inside, corner, target) for part in parts]
        opened[index] = changed[0] if len(changed) == 1 else shapely.multipolygons(changed)


def _moved(
    part: shapely.Polygon,
    hole: shapely.Polygon,
    inside: Geometry,
    corner: Floats,
    target: Floats,
) -> shapely.Polygon:
    def shift(ring: Geometry) -> Floats:
        points = shapely.get_coordinates(ring)
        points[(points == corner).all(axis=1)] = target
        return points

    if shapely.covers(inside, part):
        return shapely.Polygon(shift(part.exterior), [shift(ring) for ring in part.interiors])
    if not any(ring.equals(hole.exterior) for ring in part.interiors):
        return part
    rings = [shift(ring) if ring.equals(hole.exterior) else ring for ring in part.interiors]
    return shapely.Polygon(part.exterior, rings)


def _inward(hole: shapely.Polygon, corner: Floats) -> Floats:
    """The nearest grid point inside the hole in the direction of its corner's bisector."""
    points = shapely.get_coordinates(hole.exterior)[:-1]
    corner_index = int(np.flatnonzero((points == corner).all(axis=1))[0])
    sides = [points[corner_index - 1] - corner, points[(corner_index + 1) % len(points)] - corner]
    bisector: Floats = np.sum([side / np.hypot(*side) for side in sides], axis=0)
    length = np.hypot(*bisector)
    direction = bisector / length if length else np.array([-sides[0][1], sides[0][0]])
    for factor in (1, -1, 2, -2, 4, -4, 8, -8):
        moved = corner + factor * OPENING_DEGREES * direction
        target: Floats = np.round(moved, GRID_DECIMALS).astype(np.float64)
        if shapely.contains(hole, shapely.Point(target)):
            return target
    return corner
