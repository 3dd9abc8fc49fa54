"""The findings of a release, read by slices: ``findings.json`` holds one a line, sorted.

The file of a large release has hundreds of thousands of lines, so it is read through once, when
first asked, and only where each line begins is kept: a page parses the few lines it shows.  Within
a code and severity the findings are sorted by kode, so those of one wilayah are a range.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson

from layers.release.byte_source import ByteSource, MappedFile
from layers.release.errors import ReleaseUnusableError

FINDINGS_NAME = "findings.json"
KECAMATAN_LENGTH = len("00.00.00")
DESA_LENGTH = len("00.00.00.0000")

Record = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Group:
    """All findings of one severity and code: lines ``first`` to ``stop``; ``desa`` they name."""

    severity: str
    code: str
    first: int
    stop: int
    desa: int


@dataclass(slots=True)
class _Scan:
    """What is gathered while the file is read through."""

    loads: list[Record] = field(default_factory=list)
    codes: dict[str, Record] = field(default_factory=dict)
    units: dict[str, Record] = field(default_factory=dict)
    starts: array[int] = field(default_factory=lambda: array("Q"))
    groups: list[Group] = field(default_factory=list)
    places: Counter[str] = field(default_factory=Counter)
    concerned: set[str] = field(default_factory=set)
    end: int = 0
    last: bytes = b""


class Findings:
    """The findings of one release.

    Attributes
    ----------
    loads
        What became of the rows of each input, as in the file.
    codes, units
        Words in both languages by code and unit; empty where an older release has none.
    groups
        In the order of the file: errors, warnings, notes; within these by code.
    places
        How many errors and warnings each kecamatan has.
    desa
        How many desa have an error or a warning.

    Raises
    ------
    ReleaseUnusableError
        The file is cut off or is not as it is written: no findings is not the same as none read.
    """

    def __init__(self, source: ByteSource, lines: Iterator[bytes]) -> None:
        try:
            scan = _scan(lines)
        except (orjson.JSONDecodeError, KeyError) as error:
            raise ReleaseUnusableError(f"{FINDINGS_NAME} of the release: {error}") from error
        if scan.last != b"]}":
            raise ReleaseUnusableError(f"{FINDINGS_NAME} of the release is cut off.")
        self._source = source
        self._starts = scan.starts
        self._starts.append(scan.end)
        self.loads = tuple(scan.loads)
        self.codes: Mapping[str, Record] = scan.codes
        self.units: Mapping[str, Record] = scan.units
        self.groups = tuple(scan.groups)
        self.places: Mapping[str, int] = scan.places
        self.desa = len(scan.concerned)

    def __len__(self) -> int:
        return len(self._starts) - 1

    def record(self, at: int) -> Record:
        """One finding, by its number in the file."""
        start = self._starts[at]
        line = self._source.read(start, self._starts[at + 1] - start)
        record: Record = orjson.loads(_bare(line))
        return record

    def records(self, first: int, stop: int) -> list[Record]:
        """The findings from ``first`` up to ``stop``."""
        return [self.record(at) for at in range(first, stop)]

    def within(self, group: Group, kode: str) -> Group:
        """The part of a group that is about a wilayah and all that lies in it."""

        def kode_of(at: int) -> str:
            return str(self.record(at).get("kode") or "")

        lines = range(group.first, group.stop)
        first = group.first + bisect_left(lines, kode, key=kode_of)
        # "/" follows "." and comes before all digits: the end of everything below the kode.
        stop = group.first + bisect_left(lines, f"{kode}/", key=kode_of)
        desa = {found for at in range(first, stop) if len(found := kode_of(at)) == DESA_LENGTH}
        return Group(group.severity, group.code, first, stop, len(desa))


def read_findings(release: Path) -> Findings:
    """The findings of a release directory."""
    path = release / FINDINGS_NAME
    with path.open("rb") as lines:
        return Findings(MappedFile(path), lines)


def _bare(line: bytes) -> bytes:
    return line.strip().rstrip(b",")


def _scan(lines: Iterator[bytes]) -> _Scan:
    """Read the file through once: words whole, of findings only where they begin."""
    found, section, offset = _Scan(), "", 0
    named: set[str] = set()
    for line in lines:
        bare = _bare(line)
        if bare.startswith((b"{", b'"')) and bare.endswith(b"["):
            section = bare.strip(b'{": [').decode()
        elif bare.startswith(b'{"'):
            record = orjson.loads(bare)
            if section == "findings":
                found.starts.append(offset)
                found.end = offset + len(line)
                _note(found, record, named)
            elif section == "loads":
                found.loads.append(record)
            elif section == "codes":
                found.codes[record["code"]] = record
            elif section == "units":
                found.units[record["unit"]] = record
        offset += len(line)
        found.last = line.strip() or found.last
    return found


def _note(found: _Scan, record: Record, named: set[str]) -> None:
    """Count one finding: into its group, which follows the one before it, and its kecamatan."""
    severity, code, kode = record["severity"], record["code"], record.get("kode") or ""
    at = len(found.starts) - 1
    last = found.groups[-1] if found.groups else None
    if last is None or (last.severity, last.code) != (severity, code):
        named.clear()
        last = Group(severity, code, at, at, 0)
        found.groups.append(last)
    if len(kode) == DESA_LENGTH:
        named.add(kode)
    found.groups[-1] = Group(severity, code, last.first, at + 1, len(named))
    if severity != "note" and len(kode) >= KECAMATAN_LENGTH:
        found.places[kode[:KECAMATAN_LENGTH]] += 1
        if len(kode) == DESA_LENGTH:
            found.concerned.add(kode)
