"""The rules every answer follows: ETag and 304, HEAD, encodings, caching, CORS, security headers.

An `Answer` is what was asked for; `finish` makes it what is sent to this client.
"""

import asyncio
import hashlib
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import TYPE_CHECKING, TypeAlias

import deflate
import orjson
from starlette.types import Message, Receive, Scope, Send

from geo_service import errors

if TYPE_CHECKING:
    from geo_service.http import urls

Headers: TypeAlias = tuple[tuple[bytes, bytes], ...]
_OWN_HEADERS = {b"content-length", b"content-type", b"cache-control", b"vary", b"etag"}

IMMUTABLE = b"public, max-age=31536000, immutable"
REVALIDATE = b"public, no-cache"
NOT_STORED = b"no-store"
PRIVATE = b"private, no-store"
"""What a token opened: no cache that others share keeps it."""
# Documents and data run nothing and are framed by nobody; pages bring their own policy.
DATA_POLICY = b"default-src 'none'; frame-ancestors 'none'; sandbox"
SMALLEST_GZIP = 1000
GZIP_LEVEL = 6
LARGEST_AT_ONCE = 32_768
"""Bytes that are packed or unpacked where connections are served: a quarter of a millisecond."""
PIECE = 1 << 18
"""Bytes of an answer that are written at once."""
PAGE_TYPE = b"text/html"
COMPRESSIBLE = (b"text/", b"application/json", b"application/problem+json", b"image/svg+xml")

