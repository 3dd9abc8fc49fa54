"""Whether a person may make a step now, and if not, why and what is possible instead."""

from __future__ import annotations

from geo_service.access.token_file import lies_in
from geo_service.errors import StepRefusedError
from geo_service.register.records import Actor, Item, Stepped
from geo_service.register.way import DRAFT, Step, Way
from layers.release.follow_up_file import Addressee


def check_step(item: Item, actor: Actor, stepped: Stepped, way: Way) -> None:
    """Nothing, where the step may be made.

    Raises
    ------
    StepRefusedError
        The state, the place, the role or what the step says does not allow it; the message gives
        the reason and the steps that are possible.
    """
    step = way.step(stepped.step)
    if item.merged_into is not None:
        raise StepRefusedError(f"The item is merged into {item.merged_into}: act there.")
    if actor.area is not None and not lies_in(item.kode, (actor.area,)):
        raise StepRefusedError(f"The item is of {item.kode}; you act for {actor.area} only.")
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
        return item.raiser.role != "system" and (actor.role, actor.area, actor.office) == (
            item.raiser.role,
            item.raiser.area,
            item.raiser.office,
        )
    if role != "addressee":
        return actor.role == role
    if actor.role == "kecamatan":
        return stepped.on_behalf
    if addressee.jenis == "desa":
        return actor.role == "desa" and actor.area == item.kode
    return actor.role == "office" and actor.office == addressee.nama
