"""Counts and times of requests, in the text format that Prometheus reads.

The numbers of all server processes lie in memory that they share and no file stands for: a disk
that is full ends no process, and what a process counted outlives it.  Each process writes to a slot
of its own; any of them answers for all.
"""

import mmap
import struct
import threading
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import accumulate

import prometheus_client
from prometheus_client import core
from prometheus_client.registry import Collector

BUCKETS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)
METHODS = frozenset({"GET", "HEAD", "OPTIONS", "POST"})
SLOT_BYTES = 1 << 20
"""Of each server process: some ten thousand numbers, and no memory before they are written."""
_USED = struct.Struct("<Q")
_LENGTH = struct.Struct("<I")
_VALUE = struct.Struct("<d")
_BETWEEN = "\0"
Key = tuple[str, ...]
"""Name of a metric, then the values of its labels."""


@dataclass(frozen=True, slots=True)
class Counted:
    """A metric that server processes count; ``is_gauge``: what is now, added over all processes."""

    description: str
    labels: tuple[str, ...] = ()
    is_gauge: bool = False


COUNTED = {
    "geo_requests": Counted("Requests answered.", ("route", "method", "status")),
    "geo_response_bytes": Counted("Bytes of the bodies that were sent.", ("route",)),
    "geo_answers_kept": Counted("Pages and documents, by whether they were kept.", ("result",)),
    "geo_processes_lost": Counted("Processes for answers that died or were ended.", ("cause",)),
    "geo_queue": Counted("Requests that wait for a process, by kind.", ("kind",), is_gauge=True),
    "geo_under_way": Counted(
        "Requests that a process works on, by kind.", ("kind",), is_gauge=True
    ),
    "geo_connections": Counted("Connections that are open.", (), is_gauge=True),
}
SECONDS = "geo_request_seconds"


class Slot:
    """The numbers of one process: a record of key and value each, none ever moved or removed."""

    def __init__(self, memory: mmap.mmap, number: int) -> None:
        self._memory, self._start = memory, number * SLOT_BYTES
        self._lock = threading.Lock()
        self._places = {key: place for key, place, _ in self._records()}

    def add(self, key: Key, amount: float = 1.0) -> None:
        """Add to a number, 0 at first."""
        with self._lock:
            place = self._place(key)
            if place is not None:
                (value,) = _VALUE.unpack_from(self._memory, place)
                self._memory[place : place + _VALUE.size] = _VALUE.pack(value + amount)

    def set(self, key: Key, value: float) -> None:
        """Write a number anew."""
        with self._lock:
            place = self._place(key)
            if place is not None:
                self._memory[place : place + _VALUE.size] = _VALUE.pack(value)

    def values(self) -> Iterator[tuple[Key, float]]:
        """All numbers, also while the process of this slot writes."""
        return ((key, value) for key, _, value in self._records())

    def _place(self, key: Key) -> int | None:
        """Where the value of a key lies; None for a new one where the slot is full."""
        place = self._places.get(key)
        if place is not None:
            return place
        text = _BETWEEN.join(key).encode()
        (used,) = _USED.unpack_from(self._memory, self._start)
        place = self._start + _USED.size + used
        size = _LENGTH.size + _VALUE.size + len(text)
        if used + size > SLOT_BYTES - _USED.size:
            return None
        self._memory[place : place + size] = _LENGTH.pack(len(text)) + _VALUE.pack(0.0) + text
        # Only now does it count: a process may be killed between the two.
        self._memory[self._start : self._start + _USED.size] = _USED.pack(used + size)
        self._places[key] = place + _LENGTH.size
        return self._places[key]

    def _records(self) -> Iterator[tuple[Key, int, float]]:
        place = self._start + _USED.size
        end = place + _USED.unpack_from(self._memory, self._start)[0]
        while place < end:
            (length,) = _LENGTH.unpack_from(self._memory, place)
            (value,) = _VALUE.unpack_from(self._memory, place + _LENGTH.size)
            text = place + _LENGTH.size + _VALUE.size
            key = tuple(self._memory[text : text + length].decode().split(_BETWEEN))
            yield key, place + _LENGTH.size, value
            place = text + length


