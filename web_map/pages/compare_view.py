"""What the page of a comparison shows: two maps, the map of both, a scatter and one table."""

from dataclasses import dataclass
from typing import Any

from geo_service.releases.release import Release
from web_map.drawing.choropleth import Shape, draw_choropleth, shapes_by_kode
from web_map.drawing.plot import Axis, Dot, draw_scatter, round_ticks
from web_map.pages.area import layer_choices
from web_map.pages.compare import Comparison, Crossing, Pair, cross, difference_text, make_views
from web_map.views.relation import relate
from web_map.views.view import Row, View
from web_map.words import Words


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two views with its drawing, and how it is named in the address."""

    view: View
    picture: str | None
    themes: Any
    layer_name: str
    year_name: str


@dataclass(frozen=True, slots=True)
class Line:
    """One row of the table: cells in words, and numbers to sort by."""

    pair: Pair
    change: str


def compare_values(
    release: Release, comparison: Comparison, level: str, base: str
) -> dict[str, Any]:
    """What ``compare.html`` shows."""
    first, second = make_views(release, comparison, level)
    crossing = cross(release, first, second)
    sides = (
        Side(
            first,
            _draw(first, comparison, base, "svgmap"),
            layer_choices(release, first),
            "layer",
            "tahun",
        ),
        Side(
            second,
            _draw(second, comparison, base, "svgmap2"),
            layer_choices(release, second),
            "layer2",
            "tahun2",
        ),
    )
    words = first.words
    return {
        "comparison": comparison,
        "level": level,
        "wilayah": first.wilayah,
        "parents": first.parents,
        "sides": sides,
        "crossing": crossing,
        "lines": [Line(pair, difference_text(pair, first, words)) for pair in crossing.pairs],
        "selected": next(
            (pair for pair in crossing.pairs if pair.one.kode == comparison.first.selected), None
        ),
        "both": _draw_both(first, comparison, crossing, base),
        "scatter": _draw_scatter(first, second, comparison, crossing, base),
        "relation": relate(release, first, second),
        "bbox": first.outline.bbox_lonlat if first.outline else None,
        "release": release.id,
    }


def page_path(comparison: Comparison, level: str, base: str) -> str:
    """Path of the page, without a query."""
    return f"{base}/{level}/{comparison.first.kode}/banding"


def _link(comparison: Comparison, level: str, base: str, kode: str) -> str:
    return f"{page_path(comparison, level, base)}?{comparison.query(desa=kode)}"


def titled(view: View) -> str:
    """Title of a side, with its year where it has one."""
    return f"{view.title}{f' {view.tahun}' if view.tahun else ''}"


def _draw(view: View, comparison: Comparison, base: str, element_id: str) -> str | None:
    def shape(row: Row) -> Shape:
        href = _link(comparison, view.wilayah.level, base, row.kode)
        is_on = row.kode == comparison.first.selected
        return Shape(
            row.kode, row.nama, row.fill, f"{row.nama}: {row.tip}", href, is_on, bool(row.coverage)
        )

    if view.outline is None:
        return None
    label = view.words.say("map.label", title=titled(view), nama=view.wilayah.nama)
    shapes = shapes_by_kode([shape(row) for row in view.rows])
    return draw_choropleth(view.outline, shapes, label=label, element_id=element_id)


def _draw_both(view: View, comparison: Comparison, crossing: Crossing, base: str) -> str | None:
    if view.outline is None:
        return None
    shapes = [
        Shape(
            pair.one.kode,
            pair.one.nama,
            pair.fill,
            pair_text(pair),
            _link(comparison, view.wilayah.level, base, pair.one.kode),
            pair.one.kode == comparison.first.selected,
        )
        for pair in crossing.pairs
    ]
    return draw_choropleth(
        view.outline,
        shapes_by_kode(shapes),
        label=view.words.say("compare.both"),
        element_id="svgboth",
        texts={pair.one.kode: pair.code for pair in crossing.pairs},
    )


def pair_text(pair: Pair) -> str:
    """Name, both values and the code, as a pointer and a screen reader are told."""
    parts = [pair.one.text, pair.other.text, *([pair.code] if pair.code else [])]
    return f"{pair.one.nama}: {' · '.join(parts)}"


def _draw_scatter(
    first: View, second: View, comparison: Comparison, crossing: Crossing, base: str
) -> str:
    dots = [
        Dot(
            pair.one.kode,
            pair.one.value,
            pair.other.value,
            pair.fill,
            pair_text(pair),
            _link(comparison, first.wilayah.level, base, pair.one.kode),
            pair.one.kode == comparison.first.selected,
        )
        for pair in crossing.pairs
        if pair.one.value is not None and pair.other.value is not None
    ]
    label = first.words.say("compare.scatter_label", one=titled(first), other=titled(second))
    across, up = _axis(first, [dot.x for dot in dots]), _axis(second, [dot.y for dot in dots])
    return draw_scatter(dots, across, up, label)


def _axis(view: View, values: list[float]) -> Axis:
    median = view.kabupaten_median or view.median
    middle = None if median is None else median.value
    if not values:
        return Axis(titled(view), middle, ())
    step, unit = view.words.column_step(values, view.entry.unit)
    title = f"{titled(view)} ({unit})" if unit else titled(view)
    ticks = round_ticks(min(values) / step, max(values) / step)
    return Axis(title, middle, tuple((tick * step, _tick(view, tick, step)) for tick in ticks))


def _tick(view: View, tick: float, step: float) -> str:
    words: Words = view.words
    if step == 1 and view.entry.unit in ("%", "m"):
        return words.value(tick, view.entry.unit, 0 if tick == int(tick) else 1)
    digits = 0 if tick == int(tick) else len(f"{tick:.6f}".rstrip("0").split(".")[1])
    return words.number(tick, digits)
