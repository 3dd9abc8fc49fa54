"""Geometries written as text in a column: WKT, EWKT, WKB in hexadecimal digits, GeoJSON."""

import re
from collections.abc import Sequence

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from boundaries import errors, geometry_arrays
from boundaries.findings import report
from boundaries.polygons.declaration import RawLayer

GEOMETRY_TEXT_DAMAGED = report.declared_kind("boundary.geometry_text_damaged")

USUAL_NAMES = (
    "wkt",
    "geometry",
    "geom",
    "the_geom",
    "wkb_geometry",
    "wkb",
    "ewkt",
    "geometri",
    "shape",
    "geojson",
    "geo_shape",
    "wkt_geom",
    "poligon",
    "polygon",
)
_SRID = re.compile(r"\s*SRID\s*=\s*(\d+)\s*;", re.IGNORECASE)
_WKT = re.compile(
    r"\s*(?:SRID\s*=\s*\d+\s*;)?\s*(?:MULTI)?(?:POINT|LINESTRING|POLYGON|SURFACE|CURVE|"
    r"CURVEPOLYGON|GEOMETRYCOLLECTION)\s*(?:Z|M|ZM)?\s*(?:\(|EMPTY)",
    re.IGNORECASE,
)
_HEX = re.compile(r"\s*(?:\\x|0x)?(0[01](?:[0-9A-Fa-f]{2}){8,})\s*")
_LOOK_AT = 200


class GeometryTextError(ValueError):
    """A text that is no geometry; the message says why."""


def looks_like_geometry(cell: object) -> bool:
    """Whether a cell begins as a geometry in one of the forms read here.

    >>> looks_like_geometry("POLYGON((0 0, 1 0, 1 1, 0 0))"), looks_like_geometry("Polygon Desa")
    (True, False)
    """
    if not isinstance(cell, str):
        return False
    return bool(
        _WKT.match(cell)
        or _HEX.fullmatch(cell[:4096] if len(cell) % 2 == 0 else cell)
        or re.match(r'\s*\{\s*"(?:type|coordinates)"\s*:', cell)
    )


def geometry_of_text(text: object) -> tuple[geometry_arrays.Geometry | None, int | None]:
    """The geometry that a cell writes, and the SRID it gives (None: none).

    Raises
    ------
    GeometryTextError
        It is cut off, no geometry, or one with arcs.

    Example
    -------
    >>> geometry_of_text("SRID=32751;POINT (5 6)")[1]
    32751
    """
    if text is None or text != text or not str(text).strip():
        return None, None
    written = str(text).strip()
    match = _SRID.match(written)
    try:
        if match is not None:
            shape = shapely.from_wkt(written[match.end() :].strip())
        elif (digits := _HEX.fullmatch(written)) is not None:
            shape = shapely.from_wkb(digits[1], on_invalid="fix")
        elif written.startswith("{"):
            shape = shapely.from_geojson(written)
        else:
            shape = shapely.from_wkt(written, on_invalid="raise")
    except (shapely.errors.GEOSException, ValueError, TypeError) as error:
        is_cut = written[-1] not in ")}" and _HEX.fullmatch(written) is None
        reason = "the text is cut off" if is_cut else "it is no WKT, WKB or GeoJSON"
        raise GeometryTextError(f"{reason} ({len(written)} characters)") from error
    except NotImplementedError as error:
        # GEOS reads arcs and surfaces of them from no text.
        raise GeometryTextError("it has arcs; convert them to lines (QGIS: Segmentize)") from error
    srid = int(match[1]) if match else int(shapely.get_srid(shape))
    return shape, srid or None


def find_geometry_column(table: pd.DataFrame) -> str | None:
    """The column whose filled cells are mostly geometries; a usual name goes first."""
    names = [str(name) for name in table.columns]
    ordered = sorted(names, key=lambda name: name.strip().lower() not in USUAL_NAMES)
    for name in ordered:
        cells = [cell for cell in table[name].tolist() if cell not in (None, "")][:_LOOK_AT]
        if cells and 2 * sum(map(looks_like_geometry, cells)) > len(cells):
            return name
    return None


def read_geometry_column(
    table: pd.DataFrame, column: str, rows: NDArray[np.int64], label: str
) -> RawLayer:
    """Rows whose geometry is a text; their CRS where the texts give an SRID.

    Findings
    --------
    boundary.geometry_text_damaged
        A text that is no geometry (warning); its row has none.

    Raises
    ------
    InputUndeclaredError
        The texts give several SRIDs.
    """
    geometry = np.full(len(table), None, dtype=object)
    srids: set[int] = set()
    findings = []
    for index, text in enumerate(table[column].tolist()):
        try:
            geometry[index], srid = geometry_of_text(text)
        except GeometryTextError as problem:
            findings.append(_damaged(problem, label, int(rows[index]), text))
        else:
            srids |= {srid} if srid is not None else set()
    if len(srids) > 1:
        listed = ", ".join(map(str, sorted(srids)))
        raise errors.InputUndeclaredError(
            f"{label}: column '{column}' has several SRIDs ({listed})."
        )
    crs = f"EPSG:{srids.pop()}" if srids else None
    return RawLayer(table.drop(columns=[column]), rows, geometry, crs, findings)


def _damaged(
    problem: GeometryTextError, label: str, row: int, text: Sequence[object]
) -> report.Finding:
    message = (
        f"The geometry of this row cannot be read: {problem}. Spreadsheets cut cells after 32,767 "
        "characters; save as GeoPackage from QGIS instead."
    )
    return GEOMETRY_TEXT_DAMAGED.finding(
        message,
        file=label,
        row=row,
        value=str(text)[:60],
    )
