"""Which items a person is shown: those of their area and office, filtered, and what waits for them.

Every query of signed-in pages goes through `scope`, so none shows what is not this person's.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa

from geo_service.house.accounts import Person
from geo_service.register import item_lists, records
from geo_service.register.event_store import Register
from geo_service.register.item_lists import ITEM, TASK
from geo_service.register.way import DRAFT, Way
from layers.release.manifest_file import KODE

LENGTH_OF_KECAMATAN = 8
_CODE = re.compile(KODE)
Clause = sa.ColumnElement[bool]


@dataclass(frozen=True, slots=True)
class BoardFilter:
    """What a reader chose to see; None or False leaves a filter open.

    Parameters
    ----------
    area
        Code of the wilayah of the board, or of a desa in it.
    addressee
        Kind and name, of whom the item has a task; of a draft, who the follow-up list proposes.
    waits
        Only what this person has to do next.
    is_proposal
        Only what people raised by hand.
    """

    area: str | None = None
    layanan: str | None = None
    addressee: tuple[str, str] | None = None
    state: str | None = None
    is_overdue: bool = False
    waits: bool = False
    is_proposal: bool = False


@dataclass(frozen=True, slots=True)
class BoardTask:
    """The task of one addressee in a row of a board."""

    jenis: str
    nama: str
    state: str
    due: str | None
    is_late: bool


@dataclass(frozen=True, slots=True)
class BoardRow:
    """An item on a board.

    Parameters
    ----------
    due
        The first date by which somebody has to answer.
    proposed
        To whom the follow-up list proposes to send it; None for a proposal.
    """

    id: str
    version: int
    kode: str
    layanan: str | None
    ukuran: str | None
    title: str | None
    state: str
    due: str | None
    met_tahun: int | None
    is_late: bool
    tasks: tuple[BoardTask, ...]
    proposed: str | None


def find_rows(
    register: Register,
    person: Person,
    selection: BoardFilter,
    today: date,
    limit: int,
    offset: int = 0,
) -> tuple[list[BoardRow], int]:
    """The rows of a filter that the person may see, the late first, and of how many."""
    clause = sa.and_(scope(person), _chosen(selection, person, today, register.way))
    late = _is_late(register.way, today)
    order = (
        sa.case((late, 0), else_=1),
        sa.case((ITEM.c.due.is_(None), 1), else_=0),
        *(ITEM.c.due, ITEM.c.kode, ITEM.c.layanan, ITEM.c.ukuran, ITEM.c.id),
    )
    query = sa.select(ITEM).where(clause).order_by(*order).limit(limit).offset(offset)
    count = sa.select(sa.func.count()).select_from(ITEM).where(clause)
    rows, total = register.rows(query), register.rows(count)[0][0]
    ids = [row.id for row in rows]
    of_items = sa.select(TASK).where(TASK.c.item.in_(ids)).order_by(TASK.c.jenis, TASK.c.nama)
    tasks: dict[str, list[BoardTask]] = {item_id: [] for item_id in ids}
    for task in register.rows(of_items):
        tasks[task.item].append(_board_task(task, register.way, today))
    return [_board_row(row, tasks[row.id]) for row in rows], int(total)


def choices(
    register: Register, person: Person, area: str | None
) -> tuple[list[str], list[tuple[str, str]]]:
    """Services and addressees (kind, name) of what the person may see in an area, in order."""
    clause = sa.and_(scope(person), item_lists.lies_in(ITEM.c.kode, area))
    services = sa.select(ITEM.c.layanan).where(clause, ITEM.c.layanan.is_not(None)).distinct()
    names = sa.select(TASK.c.jenis, TASK.c.nama).join(ITEM, ITEM.c.id == TASK.c.item)
    names = names.where(clause, TASK.c.jenis != "desa").distinct()
    pairs = {(row.jenis, row.nama) for row in register.rows(names)}
    if person.role != "office":
        pairs.update(key for key in count_drafts(register, person, area) if key[0] != "desa")
    return sorted(row.layanan for row in register.rows(services)), sorted(pairs)


def count_drafts(
    register: Register, person: Person, area: str | None
) -> dict[tuple[str, str], int]:
    """How many items were never sent, by whom the follow-up list proposes; most first.

    The desa are one addressee, without a name; so is what nobody is proposed for, without a kind.
    """
    name = sa.case((ITEM.c.for_jenis == "desa", ""), else_=ITEM.c.for_nama)
    keys = sa.func.coalesce(ITEM.c.for_jenis, ""), sa.func.coalesce(name, "")
    clause = sa.and_(scope(person), item_lists.lies_in(ITEM.c.kode, area), ITEM.c.state == DRAFT)
    columns: tuple[sa.ColumnElement[Any], ...] = (*keys, sa.func.count())
    query = sa.select(*columns).where(clause).group_by(*keys)
    rows = sorted(map(tuple, register.rows(query)), key=lambda row: (-row[2], row[0], row[1]))
    return {(jenis, nama): count for jenis, nama, count in rows}


def scope(person: Person) -> Clause:
    """What a person may see: the same as `Person.sees`, for the lists."""
    clause = sa.and_(ITEM.c.state != records.MERGED, item_lists.lies_in(ITEM.c.kode, person.area))
    if person.role != "office":
        return clause
    return sa.and_(clause, _has_task(TASK.c.nama == person.office, TASK.c.jenis != "desa"))


def inside(area: str) -> Clause:
    """Items of a wilayah."""
    return item_lists.lies_in(ITEM.c.kode, area)


def _has_task(*clauses: Clause) -> Clause:
    tasks = sa.select(TASK.c.item).where(TASK.c.item == ITEM.c.id, *clauses)
    return tasks.correlate(ITEM).exists()


def _chosen(selection: BoardFilter, person: Person, today: date, way: Way) -> Clause:
    clauses = [item_lists.lies_in(ITEM.c.kode, selection.area)]
    if selection.layanan is not None:
        clauses.append(ITEM.c.layanan == selection.layanan)
    if selection.addressee is not None:
        jenis, nama = selection.addressee
        is_proposed = sa.and_(
            ITEM.c.state == DRAFT, ITEM.c.for_jenis == jenis, _named(ITEM.c.for_nama, nama)
        )
        has_task = _has_task(TASK.c.jenis == jenis, _named(TASK.c.nama, nama))
        clauses.append(sa.or_(has_task, is_proposed))
    if selection.state is not None:
        clauses.append(ITEM.c.state == selection.state)
    if selection.is_overdue:
        clauses.append(_is_late(way, today))
    if selection.is_proposal:
        clauses.append(ITEM.c.title.is_not(None))
    if selection.waits:
        clauses.append(_waits_for(person, way))
    return sa.and_(*clauses)


def _named(column: sa.ColumnElement[Any], nama: str) -> Clause:
    """Whether a name is this one; the empty name is that of all desa."""
    return column == nama if nama else sa.true()


def own_tasks(person: Person) -> list[Clause]:
    """Which tasks in the area of an office or desa are theirs; of others it leaves all."""
    if person.role == "office":
        return [TASK.c.nama == person.office, TASK.c.jenis != "desa"]
    return [TASK.c.jenis == "desa"] if person.role == "desa" else []


def owed_states(way: Way) -> list[str]:
    """States of a task in which its addressee acts next."""
    return [state for state in way.states if way.is_owed(state)]


def _is_late(way: Way, today: date) -> Clause:
    return _has_task(TASK.c.state.in_(way.waiting), TASK.c.due < today.isoformat())


def _waits_for(person: Person, way: Way) -> Clause:
    """What a person has to do next: the task of an addressee, or what came back to the camat."""
    if person.role in ("office", "desa"):
        return _has_task(TASK.c.state.in_(owed_states(way)), *own_tasks(person))
    if person.role == "kecamatan":
        states = back_states(way)
        is_met = sa.and_(ITEM.c.met_tahun.is_not(None), ITEM.c.state.not_in(way.order[-1:]))
        return sa.or_(_has_task(TASK.c.state.in_(states)), is_met)
    return sa.false()


def back_states(way: Way) -> list[str]:
    """States of a task in which the kecamatan acts next, drafts and the last state aside.

    >>> from geo_service.register.way import read_way
    >>> back_states(read_way())
    ['refused', 'done', 'reopened']
    """
    return [
        state
        for state in way.states
        if state not in (DRAFT, way.order[-1])
        and not way.is_owed(state)
        and any("kecamatan" in step.roles for step in way.steps_from(state))
    ]


def _board_task(row: sa.Row[Any], way: Way, today: date) -> BoardTask:
    is_late = row.due is not None and row.due < today.isoformat() and row.state in way.waiting
    return BoardTask(row.jenis, row.nama, row.state, row.due, is_late)


def _board_row(row: sa.Row[Any], tasks: Sequence[BoardTask]) -> BoardRow:
    return BoardRow(
        row.id,
        row.version,
        row.kode,
        row.layanan,
        row.ukuran,
        row.title,
        row.state,
        row.due,
        row.met_tahun,
        any(task.is_late for task in tasks),
        tuple(tasks),
        row.for_nama,
    )


def is_code(text: str) -> bool:
    """Whether a text is the code of a wilayah, as it is written.

    >>> is_code("53.06.13"), is_code("530613"), is_code("53.06.")
    (True, False, False)
    """
    return _CODE.fullmatch(text) is not None
