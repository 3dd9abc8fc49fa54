"""What a page was asked for: its query as one typed record, and the record as a query again.

The whole state of a page lives in its URL: layer and field, year, method and number of classes,
comparison set, selected desa, how it is displayed, language.  Unknown parameters and values are
errors, as everywhere.
"""

import dataclasses
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final, Literal, TypedDict, Unpack, cast, get_args
from urllib.parse import quote_plus, urlencode

from geo_service.errors import MalformedParameterError
from geo_service.http.accept import Language
from geo_service.ogc.params import read_number
from web_map.drawing.classes import MOST_CLASSES, Method
from web_map.views import readers, shown_fields

Compare = Literal["release", "kabupaten", "kecamatan"]
Rings = Literal["", "1", "waktu"]
RADIUS: Final = "1"
TRAVEL_TIME: Final = "waktu"
MOST_TRIED, LONGEST_PLACE = 6, 60
LEAST_OPACITY = 20
DEFAULT_CLASSES = 5
PARAMETERS = (
    *("layer", "field", "tahun", "method", "k", "compare", "desa", "embed"),
    *("view", "opacity", "labels", "facilities", "rings"),
    *("coba", "coba_jenis", "coba_desa", "coba_titik"),
)
_VIEW = re.compile(
    r"(-?\d{1,3}(?:\.\d{1,7})?),(-?\d{1,2}(?:\.\d{1,7})?),(\d{1,2}(?:\.\d{1,2})?)", re.ASCII
)
_KIND = re.compile(r"[a-z0-9_]{1,40}")


@dataclass(frozen=True, slots=True)
class Display:
    """How a map is shown, apart from what it shows: where it looks, what is drawn over it.

    Parameters
    ----------
    view
        Middle and zoom of the live map, ``lon,lat,zoom``; empty for the whole wilayah.
    opacity
        Of the fills, in per cent.
    facilities
        The kind that is drawn: empty for the one the shown field is about, ``none`` for none.
    rings
        About the facilities: nothing, a ring with the radius of the norm (``1``), or lines of
        travel time (``waktu``).
    """

    view: str = ""
    opacity: int = 100
    labels: bool = True
    facilities: str = ""
    rings: Rings = ""

    def parts(self) -> list[tuple[str, str]]:
        """Names and values for a query; every default is left out."""
        parts = [
            ("view", self.view),
            ("facilities", self.facilities),
            ("opacity", "" if self.opacity == 100 else str(self.opacity)),
            ("labels", "" if self.labels else "0"),
            ("rings", self.rings),
        ]
        return [part for part in parts if part[1]]


@dataclass(frozen=True, slots=True)
class Trial:
    """New facilities that are tried: their places as written, and their kind (see `trial`)."""

    places: tuple[str, ...] = ()
    kind: str = ""

    def parts(self) -> list[tuple[str, str]]:
        """Names and values for a query."""
        parts = [("coba", ";".join(self.places)), ("coba_jenis", self.kind)]
        return [part for part in parts if part[1]]


class Changes(TypedDict, total=False):
    """What of a question an address may change."""

    selected: str | None
    language: Language
    embed: bool
    trial: Trial


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

    def query(self, **changes: Unpack[Changes]) -> str:
        """The query string of this view with some parts changed; defaults are left out."""
        question = replace(self, **changes) if changes else self
        parts: list[tuple[str, str]] = [("layer", f"{question.layer}.{question.field}")]
        if question.tahun is not None:
            parts.append(("tahun", str(question.tahun)))
        if question.method != "fixed":
            parts.append(("method", question.method))
            parts += [("k", str(question.k)), ("compare", question.compare)]
        if question.selected is not None:
            parts.append(("desa", question.selected))
        parts += question.display.parts() + question.trial.parts()
        if question.language != "id":
            parts.append(("lang", question.language))
        if question.embed:
            parts.append(("embed", "1"))
        return urlencode(parts)

    def selecting(self, codes: Iterable[str]) -> list[str]:
        """`query` with each of some children selected."""
        # A null byte of any other parameter would stand behind an encoded "=".
        before, _, after = self.query(selected="\0").partition("&desa=%00")
        return [f"{before}&desa={quote_plus(kode)}{after}" for kode in codes]


