"""A meeting of the kecamatan: what is on its agenda, and what was entered on its day."""

from dataclasses import dataclass
from datetime import UTC, date, datetime

import sqlalchemy as sa

from geo_service.house import boards
from geo_service.house.accounts import Person
from geo_service.register import event_store, records, replaying
from geo_service.register.item_lists import ITEM, WIB, day_of
from geo_service.register.way import DRAFT

MOST_ROWS = 40
"""Items of one part of the agenda; a meeting goes through no more."""
MOST_CHANGED = 300


@dataclass(frozen=True, slots=True)
class Minute:
    """What people entered of one item on the day of a meeting, in order."""

    item: records.Item
    events: tuple[records.Event, ...]


@dataclass(frozen=True, slots=True)
class AgendaPart:
    """One part of an agenda: the first of its rows, and how many there are."""

    name: str
    rows: list[boards.BoardRow]
    total: int


def list_agenda(
    register: event_store.Register, person: Person, area: str, today: date
) -> list[AgendaPart]:
    """What is late, what came back to the kecamatan, and what was never sent; nothing twice."""
    selections = {
        "late": boards.BoardFilter(area, is_overdue=True),
        "back": boards.BoardFilter(area, waits=True),
        "draft": boards.BoardFilter(area, state=DRAFT),
    }
    parts, seen = [], set[str]()
    for name, selection in selections.items():
        rows, total = boards.find_rows(register, person, selection, today, MOST_ROWS)
        fresh = [row for row in rows if row.id not in seen]
        seen.update(row.id for row in rows)
        parts.append(AgendaPart(name, fresh, total - (len(rows) - len(fresh))))
    return parts


def list_minutes(
    register: event_store.Register, person: Person, area: str, day: date
) -> list[Minute]:
    """What people entered on a day in a wilayah, item by item; at most `MOST_CHANGED` items."""
    begin = datetime.combine(day, datetime.min.time(), WIB).astimezone(UTC)
    # Moments are kept as texts: the day in which it begins elsewhere is before all of them.
    changed = ITEM.c.changed >= begin.date().isoformat()
    query = sa.select(ITEM.c.id).where(boards.scope(person), boards.inside(area), changed)
    query = query.order_by(ITEM.c.kode, ITEM.c.layanan, ITEM.c.id).limit(MOST_CHANGED)
    minutes = []
    for row in register.rows(query):
        events = register.events(row.id)
        counting = replaying.counting_events(events)
        of_day = tuple(
            event
            for event in counting
            if day_of(event.moment) == day and event.actor.role != "system"
        )
        if of_day:
            minutes.append(Minute(replaying.replay(events, register.way), of_day))
    return minutes
