"""The page and files of a follow-up list: every need once, under the one who acts next."""

from collections.abc import Iterable
from typing import Any
from urllib.parse import urlencode

import numpy as np

from geo_service.errors import UnknownParameterError
from geo_service.releases.release import Release
from layers.release.provenance_file import Piece
from web_map.exports.table import Cell, cited_inputs, csv_of, xlsx_of
from web_map.pages.follow_up_words import FollowUp, Task, read_follow_up, read_services
from web_map.views.question import find_parents, find_wilayah
from web_map.views.sources import cite_pieces, find_pieces, piece_text
from web_map.views.values import (
    coverage_text,
    find_field,
    has_field,
    read_values,
    rows_of,
    value_text,
    with_coverage,
)
from web_map.words import Words

HEAD = (
    "prioritas",
    "kode",
    "nama",
    "layanan",
    "keadaan",
    "penerima_jenis",
    "penerima",
    "masalah",
    "keparahan",
    "penduduk",
    "langkah",
    "dasar_hukum",
    "dana",
    "bukti",
    "tautan",
    "penduduk_dasar",
    "keadaan_sumber",
    "penduduk_sumber",
)


def follow_up_values(
    release: Release, kode: str, words: Words, addressee: str = ""
) -> dict[str, Any]:
    """What ``follow_up.html`` shows: (addressee, tasks), offices first, then desa.

    Parameters
    ----------
    addressee
        Name of an office or desa: only its tasks are shown.

    Raises
    ------
    UnknownWilayahError
        The release does not cover the kecamatan.
    UnknownParameterError
        Nobody of that name has a task here.
    """
    wilayah = find_wilayah(release, kode, "kecamatan")
    found = read_follow_up(release, kode, words) or FollowUp(0, (), (), ())
    groups = group_by_addressee(found.tasks)
    names = [name for (_, name), _ in groups]
    if addressee and addressee not in names:
        raise UnknownParameterError(
            f"penerima: nobody here is called {addressee!r}. There are: {', '.join(names)}."
        )
    shown = [group for group in groups if not addressee or group[0][1] == addressee]
    return {
        "wilayah": wilayah,
        "parents": find_parents(release, wilayah),
        "tahun": found.tahun,
        "groups": shown,
        "names": names,
        "addressee": addressee,
        "total": sum(len(tasks) for _, tasks in shown),
        "desa": len({task.kode for _, tasks in shown for task in tasks}),
        "area": found.area,
        "unknown": found.unknown,
        "services": read_services(release),
        "sources": cite_pieces(release, follow_up_pieces(release, kode)),
        "figures": _figures(release, kode, words),
        "has_spending": has_field(release, "spending", "anggaran_per_jiwa_idr"),
    }


def follow_up_pieces(release: Release, kode: str) -> tuple[Piece, ...]:
    """The inputs behind the states of all services in the desa of a kecamatan."""
    if not has_field(release, "needs", "unfunded_people"):
        return ()
    entry = find_field(release, "needs", "unfunded_people")
    rows = rows_of(release, "needs", "kode_kecamatan", kode)
    return find_pieces(release, "needs", entry, None, rows.tolist(), with_rows=False)


def _figures(release: Release, kode: str, words: Words) -> list[tuple[str, str]]:
    """What the needs of the kecamatan come to: title and value of each total that is known."""
    if "kecamatan" not in release.layers:
        return []
    rows = release.features("kecamatan").select(equals={"kode": kode})
    shown = []
    for name in ("need_count", "unfunded_count", "unfunded_people", "without_need_idr"):
        if not len(rows) or not has_field(release, "kecamatan", name):
            continue
        entry = find_field(release, "kecamatan", name)
        found = read_values(release, "kecamatan", name, None, rows[:1])
        value = float(found.values[0])
        known = None if np.isnan(value) else value
        text = value_text(known, found.statuses[0], entry, words)
        told = with_coverage(text, coverage_text(found, 0, words))
        shown.append((words.text(entry.title), told))
    return shown


Group = tuple[tuple[str, str], list[Task]]


