"""A GeoPackage explains itself: opened in QGIS, and read as the standard says it."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import geopandas as gpd
import pyogrio
import pytest

from layers.publish.qgis_styles import make_layer_styles, ogc_filter, qgis_expression
from layers.publish.styles import make_style
from layers.release.manifest_file import LayerEntry, Manifest
from tests.layers.publish.test_files import LAYERS, QGIS_PYTHON, run_qgis

OGC = "{http://www.opengis.net/ogc}"
SE = "{http://www.opengis.net/se}"


def layer_of(manifest: Manifest, name: str) -> LayerEntry:
    return next(layer for layer in manifest.layers if layer.id == name)


@pytest.fixture
def database(release: Path) -> Iterator[sqlite3.Connection]:
    path = f"file:{release}/downloads/desa.gpkg?immutable=1"
    with closing(sqlite3.connect(path, uri=True)) as opened:
        yield opened


# --- who opens it without naming a layer --------------------------------------------------------


@pytest.mark.parametrize("layer", LAYERS)
def test_the_features_are_the_first_layer(release: Path, layer: str) -> None:
    path = release / "downloads" / f"{layer}.gpkg"
    assert [name for name, _ in pyogrio.list_layers(path)] == [layer, "layer_styles"]
    with pytest.warns(UserWarning, match=f"'{layer}' .default."):
        read = gpd.read_file(path)
    assert read.equals(gpd.read_file(path, layer=layer))
    assert "kode" in read.columns


def test_the_file_is_of_a_version_that_older_programs_know(database: sqlite3.Connection) -> None:
    assert database.execute("PRAGMA user_version").fetchone() == (10300,)
    assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert database.execute("PRAGMA foreign_key_check").fetchall() == []


# --- styles -------------------------------------------------------------------------------------


def test_each_field_with_classes_has_a_style_and_the_headline_is_the_default(
    release: Path, manifest: Manifest
) -> None:
    for entry in manifest.layers:
        with closing(sqlite3.connect(release / "downloads" / f"{entry.id}.gpkg")) as opened:
            rows = opened.execute(
                "SELECT styleName, useAsDefault, f_table_name, f_geometry_column, update_time "
                "FROM layer_styles ORDER BY id"
            ).fetchall()
            named = opened.execute("SELECT table_name, column_name FROM gpkg_geometry_columns")
            assert {row[2:4] for row in rows} == set(named.fetchall())
        classed = [field for field in entry.fields if field.classes is not None]
        assert len(rows) == len({row[0] for row in rows}) == max(1, len(classed))
        assert [row[1] for row in rows] == [1] + [0] * (len(rows) - 1)
        assert {row[4] for row in rows} == {"2000-01-01T00:00:00.000Z"}
        if classed:
            headline = next(field for field in entry.fields if field.name == entry.headline)
            assert rows[0][0].startswith(headline.title.id)


def test_the_rules_are_the_filters_of_the_style_of_the_map(manifest: Manifest) -> None:
    entry = layer_of(manifest, "desa")
    drawn = [layer for layer in make_style(entry).layers if layer.filter is not None]
    style = make_layer_styles(entry)[0]
    rules = ElementTree.fromstring(style.qml).findall("renderer-v2/rules/rule")
    assert {rule.get("filter") for rule in rules} == {
        qgis_expression(list(layer.filter or ())) for layer in drawn
    }
    colours = [
        option.get("value", "").removesuffix(",255")
        for option in ElementTree.fromstring(style.qml).findall(
            "renderer-v2/symbols/symbol/layer[@class='SimpleFill']/Option/Option[@name='color']"
        )
    ]
    expected = {
        ",".join(str(byte) for byte in bytes.fromhex(str(layer.paint["fill-color"])[1:]))
        for layer in drawn
    }
    assert set(colours) == expected
    assert len(colours) == len(rules) == len(drawn)


def test_a_feature_without_a_value_is_hatched_and_says_why(manifest: Manifest) -> None:
    style = make_layer_styles(layer_of(manifest, "desa"))[0]
    root = ElementTree.fromstring(style.qml)
    hatched = {
        symbol.get("name")
        for symbol in root.findall("renderer-v2/symbols/symbol")
        if symbol.find("layer[@class='LinePatternFill']") is not None
    }
    labels = {
        rule.get("label")
        for rule in root.findall("renderer-v2/rules/rule")
        if rule.get("symbol") in hatched
    }
    assert labels == {"tidak ada data", "tidak terjangkau"}


def test_sld_selects_what_the_map_shows(release: Path, manifest: Manifest) -> None:
    """Each feature is in exactly one rule, found by reading the filters without QGIS."""
    features = [
        json.loads(line)["properties"]
        for line in (release / "layers/desa/features.geojsonl").read_text("utf-8").splitlines()
    ]
    for style in make_layer_styles(layer_of(manifest, "desa")):
        rules = ElementTree.fromstring(style.sld.encode()).findall(f".//{SE}Rule")
        chosen = [rule.find(f"{OGC}Filter/*") for rule in rules]
        for properties in features:
            matches = [rule for rule in chosen if rule is not None and is_true(rule, properties)]
            assert len(matches) == 1, (style.name, properties["kode"])


def is_true(node: ElementTree.Element, properties: dict[str, Any]) -> bool:
    """What a filter says of a feature."""
    name = node.tag.removeprefix(OGC)
    if name in {"And", "Or", "Not"}:
        parts = [is_true(part, properties) for part in node]
        return {"And": all(parts), "Or": any(parts), "Not": not parts[0]}[name]
    value = properties[node.findtext(f"{OGC}PropertyName", "")]
    if name == "PropertyIsNull":
        return value is None
    literal: Any = node.findtext(f"{OGC}Literal", "")
    literal = literal if isinstance(value, str) else float(literal or "nan")
    if value is None:
        return False
    answers: dict[str, bool] = {
        "PropertyIsEqualTo": value == literal,
        "PropertyIsNotEqualTo": value != literal,
        "PropertyIsGreaterThan": value > literal,
        "PropertyIsGreaterThanOrEqualTo": value >= literal,
        "PropertyIsLessThan": value < literal,
        "PropertyIsLessThanOrEqualTo": value <= literal,
    }
    return answers[name]


def test_what_is_no_filter_of_ours_is_refused() -> None:
    for write in (qgis_expression, ogc_filter):
        with pytest.raises(ValueError, match="for"):
            write(["in", "a", "b"])


@pytest.mark.qgis
def test_qgis_opens_the_file_in_the_published_classes(
    release: Path, manifest: Manifest, tmp_path: Path
) -> None:
    if not QGIS_PYTHON.exists() or run_qgis("import qgis.core").returncode:
        pytest.skip("no QGIS with Python bindings")
    script = Path(__file__).with_name("qgis_file.py").read_text(encoding="utf-8")
    pictures = (str(tmp_path / "first.png"), str(tmp_path / "last.png"))
    result = run_qgis(script, str(release / "downloads" / "desa.gpkg"), "desa", *pictures)
    assert result.returncode == 0, result.stderr
    seen = json.loads(result.stdout)
    entry = layer_of(manifest, "desa")
    by_name = {field.name: field for field in entry.fields}
    assert seen["styles"] == ["IDM (indeks)", "Penduduk (jiwa)"]
    assert seen["default"][0] == "≤ 0,4907"
    assert seen["default"][-2:] == ["tidak terjangkau", "tidak ada data"]
    for drawn, name in (("colours", "idm_skor"), ("last", "penduduk_jiwa")):
        large = {colour for colour, count in seen[drawn] if count > 2_000}
        classes = by_name[name].classes
        assert classes is not None
        assert len(large & set(classes.colours)) >= 3
    assert dict(seen["colours"])["#d9d9d9"] > 1_500
    assert dict(seen["colours"])["#bbbbbb"] > 500  # the hatch
    for loaded, error, legend in seen["others"].values():
        assert (loaded, error) == (True, "")
        assert legend[-1] == "tidak ada data"
    assert seen["aliases"]["idm_skor"] == seen["aliases_after"] == "IDM (indeks)"
    assert seen["aliases"]["idm_skor_status"] == "Status: IDM"


# --- columns, words, sources --------------------------------------------------------------------


def test_each_column_has_a_name_with_its_unit(
    database: sqlite3.Connection, manifest: Manifest
) -> None:
    rows = database.execute(
        "SELECT column_name, name, title, description FROM gpkg_data_columns "
        "WHERE table_name = 'desa' ORDER BY rowid"
    ).fetchall()
    told = {name: rest for name, *rest in rows}
    assert list(told) == [field.name for field in layer_of(manifest, "desa").fields]
    assert told["penduduk_jiwa"] == ["Penduduk (jiwa)", "Penduduk", "Penduduk. Satuan: jiwa."]


def test_the_words_of_a_status_have_their_meaning(
    release: Path, database: sqlite3.Connection
) -> None:
    meanings = {
        (name, word): text
        for name, word, text in database.execute(
            "SELECT constraint_name, value, description FROM gpkg_data_column_constraints "
            "WHERE constraint_type = 'enum'"
        )
    }
    bound = dict(
        database.execute(
            "SELECT column_name, constraint_name FROM gpkg_data_columns "
            "WHERE constraint_name IS NOT NULL"
        )
    )
    assert bound == {"idm_skor_status": "status", "penduduk_jiwa_status": "status"}
    assert meanings["status", "no_data"] == "tidak ada data"
    read = gpd.read_file(release / "downloads" / "desa.gpkg", layer="desa")
    for column, domain in bound.items():
        assert {(domain, word) for word in read[column].unique()} <= set(meanings)


def test_the_file_says_its_source_licence_and_release(
    release: Path, manifest: Manifest, database: sqlite3.Connection
) -> None:
    ((text,),) = database.execute(
        "SELECT metadata FROM gpkg_metadata_reference AS r "
        "JOIN gpkg_metadata AS m ON m.id = r.md_file_id WHERE reference_scope = 'table'"
    )
    told = json.loads(text)
    assert told["licence"] == "CC-BY-4.0"
    assert told["attribution"] == "Papan, CC-BY-4.0"
    assert told["wilayah"]["name"] == manifest.title
    assert "bukan acuan hukum" in told["boundaries"]["id"]
    listed = {entry.path: entry.sha256 for entry in manifest.files}
    assert told["release"]["sha256"] == listed[told["release"]["file"]]
    content = (release / told["release"]["file"]).read_bytes()
    assert hashlib.sha256(content).hexdigest() == told["release"]["sha256"]


def test_extensions_are_registered(database: sqlite3.Connection) -> None:
    """GeoPackage 1.3, requirements 58 and 60: a table of an extension has its row."""
    rows = database.execute("SELECT table_name, extension_name FROM gpkg_extensions").fetchall()
    assert set(rows) >= {
        ("gpkg_metadata", "gpkg_metadata"),
        ("gpkg_metadata_reference", "gpkg_metadata"),
        ("gpkg_data_columns", "gpkg_schema"),
        ("gpkg_data_column_constraints", "gpkg_schema"),
    }
    tables = {name for (name,) in database.execute("SELECT name FROM sqlite_master")}
    assert {name for name, _ in rows} <= tables
    listed = database.execute("SELECT table_name, data_type FROM gpkg_contents").fetchall()
    assert listed == [("desa", "features"), ("layer_styles", "attributes")]
