"""GDAL and QGIS read the live collection ``tindak-lanjut`` of a server with a register."""

from __future__ import annotations

import json
import os
import re
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from geo_service.house import sample_story
from geo_service.register import event_store, records
from layers.release.follow_up_file import Addressee
from tests.clients.conftest import run_program
from tests.clients.test_gdal import read_json
from tests.clients.test_qgis import PYTHON, need_qgis
from tests.end_to_end.processes import serving
from tests.geo_service.register.guests import open_register

HERE = "collections/tindak-lanjut"
DINAS = Addressee(jenis="kabupaten", nama="Dinas PUPR")
FIELDS = {
    "kode": "String",
    "keadaan": "String",
    "lewat_tenggat": "Integer",
    "tenggat": "Date",
    "dijawab": "Integer",
    "tahun_anggaran": "Integer",
    "anggaran_idr": "Real",
    "url": "String",
}


class Live(NamedTuple):
    """A server with the half-year of the demo, its register, and what it answers."""

    url: str
    register: event_store.Register

    def features(self, query: str = "") -> list[dict[str, Any]]:
        answer = read_json(f"{self.url}/{HERE}/items?limit=1000&{query}")
        assert answer["numberMatched"] == answer["numberReturned"]
        found: list[dict[str, Any]] = answer["features"]
        return found


@pytest.fixture(scope="module")
def live(sample_releases: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    url = f"sqlite:///{tmp_path_factory.mktemp('live') / 'register.db'}"
    register = open_register(url)
    release = (sample_releases / "current").resolve()
    sample_story.tell_half_year(register, release, datetime.now(UTC).date())
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GEO_REGISTER", url)
        with serving(sample_releases) as address:
            yield Live(address, register)
    register.close()


def fetched(live: Live, *options: str) -> tuple[list[str], list[str]]:
    """Addresses of items that ogrinfo asked for with these options, and the ids that it read."""
    command = ["ogrinfo", "-q", *options, f"OAPIF:{live.url}/", "tindak-lanjut"]
    settings = {"CPL_DEBUG": "HTTP", "no_proxy": "127.0.0.1"}
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=180, env={**os.environ, **settings}
    )
    assert done.returncode == 0, done.stderr
    asked = re.findall(r"Fetch\(\S+/tindak-lanjut/items\?([^)]*)\)", done.stderr)
    return asked, sorted(re.findall(r" id \(String\) = (\S+)", done.stdout))


def ids(features: list[dict[str, Any]]) -> list[str]:
    return sorted(feature["id"] for feature in features)


@pytest.mark.gdal
def test_gdal_sees_types_count_and_where_it_lies(live: Live) -> None:
    text = run_program("ogrinfo", "-so", f"OAPIF:{live.url}/", "tindak-lanjut")
    assert "Geometry: Point" in text
    assert f"Feature Count: {len(live.features())}" in text
    for name, kind in FIELDS.items():
        assert f"{name}: {kind} " in text
    west, south, east, north = read_json(f"{live.url}/collections/desa")["extent"]["spatial"][
        "bbox"
    ][0]
    assert f"Extent: ({west:.6f}, {south:.6f}) - ({east:.6f}, {north:.6f})" in text
    assert "tindak-lanjut" in run_program("ogrinfo", f"OAPIF:{live.url}/")


@pytest.mark.gdal
def test_gdal_lets_the_server_filter(live: Live) -> None:
    every = ids(live.features())
    for where, query in (
        ("keadaan = 'refused'", "keadaan=refused"),
        ("kode = '99.01.01.2005' AND keadaan = 'refused'", "kode=99.01.01.2005&keadaan=refused"),
        ("lewat_tenggat = 1", "lewat_tenggat=1"),
    ):
        asked, found = fetched(live, "-where", where)
        assert found == ids(live.features(query)) != every
        for part in query.split("&"):
            assert part in asked[-1], asked
    lon, lat = live.features()[0]["geometry"]["coordinates"]
    box = (f"{lon - 0.01:.4f}", f"{lat - 0.01:.4f}", f"{lon + 0.01:.4f}", f"{lat + 0.01:.4f}")
    asked, found = fetched(live, "-spat", *box)
    assert found == ids(live.features(f"bbox={','.join(box)}")) != every
    assert "&bbox=" in asked[-1]


