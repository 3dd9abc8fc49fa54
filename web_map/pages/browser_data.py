"""What the server tells the browser about a view: one JSON island, read anew after a switch."""

from typing import Any

from geo_service.http.basemap import Basemap
from web_map.views.view import Row, View


def browser_data(view: View, base: str, basemap: Basemap | None = None) -> dict[str, Any]:
    """What the browser's map needs: where the tiles are, and class and words of each child."""
    level = view.wilayah.level
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


def _browser_row(row: Row, points: dict[str, tuple[float, float]]) -> dict[str, Any]:
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
