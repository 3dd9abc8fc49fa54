"""Whether many facilities on one point are a campus, or stand at an office for want of a place.

The rule of thumb asks and drops nothing: where the code of a row names a desa that the point is far
from, the code may be as wrong as the point.
"""

import re

import geopandas as gpd
import numpy as np
import pandas as pd

from boundaries.findings.locations import row_ranges
from boundaries.findings.report import Severity
from layers.access.straight.nearest import measure_to_polygon
from layers.facilities.checks import KANTOR_DESA, RowFindings

SAME_KIND = 3
"""From so many rows of one kind on a point it is asked: a campus has one or two of each."""
CAMPUS = 10
"""More rows than this are on no campus, whatever their kinds."""
FAR_M = 1000.0
"""A point farther than this from the desa of a row is not in it by a shaky border or hand."""
_OFFICE = re.compile(
    r"\b(?:kantor|dinas|dinkes|disdik|sekretariat|balai desa|camat|bupati|bappeda|kominfo)\b",
    re.IGNORECASE,
)


def tell_shared_points(frame: pd.DataFrame, desa: gpd.GeoDataFrame, found: RowFindings) -> None:
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
            _tell(frame.iloc[rows], reason, _lie_elsewhere(frame.iloc[rows], desa), found)


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
    for at, (declared, letak, x, y) in enumerate(columns.itertuples(index=False)):
        if isinstance(declared, str) and declared != letak:
            polygon = desa.geometry.iloc[int(np.flatnonzero(kode == declared)[0])]
            elsewhere[at] = measure_to_polygon(polygon, x, y) > FAR_M
    return elsewhere


def _tell(group: pd.DataFrame, reason: str, is_far: np.ndarray, found: RowFindings) -> None:
    numbers = sorted(int(row) for row in group["row"])
    point = f"{group['x'].iloc[0]:.6f} | {group['y'].iloc[0]:.6f}"
    listed = ", ".join(row_ranges(numbers))
    message = (
        f"{len(numbers)} rows lie on one point, {reason}: is it the point of an office? Used as "
        f"they stand. Rows {listed}."
    )
    found.add(
        "facility.shared_point",
        Severity.WARNING,
        message,
        numbers[0],
        value=point,
        measure=float(len(numbers)),
        unit="rows",
    )
    far = group[is_far]
    for row, declared in far[["row", "kode_desa_declared"]].itertuples(index=False):
        message = (
            f"The point is shared by {len(numbers)} rows and lies over {FAR_M:.0f} m from the desa "
            "its code names: which of the two is right? Used where it stands."
        )
        found.add(
            "facility.office_point", Severity.WARNING, message, row, kode=declared, value=point
        )
