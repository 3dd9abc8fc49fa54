"""Values of places: the CPU of a page, and of what it reads by row and by column.

The peer is how pages read before: each field and each year for all desa, to take out one kecamatan
and one desa; of the whole profile it is the page of the same release without its values by place,
as every release was before schema 1.5.  At the real size, 84,000 desa and 146 field-years
(`large_release`), and for the page of a kecamatan on the sample kabupaten too.

A page is asked through the whole application, as HTML and packed, of a warm server; its figure is
the least of some runs: what else a machine does makes the same work dearer, never cheaper.
"""

from __future__ import annotations

import asyncio
import atexit
import tempfile
from collections.abc import Callable, MutableMapping
from functools import cache
from pathlib import Path

from geo_service.app import create_app
from geo_service.releases.release import Release
from geo_service.settings import Settings
from layers.pipeline.build import build_release
from layers.sample import write_sample
from tests.benchmarks.bench_serving import HEADERS
from tests.benchmarks.harness import absolute, compare, measure_cpu
from tests.benchmarks.large_release import (
    KECAMATAN,
    write_large_release,
    write_without_place_values,
)
from web_map.all_pages import PAGES
from web_map.views.field_values import read_values, rows_of
from web_map.views.shown_fields import thematic_layers

MOST_PROFILE_MS, MOST_KECAMATAN_MS, MOST_PLACE_MS = 15, 6, 1
REQUESTS = 40


def bench_profile() -> None:
    """The profile of a desa among 84,000: the whole page, and what it reads."""
    release = _large()
    path = f"/desa/{KECAMATAN}.2003"
    page = asker(release.path.parent, path)
    absolute("values.profile.page", _page_ms(page), limit=MOST_PROFILE_MS, unit="ms")
    old_page = asker(write_without_place_values(release.path, _folder()), path)
    compare("values.profile.page_by_column", page, old_page, limit=0.05, repeat=3)
    compare(
        "values.profile.reading",
        lambda: _read_by_row(release),
        lambda: _read_by_column(release),
        limit=0.05,
        repeat=3,
    )


def bench_kecamatan() -> None:
    """The page of a kecamatan, of the sample and among 84,000 desa; a year of its values there."""
    path = f"/kecamatan/{KECAMATAN}"
    page = asker(_sample(), path)
    absolute("values.kecamatan.page", _page_ms(page), limit=MOST_KECAMATAN_MS, unit="ms")
    release = _large()
    dated = [name for name, years in _fields(release) if years]
    query = f"layer=desa.{dated[0]}&tahun=2023".encode()
    spent = _page_ms(asker(release.path.parent, path, query))
    absolute("values.kecamatan.page_of_84k", spent, limit=MOST_KECAMATAN_MS, unit="ms")
    rows = rows_of(release, "desa", "kode_kecamatan", KECAMATAN)
    compare(
        "values.kecamatan.year",
        lambda: [read_values(release, "desa", field, 2023, rows) for field in dated],
        lambda: [read_values(release, "desa", field, 2023).values[rows] for field in dated],
        limit=0.1,
    )


def bench_place() -> None:
    """All years of one desa, from a table of 6.2 million rows."""
    release = _large()
    values = release.place_values
    assert values is not None
    fids = release.features("desa").fid[::84].tolist()
    spent = measure_cpu(lambda: [values.of_place(fid) for fid in fids])
    absolute("values.place", spent / len(fids) * 1e3, limit=MOST_PLACE_MS, unit="ms")


def _fields(release: Release) -> list[tuple[str, tuple[int, ...]]]:
    ((_, fields),) = thematic_layers(release, "desa")
    return [(field.name, field.years) for field in fields]


def _read_by_row(release: Release) -> None:
    """What a profile reads: all years of the desa, and the latest of the kecamatan."""
    rows = rows_of(release, "desa", "kode_kecamatan", KECAMATAN)
    assert release.place_values is not None
    release.place_values.of_place(int(release.features("desa").fid[rows[0]]))
    for field, _ in _fields(release):
        read_values(release, "desa", field, None, rows)


def _read_by_column(release: Release) -> None:
    for field, years in _fields(release):
        for tahun in (None, *years):
            read_values(release, "desa", field, tahun)


def asker(releases: Path, path: str, query: bytes = b"") -> Callable[..., None]:
    """What asks a server of these releases for a page, in this process, so many times."""
    app = create_app(Settings(releases=releases), PAGES)
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
        "client": ("127.0.0.1", 1),
        "server": ("x", 80),
    }
    headers = [*HEADERS, (b"accept", b"text/html")]

    async def receive() -> dict[str, object]:
        return await asyncio.get_running_loop().create_future()  # type: ignore[no-any-return]  # never returns

    async def send(message: MutableMapping[str, object]) -> None:
        assert message.get("status", 200) == 200, message

    async def ask(count: int) -> None:
        for _ in range(count):
            await app({**scope, "headers": list(headers)}, receive, send)

    loop = asyncio.Runner()
    atexit.register(loop.close)
    return lambda count=1: loop.run(ask(count))


def _page_ms(ask: Callable[..., None]) -> float:
    """CPU milliseconds of an answer of a warm server: the least of ten runs."""
    ask(REQUESTS)
    return min(measure_cpu(lambda: ask(REQUESTS)) for _ in range(10)) / REQUESTS * 1e3


def _folder() -> Path:
    """An empty folder that is kept until the process ends."""
    folder = tempfile.TemporaryDirectory()
    atexit.register(folder.cleanup)
    return Path(folder.name)


@cache
def _large() -> Release:
    return Release(write_large_release(_folder()))


@cache
def _sample() -> Path:
    folder = _folder()
    write_sample(folder / "sample")
    build_release(folder / "sample", folder / "releases", publish=True)
    return folder / "releases"
