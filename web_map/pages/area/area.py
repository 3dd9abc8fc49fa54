"""A wilayah with children: its page, also for the frame of another site, and its files.

It is complete without script: heading, figures, map, legend and table come from here.
"""

from collections.abc import Mapping

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from geo_service.http.basemap import read_basemap
from geo_service.ogc.params import View as RequestView
from geo_service.ogc.params import read_number, settings_of
from web_map.drawing.choropleth import Shape, shapes_by_kode
from web_map.drawing.picture_sheet import (
    WIDTH,
    IsolineKey,
    PictureDisplay,
    PictureWords,
    draw_picture,
)
from web_map.exports.table import describe_table, write_csv, write_xlsx
from web_map.pages.area import area_map, area_parts
from web_map.pages.base import answers
from web_map.pages.trial.trial import draw_trial, make_trial
from web_map.views import area_views, facilities, questions, readers, readings
from web_map.words import full_name

router = APIRouter(tags=["pages"])


@router.get("/{level:area}/{kode:kode}")
def area(request: Request, view: RequestView, level: readers.Level, kode: str) -> HTMLResponse:
    """One kecamatan, kabupaten or provinsi: its children by one indicator, as map and table."""
    return _show(request, view, level, kode, dict(request.query_params))


@router.get("/embed/kecamatan/{kode}")
def embedded_kecamatan(request: Request, view: RequestView, kode: str) -> HTMLResponse:
    """One kecamatan for the frame of another site: no chrome, a link back."""
    return _show(
        request, view, readers.Level.KECAMATAN, kode, {**dict(request.query_params), "embed": "1"}
    )


def _show(
    request: Request, view: RequestView, level: readers.Level, kode: str, query: Mapping[str, str]
) -> HTMLResponse:
    settings = settings_of(request)
    basemap = read_basemap(settings.basemap) if settings.basemap else None
    reader = readers.open_reader(view, query, questions.PARAMETERS).about(level, kode)
    question = questions.read_question(reader, query)
    page_view = area_views.make_view(reader, question, readings.read_readings(reader, question))
    trial = make_trial(page_view, request)
    tried = draw_trial(page_view, trial)
    # Written on the page, but for the frame of another site.
    reader.address.is_written |= not question.embed
    values = {
        "root": reader.address.text,
        "view": page_view,
        "trial": trial,
        "kinds": facilities.titled_kinds(reader.release, reader.words),
        "figures": area_parts.key_figures(page_view),
        "options": area_parts.layer_options(page_view),
        "elsewhere": area_parts.elsewhere(page_view),
        "rings": area_parts.ring_choices(page_view),
        "island": area_map.browser_data(page_view, basemap),
        "scale": area_map.make_spread(page_view),
        "places_title": area_map.places_title(page_view),
        "picture": area_map.draw_map(page_view, over=tried),
    }
    ancestors = settings.frame_ancestors if question.embed else "'self'"
    origin = basemap.origin if basemap else None
    answer = answers.answer_page(reader, "area/area.html", values, ancestors, origin)
    if trial is not None and trial.problem:
        # A busy server is no lasting answer, not even of a release that never changes.
        answer.headers["Cache-Control"] = "no-store"
    return answer


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
    width = read_number("width", text, NARROWEST, WIDEST, "pixels") if text else WIDTH
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


def _view(
    view: RequestView, level: readers.Level, kode: str, query: dict[str, str]
) -> area_views.View:
    reader = readers.open_reader(view, query, questions.PARAMETERS).about(level, kode)
    question = questions.read_question(reader, query)
    return area_views.make_view(reader, question, readings.read_readings(reader, question))


def _name(view: area_views.View) -> str:
    return f"{view.wilayah.level}-{view.wilayah.kode}-{view.question.field}"


def _write(view: area_views.View, address: str, ending: answers.Ending, width: int) -> bytes:
    release = view.reader.release
    if ending is answers.Ending.PNG:
        return draw_picture(picture_sheet(view, address), view.outline, picture_shapes(view), width)
    if ending is answers.Ending.CSV:
        return write_csv(release, view)
    return write_xlsx(release, view, address)


def picture_shapes(view: area_views.View) -> dict[str, Shape]:
    """The children as the picture draws them: no links, nothing to point at."""
    return shapes_by_kode(
        [
            Shape(row.kode, row.nama, row.fill, row.nama, is_part=bool(row.coverage))
            for row in view.rows
        ]
    )


def picture_sheet(view: area_views.View, address: str) -> PictureWords:
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


def _norm(view: area_views.View) -> str:
    """What norm, definition or classes rest on, apart from the source of the data."""
    if not view.norm:
        return ""
    return f"{view.words.say('legend.norm')}: {view.norm}. "


def _picture_display(view: area_views.View) -> PictureDisplay:
    display = view.question.display
    return PictureDisplay(
        labels=display.labels,
        opacity=display.opacity / 100,
        places=view.places,
        ring_m=view.ring_m,
        places_title=area_map.places_title(view),
        isolines=_isoline_key(view),
    )


def _isoline_key(view: area_views.View) -> IsolineKey | None:
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
