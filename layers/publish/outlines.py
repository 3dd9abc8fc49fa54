"""``outlines.jsonl``: the children of each wilayah as SVG paths, ready to be drawn.

One line for each wilayah that has children: a kecamatan with its desa, a kabupaten with its
kecamatan, a provinsi with its kabupaten.  The children of one wilayah are simplified together as a
coverage and rounded to whole pixels alike, so that neighbours share every vertex and never tear.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from layers.release import array_kinds, drawing_file, manifest_file

LONG_SIDE_PX = 1000
MAX_VERTICES = 2000
TOLERANCES_PX = (0.7, 1.5, 3.0, 6.0)
LEAST_GAIN = 0.97
"""A coarser step that leaves more than this share of the vertices is the last one tried."""
SMALLEST_PX = 3
CHILDREN: dict[drawing_file.DrawnLevel, str] = {
    "kecamatan": "desa",
    "kabupaten": "kecamatan",
    "provinsi": "kabupaten",
}


@dataclass(frozen=True, slots=True)
class PixelFrame:
    """The frame in which a wilayah is drawn: degrees outside, pixels inside.

    ``scale`` is pixels for a degree of latitude.
    """

    bbox_lonlat: manifest_file.Bbox
    scale: float
    width: int
    height: int

    def to_pixels(self, lonlat: array_kinds.Floats) -> array_kinds.Floats:
        """Positions ``(n, 2)`` in degrees as x to the right and y down, in pixels."""
        west, south, _, north = self.bbox_lonlat
        narrowing = np.cos(np.radians((south + north) / 2))
        x = (lonlat[:, 0] - west) * narrowing * self.scale
        return np.column_stack([x, (north - lonlat[:, 1]) * self.scale])


def make_frame(geometry: array_kinds.Geometries) -> PixelFrame:
    """The frame of a wilayah whose children have these polygons (lon/lat)."""
    west, south, east, north = (float(edge) for edge in shapely.total_bounds(geometry))
    return PixelFrame((west, south, east, north), *_frame(west, south, east, north))


def write_outlines(boundaries: gpd.GeoDataFrame, folder: Path) -> None:
    """Write the outlines of all wilayah with children, sorted by level and kode.

    ``boundaries`` has columns ``level, kode, nama, geometry`` and ``kode_<level>`` of the parents.
    """
    outlines = (
        make_outline(kode, level, children)
        for level in CHILDREN
        for kode, children in list_children(boundaries, level)
    )
    drawing_file.write_outlines_file(folder, outlines)


def make_outline(
    kode: str, level: drawing_file.DrawnLevel, children: gpd.GeoDataFrame
) -> drawing_file.Outline:
    """One wilayah: its frame in pixels and a path and label point for each child.

    Parameters
    ----------
    children
        Columns ``kode, nama, geometry`` (lon/lat), each with a geometry, sorted by kode.
    """
    geometry = np.asarray(children.geometry.values, dtype=object)
    frame = make_frame(geometry)
    drawn = simplify_to_pixels(shapely.transform(geometry, frame.to_pixels))
    west, south, east, north = (round(edge, 7) for edge in frame.bbox_lonlat)
    return drawing_file.Outline(
        kode=kode,
        level=level,
        bbox_lonlat=(west, south, east, north),
        width=frame.width,
        height=frame.height,
        children=tuple(
            _draw_child(str(child), str(nama), shape)
            for child, nama, shape in zip(children["kode"], children["nama"], drawn, strict=True)
        ),
    )


def simplify_to_pixels(geometry: array_kinds.Geometries) -> array_kinds.Geometries:
    """The polygons simplified together to at most `MAX_VERTICES`, in whole pixels.

    A child too small to be seen becomes a small square, so that none disappears.
    """
    simplified, count = geometry, math.inf
    for tolerance in TOLERANCES_PX:
        simplified = shapely.coverage_simplify(simplified, tolerance)
        before, count = count, int(shapely.get_num_coordinates(simplified).sum())
        if count <= MAX_VERTICES or count > LEAST_GAIN * before:
            break
    rounded = shapely.transform(simplified, np.rint)
    return np.array(
        [
            _drop_collapsed(shape, original)
            for shape, original in zip(rounded, geometry, strict=True)
        ],
        dtype=object,
    )


def list_children(
    boundaries: gpd.GeoDataFrame, level: drawing_file.DrawnLevel
) -> Iterator[tuple[str, gpd.GeoDataFrame]]:
    """Each wilayah of a level with its children that have a polygon, all sorted by kode."""
    present = boundaries[boundaries.geometry.notna() & ~boundaries.geometry.is_empty]
    children = present[present["level"] == CHILDREN[level]].sort_values("kode")
    for kode, group in children.groupby(f"kode_{level}", sort=True):
        yield str(kode), group


def _frame(west: float, south: float, east: float, north: float) -> tuple[float, int, int]:
    """Pixels for each degree of latitude, and the frame's width and height in pixels."""
    wide = (east - west) * float(np.cos(np.radians((south + north) / 2)))
    high = north - south
    scale = LONG_SIDE_PX / max(wide, high, 1e-9)
    return scale, max(1, round(wide * scale)), max(1, round(high * scale))


