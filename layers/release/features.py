"""The features of one layer: which rows a question selects, and their bytes as they were written.

Rows are chosen over arrays of the index (``features.index``, format GFIX); the answer is sliced
from ``features.geojsonl`` without parsing or serialising a feature.  Only features whose bounding
box straddles the edge of an asked box have their geometry looked at.
"""

import json
import struct
from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import orjson

from layers.release.byte_source import ByteSource
from layers.release.errors import MalformedValueError, ReleaseUnusableError
from layers.release.geometry import touches_box

MAGIC = b"GFIX\x01\0\0\0"
NULL_CODE = np.uint32(0xFFFFFFFF)
Box: TypeAlias = tuple[float, float, float, float]
Rows: TypeAlias = np.ndarray[tuple[int], np.dtype[np.intp]]
Mask: TypeAlias = np.ndarray[tuple[int], np.dtype[np.bool_]]
Column: TypeAlias = np.ndarray[Any, np.dtype[Any]]


@dataclass(frozen=True, slots=True)
class PropertyColumn:
    """One property of all features.

    ``type`` is ``string``, ``integer`` or ``number``.  For strings ``data`` holds positions in the
    sorted ``values`` (`NULL_CODE` for null), else the numbers themselves (NaN for null).
    """

    type: str
    data: Column
    values: list[str]

    def is_null(self) -> Mask:
        """Which features have no value."""
        mask: Mask = self.data == NULL_CODE if self.type == "string" else np.isnan(self.data)
        return mask

    def texts(self) -> list[str | None]:
        """The values of all features, for a column of strings; None for null."""
        values = self.values
        return [None if code == NULL_CODE else values[code] for code in self.data.tolist()]

    def texts_of(self, rows: Rows) -> list[str | None]:
        """The values of some features, for a column of strings; None for null."""
        values = self.values
        return [None if code == NULL_CODE else values[code] for code in self.data[rows].tolist()]

    def equal_to(self, text: str) -> Mask:
        """Which features have the value that ``text`` writes; null equals nothing.

        Raises
        ------
        MalformedValueError
            The property is a number and ``text`` is not.
        """
        if self.type == "string":
            wanted: float | np.uint32 = self.code_of(text)
        else:
            try:
                wanted = float(text)
            except ValueError:
                raise MalformedValueError(f"expected a number, got {text!r}.") from None
        mask: Mask = self.data == wanted
        return mask

    def code_of(self, text: str) -> np.uint32:
        """The code of a string; one that no feature has where it does not occur."""
        position = bisect_left(self.values, text)
        is_there = position < len(self.values) and self.values[position] == text
        return np.uint32(position) if is_there else NULL_CODE - np.uint32(1)

    def value(self, row: int) -> str | float | int | None:
        """The value of one feature; None for null."""
        if self.type == "string":
            code = int(self.data[row])
            return None if code == NULL_CODE else self.values[code]
        number = float(self.data[row])
        if np.isnan(number):
            return None
        return int(number) if self.type == "integer" else number


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

    def __init__(self, features: ByteSource, index: ByteSource, name: str) -> None:
        self._features = features
        try:
            self._header, self._arrays = read_index(index)
            self.count = int(self._header["count"])
            self._offset = self._arrays["offset"]
            self._bbox = self._arrays["bbox"]
            self.fid = self._arrays["fid"]
        except (KeyError, ValueError, TypeError, struct.error) as error:
            raise ReleaseUnusableError(f"{name}: the index is damaged ({error!r}).") from error
        if len(self._offset) != self.count + 1 or int(self._offset[-1]) != features.size:
            raise ReleaseUnusableError(f"{name}: the index does not belong to its features.")
        self._order = np.argsort(self.fid, kind="stable")
        self._columns: dict[str, PropertyColumn] = {}

    @property
    def properties(self) -> tuple[str, ...]:
        """Names of the properties, in the order of the index."""
        return tuple(self._header["columns"])

    def has_property(self, name: str) -> bool:
        """Whether there is such a property."""
        return name in self._header["columns"]

    def property_column(self, name: str) -> PropertyColumn:
        """One property of all features; KeyError for an unknown one."""
        if name not in self._columns:
            about = self._header["columns"][name]
            self._columns[name] = PropertyColumn(
                about["type"], self._arrays[f"p:{name}"], about.get("values", [])
            )
        return self._columns[name]

    def row_of(self, fid: int) -> int | None:
        """The row of a feature id; None where there is no such feature."""
        if not -(1 << 63) <= fid < 1 << 63:
            return None
        position = int(np.searchsorted(self.fid, fid, sorter=self._order))
        if position == self.count or self.fid[self._order[position]] != fid:
            return None
        return int(self._order[position])

    def has_geometry(self) -> Mask:
        """Which features have a geometry."""
        return ~np.isnan(self._bbox[:, 0])

    def select(
        self,
        bbox: Box | None = None,
        equals: Mapping[str, str] | None = None,
        among: Mask | None = None,
    ) -> Rows:
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

        Raises
        ------
        MalformedValueError
            A value is not of the property's type.
        """
        mask = np.ones(self.count, np.bool_) if among is None else among.copy()
        for name, text in (equals or {}).items():
            try:
                mask &= self.property_column(name).equal_to(text)
            except MalformedValueError as error:
                raise MalformedValueError(f"{name}: {error}") from None
        if bbox is not None:
            mask = self.intersecting(bbox, mask)
        return np.flatnonzero(mask)

    def intersecting(self, bbox: Box, among: Mask | None = None) -> Mask:
        """Which features of ``among`` have a point in common with the box, edges included."""
        west, south, east, north = bbox
        if west > east:
            left = self.intersecting((west, south, 180.0, north), among)
            return left | self.intersecting((-180.0, south, east, north), among)
        boxes = self._bbox
        meets = (boxes[:, 0] <= east) & (boxes[:, 2] >= west)
        meets &= (boxes[:, 1] <= north) & (boxes[:, 3] >= south)
        if among is not None:
            meets &= among
        inside = (boxes[:, 0] >= west) & (boxes[:, 2] <= east)
        inside &= (boxes[:, 1] >= south) & (boxes[:, 3] <= north)
        for row in np.flatnonzero(meets & ~inside):
            meets[row] = touches_box(self.geometry(int(row)), bbox)
        return meets

    def bbox(self, row: int) -> Box | None:
        """West, south, east, north of one feature in degrees; None without a geometry."""
        west, south, east, north = (float(edge) for edge in self._bbox[row])
        return None if np.isnan(west) else (west, south, east, north)

    def geometry(self, row: int) -> dict[str, Any] | None:
        """The GeoJSON geometry of one feature."""
        geometry: dict[str, Any] | None = orjson.loads(self.line(row))["geometry"]
        return geometry

    def line(self, row: int) -> bytes:
        """The bytes of one feature, as written, without the line end."""
        return self._slice(row, row + 1)

    def lines(self, rows: Rows) -> bytes:
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


def read_index(source: ByteSource) -> tuple[dict[str, Any], dict[str, Column]]:
    """The header of a GFIX index and its arrays, as views of the source."""
    if source.read(0, 8) != MAGIC:
        raise ValueError("not a GFIX index of version 1")
    (length,) = struct.unpack("<Q", source.read(8, 8))
    header: dict[str, Any] = json.loads(source.read(16, length))
    start = -(-(16 + length) // 8) * 8
    arrays = {}
    for name, about in header["arrays"].items():
        dtype, shape = np.dtype(about["dtype"]), tuple(about["shape"])
        size = dtype.itemsize * int(np.prod(shape))
        view = source.view(start + about["offset"], size)
        arrays[name] = np.frombuffer(view, dtype).reshape(shape)
    return header, arrays
