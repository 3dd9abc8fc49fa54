"""``access/what_if.npz``: people, desa and their distances now, as what-if and siting start from.

And what an answer of theirs says, for who writes it and for who shows it.

Cells and people are the same for every kind of facility and lie in the file once.
"""

import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import NotRequired, TypedDict

import numpy as np
from numpy.typing import NDArray

from layers.release import array_kinds, errors

FILE_NAME = "access/what_if.npz"
SHARED = ("lonlat", "people", "desa_lonlat", "kode", "people_desa")
OF_KIND = ("distance_m", "desa_distance_m", "norm_m")
OF_KIND_LATER = ("untold_cells", "untold_people_desa", "untold_origins")
"""Not in older releases."""
_MEMBER = "norm_m."


@dataclass(frozen=True, slots=True)
class Scenario:
    """People and desa, and how far each is now, for one kind of facility.

    Parameters
    ----------
    lonlat, people, distance_m
        Cells of population, shape (n, 2), (n,), (n,); NaN where nothing is in reach.  None at all
        where no population raster was given: then people are unknown, not zero.
    desa_lonlat, desa_distance_m
        Origins of desa, shape (d, 2) and (d,); NaN where unknown.
    kode
        Codes of the desa, shape (d,).
    norm_m
        The norm of the kind, shape ().
    people_desa
        Of how many desa the people are known, shape (); NaN where that was not written down.
    untold_cells, untold_people_desa
        Rows of the cells of desa in which nobody knows who is within the norm, since a place that
        nobody can place may be nearer; and how many desa these are, shape ().
    untold_origins
        Rows of the desa of which the published gap says nothing although a place is known.

        `read_scenario` leaves these people and desa out.
    """

    lonlat: array_kinds.Floats
    people: array_kinds.Floats
    distance_m: array_kinds.Floats
    desa_lonlat: array_kinds.Floats
    desa_distance_m: array_kinds.Floats
    kode: NDArray[np.str_]
    norm_m: array_kinds.Floats
    people_desa: array_kinds.Floats = field(default_factory=lambda: np.array(np.nan))
    untold_cells: NDArray[np.int32] = field(default_factory=lambda: np.empty(0, np.int32))
    untold_people_desa: NDArray[np.int32] = field(default_factory=lambda: np.array(0, np.int32))
    untold_origins: NDArray[np.int32] = field(default_factory=lambda: np.empty(0, np.int32))

    @property
    def knows_people(self) -> bool:
        """Whether a population raster was given."""
        return self.people.size > 0


class PeopleEffect(TypedDict):
    """People within the norm and their mean distance, before and after; null where unknown."""

    total: float
    known_desa: int | None
    total_desa: int
    covered_before: float | None
    covered_after: float
    newly_covered: float | None
    mean_distance_before_m: float | None
    mean_distance_after_m: float | None


class GapEffect(TypedDict):
    """Desa beyond the norm, before and after; ``before`` is null where no facility was known."""

    known_desa: int
    total_desa: int
    before: int | None
    after: int
    closed: int
    first_known: int


class DesaEffect(TypedDict):
    """One desa that comes nearer; the server adds ``nama``, null where the desa has none."""

    kode: str
    nama: NotRequired[str | None]
    distance_before_m: float | None
    distance_after_m: float
    gap_before_m: float | None
    gap_after_m: float
    status_before: str
    status_after: str


def write_scenarios(path: Path, scenarios: Mapping[str, Scenario]) -> None:
    """Write the arrays of all kinds; the same arrays give the same bytes."""
    arrays: dict[str, NDArray[np.generic]] = {}
    for kind, scenario in sorted(scenarios.items()):
        arrays |= {name: getattr(scenario, name) for name in SHARED}
        of_kind = (*OF_KIND, *OF_KIND_LATER)
        arrays |= {f"{name}.{kind}": getattr(scenario, name) for name in of_kind}
    with path.open("wb") as stream:
        np.savez_compressed(stream, allow_pickle=False, **arrays)


def list_kinds(path: Path) -> tuple[str, ...]:
    """The kinds of facility that a file of scenarios knows, sorted; no array is read.

    Raises
    ------
    ReleaseUnusableError
        The file is damaged.
    """
    with errors.explained(path), zipfile.ZipFile(path) as archive:
        names = [name.removesuffix(".npy") for name in archive.namelist()]
    return tuple(sorted(name.removeprefix(_MEMBER) for name in names if name.startswith(_MEMBER)))


def read_scenario(path: Path, kind: str) -> Scenario:
    """The arrays of one kind, without the people of whom nobody knows how far they have to go.

    Raises
    ------
    ReleaseUnusableError
        The file is damaged, or knows no such kind.
    """
    with errors.explained(path), np.load(path, allow_pickle=False) as arrays:
        # Older releases do not say of how many desa the people are.
        shared = {name: arrays[name] for name in SHARED if name in arrays}
        of_kind = {name: arrays[f"{name}.{kind}"] for name in OF_KIND}
        later = {
            name: arrays[f"{name}.{kind}"] for name in OF_KIND_LATER if f"{name}.{kind}" in arrays
        }
        scenario = Scenario(**shared, **of_kind, **later)
        _check(scenario)
        return _without_untold(scenario)


def _without_untold(scenario: Scenario) -> Scenario:
    is_told = np.ones(len(scenario.people), dtype=bool)
    is_told[scenario.untold_cells] = False
    desa_lonlat, desa_distance_m = scenario.desa_lonlat.copy(), scenario.desa_distance_m.copy()
    desa_lonlat[scenario.untold_origins] = np.nan
    desa_distance_m[scenario.untold_origins] = np.nan
    return Scenario(
        scenario.lonlat[is_told],
        scenario.people[is_told],
        scenario.distance_m[is_told],
        desa_lonlat,
        desa_distance_m,
        scenario.kode,
        scenario.norm_m,
        scenario.people_desa - scenario.untold_people_desa,
    )


def find_origin(path: Path, kode: str) -> tuple[float, float] | None:
    """Where the distances of a desa start (lon, lat); None where that is not known.

    Raises
    ------
    ReleaseUnusableError
        The file is damaged.
    """
    with errors.explained(path), np.load(path, allow_pickle=False) as arrays:
        rows = np.flatnonzero(arrays["kode"] == kode)
        if not len(rows):
            return None
        lon, lat = (float(angle) for angle in arrays["desa_lonlat"][rows[0]])
    return (lon, lat) if np.isfinite([lon, lat]).all() else None


def _check(scenario: Scenario) -> None:
    """Raise ValueError unless the arrays have their kinds and fit each other."""
    cells, desa = len(scenario.people), len(scenario.kode)
    shapes = {
        "lonlat": (cells, 2),
        "people": (cells,),
        "distance_m": (cells,),
        "desa_lonlat": (desa, 2),
        "desa_distance_m": (desa,),
        "kode": (desa,),
        "norm_m": (),
        "people_desa": (),
        "untold_cells": (len(scenario.untold_cells),),
        "untold_people_desa": (),
        "untold_origins": (len(scenario.untold_origins),),
    }
    for column in fields(scenario):
        array, letter = getattr(scenario, column.name), "U" if column.name == "kode" else "fiu"
        if array.dtype.kind not in letter or array.shape != shapes[column.name]:
            raise ValueError(f"{column.name} has type {array.dtype} and shape {array.shape}")
    for rows, count in ((scenario.untold_cells, cells), (scenario.untold_origins, desa)):
        if len(rows) and not 0 <= rows.min() <= rows.max() < count:
            raise ValueError("what is not told names rows that are not there")
