"""Events of the register, and the item that they make: nothing else is true of an item.

An event says what happened, when, and by whom; nothing is changed or deleted afterwards.  A mistake
is corrected by a further event, which says that an earlier one does not count.
"""

import hashlib
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from geo_service.register.way import DRAFT, Way
from layers.release.follow_up_file import Addressee
from layers.release.manifest_file import KODE

LONGEST_TEXT = 2_000
MERGED = "merged"
Office: TypeAlias = Literal["kabupaten", "kecamatan", "desa", "office", "viewer", "system"]
Line: TypeAlias = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Note: TypeAlias = Annotated[str, StringConstraints(max_length=LONGEST_TEXT)]
Kode: TypeAlias = Annotated[str, StringConstraints(pattern=f"^{KODE}$")]
Rupiah: TypeAlias = Annotated[int, Field(ge=0, lt=10**15)]
Identity: TypeAlias = tuple[str, str, str, str, int | None]
"""Code, service, measure, title and year, of which some are empty."""
Year: TypeAlias = Annotated[int, Field(ge=1990, le=2100)]


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Actor(_Record):
    """Who acts: a role, and where it counts.

    Parameters
    ----------
    name
        Name of the account, shown to people who are signed in only.
    area
        Code of the wilayah in which the role counts; none for the whole register.
    office
        Name of the office, of ``role`` office.
    """

    role: Office
    name: Line
    area: Kode | None = None
    office: Line | None = None


class Raised(_Record):
    """An item begins: a need of the data, or a proposal raised by hand or from a sheet.

    Parameters
    ----------
    subject
        ``apbdes`` for the evaluation of the draft budget of a year, which is on no list.
    activity
        Code of the activity in the budget, as 02.02.02.
    tahun
        Of a proposal: the year for which it is.
    source
        Of a proposal from a sheet: file and row.
    former
        Codes that the desa had before, by the history that the release carries.
    """

    kind: Literal["raised"] = "raised"
    subject: Literal["need", "apbdes"] = "need"
    kode: Kode
    layanan: Line | None = None
    ukuran: Line | None = None
    title: Line | None = None
    amount_idr: Rupiah | None = None
    activity: Line | None = None
    lon: Annotated[float, Field(ge=90, le=145)] | None = None
    lat: Annotated[float, Field(ge=-15, le=10)] | None = None
    tahun: Year | None = None
    source: Line | None = None
    former: tuple[Kode, ...] = ()

    def identity(self, kode: str) -> Identity | None:
        """What is equal among all items of a desa; None where nothing says what it is about.

        Proposals are equal whose title says the same in other letters, for one service and year.
        """
        if self.layanan is not None and self.ukuran is not None:
            return kode, self.layanan, self.ukuran, "", None
        if self.title is None:
            return None
        title = " ".join(self.title.casefold().split())
        return kode, self.layanan or "", "", title, self.tahun


class Evidence(_Record):
    """What a release says of the need."""

    kind: Literal["evidence"] = "evidence"
    release: Line
    tahun: Year
    value: float | None
    norm: float | None
    unit: Line | None
    severity: float | None
    people: float | None
    state: Line
    funding: Line
    addressee: Addressee


class Gone(_Record):
    """A release does not show the need any more; a person has yet to confirm."""

    kind: Literal["gone"] = "gone"
    release: Line
    tahun: Year


class Moved(_Record):
    """The desa of the item has another code: split, merged or recoded.

    Parameters
    ----------
    source
        The release whose history of codes says so.
    parts
        Of a split: all codes that came of it; the item went to one of them.
    former
        All codes of which the new one came, so that a release of before begins no item anew.
    """

    kind: Literal["moved"] = "moved"
    kode: Kode
    source: Line
    change: Literal["recode", "merge", "split"] | None = None
    tahun: Year | None = None
    parts: tuple[Kode, ...] = ()
    former: tuple[Kode, ...] = ()


class Stepped(_Record):
    """A step of ``way.toml``, with what it must or may say."""

    kind: Literal["step"] = "step"
    step: Line
    task: Addressee | None = None
    to: Addressee | None = None
    due: date | None = None
    reason: Note | None = None
    letter: Line | None = None
    document: Literal["RKPDes", "APBDes", "RKPD", "APBD"] | None = None
    tahun: Year | None = None
    amount_idr: Rupiah | None = None
    activity: Line | None = None
    day: date | None = None
    note: Note | None = None
    on_behalf: bool = False


class Reminder(_Record):
    """That an addressee was told, or somebody above it, of what is not answered.

    ``due`` is the date that was missed, ``level`` one of ``reminders`` in ``way.toml``.
    """

    task: Addressee
    due: date
    level: Line


class Reminded(Reminder):
    """A reminder goes out; for one due date there is one of each level."""

    kind: Literal["reminded"] = "reminded"


class Decided(_Record):
    """What the camat says to one line of the evaluation of a draft APBDes."""

    kind: Literal["decided"] = "decided"
    line: Line
    decision: Literal["agreed", "to_change", "refused"]
    note: Note | None = None


class Noted(_Record):
    """What was agreed on the item, as in a meeting, without a step of its way."""

    kind: Literal["noted"] = "noted"
    text: Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_TEXT)]


