"""The classes of map, legend, table and picture: those of the release, or made by a method.

Which class a value falls in is said by `layers.release.class_styles` alone.  Breaks are computed
over the *stated comparison set* (the release, the kabupaten or the kecamatan), never over what is
visible.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from layers.release import class_styles, manifest_file

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
    closed: manifest_file.Closed = "right"

    def classify(self, values: NDArray[np.float64]) -> NDArray[np.int64]:
        """The class of each value, ``-1`` where it is NaN."""
        return class_styles.class_numbers(values, self.breaks, self.closed)


def published_scheme(
    classes: manifest_file.Classes, labels: tuple[str, ...] | None = None
) -> Scheme:
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
    sorted_values = np.sort(values[~np.isnan(values)])
    count = min(count, MOST_CLASSES, 4 if len(sorted_values) < _FEW else count)
    count = max(2, min(count, len(sorted_values) // 2))
    breaks = _BREAKS[method](sorted_values, count) if len(sorted_values) > 1 else ()
    edges = tuple(sorted({float(edge) for edge in breaks if edge < sorted_values[-1]}))
    return Scheme(method, edges, class_styles.spread_colours(ramp, len(edges) + 1))


def _quantile(sorted_values: NDArray[np.float64], count: int) -> tuple[float, ...]:
    shares = np.arange(1, count) / count
    return tuple(np.quantile(sorted_values, shares, method="inverted_cdf"))


def _equal(sorted_values: NDArray[np.float64], count: int) -> tuple[float, ...]:
    return tuple(np.linspace(sorted_values[0], sorted_values[-1], count + 1)[1:-1])


def _natural(sorted_values: NDArray[np.float64], count: int) -> tuple[float, ...]:
    """Breaks with the least sum of squared deviations inside classes.

    Exact up to 512 different values by dynamic programming; beyond that the values are first
    grouped into 512 quantiles, because the exact way grows with the square of their number.

    Source: W. D. Fisher, On Grouping for Maximum Homogeneity, JASA 53 (1958).
    """
    points, weights = np.unique(sorted_values, return_counts=True)
    if len(points) > _JENKS_LIMIT:
        shares = (np.arange(_JENKS_LIMIT) + 0.5) / _JENKS_LIMIT
        points, weights = np.unique(
            np.quantile(sorted_values, shares, method="inverted_cdf"), return_counts=True
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


# By second value from little to much, in each by first value.  Source: J. Stevens, Bivariate
# Choropleth Maps: A How-to Guide (2015).  Codes tell the nine apart where colours do not.
COLOURS = (
    ("#e8e8e8", "#e4acac", "#c85a5a"),
    ("#b0d5df", "#ad9ea5", "#985356"),
    ("#64acbe", "#627f8c", "#574249"),
)
THIRDS = 3
LETTERS = "ABC"
_RAMP = ("#ffffff", "#888888", "#000000")


@dataclass(frozen=True, slots=True)
class Thirds:
    """Classes of one of the two values: at most three, fewer where many values are equal.

    ``is_reversed`` says that the classes count from the highest value, because low is worse.
    """

    scheme: Scheme
    is_reversed: bool

    def place(self, values: NDArray[np.float64]) -> NDArray[np.int64]:
        """The third of each value, 0 to 2 from little to much need; -1 for NaN.

        Two classes are the first and the last third; a single one is the middle.
        """
        classes = self.scheme.classify(values)
        count = len(self.scheme.colours)
        spread = {1: [1], 2: [0, 2], 3: [0, 1, 2]}[count]
        order = np.array([*(reversed(spread) if self.is_reversed else spread), -1])
        thirds: NDArray[np.int64] = order[classes]
        return thirds

    def class_of(self, third: int) -> int | None:
        """The class of the scheme that a third is; None where there is no such class."""
        count = len(self.scheme.colours)
        number = {1: {1: 0}, 2: {0: 0, 2: 1}, 3: {0: 0, 1: 1, 2: 2}}[count].get(third)
        return number if number is None or not self.is_reversed else count - 1 - number


def make_thirds(values: NDArray[np.float64], *, is_low_worse: bool = False) -> Thirds:
    """Thirds of a comparison set: as many values in each as ties allow.

    Example
    -------
    >>> thirds = make_thirds(np.arange(1.0, 10), is_low_worse=True)
    >>> thirds.scheme.breaks, thirds.place(np.array([1.0, 5.0, 9.0, np.nan])).tolist()
    ((3.0, 6.0), [2, 1, 0, -1])
    """
    return Thirds(make_scheme("quantile", values, THIRDS, _RAMP), is_low_worse)


def colour_of(first: int, second: int) -> str:
    """The colour of two thirds."""
    return COLOURS[second][first]


def code_of(first: int, second: int) -> str:
    """The code of two thirds, as it stands in map, legend and table.

    Example
    -------
    >>> code_of(2, 0)
    'C1'
    """
    return f"{LETTERS[first]}{second + 1}"
