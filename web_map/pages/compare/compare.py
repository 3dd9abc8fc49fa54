"""The page of a comparison: two maps, the map of both, a scatter and one table; and its files."""

from dataclasses import dataclass

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response
from markupsafe import Markup

from geo_service.ogc.params import View as RequestView
from web_map.drawing import choropleth, plot
from web_map.pages.area import area_parts
from web_map.pages.base import answers
from web_map.pages.compare import compare_table, crossings
from web_map.views import area_views, readers, relation

router = APIRouter(tags=["pages"])


@router.get("/{level:area}/{kode}/banding")
def compare(request: Request, view: RequestView, level: readers.Level, kode: str) -> HTMLResponse:
    """Two maps of a kecamatan, kabupaten or provinsi side by side, by swiping, or crossed."""
    query = request.query_params
    reader = readers.open_reader(view, query, crossings.PARAMETERS).about(level, kode)
    comparison = crossings.read_comparison(reader, query)
    return answers.answer_page(reader, "compare/compare.html", compare_values(reader, comparison))


@router.get("/{level:area}/{kode}/banding.{ending:table}")
def compare_file(
    request: Request, view: RequestView, level: readers.Level, kode: str, ending: answers.Ending
) -> Response:
    """Two maps of a kecamatan, kabupaten or provinsi as a table."""
    query = request.query_params
    reader = readers.open_reader(view, query, crossings.PARAMETERS).about(level, kode)
    comparison = crossings.read_comparison(reader, query)
    first, second = crossings.make_views(reader, comparison)
    address = f"{view.root}/{level}/{kode}/banding?{comparison.query()}"
    body = compare_table.write_comparison(
        (first, second), comparison, crossings.cross(first, second), address, ending
    )
    about = f"{view.root}/{level}/{kode}/banding.csv-metadata.json?{comparison.query()}"
    return answers.download(body, _file_name(first, second), ending, about)


@router.get("/{level:area}/{kode}/banding.csv-metadata.json")
def compare_described(
    request: Request, view: RequestView, level: readers.Level, kode: str
) -> Response:
    """The CSV of two maps of a kecamatan, kabupaten or provinsi, described (CSV on the Web)."""
    query = request.query_params
    reader = readers.open_reader(view, query, crossings.PARAMETERS).about(level, kode)
    first, second = crossings.make_views(reader, crossings.read_comparison(reader, query))
    name = f"{_file_name(first, second)}.csv"
    return answers.described(
        compare_table.describe_comparison((first, second), crossings.cross(first, second), name)
    )


