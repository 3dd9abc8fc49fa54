"""From the needs of a release to items: new ones, changed ones, and those the data no longer show.

An item is known by desa, service and measure, so it outlives releases.  What a release does not
know changes nothing: no value is no answer.
"""

import hashlib
import secrets
from collections import defaultdict
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow.parquet as pq

from geo_service.errors import RegisterError
from geo_service.needs import code_changes
from geo_service.register import event_store, records
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
    changes: code_changes.CodeChanges = code_changes.CodeChanges()


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


@dataclass(slots=True)
class _Known:
    """What the register knows of an item, as far as a release may change it."""

    id: str
    kode: str
    about: tuple[str, str, str, int | None] | None
    met_tahun: int | None
    evidence: bytes | None
    former: tuple[str, ...]
    merged_into: str | None
    began: datetime | None

    @property
    def key(self) -> Key | None:
        """Desa, service and measure; None for a proposal."""
        if self.about is None or not self.about[1]:
            return None
        return self.kode, self.about[0], self.about[1]


def sync_register(register: event_store.Register, needs: Needs, moment: datetime) -> SyncCount:
    """Bring the items of a register to what a release says; every change is an event."""
    count = SyncCount()
    known = [_known(item) for item in register.each_item() if item.raised.subject == "need"]
    live = [item for item in known if item.merged_into is None]
    count.moved = _move_items(register, live, needs, moment)
    count.merged = _merge_equal(register, live, needs, moment)
    items = {item.key: item for item in live if item.key and item.merged_into is None}
    elsewhere = _keys_elsewhere(known, needs)
    changes = _changes(items, elsewhere, needs, count)
    register.note(changes, SYSTEM, moment)
    return count


def _known(item: records.Item) -> _Known:
    identity = item.raised.identity(item.kode)
    return _Known(
        item.id,
        item.kode,
        None if identity is None else identity[1:],
        item.met_tahun,
        None if item.evidence is None else _digest(item.evidence),
        item.former,
        item.merged_into,
        item.began,
    )


def _digest(evidence: records.Evidence) -> bytes:
    """A digest of all that evidence says but the name of its release."""
    text = evidence.model_copy(update={"release": ""}).model_dump_json()
    return hashlib.blake2b(text.encode(), digest_size=8).digest()


def _changes(
    items: Mapping[Key, _Known], elsewhere: Container[Key], needs: Needs, count: SyncCount
) -> Iterator[tuple[str, tuple[records.Content, ...]]]:
    """What the needs of a release say otherwise than the items, by item; they are counted."""
    for key, evidence in needs.needed.items():
        item = items.get(key)
        if item is None and key in elsewhere:
            count.former += 1
        elif item is None:
            former = needs.changes.former(key[0])
            raised = records.Raised(kode=key[0], layanan=key[1], ukuran=key[2], former=former)
            yield secrets.token_hex(8), (raised, evidence)
            count.new += 1
        elif item.met_tahun is not None:
            yield item.id, (evidence,)
            count.returned += 1
        elif item.evidence != _digest(evidence):
            yield item.id, (evidence,)
            count.changed += 1
        else:
            count.same += 1
    for key in sorted(needs.met & items.keys()):
        if items[key].met_tahun is None:
            yield items[key].id, (records.Gone(release=needs.release, tahun=needs.tahun),)
            count.gone += 1


def _move_items(
    register: event_store.Register, items: Sequence[_Known], needs: Needs, moment: datetime
) -> int:
    """Move items whose desa has another code today; how many."""
    ends = (len("00"), len("00.00"), len("00.00.00"))
    current = needs.desa.union(*({kode[:end] for end in ends} for kode in needs.desa))
    moves = []
    for item in items:
        course = needs.changes.course_of(item.kode, current)
        if course is not None:
            moved = _move(item, course, needs)
            moves.append((item.id, (moved,)))
            item.former = tuple(dict.fromkeys((*item.former, item.kode, *moved.former)))
            item.kode = moved.kode
    register.note(moves, SYSTEM, moment)
    return len(moves)


def _move(item: _Known, course: code_changes.CodeCourse, needs: Needs) -> records.Moved:
    """The event that moves an item.

    After a split it goes to the part where most people are in the need that it is about, so that it
    goes on where the data show it; the others begin anew.  Where no part shows it, to the first by
    code.
    """

    def people(kode: str) -> float:
        service, measure = item.about[:2] if item.about else ("", "")
        evidence = needs.needed.get((kode, service, measure))
        return -1 if evidence is None else evidence.people or 0

    kode = max(sorted(course.codes), key=people)
    return records.Moved(
        kode=kode,
        source=needs.release,
        change=course.kind,
        tahun=course.year,
        parts=course.codes if course.kind == "split" else (),
        former=needs.changes.former(kode),
    )


def _merge_equal(
    register: event_store.Register, items: Sequence[_Known], needs: Needs, moment: datetime
) -> int:
    """Make one item of those that became equal, the one that began first; how many ended so."""
    equal = defaultdict[object, list[_Known]](list)
    for item in items:
        if item.about is not None:
            equal[item.kode, item.about].append(item)
    count = 0
    for alike in equal.values():
        first, *others = sorted(alike, key=lambda item: (item.began or moment, item.id))
        for other in others:
            reason = f"Equal since {needs.release}."
            pair = (register.item(other.id), register.item(first.id))
            first.former = register.merge(*pair, reason, SYSTEM, moment).former
            other.merged_into = first.id
            count += 1
    return count


def _keys_elsewhere(known: Sequence[_Known], needs: Needs) -> set[Key]:
    """Keys whose item is another one now: it was merged, or moved away since such a release.

    A code that the release knows to have ended and yet has is that of another desa.
    """
    by_id = {item.id: item for item in known}
    keys: set[Key] = set()
    for item in known:
        if item.key is None or not (item.former or item.merged_into):
            continue
        last, codes, seen = item, [*item.former], {item.id}
        while last.merged_into in by_id and last.merged_into not in seen:
            codes.append(last.kode)
            last = by_id[last.merged_into]
            seen.add(last.id)
        former = [kode for kode in codes if not needs.changes.has_ended(kode)]
        keys.update((kode, *item.key[1:]) for kode in (*former, last.kode))
    return keys


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
