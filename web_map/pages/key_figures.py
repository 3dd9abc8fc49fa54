"""The key figures above a map: how many children, worst, middle, people, what is missing."""

from collections import Counter
from dataclasses import dataclass

from web_map.views.values import known_values
from web_map.views.view import Middle, View, median_part, median_text
from web_map.words import is_state


@dataclass(frozen=True, slots=True)
class Figure:
    """One key figure: what it is, its value, and what to know about it."""

    label: str
    value: str
    note: str = ""


def key_figures(view: View) -> tuple[Figure, ...]:
    """How many children, which is worst, the middle value, people, and how many have no value."""
    words, rows = view.words, view.rows
    figures = [
        Figure(
            words.say("figure.children") + " " + words.say(f"level.{view.child_level}"),
            words.number(len(rows)),
            _kinds(view),
        )
    ]
    worst = _worst(view)
    if worst is not None:
        figures.append(worst)
    if view.median is not None:
        figures.append(_median(view, view.median))
    elif view.hidden and not is_state(view.entry):
        figures.append(_not_computed(view, "figure.median"))
    people = _people(view)
    if people is not None:
        figures.append(people)
    missing = Counter(row.status for row in rows if row.value is None)
    # A hidden value is known: it is said beside, and is not counted as missing.
    total = sum(missing.values()) - view.hidden
    kinds = ", ".join(
        f"{count} {words.say(f'status.{status}')}" for status, count in missing.items()
    )
    figures.append(
        Figure(
            words.say("figure.missing"),
            words.number(total),
            kinds or words.say("figure.missing_none"),
        )
    )
    return tuple(figures)


def _worst(view: View) -> Figure | None:
    """Who is worst (or highest), where there is an order; that all are equal, where there is none.

    Of a single value nobody can say that it is the worst.
    """
    words = view.words
    first = [row for row in view.rows if row.value is not None and row.rank == 1]
    key = "figure.worst" if view.entry.worse else "figure.highest"
    if view.hidden and not first:
        return _not_computed(view, key)
    if view.total < 2:
        return None
    label = words.say(key)
    if len(first) == view.total:
        return Figure(label, words.say("figure.all_same"), first[0].text)
    note = first[0].text
    if len(first) > 1:
        note += " " + words.say("figure.tied", n=len(first) - 1)
    return Figure(label, first[0].nama, note)


def _not_computed(view: View, key: str) -> Figure:
    """A figure that hidden values decide, and that is therefore not given."""
    words = view.words
    note = words.say("figure.hidden", n=words.number(view.hidden))
    return Figure(words.say(key), "\N{EN DASH}", note)


def _median(view: View, median: Middle) -> Figure:
    """The middle value, of how many where not of all, and that of the kabupaten beside it."""
    words = view.words
    value = words.median(median.value, view.entry.unit, view.entry.decimals)
    notes = [median_part(median, view)]
    if view.kabupaten_median is not None:
        above = median_text(view.kabupaten_median, view)
        notes.append(words.say("figure.median_kabupaten", value=above))
    return Figure(words.say("figure.median"), value, "; ".join(filter(None, notes)))


def _kinds(view: View) -> str:
    """How many of the desa are called what, where they are not all called the same."""
    if view.child_level != "desa":
        return ""
    counts = Counter(row.jenis for row in view.rows if row.jenis)
    kinds = view.wilayah.sebutan_desa or dict(counts.most_common())
    if len(kinds) < 2:
        return ""
    return ", ".join(f"{view.words.number(count)} {term}" for term, count in kinds.items())


def _people(view: View) -> Figure | None:
    """People of the wilayah: a sum, which says of how many desa it is."""
    values = [] if view.people is None else known_values(view.people.values)
    if view.people is None or not values:
        return None
    words = view.words
    note = words.say("figure.registered")
    total = len(view.people.values)
    if len(values) < total:
        note += ", " + words.say("figure.people_part", n=len(values), total=total)
    return Figure(words.say("figure.people"), words.value(sum(values), "jiwa", 0), note)
