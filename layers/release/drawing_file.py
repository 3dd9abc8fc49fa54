"""``outlines.jsonl`` and ``isolines.jsonl``: wilayah as they are drawn, and travel time over them.

A line of outlines is one wilayah with its children; a line of isolines one kind of facility in one
wilayah, in the frame of its outline.  Paths are SVG path data in whole pixels.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Literal, TypeAlias

from layers.release import document_files, manifest_file

OUTLINES_NAME = "outlines.jsonl"
OUTLINES_INDEX_NAME = "outlines.index.json"
ISOLINES_NAME = "isolines.jsonl"
ISOLINES_INDEX_NAME = "isolines.index.json"
DrawnLevel: TypeAlias = Literal["kecamatan", "kabupaten", "provinsi"]


class OutlineChild(document_files.Document):
    """One child as it is drawn: path data ``d``, and a point for its label, in pixels."""

    kode: str
    nama: str
    fid: int
    d: str
    x: int
    y: int


class Outline(document_files.Document):
    """One wilayah: its frame in degrees and in pixels, and its children sorted by kode."""

    kode: str
    level: DrawnLevel
    bbox_lonlat: manifest_file.Bbox
    width: int
    height: int
    children: tuple[OutlineChild, ...]


class IsolineEdge(document_files.Document):
    """The border of what lies within ``min`` minutes: path data, and places for labels."""

    min: float
    d: str
    at: tuple[tuple[int, int], ...]


class BandPeople(document_files.Document):
    """People by band of travel time in one wilayah.

    Parameters
    ----------
    upto
        Upper edge in minutes, None for the last band, and people.
    unreached, off_grid, total
        People.
    desa, desa_total
        Desa whose people are known, of how many.
    """

    upto: tuple[tuple[float | None, float], ...]
    unreached: float
    off_grid: float
    total: float
    desa: int
    desa_total: int


class IsolineDrawing(document_files.Document):
    """Travel time to one kind of facility in one wilayah.

    ``unreached`` is closed path data, empty where everything is reached; ``people`` is None where
    nobody knows who lives in which band.
    """

    mode: str
    edges: tuple[IsolineEdge, ...]
    unreached: str
    kode: str
    kind: str
    people: BandPeople | None


def write_outlines_file(folder: Path, outlines: Iterable[Outline]) -> None:
    """Write the outlines into a release, in their order, and their index by kode."""
    documents = ((outline.kode, outline) for outline in outlines)
    document_files.write_lines(folder / OUTLINES_NAME, folder / OUTLINES_INDEX_NAME, documents)


def open_outlines(release: Path) -> document_files.IndexedLines[Outline]:
    """The outlines of a release by kode."""
    return document_files.IndexedLines(
        release / OUTLINES_NAME, release / OUTLINES_INDEX_NAME, Outline
    )


def write_isolines_file(folder: Path, drawings: Iterable[IsolineDrawing]) -> None:
    """Write the isolines into a release, in their order, and their index by `isolines_key`."""
    documents = ((isolines_key(one.kind, one.kode), one) for one in drawings)
    document_files.write_lines(folder / ISOLINES_NAME, folder / ISOLINES_INDEX_NAME, documents)


def open_isolines(release: Path) -> document_files.IndexedLines[IsolineDrawing]:
    """The isolines of a release by `isolines_key`."""
    return document_files.IndexedLines(
        release / ISOLINES_NAME, release / ISOLINES_INDEX_NAME, IsolineDrawing
    )


def isolines_key(kind: str, kode: str) -> str:
    """The key of a kind of facility in a wilayah.

    >>> isolines_key("sd", "99.01")
    'sd/99.01'
    """
    return f"{kind}/{kode}"
