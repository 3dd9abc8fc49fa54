"""How addresses may be written: names of parameters, of campaigns or undeclared; escapes of paths.

A link that is shared comes back with parameters its author never wrote.  They say how the reader
came, not what is asked for, so they are taken out of the query before anything reads it: no page,
link, form, ETag or file knows that they were there.  Every other name that a URL does not declare
is refused, because a filter that is misspelt and ignored gives a wrong answer that looks right.
"""

import base64
import re
from collections.abc import Callable, Collection, Iterable
from contextlib import suppress
from difflib import get_close_matches
from typing import NoReturn
from urllib.parse import unquote, unquote_plus

from starlette.types import Scope

from geo_service.errors import UnknownParameterError, UnknownUrlError

TRACKING_PREFIXES = (
    *("utm_", "mtm_", "matomo_", "pk_", "piwik_", "hsa_", "gad_", "fb_"),
    *("__cft__", "__hs", "_x_tr_"),
)
"""Of Google Analytics and whoever copies it, of Matomo, of HubSpot, of Facebook; of the proxy in
which Google Translate shows a page."""
_NETWORKS = """
    fbclid fbadid igshid igsh mibextid rdid sfnsn __tn__ fref hc_ref hc_location refsrc
    action_object_map action_ref_map action_type_map
    gclid gclsrc gbraid wbraid dclid srsltid gad gs_lcrp _ga _gl _gac _gcl_au
    msclkid yclid ysclid _openstat ttclid tt_medium tt_content is_from_webapp sender_device
    twclid ref_src ref_url __twitter_impression li_fat_id lipi epik rdt_cid scclid
    s_kwcid ef_id irclickid rb_clickid zanpid guccounter guce_referrer
    soc_src soc_trk at_medium at_campaign wt_mc
"""
_LETTERS = """
    mc_cid mc_eid _hsenc _hsmi hsctatracking hss_channel mkt_tok vero_id vero_conv oly_anon_id
    oly_enc_id ml_subscriber ml_subscriber_hash ck_subscriber_id wickedid _branch_match_id dm_i
    elqtrack elqtrackid _ke _kx xtor __s sc_cid bta_tid bta_c trk_contact trk_msg trk_module
    trk_sid
"""
TRACKING = frozenset(f"{_NETWORKS} {_LETTERS}".split())
"""What networks and advertisers append, and what senders of letters do."""
AMBIGUOUS = frozenset({"ref", "si", "v", "_", "spm", "trk"})
"""Who refers here, short words of shops and networks, and what editors append so that a changed
picture is fetched anew.

For the items of a layer they could name a property, so there they are used, or refused.  Of the
other names those are kept that are properties of the layer: a filter that is ignored answers with
what was not asked for.
"""
TOKEN = b"token"
_BEARER = re.compile(rb"bearer +([\x21-\x7e]+) *", re.IGNORECASE)
_BASIC = re.compile(rb"basic +([A-Za-z0-9+/=]+) *", re.IGNORECASE)
_PASSWORD = re.compile(rb"[^:]*:(geo_[\x21-\x7e]+)")
"""Of any user; another password is one of a proxy."""
_FEATURES = re.compile(r"(?:/releases/[^/]+)?/collections/([^/]+)/items(?:/.*)?")
PropertiesOf = Callable[[str], Collection[str]]
"""The names of the properties of a layer, by its id."""
_LEAST_LIKENESS = 0.6


def _of_no_layer(_: str) -> Collection[str]:
    return ()


def tidy(scope: Scope, prefix: str, properties_of: PropertiesOf = _of_no_layer) -> str:
    """The token of a request, after taking off what proxies and networks add to its address.

    Raises
    ------
    UnknownUrlError
        The address is spelt in another way than its own.
    """
    if prefix and scope["path"].startswith(f"{prefix}/"):
        _strip(scope, prefix)
    token = take_token(scope)
    scope["query_string"] = without_tracking(scope["query_string"], scope["path"], properties_of)
    if scope["method"] != "OPTIONS":
        check_spelling(scope.get("raw_path"), scope["path"])
    return token


def _strip(scope: Scope, prefix: str) -> None:
    scope["path"] = scope["path"][len(prefix) :]
    raw = scope.get("raw_path")
    if raw is not None and unquote(raw.decode("latin-1")).startswith(prefix):
        scope["raw_path"] = raw[len(prefix.encode()) :]


