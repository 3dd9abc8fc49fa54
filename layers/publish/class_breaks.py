"""The breaks for everything that paints: tiles, SVG, PNG, legend and table use these.

Classes are right-closed: class ``i`` holds ``breaks[i-1] < v <= breaks[i]``; left-closed only where
a definition says that its breaks are norms to be reached.  Breaks are computed once over all desa
of the release, never over one kecamatan, so that a colour means the same on every page.
"""

from collections import Counter
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from layers.columns.catalogue import RAMPS
from layers.publish.feature_order import LayerFeatures
from layers.release import class_styles, manifest_file

CLASS_COUNT = 5
FEW_VALUES = 20
"""Below this many values a class would hold too few: at most four classes then."""
SIGNIFICANT_DIGITS = 3

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class ClassWish:
    """What a definition asks for: fixed breaks or none, the name of a ramp or none.

    ``closed`` is of fixed breaks; classes made from the values are right-closed.
    """

    breaks: tuple[float, ...] | None = None
    colours: str | None = None
    closed: manifest_file.Closed = "right"


def classify_fields(
    features: LayerFeatures, wishes: dict[str, ClassWish]
) -> tuple[manifest_file.FieldEntry, ...]:
    """The layer's field entries with classes and status counts filled in.

    Fixed breaks win: those an entry already has, else those the definition wishes; otherwise
    quantiles of all values, hidden counts among them.  Fields that are not thematic or not numeric
    are returned as they are.
    """
    return tuple(
        _classify_field(features, entry, wishes.get(entry.name, ClassWish()))
        if entry.thematic
        else entry
        for entry in features.fields
    )


def count_years(
    fields: tuple[manifest_file.FieldEntry, ...], values: pd.DataFrame | None
) -> tuple[manifest_file.FieldEntry, ...]:
    """The entries with how many features have a value, shown or hidden, in each of their years.

    Parameters
    ----------
    values
        ``field, tahun, status, …`` of all years, as `layers.columns.model.LayerData.values`.
    """
    if values is None:
        return fields
    with_value = (
        values[values["status"].isin(("ok", "suppressed"))].groupby(["field", "tahun"]).size()
    )
    counts: dict[str, dict[int, int]] = {}
    for field, tahun, count in with_value.reset_index(name="count").itertuples(index=False):
        counts.setdefault(str(field), {})[int(tahun)] = int(count)
    return tuple(
        entry.model_copy(
            update={
                "year_counts": {
                    year: counts.get(entry.name, {}).get(year, 0) for year in entry.years
                }
            }
        )
        if entry.years
        else entry
        for entry in fields
    )


def make_classes(
    values: Array, wish: ClassWish, decimals: int, worse: str | None
) -> manifest_file.Classes:
    """Breaks, colours and counts for one set of values (no nulls).

    Parameters
    ----------
    values
        Shape (n,); may be empty: then fixed breaks stay, and without them there is one class.
    decimals
        Of the field: no break has more, so that the legend says exactly what was done.
    """
    if wish.breaks:
        method, breaks = "fixed", tuple(sorted({float(edge) for edge in wish.breaks}))
    else:
        method, breaks = "quantile", find_breaks(values, decimals)
    closed: manifest_file.Closed = wish.closed if wish.breaks else "right"
    ramp = RAMPS[wish.colours or ("OrRd" if worse == "high" else "YlGnBu")]
    return manifest_file.Classes(
        method=method,  # type: ignore[arg-type]  # one of the literals, chosen above
        breaks=breaks,
        colours=class_styles.spread_colours(ramp, len(breaks) + 1),
        counts=count_classes(values, breaks, closed),
        closed=closed,
    )


