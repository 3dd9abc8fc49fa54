"""Which class a value falls in, and the colours of classes: one way for release and pages.

A class is closed on the right: class ``i`` holds ``breaks[i-1] < v <= breaks[i]``, so the upper
edge belongs to the lower class, as in the published bands of IDM; breaks that are norms to be
reached are closed on the left (see `layers.release.manifest.Classes`).
"""

from collections.abc import Sequence
from typing import Literal

import numpy as np
import numpy.typing as npt

from layers.release.manifest import Closed


def class_numbers(
    values: npt.NDArray[np.float64], breaks: Sequence[float], closed: Closed = "right"
) -> npt.NDArray[np.int64]:
    """The class of each value, from 0 to ``len(breaks)``; ``-1`` where it is NaN.

    Example
    -------
    >>> class_numbers(np.array([1, 1.5, 9, np.nan]), (1.0, 2.0))
    array([ 0,  1,  2, -1])
    >>> class_numbers(np.array([79.9, 80]), (80.0,), "left")
    array([0, 1])
    """
    side: Literal["left", "right"] = "left" if closed == "right" else "right"
    numbers = np.searchsorted(np.asarray(breaks, np.float64), values, side=side).astype(np.int64)
    return np.where(np.isnan(values), -1, numbers)


def spread_colours(ramp: tuple[str, ...], count: int) -> tuple[str, ...]:
    """``count`` colours spread evenly over a ramp, mixed where they fall between two.

    Example
    -------
    >>> spread_colours(("#000000", "#ffffff"), 3)
    ('#000000', '#808080', '#ffffff')
    """
    if count == len(ramp):
        return ramp
    if count == 1:
        return (ramp[len(ramp) // 2],)
    channels = np.array([[int(colour[i : i + 2], 16) for i in (1, 3, 5)] for colour in ramp])
    places = np.linspace(0, len(ramp) - 1, count)
    mixed = [np.interp(places, range(len(ramp)), channel) for channel in channels.T]
    return tuple(
        "#" + "".join(f"{round(float(part)):02x}" for part in colour)
        for colour in zip(*mixed, strict=True)
    )
