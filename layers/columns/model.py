"""The arrays that pass between the steps of a build, as frozen records.

Columns named here are a contract between the modules that compute and those that publish.
"""

from dataclasses import dataclass, field

import geopandas as gpd
import pandas as pd

from layers.columns.catalogue import LayerDefinition
from layers.release.manifest_file import FieldEntry

COVERAGE_COLUMNS = (("known", "total"), ("known_2", "total_2"))
"""Columns of ``values`` that say of a value of one year how many parts are known, and of how many:
a pair for each `layers.release.manifest_file.Coverage` of its field; null for fields without."""


@dataclass(frozen=True, slots=True)
class LayerData:
    """One computed layer, ready to publish.

    Parameters
    ----------
    definition
        What the layer is.
    fields
        Entries for every property column, in the order they are written.  Class breaks may be
        empty; publishing fills them.
    features
        One row per feature, EPSG:4326, sorted by (``kode_kecamatan``, ``fid``).  Columns: ``fid``
        (int64, unique, stable between releases; the integer kode where the level has one), one per
        entry of ``fields``, ``geometry`` (MultiPolygon or Point, or null).
    values
        Long table ``fid, field, tahun, value, status`` of all years of the thematic fields that
        have years; ``value`` is null unless ``status`` is ``ok``.  Aggregates have
        `COVERAGE_COLUMNS` too.
    tile_extra
        Further fields that tiles must carry (for filters and labels) beside code, name, parents
        and headline.
    """

    definition: LayerDefinition
    fields: tuple[FieldEntry, ...]
    features: gpd.GeoDataFrame
    values: pd.DataFrame | None = None
    tile_extra: tuple[str, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class Computed:
    """What one computation adds to the features of a level, before it becomes part of a layer.

    Parameters
    ----------
    fields
        Entries of the columns it adds, in the order they are to be written.
    wide
        One row per wilayah that it knows: ``kode`` and the columns of ``fields``.
    values
        Long table ``kode, field, tahun, value, status`` of all years, or ``None``; of aggregates
        with `COVERAGE_COLUMNS`.
    unplaced
        Parts of which only the kecamatan or kabupaten (``kode``) is known: ``kode, field, tahun,
        total``; they are missing in its totals.
    summed
        Fields of which the desa together have the sum; None where the units tell.
    hidden
        Small counts that ``values`` does not show
        (`layers.tables.indicators.hiding.HIDDEN_COLUMNS`), for totals only; never published.
    """

    fields: tuple[FieldEntry, ...]
    wide: pd.DataFrame
    values: pd.DataFrame | None = None
    summed: frozenset[str] | None = None
    hidden: pd.DataFrame | None = None
    unplaced: pd.DataFrame | None = None
