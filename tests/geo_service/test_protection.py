"""What headers keep from readers: TLS only, no powers for pages, data for all, nobody's host."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import httpx
import pytest

from geo_service.settings import Settings
from tests.geo_service.client import Client

BROWSER = "text/html,*/*;q=0.8"
PAGE = "/kecamatan/99.01.01"


@pytest.fixture(scope="module")
def sample(sample_releases: Path) -> Path:
    return sample_releases


def pinned(client: Client) -> str:
    return f"/releases/{client.json('/')['release_id']}"


def test_pages_open_for_nobody_and_data_for_all(sample: Path) -> None:
    with Client(sample) as client:
        page, data = client.get(PAGE), client.get("/collections")
        error = client.get("/nope", accept=BROWSER)
    for answer in (page, error):
        assert "access-control-allow-origin" not in answer.headers
        assert answer.headers["cross-origin-opener-policy"] == "same-origin"
        assert "camera=()" in answer.headers["permissions-policy"]
    assert data.headers["access-control-allow-origin"] == "*"


@pytest.mark.parametrize(
    ("settings", "headers", "is_secure"),
    [
        ({}, {}, False),
        ({"public_url": "https://peta.go.id"}, {}, True),
        ({"public_url": "http://peta.go.id"}, {"x_forwarded_proto": "https"}, False),
        ({"trusted_proxies": ("203.0.113.9",)}, {"x_forwarded_proto": "https"}, True),
        ({"trusted_proxies": ("203.0.113.9",)}, {"x_forwarded_proto": "http"}, False),
        ({}, {"x_forwarded_proto": "https"}, False),
    ],
)
def test_tls_is_kept_where_there_is_tls(
    releases: Path, settings: dict[str, Any], headers: dict[str, str], is_secure: bool
) -> None:
    with Client(releases, **settings) as client:
        rid = client.json("/")["release_id"]
        file = f"/releases/{rid}/files/manifest.json"
        for url in ("/", "/nope", "/tiles/desa/10/856/536.mvt", file, "/healthz"):
            answer = client.get(url, **headers)
            assert ("strict-transport-security" in answer.headers) == is_secure, url


HOSTILE = [
    ({}, {"host": "evil.example"}),
    ({"trusted_proxies": ("203.0.113.9",)}, {"x_forwarded_host": "evil.example"}),
    ({"trusted_proxies": ("203.0.113.9",)}, {"x_forwarded_prefix": "/evil"}),
    ({"trusted_proxies": ("203.0.113.9",)}, {"x_forwarded_port": "666"}),
]
PATHS = [
    *("", "/collections", "/collections/desa/items", PAGE, f"{PAGE}.csv", f"{PAGE}.png"),
    *(f"{PAGE}/tindak-lanjut", f"{PAGE}/tindak-lanjut.csv", f"{PAGE}/banding", f"{PAGE}.xlsx"),
    *("/desa/99.01.01.2003", "/embed/kecamatan/99.01.01", f"{PAGE}/", "/nope"),
]


@pytest.mark.parametrize(("settings", "headers"), HOSTILE)
def test_nothing_that_a_client_writes_is_kept_for_others(
    sample: Path, settings: dict[str, Any], headers: dict[str, str]
) -> None:
    """One request must not fill a shared cache: what others get is the same, or not kept long."""
    with Client(sample, **settings) as client:
        for path in PATHS:
            url = pinned(client) + path
            honest = client.get(url, accept=BROWSER)
            hostile = client.get(url, accept=BROWSER, **headers)
            is_kept = "immutable" in hostile.headers.get("cache-control", "")
            assert not is_kept or content(hostile) == content(honest), url


def content(answer: httpx.Response) -> tuple[bytes, str | None, str | None]:
    return answer.content, answer.headers.get("link"), answer.headers.get("location")


def test_pages_are_kept_for_ever_where_the_address_is_configured(sample: Path) -> None:
    with Client(sample, public_url="https://peta.go.id") as client:
        for path in (PAGE, "/desa/99.01.01.2003", f"{PAGE}.csv", "/collections"):
            answer = client.get(pinned(client) + path, host="evil.example")
            assert "immutable" in answer.headers["cache-control"], path
            assert b"evil" not in answer.content


def test_a_failure_is_a_problem_without_its_text(
    releases: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    class PanicException(BaseException):
        """As libraries in Rust raise."""

    for error in (PanicException("secret"), RecursionError("secret"), ValueError("secret")):

        def fail(*given: object, error: BaseException = error) -> None:
            raise error

        monkeypatch.setattr("geo_service.ogc.collections.describe", fail)
        with Client(releases) as client, caplog.at_level(logging.ERROR):
            answer = client.get("/collections/desa")
        assert answer.status_code == 500
        assert answer.headers["content-type"] == "application/problem+json"
        assert "secret" not in answer.text
        assert "Traceback" not in answer.text
    assert "secret" in caplog.text


def test_a_problem_repeats_only_so_much(client: Client) -> None:
    for url in (f"/collections/desa/items?datetime={'9' * 20_000}", f"/collections/{'x' * 20_000}"):
        answer = client.get(url)
        assert answer.status_code in {400, 404}
        assert len(answer.json()["detail"]) < 5_000


OPERATORS = [
    ("127.0.0.1", {}, {}, True),
    ("::1", {}, {}, True),
    ("203.0.113.9", {}, {}, False),
    ("203.0.113.9", {}, {"x_forwarded_for": "127.0.0.1"}, False),
    ("127.0.0.1", {}, {"x_forwarded_for": "203.0.113.9"}, False),
    ("127.0.0.1", {}, {"x_forwarded_for": "127.0.0.1, 203.0.113.9"}, False),
    ("127.0.0.1", {}, {"x_forwarded_proto": "https"}, False),
    ("127.0.0.1", {}, {"via": "1.1 front"}, False),
    ("127.0.0.1", {"operators": ("203.0.113.0/24",)}, {"x_forwarded_for": "203.0.113.9"}, True),
    ("203.0.113.9", {"operators": ("203.0.113.0/24",)}, {}, True),
    ("203.0.113.9", {"operators": ("*",)}, {}, True),
    ("127.0.0.1", {"operators": ("10.0.0.1",)}, {}, False),
]


@pytest.mark.parametrize(("peer", "settings", "headers", "is_operator"), OPERATORS)
def test_what_operators_need_is_for_operators(
    releases: Path, peer: str, settings: dict[str, Any], headers: dict[str, str], is_operator: bool
) -> None:
    default = {"operators": Settings(releases=releases).operators}
    with Client(releases, peer, **default | settings) as client:
        assert client.get("/metrics", **headers).status_code == (200 if is_operator else 403)
        health = client.get("/healthz", **headers)
        assert health.status_code == 200
        assert ("release_id" in health.json()) == is_operator
        assert health.json()["status"] == "ok"
