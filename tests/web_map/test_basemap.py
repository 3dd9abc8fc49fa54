"""A base map: none by default; a configured one is the only other origin that a page may ask."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from playwright.sync_api import Browser

from geo_service.errors import SettingsError
from geo_service.http.basemap import read_basemap
from geo_service.settings import read_settings
from tests.end_to_end.processes import serving
from tests.web_map.chromium import open_map, wait_for_live
from tests.web_map.conftest import Pages

KECAMATAN = "/kecamatan/99.01.01"
GREY = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de"
    "0000000c49444154789c63686868000003060181b6a4f1b70000000049454e44ae426082"
)


def policy_of(releases: Path, **settings: str) -> str:
    client = Pages(releases, **settings)
    with client:
        return str(client.get(KECAMATAN).headers["content-security-policy"])


def sources(policy: str, directive: str) -> list[str]:
    found = re.search(rf"{directive} ([^;]*)", policy)
    assert found is not None
    return found[1].split()


def test_without_a_base_map_no_page_may_ask_another_origin(sample_releases: Path) -> None:
    policy = policy_of(sample_releases)
    assert sources(policy, "connect-src") == ["'self'"]
    assert "http" not in policy


def test_a_base_map_elsewhere_is_the_only_other_origin(sample_releases: Path) -> None:
    url = "https://tiles.example:8443/x/{z}/{x}/{y}.png © Example"
    policy = policy_of(sample_releases, basemap=url)
    assert sources(policy, "connect-src") == ["'self'", "https://tiles.example:8443"]
    assert sources(policy, "script-src") == ["'self'"]


def test_a_local_archive_is_served_in_ranges_from_our_origin(
    sample_releases: Path, tmp_path: Path
) -> None:
    archive = tmp_path / "ground.pmtiles"
    shutil.copy(sample_releases / "current" / "layers" / "desa" / "tiles.pmtiles", archive)
    client = Pages(sample_releases, basemap=f"{archive} Batas desa")
    with client:
        part = client.get("/basemap.pmtiles", range="bytes=0-6")
        assert (part.status_code, part.content) == (206, b"PMTiles")
        page = client.get(KECAMATAN)
        assert '"url": "/basemap.pmtiles"' in page.text
        assert sources(page.headers["content-security-policy"], "connect-src") == ["'self'"]


def test_without_one_there_is_nothing_at_its_address(pages: Pages) -> None:
    assert pages.get("/basemap.pmtiles").status_code == 404


@pytest.mark.parametrize(
    "text",
    [
        "https://tiles.example/style.json",
        "ftp://tiles.example/{z}/{x}/{y}.png",
        "https://tiles.example;script-src/{z}/{x}/{y}.png",
        "ground.mbtiles",
        "",
    ],
)
def test_what_is_no_base_map_is_refused_at_the_start(text: str) -> None:
    with pytest.raises(ValueError, match=r"expected a \.pmtiles file"):
        read_basemap(text)
    with pytest.raises(SettingsError, match="GEO_BASEMAP"):
        read_settings({"GEO_BASEMAP": text})


def test_a_local_archive_that_is_not_there_stops_the_start(sample_releases: Path) -> None:
    with pytest.raises(SettingsError, match="there is no file"):
        Pages(sample_releases, basemap="nowhere.pmtiles")


class Tiles(BaseHTTPRequestHandler):
    """Another origin with one grey pixel for every tile."""

    asked: list[str] = []  # noqa: RUF012  one list for the one server of a test

    def do_GET(self) -> None:
        self.asked.append(self.path)
        self.send_response(200)
        self.send_header("Content-Type", "image/png")
        self.send_header("Access-Control-Allow-Origin", "*")
        self.end_headers()
        self.wfile.write(GREY)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  its name there
        """Nothing: the test's output stays readable."""


@pytest.fixture
def tiles() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Tiles)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.mark.browser
def test_the_live_map_draws_a_base_map_of_another_origin(
    drawing: Browser, sample_releases: Path, tiles: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GEO_BASEMAP", f"{tiles}/{{z}}/{{x}}/{{y}}.png Peta uji")
    with serving(sample_releases) as site:
        page = drawing.new_page(service_workers="block")
        open_map(page, site + KECAMATAN)
        wait_for_live(page)
        assert page.locator(".ground-by").inner_text() == "Peta uji"
        assert page.evaluate("__map.getLayer('ground-raster') !== undefined")
        page.close()
    assert Tiles.asked
