"""Reports of everybody: a service that is missing, broken or out of reach, as somebody saw it.

A report is no event.  Nobody has read it yet, and it may say what is nobody else's business, so it
stands beside the log, which keeps all for ever: the kecamatan reads it and makes an item of it in
its own words, or says why not.  Who reports is not asked and not kept; the words are forgotten
`KEPT_FOR` after somebody decided, or `UNREAD_FOR` where nobody did.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Literal, TypeAlias, get_args

import sqlalchemy as sa
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from geo_service import errors
from geo_service.house import accounts, sessions
from geo_service.register import records
from geo_service.register.event_store import Register
from geo_service.register.item_lists import lies_in

Complaint: TypeAlias = Literal["missing", "closed", "broken", "far", "other"]
COMPLAINTS: tuple[str, ...] = get_args(Complaint)
SHORTEST_TEXT, LONGEST_TEXT = 10, 1_000
KEPT_FOR = timedelta(days=90)
UNREAD_FOR = timedelta(days=365)
MOST_OF_ADDRESS = 10
"""Reports from one address within `sessions.TRIED_WITHIN`: a whole desa may share one."""
MOST_WAITING = 200
"""Reports of one kecamatan that nobody has read: more are not taken, by a flood or otherwise."""
MOST_SHOWN = 50
LETTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH_OF_RECEIPT, GROUP = 12, 4
"""Twelve of thirty letters are 58 bits, and are written down without confusion."""

REPORT = sa.Table(
    "report",
    accounts.TABLES,
    sa.Column("id", sa.String(16), primary_key=True),
    sa.Column("receipt", sa.String(64), nullable=False, unique=True),
    sa.Column("kode", sa.String(13), nullable=False),
    sa.Column("layanan", sa.String(200)),
    sa.Column("complaint", sa.String(12), nullable=False),
    sa.Column("text", sa.String(LONGEST_TEXT), nullable=False),
    sa.Column("lon", sa.Float),
    sa.Column("lat", sa.Float),
    sa.Column("moment", sa.String(32), nullable=False),
    sa.Column("decided", sa.String(32)),
    sa.Column("item", sa.String(16)),
    sa.Column("reason", sa.String(records.LONGEST_TEXT)),
    sa.Index("report_by_kode", "kode", "moment"),
)


class ReportedNeed(BaseModel):
    """What somebody reports, of which service, in which desa, and where it was marked (degrees).

    Without a service it is of none of those that the map knows.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    kode: records.Kode
    layanan: records.Line | None = None
    complaint: Complaint
    text: Annotated[str, StringConstraints(min_length=SHORTEST_TEXT, max_length=LONGEST_TEXT)]
    lon: Annotated[float, Field(ge=-180, le=180)] | None = None
    lat: Annotated[float, Field(ge=-90, le=90)] | None = None

    @property
    def place(self) -> tuple[float, float] | None:
        """Longitude and latitude, where both are there."""
        return None if self.lon is None or self.lat is None else (self.lon, self.lat)


@dataclass(frozen=True, slots=True)
class CitizenReport:
    """A report as the register has it.

    Parameters
    ----------
    decided
        When somebody read it and decided; None while it waits.
    item
        Id of the item that it became or belongs to; None where it waits or became none.
    reason
        Why it became none.
    """

    id: str
    need: ReportedNeed
    moment: datetime
    decided: datetime | None
    item: str | None
    reason: str | None


