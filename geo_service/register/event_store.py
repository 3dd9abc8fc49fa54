"""The register on disk: events that are only ever added, and the list of items that they make.

One file of SQLite by default, PostgreSQL by the same setting.  The table ``event`` is the truth;
what lists and figures ask for (`geo_service.register.item_lists`) can be made again from it
(`Register.check`).
"""

import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import groupby, islice
from typing import Any, NamedTuple

import sqlalchemy as sa

from geo_service.errors import RegisterConflictError, RegisterError
from geo_service.register import database, event_log, records, replaying, steps
from geo_service.register.item_lists import ITEM, LISTS, lies_in, rows_of
from geo_service.register.way import Way

NOTE_TRIES = 20
NOTED_AT_ONCE = 500


class Difference(NamedTuple):
    """An item of which the list says something else than its events."""

    item: str
    column: str
    listed: object
    replayed: object


class Register(database.RegisterDatabase):
    """The items and events of one database.

    Parameters
    ----------
    url
        ``sqlite:///register.db`` or ``postgresql+psycopg://…``.

    Raises
    ------
    RegisterError
        The database cannot be reached.
    """

    def __init__(self, url: str, way: Way) -> None:
        super().__init__(url)
        self.way = way

    def migrate(self) -> None:
        """Bring the tables to the newest form; makes them where there are none.

        Where the form changes the lists are made anew of the events.
        """
        with self.transaction(writes=True) as connection:
            if database.upgrade_tables(connection):
                self._make_lists(connection)

    def begin(
        self, contents: Iterable[records.Content], actor: records.Actor, moment: datetime
    ) -> records.Item:
        """A new item of these first events."""
        item_id = secrets.token_hex(8)
        with self.transaction(writes=True) as connection:
            return self._append(connection, item_id, 0, contents, actor, moment)

    def raise_item(
        self,
        raised: records.Raised,
        actor: records.Actor,
        moment: datetime,
        beside: Callable[[sa.Connection, str], None] | None = None,
    ) -> tuple[records.Item, bool]:
        """The item of a proposal, and whether it is new: an equal one is not doubled.

        Parameters
        ----------
        beside
            What else is written with it, given the id of the item: both or neither.

        Raises
        ------
        StepRefusedError
            It is not this person's to raise, or says not what it is about.
        """
        steps.check_raise(raised, actor)
        with self.transaction(writes=True) as connection:
            item = self._equal_item(connection, raised)
            is_new = item is None
            if item is None:
                item_id = secrets.token_hex(8)
                item = self._append(connection, item_id, 0, (raised,), actor, moment)
            if beside is not None:
                beside(connection, item.id)
            return item, is_new

    def _equal_item(self, connection: sa.Connection, raised: records.Raised) -> records.Item | None:
        """The item that a proposal says again, or into which that one was merged."""
        query = sa.select(ITEM.c.id).where(ITEM.c.kode == raised.kode)
        query = query.where(ITEM.c.layanan.is_not_distinct_from(raised.layanan))
        for row in connection.execute(query.order_by(ITEM.c.id)).all():
            item = replaying.replay(event_log.kept_events(connection, row.id), self.way)
            if item.raised.identity(item.kode) == raised.identity(raised.kode):
                while item.merged_into is not None:
                    kept = event_log.kept_events(connection, item.merged_into)
                    item = replaying.replay(kept, self.way)
                return item
        return None

    def add(
        self,
        item: records.Item,
        contents: Iterable[records.Content],
        actor: records.Actor,
        moment: datetime,
    ) -> records.Item:
        """The item after further events, which nobody else made first.

        Raises
        ------
        StepRefusedError
            A step, merge or correction is not possible, or not for this person; each is seen after
            those before it, and nothing is written.
        RegisterConflictError
            Somebody else acted on the item since it was read: nothing is written.
        """
        with self.transaction(writes=True) as connection:
            return self._append(connection, item.id, item.version, contents, actor, moment)

    def item(self, item_id: str) -> records.Item:
        """The item of this id, made from its events.

        Raises
        ------
        RegisterError
            There is none.
        """
        events = self.events(item_id)
        if not events:
            raise RegisterError(f"No item {item_id!r} in the register.")
        return replaying.replay(events, self.way)

    def events(self, item_id: str) -> list[records.Event]:
        """What happened to an item, in order."""
        with self.transaction() as connection:
            return event_log.kept_events(connection, item_id)

    def items(self, area: str | None = None) -> list[records.Item]:
        """All items of a wilayah that are not merged, by code, service and measure."""
        inside = (ITEM.c.state != records.MERGED, lies_in(ITEM.c.kode, area))
        order = (ITEM.c.kode, ITEM.c.layanan, ITEM.c.ukuran, ITEM.c.id)
        query = sa.select(ITEM.c.id).where(*inside).order_by(*order)
        events = (
            sa.select(event_log.EVENT.c.event)
            .join(ITEM, ITEM.c.id == event_log.EVENT.c.item)
            .where(*inside)
            .order_by(event_log.EVENT.c.item, event_log.EVENT.c.number)
        )
        with self.transaction() as connection:
            ordered = [row.id for row in connection.execute(query)]
            found = [event_log.read_event(row.event) for row in connection.execute(events)]
        made = {
            item_id: replaying.replay(group, self.way)
            for item_id, group in groupby(found, key=lambda event: event.item)
        }
        return [made[item_id] for item_id in ordered]

    def each_item(self) -> Iterator[records.Item]:
        """Every item, also merged ones and evaluations, one after the other by id."""
        for _, group in groupby(self.all_events(), key=lambda event: event.item):
            yield replaying.replay(group, self.way)

    def all_events(self) -> Iterator[records.Event]:
        """The whole log, item by item."""
        with self.transaction() as connection:
            yield from event_log.whole_log(connection)

    def rows(self, query: sa.Select[Any]) -> Sequence[sa.Row[Any]]:
        """What a query says of the lists."""
        with self.transaction() as connection:
            return connection.execute(query).all()

    def load(self, events: Iterable[records.Event]) -> int:
        """Take the events of an export into an empty register; how many there were.

        Raises
        ------
        RegisterError
            The register is not empty, or the events make no items; nothing is taken.
        """
        count = 0
        with self.transaction(writes=True) as connection:
            if connection.execute(sa.select(event_log.EVENT.c.item).limit(1)).first() is not None:
                raise RegisterError("The register has items; import into an empty one.")
            ordered = sorted(events, key=lambda event: (event.item, event.number))
            for _, group in groupby(ordered, key=lambda event: event.item):
                listed = list(group)
                connection.execute(
                    sa.insert(event_log.EVENT), [event_log.event_row(event) for event in listed]
                )
                event_log.list_items(connection, [replaying.replay(listed, self.way)], self.way)
                count += len(listed)
        return count

    def check(self) -> list[Difference]:
        """Where the lists differ from what the log makes of them; none is sound."""
        listed: dict[str, dict[str, object]] = {}
        with self.transaction() as connection:
            for table, column in LISTS.items():
                for row in connection.execute(sa.select(table)):
                    kept = listed.setdefault(row._mapping[column], {})
                    kept.update(_named(table, row._asdict()))
        differences = []
        for item in self.each_item():
            made: dict[str, object] = {}
            for table, rows in rows_of(item, self.way).items():
                for values in rows:
                    made.update(_named(table, values))
            kept = listed.pop(item.id, {})
            differences += [
                Difference(item.id, column, kept.get(column), made.get(column))
                for column in made | kept
                if kept.get(column) != made.get(column)
            ]
        return differences + [Difference(item_id, "id", item_id, None) for item_id in listed]

    def _make_lists(self, connection: sa.Connection) -> None:
        for table in LISTS:
            connection.execute(sa.delete(table))
        for _, group in groupby(event_log.whole_log(connection), key=lambda event: event.item):
            event_log.list_items(connection, [replaying.replay(group, self.way)], self.way)

    def begin_or_add(
        self,
        item_id: str,
        raised: records.Raised,
        contents: Iterable[records.Content],
        actor: records.Actor,
        moment: datetime,
    ) -> records.Item:
        """The item of a known id after further events; it begins with ``raised`` if need be.

        Raises
        ------
        StepRefusedError
            An event is not possible, or not for this person; nothing is written.
        """
        steps.check_raise(raised, actor)
        with self.transaction(writes=True) as connection:
            begin = () if event_log.kept_events(connection, item_id) else (raised,)
            return self._append(connection, item_id, None, (*begin, *contents), actor, moment)

    def note(
        self,
        entries: Iterable[tuple[str, Sequence[records.Content]]],
        actor: records.Actor,
        moment: datetime,
    ) -> None:
        """Add events that hold whatever others did meanwhile, as what the data say, by item.

        Some hundred items are written at once, all or none of them.

        Raises
        ------
        StepRefusedError
            An event is not possible, or not for this actor.
        """
        left = iter(entries)
        while part := list(islice(left, NOTED_AT_ONCE)):
            for attempt in range(1, NOTE_TRIES + 1):
                try:
                    with self.transaction(writes=True) as connection:
                        event_log.append_events(connection, part, (actor, moment), self.way)
                except RegisterConflictError:
                    if attempt == NOTE_TRIES:
                        raise
                else:
                    break

    def merge(
        self,
        item: records.Item,
        into: records.Item,
        reason: str,
        actor: records.Actor,
        moment: datetime,
    ) -> records.Item:
        """The item into which another one was merged, with the tasks of both.

        Raises
        ------
        StepRefusedError
            One of them is merged already, or they are not this person's to merge.
        RegisterConflictError
            Somebody else acted on one of them since it was read: nothing is written.
        """
        codes = (item.kode, *item.former) if item.kode != into.kode else item.former
        absorbed = records.Absorbed(
            item=item.id, codes=codes, tasks=item.tasks, reminders=item.reminders
        )
        with self.transaction(writes=True) as connection:
            merged = records.Merged(into=into.id, reason=reason)
            self._append(connection, item.id, item.version, (merged,), actor, moment)
            return self._append(connection, into.id, into.version, (absorbed,), actor, moment)

    def correct(
        self,
        item: records.Item,
        number: int,
        reason: str,
        actor: records.Actor,
        moment: datetime,
    ) -> records.Item:
        """The item without one of its events; of a merge the other item gives back what it took.

        Raises
        ------
        StepRefusedError
            No person made the event, it does not count, or a later one rests on it.
        RegisterConflictError
            Somebody else acted on the item since it was read: nothing is written.
        """
        wrong = [event for event in self.events(item.id) if event.number == number]
        with self.transaction(writes=True) as connection:
            contents = (records.Corrected(number=number, reason=reason),)
            after = self._append(connection, item.id, item.version, contents, actor, moment)
            for event in wrong:
                if isinstance(event.content, records.Merged):
                    into = event.content.into
                    taken = _absorbed(event_log.kept_events(connection, into), item.id)
                    contents = (records.Corrected(number=taken, reason=reason),)
                    self._append(connection, into, None, contents, actor, moment)
            return after

    def _append(
        self,
        connection: sa.Connection,
        item_id: str,
        version: int | None,
        contents: Iterable[records.Content],
        actor: records.Actor,
        moment: datetime,
    ) -> records.Item:
        if version not in (None, len(event_log.kept_events(connection, item_id))):
            raise RegisterConflictError(database.CONFLICT)
        (item,) = event_log.append_events(
            connection, [(item_id, tuple(contents))], (actor, moment), self.way
        )
        return item


def _named(table: sa.Table, row: Mapping[str, object]) -> dict[str, object]:
    """The values of a row of a list by a name that tells the rows of one item apart."""
    if table is ITEM:
        return dict(row)
    about = f"{row['jenis']} {row['nama']}" + (f" {row['event']}" if "event" in row else "")
    return {f"{about}: {name}": value for name, value in row.items()}


def _absorbed(events: list[records.Event], item_id: str) -> int:
    """Number of the event by which an item was taken in."""
    return max(
        event.number
        for event in replaying.counting_events(events)
        if isinstance(event.content, records.Absorbed) and event.content.item == item_id
    )