CORS: Headers = (
    (b"access-control-allow-origin", b"*"),
    (
        b"access-control-expose-headers",
        b"ETag, Link, Content-Range, Content-Length, Content-Disposition, Content-Crs, "
        b"Accept-Ranges",
    ),
)
ALWAYS: Headers = (
    (b"x-content-type-options", b"nosniff"),
    (b"cross-origin-resource-policy", b"cross-origin"),
    (b"referrer-policy", b"same-origin"),
)
OF_DATA: Headers = (*ALWAYS, *CORS)
"""Data are for everybody, a page is for its reader: other sites frame it, but do not read it."""
OF_PAGES: Headers = (
    *ALWAYS,
    (b"cross-origin-opener-policy", b"same-origin"),
    (
        b"permissions-policy",
        b"accelerometer=(), camera=(), display-capture=(), geolocation=(self), gyroscope=(), "
        b"magnetometer=(), microphone=(), midi=(), payment=(), usb=()",
    ),
)
ASK_FOR_TOKEN = (
    b"www-authenticate",
    b'Basic realm="geo-service: any user, the token as password", charset="UTF-8"',
)
STRICT_TRANSPORT = (b"strict-transport-security", b"max-age=31536000")
PREFLIGHT: Headers = (
    (b"access-control-allow-methods", b"GET, HEAD, POST, OPTIONS"),
    (
        b"access-control-allow-headers",
        b"Accept, Authorization, Content-Type, If-None-Match, If-Range, Range",
    ),
    (b"access-control-max-age", b"86400"),
)


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer, before it is fitted to the client.

    Parameters
    ----------
    etag
        Strong validator of the body without its quotes; empty for none.
    stored_gzip
        The body is already gzip-compressed and is to be sent with that Content-Encoding.
    varies
        Request headers that the body depends on, besides Accept-Encoding.
    is_live
        It says what changes while its release stays: it is kept for seconds only.
    """

    status: int
    body: bytes = b""
    media_type: bytes = b""
    etag: str = ""
    cache_control: bytes = REVALIDATE
    stored_gzip: bool = False
    varies: bytes = b""
    headers: Headers = field(default=())
    is_live: bool = False


@dataclass(slots=True)
class Collected:
    """A `Send` that keeps what an application sends."""

    starts: list[Message] = field(default_factory=list)
    parts: list[bytes] = field(default_factory=list)

    async def __call__(self, message: Message) -> None:
        """Keep one message."""
        if message["type"] == "http.response.start":
            self.starts.append(message)
        elif message["type"] == "http.response.body":
            self.parts.append(message.get("body", b""))

    def answer(self, scope: Scope) -> Answer:
        """All of it as one answer.

        Without a Cache-Control of its own it is immutable under ``/releases/``, unless it repeats
        an address that the client wrote, and must be revalidated elsewhere; errors are never
        stored.
        """
        status, headers = self.starts[0]["status"], self.starts[0]["headers"]
        body, given = b"".join(self.parts), {name.lower(): value for name, value in headers}
        others = tuple((name, value) for name, value in headers if name not in _OWN_HEADERS)
        if b"content-security-policy" not in given:
            others += ((b"content-security-policy", DATA_POLICY),)
        default = IMMUTABLE if _is_for_ever(scope) else REVALIDATE
        cache_control = given.get(b"cache-control", default if status < 400 else NOT_STORED)
        varies = given.get(b"vary", b"")
        if scope.get("geo_guarded"):
            varies = join_names(varies, b"Authorization")
            if scope.get("geo_token") is not None:
                cache_control = PRIVATE
        is_stored = NOT_STORED not in cache_control
        return Answer(
            status=status,
            body=body,
            media_type=given.get(b"content-type", b""),
            etag=etag_of(body) if is_stored and status == 200 else "",
            cache_control=cache_control,
            varies=varies,
            headers=others,
            is_live=scope.get("geo_live", False),
        )


def _is_for_ever(scope: Scope) -> bool:
    """Whether an answer is of one release, and the same whatever host its client wrote."""
    address: urls.Address | None = scope.get("geo_address")
    is_pinned = scope["path"].startswith("/releases/")
    is_foreign = address is not None and address.is_written and not address.is_settled
    return is_pinned and not is_foreign


def etag_of(body: bytes) -> str:
    """The validator of a body: equal bytes, equal ETag, whatever release they come from."""
    return hashlib.blake2b(body, digest_size=12).hexdigest()


@lru_cache(maxsize=256)
def accepts_gzip(accept_encoding: bytes) -> bool:
    """Whether an Accept-Encoding header allows gzip.

    Example
    -------
    >>> accepts_gzip(b"br, gzip;q=0.5"), accepts_gzip(b"gzip;q=0"), accepts_gzip(b"")
    (True, False, False)
    """
    allowed: dict[bytes, bool] = {}
    for part in accept_encoding.lower().split(b","):
        coding, _, quality = part.partition(b";")
        allowed[coding.strip()] = quality.strip().replace(b" ", b"") not in {
            b"q=0",
            b"q=0.0",
            b"q=0.00",
            b"q=0.000",
        }
    return allowed.get(b"gzip", allowed.get(b"x-gzip", allowed.get(b"*", False)))


def has_etag(header: bytes | None, etag: str) -> bool:
    """Whether an If-None-Match header names the validator (weak comparison, RFC 9110, 13.1.2)."""
    if header is None or not etag:
        return False
    if header.strip() == b"*":
        return True
    quoted = b'"' + etag.encode() + b'"'
    return any(part.strip().removeprefix(b"W/") == quoted for part in header.split(b","))


def finish(answer: Answer, request: Mapping[bytes, bytes]) -> tuple[Answer, Headers]:
    """The answer for one client, and all its headers.

    Encodes the body as the client accepts it, and answers 304 when the client has it already.
    Each encoding has its own ETag, as a strong validator must.
    """
    answer = _encode(answer, request.get(b"accept-encoding", b""))
    of_kind = OF_PAGES if answer.media_type.startswith(PAGE_TYPE) else OF_DATA
    headers = [*of_kind, *answer.headers, (b"cache-control", answer.cache_control)]
    if answer.etag:
        headers.append((b"etag", b'"' + answer.etag.encode() + b'"'))
    if answer.varies:
        headers.append((b"vary", answer.varies))
    if answer.status in {200, 204} and has_etag(request.get(b"if-none-match"), answer.etag):
        return replace(answer, status=304, body=b""), tuple(headers)
    if answer.media_type:
        headers.append((b"content-type", answer.media_type))
    if answer.stored_gzip:
        headers.append((b"content-encoding", b"gzip"))
    if answer.status != 204:
        headers.append((b"content-length", str(len(answer.body)).encode()))
    return answer, tuple(headers)


def _encode(answer: Answer, accept_encoding: bytes) -> Answer:
    if not answer.body:
        return answer
    is_wanted = accepts_gzip(accept_encoding)
    if answer.stored_gzip:
        varies = join_names(answer.varies, b"Accept-Encoding")
        if is_wanted:
            return replace(answer, etag=_gzip_etag(answer.etag), varies=varies)
        plain = zlib.decompress(answer.body, wbits=31)
        return replace(answer, body=plain, stored_gzip=False, varies=varies)
    if len(answer.body) < SMALLEST_GZIP or not _is_compressible(answer.media_type):
        return answer
    answer = replace(answer, varies=join_names(answer.varies, b"Accept-Encoding"))
    if not is_wanted:
        return answer
    return replace(pack(answer), etag=_gzip_etag(answer.etag))


def pack(answer: Answer) -> Answer:
    """The answer with its body packed, where that is worth it; its validator stays that of all."""
    is_worth_it = len(answer.body) >= SMALLEST_GZIP and _is_compressible(answer.media_type)
    if answer.stored_gzip or not is_worth_it:
        return answer
    packed = bytes(deflate.gzip_compress(answer.body, GZIP_LEVEL))
    return replace(answer, body=packed, stored_gzip=True)


def _is_recoded(answer: Answer, request: Mapping[bytes, bytes]) -> bool:
    """Whether the body is to be packed or unpacked for this client."""
    is_packable = answer.stored_gzip or _is_compressible(answer.media_type)
    return is_packable and accepts_gzip(request.get(b"accept-encoding", b"")) != answer.stored_gzip


def _gzip_etag(etag: str) -> str:
    return f"{etag}-gzip" if etag else ""


def join_names(varies: bytes, name: bytes) -> bytes:
    """The names of a Vary header with one more."""
    return varies + b", " + name if varies else name


def _is_compressible(media_type: bytes) -> bool:
    return media_type.startswith(COMPRESSIBLE) or b"json" in media_type or b"xml" in media_type


async def send_answer(scope: Scope, send: Send, answer: Answer) -> int:
    """The status sent, after fitting the answer to the client; HEAD gets the headers of GET."""
    request: dict[bytes, bytes] = dict(scope["headers"])
    if len(answer.body) > LARGEST_AT_ONCE and _is_recoded(answer, request):
        # Packing and unpacking leave the interpreter to others, but not the event loop.
        answer, headers = await asyncio.to_thread(finish, answer, request)
    else:
        answer, headers = finish(answer, request)
    await send({"type": "http.response.start", "status": answer.status, "headers": list(headers)})
    body = memoryview(b"" if scope["method"] == "HEAD" else answer.body)
    # In pieces: what is written waits in memory until the client has read it.
    while len(body) > PIECE:
        await send({"type": "http.response.body", "body": bytes(body[:PIECE]), "more_body": True})
        body = body[PIECE:]
    await send({"type": "http.response.body", "body": bytes(body)})
    return answer.status


async def wait_until_gone(receive: Receive) -> None:
    """Return when the client has left; to be cancelled when it is answered."""
    while (await receive())["type"] != "http.disconnect":
        pass


def problem_answer(error: BaseException, path: str) -> Answer:
    """The answer to a request that cannot be fulfilled."""
    problem = errors.problem_of(error, path)
    headers: Headers = ((b"content-security-policy", DATA_POLICY),)
    status = int(str(problem["status"]))
    if isinstance(error, errors.RangeUnsatisfiableError):
        headers += ((b"content-range", b"bytes */%d" % error.size),)
    if isinstance(error, errors.MethodNotAllowedError):
        headers += ((b"allow", error.allow.encode()),)
    if isinstance(error, errors.TokenNeededError):
        # The second is what a browser, or QGIS, asks its user for; then it shows it by itself.
        headers += ((b"www-authenticate", b'Bearer realm="geo-service"'), ASK_FOR_TOKEN)
    if isinstance(error, errors.TokenScopeError):
        challenge = b'Bearer realm="geo-service", error="insufficient_scope"'
        headers += ((b"www-authenticate", challenge),)
    if status in {429, 503}:
        headers += ((b"retry-after", b"10"),)
    return Answer(
        status=status,
        body=orjson.dumps(problem),
        media_type=errors.PROBLEM_TYPE.encode(),
        cache_control=NOT_STORED,
        headers=headers,
    )


def preflight_answer(allow: str = errors.READING) -> Answer:
    """The answer to OPTIONS, CORS preflight included; ``allow`` lists the methods of the URL."""
    headers = (*PREFLIGHT, (b"allow", allow.encode()))
    return Answer(status=204, cache_control=NOT_STORED, headers=headers)
