"""Mixed load at a share of what the server can do, while releases are published: is it steady?

First as many requests as can be, one after the other over many connections: the capacity. Then, at
a fixed pace, `SHARE` of that, with connections beside it that send nothing.  A wait counts from
when its request was due, so a server that falls behind is seen.  So is a machine that others keep
busier than before: the capacity is measured once more at the end, and where it is then below what
was asked, waits of seconds say nothing of the server.
"""

from __future__ import annotations

import json
import multiprocessing
import random
import statistics
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import count, islice, pairwise
from multiprocessing.connection import Connection as Pipe
from pathlib import Path
from typing import NamedTuple

from geo_service.releases.store import OPEN_RELEASES
from layers.release.manifest_file import CURRENT_LINK, read_manifest
from tests.chaos import publications
from tests.chaos.attacks import Attack, Running, tile_paths
from tests.chaos.clients import GZIP, Connection, head, hold
from tests.chaos.served import ServerUnderTest

SHARE = 0.8
CLIENTS = 32
"""Of what is answered at once, and as many of the rest, which takes its time; each has an address
of its own, since the limits are by client."""
AT_ONCE = frozenset({"tile", "file"})
HTML = "Accept: text/html\r\n" + GZIP
PARTS = 10
MEMORY_SHARE = 0.05
STEADY = 2.0
"""The slowest hundredth of the second half by that of the first."""
NOISE_MS = 10.0


class Asked(NamedTuple):
    """One request: when it was due since the start, what of, how long it took, the answer.

    Of the wait, ``behind_ms`` passed while all clients of its lane waited for answers to earlier
    requests, ``late_ms`` before the client whose turn it was ran; the rest is the server's.
    """

    due_s: float
    kind: str
    wait_ms: float
    status: int
    behind_ms: float = 0.0
    late_ms: float = 0.0

    @property
    def answer_ms(self) -> float:
        """From when it was sent to its answer."""
        return self.wait_ms - self.behind_ms - self.late_ms


@dataclass(frozen=True)
class Mixture:
    """What readers of a release ask: mostly tiles; of heavy answers many that are not kept."""

    tiles: list[str]
    kecamatan: list[str]
    desa: list[str]

    def request(self, number: int, release_id: str) -> tuple[str, bytes]:
        """The n-th request, by a reader of a release."""
        mix = random.Random(number)
        part, below = mix.random(), f"/releases/{release_id}"
        kecamatan = mix.choice(self.kecamatan)
        if part < 0.70:
            return "tile", head(below + mix.choice(self.tiles), GZIP)
        if part < 0.76:
            return "page", head(f"/kecamatan/{kecamatan}", HTML)
        if part < 0.82:
            return "page", head(f"/desa/{mix.choice(self.desa)}", HTML)
        if part < 0.90:
            offset = mix.randrange(1000)
            return "items", head(f"/collections/desa/items?limit=20&offset={offset}", GZIP)
        if part < 0.95:
            file = f"{below}/files/downloads/desa.gpkg"
            return "file", head(file, f"Range: bytes={mix.randrange(9000)}-40000\r\n")
        if part < 0.98:
            return "table", head(f"/kecamatan/{kecamatan}.csv?k={mix.randrange(3, 8)}", GZIP)
        return "picture", head(f"/kecamatan/{kecamatan}.png?width={mix.randrange(300, 900)}")


def mixture_of(releases: Path) -> Mixture:
    """The requests that a release allows."""
    release = (releases / CURRENT_LINK).resolve()
    entries = read_manifest(release).wilayah
    start = f"/releases/{release.name}"
    codes = [entry.kode for entry in entries if entry.level == "kecamatan"]
    with (release / "layers/desa/features.geojsonl").open() as lines:
        desa = [json.loads(line)["properties"]["kode"] for line in islice(lines, 400)]
    tiles = [path.removeprefix(start) for path in tile_paths(release)]
    return Mixture(tiles, codes, desa)


class Lane:
    """Numbers of requests, each given to whichever client is free next."""

    def __init__(self, is_meant: Callable[[int], bool]) -> None:
        self._numbers = filter(is_meant, count())
        self._lock = threading.Lock()

    def take(self) -> int:
        """The next number."""
        with self._lock:
            return next(self._numbers)


