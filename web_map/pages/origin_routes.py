"""How a number came about, as a page and as a document: any value of desa, kecamatan, kabupaten."""

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from geo_service.http.links import document
from geo_service.ogc.params import ReleaseView, View
from web_map.pages.origin import (
    PARAMETERS,
    Origin,
    find_origin,
    origin_document,
    origin_parents,
)
from web_map.pages.routes import answer_page
from web_map.views.question import check_parameters, read_language
from web_map.views.terms import with_terms, with_terms_of_desa
from web_map.words import Words

router = APIRouter(tags=["pages"])


@router.get("/desa/{kode}/asal")
def desa_origin(request: Request, view: View, kode: str) -> HTMLResponse:
    """How a value of a desa came about."""
    return _show(request, view, "desa", kode)


@router.get("/kecamatan/{kode}/asal")
def kecamatan_origin(request: Request, view: View, kode: str) -> HTMLResponse:
    """How a value of a kecamatan came about."""
    return _show(request, view, "kecamatan", kode)


@router.get("/kabupaten/{kode}/asal")
def kabupaten_origin(request: Request, view: View, kode: str) -> HTMLResponse:
    """How a value of a kabupaten came about."""
    return _show(request, view, "kabupaten", kode)


@router.get("/desa/{kode}/asal.json")
def desa_document(request: Request, view: View, kode: str) -> Response:
    """How a value of a desa came about, for programs."""
    return document(origin_document(_find(request, view, "desa", kode)[0]))


@router.get("/kecamatan/{kode}/asal.json")
def kecamatan_document(request: Request, view: View, kode: str) -> Response:
    """How a value of a kecamatan came about, for programs."""
    return document(origin_document(_find(request, view, "kecamatan", kode)[0]))


@router.get("/kabupaten/{kode}/asal.json")
def kabupaten_document(request: Request, view: View, kode: str) -> Response:
    """How a value of a kabupaten came about, for programs."""
    return document(origin_document(_find(request, view, "kabupaten", kode)[0]))


def _find(request: Request, view: ReleaseView, level: str, kode: str) -> tuple[Origin, Words]:
    query = dict(request.query_params)
    check_parameters(query, PARAMETERS)
    words = Words(read_language(query))
    if level == "desa":
        words = with_terms_of_desa(words, view.release, kode)
    else:
        words = with_terms(words, view.release, kode)
    return find_origin(view.release, level, kode, query, words), words


def _show(request: Request, view: ReleaseView, level: str, kode: str) -> HTMLResponse:
    origin, words = _find(request, view, level, kode)
    parents = origin_parents(view.release, origin)
    return answer_page(view, "origin.html", words, origin=origin, parents=parents)
