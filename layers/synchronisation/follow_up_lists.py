"""The follow-up list: every need once, under the one who acts next, with what led to it.

The list is data, in no language: the pages put it into words.  It names rows of files, so it lies
with the tables, which do not count for the release's id.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from layers.synchronisation.match import Matched
from layers.synchronisation.needs import Demand, count_registered
from layers.synchronisation.services import BasicService
from layers.words.place_terms import fill_texts, terms_of

LIST_NAME = "tables/follow_up.jsonl"
INDEX_NAME = "tables/follow_up.index.json"
SERVICES_NAME = "services.json"
NO_DATA = "no_data"
MOST_EVIDENCE = 12
"""Lines of evidence of one task in the list; all of them are in the table."""

Writers = dict[str, Callable[[Path], None]]


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts next: ``desa``, ``kabupaten`` or ``provinsi``, and the office's name."""

    kind: str
    name: str


def choose_actor(state: str, funding: str, service: BasicService, desa_name: str) -> Actor:
    """The one addressee of a need.

    The desa acts on what its own budget may pay for, as long as no programme took it up; what a
    programme or proposal names is for the office to carry out or to budget.  A kelurahan has no
    budget of its own.
    """
    office = Actor(service.addressee, service.opd)
    if state == "need_funded_by_desa":
        return Actor("desa", desa_name)
    if state in ("need_in_programme", "need_proposed_only"):
        return office
    return (
        Actor("desa", desa_name) if service.activities and funding != "not_applicable" else office
    )


def make_lists(
    matched: Matched,
    services: Mapping[str, BasicService],
    desa: pd.DataFrame,
    year: int,
    registered: Collection[str],
) -> dict[str, dict[str, Any]]:
    """The follow-up list of each kecamatan, by its code.

    Parameters
    ----------
    desa
        ``kode, nama, jenis, kode_kecamatan``.
    registered
        Codes of the desa whose registered people are known; of others the raster counts them.

    Returns
    -------
    dict
        For each kecamatan ``tasks`` (needs, by priority, ties by code; those without priority
        after them), ``area`` (programmes and proposals of the kecamatan or kabupaten that name no
        desa) and ``unknown`` (desa and services of which no measure is known, apart, with the
        statuses that say why: ``no_data``, or ``suppressed`` where a small count is hidden).
    """
    frame = matched.frame[matched.frame["tahun"] == year].merge(
        desa[["kode", "nama", "jenis", "kode_kecamatan"]], on="kode"
    )
    is_needed = (matched.measures["tahun"] == year) & (matched.measures["keadaan"] == "need")
    measures = _by_key(matched.measures[is_needed])
    reasons = _reasons(matched.measures[matched.measures["tahun"] == year])
    evidence = _by_key(matched.evidence[matched.evidence["tahun"] == year])
    areas = matched.evidence[
        (matched.evidence["tahun"] == year) & ~matched.evidence["kode"].isin(set(desa["kode"]))
    ]
    idle = frame[frame["keadaan"] == "funded_without_need"].groupby("kode")["belanja_idr"].sum()
    ordered = frame.sort_values(
        ["prioritas", "keparahan", "kode", "layanan"],
        ascending=[False, False, True, True],
        na_position="last",
    )
    lists: dict[str, dict[str, Any]] = {}
    for kode_kecamatan, of_kecamatan in ordered.groupby("kode_kecamatan", sort=True):
        needs = of_kecamatan[of_kecamatan["kebutuhan"] == "need"]
        unknown = of_kecamatan[of_kecamatan["kebutuhan"] == "unknown"].sort_values(
            ["kode", "layanan"]
        )
        lists[str(kode_kecamatan)] = {
            "kode": str(kode_kecamatan),
            "tahun": year,
            "tasks": [
                _task(row, services, measures, evidence, idle)
                | {"penduduk_dasar": basis_of_people(row, registered)}
                for row in _records(needs)
            ],
            "area": [
                _line(one) | {"kode": one["kode"], "layanan": one["layanan"]}
                for one in _of_area(areas, str(kode_kecamatan))
            ],
            "unknown": [
                {"kode": row["kode"], "nama": row["nama"], "layanan": row["layanan"]}
                | {"sebab": reasons.get((row["kode"], row["layanan"]), [NO_DATA])}
                for row in _records(unknown)
            ],
        }
    return lists


def _reasons(measures: pd.DataFrame) -> dict[tuple[str, str], list[str]]:
    """Why measures are unknown: the statuses of their values, by desa and service."""
    unknown = measures[measures["keadaan"] == "unknown"]
    reasons: dict[tuple[str, str], list[str]] = {}
    for row in _records(unknown.drop_duplicates(["kode", "layanan", "status"])):
        reasons.setdefault((row["kode"], row["layanan"]), []).append(row["status"] or NO_DATA)
    return {key: sorted(statuses) for key, statuses in reasons.items()}


