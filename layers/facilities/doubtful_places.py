"""Facilities that may not be where they stand, or be one listed twice: asked, and never dropped.

Many on one point are a campus, or stand at an office for want of a place; where the code of a row
names a desa that the point is far from, the code may be as wrong as the point.  Two rows with ids
of their own that look alike may be one place, by two lists or by one: only its office knows.  Rows
that agree in everything are counted once where they are read (`layers.facilities.checks`).
"""

import re

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from scipy.spatial import cKDTree

from boundaries.findings import locations, report
from layers.access.straight import geodesy, nearest
from layers.facilities.checks import KANTOR_DESA, RowFindings
from layers.finding_words.finding_kinds import declared_kind

SAME_KIND = 3
"""From so many rows of one kind on a point it is asked: a campus has one or two of each."""
CAMPUS = 10
"""More rows than this are on no campus, whatever their kinds."""
FAR_M = 1000.0
"""A point farther than this from the desa of a row is not in it by a shaky border or hand."""
TWICE = declared_kind("facility.twice")
TWIN_M = 100.0
"""So near to each other two lists put one building."""
_OFFICE = re.compile(
    r"\b(?:kantor|dinas|dinkes|disdik|sekretariat|balai desa|camat|bupati|bappeda|kominfo)\b",
    re.IGNORECASE,
)


def tell_shared_points(frame: pd.DataFrame, desa: gpd.GeoDataFrame, log: RowFindings) -> None:
    """Add what is found of rows that share a point; all are used.

    Parameters
    ----------
    frame
        ``row, nama, word, kind, x, y, kode_desa_letak, kode_desa_declared``.

    Findings
    --------
    facility.shared_point
        Many rows of one kind, an office among the names, or more than a campus holds (warning, one
        for each point).
    facility.office_point
        Of these a row whose code names a desa far from the point (warning).
    """
    offices = (frame["kind"] == KANTOR_DESA).to_numpy()
    places = frame[~offices].groupby(["x", "y"], sort=True).indices
    others = np.flatnonzero(~offices)
    for positions in places.values():
        rows = others[np.asarray(positions)]
        reason = _suspect(frame.iloc[rows])
        if reason is not None:
            _tell(frame.iloc[rows], reason, _lie_elsewhere(frame.iloc[rows], desa), log)


def _suspect(group: pd.DataFrame) -> str | None:
    """Why the rows of one point are no campus; None where nothing says so."""
    count = len(group)
    if count < SAME_KIND:
        return None
    words = group["word"].str.casefold().where(group["word"] != "", group["kind"])
    most = words.value_counts()
    if most.iloc[0] >= SAME_KIND:
        kind = group.loc[(words == most.index[0]).to_numpy(), "kind"].iloc[0]
        return f"{most.iloc[0]} of them {kind}"
    office = next((name for name in group["nama"] if _OFFICE.search(name)), None)
    if office is not None:
        return f"'{office}' among them"
    return "more than a campus holds" if count > CAMPUS else None


def _lie_elsewhere(group: pd.DataFrame, desa: gpd.GeoDataFrame) -> np.ndarray:
    kode = desa["kode"].to_numpy(dtype=object)
    elsewhere = np.zeros(len(group), bool)
    columns = group[["kode_desa_declared", "kode_desa_letak", "x", "y"]]
    for index, (declared, letak, x, y) in enumerate(columns.itertuples(index=False)):
        if isinstance(declared, str) and declared != letak:
            polygon = desa.geometry.iloc[int(np.flatnonzero(kode == declared)[0])]
            elsewhere[index] = nearest.measure_to_polygon(polygon, x, y) > FAR_M
    return elsewhere


def _tell(group: pd.DataFrame, reason: str, is_far: np.ndarray, log: RowFindings) -> None:
    numbers = sorted(int(row) for row in group["row"])
    point = f"{group['x'].iloc[0]:.6f} | {group['y'].iloc[0]:.6f}"
    listed = ", ".join(locations.row_ranges(numbers))
    message = (
        f"{len(numbers)} rows lie on one point, {reason}: is it the point of an office? Used as "
        f"they stand. Rows {listed}."
    )
    log.add(
        "facility.shared_point",
        report.Severity.WARNING,
        message,
        numbers[0],
        value=point,
        measure=float(len(numbers)),
        unit="rows",
        rows=numbers,
    )
    far = group[is_far]
    for row, declared in far[["row", "kode_desa_declared"]].itertuples(index=False):
        message = (
            f"The point is shared by {len(numbers)} rows and lies over {FAR_M:.0f} m from the desa "
            "its code names: which of the two is right? Used where it stands."
        )
        log.add(
            "facility.office_point",
            report.Severity.WARNING,
            message,
            row,
            kode=declared,
            value=point,
        )


def find_twins(facilities: gpd.GeoDataFrame) -> tuple[report.Finding, ...]:
    """Facilities of one kind and name within `TWIN_M` of another, one finding for each list.

    Upper and lower case, spaces and signs in a name make no difference; without a name nothing is
    told, and a kantor desa has checks of its own.

    Parameters
    ----------
    facilities
        All of a workspace, sorted by ``facility_id``: of two the later one is reported.

    Findings
    --------
    facility.twice
        They are counted as two, in loads and supply too (warning, with the rows).
    """
    rows = np.flatnonzero(_find_later(facilities))
    repeated = facilities.iloc[rows]
    findings = []
    for file, part in repeated.groupby("file", sort=True):
        numbers = sorted(int(row) for row in part["row"])
        message = (
            f"{len(numbers)} rows have the kind and name of another facility within "
            f"{TWIN_M:.0f} m, under another id: the same one twice? Both are counted. "
            f"Rows {', '.join(locations.row_ranges(numbers))}."
        )
        name = str(part.sort_values("row")["nama"].iloc[0])
        findings.append(
            TWICE.finding(
                message,
                file=str(file),
                row=numbers[0],
                value=name,
                measure=float(len(numbers)),
                rows=numbers,
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
        pairs = cKDTree(geodesy.measure_ecef(*lonlat[rows].T)).query_pairs(
            TWIN_M, output_type="ndarray"
        )
        is_later[rows[pairs[:, 1]]] = True
    return is_later
