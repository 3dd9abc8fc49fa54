"""Whether the names in a table are those of the desa their codes lead to.

The code decides where a name is merely odd.  It does not where the name is that of a neighbour, or
no spelling of the desa's own: a slip of one digit, or a sheet of which one column was sorted alone,
gives codes that exist.  Such a row is used only once a person has decided it in ``matches.csv``.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
from rapidfuzz import fuzz, process

from boundaries.codes import wilayah_names
from boundaries.findings.report import Finding
from boundaries.matching.matching import Proposal
from layers.finding_words.finding_kinds import declared_kind
from layers.tables.rows.row_places import Placement, Places, Reason

NAME_DIFFERS = declared_kind("codes.name_differs")

PART_SCORE = 85.0
"""Similarity (0-100) of the shorter name with a part of the longer from which it may be a short
form of it (``Sukon`` for ``Meunasah Sukon``).

Of 2,570 codes of IDM, 11 stand beside a name that is no spelling of theirs: 7 are short forms, 3
are a neighbour's (IDM's other years have the right one), 1 is a new name.
"""

Decisions = Mapping[tuple[str, str], str | None]


@dataclass(frozen=True, slots=True)
class NamedRows:
    """The cells of a table that name its rows, one entry each; None where there is no column.

    Parameters
    ----------
    listed
        Names that the codes bear in their own system (a bridge from BPS gives them).
    are_any_words
        The cells of ``desa`` may be any words for a place (``dusun rawan air``): only the name of
        another desa of the kecamatan contradicts the code.
    """

    desa: Sequence[object] | None
    kecamatan: Sequence[object] | None = None
    listed: Sequence[str | None] | None = None
    are_any_words: bool = False


@dataclass(slots=True)
class NameCheck:
    """Position of each row after the check, the reasons of rows that are not used any more."""

    position: npt.NDArray[np.int64]
    reasons: dict[int, Reason] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    proposals: set[Proposal] = field(default_factory=set)


def check_names(
    rows: NamedRows,
    position: npt.NDArray[np.int64],
    places: Places,
    file: str,
    numbers: Sequence[int],
    decisions: Decisions | None = None,
) -> NameCheck:
    """The rows whose name contradicts their code.

    Parameters
    ----------
    position
        Row of `Places` for each row of the table, -1 where there is none.
    numbers
        Row numbers as a spreadsheet counts them.
    decisions
        What a person decided, by kecamatan and name as written.

    Findings
    --------
    codes.name_differs
        The name is at most a short form of the code's (warning); the value is used, because the
        code decides.  The measure is the number of such rows.
    table.name_contradicts
        The name is that of another desa of the same kecamatan, or quite another, or the kecamatan
        is another of the scope (warning, a reason of the row); not used unless decided.
    """
    check = NameCheck(position.copy())
    if "nama" not in places.frame:
        return check
    if rows.kecamatan is not None:
        _check_kecamatan(check, rows, places, decisions or {})
    if rows.desa is None:
        return check
    odd: dict[tuple[int, str], list[int]] = {}
    shouted = places.shouted
    for number, (place, name) in enumerate(zip(check.position.tolist(), rows.desa, strict=True)):
        if not (0 <= place < len(shouted) and shouted[place] and isinstance(name, str)):
            continue
        if name.upper() == shouted[place] or not name.strip():
            continue
        if wilayah_names.normalise_name(name) != places.keys[place]:
            odd.setdefault((place, name), []).append(number)
    for (place, name), numbers_of_name in odd.items():
        name_of_place = places.names[place]
        spoken = [number for number in numbers_of_name if not _is_listed(rows.listed, number, name)]
        contradiction = (
            _contradiction(place, name, name_of_place, places, rows.are_any_words)
            if spoken
            else None
        )
        if contradiction is not None:
            _refuse(check, rows, spoken, place, name, contradiction, places, decisions or {})
        elif (
            spoken and not rows.are_any_words and not wilayah_names.names_agree(name, name_of_place)
        ):
            message = f"{places.kode[place]} is {name_of_place}, but the row says {name}."
            check.findings.append(
                NAME_DIFFERS.finding(
                    message,
                    file,
                    min(numbers[number] for number in spoken),
                    str(places.kode[place]),
                    name,
                    len(spoken),
                    "rows",
                )
            )
    return check


def check_cell_names(
    check: NameCheck,
    placed: Placement,
    rows: NamedRows,
    places: Places,
    file: str,
    numbers: Sequence[int],
    decisions: Decisions | None = None,
) -> NameCheck:
    """The check gone on with the names that stand beside the codes in their cells, if any do."""
    if placed.cell_names is None:
        return check
    of_cells = NamedRows(placed.cell_names, rows.kecamatan, rows.listed)
    more = check_names(of_cells, check.position, places, file, numbers, decisions)
    return NameCheck(
        more.position,
        check.reasons | more.reasons,
        check.findings + more.findings,
        check.proposals | more.proposals,
    )


def _check_kecamatan(
    check: NameCheck, rows: NamedRows, places: Places, decisions: Decisions
) -> None:
    """Refuses the rows whose kecamatan is by name another one of the scope."""
    odd: dict[tuple[str, str, str], list[int]] = {}
    parents = places.kecamatan_of
    for number, (place, cell) in enumerate(
        zip(check.position.tolist(), rows.kecamatan or (), strict=True)
    ):
        if 0 <= place < len(parents) and isinstance(cell, str) and cell.strip():
            parent = parents[place]
            if cell.upper() != parent[1]:
                odd.setdefault((*parent, cell), []).append(number)
    for (kode, own_name, cell), numbers_of_name in odd.items():
        others = places.kecamatan_by_name.get(wilayah_names.normalise_name(cell), set())
        if not others or kode in others or wilayah_names.names_agree(cell, own_name):
            continue
        for number in numbers_of_name:
            name = "" if rows.desa is None else str(rows.desa[number] or "")
            contradiction = f"kecamatan {cell} is {', '.join(sorted(others))}"
            _refuse(
                check,
                rows,
                [number],
                int(check.position[number]),
                name,
                contradiction,
                places,
                decisions,
            )


def _is_listed(listed: Sequence[str | None] | None, number: int, name: str) -> bool:
    entry = None if listed is None else listed[number]
    return entry is not None and wilayah_names.normalise_name(name) == wilayah_names.normalise_name(
        entry
    )


def _contradiction(
    place: int, name: str, official: str, places: Places, are_any_words: bool
) -> str | None:
    """Why the name cannot stand for the desa; None where it may."""
    key, own_key = wilayah_names.normalise_name(name), wilayah_names.normalise_name(official)
    if not key or key == own_key:
        return None
    likeness = fuzz.ratio(key, own_key)
    named = {other: codes for other, codes in _neighbours(place, places) if other != own_key}
    nearer = process.extractOne(
        key,
        list(named),
        scorer=fuzz.ratio,
        score_cutoff=max(wilayah_names.AGREEMENT_SCORE, likeness),
    )
    if nearer is not None and nearer[1] > likeness:
        return f"that is rather {', '.join(named[nearer[0]])}"
    if are_any_words:
        return None
    if likeness >= wilayah_names.AGREEMENT_SCORE or fuzz.partial_ratio(key, own_key) >= PART_SCORE:
        return None
    return "the names are not spellings of one"


def _neighbours(place: int, places: Places) -> Iterable[tuple[str, list[str]]]:
    return places.names_in.get(places.kecamatan_of[place][0], {}).items()


def _refuse(
    check: NameCheck,
    rows: NamedRows,
    indices: Sequence[int],
    place: int,
    name: str,
    contradiction: str,
    places: Places,
    decisions: Decisions,
) -> None:
    kode, official = str(places.kode[place]), places.names[place]
    for index in indices:
        cell = None if rows.kecamatan is None else rows.kecamatan[index]
        question = (" ".join(str(cell or "").split()), " ".join(name.split()))
        row = f"the row says {name}: {contradiction}" if name else contradiction
        message = f"{kode} is {official}, but {row}. Decide in matches.csv."
        if question in decisions:
            decided = decisions[question]
            if decided is not None:
                check.position[index] = places.by_code[decided]
                continue
            message = "matches.csv says that this row is no desa of the scope."
        else:
            score = round(wilayah_names.name_similarity(name, official), 1)
            upper = str(places.frame["nama_kecamatan"].iat[place])
            check.proposals.add(Proposal(*question, "name_differs", kode, official, upper, score))
        check.position[index] = -1
        check.reasons[index] = Reason("table.name_contradicts", message, name)
