"""The kinds of arrays that the files of a release are made from and read into."""

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]
Integers: TypeAlias = NDArray[np.int64]
Mask: TypeAlias = NDArray[np.bool_]
Rows: TypeAlias = NDArray[np.intp]
"""Positions of features in their file."""
Geometries: TypeAlias = NDArray[np.object_]
"""Geometries of shapely, None where there is none."""
