"""One line for each figure, both sides timed in the same run.

    bench: NAME ours=… peer=… ratio=… limit=… ok|short

Medians of CPU seconds (this process, its threads and finished children), so that a noisy machine
disturbs both sides alike.  ``ratio`` is ours / peer; ``short`` says that the limit was not kept.
Absolute figures without a peer say ``peer=-`` and compare ``ours`` itself with the limit.
"""

from __future__ import annotations

import resource
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured figure and whether it keeps its limit."""

    name: str
    ours: float
    peer: float | None
    limit: float | None
    unit: str = "s"

    @property
    def ratio(self) -> float | None:
        """Ours by peer's, where there is a peer."""
        return None if self.peer is None else self.ours / self.peer

    @property
    def is_ok(self) -> bool:
        """Whether the figure keeps its limit."""
        measured = self.ours if self.ratio is None else self.ratio
        return self.limit is None or measured <= self.limit

    def line(self) -> str:
        """The figure as printed."""
        peer = "-" if self.peer is None else f"{self.peer:.4g}{self.unit}"
        ratio = "-" if self.ratio is None else f"{self.ratio:.3g}"
        limit = "-" if self.limit is None else f"{self.limit:g}"
        verdict = "ok" if self.is_ok else "short"
        return (
            f"bench: {self.name} ours={self.ours:.4g}{self.unit} peer={peer} "
            f"ratio={ratio} limit={limit} {verdict}"
        )


def measure_cpu(work: Callable[[], object]) -> float:
    """CPU seconds of one call: user and system, all threads, finished children included."""
    before = _cpu_seconds()
    work()
    return _cpu_seconds() - before


def measure_wall(work: Callable[[], object]) -> float:
    """Wall-clock seconds of one call."""
    before = time.perf_counter()
    work()
    return time.perf_counter() - before


def compare(
    name: str,
    ours: Callable[[], object],
    peer: Callable[[], object],
    *,
    limit: float | None,
    repeat: int = 5,
    measure: Callable[[Callable[[], object]], float] = measure_cpu,
) -> Figure:
    """The medians of both sides, timed in turn (ours, peer, ours, …) after one warm-up each."""
    ours()
    peer()
    pairs = [(measure(ours), measure(peer)) for _ in range(repeat)]
    figure = Figure(
        name,
        statistics.median(pair[0] for pair in pairs),
        statistics.median(pair[1] for pair in pairs),
        limit,
    )
    print(figure.line(), flush=True)
    return figure


def absolute(
    name: str,
    ours: Callable[[], object] | float,
    *,
    limit: float | None = None,
    repeat: int = 1,
    unit: str = "s",
    measure: Callable[[Callable[[], object]], float] = measure_cpu,
) -> Figure:
    """A figure without a peer: the median of ``repeat`` calls, or a number measured elsewhere."""
    if callable(ours):
        work = ours
        value = statistics.median(measure(work) for _ in range(repeat))
    else:
        value = float(ours)
    figure = Figure(name, value, None, limit, unit)
    print(figure.line(), flush=True)
    return figure


def peak_memory_mb(pid: int | str = "self") -> float:
    """Peak resident memory of a process since its program began, MB.

    Not ``ru_maxrss``: a child starts with the peak of the process that made it, so a benchmark
    before this one would be counted too.
    """
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    line = next(line for line in status.splitlines() if line.startswith("VmHWM:"))
    return int(line.split()[1]) / 1024


def _cpu_seconds() -> float:
    own = resource.getrusage(resource.RUSAGE_SELF)
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime
