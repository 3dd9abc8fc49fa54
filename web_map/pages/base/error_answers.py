"""The answer to a request that cannot be fulfilled: a page for people, a problem for programs.

All errors come here, also those raised before a route is found.  The page is in the reader's
language and has a way back; that of an embedded page may be framed by whom the embed may be.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from http import HTTPStatus
from urllib.parse import parse_qsl, quote, urlsplit

from starlette.types import Scope

from geo_service.errors import GeoServiceError, MalformedHostError, problem_of
from geo_service.http import accept, responses, urls
from geo_service.releases.release import Release
from geo_service.releases.store import ReleaseStore
from geo_service.settings import Settings
from layers.release.errors import ReleaseUnusableError
from layers.release.manifest_file import WilayahEntry
from web_map.pages.base.answers import policy, render_page
from web_map.views.readers import Reader, wilayah_by_kode
from web_map.words import LANGUAGES, Words, full_name

_EMBED = re.compile(r"(?:/releases/[^/]+)?/embed/.+")
_PLACE = re.compile(
    r"(?P<pinned>/releases/[^/]+)?(?:/embed)?"
    r"/(?:desa|kecamatan|kabupaten|provinsi)/(?P<kode>[0-9]+(?:\.[0-9]+)*).*"
)
_VARIES = b"Accept, Accept-Language"
# Errors whose problem document says what is wrong; of any other the reader gets the status only.
EXPLAINED = (GeoServiceError, ReleaseUnusableError)


def error_answer(
    scope: Scope, settings: Settings, store: ReleaseStore, error: BaseException
) -> responses.Answer:
    """The answer to a request of which an error came, in the form that the client reads."""
    path, query = scope["path"], _query_of(scope)
    is_embed = _EMBED.fullmatch(path) is not None or query.get("embed") == "1"
    ancestors = settings.frame_ancestors if is_embed else "'self'"
    problem = responses.problem_answer(error, path)
    headers = dict(scope["headers"])
    if not accept.wants_html(headers.get(b"accept", b"").decode("latin-1")):
        framed = _framed(ancestors) if is_embed else responses.DATA_POLICY
        return _with_policy(problem, framed)
    words = Words(_language(query, headers))
    base = _base_path(scope, settings)
    place = _nearest_place(store, path, words)
    page = render_page(
        "base/error.html",
        words,
        base,
        status=problem.status,
        message=_message(words, problem.status, path),
        detail=problem_of(error, path)["detail"] if isinstance(error, EXPLAINED) else "",
        is_embed=is_embed,
        place=place,
        sign_in=_sign_in(scope) if problem.status == HTTPStatus.UNAUTHORIZED else "",
    )
    answer = replace(problem, body=page.encode(), media_type=b"text/html; charset=utf-8")
    return _with_policy(answer, policy(ancestors).encode())


def _with_policy(answer: responses.Answer, value: bytes) -> responses.Answer:
    name = b"content-security-policy"
    others = tuple(header for header in answer.headers if header[0] != name)
    return replace(answer, varies=_VARIES, headers=(*others, (name, value)))


def _framed(ancestors: str) -> bytes:
    return responses.DATA_POLICY.replace(
        b"frame-ancestors 'none'", f"frame-ancestors {ancestors}".encode()
    )


def _query_of(scope: Scope) -> dict[str, str]:
    return dict(parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True))


def _language(query: Mapping[str, str], headers: Mapping[bytes, bytes]) -> accept.Language:
    """The language of the address, else that of the reader."""
    named = next((language for language in LANGUAGES if language == query.get("lang")), None)
    return named or accept.preferred_language(
        headers.get(b"accept-language", b"").decode("latin-1")
    )


def _message(words: Words, status: int, path: str) -> str:
    """What an error means to a reader; below the house it may mean something else."""
    key = f"error.{status}.house"
    if urls.is_of_house(path) and words.knows(key):
        return words.say(key)
    key = f"error.{status}"
    return words.say(key if words.knows(key) else "error.400" if status < 500 else "error.500")


def _sign_in(scope: Scope) -> str:
    """Where a reader shows a token and is led back to what was refused."""
    query = scope["query_string"].decode("latin-1")
    address = f"{scope['path']}?{query}" if query else scope["path"]
    is_asked = scope["path"].endswith("/masuk")
    return f"/masuk?{query}" if is_asked else f"/masuk?lanjut={quote(address)}"


def _base_path(scope: Scope, settings: Settings) -> str:
    """Path under which the server is reached; none where the request does not say it rightly."""
    try:
        return urlsplit(urls.root_url(scope, settings)).path.rstrip("/")
    except MalformedHostError:
        return ""


@dataclass(frozen=True, slots=True)
class WayBack:
    """A page to go back to: its name for the reader, and its path below that of the server."""

    name: str
    path: str


def _nearest_place(store: ReleaseStore, path: str, words: Words) -> WayBack | None:
    """The wilayah that a path is about, or the nearest above it that has a page."""
    match = _PLACE.fullmatch(path)
    if match is None:
        return None
    pinned = match["pinned"] or ""
    try:
        release = store.by_id(pinned.rpartition("/")[2]) if pinned else store.current()
    except EXPLAINED:
        return None
    entry = _entry_above(release, match["kode"])
    if entry is None:
        return None
    terms = Reader(release, words, urls.Address(""), "").words_of(entry.kode)
    name = full_name(terms, entry.level, entry.kode, entry.nama)
    return WayBack(name, f"{pinned}/{entry.level}/{entry.kode}")


def _entry_above(release: Release, kode: str) -> WilayahEntry | None:
    """The kecamatan or kabupaten of a code, whichever the release has; a desa has no such page."""
    parts = kode.split(".")[:3]
    entries = wilayah_by_kode(release)
    codes = (".".join(parts[:length]) for length in range(len(parts), 1, -1))
    return next((entries[code] for code in codes if code in entries), None)
