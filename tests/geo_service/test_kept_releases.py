"""Releases of every former schema are served by the program of today, or refused in words."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from geo_service.releases.release import Release
from geo_service.releases.store import ReleaseStore
from layers.publish.publication import rollback, verify_release
from layers.release import manifest_file
from layers.release.errors import ReleaseUnusableError
from tests.geo_service import kept_releases
from tests.geo_service.client import Client
from tests.layers.provenance.world import KECAMATAN, KODE

BROWSER = "text/html,*/*;q=0.8"
PLACES = ("/kabupaten/99.01", f"/kecamatan/{KECAMATAN[0]}", f"/desa/{KODE[0]}")
FIELD = "layer=desa.air_minum_layak_pct"
PAGES = (
    "/",
    *PLACES,
    f"{PLACES[2]}/asal?{FIELD}",
    *(f"{PLACES[1]}.{ending}?{FIELD}" for ending in ("png", "csv", "xlsx")),
    f"{PLACES[1]}/banding",
    f"{PLACES[1]}/tindak-lanjut",
    "/cari?q=desa",
    "/reports/",
    "/processes/new-facility",
)
WATER = {KODE[0]: 40, KODE[1]: 95, KODE[2]: None, KODE[3]: None}
"""Of 2025; the third desa has an empty cell, the fourth no row."""
WATER_2024 = {KODE[0]: 50, KODE[1]: 90, KODE[2]: 60, KODE[3]: 70}


@pytest.fixture(scope="module", params=kept_releases.VERSIONS)
def folder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    releases = tmp_path_factory.mktemp(f"kept-{request.param}")
    kept_releases.unpack(request.param, releases)
    return releases


@pytest.fixture
def release(folder: Path) -> Path:
    return (folder / "current").resolve()


@pytest.fixture(scope="module")
def client(folder: Path) -> Iterator[Client]:
    with Client(folder) as client:
        yield client


def test_a_kept_release_is_what_it_was_signed_for(release: Path) -> None:
    assert verify_release(release) == []
    manifest = manifest_file.read_manifest(release)
    written = manifest_file.manifest_bytes(manifest)
    assert written == (release / "manifest.json").read_bytes()


def test_every_layer_and_file_of_it_is_served(client: Client, release: Path) -> None:
    opened = Release(release)
    for layer_id in opened.layers:
        urls = [f"/collections/{layer_id}{rest}" for rest in ("", "/schema", "/queryables")]
        fid = opened.features(layer_id).fid[0]
        urls += [f"/collections/{layer_id}/items{rest}" for rest in ("", f"/{fid}")]
        urls += [f"/tiles/{layer_id}.json", f"/styles/{layer_id}.json"]
        for url in urls:
            assert client.get(url).status_code == 200, url
        tiles = client.json(f"/tiles/{layer_id}.json")["tiles"][0]
        assert client.get(tiles.format(z=4, x=13, y=8)).status_code in {200, 204}
    for entry in opened.manifest.files:
        answer = client.get(f"/releases/{opened.id}/files/{entry.path}")
        assert (answer.status_code, len(answer.content)) == (200, entry.size), entry.path


@pytest.mark.parametrize("url", PAGES)
def test_its_pages_are_made(client: Client, url: str) -> None:
    assert client.get(url, accept=BROWSER).status_code == 200


def test_its_values_are_those_of_its_inputs(client: Client) -> None:
    features = client.json("/collections/desa/items")["features"]
    values = {
        feature["properties"]["kode"]: feature["properties"]["air_minum_layak_pct"]
        for feature in features
    }
    assert values == WATER
    rows: dict[str, str] = {}
    for kecamatan in KECAMATAN:
        text = client.get(f"/kecamatan/{kecamatan}.csv?{FIELD}&tahun=2024").text
        table = csv.DictReader(text.removeprefix("\ufeff").splitlines())
        rows |= {row["kode"]: row["air_minum_layak_pct"] for row in table}
    assert rows == {kode: str(value) for kode, value in WATER_2024.items()}


@pytest.mark.parametrize("version", kept_releases.VERSIONS[:-1])
def test_an_upgrade_leads_there_and_back(version: str, tmp_path: Path) -> None:
    older = kept_releases.unpack(version, tmp_path)
    newest = kept_releases.unpack(kept_releases.VERSIONS[-1], tmp_path)
    store = ReleaseStore(tmp_path)
    assert store.current().id == newest
    assert rollback(tmp_path) == older
    assert store.current().id == older


@pytest.mark.parametrize(
    ("version", "advice"), [("2.0", "upgrade the program"), ("0.9", "build the release again")]
)
def test_a_foreign_schema_is_refused_with_what_to_do(
    release: Path, version: str, advice: str
) -> None:
    text = (release / "manifest.json").read_text()
    with pytest.raises(ReleaseUnusableError, match=advice):
        manifest_file.parse_manifest(respelled(text, schema_version=version))


def test_of_a_newer_minor_schema_what_can_be_read_is_read(release: Path) -> None:
    text, newer = (release / "manifest.json").read_text(), f"1.{kept_releases.LATEST + 1}"
    assert manifest_file.parse_manifest(respelled(text, schema_version=newer))
    with pytest.raises(ReleaseUnusableError, match="upgrade the program"):
        manifest_file.parse_manifest(respelled(text, schema_version=newer, unheard_of=1))
    with pytest.raises(ReleaseUnusableError, match="unheard_of"):
        manifest_file.parse_manifest(respelled(text, unheard_of=1))
    deep = b"[" * 200_000
    for broken in (b"[]", b"{", b"\xff", b'{"schema_version": "x"}', deep):
        with pytest.raises(ReleaseUnusableError):
            manifest_file.parse_manifest(broken)


def respelled(text: str, **changes: object) -> bytes:
    return json.dumps(json.loads(text) | changes).encode()
