"""A world small enough to draw: two kecamatan of three by two square desa, an islet, two places."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import geopandas as gpd
import pandas as pd
import shapely

from boundaries.findings.report import Finding, LoadCount, Report, Severity
from layers.columns.catalogue import LayerDefinition, read_layer_definition
from layers.columns.model import LayerData
from layers.publish.write import write_release
from layers.release.manifest_file import FieldEntry, InputEntry, Manifest, Text
from layers.workspace.sections import Workspace
from layers.workspace.workspace_file import read_workspace

WEST, SOUTH, SIDE = 121.0, -8.5, 0.02
WORKSPACE_TOML = """schema = 1
[wilayah]
id = "papan"
name = "Kabupaten Papan"
scope = ["99.01"]
year = 2024
[[boundaries]]
path = "desa.gpkg"
code_system = "kemendagri"
code_column = "kode"
source = "Papan"
licence = "CC-BY-4.0"
"""
PARENTS = ("kecamatan", "kabupaten", "provinsi")


def make_desa() -> gpd.GeoDataFrame:
    """Twelve desa on a grid, the last a desa of two parts (an islet), one without geometry."""
    rows = []
    for number in range(12):
        column, row = number % 6, number // 6
        kecamatan = 1 if column < 3 else 2
        west, south = WEST + column * SIDE, SOUTH + row * SIDE
        shape: Any = shapely.box(west, south, west + SIDE, south + SIDE)
        kode = f"99.01.{kecamatan:02d}.{2001 + number}"
        rows.append(_row("desa", kode, f"Desa {number + 1}", shape))
    islet = shapely.box(WEST + 0.3, SOUTH, WEST + 0.3001, SOUTH + 0.0001)
    rows.append(_row("desa", "99.01.02.2013", "Pulau 'Kecil' \"é\"", islet))
    rows.append(_row("desa", "99.01.02.2014", "Tanpa Batas", None))
    return gpd.GeoDataFrame(rows, geometry="geometry", crs="EPSG:4326")


def make_boundaries() -> gpd.GeoDataFrame:
    """All four levels in one frame, as the boundaries stage hands them over."""
    desa = make_desa()
    frames = [desa]
    for level, name in (("kecamatan", "Kecamatan"), ("kabupaten", "Papan"), ("provinsi", "P99")):
        for kode, group in desa.groupby(f"kode_{level}"):
            shape = shapely.union_all(group.geometry.values)
            frames.append(
                gpd.GeoDataFrame([_row(level, str(kode), f"{name} {kode}", shape)], crs=desa.crs)
            )
    return gpd.GeoDataFrame(pd.concat(frames, ignore_index=True), crs="EPSG:4326")


def make_layers() -> list[LayerData]:
    """Layer ``desa`` with two indicators (one of two years), ``kecamatan``, ``facilities``."""
    desa = make_desa()
    count = len(desa)
    score: list[float | None] = [round(0.4 + number / 25, 4) for number in range(count)]
    score[3] = None
    desa["fid"] = [int(kode.replace(".", "")) for kode in desa["kode"]]
    desa["idm_skor"] = pd.array(score, dtype="Float64")
    desa["idm_skor_status"] = ["no_data" if value is None else "ok" for value in score]
    desa.loc[4, ["idm_skor", "idm_skor_status"]] = [None, "unreachable"]
    desa["idm_skor_tahun"] = pd.array([2024] * count, dtype="Int64")
    desa["penduduk_jiwa"] = pd.array([0, *range(1, count)], dtype="Int64")
    return [
        LayerData(read_layer_definition("desa"), _desa_fields(), desa, _values(desa), ("jenis",)),
        LayerData(read_layer_definition("kecamatan"), _kecamatan_fields(), make_kecamatan()),
        LayerData(read_layer_definition("facilities"), _facility_fields(), make_facilities()),
    ]


def make_kecamatan() -> gpd.GeoDataFrame:
    """The two kecamatan with their number of desa."""
    boundaries = make_boundaries()
    frame = boundaries[boundaries["level"] == "kecamatan"].copy()
    frame["fid"] = [int(kode.replace(".", "")) for kode in frame["kode"]]
    frame["desa_count"] = [6, 8]
    return frame


def make_facilities() -> gpd.GeoDataFrame:
    """One puskesmas on land and one school without a position."""
    return gpd.GeoDataFrame(
        {
            "fid": [2, 1],
            "kode": ["P2", "P1"],
            "nama": ["SD Satu", "Puskesmas Satu"],
            "kind": ["sd", "puskesmas"],
            "kode_kecamatan": [None, "99.01.01"],
        },
        geometry=[None, shapely.Point(WEST + 0.01, SOUTH + 0.01)],
        crs="EPSG:4326",
    )


def make_report() -> Report:
    """One warning and one load that adds up."""
    finding = Finding("table.no_match", Severity.WARNING, "Kode tidak dikenal.", "a.xlsx", 7)
    return Report([finding], [LoadCount("tables.a", "a.xlsx", 3, 1, 1, 1, 13)])


def write_workspace(folder: Path) -> Workspace:
    """The workspace of this world, as a folder with its ``wilayah.toml``."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "wilayah.toml").write_text(WORKSPACE_TOML, encoding="utf-8")
    return read_workspace(folder)


