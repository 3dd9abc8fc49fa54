"""Files whose polygons lie far from the kabupaten that their codes name.

Metres of one UTM zone are valid metres of every other: under a ``.prj`` of the wrong zone a desa
keeps its shape and area and lies 660 km beside itself.  Its code says where it belongs.
"""

from collections.abc import Iterator
from functools import cache
from importlib.resources import files

import geopandas as gpd
import numpy as np
import pyproj
import shapely

from boundaries.findings import report
from boundaries.geometry_arrays import Floats

MISPLACED = report.declared_kind("boundary.misplaced")
MARGIN_DEG = 1.0
"""So far beyond its kabupaten a polygon may lie: a zone beside is six degrees away."""
_ZONES = range(46, 55)
Box = tuple[float, float, float, float]


@cache
def kabupaten_boxes() -> dict[str, Box]:
    """West, south, east, north of each kabupaten of Indonesia, rounded outwards, by code."""
    text = (files("boundaries") / "polygons" / "kabupaten_boxes.txt").read_text(encoding="utf-8")
    rows = (line.split() for line in text.splitlines() if not line.startswith("#"))
    return {
        kode: (float(west), float(south), float(east), float(north))
        for kode, west, south, east, north in rows
    }


def find_misplaced(frame: gpd.GeoDataFrame, label: str, crs: pyproj.CRS) -> list[report.Finding]:
    """That a file lies elsewhere than its codes say, with the zone that fits.

    Parameters
    ----------
    frame
        ``kode, source_row, geometry`` of one file, in degrees.
    crs
        As which its coordinates were read.

    Findings
    --------
    boundary.misplaced
        Most polygons of the file lie beside the kabupaten of their codes; ``value`` is the CRS
        under which they lie in it, where there is one.  An error for metres, which a wrong zone
        moves; a warning for degrees, which say themselves where they are.
    """
    boxes = kabupaten_boxes()
    kabupaten = frame["kode"].str.slice(0, 5)
    bounds = shapely.bounds(np.asarray(frame.geometry.array, dtype=object))
    known = np.flatnonzero(kabupaten.isin(boxes).to_numpy() & np.isfinite(bounds).all(axis=1))
    if not len(known):
        return []
    wide = np.array([boxes[kode] for kode in kabupaten.iloc[known]])
    wide += np.array([-MARGIN_DEG, -MARGIN_DEG, MARGIN_DEG, MARGIN_DEG])
    middles = (bounds[known, :2] + bounds[known, 2:]) / 2
    is_beside = ~_lies_in(middles, wide)
    if 2 * is_beside.sum() <= len(known):
        return []
    first = known[int(np.argmax(is_beside))]
    lon, lat = middles[int(np.argmax(is_beside))]
    fitting = next(_fitting(middles, wide, crs), None)
    advice = (
        f'Probably it is of another zone than it says: declare crs = "{fitting}".'
        if fitting
        else "No zone of UTM puts them there: check the CRS, the coordinates and the codes."
    )
    return [
        MISPLACED.finding(
            f"{is_beside.sum()} of {len(known)} polygons lie far from the kabupaten of their codes:"
            f" read as {crs.name}, {frame['kode'].iloc[first]} lies at {lon:.2f}, {lat:.2f}. "
            f"{advice}",
            label,
            int(frame["source_row"].iloc[first]),
            kabupaten.iloc[first],
            fitting,
            measure=float(is_beside.sum()),
            severity=report.Severity.WARNING if crs.is_geographic else None,
        )
    ]


def _lies_in(middles: Floats, boxes: Floats) -> np.ndarray:
    return np.asarray(((middles >= boxes[:, :2]) & (middles <= boxes[:, 2:])).all(axis=1))


def _fitting(middles: Floats, boxes: Floats, crs: pyproj.CRS) -> Iterator[str]:
    """Codes of the zones under which the same coordinates lie in the kabupaten of their codes."""
    if crs.is_geographic:
        return
    written = np.column_stack(
        pyproj.Transformer.from_crs(4326, crs, always_xy=True).transform(*middles.T)
    )
    for code in (base + zone for base in (32700, 32600) for zone in _ZONES):
        transformer = pyproj.Transformer.from_crs(code, 4326, always_xy=True)
        placed = np.column_stack(transformer.transform(*written.T))
        if np.isfinite(placed).all() and 2 * _lies_in(placed, boxes).sum() > len(placed):
            yield f"EPSG:{code}"
