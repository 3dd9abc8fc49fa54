"""Findings: what is observed about the data, and the counts of what happened to each row.

A finding is one observed defect (or one interpretation worth knowing) of one piece of data.  It
never stops a run: checks collect findings, and the report decides at the end whether the data may
be published.  Exceptions, in contrast, are about use and environment (`boundaries.errors`).
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum


class Severity(StrEnum):
    """How much a finding weighs: an error blocks publication, a warning and a note do not."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Finding:
    """One observed defect of the data, with what is needed to find and mend it.

    Parameters
    ----------
    code
        Dotted name of the check, such as ``boundary.overlap``; documented in the folder's README.
    severity
        ``error`` blocks publication.
    message
        One sentence for the person who must mend the data: what, expected what, what to do.
        English; what the code means in Indonesian is in `boundaries.findings.kinds`.
    file
        Name of the input file as declared in the workspace (never an absolute path).
    row
        Row as the reader of that file sees it: spreadsheet row number (header is row 1) for
        tables, 1-based feature number for geometry.
    kode
        Code of the wilayah concerned, dotted Kemendagri form.
    value
        The offending value, as text.
    measure, unit
        Size of the defect, such as ``0.4`` ``ha``.
    geometry
        WKT (lon/lat) of the place concerned, or ``None``.
    """

    code: str
    severity: Severity
    message: str
    file: str | None = None
    row: int | None = None
    kode: str | None = None
    value: str | None = None
    measure: float | None = None
    unit: str | None = None
    geometry: str | None = None

    def sort_key(self) -> tuple[int, str, str, str, int, str]:
        """Position in a report: errors first, then by code, place and row."""
        rank = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.NOTE: 2}[self.severity]
        return rank, self.code, self.kode or "", self.file or "", self.row or 0, self.message


@dataclass(frozen=True, slots=True)
class LoadCount:
    """What happened to every row of one input: none is lost in silence.

    ``rows_read = matched + unmatched + duplicates`` always; a count that does not add up is a bug
    and raises at once.  ``desa_without_data`` counts the desa of the coverage that the input says
    nothing about; None where that is no question (lists of codes, roads, programmes).
    """

    input: str
    file: str
    rows_read: int
    matched: int
    unmatched: int
    duplicates: int
    desa_without_data: int | None = None

    def __post_init__(self) -> None:
        if self.rows_read != self.matched + self.unmatched + self.duplicates:
            raise ValueError(
                f"{self.input}: {self.rows_read} rows read, but {self.matched} matched + "
                f"{self.unmatched} unmatched + {self.duplicates} duplicates"
            )
        if (self.desa_without_data or 0) < 0:
            raise ValueError(f"{self.input}: {self.desa_without_data} desa without data")


@dataclass(slots=True)
class Report:
    """All findings and load counts of one run; a release writes them into ``findings.json``."""

    findings: list[Finding] = field(default_factory=list)
    loads: list[LoadCount] = field(default_factory=list)

    def extend(self, findings: Iterable[Finding], loads: Iterable[LoadCount] = ()) -> None:
        """Take in what a stage observed."""
        self.findings.extend(findings)
        self.loads.extend(loads)

    @property
    def blocks_publication(self) -> bool:
        """Whether at least one finding is an error."""
        return any(finding.severity is Severity.ERROR for finding in self.findings)

    def count(self, severity: Severity) -> int:
        """How many findings have that severity."""
        return sum(finding.severity is severity for finding in self.findings)


FEW_NOTES = 5
"""More notes of a kind are one thing to know: they are shown as their number and one example."""
_RANK = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.NOTE: 2}
_DESA_LENGTH = len("00.00.00.0000")


@dataclass(frozen=True, slots=True)
class FindingGroup:
    """All findings of one code and severity, sorted as in the report."""

    severity: Severity
    code: str
    findings: tuple[Finding, ...]

    def examples(self, most: int) -> tuple[Finding, ...]:
        """The first ``most`` findings; of many notes one."""
        is_one_thing = self.severity is Severity.NOTE and len(self.findings) > min(most, FEW_NOTES)
        return self.findings[: min(1, most) if is_one_thing else most]

    @property
    def desa(self) -> int:
        """How many desa the findings name; 0 where they are about files or rows without code."""
        kodes = {finding.kode for finding in self.findings if finding.kode}
        return sum(len(kode) == _DESA_LENGTH for kode in kodes)


def group_findings(findings: Iterable[Finding]) -> list[FindingGroup]:
    """The findings by code and severity: errors first, then what concerns most desa."""
    groups: dict[tuple[Severity, str], list[Finding]] = {}
    for finding in sorted(findings, key=Finding.sort_key):
        groups.setdefault((finding.severity, finding.code), []).append(finding)
    made = [FindingGroup(*key, tuple(members)) for key, members in groups.items()]
    return sorted(
        made, key=lambda group: (_RANK[group.severity], -group.desa, -len(group.findings))
    )
