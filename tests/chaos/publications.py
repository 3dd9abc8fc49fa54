"""Publications one after the other while pages are read: what a server holds must not grow."""

from __future__ import annotations

import json
import os
import shutil
import statistics
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import cycle
from pathlib import Path

from geo_service.releases.store import OPEN_RELEASES
from layers.release.journal import append_publication, publication_now
from layers.release.manifest_file import CURRENT_LINK, MANIFEST_NAME, is_release_id, read_manifest
from tests.chaos.attacks import tile_paths
from tests.chaos.served import ServerUnderTest

KEPT = 3
"""Releases that are not pruned yet."""
SETTLE_S = 6.0
"""Processes at rest let go of pruned releases after five seconds."""
MEMORY_SHARE = 0.03
MEMORY_NOISE_MB = 3.0


def copies_of(releases: Path) -> Iterator[str]:
    """Publish copies of the current release under other ids, and prune the oldest, for ever.

    Files are hard links, so a copy costs its manifest; each is published as `publish` does it,
    without hashing every byte once more.
    """
    original = (releases / CURRENT_LINK).resolve()
    text = (original / MANIFEST_NAME).read_text(encoding="utf-8")
    slug = original.name.rpartition("-")[0]
    made: list[str] = []
    number = 0
    while True:
        number += 1
        release_id = f"{slug}-{number:016x}"
        build = releases / f".build-{number}"
        shutil.copytree(original, build, copy_function=os.link)
        (build / MANIFEST_NAME).unlink()
        (build / MANIFEST_NAME).write_text(text.replace(original.name, release_id))
        build.rename(releases / release_id)
        point_to(releases, release_id)
        made.append(release_id)
        if len(made) > KEPT:
            # As `prune` does: it vanishes in one step.
            removed = (releases / made.pop(0)).rename(releases / f".removed-{number}")
            shutil.rmtree(removed)
        yield release_id


def point_to(releases: Path, release_id: str) -> None:
    """Write into the journal that a release is published, then replace the link."""
    digest = sha256((releases / release_id / MANIFEST_NAME).read_bytes()).hexdigest()
    append_publication(releases, publication_now(release_id, "published", digest, None))
    fresh = releases / ".current.new"
    fresh.symlink_to(release_id)
    fresh.replace(releases / CURRENT_LINK)


def page_paths(releases: Path) -> list[str]:
    """Pages, pictures and data that read every kind of file of the current release.

    An odd number: of two requests after each publication, each path is asked in both forms.
    """
    manifest = read_manifest(releases / CURRENT_LINK)
    layer = manifest.layers[0].id
    kecamatan = [entry.kode for entry in manifest.wilayah if entry.level == "kecamatan"][:3]
    paths = ["/", "/conformance", f"/collections/{layer}/items?limit=50", f"/tiles/{layer}.json"]
    paths += [f"/styles/{layer}.json", "/cari?q=puskesmas", "/reports/"]
    for kode in kecamatan:
        paths += [f"/kecamatan/{kode}", f"/kecamatan/{kode}.csv", f"/kecamatan/{kode}.png"]
        paths += [f"/kecamatan/{kode}/banding", f"/kecamatan/{kode}/tindak-lanjut"]
        paths.append(f"/kecamatan/{kode}.xlsx")
    return paths if len(paths) % 2 else paths[1:]


def pinned_paths(releases: Path) -> list[str]:
    """What there is only below a release: a packed file, a file as it is, tiles."""
    release = (releases / CURRENT_LINK).resolve()
    tiles = [path.removeprefix(f"/releases/{release.name}") for path in tile_paths(release, 3)]
    return ["/files/findings.json", "/files/downloads/desa.gpkg", *tiles]


@dataclass(frozen=True)
class Held:
    """What the processes of a server hold."""

    memory_mb: float = 0.0
    """Of their own (no file), pages that several share divided among them."""
    descriptors: int = 0
    pruned: int = 0
    """Descriptors of files that were deleted."""
    others: int = 0
    """Descriptors of what belongs to no release."""
    releases: int = 0
    """The most releases that one process has open."""


