"""What each desa and kecamatan is called: by its data, else the workspace, else the definitions.

UU 6/2014 (Pasal 1) lets a desa have another name.  Who says it decides: a word beside the boundary
comes first, then the longest prefix of ``[sebutan]`` in ``wilayah.toml``, then that of
``definitions/terms.toml``, then the word of the law.  A kelurahan is always a kelurahan.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Literal, TypeVar

import geopandas as gpd
import numpy as np
import pandas as pd
from pydantic import BaseModel

from boundaries.findings.report import Finding
from layers.columns.catalogue import Definition, load_definition
from layers.finding_words.finding_kinds import declared_kind
from layers.release import manifest_file, term_words
from layers.workspace.sections import EVERYWHERE, CodePrefix, SebutanSection, Term

TERM_UNUSED = declared_kind("boundary.term_unused")

FILE = "wilayah.toml"

Prefixes = Mapping[str, str]


class TermDefinition(Definition):
    """One word that law establishes for the places whose code begins with ``prefix``."""

    prefix: CodePrefix
    level: Literal["desa", "desa_adat", "kecamatan"]
    term: Term
    source: str


class TermDefinitions(Definition):
    """The whole of ``terms.toml``; ``date`` is when it was last held against the law."""

    date: str
    terms: tuple[TermDefinition, ...]


@dataclass(frozen=True, slots=True)
class LocalTerms:
    """Words by prefix of the code, for each kind of place, the most trusted first."""

    desa: tuple[Prefixes, ...]
    desa_adat: tuple[Prefixes, ...]
    kecamatan: tuple[Prefixes, ...]


@cache
def read_terms() -> TermDefinitions:
    """The shipped words."""
    return load_definition(TermDefinitions, "terms.toml")


def choose_terms(section: SebutanSection) -> LocalTerms:
    """The words of the workspace before those of the definitions."""
    shipped: dict[str, dict[str, str]] = {"desa": {}, "desa_adat": {}, "kecamatan": {}}
    for term in read_terms().terms:
        shipped[term.level][term.prefix] = term.term
    return LocalTerms(
        desa=(section.desa, shipped["desa"], {EVERYWHERE: "desa"}),
        desa_adat=(section.desa_adat, shipped["desa_adat"], {EVERYWHERE: "desa adat"}),
        kecamatan=(section.kecamatan, shipped["kecamatan"], {EVERYWHERE: "kecamatan"}),
    )


def term_for(kode: str, by_prefix: tuple[Prefixes, ...]) -> str:
    """The word for a code: of the first that knows a prefix of it, the longest.

    Example
    -------
    >>> term_for("11.04.01.2001", ({"11": "gampong", "11.04": "kampung"}, {"": "desa"}))
    'kampung'
    >>> term_for("53.06.13.2001", ({"11": "gampong"}, {"": "desa"}))
    'desa'
    """
    parts = kode.split(".")
    for words in by_prefix:
        for count in range(len(parts), -1, -1):
            word = words.get(".".join(parts[:count]))
            if word is not None:
                return word
    raise KeyError(kode)


def name_terms(
    places: gpd.GeoDataFrame, section: SebutanSection
) -> tuple[gpd.GeoDataFrame, list[Finding]]:
    """The boundaries with the column ``sebutan`` filled for every desa and kecamatan.

    Parameters
    ----------
    places
        All levels in one frame: ``level, kode, jenis, sebutan``; the last as the data have it.

    Findings
    --------
    boundary.term_unused
        No place of the release begins with a prefix of ``[sebutan]`` (warning).
    """
    terms = choose_terms(section)
    given = places["sebutan"].to_numpy(dtype=object)
    words = [
        _term_of_place(level, kode, jenis, None if pd.isna(word) else word, terms)
        for level, kode, jenis, word in zip(
            places["level"], places["kode"], places["jenis"], given, strict=True
        )
    ]
    named = places.assign(sebutan=pd.Series(np.array(words, dtype=object), index=places.index))
    return named, _check_prefixes(section, places["kode"])


def terms_of(places: pd.DataFrame) -> term_words.Terms:
    """The words for all places of a release together, as its texts say them."""
    is_desa, is_kecamatan = places["level"] == "desa", places["level"] == "kecamatan"
    words = (
        places["sebutan"] if "sebutan" in places else pd.Series(None, places.index, dtype=object)
    )
    counts = words[is_desa].dropna().value_counts()
    return term_words.make_terms(
        {str(term): int(count) for term, count in counts.items()},
        words[is_kecamatan].dropna().unique().tolist(),
    )


Filled = TypeVar("Filled", bound=BaseModel)


def fill_texts(model: Filled, terms: term_words.Terms) -> Filled:
    """A definition or entry with the words filled into all its texts.

    Example
    -------
    >>> text = manifest_file.Text(id="Jumlah {desa}", en="Number of {desa}")
    >>> fill_texts(text, term_words.make_terms({"nagari": 3}, []))
    Text(id='Jumlah nagari', en='Number of nagari')
    """
    if isinstance(model, manifest_file.Text):
        both = {
            "id": term_words.fill_terms(model.id, terms),
            "en": term_words.fill_terms(model.en, terms),
        }
        return model.model_copy(update=both)
    changed: dict[str, object] = {}
    for name in type(model).model_fields:
        value = getattr(model, name)
        if isinstance(value, BaseModel):
            changed[name] = fill_texts(value, terms)
        elif isinstance(value, tuple) and value and isinstance(value[0], BaseModel):
            changed[name] = tuple(fill_texts(item, terms) for item in value)
    return model.model_copy(update=changed)


def _term_of_place(
    level: str, kode: str, jenis: str | None, given: str | None, terms: LocalTerms
) -> str | None:
    if level == "kecamatan":
        return given or term_for(kode, terms.kecamatan)
    if level != "desa":
        return None
    if jenis == term_words.KELURAHAN:
        return term_words.KELURAHAN
    return given or term_for(kode, terms.desa_adat if jenis == "desa adat" else terms.desa)


def _check_prefixes(section: SebutanSection, codes: pd.Series[str]) -> list[Finding]:
    starts = {".".join(str(kode).split(".")[:count]) for kode in codes for count in range(5)}
    return [
        TERM_UNUSED.finding(
            f"[sebutan] {key} names '{prefix}', but no place of this release has a code that "
            "begins so; check the code.",
            file=FILE,
            value=prefix,
        )
        for key in ("desa", "desa_adat", "kecamatan")
        for prefix in sorted(getattr(section, key))
        if prefix not in starts
    ]
