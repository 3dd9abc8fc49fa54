"""Due dates as a calendar that others subscribe to (iCalendar, RFC 5545), below a secret URL.

The token of such a URL is kept as a hash, and ends with the account or contact that it is of.  The
feed is made of the register alone, without a clock: it is the same until something happens.
"""

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Literal, NamedTuple, TypeAlias

import icalendar
import sqlalchemy as sa

from geo_service.house import accounts, boards
from geo_service.outbox import contacts
from geo_service.register.event_store import Register
from geo_service.register.item_lists import ITEM, TASK
from geo_service.register.way import Season, Way

Owner: TypeAlias = tuple[Literal["account", "contact"], str]
"""Of what a calendar is, and its id."""
MOST_DUES = 1_000
"""Entries of a calendar, the latest first to stay; it takes a fifth of a second to write them."""
SHOWN_BEFORE = timedelta(days=365)
"""How long what is overdue stays in the calendar."""
REFRESH = "PT1H"
DOMAIN = "rumah-bersama.invalid"
"""Ends the ids of entries, which stay the same when the server moves."""

CALENDAR_KEY = sa.Table(
    "calendar_key",
    contacts.TABLES,
    sa.Column("token", sa.String(64), primary_key=True),
    sa.Column("account", sa.String(16), index=True),
    sa.Column("contact", sa.String(16), index=True),
    sa.Column("made", sa.String(32), nullable=False),
)


class Due(NamedTuple):
    """What an addressee has to answer or do by a day."""

    id: str
    version: int
    kode: str
    layanan: str | None
    ukuran: str | None
    title: str | None
    changed: str
    jenis: str
    nama: str
    state: str
    due: str

    @property
    def uid(self) -> str:
        """The id of its entry: of item and addressee, whatever becomes of it."""
        digest = hashlib.sha256(f"{self.jenis}/{self.nama}".encode()).hexdigest()[:12]
        return f"{self.id}-{digest}@{DOMAIN}"


@dataclass(frozen=True, slots=True)
class CalendarWords:
    """How a calendar speaks: its name, what an entry is called and says, where an item is seen."""

    name: str
    summarise: Callable[[Due], str]
    describe: Callable[[Due], str]
    link: Callable[[Due], str]
    season: Callable[[Season], tuple[str, str]]


class CalendarKeys:
    """The secret URLs of a register's calendars."""

    def __init__(self, register: Register) -> None:
        self._register = register

    def renew(self, owner: Owner, moment: datetime) -> str:
        """A new token of an owner; the one before opens nothing any more."""
        token = secrets.token_urlsafe(24)
        made = accounts.text_of(moment)
        row = {"token": accounts.hash_of(token), "account": None, "contact": None, "made": made}
        kind, name = owner
        with self._register.transaction(writes=True) as connection:
            connection.execute(sa.delete(CALENDAR_KEY).where(CALENDAR_KEY.c[kind] == name))
            connection.execute(sa.insert(CALENDAR_KEY), [{**row, kind: name}])
        return token

    def end(self, owner: Owner) -> None:
        """Let no URL of an owner open anything any more."""
        kind, name = owner
        with self._register.transaction(writes=True) as connection:
            connection.execute(sa.delete(CALENDAR_KEY).where(CALENDAR_KEY.c[kind] == name))

    def made(self, owner: Owner) -> datetime | None:
        """When the URL of an owner was made; None where there is none."""
        kind, name = owner
        query = sa.select(CALENDAR_KEY.c.made).where(CALENDAR_KEY.c[kind] == name)
        rows = self._register.rows(query)
        return datetime.fromisoformat(rows[0].made) if rows else None

    def person(self, token: str) -> accounts.Person | None:
        """Whose calendar a token opens: somebody with an account, or of the office of a contact.

        None where it is none, or its account is closed or its contact ended.
        """
        account, contact = accounts.ACCOUNT, contacts.CONTACT
        this = CALENDAR_KEY.c.token == accounts.hash_of(token)
        of_account = sa.select(account).join(CALENDAR_KEY, CALENDAR_KEY.c.account == account.c.id)
        for row in self._register.rows(of_account.where(this, account.c.disabled.is_(None))):
            return accounts.person_of(row)
        of_contact = sa.select(contact.c.id)
        of_contact = of_contact.join(CALENDAR_KEY, CALENDAR_KEY.c.contact == contact.c.id)
        for row in self._register.rows(of_contact.where(this, contact.c.ended.is_(None))):
            return contacts.Contacts(self._register).find(row.id).person
        return None


