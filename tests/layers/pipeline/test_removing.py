"""Removing values never turns into a better number without saying so: every field of every layer.

The fields come from the schema of the layers themselves, so a new one cannot escape: whatever is
painted is held, before against after.  Better is lower or higher as the field says, and any other
number where it does not say.  Saying so is a status that is not ``ok``, or a coverage that fell.
"""

from __future__ import annotations

import csv
import io
import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import rasterio
from numpy.typing import NDArray

from layers.columns.model import COVERAGE_COLUMNS, LayerData
from layers.pipeline.prepare import Prepared, prepare_layers
from tests.layers.provenance.world import KODE, TABLES, TOML, write_workspace

MORE = """
[[facilities]]
id = "pkm"
path = "pkm.csv"
kind = "puskesmas"
name_column = "nama"
lon_column = "lon"
lat_column = "lat"

[population]
path = "pop.tif"
year = 2025

[norms]
sd = 1000
puskesmas = 2000
"""
OFFICES = "".join(f"{kode},Kantor,{121.01 + 0.02 * at:.3f},-8.49\n" for at, kode in enumerate(KODE))
FILES = TABLES | {
    "kantor.csv": f"kode,nama,lon,lat\n{OFFICES}",
    "pkm.csv": "nama,lon,lat\nPuskesmas A,121.01,-8.49\nPuskesmas B,121.06,-8.49\n",
}
VALUES = {
    "air_2024.csv": ("air",),
    "air_2025.csv": ("air",),
    "gizi.csv": ("gizi", "jiwa"),
    "apbdes.csv": ("anggaran", "realisasi"),
    "rkpd.csv": ("pagu",),
    "sekolah.csv": ("lon",),
    "pkm.csv": ("lon",),
}
CELLS = [
    (name, row, column)
    for name, columns in VALUES.items()
    for row in range(1, FILES[name].strip().count("\n") + 1)
    for column in columns
]
PEOPLE = np.random.default_rng(0).integers(1, 20, (10, 40)).astype(np.float32)
Cell = tuple[str, int, str]
Key = tuple[str, str, str, int]


@dataclass(frozen=True)
class Number:
    """One number as a layer has it, and what it says of itself."""

    value: float
    status: str
    coverage: tuple[float, ...]
    worse: str | None

    def is_better_than(self, other: Number) -> bool:
        if self.worse is None:
            return self.value != other.value
        return self.value < other.value if self.worse == "high" else self.value > other.value

    def says_less_is_known_than(self, other: Number) -> bool:
        pairs = zip(self.coverage, other.coverage, strict=True)
        return any(known < before for known, before in pairs)


def without(text: str, cells: list[tuple[int, str]]) -> str:
    """A table whose rows stay, with empty cells."""
    rows = list(csv.reader(io.StringIO(text)))
    for row, column in cells:
        rows[row][rows[0].index(column)] = ""
    written = io.StringIO()
    csv.writer(written, lineterminator="\n").writerows(rows)
    return written.getvalue()


def prepare(folder: Path, gone: list[Cell], hole: slice) -> Prepared:
    """The layers of the world without some cells and without a strip of its population raster."""
    for_table: dict[str, str] = {}
    for name, text in FILES.items():
        cells = [(row, column) for table, row, column in gone if table == name]
        for_table[name] = without(text, cells)
    stems = {name.removesuffix(".csv"): for_table[name] for name in TABLES}
    workspace = write_workspace(folder, TOML + MORE, **stems)
    (workspace / "pkm.csv").write_text(for_table["pkm.csv"], encoding="utf-8")
    write_people(workspace / "pop.tif", hole)
    return prepare_layers(workspace)


def write_people(path: Path, hole: slice) -> None:
    people: NDArray[np.float32] = PEOPLE.copy()
    people[:, hole] = np.nan
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        count=1,
        height=10,
        width=40,
        dtype="float32",
        crs="EPSG:4326",
        nodata=np.nan,
        transform=rasterio.Affine(0.002, 0, 121.0, 0, -0.002, -8.48),
    ) as target:
        target.write(people, 1)


