"""Rasters as arrays with their place: read, checked, and what is wrong with them said.

The only module that opens a raster file.  Which band is meant is decided in
`layers.access.terrain.raster_band`, where it lies in `raster_frame`, what its numbers mean in
`raster_values`.
"""

import warnings
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from zipfile import BadZipFile, ZipFile

import numpy as np
import rasterio
from numpy.typing import NDArray
from pyproj import Transformer
from rasterio.errors import CRSError, NotGeoreferencedWarning, RasterioIOError

from boundaries.bounds import input_limits, input_readers
from boundaries.findings.report import Finding
from layers.access.straight.geodesy import Floats
from layers.access.terrain import raster_band, raster_frame, raster_kinds, raster_values, stand_ins
from layers.access.terrain.grid import Grid
from layers.errors import InputError
from layers.finding_words.finding_kinds import declared_kind

OTHER_RESOLUTION = declared_kind("raster.other_resolution")
APPLIED = declared_kind("raster.applied")

BYTES_A_CELL = 24
"""While a raster is read: its number, the value made of it, masks."""
PACKED_SUFFIXES = (".tif", ".tiff", ".asc", ".img", ".nc", ".bil", ".flt")
"""Of the members of a ZIP archive, those that may be the raster."""


@dataclass(frozen=True, slots=True)
class Raster:
    """Values (NaN: none), the grid they lie on, its CRS as text, and what was applied on reading.

    ``applied`` has an entry for each file the values were made from.
    """

    values: NDArray[np.float32] | NDArray[np.float64]
    grid: Grid
    crs: str
    applied: tuple[raster_band.Applied, ...] = ()

    def find_lonlat(self, row: NDArray[np.int64], column: NDArray[np.int64]) -> Floats:
        """Lon, lat of the middle of cells, shape (n, 2)."""
        centres = self.grid.find_centres(row, column)
        if self.grid.is_lonlat:
            return centres
        transformer = Transformer.from_crs(self.crs, "EPSG:4326", always_xy=True)
        return np.stack(transformer.transform(centres[:, 0], centres[:, 1]), axis=-1)

    def find_bbox(self) -> tuple[float, float, float, float]:
        """West, south, east, north of the cells' corners in lon, lat."""
        grid = self.grid
        west, north = grid.west, grid.north
        east, south = west + grid.columns * grid.cell_width, north - grid.rows * grid.cell_height
        if not grid.is_lonlat:
            transformer = Transformer.from_crs(self.crs, "EPSG:4326", always_xy=True)
            west, south, east, north = transformer.transform_bounds(west, south, east, north)
        return west, south, east, north

    def sample(self, lonlat: Floats) -> tuple[Floats, NDArray[np.bool_]]:
        """The value under each point, and whether the point lies off the grid."""
        x, y = lonlat[:, 0], lonlat[:, 1]
        if not self.grid.is_lonlat:
            transformer = Transformer.from_crs("EPSG:4326", self.crs, always_xy=True)
            x, y = transformer.transform(x, y)
        row, column = self.grid.find_cells(np.asarray(x), np.asarray(y))
        off = row < 0
        value = np.where(off, np.nan, self.values[row, column])
        return value, off


