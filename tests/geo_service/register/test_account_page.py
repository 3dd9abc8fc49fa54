"""The administrator looks after the accounts of the own area, and of no other."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from geo_service.cli.main import app
from geo_service.errors import RegisterError
from geo_service.house import accounts, sessions
from geo_service.register import event_store
from tests.geo_service.register.guests import (
    PASSWORD,
    Guest,
    add_person,
    guest,
    open_register,
)

NOW = datetime.now(UTC)
NEW = {
    "tindakan": "add",
    "masuk": "Camat.Baru",
    "nama": "<b>Maria</b>",
    "peran": "kecamatan",
    "wilayah": "99.01.02",
}


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[event_store.Register]:
    made = open_register(f"sqlite:///{tmp_path / 'register.db'}")
    add_person(made, "admin", "kabupaten", "99.01")
    add_person(made, "camat", "kecamatan", "99.01.01")
    add_person(made, "there", "kecamatan", "99.02.01")
    add_person(made, "all", "viewer")
    yield made
    made.close()


@pytest.fixture
def admin(releases: Path, tmp_path: Path, opened: event_store.Register) -> Iterator[Guest]:
    with guest(releases, f"sqlite:///{tmp_path / 'register.db'}") as window:
        window.sign_in("admin")
        yield window


def rows(register: event_store.Register) -> list[str]:
    return [repr(person) for person in accounts.Accounts(register).people()]


def test_an_account_is_made_on_the_page_and_its_link_opens_it(
    opened: event_store.Register, admin: Guest
) -> None:
    answer = admin.send("/rumah/akun", NEW)
    assert answer.status_code == 200
    assert "no-store" in answer.headers["cache-control"]
    assert "<b>Maria" not in answer.text
    link = re.findall(r"http://peta\.example(/rumah/undangan/[\w-]+)", answer.text)[0]
    assert link not in admin.get("/rumah/akun").text
    assert "Camat" not in admin.get("/rumah/akun").text.partition("camat.baru")[0][-80:]
    admin.secret = ""
    admin.get(link)
    assert admin.send(link, {"sandi": PASSWORD, "ulang": PASSWORD}).status_code == 303
    person = accounts.Accounts(opened).find("camat.baru")
    assert (person.role, person.area, person.has_password) == ("kecamatan", "99.01.02", True)
    line = next(line for line in accounts.Accounts(opened).audit_lines() if line.what == "add")
    assert (line.login, line.actor) == ("camat.baru", "admin (kabupaten)")


def test_a_change_of_role_ends_all_sessions_and_counts_at_once(
    releases: Path, tmp_path: Path, opened: event_store.Register, admin: Guest
) -> None:
    with guest(releases, f"sqlite:///{tmp_path / 'register.db'}") as camat:
        camat.sign_in("camat")
        assert camat.get("/rumah/papan/99.01.01").status_code == 200
        fields = {"akun": "camat", "nama": "Yosef", "peran": "desa", "wilayah": "99.01.02.2001"}
        answer = admin.send("/rumah/akun", {"tindakan": "change", **fields})
        assert "diubah" in answer.text
        assert camat.get("/rumah/papan/99.01.01").status_code == 303
        camat.sign_in("camat")
        assert camat.get("/rumah/papan/99.01.01").status_code == 404
        assert camat.get("/rumah/papan/99.01.02.2001").status_code == 200
    line = accounts.Accounts(opened).audit_lines()[1]
    assert (line.what, line.login, line.actor) == ("change", "camat", "admin (kabupaten)")


def test_an_account_is_closed_opened_and_invited_again(
    opened: event_store.Register, admin: Guest
) -> None:
    for act, is_disabled in (("disable", True), ("enable", False), ("invite", False)):
        answer = admin.send("/rumah/akun", {"tindakan": act, "akun": "camat"})
        assert answer.status_code == 200
        assert accounts.Accounts(opened).find("camat").is_disabled is is_disabled
        assert ("/rumah/undangan/" in answer.text) == (act == "invite")


@pytest.mark.parametrize(
    "fields",
    [
        {**NEW, "wilayah": "99.02.01"},
        {**NEW, "wilayah": "99"},
        {**NEW, "wilayah": ""},
        {**NEW, "wilayah": "99.01"},
        {**NEW, "masuk": "camat"},
        {**NEW, "masuk": "a b"},
        {**NEW, "peran": "system"},
        {**NEW, "nama": ""},
        {**NEW, "peran": "office"},
        *(
            {**NEW, "tindakan": act, "akun": akun}
            for act in ("change", "invite", "disable", "enable", "reset", "")
            for akun in ("there", "all", "admin", "nobody", "")
        ),
        {**NEW, "tindakan": "change", "akun": "camat", "wilayah": "99.02.01"},
        {**NEW, "tindakan": "change", "akun": "camat", "peran": "viewer", "wilayah": ""},
    ],
)
def test_nothing_is_done_outside_the_area_or_to_ones_own_account(
    opened: event_store.Register, admin: Guest, fields: dict[str, str]
) -> None:
    before = rows(opened)
    assert admin.send("/rumah/akun", fields).status_code == 400
    assert rows(opened) == before


@pytest.mark.parametrize("login", ["camat", "all"])
def test_others_look_after_no_account(
    opened: event_store.Register, admin: Guest, login: str
) -> None:
    admin.sign_in(login)
    before = rows(opened)
    for fields in (NEW, {"tindakan": "disable", "akun": "there"}):
        assert admin.send("/rumah/akun", fields).status_code == 404
    assert rows(opened) == before
    assert "tindakan" not in admin.get("/rumah/akun").text


def test_an_account_is_changed_on_the_command_line(url: str) -> None:
    def ask(*words: str) -> str:
        done = CliRunner().invoke(
            app, ["register", *words, "--register", url], catch_exceptions=False
        )
        assert done.exit_code == 0, done.output
        return done.output

    ask("init")
    where = ("--area", "99.01", "--office", "Dinas Kesehatan")
    ask("users", "add", "maria", "--name", "Maria", "--role", "office", *where)
    assert "office  99.01  Dinas PUPR" in ask("users", "change", "maria", "--office", "Dinas PUPR")
    said = ask("users", "change", "maria", "--role", "kecamatan", "--area", "99.01.02")
    assert said.split() == ["maria", "kecamatan", "99.01.02"]
    assert "change  maria  by command line" in ask("users", "audit")
    with pytest.raises(RegisterError, match="needs the code"):
        ask("users", "change", "maria", "--area", "99")


def test_a_change_ends_sessions_in_either_database(register: event_store.Register) -> None:
    person = add_person(register, "camat", "kecamatan", "99.01.01")
    doors, book = sessions.Sessions(register), accounts.Accounts(register)
    token = doors.sign_in("camat", PASSWORD, "a", NOW)
    book.change(person, "t", NOW)
    assert doors.person(token, NOW) is None
