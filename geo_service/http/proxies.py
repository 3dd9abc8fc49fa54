"""Who asks: which peers are proxies that may say it for another; what clients are counted by."""

import logging
import re
from collections.abc import Iterator
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from starlette.types import Scope

logger = logging.getLogger("geo_service")

FORWARDED_FOR = b"x-forwarded-for"
MOST_WARNINGS = 5
_WARNED_OF: set[str] = set()

_PROXY_HEADERS = (
    *(FORWARDED_FOR, b"x-forwarded-host", b"x-forwarded-proto", b"x-forwarded-port"),
    *(b"x-forwarded-prefix", b"x-real-ip", b"forwarded", b"via", b"cf-connecting-ip"),
)

EVERYBODY = "*"
LONGEST_ADDRESS = 60
"""With brackets, zone and port; what is longer is no address, and is not remembered."""
SCHEMES = {
    "https": "https",
    "wss": "https",
    "on": "https",
    "http": "http",
    "ws": "http",
    "off": "http",
}
"""What a proxy may write for a scheme: its name, that of a web socket, or whether there is TLS."""
SCHEME_HEADERS = (
    b"x-forwarded-proto",
    b"x-forwarded-protocol",
    b"x-url-scheme",
    b"cloudfront-forwarded-proto",
    b"x-forwarded-ssl",
    b"front-end-https",
)
_WITH_PORT = re.compile(r"\[([^\]]*)\](?::\d*)?|([\d.]+):\d*")


def bare_address(text: str) -> str:
    """An address without port, brackets and quotes; an IPv4 address in IPv6 form as IPv4.

    What is no address is given back as it is.

    Source
    ------
    Application gateways and IIS write ports into X-Forwarded-For; a socket that listens on IPv6
    names IPv4 clients as ``::ffff:a.b.c.d`` (RFC 4291, section 2.5.5.2).

    Example
    -------
    >>> bare_address("203.0.113.1:5678"), bare_address("[::1]:443"), bare_address("::ffff:10.0.0.2")
    ('203.0.113.1', '::1', '10.0.0.2')
    """
    stripped = text.strip().strip('"')
    match = _WITH_PORT.fullmatch(stripped)
    address = (match[1] or match[2]) if match else stripped
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, IPv6Address) and parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return str(parsed)


def read_network(text: str) -> IPv4Network | IPv6Network:
    """The network that an entry of the trusted proxies names; a single address is one of its own.

    Raises
    ------
    ValueError
        It is neither an address nor a network.

    Example
    -------
    >>> read_network("172.16.0.0/12").prefixlen, read_network("::1").prefixlen
    (12, 128)
    """
    address, slash, length = text.partition("/")
    return ip_network(f"{bare_address(address)}{slash}{length}", strict=False)


def is_proxy(address: str, trusted: tuple[str, ...]) -> bool:
    """Whether an address is one of the trusted proxies, or of their networks.

    ``*`` does not count here: it says that every peer is believed, not that every address which a
    peer names is a proxy.
    """
    return len(address) <= LONGEST_ADDRESS and _is_proxy(address, trusted)


@lru_cache(maxsize=4096)
def _is_proxy(address: str, trusted: tuple[str, ...]) -> bool:
    try:
        parsed = ip_address(bare_address(address))
    except ValueError:
        return False
    return any(parsed in read_network(entry) for entry in trusted if entry != EVERYBODY)


def is_trusted_peer(address: str, trusted: tuple[str, ...]) -> bool:
    """Whether what a peer writes into X-Forwarded headers is believed."""
    return EVERYBODY in trusted or is_proxy(address, trusted)


def client_name(address: str) -> str:
    """What a client is counted by: its IPv4 address, or its IPv6 network of 64 bits.

    Example
    -------
    >>> client_name("203.0.113.9"), client_name("2001:db8::7"), client_name("::ffff:203.0.113.9")
    ('203.0.113.9', '2001:db8::/64', '203.0.113.9')
    """
    address = bare_address(address)
    try:
        parsed = ip_address(address)
    except ValueError:
        return address[:60]
    is_network = isinstance(parsed, IPv6Address)
    return str(ip_network((parsed, 64), strict=False)) if is_network else str(parsed)


