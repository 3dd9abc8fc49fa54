"""The facilities that a map shows: those of one kind in and around a wilayah, and their norm."""

import math
from dataclasses import dataclass

from geo_service.releases.memo import once_per_release
from geo_service.releases.release import Release
from layers.release.manifest import Bbox, FieldEntry
from web_map.views.display import NO_FACILITIES, Display
from web_map.words import Words

LAYER = "facilities"
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
def facility_kinds(release: Release, words: Words) -> tuple[tuple[str, str], ...]:
    """Kinds in the release with their titles, in the order of the titles."""
    if LAYER not in release.layers:
        return ()
    kinds = release.features(LAYER).property_column("kind").values
    return tuple(
        sorted(((kind, kind_title(kind, words)) for kind in kinds), key=lambda one: one[1])
    )


def kind_title(kind: str, words: Words) -> str:
    """What a kind of facility is called; its own name where we have none."""
    key = f"service.{kind}"
    return words.say(key) if words.knows(key) else kind.replace("_", " ")


def find_facilities(
    release: Release, display: Display, entry: FieldEntry, box: Bbox, words: Words
) -> Facilities | None:
    """The facilities to be drawn; None where none are asked for or there are none of the kind.

    Parameters
    ----------
    entry
        The field that is shown: a gap or distance names the kind that belongs to it.
    box
        West, south, east, north of the wilayah.  Facilities outside are taken as far as their
        ring reaches into it.
    """
    kinds = dict(facility_kinds(release, words))
    kind = display.facilities or entry.group or ""
    if kind == NO_FACILITIES or kind not in kinds:
        return None
    norm = norm_of(release, kind)
    features = release.features(LAYER)
    rows = features.select(bbox=_wider(box, norm or 0.0), equals={"kind": kind})
    names = features.property_column("nama")
    points = []
    for row in rows[:MOST_POINTS] if len(rows) <= MOST_POINTS else ():
        place = features.bbox(int(row))
        if place is not None:
            name = str(names.value(int(row)) or kinds[kind])
            points.append((round(place[0], 5), round(place[1], 5), name))
    return Facilities(kind, kinds[kind], norm, tuple(sorted(points)), len(rows))


def norm_of(release: Release, kind: str) -> float | None:
    """Metres within which a facility of a kind counts as reached; None where no norm is known."""
    if "gaps" not in release.layers:
        return None
    for entry in release.layer("gaps").fields:
        if entry.group == kind and entry.norm is not None and entry.unit == "m":
            return entry.norm
    return None


def _wider(box: Bbox, metres: float) -> Bbox:
    west, south, east, north = box
    down = metres / _METRES_A_DEGREE
    across = down / max(math.cos(math.radians((south + north) / 2)), 0.01)
    return west - across, south - down, east + across, north + down
