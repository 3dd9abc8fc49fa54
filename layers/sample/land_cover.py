"""What grows and stands where: land cover in the codes of ESA WorldCover, finer than the people.

Houses stand around the offices of desa, fields along the roads, forest beyond; sea and lake are
water, so that only the ferry leads to the large island and nothing to the small one.
"""

import numpy as np
import rasterio
import shapely
from rasterio import Affine
from rasterio.features import rasterize
from rasterio.io import MemoryFile

from layers.sample.sample_roads import make_roads, node_of
from layers.sample.world import sample_people, sample_records

PATH = "lahan/tutupan_lahan_2024.tif"
TREES, FIELDS, HOUSES, WATER = 10, 40, 50, 80
CLASSES = {TREES: "forest", FIELDS: "crop", HOUSES: "built", WATER: "water"}
NODATA = 0
HOUSES_DEGREES, FIELDS_DEGREES = 0.004, 0.013


def make_land_cover() -> np.ndarray:
    """Codes of the cells, shape (2 ROWS, 2 COLUMNS), from north and west."""
    units = sample_records.make_units()
    homes = shapely.union_all(shapely.points([node_of(unit) for unit in units]))
    ways = [road.line for road in make_roads() if road.kelas != "Penyeberangan"]
    land = shapely.union_all([unit.geometry for unit in units])
    cells = np.full((2 * sample_people.ROWS, 2 * sample_people.COLUMNS), WATER, np.uint8)
    cells[_cover(land)] = TREES
    cells[_cover(shapely.union_all(ways).buffer(FIELDS_DEGREES)) & (cells == TREES)] = FIELDS
    cells[_cover(homes.buffer(HOUSES_DEGREES)) & (cells != WATER)] = HOUSES
    return cells


def _cover(area: shapely.Geometry) -> np.ndarray:
    """Whether the middle of each cell lies in the area."""
    shape = (2 * sample_people.ROWS, 2 * sample_people.COLUMNS)
    inside: np.ndarray = rasterize([(area, 1)], out_shape=shape, transform=_transform()) > 0
    return inside


def _transform() -> Affine:
    side = sample_people.CELL_DEGREES / 2
    return Affine(side, 0, sample_people.WEST, 0, -side, sample_people.NORTH)


def make_land_cover_file() -> sample_records.OfficeFile:
    """The raster as a GeoTIFF."""
    cells = make_land_cover()
    profile = {
        "driver": "GTiff",
        "width": cells.shape[1],
        "height": cells.shape[0],
        "count": 1,
        "dtype": "uint8",
        "crs": "EPSG:4326",
        "transform": _transform(),
        "nodata": NODATA,
        "compress": "deflate",
    }
    with rasterio.Env(), MemoryFile() as memory:
        with memory.open(**profile) as raster:
            raster.write(cells, 1)
        content = memory.read()
    return sample_records.OfficeFile(PATH, content, "Land cover 2024, codes of ESA WorldCover")
