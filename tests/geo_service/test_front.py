"""The shipped nginx configuration, run as it is but for its ports and folders."""

from __future__ import annotations

import contextlib
import os
import re
import select
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.end_to_end.processes import free_port, program, serving
from tests.geo_service.test_connections import connect, ending

FRONT = Path(__file__).parents[2] / "geo_service" / "front" / "nginx.conf"


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
    nginx = program("nginx")
    folder, port = tmp_path_factory.mktemp("front"), free_port()
    with serving(releases) as base:
        config = folder / "nginx.conf"
        config.write_text(configuration(folder, port, base.removeprefix("http://")))
        tested = subprocess.run([nginx, "-t", "-c", str(config)], capture_output=True, text=True)
        assert tested.returncode == 0, tested.stderr
        process = subprocess.Popen([nginx, "-c", str(config), "-g", "daemon off;"])
        try:
            wait_until_open(port)
            yield port
        finally:
            process.terminate()
            process.wait(20)


def configuration(folder: Path, port: int, server: str) -> str:
    """The shipped file with other ports, folders, and less patience."""
    text = FRONT.read_text().replace("127.0.0.1:8000", server)
    text = text.replace("listen 8080", f"listen 127.0.0.1:{port}")
    if has_ipv6():
        text = text.replace("listen [::]:8080", f"listen [::1]:{port}")
    else:
        text = text.replace("listen [::]:8080", "# listen [::1]")
    # Its workers would have no access to the folder of the tests of root.
    text = text.replace("user www-data;", "user root;" if os.geteuid() == 0 else "")
    for directory in ("/var/lib/nginx/", "/run/"):
        text = text.replace(directory, f"{folder}/")
    return text.replace("_timeout 10s", "_timeout 1s").replace(
        "body_timeout 20s", "body_timeout 1s"
    )


def has_ipv6() -> bool:
    with contextlib.suppress(OSError), socket.socket(socket.AF_INET6) as probe:
        probe.bind(("::1", 0))
        return True
    return False


def wait_until_open(port: int) -> None:
    for _ in range(100):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port)):
            return
        time.sleep(0.05)
    raise AssertionError("nginx does not listen")


def test_the_front_writes_to_no_folder_that_anybody_may_make() -> None:
    folders = re.findall(r"(?:_path|pid) (/\S+?)[; ]", FRONT.read_text())
    assert len(folders) == 7
    assert {folder.rsplit("/", 1)[0] for folder in folders} == {"/run", "/var/lib/nginx"}


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("2001:db8::1", "2001:db8"),
        ("2001:db8:1::5:6", "2001:db8:1"),
        ("2001:db8:1:2::5", "2001:db8:1:2"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2"),
        ("203.0.113.9", None),
        ("::1", None),
    ],
)
def test_the_front_counts_an_address_of_ipv6_by_its_network(
    address: str, network: str | None
) -> None:
    patterns = re.findall(r'"~(\^\(\?<net>.*)" \$net;', FRONT.read_text())
    matches = [re.match(pattern.replace("?<", "?P<"), address) for pattern in patterns]
    assert next((match["net"] for match in matches if match), None) == network


@pytest.mark.parametrize("path", ["/metrics", "/peta/metrics", "/peta/%6detrics", "/metrics/"])
def test_metrics_are_for_this_machine_only(front: int, path: str) -> None:
    with connect(front, "127.0.0.9") as connection:
        connection.sendall(f"GET {path} HTTP/1.0\r\nHost: x\r\n\r\n".encode())
        assert ending(connection)[0].startswith(b"HTTP/1.1 403")
    assert get(front, "/metrics")[0] == 200


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
    # It names no host, so it is the same for whoever asks.
    path = f"/releases/{rid}/files/layers/desa/tiles.pmtiles"
    end_s = time.monotonic() + 30
    # Kept only once a look at all files found them sound after the answer was made.
    first = get(front, path, Accept_Encoding="gzip")
    while "immutable" not in str(first[1]):
        assert first[1]["X-Cache"] == "MISS"
        assert time.monotonic() < end_s
        time.sleep(0.2)
        first = get(front, path, Accept_Encoding="gzip")
    second = get(front, path, Accept_Encoding="gzip")
    assert (first[1]["X-Cache"], second[1]["X-Cache"]) == ("MISS", "HIT")
    assert first[2] == second[2]
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
    assert seconds < 9
    assert b"200 OK" not in text


def test_a_flood_is_slowed_and_refused_and_others_are_answered(front: int) -> None:
    request = b"GET /conformance HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    with contextlib.ExitStack() as stack:
        flood = [stack.enter_context(connect(front, "127.0.0.9")) for _ in range(500)]
        for connection in flood:
            connection.sendall(request)
        with connect(front, "127.0.0.8") as other:
            other.sendall(request)
            assert other.recv(100).startswith(b"HTTP/1.1 200")
        # The other was answered while most of the flood still waited.
        waiting, _, _ = select.select(flood, [], [], 0)
        assert len(waiting) < len(flood)
        statuses = {ending(connection)[0].split(b" ")[1] for connection in flood}
    assert statuses == {b"200", b"429"}
