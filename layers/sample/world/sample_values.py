"""The true indicator values of each unit and year, from which the tables are written.

Values worsen with the distance from the capital, as they do in real kabupaten, so the maps have a
pattern to find.
"""

from dataclasses import dataclass
from math import hypot

from layers.sample.world import noise, sample_people, sample_records

YEARS = (2023, 2024, 2025)
CAPITAL = sample_records.SEEDS[8]
# Exact edges of the published IDM bands: the value of an edge belongs to the lower class.
IDM_EDGES = {
    "99.01.01.2003": 4907,
    "99.01.01.2004": 5989,
    "99.01.01.2005": 7072,
    "99.01.01.2006": 8155,
}
STATUS = ("SANGAT TERTINGGAL", "TERTINGGAL", "BERKEMBANG", "MAJU", "MANDIRI")


@dataclass(frozen=True, slots=True)
class Course:
    """How an indicator runs: near the capital, far from it, and its change a year."""

    near: float
    far: float
    yearly: float
    spread: float
    kelurahan: float


COURSES = {
    "air_minum_layak_pct": Course(88, 34, 2.4, 9, 6),
    "sanitasi_layak_pct": Course(84, 30, 3.1, 10, 7),
    "imunisasi_dasar_pct": Course(91, 58, 1.2, 8, 3),
    "stunting_pct": Course(13, 31, -1.6, 4, -2),
    "akta_kelahiran_pct": Course(96, 66, 1.9, 6, 2),
    "listrik_pct": Course(99, 72, 1.5, 5, 1),
    "jalan_baik_pct": Course(78, 22, 2.0, 11, 8),
}


def remoteness(unit: sample_records.Unit) -> float:
    """0 at the capital, 1 at the far end of the kabupaten; islands count as farther."""
    x, y = unit.seed
    distance = hypot(x - CAPITAL[0], y - CAPITAL[1]) / 42_000
    return min(1.0, distance + (0.15 if x > 22_000 else 0.0))


def true_value(unit: sample_records.Unit, indicator: str, year: int) -> float:
    """The value of a percentage indicator, one decimal, between 1.1 and 99.9."""
    course = COURSES[indicator]
    value = course.near + (course.far - course.near) * remoteness(unit)
    value += course.yearly * (year - 2025)
    value += noise.between(-course.spread, course.spread, indicator, unit.kode)
    value += noise.between(-0.8, 0.8, indicator, unit.kode, year)
    value += 0 if unit.is_desa else course.kelurahan
    return round(min(99.9, max(1.1, value)), 1)


def official_population(unit: sample_records.Unit, year: int) -> int:
    """Registered people: near the raster's count of 2025, growing 1.4 % a year."""
    raster = sample_people.make_people().by_kode[unit.kode]
    registered = raster * (1 + noise.between(-0.05, 0.05, "registered", unit.kode))
    return round(registered * 1.014 ** (year - 2025))


def families(unit: sample_records.Unit, year: int) -> int:
    """Registered families."""
    return round(official_population(unit, year) / noise.between(3.6, 4.6, "family", unit.kode))


@dataclass(frozen=True, slots=True)
class Idm:
    """Scores of one desa and year in ten-thousandths, and the published status."""

    iks: int
    ike: int
    ikl: int

    @property
    def idm(self) -> int:
        """The mean of the three, in ten-thousandths (always whole here)."""
        return (self.iks + self.ike + self.ikl) // 3

    @property
    def status(self) -> str:
        """The published band; its upper edge belongs to it."""
        edges = (4907, 5989, 7072, 8155)
        return STATUS[sum(self.idm > edge for edge in edges)]


def true_idm(unit: sample_records.Unit, year: int) -> Idm:
    """IDM of a desa (2023, 2024); a kelurahan has none."""
    if unit.kode in IDM_EDGES and year == 2024:
        edge = IDM_EDGES[unit.kode]
        return Idm(edge, edge, edge)
    base = 0.82 - 0.34 * remoteness(unit) + 0.012 * (year - 2024)
    iks, ike = (
        round(10_000 * (base + noise.between(-0.09, 0.09, name, unit.kode)))
        for name in ("iks", "ike")
    )
    ikl = round(10_000 * (base + noise.between(-0.06, 0.06, "ikl", unit.kode)))
    return Idm(iks, ike, ikl - (iks + ike + ikl) % 3)


DIMENSIONS = ("dld", "ds", "de", "dl", "da", "dtkpd")


def true_indeks_desa(unit: sample_records.Unit) -> tuple[dict[str, float], float, str]:
    """Indeks Desa 2025: dimensions, score in per cent, status as the file states it."""
    base = 84 - 38 * remoteness(unit)
    dimensions = {
        name: round(base + noise.between(-9, 9, "indeks desa", name, unit.kode), 2)
        for name in DIMENSIONS
    }
    score = round(sum(dimensions.values()) / len(dimensions), 2)
    edges = (45, 55, 65, 75)
    return dimensions, score, STATUS[sum(score > edge for edge in edges)]
