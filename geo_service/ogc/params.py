"""What routes are asked with, as typed dependencies: each returns a value or raises.

The parameters declared here are also what ``/api`` documents, and a query parameter that a route
does not declare is refused.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated, Literal, TypeAlias

from fastapi import Depends, Path, Query, Request
from pydantic import BeforeValidator

from geo_service.access.grants import Grant
from geo_service.errors import MalformedParameterError
from geo_service.http import parameter_names, proxies, query_numbers, urls
from geo_service.releases.open_release import open_release
from geo_service.releases.release import Release
from geo_service.releases.store import ReleaseStore
from geo_service.settings import Settings
from layers.release.features import Box

DEFAULT_LIMIT = 100
MAXIMUM_LIMIT = 10_000
LARGEST_OFFSET = 2**53 - 1
MOST_BBOX_NUMBERS = 6


@dataclass(frozen=True, slots=True)
class ReleaseView:
    """One release as one request sees it, and how URLs into it are written.

    Parameters
    ----------
    is_pinned
        Whether the request named the release; then all links stay inside it.
    """

    release: Release
    address: urls.Address
    is_pinned: bool

    @property
    def root(self) -> str:
        """Outside URL of the server, without a slash at its end."""
        return self.address.root

    @property
    def base(self) -> str:
        """Where links of the same form as the request start."""
        return self.pinned_base if self.is_pinned else self.root

    @property
    def pinned_base(self) -> str:
        """Where links to exactly this release start; what they name never changes."""
        return f"{self.root}/releases/{self.release.id}"

    def carried(self, url: str) -> str:
        """A URL that continues this answer (see `urls.Address.carried`)."""
        return self.address.carried(url)

    @property
    def landing(self) -> str:
        """The URL of the landing page."""
        return self.pinned_base if self.is_pinned else f"{self.root}/"


def settings_of(request: Request) -> Settings:
    """The settings that the application was made with."""
    settings: Settings = request.app.state.settings
    return settings


def store_of(request: Request) -> ReleaseStore:
    """The store of releases."""
    store: ReleaseStore = request.app.state.store
    return store


def is_operator(request: Request) -> bool:
    """Whether a request comes from an address in ``GEO_OPERATORS``."""
    settings = settings_of(request)
    return proxies.is_operator(request.scope, settings.operators, settings.trusted_proxies)


async def release_view(request: Request) -> ReleaseView:
    """The release that the URL names, else the current one: resolved once for the request.

    Raises
    ------
    UnknownReleaseError
        The URL names a release that is not there.
    ReleaseUnusableError
        Nothing is published.
    """
    store, settings = store_of(request), settings_of(request)
    rid = request.path_params.get("rid")
    await store.open_for(request.scope["path"])
    release = store.current() if rid is None else store.by_id(rid)
    request.scope["geo_release"] = release.id
    address = urls.address_of(request.scope, settings)
    if release.guarded:
        request.scope["geo_guarded"] = True
        grant = Grant(request.scope.get("geo_token"), request.scope["path"])
        release = open_release(release, grant)
        if grant.token is not None:
            address.token = request.scope.get("geo_query_token", "")
    request.scope["geo_address"] = address
    return ReleaseView(release, address, rid is not None)


View: TypeAlias = Annotated[ReleaseView, Depends(release_view)]
CollectionId: TypeAlias = Annotated[
    str, Path(alias="collectionId", description="Id of a layer.", examples=["desa"])
]
FeatureId: TypeAlias = Annotated[
    str, Path(alias="featureId", description="Id of a feature: the digits of its code.")
]


async def common_parameters(
    lang: Annotated[
        Literal["id", "en"] | None, Query(description="Language of titles; Indonesian is default.")
    ] = None,
    token: Annotated[
        str | None,
        Query(
            description="What opens layers that are not for everybody, for clients that cannot "
            "send it as Authorization: Bearer."
        ),
    ] = None,
) -> None:
    """Parameters that every URL tolerates, because clients repeat those of the first request."""


JsonFormat: TypeAlias = Annotated[
    Literal["json"] | None, Query(description="Format; there is only JSON.")
]


def _read_whole(given: object) -> object:
    number = query_numbers.whole_number(given) if isinstance(given, str) else given
    if number is None:
        raise ValueError("expected a whole number")
    return number


Limit: TypeAlias = Annotated[
    int,
    BeforeValidator(_read_whole),
    Query(ge=1, description=f"Features in one answer; above {MAXIMUM_LIMIT} it is taken as that."),
]
Offset: TypeAlias = Annotated[
    int,
    BeforeValidator(_read_whole),
    Query(ge=0, le=LARGEST_OFFSET, description="How many features to skip."),
]


def read_number(name: str, text: str, least: int, most: int, unit: str = "") -> int:
    """The whole number that a parameter says.

    Raises
    ------
    MalformedParameterError
        It is no number from ``least`` to ``most``, which the message says with their unit.
    """
    number = query_numbers.whole_number(text)
    if number is None or not least <= number <= most:
        expected = f"a whole number{f' of {unit}' if unit else ''} from {least} to {most}"
        raise MalformedParameterError(f"{name}: expected {expected}, got {text!r}.")
    return number


async def refuse_unknown(request: Request) -> None:
    """Refuse query parameters that the route does not declare (see `check_known`)."""
    check_known(request)


def check_known(request: Request, extra: Mapping[str, object] | None = None) -> None:
    """Refuse query parameters that the route does not declare, and repeated ones.

    Raises
    ------
    UnknownParameterError, MalformedParameterError
        The first parameter that is unknown, or given twice.
    """
    declared = request.app.state.declared[request.scope["route"].path_format]
    seen: set[str] = set()
    for name, _ in request.query_params.multi_items():
        if name not in declared and name not in (extra or {}):
            parameter_names.refuse_name(name, sorted({*declared, *(extra or {})}))
        if name in seen:
            raise MalformedParameterError(f"{name}: given twice.")
        seen.add(name)


def parse_bbox(text: str) -> Box:
    """The box a text writes; six numbers are taken without their heights.

    Raises
    ------
    MalformedParameterError
        Not four (or six) finite numbers, or south above north.

    Example
    -------
    >>> parse_bbox("122.5,-8.6,123.5,-8.1")
    (122.5, -8.6, 123.5, -8.1)
    """
    parts = text.split(",", MOST_BBOX_NUMBERS)
    numbers = [
        number for part in parts if (number := query_numbers.decimal_number(part)) is not None
    ]
    if len(numbers) != len(parts) or len(numbers) not in {4, MOST_BBOX_NUMBERS}:
        raise MalformedParameterError(
            "bbox: expected west,south,east,north, four numbers in degrees."
        )
    west, south, east, north = numbers if len(numbers) == 4 else (*numbers[:2], *numbers[3:5])
    if south > north:
        raise MalformedParameterError("bbox: south is above north; order is west,south,east,north.")
    return west, south, east, north


async def check_datetime(
    when: Annotated[
        str | None,
        Query(
            alias="datetime",
            description="A date, a date-time or an interval. Layers are of one point in time, so "
            "it is checked and otherwise without effect.",
            examples=["2024-01-01/.."],
        ),
    ] = None,
) -> None:
    """Accept any RFC 3339 moment or interval (see `check_interval`)."""
    if when is not None:
        check_interval(when)


EXPECTED = (
    "expected 2024-01-31, 2024-01-31T00:00:00Z, or an interval of two with '/', start first; "
    "'..' leaves one end open"
)
_MOMENT = re.compile(
    r"(?P<date>[0-9]{4}-[0-9]{2}-[0-9]{2})"
    r"(?:T(?P<hour>[01][0-9]|2[0-4]):(?P<minute>[0-5][0-9])"
    r"(?::(?P<second>[0-5][0-9]|60)(?P<part>\.[0-9]+)?)?"
    r"(?P<offset>Z|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])?)?"
)
_FIRST = datetime(1, 1, 1, tzinfo=UTC)
# Python counts years from 1; the year 0 is read as 4, a leap year too, and put back.
_FOUR_YEARS = timedelta(days=1461)
_DAY = timedelta(days=1)


def check_interval(text: str) -> None:
    """Accept a moment or an interval, year 0000 and open ends included.

    Raises
    ------
    MalformedParameterError
        It is neither, both ends are open, or the interval ends before it starts; the message
        says what is expected.
    """
    ends = text.split("/")
    if len(ends) > 2:
        raise MalformedParameterError(f"datetime: more than one '/'; {EXPECTED}.")
    if len(ends) == 1:
        _read(text)
        return
    is_open = [end in {"", ".."} for end in ends]
    if all(is_open):
        raise MalformedParameterError(f"datetime: both ends are open; {EXPECTED}.")
    start = None if is_open[0] else _read(ends[0])
    stop = None if is_open[1] else _read(ends[1], is_end=True)
    if start is not None and stop is not None and stop < start:
        raise MalformedParameterError(
            f"datetime: the interval ends ({ends[1]}) before it starts ({ends[0]}); {EXPECTED}."
        )


def _read(text: str, *, is_end: bool = False) -> timedelta:
    """How long after the first moment of the year 1 a moment is; negative in the year 0."""
    # A '+' that was not escaped arrives as a space.
    match = _MOMENT.fullmatch(text.upper().replace(" ", "+"))
    moment = None if match is None else _since_first(match, is_end)
    if moment is None:
        raise MalformedParameterError(f"datetime: {text[:60]!r} is no moment; {EXPECTED}.")
    return moment


def _since_first(match: re.Match[str], is_end: bool) -> timedelta | None:
    date, is_year_zero = match["date"], match["date"].startswith("0000")
    try:
        day = datetime.fromisoformat(
            f"{'0004' if is_year_zero else date[:4]}{date[4:]}T00:00+00:00"
        )
    except ValueError:
        return None
    since = day - _FIRST - (_FOUR_YEARS if is_year_zero else timedelta())
    if match["hour"] is None:
        return since + (_DAY - timedelta(microseconds=1) if is_end else timedelta())
    clock = timedelta(
        hours=int(match["hour"]),
        minutes=int(match["minute"]),
        seconds=int(match["second"] or 0) + float(match["part"] or 0),
    )
    # 24:00:00 is the end of the day, and nothing after it is one of its hours.
    if match["hour"] == "24" and clock > _DAY:
        return None
    return since + clock - _offset(match["offset"])


def _offset(text: str | None) -> timedelta:
    if text is None or text == "Z":
        return timedelta()
    size = timedelta(hours=int(text[1:3]), minutes=int(text[4:6]))
    return -size if text.startswith("-") else size
