"""CPU of one answer inside the process: the hot path against frameworks sending the same bytes."""

from __future__ import annotations

import asyncio
import atexit
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from fastapi import FastAPI, Response
from fastapi.responses import FileResponse
from pmtiles.reader import MmapSource, Reader
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles

from geo_service.app import create_app
from geo_service.releases.store import ReleaseStore
from geo_service.settings import Settings
from layers.publish.publication import build_into, publish
from tests.benchmarks.harness import compare
from tests.layers.publish.world import write_world
from web_map.all_pages import PAGES

REQUESTS = 1500
TILE = "tiles/desa/10/856/536.mvt"
HEADERS = [(b"host", b"127.0.0.1"), (b"accept-encoding", b"gzip")]


def ask(app: Any, path: str, query: bytes = b"") -> Callable[[], None]:
    """`REQUESTS` requests for one path, one after the other, without a network."""
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": query,
        "root_path": "",
        "headers": HEADERS,
        "client": ("127.0.0.1", 1),
        "server": ("x", 80),
    }

    async def receive() -> dict[str, Any]:
        # Who waits for the client to go away waits until cancelled.
        return await asyncio.get_running_loop().create_future()  # type: ignore[no-any-return]  # never returns

    async def send(message: dict[str, Any]) -> None:
        assert message.get("status", 200) == 200, message

    async def run() -> None:
        for _ in range(REQUESTS):
            await app({**scope, "headers": list(HEADERS)}, receive, send)

    return lambda: asyncio.run(run())


def fastapi_tile(content: bytes) -> FastAPI:
    """The tile as a FastAPI route that has the bytes in memory."""
    app = FastAPI()

    @app.get("/tiles/{layer}/{z}/{x}/{y}.mvt")
    async def tile(layer: str, z: int, x: int, y: int) -> Response:
        return Response(content, media_type="application/vnd.mapbox-vector-tile")

    return app


def fastapi_file(path: Path) -> FastAPI:
    """The file as FastAPI's own answer for files."""
    app = FastAPI()

    @app.get("/files/{name}")
    async def file(name: str) -> FileResponse:
        return FileResponse(path)

    return app


@cache
def published() -> Path:
    """A directory with one published release, kept until the process ends."""
    folder = tempfile.TemporaryDirectory()
    atexit.register(folder.cleanup)
    releases = Path(folder.name) / "releases"
    publish(releases, build_into(releases, write_world))
    return releases


def bench_tiles() -> None:
    """A tile: ours finds it in the archive; FastAPI has it in memory, Starlette in a file."""
    releases = published()
    folder = releases.parent / "static"
    release = ReleaseStore(releases).current()
    archive = release.archive("desa")
    place = archive.find(10, 856, 536)
    assert place is not None
    content = archive.read(place)
    target = folder / TILE
    target.parent.mkdir(parents=True)
    target.write_bytes(content)
    ours = ask(create_app(Settings(releases=releases), PAGES), f"/releases/{release.id}/{TILE}")
    compare("tile-vs-fastapi", ours, ask(fastapi_tile(content), f"/{TILE}"), limit=0.6)
    static = Starlette(routes=[Mount("/", StaticFiles(directory=folder))])
    compare("tile-vs-staticfiles", ours, ask(static, f"/{TILE}"), limit=0.4)


def bench_files() -> None:
    """A whole file of some kilobytes."""
    releases = published()
    release = ReleaseStore(releases).current()
    name = "downloads/desa.fgb"
    ours = ask(
        create_app(Settings(releases=releases), PAGES), f"/releases/{release.id}/files/{name}"
    )
    peer = ask(fastapi_file(release.path / name), "/files/desa.fgb")
    compare("file-vs-fastapi", ours, peer, limit=0.5)


def bench_archive() -> None:
    """Finding a tile, against the reference reader."""
    release = ReleaseStore(published()).current()
    archive = release.archive("desa")
    with (release.path / "layers/desa/tiles.pmtiles").open("rb") as file:
        reader = Reader(MmapSource(file))  # type: ignore[no-untyped-call]  # no types there

        def ours() -> None:
            for _ in range(2000):
                place = archive.find(10, 856, 536)
                assert place is not None
                archive.read(place)

        def peer() -> None:
            for _ in range(2000):
                assert reader.get(10, 856, 536)  # type: ignore[no-untyped-call]  # no types there

        compare("archive-vs-pmtiles", ours, peer, limit=0.1)
