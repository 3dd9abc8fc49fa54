"""What one client does to the others: each attack was once enough to stop them."""

from __future__ import annotations

import json
import math
import multiprocessing
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from multiprocessing.connection import Connection as Pipe
from pathlib import Path
from urllib.parse import quote

from layers.release import scenario_file
from layers.release.manifest_file import WilayahEntry, read_manifest
from tests.chaos.clients import GZIP, ask_and_leave, ask_on_and_on, head, hold

Run = Callable[[int, float], Counter[int]]
"""Attacks a port for so many seconds; what was answered, by status."""


@dataclass(frozen=True, slots=True)
class Attack:
    """One attack.

    Parameters
    ----------
    is_answered
        Whether some of its requests must be answered with 200: heavy, but allowed.
    """

    name: str
    run: Run
    is_answered: bool = False


def list_attacks(release: Path) -> list[Attack]:
    """The attacks that a release allows."""
    manifest = read_manifest(release)
    west, south, east, north = manifest.bbox_lonlat
    width, height = east - west, north - south
    items = "/collections/desa/items"

    def box(number: int, share: float = 0.4) -> str:
        x = west + width * (number * 0.37 % 1) * (1 - share)
        y = south + height * (number * 0.61 % 1) * (1 - share)
        edges = (x, y, x + width * share, y + height * share)
        return ",".join(f"{edge:.6f}" for edge in edges)

    def filtered(number: int, condition: str) -> bytes:
        return head(f"{items}?limit={number % 400 + 1}&filter={quote(condition)}", GZIP)

    def boxes(number: int) -> bytes:
        terms = [f"S_INTERSECTS(geometry, BBOX({box(number + term)}))" for term in range(31)]
        return filtered(number, " OR ".join(terms))

    likes = " OR ".join(["nama LIKE '%_a%_i%_u%_e%_o%~'"] * 100)
    areas = [entry for entry in manifest.wilayah if entry.level in {"kabupaten", "kecamatan"}]
    wide = [entry for entry in areas if entry.level == "kabupaten"] or areas

    def asking(requests: Callable[[int], bytes], each: int = 1) -> Run:
        return partial(_ask, requests, each)

    file = max(manifest.files, key=lambda entry: entry.size)
    largest = head(f"/releases/{manifest.release_id}/files/{file.path}")
    post = head("/processes/siting/execution", "Content-Length: 90000\r\n", "POST")
    attacks = [
        Attack("like", asking(lambda n: filtered(n, "nama LIKE '%_%_%_%_%_%_%_%_%~'"), 4), True),
        Attack("100 likes", asking(lambda n: filtered(n, likes), 4)),
        Attack("31 boxes", asking(boxes, 4)),
        Attack("large bbox", asking(lambda n: head(f"{items}?bbox={box(n)}", GZIP), 4), True),
        Attack("1,024 silent connections", partial(_hold, 256, b"", b"")),
        Attack("256 slow heads", partial(_hold, 64, b"GET / HTTP/1.1\r\nA: ", b"a")),
        Attack("256 slow bodies", partial(_hold, 64, post, b" ")),
        Attack("64 that read nothing", partial(_hold, 16, head(f"{items}?limit=10000"), b"")),
        Attack("get a file and leave", partial(_leave, largest), True),
        Attack("items, gzip", asking(lambda n: _items(n, GZIP)), True),
        Attack("items, plain", asking(lambda n: _items(n, ""), 2), True),
        Attack(
            "pictures",
            asking(lambda n: head(f"/{_path(wide, n)}.png?width={3508 - n % 500}"), 2),
            True,
        ),
        Attack("workbooks", asking(lambda n: head(f"/{_path(areas, n)}.xlsx"), 2), True),
        Attack(
            "pages", asking(lambda n: head(f"/{_path(areas, n)}", "Accept: text/html\r\n")), True
        ),
        Attack("unknown pages", asking(lambda n: head(f"/nope/{n}"), 4)),
        Attack("as fast as can be", asking(lambda n: head("/conformance"), 8), True),
    ]
    has_processes = (release / scenario_file.FILE_NAME).exists()
    return [*attacks, Attack("proven sitings", asking(_siting, 3))] if has_processes else attacks


def _items(number: int, headers: str) -> bytes:
    """All features, but for a few at the start: no answer that is kept already."""
    return head(f"/collections/desa/items?limit=10000&offset={number % 997}", headers)


def _path(areas: list[WilayahEntry], number: int) -> str:
    area = areas[number % len(areas)]
    return f"{area.level}/{area.kode}"


def _siting(number: int) -> bytes:
    inputs = {"kind": "posyandu", "number": 3 + number % 5, "goal": "distance"}
    body = json.dumps({"inputs": inputs}).encode()
    headers = f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
    return head("/processes/siting/execution", headers, "POST") + body


def _ask(requests: Callable[[int], bytes], each: int, port: int, seconds: float) -> Counter[int]:
    return ask_on_and_on(port, requests, seconds, each)


def _leave(request: bytes, port: int, seconds: float) -> Counter[int]:
    return ask_and_leave(port, lambda _: request, seconds)


def _hold(each: int, begin: bytes, trickle: bytes, port: int, seconds: float) -> Counter[int]:
    return hold(port, seconds, each, begin, trickle)


class Running:
    """An attack in a process of its own."""

    def __init__(self, attack: Attack, port: int, seconds: float) -> None:
        ours, theirs = multiprocessing.Pipe(duplex=False)
        context = multiprocessing.get_context("fork")
        self._process = context.Process(target=_report, args=(theirs, attack.run, port, seconds))
        self._process.start()
        theirs.close()
        self._pipe = ours

    def result(self) -> Counter[int]:
        """What the attack was answered, when it is over."""
        statuses: Counter[int] = self._pipe.recv()
        self._process.join()
        return statuses


def _report(pipe: Pipe, run: Run, port: int, seconds: float) -> None:
    pipe.send(run(port, seconds))


def tile_paths(release: Path, most: int = 400) -> list[str]:
    """Tiles over the middle of a release, from the whole of it to a few desa."""
    manifest = read_manifest(release)
    west, south, east, north = manifest.bbox_lonlat
    layer = next(layer for layer in manifest.layers if layer.id == "desa")
    paths = []
    for number in range(most):
        z = 7 + number % 5
        lon = west + (east - west) * (number * 0.618 % 1)
        lat = math.radians(south + (north - south) * (number * 0.414 % 1))
        x = int((lon + 180) / 360 * 2**z)
        y = int((1 - math.asinh(math.tan(lat)) / math.pi) / 2 * 2**z)
        paths.append(f"/releases/{manifest.release_id}/tiles/{layer.id}/{z}/{x}/{y}.mvt")
    return paths
