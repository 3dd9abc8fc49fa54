"""How many places of the code one page of a kecamatan visits: each phase is done in one module."""

from __future__ import annotations

import asyncio
from collections.abc import MutableMapping
from pathlib import Path
from typing import Any

import pytest

from geo_service.app import create_app
from geo_service.settings import Settings
from tests.architecture.measure import count_visits
from web_map.all_pages import PAGES

MOST_VISITS, MOST_RETURNS = 40, 10


def scope_of(path: str, query: str) -> dict[str, Any]:
    return {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "root_path": "",
        "client": ("127.0.0.1", 1),
        "server": ("x", 80),
        "headers": [(b"host", b"x"), (b"accept", b"text/html")],
    }


@pytest.mark.parametrize("query", ["", "layer=desa.idm_skor&lang=en"])
def test_a_page_of_a_kecamatan_visits_few_places_and_seldom_returns(
    sample_releases: Path, query: str
) -> None:
    app = create_app(Settings(releases=sample_releases), PAGES)
    answers: list[object] = []

    async def receive() -> MutableMapping[str, Any]:
        return {"type": "http.disconnect"}

    async def send(message: MutableMapping[str, Any]) -> None:
        answers.append(message.get("status"))

    async def answer() -> None:
        await app(scope_of("/kecamatan/99.01.01", query), receive, send)

    with asyncio.Runner() as runner:

        def ask() -> None:
            runner.run(answer())

        ask()
        ask()
        visits, returns = count_visits(ask)
    assert answers.count(200) == 3
    assert 20 < visits <= MOST_VISITS, visits
    assert returns <= MOST_RETURNS, returns
