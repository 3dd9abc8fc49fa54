"""The match as layers: a state for each service and desa, and one row for each of both."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any, Literal

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from layers.assemble import assemble_points, field_entry
from layers.catalogue import read_layer_definition
from layers.manifest import Classes, FieldEntry, Text
from layers.model import Computed, LayerData
from layers.services import BasicService
from layers.synchronisation.match import Matched

STATE_UNIT = "state"
"""Unit of fields whose number is a place in the list of states; its label is what people read."""
PAYER_UNKNOWN = "need_payer_unknown"


@dataclass(frozen=True, slots=True)
class _State:
    name: str
    colour: str
    label: Text


# From what needs nothing to what nobody pays; a need whose payer is not known stands before it.
STATE_SCALE = (
    _State("no_need", "#e8eef2", Text(id="Tidak ada kebutuhan", en="No need")),
    _State("funded_without_need", "#a6bddb",
           Text(id="Didanai tanpa kebutuhan", en="Funded without need")),
    _State("need_funded_by_desa", "#2b8cbe",
           Text(id="Kebutuhan, didanai {village}", en="Need, funded by the {village}")),
    _State("need_in_programme", "#41ab5d",
           Text(id="Kebutuhan, dalam program kabupaten", en="Need, in a programme")),
    _State("need_proposed_only", "#fec44f",
           Text(id="Kebutuhan, baru diusulkan", en="Need, only proposed")),
    _State(PAYER_UNKNOWN, "#c9a0c9",
           Text(id="Kebutuhan, pendanaan tidak diketahui", en="Need, payer not known")),
    _State("need_unfunded", "#cb181d",
           Text(id="Kebutuhan tanpa dana", en="Need without funding")),
)  # fmt: skip
_UNFUNDED = ("need_unfunded", "need_proposed_only")
_UNKNOWN = Text(id="Kebutuhan tidak diketahui", en="The need is not known")
Level = Literal["kecamatan", "kabupaten"]


def compute_needs(
    matched: Matched, services: Mapping[str, BasicService], desa: pd.DataFrame, year: int
) -> Computed:
    """Columns of the layer ``needs``: totals of each desa, and its state for each service.

    Parameters
    ----------
    desa
        ``kode``; one row for each desa of the coverage.
    """
    frame = matched.frame[matched.frame["tahun"] == year]
    wide = _totals(frame, desa["kode"])
    fields = list(_total_entries())
    scale = {state.name: number for number, state in enumerate(STATE_SCALE)}
    shown = frame["keadaan"].mask(
        (frame["keadaan"] == "unknown") & (frame["kebutuhan"] == "need"), PAYER_UNKNOWN
    )
    numbers = shown.map(scale).astype("Int64")
    for layanan in sorted(frame["layanan"].unique()):
        mine = frame["layanan"] == layanan
        column = f"{layanan}_state"
        by_kode = numbers[mine].set_axis(frame.loc[mine, "kode"])
        wide[column] = wide["kode"].map(by_kode).astype("Int64")
        wide[f"{column}_status"] = np.where(wide[column].notna(), "ok", "no_data")
        fields += _state_entries(column, services[layanan])
    return Computed(tuple(fields), wide)


def summarise_needs(matched: Matched, desa: pd.DataFrame, level: Level, year: int) -> Computed:
    """The totals of each kecamatan or kabupaten: sums over its desa of which they are known.

    Parameters
    ----------
    desa
        ``kode, kode_kecamatan, kode_kabupaten``.
    """
    frame = matched.frame[matched.frame["tahun"] == year]
    totals = _totals(frame, desa["kode"]).merge(desa[["kode", f"kode_{level}"]], on="kode")
    names = [entry.name for entry in _total_entries() if entry.thematic]
    sums = totals.groupby(f"kode_{level}")[names].sum(min_count=1)
    wide = sums.rename_axis("kode").reset_index()
    for name in names:
        wide[f"{name}_status"] = np.where(wide[name].notna(), "ok", "no_data")
    # Breaks of a desa mean nothing for a sum; publishing finds those of the level.
    entries = [entry.model_copy(update={"classes": None}) for entry in _total_entries()]
    return Computed(tuple(entries), wide)


def assemble_match(
    matched: Matched, services: Mapping[str, BasicService], desa: gpd.GeoDataFrame, year: int
) -> LayerData:
    """The layer ``synchronisation``: one point for each desa and service of the year."""
    frame = matched.frame[matched.frame["tahun"] == year]
    rows = pd.DataFrame(
        {
            "id": frame["kode"].astype(object) + "-" + frame["layanan"].astype(object),
            "kode": frame["kode"],
            "service": frame["layanan"],
            "state": frame["keadaan"],
            "need": frame["kebutuhan"],
            "funding": frame["pendanaan"],
            "opd": frame["opd"],
            "severity": frame["keparahan"].round(4),
            "people": frame["penduduk"],
            "priority": frame["prioritas"].round(4),
            "desa_idr": frame["belanja_idr"],
            "programme_idr": frame["program_idr"],
            "proposed_idr": frame["usulan_idr"],
            "tahun": frame["tahun"],
        }
    )
    inside = shapely.point_on_surface(np.asarray(desa.geometry.array, dtype=object))
    points = pd.Series(inside, index=desa["kode"].to_numpy())
    fids = [_fid(text) for text in rows["id"]]
    geometry = gpd.GeoSeries(rows["kode"].map(points).to_numpy(), crs="EPSG:4326")
    return assemble_points("synchronisation", rows, geometry, np.array(fids, np.int64), desa)


def _fid(text: str) -> int:
    """A stable integer below 2^53, so that every reader of JSON keeps it exact."""
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "big") >> 11


def _totals(frame: pd.DataFrame, kode: pd.Series) -> pd.DataFrame:
    """Counts, people and rupiah of each desa; null where nothing of the kind is known."""
    known = frame[frame["kebutuhan"] != "unknown"]
    in_need = known["kebutuhan"] == "need"
    # Where no payer of any need is known, nobody can say that a need has no money.
    is_told = known["keadaan"] != "unknown"
    silent = known.loc[~is_told, "kode"]
    heard = known.loc[is_told & (known["kebutuhan"] == "need"), "kode"]
    told = known[is_told & ~known["kode"].isin(set(silent) - set(heard))]
    unfunded = told["keadaan"].isin(_UNFUNDED)
    idle = told[told["keadaan"] == "funded_without_need"]
    budgeted = told[told["pendanaan"] == "known"]
    by_desa: dict[str, pd.Series[Any]] = {
        "need_count": in_need.groupby(known["kode"]).sum(),
        "unfunded_count": unfunded.groupby(told["kode"]).sum(),
        "unfunded_people": _people_behind(told, unfunded),
        "without_need_idr": idle.groupby("kode")["belanja_idr"].sum(min_count=1).reindex(
            budgeted["kode"].unique(), fill_value=0
        ),
    }  # fmt: skip
    wide = pd.DataFrame({"kode": np.sort(kode.to_numpy(dtype=object))})
    for name, values in by_desa.items():
        wide[name] = wide["kode"].map(values).astype("Int64")
        wide[f"{name}_status"] = np.where(wide[name].notna(), "ok", "no_data")
    kelurahan = set(frame.loc[frame["pendanaan"] == "not_applicable", "kode"])
    is_without_budget = wide["kode"].isin(kelurahan) & wide["without_need_idr"].isna()
    wide.loc[is_without_budget, "without_need_idr_status"] = "not_applicable"
    return wide


def _people_behind(told: pd.DataFrame, unfunded: pd.Series[bool]) -> pd.Series[int]:
    """People of the largest unfunded need; 0 without one, null where no people are known."""
    largest = told[unfunded].groupby("kode")["penduduk"].max()
    without = told.loc[~told["kode"].isin(told.loc[unfunded, "kode"]), "kode"].unique()
    people: pd.Series[int] = pd.concat([largest, pd.Series(0, index=without, dtype="Int64")])
    return people


def _total_entries() -> tuple[FieldEntry, ...]:
    definition = read_layer_definition("needs")
    entries: list[FieldEntry] = []
    for field in definition.fields:
        entries.append(field_entry(field))
        title = field.title
        status = Text(id=f"{title.id}: status", en=f"{title.en}: status")
        entries.append(FieldEntry(name=f"{field.name}_status", type="string", title=status))
    return tuple(entries)


def _state_entries(column: str, service: BasicService) -> list[FieldEntry]:
    title = Text(
        id=f"{service.title.id}: kebutuhan dan pendanaan", en=f"{service.title.en}: need and money"
    )
    classes = Classes(
        method="fixed",
        breaks=tuple(float(number) for number in range(len(STATE_SCALE) - 1)),
        colours=tuple(state.colour for state in STATE_SCALE),
        labels=tuple(state.label for state in STATE_SCALE),
    )
    status = Text(id=f"{title.id}: status", en=f"{title.en}: status")
    source = f"{service.source} ({service.date})"
    return [
        FieldEntry(
            name=column, type="integer", title=title, unit=STATE_UNIT, thematic=True,
            group=service.id, worse="high", classes=classes, null_meaning=_UNKNOWN, source=source,
        ),
        FieldEntry(name=f"{column}_status", type="string", title=status),
    ]  # fmt: skip
