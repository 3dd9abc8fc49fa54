"""The features of one layer: which rows a question selects, and their bytes as they were written.

Rows are chosen over arrays of the index (``features.index``, format GFIX); the answer is sliced
from ``features.geojsonl`` without parsing or serialising a feature.  Only features whose bounding
box straddles the edge of an asked box have their geometry looked at: exactly, and on numpy alone,
since a server must not load shapely for this one question (100 MB and a second in each process).
"""

from collections.abc import Callable, Iterator, Mapping
from typing import TypeAlias, TypedDict

import numpy as np
import orjson

from layers.release import array_kinds, byte_source, errors, feature_index

Box: TypeAlias = tuple[float, float, float, float]
"""West, south, east, north in degrees."""


class Geometry(TypedDict, total=False):
    """A GeoJSON geometry in lon/lat."""

    type: str
    coordinates: list[object]
    geometries: "list[Geometry]"


def touches_box(geometry: Geometry | None, box: Box) -> bool:
    """Whether geometry and box share a point; the edge of either counts as part of it.

    Parameters
    ----------
    geometry
        A GeoJSON geometry in lon/lat, or None.
    box
        West, south, east, north in the same unit, ``west <= east`` and ``south <= north``.

    Example
    -------
    >>> square = {"type": "Polygon", "coordinates": [[[0, 0], [4, 0], [4, 4], [0, 4], [0, 0]]]}
    >>> touches_box(square, (1, 1, 2, 2)), touches_box(square, (5, 0, 6, 1))
    (True, False)
    """
    if geometry is None:
        return False
    kind, coordinates = geometry["type"], geometry.get("coordinates", [])
    if kind == "GeometryCollection":
        return any(touches_box(part, box) for part in geometry["geometries"])
    if kind in {"Point", "MultiPoint"}:
        return any(_has_vertex_in(points, box) for points in _parts(coordinates, kind == "Point"))
    if kind in {"LineString", "MultiLineString"}:
        return any(_crosses(line, box) for line in _parts(coordinates, kind == "LineString"))
    polygons = [coordinates] if kind == "Polygon" else coordinates
    return any(isinstance(polygon, list) and _polygon_touches(polygon, box) for polygon in polygons)


def _parts(coordinates: list[object], is_single: bool) -> Iterator[array_kinds.Floats]:
    for part in [coordinates] if is_single else coordinates:
        points = np.asarray(part, np.float64)
        yield points.reshape(-1, points.shape[-1])[:, :2]


def _polygon_touches(polygon: list[object], box: Box) -> bool:
    rings = list(_parts(polygon, is_single=False))
    if any(_crosses(ring, box) for ring in rings):
        return True
    # No edge meets the box, so it lies wholly inside or wholly outside; holes count by parity.
    return sum(_crossings_right_of(box[0], box[1], ring) for ring in rings) % 2 == 1


def _has_vertex_in(points: array_kinds.Floats, box: Box) -> bool:
    x, y = points[:, 0], points[:, 1]
    inside = (x >= box[0]) & (x <= box[2]) & (y >= box[1]) & (y <= box[3])
    return bool(inside.any())


def _crosses(line: array_kinds.Floats, box: Box) -> bool:
    """Whether any segment of a line meets the box.

    By separating axes: a segment misses the box if their extents are apart, or if all four corners
    lie strictly on one side of it.
    """
    a, b = line[:-1], line[1:]
    low, high = np.minimum(a, b), np.maximum(a, b)
    near = (low[:, 0] <= box[2]) & (high[:, 0] >= box[0])
    near &= (low[:, 1] <= box[3]) & (high[:, 1] >= box[1])
    if not near.any():
        return len(line) == 1 and _has_vertex_in(line, box)
    a, b = a[near], b[near]
    corner_x = np.array([box[0], box[2], box[2], box[0]])
    corner_y = np.array([box[1], box[1], box[3], box[3]])
    step = b - a
    side = step[:, :1] * (corner_y - a[:, 1:]) - step[:, 1:] * (corner_x - a[:, :1])
    return bool(((side.min(axis=1) <= 0) & (side.max(axis=1) >= 0)).any())


def _crossings_right_of(x: float, y: float, ring: array_kinds.Floats) -> int:
    """How many edges of a ring a ray from the point to the east crosses."""
    a, b = ring[:-1], ring[1:]
    spans = (a[:, 1] > y) != (b[:, 1] > y)
    a, b = a[spans], b[spans]
    crossing = a[:, 0] + (y - a[:, 1]) * (b[:, 0] - a[:, 0]) / (b[:, 1] - a[:, 1])
    return int((crossing > x).sum())


