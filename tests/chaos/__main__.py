"""Attack a server of one worker and print what its tiles take meanwhile: ``make chaos``.

    chaos: NAME tile p50=…ms p99=…ms peace=…ms ratio=… limit=5 answers={…} left=…s ok|short

``ratio`` is the 99th percentile under the attack by that in peace, measured before and after it on
the same server; ``left`` the CPU time that the server spends after the attackers have gone.
Then releases are published one after the other while pages are read, processes and builds are
killed, and a mixed load goes on for long, each in a line (``--only`` chooses one):

    chaos: publications: N in …s requests=… failed=… memory=…->…->…MB trend=…MB … ok|short
    chaos: kills of processes: N in …s {…} answers={…} answered again after … ok|short
    chaos: kills of builds: N in …s … faults=… ok|short
    chaos: mixed load: …s capacity=…->…/s asked=…/s publications=… errors=… memory=… p99 … ok|short

Exit code 1 where a figure is short, a tile failed, or the log holds an error.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from tests.chaos import deaths, load, publications
from tests.chaos.attacks import Attack, Running, list_attacks, tile_paths
from tests.chaos.clients import Latencies, read_tiles
from tests.chaos.served import ServerUnderTest
from tests.sample_cache import cached_releases

LIMIT = 5.0
LEAST_P99_MS = 1.0
"""A 99th percentile in peace below this is taken as this: less is the noise of the clock."""
REST_S = 1.0
MOST_LEFT_S = 1.0
"""CPU seconds that the server may spend after the attackers have left."""


def main(arguments: list[str]) -> int:
    """Run the attacks; the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos")
    parser.add_argument("--releases", type=Path, help="a folder of releases; else the sample")
    parser.add_argument("--seconds", type=float, default=8.0, help="of each attack")
    parser.add_argument("--only", default="", help="part of the name of an attack")
    parser.add_argument("--publications", type=int, default=1000)
    parser.add_argument("--kills", type=int, default=200, help="of processes of a server")
    parser.add_argument("--builds", type=int, default=100, help="builds that are killed")
    parser.add_argument("--load", type=float, default=600.0, help="seconds of mixed load")
    given = parser.parse_args(arguments)
    releases = given.releases or cached_releases()
    parts: dict[str, Callable[[], bool]] = {
        "attacks": lambda: attack_all(releases, given.seconds, given.only),
        "publications": lambda: publish_again_and_again(releases, given.publications),
        "kills": lambda: kill(lambda: deaths.kill_processes(releases, given.kills)),
        "builds": lambda: kill(lambda: deaths.kill_builds(given.builds)),
        "load": lambda: load_on_and_on(releases, given.load),
    }
    if given.only:
        # A part of the name of an attack, where it is none of these.
        return 0 if parts.get(given.only, parts["attacks"])() else 1
    done = [part() for part in parts.values()]
    return 0 if all(done) else 1


def attack_all(releases: Path, seconds: float, only: str) -> bool:
    """Print what tiles take under each attack; whether all keep the limit."""
    release = (releases / "current").resolve()
    attacks = list_attacks(release)
    chosen = [attack for attack in attacks if only in attack.name] or attacks
    with ServerUnderTest(releases) as server:
        tiles = tile_paths(release)
        read_tiles(server.port, tiles, 1.0)
        fine = [measure(server, attack, tiles, seconds) for attack in chosen]
        print(
            f"chaos: memory {server.memory_mb():.0f} MB in {server.processes()} processes "
            f"(load of the machine {os.getloadavg()[0]:.1f})"
        )
    problems = server.problems()
    server.remove_log()
    for line in problems:
        print(f"chaos: log {line}")
    return all(fine) and not problems


class Report(Protocol):
    """What was seen of a server."""

    @property
    def is_fine(self) -> bool:
        """Whether all is as it must be."""

    def line(self) -> str:
        """The figures on one line."""


def tell(report: Report, *faults: str) -> bool:
    """Print the figures, and the first faults; whether all is as it must be."""
    print(f"chaos: {report.line()}  (load of the machine {os.getloadavg()[0]:.1f})", flush=True)
    for fault in faults[:5]:
        print(f"chaos: {fault}")
    return report.is_fine


@contextmanager
def own_copy(releases: Path) -> Iterator[Path]:
    """A copy of a folder of releases, to publish in."""
    with tempfile.TemporaryDirectory(dir=releases.absolute().parent) as folder:
        yield Path(shutil.copytree(releases, Path(folder) / "releases", symlinks=True))


def publish_again_and_again(releases: Path, count: int) -> bool:
    """Print what a server holds after so many publications; whether that has not grown."""
    with own_copy(releases) as copy:
        growth = publications.measure_growth(copy, count)
    return tell(growth, *growth.failures)


def kill(killing: Callable[[], deaths.Deaths | deaths.Builds]) -> bool:
    """Print what kills did; whether nothing else was lost."""
    report = killing()
    return tell(report, *report.faults)


def load_on_and_on(releases: Path, seconds: float) -> bool:
    """Print how steady a server is under mixed load, a publication each minute."""
    with own_copy(releases) as copy:
        steadiness = load.measure_load(copy, seconds, every_s=60.0, held=1000, first_s=20.0)
    return tell(steadiness, *steadiness.problems)


def measure(server: ServerUnderTest, attack: Attack, tiles: list[str], seconds: float) -> bool:
    """Print the figures of one attack; whether they keep the limit."""
    before = read_tiles(server.port, tiles, seconds / 2)
    running = Running(attack, server.port, seconds + 1.0)
    time.sleep(0.5)
    during = read_tiles(server.port, tiles, seconds)
    statuses = running.result()
    gone = server.cpu_s()
    time.sleep(REST_S)
    left_s = server.cpu_s() - gone
    after = read_tiles(server.port, tiles, seconds / 2)
    peace = max(LEAST_P99_MS, (before.p99 + after.p99) / 2)
    is_fine = (
        during.p99 <= LIMIT * peace
        and not during.failures
        and left_s <= MOST_LEFT_S
        and (statuses[200] > 0 or not attack.is_answered)
    )
    print(_line(attack, during, peace, statuses, left_s, is_fine=is_fine), flush=True)
    return is_fine


def _line(
    attack: Attack,
    during: Latencies,
    peace: float,
    statuses: Counter[int],
    left_s: float,
    *,
    is_fine: bool,
) -> str:
    answers = " ".join(f"{status}:{count}" for status, count in sorted(statuses.items()) if count)
    failed = f" failed={during.failures}" if during.failures else ""
    return (
        f"chaos: {attack.name}: tile p50={during.p50:.2f}ms p99={during.p99:.2f}ms "
        f"peace={peace:.2f}ms ratio={during.p99 / peace:.2f} limit={LIMIT:g} "
        f"answers={{{answers}}} left={left_s:.2f}s{failed} {'ok' if is_fine else 'short'}"
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
