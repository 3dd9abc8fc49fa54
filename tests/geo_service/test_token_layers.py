"""Layers that need a token: no route gives anything of them to who has none, or another's."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import product
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest

from geo_service.access.token_file import TokenBook
from geo_service.releases.release import Release
from layers.publish import describe, publication
from layers.release import manifest_file
from layers.workspace.sections import LayerSection
from tests.geo_service.client import Client

TODAY = datetime.now(UTC).date()
PLACE, OTHER_PLACE = "99.01.01", "99.01.02"
PLACES = {
    "desa": "99.01.01.2003",
    "kecamatan": PLACE,
    "kabupaten": "99.01",
    "provinsi": "99",
}
BROWSER = "text/html,*/*;q=0.8"
DRAGGED = {
    "spending": {"spending", "needs", "synchronisation", "kecamatan", "kabupaten"},
    "kecamatan": {"kecamatan"},
    "gaps": {"gaps", "needs", "synchronisation", "kecamatan", "kabupaten"},
    "isochrones_sd": {"isochrones_sd"},
    # With its amounts for each person spending tells how many people there are.
    "desa": {"desa", "spending", "needs", "synchronisation", "kecamatan", "kabupaten"},
}
ALLOWED = {200, 204, 303, 307, 308, 400, 401, 403, 404, 405}


def guard(sample: Path, target: Path, layer: str) -> Path:
    """The published sample once more, with a layer for which a token is needed."""
    source = (sample / "current").resolve()
    manifest = manifest_file.read_manifest(source)
    layers = describe.guard_layers(list(manifest.layers), {layer: LayerSection(access="token")})
    unnamed = manifest.model_copy(update={"layers": tuple(layers), "release_id": ""})
    signed = manifest_file.sign_manifest(unnamed)
    release = target / signed.release_id
    shutil.copytree(source, release)
    (release / "manifest.json").write_bytes(manifest_file.manifest_bytes(signed))
    publication.publish(target, signed.release_id)
    return target


@pytest.fixture(scope="module", params=["spending", "gaps", "kecamatan"])
def layer(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def guarded(layer: str, sample_releases: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return guard(sample_releases, tmp_path_factory.mktemp("guarded"), layer)


@pytest.fixture(scope="module")
def release(guarded: Path) -> Release:
    return Release((guarded / "current").resolve())


@pytest.fixture(scope="module")
def client(guarded: Path) -> Iterator[Client]:
    with Client(guarded, public_url="https://peta.go.id") as client:
        yield client


def make_token(releases: Path, *layers: str, areas: tuple[str, ...] = (), day: date = TODAY) -> str:
    return TokenBook(releases).make(layers, areas, day, 30)[0]


def secrets_of(release: Release, only: str = "") -> set[bytes]:
    """Values and names that only closed layers have, as JSON, tables and pages write them."""
    closed = texts_of(release, release.guarded, only)
    return closed - texts_of(release, frozenset(release.layers) - release.guarded)


def texts_of(release: Release, layers: frozenset[str], only: str = "") -> set[bytes]:
    texts: set[bytes] = set()
    for layer_id in layers:
        features = release.features(layer_id)
        for row in range(features.count):
            properties: dict[str, Any] = orjson.loads(features.line(row))["properties"]
            if str(properties["kode"]).startswith(only):
                texts |= {text for value in properties.values() for text in spellings(value)}
    return texts


def spellings(value: object) -> set[bytes]:
    """How a number may be written that has so many digits that it is no other's by chance."""
    if not isinstance(value, int | float):
        return set()
    if value != int(value):
        return {repr(value).encode()} if len(repr(value)) > 6 else set()
    if value < 100_000:
        return set()
    grouped = f"{int(value):,}"
    return {text.encode() for text in (str(int(value)), grouped, grouped.replace(",", "."))}


def leaked_in(content: bytes, secrets: set[bytes]) -> set[bytes]:
    """The secret numbers in an answer, each as a whole number of it."""
    return secrets & set(re.findall(rb"[0-9](?:[0-9.,]*[0-9])?", content))


