"""What became of the needs that were sent: figures of a wilayah, by its parts, offices or services.

They count tasks: a need that was sent to two offices is answered by each.  What was never sent is
in no figure, and where nothing was sent there are none.
"""

from collections import defaultdict
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, TypeVar

import sqlalchemy as sa

from geo_service.register.event_store import Register
from geo_service.register.item_lists import ITEM, TASK, is_public, lies_in

FINISHED = ("done", "verified")
Key = TypeVar("Key", bound=Hashable)
LENGTHS = (2, 5, 8, 13)
"""Letters of the code of a provinsi, kabupaten, kecamatan and desa."""
MOST_REASONS = 200


@dataclass(slots=True)
class Figures:
    """How the tasks of one wilayah, office or service stand.

    Parameters
    ----------
    sent
        All tasks that are or were with an addressee; the other counts are parts of it.
    in_time, late
        Answered up to the due date, or after it; an answer without a due date is in neither.
    accepted, refused, forwarded
        What the answer was: accepted also where more came of it since.
    unanswered, overdue
        Still to be answered; of these, those whose due date is past.
    budgeted, amount_idr
        Tasks with a document of a budget, and the rupiah in them; None where no task says any.
    done, verified
        Finished by the addressee, also where the camat has seen it; seen by the camat.
    waited
        How many tasks were answered after how many days.
    """

    sent: int = 0
    in_time: int = 0
    late: int = 0
    accepted: int = 0
    refused: int = 0
    forwarded: int = 0
    unanswered: int = 0
    overdue: int = 0
    budgeted: int = 0
    amount_idr: int | None = None
    done: int = 0
    verified: int = 0
    waited: dict[int, int] = field(default_factory=dict)

    @property
    def answered(self) -> int:
        """How many were answered; the median rests on these."""
        return self.sent - self.unanswered

    @property
    def median_days(self) -> float | None:
        """Days from sending to the answer, of the middle answer; None of none.

        >>> Figures(waited={1: 1, 4: 1}).median_days
        2.5
        """
        count = sum(self.waited.values())
        if not count:
            return None
        low, high = (_days_at(self.waited, place) for place in ((count - 1) // 2, count // 2))
        return (low + high) / 2


def response_of(made: Figures | None) -> str:
    """The state of the response of a wilayah: what is worst in it.

    An answer is overdue, or waited for; else all was refused or forwarded; else what was accepted
    is done, or has its money, or is still going on; ``none`` where nothing was sent.

    >>> response_of(Figures(sent=3, unanswered=2, overdue=1)), response_of(None)
    ('overdue', 'none')
    """
    if made is None or not made.sent:
        return "none"
    if made.overdue or made.unanswered:
        return "overdue" if made.overdue else "waiting"
    if not made.accepted:
        return "refused"
    if made.done == made.accepted:
        return "done"
    return "budgeted" if made.budgeted >= made.accepted else "going"


@dataclass(frozen=True, slots=True)
class Refusal:
    """One refusal: what was asked of whom, where, and the reason that was given."""

    item: str
    kode: str
    layanan: str | None
    title: str | None
    office: str
    answered: str
    reason: str


@dataclass(frozen=True, slots=True)
class ItemLine:
    """An item of a desa; ``title`` is that of a proposal."""

    id: str
    layanan: str | None
    title: str | None
    state: str


def of_parts(register: Register, area: str | None, today: date) -> dict[str, Figures]:
    """Figures of each part of a wilayah, by code; None has the provinsi as parts."""
    return _figures(register, (_part(area),), area, today, lambda row: row[0])


def of_parts_by_service(
    register: Register, area: str, today: date
) -> dict[tuple[str, str | None], Figures]:
    """Figures of each part of a wilayah and service; None has what was raised by hand."""
    parts = (_part(area), TASK.c.layanan)
    return _figures(register, parts, area, today, lambda row: (row[0], row.layanan))


def of_offices(register: Register, area: str, today: date) -> dict[tuple[str, str], Figures]:
    """Figures of each addressee of a wilayah, by kind and name; of all its desa together."""
    # Hundreds of desa are no offices: each is a part of its kecamatan.
    name = sa.case((TASK.c.jenis == "desa", ""), else_=TASK.c.nama)
    parts = (TASK.c.jenis, name.label("nama"))
    return _figures(register, parts, area, today, lambda row: (row.jenis, row.nama))


def of_services(register: Register, area: str, today: date) -> dict[str | None, Figures]:
    """Figures of each service of a wilayah; None has what was raised by hand."""
    return _figures(register, (TASK.c.layanan,), area, today, lambda row: row[0])


def total(parts: Sequence[Figures]) -> Figures | None:
    """The figures of all parts together; None where nothing was sent."""
    whole = Figures()
    for part in parts:
        for name in _COUNTS:
            setattr(whole, name, getattr(whole, name) + getattr(part, name))
        if part.amount_idr is not None:
            whole.amount_idr = (whole.amount_idr or 0) + part.amount_idr
        for days, count in part.waited.items():
            whole.waited[days] = whole.waited.get(days, 0) + count
    return whole if whole.sent else None


def refusals(register: Register, area: str) -> list[Refusal]:
    """What was refused in a wilayah and why, the latest first; at most 200."""
    query = (
        sa.select(TASK, ITEM.c.title)
        .join(ITEM, ITEM.c.id == TASK.c.item)
        .where(lies_in(TASK.c.kode, area), TASK.c.state == "refused")
        .order_by(TASK.c.answered.desc(), TASK.c.item, TASK.c.nama)
        .limit(MOST_REASONS)
    )
    return [
        Refusal(row.item, row.kode, row.layanan, row.title, row.nama, row.answered, row.reason)
        for row in register.rows(query)
    ]


def items_of(register: Register, kode: str) -> list[ItemLine]:
    """The items of a desa that everybody may see, by service and measure."""
    query = sa.select(ITEM).where(ITEM.c.kode == kode, is_public())
    order = (ITEM.c.layanan, ITEM.c.ukuran, ITEM.c.id)
    return [
        ItemLine(row.id, row.layanan, row.title, row.state)
        for row in register.rows(query.order_by(*order))
    ]


def _part(area: str | None) -> sa.ColumnElement[str]:
    """The code of the part of a wilayah that a task lies in."""
    if area is None:
        return TASK.c.provinsi
    length = next((n for n in LENGTHS if n > len(area)), len(area))
    return sa.func.substr(TASK.c.kode, 1, length)


_COUNTS = (
    *("sent", "in_time", "late", "accepted", "refused", "forwarded"),
    *("unanswered", "overdue", "budgeted", "done", "verified"),
)


def _figures(
    register: Register,
    parts: tuple[sa.ColumnElement[Any], ...],
    area: str | None,
    today: date,
    key_of: Callable[[sa.Row[Any]], Key],
) -> dict[Key, Figures]:
    """Figures by the columns of ``parts``, in their order."""
    made: defaultdict[Key, Figures] = defaultdict(Figures)
    said = (TASK.c.answer, TASK.c.in_time, TASK.c.state, TASK.c.document)
    count = sa.func.count().label("tasks")
    inside = lies_in(TASK.c.kode, area)
    amount = sa.func.sum(TASK.c.amount_idr).label("amount")
    tasks = sa.select(*parts, *said, count, amount).where(inside).group_by(*parts, *said)
    for row in register.rows(tasks):
        _count(made[key_of(row)], row)
    late = sa.and_(TASK.c.answer.is_(None), TASK.c.due < today.isoformat())
    for row in register.rows(sa.select(*parts, count).where(inside, late).group_by(*parts)):
        made[key_of(row)].overdue = row.tasks
    days = sa.select(*parts, TASK.c.days, count).where(inside, TASK.c.days.is_not(None))
    for row in register.rows(days.group_by(*parts, TASK.c.days)):
        made[key_of(row)].waited[row.days] = row.tasks
    return {key: made[key] for key in sorted(made, key=lambda key: str(key))}


def _count(figures: Figures, row: sa.Row[Any]) -> None:
    count: int = row.tasks
    figures.sent += count
    if row.answer is None:
        figures.unanswered += count
    elif row.answer in ("refused", "forwarded"):
        setattr(figures, row.answer, getattr(figures, row.answer) + count)
    else:
        figures.accepted += count
    if row.in_time is not None:
        name = "in_time" if row.in_time else "late"
        setattr(figures, name, getattr(figures, name) + count)
    if row.document is not None:
        figures.budgeted += count
    if row.amount is not None:
        figures.amount_idr = (figures.amount_idr or 0) + int(row.amount)
    figures.done += count if row.state in FINISHED else 0
    figures.verified += count if row.state == "verified" else 0


def _days_at(waited: dict[int, int], place: int) -> int:
    """The days of the answer at a place, counted from 0, in the order of days."""
    seen = 0
    for days in sorted(waited):
        seen += waited[days]
        if seen > place:
            return days
    raise IndexError(place)
