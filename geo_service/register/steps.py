"""Whether a person may make a step now, and if not, why and what is possible instead."""

from collections.abc import Sequence

from geo_service.access.token_file import lies_in
from geo_service.errors import StepRefusedError
from geo_service.register import records, replaying
from geo_service.register.records import Actor, Item, Stepped
from geo_service.register.way import DRAFT, Step, Way
from layers.release.follow_up_file import Addressee

RAISERS = ("kecamatan", "desa", "system")


def check_raise(raised: records.Raised, actor: Actor) -> None:
    """Nothing, where this person may raise such an item.

    Raises
    ------
    StepRefusedError
        The role or the place does not allow it, or nothing says what the item is about.
    """
    if actor.role not in RAISERS:
        raise StepRefusedError("The desa or the kecamatan raises an item.")
    if actor.area is not None and not lies_in(raised.kode, (actor.area,)):
        raise StepRefusedError(f"The item is of {raised.kode}; you act for {actor.area} only.")
    if len(raised.kode) < len("00.00.00"):
        raise StepRefusedError(f"{raised.kode}: an item is of a desa, or of a kecamatan.")
    if raised.identity(raised.kode) is None:
        raise StepRefusedError("An item must say: title.")
    if (raised.lon is None) != (raised.lat is None):
        raise StepRefusedError("A place must say: lon, lat.")


def check_event(events: Sequence[records.Event], event: records.Event, way: Way) -> None:
    """Nothing, where the event may follow on those of its item.

    Raises
    ------
    StepRefusedError
        It is a step, merge or correction that is not possible, or not for this person.
    """
    item = replaying.replay(events, way)
    match event.content:
        case Stepped() as stepped:
            check_step(item, event.actor, stepped, way)
        case records.Merged() | records.Absorbed():
            _check_merge(item, event)
        case records.Noted() | records.Attached():
            check_part(item, event.actor)
        case records.Corrected() as corrected:
            _check_correction(events, event, corrected, way)
        case records.Decided():
            _check_place(item, event.actor)
            if event.actor.role != "kecamatan" or item.raised.subject != "apbdes":
                raise StepRefusedError("The kecamatan decides on lines of an evaluation.")
        case _ if event.actor.role != "system":
            raise StepRefusedError(f"No person enters {event.content.kind}: the data say it.")


def _check_merge(item: Item, event: records.Event) -> None:
    _check_actor(item, event.actor)
    if event.actor.role not in ("kecamatan", "system"):
        raise StepRefusedError("The kecamatan merges items.")
    if item.id in (getattr(event.content, "into", None), getattr(event.content, "item", None)):
        raise StepRefusedError("An item is merged with another one.")


def check_part(item: Item, actor: Actor) -> None:
    """Nothing, where this person works on the item: may add evidence, or what was agreed.

    Raises
    ------
    StepRefusedError
        They only look on, or are an office that has no task.
    """
    _check_actor(item, actor)
    offices = {task.addressee.nama for task in item.tasks if task.addressee.jenis != "desa"}
    is_their_own = actor.role in ("kecamatan", "desa") or (
        actor.role == "office" and actor.office in offices
    )
    if not is_their_own:
        raise StepRefusedError("The kecamatan, the desa and who has a task add to an item.")


def _check_correction(
    events: Sequence[records.Event],
    event: records.Event,
    corrected: records.Corrected,
    way: Way,
) -> None:
    """Refuse to correct what does not count, others entered, or later events rest on."""
    actor = event.actor
    _check_place(replaying.replay(events, way), actor)
    found = [e for e in replaying.counting_events(events) if e.number == corrected.number]
    if not found or not _is_correctable(found[0].content, events):
        raise StepRefusedError(f"Event {corrected.number} is none that a person made and counts.")
    if actor.role != "kecamatan" and not _is_same_office(actor, found[0].actor):
        raise StepRefusedError("The kecamatan corrects an event, or the office that made it.")
    counting = replaying.counting_events([*events, event])
    item = replaying.replay(events[:1], way)
    for later in counting[1:]:
        if isinstance(later.content, Stepped) and not _follows(item, later.content, way):
            raise StepRefusedError(
                f"Event {later.number} ({later.content.step}) rests on event {corrected.number}: "
                "correct that first."
            )
        item = replaying.apply_event(item, later, way)


