"""Where an open raster file lies: its CRS, which way its rows run, the cells near an area."""

import math
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from pyproj import CRS, Geod, Transformer
from pyproj.exceptions import CRSError as PyprojError
from rasterio import Affine
from rasterio.io import DatasetReader
from rasterio.windows import Window

from layers.access.terrain import raster_band, stand_ins
from layers.access.terrain.grid import Grid, measure_stretch
from layers.errors import InputError

MOST_SKEW = 0.01
"""Of a cell over the whole raster: less is rounding of a raster that is not rotated."""
MOST_BEND = 0.02
"""Of a length: a CRS in which ways come out longer or shorter by more is not travelled over."""
MOST_SHIFT_M = 100.0
"""Between degrees of another datum and those of WGS 84."""
Cell = TypeVar("Cell", bound=np.generic)
Bbox = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Frame:
    """Where an upright raster lies; columns or rows may run the other way than ours."""

    transform: Affine
    width: int
    height: int
    is_lonlat: bool
    crs: CRS

    @property
    def is_turned(self) -> bool:
        """Rows run from south to north, or columns from east to west."""
        return bool(self.transform.e > 0 or self.transform.a < 0)

    def find_window(self, bbox_lonlat: Bbox | None, margin: float) -> Window | None:
        """The whole cells that touch the box, all without a box; None where there are none."""
        if bbox_lonlat is None:
            return Window(0, 0, self.width, self.height)
        west, south, east, north = bbox_lonlat
        bounds = (west - margin, south - margin, east + margin, north + margin)
        if not self.is_lonlat:
            transformer = Transformer.from_crs("EPSG:4326", self.crs, always_xy=True)
            bounds = transformer.transform_bounds(*bounds)
        if not np.isfinite(bounds).all():
            return None
        place = self.transform
        columns = sorted(math.floor((x - place.c) / place.a) for x in (bounds[0], bounds[2]))
        rows = sorted(math.floor((y - place.f) / place.e) for y in (bounds[1], bounds[3]))
        left, right = max(columns[0], 0), min(columns[1] + 1, self.width)
        top, bottom = max(rows[0], 0), min(rows[1] + 1, self.height)
        if left >= right or top >= bottom:
            return None
        return Window(left, top, right - left, bottom - top)

    def make_grid(self, window: Window, label: str, *, is_travelled: bool) -> Grid:
        """The north-up grid of the cells of a window.

        Raises
        ------
        RasterRefusedError
            Ways are to be measured on it, and its CRS does not measure true there.
        """
        place = self.transform
        left = window.col_off + (window.width if place.a < 0 else 0)
        top = window.row_off + (window.height if place.e > 0 else 0)
        grid = Grid(
            place.c + left * place.a,
            place.f + top * place.e,
            abs(place.a),
            abs(place.e),
            window.height,
            window.width,
            self.is_lonlat,
        )
        if self.is_lonlat:
            return grid
        stretch, bend = measure_stretch(grid, self.crs)
        if is_travelled and bend > MOST_BEND:
            message = (
                f"Lengths in the CRS of the raster, {self.crs.name!r}, are not those on the ground "
                f"here ({bend:.0%} off); save it in EPSG:4326 or a zone of UTM (gdalwarp)."
            )
            raise raster_band.RasterRefusedError(
                stand_ins.make_finding("raster.untrue_crs", label, message)
            )
        return replace(grid, stretch=stretch)

    def turn(self, cells: NDArray[Cell]) -> NDArray[Cell]:
        """Cells of a window with north above and west to the left: a view."""
        return cells[:: -1 if self.transform.e > 0 else 1, :: -1 if self.transform.a < 0 else 1]


def find_frame(source: DatasetReader, label: str, crs: str | None) -> Frame:
    """Where the raster lies.

    Raises
    ------
    InputError
        ``crs`` is no CRS.
    RasterRefusedError
        It has no place or CRS, is rotated, or counts in another unit than metres or degrees.
    """
    place = source.transform
    if place == Affine.identity():
        message = "The raster does not say where it lies (no transform)"
        message += ", only ground control points; use gdalwarp." if source.gcps[0] else "."
        raise raster_band.RasterRefusedError(
            stand_ins.make_finding("raster.no_place", label, message)
        )
    skew = max(abs(place.b) * source.height, abs(place.d) * source.width)
    if skew > MOST_SKEW * min(abs(place.a), abs(place.e)) or place.a == 0 or place.e == 0:
        degrees = math.degrees(math.atan2(place.d, place.a))
        message = f"The raster is rotated by {degrees:.1f} degrees; turn it north up with gdalwarp."
        raise raster_band.RasterRefusedError(
            stand_ins.make_finding("raster.rotated", label, message)
        )
    system = _read_crs(source, label, crs)
    if not (system.is_geographic or system.is_projected):
        message = f"The CRS of the raster, {system.name!r}, has no place on the earth."
        raise raster_band.RasterRefusedError(
            stand_ins.make_finding("raster.no_crs", label, message)
        )
    units = {(axis.unit_name, axis.unit_conversion_factor) for axis in system.axis_info[:2]}
    if system.is_projected and any(factor != 1.0 for _, factor in units):
        word = sorted(units)[0][0]
        message = f"The CRS of the raster counts in {word}; save it in one of metres (gdalwarp)."
        raise raster_band.RasterRefusedError(
            stand_ins.make_finding("raster.other_unit", label, message, value=word)
        )
    frame = Frame(place, source.width, source.height, bool(system.is_geographic), system)
    _refuse_other_degrees(frame, label)
    return frame


def _refuse_other_degrees(frame: Frame, label: str) -> None:
    """Degrees that are not those of WGS 84, of Batavia or of the meridian of Jakarta for example.

    Raises
    ------
    RasterRefusedError
        They lie elsewhere.
    """
    if not frame.is_lonlat:
        return
    place = frame.transform
    lon, lat = place.c + place.a * frame.width / 2, place.f + place.e * frame.height / 2
    transformer = Transformer.from_crs(frame.crs, "EPSG:4326", always_xy=True)
    there = transformer.transform(lon, np.clip(lat, -90, 90))
    if not np.isfinite(there).all():
        return  # far outside: it covers nothing of the area
    shift_m = Geod(ellps="WGS84").inv(lon, np.clip(lat, -90, 90), *there)[2]
    if shift_m > MOST_SHIFT_M:
        message = (
            f"Degrees of the raster, {frame.crs.name!r}, lie {shift_m:,.0f} m beside those of "
            "WGS 84; save it in EPSG:4326 (gdalwarp)."
        )
        raise raster_band.RasterRefusedError(
            stand_ins.make_finding("raster.untrue_crs", label, message)
        )


def _read_crs(source: DatasetReader, label: str, crs: str | None) -> CRS:
    """The declared CRS, else that of the file."""
    if crs is None and source.crs is None:
        message = "The raster does not say its CRS; declare crs in wilayah.toml."
        raise raster_band.RasterRefusedError(
            stand_ins.make_finding("raster.no_crs", label, message)
        )
    try:
        return CRS.from_user_input(crs if crs is not None else source.crs.to_wkt())
    except PyprojError as error:
        word = crs if crs is not None else "what the raster says"
        raise InputError(f"{label}: {word!r} is no coordinate reference system.") from error