def _file_name(first: area_views.View, second: area_views.View) -> str:
    return f"banding-{first.wilayah.kode}-{first.entry.name}-{second.entry.name}"


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two views with its drawing, and how it is named in the address."""

    view: area_views.View
    picture: Markup | None
    themes: tuple[tuple[str, tuple[area_parts.Choice, ...]], ...]
    layer_name: str
    year_name: str
    median: str


@dataclass(frozen=True, slots=True)
class ComparedRow:
    """One row of the table: cells in words, and numbers to sort by."""

    pair: crossings.Pair
    change: str


def compare_values(
    reader: readers.PlaceReader, comparison: crossings.Comparison
) -> dict[str, object]:
    """What ``compare.html`` shows."""
    first, second = crossings.make_views(reader, comparison)
    crossing = crossings.cross(first, second)
    selected = comparison.first.selected
    return {
        "comparison": comparison,
        "level": reader.place.level,
        "wilayah": reader.place,
        "parents": reader.parents,
        "sides": (_side(first, comparison, ""), _side(second, comparison, "2")),
        "crossing": crossing,
        "lines": [
            ComparedRow(pair, crossings.difference_text(pair, first)) for pair in crossing.pairs
        ],
        "selected": next((pair for pair in crossing.pairs if pair.row.kode == selected), None),
        "both": _draw_both(first, comparison, crossing),
        "scatter": _draw_scatter(first, second, comparison, crossing),
        "relation": relation.relate(first, second),
        "bbox": first.outline.bbox_lonlat if first.outline else None,
        "release": reader.release.id,
    }


def _side(view: area_views.View, comparison: crossings.Comparison, number: str) -> Side:
    return Side(
        view=view,
        picture=_draw(view, comparison, f"svgmap{number}"),
        themes=area_parts.layer_choices(view),
        layer_name=f"layer{number}",
        year_name=f"tahun{number}",
        median=view.median_words.whole if view.median_words else "",
    )


def _link(view: area_views.View, comparison: crossings.Comparison, kode: str) -> str:
    """Where the page has a child selected."""
    place = view.wilayah
    path = f"{view.reader.base}/{place.level}/{place.kode}/banding"
    return f"{path}?{comparison.query(desa=kode)}"


def _draw(
    view: area_views.View, comparison: crossings.Comparison, element_id: str
) -> Markup | None:
    def shape(row: area_views.Row) -> choropleth.Shape:
        href = _link(view, comparison, row.kode)
        is_on = row.kode == comparison.first.selected
        return choropleth.Shape(
            row.kode, row.nama, row.fill, f"{row.nama}: {row.tip}", href, is_on, bool(row.coverage)
        )

    if view.outline is None:
        return None
    label = view.words.say("map.label", title=crossings.titled(view), nama=view.wilayah.nama)
    shapes = choropleth.shapes_by_kode([shape(row) for row in view.rows])
    return choropleth.draw_choropleth(view.outline, shapes, label=label, element_id=element_id)


def _draw_both(
    view: area_views.View, comparison: crossings.Comparison, crossing: crossings.Crossing
) -> Markup | None:
    if view.outline is None:
        return None
    shapes = [
        choropleth.Shape(
            pair.row.kode,
            pair.row.nama,
            pair.fill,
            pair_text(pair),
            _link(view, comparison, pair.row.kode),
            pair.row.kode == comparison.first.selected,
        )
        for pair in crossing.pairs
    ]
    return choropleth.draw_choropleth(
        view.outline,
        choropleth.shapes_by_kode(shapes),
        label=view.words.say("compare.both"),
        element_id="svgboth",
        texts={pair.row.kode: pair.code for pair in crossing.pairs},
    )


def pair_text(pair: crossings.Pair) -> str:
    """Name, both values and the code, for a pointer and a screen reader."""
    parts = [pair.row.text, pair.other.text, *([pair.code] if pair.code else [])]
    return f"{pair.row.nama}: {' · '.join(parts)}"


def _draw_scatter(
    first: area_views.View,
    second: area_views.View,
    comparison: crossings.Comparison,
    crossing: crossings.Crossing,
) -> Markup:
    dots = [
        plot.Dot(
            pair.row.kode,
            pair.row.value,
            pair.other.value,
            pair.fill,
            pair_text(pair),
            _link(first, comparison, pair.row.kode),
            pair.row.kode == comparison.first.selected,
        )
        for pair in crossing.pairs
        if pair.row.value is not None and pair.other.value is not None
    ]
    label = first.words.say(
        "compare.scatter_label", one=crossings.titled(first), other=crossings.titled(second)
    )
    across, up = _axis(first, [dot.x for dot in dots]), _axis(second, [dot.y for dot in dots])
    return plot.draw_scatter(dots, across, up, label)


def _axis(view: area_views.View, values: list[float]) -> plot.Axis:
    median = view.kabupaten_median or view.median
    middle = None if median is None else median.value
    if not values:
        return plot.Axis(crossings.titled(view), middle, ())
    step, unit = view.words.column_step(values, view.entry.unit)
    title = f"{crossings.titled(view)} ({unit})" if unit else crossings.titled(view)
    ticks = plot.round_ticks(min(values) / step, max(values) / step)
    return plot.Axis(title, middle, tuple((tick * step, _tick(view, tick, step)) for tick in ticks))


def _tick(view: area_views.View, tick: float, step: float) -> str:
    words = view.words
    if step == 1 and view.entry.unit in ("%", "m"):
        return words.value(tick, view.entry.unit, 0 if tick == int(tick) else 1)
    digits = 0 if tick == int(tick) else len(f"{tick:.6f}".rstrip("0").split(".")[1])
    return words.number(tick, digits)
