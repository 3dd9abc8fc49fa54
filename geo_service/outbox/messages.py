"""The outbox: messages, each to one contact of one event or week, until they were handed over.

A deliverer takes a message for `LEASE`; another takes it only after that.  Before a server may have
taken a mail this is written down: of one that was given up between (a kill, a power cut) nobody
knows whether it went out, and it is not sent a second time by itself.
"""

import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from geo_service.errors import DeliveryError, RegisterConflictError, RegisterError
from geo_service.house.accounts import text_of
from geo_service.outbox import contacts, mail
from geo_service.register.event_store import Register

WAITING, HELD, SENDING, SENT, DEAD, UNCLEAR = STATES = (
    *("waiting", "held", "sending", "sent", "dead", "unclear"),
)
"""Of a message: to be handed over, by a deliverer, in its hands without an answer; the ends."""
LEASE = timedelta(minutes=10)
WAITS = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 240, 720, 1440, 1440))
"""After each try in vain; after the last of three days a message is given up."""
INTERRUPTED = "the program ended while it handed the mail over; ask whether it came"

MESSAGE = sa.Table(
    "message",
    contacts.TABLES,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("contact", sa.String(16), nullable=False),
    sa.Column("kind", sa.String(80), nullable=False),
    sa.Column("item", sa.String(16)),
    sa.Column("number", sa.Integer),
    sa.Column("subject", sa.Text, nullable=False),
    sa.Column("body", sa.Text, nullable=False),
    sa.Column("made", sa.String(32), nullable=False),
    sa.Column("state", sa.String(10), nullable=False),
    sa.Column("due", sa.String(32), nullable=False),
    sa.Column("tries", sa.Integer, nullable=False),
    sa.Column("holder", sa.String(32)),
    sa.Column("ended", sa.String(32)),
    sa.Column("reason", sa.String(contacts.LONGEST_REASON)),
    sa.Index("message_by_state", "state", "due"),
    sa.Index("message_by_contact", "contact", "made"),
)


class Draft(NamedTuple):
    """A message before it is in the outbox; its id follows from what it is about and to whom."""

    id: str
    contact: str
    kind: str
    item: str | None
    number: int | None
    subject: str
    body: str


@dataclass(frozen=True, slots=True)
class Parcel:
    """A message in the hands of a deliverer, and where it goes."""

    id: str
    holder: str
    tries: int
    subject: str
    body: str
    made: datetime
    contact: contacts.Contact


class MessageCount(NamedTuple):
    """How many messages of a contact were sent, wait, or were given up."""

    sent: int
    waiting: int
    failed: int


class MessageLine(NamedTuple):
    """A message as a list of the outbox shows it."""

    id: str
    kind: str
    state: str
    tries: int
    due: str
    reason: str | None
    role: str
    area: str
    office: str | None
    channel: str
    address: str
    subject: str


def put(connection: sa.Connection, drafts: Sequence[Draft], moment: datetime) -> int:
    """Put messages into the outbox, within a transaction; how many were not there already."""
    if not drafts:
        return 0
    now = text_of(moment)
    fixed = {"made": now, "state": WAITING, "due": now, "tries": 0}
    rows = [{**draft._asdict(), **fixed} for draft in drafts]
    dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
    new = 0
    for row in rows:
        statement = dialect.insert(MESSAGE).values(row).on_conflict_do_nothing()
        new += len(connection.execute(statement.returning(MESSAGE.c.id)).all())
    return new


