"""A place is found as people type it: carelessly, by code, with what it lies in."""

from __future__ import annotations

import re

import pytest

from tests.web_map.conftest import Pages


def test_search_finds_names_typed_carelessly_and_codes(pages: Pages) -> None:
    assert "Tapian Laut/ Saurnauli" in pages.get("/cari?q=TAPIAN laut saur").text
    assert "/desa/99.01.01.2003" in pages.get("/cari?q=9901012003").text
    assert "/kecamatan/99.01.01" in pages.get("/cari?q=99.01.01").text


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("saurnauli tanjung sagara", {"99.01.01.2010"}),
        ("desa pasir panjang kec. tanjung sagara", {"99.01.01.2004"}),
        ("pasir panjang lembah manuk", set()),
        ("kecamatan tanjung sagara kab. sagara raya", {"99.01.01"}),
        ("- kab", set()),
        (" ".join("abcdefghijklmnop"), set()),
    ],
)
def test_search_is_narrowed_by_what_a_place_lies_in(
    pages: Pages, text: str, found: set[str]
) -> None:
    page = pages.get(f"/cari?q={text}").text.split("<main")[1]
    assert set(re.findall(r'href="/(?:desa|kecamatan)/([\d.]+)', page)) == found
