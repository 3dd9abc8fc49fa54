"""A cell of a table as the text that its reader sees."""

import pandas as pd


def cell_text(cell: object) -> str:
    r"""The cell without surplus space, a whole number without ``.0``; empty for null.

    >>> cell_text("  Kec.\n Ende "), cell_text(2023.0), cell_text(float("nan")), cell_text(None)
    ('Kec. Ende', '2023', '', '')
    """
    if cell is None or cell is pd.NA or (isinstance(cell, float) and cell != cell):
        return ""
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    return " ".join(str(cell).split())
