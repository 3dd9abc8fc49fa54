"""The legend of a choropleth: edges, counts, marks of what has no value, and the value scale."""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from layers.release.manifest_file import FieldEntry
from web_map.drawing.classes import Scheme
from web_map.words import Words

# Drawn in this order; each has a pattern of its own (see choropleth.PATTERNS).
_NEVER_NEGATIVE = ("%", "IDR", "jiwa", "m", "menit")
MARKS = ("no_data", "unreachable", "not_applicable", "before_split", "suppressed")


@dataclass(frozen=True, slots=True)
class LegendEntry:
    """One line of the legend: ``fill`` is a colour, or a pattern where ``mark`` is set."""

    fill: str
    label: str
    name: str | None
    count: int
    share: float
    mark: str | None = None


def make_legend(
    entry: FieldEntry,
    scheme: Scheme,
    classes: Sequence[int],
    statuses: Sequence[str],
    words: Words,
    parts: int = 0,
) -> tuple[LegendEntry, ...]:
    """The lines of a legend: every class, then each status that occurs; no-data always.

    Values that are counted from a part only have a line of their own: they are in a class, too.

    Parameters
    ----------
    classes, statuses
        Class (``-1`` for none) and status of each shown wilayah.
    parts
        How many values are counted from a part only.
    """
    counts = Counter(number for number in classes if number >= 0)
    most = max([*counts.values(), 1])
    lines = [
        LegendEntry(
            fill=colour,
            label=class_label(entry, scheme, number, words),
            name=scheme.labels[number] if scheme.labels and entry.unit != "state" else None,
            count=counts[number],
            share=counts[number] / most,
        )
        for number, colour in enumerate(scheme.colours)
    ]
    marks = Counter(status for status in statuses if status != "ok")
    for mark in MARKS:
        if marks[mark] or mark == "no_data":
            label = _null_meaning(entry, mark, words)
            share = min(1.0, marks[mark] / most)
            lines.append(LegendEntry(f"url(#p-{mark})", label, None, marks[mark], share, mark))
    if parts:
        share = min(1.0, parts / most)
        label = words.say("legend.part")
        lines.append(LegendEntry("url(#p-part)", label, None, parts, share, "part"))
    return tuple(lines)


def class_label(entry: FieldEntry, scheme: Scheme, number: int, words: Words) -> str:
    """The range of one class in words; whole numbers say which numbers they hold.

    Example
    -------
    >>> from layers.release.manifest_file import Text
    >>> entry = FieldEntry(name="x", type="integer", title=Text(id="", en=""), unit="layanan")
    >>> scheme = Scheme("fixed", (0.0, 1.0, 3.0), ("a", "b", "c", "d"))
    >>> [class_label(entry, scheme, number, Words("id")) for number in range(4)]
    ['0', '1', '2\N{EN DASH}3', '> 3']
    >>> share = FieldEntry(name="x", type="number", title=Text(id="", en=""), unit="%")
    >>> norm = Scheme("fixed", (60.0, 80.0), ("a", "b", "c"), closed="left")
    >>> [class_label(share, norm, number, Words("en")) for number in range(3)]
    ['< 60%', '60% \N{EN DASH} < 80%', '\u2265 80%']
    """
    if entry.unit == "state" and scheme.labels:
        return scheme.labels[number]
    if not scheme.breaks:
        return words.say("legend.all")
    ending = "" if scheme.closed == "right" else "_left"
    if number == len(scheme.breaks):
        return words.say(f"legend.over{ending}", edge=_edge(entry, scheme.breaks[-1], words))
    upper = scheme.breaks[number]
    if _is_count(entry) and scheme.closed == "right":
        lower = math.floor(scheme.breaks[number - 1]) + 1 if number else 0
        top = math.floor(upper)
        first, last = words.number(lower), words.number(top)
        return first if lower == top else f"{first}\N{EN DASH}{last}"
    if number == 0 and upper == 0 and entry.unit in _NEVER_NEGATIVE:
        return _edge(entry, upper, words)
    if number == 0:
        return words.say(f"legend.up_to{ending}", edge=_edge(entry, upper, words))
    below = _edge(entry, scheme.breaks[number - 1], words)
    high = _edge(entry, upper, words)
    number_part, _, unit = below.rpartition(" ")
    if unit and high.endswith(f" {unit}"):
        below = number_part
    return words.say(f"legend.between{ending}", low=below, high=high)


def _is_count(entry: FieldEntry) -> bool:
    return entry.type == "integer" and entry.unit not in ("IDR", "m", "jiwa")


def _edge(entry: FieldEntry, value: float, words: Words) -> str:
    if entry.unit in ("IDR", "%", "m"):
        return words.value(value, entry.unit, entry.decimals, short=True)
    return words.number(value, entry.decimals)


def _null_meaning(entry: FieldEntry, mark: str, words: Words) -> str:
    if mark == "no_data" and entry.null_meaning is not None:
        return words.text(entry.null_meaning)
    if mark == "suppressed" and entry.suppressed_meaning is not None:
        return words.text(entry.suppressed_meaning)
    return words.say(f"status.{mark}")
