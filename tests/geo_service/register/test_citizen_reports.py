"""Reports of citizens: kept without a name, read by the kecamatan, answered, and forgotten."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from pydantic import ValidationError

from geo_service import errors
from geo_service.house import accounts, citizen_reports
from geo_service.register import event_store, records
from tests.geo_service.register.guests import Guest, add_person, guest, open_register
from tests.geo_service.register.test_board import HEALTH, HERE, THERE, raise_need

NOW = datetime(2026, 7, 1, 3, tzinfo=UTC)
DESA = f"{HERE}.2001"
PAGE = f"/rumah/laporkan/{HERE}"
SCRIPT = "<script>alert(1)</script>"
WORDS = "Posyandu tutup sejak Maret " + SCRIPT
FORM = {"desa": DESA, "layanan": "", "keluhan": "closed", "uraian": WORDS}


def need(kode: str = DESA, text: str = WORDS) -> citizen_reports.ReportedNeed:
    return citizen_reports.ReportedNeed(
        kode=kode, layanan="posyandu", complaint="closed", text=text, lon=123.5, lat=-8.5
    )


def texts(register: event_store.Register) -> list[str]:
    with register.transaction() as connection:
        return list(connection.execute(sa.select(citizen_reports.REPORT.c.text)).scalars())


@pytest.fixture
def camat(register: event_store.Register) -> accounts.Person:
    return add_person(register, "camat", "kecamatan", HERE)


def test_a_report_waits_for_its_kecamatan_and_shows_what_became_of_it(
    register: event_store.Register, camat: accounts.Person
) -> None:
    book = citizen_reports.CitizenReports(register)
    receipt = book.add(need(), "203.0.113.9", NOW)
    (waiting,), total = book.waiting(camat)
    assert (waiting.need, total, waiting.decided) == (need(), 1, None)
    item = book.take_up(waiting, "Posyandu tidak buka", camat, NOW)
    assert (item.kode, item.raised.title, item.raised.lon) == (DESA, "Posyandu tidak buka", None)
    found = book.find(f" {receipt[:4].lower()}-{receipt[4:8]} {receipt[8:]}")
    assert found is not None
    assert (found.item, found.reason, found.decided) == (item.id, None, NOW)
    assert book.waiting(camat) == ([], 0)
    assert book.find("ABCD") is None
    assert WORDS not in "".join(event.model_dump_json() for event in register.all_events())


def test_the_place_is_shown_only_where_the_kecamatan_says_so(
    register: event_store.Register, camat: accounts.Person
) -> None:
    book = citizen_reports.CitizenReports(register)
    book.add(need(), "203.0.113.9", NOW)
    (waiting,), _ = book.waiting(camat)
    item = book.take_up(waiting, "Posyandu tidak buka", camat, NOW, shows_place=True)
    assert (item.raised.lon, item.raised.lat) == (123.5, -8.5)


def test_a_report_joins_an_item_of_its_desa_and_no_other(
    register: event_store.Register, camat: accounts.Person
) -> None:
    book = citizen_reports.CitizenReports(register)
    here, other = raise_need(register, DESA), raise_need(register, f"{HERE}.2002")
    book.add(need(), "203.0.113.9", NOW)
    (waiting,), _ = book.waiting(camat)
    with pytest.raises(errors.UnknownItemError):
        book.join(waiting, other, camat, NOW)
    book.join(waiting, here, camat, NOW)
    (*_, noted) = register.events(here.id)
    assert "2026-07-01" in str(noted.content)
    assert noted.actor.role == "kecamatan"


def test_of_two_who_decide_one_wins(register: event_store.Register, camat: accounts.Person) -> None:
    book = citizen_reports.CitizenReports(register)
    book.add(need(), "203.0.113.9", NOW)
    (waiting,), _ = book.waiting(camat)
    book.dismiss(waiting, "Sudah buka kembali.", NOW)
    with pytest.raises(errors.RegisterConflictError):
        book.dismiss(waiting, "Tidak jelas.", NOW)
    with pytest.raises(errors.RegisterConflictError):
        book.join(waiting, raise_need(register, DESA), camat, NOW)
    with pytest.raises(errors.RegisterConflictError):
        book.take_up(waiting, "Posyandu", camat, NOW)
    assert len(register.items()) == 1


def test_nothing_comes_of_a_report_only_with_a_reason(
    register: event_store.Register, camat: accounts.Person
) -> None:
    book = citizen_reports.CitizenReports(register)
    book.add(need(), "203.0.113.9", NOW)
    (waiting,), _ = book.waiting(camat)
    for reason in ("", "x" * 2_001):
        with pytest.raises(errors.StepRefusedError):
            book.dismiss(waiting, reason, NOW)
    assert book.waiting(camat)[1] == 1


def test_words_are_forgotten_after_a_decision_and_unread_ones_after_a_year(
    register: event_store.Register, camat: accounts.Person
) -> None:
    book = citizen_reports.CitizenReports(register)
    receipt = book.add(need(), "203.0.113.9", NOW)
    (waiting,), _ = book.waiting(camat)
    book.dismiss(waiting, "Sudah buka kembali.", NOW)
    unread = book.add(need(text="Jembatan ke sekolah putus"), "203.0.113.9", NOW)
    book.add(need(), "203.0.113.9", NOW + citizen_reports.KEPT_FOR - timedelta(minutes=1))
    assert texts(register).count(WORDS) == 2
    book.add(need(), "203.0.113.9", NOW + citizen_reports.KEPT_FOR + timedelta(minutes=1))
    found = book.find(receipt)
    assert found is not None
    assert (found.need.text, found.need.place, found.reason) == ("", None, "Sudah buka kembali.")
    later = NOW + citizen_reports.UNREAD_FOR + timedelta(days=1)
    book.add(need(), "203.0.113.9", later)
    assert book.find(unread) is None
    assert texts(register) != []


@pytest.mark.parametrize(
    ("role", "area", "office", "sees"),
    [
        ("kabupaten", "99.01", None, True),
        ("kabupaten", "99.02", None, False),
        ("kecamatan", THERE, None, False),
        ("desa", DESA, None, False),
        ("office", "99.01", "Dinas Kesehatan", False),
        ("viewer", HERE, None, False),
        ("viewer", None, None, False),
    ],
)
def test_who_reads_what_citizens_wrote(
    role: str, area: str | None, office: str | None, sees: bool, register: event_store.Register
) -> None:
    person = add_person(register, "someone", role, area, office)
    book = citizen_reports.CitizenReports(register)
    book.add(need(), "203.0.113.9", NOW)
    found, total = book.waiting(person)
    assert (len(found), total) == ((1, 1) if sees else (0, 0))
    with register.transaction() as connection:
        (report_id,) = connection.execute(sa.select(citizen_reports.REPORT.c.id)).scalars()
    with pytest.raises(errors.UnknownItemError):
        book.report_for(report_id, person)


def test_a_flood_is_stopped_by_address_and_by_what_nobody_has_read(
    register: event_store.Register, camat: accounts.Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    book = citizen_reports.CitizenReports(register)
    for _ in range(citizen_reports.MOST_OF_ADDRESS):
        book.add(need(), "203.0.113.9", NOW)
    with pytest.raises(errors.TooManyRequestsError):
        book.add(need(), "203.0.113.9", NOW)
    book.add(need(), "203.0.113.10", NOW)
    book.add(need(), "203.0.113.9", NOW + timedelta(minutes=16))
    monkeypatch.setattr(citizen_reports, "MOST_WAITING", book.waiting(camat)[1])
    with pytest.raises(errors.TooManyRequestsError):
        book.add(need(), "203.0.113.11", NOW)
    book.add(need(kode=f"{THERE}.2001"), "203.0.113.12", NOW)


@pytest.mark.parametrize(
    "changes",
    [
        {"text": "pendek"},
        {"text": "x" * 1_001},
        {"complaint": "angry"},
        {"kode": "../etc"},
        {"layanan": ""},
        {"lon": 400.0},
        {"lat": float("nan")},
    ],
)
def test_what_is_no_report_is_refused(changes: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        citizen_reports.ReportedNeed.model_validate(need().model_dump() | changes)


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'register.db'}"


@pytest.fixture
def opened(url: str) -> Iterator[event_store.Register]:
    made = open_register(url)
    add_person(made, "camat", "kecamatan", HERE)
    add_person(made, "admin", "kabupaten", "99.01")
    add_person(made, "desa", "desa", DESA)
    yield made
    made.close()


@pytest.fixture
def window(releases: Path, url: str, opened: event_store.Register) -> Iterator[Guest]:
    with guest(releases, url, register_reports=True) as made:
        yield made


def test_a_citizen_reports_and_sees_what_becomes_of_it(
    opened: event_store.Register, window: Guest
) -> None:
    start = window.get("/rumah/laporkan").text
    assert PAGE in start
    sent = window.send(PAGE, FORM | {"kirim": "1"})
    assert sent.status_code == 303, sent.text
    receipt = sent.headers["location"]
    shown = window.get(receipt)
    assert "menunggu dibaca kecamatan" in shown.text
    assert SCRIPT not in shown.text
    assert "no-store" in shown.headers["cache-control"]
    window.sign_in("camat")
    desk = window.get("/rumah/laporan-masuk").text
    assert "Posyandu tutup sejak Maret" in desk
    assert SCRIPT not in desk
    report_id = desk.partition("/rumah/laporan-masuk/")[2][:16]
    made = {"keputusan": "baru", "judul": "Puskesmas pembantu tutup"}
    assert window.send(f"/rumah/laporan-masuk/{report_id}", made).status_code == 303
    (item,) = opened.items()
    assert item.raised.title == made["judul"]
    again = window.send(f"/rumah/laporan-masuk/{report_id}", made)
    assert again.status_code == 409
    window.secret = ""
    drafted = window.get(receipt).text
    assert "belum dikirim" in drafted
    assert item.id not in drafted
    step = records.Stepped(step="send", to=HEALTH, due=NOW.date())
    opened.add(item, (step,), records.Actor(role="kecamatan", name="x", area=HERE), NOW)
    assert f"/rumah/butir/{item.id}" in window.get(receipt).text
    public = window.get(f"/rumah/butir/{item.id}").text
    assert made["judul"] in public
    assert "sejak Maret" not in public


def test_a_tap_marks_the_place_and_sends_nothing(
    opened: event_store.Register, window: Guest
) -> None:
    window.get(PAGE)
    marked = window.send(PAGE, FORM | {"titik.x": "160", "titik.y": "100"})
    assert marked.status_code == 200
    assert 'name="bujur" value="12' in marked.text
    assert texts(opened) == []
    picture = window.get(f"{PAGE}/peta?desa={DESA}&bujur=123.5&lintang=-8.5")
    assert picture.headers["content-type"] == "image/svg+xml"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"uraian": "x"}, "Ceritakan"),
        ({"keluhan": ""}, "Keadaannya"),
        ({"desa": "../etc"}, "Desa atau kelurahan"),
        ({"bujur": "abc"}, "Bujur"),
        ({"desa": ""}, "Desa atau kelurahan"),
    ],
)
def test_what_is_missing_is_said_and_what_was_typed_stays(
    changes: dict[str, str], words: str, opened: event_store.Register, window: Guest
) -> None:
    window.get(PAGE)
    form = FORM | changes
    answer = window.send(PAGE, form)
    assert answer.status_code == 400
    assert words in answer.text.partition('role="alert">')[2].partition("</p>")[0]
    if "uraian" not in changes:
        assert "Posyandu tutup sejak Maret" in answer.text
    assert texts(opened) == []


@pytest.mark.parametrize(
    "changes", [{"desa": "99.02.01.2001"}, {"layanan": "nothing"}, {"desa": f"{HERE}.9999"}]
)
def test_a_report_is_of_a_desa_and_service_of_the_map(
    changes: dict[str, str], opened: event_store.Register, window: Guest
) -> None:
    window.get(PAGE)
    form = FORM | changes
    assert window.send(PAGE, form).status_code == 404
    assert texts(opened) == []


def test_without_the_setting_there_is_no_such_page(
    releases: Path, url: str, opened: event_store.Register
) -> None:
    paths = ("/rumah/laporkan", PAGE, f"{PAGE}/peta", "/rumah/laporan", "/rumah/laporan-masuk")
    with guest(releases, url) as window:
        window.sign_in("camat")
        assert [window.get(path).status_code for path in paths] == [404] * len(paths)
        assert window.send(PAGE, FORM).status_code == 404
        assert "laporkan" not in window.get("/rumah").text
    assert texts(opened) == []


def test_the_desk_is_not_for_everybody(opened: event_store.Register, window: Guest) -> None:
    window.get(PAGE)
    assert window.send(PAGE, FORM).status_code == 303
    assert window.get("/rumah/laporan-masuk").status_code == 303
    window.sign_in("desa")
    assert "sejak Maret" not in window.get("/rumah/laporan-masuk").text
    window.sign_in("admin")
    desk = window.get("/rumah/laporan-masuk").text
    assert "sejak Maret" in desk
    assert "keputusan" not in desk
