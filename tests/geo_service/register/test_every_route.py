"""Every route of the house, for every role and nobody, here and elsewhere: nothing leaks.

The routes are taken from the application itself, so a page that is added is walked too; one with a
part of the path that is not known here fails until it is said what it stands for.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import httpx
import pytest
import sqlalchemy as sa
from fastapi.routing import APIRoute

from geo_service.house import accounts, boards, citizen_reports
from geo_service.house.evidence_files import EvidenceFiles
from geo_service.register import event_store, records
from layers.release.follow_up_file import Addressee
from tests.geo_service.register.guests import Guest, add_person, guest, open_register
from tests.geo_service.register.test_board import HEALTH, HERE, THERE, raise_need, send_to
from web_map.all_pages import find_routers

NOW = datetime.now(UTC)
SCRIPT = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>"
PEOPLE = {
    "kabupaten": ("kabupaten", "99.01", None),
    "kecamatan": ("kecamatan", HERE, None),
    "desa": ("desa", f"{HERE}.2001", None),
    "office": ("office", "99.01", HEALTH.nama),
    "viewer": ("viewer", HERE, None),
    "kecamatan-there": ("kecamatan", "99.02.01", None),
    "desa-there": ("desa", "99.02.01.2001", None),
    "office-there": ("office", "99.02", HEALTH.nama),
    "office-other": ("office", "99.01", "Dinas PUPR"),
    "viewer-there": ("viewer", "99.02", None),
    "kabupaten-there": ("kabupaten", "99.02", None),
}
"""Login, and role, area and office; the item lies in the first desa of HERE and is with HEALTH."""
MAY_SEE = ("kabupaten", "kecamatan", "desa", "office", "viewer")
MAY_ACT = {"kecamatan", "desa", "office"}
SECRETS = (
    "NOTE-OF-THE-OFFICE",
    "LETTER-NUMBER",
    "Name of kecamatan (",
    "REASON-TO-REOPEN",
    "TITLE-OF-THE-FILE",
    "WORDS-OF-THE-DOCUMENT",
)
REPORTED, READS_REPORTS = "WORDS-OF-A-CITIZEN", {"kecamatan", "kabupaten"}
DOCUMENT = b"%PDF-1.4 WORDS-OF-THE-DOCUMENT %%EOF"


class World(NamedTuple):
    register: event_store.Register
    window: Guest
    item: records.Item


@pytest.fixture(scope="module")
def world(releases: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A register with one item that has all that only signed-in people may see."""
    url = f"sqlite:///{tmp_path_factory.mktemp('walk') / 'register.db'}"
    register = open_register(url)
    for login, (role, area, office) in PEOPLE.items():
        add_person(register, login, role, area, office)
    actor = accounts.Accounts(register).find("kecamatan").actor
    item = raise_need(register, f"{HERE}.2001")
    due = NOW.date()
    for content in (
        records.Stepped(step="send", to=HEALTH, due=due, letter="LETTER-NUMBER"),
        records.Stepped(step="accept", task=HEALTH, note="NOTE-OF-THE-OFFICE", on_behalf=True),
        records.Stepped(step="start", task=HEALTH, on_behalf=True),
        records.Stepped(step="finish", task=HEALTH, day=due, on_behalf=True),
        records.Stepped(step="reopen", task=HEALTH, reason="REASON-TO-REOPEN"),
    ):
        item = register.add(item, (content,), actor, NOW)
    assert register.database is not None
    kept = EvidenceFiles(register.database.with_name("register-files")).keep(DOCUMENT)
    attached = records.Attached(
        sha256=kept.sha256, media_type=kept.media_type, size=kept.size, title="TITLE-OF-THE-FILE"
    )
    item = register.add(item, (attached,), actor, NOW)
    citizen_reports.CitizenReports(register).add(reported(REPORTED), "203.0.113.9", NOW)
    with guest(releases, url, register_reports=True) as window:
        yield World(register, window, item)
    register.close()


def reported(words: str) -> citizen_reports.ReportedNeed:
    return citizen_reports.ReportedNeed(kode=f"{HERE}.2001", complaint="closed", text=words)


def report_ids(register: event_store.Register) -> list[str]:
    with register.transaction() as connection:
        return list(connection.execute(sa.select(citizen_reports.REPORT.c.id)).scalars())


def routes() -> list[tuple[str, str]]:
    """Method and path pattern of every route of the house."""
    found = [
        route
        for router in find_routers("house")
        for route in router.routes
        if isinstance(route, APIRoute)
    ]
    return sorted((method, route.path) for route in found for method in route.methods or ())


