"""Reports of citizens that wait to be read: each becomes an item, joins one, or is closed."""

from collections.abc import Mapping
from http import HTTPStatus

from fastapi import APIRouter, Depends, Response
from pydantic import ValidationError

from geo_service import errors
from geo_service.house import boards, citizen_reports
from web_map.house.base.visitors import AnyMember, Member, answer_house, lead_to
from web_map.house.citizen_report.citizen_report import check_open

router = APIRouter(tags=["pages"], dependencies=[Depends(check_open)])

PATH = "/rumah/laporan-masuk"
MOST_ITEMS = 100


@router.get(PATH)
def incoming(member: AnyMember) -> Response:
    """The reports that wait in the area of the person, the oldest first."""
    return _answer(member)


@router.post(PATH + "/{report_id}")
def decide(member: AnyMember, report_id: str) -> Response:
    """Make an item of a report, let it join one, or say why nothing comes of it."""
    book = citizen_reports.CitizenReports(member.register)
    report = book.report_for(report_id, member.person)
    person, moment = member.person, member.moment
    try:
        match member.field("keputusan"):
            case "baru":
                shows = bool(member.field("tampil"))
                title = member.field("judul")
                book.take_up(report, title, person, moment, shows_place=shows)
            case "ada":
                book.join(report, member.register.item(member.field("butir")), person, moment)
            case _:
                reason = member.text_field("alasan") or ""
                book.dismiss(report, reason, moment)
    except errors.RegisterConflictError:
        return _answer(member, "incoming.changed", HTTPStatus.CONFLICT)
    except (ValidationError, errors.RegisterError, errors.UnknownItemError):
        return _answer(member, "incoming.missing", HTTPStatus.BAD_REQUEST, report_id)
    return lead_to(member, f"{PATH}{member.lang}")


def _answer(
    member: Member, message: str = "", status: int = HTTPStatus.OK, report_id: str = ""
) -> Response:
    waiting, total = citizen_reports.CitizenReports(member.register).waiting(member.person)
    words = member.words
    values = {
        "waiting": waiting,
        "total": total,
        "items": _items(member, {report.need.kode for report in waiting}),
        "labels": member.labels,
        "may_decide": member.person.role == "kecamatan",
        "ready": member.register.way.report_answers,
        "message": words.say(message) if message else "",
        "failed": report_id,
        "typed": {name: member.field(name) for name in ("judul", "alasan")},
    }
    return answer_house(member, "incoming/incoming.html", values, status)


def _items(member: Member, codes: set[str]) -> Mapping[str, list[boards.BoardRow]]:
    """The items of each desa, which a report may be about."""
    return {
        kode: boards.find_rows(
            member.register, member.person, boards.BoardFilter(kode), member.today, MOST_ITEMS
        )[0]
        for kode in codes
    }
