"""The pages for people: a kecamatan and a kabupaten with their children, as HTML and for embedding.

Every page is complete without script: heading, figures, map, legend and table come from here.
"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from geo_service.errors import MalformedParameterError
from geo_service.http.basemap import read_basemap
from geo_service.http.links import document
from geo_service.ogc.params import ReleaseView, View, settings_of
from geo_service.ogc.processes import gates_of
from web_map.drawing.picture_sheet import WIDTH, draw_picture
from web_map.exports.table import describe_table, write_csv, write_xlsx
from web_map.pages.area import area_values
from web_map.pages.desa import desa_values
from web_map.pages.follow_up import follow_up_values, write_follow_up
from web_map.pages.page_templates import policy, render_page
from web_map.pages.picture import picture_shapes, picture_sheet
from web_map.pages.reports import report_values
from web_map.pages.search import MOST_RESULTS, find_places
from web_map.pages.start import start_values
from web_map.pages.trial import draw_trial, make_trial
from web_map.views.question import (
    check_parameters,
    find_wilayah,
    read_language,
    read_question,
)
from web_map.views.terms import with_terms, with_terms_of_desa
from web_map.views.view import CHILD_LEVEL, make_view
from web_map.views.view import View as AreaView
from web_map.words import Words

router = APIRouter(tags=["pages"])

LONGEST_SEARCH = 80
FILE_TYPES = {
    "png": "image/png",
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
WIDEST = 3508


def html(text: str, ancestors: str = "'self'", origin: str | None = None) -> HTMLResponse:
    """A page with its content policy (see `policy`)."""
    headers = {"Content-Security-Policy": policy(ancestors, origin)}
    return HTMLResponse(text, headers=headers)


def download(body: bytes, name: str, ending: str) -> Response:
    """A file under its name, a picture to look at first; ``ending`` is one of `FILE_TYPES`."""
    disposition = "inline" if ending == "png" else "attachment"
    headers = {"Content-Disposition": f'{disposition}; filename="{name}"'}
    return Response(body, media_type=FILE_TYPES[ending], headers=headers)


def base_path(view: ReleaseView) -> str:
    """The path under which the server is reached from outside, without a slash at its end."""
    return urlsplit(view.root).path.rstrip("/")


@router.get("/kecamatan/{kode}.png")
@router.get("/kecamatan/{kode}.csv")
@router.get("/kecamatan/{kode}.xlsx")
def kecamatan_file(request: Request, view: View, kode: str) -> Response:
    """The view of a kecamatan as a picture or a table."""
    return _file(request, view, "kecamatan", kode)


@router.get("/provinsi/{kode}.png")
@router.get("/provinsi/{kode}.csv")
@router.get("/provinsi/{kode}.xlsx")
def provinsi_file(request: Request, view: View, kode: str) -> Response:
    """The view of a provinsi as a picture or a table."""
    return _file(request, view, "provinsi", kode)


@router.get("/kabupaten/{kode}.png")
@router.get("/kabupaten/{kode}.csv")
@router.get("/kabupaten/{kode}.xlsx")
def kabupaten_file(request: Request, view: View, kode: str) -> Response:
    """The view of a kabupaten as a picture or a table."""
    return _file(request, view, "kabupaten", kode)


@router.get("/kecamatan/{kode}.csv-metadata.json")
def kecamatan_described(request: Request, view: View, kode: str) -> Response:
    """The CSV of a kecamatan, described (CSV on the Web)."""
    return _described(request, view, "kecamatan", kode)


@router.get("/provinsi/{kode}.csv-metadata.json")
def provinsi_described(request: Request, view: View, kode: str) -> Response:
    """The CSV of a provinsi, described (CSV on the Web)."""
    return _described(request, view, "provinsi", kode)


@router.get("/kabupaten/{kode}.csv-metadata.json")
def kabupaten_described(request: Request, view: View, kode: str) -> Response:
    """The CSV of a kabupaten, described (CSV on the Web)."""
    return _described(request, view, "kabupaten", kode)


@router.get("/kecamatan/{kode}")
def kecamatan(request: Request, view: View, kode: str) -> HTMLResponse:
    """One kecamatan: its desa by one indicator, as map, legend and ranked table."""
    return _area(request, view, kode, "kecamatan")


@router.get("/kabupaten/{kode}")
def kabupaten(request: Request, view: View, kode: str) -> HTMLResponse:
    """One kabupaten: its kecamatan compared."""
    return _area(request, view, kode, "kabupaten")


@router.get("/provinsi/{kode}")
def provinsi(request: Request, view: View, kode: str) -> HTMLResponse:
    """One provinsi: its kabupaten compared."""
    return _area(request, view, kode, "provinsi")


@router.get("/embed/kecamatan/{kode}")
def embedded_kecamatan(request: Request, view: View, kode: str) -> HTMLResponse:
    """One kecamatan for the frame of another site: no chrome, a link back."""
    return _area(request, view, kode, "kecamatan", embed=True)


@router.get("/desa/{kode}")
def desa(request: Request, view: View, kode: str) -> HTMLResponse:
    """The profile of one desa."""
    words = with_terms_of_desa(_words(request), view.release, kode)
    values = desa_values(view.release, kode, words, base_path(view))
    return answer_page(view, "desa.html", words, has_needs="needs" in view.release.layers, **values)


@router.get("/kecamatan/{kode}/tindak-lanjut")
def follow_up(request: Request, view: View, kode: str) -> HTMLResponse:
    """Every need of a kecamatan, under the one who acts next."""
    words = with_terms(_words(request, "penerima"), view.release, kode)
    addressee = request.query_params.get("penerima", "")[:LONGEST_SEARCH]
    values = follow_up_values(view.release, kode, words, addressee)
    return answer_page(view, "follow_up.html", words, **values)


@router.get("/kecamatan/{kode}/tindak-lanjut.csv")
@router.get("/kecamatan/{kode}/tindak-lanjut.xlsx")
def follow_up_file(request: Request, view: View, kode: str) -> Response:
    """The follow-up list of a kecamatan as a table."""
    words = with_terms(_words(request), view.release, kode)
    ending = request.url.path.rsplit(".", 1)[1]
    body = write_follow_up(view.release, kode, words, view.root, ending)
    name = f"tindak-lanjut-{kode}.{ending}"
    return download(body, name, ending)


@router.get("/cari")
def search(request: Request, view: View) -> HTMLResponse:
    """Desa, kecamatan and kabupaten by name or code."""
    words = with_terms(_words(request, "q"), view.release)
    text = request.query_params.get("q", "").strip()[:LONGEST_SEARCH]
    places = find_places(view.release, text)
    return answer_page(
        view,
        "search.html",
        words,
        text=text,
        places=places[:MOST_RESULTS],
        more=len(places) > MOST_RESULTS,
        most=MOST_RESULTS,
    )


@router.get("/reports/")
def reports(request: Request, view: View) -> HTMLResponse:
    """Inputs, counts, findings and completeness of the release."""
    words = _words(request, "wilayah", "keparahan", "temuan", "halaman")
    words = with_terms(words, view.release)
    values = report_values(view.release, words, request.query_params)
    return answer_page(view, "reports.html", words, **values)


def start_page(request: Request, view: ReleaseView) -> Response:
    """The start page: choose a kecamatan on the map or from the list (see `landing`)."""
    words = with_terms(_words(request, "f"), view.release)
    values = start_values(view.release, words, base_path(view))
    return answer_page(view, "start.html", words, forced="f" in request.query_params, **values)


def answer_page(view: ReleaseView, template: str, words: Words, **values: Any) -> HTMLResponse:
    """A page of a template, filled in from the release."""
    manifest = view.release.manifest
    return html(render_page(template, words, base_path(view), manifest=manifest, **values))


def _words(request: Request, *known: str) -> Words:
    """The language of a page that knows no other parameters than ``known``."""
    check_parameters(request.query_params, (*known, "lang", "token"))
    return Words(read_language(dict(request.query_params)))


def _query_of(request: Request) -> dict[str, str]:
    """The query of a page; the token is for a proxy in front."""
    return {name: text for name, text in request.query_params.items() if name != "token"}


def _file(request: Request, view: ReleaseView, level: str, kode: str) -> Response:
    ending = request.url.path.rsplit(".", 1)[1]
    query = _query_of(request)
    width = read_width(query.pop("width", "")) if ending == "png" else WIDTH
    page = _view(view, kode, level, query)
    address = f"{view.root}/{level}/{kode}?{page.question.query()}"
    if ending == "png":
        body = draw_picture(picture_sheet(page, address), page.outline, picture_shapes(page), width)
    else:
        body = (
            write_csv(view.release, page)
            if ending == "csv"
            else write_xlsx(view.release, page, address)
        )
    name = f"{level}-{kode}-{page.question.field}.{ending}"
    answer = download(body, name, ending)
    if ending == "csv":
        about = f"{view.root}/{level}/{kode}.csv-metadata.json?{page.question.query()}"
        answer.headers["Link"] = f'<{about}>; rel="describedby"; type="application/csvm+json"'
    return answer


def _described(request: Request, view: ReleaseView, level: str, kode: str) -> Response:
    page = _view(view, kode, level, _query_of(request))
    name = f"{level}-{kode}-{page.question.field}.csv"
    return document(describe_table(view.release, page, name), "application/csvm+json")


def _area(
    request: Request, view: ReleaseView, kode: str, level: str, *, embed: bool = False
) -> HTMLResponse:
    query = _query_of(request)
    release = view.release
    page = _view(view, kode, level, {**query, "embed": "1"} if embed else query)
    question = page.question
    base = base_path(view)
    settings = settings_of(request)
    basemap = read_basemap(settings.basemap) if settings.basemap else None
    trial = make_trial(release, page, gates_of(request).quick)
    text = render_page(
        "area.html",
        page.words,
        base,
        root=view.root,
        manifest=release.manifest,
        trial=trial,
        **area_values(release, page, base, basemap, draw_trial(page, trial)),
    )
    ancestors = settings.frame_ancestors if question.embed else "'self'"
    shown = html(text, ancestors, origin=basemap.origin if basemap else None)
    if trial is not None and trial.problem:
        # A busy server is no lasting answer, not even of a release that never changes.
        shown.headers["Cache-Control"] = "no-store"
    return shown


def _view(view: ReleaseView, kode: str, level: str, query: Mapping[str, str]) -> AreaView:
    find_wilayah(view.release, kode, level)
    question = read_question(view.release, kode, CHILD_LEVEL[level], query)
    return make_view(view.release, question, level)


def read_width(text: str) -> int:
    """Width of a picture in pixels; up to A4 at 300 dots an inch.

    Raises
    ------
    MalformedParameterError
        It is no number from 300 to 3508.
    """
    if not text:
        return WIDTH
    if not text.isdigit() or not 300 <= int(text) <= WIDEST:
        raise MalformedParameterError(f"width: expected 300 to {WIDEST} pixels, got {text!r}.")
    return int(text)
