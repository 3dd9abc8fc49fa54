"""In which order features are given to clients: first those that show the type of every column.

QGIS takes the type of a column from the first ten features that it gets, and a column that is null
in all ten for text.  So the first features together have a value of every column of numbers, and of
a column of whole numbers one that needs 64 bits where there is one.
"""

from collections.abc import Mapping

import numpy as np

from geo_service.releases.release import Release, once_per_release
from layers.release import array_kinds, feature_index

FIRST_ROWS = 10
"""Features from which a client takes the types of columns."""
LARGEST_32_BITS = 2**31 - 1


@once_per_release
def leading_rows_of(release: Release, layer_id: str) -> array_kinds.Rows:
    """The rows of a layer to give first (see `leading_rows`)."""
    return leading_rows(_columns_of(release, layer_id), release.open_rows(layer_id))


@once_per_release
def empty_columns_of(release: Release, layer_id: str) -> frozenset[str]:
    """Names of the properties of a layer that no feature has a value of."""
    return empty_columns(_columns_of(release, layer_id), release.open_rows(layer_id))


def _columns_of(release: Release, layer_id: str) -> dict[str, feature_index.PropertyColumn]:
    features = release.features(layer_id)
    return {name: features.property_column(name) for name in features.properties}


def leading_rows(
    columns: Mapping[str, feature_index.PropertyColumn], among: array_kinds.Mask | None = None
) -> array_kinds.Rows:
    """The rows to give first, in order; none where the first ten rows show all types anyway.

    Each is the one that shows most of what is not shown yet.  Ten may be too few; then more follow,
    so that a client that looks at more sees all.  Of a client that may see some rows only, these
    are ``among``.

    Example
    -------
    >>> nan = float("nan")
    >>> late = np.array([nan] * 11 + [5.0])
    >>> leading_rows({"x": feature_index.PropertyColumn.of_numbers("number", late)}).tolist()
    [11]
    """
    shows = _shown_types(columns, among)
    if all(mask[:FIRST_ROWS].any() for mask in shows):
        return np.empty(0, np.intp)
    left = np.array(shows)
    chosen: list[int] = []
    while len(left):
        row = int(left.sum(axis=0).argmax())
        chosen.append(row)
        left = left[~left[:, row]]
    return np.array(chosen, np.intp) if among is None else np.flatnonzero(among)[chosen]


def empty_columns(
    columns: Mapping[str, feature_index.PropertyColumn], among: array_kinds.Mask | None = None
) -> frozenset[str]:
    """Names of the columns that are null in every feature: no client can see their type."""
    nulls = {name: column.is_null() for name, column in columns.items()}
    return frozenset(
        name for name, null in nulls.items() if (null if among is None else null[among]).all()
    )


def order_rows(rows: array_kinds.Rows, leading: array_kinds.Rows) -> array_kinds.Rows:
    """Selected rows with the leading ones among them first, and the others as they were.

    Example
    -------
    >>> order_rows(np.array([0, 2, 3, 5]), np.array([5, 4, 2])).tolist()
    [5, 2, 0, 3]
    """
    if not len(leading):
        return rows
    return np.concatenate([leading[np.isin(leading, rows)], rows[~np.isin(rows, leading)]])


def _shown_types(
    columns: Mapping[str, feature_index.PropertyColumn], among: array_kinds.Mask | None
) -> list[array_kinds.Mask]:
    """Which rows of ``among`` show a type, for each type that any of them shows."""
    masks: list[array_kinds.Mask] = []
    for column in columns.values():
        if column.type == "string":
            continue
        numbers = column.data if among is None else column.data[among]
        masks.append(~np.isnan(numbers))
        if column.type == "integer":
            masks.append(np.abs(numbers) > LARGEST_32_BITS)
    return [mask for mask in masks if mask.any()]
