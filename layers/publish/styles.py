"""MapLibre style of a layer: a choropleth of its headline, read by browsers and by QGIS.

One style layer for each class, not one expression for all: QGIS then shows a legend entry for each
class, and its converter understands the filters.  A feature without a value (tiles leave a null
property out) falls in no class and is painted by the no-data layer below or by its status, never as
zero.
"""

from pydantic import JsonValue

from layers.release import class_styles, manifest_file

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


def make_style(layer: manifest_file.LayerEntry) -> class_styles.StyleDocument:
    """A style document of version 8.

    The source names the archive beside the style; a server puts its own tile URLs in its place.
    """
    return class_styles.StyleDocument(
        version=8,
        name=layer.title.id,
        metadata=class_styles.StyleSubject(layer=layer.id, headline=layer.headline),
        sources={SOURCE: class_styles.StyleSource(type="vector", url="pmtiles://tiles.pmtiles")},
        layers=tuple(make_style_layers(layer)),
    )


def make_style_layers(layer: manifest_file.LayerEntry) -> list[class_styles.StyleLayer]:
    """The style layers, bottom first."""
    if layer.level == "point":
        return [_circles(layer)]
    headline = next((entry for entry in layer.fields if entry.name == layer.headline), None)
    if headline is None:
        return [_no_data(layer, headline), _outline(layer)]
    return [*reason_layers(layer, headline), *class_layers(layer, headline), _outline(layer)]


def reason_layers(
    layer: manifest_file.LayerEntry, field: manifest_file.FieldEntry
) -> list[class_styles.StyleLayer]:
    """What features without a value of the field look like: one style layer for each reason."""
    return [_no_data(layer, field), *_status_layers(layer, field)]


def class_filter(name: str, classes: manifest_file.Classes, number: int) -> list[JsonValue]:
    """The filter that holds for exactly the values of one class."""
    above, below = (">", "<=") if classes.closed == "right" else (">=", "<")
    parts: list[JsonValue] = [["has", name]]
    if number > 0:
        parts.append([above, ["get", name], classes.breaks[number - 1]])
    if number < len(classes.breaks):
        parts.append([below, ["get", name], classes.breaks[number]])
    return ["all", *parts]


def class_label(classes: manifest_file.Classes, number: int) -> str:
    """What the class is called in a legend: its own name, else its edges.

    >>> class_label(manifest_file.Classes(method="fixed", breaks=(0.5, 1250000.0), colours=()), 1)
    '0,5 – 1.250.000'
    >>> left = manifest_file.Classes(method="fixed", breaks=(80.0,), colours=(), closed="left")
    >>> class_label(left, 0)
    '< 80'
    """
    if classes.labels:
        return classes.labels[number].id
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


def class_layers(
    layer: manifest_file.LayerEntry, field: manifest_file.FieldEntry
) -> list[class_styles.StyleLayer]:
    """One style layer for each class of the field, lowest first; none where it has no classes."""
    if field.classes is None:
        return []
    return [
        _fill(
            layer,
            f"{field.name} {class_label(field.classes, number)}",
            colour,
            class_filter(field.name, field.classes, number),
        )
        for number, colour in enumerate(field.classes.colours)
    ]


def _no_data(
    layer: manifest_file.LayerEntry, field: manifest_file.FieldEntry | None
) -> class_styles.StyleLayer:
    name = "tidak ada data" if field else layer.title.id
    if field is None:
        return _style_layer(layer, name, "fill", _fill_paint(NO_DATA_COLOUR))
    status: list[JsonValue] = ["get", f"{field.name}_status"]
    others: list[JsonValue] = [["!=", status, other] for other in _statuses_of(field)]
    return _fill(layer, name, NO_DATA_COLOUR, ["all", ["!", ["has", field.name]], *others])


def _status_layers(
    layer: manifest_file.LayerEntry, field: manifest_file.FieldEntry
) -> list[class_styles.StyleLayer]:
    """One for each status that occurs, so that the map shows the reasons apart."""
    return [
        _fill(layer, label, colour, ["==", ["get", f"{field.name}_status"], status])
        for status, (label, colour) in _statuses_of(field).items()
    ]


def _statuses_of(field: manifest_file.FieldEntry) -> dict[str, tuple[str, str]]:
    return {name: look for name, look in STATUS_COLOURS.items() if field.status_counts.get(name)}


def _outline(layer: manifest_file.LayerEntry) -> class_styles.StyleLayer:
    width = {"area": 0.3, "desa": 0.5, "kecamatan": 1.2, "kabupaten": 2.0, "provinsi": 2.5}[
        layer.level
    ]
    paint: dict[str, JsonValue] = {"line-color": OUTLINE_COLOUR, "line-width": width}
    return _style_layer(layer, "batas", "line", paint)


def _circles(layer: manifest_file.LayerEntry) -> class_styles.StyleLayer:
    paint: dict[str, JsonValue] = {
        "circle-color": "#253494",
        "circle-radius": 5,
        "circle-stroke-color": "#ffffff",
        "circle-stroke-width": 1,
    }
    return _style_layer(layer, layer.title.id, "circle", paint)


def _fill(
    layer: manifest_file.LayerEntry, name: str, colour: str, chosen: list[JsonValue]
) -> class_styles.StyleLayer:
    """The features of a layer that pass a filter, in one colour."""
    return _style_layer(layer, name, "fill", _fill_paint(colour), chosen)


def _fill_paint(colour: str) -> dict[str, JsonValue]:
    return {"fill-color": colour, "fill-opacity": 0.85}


def _style_layer(
    layer: manifest_file.LayerEntry,
    name: str,
    kind: str,
    paint: dict[str, JsonValue],
    chosen: list[JsonValue] | None = None,
) -> class_styles.StyleLayer:
    record: dict[str, object] = {
        "id": name,
        "type": kind,
        "source": SOURCE,
        "source-layer": layer.id,
        "paint": paint,
    }
    return class_styles.StyleLayer.model_validate(
        record if chosen is None else {**record, "filter": chosen}
    )
