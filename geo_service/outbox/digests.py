"""The digest of a week: what waits for an addressee, the late first, and what was answered since.

One for each contact and week, by its id; who has nothing in it gets none.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from geo_service.house import accounts, boards
from geo_service.outbox import contacts, messages, posting
from geo_service.register.event_store import Register
from geo_service.register.item_lists import ITEM, TASK, day_of
from layers.release.manifest_file import Text

KIND = "digest"
LONGEST_LIST = 40
"""Lines of each part; the rest is counted, and is on the page."""
SINCE = timedelta(days=7)
TITLE = Text(id="Ringkasan mingguan", en="Weekly digest")
LATE = Text(id="LEWAT WAKTU", en="OVERDUE")
MORE = Text(id="… dan {n} lagi", en="… and {n} more")
PARTS = {
    "waiting": Text(id="Menunggu Anda", en="Waits for you"),
    "late": Text(id="Belum ditanggapi dan lewat waktu", en="Not answered and overdue"),
    "answered": Text(id="Ditanggapi dalam seminggu terakhir", en="Answered in the last seven days"),
}
LINK = Text(id="Lihat semua", en="See all")


@dataclass(frozen=True, slots=True)
class DigestLine:
    """An item in a digest; ``due`` is the day by which somebody has to act."""

    item: str
    kode: str
    layanan: str | None
    title: str | None
    state: str
    due: str | None
    is_late: bool = False
    office: str | None = None


@dataclass(frozen=True, slots=True)
class DigestPart:
    """The first lines of a part, and of how many they are."""

    lines: tuple[DigestLine, ...]
    total: int


def week_of(day: date) -> str:
    """The week of a day, as ISO 8601 counts.

    >>> week_of(date(2027, 1, 3))
    '2026-W53'
    """
    year, week, _ = day.isocalendar()
    return f"{year}-W{week:02}"


def post_digests(register: Register, names: posting.Names, moment: datetime) -> int:
    """Write the digest of this week to each contact that has not got it yet; how many."""
    today = day_of(moment)
    week = week_of(today)
    readers = contacts.Contacts(register).find_all()
    ids = {posting.message_id(f"{KIND}/{week}", contact): contact for contact in readers}
    made = messages.Outbox(register).known_ids(KIND, moment - SINCE)
    total = 0
    for name, contact in ids.items():
        if name in made:
            continue
        parts = read_parts(register, contact.person, contact.role, today)
        if not any(part.total for part in parts.values()):
            continue
        subject, body = write_digest(parts, week, contact.channel, names, register, moment)
        draft = messages.Draft(name, contact.id, KIND, None, None, subject, body)
        with register.transaction(writes=True) as connection:
            total += messages.put(connection, [draft], moment)
    return total


def read_parts(
    register: Register, person: accounts.Person, role: contacts.ContactRole, today: date
) -> dict[str, DigestPart]:
    """What waits for an office, what others owe and are late with, and what was answered."""
    parts = {}
    for name, is_told, selection in (
        ("waiting", role != "sekda", boards.BoardFilter(person.area, waits=True)),
        ("late", role in ("sekda", "kecamatan"), boards.BoardFilter(person.area, is_overdue=True)),
    ):
        if is_told:
            rows, total = boards.find_rows(register, person, selection, today, LONGEST_LIST)
            lines = (
                DigestLine(
                    row.id, row.kode, row.layanan, row.title, row.state, row.due, row.is_late
                )
                for row in rows
            )
            parts[name] = DigestPart(tuple(lines), total)
    parts["answered"] = _answered(register, person, today)
    return parts


def _answered(register: Register, person: accounts.Person, today: date) -> DigestPart:
    # Moments are kept in UTC, whose day begins after that of western Indonesia.
    clauses = [
        boards.scope(person),
        TASK.c.item == ITEM.c.id,
        TASK.c.answered >= (today - SINCE).isoformat(),
    ]
    if person.role == "office":
        clauses += boards.own_tasks(person)
    columns = (ITEM.c.id, ITEM.c.kode, ITEM.c.layanan, ITEM.c.title, TASK.c.answer, TASK.c.nama)
    query = sa.select(*columns).where(*clauses)
    order = (TASK.c.answered.desc(), ITEM.c.id, TASK.c.nama)
    count = sa.select(sa.func.count()).select_from(ITEM, TASK).where(*clauses)
    lines = tuple(
        DigestLine(row.id, row.kode, row.layanan, row.title, row.answer, None, office=row.nama)
        for row in register.rows(query.order_by(*order).limit(LONGEST_LIST))
    )
    return DigestPart(lines, int(register.rows(count)[0][0]))


def write_digest(
    parts: dict[str, DigestPart],
    week: str,
    channel: contacts.Channel,
    names: posting.Names,
    register: Register,
    moment: datetime,
) -> tuple[str, str]:
    """Subject and text of a mail, or the type and the document of a webhook."""
    if channel == "webhook":
        data: dict[str, Any] = {"week": week, "url": f"{names.root}/rumah"}
        for name, part in parts.items():
            rows = [_facts(line, names) for line in part.lines]
            data[name] = {"total": part.total, "items": rows}
        return KIND, posting.write_document(KIND, moment, data)
    texts = []
    for language in ("id", "en"):
        blocks = [f"{getattr(TITLE, language)} {week}"]
        for name, part in parts.items():
            if part.total:
                blocks.append(_block(name, part, language, names, register))
        suffix = "?lang=en" if language == "en" else ""
        blocks.append(f"{getattr(LINK, language)}: {names.root}/rumah{suffix}")
        blocks.append(getattr(posting.LABELS["foot"], language))
        texts.append("\n\n".join(blocks))
    counts = ", ".join(
        f"{part.total} {PARTS[name].id.lower()}" for name, part in parts.items() if part.total
    )
    return f"[Rumah Bersama] {TITLE.id} {week}: {counts}", "\n\n----\n\n".join(texts) + "\n"


def _block(
    name: str, part: DigestPart, language: str, names: posting.Names, register: Register
) -> str:
    """One part of a digest: its title, its lines, and how many more there are."""
    lines = [f"{getattr(PARTS[name], language)}: {part.total}"]
    for line in part.lines:
        state = register.way.states.get(line.state)
        words = [
            getattr(LATE, language) if line.is_late else "",
            names.describe(line.kode, line.layanan, line.title, language),
            getattr(state, language) if state is not None else line.state,
            line.office or "",
            line.due or "",
        ]
        lines.append("- " + "; ".join(word for word in words if word))
    if part.total > len(part.lines):
        lines.append(getattr(MORE, language).format(n=part.total - len(part.lines)))
    return "\n".join(lines)


def _facts(line: DigestLine, names: posting.Names) -> dict[str, Any]:
    return {
        "item": line.item,
        "kode": line.kode,
        "layanan": line.layanan,
        "title": line.title,
        "state": line.state,
        "due": line.due,
        "late": line.is_late,
        "office": line.office,
        "url": names.link(line.item),
    }
