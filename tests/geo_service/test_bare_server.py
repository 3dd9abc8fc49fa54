"""A server without pages: the API alone, in JSON for everybody, browsers too."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import APIRouter, Request, Response

from geo_service.http.responses import Answer
from geo_service.ogc.params import ReleaseView, View
from geo_service.pages import NO_PAGES, Pages
from tests.geo_service.client import Client

BROWSER = "text/html,application/xhtml+xml,*/*;q=0.8"
PROBLEM = "application/problem+json"


class BareClient(Client):
    """A client of a server without pages."""

    pages = NO_PAGES


@pytest.fixture(scope="module")
def bare(releases: Path) -> Iterator[Client]:
    with BareClient(releases) as client:
        yield client


@pytest.mark.parametrize("accept", [BROWSER, "text/html", "*/*", "application/json", ""])
def test_the_landing_page_is_json_for_everybody(bare: Client, rid: str, accept: str) -> None:
    for url in ("/", f"/releases/{rid}", "/?f=json"):
        answer = bare.get(url, accept=accept)
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "application/json"
        assert answer.json()["release_id"] == rid


def test_no_page_is_promised(bare: Client, client: Client) -> None:
    assert "alternate" in {link["rel"] for link in client.json("/")["links"]}
    assert "alternate" not in {link["rel"] for link in bare.json("/")["links"]}
    with_pages, without = client.json("/api")["paths"]["/"], bare.json("/api")["paths"]["/"]
    assert list(without["get"]["responses"]["200"]["content"]) == ["application/json"]
    assert set(with_pages["get"]["responses"]["200"]["content"]) > {"application/json"}
    answer = bare.get("/?f=html")
    assert (answer.status_code, answer.headers["content-type"]) == (400, PROBLEM)


@pytest.mark.parametrize(
    ("url", "status"),
    [
        ("/nope", 404),
        ("/%ff", 404),
        ("/kecamatan/99.01.01", 404),
        ("/reports/", 404),
        ("/embed/kecamatan/99.01.01", 404),
        ("/assets/page.js", 404),
        ("/sw.js", 404),
        ("/collections/nope", 404),
        ("/collections?nope=1", 400),
        ("/tiles/desa/8/217/131.mvt?nope=1", 400),
        ("/releases/nope/collections", 404),
    ],
)
@pytest.mark.parametrize("accept", [BROWSER, "*/*"])
def test_every_error_is_a_problem_document(
    bare: Client, url: str, status: int, accept: str
) -> None:
    answer = bare.get(f"http://peta.example{url}", accept=accept)
    assert (answer.status_code, answer.headers["content-type"]) == (status, PROBLEM)
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")
    assert answer.json()["status"] == status


def test_the_api_answers_alike_with_and_without_pages(bare: Client, client: Client) -> None:
    paths = client.json("/api")["paths"]
    assert set(bare.json("/api")["paths"]) == set(paths)
    for url in ("/collections", "/conformance", "/collections/desa/items?limit=2", "/processes"):
        assert bare.get(url).content == client.get(url).content


def test_pages_of_somebody_else_are_mounted(releases: Path, rid: str, tmp_path: Path) -> None:
    router = APIRouter(tags=["pages"])

    @router.get("/peta/{kode}")
    def map_page(view: View, kode: str) -> Response:
        return Response(f"{kode} {view.release.id}", media_type="text/html")

    def start(request: Request, view: ReleaseView) -> Response:
        return Response("start", media_type="text/html")

    def tell(scope: object, settings: object, store: object, error: BaseException) -> Answer:
        return Answer(418, str(error).encode(), b"text/plain")

    (tmp_path / "assets").mkdir()
    (tmp_path / "assets" / "map-BfX3k9aQ.js").write_text("1")
    (tmp_path / "sw.js").write_text("2")

    class OtherClient(Client):
        pages = Pages((router,), start, tell, tmp_path / "assets")

    with OtherClient(releases) as client:
        for prefix in ("", f"/releases/{rid}"):
            assert client.get(f"{prefix}/peta/1").text == f"1 {rid}"
        assert client.get("/", accept=BROWSER).text == "start"
        assert client.get("/", accept="*/*").json()["release_id"] == rid
        assert client.get("/peta/1/").headers["location"].endswith("/peta/1")
        assert client.get("/nope").status_code == 418
        assert [client.get(url).text for url in ("/assets/map-BfX3k9aQ.js", "/sw.js")] == ["1", "2"]
