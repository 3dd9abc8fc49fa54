"""Kinds of findings, each declared once: how much it weighs, what it means and what to do.

``finding_words/*.toml`` of a package declares its kinds: the code, its severities, the unit of its
measure, what the README says of it, and title and advice in Indonesian and English.  Code that sees
a defect asks for its kind on import (`declared_kind`) and makes its findings with it.  The
``message`` of a finding is one English sentence made where the defect is seen; its reader is a data
officer of a kecamatan or kabupaten, so title and advice say the same in both languages.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import ClassVar

from pydantic import BaseModel, ConfigDict, TypeAdapter

from boundaries.findings.report import Finding, Severity

UNITS_NAME = "units.toml"


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
    ) -> Finding:
        """A finding of this kind (see `Finding`), of its usual severity where none is given.

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
        return Finding(
            self.code, severity, message, file, row, kode, value, measure, unit, geometry
        )


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