def numbers_of(layer: LayerData) -> Iterator[tuple[Key, Number]]:
    """Every number that is painted, of the year shown and of all years."""
    worse = {entry.name: entry.worse for entry in layer.fields}
    rows = layer.features.drop(columns="geometry").to_dict("records")
    for entry in layer.fields:
        if not entry.thematic or entry.type not in ("number", "integer"):
            continue
        for row in rows:
            value = row[entry.name]
            missing = pd.isna(value)
            status = str(row.get(f"{entry.name}_status", "no_data" if missing else "ok"))
            assert (status == "ok") is not missing, (layer.definition.id, entry.name, status)
            parts = tuple(float(row[part.known]) for part in entry.coverage)
            key = (layer.definition.id, entry.name, str(row["fid"]), 0)
            yield key, Number(np.nan if missing else float(value), status, parts, entry.worse)
    for row in () if layer.values is None else layer.values.to_dict("records"):
        counts = [row.get(known) for known, _ in COVERAGE_COLUMNS]
        parts = tuple(float(count) for count in counts if count is not None and not pd.isna(count))
        key = (layer.definition.id, row["field"], str(row["fid"]), int(row["tahun"]))
        value = np.nan if pd.isna(row["value"]) else float(row["value"])
        yield key, Number(value, row["status"], parts, worse[row["field"]])


def read_numbers(prepared: Prepared) -> dict[Key, Number]:
    return {key: number for layer in prepared.layers for key, number in numbers_of(layer)}


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    return prepare(tmp_path_factory.mktemp("whole") / "w", [], slice(0, 0))


def draw(seed: int) -> tuple[list[Cell], slice]:
    """Some cells, or a strip of the raster as wide as a third of a desa, or both."""
    chance = random.Random(seed)
    gone = chance.sample(CELLS, chance.randint(1, 3)) if seed % 3 else []
    start = chance.randrange(0, 36)
    return gone, slice(start, start + 4) if seed % 2 or not gone else slice(0, 0)


@pytest.mark.parametrize("seed", range(6))
def test_what_is_removed_makes_no_field_better_without_saying_so(
    tmp_path: Path, whole: Prepared, seed: int
) -> None:
    before = read_numbers(whole)
    after = read_numbers(prepare(tmp_path / "w", *draw(seed)))
    compared = 0
    for key, was in before.items():
        now = after.get(key)
        if now is None or now.status != "ok" or was.status != "ok":
            continue
        compared += 1
        if now.is_better_than(was):
            assert now.says_less_is_known_than(was), (key, was, now, draw(seed))
    assert compared > 100


@pytest.mark.parametrize("column", ["anggaran", "realisasi"])
def test_a_line_without_its_amount_is_told_of_the_sums_of_its_desa_and_kecamatan(
    tmp_path: Path, column: str
) -> None:
    prepared = prepare(tmp_path / "w", [("apbdes.csv", 1, column)], slice(0, 0))
    layers = {layer.definition.id: layer.features.set_index("kode") for layer in prepared.layers}
    desa, kecamatan = layers["spending"].loc[KODE[0]], layers["kecamatan"].loc[KODE[0][:8]]
    names = (f"{column}_idr_baris_diketahui", f"{column}_idr_baris_jumlah")
    assert tuple(desa[name] for name in names) == (1, 2)
    assert desa[f"{column}_idr"] == 50_000_000
    # The other desa of the kecamatan has a line without realisasi from the start.
    whole_desa = 1 if column == "anggaran" else 0
    assert kecamatan[f"{column}_idr_desa_dengan_data"] == whole_desa
    assert kecamatan[f"{column}_idr_desa_berlaku"] == 2


def test_every_field_above_the_desa_says_what_it_rests_on(whole: Prepared) -> None:
    for layer in whole.layers:
        if layer.definition.id not in ("kecamatan", "kabupaten"):
            continue
        bare = [entry.name for entry in layer.fields if entry.thematic and not entry.coverage]
        # How many desa there are is known from the polygons alone.
        assert bare == ["desa_count"], layer.definition.id
