"""What-if arrays of the small world: a cell of people every 200 m, one puskesmas, no school."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np

from layers.access.straight.geodesy import measure_geodesic
from layers.release.scenario_file import Scenario, write_scenarios
from tests.layers.publish.world import SIDE, SOUTH, WEST

PUSKESMAS = (WEST + 0.01, SOUTH + 0.01)
NORM_M = 3000.0


def make_scenarios() -> dict[str, Scenario]:
    """One person in each cell of the twelve desa; the origins are the middles of the squares."""
    step = SIDE / 10
    lon, lat = np.meshgrid(
        WEST + step * (np.arange(60) + 0.5), SOUTH + step * (np.arange(20) + 0.5)
    )
    cells = np.stack([lon.ravel(), lat.ravel()], axis=1)
    number = np.arange(12)
    desa = np.stack([WEST + SIDE * (number % 6 + 0.5), SOUTH + SIDE * (number // 6 + 0.5)], axis=1)
    kode = [f"99.01.{1 + (n % 6) // 3:02d}.{2001 + n}" for n in number]

    def scenario(known: bool) -> Scenario:
        return Scenario(
            cells,
            np.ones(len(cells)),
            _measure(cells) if known else np.full(len(cells), np.nan),
            desa,
            _measure(desa) if known else np.full(len(desa), np.nan),
            np.array(kode),
            np.array(NORM_M),
        )

    return {"puskesmas": scenario(True), "sd": scenario(False)}


def _measure(lonlat: np.ndarray) -> np.ndarray:
    return measure_geodesic(lonlat[:, 0], lonlat[:, 1], *PUSKESMAS)


def _write(path: Path) -> None:
    write_scenarios(path, make_scenarios())


WHAT_IF: Mapping[str, Callable[[Path], None]] = {"access/what_if.npz": _write}
