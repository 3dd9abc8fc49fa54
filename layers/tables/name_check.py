"""Whether the names in a table are those of the desa their codes lead to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from boundaries.evidence import name_findings, weigh_code_systems
from boundaries.findings import Finding
from layers.tables.places import Places


def check_names(
    names: Sequence[object] | None,
    position: npt.NDArray[np.int64],
    places: Places,
    file: str,
    rows: Sequence[int],
) -> list[Finding]:
    """The codes that stand beside quite another name than theirs.

    Only rows whose name is not written as in the boundaries are weighed, each code and name once,
    whatever system and spelling the code came in.

    Parameters
    ----------
    position
        Row of `Places` for each row of the table, -1 where there is none.

    Findings
    --------
    codes.name_differs
        The name in the row and the name of the code are not spellings of one (warning); the value
        is used, because the code decides.  The measure is the number of such rows.
    """
    if names is None or "nama" not in places.frame:
        return []
    listed = [str(name).upper() for name in places.frame["nama"]]
    pairs: dict[tuple[int, str], list[int]] = {}
    for at, (place, name) in enumerate(zip(position.tolist(), names, strict=True)):
        if 0 <= place < len(listed) and isinstance(name, str) and name.upper() != listed[place]:
            pairs.setdefault((place, name), []).append(at)
    if not pairs:
        return []
    values: list[object] = [places.kode[place] for place, _ in pairs]
    written: list[object] = [name for _, name in pairs]
    found_at = list(pairs.values())
    evidence = weigh_code_systems(values, written, places.reference)
    first = [rows[at[0]] for at in found_at]
    findings = name_findings(evidence, values, written, places.reference, file, first)
    return [
        replace(finding, row=min(rows[at] for at in found_at[index]),
                measure=len(found_at[index]), unit="rows")
        for finding, index in zip(findings, evidence.disagreeing, strict=True)
    ]  # fmt: skip
