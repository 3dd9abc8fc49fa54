"""The table of events, within a transaction: read, and added to together with the lists.

Nothing here changes or deletes an event.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from geo_service.register import records, replaying, steps
from geo_service.register.item_lists import LISTS, TABLES, rows_of
from geo_service.register.way import Way

EVENT = sa.Table(
    "event",
    TABLES,
    sa.Column("item", sa.String(16), primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("moment", sa.String(32), nullable=False),
    sa.Column("event", sa.Text, nullable=False),
)
UNPOSTED = sa.Table(
    "unposted",
    TABLES,
    sa.Column("item", sa.String(16), primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("moment", sa.String(32), nullable=False, index=True),
)
"""Events of which nobody was told yet; written together with them (`geo_service/outbox`)."""


def kept_events(connection: sa.Connection, item_id: str) -> list[records.Event]:
    """What happened to an item, in order; nothing of one that is not there."""
    query = sa.select(EVENT.c.event).where(EVENT.c.item == item_id).order_by(EVENT.c.number)
    return [read_event(row.event) for row in connection.execute(query)]


def whole_log(connection: sa.Connection) -> Iterator[records.Event]:
    """Every event, item by item."""
    query = sa.select(EVENT.c.event).order_by(EVENT.c.item, EVENT.c.number)
    for row in connection.execute(query, execution_options={"yield_per": 1000}):
        yield read_event(row.event)


def append_events(
    connection: sa.Connection,
    entries: Sequence[tuple[str, Sequence[records.Content]]],
    said: tuple[records.Actor, datetime],
    way: Way,
) -> list[records.Item]:
    """The items after further events, by whom and when; the lists show them so.

    Raises
    ------
    StepRefusedError
        An event may not follow on those before it.
    """
    actor, moment = said
    query = sa.select(EVENT.c.event).where(EVENT.c.item.in_([entry[0] for entry in entries]))
    kept = defaultdict[str, list[records.Event]](list)
    for row in connection.execute(query.order_by(EVENT.c.item, EVENT.c.number)):
        event = read_event(row.event)
        kept[event.item].append(event)
    rows: list[dict[str, Any]] = []
    for item_id, contents in entries:
        events = kept[item_id]
        for content in contents:
            event = records.Event(
                item=item_id,
                number=len(events) + 1,
                moment=moment.astimezone(UTC),
                actor=actor,
                content=content,
            )
            if events:
                steps.check_event(events, event, way)
            events.append(event)
            rows.append(event_row(event))
    items = [replaying.replay(kept[item_id], way) for item_id, _ in entries]
    if rows:
        connection.execute(sa.insert(EVENT), rows)
        _note_news(connection, rows, kept)
        list_items(connection, items, way)
    return items


def _note_news(
    connection: sa.Connection,
    rows: Sequence[dict[str, Any]],
    logs: dict[str, list[records.Event]],
) -> None:
    """Note which of the new events concern somebody: what people did, and reminders."""
    news = [
        {name: row[name] for name in ("item", "number", "moment")}
        for row in rows
        if _is_news(logs[row["item"]][row["number"] - 1])
    ]
    if news:
        connection.execute(sa.insert(UNPOSTED), news)


def _is_news(event: records.Event) -> bool:
    if isinstance(event.content, records.Raised):
        return event.actor.role != "system" and event.content.subject == "need"
    return isinstance(event.content, records.Stepped | records.Reminded | records.Corrected)


def list_items(connection: sa.Connection, items: Sequence[records.Item], way: Way) -> None:
    """Write what the lists say of these items."""
    made = [rows_of(item, way) for item in items]
    for table, column in LISTS.items():
        ids = [item.id for item in items]
        connection.execute(sa.delete(table).where(column.in_(ids)))
        if rows := [row for each in made for row in each[table]]:
            connection.execute(sa.insert(table), rows)


def read_event(text: str) -> records.Event:
    """An event as it is kept, and as a line of an export."""
    return records.Event.model_validate_json(text)


def event_row(event: records.Event) -> dict[str, Any]:
    """An event as a row of the table."""
    return {
        "item": event.item,
        "number": event.number,
        "moment": event.moment.isoformat(),
        "event": event.model_dump_json(),
    }
