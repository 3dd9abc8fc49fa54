"""What everybody sees of the register: figures and items, and never who or what is not for them."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from geo_service.needs import sync
from geo_service.register import event_store, records, way
from geo_service.register.records import Actor, Raised, Stepped
from layers.release.follow_up_file import Addressee
from tests.geo_service.client import Client
from tests.geo_service.test_token_layers import guard, make_token

HTML = "text/html"
KECAMATAN = "99.01.01"
DINAS = Addressee(jenis="kabupaten", nama="Dinas Kesehatan")
CAMAT = Actor(role="kecamatan", name="Budi Rahasia", area=KECAMATAN)
OFFICE = Actor(role="office", name="Siti Rahasia", area="99.01", office=DINAS.nama)
SENT = datetime.now(UTC) - timedelta(days=30)
SEND = Stepped(
    step="send",
    to=DINAS,
    due=(SENT + timedelta(days=14)).date(),
    letter="445/RAHASIA/2026",
    note="catatan RAHASIA",
)
REFUSE = Stepped(
    step="refuse", task=DINAS, reason="<b>Tidak ada</b> dana.", note="RAHASIA: telepon Pak X"
)


@pytest.fixture
def register(tmp_path: Path) -> Iterator[event_store.Register]:
    made = event_store.Register(f"sqlite:///{tmp_path / 'register.db'}", way.read_way())
    made.migrate()
    yield made
    made.close()


@pytest.fixture
def need(sample_releases: Path) -> tuple[sync.Key, records.Evidence]:
    """A need of the sample that an office of the kabupaten answers."""
    needs = sync.read_needs((sample_releases / "current").resolve()).needed
    return next(
        (key, evidence)
        for key, evidence in sorted(needs.items())
        if key[0].startswith(KECAMATAN) and evidence.value is not None
    )


@pytest.fixture
def refused(
    register: event_store.Register, need: tuple[sync.Key, records.Evidence]
) -> records.Item:
    """A need that was sent and refused, one that waits, and one that is a draft."""
    (kode, layanan, ukuran), evidence = need
    first = (Raised(kode=kode, layanan=layanan, ukuran=ukuran), evidence)
    waits = register.begin((Raised(kode=kode, title="Jembatan <i>gantung</i>"),), CAMAT, SENT)
    register.add(waits, (SEND,), CAMAT, SENT)
    register.begin((Raised(kode=kode, title="Draf"),), CAMAT, SENT)
    item = register.add(register.begin(first, sync.SYSTEM, SENT), (SEND,), CAMAT, SENT)
    return register.add(item, (REFUSE,), OFFICE, SENT + timedelta(days=3))


@pytest.fixture
def house(sample_releases: Path, register: event_store.Register) -> Iterator[Client]:
    with Client(sample_releases, register_url=register.name) as client:
        yield client


def read(client: Client, path: str) -> str:
    answer = client.get(path, accept=HTML)
    assert answer.status_code == 200, answer.text
    return answer.text


def test_figures_are_told_in_sentences_and_tables_at_each_level(
    house: Client, refused: records.Item
) -> None:
    for path in ("", "/99", "/99.01", f"/{KECAMATAN}", f"/{refused.kode}"):
        text = read(house, f"/rumah/tanggapan{path}")
        assert "Kebutuhan yang dikirim: 2," in text
        assert "Dijawab 1 (1 tepat waktu, 0 terlambat)" in text
        assert "belum dijawab 1, di antaranya 1 lewat tenggat" in text
        assert "dalam 3 hari atau kurang (median dari 1 jawaban)" in text
    english = read(house, f"/rumah/tanggapan/{KECAMATAN}?lang=en")
    assert "Answered 1 (1 in time, 0 late)" in english
    assert f'href="/rumah/tanggapan/{refused.kode}?lang=en"' in english
    assert f'href="/rumah/butir/{refused.id}?lang=en"' in english
    assert "&lt;b&gt;Tidak ada&lt;/b&gt; dana." in english


def test_where_nothing_was_sent_there_are_no_figures(
    house: Client, register: event_store.Register
) -> None:
    register.begin((Raised(kode=f"{KECAMATAN}.2003", title="Draf"),), CAMAT, SENT)
    for path in ("/rumah/tanggapan", f"/rumah/tanggapan/{KECAMATAN}"):
        text = read(house, path)
        assert "Belum ada kebutuhan yang dikirim." in text
        assert '<td class="num"' not in text


def test_a_kecamatan_where_nothing_was_sent_has_no_data_and_no_zero(
    house: Client, refused: records.Item
) -> None:
    rows = list(csv.DictReader(io.StringIO(house.get("/rumah/tanggapan/99.01.csv").text[1:])))
    parts = {row["kode"]: row for row in rows if row["kelompok"] == "Menurut wilayah"}
    assert len(parts) > 1
    sent = {kode: row["dikirim"] for kode, row in parts.items()}
    assert sent.pop(KECAMATAN) == "2"
    assert set(sent.values()) == {""}
    total = rows[-1]
    assert (total["dikirim"], total["ditolak"], total["hari_median"]) == ("2", "1", "3")
    office = next(row for row in rows if row["nama"] == DINAS.nama)
    assert (office["dikirim"], office["lewat_tenggat"], office["rupiah"]) == ("2", "1", "")
    del refused


def test_the_files_are_those_of_the_page(house: Client, refused: records.Item) -> None:
    for kode in ("", f"/{KECAMATAN}", f"/{refused.kode}"):
        text = read(house, f"/rumah/tanggapan{kode}")
        for link in re.findall(r'href="(/rumah/tanggapan[^"]*\.(?:csv|xlsx))"', text):
            answer = house.get(link)
            assert answer.status_code == 200
            assert "attachment" in answer.headers["content-disposition"]


@pytest.mark.parametrize("kode", ["99.77", "98", "x", "99.01.1", "99.01.01.0000"])
def test_a_wilayah_that_nobody_knows_is_not_found(house: Client, kode: str) -> None:
    assert house.get(f"/rumah/tanggapan/{kode}").status_code == 404


@pytest.mark.parametrize("item", ["0" * 16, "x", "99.01", "0" * 17])
def test_an_item_that_is_not_there_is_not_found(house: Client, item: str) -> None:
    assert house.get(f"/rumah/butir/{item}").status_code == 404


def test_an_item_tells_what_where_why_and_what_happened(
    house: Client, refused: records.Item
) -> None:
    text = read(house, f"/rumah/butir/{refused.id}")
    assert "Ditolak" in text
    assert "Perangkat daerah (Dinas Kesehatan)" in text
    assert "&lt;b&gt;Tidak ada&lt;/b&gt; dana." in text
    (origin,) = re.findall(r'href="([^"]*/asal[^"]*)"', text)
    read(house, origin.replace("&amp;", "&"))
    for link in set(re.findall(r'href="(/[^"]*)"', text)):
        if not link.startswith("/assets"):
            read(house, link.replace("&amp;", "&"))
    assert "Refused" in read(house, f"/rumah/butir/{refused.id}?lang=en")


def test_no_person_note_or_letter_is_on_a_public_page(
    house: Client, register: event_store.Register, refused: records.Item
) -> None:
    wrong = Stepped(step="reopen", task=DINAS, reason="alasan RAHASIA")
    item = register.add(refused, (wrong,), CAMAT, datetime.now(UTC))
    again = register.add(item, (SEND,), CAMAT, datetime.now(UTC))
    bad = REFUSE.model_copy(update={"reason": "Keluarga Pak RAHASIA"})
    bad_item = register.add(again, (bad,), OFFICE, datetime.now(UTC))
    corrected = records.Corrected(number=bad_item.version, reason="RAHASIA")
    register.add(bad_item, (corrected,), OFFICE, datetime.now(UTC))
    paths = ["/rumah", "/rumah/tanggapan", f"/rumah/butir/{item.id}"]
    paths += [f"/rumah/tanggapan/{refused.kode[:end]}" for end in (2, 5, 8, 13)]
    for path in paths:
        for language in ("", "?lang=en"):
            assert "rahasia" not in read(house, path + language).casefold()
    text = read(house, f"/rumah/butir/{item.id}")
    assert "Tidak ada" in text
    assert "dinyatakan keliru" in text


def test_what_became_of_needs_that_are_not_for_everybody_is_not_either(
    sample_releases: Path, tmp_path: Path, register: event_store.Register, refused: records.Item
) -> None:
    closed = guard(sample_releases, tmp_path / "closed", "needs")
    shown = {"authorization": f"Bearer {make_token(closed, '*')}"}
    paths = ["/rumah/tanggapan", f"/rumah/tanggapan/{KECAMATAN}", f"/rumah/butir/{refused.id}"]
    paths += [f"/rumah/tanggapan/{KECAMATAN}.csv", "/rumah/tanggapan.xlsx"]
    with Client(closed, register_url=register.name) as client:
        for path in paths:
            assert client.get(path).status_code == 401
            answer = client.get(path, **shown)
            assert answer.status_code == 200
            assert answer.headers["cache-control"] == "private, no-store"


def test_an_event_is_on_the_page_at_once_though_browsers_keep_it(
    house: Client, register: event_store.Register, refused: records.Item
) -> None:
    path = f"/rumah/tanggapan/{KECAMATAN}"
    first = house.get(path, accept=HTML)
    again = house.get(path, accept=HTML, if_none_match=first.headers["etag"])
    assert again.status_code == 304
    reopen = Stepped(step="reopen", task=DINAS, reason="Tetap perlu.")
    register.add(refused, (reopen,), CAMAT, datetime.now(UTC))
    changed = house.get(path, accept=HTML, if_none_match=first.headers["etag"])
    assert changed.status_code == 200
    assert "ada&lt;/b&gt; dana" in first.text
    assert "ada&lt;/b&gt; dana" not in changed.text


def test_the_map_has_a_colour_for_what_is_worst_in_each_part(
    house: Client, register: event_store.Register, refused: records.Item
) -> None:
    def fill(kode: str, language: str = "") -> tuple[str, str]:
        text = read(house, f"/rumah/tanggapan/{kode[:8]}{language}")
        shape = re.search(rf'<path[^>]*fill="([^"]*)" data-kode="{kode}"><title>([^<]*)', text)
        assert shape is not None
        return shape[1], shape[2]

    colour, words = fill(refused.kode)
    assert words.endswith(": Ada yang lewat tenggat")
    assert f'<rect x=".5" y=".5" width="27" height="17" fill="{colour}"' in read(
        house, f"/rumah/tanggapan/{KECAMATAN}"
    )
    assert fill(refused.kode, "?lang=en")[1].endswith(": An answer is overdue")
    other = next(
        kode
        for kode, each in house.json(f"/rumah/tanggapan/{KECAMATAN}.json")["wilayah"].items()
        if each["keadaan"] == "none"
    )
    assert colour == "url(#p-overdue)"
    assert fill(other)[0] == "url(#p-no_data)"
    waits = next(item for item in register.items() if item.raised.title and item.tasks)
    answer = REFUSE.model_copy(update={"on_behalf": True})
    register.add(waits, (answer,), CAMAT, datetime.now(UTC))
    assert fill(refused.kode)[1].endswith(": Semua ditolak atau diteruskan")


def test_states_of_parts_are_given_to_maps_by_code(house: Client, refused: records.Item) -> None:
    states = house.json(f"/rumah/tanggapan/{KECAMATAN}.json")["wilayah"]
    assert states[refused.kode]["keadaan"] == "overdue"
    assert (states[refused.kode]["dikirim"], states[refused.kode]["lewat_tenggat"]) == (2, 1)
    assert {each["dikirim"] for kode, each in states.items() if kode != refused.kode} == {None}
    assert "rahasia" not in str(states).casefold()


def test_states_are_given_by_service_with_their_words_and_colours(
    house: Client, refused: records.Item
) -> None:
    for kode, part in ((KECAMATAN, refused.kode), (KECAMATAN[:5], KECAMATAN)):
        body = house.json(f"/rumah/tanggapan/{kode}.json?lang=en")
        services = body["wilayah"][part]["layanan"]
        assert services == {refused.raised.layanan: "refused", "usulan": "overdue"}
        assert {each["id"] for each in body["layanan"]} == set(services)
        keys = {each["id"]: each for each in body["keadaan"]}
        assert keys["overdue"]["judul"] == "An answer is overdue"
        assert {each["keadaan"] for each in body["wilayah"].values()} <= set(keys)


def test_states_are_asked_for_again_by_etag(
    house: Client, register: event_store.Register, refused: records.Item
) -> None:
    del refused
    path = f"/rumah/tanggapan/{KECAMATAN}.json"
    etag = house.get(path).headers["etag"]
    assert house.get(path, if_none_match=etag).status_code == 304
    waits = next(item for item in register.items() if item.raised.title and item.tasks)
    answer = REFUSE.model_copy(update={"on_behalf": True})
    register.add(waits, (answer,), CAMAT, datetime.now(UTC))
    assert house.get(path, if_none_match=etag).status_code == 200


def test_what_the_camat_says_to_a_draft_budget_is_not_public(
    house: Client, register: event_store.Register
) -> None:
    evaluated = Raised(subject="apbdes", kode=f"{KECAMATAN}.2003", tahun=2027)
    item = register.begin((evaluated,), CAMAT, SENT)
    answer = house.get(f"/rumah/butir/{item.id}")
    assert answer.status_code == 404
    assert item.id not in read(house, f"/rumah/tanggapan/{evaluated.kode}")


def test_a_proposal_is_public_once_it_was_sent(
    house: Client, register: event_store.Register, refused: records.Item
) -> None:
    layanan = refused.raised.layanan
    raised = Raised(kode=refused.kode, title="Rumah Pak Belum", layanan=layanan)
    draft = register.begin((raised,), CAMAT, SENT)
    lists = (f"/rumah/tanggapan/{refused.kode}", "/collections/tindak-lanjut/items?f=csv")
    pages = (*lists, f"/kecamatan/{KECAMATAN}/tindak-lanjut", f"/desa/{refused.kode}")
    for path in pages:
        assert draft.id not in read(house, path), path
        assert "Pak Belum" not in read(house, path)
    for path in (f"/rumah/butir/{draft.id}", f"/collections/tindak-lanjut/items/{draft.id}"):
        answer = house.get(path)
        assert answer.status_code == 404
        assert "Pak Belum" not in answer.text
    register.add(draft, (SEND,), CAMAT, SENT)
    assert "Rumah Pak Belum" in read(house, f"/rumah/butir/{draft.id}")
    for path in lists:
        assert draft.id in read(house, path), path


def test_the_figures_are_reached_from_the_pages_of_needs(
    house: Client, refused: records.Item
) -> None:
    del refused
    follow_up = read(house, f"/kecamatan/{KECAMATAN}/tindak-lanjut")
    assert f'href="/rumah/tanggapan/{KECAMATAN}"' in follow_up
    assert 'href="/rumah/tanggapan"' in read(house, "/rumah")
