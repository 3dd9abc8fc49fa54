"""How classes are distinguished and painted: their numbers, their colours, and ``style.json``.

A class is closed on the right: class ``i`` holds ``breaks[i-1] < v <= breaks[i]``, so the upper
edge belongs to the lower class, as in the published bands of IDM; breaks that are norms to be
reached are closed on the left (see `layers.release.manifest_file.Classes`).

Source
------
MapLibre Style Specification, version 8.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import numpy as np
from pydantic import Field, JsonValue, TypeAdapter

from layers.release import array_kinds, document_files, manifest_file


class StyleLayer(document_files.Document):
    """One thing that is drawn: the features that pass a filter, in one way.

    ``filter`` and the values of ``paint`` are expressions of MapLibre.
    """

    id: str
    type: Literal["fill", "line", "circle"]
    source: str
    source_layer: str = Field(alias="source-layer")
    filter: list[JsonValue] | None = None
    paint: dict[str, JsonValue]


class StyleSource(document_files.Document):
    """Where the tiles are."""

    type: Literal["vector"]
    url: str


class StyleSubject(document_files.Document):
    """Which layer a style paints, and by which field."""

    layer: str
    headline: str | None


class StyleDocument(document_files.Document):
    """A style of one layer, as ``style.json`` holds it; ``layers`` bottom first.

    The source names the archive beside the style; a server puts its own tile addresses in its
    place.
    """

    version: Literal[8]
    name: str
    metadata: StyleSubject
    sources: dict[str, StyleSource]
    layers: tuple[StyleLayer, ...]


_STYLE = TypeAdapter(StyleDocument)


def style_file(layer: str) -> str:
    """Path of the style of a layer, in its release."""
    return f"layers/{layer}/style.json"


def write_style_file(path: Path, style: StyleDocument) -> None:
    """Write a style."""
    document_files.write_given(style, path)


def read_style_file(path: Path) -> StyleDocument:
    """The style that a file holds.

    Raises
    ------
    OSError
        The file cannot be read.
    ReleaseUnusableError
        It is damaged.
    """
    return document_files.read_json(path, _STYLE)


def class_numbers(
    values: array_kinds.Floats, breaks: Sequence[float], closed: manifest_file.Closed = "right"
) -> array_kinds.Integers:
    """The class of each value, from 0 to ``len(breaks)``; ``-1`` where it is NaN.

    Example
    -------
    >>> class_numbers(np.array([1, 1.5, 9, np.nan]), (1.0, 2.0))
    array([ 0,  1,  2, -1])
    >>> class_numbers(np.array([79.9, 80]), (80.0,), "left")
    array([0, 1])
    """
    side: Literal["left", "right"] = "left" if closed == "right" else "right"
    numbers = np.searchsorted(np.asarray(breaks, np.float64), values, side=side).astype(np.int64)
    return np.where(np.isnan(values), -1, numbers)


def spread_colours(ramp: tuple[str, ...], count: int) -> tuple[str, ...]:
    """``count`` colours spread evenly over a ramp, mixed where they fall between two.

    Example
    -------
    >>> spread_colours(("#000000", "#ffffff"), 3)
    ('#000000', '#808080', '#ffffff')
    """
    if count == len(ramp):
        return ramp
    if count == 1:
        return (ramp[len(ramp) // 2],)
    channels = np.array([[int(colour[i : i + 2], 16) for i in (1, 3, 5)] for colour in ramp])
    places = np.linspace(0, len(ramp) - 1, count)
    mixed = [np.interp(places, range(len(ramp)), channel) for channel in channels.T]
    return tuple(
        "#" + "".join(f"{round(float(part)):02x}" for part in colour)
        for colour in zip(*mixed, strict=True)
    )
