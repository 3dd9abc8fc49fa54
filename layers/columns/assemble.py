"""Layers from what was computed: the places of a level, their base fields, and the values.

Nothing is computed here but area and number of desa; columns are joined by code, and a place that
a computation does not know gets ``no_data``, never a value.
"""

from collections.abc import Sequence

import geopandas as gpd
import numpy as np
import pandas as pd

from layers.columns import catalogue, model
from layers.release.manifest_file import Coverage, FieldEntry, FieldType, Text

_TITLES: dict[str, Text] = {
    "kode": Text(id="Kode wilayah (Kemendagri)", en="Code (Kemendagri)"),
    "nama": Text(id="Nama", en="Name"),
    "jenis": Text(id="Jenis (desa atau kelurahan)", en="Kind (desa or kelurahan)"),
    "sebutan": Text(id="Sebutan setempat", en="Local term"),
    "kode_kecamatan": Text(id="Kode {kecamatan}", en="Code of the {kecamatan}"),
    "nama_kecamatan": Text(id="{Kecamatan}", en="{Kecamatan}"),
    "kode_kabupaten": Text(id="Kode kabupaten/kota", en="Code of the kabupaten/kota"),
    "nama_kabupaten": Text(id="Kabupaten/kota", en="Kabupaten/kota"),
    "kode_provinsi": Text(id="Kode provinsi", en="Code of the provinsi"),
    "nama_provinsi": Text(id="Provinsi", en="Provinsi"),
    "legal_status": Text(id="Status hukum batas", en="Legal status of the boundary"),
    "area_ha": Text(id="Luas", en="Area"),
}
_BASE = {
    "desa": tuple(_TITLES),
    "kecamatan": (
        "kode",
        "nama",
        "sebutan",
        "kode_kabupaten",
        "nama_kabupaten",
        "kode_provinsi",
        "nama_provinsi",
        "legal_status",
        "area_ha",
    ),
    "kabupaten": ("kode", "nama", "kode_provinsi", "nama_provinsi", "legal_status", "area_ha"),
}
_LABELLED = {"desa", "kecamatan"}
"""Layers whose tiles carry the local term, for labels such as "Gampong Lamteuba"."""
_LINES = (
    Text(id="baris dengan jumlah yang diketahui", en="lines of a known amount"),
    Text(id="semua baris yang mungkin termasuk", en="all lines that may belong to it"),
)
_NUMBER_FIELDS = {"area_ha"}
_PARENTS = ("kode_kecamatan", "nama_kecamatan", "kode_kabupaten", "nama_kabupaten")


def assemble_layer(
    layer_id: str, places: gpd.GeoDataFrame, computed: Sequence[model.Computed] = ()
) -> model.LayerData:
    """One layer over all places of its level.

    Parameters
    ----------
    places
        The rows of one level of the boundaries, with ``kode``, names, parents and ``geometry``.
    computed
        What to add; later ones must not repeat a column of earlier ones.

    Returns
    -------
    LayerData
        One feature per place; columns that no computation filled are null, their ``_status``
        ``no_data``.
    """
    definition = catalogue.read_layer_definition(layer_id)
    base = list(_BASE[definition.level])
    frame = places[[*base, "geometry"]].copy()
    frame.insert(0, "fid", kode_to_fid(frame["kode"]))
    fields = [_base_entry(name) for name in base]
    for part in computed:
        names = [entry.name for entry in part.fields]
        frame = frame.merge(part.wide[["kode", *names]], on="kode", how="left", validate="1:1")
        fields.extend(part.fields)
    for entry in fields:
        if entry.name.endswith("_status"):
            frame[entry.name] = frame[entry.name].fillna("no_data")
    values = _values(computed)
    extra = ("legal_status", "sebutan") if layer_id in _LABELLED else ("legal_status",)
    return model.LayerData(definition, tuple(fields), _sorted(frame), values, tile_extra=extra)


def assemble_facilities(
    facilities: gpd.GeoDataFrame, desa: gpd.GeoDataFrame, fids: np.ndarray
) -> model.LayerData:
    """The places of service as a layer of points.

    Parameters
    ----------
    facilities
        ``facility_id, kind, nama, kode_desa_letak, geometry``; kantor desa among them.
    desa
        ``kode, kode_kecamatan, nama_kecamatan, kode_kabupaten, nama_kabupaten`` for the parents.
    fids
        Stable integer ids, shape (n,).
    """
    definition = catalogue.read_layer_definition("facilities")
    parents = list(_PARENTS)
    by_kode = desa.set_index("kode")[parents]
    frame = facilities[["facility_id", "nama", "kind", "kode_desa_letak", "geometry"]].copy()
    frame.insert(0, "fid", fids)
    frame.insert(1, "kode", frame["facility_id"])
    for name in parents:
        frame[name] = frame["kode_desa_letak"].map(by_kode[name])
    fields = (
        FieldEntry(name="kode", type="string", title=Text(id="Nomor", en="Id")),
        _base_entry("nama"),
        *(field_entry(field) for field in definition.fields),
        *(_base_entry(name) for name in parents),
    )
    return model.LayerData(definition, fields, _sorted(frame), tile_extra=("kind",))


