"""From the needs of a release to items: new ones, changed ones, and those the data no longer show.

An item is known by desa, service and measure, so it outlives releases.  What a release does not
know changes nothing: no value is no answer.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow.parquet as pq

from geo_service.errors import RegisterError
from geo_service.register import code_changes, event_store, records
from geo_service.register.code_changes import CodeChanges
from layers.release import follow_up_file, manifest_file

NEEDS = "tables/synchronisation_needs.parquet"
COLUMNS = ["kode", "layanan", "ukuran", "tahun", "nilai", "satuan", "norma", "keadaan"]
WEIGHTS = ["keparahan", "penduduk"]
SYSTEM = records.Actor(role="system", name="sync")
Key = tuple[str, str, str]


@dataclass(slots=True)
class SyncCount:
    """How many items began, changed, are no longer shown, are shown again, stayed as they were.

    ``moved`` have another code, ``merged`` are now one with an equal item; ``former`` are needs
    under codes of before: the register knows later boundaries than the release.
    """

    new: int = 0
    changed: int = 0
    gone: int = 0
    returned: int = 0
    same: int = 0
    moved: int = 0
    merged: int = 0
    former: int = 0


class Needs(NamedTuple):
    """What a release says: needs by desa, service and measure, and keys of what is met.

    ``desa`` are the codes of all its desa, ``changes`` what became of codes of before.
    """

    release: str
    tahun: int
    needed: dict[Key, records.Evidence]
    met: frozenset[Key]
    desa: frozenset[str] = frozenset()
    changes: CodeChanges = CodeChanges()


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
    desa = frozenset(row["kode"] for row in rows)
    changes = code_changes.read_code_changes(release)
    return Needs(manifest.release_id, int(tahun), needed, met, desa, changes)


def sync_register(register: event_store.Register, needs: Needs, moment: datetime) -> SyncCount:
    """Bring the items of a register to what a release says; every change is an event."""
    count = SyncCount()
    count.moved = _move_items(register, needs, moment)
    count.merged = _merge_equal(register, needs, moment)
    known = register.items(with_merged=True)
    items = {item.key: item for item in known if item.key and item.merged_into is None}
    elsewhere = _keys_elsewhere(known, needs)
    for key, evidence in needs.needed.items():
        item = items.get(key)
        if item is None and key in elsewhere:
            count.former += 1
        elif item is None:
            former = needs.changes.former(key[0])
            raised = records.Raised(kode=key[0], layanan=key[1], ukuran=key[2], former=former)
            register.begin((raised, evidence), SYSTEM, moment)
            count.new += 1
        elif item.met_tahun is not None:
            register.note(item.id, (evidence,), SYSTEM, moment)
            count.returned += 1
        elif _says_other(item.evidence, evidence):
            register.note(item.id, (evidence,), SYSTEM, moment)
            count.changed += 1
        else:
            count.same += 1
    for key, item in items.items():
        if key in needs.met and item.met_tahun is None:
            gone = records.Gone(release=needs.release, tahun=needs.tahun)
            register.note(item.id, (gone,), SYSTEM, moment)
            count.gone += 1
    return count


def _move_items(register: event_store.Register, needs: Needs, moment: datetime) -> int:
    """Move items whose desa has another code today; how many."""
    count = 0
    ends = (len("00"), len("00.00"), len("00.00.00"))
    current = needs.desa.union(*({kode[:end] for end in ends} for kode in needs.desa))
    for item in register.items():
        course = needs.changes.course_of(item.kode, current)
        if course is not None:
            kode = _choose_part(item, course.codes, needs)
            moved = records.Moved(
                kode=kode,
                source=needs.release,
                change=course.kind,
                tahun=course.year,
                parts=course.codes if course.kind == "split" else (),
                former=needs.changes.former(kode),
            )
            register.note(item.id, (moved,), SYSTEM, moment)
            count += 1
    return count


def _choose_part(item: records.Item, parts: Sequence[str], needs: Needs) -> str:
    """The part of a split to which an item goes: where most people are in the same need.

    The need is what the item is about, so that it goes on where the data show it; the others begin
    anew.  Where no part shows it, it is the first by code.
    """

    def people(kode: str) -> float:
        key = (kode, item.raised.layanan or "", item.raised.ukuran or "")
        evidence = needs.needed.get(key)
        return -1 if evidence is None else evidence.people or 0

    return max(sorted(parts), key=people)


def _merge_equal(register: event_store.Register, needs: Needs, moment: datetime) -> int:
    """Make one item of those that became equal, the one that began first; how many ended so."""
    equal = defaultdict[records.Identity, list[records.Item]](list)
    for item in register.items():
        if (identity := item.raised.identity(item.kode)) is not None:
            equal[identity].append(item)
    count = 0
    for items in equal.values():
        first, *others = sorted(items, key=lambda item: (item.began or moment, item.id))
        for other in others:
            reason = f"Equal since {needs.release}."
            first = register.merge(other, first, reason, SYSTEM, moment)
            count += 1
    return count


def _keys_elsewhere(known: Sequence[records.Item], needs: Needs) -> set[Key]:
    """Keys whose item is another one now: it was merged, or moved away since such a release.

    A code that the release knows to have ended and yet has is that of another desa.
    """
    by_id = {item.id: item for item in known}
    keys: set[Key] = set()
    for item in known:
        last, codes = item, [*item.former]
        while last.merged_into in by_id:
            codes.append(last.kode)
            last = by_id[last.merged_into]
        if item.key is not None:
            former = [kode for kode in codes if not needs.changes.has_ended(kode)]
            keys.update((kode, *item.key[1:]) for kode in (*former, last.kode))
    return keys


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
