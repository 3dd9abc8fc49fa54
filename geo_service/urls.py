"""How the outside writes our URLs: scheme, host and path prefix before everything we link to."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from geo_service.errors import MalformedHostError
from geo_service.settings import Settings

HOST = re.compile(r"(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?")
PREFIX = re.compile(r"(?:/[A-Za-z0-9._~-]+)*")


def headers_of(scope: Mapping[str, Any]) -> dict[bytes, bytes]:
    """Request headers by lower-case name; the last wins where one is repeated."""
    return dict(scope["headers"])


def root_url(scope: Mapping[str, Any], settings: Settings) -> str:
    """The URL under which the client reaches us, without a slash at its end.

    ``GEO_PUBLIC_URL`` where it is set; else the request's host, with X-Forwarded-Proto, -Host and
    -Prefix believed only from the proxies in ``GEO_TRUSTED_PROXIES``.

    Raises
    ------
    MalformedHostError
        The host or prefix could not be part of a URL.
    """
    if settings.public_url is not None:
        return settings.public_url
    headers = headers_of(scope)
    host = headers.get(b"host", b"").decode("latin-1")
    scheme, prefix = str(scope.get("scheme", "http")), str(scope.get("root_path", ""))
    if is_trusted(scope, settings):
        scheme = _first(headers, b"x-forwarded-proto") or scheme
        host = _first(headers, b"x-forwarded-host") or host
        prefix = _first(headers, b"x-forwarded-prefix").rstrip("/") or prefix
    if not host:
        name, port = scope.get("server") or ("localhost", None)
        host = f"{name}:{port}" if port else str(name)
    if scheme not in {"http", "https"} or not HOST.fullmatch(host) or not PREFIX.fullmatch(prefix):
        raise MalformedHostError("The Host or X-Forwarded headers do not name a host.")
    return f"{scheme}://{host}{prefix}"


def public_prefix(settings: Settings) -> str:
    """The path part of ``GEO_PUBLIC_URL``; a proxy may pass it on or strip it."""
    return urlsplit(settings.public_url).path if settings.public_url else ""


def is_trusted(scope: Mapping[str, Any], settings: Settings) -> bool:
    """Whether the peer is a proxy whose X-Forwarded headers count."""
    client = scope.get("client")
    trusted = settings.trusted_proxies
    return "*" in trusted or (client is not None and client[0] in trusted)


def _first(headers: Mapping[bytes, bytes], name: bytes) -> str:
    return headers.get(name, b"").split(b",")[0].strip().decode("latin-1")
