"""Signing in by a provider of OpenID Connect: a real one over HTTP, and how it is attacked."""

from __future__ import annotations

import base64
import hmac
import json
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
import sqlalchemy as sa
from joserfc import jwk, jwt

from geo_service.errors import RegisterError, SettingsError, SignInRefusedError
from geo_service.house import accounts, oidc_provider, provider_logins, sessions
from geo_service.register import event_store
from tests.geo_service.register.guests import Guest, add_person, guest, open_register
from tests.geo_service.register.small_provider import (
    CLIENT,
    SECRET,
    SmallProvider,
    serve_provider,
)

NOW = datetime.now(UTC)
HERE = "99.01.01"
START = "/rumah/masuk/penyedia"


@pytest.fixture
def provider() -> Iterator[SmallProvider]:
    with serve_provider() as served:
        yield served


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[event_store.Register]:
    made = open_register(f"sqlite:///{tmp_path / 'register.db'}")
    add_provided(made, "camat")
    add_person(made, "sandi", "kecamatan", HERE)
    yield made
    made.close()


def add_provided(register: event_store.Register, login: str) -> accounts.Person:
    person = accounts.read_person(login, "Maria", "kecamatan", HERE, None, by_provider=True)
    return accounts.Accounts(register).add(person, "t", NOW)


def write_settings(folder: Path, provider: SmallProvider, more: str = "") -> Path:
    (folder / "secret").write_text(f"{SECRET}\n")
    path = folder / "oidc.toml"
    path.write_text(
        f'issuer = "{provider.url}"\nclient_id = "{CLIENT}"\nclient_secret_file = "secret"\n{more}'
    )
    return path


@pytest.fixture
def window(
    releases: Path, tmp_path: Path, provider: SmallProvider, opened: event_store.Register
) -> Iterator[Guest]:
    url, settings = f"sqlite:///{tmp_path / 'register.db'}", write_settings(tmp_path, provider)
    with guest(releases, url, oidc=settings) as made:
        yield made


def back_from(window: Guest, query: str = "") -> str:
    """The path to which the provider leads a browser back that began to sign in."""
    where = window.get(START + query).headers["location"]
    answer = httpx.get(where)
    parts = urlsplit(answer.headers["location"])
    assert (
        f"{parts.scheme}://{parts.netloc}{parts.path}" == "http://peta.example/rumah/masuk/kembali"
    )
    return f"{parts.path}?{parts.query}"


def come_in(window: Guest, query: str = "") -> httpx.Response:
    return window.get(back_from(window, query))


def test_who_has_an_account_signs_in_and_goes_on_to_the_page_asked_for(
    window: Guest, opened: event_store.Register
) -> None:
    page = window.get("/rumah/masuk?lanjut=/rumah/akun").text
    assert f'href="{START}?lanjut=/rumah/akun"' in page
    before = window.secret
    answer = come_in(window, "?lanjut=/rumah/akun")
    assert (answer.status_code, answer.headers["location"]) == (303, "/rumah/akun")
    assert window.secret not in ("", before), "a new session"
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Maria" in window.get("/rumah/akun").text
    line = accounts.Accounts(opened).audit_lines()[0]
    assert (line.what, line.login, line.address) == ("sign-in by provider", "camat", "203.0.113.9")


def test_the_request_to_the_provider_says_what_it_must(window: Guest) -> None:
    where = window.get(START).headers["location"]
    query = {name: values[0] for name, values in parse_qs(urlsplit(where).query).items()}
    assert query["response_type"] == "code"
    assert query["code_challenge_method"] == "S256"
    assert len(query["code_challenge"]) == 43
    assert len({query["state"], query["nonce"], window.secret}) == 3
    assert "openid" in query["scope"]


def test_no_account_is_made_and_the_page_says_whom_the_provider_knows(
    window: Guest, provider: SmallProvider, opened: event_store.Register
) -> None:
    provider.claims["preferred_username"] = "<script>alert(1)</script>"
    answer = come_in(window)
    assert answer.status_code == 403
    assert "&lt;script&gt;alert(1)" in answer.text
    assert "<script>alert" not in answer.text
    assert len(accounts.Accounts(opened).people()) == 2


def test_an_account_with_a_password_is_not_entered_by_the_provider(
    window: Guest, provider: SmallProvider
) -> None:
    provider.claims["preferred_username"] = "sandi"
    assert come_in(window).status_code == 403
    assert window.sign_in("sandi").status_code == 303


def test_an_account_of_the_provider_is_not_entered_by_a_password(
    window: Guest, opened: event_store.Register
) -> None:
    book = accounts.Accounts(opened)
    with pytest.raises(RegisterError, match="signs in by the provider"):
        book.invite(book.find("camat"), "t", NOW)
    assert window.sign_in("camat").status_code == 403


