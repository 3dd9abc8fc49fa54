"""The features of one layer: which rows a question selects, and their bytes as they were written.

Rows are chosen over arrays of the index (``features.index``, format GFIX); the answer is sliced
from ``features.geojsonl`` without parsing or serialising a feature.  Only features whose bounding
box straddles the edge of an asked box have their geometry looked at.
"""

from collections.abc import Callable, Mapping

import numpy as np
import orjson

from layers.release import array_kinds, byte_source, errors, feature_index
from layers.release.geometry import Box, Geometry, touches_box


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
        meets = (boxes[:, 0] <= east) & (boxes[:, 2] >= west)
        meets &= (boxes[:, 1] <= north) & (boxes[:, 3] >= south)
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
