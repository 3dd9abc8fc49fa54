"""What the workspace declares about one file of polygons, and what its reader hands on."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from boundaries.codes import CodeSystem
from boundaries.findings.report import Finding


@dataclass(frozen=True, slots=True)
class CodesFrom:
    """Reference boundaries whose codes polygons without codes take by overlap.

    Parameters
    ----------
    min_overlap
        Share of the area, 0 to 1, that each of the two polygons must cover of the other; below
        0.6 a pair is only proposed (see `boundaries.polygons.same_place`).
    """

    path: Path
    label: str
    code_system: CodeSystem
    code_column: str
    name_column: str | None = None
    min_overlap: float = 0.5
    encoding: str | None = None

    def __post_init__(self) -> None:
        """A system given as plain text is that system; any other text is refused."""
        object.__setattr__(self, "code_system", CodeSystem(self.code_system))


@dataclass(frozen=True, slots=True)
class PolygonSource:
    """One declared file of desa polygons.

    Parameters
    ----------
    label
        The path as the workspace declares it, for findings.
    code_column
        None only with ``codes_from``, or where the file follows BIG's attribute schema.
    sebutan_column, kecamatan_sebutan_column
        What the desa, and its kecamatan, are called locally ("gampong", "distrik").
    legal_status
        Status of every boundary of the file, unless ``legal_status_column`` is given: ``fixed``,
        ``indicative``, ``not_agreed`` or ``unknown``.
    axis_order
        ``lon_lat`` or ``lat_lon``; None where the coordinates themselves prove it.
    crs
        Overrules what the file says.
    encoding
        Of the texts of a shapefile, CSV, JSON or SQL file, where it is declared.
    where
        Only rows whose columns hold these texts belong to the input; others are not counted.
    year
        First year in which the boundaries are valid.
    decisions
        Codes that a person decided for polygons without codes, by kecamatan and name as the file
        writes them; None where a polygon is no desa of the reference.
    """

    path: Path
    label: str
    code_system: CodeSystem
    code_column: str | None = None
    name_column: str | None = None
    kecamatan_code_column: str | None = None
    kecamatan_name_column: str | None = None
    kabupaten_name_column: str | None = None
    provinsi_name_column: str | None = None
    sebutan_column: str | None = None
    kecamatan_sebutan_column: str | None = None
    legal_status_column: str | None = None
    legal_status: str = "unknown"
    axis_order: str | None = None
    crs: str | None = None
    layer: str | None = None
    encoding: str | None = None
    where: Mapping[str, str] = field(default_factory=dict)
    codes_from: CodesFrom | None = None
    year: int | None = None
    decisions: Mapping[tuple[str, str], str | None] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """A system given as plain text is that system; any other text is refused."""
        object.__setattr__(self, "code_system", CodeSystem(self.code_system))


@dataclass(frozen=True, slots=True)
class RawLayer:
    """A file as it was read: nothing interpreted yet.

    Parameters
    ----------
    table
        Attributes, one row per feature.
    rows
        1-based feature number of each row in the file.
    geometry
        Shapely geometries in the file's CRS and axis order, None where there is none; shape (n,).
    crs
        What the file says, None where it says nothing.
    axis_order
        Where the format itself implies one.
    """

    table: pd.DataFrame
    rows: NDArray[np.int64]
    geometry: NDArray[np.object_]
    crs: str | None
    findings: list[Finding]
    axis_order: str | None = None
