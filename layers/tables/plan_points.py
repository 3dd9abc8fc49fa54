"""Where the features of a geometry file are, as lon and lat: one point for each feature."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import shapely

from layers.drawn_files import read_drawn

Point = tuple[float | None, float | None]


def read_points(path: Path, label: str, layer: str | None = None) -> list[Point]:
    """Lon and lat of each feature, in the order of the file; a point on the surface of areas.

    Raises
    ------
    InputError
        As `read_drawn`.
    """
    geometries = np.asarray(read_drawn(path, label, layer=layer).geometry.array, dtype=object)
    points = shapely.point_on_surface(geometries)
    gone = shapely.is_missing(points) | shapely.is_empty(points)
    xy = np.column_stack([shapely.get_x(points), shapely.get_y(points)])
    return [
        (None, None) if missing else (float(x), float(y))
        for (x, y), missing in zip(xy, gone, strict=True)
    ]