@dataclass
class Readers:
    """Clients who ask for a mixture, and what they were answered."""

    port: int
    mixture: Mixture
    release_id: str = ""
    asked: list[Asked] = field(default_factory=list)
    began: float = 0.0

    def run(self, seconds: float, rate: float) -> list[Asked]:
        """Ask so many a second; with a rate of 0 as many as can be."""
        stop = threading.Event()
        self._look(stop, is_once=True)
        look = threading.Thread(target=self._look, args=(stop,), daemon=True)
        look.start()
        self.began = time.perf_counter()
        lanes = [Lane(self._is_at_once), Lane(lambda number: not self._is_at_once(number))]
        if not rate:
            # As many as can be of the mixture as it is: who waits for a picture asks no tile.
            lanes = [Lane(lambda number: True)]
        clients = [
            threading.Thread(
                target=self._ask, args=(lanes[client % len(lanes)], client, seconds, rate)
            )
            for client in range(len(lanes) * CLIENTS)
        ]
        for client in clients:
            client.start()
        for client in clients:
            client.join()
        stop.set()
        look.join()
        return self.asked

    def _look(self, stop: threading.Event, *, is_once: bool = False) -> None:
        """Learn which release is current, as a page does that is opened."""
        while not stop.is_set():
            with suppress(OSError):
                self.release_id = publications.current_id(self.port)
            if is_once:
                break
            stop.wait(1.0)

    def _is_at_once(self, number: int) -> bool:
        return self.mixture.request(number, "")[0] in AT_ONCE

    def _ask(self, lane: Lane, client: int, seconds: float, rate: float) -> None:
        connection = Connection(self.port, f"127.0.3.{client + 1}")
        while True:
            number = lane.take()
            now_s = time.perf_counter() - self.began
            due_s = number / rate if rate else now_s
            if due_s >= seconds:
                break
            time.sleep(max(0.0, due_s - now_s))
            kind, request = self.mixture.request(number, self.release_id)
            sent_s = time.perf_counter() - self.began
            status = connection.ask(request)
            wait_ms = (time.perf_counter() - self.began - due_s) * 1000
            behind_s = max(0.0, now_s - due_s)
            late_ms = (sent_s - due_s - behind_s) * 1000
            self.asked.append(Asked(due_s, kind, wait_ms, status, behind_s * 1000, late_ms))
        connection.close()


def ask_apart(
    port: int, mixture: Mixture, seconds: float, rate: float
) -> Callable[[], list[Asked]]:
    """Let readers ask in a process of their own; gives what they were answered when called."""
    ours, theirs = multiprocessing.Pipe(duplex=False)
    process = multiprocessing.get_context("fork").Process(
        target=_report, args=(theirs, Readers(port, mixture), seconds, rate)
    )
    process.start()
    theirs.close()

    def result() -> list[Asked]:
        asked: list[Asked] = ours.recv()
        process.join()
        return asked

    return result


def _report(pipe: Pipe, readers: Readers, seconds: float, rate: float) -> None:
    pipe.send(readers.run(seconds, rate))


