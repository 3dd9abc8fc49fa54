"""No output of a release depends on a hidden count: two worlds that differ in one are alike.

The second desa has 2 malnourished children in one world and 3 in the other; both are hidden.  Every
file of the release and every answer that links lead to must be the same in both, but for hashes and
ids.  What differs would tell the count, whoever computes it and however.
"""

from __future__ import annotations

import gzip
import io
import re
import sqlite3
import zipfile
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote, urljoin, urlsplit

import pytest

from layers.pipeline.build import build_release
from tests.geo_service.client import HOST, Client
from tests.layers.provenance.world import KODE, TOML, write_workspace

COUNTS = ((12, 2, 15, 0), (12, 3, 15, 0))
PEOPLE = (1200, 800, 900, 700)
HEAD = '[tables.columns]\ngizi = "gizi_buruk_jumlah"'
COLUMNS = f"""{HEAD}
bagian = "akta_kelahiran_pct"
pecahan = "stunting_pct"
sehat = "keluarga_jumlah"
"""
HASH = re.compile(rb"[0-9a-f]{64}|\b[0-9a-f]{16,40}\b|<code>[0-9a-f]{12}</code>")
LINK = re.compile(r'(?:href|src|action|data-src)="([^"#]+)|"(?:href|url)": ?"([^"]+)"')
MOST_PAGES = 260
UNFIT = re.compile(r"\.(?:js|css|woff2|ttf|map)$|^/assets/|/reports/.*halaman|^/metrics|/fonts/")


class World(NamedTuple):
    """One of the worlds: its release and a client of it."""

    release: Path
    client: Client


def write_gizi(counts: tuple[int, ...]) -> str:
    """A count, its share, its rest, and a share of one, which a column of per cent refuses."""
    lines = ["kode,gizi,jiwa,bagian,pecahan,sehat"]
    for kode, count, people in zip(KODE, counts, PEOPLE, strict=True):
        shares = f"{1000 * count / people:.2f},{100 * count / people:.2f}"
        lines.append(f"{kode},{count},{people},{shares},{people - count}")
    return "\n".join([*lines, ""])


@pytest.fixture(scope="module")
def worlds(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[World, World]]:
    folders = []
    toml = TOML.replace(f"{HEAD}\n", COLUMNS)
    older = toml.split("[[tables]]")[3].split("[[spending]]")[0]
    older = older.replace('"gizi"', '"gizi_2024"', 1).replace("gizi.csv", "gizi_2024.csv")
    toml += f"\n[[tables]]{older.replace('year = 2025', 'year = 2024')}"
    for counts in COUNTS:
        scratch = tmp_path_factory.mktemp("hidden")
        folder = write_workspace(scratch / "uji", toml, gizi=write_gizi(counts))
        (folder / "gizi_2024.csv").write_text(write_gizi((9, *counts[1:])), encoding="utf-8")
        build_release(folder, scratch / "releases", publish=True)
        folders.append(scratch / "releases")
    with Client(folders[0]) as first, Client(folders[1]) as second:
        yield (
            World((folders[0] / "current").resolve(), first),
            World((folders[1] / "current").resolve(), second),
        )


def plain(content: bytes, world: World) -> bytes:
    """Bytes without the id of the release and without digests."""
    return HASH.sub(b"#", content.replace(world.release.name.encode(), b"RELEASE"))


def opened(path: Path) -> bytes:
    """What a file holds, packed or not."""
    content = path.read_bytes()
    if content.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return b"".join(archive.read(name) for name in sorted(archive.namelist()))
    if content.startswith(b"SQLite format 3"):
        connection = sqlite3.connect(path)
        text = "\n".join(connection.iterdump())
        connection.close()
        return text.encode()
    return content


def test_the_worlds_hide_the_count_its_share_and_its_rest(worlds: tuple[World, World]) -> None:
    for world in worlds:
        answer = world.client.json(f"/collections/desa/items?kode={KODE[1]}")
        properties = answer["features"][0]["properties"]
        for field in ("gizi_buruk_jumlah", "akta_kelahiran_pct", "keluarga_jumlah"):
            assert properties.get(field) is None
            assert properties[f"{field}_status"] == "suppressed"


