"""Accounts: made, invited, closed; sessions that begin and end; what is tried too often."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from typer.testing import CliRunner

from geo_service.cli.main import app
from geo_service.errors import (
    RegisterError,
    ServerBusyError,
    SignInRefusedError,
    TooManyRequestsError,
)
from geo_service.house import accounts, sessions
from geo_service.register import database, event_store

NOW = datetime(2026, 11, 30, 1, 0, tzinfo=UTC)
PASSWORD = "kelapa muda hijau"
HERE = "203.0.113.9"


def add(
    register: event_store.Register,
    login: str = "camat",
    role: str = "kecamatan",
    area: str | None = "53.06.13",
    office: str | None = None,
    password: str = PASSWORD,
) -> accounts.Person:
    book = accounts.Accounts(register)
    person = book.add(accounts.read_person(login, "Maria", role, area, office), "test", NOW)
    token = book.invite(person, "test", NOW)
    sessions.Sessions(register).accept(token, password, HERE, NOW)
    return book.find(login)


def test_an_invited_person_chooses_a_password_and_signs_in(register: event_store.Register) -> None:
    person = add(register, "Camat.IleBoleng ")
    assert (person.login, person.has_password) == ("camat.ileboleng", True)
    doors = sessions.Sessions(register)
    token = doors.sign_in("CAMAT.ileboleng", PASSWORD, HERE, NOW)
    assert doors.person(token, NOW) == person
    assert doors.sign_in("camat.ileboleng", PASSWORD, HERE, NOW) != token
    assert person.actor.area == "53.06.13"


def test_an_invitation_works_once_and_not_for_ever(register: event_store.Register) -> None:
    book, doors = accounts.Accounts(register), sessions.Sessions(register)
    person = book.add(accounts.read_person("x", "X", "viewer", None, None), "test", NOW)
    first = book.invite(person, "test", NOW)
    second = book.invite(person, "test", NOW)
    late = NOW + accounts.INVITED_FOR
    for token, moment in ((first, NOW), (second, late), ("nothing", NOW)):
        with pytest.raises(SignInRefusedError):
            doors.accept(token, PASSWORD, HERE, moment)
    assert doors.invited(second, NOW).login == "x"
    with pytest.raises(SignInRefusedError):
        doors.accept(second, "short", HERE, NOW)
    doors.accept(second, PASSWORD, HERE, NOW)
    with pytest.raises(SignInRefusedError):
        doors.accept(second, PASSWORD, HERE, NOW)


def test_of_two_who_use_one_link_at_once_one_wins(register: event_store.Register) -> None:
    book, doors = accounts.Accounts(register), sessions.Sessions(register)
    person = book.add(accounts.read_person("x", "X", "viewer", None, None), "test", NOW)
    token, results = book.invite(person, "test", NOW), list[str]()

    def accept() -> None:
        try:
            doors.accept(token, PASSWORD, HERE, NOW)
            results.append("won")
        except SignInRefusedError:
            results.append("lost")

    threads = [threading.Thread(target=accept) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == ["lost", "lost", "lost", "won"]


def test_what_is_kept_opens_nothing(register: event_store.Register) -> None:
    person = add(register)
    token = sessions.Sessions(register).sign_in(person.login, PASSWORD, HERE, NOW)
    link = accounts.Accounts(register).invite(person, "test", NOW)
    with register.transaction() as connection:
        rows = [
            str(tuple(row))
            for table in accounts.TABLES.sorted_tables
            for row in connection.execute(sa.select(table))
        ]
    for secret in (token, link, PASSWORD):
        assert not [row for row in rows if secret in row]
    assert any("$argon2id$" in row for row in rows)


def test_a_session_ends_when_nobody_uses_it_and_after_a_day_of_work(
    register: event_store.Register,
) -> None:
    person, doors = add(register), sessions.Sessions(register)
    token = doors.sign_in(person.login, PASSWORD, HERE, NOW)
    minute = timedelta(minutes=1)
    assert doors.person(token, NOW + sessions.IDLE - minute) is not None
    assert doors.person(token, NOW + 2 * sessions.IDLE - 2 * minute) is not None
    assert doors.person(token, NOW + 4 * sessions.IDLE) is None
    token, moment = doors.sign_in(person.login, PASSWORD, HERE, NOW), NOW
    while moment < NOW + sessions.LONGEST - minute:
        assert doors.person(token, moment) is not None
        moment += timedelta(minutes=30)
    assert doors.person(token, NOW + sessions.LONGEST) is None


def test_sessions_end_with_sign_out_everywhere_reset_and_closing(
    register: event_store.Register,
) -> None:
    book, doors, person = accounts.Accounts(register), sessions.Sessions(register), add(register)

    def tokens() -> list[str]:
        return [doors.sign_in(person.login, PASSWORD, HERE, NOW) for _ in range(2)]

    here, there = tokens()
    doors.sign_out(here, NOW)
    assert doors.person(here, NOW) is None
    assert doors.person(there, NOW) is not None
    doors.sign_out_everywhere(person, NOW)
    assert doors.person(there, NOW) is None
    here, there = tokens()
    assert book.set_disabled(person, True, "test", NOW).is_disabled
    assert doors.person(here, NOW) is None
    with pytest.raises(SignInRefusedError):
        doors.sign_in(person.login, PASSWORD, HERE, NOW)
    book.set_disabled(person, False, "test", NOW)
    assert doors.person(there, NOW) is None
    here, there = tokens()
    link = book.reset(person, "test", NOW)
    assert doors.person(here, NOW) is None
    with pytest.raises(SignInRefusedError):
        doors.sign_in(person.login, PASSWORD, HERE, NOW)
    doors.accept(link, PASSWORD * 2, HERE, NOW)
    assert doors.sign_in(person.login, PASSWORD * 2, HERE, NOW)


def test_who_has_no_account_is_told_what_who_mistypes_is_told(
    register: event_store.Register, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(register)
    doors, verified = sessions.Sessions(register), list[bool]()
    real = sessions.verify

    def verify(hashed: str | None, password: str) -> bool:
        verified.append(hashed is None)
        return real(hashed, password)

    monkeypatch.setattr(sessions, "verify", verify)
    said = set()
    for login in ("camat", "nobody"):
        with pytest.raises(SignInRefusedError) as refused:
            doors.sign_in(login, "wrong wrong wrong", HERE, NOW)
        said.add(str(refused.value))
    assert len(said) == 1
    assert verified == [False, True]
    book = accounts.Accounts(register)
    assert [line.login for line in book.audit_lines()[:2]] == [sessions.UNKNOWN, "camat"]


def test_trying_too_often_is_refused_for_a_while(register: event_store.Register) -> None:
    add(register)
    doors = sessions.Sessions(register)
    for login in ("camat", "nobody"):
        for _ in range(sessions.MOST_OF_BOTH):
            with pytest.raises(SignInRefusedError):
                doors.sign_in(login, "wrong", HERE, NOW)
        with pytest.raises(TooManyRequestsError):
            doors.sign_in(login, PASSWORD, HERE, NOW)
    assert doors.sign_in("camat", PASSWORD, "198.51.100.7", NOW)
    assert doors.sign_in("camat", PASSWORD, HERE, NOW + sessions.TRIED_WITHIN * 1.01)


def test_who_waits_long_for_a_turn_leaves_the_thread(
    register: event_store.Register, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sessions, "LONGEST_WAIT_S", 0.01)
    turns = threading.BoundedSemaphore(1)
    monkeypatch.setattr(sessions, "_TURNS", turns)
    doors = sessions.Sessions(register)
    with turns, pytest.raises(ServerBusyError):
        doors.sign_in("camat", PASSWORD, HERE, NOW)
    with pytest.raises(SignInRefusedError):
        doors.sign_in("camat", PASSWORD, HERE, NOW)


def test_one_address_does_not_try_every_login(register: event_store.Register) -> None:
    doors = sessions.Sessions(register)
    for number in range(sessions.MOST_OF_ADDRESS):
        with pytest.raises(SignInRefusedError):
            doors.sign_in(f"login{number}", "wrong", HERE, NOW)
    with pytest.raises(TooManyRequestsError):
        doors.sign_in("another", "wrong", HERE, NOW)
    with pytest.raises(SignInRefusedError):
        doors.sign_in("another", "wrong", "198.51.100.7", NOW)


def test_who_signs_in_rightly_is_not_counted(register: event_store.Register) -> None:
    add(register)
    doors = sessions.Sessions(register)
    for _ in range(2 * sessions.MOST_OF_BOTH):
        doors.sign_in("camat", PASSWORD, HERE, NOW)


@pytest.mark.parametrize(
    ("login", "role", "area", "office", "words"),
    [
        ("camat", "kecamatan", "53.06", None, "a kecamatan"),
        ("camat", "kecamatan", None, None, "a kecamatan"),
        ("admin", "kabupaten", None, None, "a provinsi or a kabupaten"),
        ("desa", "desa", "53.06.13", None, "a desa"),
        ("office", "office", "53.06", None, "name of an office"),
        ("camat", "kecamatan", "53.06.13", "Dinas", "name of an office"),
        ("camat", "system", "53.06.13", None, "A role is one of"),
        ("camat camat", "viewer", None, None, "A login has"),
        ("viewer", "viewer", "53.06.", None, "no code"),
    ],
)
def test_an_account_that_could_not_be_used_is_refused(
    register: event_store.Register,
    login: str,
    role: str,
    area: str | None,
    office: str | None,
    words: str,
) -> None:
    with pytest.raises(RegisterError, match=words):
        add(register, login, role, area, office)
    assert accounts.Accounts(register).people() == []


def test_a_login_is_there_once(register: event_store.Register) -> None:
    add(register)
    with pytest.raises(RegisterError, match="already"):
        add(register, "CAMAT")


def test_people_of_an_area_are_those_in_it(register: event_store.Register) -> None:
    add(register, "one", "kecamatan", "53.06.13")
    add(register, "two", "desa", "53.06.13.2004")
    add(register, "three", "kecamatan", "53.06.14")
    add(register, "four", "viewer", None)
    book = accounts.Accounts(register)
    assert {person.login for person in book.people("53.06.13")} == {"one", "two"}
    assert len(book.people()) == 4


def test_the_tables_are_as_the_migrations_make_them_and_go_again(
    register: event_store.Register,
) -> None:
    add(register)
    with register.transaction(writes=True) as connection:
        inspector = sa.inspect(connection)
        for table in accounts.TABLES.sorted_tables:
            made = {column["name"] for column in inspector.get_columns(table.name)}
            assert made == {column.name for column in table.columns}
        config = Config()
        config.set_main_option("script_location", str(database.MIGRATIONS))
        config.attributes["connection"] = connection
        command.downgrade(config, "base")
        left = set(sa.inspect(connection).get_table_names())
        assert left <= {"alembic_version"}
    register.migrate()
    assert add(register).login == "camat"


def test_accounts_of_before_the_provider_keep_their_passwords(
    register: event_store.Register,
) -> None:
    person = add(register)
    link = accounts.Accounts(register).invite(person, "t", NOW)
    sessions.Sessions(register).accept(link, "kelapa muda hijau", "a", NOW)
    with register.transaction(writes=True) as connection:
        config = Config()
        config.set_main_option("script_location", str(database.MIGRATIONS))
        config.attributes["connection"] = connection
        command.downgrade(config, "0007")
        columns = {column["name"] for column in sa.inspect(connection).get_columns("account")}
        assert "by_provider" not in columns
    register.migrate()
    kept = accounts.Accounts(register).find(person.login)
    assert (kept.has_password, kept.by_provider) == (True, False)
    assert sessions.Sessions(register).sign_in(kept.login, "kelapa muda hijau", "a", NOW)


def test_accounts_are_looked_after_on_the_command_line(url: str) -> None:
    run = CliRunner()

    def ask(*words: str) -> str:
        done = run.invoke(app, ["register", *words, "--register", url])
        assert done.exit_code == 0, done.output
        return done.output

    ask("init")
    made = ask(
        *("users", "add", "dinkes", "--name", "Yosef", "--role", "office"),
        *("--area", "53.06", "--office", "Dinas Kesehatan"),
    )
    assert "dinkes: http://127.0.0.1:8000/rumah/undangan/" in made
    assert "dinkes  office  53.06  Dinas Kesehatan  Yosef  invited" in ask("users", "list")
    assert ask("users", "invite", "dinkes") != ask("users", "reset", "dinkes")
    assert "closed" in ask("users", "disable", "dinkes")
    assert "closed" in ask("users", "list")
    assert "open" in ask("users", "enable", "dinkes")
    audit = ask("users", "audit")
    assert all(what in audit for what in ("add", "invite", "reset", "disable", "enable"))
