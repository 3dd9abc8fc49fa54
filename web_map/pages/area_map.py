"""The map of a view: as an inline drawing, and what the browser's live map is told.

The browser's part is one JSON island, read anew after a switch.
"""

from geo_service.http.basemap import Basemap
from web_map.drawing.choropleth import (
    Shape,
    draw_choropleth,
    draw_facilities,
    place_labels,
    shapes_by_kode,
)
from web_map.drawing.isochrone_lines import draw_isochrones
from web_map.views.table_rows import Row
from web_map.views.view import View


def draw_map(view: View, *, to_children: bool = False, over: str = "") -> str | None:
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
    shapes = [
        Shape(
            kode=row.kode,
            nama=row.nama,
            fill=row.fill,
            title=f"{row.nama}: {row.tip}",
            href=(
                f"{base}/{view.child_level}/{row.kode}{language}"
                if to_children
                else path + row.link
            ),
            is_selected=row.kode == view.question.selected,
            is_part=bool(row.coverage),
        )
        for row in view.rows
    ]
    display = view.question.display
    return draw_choropleth(
        view.outline,
        shapes_by_kode(shapes),
        label=label,
        labels=display.labels,
        opacity=display.opacity / 100,
        marks=_draw_marks(view) + over,
    )


def _draw_marks(view: View) -> str:
    """Lines of travel time, and facilities with their rings, for the drawing of a view."""
    assert view.outline is not None
    times = view.isochrones
    names = place_labels(view.outline) if times and view.question.display.labels else []
    boxes = [box for _, box in names]
    lines = draw_isochrones(times.lines, times.unreached, names=boxes) if times else ""
    return lines + draw_facilities(view.outline, view.places, view.ring_m)


def places_title(view: View) -> str:
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


def browser_data(view: View, basemap: Basemap | None = None) -> dict[str, object]:
    """What the browser's map needs: where the tiles are, and class and words of each child."""
    base, level = view.reader.base, view.wilayah.level
    tiles = view.child_level
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
        "tiles": f"{base}/releases/{view.release_id}/files/layers/{tiles}/tiles.pmtiles",
        "source": tiles,
        "parent": f"kode_{level}",
        "kode": view.wilayah.kode,
        "bbox": view.outline.bbox_lonlat if view.outline else view.wilayah.bbox_lonlat,
        "colours": view.scheme.colours,
        "rows": [_browser_row(row, points) for row in view.rows],
        "title": view.title,
        "origin": view.origin_query,
        "words": _browser_words(view),
    }


BROWSER_WORDS = (
    "map.load",
    "map.loading",
    "map.fallback",
    "map.failed",
    "map.timeout",
    "map.tiles",
    "map.lost",
    "map.graphics",
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


def _browser_words(view: View) -> dict[str, str]:
    """Sentences of the browser's part, with their ``{names}`` still to be filled in."""
    words = {key.split(".")[1]: view.words.template(key) for key in BROWSER_WORDS}
    words["selected"] = view.words.say("panel.title")
    if view.child_level != "desa":
        words["profile"] = words["open"]
    return words


def _label_points(view: View) -> dict[str, tuple[float, float]]:
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


def _browser_row(row: Row, points: dict[str, tuple[float, float]]) -> dict[str, object]:
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
