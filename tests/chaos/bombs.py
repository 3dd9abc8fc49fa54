"""Check workspaces with harmful inputs, and print what each took: a part of ``make chaos``.

    bomb: NAME file=…MB seconds=… cpu=… memory=…MB exit=… ok|short  what it said

``memory`` is the most that the command and its reader held together, ``seconds`` its time on the
clock, ``cpu`` that of the processor.  Exit code 1 where one took more than `MOST_SECONDS` of the
processor or `MOST_MB`, died, or said nothing.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from tests.chaos import bomb_files, input_bombs
from tests.layers.small_workspace import write_workspace

MOST_SECONDS = 30.0
BUSY = 4
"""Seconds on the clock for one of the processor: other work is no fault of the file."""
MOST_MB = 1_000.0
POLL_S = 0.05
_CHECK = "from geo_service.cli.main import main; main()"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What checking one bomb took and said."""

    seconds: float
    cpu_s: float
    memory_mb: float
    code: int
    text: str

    @property
    def is_fine(self) -> bool:
        """Whether it ended in words, soon, and with little memory."""
        said = bool(self.text.strip()) and "Traceback" not in self.text
        return (
            said
            and self.code in (0, 1, 2)
            and self.cpu_s <= MOST_SECONDS
            and self.seconds <= BUSY * MOST_SECONDS
            and self.memory_mb <= MOST_MB
        )


def lay(writer: bomb_files.Writer, folder: Path) -> Path:
    """A workspace with the bomb beside polygons of four desa, or in their place."""
    folder.mkdir()
    sections = writer(folder)
    whole = {"boundaries": ""} if "[[boundaries]]" in sections else {}
    return write_workspace(folder, sections, {}, **whole)


def check(folder: Path, command: str = "check") -> Outcome:
    """Run a command on a workspace in a process of its own."""
    started, worked = time.monotonic(), _worked_s()
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(
            [sys.executable, "-c", _CHECK, command, str(folder)], stdout=said, stderr=said
        )
        most = 0.0
        while process.poll() is None and time.monotonic() - started < BUSY * MOST_SECONDS:
            most = max(most, sum(map(_held_mb, _family(process.pid))))
            time.sleep(POLL_S)
        process.kill()
        process.wait()
        seconds = time.monotonic() - started
        said.seek(0)
        text = said.read().decode(errors="replace")
    return Outcome(seconds, _worked_s() - worked, most, process.returncode, text)


def _worked_s() -> float:
    """Processor time of all processes that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _family(pid: int) -> list[int]:
    """A process and its children."""
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return [pid]
    return [pid, *map(int, children)]


def _held_mb(pid: int) -> float:
    """Memory of a process, what it shares with others counted once for all of them."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("Pss:")), 0.0)


def main(arguments: list[str]) -> int:
    """Check all bombs; the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos.bombs")
    parser.add_argument("--only", default="", help="part of the name of a bomb")
    given = parser.parse_args(arguments)
    fine = True
    for writer in (*input_bombs.KNOWN, *input_bombs.OTHERS):
        if given.only not in writer.__name__:
            continue
        with tempfile.TemporaryDirectory() as name:
            folder = lay(writer, Path(name) / "w")
            size = max(
                (file.stat().st_size for file in folder.glob("b.*") if file.is_file()), default=0
            )
            outcome = check(folder)
        fine &= outcome.is_fine
        words = " ".join(outcome.text.split())
        print(
            f"bomb: {writer.__name__} file={size / 1e6:.2f}MB seconds={outcome.seconds:.1f} "
            f"cpu={outcome.cpu_s:.1f} memory={outcome.memory_mb:.0f}MB exit={outcome.code} "
            f"{'ok' if outcome.is_fine else 'short'}  {words[-260:]}",
            flush=True,
        )
    return 0 if fine else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