class CitizenReports:
    """The reports of a register."""

    def __init__(self, register: Register) -> None:
        self._register = register

    def add(self, need: ReportedNeed, address: str, moment: datetime) -> str:
        """Keep a report; its receipt, by which who made it sees what becomes of it.

        Raises
        ------
        TooManyRequestsError
            Too many came from this address, or wait in this kecamatan.
        """
        limits = {accounts.hash_of(f"report {address}"): MOST_OF_ADDRESS}
        sessions.count_attempts(self._register, limits, moment)
        receipt = "".join(secrets.choice(LETTERS) for _ in range(LENGTH_OF_RECEIPT))
        row = {
            "id": secrets.token_hex(8),
            "receipt": accounts.hash_of(receipt),
            **need.model_dump(),
            "moment": accounts.text_of(moment),
        }
        kecamatan = need.kode[: len("00.00.00")]
        with self._register.transaction(writes=True) as connection:
            _forget(connection, moment)
            if _count_waiting(connection, kecamatan) >= MOST_WAITING:
                raise errors.TooManyRequestsError(
                    f"{MOST_WAITING} reports of this kecamatan wait to be read."
                )
            connection.execute(sa.insert(REPORT), [row])
        return receipt

    def find(self, receipt: str) -> CitizenReport | None:
        """The report of a receipt, typed with or without spaces; None where there is none."""
        key = accounts.hash_of(clean_receipt(receipt))
        with self._register.transaction() as connection:
            row = connection.execute(sa.select(REPORT).where(REPORT.c.receipt == key)).first()
        return None if row is None else _report(row)

    def waiting(self, person: accounts.Person) -> tuple[list[CitizenReport], int]:
        """The oldest reports that wait to be read in the area of a person, and how many do.

        The kecamatan reads them and the administrator of the kabupaten; for others there are none.
        """
        if person.role not in ("kecamatan", "kabupaten") or person.area is None:
            return [], 0
        query = sa.select(REPORT).where(
            REPORT.c.decided.is_(None), lies_in(REPORT.c.kode, person.area)
        )
        query = query.order_by(REPORT.c.moment, REPORT.c.id).limit(MOST_SHOWN)
        with self._register.transaction() as connection:
            rows = connection.execute(query).all()
            return [_report(row) for row in rows], _count_waiting(connection, person.area)

    def report_for(self, report_id: str, person: accounts.Person) -> CitizenReport:
        """A report that a person decides on.

        Raises
        ------
        UnknownItemError
            There is none in the area of this person, who is of a kecamatan.
        """
        query = sa.select(REPORT).where(REPORT.c.id == report_id)
        with self._register.transaction() as connection:
            row = connection.execute(query).first()
        is_theirs = row is not None and row.kode.startswith(f"{person.area}.")
        if row is None or not is_theirs or person.role != "kecamatan":
            raise errors.UnknownItemError(f"No report {report_id!r} for you to decide on.")
        return _report(row)

    def take_up(
        self,
        report: CitizenReport,
        title: str,
        person: accounts.Person,
        moment: datetime,
        *,
        shows_place: bool = False,
    ) -> records.Item:
        """The item that a report becomes: raised by the kecamatan, in its words.

        Parameters
        ----------
        shows_place
            Whether the place that was marked is shown on the public page of the item.

        Raises
        ------
        StepRefusedError, ValidationError
            The title cannot be one.
        RegisterConflictError
            Somebody decided meanwhile.
        """
        lon, lat = (shows_place and report.need.place) or (None, None)
        raised = records.Raised(
            kode=report.need.kode, layanan=report.need.layanan, title=title, lon=lon, lat=lat
        )

        def decide(connection: sa.Connection, item_id: str) -> None:
            _decide(connection, report, moment, item=item_id)

        return self._register.raise_item(raised, person.actor, moment, decide)[0]

    def join(
        self, report: CitizenReport, item: records.Item, person: accounts.Person, moment: datetime
    ) -> None:
        """Say that a report is about an item that is there; its timeline says that one came.

        Raises
        ------
        UnknownItemError
            The item is of another desa.
        RegisterConflictError
            Somebody decided, or acted on the item, meanwhile.
        """
        if item.kode != report.need.kode or item.merged_into is not None:
            raise errors.UnknownItemError(f"Item {item.id} is not of {report.need.kode}.")
        with self._register.transaction(writes=True) as connection:
            _decide(connection, report, moment, item=item.id)
        day = report.moment.date().isoformat()
        noted = records.Noted(text=f"Laporan warga diterima ({day}) / Report of a citizen ({day})")
        self._register.note([(item.id, (noted,))], person.actor, moment)

    def dismiss(self, report: CitizenReport, reason: str, moment: datetime) -> None:
        """Say why nothing comes of a report.

        Raises
        ------
        StepRefusedError
            No reason is given.
        RegisterConflictError
            Somebody decided meanwhile.
        """
        if not 0 < len(reason) <= records.LONGEST_TEXT:
            raise errors.StepRefusedError("A report that nothing comes of needs a reason.")
        with self._register.transaction(writes=True) as connection:
            _decide(connection, report, moment, reason=reason)


def clean_receipt(text: str) -> str:
    """A receipt as it was given, however somebody types it.

    >>> clean_receipt(" a8p9-p49n pkx2")
    'A8P9P49NPKX2'
    """
    return "".join(letter for letter in text.upper() if letter in LETTERS)


def group_receipt(text: str) -> str:
    """A receipt as it is read aloud and written down.

    >>> group_receipt("A8P9P49NPKX2")
    'A8P9-P49N-PKX2'
    """
    letters = clean_receipt(text)
    return "-".join(letters[at : at + GROUP] for at in range(0, len(letters), GROUP))


def _decide(
    connection: sa.Connection,
    report: CitizenReport,
    moment: datetime,
    item: str | None = None,
    reason: str | None = None,
) -> None:
    waits = sa.and_(REPORT.c.id == report.id, REPORT.c.decided.is_(None))
    change = sa.update(REPORT).where(waits)
    change = change.values(decided=accounts.text_of(moment), item=item, reason=reason)
    if connection.execute(change).rowcount != 1:
        raise errors.RegisterConflictError("Somebody decided on the report meanwhile.")
    _forget(connection, moment)


def _count_waiting(connection: sa.Connection, area: str) -> int:
    count = sa.select(sa.func.count()).select_from(REPORT)
    inside = (REPORT.c.decided.is_(None), lies_in(REPORT.c.kode, area))
    return int(connection.execute(count.where(*inside)).scalar_one())


def _forget(connection: sa.Connection, moment: datetime) -> None:
    """Take away the words and places of what is old, and what nobody read for a year."""
    decided = REPORT.c.decided < accounts.text_of(moment - KEPT_FOR)
    words = sa.update(REPORT).where(decided, REPORT.c.text != "")
    connection.execute(words.values(text="", lon=None, lat=None))
    unread = sa.and_(
        REPORT.c.decided.is_(None), REPORT.c.moment < accounts.text_of(moment - UNREAD_FOR)
    )
    connection.execute(sa.delete(REPORT).where(unread))


def _report(row: sa.Row[tuple[object, ...]]) -> CitizenReport:
    values = row._mapping
    # The words of an old report are forgotten, so that it is not checked again.
    need = ReportedNeed.model_construct(
        **{name: values[name] for name in ReportedNeed.model_fields}
    )
    decided = values["decided"]
    return CitizenReport(
        values["id"],
        need,
        datetime.fromisoformat(values["moment"]),
        None if decided is None else datetime.fromisoformat(decided),
        values["item"],
        values["reason"],
    )
