"""The map of a view: as an inline drawing, what the browser's live map needs, the histogram.

The browser's part is one JSON island, read anew after a switch.
"""

from collections import Counter
from dataclasses import dataclass

from markupsafe import Markup

from geo_service.http.basemap import Basemap
from web_map.drawing import choropleth, isochrone_lines, svg
from web_map.views import area_views
from web_map.views.readers import Reader
from web_map.words import is_state


def draw_map(
    view: area_views.View, *, to_children: bool = False, over: Markup = svg.NOTHING
) -> Markup | None:
    """The inline SVG map; None where the release holds no outline.

    Its children lead to the page with them selected, or to their own pages.  ``over`` is SVG that
    is drawn on top.
    """
    if view.outline is None:
        return None
    words, wilayah, base = view.words, view.wilayah, view.reader.base
    label = words.say("map.label", title=view.title, nama=wilayah.nama)
    path = f"{base}/{wilayah.level}/{wilayah.kode}?"
    language = "" if words.language == "id" else f"?lang={words.language}"
    shapes = {}
    for row in view.rows:
        child = f"{base}/{view.child_level}/{row.kode}{language}"
        shapes[row.kode] = choropleth.Shape(
            kode=row.kode,
            nama=row.nama,
            fill=row.fill,
            title=f"{row.nama}: {row.tip}",
            href=child if to_children else path + row.link,
            is_selected=row.kode == view.question.selected,
            is_part=bool(row.coverage),
        )
    display = view.question.display
    return choropleth.draw_choropleth(
        view.outline,
        shapes,
        label=label,
        labels=display.labels,
        opacity=display.opacity / 100,
        marks=_draw_marks(view) + over,
    )


def _draw_marks(view: area_views.View) -> Markup:
    """Lines of travel time, and facilities with their rings, for the drawing of a view."""
    assert view.outline is not None
    times = view.isochrones
    names = choropleth.place_labels(view.outline) if times and view.question.display.labels else []
    boxes = [box for _, box in names]
    lines = (
        isochrone_lines.draw_isochrones(times.lines, times.unreached, names=boxes)
        if times
        else svg.NOTHING
    )
    return lines + choropleth.draw_facilities(view.outline, view.places, view.ring_m)


def places_title(view: area_views.View) -> str:
    """What the dots on the map are, and what their rings say; empty without dots."""
    words, facilities = view.words, view.facilities
    if facilities is None:
        return ""
    title = words.say("map.places", kind=facilities.title)
    if not facilities.points:
        return words.say("map.places_many", kind=facilities.title, n=words.number(facilities.total))
    if view.ring_m is None:
        return title
    return f"{title}; {words.say('map.ring', norm=words.value(view.ring_m, 'm', 0))}"


def browser_data(view: area_views.View, basemap: Basemap | None = None) -> dict[str, object]:
    """What the browser's map needs: where the tiles are, and class and words of each child."""
    base, level = view.reader.base, view.wilayah.level
    points = _label_points(view)
    display = view.question.display
    return {
        "ground": basemap and {"url": basemap.address(base), "by": basemap.attribution},
        "places": view.places,
        "ring": view.ring_m,
        "labels": display.labels,
        "opacity": display.opacity / 100,
        "release": view.release_id,
        "base": base,
        "tiles": tiles_address(view.reader, view.child_level),
        "source": view.child_level,
        "parent": f"kode_{level}",
        "kode": view.wilayah.kode,
        "bbox": view.outline.bbox_lonlat if view.outline else view.wilayah.bbox_lonlat,
        "colours": view.scheme.colours,
        "rows": [_browser_row(row, points) for row in view.rows],
        "title": view.title,
        "origin": view.origin_query,
        "words": _browser_words(view),
    }


def tiles_address(reader: Reader, layer: str) -> str:
    """Where a browser fetches the tiles of a layer; empty where they are not for this reader."""
    release, path = reader.release, f"layers/{layer}/tiles.pmtiles"
    address = f"{reader.base}/releases/{release.id}/files/{path}"
    if not release.guarded:
        return address
    return reader.address.carried(address) if release.is_open_file(path) else ""


BROWSER_WORDS = (
    "map.closed",
    "error.sign_in",
    "map.load",
    "map.loading",
    "map.fallback",
    "map.failed",
    "map.timeout",
    "map.tiles",
    "map.lost",
    "map.retry",
    "map.script",
    "map.slow",
    "map.offline",
    "map.home",
    "map.zoomin",
    "map.zoomout",
    "map.canvas",
    "map.wheel",
    "map.fingers",
    "map.measure",
    "map.measured",
    "map.measure_end",
    "panel.rank",
    "panel.class",
    "legend.year",
    "panel.kode",
    "panel.profile",
    "panel.open",
    "panel.clear",
    "panel.hint",
    "origin.link",
)


