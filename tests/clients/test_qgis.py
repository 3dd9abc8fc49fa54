"""QGIS opens the connection, the tiles with our style, and the files by range requests."""

from __future__ import annotations

import json
import subprocess
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from layers.publish.publication import build_into, publish
from layers.release.manifest_file import FieldEntry, FieldType, Text
from tests.clients.conftest import run_program
from tests.clients.test_gdal import download_url, read_json
from tests.end_to_end.processes import serving
from tests.layers.publish.world import make_layers, write_world

PYTHON = "/usr/bin/python3"
SCRIPT = Path(__file__).with_name("qgis_reads.py")
TYPES = {"integer": ("integer",), "number": ("real", "double"), "string": ("string",)}
"""How QGIS calls the types of a schema; a longer name goes on after it."""

pytestmark = pytest.mark.qgis


def need_qgis() -> None:
    """Skip the test where QGIS, or its Python bindings, are not installed."""
    if (
        not Path(PYTHON).exists()
        or subprocess.run([PYTHON, "-c", "import qgis.core"], capture_output=True).returncode
    ):
        pytest.skip("no QGIS with its Python bindings on this machine")


def check_types(base: str) -> dict[str, list[str]]:
    """Let QGIS see all layers of a server; the columns without any value, by layer.

    Every other column of numbers is one in QGIS, and every text is a text.
    """
    need_qgis()
    layers = [layer["id"] for layer in read_json(f"{base}/collections")["collections"]]
    script = str(Path(__file__).with_name("qgis_types.py"))
    types = json.loads(run_program(PYTHON, script, base, *layers).strip().splitlines()[-1])
    empty = {}
    for layer in layers:
        assert "error" not in types[layer], types[layer]
        schema = read_json(f"{base}/collections/{layer}/schema")["properties"]
        fields = {name: entry for name, entry in schema.items() if name in types[layer]}
        assert set(types[layer]) >= set(schema) - {"id", "geometry"}, layer
        empty[layer] = [name for name, entry in fields.items() if entry.get("x-empty")]
        wrong = {
            name: (types[layer][name], entry["type"])
            for name, entry in fields.items()
            if name not in empty[layer] and not types[layer][name].startswith(TYPES[entry["type"]])
        }
        assert wrong == {}, layer
    return empty


@pytest.fixture(scope="module")
def seen(base: str) -> dict[str, Any]:
    """What QGIS saw of the server, in one run of it."""
    need_qgis()
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


def publish_late_values(releases: Path) -> Path:
    """A release whose last desa alone shows what some of its columns are."""
    desa, *_ = make_layers()
    frame, last = desa.features, len(desa.features) - 1
    added: dict[str, FieldType] = {"bagian": "number"}
    added |= dict.fromkeys(("jiwa", "rupiah", "belum_ada"), "integer")
    for name, kind in added.items():
        column = pd.Series([None] * (last + 1), dtype="Float64" if kind == "number" else "Int64")
        frame[name] = column
    frame["rupiah"] = 1
    frame.loc[last, ["bagian", "jiwa", "rupiah"]] = [0.5, 7, 3_000_000_000]
    title = Text(id="x", en="x")
    entries = [FieldEntry(name=name, type=kind, title=title) for name, kind in added.items()]
    late = replace(desa, features=frame, fields=(*desa.fields, *entries))
    publish(releases, build_into(releases, partial(write_world, layers=[late])))
    return releases


def test_qgis_sees_numbers_that_the_first_features_lack(tmp_path: Path) -> None:
    """Two numbers are known of the last desa alone, a third needs 64 bits there alone."""
    with serving(publish_late_values(tmp_path / "releases")) as url:
        assert check_types(url)["desa"] == ["belum_ada"]
        types = read_json(f"{url}/collections/desa/items?limit=1")["features"][0]["properties"]
    assert (types["jiwa"], types["rupiah"]) == (7, 3_000_000_000)


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