def read_raster(
    path: Path,
    label: str,
    kind: raster_kinds.RasterKind = raster_kinds.PEOPLE,
    *,
    crs: str | None = None,
    nodata: float | None = None,
    band: int | str | None = None,
    band_key: str = "band",
    bbox_lonlat: raster_frame.Bbox | None = None,
    margin_degrees: float = 0.0,
    legend: Collection[float] = (),
) -> tuple[Raster | None, tuple[Finding, ...]]:
    """The values of one band of a raster file, north up, or None with the reason.

    Masks and alpha bands take cells away, nodata is compared with the numbers of the file, then
    scale, offset and unit are applied.  What was applied is a note, and stays with the raster.

    Parameters
    ----------
    kind
        What the cells hold: unit and limits.
    crs, nodata
        As the workspace declares them: they win over what the file says.
    band, band_key
        Number from 1 or description of the band, and the key that declares it; null where the file
        has one band of data.
    bbox_lonlat
        Of the loaded area: only the cells that touch it, or lie within ``margin_degrees``, are
        read, so that the raster of a country does for a kabupaten.
    legend
        Numbers that are declared as codes.

    Findings
    --------
    raster.several_bands
        Several bands and none declared: not used (error, with their descriptions).
    raster.picture
        A picture in colours: not used (error); used where ``band`` is declared (warning).
    raster.complex, raster.scale_unusable
        Complex numbers, or a scale of 0: not used (error).
    raster.no_crs, raster.no_place
        Nobody says the CRS, or where the raster lies: not used (warning).
    raster.rotated
        Rows do not run along a parallel: not used (warning).
    raster.untrue_crs
        Its degrees are not those of WGS 84, or ways are to be measured in a CRS that does not
        measure true here: not used (warning).
    raster.no_overlap
        It covers nothing of the loaded area: not used (warning).
    raster.other_unit
        The file or its CRS states a unit that cannot be used: not used (warning).
    raster.unknown_unit
        The file states a unit nobody knows: used (warning).
    raster.negative
        Negative values, which mean neither people nor friction, are taken as none (warning).
    raster.out_of_range
        Values beyond other limits are taken as none (warning).
    raster.undeclared_nodata
        Cells hold the last number of the file's type, or one of `STAND_INS`, and it cannot be a
        value, is far from all others, or lies in areas as a sea does; or a frame of one number lies
        around the others: taken as none (warning, with the share of cells and what to declare).
    raster.nodata_suspected
        Cells hold the last number of a byte, which may well be a value: used (warning).
    raster.nodata_outside
        The declared nodata is no number of the file's type (warning).
    raster.empty
        No cell has a value (warning).
    raster.applied
        A band among several, scale, offset, mask, unit or another direction of rows (note).

    Raises
    ------
    InputError
        The file is missing or is no raster, or the declared band or CRS does not exist.
    InputBeyondLimitError
        It is too large, see `boundaries.bounds`.
    """
    declared = _Declared(crs, nodata, band, band_key, legend)
    near = None if bbox_lonlat is None else (bbox_lonlat, margin_degrees)
    file = input_limits.InputFile(path, label)
    return input_readers.read_within(file, _read_raster, file, kind, declared, near)


@dataclass(frozen=True, slots=True)
class _Declared:
    """What the workspace declares of a raster, see `read_raster`."""

    crs: str | None
    nodata: float | None
    band: int | str | None
    band_key: str
    legend: Collection[float]


def _read_raster(
    file: input_limits.InputFile,
    kind: raster_kinds.RasterKind,
    declared: _Declared,
    near: tuple[raster_frame.Bbox, float] | None,
) -> tuple[Raster | None, tuple[Finding, ...]]:
    label, nodata = file.label, declared.nodata
    name = _find_name(file.path, label)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", NotGeoreferencedWarning)
            with rasterio.open(name) as source:
                _refuse_container(source, label)
                frame = raster_frame.find_frame(source, label, declared.crs)
                number, bands, findings = raster_band.choose_band(
                    source, label, kind, declared.band, declared.band_key
                )
                scaling = raster_band.read_scaling(source, number, label)
                factor, unit_findings = raster_band.choose_factor(source, number, label, kind)
                window = frame.find_window(*(near or (None, 0.0)))
                if window is None:
                    message = "The raster covers nothing of the loaded area."
                    return None, (stand_ins.make_finding("raster.no_overlap", label, message),)
                input_readers.check_cells(file, window.height, window.width, BYTES_A_CELL)
                grid = frame.make_grid(window, label, is_travelled=kind.is_travelled)
                cells = frame.turn(source.read(number, window=window))
                is_valid, masks = raster_band.read_validity(source, number, window)
                empty = source.nodatavals[number - 1] if nodata is None else nodata
                applied = raster_band.Applied(
                    label,
                    number,
                    bands,
                    source.descriptions[number - 1],
                    scaling,
                    empty,
                    masks,
                    source.units[number - 1],
                    factor,
                    frame.is_turned,
                )
    except raster_band.RasterRefusedError as refused:
        return None, (refused.finding,)
    except (RasterioIOError, CRSError) as error:
        raise InputError(f"{label} cannot be read as a raster: {error}") from error
    valid = None if is_valid is None else frame.turn(is_valid)
    scaling = stand_ins.Scaling(scaling.scale * factor, scaling.offset * factor)
    content = stand_ins.Content(label, kind, scaling, empty, grid.cell_km2, declared.legend)
    values, cleaned = raster_values.clean_band(cells, valid, content)
    findings = (*findings, *unit_findings, *cleaned, *_report_applied(applied))
    return Raster(values, grid, frame.crs.to_wkt(), (applied,)), findings


def check_raster(path: Path, label: str, band: int | str | None, band_key: str) -> None:
    """Refuse a file that is no raster, or lacks the declared band, without reading its cells.

    Raises
    ------
    InputError
        As `read_raster`.
    """
    input_readers.read_within(
        input_limits.InputFile(path, label), _check_raster, path, label, band, band_key
    )


