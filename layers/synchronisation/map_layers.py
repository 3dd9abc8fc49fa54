"""The match as layers: a state for each service and desa, and one row for each of both."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from hashlib import blake2b
from typing import Literal

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from layers.columns import assemble, catalogue, model
from layers.release.manifest_file import Classes, Coverage, FieldEntry, Text
from layers.synchronisation import match, need_totals, service_list

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
    _State(
        "funded_without_need",
        "#a6bddb",
        Text(id="Didanai tanpa kebutuhan", en="Funded without need"),
    ),
    _State(
        "need_funded_by_desa",
        "#2b8cbe",
        Text(id="Kebutuhan, didanai {village}", en="Need, funded by the {village}"),
    ),
    _State(
        "need_in_programme",
        "#41ab5d",
        Text(id="Kebutuhan, dalam program kabupaten", en="Need, in a programme"),
    ),
    _State(
        "need_proposed_only",
        "#fec44f",
        Text(id="Kebutuhan, baru diusulkan", en="Need, only proposed"),
    ),
    _State(
        PAYER_UNKNOWN,
        "#c9a0c9",
        Text(id="Kebutuhan, pendanaan tidak diketahui", en="Need, payer not known"),
    ),
    _State("need_unfunded", "#cb181d", Text(id="Kebutuhan tanpa dana", en="Need without funding")),
)
_UNKNOWN = Text(id="Kebutuhan tidak diketahui", en="The need is not known")
_NEEDED = Text(id="Kebutuhan layanan dasar", en="Needs for basic services")
_NEEDS_OF = Text(
    id="Tiap {desa} dan layanan dihitung satu kali, dari", en="Each {desa} and service once, of"
)
_COVERAGES: tuple[tuple[str, str, Literal["desa", "ukuran"]], ...] = (
    (*need_totals.DESA_COLUMNS, "desa"),
    (*need_totals.MEASURE_COLUMNS, "ukuran"),
)
_COVERAGE_TITLES = {
    "ukuran_diketahui": Text(id="ukuran yang diketahui", en="measures known"),
    "ukuran_jumlah": Text(id="semua ukuran", en="all measures"),
    "desa_dengan_data": Text(id="{desa} dengan data", en="{desa} with data"),
    "desa_berlaku": Text(id="{desa} yang seharusnya punya data", en="{desa} it applies to"),
}
_AMOUNTS = {
    "desa_idr": "belanja_idr",
    "programme_idr": "program_idr",
    "proposed_idr": "usulan_idr",
}
"""Fields of the layer ``synchronisation`` that are sums of lines, by their column of the match."""
Level = Literal["kecamatan", "kabupaten"]


def compute_needs(
    matched: match.Matched,
    services: Mapping[str, service_list.BasicService],
    desa: pd.DataFrame,
    year: int,
) -> model.Computed:
    """Columns of the layer ``needs``: totals of each desa, and its state for each service.

    Parameters
    ----------
    desa
        ``kode``; one row for each desa of the coverage.
    """
    frame = matched.frame[matched.frame["tahun"] == year]
    totals = need_totals.total_of_desa(frame, desa["kode"])
    wide = totals.drop(columns=[f"{name}_is_there" for name in need_totals.TOTALS])
    fields = list(_total_entries(need_totals.MEASURE_COLUMNS))
    scale = {state.name: number for number, state in enumerate(STATE_SCALE)}
    states = frame["keadaan"].mask(
        (frame["keadaan"] == "unknown") & (frame["kebutuhan"] == "need"), PAYER_UNKNOWN
    )
    numbers = states.map(scale).astype("Int64")
    for layanan in sorted(frame["layanan"].unique()):
        of_service = frame["layanan"] == layanan
        column = f"{layanan}_state"
        by_kode = numbers[of_service].set_axis(frame.loc[of_service, "kode"])
        wide[column] = wide["kode"].map(by_kode).astype("Int64")
        wide[f"{column}_status"] = np.where(wide[column].notna(), "ok", "no_data")
        for name in need_totals.MEASURE_COLUMNS:
            counts = frame.loc[of_service, name].set_axis(frame.loc[of_service, "kode"])
            wide[f"{layanan}_{name}"] = wide["kode"].map(counts).astype("Int64")
        fields += _state_entries(column, services[layanan])
    return model.Computed(tuple(fields), wide)


def summarise_needs(
    matched: match.Matched, desa: pd.DataFrame, level: Level, year: int
) -> model.Computed:
    """The totals of each kecamatan or kabupaten: sums over its desa of which they are known.

    Parameters
    ----------
    desa
        ``kode, kode_kecamatan, kode_kabupaten``.
    """
    frame = matched.frame[matched.frame["tahun"] == year]
    totals = need_totals.total_of_desa(frame, desa["kode"])
    parents = dict(zip(desa["kode"], desa[f"kode_{level}"], strict=True))
    wide = need_totals.total_of_level(totals, parents)
    services = frame["layanan"].nunique()
    entries = _total_entries((*need_totals.MEASURE_COLUMNS, *need_totals.DESA_COLUMNS))
    return model.Computed(tuple(_of_level(entry, services) for entry in entries), wide)


def _of_level(entry: FieldEntry, services: int) -> FieldEntry:
    """The entry of a total for a sum over desa.

    Breaks of a desa mean nothing for a sum; publishing finds those of the level.  What are services
    of one desa are needs of many: one service that five desa need is five needs.
    """
    update: dict[str, object] = {"classes": None}
    if entry.unit == "layanan":
        first = entry.method or Text(id="", en="")
        method = Text(
            id=f"{first.id} {_NEEDS_OF.id} {services} layanan.".strip(),
            en=f"{first.en} {_NEEDS_OF.en} {services} services.".strip(),
        )
        update |= {"unit": "kebutuhan", "method": method}
        update |= {"title": _NEEDED} if entry.name == "need_count" else {}
    return entry.model_copy(update=update)


def assemble_match(
    matched: match.Matched,
    services: Mapping[str, service_list.BasicService],
    desa: gpd.GeoDataFrame,
    year: int,
) -> model.LayerData:
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
            "measures_known": frame["ukuran_diketahui"],
            "people_measures_known": frame["ukuran_diketahui"].mask(frame["penduduk_sebagian"], 0),
            "measures_total": frame["ukuran_jumlah"],
            "priority": frame["prioritas"].round(4),
            "tahun": frame["tahun"],
        }
        | {field: frame[amount] for field, amount in _AMOUNTS.items()}
        | {
            f"{field}_{count}": frame[f"{amount}_{count}"]
            for field, amount in _AMOUNTS.items()
            for count in ("baris_diketahui", "baris_jumlah")
        }
    )
    inside = shapely.point_on_surface(np.asarray(desa.geometry.array, dtype=object))
    points = pd.Series(inside, index=desa["kode"].to_numpy())
    fids = number_matches(frame)
    geometry = gpd.GeoSeries(rows["kode"].map(points).to_numpy(), crs="EPSG:4326")
    layer = assemble.assemble_points("synchronisation", rows, geometry, fids, desa)
    fields = map(_of_lines, map(_with_measures, layer.fields))
    return replace(layer, fields=tuple(fields))


def _with_measures(entry: FieldEntry) -> FieldEntry:
    """The entry of a number made from measures of a service, with how many of them are known."""
    known = {"severity": "measures_known", "people": "people_measures_known"}
    name = known.get("people" if entry.name == "priority" else entry.name)
    if name is None:
        return entry
    coverage = Coverage(known=name, total="measures_total", unit="ukuran")
    return entry.model_copy(update={"coverage": (coverage,)})


def _of_lines(entry: FieldEntry) -> FieldEntry:
    """An amount with the columns that say on how many of its lines it rests."""
    if entry.name not in _AMOUNTS:
        return entry
    known, total = (f"{entry.name}_{count}" for count in ("baris_diketahui", "baris_jumlah"))
    coverage = (Coverage(known=known, total=total, unit="baris"),)
    return entry.model_copy(update={"coverage": coverage})


def number_matches(frame: pd.DataFrame) -> npt.NDArray[np.int64]:
    """The feature id of each desa and service (``kode, layanan``) in the layer."""
    ids = frame["kode"].astype(object) + "-" + frame["layanan"].astype(object)
    return np.array([_fid(text) for text in ids], np.int64)


def _fid(text: str) -> int:
    """A stable integer below 2^53, so that every reader of JSON keeps it exact."""
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "big") >> 11


def _total_entries(companions: Collection[str]) -> tuple[FieldEntry, ...]:
    """The totals, each with its status and the columns that say what it rests on."""
    entries: list[FieldEntry] = []
    for field in catalogue.read_layer_definition("needs").fields:
        coverage = tuple(
            Coverage(known=f"{field.name}_{count}", total=f"{field.name}_{whole}", unit=unit)
            for count, whole, unit in _COVERAGES
            if count in companions
        )
        title = field.title
        status = Text(id=f"{title.id}: status", en=f"{title.en}: status")
        entries.append(assemble.field_entry(field).model_copy(update={"coverage": coverage}))
        entries.append(FieldEntry(name=f"{field.name}_status", type="string", title=status))
        entries += [_companion(field.name, title, name) for name in companions]
    return tuple(entries)


def _companion(prefix: str, title: Text, name: str) -> FieldEntry:
    about = _COVERAGE_TITLES[name]
    text = Text(id=f"{title.id}: {about.id}", en=f"{title.en}: {about.en}")
    unit = "desa" if name in need_totals.DESA_COLUMNS else "ukuran"
    return FieldEntry(name=f"{prefix}_{name}", type="integer", title=text, unit=unit)


def _state_entries(column: str, service: service_list.BasicService) -> list[FieldEntry]:
    title = Text(
        id=f"{service.title.id}: kebutuhan dan pendanaan", en=f"{service.title.en}: need and money"
    )
    classes = Classes(
        method="fixed",
        breaks=tuple(float(number) for number in range(len(STATE_SCALE) - 1)),
        colours=tuple(state.colour for state in STATE_SCALE),
        labels=tuple(state.label for state in STATE_SCALE),
        closed="right",
    )
    status = Text(id=f"{title.id}: status", en=f"{title.en}: status")
    source = f"{service.source} ({service.date})"
    count, whole = (f"{service.id}_{name}" for name in need_totals.MEASURE_COLUMNS)
    return [
        FieldEntry(
            name=column,
            type="integer",
            title=title,
            unit=STATE_UNIT,
            thematic=True,
            group=service.id,
            worse="high",
            classes=classes,
            null_meaning=_UNKNOWN,
            source=source,
            coverage=(Coverage(known=count, total=whole, unit="ukuran"),),
        ),
        FieldEntry(name=f"{column}_status", type="string", title=status),
        *(_companion(service.id, title, name) for name in need_totals.MEASURE_COLUMNS),
    ]
