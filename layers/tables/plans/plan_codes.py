"""The places of planned activities by their codes, and what contradicts a code beside it.

A code of a kecamatan is the whole kecamatan.  Words beside it that name another one, or a desa of
another one, are a contradiction that a person decides in ``matches.csv``.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from boundaries import codes
from boundaries.codes import lists, wilayah_names
from boundaries.findings.report import Finding, Severity
from boundaries.matching import matches_file, matching
from layers.finding_words.finding_kinds import declared_kind
from layers.tables.files.cell_texts import cell_text
from layers.tables.rows import name_check, row_places, row_records
from layers.tables.rows.by_code import CodeSource, place_by_code

CODE_LATE = declared_kind("table.code_late")

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
    positionless: Mapping[int, row_places.Reason] = field(default_factory=dict)


@dataclass(slots=True)
class PlanPlaces:
    """The level and code of each row (None: not placed), and why rows are not placed."""

    level: list[PlanLevel | None]
    kode: list[str | None]
    reasons: dict[int, row_places.Reason] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    proposals: list[matching.Proposal] = field(default_factory=list)

    def put(self, row: int, level: PlanLevel, kode: str | None) -> None:
        """The row is there."""
        self.level[row], self.kode[row] = level, kode


def place_coded_plans(
    cells: PlanCells,
    filled: Sequence[int],
    system: codes.CodeSystem,
    places: row_places.Places,
    aids: row_records.Aids,
    placed: PlanPlaces,
) -> None:
    """Place the rows that have a code (``filled``), or say why they are nowhere.

    Findings
    --------
    See `layers.tables.plans.plan_places.place_plans`.
    """
    split, notes = codes.split_names(cells.code, cells.file, cells.rows)
    placed.findings += notes
    cells = replace(cells, code=split.cells)
    levels = {row: lists.level_of(cell_text(cells.code[row]), system) for row in filled}
    desa = [row for row in filled if levels[row] == "desa"]
    source = CodeSource(
        cells.file,
        [cells.rows[row] for row in desa],
        system,
        _none_if_empty([cells.place[row] for row in desa]),
        _none_if_empty([cells.kecamatan[row] for row in desa]),
        aids.bridge,
    )
    by_code = place_by_code([cells.code[row] for row in desa], source, places)
    cell_names = None if split.names is None else [split.names[row] for row in desa]
    placed.findings += by_code.findings
    placed.reasons |= {desa[index]: why for index, why in by_code.reasons.items()}
    names = name_check.NamedRows(
        source.names, source.kecamatan_names, by_code.listed, are_any_words=True
    )
    check = name_check.check_names(
        names, by_code.position, places, cells.file, source.rows, aids.decisions
    )
    check = name_check.check_cell_names(
        check,
        replace(by_code, cell_names=cell_names),
        names,
        places,
        cells.file,
        source.rows,
        aids.decisions,
    )
    placed.findings += check.findings
    placed.proposals += sorted(check.proposals)
    placed.reasons |= {desa[index]: why for index, why in check.reasons.items()}
    for index, position in enumerate(check.position):
        if index not in by_code.reasons and position >= 0:
            _put_code(desa[index], "desa", str(places.kode[position]), cells, places, placed)
    if split.names is not None:
        beside = zip(cells.kecamatan, split.names, strict=True)
        cells = replace(
            cells, kecamatan=[cell if cell_text(cell) else name for cell, name in beside]
        )
    for level in ("kecamatan", "kabupaten"):
        chosen = [row for row in filled if levels[row] == level]
        _by_area_code(cells, chosen, level, system, places, aids, placed)
    for row in filled:
        if levels[row] == "provinsi":
            text = cell_text(cells.code[row])
            message = f"'{text}' is a provinsi; give the kabupaten, kecamatan or desa."
            placed.reasons[row] = row_places.Reason("plan.no_place", message, text)


def _none_if_empty(cells: list[object]) -> list[object] | None:
    return cells if any(cell_text(cell) for cell in cells) else None


def _by_area_code(
    cells: PlanCells,
    chosen: Sequence[int],
    level: Literal["kecamatan", "kabupaten"],
    system: codes.CodeSystem,
    places: row_places.Places,
    aids: row_records.Aids,
    placed: PlanPlaces,
) -> None:
    column = codes.read_code_column([cells.code[row] for row in chosen], system, level)
    if system is codes.CodeSystem.BPS and aids.bridge is not None:
        column = aids.bridge.cross(column)
    placed.findings += codes.column_findings(
        column, cells.file, [cells.rows[row] for row in chosen]
    )
    problems = {problem.index: problem.message for problem in column.problems}
    for index, row in enumerate(chosen):
        digits = column.digits[index] if column.system is codes.CodeSystem.KEMENDAGRI else None
        if digits is not None:
            _put_code(row, level, codes.KodeKemendagri(digits).dotted, cells, places, placed)
            if level == "kecamatan":
                _decide_area(cells, row, places, aids, placed)
            continue
        text = cell_text(cells.code[row])
        reason = problems.get(index, f"{text}: no {level} of the boundaries has this code.")
        placed.reasons[row] = row_places.Reason("table.code_unknown", reason, text)


def _decide_area(
    cells: PlanCells,
    row: int,
    places: row_places.Places,
    aids: row_records.Aids,
    placed: PlanPlaces,
) -> None:
    """Moves or takes away a row whose words contradict the kecamatan that its code means."""
    kode = placed.kode[row]
    contradiction = None if kode is None else _contradiction(cells, row, kode, places)
    if kode is None or contradiction is None:
        return
    words = " ".join(cell_text(cells.place[row]).split())
    question = (
        " ".join(cell_text(cells.kecamatan[row]).split()),
        f"{cell_text(cells.code[row])} {words}".strip(),
    )
    message = f"The code is {kode}, but {contradiction}. Decide in matches.csv."
    decisions = aids.decisions or {}
    if question not in decisions:
        name = next((name for code, name in places.kecamatan_of if code == kode), None)
        placed.proposals.append(
            matching.Proposal(*question, matches_file.AREA_DIFFERS, kode, name, name)
        )
    elif (decided := decisions[question]) is not None:
        level = lists.level_of(decided, codes.CodeSystem.KEMENDAGRI)
        placed.put(row, "desa" if level == "desa" else "kecamatan", decided)
        return
    else:
        message = "matches.csv says that this row is of no desa or kecamatan of the scope."
    placed.level[row] = placed.kode[row] = None
    placed.reasons[row] = row_places.Reason("table.name_contradicts", message, question[0] or words)


def _contradiction(cells: PlanCells, row: int, kode: str, places: row_places.Places) -> str | None:
    """What the words beside a code of a kecamatan say, where that is elsewhere."""
    name, words = cell_text(cells.kecamatan[row]), cell_text(cells.place[row])
    namesakes = (
        places.kecamatan_by_name.get(wilayah_names.normalise_name(name), set()) if name else set()
    )
    if namesakes and kode not in namesakes:
        return f"the row says kecamatan {name}: that is {', '.join(sorted(namesakes))}"
    homes = places.kecamatan_with(words) if words else []
    if homes and kode not in homes:
        return f"{words} is a desa of {', '.join(sorted(homes))}"
    return None


def _put_code(
    row: int,
    level: CodedLevel,
    kode: str,
    cells: PlanCells,
    places: row_places.Places,
    placed: PlanPlaces,
) -> None:
    """The row at its wilayah of today, or the reason why it is nowhere.

    An activity is at a place: a former code means the wilayah in which the whole former one lies.
    """
    today = kode if kode in places.areas(level) else places.history.today(kode)
    if today in places.areas(level):
        placed.put(row, level, today)
        if today != kode:
            message = f"The row still says {kode} for {today}; read as {today}."
            placed.findings.append(CODE_LATE.finding(message, cells.file, cells.rows[row], kode))
    elif kode.replace(".", "")[:4] not in places.kabupaten and not places.history.ended(kode):
        message = f"{kode} is outside the scope of this workspace."
        placed.reasons[row] = row_places.Reason("table.outside_scope", message, kode, Severity.NOTE)
    elif (ended := places.history.ended(kode)) is not None:
        new = ", ".join(places.history.successors(kode))
        message = f"{kode} ended in {ended} and is no one {level} of today: {new}."
        placed.reasons[row] = row_places.Reason("table.code_ended", message, kode)
    else:
        message = f"{kode}: no {level} of the boundaries has this code."
        placed.reasons[row] = row_places.Reason("table.code_unknown", message, kode)