def _drop_collapsed(shape: shapely.MultiPolygon, original: BaseGeometry) -> shapely.MultiPolygon:
    """The polygon without parts and holes that rounding left without area."""
    parts = [_without_flat_holes(part) for part in shapely.get_parts(shape) if part.area >= 1]
    if sum(part.area for part in parts) >= SMALLEST_PX:
        return shapely.MultiPolygon(parts)
    centre = np.rint(shapely.get_coordinates(original.representative_point())[0])
    half = SMALLEST_PX // 2 + 1
    return shapely.MultiPolygon([shapely.box(*(centre - half), *(centre + half))])


def _without_flat_holes(part: shapely.Polygon) -> shapely.Polygon:
    holes = [ring for ring in part.interiors if shapely.Polygon(ring).area >= 1]
    return shapely.Polygon(part.exterior, holes)


def _draw_child(kode: str, nama: str, shape: shapely.MultiPolygon) -> drawing_file.OutlineChild:
    largest = max(shapely.get_parts(shape), key=lambda part: part.area)
    x, y = np.rint(shapely.get_coordinates(_label_point(largest))[0]).astype(int).tolist()
    fid = int("".join(filter(str.isdigit, kode)))
    return drawing_file.OutlineChild(kode=kode, nama=nama, fid=fid, d=path_data(shape), x=x, y=y)


def _label_point(part: shapely.Polygon) -> shapely.Point:
    """A point well inside: the middle of the chord that GEOS finds, which never lies outside."""
    return part.representative_point() if part.is_valid else part.buffer(0).representative_point()


def path_data(shape: shapely.Geometry) -> str:
    """SVG path data of a multipolygon: absolute start, relative steps, whole pixels.

    >>> path_data(shapely.multipolygons([shapely.box(0, 0, 2, 1)]))
    'M2 0l0 1-2 0 0-1z'
    """
    return "".join(_ring_data(ring) for ring in shapely.get_rings(shapely.get_parts(shape)))


def _ring_data(ring: shapely.LinearRing) -> str:
    return line_data(shapely.get_coordinates(ring)[:-1]) + "z"


def line_data(line: array_kinds.Floats) -> str:
    """SVG path data of one open line of points in whole pixels.

    >>> line_data(np.array([[0, 0], [2, 0], [2, 0], [2, -1]]))
    'M0 0l2 0 0-1'
    """
    points = line.astype(int)
    moved = np.ones(len(points), dtype=bool)
    moved[1:] = (points[1:] != points[:-1]).any(axis=1)
    points = points[moved]
    steps = np.diff(points, axis=0)
    first = f"M{points[0, 0]} {points[0, 1]}"
    # A minus sign separates numbers by itself.
    return first + "l" + " ".join(map(str, steps.ravel())).replace(" -", "-")
