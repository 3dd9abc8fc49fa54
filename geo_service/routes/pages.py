"""The pages for people: a kecamatan and a kabupaten with their children, as HTML and for embedding.

Every page is complete without script: heading, figures, map, legend and table come from here.
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from geo_service.page_area import area_values
from geo_service.page_model import CHILD_LEVEL, make_view
from geo_service.page_question import find_wilayah, read_question
from geo_service.params import ReleaseView, View, settings_of
from geo_service.render.page import policy, render_page
from geo_service.render.words import Words

router = APIRouter(tags=["pages"])


def html(text: str, ancestors: str = "'self'", status: int = 200) -> HTMLResponse:
    """A page with its content policy."""
    return HTMLResponse(text, status, headers={"Content-Security-Policy": policy(ancestors)})


def base_path(view: ReleaseView) -> str:
    """The path under which the server is reached from outside, without a slash at its end."""
    return urlsplit(view.root).path.rstrip("/")


@router.get("/kecamatan/{kode}")
def kecamatan(request: Request, view: View, kode: str) -> HTMLResponse:
    """One kecamatan: its desa by one indicator, as map, legend and ranked table."""
    return _area(request, view, kode, "kecamatan")


@router.get("/kabupaten/{kode}")
def kabupaten(request: Request, view: View, kode: str) -> HTMLResponse:
    """One kabupaten: its kecamatan compared."""
    return _area(request, view, kode, "kabupaten")


@router.get("/embed/kecamatan/{kode}")
def embedded_kecamatan(request: Request, view: View, kode: str) -> HTMLResponse:
    """One kecamatan for the frame of another site: no chrome, a link back."""
    return _area(request, view, kode, "kecamatan", embed=True)


def _area(
    request: Request, view: ReleaseView, kode: str, level: str, *, embed: bool = False
) -> HTMLResponse:
    query: Mapping[str, str] = dict(request.query_params)
    release = view.release
    find_wilayah(release, kode, level)
    if embed:
        query = {**query, "embed": "1"}
    question = read_question(release, kode, CHILD_LEVEL[level], query)
    page = make_view(release, question, level)
    base = base_path(view)
    text = render_page(
        "area.html",
        Words(question.language),
        base,
        root=view.root,
        manifest=release.manifest,
        **area_values(release, page, base),
    )
    ancestors = settings_of(request).frame_ancestors if question.embed else "'self'"
    return html(text, ancestors)