def write_world(
    target: Path,
    layers: list[LayerData] | None = None,
    extras: Mapping[str, Callable[[Path], None]] | None = None,
) -> Manifest:
    """Write the release of this world into ``target``, which may not exist yet."""
    target.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory() as folder:
        return _write_world(target, layers or make_layers(), Path(folder), extras)


def _write_world(
    target: Path,
    layers: list[LayerData],
    workspace_folder: Path,
    extras: Mapping[str, Callable[[Path], None]] | None,
) -> Manifest:
    workspace = write_workspace(workspace_folder)
    entry = InputEntry(
        input="boundaries.1",
        path="desa.gpkg",
        sha256="0" * 64,
        size=1,
        source="Papan",
        licence="CC-BY-4.0",
        code_system="kemendagri",
    )
    return write_release(
        target,
        layers=layers,
        boundaries=make_boundaries(),
        tables={"indicators": pd.DataFrame({"kode": ["99.01.01.2001"], "nilai": [0.4]})},
        report=make_report(),
        workspace=workspace,
        workspace_folder=workspace_folder,
        inputs=(entry,),
        extras=extras,
    )


def definition(layer_id: str) -> LayerDefinition:
    """The definition of a layer of this world."""
    return read_layer_definition(layer_id)


def _row(level: str, kode: str, nama: str, shape: Any) -> dict[str, Any]:
    multi = shape
    if shape is not None and shape.geom_type == "Polygon":
        multi = shapely.multipolygons([shape])
    codes = {"provinsi": kode[:2], "kabupaten": kode[:5], "kecamatan": kode[:8]}
    row: dict[str, Any] = {"level": level, "kode": kode, "nama": nama}
    row["jenis"] = "desa" if level == "desa" else None
    for parent in PARENTS:
        row[f"kode_{parent}"] = codes[parent] if len(codes[parent]) <= len(kode) else None
        row[f"nama_{parent}"] = f"Nama {codes[parent]}"
    return {**row, "geometry": multi}


def _text_fields(*names: str) -> tuple[FieldEntry, ...]:
    return tuple(FieldEntry(name=name, type="string", title=_text(name)) for name in names)


def _text(words: str) -> Text:
    return Text(id=words, en=words)


def _desa_fields() -> tuple[FieldEntry, ...]:
    return (
        *_text_fields("kode", "nama", "jenis", "kode_kecamatan", "nama_kecamatan"),
        *_text_fields("kode_kabupaten", "nama_kabupaten", "kode_provinsi", "nama_provinsi"),
        FieldEntry(
            name="idm_skor",
            type="number",
            title=_text("IDM"),
            unit="indeks",
            thematic=True,
            decimals=4,
            years=(2023, 2024),
            worse="low",
        ),
        FieldEntry(
            name="penduduk_jiwa",
            type="integer",
            title=_text("Penduduk"),
            unit="jiwa",
            thematic=True,
        ),
    )


def _kecamatan_fields() -> tuple[FieldEntry, ...]:
    count = FieldEntry(name="desa_count", type="integer", title=_text("Desa"), thematic=True)
    return (*_text_fields("kode", "nama", "kode_kabupaten", "kode_provinsi"), count)


def _facility_fields() -> tuple[FieldEntry, ...]:
    return _text_fields("kode", "nama", "kind", "kode_kecamatan")


def _values(desa: gpd.GeoDataFrame) -> pd.DataFrame:
    rows = []
    columns = (desa["fid"], desa["idm_skor"], desa["idm_skor_status"])
    for fid, value, status in zip(*columns, strict=True):
        for year in (2023, 2024):
            known = None if pd.isna(value) else round(float(value) - (2024 - year) / 100, 4)
            rows.append((fid, "idm_skor", year, known, status))
    return pd.DataFrame(rows, columns=["fid", "field", "tahun", "value", "status"])
