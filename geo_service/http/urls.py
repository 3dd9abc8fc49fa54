"""How the outside writes our URLs: scheme, host and path prefix before everything we link to."""

import re
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

from starlette.types import Scope

from geo_service.errors import MalformedHostError
from geo_service.http import proxies
from geo_service.settings import Settings

HOST = re.compile(r"(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::(?P<port>[0-9]{1,5}))?")
USUAL_PORTS = {"80", "443"}
PREFIX = re.compile(r"(?:/[A-Za-z0-9._~-]+)*")

HOUSE = "/rumah"
"""Below it lies all that a register adds; nothing does on a server without one."""


@dataclass(slots=True)
class Address:
    """The URL under which a client reaches us, and whether its answer says so.

    Anybody may write any host into a request.  An answer that repeats it, and that caches keep for
    a year, would send all later readers there; so `is_written` is noticed, and such an answer is
    only kept for long where the address is that of the settings (`is_settled`).

    Parameters
    ----------
    text
        The URL without a slash at its end; whoever writes it reads `root`.
    base
        The path of the URL, without a slash at its end: where there is one, every page writes it.
    token
        What the request's query showed as token of a release with closed layers, where it showed a
        valid one.
    has_house
        Whether the register answers below `HOUSE`, so that pages may lead there.
    """

    text: str
    base: str = ""
    is_settled: bool = False
    is_written: bool = False
    token: str = ""
    has_house: bool = False

    @property
    def root(self) -> str:
        """The URL without a slash at its end."""
        self.is_written = True
        return self.text

    def carried(self, url: str) -> str:
        """A URL that continues this answer, with its token where that stood in the address.

        A program that can send no header asks for the next page, or a tile, by this URL alone.
        """
        if not self.token:
            return url
        return f"{url}{'&' if '?' in url else '?'}token={quote(self.token)}"


def address_of(scope: Scope, settings: Settings) -> Address:
    """The address of a request (see `root_url`)."""
    root = root_url(scope, settings)
    base = urlsplit(root).path.rstrip("/")
    is_settled = settings.public_url is not None
    # A page below a release is kept for good, and the register may be gone then.
    has_house = settings.register_url is not None and not scope["path"].startswith("/releases/")
    return Address(root, base, is_settled, is_written=base != "", has_house=has_house)


def root_url(scope: Scope, settings: Settings) -> str:
    """The URL under which the client reaches us, without a slash at its end.

    ``GEO_PUBLIC_URL`` where it is set; else the request's host, with the scheme of the proxy
    (`proxies.forwarded_scheme`) and X-Forwarded-Host, -Port and -Prefix (the first of each list)
    believed only from the proxies in ``GEO_TRUSTED_PROXIES``.

    Raises
    ------
    MalformedHostError
        The host or prefix could not be part of a URL.
    """
    if settings.public_url is not None:
        return settings.public_url
    host = _host_of(scope)
    scheme = proxies.SCHEMES.get(str(scope.get("scheme", "http")).lower(), "http")
    prefix = str(scope.get("root_path", ""))
    if is_trusted(scope, settings):
        scheme = proxies.forwarded_scheme(scope) or scheme
        host = _forwarded_host(scope) or host
        prefix = _forwarded_prefix(scope) or prefix
    if not host:
        name, port = scope.get("server") or ("localhost", None)
        host = f"{name}:{port}" if port else str(name)
    # Case says nothing in a host; one spelling of a URL is one entry in a cache.
    host = host.lower()
    if not is_host(host) or not PREFIX.fullmatch(prefix):
        raise MalformedHostError(
            "The Host or X-Forwarded headers do not name a host: expected a name or address with "
            "or without a port, and a prefix such as /peta."
        )
    return f"{scheme}://{host}{prefix}"


def is_of_house(path: str) -> bool:
    """Whether an address is one of the register.

    Example
    -------
    >>> is_of_house("/rumah"), is_of_house("/rumah/masuk"), is_of_house("/rumahku")
    (True, True, False)
    """
    return path == HOUSE or path.startswith(f"{HOUSE}/")


def is_host(text: str) -> bool:
    """Whether a text is a host name or address, with or without a port.

    Example
    -------
    >>> is_host("peta.go.id:8443"), is_host("[::1]"), is_host("peta.go.id:0"), is_host("a/b")
    (True, True, False, False)
    """
    match = HOST.fullmatch(text)
    return match is not None and (match["port"] is None or 1 <= int(match["port"]) <= 65535)


def public_prefix(settings: Settings) -> str:
    """The path part of ``GEO_PUBLIC_URL``; a proxy may pass it on or strip it."""
    return urlsplit(settings.public_url).path if settings.public_url else ""


def is_trusted(scope: Scope, settings: Settings) -> bool:
    """Whether the peer is a proxy whose X-Forwarded headers count."""
    client = scope.get("client")
    return proxies.is_trusted_peer(str(client[0]) if client else "", settings.trusted_proxies)


def _forwarded_host(scope: Scope) -> str:
    """The host that the client asked, with the port of the proxy where that is not the usual one.

    A port of 80 or 443 is never written: behind two proxies it is often that of the inner one.
    One that is no port is ignored.
    """
    host, port = (
        _first(scope, b"x-forwarded-host"),
        _first(scope, b"x-forwarded-port"),
    )
    if port in USUAL_PORTS or not is_host(f"h:{port}"):
        return host
    outside = host or _host_of(scope)
    match = HOST.fullmatch(outside)
    return outside if match is None or match["port"] else f"{outside}:{port}"


def _host_of(scope: Scope) -> str:
    headers: dict[bytes, bytes] = dict(scope["headers"])
    return headers.get(b"host", b"").decode("latin-1")


def _forwarded_prefix(scope: Scope) -> str:
    prefix = _first(scope, b"x-forwarded-prefix").strip("/")
    return f"/{prefix}" if prefix else ""


def _first(scope: Scope, name: bytes) -> str:
    """The first entry of a header that may be a list; empty for none."""
    return next(proxies.entries_of(scope, name), "")
