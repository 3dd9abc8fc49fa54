"""Rasters to write for tests: any bands, place, metadata and mask, on grids of a few cells."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import rasterio
from numpy.typing import NDArray
from rasterio import Affine
from rasterio.enums import ColorInterp

from boundaries.findings.report import Finding
from layers.access.terrain.raster_kinds import ELEVATION, FRICTION, LAND_COVER, PEOPLE, RasterKind
from layers.access.terrain.rasters import Raster, read_raster

KINDS = (PEOPLE, FRICTION, LAND_COVER, ELEVATION)
UPRIGHT = Affine(0.1, 0, 120, 0, -0.1, -7.0)
VALUES = np.array([[1, 2, 3], [4, 5, 6]])


@dataclass(frozen=True)
class Made:
    """A raster to write; bands have the shape (bands, rows, columns)."""

    bands: NDArray[np.generic]
    transform: Affine = UPRIGHT
    crs: str | None = "EPSG:4326"
    nodata: float | None = None
    scales: tuple[float, ...] | None = None
    offsets: tuple[float, ...] | None = None
    units: tuple[str, ...] | None = None
    descriptions: tuple[str, ...] | None = None
    mask: NDArray[np.bool_] | None = None
    colours: tuple[ColorInterp, ...] | None = None
    palette: bool = False
    driver: str = "GTiff"
    options: Mapping[str, str] = field(default_factory=dict)

    def write(self, path: Path) -> Path:
        """The file."""
        bands = np.atleast_3d(self.bands) if self.bands.ndim == 3 else self.bands[None]
        profile = {
            "driver": self.driver,
            "count": len(bands),
            "height": bands.shape[1],
            "width": bands.shape[2],
            "dtype": bands.dtype.name,
            "transform": self.transform,
            "crs": self.crs,
            "nodata": self.nodata,
            **self.options,
        }
        with rasterio.open(path, "w", **profile) as target:
            if self.palette:
                target.write_colormap(1, {1: (255, 0, 0, 255), 2: (0, 255, 0, 255)})
            if self.colours is not None:
                target.colorinterp = self.colours
            target.write(bands)
            for name in ("scales", "offsets", "units", "descriptions"):
                if getattr(self, name) is not None:
                    setattr(target, name, getattr(self, name))
            if self.mask is not None:
                target.write_mask(self.mask)
        return path


def codes(findings: Iterable[Finding]) -> list[str]:
    return [finding.code for finding in findings]


def read(made: Made, folder: Path, kind: RasterKind = PEOPLE) -> tuple[Raster, list[str]]:
    raster, findings = read_raster(made.write(folder / "r.tif"), "r.tif", kind)
    assert raster is not None, findings
    return raster, codes(findings)


def int16(values: object = VALUES) -> NDArray[np.int16]:
    return np.asarray(values, np.int16)
