"""What lists and figures ask for: rows of an item, of each addressee with a task in it, of letters.

All are made from the events of an item and can be made again at any time; figures of a country
are groups of the indexes of ``task``, which hold all that is counted.
"""

from collections.abc import Mapping
from datetime import date, datetime, timedelta, timezone
from typing import Any, TypeAlias

import sqlalchemy as sa

from geo_service.register.records import MERGED, Assignment, Item, SentLetter
from geo_service.register.way import DRAFT, Way

Row: TypeAlias = dict[str, Any]
LAST_CODES = ".99.99.9999"
WIB = timezone(timedelta(hours=7))
"""Days end when they end in western Indonesia, where they end last: nobody is late before."""
REFUSALS = ("refused", "forwarded")

TABLES = sa.MetaData()
ITEM = sa.Table(
    "item",
    TABLES,
    sa.Column("id", sa.String(16), primary_key=True),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("kode", sa.String(13), nullable=False),
    sa.Column("layanan", sa.String(200)),
    sa.Column("ukuran", sa.String(200)),
    sa.Column("state", sa.String(20), nullable=False),
    sa.Column("due", sa.String(10)),
    sa.Column("met_tahun", sa.Integer),
    sa.Column("title", sa.String(200)),
    sa.Column("lon", sa.Float),
    sa.Column("lat", sa.Float),
    sa.Column("changed", sa.String(32)),
    sa.Column("for_jenis", sa.String(10)),
    sa.Column("for_nama", sa.String(200)),
    sa.Index("item_by_place", "kode", "layanan", "ukuran"),
    sa.Index("item_by_state", "state", "due"),
)
TASK = sa.Table(
    "task",
    TABLES,
    sa.Column("item", sa.String(16), primary_key=True),
    sa.Column("jenis", sa.String(10), primary_key=True),
    sa.Column("nama", sa.String(200), primary_key=True),
    sa.Column("provinsi", sa.String(2), nullable=False),
    sa.Column("kode", sa.String(13), nullable=False),
    sa.Column("layanan", sa.String(200)),
    sa.Column("state", sa.String(20), nullable=False),
    sa.Column("sent", sa.String(32)),
    sa.Column("due", sa.String(10)),
    sa.Column("answered", sa.String(32)),
    sa.Column("answer", sa.String(20)),
    sa.Column("in_time", sa.Boolean),
    sa.Column("days", sa.Integer),
    sa.Column("reason", sa.Text),
    sa.Column("document", sa.String(10)),
    sa.Column("tahun", sa.Integer),
    sa.Column("amount_idr", sa.BigInteger),
    sa.Index("task_by_place", "kode"),
    sa.Index("task_by_addressee", "jenis", "nama", "kode"),
    sa.Index("task_by_answer", "provinsi", "answer", "in_time", "state", "document", "amount_idr"),
    sa.Index("task_by_days", "provinsi", "days"),
    sa.Index(
        "task_waiting",
        *("provinsi", "due"),
        sqlite_where=sa.text("answer IS NULL"),
        postgresql_where=sa.text("answer IS NULL"),
    ),
)
LETTER = sa.Table(
    "letter",
    TABLES,
    sa.Column("item", sa.String(16), primary_key=True),
    sa.Column("event", sa.Integer, primary_key=True),
    sa.Column("letter", sa.String(16), nullable=False),
    sa.Column("kode", sa.String(13), nullable=False),
    sa.Column("number", sa.String(200), nullable=False),
    sa.Column("jenis", sa.String(10), nullable=False),
    sa.Column("nama", sa.String(200), nullable=False),
    sa.Column("sent", sa.String(32), nullable=False),
    sa.Index("letter_by_id", "letter"),
    sa.Index("letter_by_place", "kode", "sent"),
)
LISTS = {ITEM: ITEM.c.id, TASK: TASK.c.item, LETTER: LETTER.c.item}
"""Each list, and its column with the id of the item."""


def day_of(moment: datetime) -> date:
    """The day of a moment, by which a due date is kept or missed."""
    return moment.astimezone(WIB).date()


def lies_in(column: sa.ColumnElement[str], area: str | None) -> sa.ColumnElement[bool]:
    """Whether a code is that of a wilayah or lies in it; None is the whole register."""
    if area is None:
        return sa.true()
    # Unlike LIKE a range is looked up in an index of either database, in any collation.
    within = column.between(area, area + LAST_CODES[len(area) - 2 :])
    return sa.and_(within, sa.func.substr(column, 1, len(area) + 1).in_((area, f"{area}.")))


def is_public() -> sa.ColumnElement[bool]:
    """Whether everybody may see a row of ``item``: not what is merged, or a proposal never sent."""
    is_sent = sa.or_(ITEM.c.title.is_(None), ITEM.c.state != DRAFT)
    return sa.and_(ITEM.c.state != MERGED, is_sent)


def is_never_sent(item: Item) -> bool:
    """Whether an item is a proposal that nobody sent yet: its words may change still."""
    return item.raised.title is not None and not item.tasks


def rows_of(item: Item, way: Way) -> Mapping[sa.Table, list[Row]]:
    """The rows of an item in each list; an item that is merged has no tasks any more.

    The evaluation of a budget is on no list.
    """
    if item.raised.subject == "apbdes":
        return {ITEM: [], TASK: [], LETTER: []}
    tasks = () if item.merged_into is not None else item.tasks
    return {
        ITEM: [_item_row(item, way)],
        TASK: [_task_row(item, task) for task in tasks],
        LETTER: [_letter_row(item, letter) for letter in item.letters],
    }


def _letter_row(item: Item, letter: SentLetter) -> Row:
    return {
        "item": item.id,
        "event": letter.event,
        "letter": letter.id,
        "kode": item.kode,
        "number": letter.number,
        "jenis": letter.addressee.jenis,
        "nama": letter.addressee.nama,
        "sent": letter.moment.isoformat(),
    }


def _item_row(item: Item, way: Way) -> Row:
    return {
        "id": item.id,
        "version": item.version,
        "kode": item.kode,
        "layanan": item.raised.layanan,
        "ukuran": item.raised.ukuran,
        "state": item.state(way),
        "due": _iso(item.due(way)),
        "met_tahun": item.met_tahun,
        "title": item.raised.title,
        "lon": item.raised.lon,
        "lat": item.raised.lat,
        "changed": _iso(item.changed),
        "for_jenis": None if item.evidence is None else item.evidence.addressee.jenis,
        "for_nama": None if item.evidence is None else item.evidence.addressee.nama,
    }


def _task_row(item: Item, task: Assignment) -> Row:
    answered = day_of(task.answered) if task.answered is not None else None
    return {
        "item": item.id,
        "jenis": task.addressee.jenis,
        "nama": task.addressee.nama,
        "provinsi": item.kode[:2],
        "kode": item.kode,
        "layanan": item.raised.layanan,
        "state": task.state,
        "sent": _iso(task.sent),
        "due": _iso(task.due),
        "answered": _iso(task.answered),
        "answer": task.answer,
        "in_time": answered <= task.due if answered and task.due else None,
        "days": (answered - day_of(task.sent)).days if answered and task.sent else None,
        "reason": task.reason if task.state in REFUSALS else None,
        "document": task.document,
        "tahun": task.tahun,
        "amount_idr": task.amount_idr,
    }


def _iso(moment: date | datetime | None) -> str | None:
    return moment.isoformat() if moment is not None else None
