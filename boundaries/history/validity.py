"""Since when and until when each boundary holds, as far as a history of codes says.

The year of a source says of which year its polygons are; a history says in which year a wilayah
came into being as it is, and in which year it was changed again.
"""

import geopandas as gpd
import pandas as pd

from boundaries.findings import kinds, report
from boundaries.history.versions import UNDATED, Change, History

POLYGON_BEFORE_CHANGE = kinds.declared_kind("versions.polygon_before_change")


def date_boundaries(
    frame: gpd.GeoDataFrame, history: History, year: int
) -> tuple[gpd.GeoDataFrame, list[report.Finding]]:
    """The boundaries with ``valid_from`` and ``valid_to`` (the last year) where they are known.

    Renames change no boundary.  Changes without year say nothing here.

    Parameters
    ----------
    frame
        Columns ``kode, valid_from, valid_to, source_file, source_row, geometry``; ``valid_from`` is
        the year of the source, or null.
    year
        The year the boundaries are wanted for.

    Findings
    --------
    versions.polygon_before_change
        A polygon of a year before its wilayah was split, merged or recoded (warning): it is still
        drawn as it was; ``valid_to`` says so.  A recode alone changes no line and is not told.
    """
    starts, ends = frame["valid_from"].tolist(), frame["valid_to"].tolist()
    findings = []
    touched = history.touched()
    rows = zip(
        frame["kode"], frame["source_file"], frame["source_row"], frame.geometry, strict=True
    )
    for index, (kode, file, row, shape) in enumerate(rows):
        if kode not in touched:
            continue
        changes = _of_boundary(history, kode)
        drawn = None if pd.isna(starts[index]) else int(starts[index])
        until = year if drawn is None or shape is None else min(drawn, year)
        since = [change.when for change in changes if change.when <= until]
        later = [change for change in changes if change.when > until]
        if since:
            starts[index] = max(since)
        if later:
            ends[index] = min(change.when for change in later) - 1
        redrawn = [c.when for c in later if c.when <= year and c.kind != "recode"]
        if redrawn and shape is not None:
            message = f"Drawn as of {drawn}, but changed in {min(redrawn)}: the polygon is older."
            findings.append(
                POLYGON_BEFORE_CHANGE.finding(
                    message,
                    file=file,
                    row=None if pd.isna(row) else int(row),
                    kode=kode,
                )
            )
    dated = frame.assign(
        valid_from=pd.array(starts, dtype="Int64"), valid_to=pd.array(ends, dtype="Int64")
    )
    return dated, findings


def _of_boundary(history: History, kode: str) -> list[Change]:
    """Dated changes that gave this code its boundary, or took it away."""
    return [
        change
        for change in history.changes_of(kode)
        if change.kind != "rename" and change.when != UNDATED
    ]
