"""Numbers as a client writes them: one reading for every parameter, path and filter.

``int`` and ``float`` take more than people mean: ``1_0``, digits of any script, ``nan``, five
thousand digits, which take long or end in an error of their own.  Here a number is a few ASCII
digits, with a sign, a point and an exponent where there may be any; all else is no number.
"""

import math
import re

LONGEST_WHOLE = 19
LONGEST_DECIMAL = 60
"""A double takes 24 characters, or 17 digits with as many zeros as its exponent says."""
_WHOLE = re.compile(f"[0-9]{{1,{LONGEST_WHOLE}}}")
# A '+' that was not escaped in a query arrives as a space.
_DECIMAL = re.compile(r" *[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+ -]?[0-9]{1,3})? *")


def whole_number(text: str) -> int | None:
    """The number from 0 that a text writes in at most 19 ASCII digits; None for any other text.

    Example
    -------
    >>> whole_number("2024"), whole_number("²"), whole_number("1_0"), whole_number("9" * 5000)
    (2024, None, None, None)
    """
    return int(text) if _WHOLE.fullmatch(text) else None


def decimal_number(text: str) -> float | None:
    """The finite number that a text writes in ASCII; None for any other text.

    Example
    -------
    >>> decimal_number("-8.25"), decimal_number("1.5e-05"), decimal_number("1_0")
    (-8.25, 1.5e-05, None)
    >>> decimal_number("nan"), decimal_number("1e999"), decimal_number("9" * 99)
    (None, None, None)
    """
    if len(text) > LONGEST_DECIMAL or not _DECIMAL.fullmatch(text):
        return None
    number = float(text.strip().replace(" ", "+"))
    return number if math.isfinite(number) else None
