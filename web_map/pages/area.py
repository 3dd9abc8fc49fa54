"""The page of a wilayah with children, as HTML and for the frame of another site.

It is complete without script: heading, figures, map, legend and table come from here.
"""

from collections.abc import Mapping

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from geo_service.http.basemap import read_basemap
from geo_service.ogc.params import View as RequestView
from geo_service.ogc.params import settings_of
from web_map.pages import answers, area_map, area_parts
from web_map.pages.trial import draw_trial, make_trial
from web_map.views import facilities, readers, readings
from web_map.views.question import PARAMETERS, read_question
from web_map.views.view import make_view

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
    reader = readers.open_reader(view, query, PARAMETERS).about(level, kode)
    question = read_question(reader, query)
    page_view = make_view(reader, question, readings.read_readings(reader, question))
    trial = make_trial(page_view, request)
    tried = draw_trial(page_view, trial)
    values = {
        "root": reader.root,
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
    answer = answers.answer_page(reader, "area.html", values, ancestors, origin)
    if trial is not None and trial.problem:
        # A busy server is no lasting answer, not even of a release that never changes.
        answer.headers["Cache-Control"] = "no-store"
    return answer
