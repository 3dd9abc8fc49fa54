"""IDM and Indeks Desa: the status a file names, and years in which an index did not exist.

The two share their status words but not their scale, so they are two indicators and never one
series; a table that puts one into the other's years is reported.
"""

import numpy as np
import numpy.typing as npt

from boundaries.findings.report import Finding
from layers.finding_words.finding_kinds import declared_kind
from layers.tables.importers.idm import read_status
from layers.tables.indicators.measures import Measures
from layers.tables.rows.row_records import Records

STATUS_DISAGREES = declared_kind("table.status_disagrees")
INDEX_YEAR = declared_kind("table.index_year")

FIRST_YEAR_OF_IDM = 2016
FIRST_YEAR_OF_INDEKS_DESA = 2025
STATUS_COLUMNS = ("STATUS", "STATUS IDM", "STATUS INDEKS DESA", "STATUS DESA")
IDM = frozenset({"idm_skor", "iks_skor", "ike_skor", "ikl_skor"})
INDEKS_DESA = "indeks_desa_skor"

# Files round scores to four decimals or fewer; nearer to an edge than that either class is right.
ROUNDING = 0.00051


def file_status(records: Records, measures: Measures) -> npt.NDArray[np.object_] | None:
    """The status each record names in the file, as written; None where there is no such column."""
    if not ({"idm_skor", INDEKS_DESA} & set(measures.names)) or measures.is_long:
        return None
    columns = [column for name in STATUS_COLUMNS if (column := records.sheet.find(name))]
    if not columns:
        return None
    return np.array(
        [None if cell is None else str(cell).strip() for cell in records.sheet.columns[columns[0]]],
        dtype=object,
    )


def check_indices(records: Records, measures: Measures) -> list[Finding]:
    """What contradicts the published rules of the two indices.

    Findings
    --------
    table.index_year
        IDM in a year before 2016 or from 2025 on, or Indeks Desa before 2025 (warning).
    table.status_disagrees
        The status in the file is not the class of the IDM score beside it (warning).
    """
    findings = _wrong_years(records, measures)
    status = file_status(records, measures)
    if status is None or "idm_skor" not in measures.names:
        return findings
    is_idm = measures.measure == measures.names.index("idm_skor")
    for record, score in zip(measures.record[is_idm], measures.value[is_idm], strict=True):
        written = status[record]
        if records.position[record] < 0 or written is None or not np.isfinite(score):
            continue
        possible = {read_status(score + shift) for shift in (-ROUNDING, 0, ROUNDING)}
        if " ".join(written.upper().split()) not in possible:
            message = f"Status '{written}', but score {score:g} is {read_status(float(score))}."
            findings.append(
                STATUS_DISAGREES.finding(
                    message,
                    records.sheet.file,
                    records.sheet.rows[record],
                    value=written,
                )
            )
    return findings


def _wrong_years(records: Records, measures: Measures) -> list[Finding]:
    findings = []
    for number, name in enumerate(measures.names):
        if name not in IDM and name != INDEKS_DESA:
            continue
        records_of = measures.record[measures.measure == number]
        used = records_of[records.position[records_of] >= 0]
        years = records.year[used]
        is_new = years >= FIRST_YEAR_OF_INDEKS_DESA
        wrong = is_new | (years < FIRST_YEAR_OF_IDM) if name in IDM else ~is_new
        wrong &= years > 0
        if wrong.any():
            listed = ", ".join(str(year) for year in np.unique(years[wrong]))
            message = (
                f"{name} in {listed}: IDM runs from 2016 to 2024 and Indeks Desa begins with 2025; "
                "the two are different scales. Check the year and the column."
            )
            findings.append(INDEX_YEAR.finding(message, records.sheet.file, fields=(name,)))
    return findings
