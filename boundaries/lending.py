"""Codes for polygons that carry none, lent by reference polygons that cover the same places.

A polygon takes a code only when it and one reference polygon each cover at least a stated share of
the other, and no second pairing does.  Names are never used to decide.
"""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from boundaries.findings import Finding, Severity
from boundaries.repair import repair_polygons
from boundaries.sources import CodesFrom, PolygonSource, read_polygons


def lend_codes(
    polygons: gpd.GeoDataFrame, source: PolygonSource, lender: CodesFrom
) -> tuple[gpd.GeoDataFrame, list[Finding]]:
    """The polygons with ``kode`` and ``nama`` filled where one reference polygon covers the place.

    Parameters
    ----------
    polygons
        Rows without ``kode``, as `read_polygons` gives them.

    Returns
    -------
    GeoDataFrame
        Same rows; ``kode`` None where nothing was certain.  A name of the file itself is kept.

    Findings
    --------
    boundary.code_lent
        How many polygons took a code (note), ``measure`` the least overlap among them.
    boundary.code_not_lent
        No reference polygon covers the same place (warning); the best candidate and its share.
    boundary.code_ambiguous
        Several would fit, or one fits several polygons (warning); none of them takes it.
    """
    reference, _ = read_polygons(
        PolygonSource(
            path=lender.path,
            label=lender.label,
            code_system=lender.code_system,
            code_column=lender.code_column,
            name_column=lender.name_column,
        )
    )
    reference = reference[reference["kode"].notna() & ~reference.geometry.isna()]
    reference = reference.sort_values("kode", kind="stable").reset_index(drop=True)
    pairs = _measure_pairs(polygons, reference)
    fitting = pairs[pairs["share"] >= lender.min_overlap]
    once = ~(
        fitting["polygon"].duplicated(keep=False) | fitting["reference"].duplicated(keep=False)
    )
    certain, unsure = fitting[once], fitting[~once]
    lent = polygons.copy()
    codes = reference["kode"].to_numpy(dtype=object)
    names = reference["nama"].to_numpy(dtype=object)
    kode = lent["kode"].to_numpy(dtype=object).copy()
    nama = lent["nama"].to_numpy(dtype=object).copy()
    taken = certain["polygon"].to_numpy()
    given = certain["reference"].to_numpy()
    kode[taken] = codes[given]
    nama[taken] = np.where(pd.isna(nama[taken]), names[given], nama[taken])
    lent["kode"], lent["nama"] = kode, nama
    findings = _explain(lent, pairs, unsure, codes, source)
    if len(certain):
        least = round(100 * float(certain["share"].min()), 1)
        message = (
            f"{len(certain)} of {len(lent)} polygons took the code of the polygon in "
            f"{lender.label} that covers the same place; the least overlap is {least} %."
        )
        findings.append(
            Finding("boundary.code_lent", Severity.NOTE, message, file=source.label,
                    measure=least, unit="%")
        )  # fmt: skip
    return lent, findings


def _measure_pairs(polygons: gpd.GeoDataFrame, reference: gpd.GeoDataFrame) -> pd.DataFrame:
    """Every pair that meets, with the lesser of the two shares of area; best first."""
    own, _ = repair_polygons(np.asarray(polygons.geometry.values))
    other, _ = repair_polygons(np.asarray(reference.geometry.values))
    left, right = shapely.STRtree(other).query(own, predicate="intersects")
    common = shapely.area(shapely.intersection(own[left], other[right]))
    largest = np.maximum(shapely.area(own)[left], shapely.area(other)[right])
    pairs = pd.DataFrame({"polygon": left, "reference": right, "share": common / largest})
    return pairs.sort_values(["polygon", "share", "reference"], ascending=[True, False, True])


def _explain(
    lent: gpd.GeoDataFrame,
    pairs: pd.DataFrame,
    unsure: pd.DataFrame,
    codes: np.ndarray[Any, np.dtype[np.object_]],
    source: PolygonSource,
) -> list[Finding]:
    first = pairs.drop_duplicates("polygon")
    best = dict(
        zip(first["polygon"], zip(first["reference"], first["share"], strict=True), strict=True)
    )
    findings = []
    for position in np.flatnonzero(lent["kode"].isna().to_numpy()):
        rivals = unsure[unsure["polygon"] == position]
        if len(rivals):
            listed = ", ".join(codes[rivals["reference"].to_numpy()])
            code = "boundary.code_ambiguous"
            message = f"{listed} would fit this polygon, or fits others too; it takes no code."
            share = float(rivals["share"].max())
        elif position in best:
            nearest, share = best[position]
            code = "boundary.code_not_lent"
            message = f"No polygon covers the same place; {codes[nearest]} comes nearest."
        else:
            code, share = "boundary.code_not_lent", 0.0
            message = "No reference polygon meets this one."
        name = lent["nama"].iloc[position]
        findings.append(
            Finding(
                code,
                Severity.WARNING,
                message,
                file=source.label,
                row=int(lent["source_row"].iloc[position]),
                value=None if pd.isna(name) else str(name),
                measure=round(100 * share, 1),
                unit="%",
            )
        )
    return findings
