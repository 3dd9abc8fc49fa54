"""Where words for an office go, and its calendar: what who is signed in may change of its own."""

from http import HTTPStatus

from fastapi import APIRouter, Response

from geo_service import errors
from geo_service.outbox import calendars, contacts, messages, outbox_file
from geo_service.register.way import Season
from web_map.house.base.visitors import AnyMember, AnyVisitor, Member, answer_house, lead_to

router = APIRouter(tags=["pages"])
CALENDAR = "text/calendar; charset=utf-8"


@router.get("/rumah/kabar")
def notices(member: AnyMember) -> Response:
    """The contacts that a person sees, and whether there is a calendar."""
    return _answer(member)


@router.post("/rumah/kabar")
def add_contact(member: AnyMember) -> Response:
    """Add a contact of the own office; the secret of a webhook is shown now and never again."""
    try:
        contact = _book(member).add_own(member.person, member.field("alamat"), member.moment)
    except errors.RegisterConflictError:
        raise
    except errors.RegisterError:
        return _answer(member, "notices.refused", status=HTTPStatus.BAD_REQUEST)
    if contact.secret is not None:
        return _answer(member, secret=contact.secret)
    return lead_to(member, f"/rumah/kabar{member.lang}")


@router.post("/rumah/kabar/kalender")
def renew_calendar(member: AnyMember) -> Response:
    """Make the calendar's URL, which is shown once, or end it."""
    keys, owner = calendars.CalendarKeys(member.register), _owner(member)
    if member.field("akhiri"):
        keys.end(owner)
        return lead_to(member, f"/rumah/kabar{member.lang}")
    token = keys.renew(owner, member.moment)
    return _answer(member, feed=f"{member.root}/rumah/kalender/{token}.ics{member.lang}")


@router.post("/rumah/kabar/{contact_id}")
def end_contact(member: AnyMember, contact_id: str) -> Response:
    """Tell a contact of the own office nothing any more."""
    own = [each for each in _book(member).of_person(member.person) if each.is_own(member.person)]
    for contact in own:
        if contact.id == contact_id:
            _book(member).end(contact, member.moment)
            return lead_to(member, f"/rumah/kabar{member.lang}")
    raise errors.UnknownItemError(f"No contact {contact_id!r} of yours.")


@router.get("/rumah/kalender/{token}.ics")
def calendar(visitor: AnyVisitor, token: str) -> Response:
    """The due dates of whose token it is, and the year of planning."""
    person = calendars.CalendarKeys(visitor.register).person(token)
    if person is None:
        raise errors.UnknownUrlError("This calendar is not there, or has ended.")
    today, labels, way = visitor.today, visitor.labels, visitor.register.way

    def summarise(due: calendars.Due) -> str:
        about = labels.about(due.layanan, due.ukuran, due.title)
        return visitor.words.say(
            "calendar.due", about=about, place=labels.place(due.kode), name=due.nama
        )

    def season(part: Season) -> tuple[str, str]:
        return visitor.words.text(part.title), f"{visitor.words.text(part.who)}\n{part.source}"

    words = calendars.CalendarWords(
        visitor.words.say("calendar.name", place=person.office or labels.place(person.area)),
        summarise,
        lambda due: f"{labels.state(due.state, way)} – {due.nama}",
        lambda due: f"{visitor.root}/rumah/butir/{due.id}{visitor.lang}",
        season,
    )
    dues = calendars.find_dues(visitor.register, person, today)
    body = calendars.write_calendar(dues, way, words, today)
    headers = {
        "Cache-Control": "private, no-cache",
        "Content-Disposition": 'inline; filename="rumah-bersama.ics"',
        "X-Robots-Tag": "noindex",
    }
    return Response(body, media_type=CALENDAR, headers=headers)


def _answer(
    member: Member,
    message: str = "",
    secret: str = "",
    feed: str = "",
    status: int = HTTPStatus.OK,
) -> Response:
    listed = _book(member).of_person(member.person)
    values = {
        "contacts": [(each, each.is_own(member.person)) for each in listed],
        "tallies": messages.Outbox(member.register).tallies([each.id for each in listed]),
        "may_add": member.person.role in contacts.ROLE_OF,
        "most": contacts.MOST_OF_ONE,
        "message": member.words.say(message) if message else "",
        "typed": member.field("alamat") if message else "",
        "secret": secret,
        "feed": feed,
        "made": calendars.CalendarKeys(member.register).made(_owner(member)),
    }
    return answer_house(member, "notices/notices.html", values, status)


def _book(member: Member) -> contacts.Contacts:
    given = outbox_file.read_outbox_file(member.request.app.state.settings.outbox)
    return contacts.Contacts(member.register, given.webhook_networks)


def _owner(member: Member) -> calendars.Owner:
    return "account", member.person.id