def _is_correctable(content: records.Content, events: Sequence[records.Event]) -> bool:
    """Whether a person made it; of corrections only one of a step, since a merge is of two."""
    if isinstance(content, records.Corrected):
        return isinstance(events[content.number - 1].content, Stepped)
    return isinstance(
        content, Stepped | records.Noted | records.Attached | records.Merged | records.Absorbed
    )


def _follows(item: Item, stepped: Stepped, way: Way) -> bool:
    step = way.step(stepped.step)
    try:
        return _state_before(item, stepped, step)[0] in step.origins
    except StepRefusedError:
        return False


def _check_actor(item: Item, actor: Actor) -> None:
    if item.raised.subject == "apbdes":
        raise StepRefusedError("An evaluation of a budget goes no way: decide on its lines.")
    if item.merged_into is not None:
        raise StepRefusedError(f"The item is merged into {item.merged_into}: act there.")
    _check_place(item, actor)


def _check_place(item: Item, actor: Actor) -> None:
    if actor.area is not None and not lies_in(item.kode, (actor.area,)):
        raise StepRefusedError(f"The item is of {item.kode}; you act for {actor.area} only.")


def check_step(item: Item, actor: Actor, stepped: Stepped, way: Way) -> None:
    """Nothing, where the step may be made.

    Raises
    ------
    StepRefusedError
        The state, the place, the role or what the step says does not allow it; the message gives
        the reason and the steps that are possible.
    """
    step = way.step(stepped.step)
    _check_actor(item, actor)
    state, addressee = _state_before(item, stepped, step)
    if state not in step.origins:
        possible = ", ".join(other.id for other in way.steps_from(state)) or "none"
        raise StepRefusedError(
            f"{step.id} does not follow on {state}. Possible steps: {possible}.",
        )
    if not any(_has_role(role, item, actor, addressee, stepped) for role in step.roles):
        raise StepRefusedError(
            f"{step.id} is for {' or '.join(step.roles)}. Where the kecamatan heard it from them, "
            "it may say so on their behalf.",
        )
    missing = [need for need in step.needs if getattr(stepped, need) in (None, "")]
    if missing:
        raise StepRefusedError(f"{step.id} must say: {', '.join(missing)}.")
    if step.to == "forwarded" and stepped.to == addressee:
        raise StepRefusedError("An item is forwarded to somebody else.")


def _state_before(item: Item, stepped: Stepped, step: Step) -> tuple[str, Addressee]:
    """State of the task that a step is about, and whose task it is."""
    addressee = stepped.to if step.to == "sent" else stepped.task
    if addressee is None:
        word = "to" if step.to == "sent" else "task"
        raise StepRefusedError(f"{step.id} must say: {word}.")
    task = item.task(addressee)
    if task is not None:
        return task.state, addressee
    if step.to != "sent":
        names = ", ".join(task.addressee.nama for task in item.tasks) or "nobody yet"
        raise StepRefusedError(f"{addressee.nama} has no task here. It is with: {names}.")
    return DRAFT, addressee


def _has_role(role: str, item: Item, actor: Actor, addressee: Addressee, stepped: Stepped) -> bool:
    if role == "raiser":
        return item.raiser.role != "system" and _is_same_office(actor, item.raiser)
    if role != "addressee":
        return actor.role == role
    if actor.role == "kecamatan":
        return stepped.on_behalf
    if addressee.jenis == "desa":
        return actor.role == "desa" and actor.area == item.kode
    return actor.role == "office" and actor.office == addressee.nama


def _is_same_office(actor: Actor, other: Actor) -> bool:
    return (actor.role, actor.area, actor.office) == (other.role, other.area, other.office)
