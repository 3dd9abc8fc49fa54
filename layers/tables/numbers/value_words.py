"""A number as people write it: rupiah as rupiah, and never with an exponent."""

import math

import numpy as np

from layers.tables.numbers.special_cells import MarkedText


def write_value(number: float, unit: str | None) -> str:
    """The number in words of a finding; rupiah with dots, the others as they stand in a file.

    Example
    -------
    >>> write_value(1.2019e9, "IDR"), write_value(2500000.0, "jiwa"), write_value(0.853, "indeks")
    ('Rp 1.201.900.000', '2500000', '0.853')
    """
    if not math.isfinite(number):
        return "no limit"
    if unit == "IDR":
        return f"Rp {number:,.0f}".replace(",", ".")
    if float(number).is_integer():
        return f"{number:.0f}"
    return f"{number:.6g}" if 1e-4 < abs(number) < 1e6 else f"{number:.6f}".rstrip("0")


def write_cell(cell: object) -> str:
    """A cell as its file shows it; a number never with an exponent.

    Example
    -------
    >>> write_cell(1.5e16), write_cell(2500.0), write_cell(0.00001), write_cell("1e9")
    ('15000000000000000', '2500', '0.00001', '1e9')
    """
    if isinstance(cell, MarkedText):
        return cell.written
    if isinstance(cell, float) and math.isfinite(cell):
        return np.format_float_positional(float(f"{cell:.15g}"), trim="-")
    return str(cell)
