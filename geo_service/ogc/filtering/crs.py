"""The coordinate reference systems that are served, and how coordinates get from one to another.

Everything is stored in CRS84 (longitude, latitude).  Coordinates of another system are written in
the order of its axes, as Part 2 wants it: latitude first in EPSG:4326, the easting first in UTM.
pyproj is loaded when it is first needed.

Source
------
OGC API - Features - Part 2: Coordinate Reference Systems by Reference 1.0.1 (18-058r1).
"""

import re
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from geo_service.errors import MalformedParameterError
from geo_service.http.link_types import CRS84
from layers.release import array_kinds
from layers.release.features import Box

if TYPE_CHECKING:
    from pyproj import Transformer
    from shapely.geometry.base import BaseGeometry

_EPSG = "http://www.opengis.net/def/crs/EPSG/0/"
WGS84, WEB_MERCATOR, DGN95 = 4326, 3857, 4755
ZONES = range(46, 55)
_CODES = (
    *(WGS84, WEB_MERCATOR, DGN95),
    *(32600 + zone for zone in ZONES),
    *(32700 + zone for zone in ZONES),
    # DGN95 / UTM: zones 46N to 52N and 47S to 54S.
    *(23820 + zone for zone in range(46, 53)),
    *(23830 + zone for zone in range(47, 55)),
)
SERVED = (CRS84, *(f"{_EPSG}{code}" for code in _CODES))
"""The URIs of all systems; the first is that of an answer that was not asked for another."""
_SHORT = re.compile(r"(?:EPSG:|urn:ogc:def:crs:EPSG:(?:[0-9.]*):)([0-9]{4,6})", re.IGNORECASE)
_CRS84_NAMES = frozenset({CRS84, "OGC:CRS84", "CRS84", "urn:ogc:def:crs:OGC:1.3:CRS84"})
_DEGREES = frozenset({f"{_EPSG}{WGS84}", f"{_EPSG}{DGN95}"})
DEGREE_DECIMALS, METRE_DECIMALS = 7, 3
WIDEST, WIDEST_MERCATOR = 1e8, 20037508.342789244
"""Metres; further from the origin there is nothing, and in Web Mercator the world begins anew."""
MOST_STEPS_ALONG = 32
"""Into how many parts the edge of a box is cut to see how far it bends."""


def read_crs(name: str, text: str) -> str:
    """The URI of a system that a parameter names by its URI, as a CURIE or as ``EPSG:…``.

    Raises
    ------
    MalformedParameterError
        It is none of those that are served.

    Example
    -------
    >>> read_crs("crs", "EPSG:32748")
    'http://www.opengis.net/def/crs/EPSG/0/32748'
    """
    given = text.strip().removeprefix("[").removesuffix("]").removeprefix("<").removesuffix(">")
    if given in _CRS84_NAMES:
        return CRS84
    match = _SHORT.fullmatch(given)
    uri = given.replace("https://", "http://") if match is None else f"{_EPSG}{match[1]}"
    if uri not in SERVED:
        known = ", ".join([CRS84, f"{_EPSG}{WGS84}", *map(str, _CODES[1:])])
        raise MalformedParameterError(f"{name}: {text[:80]!r} is not served. There are {known}.")
    return uri


def from_lonlat(points: array_kinds.Floats, uri: str) -> array_kinds.Floats:
    """Points (n, 2) of longitude and latitude in another system, rounded as it is written."""
    if uri == CRS84:
        return points
    xy = np.column_stack(_transformer(uri).transform(points[:, 0], points[:, 1]))
    return np.asarray(np.round(xy, DEGREE_DECIMALS if uri in _DEGREES else METRE_DECIMALS))


def to_lonlat(points: array_kinds.Floats, uri: str) -> array_kinds.Floats:
    """Points (n, 2) of a system as longitude and latitude; infinite where they have no place."""
    if uri == CRS84:
        return points
    lonlat = _transformer(uri).transform(points[:, 0], points[:, 1], direction="INVERSE")
    return np.column_stack(lonlat)


def to_lonlat_geometry(geometry: "BaseGeometry", uri: str) -> "BaseGeometry":
    """A geometry of another system in lon/lat; long edges are cut, so that they bend as they do."""
    import shapely

    west, south, east, north = geometry.bounds
    longest = max(east - west, north - south) / MOST_STEPS_ALONG
    if longest > 0 and uri not in _DEGREES:
        geometry = shapely.segmentize(geometry, longest)
    return shapely.transform(geometry, lambda points: to_lonlat(points, uri))


def lonlat_box(box: Box, uri: str) -> Box:
    """The least box of lon/lat that holds a box of another system, as far as its edges show.

    The whole world where a part of the box lies where the system has no places.
    """
    if uri == CRS84:
        return box
    if uri in _DEGREES:
        # Latitude first; a west beyond the east crosses the antimeridian, as in CRS84.
        return box[1], box[0], box[3], box[2]
    steps = np.linspace(0, 1, MOST_STEPS_ALONG + 1)
    a, b = np.meshgrid(
        box[0] + (box[2] - box[0]) * steps, box[1] + (box[3] - box[1]) * steps, copy=False
    )
    lonlat = to_lonlat(np.column_stack([a.ravel(), b.ravel()]), uri)
    if not np.isfinite(lonlat).all():
        return -180.0, -90.0, 180.0, 90.0
    (west, south), (east, north) = lonlat.min(axis=0), lonlat.max(axis=0)
    return float(west), float(south), float(east), float(north)


def clipped_box(box: Box, uri: str) -> Box:
    """A box without what lies beyond the Earth, where no arithmetic is left."""
    if uri == CRS84 or uri in _DEGREES:
        return box
    most = WIDEST_MERCATOR if uri == f"{_EPSG}{WEB_MERCATOR}" else WIDEST
    a, b, c, d = (min(max(number, -most), most) for number in box)
    return a, b, c, d


def is_box_in_lonlat(uri: str) -> bool:
    """Whether a box of a system is a box of lon/lat too."""
    return uri in _DEGREES or uri in {CRS84, f"{_EPSG}{WEB_MERCATOR}"}


def change_coordinates(coordinates: object, uri: str, *, is_xy: bool = False) -> object:
    """GeoJSON coordinates of any depth in another system.

    ``is_xy``: as files have them, longitude or easting first, whatever the order of the axes is.
    """
    if not isinstance(coordinates, list) or not coordinates:
        return coordinates
    if isinstance(coordinates[0], list) and isinstance(coordinates[0][0], list):
        return [change_coordinates(part, uri, is_xy=is_xy) for part in coordinates]
    points = np.atleast_2d(np.asarray(coordinates, np.float64))
    moved = from_lonlat(points[:, :2], uri)
    pairs = moved[:, ::-1] if is_xy and uri in _DEGREES else moved
    return pairs.tolist() if isinstance(coordinates[0], list) else pairs[0].tolist()


@lru_cache(maxsize=len(SERVED))
def _transformer(uri: str) -> "Transformer":
    """From CRS84 to a system, in the order of its own axes."""
    from pyproj import Transformer

    return Transformer.from_crs("OGC:CRS84", f"EPSG:{uri.rpartition('/')[2]}")
