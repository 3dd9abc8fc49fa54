"""A number as people write it: rupiah as rupiah, and never with an exponent."""

from __future__ import annotations

import math


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