class Counts:
    """The slots of all server processes; one slot where nothing else was said.

    `share` is called before the processes are forked, `take` in each of them.
    """

    def __init__(self) -> None:
        self.share(1)

    def share(self, processes: int) -> None:
        """Make a slot for each process."""
        self._memory = mmap.mmap(-1, processes * SLOT_BYTES)
        self._processes = processes
        self.take(0)

    def take(self, number: int) -> None:
        """Count in this slot from now on; what is in it is added to."""
        self.own = Slot(self._memory, number)

    def totals(self) -> dict[Key, float]:
        """The numbers of all processes together."""
        totals: dict[Key, float] = defaultdict(float)
        for number in range(self._processes):
            for key, value in Slot(self._memory, number).values():
                totals[key] += value
        return totals


COUNTS = Counts()


def observe(route: str, method: str, status: int, seconds: float, size: int = 0) -> None:
    """Count one request; ``route`` is the pattern of its URL, never the URL itself."""
    label = method if method in METHODS else "other"
    COUNTS.own.add(("geo_requests", route, label, str(status)))
    COUNTS.own.add(("geo_response_bytes", route), size)
    edge = bisect_left(BUCKETS, seconds)
    COUNTS.own.add((SECONDS, route, str(edge)))
    COUNTS.own.add((SECONDS, route, "sum"), seconds)


def count(name: str, *labels: str) -> None:
    """Count one event of `COUNTED`."""
    COUNTS.own.add((name, *labels))


def set_gauge(name: str, value: float, *labels: str) -> None:
    """Say what is now, by a gauge of `COUNTED`."""
    COUNTS.own.set((name, *labels), value)


@dataclass(frozen=True, slots=True)
class ReleaseFacts:
    """What the metrics say of the release that is served; empty and None where there is none."""

    release_id: str
    age_s: float | None
    findings: Mapping[str, int]
    is_degraded: bool
    withdrawn: int


def render_metrics(facts: ReleaseFacts) -> tuple[bytes, str]:
    """The metrics of all server processes, and their media type."""
    registry = prometheus_client.CollectorRegistry(auto_describe=False)
    registry.register(_Families(COUNTS.totals(), facts))
    # Memory, CPU time and open files of the process that answers.
    prometheus_client.ProcessCollector(registry=registry)
    return prometheus_client.generate_latest(registry), prometheus_client.CONTENT_TYPE_LATEST


class _Families(Collector):
    """The numbers as the families that the library writes."""

    def __init__(self, totals: Mapping[Key, float], facts: ReleaseFacts) -> None:
        self._totals, self._facts = dict(sorted(totals.items())), facts

    def collect(self) -> Iterable[core.Metric]:
        """All families."""
        for name, counted in COUNTED.items():
            family = core.GaugeMetricFamily if counted.is_gauge else core.CounterMetricFamily
            metric = family(name, counted.description, labels=counted.labels)
            for key, value in self._totals.items():
                if key[0] == name:
                    metric.add_metric(key[1:], value)
            yield metric
        yield self._seconds()
        yield from self._of_release()

    def _seconds(self) -> core.Metric:
        metric = core.HistogramMetricFamily(
            SECONDS, "Time from request to answer.", labels=("route",)
        )
        edges = (*map(str, BUCKETS), "+Inf")
        for route in sorted({key[1] for key in self._totals if key[0] == SECONDS}):
            counts = [self._totals.get((SECONDS, route, str(at)), 0.0) for at in range(len(edges))]
            buckets = list(zip(edges, accumulate(counts), strict=True))
            metric.add_metric((route,), buckets, self._totals.get((SECONDS, route, "sum"), 0.0))
        return metric

    def _of_release(self) -> Iterator[core.Metric]:
        facts = self._facts
        info = core.InfoMetricFamily("geo_release", "The release that is served.", labels=())
        info.add_metric((), {"release_id": facts.release_id})
        yield info
        if facts.age_s is not None:
            yield core.GaugeMetricFamily(
                "geo_release_age_seconds", "Time since it was published.", value=facts.age_s
            )
        yield core.GaugeMetricFamily(
            "geo_degraded", "1 where /healthz says so.", value=float(facts.is_degraded)
        )
        yield core.GaugeMetricFamily(
            "geo_files_withdrawn", "Files that are not what was published.", value=facts.withdrawn
        )
        findings = core.GaugeMetricFamily(
            "geo_findings", "Findings about the data of the release.", labels=("severity",)
        )
        for severity, number in sorted(facts.findings.items()):
            findings.add_metric((severity,), number)
        yield findings
