"""Proposals raised on their page: with a place tapped on the map, and by whom they are for."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from geo_service.register import event_store
from geo_service.releases.store import ReleaseStore
from tests.geo_service.register.guests import Guest, add_person, guest, open_register
from tests.geo_service.register.test_board import HEALTH, HERE
from web_map.drawing.choropleth import MARGIN, frame_of, project
from web_map.house.base.place_map import PICTURE_PX

PAGE = "/rumah/usulan"
DESA = f"{HERE}.2001"
SCRIPT = "<script>alert(1)</script>"
FIELDS = {"judul": "Jembatan gantung", "desa": DESA, "biaya": "Rp 120.000.000", "tahun": "2027"}


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'register.db'}"


@pytest.fixture
def opened(url: str) -> Iterator[event_store.Register]:
    made = open_register(url)
    add_person(made, "camat", "kecamatan", HERE)
    add_person(made, "desa", "desa", DESA)
    add_person(made, "dinas", "office", "99.01", HEALTH.nama)
    add_person(made, "pembaca", "viewer", HERE)
    yield made
    made.close()


@pytest.fixture
def window(releases: Path, url: str, opened: event_store.Register) -> Iterator[Guest]:
    with guest(releases, url) as made:
        yield made


def typed(page: str) -> dict[str, str]:
    """What the fields of the form say."""
    return dict(re.findall(r'name="(\w+)" value="([^"]*)"', page))


def test_a_desa_raises_a_proposal_whose_place_it_tapped(
    releases: Path, opened: event_store.Register, window: Guest
) -> None:
    outline = ReleaseStore(releases).current().outline(HERE)
    assert outline is not None
    lon, lat = (
        (low + high) / 2
        for low, high in zip(outline.bbox_lonlat[:2], outline.bbox_lonlat[2:], strict=True)
    )
    scale = PICTURE_PX / frame_of(outline)[0]
    x, y = (round((pixel + MARGIN) * scale) for pixel in project(outline, lon, lat))
    window.sign_in("desa")
    marked = window.send(PAGE, {**FIELDS, "titik.x": x, "titik.y": y})
    assert marked.status_code == 200
    fields = typed(marked.text)
    assert fields["judul"] == FIELDS["judul"]
    assert float(fields["bujur"]) == pytest.approx(lon, abs=0.01)
    assert float(fields["lintang"]) == pytest.approx(lat, abs=0.01)
    assert list(opened.all_events()) == []
    picture = re.findall(r'src="([^"]*peta[^"]*)"', marked.text)[0].replace("&amp;", "&")
    drawing = window.get(picture)
    assert drawing.headers["content-type"] == "image/svg+xml"
    assert "Tempatnya" in drawing.text
    kept = {name: fields[name] for name in ("bujur", "lintang")}
    answer = window.send(PAGE, {**FIELDS, **kept, "kirim": "1"})
    assert answer.status_code == 303
    (item,) = opened.items()
    assert answer.headers["location"].endswith(f"/rumah/butir/{item.id}")
    raised = item.raised
    assert (raised.kode, raised.title, raised.amount_idr, raised.tahun) == (
        *(DESA, "Jembatan gantung", 120_000_000, 2027),
    )
    assert raised.lon == pytest.approx(lon, abs=0.01)
    assert (item.raiser.role, item.raiser.area) == ("desa", DESA)
    again = window.send(PAGE, {**FIELDS, "judul": "JEMBATAN  gantung"})
    assert again.headers["location"].endswith(f"/rumah/butir/{item.id}")
    assert len(opened.items()) == 1


def test_a_kecamatan_raises_one_for_a_desa_or_for_itself(
    opened: event_store.Register, window: Guest
) -> None:
    window.sign_in("camat")
    assert DESA in window.get(PAGE).text
    for kode in (DESA, ""):
        assert window.send(PAGE, {**FIELDS, "desa": kode}).status_code == 303
    assert sorted(item.kode for item in opened.items()) == [HERE, DESA]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"judul": ""}, "Apa yang diusulkan"),
        ({"judul": SCRIPT, "biaya": "banyak"}, "Perkiraan biaya"),
        ({"biaya": "-5"}, "Perkiraan biaya"),
        ({"tahun": "1"}, "Untuk tahun"),
        ({"bujur": "123", "lintang": ""}, "belum lengkap"),
        ({"bujur": "nan", "lintang": "-8"}, "Bujur"),
        ({"bujur": "12", "lintang": "-8"}, "Bujur"),
        ({"desa": "99.01.02.2001"}, "belum lengkap"),
        ({"desa": "../etc"}, "Untuk"),
        ({"layanan": "p" * 201}, "Layanan"),
    ],
)
def test_what_cannot_be_raised_is_said_and_what_was_typed_stays(
    changes: dict[str, str], words: str, opened: event_store.Register, window: Guest
) -> None:
    window.sign_in("camat")
    answer = window.send(PAGE, FIELDS | changes)
    assert answer.status_code == 400
    assert words in answer.text.partition('role="alert">')[2].partition("</p>")[0]
    assert SCRIPT not in answer.text
    assert typed(answer.text)["tahun"] == (FIELDS | changes)["tahun"]
    assert list(opened.all_events()) == []


@pytest.mark.parametrize("login", ["dinas", "pembaca", None])
def test_nobody_else_raises_a_proposal(
    login: str | None, opened: event_store.Register, window: Guest
) -> None:
    if login is not None:
        window.sign_in(login)
    status = 303 if login is None else 404
    assert window.get(PAGE).status_code == status
    assert window.get(f"{PAGE}/peta").status_code == status
    if login is not None:
        assert window.send(PAGE, FIELDS).status_code == status
    assert list(opened.all_events()) == []


@pytest.mark.parametrize(
    "tap", [("-1", "5"), ("x", "y"), ("9" * 40, "9" * 40), ("", "3"), ("٣", "3")]
)
def test_an_odd_tap_makes_nothing_and_fails_nowhere(
    tap: tuple[str, str], opened: event_store.Register, window: Guest
) -> None:
    window.sign_in("desa")
    answer = window.send(PAGE, {"judul": "", "titik.x": tap[0], "titik.y": tap[1]})
    assert answer.status_code in (200, 400)
    assert list(opened.all_events()) == []