def urls_of(client: Client, release: Release, layer: str) -> Iterator[str]:
    """Every route, file and picture, and a tile of every zoom, in the short and pinned form."""
    application: Any = client.app
    fields = [entry.name for entry in release.layer(layer).fields if entry.thematic][:2]
    fills = {
        "collectionId": [*release.guarded, "desa"],
        "layerId": [*release.guarded, "desa"],
        "featureId": [str(release.features(layer).fid[0])],
        "processId": ["new-facility", "siting"],
        "jobId": ["1"],
        "level": list(PLACES),
        "kode": list(PLACES.values()),
        "ending": ["png", "csv", "xlsx"],
        "role": ["warga"],
        "name": ["map.id.webp"],
        "fileName": [f"{name}.gpkg" for name in (*release.guarded, "desa")],
    }
    prefixes = ["", f"/releases/{release.id}"]
    for prefix, route in product(prefixes, application._inner.state.routes):
        path = re.sub(r"\{(\w+):\w+\}", r"{\1}", route.path)
        names = re.findall(r"\{(\w+)\}", path)
        for values in product(*(fills[name] for name in names)):
            filled = dict(zip(names, values, strict=True))
            if "level" in filled and PLACES[filled["level"]] != filled["kode"]:
                continue
            url = prefix + path.format(**filled)
            yield url or "/"
            if "pages" in route.tags and prefix:
                yield from (f"{url}?layer={layer}.{field}" for field in fields)
    yield from ("/", "/healthz", "/?f=html", f"/releases/{release.id}", "/cari?q=sagara")
    for entry in (*release.manifest.files, release.file("manifest.json")):
        yield f"/releases/{release.id}/files/{entry.path}"
    for layer_id, zoom in product(release.layers, range(5, 12)):
        west, south, east, north = release.layer(layer_id).bbox_lonlat
        x = int((((west + east) / 2) + 180) / 360 * 2**zoom)
        y = int((0.5 - (south + north) / 2 / 360) * 2**zoom)
        yield f"/releases/{release.id}/tiles/{layer_id}/{zoom}/{x}/{y}.mvt"


def is_of_closed(url: str, closed: frozenset[str]) -> bool:
    """Whether an address names a closed layer itself."""
    named = re.search(
        r"/(?:collections|tiles|styles|layers|downloads|unduh/[0-9.]+|unduh)/([a-z_]+)", url
    )
    return named is not None and named[1] in closed


def test_what_is_made_from_a_layer_needs_its_token_too(sample_releases: Path) -> None:
    manifest = manifest_file.read_manifest((sample_releases / "current").resolve())
    for layer, dragged in DRAGGED.items():
        declared = {layer: LayerSection(access="token")}
        layers = describe.guard_layers(list(manifest.layers), declared)
        assert {entry.id for entry in layers if entry.access == "token"} == dragged, layer


def test_travel_times_of_a_closed_kind_are_in_no_open_file(
    sample_releases: Path, tmp_path: Path
) -> None:
    """The lines of a map, and the rasters that they were drawn from, hold those of all kinds."""
    releases = guard(sample_releases, tmp_path, "isochrones_sd")
    release = Release((releases / "current").resolve())
    token = make_token(releases, "isochrones_sd")
    files = [path for path in release.integrity.entries if "isolines" in path or "_sd.tif" in path]
    assert len(files) == 4
    page = f"/kecamatan/{PLACE}{{}}?facilities={{}}&rings=waktu"
    with Client(releases) as client:
        for path in files:
            url = f"/releases/{release.id}/files/{path}"
            assert client.get(url).status_code == 401, path
            assert client.get(url, authorization=f"Bearer {token}").status_code == 200
        for ending in ("", ".png"):
            url = page.format(ending, "sd")
            assert client.get(url, accept=BROWSER).status_code == 401
            shown = client.get(url, accept=BROWSER, authorization=f"Bearer {token}")
            assert shown.status_code == 200
            assert client.get(page.format(ending, "smp"), accept=BROWSER).status_code == 200
        assert client.get("/processes").status_code == 200
        assert client.get(f"/releases/{release.id}/files/access/what_if.npz").status_code == 200


@pytest.mark.parametrize("shown", ["nothing", "another", "expired", "revoked", "invented"])
def test_no_url_gives_a_value_of_a_closed_layer(
    client: Client, guarded: Path, release: Release, layer: str, shown: str
) -> None:
    secrets = secrets_of(release)
    assert len(secrets) > 5
    headers = {} if shown == "nothing" else {"authorization": f"Bearer {bad_token(guarded, shown)}"}
    refused = 403 if shown == "another" else 401
    urls = sorted(set(urls_of(client, release, layer)))
    if shown != "nothing" and (shown != "another" or layer != "spending"):
        urls = [url for url in urls if is_of_closed(url, release.guarded)][::7]
    for url in urls:
        answer = client.get(url, accept=BROWSER, **headers)
        assert answer.status_code in ALLOWED, (url, answer.status_code)
        assert not leaked_in(answer.content, secrets), url
        assert layer != "spending" or b"Rp" not in answer.content or is_binary(answer), url
        if is_of_closed(url, release.guarded):
            assert answer.status_code == refused, url
            assert answer.headers["cache-control"] == "no-store"
            assert answer.headers["www-authenticate"].startswith("Bearer")


def is_binary(answer: httpx.Response) -> bool:
    """Whether any bytes may occur in an answer by chance."""
    kind = answer.headers.get("content-type", "")
    return not any(part in kind for part in ("text", "json", "/xml", "+xml", "html"))


def bad_token(releases: Path, kind: str) -> str:
    if kind == "another":
        return make_token(releases, "isochrones_smp")
    if kind == "expired":
        return make_token(releases, "*", day=TODAY - timedelta(days=31))
    if kind == "revoked":
        book = TokenBook(releases)
        text, token = book.make(("*",), (), TODAY, 30)
        book.revoke(token.id)
        return text
    return "geo_" + "x" * 43


