"""Tokens of an area, tokens in addresses, and what is kept of them."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from geo_service.access.token_file import FILE_NAME, TokenBook
from geo_service.releases.release import Release
from tests.geo_service.client import Client
from tests.geo_service.test_token_layers import (
    BROWSER,
    OTHER_PLACE,
    PLACE,
    guard,
    leaked_in,
    make_token,
    secrets_of,
)


@pytest.fixture(scope="module")
def of_spending(sample_releases: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return guard(sample_releases, tmp_path_factory.mktemp("spending"), "spending")


def test_a_token_of_an_area_opens_that_area(of_spending: Path) -> None:
    token = make_token(of_spending, "spending", areas=(PLACE,))
    shown = {"authorization": f"Bearer {token}"}
    release = Release((of_spending / "current").resolve())
    field = next(entry.name for entry in release.layer("spending").fields if entry.thematic)
    elsewhere = secrets_of(release, OTHER_PLACE) - secrets_of(release, PLACE)
    here = secrets_of(release, PLACE) - elsewhere
    with Client(of_spending) as client:
        items = client.get("/collections/spending/items?limit=1000", **shown)
        codes = {feature["properties"]["kode"] for feature in items.json()["features"]}
        assert codes
        assert all(kode.startswith(f"{PLACE}.") for kode in codes)
        assert items.json()["numberMatched"] == len(codes)
        other = client.json("/collections/desa/items?kode_kecamatan=99.01.02")["features"][0]["id"]
        assert client.get(f"/collections/spending/items/{other}", **shown).status_code == 404
        pinned = f"/releases/{release.id}"
        for url in (
            f"{pinned}/tiles/spending/8/217/131.mvt",
            f"{pinned}/files/downloads/spending.csv",
            f"{pinned}/files/layers/spending/values/ids.json",
            "/tiles/spending.json",
            "/styles/spending.json",
        ):
            assert client.get(url, **shown).status_code == 403, url
        for ending in ("", ".csv"):
            url = f"/kecamatan/{PLACE}{ending}?layer=spending.{field}"
            page = client.get(url, accept=BROWSER, **shown)
            assert page.status_code == 200
            assert "Rp" in page.text or leaked_in(page.content, here)
            assert not leaked_in(page.content, elsewhere)
            other_page = client.get(url.replace(PLACE, OTHER_PLACE), accept=BROWSER, **shown)
            assert not leaked_in(other_page.content, elsewhere | here)


def test_tokens_are_kept_as_hashes_and_read_again_at_once(of_spending: Path) -> None:
    token = make_token(of_spending, "*")
    path = of_spending / FILE_NAME
    assert token.removeprefix("geo_") not in path.read_text()
    assert path.stat().st_mode & 0o077 == 0
    shown = {"authorization": f"Bearer {token}"}
    with Client(of_spending) as client:
        assert client.get("/collections/spending", **shown).status_code == 200
        book = TokenBook(of_spending)
        book.revoke(book.list()[0].id)
        assert client.get("/collections/spending", **shown).status_code == 401
        path.write_text("{")
        assert client.get("/collections/spending", **shown).status_code == 500
        assert client.get("/collections/desa").status_code == 200
        path.unlink()
        assert client.get("/collections/spending", **shown).status_code == 401


def test_who_shows_a_token_in_the_address_is_led_on_with_it(of_spending: Path) -> None:
    token = make_token(of_spending, "spending")
    first = "/collections/spending/items?limit=10"
    with Client(of_spending) as client:
        url, codes = f"{first}&token={token}", []
        while url:
            page = client.json(url)
            codes += [feature["id"] for feature in page["features"]]
            links = {link["rel"]: link["href"] for link in page["links"]}
            assert token not in links["self"]
            url = links.get("next", "")
        assert len(set(codes)) == page["numberMatched"] > 10
        assert f"token={token}" in links["prev"]
        style = client.get(f"/styles/spending.json?token={token}").json()
        tiles = client.get(f"/tiles/spending.json?token={token}").json()["tiles"]
        assert [source["tiles"] for source in style["sources"].values()] == [tiles]
        assert client.get(tiles[0].format(z=8, x=217, y=131)).status_code in {200, 204}
        # Who sends a header sends it again; what is public never tells a token.
        for url, shown in ((first, f"Bearer {token}"), (f"{first}&token=geo_invented", "")):
            assert "token=" not in client.get(url, authorization=shown).text
        public = client.get(f"/collections/desa/items?limit=1&token={token}")
        assert public.headers["cache-control"] == "private, no-store"


def test_no_cache_keeps_an_address_that_holds_a_token(
    of_spending: Path, sample_releases: Path
) -> None:
    token = make_token(of_spending, "spending")
    for releases, text in ((of_spending, token), (sample_releases, "geo_invented")):
        pinned = f"/releases/{(releases / 'current').resolve().name}"
        urls = [
            *(f"{pinned}/tiles/desa/8/217/131.mvt", f"{pinned}/files/downloads/desa.csv"),
            *(f"{pinned}/collections", f"{pinned}/kecamatan/{PLACE}", "/collections/desa/items"),
        ]
        with Client(releases, public_url="https://peta.go.id") as client:
            for url in urls:
                answer = client.get(f"{url}?token={text}", accept=BROWSER)
                assert answer.status_code in {200, 204}, url
                assert answer.headers["cache-control"] == "private, no-store", url
            for url in urls[:2]:
                answer = client.get(url, authorization=f"Bearer {text}")
                assert answer.headers["cache-control"].startswith("public"), url


def test_a_token_is_taken_as_password_too(of_spending: Path) -> None:
    token = make_token(of_spending, "spending")
    with Client(of_spending) as client:
        for password, status in ((token, 200), (f"{token}x", 401), ("of a proxy", 401), ("", 401)):
            header = base64.b64encode(f"siapa:{password}".encode()).decode()
            answer = client.get("/collections/spending", authorization=f"Basic {header}")
            assert answer.status_code == status, password
        # The password of a proxy does not hide a token in the address.
        url = f"/collections/spending?token={token}"
        for header in ("Basic c2lhcGE6cHJveHk=", "Basic %%%", "Basic c2lhcGE6cHJveH=", "Digest x"):
            assert client.get(url, authorization=header).status_code == 200
