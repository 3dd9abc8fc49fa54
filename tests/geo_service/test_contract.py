"""Every route on a real release: status, headers, shape, caching; and every link resolves."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from geo_service.errors import RequestError, problem_of, status_of
from tests.geo_service.client import HOST, Client

DOCUMENTS = {
    "/": "application/json",
    "/conformance": "application/json",
    "/processes": "application/json",
    "/processes/new-facility": "application/json",
    "/api": "application/vnd.oai.openapi+json;version=3.0",
    "/collections": "application/json",
    "/collections/desa": "application/json",
    "/collections/desa/items": "application/geo+json",
    "/collections/desa/items/9901012001": "application/geo+json",
    "/collections/desa/schema": "application/schema+json",
    "/collections/desa/schema/feature": "application/schema+json",
    "/collections/desa/queryables": "application/schema+json",
    "/tiles/desa.json": "application/json",
    "/styles/desa.json": "application/vnd.mapbox.style+json",
    "/tiles/desa/10/856/536.mvt": "application/vnd.mapbox-vector-tile",
}
FILES = {
    "manifest.json": "application/json",
    "downloads/desa.gpkg": "application/geopackage+sqlite3",
    "downloads/desa.fgb": "application/vnd.flatgeobuf",
    "layers/desa/tiles.pmtiles": "application/vnd.pmtiles",
    "layers/desa/values/ids.json": "application/json",
}
BAD = {
    "/collections/desa/items?limit=0": 400,
    "/collections/desa/items?limit=-1": 400,
    "/collections/desa/items?limit=ten": 400,
    "/collections/desa/items?limit=": 400,
    "/collections/desa/items?limit=1&limit=2": 400,
    "/collections/desa/items?offset=-1": 400,
    "/collections/desa/items?bbox=1,2,3": 400,
    "/collections/desa/items?bbox=1,2,3,x": 400,
    "/collections/desa/items?bbox=1,2,3,nan": 400,
    "/collections/desa/items?bbox=1,9,3,2": 400,
    "/collections/desa/items?datetime=yesterday": 400,
    "/collections/desa/items?datetime=2024-13-01": 400,
    "/collections/desa/items?datetime=../..": 400,
    "/collections/desa/items?nope=1": 400,
    "/collections/desa/items?idm_skor=high": 400,
    "/collections/desa/items?f=xml": 400,
    "/collections?nope=1": 400,
    "/collections?lang=fr": 400,
    "/collections/nope": 404,
    "/collections/nope/items": 404,
    "/collections/nope/schema": 404,
    "/collections/desa/items/1": 404,
    "/collections/desa/items/nope": 404,
    "/collections/desa/items/09901012001": 404,
    "/collections/": 404,
    "/nope": 404,
    "/tiles/nope.json": 404,
    "/processes/nope": 404,
    "/jobs/nope": 404,
    "/styles/nope.json": 404,
    "/assets/nope.js": 404,
    "/releases/papan-0123456789abcdef": 404,
    "/releases/papan-0123456789abcdef/collections": 404,
    "/releases/..%2f..%2fetc/collections": 404,
    "/tiles/nope/10/856/536.mvt": 404,
    "/tiles/desa/25/0/0.mvt": 404,
    "/tiles/desa/10/1024/0.mvt": 400,
    "/tiles/desa/10/0/-1.mvt": 400,
    "/tiles/desa/10/x/0.mvt": 400,
    "/tiles/desa/010/856/536.mvt": 400,
    "/tiles/desa/10/856/536.mvt?nope=1": 400,
    "/tiles/desa/10/856/536.png": 404,
    "/%63ollections": 404,
}


@pytest.fixture(params=["short", "pinned"])
def prefix(request: pytest.FixtureRequest, rid: str) -> str:
    return "" if request.param == "short" else f"/releases/{rid}"


@pytest.fixture(scope="module")
def settled(releases: Path) -> Iterator[Client]:
    """A server whose address is in its settings, so that no request can change it."""
    with Client(releases, public_url="https://peta.go.id") as client:
        yield client


@pytest.mark.parametrize(("path", "media_type"), DOCUMENTS.items())
def test_every_resource_exists_in_both_forms(
    settled: Client, prefix: str, path: str, media_type: str
) -> None:
    url = prefix if prefix and path == "/" else prefix + path
    answer = settled.get(url, host="evil.example")
    assert answer.status_code == 200
    assert b"evil" not in answer.content
    assert answer.headers["content-type"] == media_type
    is_pinned = "immutable" in answer.headers["cache-control"]
    assert is_pinned == bool(prefix)
    assert is_pinned or answer.headers["cache-control"] == "public, no-cache"


@pytest.mark.parametrize("path", DOCUMENTS)
def test_what_repeats_an_address_of_the_request_is_not_kept_for_a_year(
    client: Client, rid: str, path: str
) -> None:
    answer = client.get(f"/releases/{rid}{path.removesuffix('/')}", host="evil.example")
    is_repeated = b"evil" in answer.content or "evil" in str(answer.headers)
    assert is_repeated == (path != "/tiles/desa/10/856/536.mvt")
    assert ("immutable" in answer.headers["cache-control"]) == (not is_repeated)


@pytest.mark.parametrize("path", DOCUMENTS)
def test_every_resource_follows_the_rules(client: Client, path: str) -> None:
    check_rules(client, path)


@pytest.mark.parametrize(("path", "media_type"), FILES.items())
def test_every_file_follows_the_rules(client: Client, rid: str, path: str, media_type: str) -> None:
    url = f"/releases/{rid}/files/{path}"
    assert client.get(url).headers["content-type"] == media_type
    check_rules(client, url)


def check_rules(client: Client, url: str) -> None:
    answer = client.get(url, accept_encoding="gzip")
    assert re.fullmatch(r'"[^"]+"', answer.headers["etag"])
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "ETag" in answer.headers["access-control-expose-headers"]
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "default-src" in answer.headers.get("content-security-policy", "default-src")
    again = client.get(url, accept_encoding="gzip", if_none_match=answer.headers["etag"])
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == answer.headers["etag"]
    head = client.head(url, accept_encoding="gzip")
    assert head.content == b""
    names = {"etag", "content-type", "content-length", "cache-control", "content-encoding"}
    assert {n: head.headers.get(n) for n in names} == {n: answer.headers.get(n) for n in names}
    plain = client.get(url, accept_encoding="identity")
    assert plain.content == answer.content
    assert "content-encoding" not in plain.headers
    if "content-encoding" in answer.headers:
        assert plain.headers["etag"] != answer.headers["etag"]
        assert "Accept-Encoding" in answer.headers["vary"]


@pytest.mark.parametrize(("url", "status"), BAD.items())
def test_every_error_is_a_problem_document(client: Client, url: str, status: int) -> None:
    check_problem(client, url, status)


@pytest.mark.parametrize(
    "path",
    [
        "nope",
        "../manifest.json",
        "..%2f..%2fmanifest.json",
        "%2e%2e/manifest.json",
        "/etc/passwd",
        "layers",
        "layers/desa/",
        "manifest.json%00",
        ".",
        "layers//desa/style.json",
        "downloads\\desa.csv",
    ],
)
def test_only_listed_files_are_served(client: Client, rid: str, path: str) -> None:
    answer = client.get(f"{HOST}/releases/{rid}/files/{path}")
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"


def check_problem(client: Client, url: str, status: int) -> None:
    answer = client.get(url)
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["access-control-allow-origin"] == "*"
    problem = answer.json()
    assert set(problem) == {"type", "title", "status", "detail", "instance"}
    assert problem["status"] == status
    assert client.head(url).status_code == status


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
@pytest.mark.parametrize("path", ["/collections", "/tiles/desa/10/856/536.mvt"])
def test_other_methods_are_refused(client: Client, method: str, path: str) -> None:
    answer = client.request(method, path)
    assert answer.status_code == 405
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["allow"] == "GET, HEAD, OPTIONS"


def test_options_answers_the_preflight_of_a_browser(client: Client) -> None:
    answer = client.request("OPTIONS", "/collections", origin="https://portal.example")
    assert answer.status_code == 204
    assert "Range" in answer.headers["access-control-allow-headers"]
    assert answer.headers["access-control-allow-origin"] == "*"


def test_every_link_resolves(client: Client) -> None:
    seen: set[str] = set()
    pending = ["/", "/api"]
    while pending:
        url = pending.pop()
        if url in seen or "f=html" in url or url.endswith("/execution"):
            continue
        seen.add(url)
        answer = client.get(url)
        if answer.status_code == 307:
            answer = client.get(answer.headers["location"])
        assert answer.status_code == 200, url
        kind = answer.headers["content-type"]
        if "json" in kind and "ndjson" not in kind and not re.search("/files/|/unduh/", url):
            pending += [link["href"] for link in links_in(answer.json())]
    assert len(seen) > 40
    assert any("downloads/desa.gpkg" in url for url in seen)


def links_in(node: Any) -> list[dict[str, Any]]:
    """All objects with an ``href`` in a document, none of which leads elsewhere."""
    if isinstance(node, list):
        return [link for part in node for link in links_in(part)]
    if not isinstance(node, dict):
        return []
    inner = [link for part in node.values() for link in links_in(part)]
    if "href" not in node:
        return inner
    assert urlsplit(node["href"]).netloc == "peta.example"
    return [node, *inner]


def test_the_link_header_repeats_the_links(client: Client) -> None:
    answer = client.get("/collections/desa/items?limit=2")
    for link in answer.json()["links"]:
        assert f'<{link["href"]}>; rel="{link["rel"]}"' in answer.headers["link"]


def test_every_request_error_has_its_own_type_and_a_4xx_status() -> None:
    classes = all_subclasses(RequestError)
    problems = [problem_of(kind.__new__(kind), "/x") for kind in classes]
    assert len({problem["type"] for problem in problems}) == len(classes) > 10
    assert all(400 <= status_of(kind.__new__(kind)) < 500 for kind in classes)


def all_subclasses(kind: type[RequestError]) -> list[type[RequestError]]:
    below = [part for child in kind.__subclasses__() for part in all_subclasses(child)]
    return [kind, *below]


def test_an_unexpected_error_tells_the_client_nothing(
    client: Client, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("secret path /srv/x")

    monkeypatch.setattr("geo_service.ogc.collections.describe", fail)
    answer = client.get("/collections/desa")
    assert answer.status_code == 500
    assert answer.headers["content-type"] == "application/problem+json"
    assert "secret" not in answer.text
    assert "secret path" in caplog.text
    assert [record.levelname for record in caplog.records] == ["ERROR"]


def test_a_client_error_is_not_logged(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    client.get("/nope")
    client.get("/collections?nope=1")
    assert caplog.records == []


def test_the_api_definition_names_what_qgis_and_gdal_need(client: Client) -> None:
    api = client.json("/api")
    assert api["openapi"].startswith("3.0")
    limit = api["components"]["parameters"]["limit"]["schema"]
    assert (limit["default"], limit["maximum"]) == (100, 10000)
    names = [p.get("name") for p in api["paths"]["/collections/desa/items"]["get"]["parameters"]]
    assert {"bbox", "datetime", "kode_kecamatan", "idm_skor"} <= set(names)
    assert {"$ref": "#/components/parameters/limit"} in api["paths"]["/collections/desa/items"][
        "get"
    ]["parameters"]
    assert '"null"' not in json.dumps(api)
    assert '"const"' not in json.dumps(api)


@pytest.mark.parametrize(
    ("accept", "expected"),
    [("application/json", "application/json"), ("*/*", "application/json")],
)
def test_programs_get_json_from_the_landing_page(
    client: Client, accept: str, expected: str
) -> None:
    answer = client.get("/", accept=accept)
    assert answer.headers["content-type"] == expected
    assert "Accept" in answer.headers["vary"]
    rels = {link["rel"]: link for link in answer.json()["links"]}
    assert rels["service-desc"]["type"] == "application/vnd.oai.openapi+json;version=3.0"
    assert rels["data"]["href"] == f"{HOST}/collections"
    assert {"self", "conformance"} <= set(rels)


@pytest.mark.parametrize(
    ("url", "accept"), [("/", "text/html,application/xhtml+xml,*/*;q=0.8"), ("/?f=html", "*/*")]
)
def test_browsers_get_the_start_page(client: Client, url: str, accept: str) -> None:
    answer = client.get(url, accept=accept)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/html")
    assert "Accept" in answer.headers["vary"]
