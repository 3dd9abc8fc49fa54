"""The features of a layer in the one order and the one set of types that every file shares."""

from dataclasses import dataclass, replace

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from layers.columns.model import LayerData
from layers.errors import LayersError
from layers.release import array_kinds, manifest_file
from layers.release.feature_index import Scalar as Scalar

_NUMBERS = {"integer": pd.Int64Dtype(), "number": pd.Float64Dtype()}


@dataclass(frozen=True, slots=True)
class LayerFeatures:
    """One layer's features, ready to be written in any format.

    Parameters
    ----------
    id
        Of the layer.
    fields
        One entry for every property, ``_status`` and ``_tahun`` companions included, in order.
    frame
        ``fid``, one column per field in that order, ``geometry`` (EPSG:4326; MultiPolygon, or
        Point for places); sorted by (``kode_kecamatan``, ``fid``); index 0…n-1.
    """

    id: str
    fields: tuple[manifest_file.FieldEntry, ...]
    frame: gpd.GeoDataFrame

    @property
    def fids(self) -> array_kinds.Integers:
        """Feature ids, shape (n,)."""
        return np.asarray(self.frame["fid"], dtype=np.int64)

    @property
    def geometry(self) -> array_kinds.Geometries:
        """Geometries, shape (n,); None where a feature has none."""
        return np.asarray(self.frame.geometry.values, dtype=object)

    @property
    def is_point_layer(self) -> bool:
        """Whether the features are places rather than areas."""
        present = self.geometry[~shapely.is_missing(self.geometry)]
        return len(present) > 0 and bool((shapely.get_type_id(present) == 0).all())

    def column(self, name: str) -> list[Scalar]:
        """The values of a property as plain Python values, None where null."""
        return plain_values(self.frame[name])

    def with_fields(self, fields: tuple[manifest_file.FieldEntry, ...]) -> "LayerFeatures":
        """The same features with entries that say more (class breaks, counts)."""
        return replace(self, fields=fields)


def arrange_features(data: LayerData) -> LayerFeatures:
    """The layer's features sorted and typed, with an entry for every property.

    A thematic field without a status column gets one: ``ok`` where it has a value, else
    ``no_data``.

    Raises
    ------
    LayersError
        A column that an entry names is missing, or ``fid`` is missing or not unique.
    """
    frame = data.features
    fields = tuple(_with_companions(data.fields, set(frame.columns)))
    _require_columns(data.definition.id, frame, fields)
    order = [name for name in ("kode_kecamatan", "fid") if name in frame.columns]
    frame = frame.sort_values(order, kind="stable", na_position="last").reset_index(drop=True)
    columns = {"fid": frame["fid"].astype("int64")}
    cells = pd.DataFrame(frame.drop(columns=frame.geometry.name))
    for entry in fields:
        columns[entry.name] = _typed_column(cells, entry)
    geometry = _one_geometry_type(np.asarray(frame.geometry.values, dtype=object))
    arranged = gpd.GeoDataFrame(columns, geometry=geometry, crs="EPSG:4326")
    return LayerFeatures(data.definition.id, fields, arranged)


def plain_values(column: pd.Series) -> list[Scalar]:
    """A column as plain Python values; every kind of null is None."""
    values = column.to_numpy(dtype=object, copy=True)
    values[column.isna().to_numpy()] = None
    return list(values)


def _with_companions(
    fields: tuple[manifest_file.FieldEntry, ...], columns: set[str]
) -> list[manifest_file.FieldEntry]:
    named = {entry.name for entry in fields}
    arranged = []
    for entry in fields:
        arranged.append(entry)
        if not entry.thematic:
            continue
        if f"{entry.name}_status" not in named:
            arranged.append(_status_entry(entry))
        if f"{entry.name}_tahun" not in named and f"{entry.name}_tahun" in columns:
            arranged.append(_year_entry(entry))
    return arranged


def _status_entry(entry: manifest_file.FieldEntry) -> manifest_file.FieldEntry:
    title = manifest_file.Text(id=f"Status: {entry.title.id}", en=f"Status: {entry.title.en}")
    return manifest_file.FieldEntry(name=f"{entry.name}_status", type="string", title=title)


def _year_entry(entry: manifest_file.FieldEntry) -> manifest_file.FieldEntry:
    title = manifest_file.Text(id=f"Tahun: {entry.title.id}", en=f"Year: {entry.title.en}")
    return manifest_file.FieldEntry(name=f"{entry.name}_tahun", type="integer", title=title)


def _require_columns(
    layer: str, frame: gpd.GeoDataFrame, fields: tuple[manifest_file.FieldEntry, ...]
) -> None:
    derived = {f"{entry.name}_status" for entry in fields if entry.thematic}
    needed = {"fid", *(entry.name for entry in fields)} - derived
    missing = sorted(needed - set(frame.columns))
    if missing:
        raise LayersError(
            f"Layer {layer}: columns {', '.join(missing)} are declared, not computed."
        )
    if not frame["fid"].is_unique:
        raise LayersError(f"Layer {layer}: feature ids are not unique.")


def _typed_column(cells: pd.DataFrame, entry: manifest_file.FieldEntry) -> pd.Series:
    if entry.name not in cells.columns:
        value = cells[entry.name.removesuffix("_status")]
        return pd.Series(np.where(value.notna(), "ok", "no_data"), dtype="str")
    column = cells[entry.name]
    dtype = _NUMBERS.get(entry.type)
    if column.dtype == (dtype or "str"):
        return column
    if dtype is not None:
        return pd.Series(pd.to_numeric(column).astype(dtype))
    return pd.Series(column.astype(object).where(column.notna(), None).astype("str"))


def _one_geometry_type(geometry: array_kinds.Geometries) -> array_kinds.Geometries:
    """Polygons as MultiPolygon; empty geometries as None; the rest unchanged."""
    result = geometry.copy()
    result[shapely.is_empty(result) | shapely.is_missing(result)] = None
    single = shapely.get_type_id(result) == shapely.GeometryType.POLYGON
    result[single] = [shapely.multipolygons([polygon]) for polygon in result[single]]
    return result
