"""A real server while ``current`` swaps between two releases: nothing fails, nothing is mixed."""

from __future__ import annotations

import http.client
import json
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from layers.release.manifest_file import ReleaseId
from tests.end_to_end.processes import serving
from tests.geo_service.release_folders import Two, point_current

SECONDS = 4.0
READERS = 3


@dataclass
class Load:
    """Readers of one server, each on a connection of its own."""

    base: str
    layers: dict[str, int]
    stop: threading.Event = field(default_factory=threading.Event)
    failures: list[str] = field(default_factory=list)
    answered: int = 0

    def read(self) -> None:
        connection = http.client.HTTPConnection(urlsplit(self.base).netloc, timeout=20)
        try:
            while not self.stop.is_set():
                self._read_once(connection)
        except Exception as error:
            self.failures.append(repr(error))
        finally:
            connection.close()

    def _read_once(self, connection: http.client.HTTPConnection) -> None:
        start = json.loads(self._get(connection, "/"))
        document = json.loads(self._get(connection, "/collections"))
        enclosures = {
            link["href"].split("/releases/")[1].split("/")[0]
            for collection in document["collections"]
            for link in collection["links"]
            if "/files/" in link["href"]
        }
        (answering,) = enclosures
        if len(document["collections"]) != self.layers[answering]:
            self.failures.append(f"mixed answer of {answering}")
        rid = start["release_id"]
        tilejson = json.loads(self._get(connection, f"/releases/{rid}/tiles/desa.json"))
        tile = urlsplit(tilejson["tiles"][0].format(z=10, x=856, y=536)).path
        self._get(connection, tile)
        self._get(connection, f"/releases/{rid}/files/downloads/desa.gpkg")
        self._get(connection, "/collections/desa/items?limit=5")
        self._get(connection, "/kecamatan/99.01.01")

    def _get(self, connection: http.client.HTTPConnection, path: str) -> bytes:
        connection.request("GET", path)
        answer = connection.getresponse()
        body = answer.read()
        if answer.status != 200:
            self.failures.append(f"{answer.status} {path} {body[:200]!r}")
        self.answered += 1
        return body


def descriptors(base: str) -> int:
    """Open file descriptors of the process that answers, as it says itself."""
    connection = http.client.HTTPConnection(urlsplit(base).netloc, timeout=20)
    connection.request("GET", "/metrics")
    lines = connection.getresponse().read().decode().splitlines()
    connection.close()
    return next(
        int(float(line.split()[1])) for line in lines if line.startswith("process_open_fds")
    )


def test_publishing_under_load_fails_no_request(two_releases: Two) -> None:
    root, first, second = two_releases
    with serving(root) as base:
        load = Load(base, {first: 3, second: 2})
        threads = [threading.Thread(target=load.read) for _ in range(READERS)]
        for thread in threads:
            thread.start()
        time.sleep(0.5)
        before = descriptors(base)
        swaps = swap_for(SECONDS, root, (second, first))
        after = descriptors(base)
        load.stop.set()
        for thread in threads:
            thread.join()
    assert load.failures == []
    assert load.answered > 100
    assert swaps > 50
    # Both releases stay open once both were current; the number does not grow with the swaps.
    assert after - before < 60


def swap_for(seconds: float, root: Path, ids: tuple[ReleaseId, ReleaseId]) -> int:
    swaps, end = 0, time.monotonic() + seconds
    while time.monotonic() < end:
        point_current(root, ids[swaps % 2])
        swaps += 1
        time.sleep(0.002)
    return swaps


def test_a_server_of_two_processes_stops_when_told_and_counts_together(two_releases: Two) -> None:
    with serving(two_releases[0], workers=2) as base:
        connection = http.client.HTTPConnection(urlsplit(base).netloc, timeout=20)
        for _ in range(20):
            connection.request("GET", "/conformance")
            assert connection.getresponse().read()
        connection.request("GET", "/metrics")
        text = connection.getresponse().read().decode()
        connection.close()
    counted = next(
        line
        for line in text.splitlines()
        if line.startswith("geo_requests_total{") and 'route="/conformance"' in line
    )
    assert float(counted.rsplit(" ", 1)[1]) == 20
