"""What a page was asked for: its query as one typed record, and the record as a query again.

The whole state of a page lives in its URL: layer and field, year, method and number of classes,
comparison set, selected desa, how it is displayed, language.  Unknown parameters and values are
errors, as everywhere.
"""

import dataclasses
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal, cast, get_args
from urllib.parse import quote_plus, urlencode

from geo_service.errors import MalformedParameterError, UnknownWilayahError
from geo_service.http.accept import Language
from geo_service.http.parameter_names import refuse_name
from geo_service.releases.memo import once_per_release
from geo_service.releases.release import Release
from layers.release.manifest import FieldEntry, WilayahEntry
from web_map.drawing.classes import MOST_CLASSES, Method
from web_map.views.display import (
    DISPLAY_PARAMETERS,
    NO_FACILITIES,
    Display,
    read_display,
)
from web_map.views.facilities import facility_kinds
from web_map.views.field import choose_field
from web_map.words import Words, readable

Compare = Literal["release", "kabupaten", "kecamatan"]
TRIAL_PARAMETERS = ("coba", "coba_jenis", "coba_desa", "coba_titik")
MOST_TRIED, LONGEST_PLACE = 6, 60
PARAMETERS = (
    "layer",
    "field",
    "tahun",
    "method",
    "k",
    "compare",
    "desa",
    "lang",
    "embed",
    *DISPLAY_PARAMETERS,
    *TRIAL_PARAMETERS,
)
DEFAULT_CLASSES = 5


@dataclass(frozen=True, slots=True)
class Trial:
    """New facilities that are tried: their places as written, and their kind (see `page_trial`)."""

    places: tuple[str, ...] = ()
    kind: str = ""

    def parts(self) -> list[tuple[str, str]]:
        """Names and values for a query."""
        found = [("coba", ";".join(self.places)), ("coba_jenis", self.kind)]
        return [(name, value) for name, value in found if value]


@dataclass(frozen=True, slots=True)
class Question:
    """One view of one wilayah.

    ``tahun`` is None for the latest year of each desa; ``k`` and ``compare`` matter only for
    methods other than ``fixed``.  ``selected`` is the kode of a child of the wilayah.
    """

    kode: str
    layer: str
    field: str
    tahun: int | None = None
    method: Method = "fixed"
    k: int = DEFAULT_CLASSES
    compare: Compare = "kabupaten"
    selected: str | None = None
    language: Language = "id"
    embed: bool = False
    display: Display = dataclasses.field(default_factory=Display)
    trial: Trial = dataclasses.field(default_factory=Trial)

    def query(self, **changes: Any) -> str:
        """The query string of this view with some parts changed; defaults are left out."""
        wanted = replace(self, **changes)
        parts: list[tuple[str, str]] = [("layer", f"{wanted.layer}.{wanted.field}")]
        if wanted.tahun is not None:
            parts.append(("tahun", str(wanted.tahun)))
        if wanted.method != "fixed":
            parts += [("method", wanted.method), ("k", str(wanted.k)), ("compare", wanted.compare)]
        if wanted.selected is not None:
            parts.append(("desa", wanted.selected))
        parts += wanted.display.parts() + wanted.trial.parts()
        if wanted.language != "id":
            parts.append(("lang", wanted.language))
        if wanted.embed:
            parts.append(("embed", "1"))
        return urlencode(parts)

    def selecting(self, codes: Iterable[str]) -> list[str]:
        """`query` with each of some children selected."""
        # A null byte of any other parameter would stand behind an encoded "=".
        before, _, after = self.query(selected="\0").partition("&desa=%00")
        return [f"{before}&desa={quote_plus(kode)}{after}" for kode in codes]


def find_wilayah(release: Release, kode: str, level: str) -> WilayahEntry:
    """The wilayah of a code and level.

    Raises
    ------
    UnknownWilayahError
        The release does not cover it.
    """
    entry = wilayah_by_kode(release).get(kode)
    if entry is None or entry.level != level:
        raise UnknownWilayahError(f"No {level} {kode!r} in this release.")
    return entry


@once_per_release
def wilayah_by_kode(release: Release) -> Mapping[str, WilayahEntry]:
    """Every wilayah with its name as people write it; the level is in the length of a code."""
    return {entry.kode: named(entry) for entry in release.manifest.wilayah}


