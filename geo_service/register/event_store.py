"""The register on disk: events that are only ever added, and the list of items that they make.

One file of SQLite by default, PostgreSQL by the same setting.  The table ``event`` is the truth;
what lists and figures ask for (`geo_service.register.item_lists`) can be made again from it
(`Register.check`).
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path
from typing import Any, NamedTuple

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext

from geo_service.errors import RegisterConflictError, RegisterError
from geo_service.register import records, steps
from geo_service.register.item_lists import ITEM, LISTS, TABLES, rows_of
from geo_service.register.way import Way

MIGRATIONS = Path(__file__).with_name("migrations")
WAIT_SECONDS = 30

EVENT = sa.Table(
    "event",
    TABLES,
    sa.Column("item", sa.String(16), primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("moment", sa.String(32), nullable=False),
    sa.Column("event", sa.Text, nullable=False),
)


class Difference(NamedTuple):
    """An item of which the list says something else than its events."""

    item: str
    column: str
    listed: object
    replayed: object


class Register:
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
        self.way = way
        try:
            self._engine = sa.create_engine(url)
        except (sa.exc.ArgumentError, ImportError) as error:
            raise RegisterError(f"GEO_REGISTER: {error}") from error
        if self._engine.dialect.name == "sqlite":
            sa.event.listen(self._engine, "connect", _prepare_sqlite)
            sa.event.listen(self._engine, "begin", _begin)

    @property
    def name(self) -> str:
        """Where it is, without a password."""
        return self._engine.url.render_as_string(hide_password=True)

    @property
    def database(self) -> Path | None:
        """The file of SQLite; None for another database."""
        name = self._engine.url.database
        return Path(name) if self._engine.dialect.name == "sqlite" and name else None

    def migrate(self) -> None:
        """Bring the tables to the newest form; makes them where there are none.

        Where the form changes the lists are made anew of the events.
        """
        with self._transaction(writes=True) as connection:
            before = MigrationContext.configure(connection).get_current_revision()
            config = Config()
            config.set_main_option("script_location", str(MIGRATIONS))
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
            if before not in (None, MigrationContext.configure(connection).get_current_revision()):
                self._make_lists(connection)

    def close(self) -> None:
        """Let go of all connections."""
        self._engine.dispose()

    def begin(
        self, contents: Iterable[records.Content], actor: records.Actor, moment: datetime
    ) -> records.Item:
        """A new item of these first events."""
        item_id = secrets.token_hex(8)
        return self._append(item_id, 0, contents, actor, moment)

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
        return self._append(item.id, item.version, contents, actor, moment)

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
        return records.replay(events, self.way)

    def events(self, item_id: str) -> list[records.Event]:
        """What happened to an item, in order."""
        query = sa.select(EVENT.c.event).where(EVENT.c.item == item_id).order_by(EVENT.c.number)
        with self._transaction() as connection:
            return [read_event(row.event) for row in connection.execute(query)]

    def items(self, area: str | None = None) -> list[records.Item]:
        """All items of a wilayah that are not merged, by code, service and measure."""
        query = sa.select(ITEM.c.id).where(ITEM.c.state != records.MERGED)
        if area is not None:
            inside = ITEM.c.kode.startswith(f"{area}.", autoescape=True)
            query = query.where(sa.or_(ITEM.c.kode == area, inside))
        query = query.order_by(ITEM.c.kode, ITEM.c.layanan, ITEM.c.ukuran, ITEM.c.id)
        events = (
            sa.select(EVENT.c.event)
            .where(EVENT.c.item.in_(query.with_only_columns(ITEM.c.id).order_by(None)))
            .order_by(EVENT.c.item, EVENT.c.number)
        )
        with self._transaction() as connection:
            order = [row.id for row in connection.execute(query)]
            found = [read_event(row.event) for row in connection.execute(events)]
        made = {
            item_id: records.replay(group, self.way)
            for item_id, group in groupby(found, key=lambda event: event.item)
        }
        return [made[item_id] for item_id in order]

    def all_events(self) -> Iterator[records.Event]:
        """The whole log, item by item."""
        with self._transaction() as connection:
            yield from _log(connection)

    def rows(self, query: sa.Select[Any]) -> Sequence[sa.Row[Any]]:
        """What a query says of the lists."""
        with self._transaction() as connection:
            return connection.execute(query).all()

    def load(self, events: Iterable[records.Event]) -> int:
        """Take the events of an export into an empty register; how many there were.

        Raises
        ------
        RegisterError
            The register is not empty, or the events make no items; nothing is taken.
        """
        count = 0
        with self._transaction(writes=True) as connection:
            if connection.execute(sa.select(EVENT.c.item).limit(1)).first() is not None:
                raise RegisterError("The register has items; import into an empty one.")
            ordered = sorted(events, key=lambda event: (event.item, event.number))
            for _, group in groupby(ordered, key=lambda event: event.item):
                listed = list(group)
                connection.execute(sa.insert(EVENT), [_event_row(event) for event in listed])
                self._list_item(connection, records.replay(listed, self.way))
                count += len(listed)
        return count

    def check(self) -> list[Difference]:
        """Where the lists differ from what the log makes of them; none is sound."""
        listed: dict[str, dict[str, object]] = {}
        with self._transaction() as connection:
            for table, column in LISTS.items():
                for row in connection.execute(sa.select(table)):
                    kept = listed.setdefault(row._mapping[column], {})
                    kept.update(_named(table, row._asdict()))
        differences = []
        for item_id, group in groupby(self.all_events(), key=lambda event: event.item):
            made: dict[str, object] = {}
            for table, rows in rows_of(records.replay(group, self.way), self.way).items():
                for values in rows:
                    made.update(_named(table, values))
            kept = listed.pop(item_id, {})
            differences += [
                Difference(item_id, column, kept.get(column), made.get(column))
                for column in made | kept
                if kept.get(column) != made.get(column)
            ]
        return differences + [Difference(item_id, "id", item_id, None) for item_id in listed]

    def _make_lists(self, connection: sa.Connection) -> None:
        for table in LISTS:
            connection.execute(sa.delete(table))
        for _, group in groupby(_log(connection), key=lambda event: event.item):
            self._list_item(connection, records.replay(group, self.way))

    def _append(
        self,
        item_id: str,
        version: int,
        contents: Iterable[records.Content],
        actor: records.Actor,
        moment: datetime,
    ) -> records.Item:
        query = sa.select(EVENT.c.event).where(EVENT.c.item == item_id).order_by(EVENT.c.number)
        conflict = RegisterConflictError(
            f"Somebody else acted on item {item_id} meanwhile. Look at it again, then repeat."
        )
        try:
            with self._transaction(writes=True) as connection:
                events = [read_event(row.event) for row in connection.execute(query)]
                if len(events) != version:
                    raise conflict
                for content in contents:
                    event = records.Event(
                        item=item_id,
                        number=len(events) + 1,
                        moment=moment.astimezone(UTC),
                        actor=actor,
                        content=content,
                    )
                    if events:
                        steps.check_event(events, event, self.way)
                    events.append(event)
                item = records.replay(events, self.way)
                if rows := [_event_row(event) for event in events[version:]]:
                    connection.execute(sa.insert(EVENT), rows)
                    self._list_item(connection, item)
                return item
        except sa.exc.IntegrityError as error:
            raise conflict from error

    def _list_item(self, connection: sa.Connection, item: records.Item) -> None:
        for table, rows in rows_of(item, self.way).items():
            connection.execute(sa.delete(table).where(LISTS[table] == item.id))
            if rows:
                connection.execute(sa.insert(table), rows)

    @contextmanager
    def _transaction(self, *, writes: bool = False) -> Iterator[sa.Connection]:
        try:
            with self._engine.connect() as connection:
                connection = connection.execution_options(writes=writes)
                with connection.begin():
                    yield connection
        except (sa.exc.OperationalError, sa.exc.ProgrammingError) as error:
            raise RegisterError(
                f"The register {self.name} cannot be used: {error.orig}. Where it was never made: "
                "geo-service register init"
            ) from error


def read_event(text: str) -> records.Event:
    """An event as it is kept, and as a line of an export."""
    return records.Event.model_validate_json(text)


def _log(connection: sa.Connection) -> Iterator[records.Event]:
    query = sa.select(EVENT.c.event).order_by(EVENT.c.item, EVENT.c.number)
    for row in connection.execute(query, execution_options={"yield_per": 1000}):
        yield read_event(row.event)


def _named(table: sa.Table, row: Mapping[str, object]) -> dict[str, object]:
    """The values of a row of a list by a name that tells the rows of one item apart."""
    if table is ITEM:
        return dict(row)
    return {f"{row['jenis']} {row['nama']}: {name}": value for name, value in row.items()}


def _event_row(event: records.Event) -> dict[str, Any]:
    return {
        "item": event.item,
        "number": event.number,
        "moment": event.moment.isoformat(),
        "event": event.model_dump_json(),
    }


def _prepare_sqlite(connection: Any, _: object) -> None:
    # The driver begins no transaction of its own: `_begin` does.
    connection.isolation_level = None
    cursor = connection.cursor()
    for setting in ("journal_mode=WAL", "synchronous=FULL", f"busy_timeout={WAIT_SECONDS * 1000}"):
        cursor.execute(f"PRAGMA {setting}")
    cursor.close()


def _begin(connection: sa.Connection) -> None:
    # Who will write takes its turn at once; else two who both read first could never go on.
    writes = connection.get_execution_options().get("writes")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