class Outbox:
    """The messages of a register."""

    def __init__(self, register: Register) -> None:
        self._register = register

    def settle(self, moment: datetime) -> None:
        """Give up what was lost in the hands of a deliverer, or whose contact has ended."""
        now = text_of(moment)
        lost = sa.and_(MESSAGE.c.state == SENDING, MESSAGE.c.due <= now)
        ended = sa.select(contacts.CONTACT.c.id).where(contacts.CONTACT.c.ended.is_not(None))
        orphans = sa.and_(MESSAGE.c.state == WAITING, MESSAGE.c.contact.in_(ended))
        with self._register.transaction(writes=True) as connection:
            for clause, state, reason in (
                (lost, UNCLEAR, INTERRUPTED),
                (orphans, DEAD, "the contact has ended"),
            ):
                change = {"state": state, "reason": reason, "ended": now, "holder": None}
                connection.execute(sa.update(MESSAGE).where(clause).values(change))

    def take(
        self, moment: datetime, channels: Collection[str], passed: Collection[str]
    ) -> Parcel | None:
        """The next message that is due, for `LEASE`; None where there is none.

        Parameters
        ----------
        channels
            By which messages can go out.
        passed
            Ids of contacts for which nothing is tried in this round any more.
        """
        now = text_of(moment)
        query = (
            sa.select(MESSAGE, contacts.CONTACT)
            .join(contacts.CONTACT, contacts.CONTACT.c.id == MESSAGE.c.contact)
            .where(
                MESSAGE.c.state.in_((WAITING, HELD)),
                MESSAGE.c.due <= now,
                contacts.CONTACT.c.ended.is_(None),
                contacts.CONTACT.c.channel.in_(channels),
                contacts.CONTACT.c.id.not_in(passed),
            )
            .order_by(MESSAGE.c.due, MESSAGE.c.made, MESSAGE.c.id)
            .limit(1)
            .with_for_update(skip_locked=True, of=MESSAGE)
        )
        holder = secrets.token_hex(16)
        with self._register.transaction(writes=True) as connection:
            row = connection.execute(query).mappings().first()
            if row is None:
                return None
            tries = row[MESSAGE.c.tries] + 1
            change = {
                "state": HELD,
                "due": text_of(moment + LEASE),
                "tries": tries,
                "holder": holder,
            }
            this = MESSAGE.c.id == row[MESSAGE.c.id]
            connection.execute(sa.update(MESSAGE).where(this).values(change))
        return Parcel(
            row[MESSAGE.c.id],
            holder,
            tries,
            row[MESSAGE.c.subject],
            row[MESSAGE.c.body],
            datetime.fromisoformat(row[MESSAGE.c.made]),
            contacts.Contact(*(row[column] for column in contacts.COLUMNS)),
        )

    def begin(self, parcel: Parcel, moment: datetime) -> None:
        """Write down that the server may have the mail from now on.

        Raises
        ------
        RegisterConflictError
            Another deliverer has taken it: this one held it for too long.
        """
        values = {"state": SENDING, "due": text_of(moment + LEASE)}
        if not self._change(parcel, (HELD,), values):
            raise RegisterConflictError("Another deliverer has taken the message.")

    def mark_sent(self, parcel: Parcel, moment: datetime) -> None:
        """Write down that the server or endpoint has it."""
        values = {"state": SENT, "ended": text_of(moment), "holder": None, "reason": None}
        self._change(parcel, (HELD, SENDING), values)

    def mark_failed(self, parcel: Parcel, error: DeliveryError, moment: datetime) -> str:
        """Write down that it was tried in vain, and when next; the state that follows."""
        reason = mail.one_line(str(error), contacts.LONGEST_REASON)
        is_over = error.is_final or parcel.tries > len(WAITS)
        values: dict[str, Any] = {"state": DEAD, "ended": text_of(moment)}
        if not is_over:
            due = moment + WAITS[parcel.tries - 1]
            values = {"state": WAITING, "due": text_of(due)}
        self._change(parcel, (HELD, SENDING), {**values, "holder": None, "reason": reason})
        return str(values["state"])

    def send_again(self, message_id: str, moment: datetime) -> None:
        """Let a message wait anew that was given up, or of which it is not clear whether it came.

        Raises
        ------
        RegisterError
            There is none of this id that has ended so.
        """
        values = {"state": WAITING, "due": text_of(moment), "tries": 0, "ended": None}
        clause = sa.and_(MESSAGE.c.id == message_id, MESSAGE.c.state.in_((DEAD, UNCLEAR)))
        with self._register.transaction(writes=True) as connection:
            change = sa.update(MESSAGE).where(clause).values(values)
            if connection.execute(change).rowcount != 1:
                raise RegisterError(
                    f"No message {message_id!r} that is dead or unclear: "
                    "geo-service register deliver --status"
                )

    def known_ids(self, kind: str, since: datetime) -> set[str]:
        """Ids of the messages of a kind that were made since a moment."""
        query = sa.select(MESSAGE.c.id).where(
            MESSAGE.c.kind == kind, MESSAGE.c.made >= text_of(since)
        )
        return {row.id for row in self._register.rows(query)}

    def counts(self) -> dict[str, int]:
        """How many messages there are of each state."""
        query = sa.select(MESSAGE.c.state, sa.func.count().label("messages"))
        counted = self._register.rows(query.group_by(MESSAGE.c.state))
        rows = {row.state: int(row.messages) for row in counted}
        return {state: rows.get(state, 0) for state in STATES}

    def tallies(self, contact_ids: Sequence[str]) -> dict[str, MessageCount]:
        """For each contact how many messages were sent, wait or failed."""
        query = (
            sa.select(MESSAGE.c.contact, MESSAGE.c.state, sa.func.count().label("messages"))
            .where(MESSAGE.c.contact.in_(contact_ids))
            .group_by(MESSAGE.c.contact, MESSAGE.c.state)
        )
        counts = {(row.contact, row.state): row.messages for row in self._register.rows(query)}
        groups = ((SENT,), (WAITING, HELD, SENDING), (DEAD, UNCLEAR))
        return {
            name: MessageCount(
                *(sum(counts.get((name, state), 0) for state in group) for group in groups)
            )
            for name in contact_ids
        }

    def find_lines(self, states: Sequence[str], limit: int) -> list[MessageLine]:
        """Messages of some states, the oldest first."""
        of_message = ("id", "kind", "state", "tries", "due", "reason")
        of_contact = ("role", "area", "office", "channel", "address")
        query = (
            sa.select(
                *(MESSAGE.c[name] for name in of_message),
                *(contacts.CONTACT.c[name] for name in of_contact),
                MESSAGE.c.subject,
            )
            .join(contacts.CONTACT, contacts.CONTACT.c.id == MESSAGE.c.contact)
            .where(MESSAGE.c.state.in_(states))
            .order_by(MESSAGE.c.made, MESSAGE.c.id)
            .limit(limit)
        )
        return [MessageLine._make(row) for row in self._register.rows(query)]

    def _change(self, parcel: Parcel, states: tuple[str, ...], values: dict[str, Any]) -> bool:
        """Whether the message was still this deliverer's, and is changed."""
        clause = sa.and_(
            MESSAGE.c.id == parcel.id,
            MESSAGE.c.holder == parcel.holder,
            MESSAGE.c.state.in_(states),
        )
        with self._register.transaction(writes=True) as connection:
            return connection.execute(sa.update(MESSAGE).where(clause).values(values)).rowcount == 1