def group_by_addressee(tasks: Iterable[Task]) -> list[Group]:
    """Tasks by (kind, name) of who acts: offices of the kabupaten, the provinsi, then desa.

    Inside a kind those with the most priority behind them come first; ties by name.
    """
    groups: dict[tuple[str, str], list[Task]] = {}
    for task in tasks:
        groups.setdefault((task.addressee_kind, task.addressee), []).append(task)
    order = ("kabupaten", "provinsi", "desa")

    def weight(group: Group) -> tuple[int, float, str]:
        (kind, name), mine = group
        return order.index(kind), -sum(task.priority or 0 for task in mine), name

    return sorted(groups.items(), key=weight)


def map_link(base: str, kode_kecamatan: str, task: Task, language: str) -> str:
    """Where the map opens at that desa and service."""
    query = {"layer": f"needs.{task.service}_state", "desa": task.kode}
    if language != "id":
        query["lang"] = language
    return f"{base}/kecamatan/{kode_kecamatan}?{urlencode(query)}"


def task_sources(release: Release, kode: str) -> dict[tuple[str, str], list[Cell]]:
    """By (kode, service) of a kecamatan: the inputs and rows of the state and of its people.

    Empty for a release that does not say where single values come from.
    """
    if "synchronisation" not in release.layers or release.provenance is None:
        return {}
    features = release.features("synchronisation")
    entries = [find_field(release, "synchronisation", name) for name in ("state", "people")]
    columns = [features.property_column(name) for name in ("kode", "service")]
    cited: dict[tuple[str, str], list[Cell]] = {}
    for row in features.select(equals={"kode_kecamatan": kode}).tolist():
        of_desa, service = (str(column.value(row)) for column in columns)
        cited[of_desa, service] = [
            piece_text(find_pieces(release, "synchronisation", entry, None, [row])) or None
            for entry in entries
        ]
    return cited


def follow_up_rows(
    release: Release, found: FollowUp, kode: str, root: str, words: Words
) -> list[list[Cell]]:
    """The list as a table: numbers as numbers, needs that are not known at its end."""
    cited = task_sources(release, kode)
    rows: list[list[Cell]] = [
        [
            task.priority,
            task.kode,
            task.nama,
            task.title,
            task.state_text,
            words.say(f"addressee.{task.addressee_kind}"),
            task.addressee,
            "; ".join(task.problems),
            task.severity,
            task.people,
            task.step,
            task.legal_basis,
            "; ".join(f"{label}: {amount}" for label, amount in task.amounts),
            "; ".join(task.evidence),
            map_link(root, kode, task, words.language),
            words.say(f"follow.basis.{task.people_basis}") if task.people_basis else None,
            *cited.get((task.kode, task.service), [None, None]),
        ]
        for task in found.tasks
    ]
    unknown = words.say("state.unknown")
    rows += [
        [None, None, nama, titles, unknown, None, None, why or None, *[None] * (len(HEAD) - 8)]
        for nama, titles, why in found.unknown
    ]
    return rows


def write_follow_up(release: Release, kode: str, words: Words, root: str, ending: str) -> bytes:
    """The list of a kecamatan as CSV or XLSX.

    Raises
    ------
    UnknownWilayahError
        The release does not cover the kecamatan.
    """
    wilayah = find_wilayah(release, kode, "kecamatan")
    found = read_follow_up(release, kode, words) or FollowUp(0, (), (), ())
    rows = follow_up_rows(release, found, kode, root, words)
    if ending == "csv":
        return csv_of(HEAD, rows)
    title = words.say("follow.title")
    notes: list[list[Cell]] = [
        [title, found.tahun],
        [wilayah.nama, wilayah.kode],
        ["release", release.id],
        ["url", f"{root}/kecamatan/{kode}/tindak-lanjut"],
        ["", words.say("follow.note")],
        ["", words.say("follow.people_note")],
        ["", words.say("foot.disclaimer")],
    ]
    notes += [[words.say("follow.area"), line] for line in found.area]
    pieces = follow_up_pieces(release, kode)
    notes += [list(note) for note in cited_inputs(release, pieces, words)]
    widths = (10, 16, 24, 22, 22, 22, 24, 50, 10, 10, 60, 36, 40, 60, 50, 14, 40, 40)
    return xlsx_of(HEAD, rows, notes, found.tahun or 2000, widths)
