"""The evaluation of a draft APBDes: what it leaves open, and what the camat decides."""

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus

from fastapi import APIRouter, Response
from pydantic import ValidationError

from geo_service import errors
from geo_service.needs import evaluation
from geo_service.register import records
from web_map.house.base.places import Labels
from web_map.house.base.visitors import AnyMember, Member, answer_house, lead_to
from web_map.house.board.board import check_area
from web_map.views.readers import check_parameters

router = APIRouter(tags=["pages"])

READERS = ("kabupaten", "kecamatan", "desa", "viewer")
"""Roles that read what a camat says to a budget; an office is asked nothing by it."""
DECISIONS = ("agreed", "to_change", "refused")
LONGEST_YEAR = 4
_DESA, _KECAMATAN = len("00.00.00.0000"), len("00.00.00")


@dataclass(frozen=True, slots=True)
class SheetLine:
    """A line in words, and whether it keeps what is asked."""

    line: evaluation.EvaluationLine
    about: str
    state: str
    money: str


@dataclass(frozen=True, slots=True)
class Said:
    """One decision of the history: day, who, about what, and what."""

    day: str
    who: str
    about: str
    decision: str
    note: str | None


@router.get("/rumah/apbdes/{kode}")
def sheet(member: AnyMember, kode: str) -> Response:
    """The sheet of a desa and year (``tahun``, else the latest), or those of a wilayah."""
    return _answer(member, kode)


@router.post("/rumah/apbdes/{kode}")
def decide(member: AnyMember, kode: str) -> Response:
    """Record what the camat decided on a line; or say why not."""
    _check_reader(member, kode)
    place = kode, _year(member.field("tahun"))
    if member.person.role != "kecamatan" or len(kode) != _DESA:
        raise errors.UnknownItemError(f"Nothing is decided on {kode!r} by you.")
    lines = {line.id for line in _lines(member, *place)}
    fields = {
        "line": member.field("baris"),
        "decision": member.field("keputusan"),
        "note": member.field("alasan") or None,
    }
    try:
        decided = records.Decided.model_validate(fields)
    except ValidationError:
        decided = None
    if decided is None or decided.line not in lines or not _has_reason(decided):
        return _answer(member, kode, "sheet.incomplete", HTTPStatus.BAD_REQUEST)
    seen = member.field("versi")
    try:
        version = int(seen) if seen.isascii() and seen.isdigit() and len(seen) < 6 else 0
        actor = member.person.actor
        evaluation.decide(member.register, place, decided, actor, member.moment, version)
    except errors.RegisterConflictError:
        return _answer(member, kode, "steps.changed", HTTPStatus.CONFLICT)
    query = f"?tahun={place[1]}" + ("&lang=en" if member.lang else "")
    return lead_to(member, f"/rumah/apbdes/{kode}{query}#riwayat")


def _has_reason(decided: records.Decided) -> bool:
    """Whether it says why, where the desa has to change something."""
    return decided.decision == "agreed" or bool(decided.note)


def _check_reader(member: Member, kode: str) -> None:
    check_area(member, kode)
    if member.person.role not in READERS:
        raise errors.UnknownItemError(f"No evaluation of {kode!r} for you.")


def _year(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) == LONGEST_YEAR):
        raise errors.MalformedParameterError("tahun: expected a year such as 2027.")
    return int(text)


def _lines(member: Member, kode: str, tahun: int) -> tuple[evaluation.EvaluationLine, ...]:
    release = member.labels.release.path
    try:
        return evaluation.read_evaluation(release, member.register, kode, tahun)
    except errors.RegisterError as error:
        raise errors.UnknownItemError(f"No budget of {kode!r} in {tahun}.") from error


def _answer(member: Member, kode: str, message: str = "", status: int = HTTPStatus.OK) -> Response:
    _check_reader(member, kode)
    query = member.request.query_params
    check_parameters(query, ("tahun", "lang"))
    labels = member.labels
    chosen = member.field("tahun") or query.get("tahun", "")
    values = {
        "kode": kode,
        "labels": labels,
        "tahun": _year(chosen) if chosen else None,
        "message": member.words.say(message) if message else "",
    }
    if len(kode) < _KECAMATAN:
        parts = [(part, labels.title(part)) for part in labels.parts(kode)]
        return answer_house(member, "budget_sheet/sheets.html", {**values, "parts": parts})
    area = kode[:_KECAMATAN]
    sheets = evaluation.list_sheets(labels.release.path, member.register, area)
    if len(kode) == _DESA:
        return _answer_desa(member, {**values, "years": sorted(sheets.get(kode, ()))}, status)
    years = sorted({tahun for sheet in sheets.values() for tahun in sheet})
    values["tahun"] = values["tahun"] or (years[-1] if years else None)
    return answer_house(
        member,
        "budget_sheet/sheets.html",
        {**values, "years": years, "sheets": sheets, "parts": []},
    )


def _answer_desa(member: Member, values: Mapping[str, object], status: int) -> Response:
    kode, labels, years = str(values["kode"]), member.labels, values["years"]
    assert isinstance(years, list)
    if not years:
        return answer_house(
            member, "budget_sheet/sheets.html", {**values, "sheets": {}, "parts": []}
        )
    tahun = values["tahun"] or years[-1]
    assert isinstance(tahun, int)
    lines = [_sheet_line(member, labels, line) for line in _lines(member, kode, tahun)]
    events = member.register.events(evaluation.evaluation_id(kode, tahun))
    about = {line.line.id: line.about for line in lines}
    filled = {
        **values,
        "tahun": tahun,
        "groups": [
            (kind, [line for line in lines if line.line.kind == kind])
            for kind in ("need", "surplus", "earmark")
        ],
        "version": len(events),
        "history": [_said(member, event, about) for event in events if event.number > 1],
        "may_decide": member.person.role == "kecamatan",
        "decisions": DECISIONS,
        "longest": records.LONGEST_TEXT,
        "typed": {name: member.field(name) for name in ("baris", "keputusan", "alasan")},
        "kecamatan": labels.title(kode[:_KECAMATAN]),
    }
    return answer_house(member, "budget_sheet/budget_sheet.html", filled, status)


def _said(member: Member, event: records.Event, about: Mapping[str, str]) -> Said:
    decided = event.content
    assert isinstance(decided, records.Decided)
    who = f"{event.actor.name} ({member.words.say(f'role.{event.actor.role}')})"
    decision = member.words.say(f"sheet.decision.{decided.decision}")
    day = member.day(event.moment)
    return Said(day, who, about.get(decided.line, decided.line), decision, decided.note)


def _sheet_line(member: Member, labels: Labels, line: evaluation.EvaluationLine) -> SheetLine:
    words = member.words
    money = "–" if line.amount_idr is None else words.value(line.amount_idr, "IDR", 0)
    if line.kind != "earmark":
        return SheetLine(line, labels.service(line.about), words.say(f"state.{line.state}"), money)
    fields = [field for layer in labels.release.layers.values() for field in layer.fields]
    name = f"{line.about}_dds_pct"
    titles = [words.text(field.title) for field in fields if field.name == name]
    state = words.say(f"sheet.earmark.{line.state}")
    if line.percent is not None:
        state += f": {words.value(line.percent, '%', 1)}"
    return SheetLine(line, titles[0] if titles else line.about.replace("_", " "), state, money)
