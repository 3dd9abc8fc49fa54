"""The units of the sample in both code systems, and what a file about them is.

A file has bytes, labelled dirt, and what must become of each row.
"""

from dataclasses import dataclass
from functools import cache
from typing import Literal

from shapely import MultiPolygon

from layers.sample.world import sample_land

PROVINSI = ("99", "Nusa Sampel")
KABUPATEN = ("99.01", "Sagara Raya")
KABUPATEN_BPS = "9902"
KECAMATAN = {
    "99.01.01": "Tanjung Sagara",
    "99.01.02": "Lembah Manuk",
    "99.01.03": "Pesisir Gading",
}
SEEDS: tuple[sample_land.Seed, ...] = (
    *sample_land.MAINLAND_SEEDS,
    *sample_land.LARGE_ISLAND_SEEDS,
    *sample_land.SMALL_ISLAND_SEEDS,
    sample_land.ENCLAVE[0],
)

# Index of the seed, name; a star marks a kelurahan.  The order is the order of the codes.
_PLAN: dict[str, tuple[tuple[int, str], ...]] = {
    "99.01.01": (
        (8, "*Sagara Kota"),
        (10, "*Pasar Sagara"),
        (0, "Pulau Layar"),
        (1, "Pasir Panjang"),
        (2, "Bukit Damar"),
        (3, "Ba'u Mesjid"),
        (4, "Sidomulyo"),
        (5, "Karang Jati I"),
        (6, "Karang Jati II"),
        (7, "Tapian Laut/ Saurnauli"),
        (9, "Labuan Sauh"),
        (11, "Ranu Hijau"),
        (12, "Muara Telang"),
        (14, "*Tepi Ranu"),
    ),
    "99.01.02": (
        (20, "*Lembah Manuk"),
        (15, "Rai Manuk"),
        (16, "Blok 15"),
        (19, "Ile Lamo"),
        (21, "Ujung Watu"),
        (25, "Wae Putih"),
        (27, "Golo Ndaru"),
        (39, "Kampung Tengah"),
        (29, "Wai Kojo"),
        (30, "Pantai Rindu"),
        (32, "Lamaté"),
        (37, "Nusa Wolo"),
        (38, "Nusa Wolo Timur"),
    ),
    "99.01.03": (
        (17, "*Watulewo"),
        (22, "Watulewo"),
        (13, "Teluk Dalam"),
        (18, "Matang Dua Mns. Timu (X)"),
        (23, "Sidomulyo"),
        (24, "Tanah Merah"),
        (26, "Suka Maju"),
        (28, "Wolomari"),
        (31, "Batu Karang"),
        (33, "Gading Barat"),
        (34, "Gading Induk"),
        (35, "Gading Utara"),
        (36, "Gading Lama, Hulu"),
    ),
}


@dataclass(frozen=True, slots=True, order=True)
class Unit:
    """One desa or kelurahan.

    Parameters
    ----------
    kode
        Kemendagri code, dotted.
    kode_bps
        BPS code, ten digits; a type of its own in the product, text here.
    seed
        Point inside it, plan metres.
    """

    kode: str
    nama: str
    jenis: str
    kode_bps: str
    seed: sample_land.Seed

    @property
    def kode_kecamatan(self) -> str:
        """Kemendagri code of its kecamatan."""
        return self.kode[:8]

    @property
    def kecamatan(self) -> str:
        """Name of its kecamatan; empty where there is no such kecamatan."""
        return KECAMATAN.get(self.kode_kecamatan, "")

    @property
    def bare(self) -> str:
        """Kemendagri code without dots."""
        return self.kode.replace(".", "")

    @property
    def is_desa(self) -> bool:
        """Whether it is a desa (with its own budget), not a kelurahan."""
        return self.jenis == "desa"

    @property
    def geometry(self) -> MultiPolygon:
        """Its polygon, EPSG:4326."""
        return sample_land.make_land().desa[self.seed]


# A desa split off from Suka Maju in 2024: in the code list and in tables, not yet in the polygons.
NEW_UNIT = Unit("99.01.03.2014", "Suka Makmur", "desa", "9902030014", (12500, -5200))
MOTHER_OF_NEW_UNIT = "99.01.03.2007"
SPLIT_YEAR = 2024


@cache
def make_units() -> tuple[Unit, ...]:
    """All 40 units with a polygon, sorted by code."""
    units = []
    for kecamatan, plan in _PLAN.items():
        # BPS numbers its units by its own order; here by name, so that no number agrees by rule.
        order = sorted(range(len(plan)), key=lambda place: (plan[place][1].strip("*"), place))
        for place, (seed, name) in enumerate(plan):
            is_desa = not name.startswith("*")
            number = (2000 if is_desa else 1000) + place + 1
            bps = f"{KABUPATEN_BPS}{kecamatan[-2:]}0{order.index(place) + 1:03d}"
            units.append(
                Unit(
                    f"{kecamatan}.{number}",
                    name.strip("*"),
                    "desa" if is_desa else "kelurahan",
                    bps,
                    SEEDS[seed],
                )
            )
    return tuple(sorted(units))


@cache
def unit_by_kode() -> dict[str, Unit]:
    """The units by their Kemendagri code."""
    return {unit.kode: unit for unit in make_units()}


Treatment = Literal["repaired", "left_out", "warned"]


@dataclass(frozen=True, slots=True)
class Dirt:
    """One defect put into a file on purpose.

    Parameters
    ----------
    row
        Spreadsheet row (header is row 1) or 1-based feature number; ``None`` for the whole file.
    kind
        Short slug of the kind of dirt.
    detail
        What was done to the data, in words.
    treatment
        ``repaired``: read as if it were clean, and logged.  ``left_out``: the row is not used and
        is listed.  ``warned``: used as it stands, with a finding.
    kode
        The desa concerned, where one is.
    """

    file: str
    row: int | None
    kind: str
    detail: str
    treatment: Treatment
    kode: str | None = None


@dataclass(frozen=True, slots=True)
class Load:
    """What must become of the data rows of one file: every row is one of three.

    ``desa_without_data`` counts the units of the coverage the file says nothing usable about,
    of desa only where the file is of these; None where that is no question (lists of codes, roads,
    facilities, programmes).
    """

    rows_read: int
    matched: int
    unmatched: int = 0
    duplicates: int = 0
    desa_without_data: int | None = None


@dataclass(frozen=True, slots=True)
class OfficeFile:
    """One file of the workspace: path relative to it, content, and the right answers for it."""

    path: str
    content: bytes
    about: str
    dirt: tuple[Dirt, ...] = ()
    load: Load | None = None
