"""How much memory, time and data one input may cost; a section ``[limits]`` sets it.

A file that is larger than any input should be is far more often damaged or made to do harm than
right.  Where nothing is declared the limits grow with the size of the file, so that a small file
never costs much and a large one is read all the same.
"""

import os
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from boundaries.errors import InputBeyondLimitError
from boundaries.findings.report import declared_kind

OVER_LIMIT = declared_kind("input.over_limit")

MB = 1_000_000
_BLOCKS = 1 << 16
_BYTES_A_CELL = 12
MOST_CELLS = 6_000_000
LEAST_MEMORY = 400 * MB
MEMORY_PER_BYTE = 16
"""Real inputs take up to nine times their size (Parquet of desa), with geometry decoded."""
MACHINE_MEMORY = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
LEAST_SECONDS = 15.0
SECONDS_PER_BYTE = 1.0 / MB
LEAST_VERTICES = 500_000
BYTES_PER_VERTEX = 8
LEAST_PAIRS = 100_000
PAIRS_PER_POLYGON = 20
UNPACKED_PART = 2
"""Of what is packed, at most this part of the memory may be the bytes: the rows need the rest."""


class InputLimits(BaseModel):
    """What reading one input may cost; null: by the size of the file.

    Parameters
    ----------
    file_mb
        Size of one file, in millions of bytes.
    memory_mb, seconds
        Memory (millions of bytes) and processor time of reading one file.
    rows, columns
        Of a table, and features of a map.
    vertices
        Of all shapes of a file.
    pairs
        Pairs of polygons whose boxes meet: what comparing them has to work through.
    crossings
        How often one outline may cross itself to be repaired.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    file_mb: int = Field(default=4_000, ge=1)
    memory_mb: int | None = Field(default=None, ge=50, le=1_000_000)
    seconds: float | None = Field(default=None, ge=1, le=1_000_000)
    rows: int = Field(default=2_000_000, ge=1)
    columns: int = Field(default=16_384, ge=1)
    vertices: int | None = Field(default=None, ge=1)
    pairs: int | None = Field(default=None, ge=1)
    crossings: int = Field(default=20_000, ge=1)

    def allow(self, size: int) -> "Allowance":
        """What a file of so many bytes may cost."""
        memory = min(LEAST_MEMORY + MEMORY_PER_BYTE * size, MACHINE_MEMORY * 3 // 4)
        return Allowance(
            memory if self.memory_mb is None else self.memory_mb * MB,
            LEAST_SECONDS + SECONDS_PER_BYTE * size if self.seconds is None else self.seconds,
            self.rows,
            self.columns,
            LEAST_VERTICES + size // BYTES_PER_VERTEX if self.vertices is None else self.vertices,
        )

    def most_pairs(self, polygons: int) -> int:
        """How many pairs of so many polygons may meet."""
        return LEAST_PAIRS + PAIRS_PER_POLYGON * polygons if self.pairs is None else self.pairs


@dataclass(frozen=True, slots=True)
class Allowance:
    """What reading one file may cost: bytes of memory, seconds of work, and what comes of it."""

    memory: int
    seconds: float
    rows: int
    columns: int
    vertices: int

    @property
    def unpacked(self) -> int:
        """Bytes that a packed file may have unpacked."""
        return self.memory // UNPACKED_PART


@dataclass(frozen=True)
class InputFile:
    """A file to be read; it is measured once.

    Parameters
    ----------
    label
        Its name as declared, for messages.
    layer
        The declared layer of a file of several.
    """

    path: Path
    label: str
    layer: str | None = None

    @cached_property
    def size(self) -> int:
        """Bytes that the file really holds, or all files of a folder that is one input."""
        path = self.path
        if path.is_dir():
            return sum(_bytes_of(part) for part in path.rglob("*") if part.is_file())
        parts = [path, path.with_suffix(".dbf")] if path.suffix.lower() == ".shp" else [path]
        whole = sum(_bytes_of(part) for part in parts if part.is_file())
        is_packed = path.suffix.lower() in (".parquet", ".geoparquet") and whole > 0
        return max(whole, _BYTES_A_CELL * _count_cells(path)) if is_packed else whole


def _count_cells(path: Path) -> int:
    """Cells that a Parquet file declares, no more than the largest real table has.

    A list of all desa, long and with few different words, packs to a byte for ten cells.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        metadata = pq.read_metadata(path)
    except (pa.ArrowException, OSError, ValueError):
        return 0
    cells: int = metadata.num_rows * metadata.num_columns
    return min(cells, MOST_CELLS)


def _bytes_of(path: Path) -> int:
    """Size of a file; of one with holes what lies on the disk, so that a hole buys nothing."""
    status = path.stat()
    return min(status.st_size, status.st_blocks * 512 + _BLOCKS)


def check_extent(label: str, allowance: Allowance, rows: int, columns: int) -> None:
    """Refuse a table of more columns or rows than one input may have.

    Raises
    ------
    InputBeyondLimitError
        With the number.
    """
    if columns > allowance.columns:
        what = f"It has {columns:,} columns"
        raise beyond_limit(label, "columns", allowance.columns, "columns", what)
    if rows > allowance.rows:
        raise beyond_limit(label, "rows", allowance.rows, "rows", f"It has {rows:,} rows")


def beyond_memory(label: str, allowance: Allowance, what: str) -> InputBeyondLimitError:
    """The error of an input that takes more memory than it may (see `beyond_limit`)."""
    return beyond_limit(label, "memory_mb", allowance.memory / MB, "MB", what)


def beyond_limit(
    label: str | None, setting: str, limit: float, unit: str, what: str
) -> InputBeyondLimitError:
    """The error of an input that goes beyond a limit, with its finding.

    Findings
    --------
    input.over_limit
        Reading or working on the input would go beyond a limit (error); ``value`` is the setting
        that raises it, ``measure`` the limit.
    """
    message = (
        f"{what}; the limit is {limit:,.0f} {unit}. Where the file is right as it is, raise "
        f"{setting} under [limits] in wilayah.toml."
    )
    setting = f"limits.{setting}"
    finding = OVER_LIMIT.finding(message, label, value=setting, measure=float(limit), unit=unit)
    return InputBeyondLimitError(finding)
