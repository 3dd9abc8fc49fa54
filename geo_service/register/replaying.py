"""From the events of an item to the item that they make."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime

from geo_service.errors import RegisterError
from geo_service.register import records
from geo_service.register.item_lists import day_of
from geo_service.register.records import Assignment, Item
from geo_service.register.way import Way


def replay(events: Iterable[records.Event], way: Way) -> Item:
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


def counting_events(events: Sequence[records.Event]) -> list[records.Event]:
    """The events, in order, without those that a later one corrects.

    A correction that is corrected itself does not count, so that what it spoke of counts again.
    """
    wrong: set[int] = set()
    for event in reversed(events):
        if isinstance(event.content, records.Corrected) and event.number not in wrong:
            wrong.add(event.content.number)
    return [event for event in events if event.number not in wrong]


def _begin(event: records.Event) -> Item:
    if not isinstance(event.content, records.Raised):
        raise RegisterError(f"Item {event.item} begins with {event.content.kind!r}, not raised.")
    raised = event.content
    return Item(
        event.item, raised, raised.kode, event.actor, former=raised.former, began=event.moment
    )


def apply_event(item: Item, event: records.Event, way: Way) -> Item:
    """The item after one more event; a corrected event is left out by `replay`, not here."""
    match event.content:
        case records.Raised():
            raise RegisterError(f"Item {item.id} was raised before.")
        case records.Evidence() as evidence:
            return replace(item, evidence=evidence, met_tahun=None)
        case records.Gone(tahun=tahun):
            return replace(item, met_tahun=tahun)
        case records.Moved(kode=kode, former=former):
            codes = dict.fromkeys((*item.former, item.kode, *former))
            return replace(item, kode=kode, former=tuple(codes))
        case records.Merged(into=into):
            return replace(item, merged_into=into)
        case records.Absorbed() as taken:
            return replace(
                item,
                former=tuple(dict.fromkeys((*item.former, *taken.codes))),
                tasks=_join_tasks(item.tasks, taken.tasks, way),
                reminders=tuple(dict.fromkeys((*item.reminders, *taken.reminders))),
            )
        case records.Reminded(task=task, due=due, level=level):
            reminder = records.Reminder(task=task, due=due, level=level)
            return replace(item, reminders=(*item.reminders, (reminder, day_of(event.moment))))
        case records.Decided() as decided:
            others = (one for one in item.decisions if one.line != decided.line)
            return replace(item, decisions=(*others, decided))
        case records.Attached() as attached:
            files = tuple(file for file in item.files if file.sha256 != attached.sha256)
            return replace(item, files=(*files, attached))
        case records.Noted() | records.Corrected():
            return item
        case records.Stepped() as stepped:
            letters = (*item.letters, *_letters(event, stepped, way))
            return replace(item, tasks=_step(item, stepped, event.moment, way), letters=letters)


def _letters(
    event: records.Event, stepped: records.Stepped, way: Way
) -> tuple[records.SentLetter, ...]:
    """The letter with which a step sends the item; none of any other step."""
    if stepped.letter is None or stepped.to is None or way.step(stepped.step).to != "sent":
        return ()
    said = (stepped.letter, event.actor, stepped.to, event.moment, stepped.due, stepped.note)
    return (records.SentLetter(event.number, *said),)


def _join_tasks(
    own: Iterable[Assignment], others: Iterable[Assignment], way: Way
) -> tuple[Assignment, ...]:
    """One task for each addressee; of two the one that is less far, so that no work is lost."""
    tasks = {task.addressee: task for task in own}
    for task in others:
        kept = tasks.setdefault(task.addressee, task)
        if way.least((kept.state, task.state)) != kept.state:
            tasks[task.addressee] = task
    return _sorted_tasks(tasks.values())


def _sorted_tasks(tasks: Iterable[Assignment]) -> tuple[Assignment, ...]:
    return tuple(sorted(tasks, key=lambda task: (task.addressee.jenis, task.addressee.nama)))


def _step(
    item: Item, stepped: records.Stepped, moment: datetime, way: Way
) -> tuple[Assignment, ...]:
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
    return _sorted_tasks(tasks)


def _moments(
    prior: Assignment | None, state: str, due: date | None, moment: datetime, way: Way
) -> tuple[datetime | None, date | None, datetime | None, str | None]:
    """When a task was sent, is due and was answered, and the answer, after a step to ``state``."""
    if prior is None or state == "sent":
        return moment, due or (prior.due if prior else None), None, None
    if prior.state in way.waiting and state not in way.waiting:
        # What an answer promises for later does not make the answer itself in time.
        return prior.sent, prior.due, moment, state
    return prior.sent, due or prior.due, prior.answered, prior.answer
