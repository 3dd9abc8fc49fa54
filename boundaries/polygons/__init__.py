"""Desa polygons of any file an office has, read into one frame (one reader per format).

`read_polygons` is the way in; see README.md of `boundaries` for the formats.
"""

from boundaries.polygons.declaration import CodesFrom, PolygonSource
from boundaries.polygons.reading import read_polygons

__all__ = ["CodesFrom", "PolygonSource", "read_polygons"]