@dataclass
class Steadiness:
    """What was seen, and whether it was steady."""

    seconds: float
    capacity: float = 0.0
    capacity_after: float = 0.0
    published: int = 0
    connections: Counter[int] = field(default_factory=Counter)
    asked: list[Asked] = field(default_factory=list)
    memory_mb: list[float] = field(default_factory=list)
    tiles_before: publications.Times = field(default_factory=dict)
    tiles_after: publications.Times = field(default_factory=dict)
    """What the server itself measured of tiles, before and after the load."""
    problems: list[str] = field(default_factory=list)

    @property
    def errors(self) -> Counter[str]:
        """Requests that were not answered as they should be, by kind and status."""
        fine = {200, 204, 206}
        wrong = [entry for entry in self.asked if entry.status not in fine]
        return Counter(f"{entry.kind} {entry.status}" for entry in wrong)

    @property
    def p99_ms(self) -> list[float]:
        """The slowest hundredth of each part of the time."""
        return [_p99(waits) for waits in self._parts("") if waits]

    @property
    def tile_p99_ms(self) -> list[float]:
        """The same of tiles."""
        return [_p99(waits) for waits in self._parts("tile") if waits]

    @property
    def tile_stages(self) -> str:
        """The slowest hundredth of each stage of a tile: who is slow, the server or who asks."""
        tiles = [entry for entry in self.asked if entry.kind == "tile"]
        stages = {
            "behind": [entry.behind_ms for entry in tiles],
            "late": [entry.late_ms for entry in tiles],
            "answer": [entry.answer_ms for entry in tiles],
        }
        parts = [f"{name}:{_p99(waits):.0f}ms" for name, waits in stages.items() if waits]
        server_ms = publications.p99_between(self.tiles_before, self.tiles_after) * 1000
        return " ".join([*parts, f"in the server:<={server_ms:g}ms"])

    @property
    def memory_change(self) -> float:
        """The mean of the last quarter by that of the first one after the warm-up, less one."""
        quarters = [part for part in _split(self.memory_mb, 4) if part]
        return statistics.fmean(quarters[-1]) / statistics.fmean(quarters[0]) - 1

    @property
    def is_steady(self) -> bool:
        """Whether the second half was as fast as the first."""
        return all(
            statistics.median(half[1]) <= STEADY * statistics.median(half[0]) + NOISE_MS
            for half in (_split(self.p99_ms, 2), _split(self.tile_p99_ms, 2))
        )

    @property
    def is_fine(self) -> bool:
        """No error, memory and waits steady."""
        return (
            not self.errors
            and not self.problems
            and abs(self.memory_change) <= MEMORY_SHARE
            and self.is_steady
        )

    def line(self) -> str:
        """The figures on one line."""
        memory = self.memory_mb
        errors = " ".join(f"{name}:{count}" for name, count in self.errors.items()) or "0"
        return (
            f"mixed load: {self.seconds:.0f}s "
            f"capacity={self.capacity:.0f}->{self.capacity_after:.0f}/s "
            f"asked={len(self.asked) / self.seconds:.0f}/s publications={self.published} "
            f"held={self.connections[1]} connections ({self.connections[0]} ended) "
            f"errors={errors} memory={memory[0]:.0f}->{memory[-1]:.0f}MB "
            f"({min(memory):.0f}..{max(memory):.0f}) change={self.memory_change:+.1%} "
            f"p99 by part={'/'.join(f'{wait:.0f}' for wait in self.p99_ms)}ms "
            f"tiles={'/'.join(f'{wait:.0f}' for wait in self.tile_p99_ms)}ms "
            f"p99 of their stages={{{self.tile_stages}}} "
            f"{'ok' if self.is_fine else 'short'}"
        )

    def _parts(self, kind: str) -> list[list[float]]:
        parts: list[list[float]] = [[] for _ in range(PARTS)]
        for entry in self.asked:
            if entry.kind == kind or not kind:
                parts[min(PARTS - 1, int(entry.due_s / self.seconds * PARTS))].append(entry.wait_ms)
        return parts


def measure_load(
    releases: Path, seconds: float, every_s: float, held: int, first_s: float
) -> Steadiness:
    """Load a server, publish every so often, hold so many connections beside it.

    Parameters
    ----------
    first_s
        How long its capacity is measured, before and after; it is warmed up as long.
    """
    found = Steadiness(seconds)
    mixture, copies = mixture_of(releases), publications.copies_of(releases)
    with ServerUnderTest(releases) as server:
        for _ in range(OPEN_RELEASES):
            # Then each process has as many releases open as it ever has.
            next(copies)
            ask_apart(server.port, mixture, first_s / OPEN_RELEASES, 0.0)()
        found.capacity = _capacity(server, mixture, first_s, found.problems)
        silent = Attack("held", lambda port, span: hold(port, span, held // 4))
        holding = Running(silent, server.port, seconds)
        found.tiles_before = publications.times_of(server.port, "tile")
        result = ask_apart(server.port, mixture, seconds, SHARE * found.capacity)
        began, due_s = time.monotonic(), every_s
        while (passed_s := time.monotonic() - began) < seconds:
            if passed_s >= due_s:
                next(copies)
                found.published += 1
                due_s += every_s
            found.memory_mb.append(sum(map(publications.own_memory_mb, server.pids())))
            time.sleep(min(1.0, seconds / 20))
        found.asked, found.connections = result(), holding.result()
        found.tiles_after = publications.times_of(server.port, "tile")
        found.capacity_after = _capacity(server, mixture, first_s, found.problems)
    found.problems += server.problems()
    server.remove_log()
    return found


def _capacity(
    server: ServerUnderTest, mixture: Mixture, seconds: float, problems: list[str]
) -> float:
    """Requests a second that are answered when as many are asked as can be."""
    asked = ask_apart(server.port, mixture, seconds, 0.0)()
    problems += [f"{entry.kind} {entry.status}" for entry in asked if entry.status >= 500]
    return len([entry for entry in asked if entry.status < 300]) / seconds


def _p99(waits: list[float]) -> float:
    return statistics.quantiles(waits, n=100)[98] if len(waits) > 1 else waits[0]


def _split(numbers: list[float], parts: int) -> list[list[float]]:
    edges = [len(numbers) * part // parts for part in range(parts + 1)]
    return [numbers[start:end] for start, end in pairwise(edges)]
