"""How a map is shown, apart from what it shows: where it looks, what is drawn over it.

Part of the state in the URL; every default is left out of it.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal, cast

from geo_service.errors import MalformedParameterError

DISPLAY_PARAMETERS = ("view", "opacity", "labels", "facilities", "rings")
LEAST_OPACITY = 20
NO_FACILITIES = "none"
RADIUS: Final = "1"
TRAVEL_TIME: Final = "waktu"
Rings = Literal["", "1", "waktu"]
_VIEW = re.compile(r"(-?\d{1,3}(?:\.\d{1,7})?),(-?\d{1,2}(?:\.\d{1,7})?),(\d{1,2}(?:\.\d{1,2})?)")
_KIND = re.compile(r"[a-z0-9_]{1,40}")


@dataclass(frozen=True, slots=True)
class Display:
    """How a map is shown.

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
        """Names and values for a query."""
        found = [("view", self.view), ("facilities", self.facilities)]
        found.append(("opacity", "" if self.opacity == 100 else str(self.opacity)))
        found.append(("labels", "" if self.labels else "0"))
        found.append(("rings", self.rings))
        return [(name, value) for name, value in found if value]


def read_display(query: Mapping[str, str]) -> Display:
    """The display that a request asks for.

    Raises
    ------
    MalformedParameterError
        The message names the parameter and what was expected.
    """
    return Display(
        view=_read_view(query.get("view", "")),
        opacity=_read_opacity(query.get("opacity", "")),
        labels=query.get("labels", "") != "0",
        facilities=_read_kind(query.get("facilities", "")),
        rings=_read_rings(query.get("rings", "")),
    )


def _read_view(text: str) -> str:
    found = _VIEW.fullmatch(text)
    if not text:
        return ""
    if not found or not (
        abs(float(found[1])) <= 180 and abs(float(found[2])) <= 85 and float(found[3]) <= 22
    ):
        raise MalformedParameterError(f"view: expected lon,lat,zoom, got {text!r}.")
    return text


def _read_opacity(text: str) -> int:
    if not text:
        return 100
    if not text.isdigit() or not LEAST_OPACITY <= int(text) <= 100:
        raise MalformedParameterError(
            f"opacity: expected per cent from {LEAST_OPACITY} to 100, got {text!r}."
        )
    return int(text)


def _read_rings(text: str) -> Rings:
    """What is drawn about facilities; ``0`` is what a form without a tick sent once."""
    if text not in ("", "0", RADIUS, TRAVEL_TIME):
        raise MalformedParameterError(f"rings: expected 1 or {TRAVEL_TIME}, got {text!r}.")
    return "" if text == "0" else cast(Rings, text)


def _read_kind(text: str) -> str:
    if text and not _KIND.fullmatch(text):
        raise MalformedParameterError(f"facilities: expected a kind or none, got {text!r}.")
    return text
