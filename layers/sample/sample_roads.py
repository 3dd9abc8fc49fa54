"""Roads from desa to desa, a ferry to one island, and a piece that hangs on nothing.

Nodes are shared to the last decimal.  The small island has roads but no ferry: its desa are
unreachable from the mainland, and must stay so.
"""

from dataclasses import dataclass
from functools import cache
from itertools import pairwise

import geopandas as gpd
import shapely
from shapely import LineString, STRtree

from layers.sample.office import write_gpkg
from layers.sample.world import mesh, sample_land, sample_places, sample_records

PATH = "jalan/jaringan_jalan_2024.gpkg"
CLASSES = {
    "Jalan Provinsi": "primary",
    "Jalan Kabupaten": "secondary",
    "Jalan Desa": "tertiary",
    "Penyeberangan": "ferry",
}
# Between neighbours in this order runs the provincial road.
TRUNK = (
    "99.01.01.1001",
    "99.01.01.1014",
    "99.01.02.2003",
    "99.01.02.1001",
    "99.01.02.2006",
    "99.01.02.2009",
    "99.01.02.2011",
)
TOWN = ("99.01.01.1001", "99.01.01.1002")
FERRY = ("99.01.03.2009", "99.01.03.2010")
SMALL_ISLAND = ("99.01.02.2012", "99.01.02.2013")
Spot = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Road:
    """One stretch between two nodes; ``oneway`` runs as it is drawn."""

    kelas: str
    nama: str
    oneway: bool
    line: LineString


def node_of(unit: sample_records.Unit) -> Spot:
    """Where the roads of a unit meet: its kantor, else its middle; lon, lat."""
    lon, lat = sample_places.make_kantor().get(
        unit.kode, tuple(map(float, sample_land.to_lonlat([unit.seed])[0]))
    )
    return lon, lat


def _to_plan(spot: Spot) -> Spot:
    return (
        (spot[0] - sample_land.CENTRE_LONLAT[0]) * sample_land.METRES_PER_DEGREE_LON,
        (spot[1] - sample_land.CENTRE_LONLAT[1]) * sample_land.METRES_PER_DEGREE_LAT,
    )


def _wind(spots: list[Spot], roughness: float = 0.06) -> LineString:
    """A winding line through the spots; its ends are the spots themselves."""
    middle = sample_land.to_lonlat(
        mesh.roughen(tuple(_to_plan(spot) for spot in spots), roughness)
    )[1:-1]
    return LineString([spots[0], *map(tuple, middle[::2].tolist()), spots[-1]])


@cache
def make_roads() -> tuple[Road, ...]:
    """All stretches: neighbours joined over land, the town's one-way pair, the ferry."""
    units = sample_records.make_units()
    polygons = [unit.geometry for unit in units]
    left, right = STRtree(polygons).query(polygons, predicate="touches")
    roads = []
    for west, east in sorted(zip(left.tolist(), right.tolist(), strict=True)):
        if west < east:
            roads += _between(units[west], units[east])
    return (*roads, *_town(), *_ferry())


def _between(west: sample_records.Unit, east: sample_records.Unit) -> list[Road]:
    border = shapely.line_merge(west.geometry.intersection(east.geometry))
    longest = max(shapely.get_parts(border), key=lambda part: part.length)
    if longest.length < 0.012 or (west.kode, east.kode) == TOWN:
        return []
    x, y = longest.interpolate(0.5, normalized=True).coords[0]
    line = _wind([node_of(west), (x, y), node_of(east)])
    if not west.geometry.union(east.geometry).covers(line):
        return []
    pair = (west.kode, east.kode)
    steps = list(pairwise(TRUNK))
    if pair in steps or pair[::-1] in steps:
        kelas = "Jalan Provinsi"
    else:
        kelas = "Jalan Kabupaten" if longest.length > 0.03 else "Jalan Desa"
    return [Road(kelas, f"{west.nama} - {east.nama}", False, line)]


def _town() -> list[Road]:
    """One way in and another out: the way back is longer."""
    market, back = (node_of(sample_records.unit_by_kode()[kode]) for kode in TOWN)
    x, y = (market[0] + back[0]) / 2, (market[1] + back[1]) / 2
    return [
        Road("Jalan Kabupaten", "Jalan Pasar", True, _wind([market, (x, y), back])),
        Road("Jalan Kabupaten", "Jalan Lingkar Pasar", True, _wind([back, (x + 0.012, y), market])),
    ]


def _ferry() -> list[Road]:
    near, far = (sample_records.unit_by_kode()[kode] for kode in FERRY)
    crossing = shapely.shortest_line(near.geometry, far.geometry)
    harbours = [(float(x), float(y)) for x, y in shapely.get_coordinates(crossing)]
    return [
        Road("Jalan Desa", "Jalan Dermaga", False, _wind([node_of(near), harbours[0]], 0.02)),
        Road("Penyeberangan", "Feri Gading", False, LineString(harbours)),
        Road("Jalan Desa", "Jalan Dermaga", False, _wind([harbours[1], node_of(far)], 0.02)),
    ]


def make_road_file() -> sample_records.OfficeFile:
    """The network as a GeoPackage."""
    frame = gpd.GeoDataFrame(
        {
            "KELAS": [road.kelas for road in make_roads()],
            "NAMA": [road.nama for road in make_roads()],
            "SATU_ARAH": ["yes" if road.oneway else "no" for road in make_roads()],
        },
        geometry=[road.line for road in make_roads()],
        crs="EPSG:4326",
    )
    dirt = (
        sample_records.Dirt(
            PATH,
            None,
            "disconnected_piece",
            "roads of the small island stand alone",
            "warned",
            SMALL_ISLAND[0],
        ),
    )
    load = sample_records.Load(len(frame), len(frame))
    return sample_records.OfficeFile(
        PATH, write_gpkg(frame, "jalan"), "Roads and ferry 2024", dirt, load
    )
