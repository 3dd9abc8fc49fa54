"""Processes of a server killed at random points while it is asked, and builds while they run."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from layers.publish import publication
from layers.publish.publication import verify_release
from layers.release import journal
from layers.release.manifest_file import CURRENT_LINK, MANIFEST_NAME, read_manifest
from tests.chaos import publications
from tests.chaos.attacks import tile_paths
from tests.chaos.clients import GZIP, Connection, head
from tests.chaos.served import ServerUnderTest
from tests.end_to_end.processes import children_of, kill_group, run, start
from tests.layers.provenance.world import TOML, write_workspace

SEED = 13
KILLS_A_SERVER = 10
"""Then a new server is started: its pause before each replacement grows up to half a minute."""
LATE_SHARE = 0.5
"""Of the kills of builds: after all was written, while it is checked and published."""
READERS = ("127.0.2.1", "127.0.2.2", "127.0.2.3")
PATIENCE_S = 60.0
UNPUBLISHED = "was never published"
"""What the log says of a release that a killed build left whole, where somebody asks for it."""


@dataclass
class Deaths:
    """What kills did to those who ask."""

    kills: Counter[str] = field(default_factory=Counter)
    statuses: Counter[int] = field(default_factory=Counter)
    """Of all answers; ``0`` counts connections that ended with their process."""
    waits_s: list[float] = field(default_factory=list)
    """From each kill to the next picture that had to be made."""
    faults: list[str] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def is_fine(self) -> bool:
        """Everything was answered, but for connections that a killed process held."""
        wrong = {status for status in self.statuses if status not in {0, 200, 204}}
        with_server = self.kills["server process"] + self.kills["nursery"]
        cut = self.statuses[0]
        return not self.faults and not wrong and cut <= with_server * len(READERS)

    def line(self) -> str:
        """The figures on one line."""
        victims = " ".join(f"{name}:{count}" for name, count in sorted(self.kills.items()))
        answers = " ".join(f"{status}:{count}" for status, count in sorted(self.statuses.items()))
        return (
            f"kills of processes: {self.kills.total()} in {self.seconds:.0f}s {{{victims}}} "
            f"answers={{{answers}}} answered again after median={_median(self.waits_s):.2f}s "
            f"most={max(self.waits_s, default=0):.2f}s faults={len(self.faults)} "
            f"{'ok' if self.is_fine else 'short'}"
        )


def kill_processes(releases: Path, count: int) -> Deaths:
    """Kill so many processes of servers that are asked without a pause."""
    deaths, mix, began = Deaths(), random.Random(SEED), time.monotonic()
    while (left := count - deaths.kills.total()) > 0:
        with ServerUnderTest(releases) as server:
            stop = threading.Event()
            readers = [
                threading.Thread(
                    target=_read, args=(server.port, source, releases, stop, deaths), daemon=True
                )
                for source in READERS
            ]
            for reader in readers:
                reader.start()
            for _ in range(min(left, KILLS_A_SERVER)):
                _kill_one(server, mix, releases, deaths)
            stop.set()
            for reader in readers:
                reader.join()
        deaths.faults += [line for line in server.problems() if "Traceback" in line]
        server.remove_log()
    deaths.seconds = time.monotonic() - began
    return deaths


def _read(port: int, source: str, releases: Path, stop: threading.Event, deaths: Deaths) -> None:
    """Ask for tiles and pages on and on."""
    connection, tiles = Connection(port, source), tile_paths((releases / CURRENT_LINK).resolve())
    number = 0
    while not stop.is_set():
        page = number % 4 == 0
        path = "/collections/desa/items?limit=20" if page else tiles[number % len(tiles)]
        deaths.statuses[connection.ask(head(path, GZIP))] += 1
        number += 1
        time.sleep(0.005)
    connection.close()


def _kill_one(server: ServerUnderTest, mix: random.Random, releases: Path, deaths: Deaths) -> None:
    time.sleep(mix.random())
    while not (victims := victims_of(server.process.pid)):
        # The one killed before has not been replaced yet.
        time.sleep(0.01)
    name = mix.choice(sorted(victims))
    pid = mix.choice(victims[name])
    kode = next(e.kode for e in read_manifest(releases / CURRENT_LINK).wilayah)
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
        deaths.kills[name] += 1
    killed_s, status = time.monotonic(), 0
    while status != 200:
        # Another width each time: no answer that is kept.
        picture = f"/kecamatan/{kode}.png?width={mix.randrange(300, 900)}"
        connection = Connection(server.port, "127.0.2.9")
        status = connection.ask(head(picture))
        connection.close()
        if time.monotonic() > killed_s + PATIENCE_S:
            deaths.faults.append(f"{name} {pid}: no picture within {PATIENCE_S:.0f} s: {status}")
            return
        time.sleep(0.01)
    deaths.waits_s.append(time.monotonic() - killed_s)


def victims_of(supervisor: int) -> dict[str, list[int]]:
    """The processes of a server below its supervisor, by what they do."""
    servers = children_of(supervisor)
    nurseries = [pid for server in servers for pid in children_of(server)]
    answering = [pid for nursery in nurseries for pid in children_of(nursery)]
    named = {"server process": servers, "nursery": nurseries, "answering": answering}
    return {name: pids for name, pids in named.items() if pids}


@dataclass
class Builds:
    """What killed builds left behind."""

    kills: int = 0
    finished: int = 0
    left: Counter[str] = field(default_factory=Counter)
    """How many were killed while they wrote, when all was written, when it was published."""
    faults: list[str] = field(default_factory=list)
    seconds: float = 0.0
    build_s: float = 0.0
    end_s: float = 0.0
    """What a build takes, and its part after all was written."""

    def count(self, code: int, releases: Path, before: str | None) -> None:
        """Note what became of one build, by its exit code and what it left in the folder."""
        if code == 0:
            self.finished += 1
            return
        if code != -signal.SIGKILL:
            self.faults.append(f"a build ended by itself with exit code {code}")
            return
        self.kills += 1
        current = publication.current_release(releases)
        whole = [name for name in publication.list_releases(releases) if name != current]
        is_new = current != before
        unpublished = "whole" if whole else "half-written" if _half_written(releases) else "nothing"
        self.left["published" if is_new else unpublished] += 1

    @property
    def is_fine(self) -> bool:
        """The published release was sound and served after every kill, the last build succeeds."""
        return not self.faults

    def line(self) -> str:
        """The figures on one line."""
        left = " ".join(f"{state}:{count}" for state, count in sorted(self.left.items()))
        return (
            f"kills of builds: {self.kills} in {self.seconds:.0f}s of {self.build_s:.1f}s each "
            f"({self.end_s:.1f}s of it after all was written), "
            f"left {{{left}}}, {self.finished} finished before, faults={len(self.faults)} "
            f"{'ok' if self.is_fine else 'short'}"
        )


def kill_builds(count: int) -> Builds:
    """Kill so many builds that publish, each at a random point, beside a server."""
    builds, mix, began = Builds(), random.Random(SEED), time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        workspace, releases = write_workspace(Path(folder) / "uji"), Path(folder) / "releases"
        command = ("build", workspace, "--to", releases, "--publish")
        began_s, process = time.monotonic(), start(*command)
        _wait_until_written(process, releases)
        written_s = time.monotonic()
        process.wait()
        builds.build_s, builds.end_s = (time.monotonic() - since for since in (began_s, written_s))
        with ServerUnderTest(releases) as server:
            while builds.kills < count:
                _retitle(workspace, builds.kills + builds.finished)
                before = publication.current_release(releases)
                started_s, process = time.monotonic(), start(*command)
                if mix.random() < LATE_SHARE:
                    _wait_until_written(process, releases)
                    patience_s = mix.random() * builds.end_s
                else:
                    patience_s = mix.random() * builds.build_s
                with suppress(subprocess.TimeoutExpired):
                    process.wait(patience_s)
                if process.poll() is None:
                    kill_group(process)
                builds.count(process.returncode, releases, before)
                if process.returncode == 0:
                    # The machine is as busy as it is: later builds are killed as late as this.
                    builds.build_s = time.monotonic() - started_s
                builds.faults += _faults_of(releases, server)
            run(*command, check=True)
            left = [path.name for path in releases.glob(".build*")]
            builds.faults += [f"left behind: {name}" for name in left]
            builds.faults += _faults_of(releases, server)
        builds.faults += _told_twice(server.problems())
        server.remove_log()
    builds.seconds = time.monotonic() - began
    return builds


def _wait_until_written(process: subprocess.Popen[str], releases: Path) -> None:
    """Wait until a build has written its manifest, or has ended."""
    pattern = f"{publication.BUILD_PREFIX}{process.pid}-*/{MANIFEST_NAME}"
    while process.poll() is None and not any(releases.glob(pattern)):
        time.sleep(0.002)


def _told_twice(problems: list[str]) -> list[str]:
    """Faults in a log, where a release that was asked for and not published is one line."""
    told = Counter(line.partition("] ")[2] for line in problems if UNPUBLISHED in line)
    others = [line for line in problems if UNPUBLISHED not in line]
    return others + [f"{count} times: {line}" for line, count in told.items() if count > 1]


def _retitle(workspace: Path, number: int) -> None:
    """Give the wilayah another name, so that another release is built."""
    text = TOML.replace('name = "Kab Uji"', f'name = "Kab Uji {number}"')
    (workspace / "wilayah.toml").write_text(text, encoding="utf-8")


def _half_written(releases: Path) -> list[str]:
    """What builds write, or wrote, into: hidden folders."""
    return [path.name for path in releases.glob(f"{publication.BUILD_PREFIX}*")]


def _faults_of(releases: Path, server: ServerUnderTest) -> list[str]:
    """What is wrong with the published release, the journal, or what is served."""
    current = (releases / CURRENT_LINK).resolve()
    faults = [f"{current.name}: {problem}" for problem in verify_release(current)]
    published = {line.release_id for line in journal.read_journal(releases)}
    if current.name not in published:
        faults.append(f"{current.name}: current, but not in the journal")
    faults += _not_answered(server, current.name, 200)
    if (served := publications.current_id(server.port)) != current.name:
        faults.append(f"{current.name}: current, but {served} is served")
    for name in _half_written(releases):
        faults += _not_answered(server, name, 404)
    for name in publication.list_releases(releases):
        if name != current.name:
            faults += [f"{name}: {problem}" for problem in verify_release(releases / name)]
            faults += _not_answered(server, name, 200 if name in published else 404)
            # Of hundreds only the current one is needed any more; gone at once, as by prune.
            away = (releases / name).rename(releases / f"{publication.REMOVED_PREFIX}{name}")
            shutil.rmtree(away)
    return faults


def _not_answered(server: ServerUnderTest, name: str, expected: int) -> list[str]:
    """What is wrong with the answer to who asks for a release."""
    connection = Connection(server.port, READERS[0])
    status = connection.ask(head(f"/releases/{name}/collections"))
    connection.close()
    return [] if status == expected else [f"{name}: answered {status}, not {expected}"]


def _median(numbers: list[float]) -> float:
    return sorted(numbers)[len(numbers) // 2] if numbers else 0.0
