"""What one selection of features may cost: counted before it starts, and while it runs.

The length of a text says nothing about the work it asks for.  A step is about a nanosecond of one
core; each operation knows its steps from the rows, the distinct strings and the bytes of geometry
that it has to look at.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from geo_service.errors import CostlySelectionError, ServerBusyError
from geo_service.http.link_types import CRS84
from layers.release.features import FeatureIndex

MOST_STEPS = 1_000_000_000
PATIENCE_S = 5.0
STEPS_A_ROW = 5
"""Arithmetic over one column."""
STEPS_A_STRING = 300
"""Looking at one distinct string in Python."""
STEPS_A_BYTE = 10
"""Parsing and testing one byte of a geometry."""


@dataclass(slots=True)
class Selection:
    """One selection over the features of a layer, and what it may still spend.

    Parameters
    ----------
    steps_left
        Below zero the selection is refused.
    clock
        Seconds that only grow.
    patience_s
        However few its steps, a selection ends after so many seconds: the count is an estimate.
    dates
        Names of the properties that are dates.
    crs
        The coordinate system of the geometries in a filter, by its URI.
    """

    features: FeatureIndex
    steps_left: int = MOST_STEPS
    clock: Callable[[], float] = time.monotonic
    patience_s: float = PATIENCE_S
    dates: frozenset[str] = frozenset()
    crs: str = CRS84
    _end_s: float = field(init=False)

    def __post_init__(self) -> None:
        self._end_s = self.clock() + self.patience_s

    def spend(self, steps: int) -> None:
        """Take steps off what is left.

        Raises
        ------
        CostlySelectionError
            More steps than are left.
        ServerBusyError
            The time is up.
        """
        self.steps_left -= steps
        if self.steps_left < 0:
            raise CostlySelectionError(
                "The selection asks for more work than is done for one answer. Take fewer or "
                "simpler conditions, a smaller box, or the whole layer as a file."
            )
        if self.clock() > self._end_s:
            raise ServerBusyError("The selection did not finish in time; try again in a moment.")

    def spend_geometry(self, size: int) -> None:
        """Take off what parsing and testing so many bytes of geometry costs (see `spend`)."""
        self.spend(size * STEPS_A_BYTE)
