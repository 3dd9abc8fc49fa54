"""Positions in metres of a map projection: read by a declared CRS, or a CRS proposed for them.

Without a declaration nothing is placed: which zone a number is of only its owner knows; what the
area proves is proposed.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt
from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError, ProjError

from boundaries.geometry_arrays import Floats
from layers.errors import InputError
from layers.tables.files.cell_texts import cell_text
from layers.tables.numbers import expectations, numbers
from layers.tables.points.coordinate_text import Reading

Bbox = tuple[float, float, float, float]
INDONESIA: Bbox = (94.0, -12.0, 142.0, 7.5)
"""Land and sea of Indonesia with a margin; anything outside is no place of an Indonesian facility.
West, south, east, north in degrees."""
MARGIN_DEG = 0.5
"""So far outside the area a place may lie for a CRS still to be proposed by it."""
_POINTS = re.compile(r"^\d{1,3}(?:\.\d{3}){2,}(?!\d)")
_COMMAS = re.compile(r"^\d{1,3}(?:,\d{3}){2,}(?!\d)")
LEAST_M = 10_000.0
"""A pair below is no position in metres: the false easting and northing keep numbers large."""


@dataclass(frozen=True, slots=True)
class ProposedCrs:
    """A CRS under which the numbers lie in the area, and which rows do.

    ``is_swapped``: with eastings and northings in each other's column.
    """

    code: str
    name: str
    rows: npt.NDArray[np.bool_]
    is_swapped: bool = False


def read_crs(text: str, label: str) -> CRS:
    """The declared CRS.

    Raises
    ------
    InputError
        There is no such CRS, or it is neither of degrees nor of a projection.
    """
    try:
        crs = CRS.from_user_input(text)
    except CRSError as error:
        raise InputError(
            f'{label}: crs = "{text}" is no CRS. Write one as "EPSG:32751".'
        ) from error
    if not (crs.is_projected or crs.is_geographic):
        raise InputError(f'{label}: crs = "{text}" is no CRS of degrees or of a projection.')
    return crs


_ZONE = re.compile(
    r"(?<![\d.,])(4[6-9]|5[0-4])\s?-?(?:(S|K|L|M|south|selatan)|N|U|north|utara)(?![a-z])",
    re.IGNORECASE,
)
"""Zones of Indonesia with their hemisphere, or the band of UTM that lies in one."""
_UTM_WORDS = re.compile(
    r"\bwgs\s?-?\s?(?:19)?84\b|(?<![a-z])(?:utm|zon[ae]|m?[entsuxy]|m|easting|northing|timur|utara|selatan)"
    r"\b\s*[:=.]?",
    re.IGNORECASE,
)
_METRE_PAIR = re.compile(
    r"\s*(\d[\d.,]*\d)\s*(?:[;|/,]\s|[;|/]|\s|,(?=\d{6}))\s*(\d[\d.,]*\d)[\s.,;]*"
)
EASTINGS = (100_000.0, 900_000.0)
"""Within a zone of UTM, and a little beyond."""


@dataclass(frozen=True, slots=True)
class UtmPoint:
    """A position whose cell says its zone: metres, degrees by WGS 84, and zone (``51S``)."""

    x: float
    y: float
    lon: float
    lat: float
    zone: str


def read_utm(value: object) -> UtmPoint | None:
    """The position of a text with zone, hemisphere, easting and northing; None of any other.

    The letter behind the zone is a band (L and M are south of the equator) or the hemisphere.

    >>> read_utm("51L 501100 9072284") == read_utm("501100 mE 9072284 mS zona 51S")
    True
    >>> read_utm("501100 9072284") is None
    True
    """
    zones = _ZONE.findall(value) if isinstance(value, str) else []
    if len(zones) != 1:
        return None
    rest = _UTM_WORDS.sub(" ", _ZONE.sub(" ", str(value))).strip(" ,;.|/()")
    match = _METRE_PAIR.fullmatch(rest)
    if match is None:
        return None
    cells = [match[1], match[2]]
    metres = read_metres(cells, find_decimal(cells))
    zone, south = zones[0]
    code = f"EPSG:{(32700 if south else 32600) + int(zone)}"
    for x, y in (metres.tolist(), metres[::-1].tolist()):
        if EASTINGS[0] <= x <= EASTINGS[1] and np.isfinite(y):
            lon, lat = to_lonlat(np.array([x]), np.array([y]), code)[0].tolist()
            if is_inside(np.array([[lon, lat]]), INDONESIA)[0]:
                return UtmPoint(x, y, lon, lat, f"{zone}{'S' if south else 'N'}")
    return None


MOST_ZONES = 3
"""So many CRS are looked for in one list: a kabupaten lies in two zones at most."""


def read_metres(cells: Sequence[object], decimal: expectations.Decimal | None) -> Floats:
    """Metres of one column, NaN where a cell holds none; letters behind a number are left out."""
    texts = [
        cell.degrees
        if isinstance(cell, Reading)
        else cell_text(cell).rstrip("mMETNUSLBW .")
        if isinstance(cell, str)
        else cell
        for cell in cells
    ]
    return numbers.read_numbers(texts, expectations.Expectation(decimal)).values


def find_decimal(*columns: Sequence[object]) -> expectations.Decimal | None:
    """The decimal mark that numbers of millions prove (``9.073.692``); None where none does.

    Both columns of a pair are written by the same hand, and an easting alone (``502.202``) proves
    nothing.
    """
    texts = [cell for cells in columns for cell in cells if isinstance(cell, str)]
    has_points = any(_POINTS.match(text.strip()) for text in texts)
    has_commas = any(_COMMAS.match(text.strip()) for text in texts)
    if has_points == has_commas:
        return None
    return "," if has_points else "."


def to_lonlat(x: Floats, y: Floats, crs: CRS | str) -> Floats:
    """Degrees of positions in another CRS, shape (n, 2); NaN where there are none."""
    is_finite = np.isfinite(x) & np.isfinite(y)
    lonlat = np.full((len(x), 2), np.nan)
    if is_finite.any():
        try:
            lonlat[is_finite] = np.column_stack(
                _transformer(crs).transform(x[is_finite], y[is_finite])
            )
        except ProjError:
            return lonlat
    lonlat[~np.isfinite(lonlat).all(axis=1)] = np.nan
    return lonlat


def propose_crs(x: Floats, y: Floats, area: Bbox) -> list[ProposedCrs]:
    """The CRS under which most rows lie in the area; several where they are as good, or none."""
    large = np.fmax(np.abs(x), np.abs(y)) >= LEAST_M
    proposals = [
        ProposedCrs(code, name, large & is_inside(to_lonlat(*pair, code), widened(area)), swapped)
        for code, name in _projections(area)
        for swapped, pair in ((False, (x, y)), (True, (y, x)))
    ]
    counts = [int(proposal.rows.sum()) for proposal in proposals]
    most = max(counts)
    if most == 0 or 2 * most < int(large.sum()):
        return []
    return [proposal for proposal, count in zip(proposals, counts, strict=True) if count == most]


def propose_zones(x: Floats, y: Floats, area: Bbox) -> list[list[ProposedCrs]]:
    """The proposals for most rows, then those for most of the rest: a list may mix zones."""
    left, rounds = np.ones(len(x), bool), list[list[ProposedCrs]]()
    while len(rounds) < MOST_ZONES:
        proposals = propose_crs(np.where(left, x, np.nan), np.where(left, y, np.nan), area)
        if not proposals:
            break
        rounds.append(proposals)
        left &= ~np.logical_or.reduce([proposal.rows for proposal in proposals])
    return rounds


def is_inside(lonlat: Floats, box: Bbox) -> npt.NDArray[np.bool_]:
    """Which positions lie in the box; false where there is none."""
    west, south, east, north = box
    with np.errstate(invalid="ignore"):
        inside = (lonlat >= [west, south]) & (lonlat <= [east, north])
    return np.asarray(inside.all(axis=1), dtype=np.bool_)


def widened(area: Bbox) -> Bbox:
    """The area with `MARGIN_DEG` about it: so far a place may lie and still prove a CRS."""
    west, south, east, north = area
    return west - MARGIN_DEG, south - MARGIN_DEG, east + MARGIN_DEG, north + MARGIN_DEG


def _projections(area: Bbox) -> Iterator[tuple[str, str]]:
    """UTM, TM-3 (the national cadastre) and Web Mercator, of the zones of the area."""
    west, south, east, north = area
    # Near the edge of a zone receivers may be set to the other one.
    first, last = int((west + 179) // 6) + 1, int((east + 181) // 6) + 1
    for zone in range(first, last + 1):
        if south < 1:
            yield f"EPSG:{32700 + zone}", f"UTM zone {zone}S"
        if north > -1:
            yield f"EPSG:{32600 + zone}", f"UTM zone {zone}N"
    # EPSG:23830 is zone 46.2 about 94.5 degrees east, and so on every three degrees.
    for step in range(int((west - 93) // 3), int((east - 93) // 3) + 1):
        if 0 <= step <= 15:
            yield f"EPSG:{23830 + step}", f"TM-3 zone {46 + (step + 1) // 2}.{2 - step % 2}"
    yield "EPSG:3857", "Web Mercator"


@lru_cache(maxsize=64)
def _transformer(crs: CRS | str) -> Transformer:
    return Transformer.from_crs(crs, "EPSG:4326", always_xy=True)
