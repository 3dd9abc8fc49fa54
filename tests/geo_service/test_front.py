"""The shipped nginx configuration, run as it is but for its ports and folders."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.end_to_end.processes import free_port, serving
from tests.geo_service.test_connections import connect, ending

FRONT = Path(__file__).parents[2] / "geo_service" / "front" / "nginx.conf"
NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/sbin")


def test_the_front_knows_the_port_and_the_limits_of_the_server() -> None:
    text = FRONT.read_text()
    assert "server 127.0.0.1:8000;" in text
    assert re.search(r"limit_req_zone .* rate=100r/s", text)
    assert "limit_conn geo_connections 256;" in text
    idle_s = int(re.findall(r"keepalive_timeout (\d+)s;", text.split("upstream")[1])[0])
    from geo_service.http.connections import IDLE_S

    assert idle_s < IDLE_S


@pytest.fixture(scope="module")
def front(releases: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The port of nginx in front of a running server."""
    if NGINX is None:
        pytest.skip("nginx is not installed")
    folder, port = tmp_path_factory.mktemp("front"), free_port()
    (folder / "geo-service-nginx").mkdir()
    with serving(releases) as base:
        text = FRONT.read_text().replace("127.0.0.1:8000", base.removeprefix("http://"))
        text = text.replace("listen 8080", f"listen 127.0.0.1:{port}")
        text = text.replace("/tmp/", f"{folder}/").replace("_timeout 10s", "_timeout 1s")
        text = text.replace("client_body_timeout 20s", "client_body_timeout 1s")
        config = folder / "nginx.conf"
        config.write_text(text)
        tested = subprocess.run([NGINX, "-t", "-c", str(config)], capture_output=True, text=True)
        assert tested.returncode == 0, tested.stderr
        # Its workers would have no access to the folder of the tests of root.
        directives = "daemon off;" + (" user root;" if os.geteuid() == 0 else "")
        process = subprocess.Popen([NGINX, "-c", str(config), "-g", directives])
        wait_until_open(port)
        yield port
        process.terminate()
        process.wait(20)


def wait_until_open(port: int) -> None:
    for _ in range(100):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port)):
            return
        time.sleep(0.05)
    raise AssertionError("nginx does not listen")


def get(port: int, path: str, **headers: str) -> tuple[int, dict[str, str], bytes]:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", headers=named)
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, dict(answer.headers), answer.read()
    except urllib.error.HTTPError as error:
        return error.code, dict(error.headers), error.read()


def test_pages_and_tiles_come_through_with_the_address_of_the_front(front: int) -> None:
    status, _, body = get(front, "/collections")
    assert status == 200
    assert f"http://127.0.0.1:{front}/collections/desa".encode() in body
    assert get(front, "/kecamatan/99.01.01", Accept="text/html")[0] == 200


def test_forwarded_headers_of_a_client_are_not_believed(front: int) -> None:
    evil = {
        "X_Forwarded_Host": "evil.example",
        "X_Forwarded_Proto": "https",
        "X_Forwarded_Prefix": "/evil",
        "X_Forwarded_Port": "6666",
        "X_Forwarded_For": "6.6.6.6",
        "X_Url_Scheme": "https",
    }
    body = get(front, "/collections", **evil)[2]
    assert b"evil" not in body
    assert b"https://127.0.0.1" not in body
    assert b"6666" not in body


def test_what_never_changes_is_kept_by_the_front(front: int, rid: str) -> None:
    path = f"/releases/{rid}/collections"
    answers = [get(front, path, Accept_Encoding="gzip") for _ in range(2)]
    assert [headers["X-Cache"] for _, headers, _ in answers] == ["MISS", "HIT"]
    assert answers[0][2] == answers[1][2]
    assert get(front, f"/releases/{rid}/nope")[1]["X-Cache"] == "MISS"
    assert get(front, f"/releases/{rid}/nope")[1]["X-Cache"] == "MISS"


@pytest.mark.parametrize(
    "sent",
    [b"", b"GET / HT", b"POST /processes/siting/execution HTTP/1.1\r\nContent-Length: 9\r\n\r\n1"],
    ids=["nothing", "head", "body"],
)
def test_who_sends_nothing_more_is_let_go(front: int, sent: bytes) -> None:
    with connect(front) as connection:
        connection.sendall(sent)
        text, seconds = ending(connection)
    assert seconds < 5
    assert b"200 OK" not in text


def test_a_flood_is_slowed_and_refused_and_others_are_answered(front: int) -> None:
    request = b"GET /conformance HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    started = time.monotonic()
    with contextlib.ExitStack() as stack:
        flood = [stack.enter_context(connect(front, "127.0.0.9")) for _ in range(500)]
        for connection in flood:
            connection.sendall(request)
        with connect(front, "127.0.0.8") as other:
            other.sendall(request)
            assert other.recv(100).startswith(b"HTTP/1.1 200")
        assert time.monotonic() - started < 5
        statuses = {ending(connection)[0].split(b" ")[1] for connection in flood}
    assert statuses == {b"200", b"429"}
