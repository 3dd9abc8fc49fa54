"""Travel time from each desa on the map: over friction where there is one, else along roads."""

from collections.abc import Collection
from dataclasses import replace

import numpy as np
import pandas as pd

from layers.access.gaps import gap_fields, methods
from layers.access.gaps.gaps import GapsResult
from layers.access.terrain.raster_cover import floor_percent
from layers.columns.catalogue import ServiceDefinition
from layers.release.manifest_file import FieldEntry, Text


def add_time_fields(
    gaps: GapsResult,
    services: Collection[ServiceDefinition],
    rows: pd.DataFrame,
    mode: Text | None,
) -> GapsResult:
    """The gaps with ``waktu_<kind>_min`` and its status in ``wide``, before ``fasilitas_<kind>``.

    Parameters
    ----------
    rows
        Rows of one method of the long table.
    mode
        What the mode is called; null for a friction raster that was given.
    """
    wide = gaps.wide.copy()
    entries: dict[str, tuple[FieldEntry, ...]] = {}
    method = str(rows["method"].iloc[0])
    by_service = dict(iter(rows.groupby("service")))
    has_cover = bool(rows["time_coverage"].notna().any())
    for service in services:
        entry = gap_fields.time_field(service, method, mode, has_cover=has_cover)
        service_rows = by_service[service.kind].set_index("kode").reindex(wide["kode"])
        minutes = service_rows["travel_time_min"].to_numpy(float)
        reason = service_rows["reason"]
        is_cut_off = (reason.notna() & (reason != methods.NOT_COVERED)).to_numpy()
        wide[entry.name] = minutes.round(1)
        wide[f"{entry.name}_status"] = np.select(
            [np.isfinite(minutes), is_cut_off], ["ok", "unreachable"], "no_data"
        )
        entries[f"fasilitas_{service.kind}"] = (entry, _status_entry(entry))
    fields = [each for field in gaps.fields for each in (*entries.get(field.name, ()), field)]
    if not has_cover:
        return replace(gaps, fields=tuple(fields), wide=wide)
    cover = rows.drop_duplicates("kode").set_index("kode")["time_coverage"].reindex(wide["kode"])
    percent = floor_percent(cover.to_numpy(float))
    wide[gap_fields.TIME_COVER.name] = pd.Series(percent, wide.index).astype("Int64")
    return replace(gaps, fields=(*fields, gap_fields.TIME_COVER), wide=wide)


def _status_entry(entry: FieldEntry) -> FieldEntry:
    title = Text(id=f"Status: {entry.title.id}", en=f"Status: {entry.title.en}")
    return FieldEntry(name=f"{entry.name}_status", type="string", title=title)
