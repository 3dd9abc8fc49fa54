"""Steps that people make on the page of an item: offered, made, refused, and who was first."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pytest

from geo_service.register import event_store, records
from tests.geo_service.register.guests import Guest, add_person, guest, open_register
from tests.geo_service.register.test_board import HEALTH, HERE, WORKS, raise_need, send_to


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'register.db'}"


@pytest.fixture
def opened(url: str) -> Iterator[event_store.Register]:
    made = open_register(url)
    add_person(made, "camat", "kecamatan", HERE)
    add_person(made, "dinas", "office", "99.01", HEALTH.nama)
    add_person(made, "pembaca", "viewer", "99.01")
    yield made
    made.close()


@pytest.fixture
def window(releases: Path, url: str, opened: event_store.Register) -> Iterator[Guest]:
    with guest(releases, url) as made:
        yield made


def offered(page: str) -> list[tuple[str, bool]]:
    """The steps of the forms on a page, and whether each is on behalf of somebody."""
    forms = re.findall(r'<form class="sheet".*?</form>', page, re.DOTALL)
    return [
        (re.findall(r'name="langkah" value="(\w+)"', form)[0], 'name="atas_nama"' in form)
        for form in forms
    ]


def test_each_person_is_offered_the_steps_of_the_way(
    opened: event_store.Register, window: Guest
) -> None:
    item = raise_need(opened, f"{HERE}.2001")
    page = f"/rumah/butir/{item.id}"
    window.sign_in("camat")
    assert offered(window.get(page).text) == [("send", False)]
    item = send_to(opened, item, HEALTH, 9)
    answers = ["receive", "accept", "refuse", "forward"]
    assert offered(window.get(page).text) == [*((name, True) for name in answers), ("send", False)]
    window.sign_in("dinas")
    assert offered(window.get(page).text) == [(name, False) for name in answers]
    window.sign_in("pembaca")
    assert offered(window.get(page).text) == []
    assert "Sekarang tidak ada langkah" in window.get(page).text


def test_a_need_goes_its_whole_way_in_a_browser(
    opened: event_store.Register, window: Guest
) -> None:
    item = raise_need(opened, f"{HERE}.2001")
    page = f"/rumah/butir/{item.id}"
    task = f"kabupaten:{HEALTH.nama}"
    way = [
        ("camat", {"langkah": "send", "to": task, "due": "2027-01-31", "letter": "1/KEC"}, "sent"),
        ("dinas", {"langkah": "accept", "tugas": task, "note": "Siap."}, "accepted"),
        (
            "dinas",
            {
                "langkah": "budget",
                "tugas": task,
                "document": "APBD",
                "tahun": "2027",
                "amount_idr": "1.500.000",
            },
            "budgeted",
        ),
        (
            "camat",
            {"langkah": "finish", "tugas": task, "day": "2027-05-01", "atas_nama": "1"},
            "done",
        ),
        ("camat", {"langkah": "verify", "tugas": task}, "verified"),
    ]
    for login, fields, state in way:
        window.sign_in(login)
        version = opened.item(item.id).version
        answer = window.send(page, {**fields, "versi": version})
        assert (answer.status_code, answer.headers.get("location")) == (303, page), answer.text
        assert opened.item(item.id).state(opened.way) == state
    text = unescape(window.get(page).text)
    for words in ("Name of dinas", "Siap.", "1/KEC", "Atas nama", "1.500.000"):
        assert words in text
    with_names = "Name of dinas"
    window.secret = ""
    assert with_names not in window.get(page).text
    assert "Siap." not in window.get(page).text


@pytest.mark.parametrize(
    ("fields", "status", "words"),
    [
        ({"langkah": "refuse"}, 409, "Belum diisi atau tidak dapat dibaca: Alasan"),
        ({"langkah": "verify"}, 409, "Yang dapat Anda lakukan sekarang: Terima, Sanggupi"),
        ({"langkah": "nonsense"}, 409, "Langkah ini tidak mungkin"),
        ({"langkah": ""}, 400, "tidak dapat dibaca"),
        ({"langkah": "refuse", "reason": "x" * 3000}, 400, "Alasan"),
        ({"langkah": "forward", "reason": "x"}, 409, "Kepada"),
        ({"langkah": "accept", "tugas": "kabupaten:Dinas PUPR"}, 409, "tidak mungkin"),
    ],
)
def test_a_step_that_is_not_possible_says_why_and_keeps_what_was_typed(
    opened: event_store.Register, window: Guest, fields: dict[str, str], status: int, words: str
) -> None:
    item = send_to(opened, raise_need(opened, f"{HERE}.2001"), HEALTH, 9)
    window.sign_in("dinas")
    fields = {"tugas": f"kabupaten:{HEALTH.nama}", "versi": str(item.version), **fields}
    answer = window.send(f"/rumah/butir/{item.id}", fields)
    assert (answer.status_code, words in unescape(answer.text)) == (status, True)
    assert opened.item(item.id).version == item.version


def test_of_two_who_act_at_once_the_second_sees_what_changed_and_repeats(
    opened: event_store.Register, window: Guest
) -> None:
    item = send_to(opened, raise_need(opened, f"{HERE}.2001"), HEALTH, 9)
    page = f"/rumah/butir/{item.id}"
    task = f"kabupaten:{HEALTH.nama}"
    heard = records.Stepped(step="receive", task=HEALTH, on_behalf=True, note="by telephone")
    camat = records.Actor(role="kecamatan", name="Maria", area=HERE)
    opened.add(item, (heard,), camat, item.tasks[0].sent or pytest.fail("not sent"))
    window.sign_in("dinas")
    fields = {
        "langkah": "refuse",
        "tugas": task,
        "reason": "Tidak ada dana.",
        "versi": item.version,
    }
    answer = window.send(page, fields)
    assert answer.status_code == 409
    assert "Orang lain lebih dulu bertindak" in answer.text
    assert "by telephone" in answer.text.partition('class="new"')[2]
    assert "Tidak ada dana.</textarea>" in answer.text
    assert opened.item(item.id).version == item.version + 1
    again = window.send(page, {**fields, "versi": item.version + 1})
    assert again.status_code == 303
    assert opened.item(item.id).state(opened.way) == "refused"


@pytest.mark.parametrize("own", ["", "Lahan milik warga."])
def test_a_ready_made_answer_is_used_where_nothing_is_typed(
    own: str, opened: event_store.Register, window: Guest
) -> None:
    item = send_to(opened, raise_need(opened, f"{HERE}.2001"), HEALTH, 9)
    window.sign_in("dinas")
    ready = opened.way.step("refuse").answers[1].id
    page = window.get(f"/rumah/butir/{item.id}").text
    assert f"<option>{ready}</option>" in page
    fields = {
        "langkah": "refuse",
        "tugas": f"kabupaten:{HEALTH.nama}",
        "reason": own,
        "reason_siap": ready,
        "versi": item.version,
    }
    assert window.send(f"/rumah/butir/{item.id}", fields).status_code == 303
    (task,) = opened.item(item.id).tasks
    assert task.reason == (own or ready)


def test_an_item_of_others_cannot_be_changed(opened: event_store.Register, window: Guest) -> None:
    theirs = send_to(opened, raise_need(opened, f"{HERE}.2001"), WORKS, 9)
    foreign = send_to(opened, raise_need(opened, "99.02.01.2001"), HEALTH, 9)
    window.sign_in("dinas")
    for item in (theirs, foreign):
        fields = {"langkah": "receive", "tugas": f"kabupaten:{HEALTH.nama}", "versi": item.version}
        assert window.send(f"/rumah/butir/{item.id}", fields).status_code == 404
        assert opened.item(item.id).version == item.version
        assert offered(window.get(f"/rumah/butir/{item.id}").text) == []
    for item_id in ("0" * 16, "x", "a%00b"):
        assert window.send(f"/rumah/butir/{item_id}", {"versi": 1}).status_code == 404
        assert window.get(f"/rumah/butir/{item_id}").status_code == 404
