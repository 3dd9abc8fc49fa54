"""Arrays of Python objects with nulls, which numpy's typed functions do not make."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Objects = NDArray[np.object_]


def keep_where(known: NDArray[np.bool_], values: Any) -> Objects:
    """``values`` (an array, or one value for all) as objects where ``known``, else None."""
    out = np.full(known.shape, None, dtype=object)
    out[known] = values[known] if isinstance(values, np.ndarray) else values
    return out


def take_or_none(values: ArrayLike, row: NDArray[Any]) -> Objects:
    """``values[row]`` as objects; None where ``row`` is negative."""
    source = np.asarray(values, dtype=object)
    out = np.full(row.shape, None, dtype=object)
    out[row >= 0] = source[row[row >= 0]]
    return out