class FeatureIndex:
    """The features of one layer, open for reading.

    Parameters
    ----------
    features
        GeoJSON features, one a line.
    index
        The GFIX index over them.

    Raises
    ------
    ReleaseUnusableError
        The index is damaged or does not belong to the features.
    """

    def __init__(
        self, features: byte_source.ByteSource, index: byte_source.ByteSource, name: str
    ) -> None:
        self._features = features
        table = feature_index.read_index(index, name)
        self.fid, self.count = table.fid, len(table.fid)
        self._offset, self._bbox, self._columns = table.offset, table.bbox, table.columns
        if len(self._offset) != self.count + 1 or int(self._offset[-1]) != features.size:
            raise errors.ReleaseUnusableError(f"{name}: the index does not belong to its features.")
        self._order = np.argsort(self.fid, kind="stable")

    @property
    def properties(self) -> tuple[str, ...]:
        """Names of the properties, in the order of the index."""
        return tuple(self._columns)

    def has_property(self, name: str) -> bool:
        """Whether there is such a property."""
        return name in self._columns

    def property_column(self, name: str) -> feature_index.PropertyColumn:
        """One property of all features; KeyError for an unknown one."""
        return self._columns[name]

    def row_of(self, fid: int) -> int | None:
        """The row of a feature id; None where there is no such feature."""
        if not -(1 << 63) <= fid < 1 << 63:
            return None
        position = int(np.searchsorted(self.fid, fid, sorter=self._order))
        if position == self.count or self.fid[self._order[position]] != fid:
            return None
        return int(self._order[position])

    def has_geometry(self) -> array_kinds.Mask:
        """Which features have a geometry."""
        return ~np.isnan(self._bbox[:, 0])

    def select(
        self,
        bbox: Box | None = None,
        equals: Mapping[str, str] | None = None,
        among: array_kinds.Mask | None = None,
        spend: Callable[[int], None] | None = None,
    ) -> array_kinds.Rows:
        """The rows that lie in a box and have all the given values, in the order of the file.

        Parameters
        ----------
        bbox
            West, south, east, north in degrees; west greater than east crosses the antimeridian.
            A feature without geometry is in no box.
        equals
            Property name to the text of its value.
        among
            Only these features; None for all.
        spend
            See `intersecting`.

        Raises
        ------
        MalformedValueError
            A value is not of the property's type.
        """
        mask = np.ones(self.count, np.bool_) if among is None else among.copy()
        for name, text in (equals or {}).items():
            try:
                mask &= self.property_column(name).equal_to(text)
            except errors.MalformedValueError as error:
                raise errors.MalformedValueError(f"{name}: {error}") from None
        if bbox is not None:
            mask = self.intersecting(bbox, mask, spend)
        return np.flatnonzero(mask)

    def intersecting(
        self,
        bbox: Box,
        among: array_kinds.Mask | None = None,
        spend: Callable[[int], None] | None = None,
    ) -> array_kinds.Mask:
        """Which features of ``among`` have a point in common with the box, edges included.

        Parameters
        ----------
        spend
            Told of the bytes of all lines that will be looked at before the first is read, and of
            none more before each of them; what it raises ends the selection.
        """
        west, south, east, north = bbox
        if west > east:
            # Beyond the antimeridian there is nothing, and a box there would be cut for ever.
            left = self.intersecting((west, south, max(west, 180.0), north), among, spend)
            right = self.intersecting((min(east, -180.0), south, east, north), among, spend)
            return left | right
        boxes = self._bbox
        meets = self.near(bbox)
        if among is not None:
            meets &= among
        inside = (boxes[:, 0] >= west) & (boxes[:, 2] <= east)
        inside &= (boxes[:, 1] >= south) & (boxes[:, 3] <= north)
        straddling = np.flatnonzero(meets & ~inside)
        if spend is not None:
            spend(self.size_of(straddling))
        for row in straddling:
            if spend is not None:
                spend(0)
            meets[row] = touches_box(self.geometry(int(row)), bbox)
        return meets

    def near(self, box: Box) -> array_kinds.Mask:
        """Which features have bounds that meet a box."""
        west, south, east, north = box
        boxes = self._bbox
        meets = (boxes[:, 0] <= east) & (boxes[:, 2] >= west)
        return np.asarray(meets & (boxes[:, 1] <= north) & (boxes[:, 3] >= south))

    def size_of(self, rows: array_kinds.Rows) -> int:
        """Bytes of the lines of some features."""
        return int((self._offset[rows + 1] - self._offset[rows]).sum())

    def bbox(self, row: int) -> Box | None:
        """West, south, east, north of one feature in degrees; None without a geometry."""
        west, south, east, north = (float(edge) for edge in self._bbox[row])
        return None if np.isnan(west) else (west, south, east, north)

    def geometry(self, row: int) -> Geometry | None:
        """The GeoJSON geometry of one feature."""
        geometry: Geometry | None = orjson.loads(self.line(row))["geometry"]
        return geometry

    def geometry_bytes(self, row: int) -> bytes:
        """The GeoJSON geometry of one feature, as it was written."""
        return self.line(row).partition(b'"geometry":')[2].partition(b',"properties":')[0]

    def line(self, row: int) -> bytes:
        """The bytes of one feature, as written, without the line end."""
        return self._slice(row, row + 1)

    def lines(self, rows: array_kinds.Rows) -> bytes:
        """The bytes of several features, separated by commas: the inside of a JSON array.

        Neighbouring rows are one slice: a kecamatan of 20 desa is copied in one go.
        """
        if not len(rows):
            return b""
        breaks = np.flatnonzero(np.diff(rows) != 1) + 1
        starts = rows[np.concatenate(([0], breaks))]
        stops = rows[np.concatenate((breaks, [len(rows)])) - 1] + 1
        slices = (self._slice(a, b) for a, b in zip(starts.tolist(), stops.tolist(), strict=True))
        # A line end cannot occur inside JSON text: strings escape it.
        return b",".join(part.replace(b"\n", b",") for part in slices)

    def _slice(self, start: int, stop: int) -> bytes:
        begin = int(self._offset[start])
        return self._features.read(begin, int(self._offset[stop]) - begin).rstrip(b"\n")
