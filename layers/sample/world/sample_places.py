"""Where the facilities of eight kinds and the kantor desa truly are."""

from dataclasses import dataclass
from functools import cache

from shapely import Point

from layers.sample.world import noise, sample_land, sample_records
from layers.sample.world.noise import unit as chance

KINDS = ("puskesmas", "pustu", "poskesdes", "posyandu", "paud", "sd", "smp", "sma")
# Units with a facility of the rarer kinds; the other kinds are by chance.
_PLACES = {
    "puskesmas": ("99.01.01.1001", "99.01.02.1001", "99.01.03.1001", "99.01.03.2011"),
    "pustu": (
        "99.01.01.2004",
        "99.01.01.2006",
        "99.01.01.2010",
        "99.01.02.2002",
        "99.01.02.2005",
        "99.01.02.2011",
        "99.01.02.2012",
        "99.01.03.2003",
        "99.01.03.2008",
    ),
    "smp": (
        "99.01.01.1001",
        "99.01.01.1002",
        "99.01.01.2008",
        "99.01.01.2012",
        "99.01.02.1001",
        "99.01.02.2002",
        "99.01.02.2010",
        "99.01.03.1001",
        "99.01.03.2008",
        "99.01.03.2011",
    ),
    "sma": ("99.01.01.1001", "99.01.02.1001", "99.01.03.1001"),
}
_SHARES = {"poskesdes": (0.45, 1), "posyandu": (0.95, 3), "paud": (0.6, 2), "sd": (0.8, 2)}
_SAINTS = ("Melati", "Mawar", "Kenanga", "Anggrek", "Cempaka", "Teratai", "Dahlia", "Flamboyan")
# Desa whose office is in no list: their distances start from a point on their surface.
WITHOUT_KANTOR = ("99.01.01.2009", "99.01.02.2008", "99.01.02.2013", "99.01.03.2009")


@dataclass(frozen=True, slots=True)
class ServicePlace:
    """One facility; position in degrees, six decimals, as the files have it."""

    kind: str
    number: str
    nama: str
    kode: str
    lon: float
    lat: float


@cache
def make_places() -> tuple[ServicePlace, ...]:
    """All facilities, by kind and number."""
    places = []
    for kind in KINDS:
        homes = list(_homes(kind))
        for number, (home, which) in enumerate(homes, start=1):
            places.append(_place(kind, number, home, which))
    return tuple(places)


def _homes(kind: str) -> list[tuple[sample_records.Unit, int]]:
    if kind in _PLACES:
        return [(sample_records.unit_by_kode()[kode], 1) for kode in _PLACES[kind]]
    share, most = _SHARES[kind]
    return [
        (unit, which)
        for unit in sample_records.make_units()
        for which in range(1, most + 1)
        if chance("has", kind, unit.kode, which) < share / which
    ]


def _place(kind: str, number: int, home: sample_records.Unit, which: int) -> ServicePlace:
    lon, lat = spot_inside(home, kind, which)
    return ServicePlace(
        kind, _number(kind, number), _name(kind, number, home, which), home.kode, lon, lat
    )


def _number(kind: str, number: int) -> str:
    block = KINDS.index(kind) + 1
    if kind in ("paud", "sd", "smp", "sma"):
        return f"699{block}{number:04d}"
    return f"F9901{block}{number:03d}"


def _name(kind: str, number: int, home: sample_records.Unit, which: int) -> str:
    flower = noise.pick(_SAINTS, "flower", kind, home.kode, which)
    return {
        "puskesmas": f"Puskesmas {home.nama}",
        "pustu": f"Pustu {home.nama}",
        "poskesdes": f"Poskesdes {home.nama}",
        "posyandu": f"Posyandu {flower} {number}",
        "paud": f"PAUD {flower} {number}",
        "sd": f"SDN {number} {home.kecamatan}",
        "smp": f"SMPN {number} Sagara Raya",
        "sma": f"SMAN {number} Sagara Raya",
    }[kind]


def spot_inside(home: sample_records.Unit, *key: object) -> tuple[float, float]:
    """A point inside the unit, nearer to its middle than to its border; lon, lat."""
    for attempt in range(200):
        reach = 3800 if attempt < 100 else 1200
        x, y = (
            start + noise.between(-reach, reach, axis, home.kode, attempt, *key)
            for axis, start in zip("xy", home.seed, strict=True)
        )
        lon, lat = (round(float(degree), 6) for degree in sample_land.to_lonlat([(x, y)])[0])
        if home.geometry.contains(Point(lon, lat).buffer(0.001)):
            return lon, lat
    raise AssertionError(f"no room in {home.kode}")


@cache
def make_kantor() -> dict[str, tuple[float, float]]:
    """Lon, lat of the kantor of each unit that has one in the list, by code."""
    return {
        unit.kode: spot_inside(unit, "kantor")
        for unit in sample_records.make_units()
        if unit.kode not in WITHOUT_KANTOR
    }
