"""People who visit the house in a browser of their own."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx

from geo_service.house import accounts, forms, sessions
from geo_service.register import event_store, way
from tests.geo_service.client import HOST, Client

PASSWORD = "kelapa muda hijau"
HTML = "text/html,*/*;q=0.8"


class Guest(Client):
    """A browser: it asks for pages, keeps its cookie, and sends forms as a page of ours would."""

    def get(self, url: str, **headers: str) -> httpx.Response:
        return super().get(url, **{"accept": HTML, **headers})

    @property
    def secret(self) -> str:
        return str(self._inner.cookies.get(forms.COOKIE, ""))

    @secret.setter
    def secret(self, value: str) -> None:
        self._inner.cookies.clear()
        self._inner.cookies.set(forms.COOKIE, value, domain="peta.example", path="/rumah")

    def send(
        self, url: str, fields: Mapping[str, object], key: str | None = None, **headers: str
    ) -> httpx.Response:
        """POST of a form with the key of this browser, or another one."""
        shown = forms.key_of(self.secret) if key is None else key
        body = urlencode({**fields, forms.FIELD: shown}, doseq=True).encode()
        headers = {"accept": HTML, "origin": HOST, **headers}
        return self.post(url, body, forms.FORM_TYPE, **headers)

    def sign_in(self, login: str, password: str = PASSWORD) -> httpx.Response:
        self.get("/rumah/masuk")
        return self.send("/rumah/masuk", {"nama": login, "sandi": password})


def open_register(url: str) -> event_store.Register:
    made = event_store.Register(url, way.read_way())
    made.migrate()
    return made


def add_person(
    register: event_store.Register,
    login: str,
    role: str,
    area: str | None = None,
    office: str | None = None,
) -> accounts.Person:
    """An account with the one password of the tests."""
    now = datetime.now(UTC)
    book = accounts.Accounts(register)
    person = book.add(accounts.read_person(login, f"Name of {login}", role, area, office), "t", now)
    link = book.invite(person, "t", now)
    sessions.Sessions(register).accept(link, PASSWORD, "203.0.113.1", now)
    return book.find(login)


def guest(releases: Path, url: str, **settings: Any) -> Guest:
    return Guest(releases, register_url=url, **settings)
