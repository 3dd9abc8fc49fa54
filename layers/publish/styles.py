"""MapLibre style of a layer: a choropleth of its headline, read by browsers and by QGIS.

One style layer for each class, not one expression for all: QGIS then shows a legend entry for each
class, and its converter understands the filters.  A feature without a value (tiles leave a null
property out) falls in no class and is painted by the no-data layer below or by its status, never as
zero.
"""

import json
from pathlib import Path
from typing import Any

from layers.release.manifest import Classes, FieldEntry, LayerEntry

NO_DATA_COLOUR = "#d9d9d9"
STATUS_COLOURS = {
    "unreachable": ("tidak terjangkau", "#b98c93"),
    "not_applicable": ("tidak berlaku", "#f2f2f2"),
    "before_split": ("sebelum pemekaran", "#c9c2b4"),
    "suppressed": ("dirahasiakan", "#a9b0b6"),
}
"""Label and colour of each status that is neither a value nor plain no data."""
OUTLINE_COLOUR = "#6b6b6b"
SOURCE = "wilayah"

StyleLayer = dict[str, Any]


def make_style(layer: LayerEntry) -> dict[str, Any]:
    """A style document of version 8.

    The source names the archive beside the style; a server puts its own tile URLs in its place.
    """
    return {
        "version": 8,
        "name": layer.title.id,
        "metadata": {"layer": layer.id, "headline": layer.headline},
        "sources": {SOURCE: {"type": "vector", "url": "pmtiles://tiles.pmtiles"}},
        "layers": make_style_layers(layer),
    }


def write_style(layer: LayerEntry, path: Path) -> None:
    """Write the style document."""
    document = json.dumps(make_style(layer), ensure_ascii=False, indent=1)
    path.write_text(document + "\n", encoding="utf-8")


def make_style_layers(layer: LayerEntry) -> list[StyleLayer]:
    """The style layers, bottom first."""
    if layer.level == "point":
        return [_circles(layer)]
    headline = next((entry for entry in layer.fields if entry.name == layer.headline), None)
    classes = [] if headline is None or headline.classes is None else _class_layers(layer, headline)
    statuses = [] if headline is None else _status_layers(layer, headline)
    return [_no_data(layer, headline), *statuses, *classes, _outline(layer)]


def class_filter(name: str, classes: Classes, number: int) -> list[Any]:
    """The filter that holds for exactly the values of one class."""
    above, below = (">", "<=") if classes.closed == "right" else (">=", "<")
    parts: list[Any] = [["has", name]]
    if number > 0:
        parts.append([above, ["get", name], classes.breaks[number - 1]])
    if number < len(classes.breaks):
        parts.append([below, ["get", name], classes.breaks[number]])
    return ["all", *parts]


def class_label(classes: Classes, number: int) -> str:
    """What the class is called in a legend: its edges.

    >>> class_label(Classes(method="fixed", breaks=(0.5, 1250000.0), colours=()), 1)
    '0,5 – 1.250.000'
    >>> class_label(Classes(method="fixed", breaks=(80.0,), colours=(), closed="left"), 0)
    '< 80'
    """
    first, last = ("≤", ">") if classes.closed == "right" else ("<", "≥")
    if not classes.breaks:
        return "semua"
    if number == 0:
        return f"{first} {_number_text(classes.breaks[0])}"
    if number == len(classes.breaks):
        return f"{last} {_number_text(classes.breaks[-1])}"
    low, high = classes.breaks[number - 1 : number + 1]
    return f"{_number_text(low)} – {_number_text(high)}"


def _number_text(number: float) -> str:
    """As written in Indonesian: comma for decimals, dots between thousands."""
    whole = f"{number:,.6f}".rstrip("0").rstrip(".")
    return whole.translate(str.maketrans(",.", ".,"))


def _class_layers(layer: LayerEntry, field: FieldEntry) -> list[StyleLayer]:
    assert field.classes is not None
    return [
        {
            **_base(layer, f"{field.name} {class_label(field.classes, number)}", "fill"),
            "filter": class_filter(field.name, field.classes, number),
            "paint": {"fill-color": colour, "fill-opacity": 0.85},
        }
        for number, colour in enumerate(field.classes.colours)
    ]


def _no_data(layer: LayerEntry, field: FieldEntry | None) -> StyleLayer:
    name = "tidak ada data" if field else layer.title.id
    style = _base(layer, name, "fill")
    if field is not None:
        status = ["get", f"{field.name}_status"]
        others = [["!=", status, other] for other in _statuses_of(field)]
        style["filter"] = ["all", ["!", ["has", field.name]], *others]
    return {**style, "paint": {"fill-color": NO_DATA_COLOUR, "fill-opacity": 0.85}}


def _status_layers(layer: LayerEntry, field: FieldEntry) -> list[StyleLayer]:
    """One for each status that occurs, so that the map shows the reasons apart."""
    return [
        {
            **_base(layer, label, "fill"),
            "filter": ["==", ["get", f"{field.name}_status"], status],
            "paint": {"fill-color": colour, "fill-opacity": 0.85},
        }
        for status, (label, colour) in _statuses_of(field).items()
    ]


def _statuses_of(field: FieldEntry) -> dict[str, tuple[str, str]]:
    return {name: look for name, look in STATUS_COLOURS.items() if field.status_counts.get(name)}


def _outline(layer: LayerEntry) -> StyleLayer:
    width = {"area": 0.3, "desa": 0.5, "kecamatan": 1.2, "kabupaten": 2.0, "provinsi": 2.5}[
        layer.level
    ]
    return {
        **_base(layer, "batas", "line"),
        "paint": {"line-color": OUTLINE_COLOUR, "line-width": width},
    }


def _circles(layer: LayerEntry) -> StyleLayer:
    return {
        **_base(layer, layer.title.id, "circle"),
        "paint": {
            "circle-color": "#253494",
            "circle-radius": 5,
            "circle-stroke-color": "#ffffff",
            "circle-stroke-width": 1,
        },
    }


def _base(layer: LayerEntry, name: str, kind: str) -> StyleLayer:
    return {"id": name, "type": kind, "source": SOURCE, "source-layer": layer.id}
