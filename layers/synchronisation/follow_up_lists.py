"""The follow-up list: every need once, under the one who acts next, with what led to it.

The list is data, in no language: the pages put it into words.  It names rows of files, so it lies
with the tables, which do not count for the release's id.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path

import pandas as pd

from layers.release import follow_up_file
from layers.synchronisation import match, service_list
from layers.synchronisation.needs import Demand, count_registered
from layers.words.place_terms import fill_texts, terms_of

NO_DATA = "no_data"
MOST_EVIDENCE = 12
"""Lines of evidence of one task in the list; all of them are in the table."""

Row = dict[str, object]
Rows = dict[tuple[object, object], list[Row]]
Amount = tuple[int | None, int, int]
"""Rupiah, how many lines say an amount, and of how many."""
MOVABLE = "dapat_digeser_idr"


def choose_actor(
    state: str, funding: str, service: service_list.BasicService, desa_name: str
) -> follow_up_file.Addressee:
    """The one addressee of a need.

    The desa acts on what its own budget may pay for, as long as no programme took it up; what a
    programme or proposal names is for the office to carry out or to budget.  A kelurahan has no
    budget of its own.
    """
    office = follow_up_file.Addressee(jenis=service.addressee, nama=service.opd)
    desa = follow_up_file.Addressee(jenis="desa", nama=desa_name)
    if state == "need_funded_by_desa":
        return desa
    if state in ("need_in_programme", "need_proposed_only"):
        return office
    return desa if service.activities and funding != "not_applicable" else office


def make_lists(
    matched: match.Matched,
    services: Mapping[str, service_list.BasicService],
    desa: pd.DataFrame,
    year: int,
    registered: Collection[str],
) -> list[follow_up_file.FollowUpRecord]:
    """The follow-up list of each kecamatan, sorted by its code.

    Parameters
    ----------
    desa
        ``kode, nama, jenis, kode_kecamatan``.
    registered
        Codes of the desa whose registered people are known; of others the raster counts them.

    Returns
    -------
    list
        ``tasks`` by priority, ties by code, those without priority after them; ``area`` programmes
        and proposals of the kecamatan or kabupaten that name no desa; ``unknown`` what no measure
        is known of, apart, with the statuses that say why.
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
    idle = _count_idle(frame)
    ordered = frame.sort_values(
        ["prioritas", "keparahan", "kode", "layanan"],
        ascending=[False, False, True, True],
        na_position="last",
    )
    lists = []
    for kode_kecamatan, of_kecamatan in ordered.groupby("kode_kecamatan", sort=True):
        needs = of_kecamatan[of_kecamatan["kebutuhan"] == "need"]
        unknown = of_kecamatan[of_kecamatan["kebutuhan"] == "unknown"].sort_values(
            ["kode", "layanan"]
        )
        lists.append(
            follow_up_file.FollowUpRecord(
                kode=str(kode_kecamatan),
                tahun=year,
                tasks=tuple(
                    _task(row, services, measures, evidence, idle, registered)
                    for row in _records(needs)
                ),
                area=tuple(
                    map(
                        follow_up_file.AreaRecord.model_validate,
                        _of_area(areas, str(kode_kecamatan)),
                    )
                ),
                unknown=tuple(
                    follow_up_file.UnknownRecord.model_validate(
                        {**row, "sebab": reasons.get(_key(row), (NO_DATA,))}
                    )
                    for row in _records(unknown)
                ),
            )
        )
    return lists


def _count_idle(frame: pd.DataFrame) -> dict[str, Amount]:
    """What each desa spends on services without need; null where no line says how much."""
    idle = frame[frame["keadaan"] == "funded_without_need"].groupby("kode")
    counted = idle.agg(
        rupiah=("belanja_idr", lambda amount: amount.sum(min_count=1)),
        known=("belanja_idr_baris_diketahui", "sum"),
        total=("belanja_idr_baris_jumlah", "sum"),
    )
    return {
        str(kode): (None if pd.isna(rupiah) else int(rupiah), int(known), int(total))
        for kode, rupiah, known, total in counted.itertuples(name=None)
    }


def _reasons(measures: pd.DataFrame) -> dict[tuple[object, object], tuple[str, ...]]:
    """Why measures are unknown: the statuses of their values, by desa and service."""
    unknown = measures[measures["keadaan"] == "unknown"]
    reasons: dict[tuple[object, object], list[str]] = {}
    for row in _records(unknown.drop_duplicates(["kode", "layanan", "status"])):
        reasons.setdefault(_key(row), []).append(str(row["status"] or NO_DATA))
    return {key: tuple(sorted(statuses)) for key, statuses in reasons.items()}


