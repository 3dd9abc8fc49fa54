"""The same facility told twice: by two lists, or by one list under two ids.

Rows that agree in everything are counted once where they are read (`layers.facilities.checks`).
Here two rows with ids of their own look alike; whether they are one place only its office knows.
"""

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from scipy.spatial import cKDTree

from boundaries.findings.locations import row_ranges
from boundaries.findings.report import Finding
from layers.access.straight.geodesy import measure_ecef
from layers.facilities.checks import KANTOR_DESA
from layers.finding_words.finding_kinds import declared_kind

TWICE = declared_kind("facility.twice")

TWIN_M = 100.0
"""So near to each other two lists put one building."""


def find_twins(facilities: gpd.GeoDataFrame) -> tuple[Finding, ...]:
    """Facilities of one kind and name within `TWIN_M` of another, one finding for each list.

    Upper and lower case, spaces and signs in a name make no difference; without a name nothing is
    told, and a kantor desa has checks of its own.

    Parameters
    ----------
    facilities
        All of a workspace, sorted by ``facility_id``: of two the later one is told.

    Findings
    --------
    facility.twice
        They are counted as two, in loads and supply too (warning, with the rows).
    """
    rows = np.flatnonzero(_find_later(facilities))
    told = facilities.iloc[rows]
    findings = []
    for file, part in told.groupby("file", sort=True):
        numbers = sorted(int(row) for row in part["row"])
        message = (
            f"{len(numbers)} rows have the kind and name of another facility within "
            f"{TWIN_M:.0f} m, under another id: the same one twice? Both are counted. "
            f"Rows {', '.join(row_ranges(numbers))}."
        )
        name = str(part.sort_values("row")["nama"].iloc[0])
        findings.append(
            TWICE.finding(
                message,
                file=str(file),
                row=numbers[0],
                value=name,
                measure=float(len(numbers)),
            )
        )
    return tuple(findings)


def _find_later(facilities: gpd.GeoDataFrame) -> np.ndarray:
    """Whether an earlier facility is like each one, in the order given."""
    is_later = np.zeros(len(facilities), bool)
    named = facilities["nama"].notna() & (facilities["kind"] != KANTOR_DESA)
    plain = facilities["nama"].fillna("").str.casefold().str.replace(r"[\W_]+", "", regex=True)
    keys = pd.DataFrame({"kind": facilities["kind"], "name": plain}).reset_index(drop=True)
    keys = keys[(named & (plain != "")).to_numpy()]
    keys = keys[keys.duplicated(keep=False)]
    lonlat = shapely.get_coordinates(np.asarray(facilities.geometry.array, dtype=object))
    for _, group in keys.groupby(["kind", "name"], sort=True):
        rows = group.index.to_numpy()
        pairs = cKDTree(measure_ecef(*lonlat[rows].T)).query_pairs(TWIN_M, output_type="ndarray")
        is_later[rows[pairs[:, 1]]] = True
    return is_later
