"""Activity codes of desa budgets: ``bidang.sub.kegiatan``."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from boundaries.geometry_arrays import Mask


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