def _key(row: Row) -> tuple[object, object]:
    return row["kode"], row["layanan"]


def _of_area(areas: pd.DataFrame, kecamatan: str) -> Iterable[Row]:
    """Evidence of the kecamatan or its kabupaten that names no desa."""
    return _records(areas[areas["kode"].isin([kecamatan, kecamatan[:5]])])


def _by_key(frame: pd.DataFrame) -> Rows:
    grouped: Rows = {}
    for row in _records(frame):
        grouped.setdefault(_key(row), []).append(row)
    return grouped


def _records(frame: pd.DataFrame) -> Iterable[Row]:
    """Rows as plain Python values, every kind of null as None."""
    columns = {
        name: [None if pd.isna(value) else value for value in frame[name].tolist()]
        for name in frame.columns
    }
    for cells in zip(*columns.values(), strict=True):
        yield dict(zip(columns, cells, strict=True))


def _task(
    row: Row,
    services: Mapping[str, service_list.BasicService],
    measures: Rows,
    evidence: Rows,
    idle: Mapping[str, Amount],
    registered: Collection[str],
) -> follow_up_file.TaskRecord:
    key = _key(row)
    service = services[str(row["layanan"])]
    lines = evidence.get(key, [])
    is_budget_known = row["pendanaan"] == "known"
    movable = idle.get(str(row["kode"]), (0, 0, 0)) if is_budget_known else (None, 0, 0)
    parts = {MOVABLE: movable[1:]} | {
        name: tuple(row[f"{name}_{count}"] for count in ("baris_diketahui", "baris_jumlah"))
        for name in match.AMOUNTS
    }
    return follow_up_file.TaskRecord.model_validate(
        {
            **row,
            "penerima": choose_actor(
                str(row["keadaan"]), str(row["pendanaan"]), service, str(row["nama"])
            ),
            "keparahan": _rounded(row["keparahan"]),
            "prioritas": _rounded(row["prioritas"]),
            MOVABLE: movable[0],
            "baris": {name: part for name, part in parts.items() if part[0] != part[1]},
            "ukuran": tuple(
                map(follow_up_file.MeasureRecord.model_validate, measures.get(key, []))
            ),
            "bukti": tuple(
                map(follow_up_file.EvidenceRecord.model_validate, lines[:MOST_EVIDENCE])
            ),
            "bukti_jumlah": len(lines),
            "penduduk_dasar": basis_of_people(row, registered),
        }
    )


def basis_of_people(
    row: Mapping[str, object], registered: Collection[str]
) -> follow_up_file.PeopleBasis | None:
    """``register`` or ``raster``: what counts the people of a desa; None without a number."""
    if row["penduduk"] is None:
        return None
    return "register" if row["kode"] in registered else "raster"


def _rounded(value: object) -> float | None:
    return round(value, 4) if isinstance(value, int | float) else None


def list_follow_up_files(
    matched: match.Matched,
    services: Mapping[str, service_list.BasicService],
    demand: Demand,
    desa: pd.DataFrame,
) -> dict[str, Callable[[Path], None]]:
    """Writers of the lists and the services of a release; none where nothing was matched.

    Each is called with the path of its file; the index of the lists lies beside them.
    """
    if matched.frame.empty:
        return {}
    people = count_registered(demand.settled, demand.year).dropna()
    lists = make_lists(matched, services, desa, demand.year, set(people.index))
    names = sorted(set(matched.frame["layanan"]))
    described = [_describe(services[name], demand) for name in names]
    return {
        follow_up_file.FOLLOW_UP_NAME: partial(_write_lists, lists=lists),
        follow_up_file.SERVICES_NAME: partial(_write_services, services=described),
    }


def _write_lists(path: Path, lists: Sequence[follow_up_file.FollowUpRecord]) -> None:
    follow_up_file.write_follow_up_lists(path.parents[1], lists)


def _write_services(path: Path, services: Sequence[follow_up_file.ServiceRecord]) -> None:
    follow_up_file.write_services(path.parent, services)


def _describe(service: service_list.BasicService, demand: Demand) -> follow_up_file.ServiceRecord:
    terms = terms_of(demand.desa.assign(level="desa"))
    filled = fill_texts(service, terms)
    needs = tuple(
        follow_up_file.NeedRecord(**dict(need), title=None if section is None else section.title)
        for need in filled.needs
        for section in [demand.indicators.get(need.indicator or "")]
    )
    return follow_up_file.ServiceRecord(
        **{
            **dict(filled),
            "needs": needs,
            "priority": follow_up_file.PriorityRecord(**dict(demand.priority)),
        }
    )