def _of_area(areas: pd.DataFrame, kecamatan: str) -> Iterable[dict[str, Any]]:
    """Evidence of the kecamatan or its kabupaten that names no desa."""
    return _records(areas[areas["kode"].isin([kecamatan, kecamatan[:5]])])


def _by_key(frame: pd.DataFrame) -> dict[tuple[str, str], list[dict[str, Any]]]:
    grouped: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for row in _records(frame):
        grouped.setdefault((row["kode"], row["layanan"]), []).append(row)
    return grouped


def _records(frame: pd.DataFrame) -> Iterable[dict[str, Any]]:
    """Rows as plain Python values, every kind of null as None."""
    columns = {
        name: [None if pd.isna(value) else value for value in frame[name].tolist()]
        for name in frame.columns
    }
    for cells in zip(*columns.values(), strict=True):
        yield dict(zip(columns, cells, strict=True))


def _task(
    row: Mapping[str, Any],
    services: Mapping[str, BasicService],
    measures: Mapping[tuple[str, str], list[dict[str, Any]]],
    evidence: Mapping[tuple[str, str], list[dict[str, Any]]],
    idle: pd.Series[int],
) -> dict[str, Any]:
    key = row["kode"], row["layanan"]
    service = services[row["layanan"]]
    actor = choose_actor(row["keadaan"], row["pendanaan"], service, row["nama"])
    lines = evidence.get(key, [])
    movable = int(idle.get(row["kode"], 0)) if row["pendanaan"] == "known" else None
    return {
        "kode": row["kode"],
        "nama": row["nama"],
        "layanan": row["layanan"],
        "keadaan": row["keadaan"],
        "pendanaan": row["pendanaan"],
        "penerima": {"jenis": actor.kind, "nama": actor.name},
        "keparahan": _rounded(row["keparahan"]),
        "penduduk": row["penduduk"],
        "prioritas": _rounded(row["prioritas"]),
        "belanja_idr": row["belanja_idr"],
        "program_idr": row["program_idr"],
        "usulan_idr": row["usulan_idr"],
        "dapat_digeser_idr": movable,
        "ukuran": [_measure(one) for one in measures.get(key, [])],
        "bukti": [_line(one) for one in lines[:MOST_EVIDENCE]],
        "bukti_jumlah": len(lines),
    }


def basis_of_people(row: Mapping[str, Any], registered: Collection[str]) -> str | None:
    """``register`` or ``raster``: what counts the people of a desa; None without a number."""
    if row["penduduk"] is None:
        return None
    return "register" if row["kode"] in registered else "raster"


def _measure(one: Mapping[str, Any]) -> dict[str, Any]:
    names = ("ukuran", "nilai", "satuan", "norma", "keterangan", "anjuran", "pelaku", "file", "row")
    return {name: one[name] for name in names}


def _line(one: Mapping[str, Any]) -> dict[str, Any]:
    names = ("jenis", "tingkat", "uraian", "opd", "anggaran_idr", "file", "row")
    return {name: one[name] for name in names}


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)


def list_follow_up_files(
    matched: Matched,
    services: Mapping[str, BasicService],
    demand: Demand,
    desa: pd.DataFrame,
) -> Writers:
    """Writers of the lists, their index and the services, by path in the release.

    ``tables/follow_up.jsonl`` has one line for each kecamatan, found by
    ``tables/follow_up.index.json`` (``{kode: [offset, length]}``); ``services.json`` says what each
    service needs, who answers for it and which formula ranks it.
    """
    if matched.frame.empty:
        return {}
    people = count_registered(demand.settled, demand.year).dropna()
    lists = make_lists(matched, services, desa, demand.year, set(people.index))
    lines = [
        (kode, (json.dumps(one, ensure_ascii=False) + "\n").encode()) for kode, one in lists.items()
    ]
    places, offset = {}, 0
    for kode, line in lines:
        places[kode] = [offset, len(line)]
        offset += len(line)
    used = sorted(set(matched.frame["layanan"]))
    described = [_describe(services[one], demand) for one in used]
    content = {
        LIST_NAME: b"".join(line for _, line in lines),
        INDEX_NAME: (json.dumps(places, indent=0) + "\n").encode(),
        SERVICES_NAME: (json.dumps(described, ensure_ascii=False, indent=1) + "\n").encode(),
    }
    return {name: _writer(body) for name, body in content.items()}


def _writer(body: bytes) -> Callable[[Path], None]:
    def write(path: Path) -> None:
        path.write_bytes(body)

    return write


def _describe(service: BasicService, demand: Demand) -> dict[str, Any]:
    terms = terms_of(demand.desa.assign(level="desa"))
    described = fill_texts(service, terms).model_dump(mode="json")
    described["priority"] = demand.priority.model_dump(mode="json")
    for need in described["needs"]:
        definition = demand.indicators.get(need["indicator"] or "")
        need["title"] = None if definition is None else definition.title.model_dump()
    return described
