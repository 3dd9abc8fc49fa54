"""Rows without codes: the desa of that name in that kecamatan, or a proposal for a person."""

from collections.abc import Mapping, Sequence

import numpy as np

from boundaries.codes.wilayah_names import jenis_in_name, normalise_name
from boundaries.findings.report import Finding, Severity
from boundaries.matching.matching import NameIndex, NameMatches, Proposal, match_names
from layers.errors import InputError
from layers.finding_words.finding_kinds import declared_kind
from layers.tables.files.sheets import Sheet
from layers.tables.rows.row_places import Placement, Places, Reason
from layers.workspace.sections import TableSection

KECAMATAN_NAMELESS = declared_kind("table.kecamatan_nameless")
MATCHED_BY_NAME = declared_kind("table.matched_by_name")

Decisions = Mapping[tuple[str, str], str | None]

_JENIS = {
    "desa": "desa",
    "d": "desa",
    "kelurahan": "kelurahan",
    "kel": "kelurahan",
    "k": "kelurahan",
    "adat": "desa adat",
    "desaadat": "desa adat",
}


def place_by_name(
    section: TableSection, sheet: Sheet, places: Places, decisions: Decisions | None
) -> tuple[Placement, tuple[Proposal, ...]]:
    """The desa of each row by kecamatan and name, inside the declared kabupaten.

    A kecamatan written once above its desa holds for the empty cells below it.  But sorting rows
    tears such a sheet apart without a trace, so a row with an empty cell is placed only if no
    other kecamatan has a desa of that name.

    Findings
    --------
    table.name_unmatched
        The name is no desa, or not provably one (a reason of the row).
    table.matched_by_name
        How many rows matched, by equal names or by decision (note).
    table.kecamatan_nameless
        The boundaries do not say what any kecamatan is called: no row is used (error).

    Raises
    ------
    InputError
        The section does not declare both columns, or a kabupaten outside the scope.
    """
    names = sheet.column(section.name_column or "")
    if section.kecamatan_column is None:
        raise InputError(
            f"{section.path}: without code_column both kecamatan_column and name_column are needed."
        )
    written = sheet.column(section.kecamatan_column)
    if not _has_kecamatan_names(places):
        return _refuse_nameless(section, sheet), ()
    matches = match_names(
        _filled_down(written),
        names,
        _index(section, places),
        jenis=_jenis(section, sheet),
        decisions=decisions,
    )
    unsure = _unsure(written, names, matches, places)
    reasons = {
        problem.index: Reason("table.name_unmatched", problem.message, problem.value)
        for problem in matches.problems
    }
    for number, proposal in unsure.items():
        matches.codes[number] = matches.how[number] = None
        message = (
            f"The cell of the kecamatan is empty, and other kecamatan have a {proposal.name} too. "
            f"Nearest: {proposal.nama} in {proposal.nama_kecamatan} ({proposal.kode}); "
            "decide in matches.csv."
        )
        reasons[number] = Reason("table.name_unmatched", message, proposal.name)
    position = np.array(
        [-1 if code is None else places.by_code.get(code, -1) for code in matches.codes],
        dtype=np.int64,
    )
    placement = Placement(position, reasons, _told(matches, sheet.file))
    return placement, tuple(sorted({*matches.proposals, *unsure.values()}))


def _has_kecamatan_names(places: Places) -> bool:
    """Whether any kecamatan has a name; where none is known its code stands for it."""
    pairs = zip(places.frame["kode_kecamatan"], places.frame["nama_kecamatan"], strict=True)
    return any(isinstance(name, str) and name not in ("", str(kode)) for kode, name in pairs)


def _refuse_nameless(section: TableSection, sheet: Sheet) -> Placement:
    """No row placed, and one finding that says what is missing and what to declare."""
    message = (
        "The table says kecamatan by name, and the boundaries have no name of any kecamatan, so no "
        f"row of {len(sheet)} can be matched. Declare kecamatan_name_column under [[boundaries]], "
        "or a list that has kecamatan under [[names]]."
    )
    finding = KECAMATAN_NAMELESS.finding(message, section.path, measure=len(sheet))
    why = "the boundaries have no names of kecamatan."
    reasons = {
        number: Reason("table.kecamatan_nameless", why, "", Severity.NOTE)
        for number in range(len(sheet))
    }
    return Placement(np.full(len(sheet), -1, dtype=np.int64), reasons, (finding,))


def _index(section: TableSection, places: Places) -> NameIndex:
    if section.kabupaten is None:
        return places.name_index
    kabupaten = sorted(set(places.frame["kode_kabupaten"]))
    if section.kabupaten not in kabupaten:
        raise InputError(
            f"{section.path}: kabupaten {section.kabupaten} is not in the scope "
            f"({', '.join(map(str, kabupaten[:10]))})."
        )
    return NameIndex(places.frame, [section.kabupaten])


def _jenis(section: TableSection, sheet: Sheet) -> list[str | None] | None:
    """What the column of jenis says of each row; the prefix of the name where it says nothing."""
    if section.jenis_column is None:
        return None
    names = sheet.column(section.name_column or "")
    declared = [
        _JENIS.get(normalise_name(str(cell)).lower()) for cell in sheet.column(section.jenis_column)
    ]
    return [
        jenis if jenis is not None else jenis_in_name(str(name))
        for jenis, name in zip(declared, names, strict=True)
    ]


def _filled_down(cells: Sequence[object]) -> list[object]:
    filled: list[object] = []
    for cell in cells:
        filled.append(filled[-1] if _is_empty(cell) and filled else cell)
    return filled


def _is_empty(cell: object) -> bool:
    return cell is None or (isinstance(cell, str) and not cell.strip())


def _unsure(
    written: Sequence[object], names: Sequence[object], matches: NameMatches, places: Places
) -> dict[int, Proposal]:
    """Rows matched through a kecamatan above them, although others have that name too."""
    unsure: dict[int, Proposal] = {}
    kecamatan = _filled_down(written)
    for number, kode in enumerate(matches.codes):
        if kode is None or matches.how[number] != "exact" or not _is_empty(written[number]):
            continue
        if len(places.kecamatan_with(str(names[number]))) > 1:
            place = places.by_code[kode]
            question = (
                " ".join(str(kecamatan[number]).split()),
                " ".join(str(names[number]).split()),
            )
            frame = places.frame
            unsure[number] = Proposal(
                *question,
                "kecamatan_above",
                kode,
                str(frame["nama"].iat[place]),
                str(frame["nama_kecamatan"].iat[place]),
                100.0,
            )
    return unsure


def _told(matches: NameMatches, file: str) -> tuple[Finding, ...]:
    return tuple(
        MATCHED_BY_NAME.finding(
            f"{count} rows without code were matched {words}.", file, measure=count
        )
        for how, words in (("exact", "by equal names"), ("decided", "as matches.csv says"))
        if (count := matches.how.count(how))
    )
