"""The page of the evaluation of a draft APBDes: read in scope, decided on by the kecamatan."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from geo_service.needs import evaluation
from geo_service.register import event_store, records
from tests.geo_service.register.guests import Guest, add_person, guest, open_register
from tests.geo_service.register.test_way import KODE

AREA = KODE[:8]
SHEET = f"/rumah/apbdes/{KODE}"
SCRIPT = "<script>alert(1)</script>"


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[event_store.Register]:
    made = open_register(f"sqlite:///{tmp_path / 'register.db'}")
    add_person(made, "camat", "kecamatan", AREA)
    add_person(made, "kades", "desa", KODE)
    add_person(made, "dinas", "office", "99.01", "Dinas Kesehatan")
    add_person(made, "admin", "kabupaten", "99.01")
    add_person(made, "lain", "kecamatan", "99.01.02")
    yield made
    made.close()


@pytest.fixture
def window(sample_releases: Path, tmp_path: Path, opened: event_store.Register) -> Iterator[Guest]:
    with guest(sample_releases, f"sqlite:///{tmp_path / 'register.db'}") as made:
        made.sign_in("camat")
        yield made


def lines_of(page: str) -> list[str]:
    return re.findall(r'name="baris" value="([^"]+)"', page)


def decide(window: Guest, line: str, version: object = 0, **said: object) -> int:
    fields = {"tahun": "2025", "versi": version, "baris": line, "keputusan": "to_change", **said}
    return window.send(SHEET, fields).status_code


def test_the_sheet_shows_each_line_and_the_camat_decides_with_a_reason(
    sample_releases: Path, opened: event_store.Register, window: Guest
) -> None:
    release = (sample_releases / "current").resolve()
    expected = [line.id for line in evaluation.read_evaluation(release, opened, KODE, 2025)]
    page = window.get(f"{SHEET}?tahun=2025").text
    assert sorted(lines_of(page)) == sorted(expected)
    assert "paling sedikit 20%" in page
    assert "dipenuhi: 28,7%" in page
    line = expected[0]
    assert decide(window, line, alasan=SCRIPT) == 303
    page = window.get(f"{SHEET}?tahun=2025").text
    assert "Diperbaiki" in page
    assert SCRIPT not in page
    assert "&lt;script&gt;" in page
    assert "Name of camat (kecamatan)" in page
    assert decide(window, line, 2, keputusan="agreed") == 303
    (decided,) = opened.item(evaluation.evaluation_id(KODE, 2025)).decisions
    assert decided == records.Decided(line=line, decision="agreed")


@pytest.mark.parametrize(
    ("said", "status"),
    [
        ({}, 400),
        ({"alasan": "  "}, 400),
        ({"alasan": "x", "baris": "need:no_such"}, 400),
        ({"alasan": "x", "keputusan": "perhaps"}, 400),
        ({"alasan": "x", "tahun": "1999"}, 404),
        ({"alasan": "x", "tahun": "soon"}, 400),
        ({"alasan": "x" * 2001}, 400),
    ],
)
def test_a_decision_that_says_too_little_is_none(
    opened: event_store.Register, window: Guest, said: dict[str, str], status: int
) -> None:
    line = lines_of(window.get(SHEET).text)[0]
    assert decide(window, line, **said) == status
    assert opened.events(evaluation.evaluation_id(KODE, 2025)) == []


def test_of_two_who_decide_at_once_the_second_sees_the_first(window: Guest) -> None:
    line = lines_of(window.get(SHEET).text)[0]
    assert decide(window, line, alasan="first") == 303
    assert decide(window, line, 2, alasan="second") == 303
    assert decide(window, line, 2, alasan="third") == 409


def test_others_in_scope_read_it_and_nobody_else(
    opened: event_store.Register, window: Guest
) -> None:
    line = lines_of(window.get(SHEET).text)[0]
    assert decide(window, line, alasan="REASON") == 303
    for login in ("kades", "admin"):
        window.sign_in(login)
        page = window.get(f"{SHEET}?tahun=2025").text
        assert "REASON" in page
        assert lines_of(page) == []
        assert decide(window, line, 2, alasan="x") == 404
    for login in ("dinas", "lain"):
        window.sign_in(login)
        assert window.get(SHEET).status_code == 404
        assert decide(window, line, 2, alasan="x") == 404
    window.sign_in("kades")
    assert window.get(f"/rumah/apbdes/{AREA}").status_code == 404
    assert f'href="/rumah/apbdes/{KODE}"' in window.get(f"/rumah/papan/{KODE}").text
    assert len(opened.events(evaluation.evaluation_id(KODE, 2025))) == 2


def test_a_kecamatan_has_the_sheets_of_its_desa_with_what_is_open(window: Guest) -> None:
    line = lines_of(window.get(SHEET).text)[0]
    assert decide(window, line, alasan="x") == 303
    assert f'href="/rumah/apbdes/{AREA}"' in window.get(f"/rumah/papan/{AREA}").text
    page = window.get(f"/rumah/apbdes/{AREA}").text
    row = page.partition(f'href="{SHEET}?tahun=2025"')[2].partition("</tr>")[0]
    counts = re.findall(r'<td class="num[^>]*>(\d+)', row)
    needs = sum(line.startswith("need:") for line in lines_of(window.get(SHEET).text))
    assert (counts[0], counts[-1]) == (str(needs), "1")
    assert window.get(f"/rumah/apbdes/{AREA}?tahun=1999").status_code == 200
    assert window.get(f"/rumah/apbdes/{AREA}?tahun=x").status_code == 400
    window.sign_in("admin")
    assert f'href="/rumah/apbdes/{AREA}"' in window.get("/rumah/apbdes/99.01").text
