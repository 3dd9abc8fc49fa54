"""The findings of a release: ``findings.json`` holds one a line, sorted, and is read by slices.

The file of a large release has hundreds of thousands of lines, so it is read through once, when
first asked, and only where each line begins is kept: a page parses the few lines it shows.  Within
a code and severity the findings are sorted by kode, so those of one wilayah are a range.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import starmap
from pathlib import Path
from typing import Literal, TypeAlias, TypeVar

from layers.release import byte_source, document_files, errors, manifest_file

FINDINGS_NAME = "findings.json"
KECAMATAN_LENGTH = len("00.00.00")
DESA_LENGTH = len("00.00.00.0000")
FindingSeverity: TypeAlias = Literal["error", "warning", "note"]


class FindingRecord(document_files.Document):
    """One finding; what is None is not in the file (see `boundaries.findings.report.Finding`)."""

    code: str
    severity: FindingSeverity
    message: str
    file: str | None = None
    row: int | None = None
    kode: str | None = None
    value: str | None = None
    measure: int | float | None = None
    unit: str | None = None
    geometry: str | None = None
    fields: tuple[str, ...] | None = None
    tahun: int | None = None
    rows: tuple[tuple[int, int], ...] | None = None


class LoadRecord(document_files.Document):
    """What became of the rows of one input."""

    input: str
    file: str
    rows_read: int
    matched: int
    unmatched: int
    duplicates: int
    desa_without_data: int | None = None


class CodeRecord(document_files.Document):
    """What one code of findings says in both languages."""

    code: str
    title: manifest_file.Text
    advice: manifest_file.Text
    value: manifest_file.Text | None = None
    measure: manifest_file.Text | None = None


class UnitRecord(document_files.Document):
    """What a unit of measures is called in both languages."""

    unit: str
    id: str
    en: str

    @property
    def text(self) -> manifest_file.Text:
        """Its name in both languages."""
        return manifest_file.Text(id=self.id, en=self.en)


@dataclass(frozen=True, slots=True)
class FindingsContent:
    """All that the file says; ``findings`` sorted by severity, code and kode."""

    loads: Sequence[LoadRecord] = ()
    codes: Sequence[CodeRecord] = ()
    units: Sequence[UnitRecord] = ()
    findings: Sequence[FindingRecord] = ()


def write_findings_file(path: Path, content: FindingsContent) -> None:
    """Write the file: stable order, no clock, one record a line."""
    sections: dict[str, Iterable[document_files.Document]] = {
        "loads": content.loads,
        "codes": content.codes,
        "units": content.units,
        "findings": content.findings,
    }
    path.write_text(
        "{" + ",\n".join(starmap(_encode_section, sections.items())) + "}\n", encoding="utf-8"
    )


def _encode_section(name: str, records: Iterable[document_files.Document]) -> str:
    lines = ",\n".join(map(document_files.compact_json, records))
    return f'"{name}": [\n{lines}\n]' if lines else f'"{name}": [\n]'


@dataclass(frozen=True, slots=True)
class FindingRange:
    """All findings of one severity and code: lines ``first`` to ``stop``; ``desa`` they name."""

    severity: FindingSeverity
    code: str
    first: int
    stop: int
    desa: int


@dataclass(slots=True)
class _Scan:
    """What is gathered while the file is read through."""

    loads: list[LoadRecord] = field(default_factory=list)
    codes: dict[str, CodeRecord] = field(default_factory=dict)
    units: dict[str, UnitRecord] = field(default_factory=dict)
    starts: array[int] = field(default_factory=lambda: array("Q"))
    groups: list[FindingRange] = field(default_factory=list)
    places: Counter[str] = field(default_factory=Counter)
    concerned: set[str] = field(default_factory=set)
    end: int = 0
    last: bytes = b""
    has_findings: bool = False


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

    def __init__(self, source: byte_source.ByteSource, lines: Iterator[bytes]) -> None:
        with errors.explained(FINDINGS_NAME):
            scan = _scan(lines)
        if scan.last != b"]}" or not scan.has_findings:
            raise errors.ReleaseUnusableError(f"{FINDINGS_NAME} of the release is cut off.")
        self._source = source
        self._starts = scan.starts
        self._starts.append(scan.end)
        self.loads = tuple(scan.loads)
        self.codes: Mapping[str, CodeRecord] = scan.codes
        self.units: Mapping[str, UnitRecord] = scan.units
        self.groups = tuple(scan.groups)
        self.places: Mapping[str, int] = scan.places
        self.desa = len(scan.concerned)

    def __len__(self) -> int:
        return len(self._starts) - 1

    def record(self, number: int) -> FindingRecord:
        """One finding, by its number in the file."""
        start = self._starts[number]
        line = self._source.read(start, self._starts[number + 1] - start)
        return _parse(FindingRecord, _bare(line))

    def records(self, first: int, stop: int) -> list[FindingRecord]:
        """The findings from ``first`` up to ``stop``."""
        return [self.record(number) for number in range(first, stop)]

    def within(self, group: FindingRange, kode: str) -> FindingRange:
        """The part of a group that is about a wilayah and all that lies in it."""

        def kode_of(number: int) -> str:
            return self.record(number).kode or ""

        lines = range(group.first, group.stop)
        first = group.first + bisect_left(lines, kode, key=kode_of)
        # "/" follows "." and comes before all digits: the end of everything below the kode.
        stop = group.first + bisect_left(lines, f"{kode}/", key=kode_of)
        codes = {kode_of(number) for number in range(first, stop)}
        desa = sum(len(code) == DESA_LENGTH for code in codes)
        return FindingRange(group.severity, group.code, first, stop, desa)

    def without_place(self, group: FindingRange, file: str) -> range:
        """The numbers of the findings of a group that name a file and no place."""

        def key_of(number: int) -> tuple[str, str]:
            record = self.record(number)
            return record.kode or "", record.file or ""

        lines = range(group.first, group.stop)
        first = bisect_left(lines, ("", file), key=key_of)
        return lines[first : bisect_right(lines, ("", file), lo=first, key=key_of)]


def read_findings(release: Path) -> Findings:
    """The findings of a release directory."""
    path = release / FINDINGS_NAME
    with path.open("rb") as lines:
        return Findings(byte_source.FileBytes(path), lines)


Record = TypeVar("Record", bound=document_files.Document)


def _parse(record: type[Record], line: bytes) -> Record:
    with errors.explained(FINDINGS_NAME):
        return record.model_validate_json(line)


def _bare(line: bytes) -> bytes:
    return line.strip().rstrip(b",")


def _scan(lines: Iterator[bytes]) -> _Scan:
    """Read the file through once: words whole, of findings only where they begin."""
    scan, section, offset = _Scan(), "", 0
    named: set[str] = set()
    for line in lines:
        bare = _bare(line)
        if bare.startswith((b"{", b'"')) and bare.endswith(b"["):
            section = bare.strip(b'{": [').decode()
            scan.has_findings |= section == "findings"
        elif bare.startswith(b'{"'):
            if section == "findings":
                scan.starts.append(offset)
                scan.end = offset + len(line)
                _note(scan, _parse(FindingRecord, bare), named)
            else:
                _note_word(scan, section, bare)
        offset += len(line)
        scan.last = line.strip() or scan.last
    return scan


def _note_word(scan: _Scan, section: str, line: bytes) -> None:
    """Keep a record of a section before the findings; another section is of a newer schema."""
    if section == "loads":
        scan.loads.append(_parse(LoadRecord, line))
    elif section == "codes":
        code = _parse(CodeRecord, line)
        scan.codes[code.code] = code
    elif section == "units":
        unit = _parse(UnitRecord, line)
        scan.units[unit.unit] = unit


def _note(scan: _Scan, record: FindingRecord, named: set[str]) -> None:
    """Count one finding: into its group, which follows the one before it, and its kecamatan."""
    severity, code, kode = record.severity, record.code, record.kode or ""
    number = len(scan.starts) - 1
    last = scan.groups[-1] if scan.groups else None
    if last is None or (last.severity, last.code) != (severity, code):
        named.clear()
        last = FindingRange(severity, code, number, number, 0)
        scan.groups.append(last)
    if len(kode) == DESA_LENGTH:
        named.add(kode)
    scan.groups[-1] = FindingRange(severity, code, last.first, number + 1, len(named))
    if severity != "note" and len(kode) >= KECAMATAN_LENGTH:
        scan.places[kode[:KECAMATAN_LENGTH]] += 1
        if len(kode) == DESA_LENGTH:
            scan.concerned.add(kode)
