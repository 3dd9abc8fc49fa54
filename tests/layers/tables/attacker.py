"""A reader of a release who asks a solver what its totals tell of the hidden counts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, milp

Cell = tuple[object, str]
"""Value (or none) and status, as some file of a release has them."""


def reach_of_cells(
    cells: list[str], limit: int, totals: Iterable[tuple[set[str], float]]
) -> dict[str, tuple[int, int]]:
    """The least and greatest whole number each hidden cell may be, as HiGHS finds them.

    ``totals`` are sets of hidden cells and what they add up to, one for each published total.
    """
    members = [(cells_of, remainder) for cells_of, remainder in totals if cells_of]
    matrix = np.array([[float(cell in of) for cell in cells] for of, _ in members])
    sums = np.array([remainder for _, remainder in members])
    bound = [LinearConstraint(matrix, sums, sums)] if members else []
    reach = {}
    for at, cell in enumerate(cells):
        aim = np.zeros(len(cells))
        aim[at] = 1
        reach[cell] = (
            round(_least(aim, limit, bound)),
            round(-_least(-aim, limit, bound)),
        )
    return reach


def _least(aim: NDArray[np.float64], limit: int, bound: list[LinearConstraint]) -> float:
    whole = np.ones(len(aim), dtype=np.int64)
    solved = milp(aim, integrality=whole, bounds=Bounds(1.0, limit - 1.0), constraints=bound)
    assert solved.fun is not None, "the published totals contradict each other"
    return float(solved.fun)


def totals_in(
    desa: Mapping[str, Cell], levels: Iterable[Mapping[str, Cell]]
) -> list[tuple[set[str], float]]:
    """The equations of the published totals: hidden desa, and what these add up to."""
    equations = []
    for level in levels:
        for parent, (total, status) in level.items():
            if status != "ok":
                continue
            below = {kode: cell for kode, cell in desa.items() if kode.startswith(f"{parent}.")}
            shown = sum(float(str(value)) for value, state in below.values() if state == "ok")
            hidden = {kode for kode, (_, state) in below.items() if state == "suppressed"}
            equations.append((hidden, float(str(total)) - shown))
    return equations
