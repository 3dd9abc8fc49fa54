"""Numbers that read well and are still not to be believed, because of the column they stand in.

A program that takes the dot of ``1.234`` for a decimal point makes 1.234 of it, 2 of ``2.000`` and
45 of ``45.000``: the first betrays itself, the others do not.  A share written as a fraction
(0.853) looks like a very small percentage.  So the verdict is by column, never by cell.
"""

import numpy as np
import numpy.typing as npt

from boundaries.geometry_arrays import Floats, Mask
from layers.tables.numbers.expectations import RUPIAH, Expectation

GROUP = 1000.0
WHOLE_WITHIN = 1e-6
SINGLE_PRECISION = 2.0**-24
MOST_SHARE = 1.5
FAR = 3.0
THOUSANDS_LOST = "thousands_lost"
FRACTION = "fraction"
FILLER = "filler"
_FEWEST_OTHERS = 3
_BEYOND_OTHERS = 10.0
_LARGE_FILLER = 9_999.0


def doubts(
    values: Floats, is_percent: Mask, expectation: Expectation, is_group: Mask | None = None
) -> dict[str, npt.NDArray[np.int64]]:
    """Positions of numbers that are not to be used, by reason.

    Parameters
    ----------
    values
        Numbers of a column, NaN where there is none.
    is_percent
        Cells that say themselves that they are per cent.
    is_group
        Cells of which a sign before three digits was read as one of thousands: ``15.123`` beside
        ``16.1229999`` is what the same program wrote.
    """
    positions: dict[str, npt.NDArray[np.int64]] = {}
    if lost_thousands(values, expectation).any():
        with np.errstate(invalid="ignore"):
            is_small = (np.abs(values) < GROUP) & (values != 0)
        is_doubtful = is_small if is_group is None else is_small | is_group
        positions[THOUSANDS_LOST] = np.flatnonzero(is_doubtful)
    if expectation.is_percent and expectation.factor is None:
        fractions = np.flatnonzero(_fractions(values, is_percent))
        if len(fractions):
            positions[FRACTION] = fractions
    if expectation.factor is None and (is_filler := _fillers(values)).any():
        positions[FILLER] = np.flatnonzero(is_filler)
    return positions


def lost_thousands(values: Floats, expectation: Expectation) -> Mask:
    """Numbers that only a lost thousands dot explains: below a thousand, with thousandths.

    Only counts and rupiah tell; hectares have thousandths of their own.
    """
    is_told = expectation.is_count or expectation.unit == RUPIAH
    if not is_told or expectation.factor not in (None, 1.0):
        return np.zeros(len(values), dtype=bool)
    return with_lost_thousands(values)


def with_lost_thousands(values: Floats) -> Mask:
    """Which numbers are below a thousand, not whole, and whole in thousandths.

    As near as a program that counts in single precision comes: 16.123 is 16.1229999 there.

    >>> with_lost_thousands(np.array([15.123, 16.1229999, 2.0, 12.5678, 1234.567])).tolist()
    [True, True, False, False, False]
    """
    with np.errstate(invalid="ignore", over="ignore"):
        thousandths = np.round(values * GROUP)
        noise = np.maximum(WHOLE_WITHIN, np.abs(thousandths) * SINGLE_PRECISION)
        is_thousandth = np.abs(values * GROUP - thousandths) <= noise
        lost: Mask = (np.abs(values) < GROUP) & (thousandths % GROUP != 0) & is_thousandth
    return lost


def _fillers(values: Floats) -> Mask:
    """Numbers of nines only (999, 99999) that stand far above all others: a word for no answer.

    One that occurs again is far from three times the largest other number on; a single one from ten
    times the largest of some others on.  From 9999 on, two of them need no other number.

    >>> _fillers(np.array([12.0, 99, 7, 99, 31, 4])).tolist()
    [False, True, False, True, False, False]
    >>> _fillers(np.array([1200.0, 99999, 870, 1500])).nonzero()[0].tolist()
    [1]
    >>> _fillers(np.array([12.0, 99, 87, 60, 45])).any()
    np.False_
    """
    nowhere: Mask = np.zeros(len(values), dtype=bool)
    largest = np.nanmax(values, initial=0.0)
    if not np.isfinite(largest) or largest < 99 or set(f"{largest:.15g}") != {"9"}:
        return nowhere
    is_largest: Mask = values == largest
    others = values[np.isfinite(values) & ~is_largest]
    is_repeated = is_largest.sum() > 1
    if not len(others):
        return is_largest if is_repeated and largest >= _LARGE_FILLER else nowhere
    factor = FAR if is_repeated else _BEYOND_OTHERS
    is_far = largest >= factor * max(others.max(), 1.0)
    return is_largest if is_far and (is_repeated or len(others) >= _FEWEST_OTHERS) else nowhere


def _fractions(values: Floats, is_percent: Mask) -> Mask:
    """Numbers up to ``MOST_SHARE`` that may be shares of one; some shares are above 1 (105 %).

    They are where all numbers of the column are below ``FAR`` and half of them no more than 1,
    where others of it say that they are per cent, and where there are fractions and no other number
    is below ``FAR``: small percentages would have neighbours.
    """
    size = np.abs(values)
    with np.errstate(invalid="ignore"):
        is_number = (size > 0) & ~is_percent
        is_share = is_number & (size <= MOST_SHARE)
        is_near = is_number & (size > MOST_SHARE) & (size < FAR)
        is_far = size >= FAR
        up_to_one = is_number & (size <= 1)
        has_fraction = bool((is_number & (size < 1)).any())
        is_parted = is_far.any() and not is_near.any() and has_fraction
    if is_percent.any():
        return up_to_one if is_near.any() else is_share
    is_mostly_small = has_fraction and 2 * up_to_one.sum() >= is_number.sum()
    if not is_far.any() and (is_mostly_small or up_to_one.sum() == is_number.sum()):
        return is_share | is_near
    return is_share if is_parted else np.zeros(len(values), dtype=bool)
