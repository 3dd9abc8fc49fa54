"""Signed webhooks, by the convention of Standard Webhooks (standardwebhooks.com).

A server that calls URLs which others typed can be led to what only it can reach.  So the name is
resolved here, every address is checked, and the connection goes to an address that was checked;
redirects are not followed, and an own network must be named by the operator.
"""

import asyncio
import base64
import hashlib
import hmac
import secrets
import socket
import ssl
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import TypeAlias
from urllib.parse import SplitResult, urlsplit

import httpx

from geo_service.errors import DeliveryError, RegisterError

IpAddress: TypeAlias = IPv4Address | IPv6Address
Networks: TypeAlias = tuple[IPv4Network | IPv6Network, ...]
PREFIX = "whsec_"
LONGEST_URL = 500
LONGEST_CALL_S = 20.0
LARGEST_ANSWER = 10_000
"""Bytes that are read of an answer; what it says is of no interest."""
GONE = 410
_NAT64 = IPv6Network("64:ff9b::/96")
_TUNNELS = (IPv6Network("2002::/16"), IPv6Network("2001::/32"))


@dataclass(frozen=True, slots=True)
class Call:
    """One message to an endpoint; its id is the same however often it is tried."""

    id: str
    url: str
    secret: str
    body: bytes


def new_secret() -> str:
    """A secret of 32 random bytes, as the convention writes it."""
    return PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()


def sign(secret: str, message_id: str, timestamp: int, body: bytes) -> str:
    """The signature of a message: HMAC-SHA256 over ``id.timestamp.body``.

    Example
    -------
    The example of the convention:

    >>> secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    >>> sign(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}')
    'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE='
    """
    key = base64.b64decode(secret.removeprefix(PREFIX))
    text = f"{message_id}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.digest(key, text, hashlib.sha256)).decode()


def read_networks(words: tuple[str, ...]) -> Networks:
    """The own networks that a setting names.

    Raises
    ------
    ValueError
        One is no network.
    """
    return tuple(ip_network(word, strict=False) for word in words)


def check_url(url: str, networks: Networks) -> str:
    """The URL of a webhook, which has the form of one; where it leads is checked at each call.

    Raises
    ------
    RegisterError
        It is not https (http only where own networks are named), or has parts that it should not.
    """
    schemes = ("https", "http") if networks else ("https",)
    if len(url) <= LONGEST_URL and url.isascii() and url.isprintable() and " " not in url:
        try:
            parts = urlsplit(url)
            is_whole = bool(parts.hostname) and parts.port != 0
        except ValueError:
            is_whole = False
        if is_whole and parts.scheme in schemes and "@" not in parts.netloc and not parts.fragment:
            return url
    raise RegisterError(f"The webhook: expected a URL such as {schemes[0]}://host/path.")


def is_public(address: IpAddress) -> bool:
    """Whether an address is one of the public network, also where it is an IPv4 in an IPv6.

    Example
    -------
    >>> [is_public(ip_address(text)) for text in ("8.8.8.8", "10.0.0.1", "::ffff:127.0.0.1")]
    [True, False, False]
    """
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is not None:
            return is_public(address.ipv4_mapped)
        if address in _NAT64:
            return is_public(IPv4Address(int(address) & 0xFFFFFFFF))
        if any(address in tunnel for tunnel in _TUNNELS) or address.is_site_local:
            return False
    return address.is_global and not (address.is_multicast or address.is_reserved)


async def call_endpoint(call: Call, networks: Networks, moment: datetime) -> None:
    """Nothing, after the endpoint answered 2xx.

    Raises
    ------
    DeliveryError
        It did not, or it must not be called; of 410 `is_gone` is set.
    """
    try:
        async with asyncio.timeout(LONGEST_CALL_S):
            status = await _post(call, networks, moment)
    except TimeoutError:
        raise DeliveryError(f"no answer within {LONGEST_CALL_S:g} s") from None
    except (OSError, httpx.HTTPError, httpx.InvalidURL) as error:
        text = str(error) or type(error).__name__
        raise DeliveryError(f"the endpoint cannot be reached ({text})") from error
    if 200 <= status < 300:
        return
    if status == GONE:
        raise DeliveryError("the endpoint answered 410: it is gone", is_final=True, is_gone=True)
    more = "; redirects are not followed" if 300 <= status < 400 else ""
    raise DeliveryError(f"the endpoint answered {status}{more}")


async def _post(call: Call, networks: Networks, moment: datetime) -> int:
    """The status of the answer, of which little is read."""
    parts = urlsplit(check_url(call.url, networks))
    host = parts.hostname or ""
    address = await _resolve(parts, networks)
    timestamp = int(moment.timestamp())
    headers = {
        "Host": parts.netloc,
        "Content-Type": "application/json",
        "Accept-Encoding": "identity",
        "User-Agent": "geo-service",
        "webhook-id": call.id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": sign(call.secret, call.id, timestamp, call.body),
    }
    literal = f"[{address}]" if address.version == 6 else str(address)
    place = literal if parts.port is None else f"{literal}:{parts.port}"
    # No proxy of the environment, which would resolve the name once more.
    client = httpx.AsyncClient(verify=_tls(), trust_env=False, timeout=LONGEST_CALL_S)
    async with client:
        request = client.build_request(
            "POST",
            parts._replace(netloc=place).geturl(),
            headers=headers,
            content=call.body,
            # The certificate must be that of the name, though the call goes to an address.
            extensions={"sni_hostname": host},
        )
        answer = await client.send(request, stream=True, follow_redirects=False)
        size = 0
        async for chunk in answer.aiter_raw():
            size += len(chunk)
            if size > LARGEST_ANSWER:
                break
        await answer.aclose()
        return answer.status_code


async def _resolve(parts: SplitResult, networks: Networks) -> IpAddress:
    """An address of the host to which a call may go; all that the name has must be such.

    Raises
    ------
    DeliveryError
        One is private, of this machine or of a link, and in no network that a setting names.
    """
    port = parts.port or {"https": 443, "http": 80}[parts.scheme]
    loop = asyncio.get_running_loop()
    answers = await loop.getaddrinfo(parts.hostname, port, type=socket.SOCK_STREAM)
    addresses = [ip_address(str(answer[4][0]).partition("%")[0]) for answer in answers]
    for address in addresses:
        is_own = any(address in network for network in networks)
        if not is_own and not is_public(address):
            raise DeliveryError(
                f"{parts.hostname} is {address}, which is not public; an own network is named in "
                "webhook_networks of GEO_OUTBOX"
            )
        if not is_own and parts.scheme != "https":
            raise DeliveryError("outside of own networks only https is called")
    return addresses[0]


@cache
def _tls() -> ssl.SSLContext:
    return ssl.create_default_context()
