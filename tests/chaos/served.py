"""A server of one worker, started as an operator starts it, and what the system says of it."""

from __future__ import annotations

import os
import subprocess
import tempfile
from itertools import takewhile
from pathlib import Path
from types import TracebackType

from tests.end_to_end.processes import COMMAND, free_port, wait_for

_TICKS = os.sysconf("SC_CLK_TCK")
_PAGE_MB = os.sysconf("SC_PAGE_SIZE") / 1e6


class ServerUnderTest:
    """Runs from ``with`` to its end; the log is kept until it is asked for."""

    def __init__(self, releases: Path, **settings: str) -> None:
        self.port = free_port()
        self._folder = tempfile.TemporaryDirectory()
        self._log = Path(self._folder.name) / "log"
        with self._log.open("w") as stream:
            self.process = subprocess.Popen(
                [*COMMAND, "serve", str(releases), "--port", str(self.port), "--workers", "1"],
                stdout=stream,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                env=os.environ | settings,
            )

    def __enter__(self) -> ServerUnderTest:
        wait_for(f"http://127.0.0.1:{self.port}/collections", self.process, self._log)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.process.terminate()
        self.process.wait(30)

    def problems(self) -> list[str]:
        """Lines of the log that tell of a fault, a traceback as one of them."""
        lines = self._log.read_text().splitlines()
        faults = []
        for number, line in enumerate(lines):
            if "Traceback" in line:
                inside = [*takewhile(lambda text: text[:1] == " ", lines[number + 1 :])]
                faults.append("\n".join(lines[number : number + len(inside) + 2]))
            elif "ERROR" in line:
                faults.append(line)
        return faults

    def remove_log(self) -> None:
        """Remove the log, once nobody asks for it any more."""
        self._folder.cleanup()

    def processes(self) -> int:
        """How many processes the server has."""
        return len(self._stats())

    def pids(self) -> list[int]:
        """The processes of the server."""
        return list(self._stats())

    def cpu_s(self) -> float:
        """CPU seconds of all its processes, those included that have ended."""
        return sum(sum(map(int, fields[11:15])) for fields in self._stats().values()) / _TICKS

    def memory_mb(self) -> float:
        """Resident memory of all its processes, shared pages counted once for each."""
        return sum(int(fields[21]) for fields in self._stats().values()) * _PAGE_MB

    def _stats(self) -> dict[int, list[str]]:
        """What the system says of each process, by its id."""
        stats: dict[int, list[str]] = {}
        for path in Path("/proc").glob("[0-9]*/stat"):
            try:
                fields = path.read_text().rpartition(")")[2].split()
            except OSError:
                continue
            if int(fields[3]) == self.process.pid:
                stats[int(path.parent.name)] = fields
        return stats
