"""Pages where a layer needs a token: who shows none is told how, who shows one has the live map."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, Request

from geo_service.releases.release import Release
from tests.end_to_end.processes import serving
from tests.geo_service import test_token_layers as tokens
from tests.web_map.chromium import open_map, strict_page, until, wait_for_live
from tests.web_map.conftest import HTML, Pages

KECAMATAN, DESA = "/kecamatan/99.01.01", "/desa/99.01.01.2002"
OPEN_FIELD = "?layer=gaps.gap_count"


@pytest.fixture(scope="module")
def closed(small_releases: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The four desa, whose layer needs a token; layers of the same level do not."""
    return tokens.guard(small_releases, tmp_path_factory.mktemp("closed"), "desa")


@pytest.fixture(scope="module")
def pages_of_closed(closed: Path) -> Iterator[Pages]:
    with Pages(closed) as pages:
        yield pages


@pytest.mark.parametrize("kode", ["99.01.01.2002", "99.01.01.2999"])
@pytest.mark.parametrize("prefix", ["", "/releases/{id}"])
def test_what_needs_a_token_says_how_to_show_it_whether_it_exists_or_not(
    pages_of_closed: Pages, closed: Path, kode: str, prefix: str
) -> None:
    release = (closed / "current").resolve().name
    answer = pages_of_closed.get(f"{prefix.format(id=release)}/desa/{kode}")
    assert answer.status_code == 401
    bearer, basic = answer.headers.get_list("www-authenticate")
    assert bearer.startswith("Bearer ")
    assert basic.startswith("Basic ")
    assert "Masuk dengan token" in answer.text
    path = answer.url.path
    assert f'href="/masuk?lanjut={path}"' in answer.text


@pytest.mark.parametrize(
    "path",
    [
        f"{DESA}/asal",
        f"{DESA}/asal.json",
        f"{KECAMATAN}?layer=desa.air_minum_layak_pct",
        f"{KECAMATAN}.png?layer=desa.air_minum_layak_pct",
        f"{KECAMATAN}.csv?layer=desa",
        f"{KECAMATAN}.xlsx?layer=desa.air_minum_layak_pct",
        f"{KECAMATAN}.csv-metadata.json?layer=desa.air_minum_layak_pct",
        f"{KECAMATAN}/banding?layer=desa.air_minum_layak_pct",
        f"/embed{KECAMATAN}?layer=desa.air_minum_layak_pct",
        f"{KECAMATAN}/tindak-lanjut",
        f"{KECAMATAN}/tindak-lanjut.csv",
        f"{KECAMATAN}/tindak-lanjut.csv-metadata.json",
        "/kabupaten/99.01",
        "/reports/",
    ],
)
def test_pages_pictures_tables_and_embeds_of_it_ask_for_a_token(
    pages_of_closed: Pages, closed: Path, path: str
) -> None:
    assert pages_of_closed.get(path).status_code == 401
    shown = {"authorization": f"Bearer {tokens.make_token(closed, '*')}"}
    opened = pages_of_closed.get(path, **shown)
    assert opened.status_code == 200, opened.text[:300]
    other = {"authorization": f"Bearer {tokens.make_token(closed, 'spending')}"}
    assert pages_of_closed.get(path, **other).status_code == 403


def test_facilities_and_processes_that_are_closed_are_not_said_to_be_unknown(
    small_releases: Path, tmp_path: Path
) -> None:
    with Pages(tokens.guard(small_releases, tmp_path, "facilities")) as pages:
        assert pages.get(f"{KECAMATAN}?layer=desa&facilities=sd").status_code == 401
        assert pages.get(f"{KECAMATAN}?layer=gaps.gap_count").status_code == 401
        assert pages.get("/processes/siting").status_code == 401
        assert pages.get("/processes/none").status_code == 401
        assert pages.get(f"{KECAMATAN}?layer=none.gap_count").status_code == 400
        assert pages.get(f"{KECAMATAN}?layer=desa&facilities=none").status_code == 200


def test_a_search_says_that_desa_are_left_out(pages_of_closed: Pages, closed: Path) -> None:
    assert "hanya untuk pemegang token" in pages_of_closed.get("/cari?q=99").text
    shown = {"authorization": f"Bearer {tokens.make_token(closed, '*')}"}
    assert "pemegang token" not in pages_of_closed.get("/cari?q=99", **shown).text


