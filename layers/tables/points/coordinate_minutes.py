"""Degrees and minutes in one number, as GPS receivers write them: ``12301.2`` for 123° 1.2'.

Such a number can be told from one that lost its decimal point only by its list: where most rows
make sense as minutes, none of them is moved by a guess; they are named and have no position.
"""

from collections.abc import Iterator, Sequence

from layers.tables.points.coordinate_text import CoordinateProblem, Reading

Bbox = tuple[float, float, float, float]
Cells = tuple[Reading | CoordinateProblem, Reading | CoordinateProblem]


def tell_minutes(pairs: Sequence[Cells], area: Bbox) -> dict[int, tuple[CoordinateProblem, str]]:
    """Rows beyond 180 or 90 degrees that lie in the area as degrees and minutes, and why.

    None where fewer than half of the rows beyond the range do.
    """
    beyond: list[int] = []
    named: dict[int, tuple[CoordinateProblem, str]] = {}
    for index, (lon, lat) in enumerate(pairs):
        if not isinstance(lon, Reading) or not isinstance(lat, Reading):
            continue
        if abs(lon.degrees) <= 180 and abs(lat.degrees) <= 90:
            continue
        beyond.append(index)
        if any(_is_inside(point, area) for point in _as_minutes(lon.degrees, lat.degrees)):
            message = (
                "numbers look like degrees and minutes without a sign between them (DDMM.mmmm, as "
                "GPS receivers write); write decimal degrees, or a mark, as 8°22.8'"
            )
            named[index] = (CoordinateProblem.MINUTES, message)
    return named if 2 * len(named) >= len(beyond) else {}


def _as_minutes(lon: float, lat: float) -> Iterator[tuple[float, float]]:
    """What two numbers say as DDMM.mmmm or DDMMSS, in either order, with or without its minus."""
    for unpack in (_unpack_minutes, _unpack_seconds):
        for first, second in ((lon, lat), (lat, lon)):
            x, y = unpack(first), unpack(second)
            if x is not None and y is not None:
                yield x, y
                yield x, -y


def _unpack_minutes(number: float) -> float | None:
    degrees, minutes = divmod(abs(number), 100)
    if minutes >= 60:
        return None
    return (-1 if number < 0 else 1) * (degrees + minutes / 60)


def _unpack_seconds(number: float) -> float | None:
    degrees, rest = divmod(abs(number), 10_000)
    minutes, seconds = divmod(rest, 100)
    if minutes >= 60 or seconds >= 60:
        return None
    return (-1 if number < 0 else 1) * (degrees + minutes / 60 + seconds / 3600)


def _is_inside(point: tuple[float, float], box: Bbox) -> bool:
    west, south, east, north = box
    return west <= point[0] <= east and south <= point[1] <= north