def paths(pattern: str, item: records.Item, register: event_store.Register) -> list[str]:
    """The addresses of a route: of the item and where it lies, and of what is not there."""
    values = {
        "item_id": [item.id, "0" * 16],
        "kode": ["99", "99.01", HERE, item.kode, THERE, "99.02"],
        "token": ["x"],
        "letter_id": [*(letter.id for letter in item.letters), "0" * 16],
        "report_id": [*report_ids(register), "0" * 16],
        "sha256": [*(file.sha256 for file in item.files), "0" * 64],
        "ending": ["csv", "xlsx"],
        "contact_id": ["0" * 16],
    }
    listed = [pattern]
    for name in re.findall(r"{(\w+)(?::\w+)?}", pattern):
        assert name in values, f"{pattern}: say in this test what {name} stands for"
        listed = [
            re.sub(rf"{{{name}(?::\w+)?}}", value, path)
            for path in listed
            for value in values[name]
        ]
    return listed


def all_text(answer: httpx.Response) -> str:
    """All that an answer says, in its headers and in the parts of a workbook too."""
    body = answer.text
    if answer.content.startswith(b"PK"):  # A workbook or a document of Word.
        with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
            body = "".join(
                archive.read(name).decode("utf-8", "replace") for name in archive.namelist()
            )
    return body + str(answer.headers)


def everything(register: event_store.Register) -> list[str]:
    """All events and accounts, to see whether anything changed."""
    with register.transaction() as connection:
        rows = [
            row
            for table in (accounts.ACCOUNT, citizen_reports.REPORT)
            for row in connection.execute(sa.select(table)).all()
        ]
    return [event.model_dump_json() for event in register.all_events()] + [str(row) for row in rows]


def sign_in(window: Guest, login: str | None) -> None:
    window.secret = ""
    if login is not None:
        assert window.sign_in(login).status_code == 303


def test_the_walk_knows_the_house(world: World) -> None:
    known = routes()
    for route in (
        ("GET", "/rumah"),
        ("POST", "/rumah/masuk"),
        ("GET", "/rumah/papan/{kode}"),
        ("POST", "/rumah/butir/{item_id}"),
        ("GET", "/rumah/butir/{item_id}"),
    ):
        assert route in known


@pytest.mark.parametrize("login", [None, *PEOPLE])
def test_no_page_tells_what_is_not_for_its_reader(world: World, login: str | None) -> None:
    sign_in(world.window, login)
    seen = set[str]()
    for method, pattern in routes():
        if method != "GET":
            continue
        for path in paths(pattern, world.item, world.register):
            answer = world.window.get(path)
            assert answer.status_code < 500, path
            text = all_text(answer)
            leaks = [secret for secret in SECRETS if secret in text]
            seen.update(leaks)
            assert REPORTED not in text or login in READS_REPORTS, path
            if login not in MAY_SEE:
                assert leaks == [], path
            if login is not None and f"Name of {login}" in text:
                assert "no-store" in answer.headers["cache-control"], path
    assert (seen >= set(SECRETS)) == (login in MAY_SEE)


@pytest.mark.parametrize("login", [None, *sorted(PEOPLE.keys() - MAY_ACT)])
def test_nobody_changes_what_is_not_theirs(world: World, login: str | None) -> None:
    sign_in(world.window, login)
    world.window.get("/rumah/masuk")
    before = everything(world.register)
    item = world.item
    tasks = [f"kabupaten:{HEALTH.nama}", "desa:x", "kabupaten:Dinas PUPR", ""]
    for method, pattern in routes():
        if method != "POST" or pattern in ("/rumah/keluar", "/rumah/masuk"):
            continue
        for path in paths(pattern, item, world.register):
            for step in world.register.way.steps:
                for task in tasks:
                    fields = {
                        "langkah": step.id,
                        "versi": item.version,
                        "tugas": task,
                        "to": task,
                        "penerima": "usul",
                        "butir": f"{item.id}:{item.version}",
                        "batas": "2027-01-31",
                        "due": "2027-01-31",
                        "day": "2027-01-31",
                        "reason": "x",
                        "document": "APBD",
                        "tahun": 2027,
                        "amount_idr": 5,
                        "atas_nama": "1",
                        "baris": "need:kesehatan",
                        "keputusan": "agreed",
                        "alasan": "x",
                        "tindakan": "disable",
                        "akun": "kecamatan-there" if login == "kabupaten" else "desa",
                        "sandi": "x" * 12,
                        "ulang": "x" * 12,
                    }
                    answer = world.window.send(path, fields)
                    assert answer.status_code < 500, path
    assert everything(world.register) == before