@pytest.mark.parametrize(
    "address", ["https://a.example/", "//a.example", "/\\a.example", "a", "/ b"]
)
def test_signing_in_leads_to_pages_of_this_server_only(
    pages_of_closed: Pages, closed: Path, address: str
) -> None:
    shown = {"authorization": f"Bearer {tokens.make_token(closed, '*')}"}
    assert pages_of_closed.get(f"/masuk?lanjut={address}", **shown).status_code == 400


def test_signing_in_asks_for_a_token_once_and_leads_on(
    pages_of_closed: Pages, closed: Path, small_releases: Path
) -> None:
    path = "/masuk?lanjut=/kecamatan/99.01.01?layer%3Dgaps.gap_count"
    asked = pages_of_closed.get(path)
    assert asked.status_code == 401
    assert 'href="/masuk?lanjut=/kecamatan/99.01.01?layer%3Dgaps.gap_count"' in asked.text
    token = tokens.make_token(closed, "*")
    led = pages_of_closed.get(path, authorization=f"Bearer {token}")
    assert (led.status_code, led.headers["location"]) == (303, f"{KECAMATAN}{OPEN_FIELD}")
    assert "no-store" in led.headers["cache-control"]
    carried = pages_of_closed.get(f"{path}&token={token}").headers["location"]
    assert carried == f"{KECAMATAN}{OPEN_FIELD}&token={token}"
    with Pages(small_releases) as pages:
        assert pages.get(path).status_code == 303


# --- the live map of a closed level, in a browser ------------------------------------------------


@pytest.fixture(scope="module")
def site_of_closed(closed: Path) -> Iterator[str]:
    with serving(closed) as url:
        yield url


@pytest.mark.browser
def test_the_live_map_works_for_who_signs_in(
    drawing: Browser, site_of_closed: str, closed: Path
) -> None:
    token = tokens.make_token(closed, "*")
    credentials = {"username": "camat", "password": token}
    # With a service worker, which the second page goes through: it keeps nothing of this.
    options = {"http_credentials": credentials, "service_workers": "allow"}
    with strict_page(drawing, **options) as page:
        page.goto(f"{site_of_closed}/masuk?lanjut={KECAMATAN}")
        wait_for_live(page)
        assert page.url == f"{site_of_closed}{KECAMATAN}"
        assert token not in page.content()
        page.wait_for_function("navigator.serviceWorker.controller !== null")
        answer = page.goto(f"{site_of_closed}{DESA}")
        assert answer is not None
        assert (answer.status, answer.from_service_worker) == (200, True)
        open_map(page, f"{site_of_closed}{KECAMATAN}")
        wait_for_live(page)


@pytest.mark.browser
def test_the_live_map_works_with_a_token_in_the_address(
    drawing: Browser, site_of_closed: str, closed: Path
) -> None:
    with strict_page(drawing) as page:
        page.goto(f"{site_of_closed}{KECAMATAN}?token={tokens.make_token(closed, '*')}")
        wait_for_live(page)


def refusals_of(request: Request) -> list[str]:
    """The address of a request that was refused."""
    answer = request.response()
    return [request.url] if answer is not None and answer.status in {401, 403} else []


@pytest.mark.browser
@pytest.mark.parametrize("area", ["", "99.01.01"])
def test_who_may_not_have_its_tiles_is_told_so(
    drawing: Browser, site_of_closed: str, closed: Path, area: str
) -> None:
    query = f"&token={tokens.make_token(closed, '*', areas=(area,))}" if area else ""
    with strict_page(drawing) as page:
        refused: list[str] = []
        page.on("requestfinished", lambda request: refused.extend(refusals_of(request)))
        open_map(page, f"{site_of_closed}{KECAMATAN}{OPEN_FIELD}{query}")
        until(page, "document.querySelector('#say').textContent.includes('pemegang token')")
        assert refused == []
        # Here nobody answers the browser's question for a token.
        with page.expect_request("**/masuk?lanjut=*") as asked:
            page.click("#say button")
        assert asked.value.url.endswith(quote(KECAMATAN + OPEN_FIELD + query, safe=""))


def test_the_map_of_all_kecamatan_is_there_for_who_may_have_its_tiles(
    small_releases: Path, tmp_path: Path
) -> None:
    releases = tokens.guard(small_releases, tmp_path, "kecamatan")
    release = Release((releases / "current").resolve())
    assert "kecamatan" in release.guarded
    with Pages(releases) as pages:
        for areas in ((), ("99.01.01",)):
            token = tokens.make_token(releases, "*", areas=areas)
            start = pages.get("/", accept=HTML, authorization=f"Bearer {token}")
            assert start.status_code == 200
            assert ("layers/kecamatan/tiles.pmtiles" in start.text) <= (not areas)
