"""A real mail server and a real receiver of webhooks, each as difficult as a test wants it."""

from __future__ import annotations

import asyncio
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from geo_service.outbox import contacts, delivery, mail, messages, posting, webhooks
from geo_service.register import event_store, records
from geo_service.register.item_lists import day_of
from geo_service.register.records import Stepped
from tests.geo_service.register.test_event_store import RAISED
from tests.geo_service.register.test_way import CAMAT, DINAS, SYSTEM

NOW = datetime.now(UTC)
ROOT = "https://peta.example.go.id"
NAMES = posting.Names(ROOT)
DINKES = "dinkes@flotim.example.go.id"
CAMAT_AT = "camat@flotim.example.go.id"
HERE = RAISED.kode[:8]
SEND = Stepped(step="send", to=DINAS, due=NOW.date())


class MailBox:
    """What a mail server took; ``answers`` are given to the texts of mails, in their order.

    An answer of ``"drop"`` cuts the connection after the text was taken; ``"hang"`` is none.
    """

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.raw: list[bytes] = []
        self.answers: list[str] = []
        self.refused: set[str] = set()
        self.taken = threading.Event()

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address in self.refused:
            return "550 5.1.1 no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        answer = self.answers.pop(0) if self.answers else "250 OK"
        if answer[0] == "2" or answer in ("drop", "hang"):
            assert isinstance(envelope.content, bytes)
            self.raw.append(envelope.content)
            parsed = message_from_bytes(envelope.content, policy=policy.default)
            assert isinstance(parsed, EmailMessage)
            self.mails.append(parsed)
            self.taken.set()
        if answer == "hang":
            await asyncio.sleep(60)
        if answer == "drop":
            assert isinstance(server.transport, asyncio.Transport)
            server.transport.abort()
        return answer


@contextmanager
def mail_server(**options: Any) -> Iterator[tuple[MailBox, int]]:
    """A mail server on a free port."""
    box = MailBox()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    controller = Controller(box, hostname="127.0.0.1", port=port, **options)
    controller.start()
    try:
        yield box, port
    finally:
        controller.stop()


class Hook:
    """What an endpoint was sent; ``statuses`` are answered in their order, then 204."""

    def __init__(self) -> None:
        self.calls: list[tuple[dict[str, str], bytes]] = []
        self.paths: list[str] = []
        self.statuses: list[int] = []
        self.headers: dict[str, str] = {}
        self.body = b""
        self.wait: threading.Event | None = None


@contextmanager
def hook_server(tls: ssl.SSLContext | None = None) -> Iterator[tuple[Hook, str]]:
    """An endpoint on a free port, and its URL."""
    hook = Hook()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            hook.calls.append(({name.lower(): text for name, text in self.headers.items()}, body))
            hook.paths.append(self.path)
            if hook.wait is not None:
                hook.wait.wait(30)
            try:
                self.send_response(hook.statuses.pop(0) if hook.statuses else 204)
                for name, text in hook.headers.items():
                    self.send_header(name, text)
                self.end_headers()
                self.wfile.write(hook.body)
            except OSError:
                return

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    if tls is not None:
        server.socket = tls.wrap_socket(
            server.socket, server_side=True, do_handshake_on_connect=False
        )
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield hook, f"http://127.0.0.1:{server.server_port}/hook"
    finally:
        if hook.wait is not None:
            hook.wait.set()
        server.shutdown()
        server.server_close()
        thread.join()


def mail_settings(port: int, security: str = "smtp+plain") -> mail.MailServer:
    return mail.read_server(
        f"{security}://127.0.0.1:{port}", "Rumah Bersama <rumah@peta.example.go.id>", None
    )


class Clock:
    """The time of a deliverer, which a test moves."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


def deliverer(
    register: event_store.Register,
    port: int | None = None,
    clock: Clock | None = None,
    networks: tuple[str, ...] = ("127.0.0.0/8",),
    *,
    has_digests: bool = False,
) -> delivery.Deliverer:
    """A deliverer that writes no digest by itself, on whatever day the tests run."""
    days = [] if has_digests else [day_of(NOW) + timedelta(days=days) for days in range(30)]
    return delivery.Deliverer(
        register,
        posting.Names(ROOT),
        None if port is None else mail_settings(port),
        webhooks.read_networks(networks),
        clock or Clock(),
        set(days),
    )


def add_contact(
    register: event_store.Register,
    address: str,
    role: str = "office",
    area: str = RAISED.kode[:5],
    office: str | None = DINAS.nama,
) -> contacts.Contact:
    name = office if role == "office" else None
    book = contacts.Contacts(register, ("127.0.0.0/8",))
    return book.add_typed(role, area, name, address, NOW)


def send_item(
    register: event_store.Register, raised: records.Raised = RAISED, *more: Stepped
) -> records.Item:
    """A need that the kecamatan sent to the office."""
    item = register.begin((raised,), SYSTEM, NOW)
    return register.add(item, (SEND, *more), CAMAT, NOW)


def posted(register: event_store.Register) -> list[tuple[str, str]]:
    """Kind and address of each message, after everything was posted."""
    posting.post_events(register, NAMES, NOW)
    lines = messages.Outbox(register).find_lines(messages.STATES, 1_000)
    return sorted((line.kind, line.address) for line in lines)


def states(register: event_store.Register) -> dict[str, int]:
    """How many messages there are of each state that there is."""
    counts = messages.Outbox(register).counts()
    return {state: count for state, count in counts.items() if count}
