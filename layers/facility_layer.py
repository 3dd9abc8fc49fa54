"""The layer of facilities: points with a stable id and the wilayah they lie in."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b

import geopandas as gpd
import numpy as np
import pandas as pd

from layers.access.arrays import take_or_none
from layers.catalogue import read_layer_definition
from layers.manifest import FieldEntry, Text
from layers.model import LayerData

PARENTS = (
    "kode_kecamatan", "nama_kecamatan", "kode_kabupaten", "nama_kabupaten",
    "kode_provinsi", "nama_provinsi",
)  # fmt: skip
_TITLES = {
    "kode": ("Nomor fasilitas", "Facility id"),
    "nama": ("Nama", "Name"),
    "kode_desa_declared": ("Kode desa menurut daftar", "Code of the desa its list names"),
    "kode_kecamatan": ("Kode kecamatan", "Code of the kecamatan"),
    "nama_kecamatan": ("Kecamatan", "Kecamatan"),
    "kode_kabupaten": ("Kode kabupaten", "Code of the kabupaten"),
    "nama_kabupaten": ("Kabupaten/kota", "Kabupaten or kota"),
    "kode_provinsi": ("Kode provinsi", "Code of the provinsi"),
    "nama_provinsi": ("Provinsi", "Provinsi"),
}


def make_fids(facility_ids: Sequence[str]) -> np.ndarray:
    """Stable integer ids below 2^48: a hash of the facility id, so no other row changes it.

    Of two ids with the same hash the later in sort order takes the next free number.
    """
    taken: dict[str, int] = {}
    used: set[int] = set()
    for facility_id in sorted(facility_ids):
        number = int.from_bytes(blake2b(facility_id.encode(), digest_size=6).digest(), "big")
        while number in used:
            number = (number + 1) % (1 << 48)
        used.add(number)
        taken[facility_id] = number
    return np.array([taken[facility_id] for facility_id in facility_ids], np.int64)


def build_facility_layer(facilities: gpd.GeoDataFrame, desa: gpd.GeoDataFrame) -> LayerData:
    """The layer ``facilities``: one feature per facility, parents by where it lies.

    ``kode`` is the facility id; a facility outside every loaded desa has null parents.
    """
    definition = read_layer_definition("facilities")
    frame = gpd.GeoDataFrame({"fid": make_fids(facilities["facility_id"].tolist())}, geometry=None)
    frame["kode"] = facilities["facility_id"].to_numpy()
    for name in ("nama", "kind", "facility_id", "kode_desa_letak", "kode_desa_declared"):
        frame[name] = facilities[name].to_numpy(dtype=object)
    known = pd.DataFrame(desa.drop(columns="geometry")).set_index("kode")
    row = known.index.get_indexer(pd.Index(facilities["kode_desa_letak"]))
    for name in PARENTS:
        frame[name] = take_or_none(known[name], row)
    geometry = gpd.GeoSeries(facilities.geometry.to_numpy(), crs="EPSG:4326")
    frame = frame.set_geometry(geometry)
    frame = frame.sort_values(["kode_kecamatan", "fid"], na_position="last", ignore_index=True)
    fields = [_text_field(name) for name in ("kode", "nama")]
    fields += [
        FieldEntry(name=field.name, type=field.type, title=field.title)
        for field in definition.fields
    ]
    fields += [_text_field(name) for name in ("kode_desa_declared", *PARENTS)]
    return LayerData(definition, tuple(fields), frame)


def _text_field(name: str) -> FieldEntry:
    indonesian, english = _TITLES[name]
    return FieldEntry(name=name, type="string", title=Text(id=indonesian, en=english))
