"""The page of a meeting: its agenda, what is agreed while it runs, and minutes to print."""

from datetime import date
from http import HTTPStatus

from fastapi import APIRouter, Response

from geo_service import errors
from geo_service.house import choices, meetings
from geo_service.register import records
from web_map.house.base.visitors import AnyMember, Member, answer_house, lead_to
from web_map.house.board.board import check_area
from web_map.house.item_steps.item_steps import line_of_event, read_item
from web_map.views.readers import check_parameters

router = APIRouter(tags=["pages"])


@router.get("/rumah/rapat/{kode}")
def meeting(member: AnyMember, kode: str) -> Response:
    """Agenda of today, and minutes of a day (``tanggal``, else today)."""
    return _answer(member, kode)


@router.post("/rumah/rapat/{kode}")
def note_agreement(member: AnyMember, kode: str) -> Response:
    """Note what was agreed on an item; it holds whatever else is done with the item."""
    check_area(member, kode)
    item, text = read_item(member, member.field("butir")), member.field("keputusan")
    if not choices.may_attach(item, member.person.actor):
        raise errors.UnknownItemError(f"Nothing is noted on {item.id!r} by you.")
    if not 1 <= len(text) <= records.LONGEST_TEXT:
        message = member.words.say("meeting.empty", most=records.LONGEST_TEXT)
        return _answer(member, kode, message, HTTPStatus.BAD_REQUEST)
    member.register.note(
        [(item.id, (records.Noted(text=text),))], member.person.actor, member.moment
    )
    return lead_to(member, f"/rumah/rapat/{kode}{member.lang}#notulen")


def _answer(member: Member, kode: str, message: str = "", status: int = HTTPStatus.OK) -> Response:
    check_area(member, kode)
    check_parameters(member.request.query_params, ("tanggal", "lang"))
    today, labels = member.today, member.labels
    day = _day(member) or today
    minutes = [
        (
            one.item,
            [line_of_event(member, labels, event) for event in one.events],
        )
        for one in meetings.list_minutes(member.register, member.person, kode, day)
    ]
    values = {
        "kode": kode,
        "agenda": meetings.list_agenda(member.register, member.person, kode, today),
        "minutes": minutes,
        "day": day,
        "today": today,
        "labels": labels,
        "way": member.register.way,
        "message": message,
        "may_note": member.person.role in ("kecamatan", "desa", "office"),
        "longest": records.LONGEST_TEXT,
        "typed": (member.field("butir"), member.field("keputusan")),
    }
    return answer_house(member, "meeting/meeting.html", values, status)


def _day(member: Member) -> date | None:
    text = member.request.query_params.get("tanggal")
    if not text:
        return None
    day = choices.read_day(text)
    if day is None:
        raise errors.MalformedParameterError("tanggal: expected a day such as 2026-11-30.")
    return day
