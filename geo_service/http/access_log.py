"""What the server writes about its work: lines of JSON or of text, and one line an access.

Each request has an id: in its answer (``X-Request-Id``), in its line of access, and beside every
error it caused, so that a screenshot of a trouble leads to the lines of the log.
"""

import json
import logging
import re
import secrets
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import parse_qsl, urlencode

from starlette.types import Message, Scope, Send

from geo_service.http import proxies, responses

access = logging.getLogger("geo_service.access")
access.setLevel(logging.CRITICAL)  # until `configure_logs` says otherwise
ID_HEADER = b"x-request-id"
_ID = re.compile(rb"[A-Za-z0-9._-]{8,64}")
_SECRET = frozenset({"token", "code", "state"})
_SECRET_PATH = re.compile(r"(/rumah/(?:undangan|kalender)/).+")
LONGEST_TEXT = 500
_LEVELS = ("debug", "info", "warning", "error")
_CURRENT_ID: ContextVar[str] = ContextVar("request id", default="")


@dataclass(frozen=True, slots=True)
class LogLines:
    """What is logged, and how: ``info``, ``warning json``, ``info json access``."""

    level: str = "info"
    is_json: bool = False
    has_access: bool = False

    @classmethod
    def parse(cls, text: str) -> "LogLines":
        """The words of a setting.

        Raises
        ------
        ValueError
            The first is no level, or another is unknown.

        Example
        -------
        >>> str(LogLines.parse("info access")), LogLines.parse("error json").is_json
        ('info access', True)
        """
        level, *words = text.lower().split() or ["info"]
        if level not in _LEVELS or set(words) - {"json", "access"}:
            raise ValueError(f"expected {', '.join(_LEVELS)}, then json or access if wished")
        return cls(level, "json" in words, "access" in words)

    def __str__(self) -> str:
        """The words of the setting."""
        words = (self.level, "json" * self.is_json, "access" * self.has_access)
        return " ".join(filter(None, words))


class JsonLines(logging.Formatter):
    """A line of JSON a record: time, level, message, request id, and what a record brings along."""

    def format(self, record: logging.LogRecord) -> str:
        """The line of one record; a traceback is one text in it."""
        time = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        line: dict[str, object] = {"time": time, "level": record.levelname.lower()}
        fields = getattr(record, "fields", None)
        line |= fields if isinstance(fields, dict) else {"message": record.getMessage()}
        if request_id := _CURRENT_ID.get():
            line.setdefault("request_id", request_id)
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False, default=str)


class TextLines(logging.Formatter):
    """A line of text a record; the id of the request stands behind the level."""

    def format(self, record: logging.LogRecord) -> str:
        """The line of one record; a traceback follows it."""
        request_id = _CURRENT_ID.get()
        record.request = f"[{request_id}] " if request_id else ""
        return super().format(record)


def configure_logs(lines: LogLines) -> None:
    """Write all records to standard error in one form, from a level on."""
    handler = logging.StreamHandler()
    text = TextLines("%(asctime)s %(levelname)s %(request)s%(message)s")
    handler.setFormatter(JsonLines() if lines.is_json else text)
    logging.basicConfig(handlers=[handler], force=True)
    logging.getLogger("geo_service").setLevel(lines.level.upper())
    access.setLevel(logging.INFO if lines.has_access else logging.CRITICAL)


def begin_request(scope: Scope, trusted: tuple[str, ...]) -> str:
    """The id of a request: that of a trusted proxy, else a new one."""
    headers = dict(scope["headers"])
    peer = scope.get("client")
    given = headers.get(ID_HEADER, b"")
    is_trusted = given and proxies.is_trusted_peer(str(peer[0]) if peer else "", trusted)
    is_taken = is_trusted and _ID.fullmatch(given) is not None
    request_id = given.decode() if is_taken else secrets.token_hex(8)
    _CURRENT_ID.set(request_id)
    scope["geo_request"] = request_id
    return request_id


def resume_request(scope: Scope) -> None:
    """Take over the id of a request that another process handed on."""
    _CURRENT_ID.set(str(scope.get("geo_request", "")))


class Sending:
    """A `Send` that adds the id of the request and what TLS asks for, and counts what goes out."""

    def __init__(self, send: Send, request_id: str) -> None:
        self._send = send
        self._headers = [(ID_HEADER, request_id.encode())]
        self.is_secure = False
        self.has_started = False
        self.size = 0

    async def __call__(self, message: Message) -> None:
        """Send one message."""
        if message["type"] == "http.response.start":
            strict = [responses.STRICT_TRANSPORT] if self.is_secure else []
            message["headers"] = [*message["headers"], *self._headers, *strict]
        else:
            self.size += len(message.get("body", b""))
        self.has_started = True
        await self._send(message)


def log_access(
    scope: Scope, client: str, route: str, status: int, size: int, seconds: float
) -> None:
    """One line of an access that is over; secrets in the query are not in it."""
    if not access.isEnabledFor(logging.INFO):
        return
    headers = dict(scope["headers"])
    path = _SECRET_PATH.sub(r"\1…", scope["path"][:LONGEST_TEXT])
    query = _bare_query(scope["query_string"])
    fields = {
        "message": "access",
        "request_id": scope["geo_request"],
        "client": client,
        "method": scope["method"],
        "path": path,
        "query": query,
        "route": route,
        "status": status,
        "bytes": size,
        "ms": round(seconds * 1000, 2),
        "agent": headers.get(b"user-agent", b"").decode("latin-1")[:LONGEST_TEXT],
    }
    asked = _printable(f"{scope['method']} {path}{'?' if query else ''}{query}")
    answered = f"{status} {size} bytes {fields['ms']} ms"
    access.info('%s "%s" %s', client or "-", asked, answered, extra={"fields": fields})


def _bare_query(query: bytes) -> str:
    if not query:
        return ""
    pairs = parse_qsl(query[:LONGEST_TEXT].decode("latin-1"), keep_blank_values=True)
    return urlencode([(name, "" if name in _SECRET else value) for name, value in pairs])


def _printable(text: str) -> str:
    """A text without what could forge a line of the log."""
    return "".join(letter if letter.isprintable() else "?" for letter in text)