def _browser_words(view: area_views.View) -> dict[str, str]:
    """Sentences of the browser's part, with their ``{names}`` still to be filled in."""
    words = {key.split(".")[1]: view.words.template(key) for key in BROWSER_WORDS}
    words["selected"] = view.words.say("panel.title")
    if view.child_level != "desa":
        words["profile"] = words["open"]
    return words


def _label_points(view: area_views.View) -> dict[str, tuple[float, float]]:
    """Where the name of each child stands, in degrees."""
    outline = view.outline
    if outline is None:
        return {}
    west, south, east, north = outline.bbox_lonlat
    across, down = (east - west) / outline.width, (north - south) / outline.height
    return {
        child.kode: (round(west + child.x * across, 5), round(north - child.y * down, 5))
        for child in outline.children
    }


def _browser_row(row: area_views.Row, points: dict[str, tuple[float, float]]) -> dict[str, object]:
    return {
        "id": row.fid,
        "kode": row.kode,
        "nama": row.nama,
        "k": row.klas,
        "s": "part" if row.coverage else row.status,
        "t": row.text,
        "c": row.class_text,
        "r": row.rank,
        "q": row.standing,
        "y": row.tahun if row.value is not None else None,
        "p": points.get(row.kode),
    }


BINS = 24
BLOCK_PX, STACK_PX, GAP = 12.0, 84.0, 1.5


@dataclass(frozen=True, slots=True)
class Block:
    """One child in the histogram: ``x`` in parts of 1000, ``y`` in pixels above the bands."""

    kode: str
    title: str
    fill: str
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Spread:
    """The spread of values on one line, in parts of 1000.

    Bands are (left, width, colour) of the classes; ``block_px`` is the height of a block and
    ``stack_px`` that of the highest stack.
    """

    bands: tuple[tuple[float, float, str], ...]
    blocks: tuple[Block, ...]
    block_px: float
    stack_px: float
    median: float | None
    low: str
    high: str


def make_spread(view: area_views.View) -> Spread | None:
    """The spread of the shown values; None for fewer than two different ones, or for states."""
    values = [row.value for row in view.rows if row.value is not None]
    if view.kabupaten_median is not None and values:
        values.append(view.kabupaten_median.value)
    if not values or min(values) == max(values) or is_state(view.entry):
        return None
    low, high = min(values), max(values)

    def place(value: float) -> float:
        return round(1000 * (min(max(value, low), high) - low) / (high - low), 1)

    edges = [0.0, *map(place, view.scheme.breaks), 1000.0]
    bands = tuple(
        (left, round(right - left, 1), colour)
        for left, right, colour in zip(edges, edges[1:], view.scheme.colours, strict=False)
        if right > left
    )
    blocks, block_px, stack_px = _stack(view, low, high)
    return Spread(
        bands=bands,
        blocks=blocks,
        block_px=block_px,
        stack_px=stack_px,
        median=None if view.kabupaten_median is None else place(view.kabupaten_median.value),
        low=_text(view, low),
        high=_text(view, high),
    )


def _stack(
    view: area_views.View, low: float, high: float
) -> tuple[tuple[Block, ...], float, float]:
    """Blocks by bin, the lowest value below; their height, and that of the highest stack."""
    rows = sorted(
        (row for row in view.rows if row.value is not None),
        key=lambda row: (row.value or 0.0, row.kode),
    )
    bins = [min(int(BINS * ((row.value or 0.0) - low) / (high - low)), BINS - 1) for row in rows]
    highest = max(Counter(bins).values())
    block_px = min(BLOCK_PX, STACK_PX / highest)
    filled: Counter[int] = Counter()
    blocks = []
    for row, number in zip(rows, bins, strict=True):
        filled[number] += 1
        y = round((highest - filled[number]) * block_px, 2)
        title = f"{row.nama}: {row.tip}"
        x = round(number * 1000 / BINS + GAP, 1)
        blocks.append(Block(row.kode, title, row.fill, x, y))
    return tuple(blocks), block_px, highest * block_px


def _text(view: area_views.View, value: float) -> str:
    return view.words.value(value, view.entry.unit, view.entry.decimals, short=True)
