"""How two values go together over many places: rank correlation, and who stands apart.

Ranks, not values: amounts and distances are skewed, and one rich desa must not make a relation.
"""

import math
from dataclasses import dataclass
from math import isnan

import numpy as np

from layers.release.array_kinds import Floats
from web_map.views import area_views, field_values, readings, standing

FEWEST = 8
"""Below this many places a correlation says nothing."""
APART = 0.5
"""Places whose ranks differ by at least this share of all stand apart."""


@dataclass(frozen=True, slots=True)
class Relation:
    """How two values go together.

    Parameters
    ----------
    rho
        Spearman's rank correlation over the comparison set; None for fewer than ``FEWEST`` places,
        or where one of them has a hidden value: its rank is not known.
    count, hidden
        Places with both values, and how many of them have a hidden one.
    strength
        ``none`` (below 0.2), ``weak`` (below 0.5) or ``strong``; the sign is in ``rho``.
    high_low, low_high
        Names of the shown places that stand apart: much need and little money, and the reverse.
    medians
        For both values: middle of the shown places, and of the comparison set (None: no value).
    """

    rho: float | None
    count: int
    hidden: int
    strength: str
    high_low: tuple[str, ...]
    low_high: tuple[str, ...]
    medians: tuple[tuple[float | None, float | None], ...]


def relate(first: area_views.View, second: area_views.View) -> Relation:
    """The relation of both views over the desa of the comparison set.

    Source
    ------
    Spearman (1904); equal values share the mean of their ranks.
    """
    sets = [_bounds_by_fid(view) for view in (first, second)]
    fids = sorted(set(sets[0]) & set(sets[1]))
    (x, most_x), (y, most_y) = (_ends(bounds, fids) for bounds in sets)
    hidden = int(((x < most_x) | (y < most_y)).sum())
    # Need counts from the worse end: much need is a high rank, whichever way the numbers run.
    need = mean_ranks(-x if first.entry.worse == "low" else x)
    money = mean_ranks(y)
    rho = correlate(need, money) if len(fids) >= FEWEST and not hidden else None
    names = {row.fid: row.nama for row in first.rows}
    difference = need - money
    reach = APART * len(fids)
    apart = [
        (float(gap), names[fid])
        for fid, gap in zip(fids, difference, strict=True)
        if fid in names and rho is not None and abs(gap) >= reach
    ]
    return Relation(
        rho=rho,
        count=len(fids),
        hidden=hidden,
        strength=_strength(rho),
        high_low=tuple(name for gap, name in sorted(apart, reverse=True) if gap > 0),
        low_high=tuple(name for gap, name in sorted(apart) if gap < 0),
        medians=tuple(
            (view.median.value if view.median else None, _middle(bounds))
            for view, bounds in zip((first, second), sets, strict=True)
        ),
    )


def mean_ranks(values: Floats) -> Floats:
    """Rank of each value from 1; equal values share the mean of theirs.

    >>> mean_ranks(np.array([10.0, 30.0, 10.0])).tolist()
    [1.5, 3.0, 1.5]
    """
    distinct, place, count = np.unique(values, return_inverse=True, return_counts=True)
    if not len(distinct):
        return np.zeros(0)
    last = np.cumsum(count)
    return np.asarray((last - (count - 1) / 2)[place], dtype=np.float64)


def correlate(first: Floats, second: Floats) -> float | None:
    """Correlation of two rankings, None where one of them has a single rank.

    >>> correlate(np.array([1.0, 2.0, 3.0]), np.array([3.0, 2.0, 1.0]))
    -1.0
    """
    a, b = first - first.mean(), second - second.mean()
    spread = math.sqrt(float((a * a).sum()) * float((b * b).sum()))
    return round(float((a * b).sum()) / spread, 12) if spread > 0 else None


Ends = tuple[float, float]


def _bounds_by_fid(view: area_views.View) -> dict[int, Ends]:
    """Bounds of the values of the comparison set (kecamatan, kabupaten, all) by feature id."""
    release, question = view.reader.release, view.question
    features = release.features(question.layer)
    rows = field_values.comparison_rows(release, question)
    bounds = standing.bounds_of(readings.read_compared(release, question), view.entry)
    fids = features.fid if rows is None else features.fid[rows]
    return {
        fid: (low, high)
        for fid, low, high in zip(
            fids.tolist(), bounds.low.tolist(), bounds.high.tolist(), strict=True
        )
        if not isnan(low)
    }


def _ends(bounds: dict[int, Ends], fids: list[int]) -> tuple[Floats, Floats]:
    pairs = np.array([bounds[fid] for fid in fids], dtype=np.float64).reshape(-1, 2)
    return pairs[:, 0], pairs[:, 1]


def _middle(bounds: dict[int, Ends]) -> float | None:
    return standing.median_of(standing.ValueBounds(*_ends(bounds, list(bounds))))


def _strength(rho: float | None) -> str:
    if rho is None:
        return "unknown"
    return "none" if abs(rho) < 0.2 else "weak" if abs(rho) < 0.5 else "strong"
