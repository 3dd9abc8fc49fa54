"""Kinds of arrays that hold places and what is measured of them, named once for annotations."""

import numpy as np
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

Geometry = BaseGeometry

Geometries = NDArray[np.object_]
"""Shapely geometries, shape (n,); None where a row has none."""

Floats = NDArray[np.float64]
Positions = NDArray[np.int64]
"""Positions in another array, such as rows of a frame."""

Mask = NDArray[np.bool_]
