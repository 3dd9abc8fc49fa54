"""Released files: byte ranges, names, encodings; page assets."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import pytest
from starlette.types import Message

from geo_service.http.files import ServedFile, find_range, read_assets, send_file
from geo_service.http.responses import accepts_gzip, has_etag
from tests.geo_service.client import Client


@pytest.fixture
def url(rid: str) -> str:
    return f"/releases/{rid}/files/downloads/desa.gpkg"


@pytest.fixture
def content(releases: Path) -> bytes:
    return (releases / "current" / "downloads" / "desa.gpkg").read_bytes()


@pytest.mark.parametrize(
    ("asked", "part"),
    [
        ("bytes=0-0", slice(0, 1)),
        ("bytes=0-99", slice(0, 100)),
        ("bytes=100-", slice(100, None)),
        ("bytes=-7", slice(-7, None)),
        ("bytes=10-9999999", slice(10, None)),
        ("bytes=-9999999", slice(0, None)),
    ],
)
def test_a_range_is_exactly_those_bytes(
    client: Client, url: str, content: bytes, asked: str, part: slice
) -> None:
    answer = client.get(url, range=asked, accept_encoding="gzip")
    assert answer.status_code == 206
    assert answer.content == content[part]
    start, stop, _ = part.indices(len(content))
    assert answer.headers["content-range"] == f"bytes {start}-{stop - 1}/{len(content)}"
    assert answer.headers["content-length"] == str(stop - start)
    assert "content-encoding" not in answer.headers
    assert client.head(url, range=asked).status_code == 206


@pytest.mark.parametrize("asked", ["bytes=9999999-", "bytes=-0"])
def test_a_range_outside_the_file_is_refused(
    client: Client, url: str, content: bytes, asked: str
) -> None:
    answer = client.get(url, range=asked)
    assert answer.status_code == 416
    assert answer.headers["content-range"] == f"bytes */{len(content)}"


@pytest.mark.parametrize(
    "asked",
    ["lines=0-9", "bytes=x", "bytes=9-3", "bytes=0-1,4-5", "bytes=-", "bytes=" + "9" * 5000],
)
def test_a_range_that_is_not_understood_gives_the_whole_file(
    client: Client, url: str, content: bytes, asked: str
) -> None:
    answer = client.get(url, range=asked)
    assert (answer.status_code, answer.content) == (200, content)


def test_a_range_of_another_version_gives_the_whole_file(client: Client, url: str) -> None:
    etag = client.head(url).headers["etag"]
    assert client.get(url, range="bytes=0-9", if_range=etag).status_code == 206
    assert client.get(url, range="bytes=0-9", if_range='"other"').status_code == 200


def test_a_file_says_what_it_is_called(client: Client, url: str) -> None:
    headers = client.head(url).headers
    assert headers["accept-ranges"] == "bytes"
    assert headers["content-disposition"] == 'attachment; filename="desa.gpkg"'
    assert "Content-Range" in headers["access-control-expose-headers"]


def test_equal_files_of_two_releases_have_one_etag(
    two_releases: tuple[Path, str, str],
) -> None:
    root, first, second = two_releases
    with Client(root) as client:
        tags = [
            client.head(f"/releases/{rid}/files/layers/desa/tiles.pmtiles").headers["etag"]
            for rid in (first, second)
        ]
    assert tags[0] == tags[1]


def test_a_file_longer_than_one_chunk_is_whole(
    client: Client, rid: str, monkeypatch: pytest.MonkeyPatch, releases: Path
) -> None:
    monkeypatch.setattr("geo_service.http.files.CHUNK", 1000)
    answer = client.get(f"/releases/{rid}/files/downloads/desa.fgb")
    assert answer.content == (releases / "current" / "downloads" / "desa.fgb").read_bytes()


async def fetch_and_leave(file: ServedFile, leave_after: int) -> tuple[int, float]:
    """How many messages a client is sent that leaves after so many, and the longest pause (s).

    As in uvicorn, what is sent to a client that has gone is ignored, without any pause.
    """
    messages, gone, longest_s = 0, asyncio.Event(), 0.0

    async def receive() -> Message:
        await gone.wait()
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        nonlocal messages
        messages += 1
        if messages == leave_after:
            gone.set()

    async def watch() -> None:
        nonlocal longest_s
        while True:
            before = time.monotonic()
            await asyncio.sleep(0)
            longest_s = max(longest_s, time.monotonic() - before)

    watcher = asyncio.create_task(watch())
    await asyncio.sleep(0)
    await send_file({"method": "GET", "headers": []}, receive, send, file)
    watcher.cancel()
    return messages, longest_s


def test_a_file_is_read_no_further_when_its_client_has_gone(tmp_path: Path) -> None:
    path = tmp_path / "large.gpkg"
    with path.open("wb") as stream:
        stream.truncate(4_000_000_000)
    messages, longest_s = asyncio.run(fetch_and_leave(ServedFile(path, 4_000_000_000, "a"), 3))
    assert messages < 10
    assert longest_s < 1


@pytest.mark.parametrize(
    ("header", "expected"),
    [(b"bytes=0-0", (0, 1)), (b"Bytes=5-", (5, 10)), (b"bytes=-3", (7, 10)), (b"x", None)],
)
def test_ranges_are_read(header: bytes, expected: tuple[int, int] | None) -> None:
    assert find_range(header, 10) == expected


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (b"gzip", True),
        (b"br;q=1.0, gzip;q=0.8, *;q=0.1", True),
        (b"GZIP", True),
        (b"*", True),
        (b"", False),
        (b"br", False),
        (b"gzip; q=0", False),
        (b"*, gzip;q=0", False),
        (b"identity", False),
    ],
)
def test_encodings_are_negotiated(header: bytes, expected: bool) -> None:
    assert accepts_gzip(header) is expected


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (b'"a"', True),
        (b'W/"a"', True),
        (b'"b", "a"', True),
        (b"*", True),
        (b'"b"', False),
        (b"a", False),
        (None, False),
    ],
)
def test_validators_are_compared(header: bytes | None, expected: bool) -> None:
    assert has_etag(header, "a") is expected


def test_assets_are_served_by_their_exact_name_only(tmp_path: Path) -> None:
    (tmp_path / "fonts").mkdir()
    (tmp_path / "map-BfX3k9aQ.js").write_text("1")
    (tmp_path / "fonts" / "a.woff2").write_text("2")
    assets = read_assets(tmp_path)
    assert set(assets) == {"/assets/map-BfX3k9aQ.js", "/assets/fonts/a.woff2"}
    assert b"immutable" in assets["/assets/map-BfX3k9aQ.js"].cache_control
    assert b"immutable" not in assets["/assets/fonts/a.woff2"].cache_control
    assert read_assets(tmp_path / "none") == {}
