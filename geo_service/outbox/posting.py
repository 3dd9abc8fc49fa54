"""From the log to messages: who is told of an event, and in which words.

Each event that concerns somebody waits in the table ``unposted``, where it was written together
with the event.  It leaves it in the transaction that writes its messages: none is lost, and the id
of a message, made of event and contact, keeps it from being written twice.
"""

import hashlib
import json
import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from geo_service.errors import RegisterError
from geo_service.house.accounts import text_of
from geo_service.outbox import contacts, mail, messages
from geo_service.register import event_log, records, replaying
from geo_service.register.event_store import Register
from geo_service.register.way import Way
from layers.release.follow_up_file import Addressee, read_services_file
from layers.release.manifest_file import Text

logger = logging.getLogger("geo_service")
POSTED_AT_ONCE = 200
LONGEST_LINE = 300
PUBLIC_REASONS = ("refused", "forwarded")
"""States whose reason everybody may read; others may name persons, and stay on the page."""
RAISED = Text(id="Usulan baru", en="New proposal")
CORRECTED = Text(id="Dikoreksi, tidak berlaku", en="Corrected: does not count")
ROLES = {
    "kabupaten": Text(id="administrator kabupaten", en="administrator of the kabupaten"),
    "kecamatan": Text(id="kecamatan", en="kecamatan"),
    "desa": Text(id="desa", en="desa"),
    "office": Text(id="perangkat daerah", en="office"),
    "system": Text(id="pengingat otomatis", en="reminder by the program"),
}
LABELS = {
    "item": Text(id="Kebutuhan", en="Need"),
    "to": Text(id="Ditujukan kepada", en="For"),
    "by": Text(id="Dicatat oleh", en="Entered by"),
    "due": Text(id="Batas waktu", en="Due"),
    "reason": Text(id="Alasan", en="Reason"),
    "link": Text(id="Lihat dan tanggapi", en="See and answer"),
    "foot": Text(
        id="Pesan ini dikirim oleh program; mohon tidak dibalas.",
        en="This message is sent by a program; please do not answer it.",
    ),
}


@dataclass(frozen=True, slots=True)
class Names:
    """How a release calls desa and services, and under which address the register is reached."""

    root: str
    desa: dict[str, str] = field(default_factory=dict)
    services: dict[str, Text] = field(default_factory=dict)

    def about(self, item: records.Item, language: str) -> str:
        """What an item is about, and where."""
        return self.describe(item.kode, item.raised.layanan, item.raised.title, language)

    def describe(self, kode: str, layanan: str | None, title: str | None, language: str) -> str:
        """What an item of this title or service is about, and where."""
        service = self.services.get(layanan or "")
        need = getattr(service, language) if service is not None else layanan
        name = self.desa.get(kode)
        place = f"{name} ({kode})" if name else kode
        return f"{mail.one_line(title or need or '-', LONGEST_LINE)}, {place}"

    def link(self, item_id: str) -> str:
        """Where an item is seen."""
        return f"{self.root}/rumah/butir/{item_id}"


def read_names(release: Path, root: str) -> Names:
    """The names of a release; none where it is not there, so that codes stand for them."""
    import pyarrow.parquet as pq

    try:
        table = pq.read_table(release / "boundaries.parquet", columns=["level", "kode", "nama"])
        services = read_services_file(release)
    except (OSError, ValueError):
        return Names(root)
    desa = {row["kode"]: row["nama"] for row in table.to_pylist() if row["level"] == "desa"}
    return Names(root, desa, {service.id: service.title for service in services})


@dataclass(frozen=True, slots=True)
class News:
    """An event of which somebody is told, and the item as it is after it."""

    item: records.Item
    event: records.Event
    kind: str
    title: Text
    task: Addressee | None
    step: records.Stepped | None = None

    @property
    def due(self) -> str | None:
        """The date by which the addressee has to answer, or had to."""
        content = self.event.content
        if isinstance(content, records.Reminded):
            return content.due.isoformat()
        return self.step.due.isoformat() if self.step is not None and self.step.due else None

    def reason(self, way: Way) -> str | None:
        """Why, where everybody may read it."""
        is_public = self.step is not None and way.step(self.step.step).to in PUBLIC_REASONS
        return self.step.reason if self.step is not None and is_public else None


def post_events(register: Register, names: Names, moment: datetime) -> int:
    """Write a message to each contact for each event of which nobody was told; how many.

    Events that are older than the way's ``fresh_days`` are told in no message of their own.
    """
    total = 0
    while (count := _post_some(register, names, moment)) is not None:
        total += count
    return total


