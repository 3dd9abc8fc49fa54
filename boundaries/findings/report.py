"""Findings: what is observed about the data, and the counts of what happened to each row.

A finding is one observed defect (or one interpretation worth knowing) of one piece of data.  It
never stops a run: checks collect findings, and the report decides at the end whether the data may
be published.  Exceptions, in contrast, are about use and environment (`boundaries.errors`).
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import ClassVar

from pydantic import BaseModel, ConfigDict, TypeAdapter

from boundaries.findings import locations

UNITS_NAME = "units.toml"
LONGEST = 2_000
"""Letters of a message; of a longer one (a cell without an end) the middle is left out."""


@dataclass(frozen=True, slots=True)
class Texts:
    """One text in both languages of the reader."""

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    id: str
    en: str


@dataclass(frozen=True, slots=True)
class FindingWords:
    """What one code of a finding says.

    Parameters
    ----------
    title
        What is wrong, short; for one finding and for many.
    advice
        What to do about it, and what became of the data meanwhile.
    value, measure
        What the finding's ``value`` and ``measure`` are, where they mean something of their own.
    """

    title: Texts
    advice: Texts
    value: Texts | None = None
    measure: Texts | None = None


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of finding.

    Parameters
    ----------
    code
        Dotted name, such as ``boundary.overlap``.
    severity
        In words, such as ``warning, error if nothing is left``: the severities that occur, the
        usual one first.
    meaning
        What it says and what became of the data, in a line of the README.
    unit
        Of the measure, where all findings of the kind have the same.
    lacks_code
        Whether it says why a row or polygon has no code to use.
    """

    code: str
    severity: str
    meaning: str
    words: FindingWords
    unit: str | None = None
    lacks_code: bool = False

    @property
    def severities(self) -> tuple[Severity, ...]:
        """Those that occur, the usual one first."""
        words = re.findall("|".join(Severity), self.severity)
        return tuple(dict.fromkeys(map(Severity, words)))

    def finding(
        self,
        message: str,
        file: str | None = None,
        row: int | None = None,
        kode: str | None = None,
        value: str | None = None,
        measure: float | None = None,
        unit: str | None = None,
        geometry: str | None = None,
        *,
        severity: Severity | None = None,
        fields: Iterable[str] = (),
        tahun: int | None = None,
        rows: Iterable[int] = (),
    ) -> Finding:
        """A finding of this kind (see `Finding`), of its usual severity where none is given.

        Parameters
        ----------
        rows
            Each row that it is about, where it gathers several.

        Raises
        ------
        ValueError
            The kind is not declared to have that severity.
        """
        severity = severity or self.severities[0]
        if severity not in self.severities:
            raise ValueError(f"{self.code} is declared as {self.severity}, not {severity}.")
        if measure is not None:
            unit = unit or self.unit
        if len(message) > LONGEST:
            message = f"{message[: LONGEST // 2]} … {message[-LONGEST // 4 :]}"
        place = (file, row, kode, value, measure, unit, geometry)
        about = (tuple(fields), tahun, locations.row_spans(rows))
        return Finding(self.code, severity, message, *place, *about)


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The words of every code, and of the units in which findings are measured."""

    codes: Mapping[str, FindingWords] = field(default_factory=dict)
    units: Mapping[str, Texts] = field(default_factory=dict)

    def with_words_of(self, other: Catalogue) -> Catalogue:
        """Both catalogues in one.

        Raises
        ------
        ValueError
            A code or unit is in both.
        """
        twice = (self.codes.keys() & other.codes.keys()) | (self.units.keys() & other.units.keys())
        if twice:
            raise ValueError(f"Words of {', '.join(sorted(twice))} are given twice.")
        return Catalogue({**self.codes, **other.codes}, {**self.units, **other.units})

    def title(self, code: str) -> Texts:
        """The title of a code; the code itself where it is not in the catalogue."""
        words = self.codes.get(code)
        return words.title if words else Texts(code, code)

    def advice(self, code: str) -> Texts:
        """The advice of a code; empty where it is not in the catalogue."""
        words = self.codes.get(code)
        return words.advice if words else Texts("", "")

    def unit(self, unit: str | None) -> Texts:
        """A unit in both languages; as it is written where the catalogue does not have it."""
        return self.units.get(unit or "", Texts(unit or "", unit or ""))


class _KindEntry(BaseModel):
    """A kind as ``finding_words/*.toml`` declares it."""

    model_config = ConfigDict(extra="forbid")

    severity: str
    meaning: str
    title: Texts
    advice: Texts
    value: Texts | None = None
    measure: Texts | None = None
    unit: str | None = None
    lacks_code: bool = False

    def named(self, code: str) -> Kind:
        """The kind of that code."""
        words = FindingWords(self.title, self.advice, self.value, self.measure)
        return Kind(code, self.severity, self.meaning, words, self.unit, self.lacks_code)


_KINDS = TypeAdapter(dict[str, _KindEntry])
_UNITS = TypeAdapter(dict[str, Texts])


def read_kinds(folder: Traversable) -> dict[str, Kind]:
    """The kinds that the TOML files of a folder declare, by code, in their order.

    Raises
    ------
    ValueError
        A code is declared twice, with an unknown key, or without a severity.
    """
    kinds: dict[str, Kind] = {}
    for path in sorted(folder.iterdir(), key=lambda path: path.name):
        if not path.name.endswith(".toml") or path.name == UNITS_NAME:
            continue
        entries = _KINDS.validate_python(tomllib.loads(path.read_text(encoding="utf-8")))
        for code, entry in entries.items():
            kind = entry.named(code)
            if code in kinds or not kind.severities:
                raise ValueError(f"{path.name}: {code} is declared twice, or has no severity.")
            kinds[code] = kind
    return kinds


def read_catalogue(folder: Traversable) -> Catalogue:
    """The words in the TOML files of a folder."""
    codes = {code: kind.words for code, kind in read_kinds(folder).items()}
    units = folder / UNITS_NAME
    texts = units.read_text(encoding="utf-8") if units.is_file() else ""
    return Catalogue(codes, _UNITS.validate_python(tomllib.loads(texts)))


@cache
def boundary_kinds() -> dict[str, Kind]:
    """The kinds of findings of this package."""
    return read_kinds(files("boundaries") / "finding_words")


def declared_kind(code: str) -> Kind:
    """The declared kind of a code of this package.

    Raises
    ------
    KeyError
        No ``finding_words/*.toml`` declares it.
    """
    return boundary_kinds()[code]


@cache
def boundary_words() -> Catalogue:
    """The words of the findings of this package."""
    return read_catalogue(files("boundaries") / "finding_words")


def used_words(
    catalogue: Catalogue, codes: Iterable[str], units: Iterable[str | None]
) -> Catalogue:
    """The part of a catalogue that some findings need, sorted."""
    return Catalogue(
        {code: catalogue.codes[code] for code in sorted({*codes} & catalogue.codes.keys())},
        {
            unit: catalogue.units[unit]
            for unit in sorted({unit for unit in units if unit} & catalogue.units.keys())
        },
    )


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
        English; what the code means in Indonesian is in the catalogue of its code.
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
    fields, tahun
        Fields of the release (indicators, say) and year that it is about; none where it is about
        rows, places or files as a whole.
    rows
        All rows that it is about where it gathers several, as ranges in order;
        ``row`` is one of them.
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
    fields: tuple[str, ...] = ()
    tahun: int | None = None
    rows: tuple[tuple[int, int], ...] = ()

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