def test_no_file_of_a_release_depends_on_a_hidden_count(worlds: tuple[World, World]) -> None:
    one, other = worlds
    names = sorted(
        path.relative_to(one.release) for path in one.release.rglob("*") if path.is_file()
    )
    assert names == sorted(
        path.relative_to(other.release) for path in other.release.rglob("*") if path.is_file()
    )
    assert len(names) > 40
    differing = [
        str(name)
        for name in names
        if plain(opened(one.release / name), one) != plain(opened(other.release / name), other)
    ]
    assert differing == []


def links_of(text: str, url: str) -> Iterator[str]:
    """The links of a page or document to the same server."""
    for pair in LINK.findall(text):
        target = urlsplit(urljoin(f"{HOST}{url}", unescape(pair[0] or pair[1])))
        if target.netloc == urlsplit(HOST).netloc and "{" not in target.path:
            path = target.path + (f"?{target.query}" if target.query else "")
            if not UNFIT.search(target.path):
                yield path


QUERIES = (
    *(f"gizi_buruk_jumlah {sign} {number}" for sign in ("<", "=", ">") for number in (2, 3)),
    "akta_kelahiran_pct < 0.3",
    "keluarga_jumlah > 797",
)


def starts() -> Iterator[str]:
    """Where readers come from: pages in each form, files, and questions about hidden fields."""
    yield from ("/", "/api", "/collections", "/reports/", "/processes", "/styles", "/cari?q=desa")
    fields = ("gizi_buruk_jumlah", "akta_kelahiran_pct", "keluarga_jumlah")
    for field in fields:
        for year in ("", "&tahun=2024"):
            asked = f"?layer=desa.{field}{year}"
            yield from (
                f"/kecamatan/99.01.01{form}{asked}" for form in ("", ".csv", ".xlsx", ".png")
            )
            yield f"/kecamatan/99.01.01/banding{asked}&layer2=desa.{field}&tahun2=2025"
            yield f"/kecamatan/99.01.01/banding.xlsx{asked}&layer2=desa.{field}&tahun2=2025"
            yield f"/kecamatan/99.01.01/banding.csv{asked}&layer2=desa.{field}&tahun2=2025"
            yield f"/desa/{KODE[1]}/asal{asked}"
            yield f"/desa/{KODE[1]}/asal.json{asked}"
        for method in ("quantile", "natural", "equal"):
            yield f"/kabupaten/99.01?layer=kecamatan.{field}_jumlah&method={method}&k=3"
            yield f"/kecamatan/99.01.01?layer=desa.{field}&method={method}&k=3&compare=kabupaten"
        yield f"/kabupaten/99.01/asal.json?layer=kabupaten.{field}_jumlah"
    yield from (f"/desa/{kode}" for kode in KODE)
    yield "/kecamatan/99.01.01/tindak-lanjut.xlsx"
    for query in QUERIES:
        yield f"/collections/desa/items?filter-lang=cql2-text&filter={quote(query)}"
    yield "/collections/desa/items?sortby=gizi_buruk_jumlah"


def seen(answer_body: bytes) -> bytes:
    """An answer, unpacked."""
    if answer_body.startswith(b"\x1f\x8b"):
        return gzip.decompress(answer_body)
    if answer_body.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(answer_body)) as archive:
            return b"".join(archive.read(name) for name in sorted(archive.namelist()))
    return answer_body


def test_no_answer_of_the_server_depends_on_a_hidden_count(worlds: tuple[World, World]) -> None:
    one, other = worlds
    waiting, visited, differing = list(dict.fromkeys(starts())), set[str](), []
    while waiting and len(visited) < MOST_PAGES:
        url = waiting.pop(0)
        if url in visited:
            continue
        visited.add(url)
        accept = "application/json" if url.startswith(("/coll", "/api", "/proc")) else "text/html"
        first = one.client.get(url, accept=accept)
        second = other.client.get(url.replace(one.release.name, other.release.name), accept=accept)
        if first.status_code != second.status_code or plain(seen(first.content), one) != plain(
            seen(second.content), other
        ):
            differing.append(url)
        kind = first.headers.get("content-type", "")
        if first.status_code == 200 and ("html" in kind or "json" in kind):
            waiting += [link for link in links_of(first.text, url) if link not in visited]
    assert differing == []
    assert len(visited) > 150
