"""What waits for a person and the board of a wilayah: seen, filtered, sent in one letter."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from geo_service.house import accounts, boards
from geo_service.register import event_store, records
from geo_service.register.way import read_way
from layers.release.follow_up_file import Addressee
from tests.geo_service.register.guests import Guest, add_person, guest, open_register
from tests.geo_service.register.test_way import SYSTEM

NOW = datetime.now(UTC)
HEALTH = Addressee(jenis="kabupaten", nama="Dinas Kesehatan")
WORKS = Addressee(jenis="kabupaten", nama="Dinas PUPR")
HERE, THERE = "99.01.01", "99.01.02"
CAMAT = records.Actor(role="kecamatan", name="Camat", area=HERE)
BOARD = f"/rumah/papan/{HERE}"


def raise_need(
    register: event_store.Register,
    kode: str,
    layanan: str = "kesehatan",
    addressee: Addressee = HEALTH,
) -> records.Item:
    raised = records.Raised(kode=kode, layanan=layanan, ukuran=layanan)
    evidence = records.Evidence(
        release="r",
        tahun=2025,
        value=9.0,
        norm=5.0,
        unit="km",
        severity=0.5,
        people=900,
        state="need_unfunded",
        funding="none",
        addressee=addressee,
    )
    return register.begin((raised, evidence), SYSTEM, NOW)


def send_to(
    register: event_store.Register, item: records.Item, addressee: Addressee, days: int
) -> records.Item:
    due = (NOW + timedelta(days=days)).date()
    content = records.Stepped(step="send", to=addressee, due=due)
    actor = records.Actor(role="kecamatan", name="Camat", area=item.kode[:8])
    return register.add(item, (content,), actor, NOW)


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'register.db'}"


@pytest.fixture
def opened(url: str) -> Iterator[event_store.Register]:
    made = open_register(url)
    add_person(made, "camat", "kecamatan", HERE)
    add_person(made, "dinas", "office", "99.01", HEALTH.nama)
    add_person(made, "desa", "desa", f"{HERE}.2001")
    yield made
    made.close()


@pytest.fixture
def camat(releases: Path, url: str, opened: event_store.Register) -> Iterator[Guest]:
    with guest(releases, url) as window:
        window.sign_in("camat")
        yield window


def test_the_states_that_come_back_to_the_camat_follow_from_the_way() -> None:
    assert boards.back_states(read_way()) == ["refused", "done", "reopened"]


def test_my_tasks_are_what_waits_for_me_overdue_first(
    releases: Path, url: str, opened: event_store.Register, camat: Guest
) -> None:
    late = send_to(opened, raise_need(opened, f"{HERE}.2001"), HEALTH, -3)
    soon = send_to(opened, raise_need(opened, f"{HERE}.2002"), HEALTH, 9)
    other = send_to(opened, raise_need(opened, f"{HERE}.2003"), WORKS, 9)
    draft = raise_need(opened, f"{HERE}.2004")
    refuse = records.Stepped(step="refuse", task=WORKS, reason="no", on_behalf=True)
    opened.add(other, (refuse,), CAMAT, NOW)
    page = camat.get("/rumah").text
    assert page.index(late.id) < page.index("Kembali ke kecamatan") < page.index(other.id)
    assert soon.id not in page
    assert draft.id not in page
    assert "Belum dikirim (1)" in page
    with guest(releases, url) as window:
        window.sign_in("dinas")
        page = window.get("/rumah").text
        assert page.index(late.id) < page.index(soon.id)
        assert other.id not in page
        window.sign_in("desa")
        assert "Tidak ada yang menunggu." in window.get("/rumah").text


def test_a_board_is_filtered(opened: event_store.Register, camat: Guest) -> None:
    late = send_to(opened, raise_need(opened, f"{HERE}.2001"), HEALTH, -3)
    draft = raise_need(opened, f"{HERE}.2002", "jalan", WORKS)
    expected: dict[str, set[str]] = {
        "": {late.id, draft.id},
        "keadaan=draft": {draft.id},
        "lewat=1": {late.id},
        "layanan=jalan": {draft.id},
        "penerima=kabupaten:Dinas+Kesehatan": {late.id},
        "penerima=kabupaten:Dinas+PUPR": {draft.id},
        "penerima=kabupaten:Dinas+PUPR&keadaan=sent": set(),
        "penerima=desa:": set(),
        f"desa={HERE}.2002": {draft.id},
        "menunggu=1": set(),
    }
    for query, ids in expected.items():
        page = camat.get(f"{BOARD}?{query}").text
        assert {item.id for item in (late, draft) if item.id in page} == ids, query
    for query in ("desa=99.01.02.2001", "desa=x", "halaman=0", "halaman=x", "lain=1"):
        assert camat.get(f"{BOARD}?{query}").status_code == 400, query


def test_drafts_are_counted_by_whom_they_would_go_to(
    opened: event_store.Register, camat: Guest
) -> None:
    desa = Addressee(jenis="desa", nama="Bukit Damar")
    health = [raise_need(opened, f"{HERE}.200{number}") for number in range(1, 4)]
    own = raise_need(opened, f"{HERE}.2004", "jalan", desa)
    opened.begin((records.Raised(kode=f"{HERE}.2005", title="Jembatan"),), CAMAT, NOW)
    send_to(opened, raise_need(opened, f"{HERE}.2006"), HEALTH, 9)
    person = accounts.Accounts(opened).find("camat")
    counts = boards.count_drafts(opened, person, HERE)
    assert counts == {("kabupaten", HEALTH.nama): 3, ("", ""): 1, ("desa", ""): 1}
    page = camat.get("/rumah").text
    assert "Belum dikirim (5)" in page
    links = re.findall(r'href="(/rumah/papan/[^"]*penerima=[^"]*)">Kirim kepada ([^<]*)</a>', page)
    assert [name for _, name in links] == [HEALTH.nama, "Pemerintah desa (semua)"]
    boards_of = [camat.get(link.replace("&amp;", "&")).text for link, _ in links]
    assert all(item.id in boards_of[0] for item in health)
    assert own.id in boards_of[1]
    assert own.id not in boards_of[0]
    assert "usul: Dinas Kesehatan" in boards_of[0]


def test_a_desa_finds_its_proposals_and_their_answers(
    releases: Path, url: str, opened: event_store.Register
) -> None:
    actor = records.Actor(role="desa", name="d", area=f"{HERE}.2001")
    raised = records.Raised(kode=f"{HERE}.2001", title="Jembatan")
    item = send_to(opened, opened.begin((raised,), actor, NOW), WORKS, 9)
    other = opened.begin((raised.model_copy(update={"kode": f"{HERE}.2002"}),), CAMAT, NOW)
    with guest(releases, url) as window:
        window.sign_in("desa")
        page = window.get("/rumah").text
    assert "Usulan dari desa kami (1)" in page
    assert item.id in page
    assert other.id not in page


def test_a_board_has_pages(opened: event_store.Register, camat: Guest) -> None:
    ids = [raise_need(opened, f"{HERE}.2{number:03}").id for number in range(60)]
    first, second = camat.get(BOARD).text, camat.get(f"{BOARD}?halaman=2").text
    assert [item_id for item_id in ids if item_id in first] == ids[:20]
    assert [item_id for item_id in ids if item_id in second] == ids[20:40]


def test_twelve_items_are_sent_in_one_letter(opened: event_store.Register, camat: Guest) -> None:
    items = [raise_need(opened, f"{HERE}.2{number:03}") for number in range(12)]
    items[0] = raise_need(opened, f"{HERE}.2100", "jalan", WORKS)
    fields = {
        "butir": [f"{item.id}:{item.version}" for item in items],
        "surat": "440/12/KEC",
        "penerima": "usul",
        "batas": "2027-01-31",
    }
    answer = camat.send(f"{BOARD}?keadaan=draft", fields)
    assert answer.headers["location"].startswith(f"{BOARD}?keadaan=draft&terkirim=12&surat=")
    page = camat.get(answer.headers["location"]).text
    assert "12 butir dikirim." in page
    assert "440/12/KEC kepada Dinas Kesehatan</a> (11 butir)" in page
    assert "440/12/KEC kepada Dinas PUPR</a> (1 butir)" in page
    for item in items:
        event = opened.events(item.id)[-1]
        assert isinstance(event.content, records.Stepped)
        assert event.content.letter == "440/12/KEC"
        assert event.content.to == (WORKS if item is items[0] else HEALTH)
        assert (event.actor.role, event.actor.area, event.actor.name) == (
            "kecamatan",
            HERE,
            "Name of camat",
        )


def test_all_of_a_page_are_sent_with_one_button(opened: event_store.Register, camat: Guest) -> None:
    items = [raise_need(opened, f"{HERE}.2{number:03}") for number in range(3)]
    page = camat.get(f"{BOARD}?keadaan=draft").text
    listed = re.findall(r'name="semua_butir" value="([^"]+)"', page)
    assert listed == [f"{item.id}:{item.version}" for item in items]
    # The Enter key presses the first button: that of the letter.
    form = page.partition('<form method="post" action="/rumah/papan')[2].partition("</form>")[0]
    assert re.findall(r"<button[^>]*>", form)[0] == "<button>"
    fields = {"semua_butir": listed, "semua": "1", "penerima": "usul", "batas": "2027-01-31"}
    assert camat.send(f"{BOARD}?keadaan=draft", fields).status_code == 303
    assert {opened.item(item.id).state(opened.way) for item in items} == {"sent"}


def test_what_cannot_be_sent_is_shown_and_the_rest_is_sent(
    opened: event_store.Register, camat: Guest
) -> None:
    good, changed = raise_need(opened, f"{HERE}.2001"), raise_need(opened, f"{HERE}.2002")
    foreign = raise_need(opened, f"{THERE}.2001")
    before = changed.version
    send_to(opened, changed, WORKS, 5)
    fields = {
        "butir": [f"{good.id}:{good.version}", f"{changed.id}:{before}", f"{foreign.id}:2", "x:1"],
        "penerima": "kabupaten:Dinas PUPR",
        "batas": "2027-01-31",
    }
    answer = camat.send(BOARD, fields)
    assert answer.status_code == 409
    assert "3 butir tidak dikirim" in answer.text
    assert "Orang lain lebih dulu bertindak" in answer.text
    assert foreign.id not in answer.text
    assert opened.item(good.id).state(opened.way) == "sent"
    assert opened.item(foreign.id).version == 2
    assert len(opened.item(changed.id).tasks) == 1


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({}, 400),
        ({"butir": "GOOD", "penerima": "usul", "batas": "soon"}, 409),
        ({"butir": "GOOD", "penerima": "", "batas": "2027-01-31"}, 409),
        ({"butir": "GOOD", "penerima_baru": "x" * 900, "batas": "2027-01-31"}, 409),
        ({"butir": "GOOD", "penerima": "usul", "batas": "2027-01-31", "surat": "x" * 900}, 409),
    ],
)
def test_a_letter_without_what_it_needs_sends_nothing(
    opened: event_store.Register, camat: Guest, fields: dict[str, object], status: int
) -> None:
    item = raise_need(opened, f"{HERE}.2001")
    chosen = f"{item.id}:{item.version}"
    answer = camat.send(BOARD, {**fields, **({"butir": chosen} if "butir" in fields else {})})
    assert answer.status_code == status
    assert opened.item(item.id).version == 2


def test_an_office_accepts_many_at_once_and_only_its_own(
    releases: Path, url: str, opened: event_store.Register
) -> None:
    items = [send_to(opened, raise_need(opened, f"{HERE}.2{n:03}"), HEALTH, 9) for n in range(3)]
    both = send_to(opened, items[0], WORKS, 9)
    theirs = send_to(opened, raise_need(opened, f"{HERE}.2009"), WORKS, 9)
    chosen = [f"{item.id}:{item.version}" for item in (both, *items[1:])]
    with guest(releases, url) as window:
        window.sign_in("dinas")
        page = window.get(BOARD).text
        assert re.findall(r'name="langkah" value="(\w+)"', page) == ["receive", "accept", "start"]
        answer = window.send(BOARD, {"butir": chosen, "langkah": "accept"})
        assert answer.headers["location"] == f"{BOARD}?tercatat=3"
        assert "3 butir dicatat." in window.get(answer.headers["location"]).text
        again = [f"{item.id}:{opened.item(item.id).version}" for item in items]
        answer = window.send(BOARD, {"butir": again, "langkah": "accept"})
        assert "3 butir tidak dikirim" in answer.text
        foreign = {"butir": f"{theirs.id}:{theirs.version}", "langkah": "accept"}
        assert window.send(BOARD, foreign).status_code == 409
    made = opened.item(both.id)
    assert [task.state for task in made.tasks] == ["accepted", "sent"]
    assert opened.item(theirs.id).version == theirs.version


def test_only_what_lies_in_an_area_has_a_board(
    releases: Path, url: str, opened: event_store.Register, camat: Guest
) -> None:
    for kode in (THERE, "99.01", "99", "x", "99.01.01.", "99.01.012"):
        assert camat.get(f"/rumah/papan/{kode}").status_code == 404, kode
        assert camat.send(f"/rumah/papan/{kode}", {"butir": "x:1"}).status_code == 404, kode
    assert camat.get(f"/rumah/papan/{HERE}.2001").status_code == 200
    mine = send_to(opened, raise_need(opened, f"{HERE}.2001"), HEALTH, 3)
    draft = raise_need(opened, f"{HERE}.2002")
    with guest(releases, url) as window:
        window.sign_in("dinas")
        page = window.get(BOARD).text
        assert mine.id in page
        assert draft.id not in page
        assert 'name="surat"' not in page
