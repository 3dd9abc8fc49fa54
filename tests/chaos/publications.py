"""Publications one after the other while pages are read: what a server holds must not grow."""

from __future__ import annotations

import os
import shutil
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import cycle
from pathlib import Path

from layers.release.journal import append_publication, publication_now
from layers.release.manifest_file import CURRENT_LINK, MANIFEST_NAME, read_manifest
from tests.chaos.served import ServerUnderTest

KEPT = 3
"""Releases that are not pruned yet."""
SETTLE_S = 6.0
"""Processes at rest let go of pruned releases after five seconds."""


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
    """Pages, pictures and data that read every kind of file of the current release."""
    manifest = read_manifest(releases / CURRENT_LINK)
    layer = manifest.layers[0].id
    kecamatan = [entry.kode for entry in manifest.wilayah if entry.level == "kecamatan"][:3]
    paths = ["/conformance", f"/collections/{layer}/items?limit=50", f"/tiles/{layer}.json"]
    for kode in kecamatan:
        paths += [f"/kecamatan/{kode}", f"/kecamatan/{kode}.csv", f"/kecamatan/{kode}.png"]
    return paths


@dataclass
class Held:
    """What the processes of a server hold after some publications."""

    memory_mb: float
    descriptors: int
    pruned: int
    """Descriptors of files that were deleted."""


@dataclass
class Growth:
    """What was seen, and whether it stays within bounds."""

    publications: int
    requests: int = 0
    failures: list[str] = field(default_factory=list)
    seconds: float = 0.0
    before: Held = field(default_factory=lambda: Held(0, 0, 0))
    after: Held = field(default_factory=lambda: Held(0, 0, 0))

    @property
    def is_fine(self) -> bool:
        """No failure, nothing held of what was pruned, at most a tenth more memory.

        Not every process has opened as many releases as it may when it is first looked at.
        """
        return (
            not self.failures
            and self.after.descriptors <= self.before.descriptors * 1.25 + 8
            and self.after.pruned <= 4
            and self.after.memory_mb <= self.before.memory_mb * 1.1 + 5
        )

    def line(self) -> str:
        """The figures on one line."""
        before, after = self.before, self.after
        return (
            f"publications: {self.publications} in {self.seconds:.0f}s requests={self.requests} "
            f"failed={len(self.failures)} memory={before.memory_mb:.0f}->{after.memory_mb:.0f}MB "
            f"descriptors={before.descriptors}->{after.descriptors} of deleted files="
            f"{before.pruned}->{after.pruned} {'ok' if self.is_fine else 'short'}"
        )


def measure_growth(
    releases: Path,
    count: int,
    paths: Sequence[str],
    started: Callable[[Path], ServerUnderTest] = ServerUnderTest,
) -> Growth:
    """Publish so often, with two requests after each; compare with what a tenth of it left."""
    growth = Growth(count)
    copies, urls = copies_of(releases), cycle(paths)
    with started(releases) as server:
        began = time.monotonic()
        for number in range(count):
            release_id = next(copies)
            for path in (next(urls), f"/releases/{release_id}{next(urls)}"):
                growth.requests += 1
                problem = ask(server.port, path)
                if problem:
                    growth.failures.append(problem)
            if number == max(10, count // 10):
                growth.before = held(server)
        growth.after = held(server)
        growth.seconds = time.monotonic() - began
    growth.failures += server.problems()
    server.remove_log()
    return growth


def ask(port: int, path: str) -> str:
    """What went wrong with a request; empty where it was answered."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=30) as answer:
            answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return f"{error.code} {path} {error.read(200)!r}"
    return ""


def held(server: ServerUnderTest) -> Held:
    """What all processes of a server hold once they are at rest."""
    time.sleep(SETTLE_S)
    links: list[str] = []
    for pid in server.pids():
        for link in Path(f"/proc/{pid}/fd").glob("*"):
            try:
                links.append(str(link.readlink()))
            except OSError:
                continue
    pruned = sum(link.endswith("(deleted)") for link in links)
    return Held(server.memory_mb(), len(links), pruned)
