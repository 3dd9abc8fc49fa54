"""Whole files over HTTP: byte ranges, validators, and file names; streamed from disk.

Source
------
RFC 9110 (June 2022), section 14: range requests.
"""

import asyncio
import hashlib
import os
import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from pathlib import Path, PurePosixPath
from urllib.parse import quote

from starlette.types import Receive, Scope, Send

from geo_service.errors import RangeUnsatisfiableError, UnknownFileError
from geo_service.http import responses
from layers.release.byte_source import FileState
from layers.release.errors import AlteredFileError

CHUNK = 256 * 1024
LARGEST_GZIP = 8 * 1024 * 1024
MEDIA_TYPES = {
    ".csv": "text/csv; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".fgb": "application/vnd.flatgeobuf",
    ".geojsonl": "application/geo+json-seq",
    ".geojson": "application/geo+json",
    ".gpkg": "application/geopackage+sqlite3",
    ".html": "text/html; charset=utf-8",
    ".ico": "image/x-icon",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".jsonl": "application/jsonl",
    ".map": "application/json",
    ".parquet": "application/vnd.apache.parquet",
    ".mbtiles": "application/vnd.sqlite3",
    ".pbf": "application/x-protobuf",
    ".pmtiles": "application/vnd.pmtiles",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".toml": "application/toml",
    ".txt": "text/plain; charset=utf-8",
    ".webmanifest": "application/manifest+json",
    ".webp": "image/webp",
    ".woff2": "font/woff2",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
SHOWN_IN_BROWSER = {".css", ".js", ".json", ".png", ".svg", ".toml", ".txt", ".woff2"}
_RANGE = re.compile(rb"\s*bytes\s*=\s*(\d{0,19})\s*-\s*(\d{0,19})\s*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class ServedFile:
    """One immutable file that may be asked for.

    ``etag`` is a strong validator without quotes, empty for none; ``size`` in bytes; ``brotli`` is
    the same content packed when it was built; ``state`` that in which it is known to be sound.
    """

    path: Path
    size: int
    etag: str
    cache_control: bytes = responses.IMMUTABLE
    policy: bytes = responses.DATA_POLICY
    is_download: bool = True
    brotli: "ServedFile | None" = None
    state: FileState | None = None


def media_type_of(name: str) -> str:
    """The media type of a file, by the ending of its name."""
    return MEDIA_TYPES.get(PurePosixPath(name).suffix, "application/octet-stream")


def find_range(header: bytes, size: int) -> tuple[int, int] | None:
    """The asked bytes as (start, stop); None where the whole file is to be sent.

    Malformed headers, other units and several ranges are ignored, as the standard allows.

    Raises
    ------
    RangeUnsatisfiableError
        The range lies outside the file.

    Example
    -------
    >>> find_range(b"bytes=0-9", 100), find_range(b"bytes=-10", 100), find_range(b"bytes=90-", 100)
    ((0, 10), (90, 100), (90, 100))
    """
    match = _RANGE.fullmatch(header)
    if match is None or match.groups() == (b"", b""):
        return None
    first, last = match.groups()
    if not first:
        start, stop = max(0, size - int(last)), size
    else:
        start, stop = int(first), min(size, int(last) + 1) if last else size
        if last and int(last) < start:
            return None
    if start >= size or start >= stop:
        raise RangeUnsatisfiableError(f"The file has {size} bytes.", size)
    return start, stop


async def send_file(scope: Scope, receive: Receive, send: Send, file: ServedFile) -> int:
    """Answer a request for a file; returns the status.

    Small JSON files are gzip-compressed for clients that accept it; ranged answers never are.
    Nothing more is read when the client has gone.

    Raises
    ------
    RangeUnsatisfiableError, UnknownFileError
        Before anything is sent.
    """
    request: Mapping[bytes, bytes] = dict(scope["headers"])
    span = _asked_range(request, file)
    if span is None and file.brotli is not None and _accepts_brotli(request):
        return await _send_brotli(scope, receive, send, file, file.brotli)
    if span is None and _is_packed(file, request):
        return await responses.send_answer(scope, send, await asyncio.to_thread(_pack_file, file))
    head = [*responses.OF_DATA, *_file_headers(file)]
    if file.etag:
        head.append((b"etag", b'"%s"' % file.etag.encode()))
    if responses.has_etag(request.get(b"if-none-match"), file.etag):
        await send({"type": "http.response.start", "status": 304, "headers": head})
        await send({"type": "http.response.body", "body": b""})
        return 304
    start, stop = span or (0, file.size)
    status = 200 if span is None else 206
    head.append((b"content-length", b"%d" % (stop - start)))
    head.append((b"content-type", media_type_of(file.path.name).encode()))
    if span is not None:
        head.append((b"content-range", b"bytes %d-%d/%d" % (start, stop - 1, file.size)))
    await _send_bytes(scope, receive, send, file, (status, head), (start, stop))
    return status


def _accepts_brotli(request: Mapping[bytes, bytes]) -> bool:
    codings = request.get(b"accept-encoding", b"").lower().replace(b" ", b"").split(b",")
    return b"range" not in request and any(
        coding.partition(b";")[0] == b"br" and not coding.endswith((b";q=0", b";q=0.0"))
        for coding in codings
    )


async def _send_brotli(
    scope: Scope, receive: Receive, send: Send, file: ServedFile, packed: ServedFile
) -> int:
    """Send the packed bytes of a file as the file, with a validator of their own."""
    head = [*responses.OF_DATA, *_file_headers(file), (b"etag", b'"%s"' % packed.etag.encode())]
    if responses.has_etag(dict(scope["headers"]).get(b"if-none-match"), packed.etag):
        await send({"type": "http.response.start", "status": 304, "headers": head})
        await send({"type": "http.response.body", "body": b""})
        return 304
    head.append((b"content-encoding", b"br"))
    head.append((b"content-length", b"%d" % packed.size))
    head.append((b"content-type", media_type_of(file.path.name).encode()))
    await _send_bytes(scope, receive, send, packed, (200, head), (0, packed.size))
    return 200


async def _send_bytes(
    scope: Scope,
    receive: Receive,
    send: Send,
    file: ServedFile,
    start_line: tuple[int, list[tuple[bytes, bytes]]],
    place: tuple[int, int],
) -> None:
    descriptor = _open(file)
    try:
        status, headers = start_line
        start, stop = place if scope["method"] != "HEAD" else (0, 0)
        # Read before a word is sent: what was altered is an error, not half an answer.
        first = _read(descriptor, file, start, min(stop, start + CHUNK))
        await send({"type": "http.response.start", "status": status, "headers": headers})
        start += len(first)
        more = start < stop
        await send({"type": "http.response.body", "body": first, "more_body": more})
        if more:
            await _send_chunks(receive, send, partial(_read, descriptor, file), (start, stop))
    finally:
        os.close(descriptor)


async def _send_chunks(
    receive: Receive, send: Send, read: Callable[[int, int], bytes], place: tuple[int, int]
) -> None:
    """Send a long part chunk by chunk, until its end or until the client has gone.

    A server ignores what is sent to a client that has gone, and does so at once: without a look at
    `receive` the whole file would be read for nobody, and without a pause nobody else be answered.
    """
    offset, stop = place
    gone = asyncio.create_task(responses.wait_until_gone(receive))
    try:
        while offset < stop and not gone.done():
            # The thread is a pause too, in which other connections are served.
            chunk = await asyncio.to_thread(read, offset, min(stop, offset + CHUNK))
            offset += len(chunk)
            more = offset < stop
            await send({"type": "http.response.body", "body": chunk, "more_body": more})
    finally:
        gone.cancel()


def _read(descriptor: int, file: ServedFile, start: int, stop: int) -> bytes:
    """Some bytes of a file, so few that the system gives them at once.

    Raises
    ------
    AlteredFileError
        The file is shorter than it should be, or was written to since it was sound.
    """
    chunk = os.pread(descriptor, stop - start, start)
    if len(chunk) < stop - start:
        end = start + len(chunk)
        raise AlteredFileError(file.path.name, f"ends at {end} of {file.size} bytes")
    if file.state is not None:
        now = FileState.of(os.fstat(descriptor))
        if not now.has_content_of(file.state):
            raise AlteredFileError(file.path.name, "was written to just now")
    return chunk


def _open(file: ServedFile) -> int:
    with suppress(FileNotFoundError):
        return os.open(file.path, os.O_RDONLY | os.O_CLOEXEC)
    raise UnknownFileError(f"{file.path.name} was removed with its release.")


def _asked_range(request: Mapping[bytes, bytes], file: ServedFile) -> tuple[int, int] | None:
    if b"range" not in request:
        return None
    # A range of another version of the file would be glued to the wrong bytes.
    if b"if-range" in request and request[b"if-range"].strip() != b'"%s"' % file.etag.encode():
        return None
    return find_range(request[b"range"], file.size)


def _is_packed(file: ServedFile, request: Mapping[bytes, bytes]) -> bool:
    is_text = file.path.suffix in {".json", ".js", ".css", ".svg"}
    return (
        is_text
        and bool(file.etag)
        and file.size <= LARGEST_GZIP
        and b"range" not in request
        and responses.accepts_gzip(request.get(b"accept-encoding", b""))
    )


@lru_cache(maxsize=32)
def _pack_file(file: ServedFile) -> responses.Answer:
    """A file packed as it is sent, made once for those asked last."""
    descriptor = _open(file)
    try:
        body = _read(descriptor, file, 0, file.size)
    finally:
        os.close(descriptor)
    return responses.pack(
        responses.Answer(
            status=200,
            body=body,
            media_type=media_type_of(file.path.name).encode(),
            etag=file.etag,
            cache_control=file.cache_control,
            varies=b"Authorization" if file.cache_control == responses.PRIVATE else b"",
            headers=tuple(
                h for h in _file_headers(file) if h[0] not in {b"vary", b"cache-control"}
            ),
        )
    )


def _file_headers(file: ServedFile) -> responses.Headers:
    name = quote(file.path.name)
    is_shown = not file.is_download or file.path.suffix in SHOWN_IN_BROWSER
    kind = "inline" if is_shown else "attachment"
    is_private = file.cache_control == responses.PRIVATE
    disposition = f'{kind}; filename="{name}"'.encode()
    return (
        (b"accept-ranges", b"bytes"),
        (b"cache-control", file.cache_control),
        (b"content-disposition", disposition),
        (b"content-security-policy", file.policy),
        (b"vary", b"Accept-Encoding" + is_private * b", Authorization"),
    )


WORKER = "/sw.js"
# What a service worker may do is in its own policy; it asks this origin and nobody else.
WORKER_POLICY = b"default-src 'none'; connect-src 'self'"
_HASHED = re.compile(r".+-[A-Za-z0-9_-]{8,}\.[a-z0-9.]+")


def read_assets(folder: Path) -> dict[str, ServedFile]:
    """Every file below the folder by its URL path ``/assets/...``; empty without a built page.

    The service worker, which lies beside the folder, is at the top: it rules what is below it.
    """
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    assets = {f"/assets/{path.relative_to(folder).as_posix()}": _asset(path) for path in paths}
    worker = folder.parent / WORKER.removeprefix("/")
    if worker.is_file():
        assets[WORKER] = replace(_asset(worker), policy=WORKER_POLICY)
    return assets


def _asset(path: Path) -> ServedFile:
    """One file, with the copy of it that the build packed beside it."""
    content = path.read_bytes()
    packed = path.with_name(f"{path.name}.br")
    return ServedFile(
        path=path,
        size=len(content),
        etag=hashlib.blake2b(content, digest_size=12).hexdigest(),
        cache_control=responses.IMMUTABLE if _HASHED.fullmatch(path.name) else responses.REVALIDATE,
        policy=responses.DATA_POLICY,
        is_download=False,
        brotli=_asset(packed) if packed.is_file() else None,
    )
