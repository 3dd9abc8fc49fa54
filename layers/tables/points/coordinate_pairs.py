"""Two coordinates in one cell: copied from a map, as a link, as WKT, or simply written together.

The order need not be declared: no longitude of Indonesia is a latitude, so which number is which
shows; a pair that is neither is handed on as written, latitude first (links) or last (WKT).
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import unquote_plus

import shapely

from layers.tables.points.coordinate_text import Reading, read_cell
from layers.tables.points.metres import INDONESIA, read_utm

Pair = tuple[Reading, Reading]

_NUMBER = r"([-+−]?\d+(?:\.\d+)?)"
_WKT = re.compile(
    rf"^(?:SRID=\d+;)?\s*(?:MULTI)?POINT\s*(?:Z|M|ZM)?\s*\(+\s*{_NUMBER}\s+{_NUMBER}[\d\s.+-]*\)+$",
    re.IGNORECASE,
)
_HEX = re.compile(r"0[01][0-9A-Fa-f]{40,128}")
_PIN = (
    re.compile(rf"!3d{_NUMBER}!4d{_NUMBER}"),
    re.compile(rf"[?&#]mlat={_NUMBER}&mlon={_NUMBER}"),
    re.compile(
        r"[?&#](?:q|query|daddr|destination|api=1&query)="
        rf"(?:loc:)?\s*{_NUMBER}\s*[,\s]\s*{_NUMBER}"
    ),
    re.compile(rf"[?&#]ll=(?:loc:)?\s*{_NUMBER}\s*[,\s]\s*{_NUMBER}"),
    re.compile(rf"/(?:search|place)/[^@]*?{_NUMBER}\s*,\s*{_NUMBER}"),
    re.compile(rf"^geo:{_NUMBER},{_NUMBER}"),
)
"""Where a link says the place itself, the surest first."""
_VIEW = (
    re.compile(rf"@{_NUMBER},{_NUMBER}(?:,(?P<size>[\d.]+)(?P<unit>[azm]))?"),
    re.compile(rf"#map=(?P<size>[\d.]+)/{_NUMBER}/{_NUMBER}"),
    re.compile(rf"[?&#](?P<unit>cbll|viewpoint|center|sll)={_NUMBER}\s*[,\s]\s*{_NUMBER}"),
)
"""Where a link says only what the map showed when it was copied."""
NEAR_ZOOM, NEAR_M = 17.0, 1000.0
"""Views so close, by zoom or by metres from edge to edge, that the place is within a kilometre."""
_IS_LINK = re.compile(r"\s*(?:https?:|geo:|www\.|maps\.|goo\.gl)", re.IGNORECASE)
_WAY = re.compile("/dir/")
"""A link to a way has two ends, and which is the place is not guessed."""
_PLACE = re.compile(r"/(?:place|search)/([^/@]*\d[^/@]*)")
_TRIPLE = re.compile(
    r"^([-+]?\d+\.\d+\s*[,;\s]\s*[-+]?\d+\.\d+)(?:\s*[,;\s]\s*-?\d+(?:\.\d+)?){1,2}$"
)
"""Two coordinates and a height, as KML writes them; ODK and Kobo add the accuracy."""
_ZEROS = re.compile(r"^0(?:[.,]0+)?\s*[,;|/\s]\s*0(?:[.,]0+)?$")
_METRES = re.compile(
    r"^(?:X\s*[:=]?\s*)?(\d[\d.,]*\d)\s*(?:[;|/]|,\s|\s)\s*"
    r"(?:Y\s*[:=]?\s*)?(\d[\d.,]*\d)$",
    re.IGNORECASE,
)
_BREAK = re.compile(
    r"\s*[;|/\t\n&]\s*|\s+[-–]\s+|\s*,\s+|,|\s+|(?<=[A-Z\"'])(?=[-\d])", re.IGNORECASE
)


def read_pair(value: object) -> Pair | None:
    """Longitude and latitude that one cell holds together; None where it holds no pair.

    Reads ``lat, lon`` and ``lon lat`` with any separator, decimal commas, degrees and minutes,
    ``POINT(lon lat)``, WKB in hexadecimal digits, GeoJSON points, metres of UTM with their zone,
    and links of Google Maps and OpenStreetMap (also where it is only the centre of a view, see
    `read_link`).

    >>> read_pair("-8.38, 123.02") == read_pair("POINT(123.02 -8.38)") == read_pair("123,02 -8,38")
    True
    >>> read_pair("di kantor") is None
    True
    """
    if not isinstance(value, str):
        return None
    text = value.strip()
    match = _WKT.match(text)
    if match is not None:
        return _as_lonlat(_plain(match[1]), _plain(match[2]), lat_first=False)
    if text.startswith("{"):
        return _read_geojson(text)
    if _HEX.fullmatch(text) is not None:
        return _read_wkb(text)
    if _IS_LINK.match(text) is not None:
        link = read_link(text)
        return None if link is None else link.pair
    if (utm := read_utm(text)) is not None:
        return Reading(utm.lon), Reading(utm.lat)
    return _split(text.strip("()[]{} "))


def read_metre_pair(value: object) -> tuple[str, str] | None:
    """Two numbers of metres that one cell holds, as written; None where it holds none.

    >>> read_metre_pair("502202, 9073692"), read_metre_pair("502.202 9.073.692")
    (('502202', '9073692'), ('502.202', '9.073.692'))
    >>> read_metre_pair("502202,9073692")
    ('502202', '9073692')
    """
    if not isinstance(value, str):
        return None
    text = value.strip("()[]{} \t")
    match = _METRES.match(text)
    if match is not None:
        return match[1], match[2]
    first, comma, second = text.partition(",")
    return (first, second) if comma and first.isdigit() and len(second.split(".")[0]) > 3 else None


def is_plus_code(value: object) -> bool:
    """Whether a cell holds a Plus Code (``6P3RJ2CC+2X``, ``J2CC+2X Waibao``)."""
    pattern = r"\b[23456789CFGHJMPQRVWX]{4,8}\+[23456789CFGHJMPQRVWX]{2,3}\b"
    return isinstance(value, str) and re.search(pattern, value) is not None


def is_link(value: object) -> bool:
    """Whether a cell is a link, which may hold no coordinates (short links do not)."""
    return isinstance(value, str) and re.match(r"\s*(?:https?:|www\.|maps\.)", value) is not None


@dataclass(frozen=True, slots=True)
class LinkPoint:
    """The position in a link: of the place, or the centre of the view (``is_view``).

    ``is_near``: the view is so close that its centre is within a kilometre of what it shows.
    """

    pair: Pair
    is_view: bool = False
    is_near: bool = True


def read_link(value: object) -> LinkPoint | None:
    """The position that a link holds; a place in it goes before the view of the map.

    >>> link = "https://www.google.com/maps/place/X/@-8.4,123.0,17z/data=!8m2!3d-8.38!4d123.02"
    >>> read_link(link) == read_link("geo:-8.38,123.02"), read_link(link[:52]).is_view
    (True, True)
    """
    if not isinstance(value, str) or _IS_LINK.match(value) is None:
        return None
    plain = unquote_plus(value.strip())
    if _WAY.search(plain) is not None:
        return None
    for pattern in _PIN:
        match = pattern.search(plain)
        if match is not None:
            return LinkPoint(_as_lonlat(_plain(match[1]), _plain(match[2]), lat_first=True))
    place = _PLACE.search(plain)
    pair = None if place is None else _split(place[1])
    return _read_view(plain) if pair is None else LinkPoint(pair)


def _read_view(link: str) -> LinkPoint | None:
    for pattern in _VIEW:
        match = pattern.search(link)
        if match is None:
            continue
        named = match.groupdict()
        lat, lon = (text for text in match.groups() if text not in named.values())
        pair = _as_lonlat(_plain(lat), _plain(lon), lat_first=True)
        return LinkPoint(pair, True, _is_near(named.get("size"), named.get("unit") or "z"))
    return None


def _is_near(size: str | None, unit: str) -> bool:
    """Whether a view is near: the zoom of a map, metres, or the camera of a street."""
    if unit in ("a", "cbll", "viewpoint"):
        return True
    if size is None:
        return False
    return float(size) <= NEAR_M if unit == "m" else float(size) >= NEAR_ZOOM


def _read_wkb(text: str) -> Pair | None:
    """A point in degrees; one whose SRID is of metres is no pair of degrees."""
    try:
        shape = shapely.from_wkb(text)
    except (shapely.errors.GEOSException, ValueError):
        return None
    if (
        not isinstance(shape, shapely.Point)
        or shape.is_empty
        or max(abs(shape.x), abs(shape.y)) > 180
    ):
        return None
    return _as_lonlat(Reading(shape.x), Reading(shape.y), lat_first=False)


def _read_geojson(text: str) -> Pair | None:
    try:
        x, y = json.loads(text)["coordinates"][:2]
        return _as_lonlat(Reading(float(x)), Reading(float(y)), lat_first=False)
    except (ValueError, KeyError, TypeError):
        return None


def _split(text: str) -> Pair | None:
    """The one way to cut the text into two coordinates; in doubt the one that is in Indonesia."""
    if _ZEROS.match(text):
        return Reading(0.0), Reading(0.0)
    triple = _TRIPLE.match(text)
    pairs = set(_cuts(text if triple is None else triple[1]))
    for accept in (_is_in_indonesia, _is_mirrored):
        inside = {pair for pair in pairs if accept(pair)}
        if inside:
            return next(iter(inside)) if len(inside) == 1 else None
    is_one_number = " " not in text and isinstance(read_cell(text), Reading)
    return next(iter(pairs)) if len(pairs) == 1 and not is_one_number else None


def _cuts(text: str) -> Iterator[Pair]:
    for match in _BREAK.finditer(text):
        first, second = read_cell(text[: match.start()]), read_cell(text[match.end() :])
        if isinstance(first, Reading) and isinstance(second, Reading):
            yield _as_lonlat(first, second, lat_first=True)


def _as_lonlat(first: Reading, second: Reading, *, lat_first: bool) -> Pair:
    if first.axis == "lon" or second.axis == "lat":
        return first, second
    if first.axis == "lat" or second.axis == "lon":
        return second, first
    orders = ((second, first), (first, second)) if lat_first else ((first, second), (second, first))
    for accept in (_is_in_indonesia, _is_mirrored):
        for order in orders:
            if accept(order):
                return order
    return orders[0]


def _is_in_indonesia(pair: Pair) -> bool:
    west, south, east, north = INDONESIA
    return west <= pair[0].degrees <= east and south <= pair[1].degrees <= north


def _is_mirrored(pair: Pair) -> bool:
    """Whether the pair is in Indonesia once its lost minus is put back."""
    return _is_in_indonesia((pair[0], Reading(-pair[1].degrees)))


def _plain(number: str) -> Reading:
    return Reading(float(number.replace("−", "-")))
