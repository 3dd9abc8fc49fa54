"""Need against money in nine colours: which third of each a place is in, and the colour for both.

The first value runs to the right (letters A to C, from little to much need), the second upwards
(numbers 1 to 3, from little to much).  ``C1``, much need and little money, is the strongest red.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from web_map.drawing.classes import Scheme, make_scheme

# By second value from little to much, in each by first value.  Source: J. Stevens, Bivariate
# Choropleth Maps: A How-to Guide (2015).  Codes tell the nine apart where colours do not.
COLOURS = (
    ("#e8e8e8", "#e4acac", "#c85a5a"),
    ("#b0d5df", "#ad9ea5", "#985356"),
    ("#64acbe", "#627f8c", "#574249"),
)
THIRDS = 3
LETTERS = "ABC"
_RAMP = ("#ffffff", "#888888", "#000000")


@dataclass(frozen=True, slots=True)
class Thirds:
    """Classes of one of the two values: at most three, fewer where many values are equal.

    ``is_reversed`` says that the classes count from the highest value, because low is worse.
    """

    scheme: Scheme
    is_reversed: bool

    def place(self, values: NDArray[np.float64]) -> NDArray[np.int64]:
        """The third of each value, 0 to 2 from little to much need; -1 for NaN.

        Two classes are the first and the last third; a single one is the middle.
        """
        found = self.scheme.classify(values)
        count = len(self.scheme.colours)
        spread = {1: [1], 2: [0, 2], 3: [0, 1, 2]}[count]
        order = np.array([*(reversed(spread) if self.is_reversed else spread), -1])
        thirds: NDArray[np.int64] = order[found]
        return thirds

    def class_of(self, third: int) -> int | None:
        """The class of the scheme that a third is; None where there is no such class."""
        count = len(self.scheme.colours)
        at = {1: {1: 0}, 2: {0: 0, 2: 1}, 3: {0: 0, 1: 1, 2: 2}}[count].get(third)
        return at if at is None or not self.is_reversed else count - 1 - at


def make_thirds(values: NDArray[np.float64], *, is_low_worse: bool = False) -> Thirds:
    """Thirds of a comparison set: as many values in each as ties allow.

    Example
    -------
    >>> thirds = make_thirds(np.arange(1.0, 10), is_low_worse=True)
    >>> thirds.scheme.breaks, thirds.place(np.array([1.0, 5.0, 9.0, np.nan])).tolist()
    ((3.0, 6.0), [2, 1, 0, -1])
    """
    return Thirds(make_scheme("quantile", values, THIRDS, _RAMP), is_low_worse)


def colour_of(first: int, second: int) -> str:
    """The colour of two thirds."""
    return COLOURS[second][first]


def code_of(first: int, second: int) -> str:
    """The code of two thirds, as it stands in map, legend and table.

    Example
    -------
    >>> code_of(2, 0)
    'C1'
    """
    return f"{LETTERS[first]}{second + 1}"
