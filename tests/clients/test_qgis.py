"""QGIS opens the connection, the tiles with our style, and the files by range requests."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.clients.conftest import run_program
from tests.clients.test_gdal import download_url, read_json

PYTHON = "/usr/bin/python3"
SCRIPT = Path(__file__).with_name("qgis_reads.py")

pytestmark = pytest.mark.qgis


@pytest.fixture(scope="module")
def seen(base: str) -> dict[str, Any]:
    """What QGIS saw of the server, in one run of it."""
    if (
        not Path(PYTHON).exists()
        or subprocess.run([PYTHON, "-c", "import qgis.core"], capture_output=True).returncode
    ):
        pytest.skip("no QGIS with its Python bindings on this machine")
    tiles = read_json(f"{base}/tiles/desa.json")["tiles"][0]
    text = run_program(
        PYTHON,
        str(SCRIPT),
        base,
        f"{base}/styles/desa.json",
        tiles,
        download_url(base, "desa.fgb"),
        download_url(base, "desa.gpkg"),
    )
    document: dict[str, Any] = json.loads(text.strip().splitlines()[-1])
    return document


@pytest.mark.parametrize("source", ["desa", "fgb", "gpkg"])
def test_qgis_reads_every_feature(seen: dict[str, Any], source: str) -> None:
    layer = seen[source]
    assert "error" not in layer
    assert layer["count"] == len(layer["kodes"]) == len(set(layer["kodes"])) == 14
    assert layer["extent"] == pytest.approx([121.0, -8.5, 121.3001, -8.46])


def test_qgis_sees_the_types_of_the_fields(seen: dict[str, Any]) -> None:
    types = {name: kind.lower() for name, kind in seen["desa"]["types"].items()}
    assert "string" in types["kode"]
    assert types["idm_skor"] in {"double", "real"}
    assert types["penduduk_jiwa"].startswith("integer")


def test_qgis_asks_the_server_for_a_box(seen: dict[str, Any]) -> None:
    assert seen["boxed"] == ["99.01.01.2001"]


def test_qgis_opens_a_layer_of_points(seen: dict[str, Any]) -> None:
    assert seen["facilities"]["count"] == 2


def test_qgis_draws_the_tiles_in_the_colours_of_the_style(seen: dict[str, Any], base: str) -> None:
    assert seen["tiles"]
    result, layers, warnings = seen["style"]
    style = read_json(f"{base}/styles/desa.json")
    assert (result, warnings) == (0, [])
    assert layers == len(style["layers"])
    assert len(seen["colours"]) > 4
