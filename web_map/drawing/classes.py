"""Which class a value falls in: the one classifier of map, legend, table and picture.

A class is closed on the right: class ``i`` holds ``breaks[i-1] < v <= breaks[i]``, so the upper
edge belongs to the lower class, as in the published bands of IDM; published breaks that are norms
to be reached are closed on the left (see `layers.release.manifest.Classes`).  Breaks are computed
over the *stated comparison set* (the release, the kabupaten or the kecamatan), never over what is
visible.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from layers.release.manifest import Classes, Closed

Method = Literal["fixed", "quantile", "equal", "natural"]
METHODS: tuple[Method, ...] = ("fixed", "quantile", "equal", "natural")

MOST_CLASSES = 7
_FEW = 40
_JENKS_LIMIT = 512


@dataclass(frozen=True, slots=True)
class Scheme:
    """Breaks and colours of one choropleth; ``len(colours) == len(breaks) + 1``."""

    method: Method
    breaks: tuple[float, ...]
    colours: tuple[str, ...]
    labels: tuple[str, ...] | None = None
    closed: Closed = "right"

    def classify(self, values: NDArray[np.float64]) -> NDArray[np.int64]:
        """The class of each value, ``-1`` where it is NaN.

        Example
        -------
        >>> Scheme("fixed", (1.0, 2.0), ("a", "b", "c")).classify(np.array([1, 1.5, 9, np.nan]))
        array([ 0,  1,  2, -1])
        >>> Scheme("fixed", (80.0,), ("a", "b"), closed="left").classify(np.array([79.9, 80]))
        array([0, 1])
        """
        edges = np.asarray(self.breaks, dtype=np.float64)
        side: Literal["left", "right"] = "left" if self.closed == "right" else "right"
        found = np.searchsorted(edges, values, side=side).astype(np.int64)
        return np.where(np.isnan(values), -1, found)


def published_scheme(classes: Classes, labels: tuple[str, ...] | None = None) -> Scheme:
    """The classes that the release publishes, unchanged."""
    return Scheme(classes.method, classes.breaks, classes.colours, labels, classes.closed)


def make_scheme(
    method: Method, values: NDArray[np.float64], count: int, ramp: tuple[str, ...]
) -> Scheme:
    """Classes of ``values`` by a method, at most ``count`` of them.

    Fewer values than twice the classes tell nothing by class, so at most four classes are made
    for fewer than forty values, and never more than half as many as there are values (but two).
    Equal breaks fall together, so a set of few different values gets few classes.

    Parameters
    ----------
    values
        The comparison set; NaN is left out.
    ramp
        Colours from low to high; they are spread over the classes.
    """
    known = np.sort(values[~np.isnan(values)])
    count = min(count, MOST_CLASSES, 4 if len(known) < _FEW else count)
    count = max(2, min(count, len(known) // 2))
    breaks = _BREAKS[method](known, count) if len(known) > 1 else ()
    edges = tuple(sorted({float(edge) for edge in breaks if edge < known[-1]}))
    return Scheme(method, edges, spread_colours(ramp, len(edges) + 1))


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
    parts = np.array([[int(colour[at : at + 2], 16) for at in (1, 3, 5)] for colour in ramp])
    places = np.linspace(0, len(ramp) - 1, count)
    mixed = [np.interp(places, np.arange(len(ramp)), parts[:, channel]) for channel in range(3)]
    return tuple(
        "#" + "".join(f"{int(value + 0.5):02x}" for value in colour)
        for colour in zip(*mixed, strict=True)
    )


def _quantile(known: NDArray[np.float64], count: int) -> tuple[float, ...]:
    shares = np.arange(1, count) / count
    return tuple(np.quantile(known, shares, method="inverted_cdf"))


def _equal(known: NDArray[np.float64], count: int) -> tuple[float, ...]:
    return tuple(np.linspace(known[0], known[-1], count + 1)[1:-1])


def _natural(known: NDArray[np.float64], count: int) -> tuple[float, ...]:
    """Breaks with the least sum of squared deviations inside classes.

    Exact up to 512 different values by dynamic programming; beyond that the values are first
    grouped into 512 quantiles, because the exact way grows with the square of their number.

    Source: W. D. Fisher, On Grouping for Maximum Homogeneity, JASA 53 (1958).
    """
    points, weights = np.unique(known, return_counts=True)
    if len(points) > _JENKS_LIMIT:
        shares = (np.arange(_JENKS_LIMIT) + 0.5) / _JENKS_LIMIT
        points, weights = np.unique(
            np.quantile(known, shares, method="inverted_cdf"), return_counts=True
        )
    count = min(count, len(points))
    cost = _deviations(points, weights.astype(np.float64))
    best = cost[0].copy()
    starts: list[NDArray[np.int64]] = []
    for _ in range(1, count):
        # total[i, j]: points before i by the classes so far, i..j as one class more.
        total = np.concatenate(([np.inf], best[:-1]))[:, None] + cost
        starts.append(np.argmin(total, axis=0))
        best = np.min(total, axis=0)
    edges: list[float] = []
    end = len(points) - 1
    for start in reversed(starts):
        first = int(start[end])
        edges.append(float(points[first - 1]))
        end = first - 1
    return tuple(reversed(edges))


def _deviations(points: NDArray[np.float64], weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """Squared deviation of points ``i..j`` as one class, infinite below the diagonal."""
    centred = points - points.mean()
    zero = np.zeros(1)
    weight = np.concatenate((zero, np.cumsum(weights)))
    first = np.concatenate((zero, np.cumsum(weights * centred)))
    second = np.concatenate((zero, np.cumsum(weights * centred**2)))
    total_weight = weight[1:][None, :] - weight[:-1][:, None]
    total_first = first[1:][None, :] - first[:-1][:, None]
    total_second = second[1:][None, :] - second[:-1][:, None]
    lower = np.tri(len(points), k=-1, dtype=bool)
    spread = total_second - total_first**2 / np.where(lower, 1, total_weight)
    return np.where(lower, np.inf, np.maximum(spread, 0))


_BREAKS = {"fixed": _quantile, "quantile": _quantile, "equal": _equal, "natural": _natural}