def _check_raster(path: Path, label: str, band: int | str | None, band_key: str) -> None:
    name = _find_name(path, label)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", NotGeoreferencedWarning)
            with rasterio.open(name) as source:
                _refuse_container(source, label)
                raster_band.choose_band(source, label, raster_kinds.PEOPLE, band, band_key)
    except raster_band.RasterRefusedError:
        return  # a finding, when it is read
    except (RasterioIOError, CRSError) as error:
        raise InputError(f"{label} cannot be read as a raster: {error}") from error


def _report_applied(applied: raster_band.Applied) -> tuple[Finding, ...]:
    if applied.is_plain:
        return ()
    text = applied.describe()
    message = f"Read with: {text}."
    return (APPLIED.finding(message, file=applied.label, value=text),)


def _find_name(path: Path, label: str) -> str:
    """What GDAL calls the file: packed ones are read as they are.

    Raises
    ------
    InputError
        The file is missing, or a ZIP archive that does not hold exactly one raster.
    """
    if not path.is_file():
        raise InputError(f"{label} does not exist.")
    if path.suffix.lower() == ".gz":
        return f"/vsigzip/{path}"
    if path.suffix.lower() != ".zip":
        return str(path)
    try:
        with ZipFile(path) as archive:
            members = archive.namelist()
    except BadZipFile as error:
        raise InputError(f"{label} cannot be read as a ZIP archive: {error}") from error
    rasters = [name for name in members if name.lower().endswith(PACKED_SUFFIXES)]
    if len(rasters) != 1:
        listed = ", ".join(sorted(rasters or members)[:10]) or "nothing"
        raise InputError(
            f"{label} is a ZIP archive with {len(rasters)} rasters; unpack it and declare the one "
            f"that is meant. It holds: {listed}."
        )
    return f"/vsizip/{path}/{rasters[0]}"


def _refuse_container(source: rasterio.DatasetReader, label: str) -> None:
    """Files that are no raster themselves.

    Raises
    ------
    InputError
        A virtual raster, whose cells are in other files, or a file of several rasters.
    """
    if source.driver == "VRT":
        raise InputError(
            f"{label} is a virtual raster (VRT) that only points at other files, which no release "
            "could name; save it as GeoTIFF (gdal_translate) and declare that."
        )
    if source.count == 0:
        names = ", ".join(name.rsplit(":", 1)[-1] for name in source.subdatasets[:20])
        raise InputError(
            f"{label} holds several rasters, not one; save the one that is meant as GeoTIFF "
            f"(gdal_translate). It holds: {names or 'no band'}."
        )


def align_raster(
    raster: Raster, grid: Grid, label: str, crs: str | None = None
) -> tuple[Raster, tuple[Finding, ...]]:
    """The raster on another grid, each cell the value under its middle.

    Parameters
    ----------
    crs
        Of ``grid``; null: the raster's own.

    Findings
    --------
    raster.other_resolution
        The grids differ, so values were taken at the middles of cells (note).
    """
    crs = raster.crs if crs is None else crs
    if raster.grid == grid and raster.crs == crs:
        return raster, ()
    row, column = np.divmod(np.arange(grid.rows * grid.columns), grid.columns)
    frame = Raster(np.empty(0, np.float32), grid, crs)
    value, _ = raster.sample(frame.find_lonlat(row, column))
    message = "The raster lies on other cells; values are taken at the middles of cells."
    finding = OTHER_RESOLUTION.finding(message, file=label)
    values = value.reshape(grid.rows, grid.columns)
    if raster.values.dtype == np.float32:
        return Raster(values.astype(np.float32), grid, crs, raster.applied), (finding,)
    return Raster(values, grid, crs, raster.applied), (finding,)


def write_cog(path: Path, raster: Raster, title: str = "", unit: str = "") -> None:
    """Write a Cloud Optimized GeoTIFF: tiled, deflated, with overviews; NaN is no data.

    Parameters
    ----------
    title, unit
        What the band is called, and in what its values are.  Of each file the values were made from
        a tag ``INPUT_<n>`` says which band it was, scale, offset, nodata and mask.
    """
    grid = raster.grid
    profile = {
        "driver": "COG",
        "dtype": raster.values.dtype.name,
        "count": 1,
        "nodata": np.nan,
        "height": grid.rows,
        "width": grid.columns,
        "crs": raster.crs,
        "compress": "DEFLATE",
        "transform": rasterio.Affine(
            grid.cell_width, 0, grid.west, 0, -grid.cell_height, grid.north
        ),
        "blocksize": 256,
        "overview_resampling": "nearest",
        "num_threads": 1,
    }
    with rasterio.open(path, "w", **profile) as target:
        target.write(raster.values, 1)
        target.set_band_description(1, title)
        target.set_band_unit(1, unit)
        for number, applied in enumerate(raster.applied, 1):
            target.update_tags(**{f"INPUT_{number}": f"{applied.label}: {applied.describe()}"})
