"""How many decimals a sum may have: those of its values; a median may have one more."""

import numpy as np
from numpy.typing import ArrayLike

MOST_DECIMALS = 6
_SAME = 1e-9


def count_decimals(values: ArrayLike) -> int:
    """The decimals with which all values are written, at most `MOST_DECIMALS`; NaN do not count.

    >>> count_decimals([85.7, 86.25, float("nan")]), count_decimals([3, 4]), count_decimals([1 / 3])
    (2, 0, 6)
    """
    numbers = np.asarray(values, dtype=float)
    numbers = numbers[np.isfinite(numbers)]
    room = _SAME * np.maximum(1.0, np.abs(numbers))
    for decimals in range(MOST_DECIMALS):
        if (np.abs(np.round(numbers, decimals) - numbers) <= room).all():
            return decimals
    return MOST_DECIMALS
