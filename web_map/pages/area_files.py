"""The view of a wilayah as a file: a picture to look at, a table, and the table described."""

from fastapi import APIRouter, Request
from fastapi.responses import Response

from geo_service.ogc.params import View as RequestView
from web_map.drawing.choropleth import Shape, shapes_by_kode
from web_map.drawing.picture_sheet import (
    WIDTH,
    IsolineKey,
    PictureDisplay,
    PictureWords,
    draw_picture,
)
from web_map.exports.table import describe_table, write_csv, write_xlsx
from web_map.pages import answers, area_map
from web_map.views import readers, readings
from web_map.views.question import PARAMETERS, read_question
from web_map.views.view import View, make_view
from web_map.words import full_name

router = APIRouter(tags=["pages"])

NARROWEST, WIDEST = 300, 3508
# Their values are written with the unit, which may change (metres to kilometres).
UNIT_IN_VALUE = ("%", "IDR", "m")


@router.get("/{level:area}/{kode}.{ending:ending}")
def area_file(
    request: Request, view: RequestView, level: readers.Level, kode: str, ending: answers.Ending
) -> Response:
    """The view of a kecamatan, kabupaten or provinsi as a picture or a table."""
    query = dict(request.query_params)
    text = query.pop("width", "") if ending is answers.Ending.PNG else ""
    # Up to A4 at 300 dots an inch.
    width = readers.read_number("width", text, NARROWEST, WIDEST, "pixels") if text else WIDTH
    page_view = _view(view, level, kode, query)
    address = f"{view.root}/{level}/{kode}?{page_view.question.query()}"
    about = f"{view.root}/{level}/{kode}.csv-metadata.json?{page_view.question.query()}"
    return answers.download(
        _write(page_view, address, ending, width), _name(page_view), ending, about
    )


@router.get("/{level:area}/{kode}.csv-metadata.json")
def area_described(
    request: Request, view: RequestView, level: readers.Level, kode: str
) -> Response:
    """The CSV of a kecamatan, kabupaten or provinsi, described (CSV on the Web)."""
    page_view = _view(view, level, kode, dict(request.query_params))
    return answers.described(
        describe_table(page_view.reader.release, page_view, f"{_name(page_view)}.csv")
    )


def _view(view: RequestView, level: readers.Level, kode: str, query: dict[str, str]) -> View:
    reader = readers.open_reader(view, query, PARAMETERS).about(level, kode)
    question = read_question(reader, query)
    return make_view(reader, question, readings.read_readings(reader, question))


def _name(view: View) -> str:
    return f"{view.wilayah.level}-{view.wilayah.kode}-{view.question.field}"


def _write(view: View, address: str, ending: answers.Ending, width: int) -> bytes:
    release = view.reader.release
    if ending is answers.Ending.PNG:
        return draw_picture(picture_sheet(view, address), view.outline, picture_shapes(view), width)
    if ending is answers.Ending.CSV:
        return write_csv(release, view)
    return write_xlsx(release, view, address)


def picture_shapes(view: View) -> dict[str, Shape]:
    """The children as the picture draws them: no links, nothing to point at."""
    return shapes_by_kode(
        [
            Shape(row.kode, row.nama, row.fill, row.nama, is_part=bool(row.coverage))
            for row in view.rows
        ]
    )


def picture_sheet(view: View, address: str) -> PictureWords:
    """The words of the picture."""
    words, wilayah = view.words, view.wilayah
    name = full_name(words, wilayah.level, wilayah.kode, wilayah.nama)
    above = "".join(
        f", {parent.nama}" for parent in reversed(view.parents) if parent.nama != parent.kode
    )
    unit = f" ({view.unit})" if view.unit and view.entry.unit not in UNIT_IN_VALUE else ""
    return PictureWords(
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
    if not view.norm:
        return ""
    return f"{view.words.say('legend.norm')}: {view.norm}. "


def _picture_display(view: View) -> PictureDisplay:
    display = view.question.display
    return PictureDisplay(
        labels=display.labels,
        opacity=display.opacity / 100,
        places=view.places,
        ring_m=view.ring_m,
        places_title=area_map.places_title(view),
        isolines=_isoline_key(view),
    )


def _isoline_key(view: View) -> IsolineKey | None:
    times, words = view.isochrones, view.words
    if times is None:
        return None
    rest = words.say("iso.unreached") if times.unreached or times.unreached_people else ""
    return IsolineKey(
        title=times.title,
        lines=times.lines,
        unreached=times.unreached,
        rows=tuple((band.line, _key_row(band.label, band.people)) for band in times.bands),
        unreached_row=_key_row(rest, times.unreached_people),
    )


def _key_row(label: str, people: str) -> str:
    return f"{label}: {people}" if people else label
