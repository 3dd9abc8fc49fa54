"""Forms of the house: the cookie that a browser shows, and that a form was ours and was sent here.

There is one cookie, with a random secret.  Whoever is signed in has a session of that secret; for
anybody else it only ties a form to the browser that was given it.  A form repeats a hash of it.
"""

import hashlib
import hmac
import secrets
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

from fastapi import Request, Response
from fastapi.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from geo_service import errors
from geo_service.http import proxies, urls
from geo_service.settings import Settings

COOKIE = "rumah"
FIELD = "kunci"
"""The hidden field of every form."""
FORM_TYPE = "application/x-www-form-urlencoded"
MOST_FIELDS = 2_000
UPLOADS = "/berkas"
"""How the paths end to which a form may send a file."""
FILE_TYPE = "multipart/form-data"
MOST_FIELDS_BESIDE_A_FILE = 10
READING = frozenset({"GET", "HEAD"})
_PORTS = {"http": 80, "https": 443}


def new_secret() -> str:
    """A secret for a browser that has none."""
    return secrets.token_urlsafe(32)


def key_of(secret: str) -> str:
    """What the forms of a browser with this secret repeat."""
    return hashlib.sha256(f"form {secret}".encode("utf-8", "replace")).hexdigest()


async def check_form(request: Request) -> None:
    """Read the form of a request that changes something, into ``request.state.form``.

    A file goes into ``request.state.file``; who is not signed in sends none.

    Every route of the house depends on this: none can leave it out.

    Raises
    ------
    ForeignFormError
        It was not sent from a page of this server, or does not repeat the key of its browser.
    MediaTypeError, MalformedInputError
        It is no form, or not in UTF-8.
    SignInNeededError
        It has a file, and nobody is signed in.
    """
    request.state.form, request.state.file = {}, b""
    if request.method in READING:
        return
    _check_origin(request)
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type == FILE_TYPE and request.url.path.endswith(UPLOADS):
        form = await _read_upload(request)
    elif media_type == FORM_TYPE:
        form = read_fields(await request.body())
    else:
        raise errors.MediaTypeError("Send the form as a page of this server sends it.")
    secret = request.cookies.get(COOKIE, "")
    shown = form.get(FIELD, [""])[0]
    if not secret or not hmac.compare_digest(shown.encode(), key_of(secret).encode()):
        raise errors.ForeignFormError(
            "The form has not the key of this browser. Open its page again."
        )
    request.state.form = form


async def _read_upload(request: Request) -> dict[str, list[str]]:
    """The fields beside a file; its bytes go into ``request.state.file``."""
    from geo_service.house.sessions import Sessions

    secret, book = request.cookies.get(COOKIE, ""), Sessions(request.app.state.register)
    # Ten megabytes are read of nobody whom we do not know.
    if not secret or await run_in_threadpool(book.person, secret, datetime.now(UTC)) is None:
        raise errors.SignInNeededError("Sign in to send a file.")
    try:
        form = await request.form(max_files=1, max_fields=MOST_FIELDS_BESIDE_A_FILE)
    except HTTPException as error:
        raise errors.MalformedInputError("The form cannot be read.") from error
    fields: dict[str, list[str]] = {}
    for name, value in form.multi_items():
        if isinstance(value, str):
            fields.setdefault(name, []).append(value.replace("\r\n", "\n").replace("\0", ""))
        else:
            request.state.file = await value.read()
    await form.close()
    return fields


def read_fields(body: bytes) -> dict[str, list[str]]:
    """The values of each field of a form; line ends are those of a text here.

    Raises
    ------
    MalformedInputError
        It is not in UTF-8, or has more than `MOST_FIELDS`.
    """
    try:
        fields = parse_qs(
            body.decode("ascii"),
            keep_blank_values=True,
            errors="strict",
            max_num_fields=MOST_FIELDS,
        )
    except ValueError as error:
        raise errors.MalformedInputError("The form cannot be read.") from error
    return {
        name: [value.replace("\r\n", "\n").replace("\0", "") for value in values]
        for name, values in fields.items()
    }


def _check_origin(request: Request) -> None:
    """Refuse what another site sends; browsers say where a form lies, programs need not."""
    origin = request.headers.get("origin")
    if origin is None:
        if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
            raise errors.ForeignFormError("The form was sent from another site.")
        return
    root = urls.root_url(request.scope, request.app.state.settings)
    if _place(origin) != _place(root):
        raise errors.ForeignFormError(
            "The form was sent from another site. Where it was not, the proxy hides the host: "
            "set GEO_PUBLIC_URL."
        )


def _place(url: str) -> tuple[str | None, int | None]:
    """Host and port; the scheme is left out, since a proxy may not tell it."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return None, None
    usual = port in (None, *_PORTS.values())
    return parts.hostname, None if usual else port


def set_cookie(response: Response, request: Request, secret: str) -> None:
    """Give a secret to the browser: for the house alone, for no script, and over TLS where it is.

    An empty secret takes it away.
    """
    settings: Settings = request.app.state.settings
    base = urlsplit(urls.root_url(request.scope, settings)).path.rstrip("/")
    response.set_cookie(
        COOKIE,
        secret,
        max_age=None if secret else 0,
        path=f"{base}{urls.HOUSE}",
        secure=proxies.is_secure(request.scope, settings.public_url, settings.trusted_proxies),
        httponly=True,
        samesite="lax",
    )


def client_of(request: Request) -> str:
    """The address by which attempts are counted."""
    settings: Settings = request.app.state.settings
    return proxies.client_of(request.scope, settings.trusted_proxies)
