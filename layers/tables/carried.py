"""Values measured under codes that have since been split, merged or changed.

After a split the parts show the old value's year as ``before_split``, without a value of their own;
after a merge a count is summed if every part was measured; a recode takes its value along.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from boundaries.findings import Finding, Severity
from boundaries.versions import Carried, History, carry_forward
from layers.tables.places import Reason
from layers.tables.summaries import SUMMABLE_UNITS

KEY = ["kode", "indikator", "tahun"]
UNPLACED = frozenset({"table.code_unknown", "table.outside_scope"})


def name_former(reasons: Mapping[int, Reason], history: History | None) -> dict[int, Reason]:
    """The reasons, with rows of former codes told from rows of unknown ones.

    Findings
    --------
    table.code_former
        A code that was split, merged or changed (note); its value is carried by the history.
    """
    told = dict(reasons)
    if history is None:
        return told
    for at, reason in reasons.items():
        successors = history.successors(reason.value) if reason.code in UNPLACED else ()
        if successors:
            message = f"{reason.value} is a former code; today: {', '.join(successors)}."
            told[at] = Reason("table.code_former", message, reason.value, Severity.NOTE)
    return told


def carry_values(
    told: pd.DataFrame,
    former: pd.DataFrame,
    history: History,
    desa: pd.DataFrame,
    units: Mapping[str, str],
) -> tuple[pd.DataFrame, list[Finding]]:
    """The settled values with those of former codes carried to the desa of today.

    Parameters
    ----------
    told, former
        ``kode, indikator, tahun, nilai, status, file, row``, one row for each of the first three:
        of today's desa, and of former codes.
    units
        Unit of each indicator; those in ``SUMMABLE_UNITS`` may be summed after a merge.

    Findings
    --------
    table.before_split
        Desa of today that show a year only as before their split (note).
    """
    current = frozenset(desa["kode"])
    everything = pd.concat([told, former], ignore_index=True)
    changed: list[dict[str, object]] = []
    findings = []
    for (name, year), part in everything.groupby(["indikator", "tahun"], sort=True):
        by_kode = {row["kode"]: row for row in part.to_dict("records")}
        values = {
            str(kode): None if np.isnan(row["nilai"]) else float(row["nilai"])
            for kode, row in by_kode.items()
        }
        tahun, is_summable = int(str(year)), units.get(str(name)) in SUMMABLE_UNITS
        carried = carry_forward(values, tahun, history, current, is_summable=is_summable)
        moved = [one for one in carried.values() if one.reason]
        changed += [_row(one, by_kode, str(name), tahun) for one in moved]
        split = [one.kode for one in moved if one.status == "before_split"]
        if split:
            message = f"{name} {year}: measured before the split of {', '.join(split)}."
            findings.append(
                Finding("table.before_split", Severity.NOTE, message, kode=split[0],
                        measure=len(split), unit="desa")
            )  # fmt: skip
    if not changed:
        return told, findings
    new = pd.DataFrame(changed, columns=told.columns)
    kept = pd.concat([told, new], ignore_index=True).drop_duplicates(KEY, keep="last")
    return kept.sort_values(KEY, ignore_index=True), findings


def _row(
    one: Carried, by_kode: Mapping[object, Mapping[object, object]], name: str, tahun: int
) -> dict[str, object]:
    origin = next((by_kode[kode] for kode in one.sources if kode in by_kode), {})
    return {
        "kode": one.kode,
        "indikator": name,
        "tahun": tahun,
        "nilai": np.nan if one.value is None else one.value,
        "status": one.status,
        "file": origin.get("file"),
        "row": origin.get("row"),
    }
