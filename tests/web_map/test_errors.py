"""Every error is a page for people, in their language with a way back, and data for programs."""

from __future__ import annotations

import re
from pathlib import Path

import httpx
import pytest
from fastapi.routing import APIRoute

from geo_service.app import CHECKED
from geo_service.errors import ServerBusyError
from geo_service.http.gate import Gate
from geo_service.ogc import items
from layers.release.errors import ReleaseUnusableError
from tests.web_map.conftest import HTML, Pages
from web_map.all_pages import PAGES

KECAMATAN = "/kecamatan/99.01.01"
EMBED = "/embed/kecamatan/99.01.01"
ROUTES = sorted(
    {
        route.path
        for router in (*CHECKED, items.router, *PAGES.routers)
        for route in router.routes
        if isinstance(route, APIRoute)
    }
)
READS_HTML = (
    HTML,
    "text/html",
    "application/xhtml+xml,*/*;q=0.1",
    "TEXT/HTML",
    "text/html;q=0.5, application/json;q=0.4",
)
READS_DATA = (
    "*/*",
    "application/json",
    "application/json, text/html;q=0.9",
    "image/avif,image/webp,*/*;q=0.8",
    "text/html;q=0",
    "",
)
# Asked before a route is found, or answered without one.
EARLY = {
    "/nope": 404,
    "/%63ollections": 404,
    "/%ff": 404,
    "/kecamatan/%ff%fe": 404,
    "/kecamatan/99.01.01%2fbanding": 404,
    "/assets/nope.js": 404,
    "/tiles/desa/8/217/131.mvt?nope=1": 400,
    "/tiles/desa/25/0/0.mvt": 404,
    "/releases/nope/files/manifest.json": 404,
    "/releases/nope/kecamatan/99.01.01": 404,
    "/?nope=1": 400,
    "/?lang=fr": 400,
    f"{KECAMATAN}.png?width=1": 400,
    f"{KECAMATAN}.csv?layer=nothing": 400,
    f"{EMBED}?layer=nothing": 400,
}


def broken(path: str) -> str:
    """A URL of a route that cannot be answered."""
    kode = path.replace("{kode}", "99.99.99").replace("{rid}", "nope")
    return re.sub(r"\{\w+\}", "nope", kode) + "?nope=1"


def check_page(answer: httpx.Response, language: str = "id") -> None:
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert f'<html lang="{language}">' in answer.text
    assert f'href="/{"?lang=en" if language == "en" else ""}"' in answer.text
    assert answer.headers["cache-control"] == "no-store"
    assert "script-src 'self'" in answer.headers["content-security-policy"]
    assert {"Accept", "Accept-Language"} <= set(answer.headers["vary"].split(", "))


def framers(answer: httpx.Response) -> str:
    return answer.headers["content-security-policy"].split("frame-ancestors ")[1].split(";")[0]


@pytest.mark.parametrize("path", ROUTES)
def test_the_errors_of_every_route_are_what_the_client_reads(pages: Pages, path: str) -> None:
    url = broken(path)
    statuses = set()
    for accept in READS_HTML:
        answer = pages.get(url, accept=accept)
        statuses.add(answer.status_code)
        check_page(answer)
    for accept in READS_DATA:
        answer = pages.get(url, accept=accept)
        statuses.add(answer.status_code)
        assert answer.headers["content-type"] == "application/problem+json", accept
        assert answer.json()["detail"]
    assert len(statuses) == 1
    assert statuses <= {400, 404, 405}


@pytest.mark.parametrize(("url", "status"), EARLY.items())
def test_errors_from_before_a_route_are_pages_too(pages: Pages, url: str, status: int) -> None:
    answer = pages.get(f"http://peta.example{url}")
    assert answer.status_code == status
    check_page(answer)
    assert pages.head(f"http://peta.example{url}", accept=HTML).status_code == status


def test_a_bad_host_a_bad_method_and_a_bad_body_are_pages_too(pages: Pages) -> None:
    run = "/processes/new-facility/execution"
    answers = {
        400: pages.get(KECAMATAN, host="a b"),
        405: pages.request("PUT", KECAMATAN, accept=HTML),
        413: pages.post(run, b" " * 200_000, accept=HTML),
        415: pages.post(run, b"x", "text/plain", accept=HTML),
        416: pages.get("/sw.js", range="bytes=99999999-"),
    }
    for status, answer in answers.items():
        assert answer.status_code == status
        check_page(answer)
    assert answers[405].headers["allow"] == "GET, HEAD, OPTIONS"
    assert answers[416].headers["content-range"].startswith("bytes */")