@pytest.mark.parametrize("way", ["header", "query"])
def test_the_right_token_opens_it_for_its_holder_alone(
    client: Client, guarded: Path, release: Release, layer: str, way: str
) -> None:
    token = make_token(guarded, *release.guarded)
    headers = {"authorization": f"Bearer {token}"} if way == "header" else {}
    query = "" if way == "header" else f"?token={token}"
    pinned = f"/releases/{release.id}"
    # Addresses of tiles carry the token that stood in the address of those who ask for them.
    carrying = {f"{pinned}/tiles/{layer}.json"} if way == "query" else set()
    for url in (
        f"/collections/{layer}/items",
        f"{pinned}/collections/{layer}/items",
        f"{pinned}/files/layers/{layer}/style.json",
        f"{pinned}/files/downloads/{layer}.csv",
        f"{pinned}/files/findings.json",
        f"{pinned}/tiles/{layer}.json",
        *(url for url in urls_of(client, release, layer) if f"/tiles/{layer}/10/" in url),
    ):
        answer = client.get(url + query, **headers)
        assert answer.status_code in {200, 204}, url
        assert "private" in answer.headers["cache-control"]
        assert "no-store" in answer.headers["cache-control"]
        assert "Authorization" in answer.headers["vary"]
        assert (token.encode() in answer.content) == (url in carrying), url
    items = client.get(f"/collections/{layer}/items{query}", **headers)
    assert leaked_in(items.content, secrets_of(release))
    assert layer in client.get(f"/collections{query}", **headers).text
    for url in (f"/kecamatan/{PLACE}", "/reports/", f"/kecamatan/{PLACE}/tindak-lanjut"):
        assert client.get(url + query, accept=BROWSER, **headers).status_code == 200


def test_what_is_public_stays_public_and_may_be_kept(client: Client, release: Release) -> None:
    for url in ("/collections/desa/items", f"/releases/{release.id}/files/downloads/desa.csv"):
        answer = client.get(url)
        assert answer.status_code == 200
        assert answer.headers["cache-control"].startswith("public")
    page = client.get(f"/kecamatan/{PLACE}", accept=BROWSER)
    assert page.status_code == 200
    assert "Authorization" in page.headers["vary"]


def test_pages_of_what_is_open_stay_where_a_layer_is_closed(
    client: Client, release: Release
) -> None:
    start = client.get("/", accept=BROWSER)
    assert start.status_code == 200
    assert f'href="/kecamatan/{PLACE}"' in start.text.replace("https://peta.go.id", "")
    desa = client.get(f"/desa/{PLACES['desa']}", accept=BROWSER)
    assert desa.status_code == 200
    # What may not be said is not there; nor is it said that nothing is to be done.
    assert ('id="steps"' in desa.text) == ("needs" not in release.guarded)
    tasks = client.get(f"/kecamatan/{PLACE}/tindak-lanjut", accept=BROWSER)
    assert ('<table class="tasks' in tasks.text) == ("needs" not in release.guarded)
    kabupaten = client.get("/kabupaten/99.01", accept=BROWSER)
    assert kabupaten.status_code == (401 if "kecamatan" in release.guarded else 200)


def test_where_an_open_value_comes_from_is_open_too(client: Client, release: Release) -> None:
    """But not the report of the data, which repeats cells of all inputs: it says so, and no 0."""
    url = f"/desa/{PLACES['desa']}/asal{{}}?layer=desa.idm_skor"
    page = client.get(url.format(""), accept=BROWSER)
    assert page.status_code == 200
    assert "Catatan pemeriksaan tidak ditampilkan" in page.text
    origin = client.json(url.format(".json"))
    assert origin["findings"] is None
    assert origin["inputs"]
    field = "/kabupaten/99.01/asal{}?layer=kabupaten.idm_skor_median"
    for ending in ("", ".json"):
        is_closed = "kabupaten" in release.guarded
        assert client.get(field.format(ending)).status_code == (401 if is_closed else 200)


def test_a_sum_opens_where_the_values_it_sums_stay_closed(guarded: Path, release: Release) -> None:
    """A token of a layer alone: the sources of a sum are said, the desa are not named."""
    shown = {"authorization": f"Bearer {make_token(guarded, 'kecamatan')}"}
    url = f"/kecamatan/{PLACE}/asal.json?layer=kecamatan.anggaran_idr_jumlah"
    with Client(guarded) as client:
        origin = client.get(url, **shown)
        assert origin.status_code == 200
        is_closed = "spending" in release.guarded
        assert (origin.json()["desa"] == []) == is_closed
        assert origin.json()["searched" if is_closed else "inputs"]
        page = client.get("/kabupaten/99.01?layer=kecamatan.anggaran_idr_jumlah", **shown)
        assert page.status_code == 200
