"""Two maps of one wilayah compared: as a page, and as a table to take away."""

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from geo_service.ogc.params import ReleaseView, View
from web_map.pages.compare import Comparison, cross, make_views, read_comparison
from web_map.pages.compare_table import write_comparison
from web_map.pages.compare_view import compare_values
from web_map.pages.routes import answer_page, base_path, download
from web_map.views.question import find_wilayah
from web_map.views.terms import with_terms
from web_map.views.view import CHILD_LEVEL
from web_map.words import Words

router = APIRouter(tags=["pages"])


@router.get("/kecamatan/{kode}/banding")
def compare_kecamatan(request: Request, view: View, kode: str) -> HTMLResponse:
    """Two maps of a kecamatan side by side, by swiping, or crossed."""
    return _show(request, view, kode, "kecamatan")


@router.get("/provinsi/{kode}/banding")
def compare_provinsi(request: Request, view: View, kode: str) -> HTMLResponse:
    """Two maps of a provinsi side by side, by swiping, or crossed."""
    return _show(request, view, kode, "provinsi")


@router.get("/kabupaten/{kode}/banding")
def compare_kabupaten(request: Request, view: View, kode: str) -> HTMLResponse:
    """Two maps of a kabupaten side by side, by swiping, or crossed."""
    return _show(request, view, kode, "kabupaten")


@router.get("/kecamatan/{kode}/banding.csv")
@router.get("/kecamatan/{kode}/banding.xlsx")
def kecamatan_file(request: Request, view: View, kode: str) -> Response:
    """Two maps of a kecamatan as a table."""
    return _file(request, view, kode, "kecamatan")


@router.get("/provinsi/{kode}/banding.csv")
@router.get("/provinsi/{kode}/banding.xlsx")
def provinsi_file(request: Request, view: View, kode: str) -> Response:
    """Two maps of a provinsi as a table."""
    return _file(request, view, kode, "provinsi")


@router.get("/kabupaten/{kode}/banding.csv")
@router.get("/kabupaten/{kode}/banding.xlsx")
def kabupaten_file(request: Request, view: View, kode: str) -> Response:
    """Two maps of a kabupaten as a table."""
    return _file(request, view, kode, "kabupaten")


def _read(request: Request, view: ReleaseView, kode: str, level: str) -> Comparison:
    find_wilayah(view.release, kode, level)
    query = dict(request.query_params)
    query.pop("token", None)
    return read_comparison(view.release, kode, CHILD_LEVEL[level], query)


def _show(request: Request, view: ReleaseView, kode: str, level: str) -> HTMLResponse:
    comparison = _read(request, view, kode, level)
    values = compare_values(view.release, comparison, level, base_path(view))
    words = with_terms(Words(comparison.first.language), view.release, kode)
    return answer_page(view, "compare.html", words, **values)


def _file(request: Request, view: ReleaseView, kode: str, level: str) -> Response:
    ending = request.url.path.rsplit(".", 1)[1]
    comparison = _read(request, view, kode, level)
    views = make_views(view.release, comparison, level)
    crossing = cross(view.release, *views)
    address = f"{view.root}/{level}/{kode}/banding?{comparison.query()}"
    body = write_comparison(view.release, views, comparison, crossing, address, ending)
    name = f"banding-{kode}-{views[0].entry.name}-{views[1].entry.name}.{ending}"
    return download(body, name, ending)