def find_breaks(values: Array, decimals: int) -> tuple[float, ...]:
    """Quantile breaks, rounded as far as every class keeps a member.

    Few distinct values get a class each; fewer than 20 values get at most four classes.
    """
    distinct = np.unique(values)
    classes = CLASS_COUNT if len(values) >= FEW_VALUES else CLASS_COUNT - 1
    if len(distinct) <= classes:
        exact = tuple(float(value) for value in distinct[:-1])
    else:
        exact = _reached_edges(_quantile_edges(values, classes), distinct)
    members = count_classes(values, exact)
    for digits in (SIGNIFICANT_DIGITS, None):
        rounded = tuple(sorted({_round(edge, decimals, digits) for edge in exact}))
        if len(rounded) == len(exact) and _is_as_good(count_classes(values, rounded), members):
            return rounded
    return exact


def _is_as_good(counts: tuple[int, ...], members: tuple[int, ...]) -> bool:
    """Whether rounding emptied no class."""
    return all(count > 0 or member == 0 for count, member in zip(counts, members, strict=True))


def _quantile_edges(values: Array, classes: int) -> Array:
    return np.unique(np.quantile(values, np.arange(1, classes + 1) / classes))


def _reached_edges(edges: Array, distinct: Array) -> tuple[float, ...]:
    """Edges moved down to a value that occurs, so that no class between two of them is empty."""
    places = np.searchsorted(distinct, edges, side="right") - 1
    reached = np.unique(distinct[places[(places >= 0) & (places < len(distinct) - 1)]])
    return tuple(float(edge) for edge in reached)


def count_classes(
    values: Array, breaks: tuple[float, ...], closed: manifest_file.Closed = "right"
) -> tuple[int, ...]:
    """How many values lie in each class, shape (len(breaks) + 1,).

    >>> count_classes(np.array([0.4907, 0.5, 0.9]), (0.4907, 0.5989))
    (1, 1, 1)
    >>> count_classes(np.array([80.0]), (60.0, 80.0), "left")
    (0, 0, 1)
    """
    places = class_styles.class_numbers(values, breaks, closed)
    return tuple(int(count) for count in np.bincount(places, minlength=len(breaks) + 1))


def _classify_field(
    features: LayerFeatures, entry: manifest_file.FieldEntry, wish: ClassWish
) -> manifest_file.FieldEntry:
    statuses = Counter(str(status) for status in features.column(f"{entry.name}_status"))
    update: dict[str, Any] = {"status_counts": dict(sorted(statuses.items()))}
    if entry.type in ("integer", "number"):
        values = _present_values(features, entry)
        update["classes"] = _complete(entry, wish, values, statuses["suppressed"])
    return entry.model_copy(update=update)


def _complete(
    entry: manifest_file.FieldEntry, wish: ClassWish, values: Array, hidden: int
) -> manifest_file.Classes:
    given = entry.classes
    if given is None and hidden and entry.hide_below is not None and not wish.breaks:
        wish = replace(wish, breaks=_breaks_over_hidden(entry, values, hidden))
        return make_classes(values, wish, entry.decimals, entry.worse).model_copy(
            update={"method": "quantile"}
        )
    if given is None:
        return make_classes(values, wish, entry.decimals, entry.worse)
    return given.model_copy(update={"counts": count_classes(values, given.breaks, given.closed)})


def _breaks_over_hidden(
    entry: manifest_file.FieldEntry, values: Array, hidden: int
) -> tuple[float, ...]:
    """Breaks of all values; hidden ones stand at their upper bound, between the same shown ones.

    A class of hidden values alone would be painted nowhere: it is joined with the next.
    """
    assert entry.hide_below is not None
    whole = np.append(values, np.full(hidden, entry.hide_below - 1.0))
    breaks = find_breaks(whole, entry.decimals)
    counts = count_classes(values, breaks)
    edges = [edge for edge, count in zip(breaks, counts, strict=False) if count]
    return tuple(edge for edge in edges if (values > edge).any())


def _present_values(features: LayerFeatures, entry: manifest_file.FieldEntry) -> Array:
    values = np.array(features.column(entry.name), dtype=float)
    return np.asarray(values[~np.isnan(values)])


def _round(value: float, decimals: int, digits: int | None) -> float:
    places = decimals
    if digits is not None and value != 0:
        places = min(decimals, digits - 1 - int(np.floor(np.log10(abs(value)))))
    return round(value, places)
