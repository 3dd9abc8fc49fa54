"""The catalogue of findings: what each code means and what to do, in Indonesian and English.

A finding's ``message`` is one English sentence made where the defect is seen.  Its reader is a data
officer of a kecamatan or kabupaten, so each *code* has a title and an advice in both languages,
kept beside the code in ``finding_words/*.toml``; with file, row, kode, value and measure, which
need no language, they say the same as the sentence.  Each package has its own folder of words.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

UNITS_NAME = "units.toml"


@dataclass(frozen=True, slots=True)
class Texts:
    """One text in both languages of the reader."""

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


def read_catalogue(folder: Traversable) -> Catalogue:
    """The words in the TOML files of a folder; unknown keys and codes given twice are errors."""
    whole = Catalogue()
    for path in sorted(folder.iterdir(), key=lambda path: path.name):
        if path.name.endswith(".toml"):
            document = tomllib.loads(path.read_text(encoding="utf-8"))
            whole = whole.with_words_of(_catalogue_of(path.name, document))
    return whole


def _catalogue_of(name: str, document: Mapping[str, Any]) -> Catalogue:
    if name == UNITS_NAME:
        return Catalogue(units={unit: Texts(**texts) for unit, texts in document.items()})
    return Catalogue(
        {
            code: FindingWords(**{key: Texts(**texts) for key, texts in words.items()})
            for code, words in document.items()
        }
    )


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
