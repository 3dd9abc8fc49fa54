"""Who visits a page of the house, and how such a page is answered."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from http import HTTPStatus
from typing import Annotated, TypeAlias
from urllib.parse import urlsplit

from fastapi import Depends, Request, Response
from fastapi.responses import HTMLResponse
from markupsafe import Markup

from geo_service.errors import MalformedParameterError, SignInNeededError
from geo_service.house import accounts, forms, house, sessions
from geo_service.http import urls
from geo_service.register import event_store
from geo_service.register.item_lists import WIB, day_of
from web_map.house.base.places import Labels
from web_map.pages.base.answers import policy, render_page
from web_map.views.readers import read_language
from web_map.words import Words


@dataclass(frozen=True, slots=True)
class Visitor:
    """What a page of the house knows of its request.

    Parameters
    ----------
    words
        In the language that the address names; Indonesian where it names none.
    base
        Path under which the server is reached, without a slash at its end.
    secret
        Of the browser, or a new one.
    person
        Who is signed in; None for everybody else.
    """

    request: Request
    register: event_store.Register
    words: Words
    base: str
    secret: str
    person: accounts.Person | None
    moment: datetime

    @property
    def root(self) -> str:
        """The URL under which the server is reached, without a slash at its end."""
        return urls.root_url(self.request.scope, self.request.app.state.settings).rstrip("/")

    @property
    def form_key(self) -> str:
        """What a form repeats, in its hidden field."""
        return forms.key_of(self.secret)

    @property
    def lang(self) -> str:
        """What follows a path, so that the language stays."""
        return "?lang=en" if self.words.language == "en" else ""

    @property
    def labels(self) -> Labels:
        """What codes and ids are called, by the current release."""
        return Labels(self.request.app.state.store.current(), self.words)

    @property
    def today(self) -> date:
        """The day of the request, as due dates are counted."""
        return day_of(self.moment)

    def day(self, day: date | str) -> Markup:
        """A day, that of a moment, or what a column of the lists says of one, as people read it."""
        return day_element(self.words, day)

    @property
    def has_reports(self) -> bool:
        """Whether anybody may report what is missing."""
        return bool(self.request.app.state.settings.register_reports)

    def clock(self, moment: datetime) -> Markup:
        """A moment as people in western Indonesia read it."""
        here = moment.astimezone(WIB)
        return Markup("{} {:%H.%M} WIB").format(self.day(moment), here)

    def field(self, name: str) -> str:
        """What a field of the form says, without space around it; empty where it is not there."""
        values: list[str] = self.request.state.form.get(name, [""])
        return values[-1].strip()

    def text_field(self, name: str) -> str | None:
        """What was typed into a field; else the ready-made text that was chosen for it."""
        return self.field(name) or self.field(f"{name}_siap") or None


@dataclass(frozen=True, slots=True)
class Member(Visitor):
    """A visitor who is signed in."""

    person: accounts.Person


def read_visitor(request: Request) -> Visitor:
    """The visitor of a request."""
    root = urls.root_url(request.scope, request.app.state.settings)
    register, moment = house.register_of(request), datetime.now(UTC)
    secret = request.cookies.get(forms.COOKIE, "")
    return Visitor(
        request,
        register,
        Words(read_language(request.query_params)),
        urlsplit(root).path.rstrip("/"),
        secret or forms.new_secret(),
        sessions.Sessions(register).person(secret, moment) if secret else None,
        moment,
    )


AnyVisitor: TypeAlias = Annotated[Visitor, Depends(read_visitor)]


def read_member(visitor: AnyVisitor) -> Member:
    """The visitor, who is signed in.

    Raises
    ------
    SignInNeededError
        They are not; they are led to where that is done.
    """
    if visitor.person is None:
        raise SignInNeededError("Sign in to see this page.")
    return Member(
        visitor.request,
        visitor.register,
        visitor.words,
        visitor.base,
        visitor.secret,
        visitor.person,
        visitor.moment,
    )


AnyMember: TypeAlias = Annotated[Member, Depends(read_member)]


def day_text(words: Words, day: date) -> str:
    """A day as people of the language write it.

    >>> day_text(Words("id"), date(2026, 7, 16)), day_text(Words("en"), date(2026, 7, 16))
    ('16 Juli 2026', '16 July 2026')
    """
    return f"{day.day} {words.say('house.months').split()[day.month - 1]} {day.year}"


def day_element(words: Words, day: date | str) -> Markup:
    """The same as an element of a page, with the day as programs read it."""
    read = date.fromisoformat(day) if isinstance(day, str) else day
    read = day_of(read) if isinstance(read, datetime) else read
    element = Markup('<time datetime="{}">{}</time>')
    return element.format(f"{read:%Y-%m-%d}", day_text(words, read))


def page_number(query: Mapping[str, str]) -> int:
    """The page of a list that an address asks for, from 1.

    Raises
    ------
    MalformedParameterError
        It is no such number.
    """
    text = query.get("halaman") or "1"
    if not (text.isascii() and text.isdigit() and int(text[:6]) >= 1 and len(text) <= 6):
        raise MalformedParameterError("halaman: expected a number from 1.")
    return int(text)


def answer_house(
    visitor: Visitor,
    template: str,
    values: Mapping[str, object],
    status: int = HTTPStatus.OK,
    *,
    has_form: bool = False,
) -> HTMLResponse:
    """A page of the house, which nobody frames.

    What somebody sees who is signed in, and each page with a form (``has_form``), is kept nowhere.
    """
    text = render_page(f"house/{template}", visitor.words, visitor.base, visitor=visitor, **values)
    headers = {"Content-Security-Policy": policy("'none'"), "Vary": "Cookie"}
    if has_form or visitor.person is not None:
        headers["Cache-Control"] = "private, no-store"
    answer = HTMLResponse(text, status, headers)
    if has_form and not visitor.request.cookies.get(forms.COOKIE):
        forms.set_cookie(answer, visitor.request, visitor.secret)
    return answer


def lead_to(visitor: Visitor, path: str, secret: str | None = None) -> Response:
    """Lead a browser on after a form, to a path of this server; with a new secret, or none."""
    headers = {"Location": f"{visitor.base}{path}", "Cache-Control": "private, no-store"}
    answer = Response(status_code=HTTPStatus.SEE_OTHER, headers=headers)
    if secret is not None:
        forms.set_cookie(answer, visitor.request, secret)
    return answer
