"""Which totals stay unpublished, so that no hidden count can be worked out from those that are.

Whoever reads the release knows of a hidden count only that it is a whole number from 1 to
``hide_below - 1``, the open range.  Every published total is one equation more over the counts it
holds.  A total is published only where, with all published totals together, each hidden count may
still be **any** number of its open range: a total must add nothing to what hiding already tells.

The sums form a tree (desa in kecamatan in kabupaten), so the range that remains has a closed form.
A published kecamatan's total takes its hidden counts out of the remainder of its kabupaten; the
counts of the others are bound by nothing but the kabupaten's total.  Counts of which only the sum
``r`` of ``n`` is known may each be from ``r - (n - 1)(h - 1)`` to ``r - (n - 1)``.  A test asks a
solver (HiGHS) the same of published releases.  Years are trees of their own.
"""

from collections.abc import Collection
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt
import pandas as pd

from boundaries.findings.report import Finding
from layers.finding_words.finding_kinds import declared_kind

TOTAL_HIDDEN = declared_kind("table.total_hidden")

Key = tuple[str, str, int]
"""Code of the wilayah, field and year of a total."""

Level = Literal["kecamatan", "kabupaten"]
LEVELS: tuple[Level, ...] = get_args(Level)
_GROUP = ["field", "tahun"]


def betrays_nothing(
    count: npt.ArrayLike, remainder: npt.ArrayLike, hide_below: npt.ArrayLike
) -> npt.NDArray[np.bool_]:
    """Whether each of ``count`` hidden counts may be all of 1 to ``hide_below - 1``.

    Parameters
    ----------
    count, remainder
        How many hidden counts a total holds, and their sum: the total without what is shown.

    Examples
    --------
    Five of five desa with 1 each, two with 5 together, two with 8 together:

    >>> betrays_nothing([5, 2, 2], [5, 5, 8], 5).tolist()
    [False, True, False]
    """
    others, most = np.asarray(count) - 1, np.asarray(hide_below) - 1
    rest = np.asarray(remainder)
    return np.asarray((rest - others >= most) & (rest - others * most <= 1), dtype=np.bool_)


def hide_totals(hidden: pd.DataFrame, desa: pd.DataFrame, level: Level) -> dict[Key, bool]:
    """For each wilayah, field and year with hidden counts: whether its total stays hidden.

    From the smallest wilayah up: a kabupaten's total is judged by the hidden counts of its
    kecamatan whose totals are not published.

    Parameters
    ----------
    hidden
        `layers.tables.indicators.hiding.HIDDEN_COLUMNS`; ``count`` the small count that a value of
        another field tells, if it is not the value itself.
    desa
        ``kode, kode_kecamatan, kode_kabupaten``.
    """
    if hidden.empty:
        return {}
    parents = desa.set_index("kode")[["kode_kecamatan", "kode_kabupaten"]]
    placed = hidden.join(parents, on="kode")
    # No range of whole numbers holds a fraction: its total is not published.
    placed["small"] = placed["count"] if "count" in placed else placed["value"]
    placed["fraction"] = placed["small"].astype("float64") % 1 != 0
    kecamatan = _judge(placed, "kode_kecamatan")
    if level == "kecamatan":
        return _by_key(kecamatan, "kode_kecamatan")
    dark = kecamatan[kecamatan["is_hidden"]].set_index(["kode_kecamatan", *_GROUP]).index
    keys = pd.MultiIndex.from_frame(placed[["kode_kecamatan", *_GROUP]])
    bound = placed.assign(open=keys.isin(dark))
    kabupaten = _judge(bound[bound["open"]], "kode_kabupaten")
    free = bound.groupby(["kode_kabupaten", *_GROUP])["open"].any()
    never_free = {_key(key): False for key in free.index[~free]}
    return dict(sorted((never_free | _by_key(kabupaten, "kode_kabupaten")).items()))


def tell_hidden_totals(
    hidden: pd.DataFrame, desa: pd.DataFrame, summed: Collection[str]
) -> list[Finding]:
    """How many sums of each field and year are not published, without any number of them.

    Findings
    --------
    table.total_hidden
        Sums of kecamatan and kabupaten that would betray a small count (note).
    """
    counts: dict[tuple[str, int], dict[str, int]] = {}
    for level in LEVELS:
        for (_, field, tahun), is_hidden in hide_totals(hidden, desa, level).items():
            if is_hidden and field in summed:
                of = counts.setdefault((field, tahun), dict.fromkeys(LEVELS, 0))
                of[level] += 1
    return [
        TOTAL_HIDDEN.finding(
            f"{field} {tahun}: the sums of {of['kecamatan']} kecamatan and {of['kabupaten']} "
            "kabupaten are not published; a small count of one desa could be worked out from them.",
            measure=sum(of.values()),
            fields=(field,),
            tahun=tahun,
        )
        for (field, tahun), of in sorted(counts.items())
    ]


def _judge(placed: pd.DataFrame, column: str) -> pd.DataFrame:
    """One row for each total: how many hidden counts it holds and whether it stays hidden."""
    groups = placed.groupby([column, *_GROUP], sort=True)
    totals = groups.agg(
        count=("small", "size"),
        remainder=("small", "sum"),
        hide_below=("least", "max"),
        fraction=("fraction", "any"),
    ).reset_index()
    is_safe = betrays_nothing(
        totals["count"].to_numpy(dtype="float64"),
        totals["remainder"].to_numpy(dtype="float64"),
        totals["hide_below"].to_numpy(dtype="float64"),
    )
    totals["is_hidden"] = ~is_safe | totals["fraction"].to_numpy(dtype=bool)
    return totals


def _by_key(totals: pd.DataFrame, column: str) -> dict[Key, bool]:
    keys = zip(totals[column], totals["field"], totals["tahun"], strict=True)
    return {
        _key(key): bool(is_hidden) for key, is_hidden in zip(keys, totals["is_hidden"], strict=True)
    }


def _key(key: tuple[object, object, object]) -> Key:
    kode, field, tahun = key
    return str(kode), str(field), int(str(tahun))
