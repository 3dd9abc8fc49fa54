"""The account of who is signed in; an administrator looks after those of the area."""

from dataclasses import replace
from http import HTTPStatus
from typing import get_args

from fastapi import APIRouter, Response

from geo_service import errors
from geo_service.access.token_file import lies_in
from geo_service.house import accounts, house
from web_map.house.base.visitors import AnyMember, Member, answer_house

router = APIRouter(tags=["pages"])

ROLES = get_args(accounts.PersonRole)
FIELDS = ("masuk", "nama", "peran", "wilayah", "perangkat")


@router.get("/rumah/akun")
def account(member: AnyMember) -> Response:
    """Who is signed in, the latest sign-ins, and signing out everywhere."""
    return _answer(member)


@router.post("/rumah/akun")
def look_after(member: AnyMember) -> Response:
    """Make, change, invite, close or open an account of the administrator's own area."""
    if member.person.role != "kabupaten":
        raise errors.UnknownItemError("The administrator looks after accounts.")
    book, act = accounts.Accounts(member.register), member.field("tindakan")
    actor, moment = f"{member.person.login} ({member.person.role})", member.moment
    try:
        is_new = act == "add"
        person = book.add(_typed(member), actor, moment) if is_new else _of_area(member, book)
        if act == "change":
            typed = replace(_typed(member), id=person.id, login=person.login)
            book.change(replace(typed, by_provider=person.by_provider), actor, moment)
        elif act in ("disable", "enable"):
            book.set_disabled(person, act == "disable", actor, moment)
        elif act not in ("add", "invite"):
            raise errors.RegisterError("No such act.")
        is_invited = act in ("add", "invite") and not person.by_provider
        token = book.invite(person, actor, moment) if is_invited else ""
    except errors.RegisterError:
        return _answer(member, "account.refused", status=HTTPStatus.BAD_REQUEST)
    return _answer(member, f"account.did.{act}", person.login, token)


def _typed(member: Member) -> accounts.Person:
    """The person that the form describes, in the area of the administrator.

    Raises
    ------
    RegisterError
        The area is none of theirs, or there is no such role.
    """
    login, name, role, area, office = (member.field(field) for field in FIELDS)
    if not _is_inside(member, area):
        raise errors.RegisterError(f"{area!r} is not in your area.")
    by_provider = member.field("penyedia") == "1" and house.provider_of(member.request) is not None
    return accounts.read_person(login, name, role, area, office or None, by_provider=by_provider)


def _of_area(member: Member, book: accounts.Accounts) -> accounts.Person:
    """The account that the form is about: one of the area, and not the administrator's own.

    Raises
    ------
    RegisterError
        There is none: wherever it is, the message is the same.
    """
    person = book.find(member.field("akun"))
    if person.id == member.person.id or not _is_inside(member, person.area):
        raise errors.RegisterError("No such account in your area.")
    return person


def _is_inside(member: Member, area: str | None) -> bool:
    own = member.person.area
    return area is not None and own is not None and lies_in(area, (own,))


def _answer(
    member: Member,
    message: str = "",
    login: str = "",
    token: str = "",
    status: int = HTTPStatus.OK,
) -> Response:
    book, person = accounts.Accounts(member.register), member.person
    people = book.people(person.area) if person.role == "kabupaten" else []
    logins = sorted({person.login, *(other.login for other in people)})
    is_refused = status != HTTPStatus.OK
    values = {
        "people": people,
        "lines": book.audit_lines(logins),
        "message": member.words.say(message, login=login) if message else "",
        "link": f"/rumah/undangan/{token}" if token else "",
        "root": member.root,
        "roles": ROLES,
        "has_provider": house.provider_of(member.request) is not None,
        "typed": {name: member.field(name) if is_refused else "" for name in FIELDS},
        "akun": member.field("akun") if is_refused else "",
    }
    return answer_house(member, "account/account.html", values, status)