@pytest.mark.parametrize("login", [None, "kecamatan", "kabupaten"])
def test_every_route_that_changes_something_needs_the_key(world: World, login: str | None) -> None:
    sign_in(world.window, login)
    before = everything(world.register)
    for method, pattern in routes():
        for path in paths(pattern, world.item, world.register):
            if method == "POST":
                assert world.window.send(path, {"versi": 1}, "0" * 64).status_code == 403, path
                foreign = {"origin": "https://evil.example"}
                assert world.window.send(path, {"versi": 1}, **foreign).status_code == 403, path
            else:
                assert method == "GET", pattern
    assert everything(world.register) == before


def test_a_script_in_a_text_is_text_on_every_page(releases: Path, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'register.db'}"
    register = open_register(url)
    office = Addressee(jenis="kabupaten", nama=SCRIPT)
    add_person(register, "camat", "kecamatan", HERE)
    add_person(register, "office", "office", "99.01", SCRIPT)
    add_person(register, "admin", "kabupaten", "99.01")
    book = accounts.Accounts(register)
    book.add(accounts.read_person("evil", SCRIPT, "kecamatan", HERE, None), SCRIPT, NOW)
    system = records.Actor(role="system", name="x")
    raised = records.Raised(kode=f"{HERE}.2001", title=SCRIPT, activity=SCRIPT)
    proposal = register.begin((raised,), system, NOW)
    actor = book.find("evil").actor
    need = raise_need(register, f"{HERE}.2002", SCRIPT, office)
    for item in (proposal, need):
        sent = records.Stepped(step="send", to=office, due=NOW.date(), letter=SCRIPT, note=SCRIPT)
        refused = records.Stepped(step="refuse", task=office, reason=SCRIPT, on_behalf=True)
        register.add(register.add(item, (sent,), actor, NOW), (refused,), actor, NOW)
    citizen_reports.CitizenReports(register).add(reported(SCRIPT), "203.0.113.9", NOW)
    pages = 0
    with guest(releases, url, register_reports=True) as window:
        for login in (None, "camat", "office", "admin"):
            sign_in(window, login)
            for method, pattern in routes():
                for item in (proposal, need):
                    for path in paths(pattern, item, register):
                        url_with_script = f"{path}?lang=en"
                        answer = window.get(url_with_script) if method == "GET" else None
                        answer = answer or window.send(path, dict.fromkeys(FIELDS, SCRIPT))
                        if "html" in answer.headers.get("content-type", ""):
                            assert "<script>alert" not in answer.text, path
                            assert "<img src=x" not in answer.text, path
                        pages += "&lt;script&gt;alert" in answer.text
    register.close()
    assert pages > 10


FIELDS = (
    *("nama", "sandi", "ulang", "lanjut", "langkah", "tugas", "to", "to_baru", "due", "day"),
    *("reason", "letter", "document", "tahun", "amount_idr", "activity", "note", "versi", "butir"),
    *("surat", "penerima", "penerima_baru", "batas", "catatan"),
    *("tindakan", "akun", "masuk", "peran", "wilayah", "perangkat"),
    "baris",
    *("desa", "layanan", "keluhan", "uraian", "bujur", "lintang", "keputusan", "judul", "alasan"),
)


def test_a_late_task_of_an_office_is_not_shown_to_an_office_of_that_name_elsewhere(
    world: World,
) -> None:
    other = raise_need(world.register, "99.02.01.2001")
    send_to(world.register, other, HEALTH, -5)
    sign_in(world.window, "office")
    assert other.id not in world.window.get("/rumah").text
    sign_in(world.window, "office-there")
    page = world.window.get("/rumah").text
    assert other.id in page
    assert world.item.id not in page


@pytest.mark.parametrize("login", PEOPLE)
def test_lists_show_what_a_person_may_see_and_nothing_else(world: World, login: str) -> None:
    elsewhere = raise_need(world.register, "99.02.01.2001")
    send_to(world.register, elsewhere, HEALTH, 5)
    raise_need(world.register, f"{HERE}.2002")
    person = accounts.Accounts(world.register).find(login)
    rows, total = boards.find_rows(
        world.register, person, boards.BoardFilter(), NOW.date(), limit=500
    )
    items = world.register.items()
    assert {row.id for row in rows} == {item.id for item in items if person.sees(item)}
    assert total == len(rows) < len(items)
