"""What is not answered reminds by itself and then rises: each level once for one due date."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import NamedTuple

import sqlalchemy as sa

from geo_service.register import records
from geo_service.register.event_store import Register
from geo_service.register.item_lists import TASK, day_of, lies_in
from geo_service.register.way import Way

SYSTEM = records.Actor(role="system", name="remind")


class Sent(NamedTuple):
    """A reminder that went out, and the item that it is about."""

    item: records.Item
    reminder: records.Reminded


def remind(register: Register, moment: datetime, area: str | None = None) -> list[Sent]:
    """The reminders that are due today and were not yet made; each is an event of its item.

    On one day, or for one due date, a second call makes none.  A level is told only when the one
    before it was, and the days between the two have passed since: nobody is told of what the
    addressee was never reminded of.
    """
    today = day_of(moment)
    sent = []
    for item_id in find_late(register, today, area):
        item = register.item(item_id)
        due = tuple(_due_reminders(item, today, register.way))
        register.note([(item_id, due)], SYSTEM, moment)
        sent += [Sent(item, reminder) for reminder in due]
    return sent


def find_late(register: Register, today: date, area: str | None) -> list[str]:
    """Ids of items with an unanswered task whose due date is past."""
    query = sa.select(TASK.c.item).where(
        TASK.c.due < today.isoformat(),
        TASK.c.state.in_(register.way.waiting),
        lies_in(TASK.c.kode, area),
    )
    return [row.item for row in register.rows(query.distinct().order_by(TASK.c.item))]


def _due_reminders(item: records.Item, today: date, way: Way) -> Iterator[records.Reminded]:
    """For each unanswered task at most one: the first level that was not told yet."""
    for task in item.tasks:
        if item.merged_into is not None or task.state not in way.waiting or task.due is None:
            continue
        told = {
            reminder.level: day
            for reminder, day in item.reminders
            if reminder.task == task.addressee and reminder.due == task.due
        }
        earliest = task.due
        days_before = 0
        for level in way.reminders:
            earliest += timedelta(days=level.days - days_before)
            days_before = level.days
            if level.id not in told:
                if earliest <= today:
                    yield records.Reminded(task=task.addressee, due=task.due, level=level.id)
                break
            earliest = max(earliest, told[level.id])
