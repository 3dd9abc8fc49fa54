"""A tiny workspace cut out of the sample, and the ways in which files arrive damaged.

Every damage is a function of a path and a seeded generator; what it makes need not be readable.
"""

from __future__ import annotations

import random
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import numpy as np
import openpyxl
import rasterio
from rasterio import Affine

BOUNDARY = "batas/batas_desa_tanjung_sagara.geojson"
KECAMATAN = "99.01.01"
JUNK = (
    "",
    " ",
    "-",
    "abc",
    "0",
    "-1",
    "1e999",
    "NaN",
    "#REF!",
    "99.01.01.2001",
    "9901012001",
    "1.234",
    "1,234,567",
    "2025-01-01",
    "Infinity",
    "12345678901234567890",
    "\u0000",
    "é",
    "'",
    '"',
)
TEXT = {".csv"}
GEOMETRY = {".geojson", ".gpkg"}
Damage = Callable[[Path, random.Random], None]


def write_tiny(sample: Path, folder: Path) -> Path:
    """One kecamatan of the sample: its polygons, the rasters cut to it, all lists as they are."""
    shutil.copytree(sample, folder)
    blocks = split_sections((folder / "wilayah.toml").read_text(encoding="utf-8"))
    kept = [block for block in blocks if "[[boundaries]]" not in block or BOUNDARY in block]
    (folder / "wilayah.toml").write_text("".join(kept), encoding="utf-8")
    names = folder / "kode" / "kode_wilayah_2025.csv"
    lines = names.read_text(encoding="utf-8").splitlines(keepends=True)
    names.write_text(
        "".join(line for line in lines if len(line.split(",")[0]) < 8 or KECAMATAN in line),
        encoding="utf-8",
    )
    desa = gpd.read_file(folder / BOUNDARY).iloc[:6]
    (folder / BOUNDARY).unlink()
    desa.to_file(folder / BOUNDARY, engine="pyogrio")
    bounds = desa.total_bounds
    for path in folder.rglob("*.tif"):
        _cut_raster(path, tuple(bounds))
    return folder


def split_sections(declaration: str) -> list[str]:
    """The text of ``wilayah.toml`` in parts: its head, and each section with its own tables."""
    return re.split(r"^(?=\[\[?[a-z_]+\]\]?$)", declaration, flags=re.MULTILINE)


def _cut_raster(path: Path, bounds: tuple[float, ...]) -> None:
    west, south, east, north = bounds
    with rasterio.open(path) as source:
        t = source.transform
        left, right = int((west - t.c) / t.a), int((east - t.c) / t.a) + 1
        top, bottom = int((north - t.f) / t.e), int((south - t.f) / t.e) + 1
        data = source.read()[:, top:bottom, left:right]
        profile = source.profile | {
            "height": data.shape[1],
            "width": data.shape[2],
            "transform": Affine(t.a, 0, t.c + left * t.a, 0, t.e, t.f + top * t.e),
        }
    with rasterio.open(path, "w", **profile) as target:
        target.write(data)


def empty(path: Path, rng: random.Random) -> None:
    """No byte is left."""
    path.write_bytes(b"")


def cut_off(path: Path, rng: random.Random) -> None:
    """A copy that stopped half-way."""
    content = path.read_bytes()
    path.write_bytes(content[: rng.randrange(max(1, len(content)))])


def flip_bytes(path: Path, rng: random.Random) -> None:
    """A few bytes are others."""
    content = bytearray(path.read_bytes())
    for _ in range(rng.randint(1, 8)):
        if content:
            content[rng.randrange(len(content))] = rng.randrange(256)
    path.write_bytes(bytes(content))


def keep_header(path: Path, rng: random.Random) -> None:
    """A list without a row, a layer without a feature, a raster without a value."""
    _edit(path, lambda rows: rows[: _header(path)], lambda frame: frame.iloc[:0], np.zeros_like)


def shuffle_rows(path: Path, rng: random.Random) -> None:
    """The rows in another order."""

    def shuffle(rows: list[list[object]]) -> list[list[object]]:
        header, body = rows[: _header(path)], rows[_header(path) :]
        rng.shuffle(body)
        return header + body

    _edit(path, shuffle, lambda frame: frame.sample(frac=1, random_state=rng.randrange(1000)))


