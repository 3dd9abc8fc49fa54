"""Where a planned activity is: a desa, a kecamatan, the kabupaten, or only words.

Plans name their place in many ways.  What is told most exactly counts, and a row whose code or
point leads nowhere is not placed by its words instead: two statements that contradict each other
are a fault to mend, not a choice to make.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import numpy.typing as npt

from boundaries.codes import CodeSystem, KodeKemendagri, column_findings, read_code_column
from boundaries.codes.lists import level_of
from boundaries.codes.names import normalise_name
from boundaries.findings.occurring import hint_word
from boundaries.findings.report import Finding, Severity
from boundaries.matching.matching import NameIndex, Proposal, match_names
from layers.finding_words.finding_kinds import declared_kind
from layers.tables.files.cell_text import cell_text
from layers.tables.rows.by_code import CodeSource, place_by_code
from layers.tables.rows.name_check import NamedRows, check_names
from layers.tables.rows.places import Places, Reason
from layers.tables.rows.records import Aids

KECAMATAN_UNKNOWN = declared_kind("plan.kecamatan_unknown")
PLACE_IS_TEXT = declared_kind("plan.place_is_text")
MATCHED_BY_NAME = declared_kind("table.matched_by_name")
CODE_LATE = declared_kind("table.code_late")
WHOLE_AREA = declared_kind("plan.whole_area")

_ALL = ("SEMUA", "SELURUH", "SEKABUPATEN")
"""How a column of kecamatan says that all are meant."""
CodedLevel = Literal["desa", "kecamatan", "kabupaten"]
PlanLevel = Literal[CodedLevel, "text"]
"""``text``: the place is words; the code is of the area known to hold it, if any."""


@dataclass(frozen=True, slots=True)
class PlanCells:
    """The cells that say where each row is, one entry a row; all None where there is no column.

    ``desa`` is the desa under the row's point: its position in `Places`, -1 where the point lies in
    none, None where there is no point.
    """

    file: str
    rows: Sequence[int]
    code: Sequence[object]
    kecamatan: Sequence[object]
    place: Sequence[object]
    desa: Sequence[int | None]
    positionless: Mapping[int, Reason] = field(default_factory=dict)


@dataclass(slots=True)
class PlanPlaces:
    """The level and code of each row (None: not placed), and why rows are not placed."""

    level: list[PlanLevel | None]
    kode: list[str | None]
    reasons: dict[int, Reason] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    proposals: list[Proposal] = field(default_factory=list)

    def put(self, at: int, level: PlanLevel, kode: str | None) -> None:
        """Row ``at`` is there."""
        self.level[at], self.kode[at] = level, kode


def place_plans(
    cells: PlanCells, system: CodeSystem | None, places: Places, aids: Aids
) -> PlanPlaces:
    """The place of each row: by its code, else its point, else its names, else its words.

    A kecamatan alone (code or name) means the whole kecamatan; with further words that are no desa
    it is only known to be somewhere in it.

    Findings
    --------
    plan.place_is_text
        The place is words (warning): attached to the kecamatan or kabupaten that holds it, and to
        no desa.
    plan.kecamatan_unknown
        The row names a kecamatan that the boundaries do not have, or have twice (warning):
        attached to no area.
    plan.whole_area
        How many rows are of a whole kecamatan or kabupaten (note).
    plan.position
        The row tells a point that is no position (warning); not used where it has no code.
    plan.outside
        The position lies in no loaded desa (warning); not used.
    table.matched_by_name
        How many rows were placed by equal names (note).
    table.code_late, table.code_ended
        A row that uses a former code: read as the wilayah of today that holds all of it (note), or
        not used after a split (warning).
    table.name_contradicts
        The words beside the code are the name of another desa of the kecamatan, or of another
        kecamatan (warning); not used unless decided.
    And those of `layers.tables.rows.by_code.place_by_code`.
    """
    count = len(cells.rows)
    placed = PlanPlaces([None] * count, [None] * count)
    filled = [at for at in range(count) if cell_text(cells.code[at])]
    if filled and system is not None:
        _by_code(cells, filled, system, places, aids, placed)
    rest = [at for at in range(count) if at not in set(filled)]
    pointed = [at for at in rest if cells.desa[at] is not None]
    for at in pointed:
        if at in cells.positionless:
            placed.reasons[at] = cells.positionless[at]
        else:
            _by_point(at, cells.desa[at], places, placed)
    _by_words(cells, [at for at in rest if at not in set(pointed)], places, aids, placed)
    placed.findings += _area_notes(cells, placed)
    placed.findings += [
        declared_kind(why.code).finding(
            why.message,
            cells.file,
            cells.rows[at],
            value=why.value,
            severity=why.severity,
        )
        for at, why in cells.positionless.items()
        if at in set(filled)
    ]
    return placed


def _by_code(
    cells: PlanCells,
    filled: Sequence[int],
    system: CodeSystem,
    places: Places,
    aids: Aids,
    placed: PlanPlaces,
) -> None:
    levels = {at: level_of(cell_text(cells.code[at]), system) for at in filled}
    desa = [at for at in filled if levels[at] == "desa"]
    source = CodeSource(
        cells.file,
        [cells.rows[at] for at in desa],
        system,
        _own([cells.place[at] for at in desa]),
        _own([cells.kecamatan[at] for at in desa]),
        aids.bridge,
    )
    found = place_by_code([cells.code[at] for at in desa], source, places)
    placed.findings += found.findings
    placed.reasons |= {desa[index]: why for index, why in found.reasons.items()}
    names = NamedRows(source.names, source.kecamatan_names, found.listed, are_any_words=True)
    check = check_names(names, found.position, places, cells.file, source.rows, aids.decisions)
    placed.findings += check.findings
    placed.proposals += sorted(check.proposals)
    placed.reasons |= {desa[index]: why for index, why in check.reasons.items()}
    for index, position in enumerate(check.position):
        if index not in found.reasons and position >= 0:
            _put_code(desa[index], "desa", str(places.kode[position]), cells, places, placed)
    for level in ("kecamatan", "kabupaten"):
        chosen = [at for at in filled if levels[at] == level]
        _by_area_code(cells, chosen, level, system, places, aids, placed)
    for at in filled:
        if levels[at] == "provinsi":
            text = cell_text(cells.code[at])
            message = f"'{text}' is a provinsi; give the kabupaten, kecamatan or desa."
            placed.reasons[at] = Reason("plan.no_place", message, text)


def _own(cells: list[object]) -> list[object] | None:
    return cells if any(cell_text(cell) for cell in cells) else None


def _by_area_code(
    cells: PlanCells,
    chosen: Sequence[int],
    level: Literal["kecamatan", "kabupaten"],
    system: CodeSystem,
    places: Places,
    aids: Aids,
    placed: PlanPlaces,
) -> None:
    column = read_code_column([cells.code[at] for at in chosen], system, level)
    if system is CodeSystem.BPS and aids.bridge is not None:
        column = aids.bridge.cross(column)
    placed.findings += column_findings(column, cells.file, [cells.rows[at] for at in chosen])
    problems = {problem.index: problem.message for problem in column.problems}
    for index, at in enumerate(chosen):
        digits = column.digits[index] if column.system is CodeSystem.KEMENDAGRI else None
        if digits is not None:
            _put_code(at, level, KodeKemendagri(digits).dotted, cells, places, placed)
            if level == "kecamatan":
                _check_kecamatan(cells, at, places, placed)
            continue
        text = cell_text(cells.code[at])
        reason = problems.get(index, f"{text}: no {level} of the boundaries has this code.")
        placed.reasons[at] = Reason("table.code_unknown", reason, text)


def _check_kecamatan(cells: PlanCells, at: int, places: Places, placed: PlanPlaces) -> None:
    """Takes away the place of a row whose kecamatan is by name another than by code."""
    kode, name = placed.kode[at], cell_text(cells.kecamatan[at])
    others = places.kecamatan_by_name.get(normalise_name(name), set()) if name else set()
    if kode is None or not others or kode in others:
        return
    message = (
        f"The code is {kode}, but the row says kecamatan {name}: that is "
        f"{', '.join(sorted(others))}. Correct the code or the name."
    )
    placed.level[at] = placed.kode[at] = None
    placed.reasons[at] = Reason("table.name_contradicts", message, name)


def _put_code(
    at: int, level: CodedLevel, kode: str, cells: PlanCells, places: Places, placed: PlanPlaces
) -> None:
    """The row at its wilayah of today, or the reason why it is nowhere.

    An activity is at a place: a former code means the wilayah in which the whole former one lies.
    """
    today = kode if kode in places.areas(level) else places.history.today(kode)
    if today in places.areas(level):
        placed.put(at, level, today)
        if today != kode:
            message = f"The row still says {kode} for {today}; read as {today}."
            placed.findings.append(
                CODE_LATE.finding(
                    message,
                    cells.file,
                    cells.rows[at],
                    kode,
                )
            )
    elif kode.replace(".", "")[:4] not in places.kabupaten and not places.history.ended(kode):
        message = f"{kode} is outside the scope of this workspace."
        placed.reasons[at] = Reason("table.outside_scope", message, kode, Severity.NOTE)
    elif (ended := places.history.ended(kode)) is not None:
        new = ", ".join(places.history.successors(kode))
        message = f"{kode} ended in {ended} and is no one {level} of today: {new}."
        placed.reasons[at] = Reason("table.code_ended", message, kode)
    else:
        message = f"{kode}: no {level} of the boundaries has this code."
        placed.reasons[at] = Reason("table.code_unknown", message, kode)


def _by_point(at: int, desa: int | None, places: Places, placed: PlanPlaces) -> None:
    if desa is not None and desa >= 0:
        placed.put(at, "desa", str(places.kode[desa]))
    else:
        placed.reasons[at] = Reason("plan.outside", "The point lies in no loaded desa.", "")


def _by_words(
    cells: PlanCells, rest: Sequence[int], places: Places, aids: Aids, placed: PlanPlaces
) -> None:
    kecamatan = _kecamatan_by_name(places)
    named = [at for at in rest if cell_text(cells.kecamatan[at]) and cell_text(cells.place[at])]
    matches = match_names(
        [cells.kecamatan[at] for at in named],
        [cells.place[at] for at in named],
        NameIndex(places.frame),
        decisions=aids.decisions,
    )
    # Most words are no desa at all; only what resembles one is worth a person's decision.
    placed.proposals += [one for one in matches.proposals if one.kode is not None]
    codes = dict(zip(named, matches.codes, strict=True))
    kabupaten = sorted(set(places.frame["kode_kabupaten"]))
    whole = kabupaten[0] if len(kabupaten) == 1 else None
    by_name = 0
    for at in rest:
        area, words = cell_text(cells.kecamatan[at]), cell_text(cells.place[at])
        own = kecamatan.get(normalise_name(area)) if area else None
        if codes.get(at):
            placed.put(at, "desa", codes[at])
            by_name += 1
        elif own and not words:
            placed.put(at, "kecamatan", own)
            by_name += 1
        elif area and own is None and not _is_whole(area, places):
            placed.put(at, "text", None)
            placed.findings.append(_unknown_kecamatan(cells, at, area, places))
        elif area or words:
            placed.put(at, "text", own or whole)
            placed.findings.append(_words_finding(cells, at, words or area, own or whole))
        else:
            placed.reasons[at] = Reason("plan.no_place", "The row says no place.", "")
    if by_name:
        message = f"{by_name} rows without code were placed by equal names."
        placed.findings.append(MATCHED_BY_NAME.finding(message, cells.file, measure=by_name))


def _kecamatan_by_name(places: Places) -> Mapping[str, str]:
    """Code by normalised name, for names that only one kecamatan bears."""
    pairs = places.frame[["nama_kecamatan", "kode_kecamatan"]].drop_duplicates()
    codes: dict[str, set[str]] = {}
    for name, kode in pairs.itertuples(index=False):
        codes.setdefault(normalise_name(str(name)), set()).add(str(kode))
    return {name: next(iter(found)) for name, found in codes.items() if len(found) == 1}


def _is_whole(area: str, places: Places) -> bool:
    """Whether the words for a kecamatan name the kabupaten itself, or all of it."""
    kabupaten = {normalise_name(str(name)) for name in set(places.frame["nama_kabupaten"])}
    return normalise_name(area) in kabupaten or normalise_name(area).startswith(_ALL)


def _unknown_kecamatan(cells: PlanCells, at: int, area: str, places: Places) -> Finding:
    names = [str(name) for name in sorted(set(places.frame["nama_kecamatan"].dropna()))]
    keys = {normalise_name(name) for name in names}
    if normalise_name(area) in keys:
        message = f"Several kecamatan are called '{area}'; attached to none. Give the code."
    else:
        message = (
            f"There is no kecamatan '{area}' in the boundaries; attached to no area."
            f"{hint_word(area, names)} Correct the name or give a code."
        )
    return KECAMATAN_UNKNOWN.finding(
        message,
        cells.file,
        cells.rows[at],
        value=area,
    )


def _words_finding(cells: PlanCells, at: int, words: str, kode: str | None) -> Finding:
    where = f"attached to {kode} as a whole" if kode else "attached to no area"
    message = f"The place is words only; {where} and to no desa. Give a code, a point or a name."
    return PLACE_IS_TEXT.finding(
        message,
        cells.file,
        cells.rows[at],
        kode=kode,
        value=words,
    )


def _area_notes(cells: PlanCells, placed: PlanPlaces) -> list[Finding]:
    levels: npt.NDArray[np.object_] = np.array(placed.level, dtype=object)
    findings = []
    for level in ("kecamatan", "kabupaten"):
        rows = [cells.rows[at] for at in np.flatnonzero(levels == level).tolist()]
        if rows:
            message = f"{len(rows)} rows are of a whole {level}: rows {', '.join(map(str, rows))}."
            findings.append(
                WHOLE_AREA.finding(
                    message,
                    cells.file,
                    rows[0],
                    measure=len(rows),
                )
            )
    return findings
