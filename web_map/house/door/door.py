"""In and out of the house: signing in, taking up an invitation, signing out."""

import re
from http import HTTPStatus

from fastapi import APIRouter, Response

from geo_service.errors import SignInRefusedError, TooManyRequestsError
from geo_service.house import forms, house, sessions
from geo_service.http.urls import HOUSE, is_of_house
from web_map.house.base.visitors import AnyVisitor, Visitor, answer_house, lead_to

router = APIRouter(tags=["pages"])

LONGEST_ADDRESS = 500
_PATH = re.compile(r"/rumah(?:/[A-Za-z0-9._/-]*)?(?:\?[A-Za-z0-9._~%&=+-]*)?")


@router.get("/rumah/masuk")
def sign_in_form(visitor: AnyVisitor) -> Response:
    """The form to sign in; ``lanjut`` is the page that is shown afterwards."""
    return _form(visitor)


@router.post("/rumah/masuk")
def sign_in(visitor: AnyVisitor) -> Response:
    """Begin a session and lead on; or say that it was refused, and for nothing else."""
    address = forms.client_of(visitor.request)
    # Spaces around a password are part of it.
    password = visitor.request.state.form.get("sandi", [""])[-1]
    doors = sessions.Sessions(visitor.register)
    try:
        token = doors.sign_in(visitor.field("nama"), password, address, visitor.moment)
    except SignInRefusedError:
        return _form(visitor, "door.refused", HTTPStatus.FORBIDDEN)
    except TooManyRequestsError:
        return _form(visitor, "door.too_often", HTTPStatus.TOO_MANY_REQUESTS)
    return lead_to(visitor, wanted_page(visitor), token)


def _form(visitor: Visitor, message: str = "", status: int = HTTPStatus.OK) -> Response:
    provider = house.provider_of(visitor.request)
    values = {
        "message": visitor.words.say(message) if message else "",
        "login": visitor.field("nama"),
        "wanted": wanted_page(visitor),
        "provider": provider and visitor.words.text(provider.settings.title),
    }
    return answer_house(visitor, "door/door.html", values, status, has_form=True)


def wanted_page(visitor: Visitor) -> str:
    """The page to go on to: one of the house, never another place."""
    text = visitor.field("lanjut") or visitor.request.query_params.get("lanjut", "")
    is_ours = len(text) <= LONGEST_ADDRESS and _PATH.fullmatch(text) and ".." not in text
    if is_ours and is_of_house(text.partition("?")[0]) and "//" not in text:
        return text
    return f"{HOUSE}{visitor.lang}"


@router.post("/rumah/keluar")
def sign_out(visitor: AnyVisitor) -> Response:
    """End this session, or all of the account, and forget the browser."""
    doors = sessions.Sessions(visitor.register)
    if visitor.field("semua") and visitor.person is not None:
        doors.sign_out_everywhere(visitor.person, visitor.moment)
    else:
        doors.sign_out(visitor.secret, visitor.moment)
    return lead_to(visitor, f"{HOUSE}{visitor.lang}", "")


@router.get("/rumah/undangan/{token}")
def invitation_form(visitor: AnyVisitor, token: str) -> Response:
    """The form in which an invited person chooses a password."""
    return _invitation(visitor, token)


@router.post("/rumah/undangan/{token}")
def accept_invitation(visitor: AnyVisitor, token: str) -> Response:
    """Keep the password, begin a session and lead to the start of the house."""
    first, second = (visitor.request.state.form.get(name, [""])[-1] for name in ("sandi", "ulang"))
    if not sessions.SHORTEST_PASSWORD <= len(first) <= sessions.LONGEST_PASSWORD:
        return _invitation(visitor, token, "door.short", HTTPStatus.BAD_REQUEST)
    if first != second:
        return _invitation(visitor, token, "door.unequal", HTTPStatus.BAD_REQUEST)
    address = forms.client_of(visitor.request)
    try:
        secret = sessions.Sessions(visitor.register).accept(token, first, address, visitor.moment)
    except SignInRefusedError:
        return _invitation(visitor, token)
    return lead_to(visitor, f"{HOUSE}{visitor.lang}", secret)


def _invitation(
    visitor: Visitor, token: str, message: str = "", status: int = HTTPStatus.OK
) -> Response:
    try:
        person = sessions.Sessions(visitor.register).invited(token, visitor.moment)
    except SignInRefusedError:
        person, status = None, HTTPStatus.NOT_FOUND
    shortest = sessions.SHORTEST_PASSWORD
    values = {
        "message": visitor.words.say(message, least=shortest) if message and person else "",
        "invited": person,
        "token": token,
        "shortest": shortest,
    }
    return answer_house(visitor, "door/invitation.html", values, status, has_form=True)