def drop_rows(path: Path, rng: random.Random) -> None:
    """A row in two or three is gone, or all but one."""

    def keep(count: int) -> list[int]:
        some = [at for at in range(count) if rng.random() < 0.5]
        return some if rng.random() < 0.7 else some[:1]

    def drop(rows: list[list[object]]) -> list[list[object]]:
        header, body = rows[: _header(path)], rows[_header(path) :]
        return header + [body[at] for at in keep(len(body))]

    _edit(path, drop, lambda frame: frame.iloc[keep(len(frame))])


def rename_column(path: Path, rng: random.Random) -> None:
    """A column has another name."""

    def rename(rows: list[list[object]]) -> list[list[object]]:
        for row in rows[: _header(path)]:
            if row:
                row[rng.randrange(len(row))] = "kolom lain"
        return rows

    def rename_in(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
        names = [name for name in frame.columns if name != "geometry"]
        return frame.rename(columns={rng.choice(names): "kolom_lain"})

    _edit(path, rename, rename_in)


def replace_cells(path: Path, rng: random.Random) -> None:
    """A tenth of the cells, or a whole column, says something else; a raster has infinite cells."""
    column = rng.randrange(12) if rng.random() < 0.5 else None

    def replace(rows: list[list[object]]) -> list[list[object]]:
        for row in rows[_header(path) :]:
            for at in range(len(row)):
                if at == column or (column is None and rng.random() < 0.1):
                    row[at] = rng.choice(JUNK)
        return rows

    def replace_in(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
        names = [name for name in frame.columns if name != "geometry"]
        name = rng.choice(names)
        return frame.assign(**{name: [rng.choice(JUNK) for _ in range(len(frame))]})

    _edit(path, replace, replace_in, lambda data: np.where(data > 0, np.inf, data))


def lose_geometry(path: Path, rng: random.Random) -> None:
    """Some geometries, or all, are null or empty; a raster is all nodata."""
    import shapely

    share = rng.choice([0.2, 0.8, 1.0])
    nothing = rng.choice([None, shapely.Polygon()])

    def lose(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
        shapes = [nothing if rng.random() < share else shape for shape in frame.geometry]
        return frame.set_geometry(gpd.GeoSeries(shapes, index=frame.index, crs=frame.crs))

    _edit(path, lambda rows: rows, lose, lambda data: np.full_like(data, -1))


DAMAGES: tuple[Damage, ...] = (
    empty,
    cut_off,
    flip_bytes,
    keep_header,
    shuffle_rows,
    drop_rows,
    rename_column,
    replace_cells,
    lose_geometry,
)


def _header(path: Path) -> int:
    """Rows of the header of a table of the sample; generous where it has a title."""
    return 1 if path.suffix in TEXT else 5 if "kesehatan" in path.name else 3


def _edit(
    path: Path,
    edit_rows: Callable[[list[list[object]]], list[list[object]]],
    edit_frame: Callable[[gpd.GeoDataFrame], gpd.GeoDataFrame],
    edit_raster: Callable[[np.ndarray], np.ndarray] | None = None,
) -> None:
    """The file read, changed and written again; a file of another kind stays as it is."""
    if path.suffix in TEXT:
        _edit_text(path, edit_rows)
    elif path.suffix == ".xlsx":
        book = openpyxl.load_workbook(path)
        for sheet in book.worksheets:
            rows = edit_rows([[cell.value for cell in row] for row in sheet.iter_rows()])
            sheet.delete_rows(1, sheet.max_row)
            for row in rows:
                sheet.append([None if cell == "\u0000" else cell for cell in row])
        book.save(path)
    elif path.suffix in GEOMETRY:
        frame = edit_frame(gpd.read_file(path))
        layer = {"layer": "jalan"} if "jalan" in path.name else {}
        path.unlink()
        frame.to_file(path, engine="pyogrio", **layer)
    elif path.suffix == ".tif" and edit_raster is not None:
        with rasterio.open(path) as source:
            data, profile = source.read(), source.profile
        with rasterio.open(path, "w", **profile) as target, np.errstate(invalid="ignore"):
            target.write(edit_raster(data).astype(data.dtype))


def _edit_text(path: Path, edit_rows: Callable[[list[list[object]]], list[list[object]]]) -> None:
    text = path.read_bytes().decode("latin-1")
    delimiter = ";" if text.splitlines()[0].count(";") else ","
    rows: list[list[object]] = [list(line.split(delimiter)) for line in text.splitlines()]
    lines = (delimiter.join(map(str, row)) for row in edit_rows(rows))
    path.write_bytes("\n".join([*lines, ""]).encode("latin-1", "replace"))