def _post_some(register: Register, names: Names, moment: datetime) -> int | None:
    """Messages of the oldest events; None where none waits."""
    table = event_log.UNPOSTED
    query = (
        sa.select(table)
        .order_by(table.c.moment, table.c.item, table.c.number)
        .limit(POSTED_AT_ONCE)
        .with_for_update(skip_locked=True)
    )
    oldest = moment - timedelta(days=register.way.digest.fresh_days)
    with register.transaction(writes=True) as connection:
        rows = connection.execute(query).all()
        if not rows:
            return None
        readers = contacts.open_contacts(connection)
        drafts: list[messages.Draft] = []
        for row in rows:
            if datetime.fromisoformat(row.moment) >= oldest and readers:
                events = event_log.kept_events(connection, row.item)
                try:
                    drafts += _drafts(events, row.number, readers, names, register.way)
                except RegisterError as error:
                    # An item that the way cannot follow any more holds up no other.
                    logger.error("Nobody is told of event %d: %s", row.number, error)
            this = sa.and_(table.c.item == row.item, table.c.number == row.number)
            connection.execute(sa.delete(table).where(this))
        return messages.put(connection, drafts, moment)


def _drafts(
    events: Sequence[records.Event],
    number: int,
    readers: Sequence[contacts.Contact],
    names: Names,
    way: Way,
) -> Iterator[messages.Draft]:
    """The messages about one event; none of one that was corrected before anybody was told."""
    counting = {event.number for event in replaying.counting_events(events)}
    news = _news(events, number, way) if number in counting else None
    if news is None:
        return
    readers_named = way.notices.get(news.kind, ())
    if news.step is not None and news.step.on_behalf:
        # Whoever is spoken for learns what was entered in their name.
        readers_named = (*readers_named, "addressee")
    for contact in readers:
        if not contact.is_of(news.event.actor) and any(
            contact.is_reader(reader, news.item, news.task) for reader in readers_named
        ):
            subject, body = write_news(news, contact.channel, names, way)
            about = f"{news.item.id}/{number}"
            yield messages.Draft(
                message_id(about, contact),
                contact.id,
                news.kind,
                news.item.id,
                number,
                subject,
                body,
            )


def message_id(about: str, contact: contacts.Contact) -> str:
    """The id of a message about something to a contact: there is one."""
    return hashlib.sha256(f"{about} {contact.id}".encode()).hexdigest()[:32]


def _news(events: Sequence[records.Event], number: int, way: Way) -> News | None:
    """What is told of an event; None of one that concerns nobody."""
    event = events[number - 1]
    item = replaying.replay(events[:number], way)
    if item.raised.subject != "need":
        return None
    match event.content:
        case records.Raised():
            return News(item, event, "raise", RAISED, None)
        case records.Stepped() as stepped:
            step = way.step(stepped.step)
            return News(item, event, step.id, step.title, stepped.to or stepped.task, stepped)
        case records.Reminded(task=task, level=name):
            levels = [level for level in way.reminders if level.id == name]
            title = levels[0].title if levels else Text(id=name, en=name)
            return News(item, event, name, title, task)
        case records.Corrected(number=wrong):
            former = _news(events, wrong, way)
            if former is None:
                return None
            title = Text(
                id=f"{CORRECTED.id}: {former.title.id}", en=f"{CORRECTED.en}: {former.title.en}"
            )
            return News(item, event, "correct", title, former.task)
    return None


def write_news(news: News, channel: contacts.Channel, names: Names, way: Way) -> tuple[str, str]:
    """Subject and text of a mail, or the type and the document of a webhook."""
    if channel == "webhook":
        return news.kind, write_document(
            f"item.{news.kind}", news.event.moment, _facts(news, names, way)
        )
    parts = []
    for language in ("id", "en"):
        title = getattr(news.title, language)
        lines = {
            "item": names.about(news.item, language),
            "to": news.task.nama if news.task is not None else None,
            "by": _by(news.event.actor, language),
            "due": news.due,
            "reason": news.reason(way),
            "link": names.link(news.item.id) + ("?lang=en" if language == "en" else ""),
        }
        facts = [
            f"{getattr(LABELS[name], language)}: {mail.one_line(text, LONGEST_LINE)}"
            for name, text in lines.items()
            if text
        ]
        parts.append("\n".join([title, "", *facts, "", getattr(LABELS["foot"], language)]))
    subject = f"[Rumah Bersama] {news.title.id}: {names.about(news.item, 'id')}"
    return subject, "\n\n----\n\n".join(parts) + "\n"


def write_document(kind: str, moment: datetime, data: dict[str, Any]) -> str:
    """The document of a webhook: type, timestamp and data."""
    document = {"type": kind, "timestamp": text_of(moment), "data": data}
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"))


def _by(actor: records.Actor, language: str) -> str:
    """The office that acted, never the person."""
    role = ROLES.get(actor.role)
    parts = (getattr(role, language) if role is not None else None, actor.office, actor.area)
    return " ".join(part for part in parts if part)


def _facts(news: News, names: Names, way: Way) -> dict[str, Any]:
    item, actor = news.item, news.event.actor
    return {
        "item": item.id,
        "number": news.event.number,
        "kode": item.kode,
        "layanan": item.raised.layanan,
        "ukuran": item.raised.ukuran,
        "title": item.raised.title,
        "state": item.state(way),
        "step": news.step.step if news.step is not None else None,
        "addressee": news.task.model_dump() if news.task is not None else None,
        "due": news.due,
        "reason": news.reason(way),
        "by": {"role": actor.role, "area": actor.area, "office": actor.office},
        "url": names.link(item.id),
    }
