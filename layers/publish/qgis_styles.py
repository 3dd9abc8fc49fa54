"""The published classes of each field as styles of QGIS: QML, and SLD 1.1 for other programs.

Both are made from the style layers of `layers.publish.styles`: one definition says which features
are in which colour, and this module only writes its filters in the two other languages.  A feature
without a value is hatched and says why in a label of its own.

Source
------
OGC 05-078r4, Styled Layer Descriptor 1.1.0; 05-077r4, Symbology Encoding 1.1.0; 04-095, Filter
Encoding 1.1.0.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape, quoteattr

from pydantic import JsonValue

from layers.publish import styles
from layers.release import class_styles, manifest_file

HATCH_COLOUR = "#8c8c8c"
_WIDTHS = {"area": 0.1, "desa": 0.15, "kecamatan": 0.3, "kabupaten": 0.5, "provinsi": 0.6}
"""Outline of a polygon by level, millimetres."""
_MARKER_MM = 2.4
_OPERATORS = {
    "==": ("=", "PropertyIsEqualTo"),
    "!=": ("IS NOT", "PropertyIsNotEqualTo"),
    ">": (">", "PropertyIsGreaterThan"),
    ">=": (">=", "PropertyIsGreaterThanOrEqualTo"),
    "<": ("<", "PropertyIsLessThan"),
    "<=": ("<=", "PropertyIsLessThanOrEqualTo"),
}
"""How a comparison of MapLibre is written in QGIS and in Filter Encoding."""


@dataclass(frozen=True, slots=True)
class LayerStyle:
    """One style that a GeoPackage offers: of a field, or of the layer as it is."""

    name: str
    description: str
    qml: str
    sld: str


@dataclass(frozen=True, slots=True)
class StyleRule:
    """One entry of a legend.

    Parameters
    ----------
    chosen
        Which features: a filter of MapLibre; None for all.
    is_hatched
        Whether the features have no value.
    """

    label: str
    colour: str
    chosen: list[JsonValue] | None = None
    is_hatched: bool = False


def make_layer_styles(layer: manifest_file.LayerEntry) -> tuple[LayerStyle, ...]:
    """The styles of a layer, the default first: one for each field with classes.

    A layer without such a field has one style, in one colour.  No two names are equal.  The default
    says what each column is called, and the others leave it so: GDAL before 3.7 does not tell it.
    """
    fields = [entry for entry in layer.fields if entry.classes is not None]
    fields.sort(key=lambda entry: entry.name != layer.headline)
    if not fields:
        plain = [_plain_rule(layer)]
        return (_style(layer, layer.title.id, layer.description.id, plain, has_names=True),)
    names = name_columns(fields)
    return tuple(
        _style(
            layer,
            names[entry.name],
            f"{entry.title.id}: kelas yang diterbitkan",
            theme_rules(layer, entry),
            has_names=entry is fields[0],
        )
        for entry in fields
    )


def name_columns(fields: Sequence[manifest_file.FieldEntry]) -> dict[str, str]:
    """What some fields are called in QGIS: the title with the unit, no two alike.

    >>> text = manifest_file.Text(id="Penduduk", en="People")
    >>> field = manifest_file.FieldEntry(name="a", type="integer", title=text, unit="jiwa")
    >>> name_columns([field])
    {'a': 'Penduduk (jiwa)'}
    >>> name_columns([field, field.model_copy(update={"name": "b"})])
    {'a': 'Penduduk (jiwa) [a]', 'b': 'Penduduk (jiwa) [b]'}
    """
    titles = [
        f"{field.title.id} ({field.unit})" if field.unit else field.title.id for field in fields
    ]
    counts = Counter(titles)
    return {
        field.name: title if counts[title] == 1 else f"{title} [{field.name}]"
        for field, title in zip(fields, titles, strict=True)
    }


def theme_rules(
    layer: manifest_file.LayerEntry, field: manifest_file.FieldEntry
) -> list[StyleRule]:
    """The legend of a field: its classes, lowest first, then why a feature may have no value."""
    prefix = f"{field.name} "
    return [
        *(
            StyleRule(drawn.id.removeprefix(prefix), _colour(drawn), drawn.filter)
            for drawn in styles.class_layers(layer, field)
        ),
        *(
            StyleRule(drawn.id, _colour(drawn), drawn.filter, is_hatched=True)
            for drawn in reversed(styles.reason_layers(layer, field))
        ),
    ]


def qgis_expression(chosen: JsonValue) -> str:
    """A filter of a style layer as an expression of QGIS.

    >>> print(qgis_expression(["all", ["has", "a"], ["!=", ["get", "b"], "it's"]]))
    "a" IS NOT NULL AND "b" IS NOT 'it''s'
    """
    match chosen:
        case ["all", *parts]:
            return " AND ".join(map(qgis_expression, parts))
        case ["has", str(name)]:
            return f"{_quoted(name)} IS NOT NULL"
        case ["!", ["has", str(name)]]:
            return f"{_quoted(name)} IS NULL"
        case [str(operator), ["get", str(name)], value]:
            literal = repr(value) if isinstance(value, int | float) else _text(str(value))
            return f"{_quoted(name)} {_OPERATORS[operator][0]} {literal}"
    raise ValueError(f"No expression of QGIS for {chosen!r}.")


def ogc_filter(chosen: JsonValue) -> str:
    """A filter of a style layer in Filter Encoding, without the element around it.

    >>> ogc_filter(["!", ["has", "a"]])
    '<ogc:PropertyIsNull><ogc:PropertyName>a</ogc:PropertyName></ogc:PropertyIsNull>'
    """
    match chosen:
        case ["all", part]:
            return ogc_filter(part)
        case ["all", *parts]:
            return f"<ogc:And>{''.join(map(ogc_filter, parts))}</ogc:And>"
        case ["has", name]:
            return f"<ogc:Not>{ogc_filter(['!', ['has', name]])}</ogc:Not>"
        case ["!", ["has", str(name)]]:
            return f"<ogc:PropertyIsNull>{_property(name)}</ogc:PropertyIsNull>"
        case [str(operator), ["get", str(name)], value]:
            element = f"ogc:{_OPERATORS[operator][1]}"
            literal = f"<ogc:Literal>{escape(str(value))}</ogc:Literal>"
            compared = f"<{element}>{_property(name)}{literal}</{element}>"
            # A comparison with null is never true here; in MapLibre "is not" is.
            missing = ogc_filter(["!", ["has", name]])
            return f"<ogc:Or>{missing}{compared}</ogc:Or>" if operator == "!=" else compared
    raise ValueError(f"No filter for {chosen!r}.")


def _style(
    layer: manifest_file.LayerEntry,
    name: str,
    description: str,
    rules: Sequence[StyleRule],
    *,
    has_names: bool,
) -> LayerStyle:
    is_point = layer.level == "point"
    width = _WIDTHS.get(layer.level, 0.1)
    names = name_columns(layer.fields) if has_names else {}
    return LayerStyle(
        name,
        description,
        _qml(rules, width, names, is_point=is_point),
        _sld(layer.id, rules, width, is_point=is_point),
    )


def _plain_rule(layer: manifest_file.LayerEntry) -> StyleRule:
    paint = styles.make_style_layers(layer)[0].paint
    colour = paint.get("circle-color", paint.get("fill-color"))
    return StyleRule(layer.title.id, str(colour))


def _colour(drawn: class_styles.StyleLayer) -> str:
    return str(drawn.paint["fill-color"])


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _property(name: str) -> str:
    return f"<ogc:PropertyName>{escape(name)}</ogc:PropertyName>"


# --- QML ------------------------------------------------------------------------------------------


def _qml(
    rules: Sequence[StyleRule], width: float, names: Mapping[str, str], *, is_point: bool
) -> str:
    """Symbols, and names of columns if any; all else of a layer stays as the reader has it."""
    symbols = (_symbol(number, rule, width, is_point) for number, rule in enumerate(rules))
    categories = "Symbology|Fields" if names else "Symbology"
    return "".join(
        [
            "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n",
            f'<qgis version="3.22.0" styleCategories="{categories}">',
            '<renderer-v2 type="RuleRenderer" symbollevels="0" enableorderby="0" forceraster="0">',
            f'<rules key="{_key(len(rules))}">',
            *(_qml_rule(number, rule) for number, rule in enumerate(rules)),
            "</rules><symbols>",
            *symbols,
            "</symbols></renderer-v2>",
            *_qml_names(names),
            f"<layerGeometryType>{0 if is_point else 2}</layerGeometryType></qgis>\n",
        ]
    )


def _qml_names(names: Mapping[str, str]) -> Iterator[str]:
    if names:
        yield "<aliases>"
        for field, name in names.items():
            yield f'<alias field="{field}" name={_attribute(name)}/>'
        yield "</aliases>"


def _qml_rule(number: int, rule: StyleRule) -> str:
    chosen = "" if rule.chosen is None else f" filter={_attribute(qgis_expression(rule.chosen))}"
    label = _attribute(rule.label)
    return f'<rule symbol="{number}" key="{_key(number)}" label={label}{chosen}/>'


def _symbol(number: int, rule: StyleRule, width: float, is_point: bool) -> str:
    kind = "marker" if is_point else "fill"
    drawn = "".join(_symbol_layers(number, rule, width, is_point))
    return f'<symbol name="{number}" type="{kind}" alpha="1" clip_to_extent="1">{drawn}</symbol>'


def _symbol_layers(number: int, rule: StyleRule, width: float, is_point: bool) -> Iterator[str]:
    edge = {"outline_color": _rgba(styles.OUTLINE_COLOUR), "outline_style": "solid"}
    edge |= {"outline_width": str(width), "outline_width_unit": "MM"}
    if is_point:
        marker = {"name": "circle", "color": _rgba(rule.colour), "size": str(_MARKER_MM)}
        yield _symbol_layer("SimpleMarker", {**marker, "size_unit": "MM", **edge})
        return
    yield _symbol_layer(
        "SimpleFill", {"color": _rgba(rule.colour), "style": "solid", "joinstyle": "bevel", **edge}
    )
    if rule.is_hatched:
        line = {"line_color": _rgba(HATCH_COLOUR), "line_style": "solid", "line_width": "0.2"}
        stroke = _symbol_layer("SimpleLine", {**line, "line_width_unit": "MM"})
        hatch = {"angle": "45", "distance": "1.6", "distance_unit": "MM"}
        symbol = f'<symbol name="@{number}@1" type="line" alpha="1">{stroke}</symbol>'
        yield _symbol_layer("LinePatternFill", hatch, symbol)


def _symbol_layer(kind: str, options: dict[str, str], more: str = "") -> str:
    cells = "".join(
        f'<Option name="{name}" type="QString" value={_attribute(value)}/>'
        for name, value in sorted(options.items())
    )
    head = f'<layer class="{kind}" enabled="1" pass="0" locked="0">'
    return f'{head}<Option type="Map">{cells}</Option>{more}</layer>'


def _key(number: int) -> str:
    return f"{{00000000-0000-0000-0000-{number:012}}}"


def _rgba(colour: str) -> str:
    channels = (str(int(colour[start : start + 2], 16)) for start in (1, 3, 5))
    return ",".join((*channels, "255"))


def _attribute(text: str) -> str:
    return quoteattr(text)


# --- SLD ------------------------------------------------------------------------------------------


def _sld(layer_id: str, rules: Sequence[StyleRule], width: float, *, is_point: bool) -> str:
    return "".join(
        [
            '<?xml version="1.0" encoding="UTF-8"?>\n',
            '<StyledLayerDescriptor version="1.1.0" xmlns="http://www.opengis.net/sld" ',
            'xmlns:se="http://www.opengis.net/se" xmlns:ogc="http://www.opengis.net/ogc">',
            f"<NamedLayer><se:Name>{layer_id}</se:Name><UserStyle><se:Name>{layer_id}</se:Name>",
            "<se:FeatureTypeStyle>",
            *(_sld_rule(rule, width, is_point) for rule in rules),
            "</se:FeatureTypeStyle></UserStyle></NamedLayer></StyledLayerDescriptor>\n",
        ]
    )


def _sld_rule(rule: StyleRule, width: float, is_point: bool) -> str:
    label = escape(rule.label)
    chosen = "" if rule.chosen is None else f"<ogc:Filter>{ogc_filter(rule.chosen)}</ogc:Filter>"
    fill = f"<se:Fill>{_parameter('fill', rule.colour)}</se:Fill>"
    stroke = _stroke(styles.OUTLINE_COLOUR, width)
    if is_point:
        mark = f"<se:Mark><se:WellKnownName>circle</se:WellKnownName>{fill}{stroke}</se:Mark>"
        drawn = f"<se:Graphic>{mark}<se:Size>{_pixels(_MARKER_MM)}</se:Size></se:Graphic>"
        drawn = f"<se:PointSymbolizer>{drawn}</se:PointSymbolizer>"
    else:
        drawn = f"<se:PolygonSymbolizer>{fill}{stroke}</se:PolygonSymbolizer>"
    if rule.is_hatched and not is_point:
        lines = f"<se:WellKnownName>horline</se:WellKnownName>{_stroke(HATCH_COLOUR, 0.2)}"
        size = f"<se:Size>{_pixels(1.6)}</se:Size>"
        turned = "<se:Rotation><ogc:Literal>45</ogc:Literal></se:Rotation>"
        graphic = f"<se:Graphic><se:Mark>{lines}</se:Mark>{size}{turned}</se:Graphic>"
        pattern = f"<se:Fill><se:GraphicFill>{graphic}</se:GraphicFill></se:Fill>"
        drawn += f"<se:PolygonSymbolizer>{pattern}</se:PolygonSymbolizer>"
    title = f"<se:Description><se:Title>{label}</se:Title></se:Description>"
    return f"<se:Rule><se:Name>{label}</se:Name>{title}{chosen}{drawn}</se:Rule>"


def _stroke(colour: str, width: float) -> str:
    wide = _parameter("stroke-width", str(_pixels(width)))
    return f"<se:Stroke>{_parameter('stroke', colour)}{wide}</se:Stroke>"


def _parameter(name: str, value: str) -> str:
    return f'<se:SvgParameter name="{name}">{value}</se:SvgParameter>'


def _pixels(millimetres: float) -> float:
    """Of 0.28 mm, as the standard has them."""
    return round(millimetres / 0.28, 2)
