"""What networks append to links is not there for us; any other unknown name is refused."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import web_map
from geo_service.http.parameter_names import (
    AMBIGUOUS,
    TRACKING,
    TRACKING_PREFIXES,
    without_tracking,
)
from tests.geo_service.client import Client
from tests.geo_service.test_contract import DOCUMENTS, FILES

APPENDED = "utm_source=wa&UTM_Medium=grup&fbclid=IwAR1&gclid=1&msclkid=2&mc_cid=3&_ga=4&utm%5Fid=5"
URLS = [*DOCUMENTS, "/healthz"]


@pytest.mark.parametrize(
    ("query", "rest"),
    [
        (b"", b""),
        (b"fbclid=1", b""),
        (b"__tn__=b&hss_channel=c&elqTrackId=d", b""),
        (b"layer=a&fbclid=1&layer2=b", b"layer=a&layer2=b"),
        (
            b"bbox=1,2,3,4&utm_source=a%26b&filter=nama%3D%27x%27",
            b"bbox=1,2,3,4&filter=nama%3D%27x%27",
        ),
        (b"utmost=1&gclids=2", b"utmost=1&gclids=2"),
        (b"fbclid", b""),
        (b"utm_source", b""),
        (b"lang=en&amp;utm_source=wa&amp;lang=id", b"lang=en&amp;lang=id"),
        (b"fb_action_ids=1&ref_src=twsrc&__twitter_impression=true&hsCtaTracking=2", b""),
        (b"=&a=\xff&fbclid=\xff", b"=&a=\xff"),
        (b"__cft__[0]=AZ&__cft__%5B1%5D=b&gad=1&gad_source=2&si=3", b""),
        (b"ttclid=1&yclid=2&_gl=3&mc_cid=4&gclid[]=5&_x_tr_tl=en&__hstc=6", b""),
        (b"layer[0]=a&gadget=1&coba[]=2", b"layer[0]=a&gadget=1&coba[]=2"),
    ],
)
def test_what_is_left_of_a_query_keeps_its_bytes(query: bytes, rest: bytes) -> None:
    assert without_tracking(query, "/kecamatan/99.01.01") == rest


def test_a_name_that_could_be_a_property_is_left_to_the_layers() -> None:
    assert without_tracking(b"ref=1&v=2&gclid=3", "/collections/roads/items") == b"ref=1&v=2"
    assert without_tracking(b"ref=1&v=2", "/releases/x/collections/roads/items/1") == b"ref=1&v=2"
    assert without_tracking(b"ref=1&v=2", "/tiles/desa/8/217/131.mvt") == b""


@pytest.mark.parametrize("path", ["/collections/aset/items", "/releases/x/collections/aset/items"])
def test_a_property_of_the_layer_is_no_tracking_parameter(path: str) -> None:
    known = {"aset": ("pk_jumlah", "gclid"), "jalan": ()}
    query = b"pk_jumlah=5&utm_source=wa&gclid=1&fb_x=2"
    assert without_tracking(query, path, known.__getitem__) == b"pk_jumlah=5&gclid=1"
    other = path.replace("aset", "jalan")
    assert without_tracking(query, other, known.__getitem__) == b""
    assert without_tracking(query, "/kecamatan/99.01.01", known.__getitem__) == b""


def test_the_page_knows_the_same_names_as_the_server() -> None:
    source = Path(web_map.__file__).parent / "src" / "tracking.ts"
    pattern = re.search(r"/\^(.+)\$/i", source.read_text(encoding="utf-8"))
    assert pattern is not None
    known = re.compile(pattern[1])
    assert all(known.fullmatch(name) for name in TRACKING | AMBIGUOUS)
    assert all(known.fullmatch(f"{prefix}x") for prefix in TRACKING_PREFIXES)
    prefixes, names = re.findall(r"[(]\?:([a-z_|]+)[)]", pattern[1])
    assert tuple(prefixes.split("|")) == TRACKING_PREFIXES
    assert set(names.split("|")) == TRACKING | AMBIGUOUS


@pytest.mark.parametrize("url", URLS)
def test_no_document_knows_how_the_reader_came(client: Client, url: str) -> None:
    plain, appended = client.get(url), client.get(f"{url}?{APPENDED}")
    assert appended.status_code == plain.status_code == 200
    assert appended.content == plain.content
    for name in ("etag", "link", "cache-control", "content-type"):
        assert appended.headers.get(name) == plain.headers.get(name)


@pytest.mark.parametrize("path", FILES)
def test_no_file_knows_it_either(client: Client, rid: str, path: str) -> None:
    url = f"/releases/{rid}/files/{path}"
    plain = client.get(url)
    appended = client.get(f"{url}?v=2&{APPENDED}", if_none_match=plain.headers["etag"])
    assert appended.status_code == 304


def test_links_to_further_pages_keep_what_was_asked_and_nothing_else(client: Client) -> None:
    answer = client.json(f"/collections/desa/items?limit=1&{APPENDED}&kode_provinsi=99")
    hrefs = [link["href"] for link in answer["links"]]
    assert any("limit=1" in href and "kode_provinsi=99" in href for href in hrefs)
    assert not any("utm" in href.lower() or "clid" in href for href in hrefs)


@pytest.mark.parametrize(
    ("url", "name", "near"),
    [
        ("/collections/desa/items?limt=1", "limt", "limit"),
        ("/collections/desa/items?Kode_Kecamatan=99.01.01", "Kode_Kecamatan", "kode_kecamatan"),
        ("/collections?lnag=en", "lnag", "lang"),
        ("/tiles/desa/10/856/536.mvt?tokn=1", "tokn", "token"),
        ("/collections/desa/items?qqqq=1", "qqqq", None),
    ],
)
def test_another_name_is_refused_with_the_nearest(
    client: Client, url: str, name: str, near: str | None
) -> None:
    answer = client.get(url)
    assert answer.status_code == 400
    detail = answer.json()["detail"]
    assert f"'{name}'" in detail
    assert (f"Did you mean '{near}'?" in detail) if near else ("Did you mean" not in detail)
