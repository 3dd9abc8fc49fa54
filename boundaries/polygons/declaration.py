"""What the workspace declares about one file of polygons, and what its reader hands on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from boundaries.codes import CodeSystem
from boundaries.findings.report import Finding


class Declared(BaseModel):
    """A record of declared keys: frozen, unknown keys are errors."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class CodesFromKeys(Declared):
    """What is declared of reference boundaries whose codes polygons without codes take by overlap.

    Parameters
    ----------
    layer
        Layer of a file with several.
    min_overlap
        Share of the area, 0 to 1, that each of the two polygons must cover of the other; below
        0.6 a pair is only proposed (see `boundaries.polygons.same_place`).
    encoding
        Of the texts of the file, where it is declared.
    """

    code_system: CodeSystem
    code_column: str
    name_column: str | None = None
    layer: str | None = None
    min_overlap: float = Field(default=0.5, gt=0, le=1)
    encoding: str | None = None


class CodesFrom(CodesFromKeys):
    """Reference boundaries: the declared keys, where the file is, and how findings name it."""

    path: Path
    label: str


class PolygonKeys(Declared):
    """What is declared of one file of desa polygons.

    Parameters
    ----------
    code_column
        None only with ``codes_from``, or where the file follows BIG's attribute schema.
    sebutan_column, kecamatan_sebutan_column
        What the desa, and its kecamatan, are called locally ("gampong", "distrik").
    legal_status
        Status of every boundary of the file, unless ``legal_status_column`` is given.
    axis_order
        None where the coordinates themselves prove it.
    crs
        Overrules what the file says.
    layer
        Layer of a file with several.
    encoding
        Of the texts of a shapefile, CSV, JSON or SQL file, where it is declared.
    where
        Only rows whose columns hold these texts belong to the input; others are not counted.
    year
        First year in which the boundaries are valid.
    """

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
    legal_status: Literal["fixed", "indicative", "not_agreed", "unknown"] = "unknown"
    axis_order: Literal["lon_lat", "lat_lon"] | None = None
    crs: str | None = None
    layer: str | None = None
    encoding: str | None = None
    where: Mapping[str, str] = Field(default_factory=dict)
    year: int | None = None


class PolygonSource(PolygonKeys):
    """One declared file of desa polygons, as its reader takes it.

    Parameters
    ----------
    label
        The path as the workspace declares it, for findings.
    decisions
        Codes that a person decided for polygons without codes, by kecamatan and name as the file
        writes them; None where a polygon is no desa of the reference.
    """

    path: Path
    label: str
    codes_from: CodesFrom | None = None
    decisions: Mapping[tuple[str, str], str | None] = Field(default_factory=dict)


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


def clean_texts(values: Sequence[object]) -> list[str | None]:
    """Texts without stray space; None for what says nothing.

    >>> clean_texts(["  Oesao ", None, "", float("nan")])
    ['Oesao', None, None, None]
    """
    texts = (
        "" if value is None or value != value else " ".join(str(value).split()) for value in values
    )
    return [text or None for text in texts]
