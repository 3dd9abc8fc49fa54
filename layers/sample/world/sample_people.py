"""How many people live where: whole people per cell, and the desa totals they add up to.

People live only in cells that lie wholly inside one desa, so that the sum over a desa is the same
whole number however a tool treats cells on a border.  A few live on the lake and at sea, in no
desa: a tool that loses them in silence is found out.
"""

from dataclasses import dataclass
from functools import cache
from math import exp, hypot

import numpy as np
import rasterio
import shapely
from rasterio import Affine
from rasterio.io import MemoryFile

from layers.sample.world import noise, sample_land, sample_records

PATH = "penduduk/penduduk_2025.tif"
CELL_DEGREES = 1 / 480
WEST, NORTH = 125 + 220 / 480, -5 - 280 / 480
COLUMNS, ROWS = 256, 136
NODATA = -9999.0
# Houses on stilts and fishing platforms: plan metres and people, in no desa.
AFLOAT: tuple[tuple[sample_land.Seed, int], ...] = (
    ((-4300, 1900), 12),
    ((2000, -12500), 61),
    ((21500, 0), 24),
)


@dataclass(frozen=True, slots=True)
class People:
    """People per cell (rows from north, columns from west) and per desa.

    Parameters
    ----------
    cells
        Shape (ROWS, COLUMNS), whole numbers.
    by_kode
        Sum of the cells of each desa; adds up with ``afloat`` to the sum of all cells.
    afloat
        People in no desa.
    """

    cells: np.ndarray
    by_kode: dict[str, int]
    afloat: int


@cache
def make_people() -> People:
    """The people of the sample kabupaten."""
    cells = np.zeros((ROWS, COLUMNS), dtype=np.int64)
    by_kode = {}
    for unit in sample_records.make_units():
        total = _how_many(unit)
        rows, columns = _cells_inside(unit)
        cells[rows, columns] = _spread(unit, total, rows, columns)
        by_kode[unit.kode] = total
    for place, count in AFLOAT:
        column, row = _cell_of(place)
        cells[row, column] += count
    return People(cells, by_kode, sum(count for _place, count in AFLOAT))


def _how_many(unit: sample_records.Unit) -> int:
    if unit.is_desa:
        return noise.whole(480, 3100, "people", unit.kode)
    return noise.whole(3600, 8200, "people", unit.kode)


def _cell_of(place: sample_land.Seed) -> tuple[int, int]:
    lon, lat = sample_land.to_lonlat([place])[0]
    return int((lon - WEST) / CELL_DEGREES), int((NORTH - lat) / CELL_DEGREES)


def _cells_inside(unit: sample_records.Unit) -> tuple[np.ndarray, np.ndarray]:
    west, south, east, north = unit.geometry.bounds
    columns = np.arange(int((west - WEST) / CELL_DEGREES), int((east - WEST) / CELL_DEGREES) + 1)
    rows = np.arange(int((NORTH - north) / CELL_DEGREES), int((NORTH - south) / CELL_DEGREES) + 1)
    column, row = (grid.ravel() for grid in np.meshgrid(columns, rows))
    left, top = WEST + column * CELL_DEGREES, NORTH - row * CELL_DEGREES
    squares = shapely.box(left, top - CELL_DEGREES, left + CELL_DEGREES, top)
    # Away from the border, so that damage to it and its repair move nobody.
    heart = unit.geometry.buffer(-0.0005)
    shapely.prepare(heart)
    inside = shapely.contains_properly(heart, squares)
    return row[inside], column[inside]


def _spread(
    unit: sample_records.Unit, total: int, rows: np.ndarray, columns: np.ndarray
) -> np.ndarray:
    """``total`` people over the cells, dense in a few dusun, whole people only."""
    home = _cell_of(unit.seed)
    dusun = [home]
    for number in range(3):
        step = int(len(rows) * noise.between(0, 1, "dusun", unit.kode, number))
        dusun.append((int(columns[step]), int(rows[step])))
    weights = [
        sum(exp(-hypot(column - x, row - y) / 2.2) for x, y in dusun)
        + noise.between(0, 0.02, "house", int(row), int(column))
        for row, column in zip(rows, columns, strict=True)
    ]
    shares = [round(weight * 1_000_000) for weight in weights]
    people = [share * total // sum(shares) for share in shares]
    rest = total - sum(people)
    densest = sorted(range(len(shares)), key=lambda index: (-shares[index], index))
    for index in densest[:rest]:
        people[index] += 1
    return np.array(people)


def make_population_file() -> sample_records.OfficeFile:
    """The population raster: people per cell, ``nodata`` over water without people."""
    people = make_people()
    grid = people.cells.astype("float32")
    grid[_at_sea() & (people.cells == 0)] = NODATA
    profile = {
        "driver": "GTiff",
        "width": COLUMNS,
        "height": ROWS,
        "count": 1,
        "dtype": "float32",
        "crs": "EPSG:4326",
        "transform": Affine(CELL_DEGREES, 0, WEST, 0, -CELL_DEGREES, NORTH),
        "nodata": NODATA,
        "compress": "deflate",
        "predictor": 2,
    }
    with rasterio.Env(), MemoryFile() as memory:
        with memory.open(**profile) as raster:
            raster.write(grid, 1)
        content = memory.read()
    return sample_records.OfficeFile(PATH, content, "Population 2025, people per cell")


def _at_sea() -> np.ndarray:
    """Whether the centre of each cell is in no desa (sea or lake)."""
    column, row = np.meshgrid(np.arange(COLUMNS) + 0.5, np.arange(ROWS) + 0.5)
    land = shapely.union_all([unit.geometry for unit in sample_records.make_units()])
    shapely.prepare(land)
    lon, lat = WEST + column * CELL_DEGREES, NORTH - row * CELL_DEGREES
    on_land: np.ndarray = shapely.contains_xy(land, lon, lat)
    return ~on_land
