"""Connections over real sockets: who sends nothing, is slow, or holds too many."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Iterator

import pytest
import uvicorn
from starlette.types import Receive, Scope, Send

from geo_service.http import connections
from geo_service.http.limits import Limits

CLIENT, OTHER = "127.0.0.7", "127.0.0.8"
GET = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"
LIMITS = Limits(connections=12, client_connections=5)
BODY = b"x" * 60_000_000
SEND_S = 1.5
"""Longer than a busy machine holds up a client that reads."""


async def answer(scope: Scope, receive: Receive, send: Send) -> None:
    """The body that was sent, or a large one."""
    size, more = 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return
        size, more = size + len(message.get("body", b"")), message.get("more_body", False)
    body = BODY if scope["path"] == "/large" else str(size).encode()
    head = [(b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": head})
    for start in range(0, len(body), 1 << 18):
        part = body[start : start + (1 << 18)]
        await send({"type": "http.response.body", "body": part, "more_body": True})
    await send({"type": "http.response.body", "body": b""})


@pytest.fixture
def port(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """A server whose patience is short."""
    monkeypatch.setattr(connections, "LOOK_S", 0.05)
    monkeypatch.setattr(connections, "SEND_S", SEND_S)
    monkeypatch.setattr(
        connections, "_MOST_S", {connections.Phase.HEAD: 0.5, connections.Phase.BODY: 0.5}
    )
    with socket.create_server(("127.0.0.1", 0)) as listener:
        guard = connections.Connections(LIMITS, ("127.0.0.1",))
        config = uvicorn.Config(
            answer,
            http=connections.guarded(guard),
            lifespan="off",
            log_config=None,
            log_level="error",
            timeout_keep_alive=2,
        )
        server = uvicorn.Server(config)
        thread = threading.Thread(target=lambda: server.run([listener]))
        thread.start()
        yield listener.getsockname()[1]
        server.should_exit = True
        thread.join(20)
        assert len(guard) == 0


def connect(port: int, source: str = CLIENT, receive_buffer: int = 0) -> socket.socket:
    connection = socket.socket()
    if receive_buffer:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
    connection.bind((source, 0))
    connection.settimeout(10)
    connection.connect(("127.0.0.1", port))
    return connection


def ending(connection: socket.socket) -> tuple[bytes, float]:
    """All that comes until the server ends the connection, and after how many seconds."""
    started, parts = time.monotonic(), []
    with contextlib.suppress(ConnectionError):
        while part := connection.recv(1 << 16):
            parts.append(part)
    return b"".join(parts), time.monotonic() - started


def ask(port: int, source: str = CLIENT) -> bytes:
    with connect(port, source) as connection:
        connection.sendall(GET)
        return connection.recv(1000)


@pytest.mark.parametrize(
    "sent",
    [b"", b"GET / HT", b"GET / HTTP/1.1\r\nHost: x\r\nA: b\r\n"],
    ids=["none", "line", "head"],
)
def test_a_head_that_does_not_come_ends_the_connection(port: int, sent: bytes) -> None:
    with connect(port) as connection:
        connection.sendall(sent)
        text, seconds = ending(connection)
    assert text == b""
    # That it ends at all is seen by the patience of the client.
    assert seconds > 0.3


def test_a_head_that_comes_letter_by_letter_is_out_of_time_too(port: int) -> None:
    with connect(port) as connection:
        started, sent = time.monotonic(), 0
        with contextlib.suppress(ConnectionError):
            for letter in b"GET / HTTP/1.1\r\n" + b"A: b\r\n" * 40:
                sent += connection.send(bytes([letter]))
                time.sleep(0.02)
    assert sent < 200
    assert time.monotonic() - started < 8


def test_a_body_that_comes_too_slowly_ends_the_connection(port: int) -> None:
    with connect(port) as connection:
        connection.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n12")
        assert ending(connection)[0] == b""


def test_a_client_that_does_not_read_is_let_go(port: int) -> None:
    with connect(port, receive_buffer=4096) as connection:
        connection.sendall(b"GET /large HTTP/1.1\r\nHost: x\r\n\r\n")
        time.sleep(SEND_S + 2)
        text, _ = ending(connection)
    assert len(text) < len(BODY)


def test_a_client_that_reads_slowly_but_steadily_gets_all(port: int) -> None:
    received, started = 0, time.monotonic()
    with connect(port) as connection:
        connection.sendall(b"GET /large HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        while part := connection.recv(1 << 20):
            received += len(part)
            time.sleep(0.02)
    assert received > len(BODY)
    assert time.monotonic() - started > 1


def test_an_idle_connection_ends_and_one_that_asks_again_stays(port: int) -> None:
    with connect(port) as connection:
        for _ in range(4):
            connection.sendall(GET)
            assert connection.recv(1000).startswith(b"HTTP/1.1 200")
            time.sleep(0.4)
        assert ending(connection)[0] == b""


def test_one_client_has_so_many_requests_under_way_and_others_are_answered(port: int) -> None:
    with contextlib.ExitStack() as stack:
        for _ in range(5):
            reader = stack.enter_context(connect(port, receive_buffer=4096))
            reader.sendall(b"GET /large HTTP/1.1\r\nHost: x\r\n\r\n")
            assert reader.recv(100).startswith(b"HTTP/1.1 200")
        refused = stack.enter_context(connect(port))
        text, _ = ending(refused)
        assert text.startswith(b"HTTP/1.1 429 Too Many Requests")
        assert b'"status":429' in text
        assert ask(port, OTHER).startswith(b"HTTP/1.1 200")
    assert ask(port).startswith(b"HTTP/1.1 200")


def test_of_one_client_the_connection_that_is_idle_longest_gives_way(port: int) -> None:
    with contextlib.ExitStack() as stack:
        held = []
        for _ in range(5):
            held.append(stack.enter_context(connect(port)))
            held[-1].sendall(GET)
            assert held[-1].recv(1000).startswith(b"HTTP/1.1 200")
        newcomer = stack.enter_context(connect(port))
        newcomer.sendall(GET)
        assert newcomer.recv(1000).startswith(b"HTTP/1.1 200")
        assert ending(held[0])[0] == b""
        held[4].sendall(GET)
        assert held[4].recv(1000).startswith(b"HTTP/1.1 200")


def test_a_trusted_proxy_passes_on_the_requests_of_many(port: int) -> None:
    with contextlib.ExitStack() as stack:
        for _ in range(7):
            connection = stack.enter_context(connect(port, "127.0.0.1"))
            connection.sendall(GET)
            assert connection.recv(1000).startswith(b"HTTP/1.1 200")


def test_a_full_house_lets_go_of_those_who_only_hold_a_place(port: int) -> None:
    with contextlib.ExitStack() as stack:
        for number in range(30):
            stack.enter_context(connect(port, f"127.0.1.{number // 4 + 1}"))
        assert ask(port, OTHER).startswith(b"HTTP/1.1 200")


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"GET / HTTP/1.1\r\nHost: x\r\nA: " + b"b" * 40_000 + b"\r\n\r\n", b"431"),
        (b"GET / HTTP/1.1\r\nHost: x\r\n" + b"A: b\r\n" * 9_000, b"431"),
        (b"GET /" + b"a" * 70_000, b"431"),
        (b"nonsense\r\n\r\n", b"400"),
        (b"GET / HTTP/9.9\r\n\r\n", b"400"),
    ],
    ids=["header", "headers", "line", "words", "version"],
)
def test_what_is_no_request_or_too_large_is_refused(port: int, sent: bytes, status: bytes) -> None:
    with connect(port) as connection:
        with contextlib.suppress(ConnectionError):
            connection.sendall(sent)
        text, _ = ending(connection)
    assert text.split(b" ")[1] == status
    assert ask(port).startswith(b"HTTP/1.1 200")


def test_requests_sent_at_once_are_answered_in_their_order(port: int) -> None:
    post = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 7\r\n\r\n1234567"
    with connect(port) as connection:
        connection.sendall(GET + post + GET)
        text = b""
        while text.count(b"HTTP/1.1 200") < 3 or len(text.split(b"\r\n\r\n")[-1]) < 1:
            text += connection.recv(1000)
    assert [part.split(b"\r\n\r\n")[1][:1] for part in text.split(b"HTTP/1.1 200")[1:]] == [
        b"0",
        b"7",
        b"0",
    ]
