"""A view as a picture: its shapes without links, and the words of its sheet."""

from web_map.drawing.choropleth import Shape, shapes_by_kode
from web_map.drawing.picture_sheet import IsolineKey, PictureDisplay, Sheet
from web_map.pages.area import places_title
from web_map.views.view import View
from web_map.words import full_name

# Their values are written with the unit, which may change (metres to kilometres).
UNIT_IN_VALUE = ("%", "IDR", "m")


def picture_shapes(view: View) -> dict[str, Shape]:
    """The children as the picture draws them: no links, nothing to point at."""
    return shapes_by_kode(
        [
            Shape(row.kode, row.nama, row.fill, row.nama, is_part=bool(row.coverage))
            for row in view.rows
        ]
    )


def picture_sheet(view: View, address: str) -> Sheet:
    """The words of the picture."""
    words, wilayah = view.words, view.wilayah
    name = full_name(words, wilayah.level, wilayah.kode, wilayah.nama)
    above = "".join(
        f", {parent.nama}" for parent in reversed(view.parents) if parent.nama != parent.kode
    )
    unit = f" ({view.unit})" if view.unit and view.entry.unit not in UNIT_IN_VALUE else ""
    return Sheet(
        title=f"{view.title}{f' {view.tahun}' if view.tahun else ''}",
        place=f"{name}{above}",
        legend_title=f"{words.say('legend.title')}{unit}",
        lines=view.legend,
        notes=(
            f"{words.say('legend.source')}: {view.source_text}. {_norm(view)}"
            f"{words.say('foot.disclaimer')}",
            f"{address} · {view.release_id}",
        ),
        none=words.say("map.none"),
        north=words.say("north"),
        display=_picture_display(view),
    )


def _norm(view: View) -> str:
    """What norm, definition or classes rest on, apart from the source of the data."""
    if not view.entry.source:
        return ""
    return f"{view.words.say('legend.norm')}: {view.entry.source}. "


def _picture_display(view: View) -> PictureDisplay:
    display = view.question.display
    return PictureDisplay(
        labels=display.labels,
        opacity=display.opacity / 100,
        places=view.places,
        ring_m=view.ring_m,
        places_title=places_title(view),
        isolines=_isoline_key(view),
    )


def _isoline_key(view: View) -> IsolineKey | None:
    found, words = view.isochrones, view.words
    if found is None:
        return None
    rest = words.say("iso.unreached") if found.unreached or found.unreached_people else ""
    return IsolineKey(
        title=found.title,
        lines=found.lines,
        unreached=found.unreached,
        rows=tuple((band.line, _told(band.label, band.people)) for band in found.bands),
        unreached_row=_told(rest, found.unreached_people),
    )


def _told(label: str, people: str) -> str:
    return f"{label}: {people}" if people else label