def find_dues(register: Register, person: accounts.Person, today: date) -> list[Due]:
    """What is owed in the area of a person, of an office or desa what they owe, by day."""
    names = ("id", "version", "kode", "layanan", "ukuran", "title", "changed")
    of_task = ("jenis", "nama", "state", "due")
    clauses = [
        boards.scope(person),
        TASK.c.state.in_(boards.owed_states(register.way)),
        TASK.c.due >= (today - SHOWN_BEFORE).isoformat(),
        *boards.own_tasks(person),
    ]
    query = (
        sa.select(*(ITEM.c[name] for name in names), *(TASK.c[name] for name in of_task))
        .join(TASK, TASK.c.item == ITEM.c.id)
        .where(*clauses)
        .order_by(TASK.c.due.desc(), ITEM.c.kode, ITEM.c.id, TASK.c.jenis, TASK.c.nama)
        .limit(MOST_DUES)
    )
    return [Due._make(row) for row in register.rows(query)][::-1]


def write_calendar(dues: list[Due], way: Way, words: CalendarWords, today: date) -> bytes:
    """The calendar: an all-day entry for each due date, and the year of planning about today."""
    calendar = icalendar.Calendar()
    calendar.add("prodid", "-//Dashboard Kecamatan//Rumah Bersama//ID")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("name", words.name)
    calendar.add("x-wr-calname", words.name)
    calendar.add("refresh-interval", timedelta(hours=1), {"VALUE": "DURATION"})
    calendar.add("x-published-ttl", REFRESH)
    for due in dues:
        calendar.add_component(_due_entry(due, words))
    for year in (today.year - 1, today.year, today.year + 1):
        for season in way.calendar:
            calendar.add_component(_season_entry(season, year, words))
    return bytes(calendar.to_ical())


def _due_entry(due: Due, words: CalendarWords) -> icalendar.Event:
    day = date.fromisoformat(due.due)
    changed = datetime.fromisoformat(due.changed).astimezone(UTC).replace(microsecond=0)
    entry = _entry(due.uid, words.summarise(due), day, day + timedelta(days=1), changed)
    entry.add("sequence", due.version)
    entry.add("description", words.describe(due))
    entry.add("url", words.link(due))
    return entry


def _season_entry(season: Season, year: int, words: CalendarWords) -> icalendar.Event:
    """A part of the year of planning, which may end in the next."""
    begin = date(year, season.first_month, 1)
    last = year + (season.last_month < season.first_month)
    end = date(last + season.last_month // 12, season.last_month % 12 + 1, 1)
    title, text = words.season(season)
    moment = datetime(year, 1, 1, tzinfo=UTC)
    entry = _entry(f"{season.id}-{year}@{DOMAIN}", title, begin, end, moment)
    entry.add("sequence", 0)
    entry.add("description", text)
    return entry


def _entry(uid: str, title: str, begin: date, end: date, moment: datetime) -> icalendar.Event:
    """An all-day entry that keeps nobody from being free; ``end`` is the day after the last."""
    entry = icalendar.Event()
    entry.add("uid", uid)
    entry.add("dtstamp", moment)
    entry.add("last-modified", moment)
    entry.add("dtstart", begin)
    entry.add("dtend", end)
    entry.add("summary", title)
    entry.add("transp", "TRANSPARENT")
    return entry
