"""What routes are asked with, as typed dependencies: each returns a value or raises.

The parameters declared here are also what ``/api`` documents, and a query parameter that a route
does not declare is refused.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Literal, TypeAlias

from fastapi import Depends, Path, Query, Request

from geo_service.errors import MalformedParameterError
from geo_service.http.parameter_names import refuse_name
from geo_service.http.urls import root_url
from geo_service.ogc.moments import check_interval
from geo_service.releases.release import Release
from geo_service.releases.store import ReleaseStore
from geo_service.settings import Settings
from layers.release.features import Box

DEFAULT_LIMIT = 100
MAXIMUM_LIMIT = 10_000
LARGEST_OFFSET = 2**53 - 1


@dataclass(frozen=True, slots=True)
class ReleaseView:
    """One release as one request sees it, and how URLs into it are written.

    Parameters
    ----------
    root
        Outside URL of the server, without a slash at its end.
    is_pinned
        Whether the request named the release; then all links stay inside it.
    """

    release: Release
    root: str
    is_pinned: bool

    @property
    def base(self) -> str:
        """Where links of the same form as the request start."""
        return self.pinned_base if self.is_pinned else self.root

    @property
    def pinned_base(self) -> str:
        """Where links to exactly this release start; what they name never changes."""
        return f"{self.root}/releases/{self.release.id}"

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
    release = store.current() if rid is None else store.by_id(rid)
    return ReleaseView(release, root_url(request.scope, settings), rid is not None)


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
        str | None, Query(description="Not used here; for a proxy in front that asks for one.")
    ] = None,
) -> None:
    """Parameters that every URL tolerates, because clients repeat those of the first request."""


JsonFormat: TypeAlias = Annotated[
    Literal["json"] | None, Query(description="Format; there is only JSON.")
]
Limit: TypeAlias = Annotated[
    int,
    Query(ge=1, description=f"Features in one answer; above {MAXIMUM_LIMIT} it is taken as that."),
]
Offset: TypeAlias = Annotated[
    int, Query(ge=0, le=LARGEST_OFFSET, description="How many features to skip.")
]


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
            refuse_name(name, sorted({*declared, *(extra or {})}))
        if name in seen:
            raise MalformedParameterError(f"{name}: given twice.")
        seen.add(name)


async def asked_bbox(
    bbox: Annotated[
        str | None,
        Query(
            description="Only features that meet this box: west,south,east,north (CRS84).",
            examples=["122.5,-8.6,123.5,-8.1"],
        ),
    ] = None,
) -> Box | None:
    """The asked box, or None (see `parse_bbox`)."""
    return None if bbox is None else parse_bbox(bbox)


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
    try:
        numbers = [float(part) for part in text.split(",")]
    except ValueError:
        numbers = []
    if len(numbers) not in {4, 6} or not all(map(math.isfinite, numbers)):
        raise MalformedParameterError(
            "bbox: expected west,south,east,north, four numbers in degrees."
        )
    west, south, east, north = numbers if len(numbers) == 4 else (*numbers[:2], *numbers[3:5])
    if south > north:
        raise MalformedParameterError("bbox: south is above north; order is west,south,east,north.")
    return west, south, east, north


async def check_crs(
    crs: Annotated[
        Literal["http://www.opengis.net/def/crs/OGC/1.3/CRS84"] | None,
        Query(description="Coordinates of the answer; there is only longitude, latitude."),
    ] = None,
    bbox_crs: Annotated[
        Literal["http://www.opengis.net/def/crs/OGC/1.3/CRS84"] | None,
        Query(alias="bbox-crs", description="Coordinates of bbox; likewise."),
    ] = None,
    filter_crs: Annotated[
        Literal["http://www.opengis.net/def/crs/OGC/1.3/CRS84"] | None,
        Query(alias="filter-crs", description="Coordinates in filter; likewise."),
    ] = None,
) -> None:
    """Accept the one coordinate system by its name: newer GDAL always sends it."""


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
