"""One page, one address: a slash too many or a campaign's parameters lead there all the same."""

from __future__ import annotations

import pytest

from tests.geo_service.client import HOST
from tests.web_map.conftest import Pages

APPENDED = "fbclid=IwAR1&utm_source=wa&utm_medium=grup&gclid=1&ref=portal&v=2"
PATHS = (
    "/",
    "/kecamatan/99.01.01",
    "/kabupaten/99.01",
    "/desa/99.01.01.2003",
    "/embed/kecamatan/99.01.01",
    "/kecamatan/99.01.01/banding",
    "/kecamatan/99.01.01/tindak-lanjut",
    "/kecamatan/99.01.01.png",
    "/kecamatan/99.01.01.csv",
    "/kecamatan/99.01.01/banding.csv",
    "/kecamatan/99.01.01/tindak-lanjut.csv",
    "/cari",
    "/reports/",
    "/sw.js",
)


@pytest.mark.parametrize("path", PATHS)
def test_a_page_does_not_know_how_its_reader_came(pages: Pages, path: str) -> None:
    plain, appended = pages.get(path), pages.get(f"{path}?{APPENDED}")
    assert appended.status_code == plain.status_code == 200
    assert appended.content == plain.content
    assert appended.headers["etag"] == plain.headers["etag"]


def test_what_was_asked_is_kept_beside_it(pages: Pages) -> None:
    asked = "/kecamatan/99.01.01?layer=desa.stunting_pct&desa=99.01.01.2003"
    assert pages.get(f"{asked}&{APPENDED}").content == pages.get(asked).content
    assert pages.get("/kecamatan/99.01.01?token=x").status_code == 200


@pytest.mark.parametrize(
    ("path", "other"),
    [
        ("/kecamatan/99.01.01/", "/kecamatan/99.01.01"),
        ("/kecamatan/99.01.01//", "/kecamatan/99.01.01"),
        ("/embed/kecamatan/99.01.01/", "/embed/kecamatan/99.01.01"),
        ("/kecamatan/99.01.01/banding/", "/kecamatan/99.01.01/banding"),
        ("/kecamatan/99.01.01.png/", "/kecamatan/99.01.01.png"),
        ("/reports", "/reports/"),
        ("/collections/desa/", "/collections/desa"),
        ("//", "/"),
    ],
)
def test_a_slash_leads_a_reader_to_the_one_address(pages: Pages, path: str, other: str) -> None:
    answer = pages.get(f"{HOST}{path}?lang=en&{APPENDED}")
    assert answer.status_code == 308
    assert answer.headers["location"] == f"{HOST}{other}?lang=en"
    rid = pages.get("/", accept="application/json").json()["release_id"]
    if path != "//":
        pinned = pages.get(f"{HOST}/releases/{rid}{path}")
        assert pinned.headers["location"] == f"{HOST}/releases/{rid}{other}"


def test_a_program_is_told_the_right_url_of_data_and_led_to_a_page(pages: Pages) -> None:
    wrong = pages.get("/collections/desa/", accept="application/json")
    assert wrong.status_code == 404
    assert "/collections/desa is served" in wrong.json()["detail"]
    crawler = pages.get("/kecamatan/99.01.01/", accept="*/*")
    assert (crawler.status_code, crawler.headers["location"]) == (
        308,
        f"{HOST}/kecamatan/99.01.01",
    )
    posted = pages.request("POST", "/processes/new-facility/execution/", accept="text/html")
    assert posted.status_code == 404


@pytest.mark.parametrize("path", ["//evil.example/", "/nope/", "/assets/", "/%2f%2fevil.example/"])
def test_nothing_else_is_led_anywhere(pages: Pages, path: str) -> None:
    answer = pages.get(f"{HOST}{path}")
    assert answer.status_code == 404
    assert "location" not in answer.headers


@pytest.mark.parametrize(
    "accept",
    [
        "text/html",
        "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8",
        "application/xhtml+xml,*/*;q=0.5",
        "text/*;q=0.9, */*;q=0.1",
        "Text/HTML; Q=0.7",
    ],
)
@pytest.mark.parametrize("query", ["", "?fbclid=1", "?utm_source=wa&lang=en"])
def test_a_browser_gets_the_start_page(pages: Pages, accept: str, query: str) -> None:
    answer = pages.get(f"/{query}", accept=accept)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/html")


@pytest.mark.parametrize(
    ("path", "near"),
    [
        ("/kecamatan/99.01.01?layr=x", "layer"),
        ("/kecamatan/99.01.01/banding?layer3=x", "layer"),
        ("/desa/99.01.01.2003?lng=en", "lang"),
        ("/cari?Q=x", "q"),
        ("/reports/?wilaya=99", "wilayah"),
    ],
)
def test_a_misspelt_name_is_told_the_nearest(pages: Pages, path: str, near: str) -> None:
    answer = pages.get(path, accept="application/json")
    assert answer.status_code == 400
    assert f"Did you mean '{near}" in answer.json()["detail"]