class Attached(_Record):
    """A photograph or document that proves what is said of the item.

    Parameters
    ----------
    sha256
        By which the file is found; files are no part of the log.
    title
        What is seen on it, in the words of who sent it.
    letter
        Number of the letter that it shows as it went out, signed.
    """

    kind: Literal["attached"] = "attached"
    sha256: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
    media_type: Literal["image/jpeg", "image/png", "application/pdf"]
    size: Annotated[int, Field(gt=0)]
    title: Line
    letter: Line | None = None


class Merged(_Record):
    """The item is another one; what is done is done there."""

    kind: Literal["merged"] = "merged"
    into: Line
    reason: Note


class Absorbed(_Record):
    """Another item is merged into this one: its tasks and the codes it had come along."""

    kind: Literal["absorbed"] = "absorbed"
    item: Line
    codes: tuple[Kode, ...] = ()
    tasks: "tuple[Assignment, ...]" = ()
    reminders: tuple[tuple[Reminder, date], ...] = ()


class Corrected(_Record):
    """An earlier event of the item was a mistake and does not count."""

    kind: Literal["corrected"] = "corrected"
    number: Annotated[int, Field(ge=2)]
    reason: Note


Content: TypeAlias = Annotated[
    Raised
    | Evidence
    | Gone
    | Moved
    | Stepped
    | Noted
    | Attached
    | Reminded
    | Decided
    | Merged
    | Absorbed
    | Corrected,
    Field(discriminator="kind"),
]


class Event(_Record):
    """One event: the ``number``-th of its item, counted from 1."""

    item: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{16}$")]
    number: Annotated[int, Field(ge=1)]
    moment: datetime
    actor: Actor
    content: Content


@dataclass(frozen=True, slots=True)
class Assignment:
    """What one addressee owes: how far it has come, until when, and the answers given.

    Parameters
    ----------
    sent
        When it came to the addressee, the last time where it was sent again.
    answered
        When the addressee first said what becomes of it: the step that ended the waiting.
    answer
        The state that this step led to; a task that was accepted and then done stays *accepted*.
    """

    addressee: Addressee
    state: str
    sent: datetime | None = None
    due: date | None = None
    answered: datetime | None = None
    answer: str | None = None
    reason: str | None = None
    document: str | None = None
    tahun: int | None = None
    amount_idr: int | None = None
    on_behalf: bool = False

    def is_overdue(self, way: Way, today: date) -> bool:
        """Whether it is not answered after its last day; what was accepted is not late any more."""
        return self.due is not None and self.due < today and self.state in way.waiting


@dataclass(frozen=True, slots=True)
class SentLetter:
    """A letter with which the item went out; ``event`` is the number of the event that says so."""

    event: int
    number: str
    sender: Actor
    addressee: Addressee
    moment: datetime
    due: date | None
    note: str | None

    @property
    def id(self) -> str:
        """The same for all items of one sender with this number and addressee."""
        addressee = f"{self.addressee.jenis}:{self.addressee.nama}"
        text = "\n".join(("letter", self.sender.area or "", self.number, addressee))
        return hashlib.sha256(text.encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Item:
    """An item as its events make it.

    Parameters
    ----------
    raiser
        Who raised it; ``system`` where the data did.
    evidence
        What the latest release says; None for a proposal.
    met_tahun
        Year of the data that do not show the need any more, until a release shows it again.
    tasks
        One for each addressee that ever had it.
    reminders
        Each reminder that went out, and the day.
    decisions
        Of an evaluation: what the camat said last of each line.
    files
        Photographs and documents, each once.
    letters
        Letters with which it went out, in order.
    former
        Codes that its desa, or that of an item merged into it, had before.
    began
        Moment of its first event.
    version, changed
        Number and moment of its last event.
    """

    id: str
    raised: Raised
    kode: str
    raiser: Actor
    evidence: Evidence | None = None
    met_tahun: int | None = None
    tasks: tuple[Assignment, ...] = ()
    merged_into: str | None = None
    reminders: tuple[tuple[Reminder, date], ...] = ()
    decisions: tuple[Decided, ...] = ()
    files: tuple[Attached, ...] = ()
    letters: tuple[SentLetter, ...] = ()
    former: tuple[str, ...] = ()
    began: datetime | None = None
    version: int = 1
    changed: datetime | None = None

    @property
    def key(self) -> tuple[str, str, str] | None:
        """Desa, service and measure, by which releases know a need; None for a proposal."""
        if self.raised.layanan is None or self.raised.ukuran is None:
            return None
        return self.kode, self.raised.layanan, self.raised.ukuran

    def state(self, way: Way) -> str:
        """How far it is: as far as the least of its tasks that went to nobody else."""
        if self.merged_into is not None:
            return MERGED
        states = tuple(task.state for task in self.tasks if task.state != "forwarded")
        return way.least(states) if states else DRAFT

    def due(self, way: Way) -> date | None:
        """The first last day of its tasks that are not answered yet."""
        dues = [task.due for task in self.tasks if task.due and task.state in way.waiting]
        return min(dues, default=None)

    def is_overdue(self, way: Way, today: date) -> bool:
        """Whether an addressee has not answered after the last day."""
        return self.merged_into is None and any(task.is_overdue(way, today) for task in self.tasks)

    def task(self, addressee: Addressee) -> Assignment | None:
        """The task of an addressee."""
        return next((task for task in self.tasks if task.addressee == addressee), None)