@pytest.mark.gdal
@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_gdal_opens_the_table(live: Live, tmp_path: Path, ending: str) -> None:
    table = download(live, tmp_path, ending)
    as_points = ("-oo", "X_POSSIBLE_NAMES=lon", "-oo", "Y_POSSIBLE_NAMES=lat")
    options = (*as_points, "-oo", "AUTODETECT_TYPE=YES") if ending == "csv" else ()
    text = run_program("ogrinfo", "-so", "-al", *options, str(table))
    assert f"Feature Count: {len(live.features())}" in text
    assert ("Geometry: Point" in text) == (ending == "csv")
    assert "dijawab: Integer" in text
    geopackage = tmp_path / "tindak.gpkg"
    run_program("ogr2ogr", *options, "-nln", "t", str(geopackage), str(table))
    sql = "SELECT COUNT(*) AS n FROM t WHERE keadaan = 'refused'"
    counted = run_program("ogrinfo", "-q", "-sql", sql, str(geopackage))
    assert f"= {len(live.features('keadaan=refused'))}" in counted


@pytest.mark.qgis
def test_qgis_reads_filters_and_opens_the_table(live: Live, tmp_path: Path) -> None:
    need_qgis()
    table = download(live, tmp_path, "csv")
    script = str(Path(__file__).with_name("qgis_follow_up.py"))
    text = run_program(PYTHON, script, live.url, str(table))
    seen = json.loads(text.strip().splitlines()[-1])
    features = live.features()
    every, points = ids(features), sum(each["geometry"] is not None for each in features)
    assert seen["is_valid"]
    assert seen["ids"] == seen["table"] == every
    assert seen["points"] == seen["table_points"] == points > len(every) / 2
    assert seen["refused"] == ids(live.features("keadaan=refused")) != every
    box = read_json(f"{live.url}/collections/desa")["extent"]["spatial"]["bbox"][0]
    assert seen["extent"] == pytest.approx(box, abs=0.01)
    types = {name: seen["types"][name] for name in FIELDS}
    assert types["lewat_tenggat"].startswith("integer")
    assert types["anggaran_idr"].startswith(("real", "double"))
    assert types["tenggat"] == "date"


@pytest.mark.gdal
def test_an_event_changes_the_etag_and_what_gdal_reads(live: Live) -> None:
    def etag() -> str:
        with urllib.request.urlopen(f"{live.url}/{HERE}/items", timeout=30) as answer:
            return str(answer.headers["etag"])

    first, before = etag(), fetched(live)[1]
    assert etag() == first
    actor = records.Actor(role="kecamatan", name="camat", area="99.01.01")
    raised = records.Raised(kode="99.01.01.2005", title="Jembatan")
    item = live.register.begin((raised,), actor, datetime.now(UTC))
    send = records.Stepped(step="send", to=DINAS, due=datetime(2030, 1, 1).date())
    live.register.add(item, (send,), actor, datetime.now(UTC))
    # A server keeps such an answer for 20 s.
    end = time.monotonic() + 30
    while etag() == first and time.monotonic() < end:
        time.sleep(1)
    assert etag() != first
    assert fetched(live)[1] == sorted([*before, item.id])


def download(live: Live, folder: Path, ending: str) -> Path:
    table = folder / f"tindak-lanjut.{ending}"
    with urllib.request.urlopen(f"{live.url}/{HERE}/items?f={ending}", timeout=30) as answer:
        table.write_bytes(answer.read())
    return table
