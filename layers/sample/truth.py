"""The right answers of the sample kabupaten, as data for tests.

Nothing here reads a file of the sample: values come from what the files were made of, and nearest
facilities from comparing every pair on the ellipsoid.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np
from pyproj import Geod

from layers.sample import (
    certificate_files,
    facility_files,
    health_files,
    programme_files,
    register_files,
    sample_workspace,
    spending_files,
)
from layers.sample.spending_files import YEARS as SPENDING_YEARS
from layers.sample.world import sample_people, sample_places, sample_records, sample_values


@dataclass(frozen=True, slots=True)
class NearestPlace:
    """The nearest facility of a kind: its number in the list and geodesic metres."""

    number: str
    nama: str
    distance_m: float


@dataclass(frozen=True, slots=True)
class SpendingTotal:
    """Whole rupiah of one kecamatan and year."""

    anggaran_idr: int
    anggaran_perubahan_idr: int
    realisasi_idr: int


@dataclass(frozen=True, slots=True)
class SampleTruth:
    """The right answers.

    Parameters
    ----------
    units
        All units with a polygon, by code.
    loads, dirt
        What must become of the rows of each file (by its path), and the labelled defects.
    values
        Indicator values that must be read, by (kode, indicator, year); others have no data.
    before_split
        Values measured for a desa before its split, by (kode of each part, indicator, year): the
        parts show them as such, and have no value of their own.
    people, people_total, people_afloat
        Raster people per unit, in the whole raster, and in no unit.
    spending, spending_totals
        True budget lines; their sums by (kode_kecamatan, year).
    facilities
        Facilities that must be used.
    kantor
        Lon, lat of the listed kantor by code of the unit.
    nearest
        By (kode, kind), for units whose kantor is listed.
    states
        State of the match of need and money, by (kode, service), by the rule in the README.
    """

    units: dict[str, sample_records.Unit]
    loads: dict[str, sample_records.Load]
    dirt: tuple[sample_records.Dirt, ...]
    values: dict[tuple[str, str, int], float]
    before_split: dict[tuple[str, str, int], float]
    people: dict[str, int]
    people_total: int
    people_afloat: int
    spending: tuple[spending_files.BudgetLine, ...]
    spending_totals: dict[tuple[str, int], SpendingTotal]
    facilities: tuple[sample_places.ServicePlace, ...]
    kantor: dict[str, tuple[float, float]]
    nearest: dict[tuple[str, str], NearestPlace]
    states: dict[tuple[str, str], str]


@cache
def make_truth() -> SampleTruth:
    """The right answers, worked out once for each process."""
    people = sample_people.make_people()
    spending = tuple(line for year in SPENDING_YEARS for line in spending_files.make_lines(year))
    measured = _values()
    return SampleTruth(
        units={unit.kode: unit for unit in sample_records.make_units()},
        loads={
            file.path: file.load for file in sample_workspace.make_files() if file.load is not None
        },
        dirt=tuple(dirt for file in sample_workspace.make_files() for dirt in file.dirt),
        values={key: value for key, value in measured.items() if not _is_before_split(key)},
        before_split={
            (part, name, year): value
            for (kode, name, year), value in measured.items()
            if _is_before_split((kode, name, year))
            for part in (kode, sample_records.NEW_UNIT.kode)
        },
        people=people.by_kode,
        people_total=int(people.cells.sum()),
        people_afloat=people.afloat,
        spending=spending,
        spending_totals=_spending_totals(spending),
        facilities=facility_files.used_places(),
        kantor=sample_places.make_kantor(),
        nearest=_nearest(),
        states=programme_files.expected_states(),
    )


def _is_before_split(key: tuple[str, str, int]) -> bool:
    return key[0] == sample_records.MOTHER_OF_NEW_UNIT and key[2] < sample_records.SPLIT_YEAR


def _values() -> dict[tuple[str, str, int], float]:
    values: dict[tuple[str, str, int], float] = {}
    for year in sample_values.YEARS:
        values |= {
            (kode, name, year): value
            for (kode, name), value in health_files.values_of(year).items()
        }
        for unit in sample_records.make_units():
            values[unit.kode, "penduduk_jiwa", year] = sample_values.official_population(unit, year)
            values[unit.kode, "keluarga_jumlah", year] = sample_values.families(unit, year)
            for name in register_files.LONG_NAMES.values():
                values[unit.kode, name, year] = sample_values.true_value(unit, name, year)
            if certificate_files.has_value(unit, year):
                name = certificate_files.INDICATOR
                values[unit.kode, name, year] = sample_values.true_value(unit, name, year)
            if unit.is_desa and year < 2025:
                scores = sample_values.true_idm(unit, year)
                for name in ("iks", "ike", "ikl", "idm"):
                    values[unit.kode, f"{name}_skor", year] = getattr(scores, name) / 10_000
            if unit.is_desa and year == 2025:
                values[unit.kode, "indeks_desa_skor", year] = sample_values.true_indeks_desa(unit)[
                    1
                ]
    return values


def _spending_totals(
    lines: tuple[spending_files.BudgetLine, ...],
) -> dict[tuple[str, int], SpendingTotal]:
    totals: dict[tuple[str, int], SpendingTotal] = {}
    for line in lines:
        key = (line.kode[:8], line.tahun)
        before = totals.get(key, SpendingTotal(0, 0, 0))
        totals[key] = SpendingTotal(
            before.anggaran_idr + line.anggaran_idr,
            before.anggaran_perubahan_idr + line.anggaran_perubahan_idr,
            before.realisasi_idr + line.realisasi_idr,
        )
    return totals


def _nearest() -> dict[tuple[str, str], NearestPlace]:
    geod = Geod(ellps="WGS84")
    nearest = {}
    for kind in sample_places.KINDS:
        places = [place for place in facility_files.used_places() if place.kind == kind]
        lon = np.array([place.lon for place in places])
        lat = np.array([place.lat for place in places])
        for kode, (x, y) in sample_places.make_kantor().items():
            _, _, metres = geod.inv(np.full_like(lon, x), np.full_like(lat, y), lon, lat)
            best = int(np.argmin(metres))
            place = places[best]
            nearest[kode, kind] = NearestPlace(place.number, place.nama, float(metres[best]))
    return nearest