def test_who_gets_the_login_of_somebody_else_later_does_not_get_the_account(
    window: Guest, provider: SmallProvider, opened: event_store.Register
) -> None:
    assert come_in(window).status_code == 303
    provider.claims = {"sub": "sub-2", "preferred_username": "camat"}
    assert come_in(window).status_code == 403
    provider.claims = {"sub": "sub-1", "preferred_username": "camat.baru"}
    assert come_in(window).status_code == 303, "the same person under another login"
    book = accounts.Accounts(opened)
    assert book.reset(book.find("camat"), "t", NOW) == ""
    provider.claims = {"sub": "sub-2", "preferred_username": "camat"}
    assert come_in(window).status_code == 303


def test_a_closed_account_is_refused(window: Guest, opened: event_store.Register) -> None:
    book = accounts.Accounts(opened)
    book.set_disabled(book.find("camat"), True, "t", NOW)
    assert come_in(window).status_code == 403
    assert window.get("/rumah/akun").status_code == 303


def packed(part: bytes) -> str:
    return base64.urlsafe_b64encode(part).decode().rstrip("=")


def unsigned(claims: dict[str, Any], provider: SmallProvider) -> str:
    parts = ({"alg": "none"}, claims)
    return ".".join([*(packed(json.dumps(part).encode()) for part in parts), ""])


def by_public_key(claims: dict[str, Any], provider: SmallProvider) -> str:
    """The known confusion: the public key, which everybody has, as a shared secret."""
    parts = ({"alg": "HS256", "kid": "one"}, claims)
    signed = ".".join(packed(json.dumps(part).encode()) for part in parts)
    digest = hmac.digest(provider.key.as_pem(private=False), signed.encode(), "sha256")
    return f"{signed}.{packed(digest)}"


def by_secret(claims: dict[str, Any], provider: SmallProvider) -> str:
    return jwt.encode({"alg": "HS256"}, claims, jwk.OctKey.import_key(SECRET))


def by_other_key(claims: dict[str, Any], provider: SmallProvider) -> str:
    key = jwk.RSAKey.generate_key(2048, {"kid": "one"})
    return jwt.encode({"alg": "RS256", "kid": "one"}, claims, key)


def altered(claims: dict[str, Any], provider: SmallProvider) -> str:
    head, body, signature = provider.sign_rightly(claims).split(".")
    changed = json.loads(base64.urlsafe_b64decode(body + "==")) | {"sub": "other"}
    return f"{head}.{packed(json.dumps(changed).encode())}.{signature}"


@pytest.mark.parametrize("sign", [unsigned, by_public_key, by_secret, by_other_key, altered])
@pytest.mark.filterwarnings("ignore::joserfc.errors.SecurityWarning")
def test_a_token_that_the_provider_did_not_sign_is_refused(
    window: Guest,
    provider: SmallProvider,
    sign: Callable[[dict[str, Any], SmallProvider], str],
) -> None:
    provider.sign = lambda claims: sign(claims, provider)
    assert come_in(window).status_code == 403
    assert window.get("/rumah/akun").status_code == 303
    provider.sign = provider.sign_rightly
    assert come_in(window).status_code == 303


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "https://evil.example"},
        {"iss": None},
        {"aud": "other"},
        {"aud": ["other", "more"]},
        {"aud": [CLIENT, "other"]},
        {"aud": [CLIENT, "other"], "azp": "other"},
        {"azp": "other"},
        {"aud": None},
        {"exp": int(time.time()) - 3600},
        {"exp": None},
        {"exp": "soon"},
        {"nbf": int(time.time()) + 3600},
        {"iat": int(time.time()) + 3600},
        {"nonce": "of another attempt"},
        {"nonce": None},
        {"sub": None},
        {"preferred_username": None},
        {"preferred_username": ["camat"]},
    ],
)
def test_a_token_that_says_the_wrong_thing_is_refused(
    window: Guest, provider: SmallProvider, claims: dict[str, Any]
) -> None:
    provider.claims |= claims
    assert come_in(window).status_code == 403
    assert window.get("/rumah/akun").status_code == 303


def test_a_state_is_good_once_and_in_its_own_browser_only(
    releases: Path, tmp_path: Path, window: Guest, opened: event_store.Register
) -> None:
    back = back_from(window)
    with guest(releases, f"sqlite:///{tmp_path / 'register.db'}", oidc=tmp_path / "oidc.toml") as b:
        b.get("/rumah/masuk")
        assert b.get(back).status_code == 400, "another browser"
        assert b.get("/rumah/akun").status_code == 303
    assert window.get(back).status_code == 303
    assert window.get(back).status_code == 400, "a second time"
    for query in ("", "?state=", "?state=x&code=y", "?code=y"):
        assert window.get(f"/rumah/masuk/kembali{query}").status_code == 400
    moment = datetime.now(UTC)
    flow = provider_logins.begin_flow(opened, "b", "a", "/rumah", moment)
    with pytest.raises(SignInRefusedError):
        provider_logins.take_flow(opened, flow.state, "b", moment + timedelta(minutes=11))


