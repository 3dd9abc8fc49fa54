"""Activity codes of desa budgets: ``bidang.sub.kegiatan``."""

from __future__ import annotations

import datetime
import re
from collections.abc import Sequence

import numpy as np
import pandas as pd

from boundaries.codes import split_siskeudes_activity
from boundaries.geometry_arrays import Mask

_ACTIVITY = re.compile(r"\d{1,2}(?:\.\d{1,2}){0,3}")
MOST_SECONDS = 29
"""An activity read back from a time of day; later seconds may be 90 to 99 that rolled over."""


def is_under(code: object, prefixes: Sequence[str]) -> bool:
    """Whether an activity is one of the codes, or below one.

    >>> is_under("02.04.11", ("02.04",)), is_under("02.041", ("02.04",)), is_under(None, ("02",))
    (True, False, False)
    """
    return isinstance(code, str) and any(
        code == prefix or code.startswith(f"{prefix}.") for prefix in prefixes
    )


def may_be_under(code: object, prefixes: Sequence[str]) -> bool:
    """Whether an activity that is not given, or only above the codes, may be under one of them.

    >>> may_be_under("02", ("02.04",)), may_be_under(None, ("02",)), may_be_under("03", ("02.04",))
    (True, True, False)
    """
    if not isinstance(code, str):
        return True
    return any(prefix.startswith(f"{code}.") for prefix in prefixes)


def are_under(codes: pd.Series[str], prefixes: Sequence[str]) -> tuple[Mask, Mask]:
    """Which activities are under the codes, and which may be as far as their rows say."""
    under = np.array([is_under(code, prefixes) for code in codes], dtype=bool)
    may_be = np.array([may_be_under(code, prefixes) for code in codes], dtype=bool)
    return under, may_be & ~under


def is_clock(cell: object) -> bool:
    """Whether a spreadsheet made a time of day or a span of time of the cell."""
    return isinstance(cell, datetime.time | datetime.timedelta)


def read_activity(cell: object) -> str | None:
    """The activity as ``bidang.sub.kegiatan``, each of two digits, without trailing dot.

    The desa part that ``Kd_Keg`` puts in front is left out.  ``02.02.02`` without its last dot is a
    time to an Indonesian spreadsheet, and read back; a date has an order of its own and is not.

    >>> read_activity("02.02.02."), read_activity("05.2003.02.02.02."), read_activity("2.2.2")
    ('02.02.02', '02.02.02', '02.02.02')
    >>> read_activity(datetime.time(2, 4, 11)), read_activity(datetime.time(2, 5, 30))
    ('02.04.11', None)
    """
    if isinstance(cell, datetime.timedelta):
        cell = (datetime.datetime.min + cell).time() if cell.days == 0 else None
    if isinstance(cell, datetime.time):
        return f"{cell:%H.%M.%S}" if cell.second <= MOST_SECONDS else None
    if not isinstance(cell, str):
        return None
    text = cell.strip().rstrip(".")
    parts = split_siskeudes_activity(text)
    text = text if parts is None else parts[1]
    if not _ACTIVITY.fullmatch(text):
        return None
    return ".".join(part.zfill(2) for part in text.split("."))


def above(activity: str) -> list[str]:
    """The field and sub-field of an activity.

    >>> above("02.02.01")
    ['02', '02.02']
    """
    parts = activity.split(".")
    return [".".join(parts[:end]) for end in range(1, len(parts))]