@dataclass
class Growth:
    """What was seen, and whether it stays within bounds.

    ``samples`` are what was held after so many publications, without waiting for rest; the three
    others were taken at rest: at the start, after the warm-up and at the end.
    """

    publications: int
    warm_up: int = 0
    requests: int = 0
    failures: list[str] = field(default_factory=list)
    seconds: float = 0.0
    start: Held = field(default_factory=Held)
    warm: Held = field(default_factory=Held)
    end: Held = field(default_factory=Held)
    samples: list[tuple[int, Held]] = field(default_factory=list)

    @property
    def trend_mb(self) -> float:
        """By how much memory grew from the warm-up to the end, by the line through the samples."""
        numbers = [number for number, _ in self.samples]
        if len(numbers) < 2:
            return 0.0
        memory = [held.memory_mb for _, held in self.samples]
        slope = statistics.linear_regression(numbers, memory).slope
        return slope * (numbers[-1] - numbers[0])

    @property
    def limit_mb(self) -> float:
        """What the line may rise: which process has how many releases open is chance."""
        return self.warm.memory_mb * MEMORY_SHARE + MEMORY_NOISE_MB

    @property
    def is_fine(self) -> bool:
        """No failure, flat memory, no descriptor of what was pruned, no other one more."""
        return (
            not self.failures
            and self.trend_mb <= self.limit_mb
            and self.end.pruned == 0
            and self.end.others <= self.warm.others + 4
            and self.end.releases <= OPEN_RELEASES + 1
        )

    def line(self) -> str:
        """The figures on one line; three of a kind: at the start, after the warm-up, at the end."""
        three = (self.start, self.warm, self.end)

        def figures(name: str) -> str:
            return "->".join(f"{getattr(held, name):.0f}" for held in three)

        return (
            f"publications: {self.publications} in {self.seconds:.0f}s requests={self.requests} "
            f"failed={len(self.failures)} memory={figures('memory_mb')}MB "
            f"trend={self.trend_mb:+.1f}MB limit={self.limit_mb:.1f}MB after {self.warm_up} "
            f"descriptors={figures('descriptors')} of no release={figures('others')} "
            f"of deleted files={figures('pruned')} releases a process={figures('releases')} "
            f"{'ok' if self.is_fine else 'short'}"
        )


def measure_growth(
    releases: Path,
    count: int,
    started: Callable[[Path], ServerUnderTest] = ServerUnderTest,
) -> Growth:
    """Publish so often, with three requests after each, and watch what the server holds."""
    growth = Growth(count, warm_up=max(10, count // 5))
    copies, urls, pinned = copies_of(releases), cycle(page_paths(releases)), pinned_paths(releases)
    with started(releases) as server:
        growth.start = held_at_rest(server)
        began = time.monotonic()
        for number in range(1, count + 1):
            below = f"/releases/{next(copies)}"
            asked = (next(urls), below + next(urls), below + pinned[number % len(pinned)])
            growth.requests += len(asked)
            growth.failures += filter(None, (ask(server.port, path) for path in asked))
            if number == growth.warm_up:
                growth.warm = held_at_rest(server)
            if number >= growth.warm_up and number % max(1, count // 100) == 0:
                growth.samples.append((number, held(server)))
        growth.end = held_at_rest(server)
        growth.seconds = time.monotonic() - began
    growth.failures += server.problems()
    server.remove_log()
    return growth


def ask(port: int, path: str) -> str:
    """What went wrong with a request; empty where it was answered."""
    request = urllib.request.Request(  # of this machine
        f"http://127.0.0.1:{port}{path}", headers={"Accept": "text/html", "Accept-Encoding": "gzip"}
    )
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return f"{error.code} {path} {error.read(200)!r}"
    except OSError as error:
        return f"{path} {error!r}"
    return ""


def current_id(port: int) -> str:
    """The release that a server answers from."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/?f=json", timeout=30) as answer:
        return str(json.loads(answer.read())["release_id"])


Times = dict[float, float]
"""How many requests took at most so many seconds."""


def times_of(port: int, route: str) -> Times:
    """What a server itself says of a route: its time from the head of a request to its answer."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=30) as answer:
        lines = answer.read().decode().splitlines()
    times = {}
    for line in lines:
        if line.startswith("geo_request_seconds_bucket{") and f'route="{route}"' in line:
            labels, _, number = line.partition("} ")
            times[float(labels.partition('le="')[2].partition('"')[0])] = float(number)
    return times


def p99_between(before: Times, after: Times) -> float:
    """A bound in seconds that 99 of 100 requests between two looks kept; 0 for none."""
    passed = {bound: number - before.get(bound, 0.0) for bound, number in after.items()}
    total = max(passed.values(), default=0.0)
    return min((bound for bound, number in passed.items() if number >= 0.99 * total > 0), default=0)


def held_at_rest(server: ServerUnderTest) -> Held:
    """What all processes of a server hold once they are at rest."""
    time.sleep(SETTLE_S)
    return held(server)


def held(server: ServerUnderTest) -> Held:
    """What all processes of a server hold now."""
    links = {pid: list(links_of(pid)) for pid in server.pids()}
    everything = [link for of_process in links.values() for link in of_process]
    released = {pid: set(filter(None, map(release_of, links[pid]))) for pid in links}
    return Held(
        memory_mb=sum(map(own_memory_mb, links)),
        descriptors=len(everything),
        pruned=sum(link.endswith("(deleted)") for link in everything),
        others=sum(release_of(link) is None for link in everything),
        releases=max(map(len, released.values()), default=0),
    )


def links_of(pid: int) -> Iterator[str]:
    """What each descriptor of a process is of."""
    for link in Path(f"/proc/{pid}/fd").glob("*"):
        with suppress(OSError):
            yield str(link.readlink())


def release_of(link: str) -> str | None:
    """The release that an open file is of; None of another file."""
    return next(filter(is_release_id, link.split("/")), None)


def own_memory_mb(pid: int) -> float:
    """Memory of a process that is of no file, what it shares divided among who shares it."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0.0
    return next(int(line.split()[1]) for line in lines if line.startswith("Pss_Anon")) / 1024
