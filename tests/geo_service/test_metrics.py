"""What the server counts, over all its processes, in no file."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
import urllib.request
from pathlib import Path

import pytest

from geo_service.http import metrics
from tests.end_to_end.processes import COMMAND, children_of, free_port, read_url, wait_for
from tests.geo_service.client import Client


def value_of(text: str, line: str) -> float:
    """The number behind a name with its labels."""
    return next(float(row.rpartition(" ")[2]) for row in text.splitlines() if row.startswith(line))


def test_slots_are_added_up_and_outlive_their_process() -> None:
    counts = metrics.Counts()
    counts.share(2)
    for number in (0, 1, 1):
        counts.take(number)
        counts.own.add(("geo_requests", "/", "GET", "200"))
        counts.own.set(("geo_queue", "page"), number + 3)
    assert counts.totals() == {("geo_requests", "/", "GET", "200"): 3, ("geo_queue", "page"): 7}


def test_a_full_slot_counts_what_it_knows_and_loses_nothing_else() -> None:
    counts = metrics.Counts()
    for number in range(20_000):
        counts.own.add(("geo_requests", f"/{number:060}"))
    kept = len(counts.totals())
    assert 5_000 < kept < 20_000
    counts.own.add(("geo_requests", f"/{0:060}"))
    assert counts.totals()[("geo_requests", f"/{0:060}")] == 2
    assert len(counts.totals()) == kept


def test_metrics_say_what_was_asked_and_what_is_served(releases: Path) -> None:
    metrics.COUNTS.share(1)
    with Client(releases) as client:
        client.get("/conformance")
        client.get("/nowhere")
        text = client.get("/metrics").text
        rid = client.json("/healthz")["release_id"]
    asked = 'geo_requests_total{method="GET",route="/conformance",status="200"}'
    assert value_of(text, asked) == 1
    assert value_of(text, 'geo_response_bytes_total{route="/conformance"}') > 0
    assert value_of(text, 'geo_request_seconds_count{route="/conformance"}') == 1
    assert value_of(text, 'geo_request_seconds_bucket{le="+Inf",route="/conformance"}') == 1
    assert f'geo_release_info{{release_id="{rid}"}} 1.0' in text
    assert value_of(text, "geo_release_age_seconds") >= 0
    assert value_of(text, "geo_degraded") == 0
    assert value_of(text, "process_open_fds") > 0
    assert value_of(text, 'geo_findings{severity="') >= 0


@pytest.fixture
def json_log(releases: Path, tmp_path: Path) -> tuple[str, Path, subprocess.Popen[bytes]]:
    """A server of two processes that can write no temporary file, its address and log."""
    port, log = free_port(), tmp_path / "log"
    settings = {
        "TMPDIR": "/proc/none",
        "GEO_LOG": "info json access",
        "GEO_ANSWER_PROCESSES": "1",
    }
    with log.open("w") as stream:
        server = subprocess.Popen(
            [*COMMAND, "serve", str(releases), "--port", str(port), "--workers", "2"],
            stdout=stream,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            env=os.environ | settings,
        )
    return f"http://127.0.0.1:{port}", log, server


def wait_for_count(base: str, least: int) -> None:
    """Wait until so many requests of collections are counted: that is done after the answer."""
    end_s = time.monotonic() + 10
    series = 'geo_requests_total{method="GET",route="/collections"'
    while value_of(read_url(f"{base}/metrics").decode(), series) < least:
        assert time.monotonic() < end_s
        time.sleep(0.05)


def test_a_server_needs_no_file_but_those_of_the_release(
    json_log: tuple[str, Path, subprocess.Popen[bytes]],
) -> None:
    base, log, server = json_log
    try:
        wait_for(f"{base}/readyz", server, log)
        end_s = time.monotonic() + 20
        while f"ready: {base}/" not in log.read_text():
            assert time.monotonic() < end_s
            time.sleep(0.05)
        for _ in range(10):
            read_url(f"{base}/collections")
        wait_for_count(base, 10)
        for pid in children_of(server.pid):
            maps = Path(f"/proc/{pid}/maps").read_text().splitlines()
            shared = [
                line for line in maps if line.split()[1] == "rw-s" and "anon_inode" not in line
            ]
            assert all("/dev/zero" in line for line in shared), shared
            assert not [line for line in maps if "releases" in line]
        first = children_of(server.pid)[0]
        os.kill(first, signal.SIGKILL)
        time.sleep(0.5)
        wait_for(f"{base}/collections", server, log)
        wait_for_count(base, 11)
    finally:
        server.terminate()
        server.wait(20)


def test_every_answer_has_an_id_and_a_line(
    json_log: tuple[str, Path, subprocess.Popen[bytes]],
) -> None:
    base, log, server = json_log
    try:
        wait_for(f"{base}/healthz", server, log)
        # This peer is a trusted proxy, so its id is taken over.
        asked = urllib.request.Request(
            f"{base}/collections?token=geheim&lang=en", headers={"X-Request-Id": "front-12345678"}
        )
        with urllib.request.urlopen(asked) as answer:
            assert answer.headers["x-request-id"] == "front-12345678"
            size = len(answer.read())
    finally:
        server.terminate()
        server.wait(20)
    lines = [line for line in log.read_text().splitlines() if line.startswith("{")]
    accesses = [json.loads(line) for line in lines]
    entry = next(line for line in accesses if line.get("request_id") == "front-12345678")
    assert (entry["route"], entry["status"], entry["bytes"]) == ("/collections", 200, size)
    assert entry["query"] == "lang=en"
    assert "geheim" not in log.read_text()


@pytest.mark.parametrize("given", ["short", "a b c d e f g h", "x" * 65, 'a"bbbbbbbbb'])
def test_an_id_that_is_none_is_replaced(releases: Path, given: str) -> None:
    with Client(releases, peer="127.0.0.1") as client:
        answer = client.get("/conformance", x_request_id=given)
    assert len(answer.headers["x-request-id"]) == 16


def test_a_stranger_does_not_choose_the_id(releases: Path) -> None:
    with Client(releases) as client:
        answer = client.get("/nowhere", x_request_id="front-12345678")
    assert answer.headers["x-request-id"] != "front-12345678"
