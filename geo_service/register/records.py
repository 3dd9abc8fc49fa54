"""Events of the register, and the item that they make: nothing else is true of an item.

An event says what happened, when, and by whom; nothing is changed or deleted afterwards.  A mistake
is corrected by a further event, which says that an earlier one does not count.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Annotated, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from geo_service.errors import RegisterError
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
    """An item begins: a need of the data, or a proposal raised by hand."""

    kind: Literal["raised"] = "raised"
    kode: Kode
    layanan: Line | None = None
    ukuran: Line | None = None
    title: Line | None = None
    amount_idr: Rupiah | None = None
    activity: Line | None = None
    lon: Annotated[float, Field(ge=90, le=145)] | None = None
    lat: Annotated[float, Field(ge=-15, le=10)] | None = None


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
    """The desa of the item has another code: split, merged or recoded."""

    kind: Literal["moved"] = "moved"
    kode: Kode
    source: Line


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


class Merged(_Record):
    """The item is another one; what is done is done there."""

    kind: Literal["merged"] = "merged"
    into: Line
    reason: Note


class Corrected(_Record):
    """An earlier event of the item was a mistake and does not count."""

    kind: Literal["corrected"] = "corrected"
    number: Annotated[int, Field(ge=2)]
    reason: Note


Content: TypeAlias = Annotated[
    Raised | Evidence | Gone | Moved | Stepped | Merged | Corrected, Field(discriminator="kind")
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

    def is_open(self, way: Way) -> bool:
        """Whether the addressee still owes work."""
        return way.is_owed(self.state)

    def is_overdue(self, way: Way, today: date) -> bool:
        """Whether it is open after its last day."""
        return self.due is not None and self.due < today and self.is_open(way)


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
        """The first last day of its open tasks."""
        dues = [task.due for task in self.tasks if task.due is not None and task.is_open(way)]
        return min(dues, default=None)

    def is_overdue(self, way: Way, today: date) -> bool:
        """Whether an addressee owes work after the last day."""
        return self.merged_into is None and any(task.is_overdue(way, today) for task in self.tasks)

    def task(self, addressee: Addressee) -> Assignment | None:
        """The task of an addressee."""
        return next((task for task in self.tasks if task.addressee == addressee), None)


def replay(events: Iterable[Event], way: Way) -> Item:
    """The item that its events make, in the order of their numbers.

    Raises
    ------
    RegisterError
        They do not begin with `Raised`, leave a number out, or make a step that the way has not.
    """
    listed = sorted(events, key=lambda event: event.number)
    if not listed:
        raise RegisterError("An item without events.")
    if [event.number for event in listed] != list(range(1, len(listed) + 1)):
        raise RegisterError(f"Item {listed[0].item}: an event is missing, or there twice.")
    counting = counting_events(listed)
    item = _begin(counting[0])
    for event in counting[1:]:
        item = apply_event(item, event, way)
    return replace(item, version=len(listed), changed=listed[-1].moment)


def counting_events(events: Sequence[Event]) -> list[Event]:
    """The events, in order, without those that a later one corrects.

    A correction that is corrected itself does not count, so that what it spoke of counts again.
    """
    wrong: set[int] = set()
    for event in reversed(events):
        if isinstance(event.content, Corrected) and event.number not in wrong:
            wrong.add(event.content.number)
    return [event for event in events if event.number not in wrong]


def _begin(event: Event) -> Item:
    if not isinstance(event.content, Raised):
        raise RegisterError(f"Item {event.item} begins with {event.content.kind!r}, not raised.")
    return Item(event.item, event.content, event.content.kode, event.actor)


def apply_event(item: Item, event: Event, way: Way) -> Item:
    """The item after one more event; a corrected event is left out by `replay`, not here."""
    match event.content:
        case Raised():
            raise RegisterError(f"Item {item.id} was raised before.")
        case Evidence() as evidence:
            return replace(item, evidence=evidence, met_tahun=None)
        case Gone(tahun=tahun):
            return replace(item, met_tahun=tahun)
        case Moved(kode=kode):
            return replace(item, kode=kode)
        case Merged(into=into):
            return replace(item, merged_into=into)
        case Corrected():
            return item
        case Stepped() as stepped:
            return replace(item, tasks=_step(item, stepped, event.moment, way))


def _step(item: Item, stepped: Stepped, moment: datetime, way: Way) -> tuple[Assignment, ...]:
    """The tasks after a step."""
    step = way.step(stepped.step)
    addressee = stepped.to if step.to == "sent" else stepped.task
    if addressee is None:
        raise RegisterError(f"Step {step.id}: whose task?")
    prior = item.task(addressee)
    task = Assignment(
        addressee,
        step.to,
        *_moments(prior, step.to, stepped.due, moment, way),
        reason=stepped.reason,
        document=stepped.document or (prior.document if prior else None),
        tahun=stepped.tahun or (prior.tahun if prior else None),
        amount_idr=stepped.amount_idr if prior is None or stepped.amount_idr else prior.amount_idr,
        on_behalf=stepped.on_behalf,
    )
    tasks = [other for other in item.tasks if other.addressee != addressee]
    tasks.append(task)
    if step.to == "forwarded" and stepped.to is not None:
        tasks = [other for other in tasks if other.addressee != stepped.to]
        tasks.append(Assignment(stepped.to, "sent", moment, task.due))
    return tuple(sorted(tasks, key=lambda other: (other.addressee.jenis, other.addressee.nama)))


def _moments(
    prior: Assignment | None, state: str, due: date | None, moment: datetime, way: Way
) -> tuple[datetime | None, date | None, datetime | None, str | None]:
    """When a task was sent, is due and was answered, and the answer, after a step to ``state``."""
    if prior is None or state == "sent":
        return moment, due or (prior.due if prior else None), None, None
    if prior.state in way.waiting and state not in way.waiting:
        return prior.sent, due or prior.due, moment, state
    return prior.sent, due or prior.due, prior.answered, prior.answer
