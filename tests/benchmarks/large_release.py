"""A release with 84,000 made-up desa and all themes, for what a page costs at the real size.

It is the release of the drawn world (`tests.layers.publish.world`) with another layer of desa: 68
fields without a year and 39 of two years, the 146 field-years of a release with all themes.  The
first kecamatan of the world stands in the middle of the 6,000.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from layers.publish.feature_files import describe_features
from layers.publish.feature_order import LayerFeatures
from layers.publish.publication import publish
from layers.publish.verification import list_files
from layers.release.feature_index import encode_index
from layers.release.manifest_file import (
    MANIFEST_NAME,
    Classes,
    FieldEntry,
    LayerEntry,
    Text,
    manifest_bytes,
    read_manifest,
    sign_manifest,
)
from layers.release.place_values import FILE_NAME, write_place_values
from layers.release.value_columns import (
    PlaceIds,
    ValueColumn,
    ids_file,
    read_year_columns,
    write_place_ids,
    write_value_column,
    year_file,
)
from tests.layers.publish.world import write_world

DESA, IN_KECAMATAN = 84_000, 14
UNDATED, DATED, YEARS = 68, 39, (2023, 2024)
KECAMATAN = "99.01.01"
_BEFORE = 3000
_PARENTS = ("kode_kecamatan", "kode_kabupaten", "kode_provinsi")
_COLOURS = ("#ffffcc", "#41b6c4", "#253494")


def write_large_release(releases: Path) -> Path:
    """The release, published in a folder that has none."""
    folder = releases / "new"
    write_world(folder)
    manifest = read_manifest(folder)
    small = next(layer for layer in manifest.layers if layer.id == "desa")
    layer = small.model_copy(update={"fields": tuple(_fields()), "headline": None, "count": DESA})
    _write_layer(folder, layer)
    others = tuple(entry for entry in manifest.layers if entry.id != layer.id)
    named = sign_manifest(
        manifest.model_copy(update={"layers": (layer, *others), "files": list_files(folder)})
    )
    (folder / MANIFEST_NAME).write_bytes(manifest_bytes(named))
    release = folder.rename(releases / named.release_id)
    publish(releases, named.release_id)
    return release


def write_without_place_values(release: Path, releases: Path) -> Path:
    """The same release as it was before there were values by place; its folder of releases."""
    folder = releases / "new"
    shutil.copytree(release, folder, copy_function=os.link)
    (folder / FILE_NAME).unlink()
    (folder / MANIFEST_NAME).unlink()
    changes = {"files": list_files(folder), "schema_version": "1.4"}
    named = sign_manifest(read_manifest(release).model_copy(update=changes))
    (folder / MANIFEST_NAME).write_bytes(manifest_bytes(named))
    folder.rename(releases / named.release_id)
    publish(releases, named.release_id)
    return releases


def _fields() -> Iterator[FieldEntry]:
    """Code, name and parents; each value with its status and, where it has years, its year."""
    for name in ("kode", "nama", "jenis", *_PARENTS):
        yield FieldEntry(name=name, type="string", title=Text(id=name, en=name))
    for number in range(UNDATED + DATED):
        name, years = f"nilai_{number}", YEARS if number >= UNDATED else ()
        title = Text(id=name, en=name)
        classes = Classes(method="fixed", breaks=(30.0, 60.0), colours=_COLOURS)
        yield FieldEntry(
            name=name,
            type="number",
            title=title,
            unit="%",
            thematic=True,
            worse="low",
            decimals=1,
            years=years,
            classes=classes,
        )
        yield FieldEntry(name=f"{name}_status", type="string", title=title)
        if years:
            yield FieldEntry(name=f"{name}_tahun", type="integer", title=title)


def _write_layer(folder: Path, layer: LayerEntry) -> None:
    columns = _places()
    made = np.random.default_rng(7)
    write_place_ids(folder / ids_file("desa"), PlaceIds(columns["fid"], columns["kode"]))
    for entry in (field for field in layer.fields if field.thematic):
        for year in entry.years or (None,):
            numbers, statuses = _column(made)
            if year is not None:
                measured = np.array(numbers, dtype=float)
                column = ValueColumn(entry.name, year, entry.unit, measured, tuple(statuses))
                write_value_column(folder / year_file("desa", entry.name, year), column)
        columns[entry.name] = pd.array(numbers, dtype="Float64")
        columns[f"{entry.name}_status"] = statuses
        if entry.years:
            columns[f"{entry.name}_tahun"] = pd.array([YEARS[-1]] * DESA, dtype="Int64")
    corners = np.arange(DESA) % 280, np.arange(DESA) // 280
    west, south = 95 + corners[0] * 0.16, -10 + corners[1] * 0.05
    frame = gpd.GeoDataFrame(
        columns, geometry=shapely.box(west, south, west + 0.1, south + 0.04), crs="EPSG:4326"
    )
    # No page looks into a feature: the index says where each line would be.
    (folder / "layers/desa/features.geojsonl").write_bytes(b"{}\n" * DESA)
    features = LayerFeatures("desa", layer.fields, frame)
    index = encode_index(describe_features(features, [3] * DESA))
    (folder / "layers/desa/features.index").write_bytes(index)
    (folder / FILE_NAME).unlink()
    write_place_values(folder / FILE_NAME, read_year_columns(folder, layer))


def _places() -> dict[str, Any]:
    """Feature ids, codes, names and parents; the codes of other kecamatan are made up."""
    kecamatan = [
        KECAMATAN if number == _BEFORE else f"98.{number // 100:02d}.{number % 100:02d}"
        for number in range(DESA // IN_KECAMATAN)
        for _ in range(IN_KECAMATAN)
    ]
    kode = [f"{parent}.{2001 + at % IN_KECAMATAN}" for at, parent in enumerate(kecamatan)]
    return {
        "fid": [int(code.replace(".", "")) for code in kode],
        "kode": kode,
        "nama": [f"Desa {code}" for code in kode],
        "jenis": ["desa"] * DESA,
        "kode_kecamatan": kecamatan,
        "kode_kabupaten": [code[:5] for code in kecamatan],
        "kode_provinsi": [code[:2] for code in kecamatan],
    }


def _column(made: np.random.Generator) -> tuple[list[float | None], list[str]]:
    """Values of one field and year, one in twenty of them missing."""
    numbers: list[float | None] = np.round(made.random(DESA) * 100, 1).tolist()
    statuses = ["ok"] * DESA
    for at in np.flatnonzero(made.random(DESA) < 0.05).tolist():
        numbers[at], statuses[at] = None, "no_data"
    return numbers, statuses