def assemble_points(
    layer_id: str,
    rows: pd.DataFrame,
    points: gpd.GeoSeries,
    fids: np.ndarray,
    desa: gpd.GeoDataFrame,
) -> model.LayerData:
    """A layer of one point for each row, with the names and parents of the desa it is of.

    Parameters
    ----------
    rows
        ``kode`` of the desa and a column for each field of the definition.
    """
    definition = catalogue.read_layer_definition(layer_id)
    names = ["nama", *_PARENTS]
    by_kode = desa.set_index("kode")[names]
    frame = rows[["kode", *(field.name for field in definition.fields)]].reset_index(drop=True)
    frame.insert(0, "fid", fids)
    for name in names:
        frame[name] = frame["kode"].map(by_kode[name])
    fields = (
        _base_entry("kode"),
        _base_entry("nama"),
        *(field_entry(field) for field in definition.fields),
        *(_base_entry(name) for name in _PARENTS),
    )
    placed = gpd.GeoDataFrame(frame, geometry=points.to_numpy(), crs="EPSG:4326")
    return model.LayerData(definition, fields, _sorted(placed), tile_extra=("service", "state"))


def count_desa(places: gpd.GeoDataFrame, desa: gpd.GeoDataFrame, layer_id: str) -> model.Computed:
    """Number of desa and kelurahan of each kecamatan or kabupaten."""
    definition = catalogue.read_layer_definition(layer_id)
    counts = desa[f"kode_{definition.level}"].value_counts()
    wide = pd.DataFrame({"kode": places["kode"].to_numpy()})
    wide["desa_count"] = wide["kode"].map(counts).fillna(0).astype("int64")
    return model.Computed((field_entry(_defined(definition, "desa_count")),), wide)


def field_entry(field: catalogue.FieldDefinition) -> FieldEntry:
    """A field of a definition as the manifest lists it; publishing adds classes and counts."""
    return FieldEntry(
        name=field.name,
        type=field.type,
        title=field.title,
        unit=field.unit,
        thematic=field.thematic,
        group=field.group,
        worse=field.worse,
        decimals=field.decimals,
        null_meaning=field.null_meaning,
        source=field.source,
        method=field.method,
    )


def count_entries(part: Coverage, title: Text) -> tuple[FieldEntry, ...]:
    """The two columns that say on how many lines a sum rests, and of how many."""
    return tuple(
        FieldEntry(
            name=name,
            type="integer",
            title=Text(id=f"{title.id}: {about.id}", en=f"{title.en}: {about.en}"),
            unit=part.unit,
        )
        for name, about in zip((part.known, part.total), _LINES, strict=True)
        if isinstance(name, str)
    )


def kode_to_fid(kode: pd.Series) -> np.ndarray:
    """The integer feature id: the digits of the code.

    >>> kode_to_fid(pd.Series(["53.06.13.2001"])).tolist()
    [5306132001]
    """
    return kode.str.replace(".", "", regex=False).astype("int64").to_numpy()


def _defined(definition: catalogue.LayerDefinition, name: str) -> catalogue.FieldDefinition:
    return next(field for field in definition.fields if field.name == name)


def _base_entry(name: str) -> FieldEntry:
    kind: FieldType = "number" if name in _NUMBER_FIELDS else "string"
    unit = "ha" if name == "area_ha" else None
    return FieldEntry(name=name, type=kind, title=_TITLES[name], unit=unit, decimals=1)


def _values(computed: Sequence[model.Computed]) -> pd.DataFrame | None:
    long = [part.values for part in computed if part.values is not None and len(part.values)]
    if not long:
        return None
    values = pd.concat(long, ignore_index=True)
    values.insert(0, "fid", kode_to_fid(values["kode"]))
    return values.drop(columns="kode").sort_values(["field", "tahun", "fid"], ignore_index=True)


def _sorted(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    keys = ["kode_kecamatan", "fid"] if "kode_kecamatan" in frame else ["fid"]
    return frame.sort_values(keys, ignore_index=True, na_position="last")
