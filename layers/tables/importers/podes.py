"""Podes (BPS): one row a desa, hundreds of coded columns, codes of both systems side by side.

Columns are chosen by the workspace (``[tables.columns]``); this importer knows which column holds
the code, and what the numbers mean: 0 km is *inside the desa* (a value, not a lack of one), and in
presence columns 1 is yes and 2 is no: an indicator of unit ``ada`` reads them as 1 and 0.

A file joined many times (638 rows for 24 desa were seen) shows as duplicates: equal rows count
once, rows that differ give no value.
"""

import re

from layers.errors import InputError
from layers.tables.files.sheets import Sheet
from layers.tables.importers.shapes import fill_section, find_column, has_columns
from layers.workspace.sections import TableSection

NAME = "podes"

BPS_CODE = ("IDDESA", "ID_DESA")
KEMENDAGRI_CODE = ("R106B",)
PRESENT, ABSENT = 1, 2


def adapt(section: TableSection, sheet: Sheet) -> TableSection:
    """The section with the code column of the declared system.

    With ``code_system = "kemendagri"`` it is ``R106B``, where the year has it; with ``"bps"`` it is
    ``IDDESA``.  The code is never rebuilt from ``R101`` to ``R104``, whose leading zeros are lost.

    Raises
    ------
    InputError
        The system is not declared, or the file lacks its column.

    Source
    ------
    Podes 2024 questionnaire, blocks I and VII.
    """
    section = fill_section(section, {"presence_codes": (PRESENT, ABSENT)})
    if section.code_column is not None:
        return section
    if section.code_system is None:
        raise InputError(
            f"{section.path}: Podes has BPS codes (IDDESA) and, in some years, Kemendagri codes "
            "(R106B) in one row; declare code_system to say which is meant."
        )
    names = KEMENDAGRI_CODE if section.code_system == "kemendagri" else BPS_CODE
    column = find_column(sheet, names)
    if column is None:
        raise InputError(
            f"{section.path}: no column {' or '.join(names)} for {section.code_system} codes."
        )
    return fill_section(section, {"code_column": column})


def looks_like(sheet: Sheet) -> bool:
    """Whether the sheet is a Podes file."""
    return has_columns(sheet, ("IDDESA",)) and any(
        re.fullmatch(r"R\d{3,4}.*", name, re.IGNORECASE) for name in sheet.header
    )
