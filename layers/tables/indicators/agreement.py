"""Whether columns of numbers agree in so many desa that it is no chance."""

from dataclasses import dataclass

import numpy as np
import scipy.linalg

from boundaries.geometry_arrays import Floats, Mask

FEWEST = 3
"""Desa with the count above zero from which agreement is no chance."""
FEWEST_OF_MANY = 2 * FEWEST
"""The same of three fields together, and of a relation that a desa or two contradict."""
SAME = 1e-6
TELLING = 0.5
"""Part of the count that half a last digit of a share may be, for the share to show anything."""
PROBED = 0.6
"""Part of a few desa in which a relation holds that is then tried on all of them."""


def find_weights(fields: Floats, count: Floats) -> dict[int, float]:
    """By the row of a field its weight in the sum that is exactly the count; empty without one.

    Fields that others add up to are left out, so that the weights are the only ones.
    """
    scale = np.abs(fields).max(axis=1)
    filled = np.flatnonzero(scale > 0)
    if not len(filled):
        return {}
    matrix = (fields[filled] / scale[filled, None]).T
    _, triangle, order = scipy.linalg.qr(matrix, mode="economic", pivoting=True)
    strength = np.abs(np.diag(triangle))
    basis = order[: int((strength > SAME * strength[0]).sum())]
    solved, *_ = np.linalg.lstsq(matrix[:, basis], count, rcond=None)
    if (np.abs(matrix[:, basis] @ solved - count) > SAME * max(1.0, count.max())).any():
        return {}
    return {
        int(filled[column]): float(weight / scale[filled[column]])
        for column, weight in zip(basis, solved, strict=True)
        if abs(weight) > SAME
    }


def agree(sought: Floats, fields: Floats, *, is_pair: bool) -> Mask:
    """For each row of ``sought`` and each field whether they agree in most of the probed desa."""
    return is_nothing(sought[:, None, :] - fields[None, :, :], 0.0, is_pair=is_pair)


def is_nothing(difference: Floats, room: Floats | float, *, is_pair: bool) -> Mask:
    """Whether it is nothing in most desa; of two fields that no probe has both, all are tried."""
    both = np.isfinite(difference).sum(axis=-1)
    near = (np.abs(difference) <= room + SAME).sum(axis=-1)
    return np.asarray((near >= PROBED * both) & ((both > 0) | is_pair), dtype=np.bool_)


@dataclass(frozen=True, slots=True)
class SoughtCounts:
    """The counts of a field, which of them are hidden, and below what."""

    count: Floats
    is_hidden: Mask
    least: float

    def agrees(self, number: Floats, room: Floats | float = 0.0, fewest: int = FEWEST) -> bool:
        """Whether the numbers are the counts, give or take ``room``, in nearly all desa.

        Those tell in which a number leaves little room beside the count, or beside the limit.
        """
        both = np.isfinite(number) & np.isfinite(self.count)
        size = np.maximum(self.least, self.count)
        telling = both & (self.count > 0) & (np.broadcast_to(room, number.shape) < TELLING * size)
        if telling.sum() < fewest or not (both & self.is_hidden).any():
            return False
        near = np.abs(number - self.count) <= np.broadcast_to(room, number.shape) + SAME
        return _mostly(near[telling]) and _mostly(near[both])


def _mostly(near: Mask) -> bool:
    """Whether all agree, or all but one mistake in ten, or in a few."""
    agreeing, mistakes = int(near.sum()), int((~near).sum())
    return mistakes == 0 or (agreeing >= FEWEST_OF_MANY and mistakes <= max(1, near.size // 10))
