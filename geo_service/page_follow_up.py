"""The follow-up list of a kecamatan: every service beyond its norm, under who can act on it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from geo_service.page_desa import Step, follow_up
from geo_service.page_question import find_parents, find_wilayah
from geo_service.page_values import has_field, read_values, rows_of
from geo_service.release import Release
from geo_service.render.words import Words


@dataclass(frozen=True, slots=True)
class Task:
    """One service of one desa: what is missing there, and for how many people."""

    kode: str
    nama: str
    step: Step
    people: str


def follow_up_values(release: Release, kode: str, words: Words) -> dict[str, Any]:
    """What ``follow_up.html`` shows: groups of (addressee, tasks), most tasks first.

    Inside a group, tasks are by service and then by the largest excess.

    Raises
    ------
    UnknownWilayahError
        The release does not cover the kecamatan.
    """
    wilayah = find_wilayah(release, kode, "kecamatan")
    groups: dict[str, list[Task]] = {}
    for task in _tasks(release, kode, words):
        groups.setdefault(task.step.addressee, []).append(task)
    ordered = sorted(groups.items(), key=lambda group: (-len(group[1]), group[0]))
    return {
        "wilayah": wilayah,
        "parents": find_parents(release, wilayah),
        "groups": [
            (addressee, sorted(tasks, key=lambda task: task.step.title))
            for addressee, tasks in ordered
        ],
        "total": sum(map(len, groups.values())),
        "desa": len({task.kode for tasks in groups.values() for task in tasks}),
    }


def _tasks(release: Release, kode: str, words: Words) -> list[Task]:
    if "gaps" not in release.layers:
        return []
    features = release.features("gaps")
    codes, names = features.property_column("kode"), features.property_column("nama")
    found = []
    for row in rows_of(release, "gaps", "kode_kecamatan", kode):
        fid = int(features.fid[row])
        people = _people(release, fid, words)
        for step in follow_up(release, fid, words):
            found.append(Task(str(codes.value(row)), str(names.value(row)), step, people))
    return sorted(found, key=lambda task: (-task.step.excess_m, task.kode))


def _people(release: Release, fid: int, words: Words) -> str:
    if not has_field(release, "desa", "penduduk_jiwa"):
        return ""
    row = release.features("desa").row_of(fid)
    if row is None:
        return words.say("status.no_data")
    value = float(read_values(release, "desa", "penduduk_jiwa", None).values[row])
    return words.say("status.no_data") if np.isnan(value) else words.number(value)
