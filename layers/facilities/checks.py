"""Which rows of a facility list can be used: supply, repetition and contradiction.

Each step takes the rows that are left and returns those it leaves, with what it found.
"""

from collections.abc import Iterable, Sequence
from hashlib import blake2b

import numpy as np
import pandas as pd

from boundaries.findings import locations, report
from layers.facilities.rows import FacilityRows
from layers.finding_words.finding_kinds import declared_kind
from layers.tables.files.cell_texts import cell_text
from layers.tables.numbers import expectations, numbers
from layers.workspace.sections import FacilitySection

KANTOR_DESA = "kantor_desa"


class RowFindings:
    """What is found in the rows of one list."""

    def __init__(self, file: str, findings: Sequence[report.Finding] = ()) -> None:
        self.file = file
        self.findings = list(findings)

    def add(
        self,
        code: str,
        severity: report.Severity,
        message: str,
        row: object,
        *,
        kode: str | None = None,
        value: str | None = None,
        measure: float | None = None,
        unit: str | None = None,
        rows: Iterable[int] = (),
    ) -> None:
        """Add a finding about one row, or about ``rows`` that it gathers."""
        self.findings.append(
            declared_kind(code).finding(
                message,
                self.file,
                int(str(row)),
                kode,
                value,
                measure,
                unit,
                severity=severity,
                rows=rows,
            )
        )

    def add_rows(
        self,
        code: str,
        severity: report.Severity,
        message: str,
        rows: list[int],
        value: str | None = None,
    ) -> None:
        """Add one finding about several rows, which its message lists at the end."""
        message = f"{message} Rows {', '.join(locations.row_ranges(rows))}."
        self.add(
            code,
            severity,
            message,
            min(rows),
            value=value,
            measure=len(rows),
            unit="rows",
            rows=rows,
        )


def drop_repeated(frame: pd.DataFrame, columns: list[str], log: RowFindings) -> pd.DataFrame:
    """The rows without those that repeat an earlier one in all of ``columns``.

    Findings
    --------
    facility.duplicate
        The row is counted once (warning).
    """
    again = frame.duplicated(columns).to_numpy()
    for row in frame.loc[again, "row"]:
        message = "The row repeats another one of this file; it is counted once."
        log.add("facility.duplicate", report.Severity.WARNING, message, row)
    return frame[~again]


def add_supply(
    frame: pd.DataFrame, rows: FacilityRows, section: FacilitySection, log: RowFindings
) -> pd.DataFrame:
    """The rows with ``supply`` (what the facility offers; null where not known) and its unit.

    Findings
    --------
    facility.no_supply
        The cell is empty: the facility counts as a place, its supply is unknown (warning).
    facility.unreadable_supply
        The cell is no number, or negative: as if empty (warning).
    """
    if section.supply_column is None:
        return frame.assign(supply=np.nan, supply_unit=None)
    cells = [rows.supply[i] for i in frame["at"]]
    column = numbers.read_numbers(
        cells, expectations.Expectation(section.decimal, section.supply_unit, minimum=0)
    )
    values = column.values.copy()
    bad = {problem.index: problem.message for problem in column.problems}
    bad |= dict.fromkeys(np.flatnonzero(values < 0).tolist(), "is negative")
    values[list(bad)] = np.nan
    for index, row in enumerate(frame["row"]):
        if index in bad:
            message = f"The supply {bad[index]}; it is taken as unknown."
            word = cell_text(cells[index])
            log.add("facility.unreadable_supply", report.Severity.WARNING, message, row, value=word)
        elif np.isnan(values[index]):
            message = f"The cell in column {section.supply_column!r} is empty: supply unknown."
            log.add("facility.no_supply", report.Severity.WARNING, message, row)
    return frame.assign(supply=values, supply_unit=section.supply_unit)


def add_id(frame: pd.DataFrame, section: FacilitySection) -> pd.DataFrame:
    """The rows with ``facility_id``: stable when other rows come and go."""
    names = [_make_id(section.id, line) for line in frame.itertuples(index=False)]
    return frame.assign(facility_id=names)


def _make_id(prefix: str, line: object) -> str:
    identity = getattr(line, "identity", "")
    if identity:
        return f"{prefix}-{identity}"
    if getattr(line, "kind", "") == KANTOR_DESA:
        return f"{prefix}-{getattr(line, 'kode_desa_declared', '')}"
    return f"{prefix}-{_hash_content(line)}"


def part_conflicting(frame: pd.DataFrame, log: RowFindings) -> pd.DataFrame:
    """The rows with an id of its own for each of those that say different things under one id.

    Which of them is right is not known from their order, and perhaps only the id is wrong: all are
    used.  Rows that differ in their supply only are one place, of unknown supply.

    Findings
    --------
    facility.conflict
        Rows of one id differ (warning).
    """
    again = frame["facility_id"].duplicated(keep=False).to_numpy()
    place = ["facility_id", "kind", "nama", "x", "y"]
    is_one_place = frame.duplicated(place, keep=False).to_numpy()
    for row, facility_id, is_same in zip(
        frame.loc[again, "row"], frame.loc[again, "facility_id"], is_one_place[again], strict=True
    ):
        outcome = "one place, its supply unknown" if is_same else "each is used as a place"
        message = f"Rows of this file say different things under one id; {outcome}."
        log.add("facility.conflict", report.Severity.WARNING, message, row, value=facility_id)
    lines = zip(frame.itertuples(index=False), again & ~is_one_place, strict=True)
    names = [
        f"{line.facility_id}-{_hash_content(line)}" if is_parted else line.facility_id
        for line, is_parted in lines
    ]
    frame = frame.assign(
        facility_id=np.array(names, dtype=object), supply=frame["supply"].mask(is_one_place)
    )
    return frame[~frame["facility_id"].duplicated().to_numpy()]


def drop_second_offices(frame: pd.DataFrame, log: RowFindings) -> pd.DataFrame:
    """The rows without the offices of desa that have several: a desa has one origin.

    Findings
    --------
    facility.two_kantor_desa
        Which of the rows is the office is not known from their order; none is used (warning).
    """
    offices = frame["kode_desa_declared"].where(frame["kind"] == KANTOR_DESA)
    several = (offices.notna() & offices.duplicated(keep=False)).to_numpy()
    message = "Several rows are the kantor desa of one desa; which is it? None is its origin."
    for row, kode in frame.loc[several, ["row", "kode_desa_declared"]].itertuples(index=False):
        log.add("facility.two_kantor_desa", report.Severity.WARNING, message, row, kode=kode)
    return frame[~several]


def _hash_content(line: object) -> str:
    x, y = (round(float(getattr(line, axis)), 7) for axis in ("x", "y"))
    content = f"{getattr(line, 'kind', '')}|{getattr(line, 'nama', '')}|{x:.7f}|{y:.7f}"
    return blake2b(content.encode(), digest_size=5).hexdigest()