def without_tracking(query: bytes, path: str, properties_of: PropertiesOf = _of_no_layer) -> bytes:
    """A raw query without the parameters that only say how the reader came.

    What is left keeps its bytes and its order.  A property of the layer asked for is none of them.

    Example
    -------
    >>> without_tracking(b"utm_source=wa&layer=desa.idm_skor&fbclid=IwAR1&desa=", "/kecamatan/1")
    b'layer=desa.idm_skor&desa='
    >>> without_tracking(b"ref=wa", "/collections/roads/items")
    b'ref=wa'
    """
    if not query:
        return query
    of_layer = _FEATURES.fullmatch(path)
    ignored = TRACKING | AMBIGUOUS if of_layer is None else TRACKING
    parts = query.split(b"&")
    dropped = [part for part in parts if _is_tracking(_name_of(part), ignored)]
    if dropped and of_layer is not None:
        known = properties_of(of_layer[1])
        dropped = [part for part in dropped if _name_of(part) not in known]
    return b"&".join(part for part in parts if part not in dropped)


def take_token(scope: Scope) -> str:
    """The token that a request shows, empty for none; it is taken out of the query.

    In the header ``Authorization: Bearer …``, as the password of ``Basic``, or as ``token=`` for
    clients that can send no header.  Nothing that reads the query afterwards knows of it: no key of
    a cache, log or ETag; only links that continue such an answer repeat it (`ReleaseView.carried`).
    """
    text, query = "", scope["query_string"]
    if TOKEN in query:
        parts = query.split(b"&")
        shown = [part for part in parts if part.partition(b"=")[0] == TOKEN]
        scope["query_string"] = b"&".join(part for part in parts if part not in shown)
        text = unquote_plus(shown[-1].partition(b"=")[2].decode("latin-1")) if shown else ""
    scope["geo_query_token"] = text
    for name, value in scope["headers"]:
        if name == b"authorization" and (from_header := _authorized_by(value)):
            return from_header
    return text


def _authorized_by(header: bytes) -> str:
    """The token in a header ``Authorization``; empty where it holds none."""
    match = _BEARER.fullmatch(header)
    if match is None and (basic := _BASIC.fullmatch(header)) is not None:
        with suppress(ValueError):
            match = _PASSWORD.fullmatch(base64.b64decode(basic[1]))
    return "" if match is None else match[1].decode("ascii")


def _name_of(part: bytes) -> str:
    """The name in small letters; a link that was escaped twice has ``&amp;`` before it."""
    name = unquote_plus(part.partition(b"=")[0].decode("latin-1")).lower()
    return name.removeprefix("amp;")


def _is_tracking(name: str, ignored: frozenset[str]) -> bool:
    # PHP's way to write one of several values: ``__cft__[0]``.
    return name.partition("[")[0] in ignored or name.startswith(TRACKING_PREFIXES)


def refuse_name(name: str, declared: Iterable[str]) -> NoReturn:
    """Refuse a parameter that a URL does not declare, and name the nearest one it does.

    Raises
    ------
    UnknownParameterError
        Always.
    """
    names = list(declared)
    by_folded = {declared_name.lower(): declared_name for declared_name in names}
    near = get_close_matches(name.lower(), by_folded, n=1, cutoff=_LEAST_LIKENESS)
    hint = f" Did you mean {by_folded[near[0]]!r}?" if near else ""
    all_names = ", ".join(names) or "none"
    raise UnknownParameterError(f"Unknown parameter {name[:60]!r}.{hint} Known here: {all_names}.")


def check_spelling(raw_path: bytes | None, path: str) -> None:
    """Refuse another spelling of a path: what is not reserved is written without escapes.

    Raises
    ------
    UnknownUrlError
        The path is written with escapes that it does not need.
    """
    if raw_path is None or b"%" not in raw_path:
        return
    text = raw_path.split(b"?")[0].decode("latin-1")
    escapes = re.findall(r"%[0-9A-Fa-f]{2}", text)
    if any(re.fullmatch(r"[A-Za-z0-9._~/-]", unquote(escape)) for escape in escapes):
        raise UnknownUrlError(f"Nothing is served under {path!r} written like this.")
