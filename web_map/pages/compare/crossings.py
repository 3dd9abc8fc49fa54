"""Two fields, or two years of one, on the children of one wilayah: side by side and crossed.

Classes on the two maps are the published ones, so two years of one field share them.  The map of
both crosses thirds of a stated comparison set (see `web_map.drawing.classes`).
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal, cast, get_args
from urllib.parse import urlencode

import numpy as np

from geo_service.releases.release import Release
from layers.release.array_kinds import Floats
from web_map.drawing import classes, legend
from web_map.views import area_views, questions, readers, readings, shown_fields, standing

Mode = Literal["side", "swipe", "both"]
PARAMETERS = (
    *("layer", "tahun", "layer2", "tahun2"),
    *("mode", "compare", "desa", "view"),
)


@dataclass(frozen=True, slots=True)
class Comparison:
    """What a page of comparison was asked for: two questions about the same wilayah."""

    first: questions.Question
    second: questions.Question
    mode: Mode

    def query(self, **changes: str | None) -> str:
        """The query string with some parts changed; None takes a part out."""
        first, second = self.first, self.second
        parts = {
            "layer": f"{first.layer}.{first.field}",
            "tahun": str(first.tahun or ""),
            "layer2": f"{second.layer}.{second.field}",
            "tahun2": str(second.tahun or ""),
            "mode": "" if self.mode == "side" else self.mode,
            "compare": "" if first.compare == "kabupaten" else first.compare,
            "desa": first.selected or "",
            "view": first.display.view,
            "lang": "" if first.language == "id" else first.language,
        }
        parts |= {name: value or "" for name, value in changes.items()}
        return urlencode([(name, value) for name, value in parts.items() if value], safe=",")


def read_comparison(reader: readers.PlaceReader, query: Mapping[str, str]) -> Comparison:
    """The comparison of a request; what is left open is need against the money for it.

    Raises
    ------
    MalformedParameterError
        The message names the parameter and what was expected.
    """
    mode = cast(Mode, readers.read_choice("mode", query, get_args(Mode), "side"))
    shared = {name: query[name] for name in ("compare", "desa", "lang", "view") if name in query}
    left = {name: query[name] for name in ("layer", "tahun") if name in query}
    first = questions.read_question(reader, {**shared, **left})
    right = {"layer": query.get("layer2", ""), "tahun": query.get("tahun2", "")}
    if not right["layer"]:
        answer = _answer_to(reader.release, first)
        if not right["tahun"]:
            return Comparison(first, answer, mode)
        right["layer"] = f"{answer.layer}.{answer.field}"
    return Comparison(first, questions.read_question(reader, {**shared, **right}), mode)


def _answer_to(release: Release, first: questions.Question) -> questions.Question:
    """The money for a need; else the year before; else the same again."""
    entry = shown_fields.fields_by_name(release, first.layer)[first.field]
    money = shown_fields.fields_by_name(release, "spending")
    is_of_desa = release.layer(first.layer).level == "desa"
    if first.layer != "spending":
        theme = readings.SPENDING_OF_THEME.get(entry.group or "", "")
        for field in (theme, "anggaran_per_jiwa_idr", "realisasi_idr"):
            if is_of_desa and field in money:
                return replace(first, layer="spending", field=field, tahun=None)
    earlier = [year for year in entry.years if year < (first.tahun or max(entry.years))]
    return replace(first, tahun=max(earlier)) if earlier else first


@dataclass(frozen=True, slots=True)
class Pair:
    """One child with both values; ``first`` and ``second`` are thirds, -1 without a value.

    ``fill`` and ``code`` are those of the map of both; ``difference`` only for one field.
    """

    row: area_views.Row
    other: area_views.Row
    first: int
    second: int
    difference: float | None

    @property
    def is_known(self) -> bool:
        """Whether both values are there."""
        return self.first >= 0 and self.second >= 0

    @property
    def code(self) -> str:
        """Code in the map of both; empty where a value is missing."""
        return classes.code_of(self.first, self.second) if self.is_known else ""

    @property
    def fill(self) -> str:
        """Colour in the map of both, else the mark of what is missing."""
        if self.is_known:
            return classes.colour_of(self.first, self.second)
        return self.row.fill if self.row.value is None else self.other.fill


@dataclass(frozen=True, slots=True)
class CrossedClass:
    """One of the nine classes: colour, code, and how many children are in it."""

    fill: str
    code: str
    count: int


@dataclass(frozen=True, slots=True)
class Crossing:
    """Both views crossed: pairs in the order of need, and the classes they are in.

    ``rows`` are from much of the second value to little: (range in words, cells from little of the
    first to much).  ``heads`` are the ranges of the first.  ``pairs_total`` have both values.
    """

    pairs: tuple[Pair, ...]
    heads: tuple[str, ...]
    rows: tuple[tuple[str, tuple[CrossedClass, ...]], ...]
    pairs_total: int
    compared: tuple[int, int]
    same_field: bool


def make_views(
    reader: readers.PlaceReader, comparison: Comparison
) -> tuple[area_views.View, area_views.View]:
    """The views of both questions."""
    first, second = comparison.first, comparison.second
    return (
        area_views.make_view(reader, first, readings.read_readings(reader, first)),
        area_views.make_view(reader, second, readings.read_readings(reader, second)),
    )


def cross(first: area_views.View, second: area_views.View) -> Crossing:
    """Both views crossed, child by child; a child of only one of them is left out."""
    sets = [_comparison_set(view) for view in (first, second)]
    thirds = (
        classes.make_thirds(sets[0], is_low_worse=first.entry.worse == "low"),
        classes.make_thirds(sets[1]),
    )
    same = (first.layer.id, first.entry.name) == (second.layer.id, second.entry.name)
    others = {row.kode: row for row in second.rows}
    pairs = tuple(
        _pair(row, others[row.kode], thirds, same=same) for row in first.rows if row.kode in others
    )
    counts = Counter((pair.first, pair.second) for pair in pairs)
    rows = tuple(
        (
            _range(second, thirds[1], up),
            tuple(
                CrossedClass(
                    classes.COLOURS[up][across], classes.code_of(across, up), counts[across, up]
                )
                for across in range(classes.THIRDS)
            ),
        )
        for up in reversed(range(classes.THIRDS))
    )
    return Crossing(
        pairs=pairs,
        heads=tuple(_range(first, thirds[0], across) for across in range(classes.THIRDS)),
        rows=rows,
        pairs_total=sum(pair.is_known for pair in pairs),
        compared=(_count(sets[0]), _count(sets[1])),
        same_field=same,
    )


def _comparison_set(view: area_views.View) -> Floats:
    values = readings.read_compared(view.reader.release, view.question)
    return standing.bounds_of(values, view.entry).for_classes


def _count(values: Floats) -> int:
    return int((~np.isnan(values)).sum())


def _pair(
    row: area_views.Row,
    other: area_views.Row,
    thirds: tuple[classes.Thirds, classes.Thirds],
    *,
    same: bool,
) -> Pair:
    places = [
        int(third.place(np.array([np.nan if side.value is None else side.value]))[0])
        for third, side in zip(thirds, (row, other), strict=True)
    ]
    difference = None
    if same and row.value is not None and other.value is not None:
        difference = round(other.value - row.value, standing.MOST_DECIMALS)
    return Pair(row, other, places[0], places[1], difference)


def _range(view: area_views.View, thirds: classes.Thirds, third: int) -> str:
    """The values of a third in words; a dash where ties leave it empty."""
    klas = thirds.class_of(third)
    if klas is None:
        return "\N{EN DASH}"
    return legend.class_label(view.entry, thirds.scheme, klas, view.words)


def difference_text(pair: Pair, view: area_views.View) -> str:
    """The change from the first to the second, with its sign; of shares, in percentage points."""
    if pair.difference is None:
        return "\N{EN DASH}"
    words = view.words
    # From 20 % to 15 % is five points less, and a quarter less: "-5%" would say neither.
    if view.entry.unit == "%":
        text = words.number(pair.difference, view.entry.decimals)
    else:
        text = words.value(pair.difference, view.entry.unit, view.entry.decimals, short=True)
    return f"+{text}" if pair.difference > 0 else text


def titled(view: area_views.View) -> str:
    """Title of a side, with its year where it has one."""
    return f"{view.title}{f' {view.tahun}' if view.tahun else ''}"
