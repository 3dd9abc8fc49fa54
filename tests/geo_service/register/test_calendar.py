"""Calendars of due dates: below a secret URL, readable by every program, the same until changed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import icalendar
import pytest
from typer.testing import CliRunner

from geo_service.cli.main import app
from geo_service.house import accounts
from geo_service.http import access_log
from geo_service.outbox import calendars, contacts
from geo_service.register import event_store, records
from geo_service.register.item_lists import day_of
from geo_service.register.records import Stepped
from layers.release.follow_up_file import Addressee
from tests.geo_service.register.guests import Guest, add_person, guest, open_register
from tests.geo_service.register.receivers import NOW, send_item
from tests.geo_service.register.test_board import HEALTH, HERE, raise_need
from tests.geo_service.register.test_way import DINAS, KADES, OFFICE

TODAY = day_of(NOW)
LINK = re.compile(r"http://peta\.example(/rumah/kalender/[\w-]+\.ics)")
TITLE = "Sumur; bor, \\ <script>\r\nBEGIN:VEVENT\nSUMMARY:X " + "jauh di é " * 20
DESA = f"{HERE}.2001"


def send(register: event_store.Register, kode: str, to: Addressee, days: int) -> records.Item:
    actor = records.Actor(role="kecamatan", name="Maria Camat", area=kode[:8])
    step = Stepped(step="send", to=to, due=TODAY + timedelta(days=days), note="NOTE", letter="N")
    return register.add(raise_need(register, kode), (step,), actor, NOW)


@pytest.fixture(scope="module")
def window(releases: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guest]:
    url = f"sqlite:///{tmp_path_factory.mktemp('calendar') / 'register.db'}"
    register = open_register(url)
    for login, role, area, office in (
        ("camat", "kecamatan", HERE, None),
        ("dinkes", "office", "99.01", HEALTH.nama),
        ("there", "office", "99.02", HEALTH.nama),
        ("desa", "desa", DESA, None),
        ("viewer", "viewer", HERE, None),
    ):
        add_person(register, login, role, area, office)
    send(register, DESA, HEALTH, 10)
    send(register, f"{HERE}.2002", Addressee(jenis="kabupaten", nama="Dinas PUPR"), -5)
    send(register, DESA, Addressee(jenis="desa", nama="Watodei"), 3)
    send(register, "99.02.01.2001", HEALTH, 4)
    with guest(releases, url) as made:
        yield made
    register.close()


def new_link(window: Guest, login: str, lang: str = "") -> str:
    window.secret = ""
    assert window.sign_in(login).status_code == 303
    window.get("/rumah/kabar")
    page = window.send(f"/rumah/kabar/kalender{lang}", {})
    match = LINK.search(page.text)
    assert match is not None, page.text
    assert match[1] not in window.get("/rumah/kabar").text
    window.secret = ""
    return match[1]


def entries_of(content: bytes, *, dues_only: bool = False) -> list[Any]:
    """The entries of a calendar, as another program reads them."""
    entries: list[Any] = icalendar.Calendar.from_ical(content).walk("VEVENT")
    return [entry for entry in entries if "url" in entry or not dues_only]


def dues(window: Guest, link: str) -> list[str]:
    """The summaries of due dates of a calendar."""
    entries = entries_of(window.get(link).content, dues_only=True)
    return [str(entry["summary"]) for entry in entries]


def test_each_sees_what_it_owes_and_nothing_of_another_area(window: Guest) -> None:
    by_login = {
        login: dues(window, new_link(window, login))
        for login in ("camat", "dinkes", "there", "desa", "viewer")
    }
    counts = {login: len(listed) for login, listed in by_login.items()}
    assert counts == {"camat": 3, "dinkes": 1, "there": 1, "desa": 1, "viewer": 3}
    assert "Dinas Kesehatan" in by_login["dinkes"][0]
    assert "Watodei" in by_login["desa"][0]


def test_a_calendar_is_opened_without_signing_in_and_is_kept_by_its_etag(window: Guest) -> None:
    link = new_link(window, "dinkes")
    answer = window.get(link)
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    assert answer.headers["cache-control"] == "private, no-cache"
    assert "set-cookie" not in answer.headers
    again = window.get(link, if_none_match=answer.headers["etag"])
    assert (again.status_code, again.content) == (304, b"")
    assert window.get(link).content == answer.content


def test_a_calendar_says_nothing_of_persons_notes_and_letters(window: Guest) -> None:
    text = window.get(new_link(window, "camat")).text
    assert text.count("BEGIN:VEVENT") > 3
    for secret in ("Maria", "NOTE", "Name of"):
        assert secret not in text


def test_it_speaks_the_language_of_its_link(window: Guest) -> None:
    assert dues(window, new_link(window, "dinkes"))[0].startswith("Batas waktu: ")
    link = new_link(window, "dinkes", "?lang=en")
    assert dues(window, f"{link}?lang=en")[0].startswith("Due: ")


def test_a_new_link_ends_the_one_before_and_so_does_ending_it(window: Guest) -> None:
    first = new_link(window, "desa")
    second = new_link(window, "desa")
    assert window.get(first).status_code == 404
    assert window.get(second).status_code == 200
    window.sign_in("desa")
    window.get("/rumah/kabar")
    window.send("/rumah/kabar/kalender", {"akhiri": "1"})
    assert window.get(second).status_code == 404
    assert window.get("/rumah/kalender/x.ics").status_code == 404
    assert window.get("/rumah/kalender/.ics").status_code == 404


def test_nobody_makes_one_without_the_key_of_a_form(window: Guest) -> None:
    link = new_link(window, "desa")
    window.sign_in("desa")
    assert window.send("/rumah/kabar/kalender", {}, "0" * 64).status_code == 403
    assert window.get(link).status_code == 200


def test_a_link_ends_with_its_account_or_contact(register: event_store.Register) -> None:
    person = add_person(register, "camat", "kecamatan", HERE)
    keys, book = calendars.CalendarKeys(register), accounts.Accounts(register)
    token = keys.renew(("account", person.id), NOW)
    assert keys.person(token) == person
    book.set_disabled(person, True, "t", NOW)
    assert keys.person(token) is None
    contact = contacts.Contacts(register).add_typed("sekda", "99.01", None, "a@b.example", NOW)
    token = keys.renew(("contact", contact.id), NOW)
    opened = keys.person(token)
    assert opened is not None
    assert (opened.role, opened.area, opened.name) == ("kabupaten", "99.01", "")
    contacts.Contacts(register).end(contact, NOW)
    assert keys.person(token) is None


def words() -> calendars.CalendarWords:
    return calendars.CalendarWords(
        "Rumah é",
        lambda due: f"{due.title or due.ukuran}, {due.nama}",
        lambda due: due.state,
        lambda due: f"https://x.example/{due.id}",
        lambda season: (season.title.id, season.source),
    )


def written(register: event_store.Register) -> bytes:
    person = accounts.Person("", "", "", "kecamatan", KADES.area[:8] if KADES.area else "", None)
    listed = calendars.find_dues(register, person, TODAY)
    return calendars.write_calendar(listed, register.way, words(), TODAY)


def test_lines_are_folded_and_end_as_the_format_says(register: event_store.Register) -> None:
    send_item(register, records.Raised(kode=KADES.area or "", title=TITLE[:200]))
    content = written(register)
    assert content.endswith(b"END:VCALENDAR\r\n")
    lines = content.split(b"\r\n")
    assert not any(b"\n" in line or b"\r" in line for line in lines)
    assert max(map(len, lines)) <= 75
    for line in lines:
        line.decode("utf-8")
    (entry,) = entries_of(content, dues_only=True)
    said = str(entry["summary"])
    assert said == f"{TITLE[:200]}, {DINAS.nama}".replace("\r\n", "\n")
    required = {"uid", "dtstamp", "dtstart", "summary", "sequence"}
    assert all(required <= {name.lower() for name in each} for each in entries_of(content))
    assert lines[:2] == [b"BEGIN:VCALENDAR", b"VERSION:2.0"]


def test_an_entry_keeps_its_id_and_counts_its_changes(register: event_store.Register) -> None:
    item = send_item(register)
    seen = []
    for step in (None, Stepped(step="receive", task=DINAS)):
        if step is not None:
            register.add(item, (step,), OFFICE, NOW + timedelta(hours=1))
        (entry,) = entries_of(written(register), dues_only=True)
        seen.append((str(entry["uid"]), int(entry["sequence"]), entry["dtstamp"].dt))
    assert seen[0][0] == seen[1][0]
    assert (seen[0][1], seen[1][1]) == (2, 3)
    assert seen[1][2] - seen[0][2] == timedelta(hours=1)
    register.add(
        register.item(item.id),
        (Stepped(step="refuse", task=DINAS, reason="Dana."),),
        OFFICE,
        NOW,
    )
    assert b"URL" not in written(register)


def test_the_year_of_planning_is_there_and_may_cross_new_year(
    register: event_store.Register,
) -> None:
    entries = {
        str(entry["uid"]).partition("@")[0]: (entry["dtstart"].dt, entry["dtend"].dt)
        for entry in entries_of(written(register))
    }
    year = TODAY.year
    assert entries[f"musdes-{year}"] == (date(year, 4, 1), date(year, 7, 1))
    assert entries[f"apbdes-{year}"] == (date(year, 10, 1), date(year + 1, 1, 1))
    assert len(entries) == 3 * len(register.way.calendar)
    season = register.way.calendar[0].model_copy(update={"first_month": 11, "last_month": 2})
    entry: Any = calendars._season_entry(season, 2026, words())
    assert (entry["dtstart"].dt, entry["dtend"].dt) == (date(2026, 11, 1), date(2027, 3, 1))


def test_the_log_of_accesses_does_not_keep_the_link() -> None:
    path = access_log._SECRET_PATH.sub(r"\1…", "/rumah/kalender/abc.ics")
    assert path == "/rumah/kalender/…"


def test_the_command_makes_a_link_for_a_contact(tmp_path: Path, releases: Path) -> None:
    run, url = CliRunner(), f"sqlite:///{tmp_path / 'register.db'}"

    def ask(*given: str) -> str:
        done = run.invoke(app, ["register", *given, "--register", url])
        assert done.exit_code == 0, done.output
        return done.output

    ask("init")
    made = ask("contacts", "add", "--role", "sekda", "--area", "99.01", "a@b.example")
    contact = made.split()[0]
    link = ask("contacts", "calendar", contact).strip()
    path = "/rumah/" + link.partition("/rumah/")[2]
    with guest(releases, url) as window:
        assert window.get(path).status_code == 200
        ask("contacts", "calendar", contact, "--end")
        assert window.get(path).status_code == 404


def page_of(window: Guest, login: str) -> str:
    window.secret = ""
    assert window.sign_in(login).status_code == 303
    return window.get("/rumah/kabar").text


def test_an_office_looks_after_its_own_contacts_and_sees_no_others(
    releases: Path, tmp_path: Path
) -> None:
    url = f"sqlite:///{tmp_path / 'register.db'}"
    register = open_register(url)
    roles = {
        "admin": ("kabupaten", "99.01", None),
        "camat": ("kecamatan", HERE, None),
        "desa": ("desa", DESA, None),
        "dinkes": ("office", "99.01", HEALTH.nama),
        "pupr": ("office", "99.01", "Dinas PUPR"),
        "viewer": ("viewer", "99.01", None),
        "there": ("office", "99.02", HEALTH.nama),
        "admin-there": ("kabupaten", "99.02", None),
    }
    for login, (role, area, office) in roles.items():
        add_person(register, login, role, area, office)
    book = contacts.Contacts(register)
    made = book.add_typed("office", "99.01", HEALTH.nama, "secret-box@x.example", NOW)
    with guest(releases, url) as window:
        seen = {login for login in roles if "secret-box" in page_of(window, login)}
        assert seen == {"admin", "dinkes"}
        for login in roles.keys() - {"dinkes"}:
            page_of(window, login)
            assert window.send(f"/rumah/kabar/{made.id}", {}).status_code == 404, login
        assert book.find(made.id).reason is None
        page_of(window, "dinkes")
        assert window.send(f"/rumah/kabar/{made.id}", {}, "0" * 64).status_code == 403
        assert window.send(f"/rumah/kabar/{made.id}", {}).status_code == 303
        assert book.find(made.id).reason == "removed"
        for login in roles.keys() - {"viewer"}:
            page_of(window, login)
            address = f"{login}@x.example"
            assert window.send("/rumah/kabar", {"alamat": address}).status_code == 303
            (kept,) = [each for each in book.find_all() if each.address == address]
            role, area, office = roles[login]
            expected = "sekda" if role == "kabupaten" else role
            assert (kept.role, kept.area, kept.office) == (expected, area, office)
        page_of(window, "viewer")
        assert window.send("/rumah/kabar", {"alamat": "v@x.example"}).status_code == 400
        for wrong in ("", "x", "http://127.0.0.1/", "<script>alert(1)</script>", "a@b\r\nX: y"):
            page_of(window, "dinkes")
            answer = window.send("/rumah/kabar", {"alamat": wrong})
            assert answer.status_code == 400, wrong
            assert "<script>alert" not in answer.text
        page_of(window, "dinkes")
        shown = window.send("/rumah/kabar", {"alamat": "https://hook.example/x"})
        assert "no-store" in shown.headers["cache-control"]
        secret = re.search(r"whsec_[\w+/=]+", shown.text.replace("&#43;", "+"))
        assert secret is not None
        assert "whsec_" not in window.get("/rumah/kabar").text
        window.secret = ""
        assert window.get("/rumah/kabar").status_code == 303
        assert window.send("/rumah/kabar", {"alamat": "x@y.example"}).status_code in (303, 403)
    register.close()


def test_of_too_many_the_latest_stay(
    register: event_store.Register, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(calendars, "MOST_DUES", 2)
    for days in (-300, 5, -20, -400):
        send(register, DESA, HEALTH, days)
    person = accounts.Person("", "", "", "kecamatan", HERE, None)
    listed = [
        (date.fromisoformat(due.due) - TODAY).days
        for due in calendars.find_dues(register, person, TODAY)
    ]
    assert listed == [-20, 5]
