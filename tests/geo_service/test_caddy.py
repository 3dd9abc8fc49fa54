"""The shipped Caddyfile, run as it is but for its ports."""

from __future__ import annotations

import http.client
import os
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.end_to_end.processes import free_port, program, serving
from tests.geo_service.test_front import wait_until_open

FILE = Path(__file__).parents[2] / "geo_service" / "front" / "Caddyfile"
FORGED = {
    "X-Forwarded-Host": "evil.example",
    "X-Forwarded-Prefix": "/evil",
    "Front-End-Https": "on",
}


@pytest.fixture(scope="module")
def caddy(releases: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of Caddy in front of a running server."""
    path = program("caddy")
    folder, port = tmp_path_factory.mktemp("caddy"), free_port()
    with serving(releases) as base:
        text = FILE.read_text().replace(":8080 {", f":{port} {{")
        (folder / "Caddyfile").write_text(text.replace("127.0.0.1:8000", base[7:]))
        command = [path, "run", "--adapter", "caddyfile", "--config", str(folder / "Caddyfile")]
        environment = {**os.environ, "HOME": str(folder), "XDG_DATA_HOME": str(folder)}
        with (folder / "log").open("wb") as log:
            process = subprocess.Popen(command, stdout=log, stderr=log, env=environment)
        try:
            wait_until_open(port)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait(20)


def ask(
    url: str, headers: dict[str, str] | None = None, data: bytes | None = None
) -> tuple[int, str]:
    """Status and text of an answer."""
    request = urllib.request.Request(url, data, headers or {})
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def test_what_is_asked_comes_through_with_the_address_of_the_front(caddy: str) -> None:
    status, text = ask(f"{caddy}/collections")
    assert status == 200
    assert f'"{caddy}/collections"' in text


def test_metrics_are_for_this_machine_only(caddy: str) -> None:
    assert ask(f"{caddy}/metrics")[0] == 200
    connection = http.client.HTTPConnection(caddy[7:], source_address=("127.0.0.2", 0))
    for path, status in (("/metrics", 403), ("/metrics/", 403), ("/healthz", 200)):
        connection.request("GET", path)
        answer = connection.getresponse()
        answer.read()
        assert answer.status == status, path
    connection.close()


def test_what_a_client_says_of_itself_is_not_believed(caddy: str) -> None:
    status, text = ask(f"{caddy}/collections", FORGED)
    assert status == 200
    assert "evil" not in text
    assert "https://" not in text.split('"links"')[1][:300]


def test_a_large_body_is_refused(caddy: str) -> None:
    path, kind = "/processes/new-facility/execution", "application/json"
    assert ask(caddy + path, {"Content-Type": kind}, b" " * 200_000)[0] == 413
    connection = http.client.HTTPConnection(caddy[7:])
    connection.putrequest("POST", path)
    connection.putheader("Content-Type", kind)
    connection.putheader("Content-Length", "1000001")
    # Nothing of it is sent.
    connection.endheaders()
    assert connection.getresponse().status == 413
    connection.close()
