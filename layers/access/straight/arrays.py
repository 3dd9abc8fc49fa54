"""Small steps between tables and arrays: objects with nulls, facilities as coordinates."""

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

Objects = NDArray[np.object_]


def keep_where(is_filled: NDArray[np.bool_], values: object) -> Objects:
    """``values`` (an array, or one value for all) as objects where ``is_filled``, else None."""
    out = np.full(is_filled.shape, None, dtype=object)
    out[is_filled] = values[is_filled] if isinstance(values, np.ndarray) else values
    return out


def take_or_none(values: ArrayLike, row: NDArray[np.integer]) -> Objects:
    """``values[row]`` as objects; None where ``row`` is negative."""
    source = np.asarray(values, dtype=object)
    out = np.full(row.shape, None, dtype=object)
    out[row >= 0] = source[row[row >= 0]]
    return out


def select_kind(
    facilities: gpd.GeoDataFrame, kind: str
) -> tuple[gpd.GeoDataFrame, NDArray[np.float64]]:
    """The facilities of one kind by ``facility_id``, and their lon, lat, shape (n, 2)."""
    chosen = facilities[(facilities["kind"] == kind).to_numpy()]
    chosen = chosen.sort_values("facility_id", kind="stable", ignore_index=True)
    return chosen, shapely.get_coordinates(np.asarray(chosen.geometry.array, dtype=object))
