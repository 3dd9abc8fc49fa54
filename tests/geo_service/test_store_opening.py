"""A release is opened beside what is answered: who asks for another one does not wait."""

from __future__ import annotations

import asyncio
import shutil
import time
from pathlib import Path
from typing import Any

import httpx
import pytest

from geo_service.releases.release import Release
from geo_service.releases.store import ReleaseStore
from tests.geo_service.client import Client
from tests.geo_service.release_folders import Two, point_current


@pytest.mark.parametrize("asked", ["/collections", "/releases/{second}/collections"])
def test_nobody_waits_while_a_release_is_opened_that_somebody_else_asks_for(
    two_releases: Two, monkeypatch: pytest.MonkeyPatch, asked: str
) -> None:
    root, first, second = two_releases
    opened: list[str] = []

    class SlowRelease(Release):
        def __init__(self, path: Path, *given: Any) -> None:
            opened.append(path.name)
            time.sleep(0.5)
            super().__init__(path, *given)

    async def ask_both(client: Client) -> tuple[list[httpx.Response], list[float], float]:
        began = time.perf_counter()
        slow = [asyncio.create_task(client._inner.get(asked.format(second=second)))]
        slow.append(asyncio.create_task(client._inner.get(f"/releases/{second}/collections/desa")))
        waits = []
        while not slow[0].done():
            sent = time.perf_counter()
            tile = await client._inner.get(f"/releases/{first}/tiles/desa.json")
            assert tile.status_code == 200
            waits.append(time.perf_counter() - sent)
        return [await task for task in slow], waits, time.perf_counter() - began

    with Client(root) as client:
        client.get("/collections")
        monkeypatch.setattr("geo_service.releases.store.Release", SlowRelease)
        point_current(root, second)
        answers, waits, seconds = client._run(ask_both(client))
    assert opened == [second]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert second in answers[0].text
    assert seconds >= 0.5
    assert len(waits) > 3
    assert max(waits) < 0.4


def test_a_release_that_was_pruned_while_it_was_opened_is_let_go(two_releases: Two) -> None:
    root, first, second = two_releases
    store = ReleaseStore(root)
    store.current()
    store.open_beside(second)
    assert store.to_be_opened(f"/releases/{second}/tiles/desa.json") == ""
    shutil.rmtree(root / second)
    store.drop_pruned()
    assert [release.id for release in store.open_releases()] == [first]
    assert store.to_be_opened("/releases/../collections") == ""
    assert store.to_be_opened("/releases") == ""


@pytest.mark.parametrize("is_altered", [False, True])
def test_what_others_did_while_a_release_was_opened_holds(
    two_releases: Two, monkeypatch: pytest.MonkeyPatch, is_altered: bool
) -> None:
    """It is current by then, and is not held twice; or a file of it is not to be served."""
    root, _, second = two_releases
    store, path = ReleaseStore(root), "layers/desa/tiles.pmtiles"

    class OvertakenRelease(Release):
        def __init__(self, directory: Path, *given: Any) -> None:
            super().__init__(directory, *given)
            monkeypatch.undo()
            if is_altered:
                store.take_withdrawn({second: {path: "altered"}})
            else:
                point_current(root, second)
                store.current()

    monkeypatch.setattr("geo_service.releases.store.Release", OvertakenRelease)
    store.open_beside(second)
    if is_altered:
        assert not store.by_id(second).integrity.is_whole(path)
    assert [release.id for release in store.open_releases()] == [second]


def test_what_does_not_open_beside_is_answered_as_before(two_releases: Two) -> None:
    root, first, second = two_releases
    with Client(root) as client:
        (root / second / "layers/desa/tiles.pmtiles").unlink()
        point_current(root, second)
        assert client.json("/?f=json")["release_id"] == first
        assert client.get(f"/releases/{second}/collections").status_code == 404
