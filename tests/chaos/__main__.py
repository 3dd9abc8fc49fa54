"""Attack a server of one worker and print what its tiles take meanwhile: ``make chaos``.

    chaos: NAME tile p50=…ms p99=…ms peace=…ms ratio=… limit=5 answers={…} left=…s ok|short

``ratio`` is the 99th percentile under the attack by that in peace, measured before and after it on
the same server; ``left`` the CPU time that the server spends after the attackers have gone.
Then releases are published one after the other while pages are read:

    chaos: publications: N in …s requests=… failed=… memory=…->…MB descriptors=…->… … ok|short

Exit code 1 where a figure is short, a tile failed, or the log holds an error.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from tests.chaos import publications
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
    parser.add_argument("--publications", type=int, default=1000, help="0: none")
    given = parser.parse_args(arguments)
    releases = given.releases or cached_releases()
    if given.only == "publications":
        return publish_again_and_again(releases, given.publications)
    release = (releases / "current").resolve()
    attacks = [attack for attack in list_attacks(release) if given.only in attack.name]
    with ServerUnderTest(releases) as server:
        tiles = tile_paths(release)
        read_tiles(server.port, tiles, 1.0)
        fine = [measure(server, attack, tiles, given.seconds) for attack in attacks]
        print(f"chaos: memory {server.memory_mb():.0f} MB in {server.processes()} processes")
    problems = server.problems()
    server.remove_log()
    for line in problems:
        print(f"chaos: log {line}")
    grown = 0 if given.only else publish_again_and_again(releases, given.publications)
    return grown if all(fine) and not problems else 1


def publish_again_and_again(releases: Path, count: int) -> int:
    """Print what a server holds after so many publications; 1 where that has grown."""
    if not count:
        return 0
    with tempfile.TemporaryDirectory(dir=releases.absolute().parent) as folder:
        copy = Path(folder) / "releases"
        shutil.copytree(releases, copy, symlinks=True)
        growth = publications.measure_growth(copy, count, publications.page_paths(copy))
    print(f"chaos: {growth.line()}", flush=True)
    for problem in growth.failures[:5]:
        print(f"chaos: {problem}")
    return 0 if growth.is_fine else 1


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
