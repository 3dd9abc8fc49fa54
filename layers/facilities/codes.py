"""The desa that facilities name by a code, through a bridge or a history where one is declared."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from boundaries.codes import (
    CodeSystem,
    KodeKemendagri,
    column_findings,
    named_codes,
    read_code_column,
    split_names,
)
from boundaries.codes.column import BRIDGE_REASONS
from boundaries.findings import report
from boundaries.history.versions import History
from layers.facilities.checks import KANTOR_DESA, RowFindings
from layers.facilities.rows import FacilityRows
from layers.tables.rows import name_check, row_places, row_records, shipped_histories
from layers.workspace.sections import FacilitySection

MOST_HINTS = 1000
"""For so many kantor desa of a list the desa that may be meant is looked up."""
NO_BRIDGE = " The codes are BPS codes, and no crosswalk of desa is declared."


def add_declared(
    frame: pd.DataFrame,
    rows: FacilityRows,
    section: FacilitySection,
    places: row_places.Places,
    aids: row_records.Aids,
    log: RowFindings,
) -> pd.DataFrame:
    """The rows with ``kode_desa_declared``: the loaded desa their code names, or null.

    BPS codes cross over the bridge, former codes by the history.

    Findings
    --------
    table.code_late
        Rows that use a former code; read as the desa of today (note).
    codes.repaired
        Codes that were read though not written as such, as P-codes (note).
    facility.code_unknown
        Rows whose code is no desa of the coverage (warning); used where they stand.
    table.name_contradicts
        The name beside the code in its cell is another desa's (warning); the code is not used.
    facility.kantor_without_desa
        A kantor desa without the code of a loaded desa is nobody's origin: not used (warning).
    """
    written: list[str | None] = [None] * len(frame)
    why = ""
    if section.code_column is not None and section.code_system is not None:
        split, notes = split_names(
            [rows.code[i] for i in frame["at"]], log.file, frame["row"].tolist()
        )
        log.findings += notes
        column = read_code_column(split.cells, CodeSystem(section.code_system))
        repairs = [
            problem for problem in column.problems if problem.severity is report.Severity.NOTE
        ]
        log.findings += column_findings(
            replace(column, problems=repairs), log.file, [int(row) for row in frame["row"]]
        )
        if column.system is CodeSystem.BPS and aids.bridge and 10 in aids.bridge.lengths:
            column = aids.bridge.cross(column)
        uncrossed = sum(problem.reason in BRIDGE_REASONS for problem in column.problems)
        today = _codes_of_today(column.written, frame["row"], aids.history or History(), log)
        loaded = set(places.kode[: len(places)])
        written = [code if code in loaded else None for code in today]
        why = f" {uncrossed} BPS codes are not in the bridge; add them to it." if uncrossed else ""
        why = NO_BRIDGE if column.system is CodeSystem.BPS else why
        _tell_unknown(frame, written, why, log)
        written = _hold_names(written, split.names, places, frame["row"].tolist(), log)
    frame = frame.assign(kode_desa_declared=np.array(written, dtype=object))
    nobody = ((frame["kind"] == KANTOR_DESA) & frame["kode_desa_declared"].isna()).to_numpy()
    hints = 0
    for row, code in frame.loc[nobody, ["row", "code"]].itertuples(index=False):
        hint = _hint(code, places) if code and hints < MOST_HINTS else ""
        hints += bool(code)
        message = f"The kantor desa is nobody's origin: {_say_why(code)}{hint}{why}"
        log.add("facility.kantor_without_desa", report.Severity.WARNING, message, row, value=code)
    return frame[~nobody]


def _hold_names(
    codes: list[str | None],
    names: Sequence[str | None] | None,
    places: row_places.Places,
    rows: Sequence[int],
    log: RowFindings,
) -> list[str | None]:
    """The codes without those beside which the cell names another desa."""
    if names is None:
        return codes
    position = np.array([places.by_code.get(code, -1) for code in codes], dtype=np.int64)
    named = name_check.NamedRows(names)
    check = name_check.check_names(named, position, places, log.file, rows)
    log.findings += check.findings
    for index, why in check.reasons.items():
        message = why.message.replace(
            "Decide in matches.csv.", "Correct the cell; no code is used."
        )
        log.add(why.code, why.severity, message, rows[index], value=why.value)
    return [None if index in check.reasons else code for index, code in enumerate(codes)]


def _say_why(code: str) -> str:
    """Why a cell is not the code of a loaded desa."""
    if not code:
        return "its cell of the code is empty."
    if not any(letter.isdigit() for letter in code):
        return f"'{code}' is no code."
    return f"no desa of the boundaries has the code {code}."


def _hint(code: str, places: row_places.Places) -> str:
    """The desa that may be meant by a cell that is not the code of a loaded one."""
    if not any(letter.isdigit() for letter in code):
        named = places.nearest_by_name("", code) if "nama" in places.frame else None
        return f" By this name there is {named}." if named else ""
    digits = code.replace(".", "")
    is_code = len(digits) == 10 and KodeKemendagri.pattern.fullmatch(digits) is not None
    near = places.nearest(digits) if is_code else None
    return f" Nearest: {near}." if near else ""


def _codes_of_today(
    codes: Sequence[str | None], rows: Iterable[int], history: History, log: RowFindings
) -> list[str | None]:
    """The codes, former ones as those of the desa of today that hold the whole of them."""
    today = [None if code is None else history.today(code) or code for code in codes]
    late = [row for row, old, new in zip(rows, codes, today, strict=True) if old != new]
    if late:
        message = f"{len(late)} rows use former codes and are read as desa of today."
        log.add_rows("table.code_late", report.Severity.NOTE, message, late)
    return today


def propose_former(
    rows: FacilityRows,
    section: FacilitySection,
    places: row_places.Places,
    history: History,
    log: RowFindings,
) -> None:
    """Propose a shipped history where codes of before it lead to desa of today.

    Parameters
    ----------
    history
        The histories in use; nothing is proposed for codes that they lead to a desa.

    Findings
    --------
    versions.history_proposed
        See `layers.tables.rows.shipped_histories.propose_histories` (warning).
    """
    if section.code_column is None or section.code_system != "kemendagri":
        return
    cells = named_codes.split_names(rows.code).cells
    written = read_code_column(cells, CodeSystem.KEMENDAGRI, "desa").written
    outside = {
        index: row_places.Reason("table.outside_scope", "", kode, report.Severity.NOTE)
        for index, kode in enumerate(written)
        if kode is not None
        and kode.replace(".", "")[:4] not in places.kabupaten
        and history.today(kode) not in places.by_code
    }
    log.findings += shipped_histories.propose_histories(outside, None, places, log.file, rows.row)


def _tell_unknown(
    frame: pd.DataFrame, written: list[str | None], why: str, log: RowFindings
) -> None:
    """One finding for all rows with a code that leads nowhere; a kantor desa has its own."""
    rows = [
        int(row)
        for row, kind, code, desa in zip(
            frame["row"], frame["kind"], frame["code"], written, strict=True
        )
        if desa is None and code and kind != KANTOR_DESA
    ]
    if not rows:
        return
    message = (
        f"{len(rows)} rows have a code that is no desa of the coverage; used where they stand.{why}"
    )
    log.add_rows("facility.code_unknown", report.Severity.WARNING, message, rows)