def test_an_answer_without_a_code_or_of_another_issuer_is_refused(
    window: Guest, provider: SmallProvider
) -> None:
    state = parse_qs(urlsplit(back_from(window)).query)["state"][0]
    error = f"/rumah/masuk/kembali?error=access_denied&state={state}"
    assert window.get(error).status_code == 403
    assert window.get(back_from(window) + "&iss=https://evil.example").status_code == 403
    assert window.get(back_from(window) + f"&iss={provider.url}").status_code == 303


@pytest.mark.parametrize(
    "wanted",
    ["https://evil.example", "//evil.example", "/rumah/../x", "/desa", "/rumah//evil", "\\evil"],
)
def test_nobody_is_led_elsewhere_after_signing_in(window: Guest, wanted: str) -> None:
    answer = come_in(window, f"?lanjut={wanted}")
    assert answer.headers["location"] == "/rumah"


def test_a_provider_that_is_down_is_said_and_a_password_still_opens(
    window: Guest, provider: SmallProvider
) -> None:
    provider.metadata = {"token_endpoint": "http://127.0.0.1:9/token"}
    answer = come_in(window)
    assert answer.status_code == 503
    assert "tidak menjawab" in answer.text
    assert window.sign_in("sandi").status_code == 303


@pytest.mark.parametrize(
    "metadata",
    [
        {"issuer": "https://evil.example"},
        {"authorization_endpoint": "http://evil.example/in"},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"authorization_endpoint": None},
    ],
)
def test_a_description_that_is_not_of_the_issuer_is_not_followed(
    window: Guest, provider: SmallProvider, metadata: dict[str, Any]
) -> None:
    provider.metadata = metadata
    answer = window.get(START)
    assert answer.status_code == 503
    assert "location" not in answer.headers


def test_keys_that_changed_are_read_anew(
    window: Guest, provider: SmallProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert come_in(window).status_code == 303
    provider.key = jwk.RSAKey.generate_key(2048, {"kid": "two", "use": "sig"})
    assert come_in(window).status_code == 403, "not asked again within a minute"
    monkeypatch.setattr(oidc_provider, "ASKED_AGAIN_AFTER_S", 0.0)
    assert come_in(window).status_code == 303


def test_an_address_is_taken_only_where_the_provider_verified_it(
    releases: Path, tmp_path: Path, provider: SmallProvider, opened: event_store.Register
) -> None:
    add_provided(opened, "maria@kecamatan.example")
    settings = write_settings(tmp_path, provider, 'claim = "email"\n')
    provider.claims = {"sub": "9", "email": "Maria@Kecamatan.example"}
    with guest(releases, f"sqlite:///{tmp_path / 'register.db'}", oidc=settings) as window:
        for verified in (None, False, "true"):
            provider.claims["email_verified"] = verified
            assert come_in(window).status_code == 403
        provider.claims["email_verified"] = True
        assert come_in(window).status_code == 303


def test_too_many_attempts_of_one_address_wait(opened: event_store.Register, window: Guest) -> None:
    for _ in range(provider_logins.MOST_OF_ADDRESS):
        provider_logins.begin_flow(opened, "b", "203.0.113.9", "/rumah", datetime.now(UTC))
    assert window.get(START).status_code == 429
    with opened.transaction(writes=True) as connection:
        connection.execute(sa.update(provider_logins.FLOW).values(expires="2000"))
    assert window.get(START).status_code == 303


def test_without_a_provider_there_is_no_such_door(
    releases: Path, tmp_path: Path, opened: event_store.Register
) -> None:
    with guest(releases, f"sqlite:///{tmp_path / 'register.db'}") as window:
        assert START not in window.get("/rumah/masuk").text
        assert window.get(START).status_code == 404
        assert window.get("/rumah/masuk/kembali?state=x").status_code == 404


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('issuer = "https://x"', "client_id"),
        ('issuer = "ftp://x"\nclient_id = "c"', "https URL"),
        ('issuer = "http://sso.example"\nclient_id = "c"', "https URL"),
        ('issuer = "https://x"\nclient_id = "c"\nscope = "email"', "openid"),
        ('issuer = "https://x"\nclient_id = "c"\nclient_secret_file = "none"', "cannot be read"),
        ('issuer = "https://x"\nclient_id = "c"\nclaims = "x"', "claims"),
        ("no toml", "cannot be read"),
    ],
)
def test_settings_that_cannot_be_used_are_refused_at_the_start(
    tmp_path: Path, text: str, message: str
) -> None:
    path = tmp_path / "oidc.toml"
    path.write_text(text)
    with pytest.raises(SettingsError, match=message):
        oidc_provider.read_provider(path)


def test_attempts_and_accounts_of_a_provider_are_kept_in_either_database(
    register: event_store.Register,
) -> None:
    add_provided(register, "camat")
    flow = provider_logins.begin_flow(register, "b", "a", "/rumah", NOW)
    with pytest.raises(SignInRefusedError):
        provider_logins.take_flow(register, flow.state, "other", NOW)
    assert provider_logins.take_flow(register, flow.state, "b", NOW) == flow
    token = provider_logins.sign_in(register, "i\ns", "Camat", "a", NOW)
    person = sessions.Sessions(register).person(token, NOW)
    assert person is not None
    assert person.by_provider
