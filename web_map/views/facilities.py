"""The facilities that a map shows: those of one kind in and around a wilayah, and their norm."""

import math
from dataclasses import dataclass

from geo_service.releases.release import Release, once_per_release
from layers.release.manifest_file import Bbox
from web_map.views import readers, shown_fields
from web_map.words import Words

MOST_POINTS = 600
_METRES_A_DEGREE = 110_574.0


@dataclass(frozen=True, slots=True)
class Facilities:
    """Facilities of one kind, and the distance within which they count as reached.

    ``points`` are (lon, lat, name), from west to east; ``total`` of them are there, and none is
    given where they are more than `MOST_POINTS`.
    """

    kind: str
    title: str
    norm_m: float | None
    points: tuple[tuple[float, float, str], ...]
    total: int


@once_per_release
def titled_kinds(release: Release, words: Words) -> tuple[tuple[str, str], ...]:
    """Kinds in the release with their titles, in the order of the titles."""
    titled = [(kind, kind_title(kind, words)) for kind in shown_fields.facility_kinds(release)]
    return tuple(sorted(titled, key=lambda pair: pair[1]))


def kind_title(kind: str, words: Words) -> str:
    """What a kind of facility is called; its own name where we have none."""
    key = f"service.{kind}"
    return words.say(key) if words.knows(key) else kind.replace("_", " ")


def find_facilities(reader: readers.Reader, kind: str, box: Bbox) -> Facilities:
    """The facilities of a kind that the release has, as they are drawn.

    Parameters
    ----------
    box
        West, south, east, north of the wilayah.  Facilities outside are taken as far as their
        ring reaches into it.
    """
    title, norm = kind_title(kind, reader.words), shown_fields.norm_of(reader.release, kind)
    features = reader.release.features(shown_fields.FACILITIES)
    rows = features.select(bbox=_wider(box, norm or 0.0), equals={"kind": kind})
    names = features.property_column("nama")
    points = []
    for row in rows[:MOST_POINTS] if len(rows) <= MOST_POINTS else ():
        place = features.bbox(int(row))
        if place is not None:
            name = str(names.value(int(row)) or title)
            points.append((round(place[0], 5), round(place[1], 5), name))
    return Facilities(kind, title, norm, tuple(sorted(points)), len(rows))


def _wider(box: Bbox, metres: float) -> Bbox:
    west, south, east, north = box
    down = metres / _METRES_A_DEGREE
    across = down / max(math.cos(math.radians((south + north) / 2)), 0.01)
    return west - across, south - down, east + across, north + down
