"""From the needs of a release to items: new ones, changed ones, and those the data no longer show.

An item is known by desa, service and measure, so it outlives releases.  What a release does not
know changes nothing: no value is no answer.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow.parquet as pq

from geo_service.errors import RegisterError
from geo_service.register import event_store, records
from layers.release import follow_up_file, manifest_file

NEEDS = "tables/synchronisation_needs.parquet"
COLUMNS = ["kode", "layanan", "ukuran", "tahun", "nilai", "satuan", "norma", "keadaan"]
WEIGHTS = ["keparahan", "penduduk"]
SYSTEM = records.Actor(role="system", name="sync")
Key = tuple[str, str, str]


@dataclass(slots=True)
class SyncCount:
    """How many items began, changed, are no longer shown, are shown again, stayed as they were."""

    new: int = 0
    changed: int = 0
    gone: int = 0
    returned: int = 0
    same: int = 0


class Needs(NamedTuple):
    """What a release says: needs by desa, service and measure, and keys of what is met."""

    release: str
    tahun: int
    needed: dict[Key, records.Evidence]
    met: frozenset[Key]


def read_needs(release: Path) -> Needs:
    """The needs of the latest year of a release.

    Raises
    ------
    RegisterError
        The release matches no need with money.
    """
    manifest = manifest_file.read_manifest(release)
    try:
        table = pq.read_table(release / NEEDS, columns=COLUMNS + WEIGHTS)
    except FileNotFoundError as error:
        raise RegisterError(
            f"{manifest.release_id} has no follow-up lists: its workspace declares no services "
            "that can be measured."
        ) from error
    rows = table.to_pylist()
    tahun = max((row["tahun"] for row in rows), default=0)
    rows = [row for row in rows if row["tahun"] == tahun]
    tasks = {(task.kode, task.layanan): task for task in _tasks(release)}
    needed = {
        _key(row): _evidence(row, tasks[row["kode"], row["layanan"]], manifest.release_id)
        for row in rows
        if row["keadaan"] == "need" and (row["kode"], row["layanan"]) in tasks
    }
    met = frozenset(_key(row) for row in rows if row["keadaan"] == "met")
    return Needs(manifest.release_id, int(tahun), needed, met)


def sync_register(register: event_store.Register, needs: Needs, moment: datetime) -> SyncCount:
    """Bring the items of a register to what a release says; every change is an event."""
    count = SyncCount()
    items = {item.key: item for item in register.items() if item.key is not None}
    for key, evidence in needs.needed.items():
        item = items.get(key)
        if item is None:
            raised = records.Raised(kode=key[0], layanan=key[1], ukuran=key[2])
            register.begin((raised, evidence), SYSTEM, moment)
            count.new += 1
        elif item.met_tahun is not None:
            register.add(item, (evidence,), SYSTEM, moment)
            count.returned += 1
        elif _says_other(item.evidence, evidence):
            register.add(item, (evidence,), SYSTEM, moment)
            count.changed += 1
        else:
            count.same += 1
    for key, item in items.items():
        if key in needs.met and item.met_tahun is None:
            gone = records.Gone(release=needs.release, tahun=needs.tahun)
            register.add(item, (gone,), SYSTEM, moment)
            count.gone += 1
    return count


def _says_other(before: records.Evidence | None, evidence: records.Evidence) -> bool:
    """Whether anything but the release is another than before."""
    return before is None or before.model_copy(update={"release": evidence.release}) != evidence


def _tasks(release: Path) -> Iterator[follow_up_file.TaskRecord]:
    lists = follow_up_file.open_follow_up_lists(release)
    for kode in lists.keys:
        record = lists.find(kode)
        if record is not None:
            yield from record.tasks


def _key(row: dict[str, Any]) -> Key:
    return row["kode"], row["layanan"], row["ukuran"]


def _evidence(
    row: dict[str, Any], task: follow_up_file.TaskRecord, release: str
) -> records.Evidence:
    return records.Evidence(
        release=release,
        tahun=int(row["tahun"]),
        value=row["nilai"],
        norm=row["norma"],
        unit=row["satuan"] or None,
        severity=row["keparahan"],
        people=row["penduduk"],
        state=task.keadaan,
        funding=task.pendanaan,
        addressee=task.penerima,
    )
