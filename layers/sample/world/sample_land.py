"""The land of the sample kabupaten: coast, islands, islets, lake, and one polygon for each desa.

The plan is a map in metres around a point in the open Banda Sea, some hundred kilometres from the
nearest real land, so that nobody can take it for a real place.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from math import cos, radians, sin, tau

import numpy as np
import shapely
from shapely import LineString, MultiPoint, MultiPolygon, Point, Polygon
from shapely.geometry.base import BaseGeometry

from layers.sample.world.mesh import Chain, cut_into_chains, rebuild_faces, roughen_all

CENTRE_LONLAT = (125.7, -5.72)
METRES_PER_DEGREE_LAT = 110_590.0
METRES_PER_DEGREE_LON = 111_320.0 * cos(radians(CENTRE_LONLAT[1]))

# Coarse coasts, counter-clockwise, in plan metres.
MAINLAND = (
    (-20000, 500),
    (-18500, -4500),
    (-15000, -8500),
    (-10500, -9800),
    (-6500, -12000),
    (-2500, -11000),
    (-800, -7800),
    (1200, -6800),
    (3000, -8200),
    (4500, -11500),
    (9000, -13200),
    (13500, -12200),
    (17500, -9000),
    (19500, -4000),
    (18200, -500),
    (19800, 3500),
    (17500, 7500),
    (13500, 9000),
    (11000, 12800),
    (8500, 13600),
    (7200, 10000),
    (3500, 8600),
    (-1000, 10500),
    (-6000, 12200),
    (-10500, 10800),
    (-13500, 8200),
    (-17500, 6500),
)
LARGE_ISLAND = (
    (22500, -9500),
    (23500, -12500),
    (27000, -13800),
    (31000, -12000),
    (32500, -8800),
    (30500, -6500),
    (26500, -5800),
    (23800, -7000),
)
SMALL_ISLAND = (
    (23500, 6200),
    (24800, 4300),
    (27500, 4000),
    (29300, 5800),
    (28600, 8200),
    (25500, 8800),
)
ISLETS = (((-22600, -6200), 900), ((-23900, -3900), 600))
LAKE = ((-4300, 1900), 1450)
ENCLAVE = ((10900, 3900), 1050)
# One seed for each desa, in plan metres, spread by three rounds of Lloyd's relaxation and frozen.
MAINLAND_SEEDS = (
    (-17900, -1400),
    (-16300, 4500),
    (-15300, 600),
    (-14800, -4700),
    (-11700, 200),
    (-11600, 4900),
    (-11500, -6800),
    (-9000, 8700),
    (-8100, -1800),
    (-7000, -9800),
    (-6300, -6100),
    (-5700, 3600),
    (-3600, 9100),
    (-2100, -6600),
    (-1800, -600),
    (700, 5600),
    (2900, -2000),
    (4200, -6400),
    (5500, -9900),
    (6200, 3100),
    (7300, -2700),
    (8300, 8900),
    (8800, -6000),
    (9400, -8800),
    (9500, -11600),
    (10200, -500),
    (12500, -5200),
    (12600, 3100),
    (13600, -9500),
    (14100, -2100),
    (14400, 6800),
    (16900, -5900),
    (17300, 900),
)
LARGE_ISLAND_SEEDS = ((25200, -11100), (25900, -7600), (29500, -8400), (29600, -11200))
SMALL_ISLAND_SEEDS = ((25300, 6200), (27500, 6500))

Seed = tuple[int, int]


@dataclass(frozen=True, slots=True)
class IslandShapes:
    """What the sample kabupaten is made of, in EPSG:4326.

    Parameters
    ----------
    desa
        Polygon of each seed; neighbours share their vertices exactly.
    lake
        Water between desa, belonging to none.
    """

    desa: dict[Seed, MultiPolygon]
    lake: Polygon


def to_lonlat(chain: Sequence[tuple[float, float]]) -> np.ndarray:
    """Plan metres as lon, lat in degrees, shape (n, 2), seven decimals."""
    plan = np.asarray(chain, dtype=float)
    degrees = plan / (METRES_PER_DEGREE_LON, METRES_PER_DEGREE_LAT) + CENTRE_LONLAT
    return np.round(degrees, 7)


def _ring(centre: tuple[float, float], radius: float, corners: int = 9) -> Polygon:
    x, y = centre
    angles = [tau * index / corners for index in range(corners)]
    return Polygon([(round(x + radius * cos(a)), round(y + 0.8 * radius * sin(a))) for a in angles])


def _cells(coast: BaseGeometry, seeds: Sequence[Seed]) -> list[LineString]:
    """The lines that divide the land among its seeds, nearest seed first."""
    diagram = shapely.voronoi_polygons(MultiPoint(seeds), only_edges=True, extend_to=coast)
    inside = shapely.intersection(shapely.get_parts(diagram), coast)
    return [line for line in shapely.get_parts(inside) if line.length > 0]


@cache
def make_land() -> IslandShapes:
    """The land, drawn once for each process."""
    lake = _ring(*LAKE)
    coasts = [Polygon(MAINLAND), Polygon(LARGE_ISLAND), Polygon(SMALL_ISLAND)]
    inner = [
        *_cells(coasts[0].difference(lake), MAINLAND_SEEDS),
        *_cells(coasts[1], LARGE_ISLAND_SEEDS),
        *_cells(coasts[2], SMALL_ISLAND_SEEDS),
    ]
    rings = [lake, _ring(*ENCLAVE), *(_ring(*islet) for islet in ISLETS)]
    outlines = [polygon.exterior for polygon in [*coasts, *rings]]
    chains = cut_into_chains([*inner, *outlines])
    shore = shapely.union_all([coast.exterior for coast in coasts])

    def roughness(chain: Chain) -> float:
        middle = LineString(chain).interpolate(0.5, normalized=True)
        return 0.24 if shore.distance(middle) < 2 else 0.15

    faces = rebuild_faces(roughen_all(chains, roughness, to_lonlat))
    return _assign(faces)


def _assign(faces: Sequence[Polygon]) -> IslandShapes:
    """Each face to the seed inside it; islets to their desa; the lake to nobody."""
    seeds = [*MAINLAND_SEEDS, *LARGE_ISLAND_SEEDS, *SMALL_ISLAND_SEEDS, ENCLAVE[0]]
    places: list[tuple[Seed, Seed]] = [(seed, seed) for seed in seeds]
    places += [(centre, MAINLAND_SEEDS[0]) for centre, _radius in ISLETS]
    parts: dict[Seed, list[Polygon]] = {}
    for place, owner in places:
        inside = [face for face in faces if face.contains(Point(to_lonlat([place])[0]))]
        if len(inside) != 1:
            raise AssertionError(f"{place} lies in {len(inside)} faces")
        parts.setdefault(owner, []).append(inside[0])
    water = [face for face in faces if face.contains(Point(to_lonlat([LAKE[0]])[0]))]
    if len(faces) != len(places) + 1 or len(water) != 1:
        raise AssertionError(f"{len(faces)} faces for {len(places)} places and a lake")
    return IslandShapes({owner: MultiPolygon(part) for owner, part in parts.items()}, water[0])