def read_question(reader: readers.PlaceReader, query: Mapping[str, str]) -> Question:
    """The question of a request about the place of a reader.

    Parameters
    ----------
    query
        Query parameters.  ``layer`` is ``<layer>.<field>``, or ``<layer>`` with or without
        ``field``.

    Raises
    ------
    MalformedParameterError
        The message names the parameter and what was expected.
    """
    tahun = _read_year(query.get("tahun", ""))
    method = readers.read_choice("method", query, get_args(Method), "fixed")
    compare = readers.read_choice("compare", query, get_args(Compare), "kabupaten")
    k = query.get("k", "")
    count = read_number("k", k, 2, MOST_CLASSES) if k else DEFAULT_CLASSES
    display, trial = _read_display(reader, query), _read_trial(query)
    place = reader.place
    layer, entry = shown_fields.choose_field(reader.release, place.kode, reader.child_level, query)
    return Question(
        kode=place.kode,
        layer=layer.id,
        field=entry.name,
        # A year that the field has not is left open, so that switching to the field works.
        tahun=tahun if tahun in entry.years else None,
        method=cast(Method, method),
        k=count,
        compare=cast(Compare, compare),
        selected=query.get("desa") or None,
        language=reader.words.language,
        embed=query.get("embed", "") == "1",
        display=display,
        trial=trial,
    )


def _read_year(text: str) -> int | None:
    if not text:
        return None
    if not re.fullmatch("[0-9]{4}", text):
        raise MalformedParameterError(f"tahun: expected a year such as 2024, got {text!r}.")
    return int(text)


def _read_display(reader: readers.Reader, query: Mapping[str, str]) -> Display:
    opacity = query.get("opacity", "")
    return Display(
        view=_read_view(query.get("view", "")),
        opacity=read_number("opacity", opacity, LEAST_OPACITY, 100, "per cent") if opacity else 100,
        labels=query.get("labels", "") != "0",
        facilities=_read_kind(reader, query.get("facilities", "")),
        rings=_read_rings(query.get("rings", "")),
    )


def _read_view(text: str) -> str:
    if not text:
        return ""
    match = _VIEW.fullmatch(text)
    if match is None or not (
        abs(float(match[1])) <= 180 and abs(float(match[2])) <= 85 and float(match[3]) <= 22
    ):
        raise MalformedParameterError(f"view: expected lon,lat,zoom, got {text!r}.")
    return text


def _read_rings(text: str) -> Rings:
    """What is drawn about facilities; ``0`` is what a form without a tick sent once."""
    if text not in ("", "0", RADIUS, TRAVEL_TIME):
        raise MalformedParameterError(f"rings: expected 1 or {TRAVEL_TIME}, got {text!r}.")
    return "" if text == "0" else cast(Rings, text)


def _read_kind(reader: readers.Reader, text: str) -> str:
    if text and not _KIND.fullmatch(text):
        raise MalformedParameterError(f"facilities: expected a kind or none, got {text!r}.")
    kinds = [*shown_fields.facility_kinds(reader.release), shown_fields.NO_FACILITIES]
    if text and text not in kinds:
        shown_fields.refuse_closed(reader.release, shown_fields.FACILITIES)
        expected = ", ".join(kinds)
        raise MalformedParameterError(f"facilities: expected one of {expected}, got {text!r}.")
    return text


def _read_trial(query: Mapping[str, str]) -> Trial:
    """The places of ``coba`` and what the form adds to them, cut to what is looked at."""
    texts = [*query.get("coba", "").split(";"), query.get("coba_desa", "")]
    places = [text.strip()[:LONGEST_PLACE] for text in [*texts, query.get("coba_titik", "")]]
    kind = query.get("coba_jenis", "")[:LONGEST_PLACE]
    return Trial(tuple(filter(None, places))[:MOST_TRIED], kind)