def test_a_server_that_is_busy_or_fails_says_so_on_a_page(
    pages: Pages, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def is_full(*_: object) -> None:
        raise ServerBusyError("Too many computations are waiting; try again in a moment.")

    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("secret path")

    monkeypatch.setattr(Gate, "run", is_full)
    body = {"inputs": {"kind": "sd", "points": [[125.7, -5.66]]}}
    busy = pages.post("/processes/new-facility/execution", body, accept=HTML)
    assert (busy.status_code, busy.headers["retry-after"]) == (503, "10")
    check_page(busy)
    assert "sibuk" in busy.text
    monkeypatch.setattr("web_map.views.readings.read_readings", fail)
    failed = pages.get(EMBED)
    assert failed.status_code == 500
    check_page(failed)
    assert "secret" not in failed.text
    assert "Server gagal menjawab" in failed.text
    assert framers(failed) == "*"
    assert "secret path" in caplog.text


def test_a_server_without_a_release_says_so_on_a_page(
    sample_releases: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(*_: object) -> None:
        raise ReleaseUnusableError("/srv/releases/current is missing")

    with Pages(sample_releases) as pages:
        monkeypatch.setattr("geo_service.releases.store.ReleaseStore.current", gone)
        answer = pages.get(KECAMATAN)
    assert answer.status_code == 503
    check_page(answer)
    assert "srv" not in answer.text


@pytest.mark.parametrize(
    ("query", "reader", "language"),
    [
        ("", "", "id"),
        ("", "en-GB,en;q=0.9", "en"),
        ("", "id-ID,id;q=0.9,en-US;q=0.8", "id"),
        ("", "en;q=0.2,id;q=0.3", "id"),
        ("", "fr,*;q=0.5", "id"),
        ("?lang=id", "en", "id"),
        ("?lang=en", "id", "en"),
        ("?lang=fr", "en", "en"),
        ("?lang=%ff", "", "id"),
    ],
)
def test_an_error_is_in_the_language_of_the_address_or_else_of_the_reader(
    pages: Pages, query: str, reader: str, language: str
) -> None:
    for path in ("/desa/99.01.01.2999", "/nope", EMBED.replace("99.01.01", "99.01.99")):
        check_page(pages.get(path + query, accept_language=reader), language)


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ("/desa/99.01.01.2999", "/kecamatan/99.01.01"),
        ("/kecamatan/99.01.99", "/kabupaten/99.01"),
        (f"{KECAMATAN}?layr=1", KECAMATAN),
        (f"{KECAMATAN}/nope", KECAMATAN),
        (f"{KECAMATAN}.png?width=1", KECAMATAN),
        (f"{EMBED}?k=99", KECAMATAN),
    ],
)
def test_an_error_leads_to_the_nearest_page_there_is(pages: Pages, path: str, place: str) -> None:
    answer = pages.get(path)
    assert answer.status_code >= 400
    assert f'href="{place}"' in answer.text
    assert pages.get(place).status_code == 200
    rid = pages.get("/", accept="application/json").json()["release_id"]
    assert f'href="/releases/{rid}{place}"' in pages.get(f"/releases/{rid}{path}").text


def test_the_error_of_an_embed_is_framed_like_the_embed(sample_releases: Path) -> None:
    ancestors = "https://portal.go.id https://*.desa.id"
    with Pages(sample_releases, frame_ancestors=ancestors) as pages:
        rid = pages.get("/", accept="application/json").json()["release_id"]
        for url in (
            f"{EMBED}?nope=1",
            "/embed/kecamatan/99.99.99",
            "/embed/desa/99.01.01.2003",
            "/embed/%63",
            f"/releases/{rid}{EMBED}?nope=1",
            f"{KECAMATAN}?embed=1&nope=1",
        ):
            answer = pages.get(url)
            assert answer.status_code >= 400
            assert framers(answer) == ancestors
            assert "<header" not in answer.text
            assert 'target="_blank" rel="noopener"' in answer.text
            assert framers(pages.get(url, accept="*/*")) == ancestors
        assert framers(pages.get(EMBED)) == ancestors
        assert framers(pages.get(f"{KECAMATAN}?nope=1")) == "'self'"
        assert framers(pages.get("/collections?nope=1", accept="*/*")) == "'none'"


def test_an_error_below_a_path_leads_back_below_it(sample_releases: Path) -> None:
    with Pages(sample_releases, public_url="https://peta.go.id/peta") as pages:
        text = pages.get("/peta/desa/99.01.01.2999").text
    assert 'href="/peta/"' in text
    assert 'href="/peta/kecamatan/99.01.01"' in text
