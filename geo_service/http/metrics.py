"""Counts and times of requests, in the text format that Prometheus reads.

With several server processes each keeps its numbers in files of one directory
(``PROMETHEUS_MULTIPROC_DIR``, set by `geo_service.server`), and any of them answers for all.
"""

import os

import prometheus_client as prometheus_client
from prometheus_client.multiprocess import MultiProcessCollector

MULTIPROCESS = "PROMETHEUS_MULTIPROC_DIR"
BUCKETS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)
METHODS = frozenset({"GET", "HEAD", "OPTIONS"})

REQUESTS = prometheus_client.Counter(
    "geo_requests", "Requests answered.", ("route", "method", "status")
)
SECONDS = prometheus_client.Histogram(
    "geo_request_seconds", "Time from request to answer.", ("route",), buckets=BUCKETS
)


def observe(route: str, method: str, status: int, seconds: float) -> None:
    """Count one request; ``route`` is the pattern of its URL, never the URL itself."""
    label = method if method in METHODS else "other"
    REQUESTS.labels(route, label, str(status)).inc()
    SECONDS.labels(route).observe(seconds)


def render_metrics() -> tuple[bytes, str]:
    """The metrics of all server processes, and their media type."""
    registry = prometheus_client.REGISTRY
    if MULTIPROCESS in os.environ:
        registry = prometheus_client.CollectorRegistry()
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]  # no types there
    return prometheus_client.generate_latest(registry), prometheus_client.CONTENT_TYPE_LATEST
