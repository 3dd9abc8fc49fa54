"""Letters that were sent: which items one lists, who may read it, and its signed scan."""

from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa

from geo_service.errors import RegisterError, StepRefusedError
from geo_service.house import accounts, boards, choices, evidence_files
from geo_service.register import event_store, item_lists, records


@dataclass(frozen=True, slots=True)
class LetterItem:
    """An item of a letter, and the event by which it went out."""

    item: records.Item
    letter: records.SentLetter


@dataclass(frozen=True, slots=True)
class ReadLetter:
    """A letter as one person may read it.

    Parameters
    ----------
    entries
        The items that the person sees, by code; at least one.
    is_whole
        Whether that is all of them.
    files
        Signed scans, each with an item of which it is evidence.
    """

    id: str
    entries: tuple[LetterItem, ...]
    is_whole: bool
    files: tuple[tuple[records.Item, records.Attached], ...]

    @property
    def sent(self) -> records.SentLetter:
        """What all of its items share: number, sender and addressee; of the first by its moment."""
        return min((entry.letter for entry in self.entries), key=lambda letter: letter.moment)

    @property
    def day(self) -> date:
        """The day on which the first of it was sent."""
        return item_lists.day_of(self.sent.moment)

    @property
    def due(self) -> date | None:
        """The first day until which an answer is asked for."""
        dues = [entry.letter.due for entry in self.entries if entry.letter.due is not None]
        return min(dues, default=None)

    @property
    def note(self) -> str | None:
        """What the sender wrote to all of its items; None where it is not one text."""
        notes = {entry.letter.note for entry in self.entries}
        return next(iter(notes)) if len(notes) == 1 else None


@dataclass(frozen=True, slots=True)
class LetterRow:
    """A letter in a list: whose code, to whom, when, with how many items of this reader."""

    id: str
    number: str
    addressee: str
    sent: datetime
    items: int


def read_letter(
    register: event_store.Register, person: accounts.Person, letter_id: str
) -> ReadLetter:
    """A letter with what the person may see of it.

    Raises
    ------
    RegisterError
        There is none, or nothing of it is for this person: both say the same.
    """
    query = (
        sa.select(item_lists.LETTER.c.item)
        .where(item_lists.LETTER.c.letter == letter_id)
        .distinct()
    )
    items = [register.item(row.item) for row in register.rows(query)]
    seen = [item for item in items if person.sees(item)]
    if not seen:
        raise RegisterError(f"No letter {letter_id!r} for you.")
    entries = [
        LetterItem(item, letter)
        for item in seen
        for letter in item.letters[::-1]
        if letter.id == letter_id
    ]
    by_item = {entry.item.id: entry for entry in reversed(entries)}
    ordered = sorted(
        by_item.values(), key=lambda entry: (entry.item.kode, entry.item.raised.layanan or "")
    )
    number = ordered[0].letter.number
    files = {
        file.sha256: (item, file) for item in seen for file in item.files if file.letter == number
    }
    return ReadLetter(letter_id, tuple(ordered), len(seen) == len(items), tuple(files.values()))


def list_letters(
    register: event_store.Register, person: accounts.Person, limit: int, offset: int = 0
) -> tuple[list[LetterRow], int]:
    """Letters with an item that the person sees, the newest first, and how many there are."""
    query = (
        sa.select(
            item_lists.LETTER.c.letter,
            sa.func.min(item_lists.LETTER.c.number).label("number"),
            sa.func.min(item_lists.LETTER.c.nama).label("nama"),
            sa.func.min(item_lists.LETTER.c.sent).label("sent"),
            sa.func.count(sa.distinct(item_lists.LETTER.c.item)).label("items"),
        )
        .join(item_lists.ITEM, item_lists.ITEM.c.id == item_lists.LETTER.c.item)
        .where(boards.scope(person), item_lists.lies_in(item_lists.LETTER.c.kode, person.area))
        .group_by(item_lists.LETTER.c.letter)
    )
    total = register.rows(sa.select(sa.func.count()).select_from(query.subquery()))[0][0]
    newest = (
        query.order_by(sa.text("sent DESC"), item_lists.LETTER.c.letter).limit(limit).offset(offset)
    )
    rows = [
        LetterRow(row.letter, row.number, row.nama, datetime.fromisoformat(row.sent), row.items)
        for row in register.rows(newest)
    ]
    return rows, int(total)


def may_attach_scan(person: accounts.Person, letter: ReadLetter) -> bool:
    """Whether the person is of the office that sent the letter."""
    sender = letter.sent.sender
    return (person.role, person.area) == (sender.role, sender.area) and any(
        choices.may_attach(entry.item, person.actor) for entry in letter.entries
    )


def attach_scan(
    register: event_store.Register,
    person: accounts.Person,
    letter: ReadLetter,
    file: evidence_files.EvidenceFile,
    title: str,
    moment: datetime,
) -> int:
    """Make a signed scan evidence of each item of the letter; of how many.

    Items that were merged since have their evidence where they were merged into.

    Raises
    ------
    StepRefusedError
        The person is not of the office that sent the letter.
    """
    if not may_attach_scan(person, letter):
        raise StepRefusedError("Who sent the letter adds its signed scan.")
    attached = records.Attached(
        sha256=file.sha256,
        media_type=file.media_type,
        size=file.size,
        title=title[:200],
        letter=letter.sent.number,
    )
    items = [entry.item for entry in letter.entries if choices.may_attach(entry.item, person.actor)]
    register.note([(item.id, (attached,)) for item in items], person.actor, moment)
    return len(items)