def client_of(scope: Scope, trusted: tuple[str, ...]) -> str:
    """Who asks, for counting; empty where a trusted proxy does not say for whom it asks.

    The last address in X-Forwarded-For that is not itself a trusted proxy: what stands before it
    was written by the client.
    """
    peer = scope.get("client")
    address = str(peer[0]) if peer else ""
    lines = [value for name, value in scope["headers"] if name.lower() == FORWARDED_FOR]
    if not is_trusted_peer(address, trusted):
        if lines:
            _warn_of_proxy(address)
        return client_name(address)
    return client_name(_outermost(lines, trusted))


def _outermost(lines: list[bytes], trusted: tuple[str, ...]) -> str:
    """The last address of X-Forwarded-For that is no trusted proxy; empty where there is none."""
    forwarded = reversed(_addresses(lines))
    return next((part for part in forwarded if part and not is_proxy(part, trusted)), "")


def _addresses(lines: list[bytes]) -> list[str]:
    """What X-Forwarded-For lists, the client first; one empty text where it lists nothing."""
    return [part.strip() for part in b",".join(lines).decode("latin-1").split(",")]


def is_operator(scope: Scope, operators: tuple[str, ...], trusted: tuple[str, ...]) -> bool:
    """Whether a request comes from an address that may see what only operators need.

    Behind a trusted proxy the address is what it says; one that says that it is a proxy, but not
    for whom it asks, is nobody.  A request of this machine that says nothing is of this machine,
    and one that came through proxies only is of the first of them.
    """
    peer = scope.get("client")
    address = str(peer[0]) if peer else ""
    told = {name.lower(): value for name, value in scope["headers"]}
    if is_trusted_peer(address, trusted) and any(name in told for name in _PROXY_HEADERS):
        lines = [value for name, value in scope["headers"] if name.lower() == FORWARDED_FOR]
        address = _outermost(lines, trusted) or _addresses(lines)[0]
    return EVERYBODY in operators or is_proxy(address, operators)


def _warn_of_proxy(address: str) -> None:
    """Log once that a peer seems to be a proxy which is not trusted: all behind it are one client.

    Only the first few peers: anybody may send such a header.
    """
    if address not in _WARNED_OF and len(_WARNED_OF) < MOST_WARNINGS:
        _WARNED_OF.add(address)
        logger.warning(
            "%s sends X-Forwarded-For but is not in GEO_TRUSTED_PROXIES: if it is your proxy, "
            "add it, or all who come through it are limited as one client",
            address,
        )


def is_secure(scope: Scope, public_url: str | None, trusted: tuple[str, ...]) -> bool:
    """Whether the client speaks TLS, with us or with the proxy in front."""
    if public_url is not None:
        return public_url.startswith("https:")
    peer = scope.get("client")
    told = forwarded_scheme(scope) if is_trusted_peer(str(peer[0]) if peer else "", trusted) else ""
    return (told or SCHEMES.get(str(scope.get("scheme", "")).lower(), "")) == "https"


def forwarded_scheme(scope: Scope) -> str:
    """The scheme that the client used, as the headers of a proxy say it; empty where none does.

    The first header of `SCHEME_HEADERS` with a value of `SCHEMES` counts, and of its list the first
    such value.  What says neither http nor https is ignored: the pages behind a proxy with an odd
    header are better off with the scheme of its own connection than without an answer.

    Source
    ------
    Traefik sends ``wss`` (issue 6388), Microsoft's ISA and TMG ``Front-End-Https: on``, nginx as
    many set it up ``$https``, which is ``on`` or empty, Amazon's CloudFront its own header; the
    others are listed by MDN beside X-Forwarded-Proto (2024).
    """
    entries = (entry for name in SCHEME_HEADERS for entry in entries_of(scope, name))
    schemes = (SCHEMES.get(entry.strip('"').removesuffix("://").lower(), "") for entry in entries)
    return next(filter(None, schemes), "")


def entries_of(scope: Scope, name: bytes) -> Iterator[str]:
    """The entries of a header that may be a list, over several lines too.

    Source
    ------
    RFC 9110 (June 2022), section 5.6.1: empty entries of a list are ignored.
    """
    for header, value in scope["headers"]:
        if header.lower() == name:
            for part in value.decode("latin-1").split(","):
                if entry := part.strip():
                    yield entry