def named(entry: WilayahEntry) -> WilayahEntry:
    """A wilayah with its name as people write it."""
    return entry.model_copy(update={"nama": readable(entry.nama)})


def parent_level(kode: str) -> str:
    """The level that a code is of.

    Example
    -------
    >>> parent_level("53.06.13"), parent_level("53.06")
    ('kecamatan', 'kabupaten')
    """
    return ("provinsi", "kabupaten", "kecamatan", "desa")[kode.count(".")]


def find_parents(release: Release, entry: WilayahEntry) -> tuple[WilayahEntry, ...]:
    """The wilayah above one, from the provinsi down."""
    known = wilayah_by_kode(release)
    parents: list[WilayahEntry] = []
    above = entry.parent
    while above is not None and above in known:
        parents.insert(0, known[above])
        above = known[above].parent
    return tuple(parents)


def read_question(
    release: Release, kode: str, child_level: str, query: Mapping[str, str]
) -> Question:
    """The question of a request.

    Parameters
    ----------
    child_level
        ``desa`` on the page of a kecamatan, ``kecamatan`` on that of a kabupaten.
    query
        Query parameters.  ``layer`` is ``<layer>.<field>``, or ``<layer>`` with or without
        ``field``.

    Raises
    ------
    UnknownParameterError, MalformedParameterError
        The message names the parameter and what was expected.
    """
    check_parameters(query, PARAMETERS)
    layer, entry = choose_field(release, kode, child_level, query)
    return Question(
        kode=kode,
        layer=layer.id,
        field=entry.name,
        tahun=_read_year(query.get("tahun", ""), entry),
        method=cast(Method, _one_of("method", query, get_args(Method), "fixed")),
        k=_read_count(query.get("k", "")),
        compare=cast(Compare, _one_of("compare", query, get_args(Compare), "kabupaten")),
        selected=query.get("desa") or None,
        language=read_language(query),
        embed=query.get("embed", "") == "1",
        display=_check_kind(release, read_display(query)),
        trial=_read_trial(query),
    )


def check_parameters(query: Mapping[str, str], known: Collection[str]) -> None:
    """Refuse a query with a parameter that is not known here.

    Raises
    ------
    UnknownParameterError
        The message names the first of them, the nearest one and what is known.
    """
    unknown = sorted(set(query) - set(known))
    if unknown:
        refuse_name(unknown[0], known)


def _read_trial(query: Mapping[str, str]) -> Trial:
    """The places of ``coba`` and what the form adds to them, cut to what is looked at."""
    texts = [*query.get("coba", "").split(";"), query.get("coba_desa", "")]
    places = [text.strip()[:LONGEST_PLACE] for text in [*texts, query.get("coba_titik", "")]]
    kind = query.get("coba_jenis", "")[:LONGEST_PLACE]
    return Trial(tuple(filter(None, places))[:MOST_TRIED], kind)


def read_language(query: Mapping[str, str]) -> Language:
    """The language asked for; Indonesian when none is."""
    return cast(Language, _one_of("lang", query, get_args(Language), "id"))


def _read_year(text: str, entry: FieldEntry) -> int | None:
    """A year the field has; else None, so that switching to a field without it works."""
    if not text:
        return None
    if not re.fullmatch("[0-9]{4}", text):
        raise MalformedParameterError(f"tahun: expected a year such as 2024, got {text!r}.")
    return int(text) if int(text) in entry.years else None


def _check_kind(release: Release, display: Display) -> Display:
    kinds = [kind for kind, _ in facility_kinds(release, Words("id"))]
    if display.facilities not in ("", NO_FACILITIES, *kinds):
        known = ", ".join((*kinds, NO_FACILITIES))
        raise MalformedParameterError(
            f"facilities: expected one of {known}, got {display.facilities!r}."
        )
    return display


def _read_count(text: str) -> int:
    if not text:
        return DEFAULT_CLASSES
    if not text.isdigit() or not 2 <= int(text) <= MOST_CLASSES:
        raise MalformedParameterError(
            f"k: expected a number from 2 to {MOST_CLASSES}, got {text!r}."
        )
    return int(text)


def _one_of(name: str, query: Mapping[str, str], known: tuple[str, ...], default: str) -> str:
    given = query.get(name) or default
    if given not in known:
        raise MalformedParameterError(f"{name}: expected one of {', '.join(known)}, got {given!r}.")
    return given
