"""Signing in and out in a window: cookies, forms of others, fixation, and what is tried often."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from geo_service.house import accounts, forms, sessions
from geo_service.register import event_store
from tests.architecture.measure import REPOSITORY
from tests.geo_service.register.guests import PASSWORD, Guest, add_person, guest, open_register


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'register.db'}"


@pytest.fixture
def opened(url: str) -> Iterator[event_store.Register]:
    made = open_register(url)
    add_person(made, "camat", "kecamatan", "53.06.13")
    yield made
    made.close()


@pytest.fixture
def window(releases: Path, url: str, opened: event_store.Register) -> Iterator[Guest]:
    with guest(releases, url) as made:
        yield made


def test_who_signs_in_is_led_on_and_known(window: Guest) -> None:
    assert "Keluar" not in window.get("/rumah").text
    answer = window.sign_in("camat")
    assert (answer.status_code, answer.headers["location"]) == (303, "/rumah")
    page = window.get("/rumah")
    assert "Name of camat" in page.text
    assert page.headers["cache-control"] == "private, no-store"
    assert "etag" not in page.headers
    window.send("/rumah/keluar", {})
    assert "Name of camat" not in window.get("/rumah").text


@pytest.mark.parametrize(
    ("settings", "headers", "is_secure"),
    [
        ({}, {}, False),
        ({"public_url": "https://peta.example/dash"}, {}, True),
        ({"trusted_proxies": ("*",)}, {"x-forwarded-proto": "https"}, True),
    ],
)
def test_the_cookie_is_for_the_house_alone(
    releases: Path,
    url: str,
    opened: event_store.Register,
    settings: dict[str, object],
    headers: dict[str, str],
    is_secure: bool,
) -> None:
    with guest(releases, url, **settings) as window:
        given = window.get("/rumah/masuk", **headers).headers["set-cookie"]
    prefix = "/dash" if "public_url" in settings else ""
    words = {word.strip().lower() for word in given.split(";")[1:]}
    assert words == {"httponly", "samesite=lax", f"path={prefix}/rumah"} | (
        {"secure"} if is_secure else set()
    )


def test_signing_in_makes_a_new_secret(window: Guest) -> None:
    window.secret = "an attacker knows this"
    window.get("/rumah/masuk")
    window.sign_in("camat")
    assert window.secret != "an attacker knows this"
    assert "Name of camat" in window.get("/rumah").text
    window.secret = "an attacker knows this"
    assert "Name of camat" not in window.get("/rumah").text


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": "http://peta.example.evil.example"},
        {"origin": "http://peta.example:8080"},
        {"origin": "http://[broken"},
    ],
)
def test_a_form_of_another_site_is_refused(window: Guest, headers: dict[str, str]) -> None:
    window.sign_in("camat")
    refused = window.send("/rumah/keluar", {}, **headers)
    assert refused.status_code == 403
    assert "Formulir ini tidak berasal" in refused.text
    assert "Name of camat" in window.get("/rumah").text


def test_a_form_needs_the_key_of_its_browser(window: Guest) -> None:
    window.sign_in("camat")
    for key in ("", "0" * 64, forms.key_of("another"), window.secret):
        assert window.send("/rumah/keluar", {}, key).status_code == 403
    body = b"semua=1"
    assert window.post("/rumah/keluar", body, "application/json").status_code == 415
    assert window.post("/rumah/keluar", body, forms.FORM_TYPE).status_code == 403
    cross = {"sec-fetch-site": "cross-site"}
    assert window.post("/rumah/keluar", body, forms.FORM_TYPE, **cross).status_code == 403
    assert "Name of camat" in window.get("/rumah").text


def test_a_large_form_and_one_that_is_none_are_refused(window: Guest) -> None:
    window.get("/rumah/masuk")
    assert window.send("/rumah/masuk", {"nama": "x" * 100_000}).status_code == 413
    many = b"&".join(b"a=1" for _ in range(forms.MOST_FIELDS + 1))
    for body in (b"nama=%ff%fe", b"\xff\xfe", many):
        assert window.post("/rumah/masuk", body, forms.FORM_TYPE).status_code == 400


def test_a_refused_sign_in_says_the_same_of_everybody(window: Guest) -> None:
    texts = set()
    for login in ("camat", "nobody"):
        answer = window.sign_in(login, "wrong wrong wrong")
        assert answer.status_code == 403
        assert f'"{login}"' in answer.text
        texts.add(answer.text.replace(f'"{login}"', "?"))
    assert len(texts) == 1
    for _ in range(sessions.MOST_OF_BOTH):
        answer = window.sign_in("nobody", "wrong")
    assert answer.status_code == 429
    assert "15 menit" in answer.text


@pytest.mark.parametrize(
    ("wanted", "led_to"),
    [
        ("/rumah/akun", "/rumah/akun"),
        ("/rumah/papan/53.06.13?keadaan=draft&lang=en", None),
        ("https://evil.example", "/rumah"),
        ("//evil.example", "/rumah"),
        ("/rumah//evil.example", "/rumah"),
        ("/rumah/../reports/", "/rumah"),
        ("/rumahku", "/rumah"),
        ("/rumah\\evil", "/rumah"),
        ("javascript:alert(1)", "/rumah"),
        ("/rumah/akun\r\nSet-Cookie: a=b", "/rumah"),
    ],
)
def test_signing_in_leads_on_within_the_house(
    window: Guest, wanted: str, led_to: str | None
) -> None:
    window.get("/rumah/masuk")
    answer = window.send("/rumah/masuk", {"nama": "camat", "sandi": PASSWORD, "lanjut": wanted})
    assert answer.headers["location"] == (led_to or wanted)


def test_who_is_not_signed_in_is_led_to_the_door_and_back(window: Guest) -> None:
    answer = window.get("/rumah/akun?lang=en")
    assert answer.status_code == 303
    door = answer.headers["location"]
    assert door == "/rumah/masuk?lang=en&lanjut=/rumah/akun%3Flang%3Den"
    assert 'value="/rumah/akun?lang=en"' in window.get(door).text


def test_an_invitation_is_taken_up_in_a_browser(
    window: Guest, opened: event_store.Register
) -> None:
    book = accounts.Accounts(opened)
    now = datetime.now(UTC)
    person = book.add(accounts.read_person("desa", "Ana", "desa", "53.06.13.2004", None), "t", now)
    path = f"/rumah/undangan/{book.invite(person, 't', now)}"
    assert "Ana" in window.get(path).text
    for first, second, words in (
        ("short", "short", "paling sedikit"),
        (PASSWORD, "x" * 12, "sama"),
    ):
        answer = window.send(path, {"sandi": first, "ulang": second})
        assert answer.status_code == 400
        assert words in answer.text
    assert window.send(path, {"sandi": PASSWORD, "ulang": PASSWORD}).status_code == 303
    assert "Ana" in window.get("/rumah").text
    assert window.get(path).status_code == 404
    assert window.send(path, {"sandi": PASSWORD, "ulang": PASSWORD}).status_code == 404


def test_signing_out_everywhere_ends_other_browsers(
    releases: Path, url: str, window: Guest
) -> None:
    window.sign_in("camat")
    with guest(releases, url) as other:
        other.sign_in("camat")
        window.send("/rumah/keluar", {"semua": "1"})
        assert other.get("/rumah/akun").status_code == 303


def test_a_register_that_cannot_be_used_is_an_error_page(releases: Path, tmp_path: Path) -> None:
    nowhere = f"sqlite:///{tmp_path / 'no' / 'register.db'}"
    with guest(releases, nowhere) as window:
        answer = window.sign_in("camat")
        assert window.get("/").status_code == 200
    assert answer.status_code == 503
    assert "Catatan Rumah Bersama" in answer.text
    assert "no/register.db" not in answer.text


def test_every_form_of_the_house_has_the_key() -> None:
    templates = [
        path.read_text("utf-8") for path in (REPOSITORY / "web_map" / "house").glob("*/*.html")
    ]
    sent = [part for text in templates for part in re.split(r'<form[^>]*method="post"', text)[1:]]
    assert len(sent) > 3
    assert [part[:80] for part in sent if "{{ key }}" not in part.partition("</form>")[0]] == []
