"""Letters on the web: written from what was sent, read in scope only, signed scans as evidence."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import docx
import httpx
import pytest
import sqlalchemy as sa

from geo_service.house import accounts, forms, sent_letters
from geo_service.register import event_store, item_lists, records
from layers.release.follow_up_file import Addressee
from tests.geo_service.client import HOST
from tests.geo_service.register.guests import HTML, Guest, add_person, guest, open_register
from tests.geo_service.register.test_board import BOARD, CAMAT, HEALTH, HERE, WORKS, raise_need

NOW = datetime.now(UTC)
NUMBER = "440/12/KEC"
SCRIPT = "<script>alert(1)</script>"
SIGNED = b"%PDF-1.4 SIGNED %%EOF"


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[event_store.Register]:
    made = open_register(f"sqlite:///{tmp_path / 'register.db'}")
    add_person(made, "camat", "kecamatan", HERE)
    add_person(made, "dinas", "office", "99.01", HEALTH.nama)
    add_person(made, "desa", "desa", f"{HERE}.2001")
    add_person(made, "lain", "kecamatan", "99.01.02")
    yield made
    made.close()


@pytest.fixture
def camat(releases: Path, tmp_path: Path, opened: event_store.Register) -> Iterator[Guest]:
    with guest(releases, f"sqlite:///{tmp_path / 'register.db'}") as window:
        window.sign_in("camat")
        yield window


def send_letter(
    register: event_store.Register,
    item: records.Item,
    addressee: Addressee = HEALTH,
    number: str = NUMBER,
    note: str | None = None,
) -> records.Item:
    sent = records.Stepped(step="send", to=addressee, due=NOW.date(), letter=number, note=note)
    return register.add(item, (sent,), CAMAT, NOW)


def upload(window: Guest, letter_id: str, body: bytes = SIGNED) -> httpx.Response:
    form = httpx.Request(
        "POST",
        HOST,
        data={forms.FIELD: forms.key_of(window.secret)},
        files={"berkas": ("surat.pdf", body)},
    )
    headers = {"accept": HTML, "origin": HOST}
    url = f"/rumah/surat/{letter_id}/berkas"
    return window.post(url, form.read(), form.headers["content-type"], **headers)


def test_one_sending_to_two_offices_is_a_letter_for_each(
    opened: event_store.Register, camat: Guest
) -> None:
    items = [raise_need(opened, f"{HERE}.2{n:03}") for n in range(1, 4)]
    road = raise_need(opened, f"{HERE}.2009", "jalan", WORKS)
    fields = {
        "butir": [f"{item.id}:{item.version}" for item in (*items, road)],
        "surat": NUMBER,
        "penerima": "usul",
        "batas": "2027-01-31",
        "catatan": "Mohon ditinjau.",
    }
    where = camat.send(BOARD, fields).headers["location"]
    letters = {opened.item(item.id).letters[0].id for item in items}
    assert len(letters) == 1
    page = camat.get(where).text
    for letter_id in (*letters, opened.item(road.id).letters[0].id):
        assert f'href="/rumah/surat/{letter_id}"' in page
        assert f'href="/rumah/surat/{letter_id}/surat.docx"' in page
    page = camat.get(f"/rumah/surat/{letters.pop()}").text
    assert "daftar 3 kebutuhan" in page
    assert "31 Januari 2027" in page
    assert "Mohon ditinjau." in page
    assert "Dinas PUPR" not in page
    of_item = camat.get(f"/rumah/butir/{road.id}").text
    assert f'href="/rumah/surat/{opened.item(road.id).letters[0].id}"' in of_item
    listed = camat.get("/rumah/surat").text
    assert "2 surat" in listed
    assert listed.count(NUMBER) == 2


def test_the_document_lists_each_item_and_what_was_typed_is_text(
    opened: event_store.Register, camat: Guest
) -> None:
    office = Addressee(jenis="kabupaten", nama=f"{SCRIPT} & {{{{ 7 * 7 }}}}")
    item = send_letter(
        opened, raise_need(opened, f"{HERE}.2001", SCRIPT, office), office, "1/\x0b<b>", "a\x01 < b"
    )
    where = f"/rumah/surat/{item.letters[0].id}"
    answer = camat.get(f"{where}/surat.docx")
    assert answer.status_code == 200
    assert answer.headers["content-disposition"].endswith('.docx"')
    assert "no-store" in answer.headers["cache-control"]
    document = docx.Document(io.BytesIO(answer.content))
    text = "\n".join(paragraph.text for paragraph in document.paragraphs)
    assert f"Kepada Yth. {office.nama}" in text
    assert "Nomor: 1/<b>" in text
    assert "a < b" in text
    assert document.tables[0].rows[1].cells[1].text == f"{HERE}.2001"
    page = camat.get(where).text
    assert SCRIPT not in page
    assert "&lt;script&gt;alert(1)" in page


def test_a_kabupaten_has_its_own_template_and_a_broken_one_breaks_nothing_else(
    tmp_path: Path, opened: event_store.Register, camat: Guest
) -> None:
    item = send_letter(opened, raise_need(opened, f"{HERE}.2001"))
    template = tmp_path / "register-files" / "surat.docx"
    template.parent.mkdir()
    document = docx.Document()
    document.add_paragraph("KABUPATEN KAMI {{ number }}")
    document.save(str(template))
    where = f"/rumah/surat/{item.letters[0].id}"
    made = docx.Document(io.BytesIO(camat.get(f"{where}/surat.docx").content))
    assert made.paragraphs[0].text == f"KABUPATEN KAMI {NUMBER}"
    template.write_bytes(b"no document")
    assert camat.get(f"{where}/surat.docx").status_code == 503
    assert camat.get(where).status_code == 200


def test_who_sees_a_part_of_a_letter_reads_that_part_and_gets_no_document(
    opened: event_store.Register, camat: Guest
) -> None:
    mine = send_letter(opened, raise_need(opened, f"{HERE}.2001"))
    send_letter(opened, raise_need(opened, f"{HERE}.2002"))
    where = f"/rumah/surat/{mine.letters[0].id}"
    camat.sign_in("desa")
    page = camat.get(where).text
    assert "Kutipan" in page
    assert f"{HERE}.2002" not in page
    assert camat.get(f"{where}/surat.docx").status_code == 404
    assert "berkas_surat" not in page
    camat.sign_in("dinas")
    assert camat.get(f"{where}/surat.docx").status_code == 200
    camat.sign_in("lain")
    assert camat.get(where).status_code == 404
    assert NUMBER not in camat.get("/rumah/surat").text
    assert NUMBER not in camat.get(f"{'/rumah/papan/99.01.02'}?surat={mine.letters[0].id}").text


def test_the_signed_letter_is_evidence_of_each_of_its_items(
    opened: event_store.Register, camat: Guest
) -> None:
    items = [send_letter(opened, raise_need(opened, f"{HERE}.2{n:03}")) for n in range(1, 4)]
    other = send_letter(opened, raise_need(opened, f"{HERE}.2009"), number="other")
    letter_id = items[0].letters[0].id
    answer = upload(camat, letter_id)
    assert answer.headers["location"] == f"/rumah/surat/{letter_id}#berkas"
    for item in items:
        event = opened.events(item.id)[-1]
        assert isinstance(event.content, records.Attached)
        assert event.content.letter == NUMBER
        page = camat.get(f"/rumah/butir/{item.id}").text
        assert page.count(f"Surat {NUMBER} bertanda tangan") >= 2, "a file, and in the history"
    assert opened.item(other.id).files == ()
    page = camat.get(f"/rumah/surat/{letter_id}").text
    assert f"Surat {NUMBER} bertanda tangan" in page
    sha256 = opened.item(items[0].id).files[0].sha256
    assert camat.get(f"/rumah/butir/{items[0].id}/berkas/{sha256}").content == SIGNED


@pytest.mark.parametrize("login", ["dinas", "desa", "lain"])
def test_only_who_sent_a_letter_adds_its_scan(
    opened: event_store.Register, camat: Guest, login: str
) -> None:
    item = send_letter(opened, raise_need(opened, f"{HERE}.2001"))
    camat.sign_in(login)
    assert upload(camat, item.letters[0].id).status_code == 404
    assert opened.item(item.id).version == item.version


@pytest.mark.parametrize("body", [b"", b"GIF89a", b"%PDF-1.4 cut off"])
def test_what_is_no_scan_is_refused(
    opened: event_store.Register, camat: Guest, body: bytes
) -> None:
    item = send_letter(opened, raise_need(opened, f"{HERE}.2001"))
    assert upload(camat, item.letters[0].id, body).status_code == 400
    assert opened.item(item.id).version == item.version


def test_a_letter_stays_as_it_was_when_its_items_go_on(register: event_store.Register) -> None:
    add_person(register, "camat", "kecamatan", HERE)
    person = accounts.Accounts(register).find("camat")
    first = send_letter(register, raise_need(register, f"{HERE}.2001"))
    second = send_letter(register, raise_need(register, f"{HERE}.2002"))
    letter_id = first.letters[0].id
    refused = records.Stepped(step="refuse", task=HEALTH, reason="no", on_behalf=True)
    reopened = records.Stepped(step="reopen", task=HEALTH, reason="yes")
    first = register.add(first, (refused, reopened), CAMAT, NOW)
    send_letter(register, first, number="two")
    read = sent_letters.read_letter(register, person, letter_id)
    assert [entry.item.id for entry in read.entries] == [first.id, second.id]
    register.correct(second, second.version, "mistake", CAMAT, NOW)
    read = sent_letters.read_letter(register, person, letter_id)
    assert [entry.item.id for entry in read.entries] == [first.id]
    rows, total = sent_letters.list_letters(register, person, 10)
    assert ({row.number for row in rows}, total) == ({NUMBER, "two"}, 2)
    assert register.check() == []
    with register.transaction(writes=True) as connection:
        connection.execute(sa.update(item_lists.LETTER).values(number="other"))
    assert any(": number" in found.column for found in register.check())
