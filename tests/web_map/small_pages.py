"""Pages of the four desa of `tests.layers.provenance.world`."""

from __future__ import annotations

from html import unescape

from tests.geo_service.client import Client

KECAMATAN = "/kecamatan/99.01.01"


def page_of(client: Client, url: str) -> str:
    answer = client.get(url, accept="text/html")
    assert answer.status_code == 200, answer.text[:300]
    return unescape(answer.text)


def part_of(page: str, name: str) -> str:
    """The text of one part of a page, up to the next."""
    return page.split(f'data-part="{name}"')[1].split("data-part=")[0]
