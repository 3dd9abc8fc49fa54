"""The kind of each row of a facility list: as declared, by a word of the row, or by its name.

A rule of thumb counts nothing that is doubtful: a row whose name may be that of another thing is
not used until ``matches.csv`` or ``[facilities.kinds]`` decides.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from boundaries.findings import locations, report
from boundaries.matching import matches_file, matching
from layers.facilities import checks, facility_kinds
from layers.tables.files.cell_texts import cell_text
from layers.tables.rows.declared_words import check_words
from layers.workspace.sections import FacilitySection

BOTH = "/"
"""Between the kinds of a name that speaks of several, in a key of ``[facilities.kinds]``."""


@dataclass(slots=True)
class KindDoubts:
    """What a person decided of names that may be those of other things, and what is open."""

    decisions: matches_file.Decisions = field(default_factory=dict)
    proposals: set[matching.Proposal] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class NameKinds:
    """``[facilities.kinds]`` of a list whose kinds stand in names.

    Parameters
    ----------
    singles
        Kinds by the kind that a name says; where there are any, no other counts.
    pairs
        Kinds by the kinds of a name that speaks of several.
    weak
        Kinds by abbreviation.
    """

    singles: Mapping[str, str]
    pairs: Mapping[tuple[str, ...], str]
    weak: Mapping[str, str]

    @classmethod
    def of(cls, declared: Mapping[str, str]) -> "NameKinds":
        """The declared words by what they are."""
        weak = {word.upper(): kind for word, kind in declared.items() if _is_weak(word)}
        words = {word: kind for word, kind in declared.items() if not _is_weak(word)}
        return cls(
            {word: kind for word, kind in words.items() if BOTH not in word},
            {pair_key(word): kind for word, kind in words.items() if BOTH in word},
            weak,
        )


def _is_weak(word: str) -> bool:
    return word.upper() in facility_kinds.WEAK_WORDS


def pair_key(word: str) -> tuple[str, ...]:
    """The kinds of a key such as ``poskesdes/pustu``, in the order in which names tell them."""
    return tuple(sorted(part.strip().casefold() for part in word.split(BOTH)))


def add_kind(
    frame: pd.DataFrame, section: FacilitySection, log: checks.RowFindings, doubts: KindDoubts
) -> pd.DataFrame:
    """The rows whose ``kind`` is known, with it.

    Findings
    --------
    facility.no_kind, facility.unknown_kind
        The word is empty, or not under ``[facilities.kinds]`` (warning).
    facility.kind_ambiguous
        The name speaks of two kinds, and ``[facilities.kinds]`` does not say which of them such a
        place is (warning).
    facility.kind_doubtful
        The name may be that of another thing, as a store or a shop, or says its kind by an
        abbreviation only, or a column says that the place is closed or not yet open; not used until
        decided (warning), or as decided (note).  Where the kind
        is declared, a word in front is asked only if it is of another function or kind.
    facility.kind_contradicts
        The name speaks of another kind than the file declares (warning); used as declared.
    """
    words: dict[str, set[str]] = {}
    if section.kind_in_name:
        frame = _add_kind_of_name(frame, NameKinds.of(section.kinds), log)
    elif section.kind is not None:
        frame = frame.assign(kind=section.kind)
    else:
        frame = _add_kind_of_word(frame, section, log)
        for word, kind in frame[["word", "kind"]].itertuples(index=False):
            words.setdefault(kind, set()).add(word)
    kinds = []
    for row, name, kind, closed in frame[["row", "nama", "kind", "closed"]].itertuples(index=False):
        meant = {kind, *facility_kinds.kinds_in_name(name)} if section.kind_in_name else {kind}
        declared = None if section.kind_in_name else words.get(kind, ())
        other = facility_kinds.find_other_thing(name, meant, declared) if name else None
        other = other or (closed if name else None) or None
        kinds.append(kind if other is None else _decide(row, name, kind, other, log, doubts))
    frame = _with_kinds(frame, kinds)
    if not section.kind_in_name:
        _tell_contradictions(frame, log)
    return frame


def _with_kinds(frame: pd.DataFrame, kinds: list[str]) -> pd.DataFrame:
    frame = frame.assign(kind=np.array(kinds, dtype=object))
    return frame[(frame["kind"] != "").to_numpy()]


def _add_kind_of_word(
    frame: pd.DataFrame, section: FacilitySection, log: checks.RowFindings
) -> pd.DataFrame:
    kind_of_word = {cell_text(word).casefold(): kind for word, kind in section.kinds.items()}
    kinds = [_match_kind(word, kind_of_word) for word in frame["word"]]
    for row, word, kind in zip(frame["row"], frame["word"], kinds, strict=True):
        if not kind and word == "":
            message = f"The cell in column {section.kind_column!r} is empty."
            log.add("facility.no_kind", report.Severity.WARNING, message, row)
        elif not kind:
            message = "No kind is declared for this word; add it under [facilities.kinds]."
            log.add("facility.unknown_kind", report.Severity.WARNING, message, row, value=word)
    return _with_kinds(frame, kinds)


def _add_kind_of_name(
    frame: pd.DataFrame, declared: NameKinds, log: checks.RowFindings
) -> pd.DataFrame:
    kinds = [
        _read_kind(row, name, declared, log)
        for row, name in frame[["row", "nama"]].itertuples(index=False)
    ]
    _ask_abbreviations(frame, declared, log)
    return _with_kinds(frame, kinds)


def _read_kind(row: int, name: str, declared: NameKinds, log: checks.RowFindings) -> str:
    """The kind that a name says; empty where it says none, two, or one by abbreviation only."""
    named = sorted(facility_kinds.kinds_in_name(name))
    mapped = {declared.singles.get(word, word) for word in named}
    abbreviation = facility_kinds.find_abbreviation(name)
    if abbreviation is not None:
        return declared.weak.get(abbreviation, "")
    if tuple(named) in declared.pairs:
        return declared.pairs[tuple(named)]
    if len(mapped) > 1:
        message = (
            f"The name speaks of {' and '.join(named)}; which it is, is not guessed. Write "
            f'"{BOTH.join(named)}" = "{named[0]}" (or another) under [facilities.kinds].'
        )
        log.add("facility.kind_ambiguous", report.Severity.WARNING, message, row, value=name)
    elif not named:
        near = facility_kinds.nearest_kind_word(name)
        hint = f" Is {near} meant?" if near else ""
        message = f"The name does not tell a kind.{hint}"
        log.add("facility.no_kind", report.Severity.WARNING, message, row, value=name)
    elif declared.singles and named[0] not in declared.singles:
        message = f"The name says {named[0]}, which is not under [facilities.kinds]."
        log.add("facility.unknown_kind", report.Severity.WARNING, message, row, value=name)
    else:
        (kind,) = mapped
        return kind
    return ""


def _ask_abbreviations(frame: pd.DataFrame, declared: NameKinds, log: checks.RowFindings) -> None:
    """One question for each abbreviation that alone says the kind of names."""
    names_by_word: dict[str, dict[int, str]] = {}
    for row, name in frame[["row", "nama"]].itertuples(index=False):
        word = facility_kinds.find_abbreviation(name)
        if word is not None and word not in declared.weak:
            names_by_word.setdefault(word, {})[int(row)] = name
    for word, names in sorted(names_by_word.items()):
        message = (
            f"{len(names)} names tell their kind by {word} only, which stands for other things "
            f'too. Write {word.lower()} = "{facility_kinds.WEAK_WORDS[word]}" (or another kind) '
            f"under [facilities.kinds] if that is what it means here; not used until then. Rows "
            f"{', '.join(locations.row_ranges(sorted(names)))}."
        )
        log.add(
            "facility.kind_doubtful",
            report.Severity.WARNING,
            message,
            min(names),
            value=names[min(names)],
            measure=float(len(names)),
            unit="rows",
            rows=names,
        )


def _decide(
    row: int, name: str, kind: str, other: str, log: checks.RowFindings, doubts: KindDoubts
) -> str:
    """The kind that ``matches.csv`` says; empty, with a question, where it says nothing."""
    question = ("", " ".join(name.split()))
    if question in doubts.decisions:
        decided = doubts.decisions[question]
        if decided is None:
            message = "matches.csv says that this is no place of service; not used."
            log.add("facility.kind_doubtful", report.Severity.NOTE, message, row, value=name)
        return decided or ""
    doubts.proposals.add(matching.Proposal(*question, matches_file.KIND_DOUBTFUL, kind))
    message = (
        f"The row says {other!r}: is it a {kind}? Not used until decided in matches.csv: ya, "
        "tidak, or another kind."
    )
    log.add("facility.kind_doubtful", report.Severity.WARNING, message, row, value=name)
    return ""


def check_kind_words(
    declared: Iterable[str], section: FacilitySection, rows: pd.DataFrame
) -> list[report.Finding]:
    """The words under ``[facilities.kinds]`` that no row has, in its column or in its name."""
    where = "[facilities.kinds]"
    if section.kind_column is not None:
        return check_words(declared, rows["word"], where, section.kind_column, section.path)
    if not section.kind_in_name:
        return []
    words = {BOTH.join(pair_key(word)) if BOTH in word else word for word in declared}
    # A word is there, too, where it only stands beside another kind in a name.
    cells: list[str] = []
    for name in rows["nama"]:
        kinds = sorted(facility_kinds.kinds_in_name(name))
        cells += {*kinds, BOTH.join(kinds), (facility_kinds.find_abbreviation(name) or "").lower()}
    return check_words(sorted(words), cells, where, str(section.name_column), section.path)


def _tell_contradictions(frame: pd.DataFrame, log: checks.RowFindings) -> None:
    """Rows whose name is of another known kind than declared, while no word beside it says so."""
    for row, name, word, kind in frame[["row", "nama", "word", "kind"]].itertuples(index=False):
        named = facility_kinds.kinds_in_name(name) if name else frozenset()
        if (
            kind in facility_kinds.PHRASES
            and len(named) == 1
            and not named & {kind, *facility_kinds.kinds_in_name(word)}
        ):
            (other,) = named
            message = f"The name says {other}, the file declares {kind}; used as declared."
            log.add("facility.kind_contradicts", report.Severity.WARNING, message, row, value=name)


def _match_kind(word: str, kind_of_word: dict[str, str]) -> str:
    if kind_of_word:
        return kind_of_word.get(word.casefold(), "")
    slug = re.sub(r"[^a-z0-9]+", "_", word.casefold()).strip("_")
    return slug if re.fullmatch(r"[a-z][a-z0-9_]{0,62}", slug) else ""
