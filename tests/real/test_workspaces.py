"""Real files, through the real commands: build → verify → serve → tiles, items, a picture."""

from __future__ import annotations

import csv
import gzip
import io
import json
import math
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import geopandas as gpd
import mapbox_vector_tile
import numpy as np
import pandas as pd
import pytest
import shapely
from playwright.sync_api import sync_playwright
from pyproj import Geod

from layers.release.manifest_file import CURRENT_LINK, read_manifest
from tests.end_to_end.processes import read_url, run, serving

pytestmark = pytest.mark.real

HERE = Path(__file__).parent
CHROMIUM = [
    "--no-sandbox",
    "--use-gl=angle",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
]


def build(name: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The published release of a committed workspace, and its folder of releases."""
    releases = tmp_path_factory.mktemp(name) / "releases"
    run("build", HERE / name, "--to", releases, "--publish", check=True)
    run("verify", releases / CURRENT_LINK, check=True)
    return releases


@pytest.fixture(scope="module")
def flores_timur(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    assert shared_data
    return build("flores_timur", tmp_path_factory)


@pytest.fixture(scope="module")
def jakarta(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    assert shared_data
    return build("jakarta", tmp_path_factory)


@pytest.fixture(scope="module")
def garut(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    assert shared_data
    return build("garut", tmp_path_factory)


@pytest.fixture(scope="module")
def jawa_barat(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    assert shared_data
    return build("jawa_barat", tmp_path_factory)


def loads(releases: Path) -> dict[str, dict[str, int]]:
    report = json.loads((releases / CURRENT_LINK / "findings.json").read_text())
    return {load["input"]: load for load in report["loads"]}


def features(releases: Path, layer: str) -> list[dict[str, object]]:
    text = (releases / CURRENT_LINK / "layers" / layer / "features.geojsonl").read_text()
    return [json.loads(line)["properties"] for line in text.splitlines()]


def idm_of(shared_data: Path, prefix: str, year: str = "2024") -> dict[str, float]:
    table = pd.read_csv(shared_data / "idm_kemendesa" / "idm_summary.csv.gz", dtype=str)
    mine = table[table["kode"].str.startswith(prefix) & (table["tahun"] == year)]
    return dict(zip(mine["kode"], mine["SKOR_SAAT_INI"].astype(float), strict=True))


@pytest.mark.parametrize(
    ("name", "prefix", "desa", "with_idm"),
    [
        ("flores_timur", "5306", 250, 9),
        ("garut", "3205", 442, 12),
        ("jawa_barat", "32", 5957, 128),
    ],
)
def test_scores_are_joined_where_the_codes_match_and_nowhere_else(
    name: str,
    prefix: str,
    desa: int,
    with_idm: int,
    shared_data: Path,
    request: pytest.FixtureRequest,
) -> None:
    releases = request.getfixturevalue(name)
    rows = features(releases, "desa")
    assert len(rows) == desa
    expected = idm_of(shared_data, prefix)
    shown = {
        str(row["kode"]).replace(".", ""): row["idm_skor"]
        for row in rows
        if row["idm_skor"] is not None
    }
    assert len(shown) == with_idm
    assert shown == pytest.approx({kode: expected[kode] for kode in shown})
    without = [row for row in rows if row["idm_skor"] is None]
    assert {row["idm_skor_status"] for row in without} <= {"no_data", "not_applicable"}
    count = loads(releases)["tables.idm"]
    assert count["rows_read"] == 10_006
    assert count["rows_read"] == count["matched"] + count["unmatched"] + count["duplicates"]


def test_items_of_the_index_become_needs_with_their_step_and_actor(
    garut: Path, shared_data: Path
) -> None:
    """Two whole kecamatan of Garut have the item rows: 32.05.18 Cigedug is one."""
    rows = pd.read_parquet(shared_data / "idm_kemendesa" / "idm_rows.parquet")
    rows = rows[rows["kode"].str.startswith("320518") & (rows["tahun"] == "2024")]
    norms = {
        "Skor Akses Listrik": 5,
        "Skor Akses Jamban": 5,
        "Skor Akses Poskesdes": 4,
        "Skor Akses SMA/SMK": 5,
    }
    asked = rows[rows["indikator"].isin(norms)]
    least = asked["indikator"].map(norms).astype(float)
    below = asked[asked["skor"].astype(float) < least]
    with serving(garut) as base:
        body = read_url(f"{base}/kecamatan/32.05.18/tindak-lanjut.csv").decode("utf-8-sig")
        page = read_url(f"{base}/kecamatan/32.05.18/tindak-lanjut").decode()
    tasks = list(csv.DictReader(io.StringIO(body, newline="")))
    assert len(tasks) == len(below) == 8
    said = {(task["kode"].replace(".", ""), task["masalah"].split(", norma")[0]) for task in tasks}
    assert len(said) == 8
    for at, row in below.assign(line=below.index + 2).iterrows():
        kode, words = str(row["kode"]), " ".join(str(row["keterangan"]).split())
        mine = [
            task
            for task in tasks
            if task["kode"].replace(".", "") == kode and words in task["masalah"]
        ]
        assert len(mine) == 1, at
        advice = str(row["kegiatan"]).strip()
        assert advice == "-" or advice in mine[0]["langkah"]
        assert f"baris {row['line']}" in mine[0]["bukti"]
    assert "Dinas ESDM Provinsi" in page


def tiles_of(base: str, tilejson: dict[str, object], zoom: int) -> Iterator[bytes]:
    """Every tile of one zoom within the bounds of a TileJSON."""
    west, south, east, north = map(float, tilejson["bounds"])  # type: ignore[call-overload]  # four numbers
    template = str(tilejson["tiles"][0])  # type: ignore[index]  # a list
    (x0, y0), (x1, y1) = _tile(west, north, zoom), _tile(east, south, zoom)
    for x in range(x0, x1 + 1):
        for y in range(y0, y1 + 1):
            url = template.format(z=zoom, x=x, y=y)
            with urllib.request.urlopen(url, timeout=30) as answer:
                assert answer.status in (200, 204)
                body = answer.read()
            if body:
                yield gzip.decompress(body) if body[:2] == b"\x1f\x8b" else body


def items_of(base: str, collection: str, count: int) -> list[dict[str, object]]:
    """Every feature of a collection, page by page as a client follows them."""
    found: list[dict[str, object]] = []
    url: str | None = f"{base}/collections/{collection}/items?limit=1000"
    while url is not None:
        page = json.loads(read_url(url))
        assert page["numberMatched"] == count
        assert page["numberReturned"] == len(page["features"])
        found += page["features"]
        url = next((link["href"] for link in page["links"] if link["rel"] == "next"), None)
    assert len(found) == count
    return found


def _tile(lon: float, lat: float, zoom: int) -> tuple[int, int]:
    n = 1 << zoom
    y = (1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2 * n
    return int((lon + 180) / 360 * n), int(y)


@pytest.mark.parametrize(
    ("name", "desa"),
    [("flores_timur", 250), ("garut", 442), ("jawa_barat", 5957), ("jakarta", 258)],
)
def test_every_desa_is_in_the_tiles_and_in_the_items(
    name: str, desa: int, request: pytest.FixtureRequest
) -> None:
    releases = request.getfixturevalue(name)
    with serving(releases) as base:
        tilejson = json.loads(read_url(f"{base}/tiles/desa.json"))
        for zoom in (5, 8, 11):
            seen: dict[int, str] = {}
            for tile in tiles_of(base, tilejson, zoom):
                for feature in mapbox_vector_tile.decode(tile)["desa"]["features"]:
                    seen[feature["id"]] = feature["properties"]["kode"]
            assert len(seen) == desa
            assert all(int(kode.replace(".", "")) == fid for fid, kode in seen.items())
        assert {feature["id"] for feature in items_of(base, "desa", desa)} == set(seen)


def test_distance_to_puskesmas_equals_brute_force(jakarta: Path, shared_data: Path) -> None:
    gaps = pd.read_parquet(jakarta / CURRENT_LINK / "tables" / "gaps.parquet")
    gaps = gaps[gaps["service"] == "puskesmas"]
    desa = gpd.read_parquet(jakarta / CURRENT_LINK / "boundaries.parquet")
    desa = desa[desa["level"] == "desa"].set_index("kode")
    assert len(gaps) == len(desa) == 258
    places = gpd.read_parquet(shared_data / "jakarta_fasilitas" / "puskesmas.parquet")
    lon, lat = places.geometry.x.to_numpy(), places.geometry.y.to_numpy()
    geod = Geod(ellps="WGS84")
    for row in gaps.itertuples():
        start = shapely.Point(float(str(row.origin_lon)), float(str(row.origin_lat)))
        assert desa.loc[row.kode].geometry.intersects(start)
        metres = geod.inv(np.full(len(lon), start.x), np.full(len(lat), start.y), lon, lat)[2]
        assert row.origin == "settlement"
        assert row.distance_m == pytest.approx(metres.min(), abs=0.01)


@pytest.mark.browser
@pytest.mark.parametrize(
    ("name", "kode"),
    [
        ("flores_timur", "53.06.13"),
        ("garut", "32.05.01"),
        ("jawa_barat", "32.01.01"),
        ("jakarta", "31.71.01"),
    ],
)
def test_the_page_of_a_real_kecamatan_draws_its_map(
    name: str, kode: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    releases = request.getfixturevalue(name)
    entries = {entry.kode: entry for entry in read_manifest(releases / CURRENT_LINK).wilayah}
    with serving(releases) as base, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=CHROMIUM)
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        problems: list[str] = []
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("request", lambda asked: _stay_home(asked.url, base, problems))
        page.goto(f"{base}/kecamatan/{kode}")
        page.wait_for_selector("html[data-map-ready='1']", timeout=60_000)
        assert page.locator("#tbl tbody tr").count() == entries[kode].desa
        picture = page.locator("#map").screenshot(path=tmp_path / "map.png")
        browser.close()
    assert problems == []
    assert len(picture) > 10_000


def _stay_home(url: str, base: str, problems: list[str]) -> None:
    if not url.startswith((base, "data:", "blob:")):
        problems.append(f"a request left the origin: {url}")


def test_names_come_from_the_official_lists(flores_timur: Path) -> None:
    manifest = read_manifest(flores_timur / CURRENT_LINK)
    names = {entry.kode: entry.nama for entry in manifest.wilayah}
    assert names["53.06.13"].upper() == "ILE BOLENG"
    assert names["53.06"].upper().endswith("FLORES TIMUR")
