"""Which steps a person may make now with an item: what the forms of its page offer.

Nothing is decided here: each step is tried with `steps.check_step`, as if it said all it must say.
"""

from dataclasses import dataclass
from datetime import date
from typing import get_args

from geo_service.errors import StepRefusedError
from geo_service.register import records, steps
from geo_service.register.way import Step, Way
from layers.release.follow_up_file import Addressee, AddresseeKind

LONGEST_NAME = 200

NOBODY = Addressee(jenis="kabupaten", nama="\N{MIDDLE DOT}")
"""Stands for an addressee that has no task yet."""


@dataclass(frozen=True, slots=True)
class PossibleStep:
    """A step that is possible now.

    Parameters
    ----------
    addressee
        Whose task it is about; None where the step says to whom it goes.
    on_behalf
        Whether the kecamatan enters what it heard from the addressee.
    """

    step: Step
    addressee: Addressee | None
    on_behalf: bool


def possible_steps(item: records.Item, actor: records.Actor, way: Way) -> list[PossibleStep]:
    """The steps of the way that the actor may make with the item, task by task."""
    choices = []
    for task in item.tasks:
        choices += [
            PossibleStep(step, task.addressee, on_behalf)
            for step in way.steps
            for on_behalf in (False, True)
            if _may(item, actor, way, step, task.addressee, on_behalf)
            and (not on_behalf or not _may(item, actor, way, step, task.addressee, False))
        ]
    choices += [
        PossibleStep(step, None, False)
        for step in way.steps
        if step.to == "sent" and _may(item, actor, way, step, NOBODY, False)
    ]
    return choices


def may_attach(item: records.Item, actor: records.Actor) -> bool:
    """Whether the actor may add evidence, or what was agreed, to the item."""
    try:
        steps.check_part(item, actor)
    except StepRefusedError:
        return False
    return True


def _may(
    item: records.Item,
    actor: records.Actor,
    way: Way,
    step: Step,
    addressee: Addressee,
    on_behalf: bool,
) -> bool:
    stepped = records.Stepped(
        step=step.id,
        task=addressee,
        to=addressee if step.to == "sent" else NOBODY,
        due=date.max,
        day=date.max,
        reason="·",
        document="RKPD",
        tahun=2000,
        amount_idr=0,
        on_behalf=on_behalf,
    )
    try:
        steps.check_step(item, actor, stepped, way)
    except StepRefusedError:
        return False
    return True


def read_addressee(text: str) -> Addressee | None:
    """Who is named in a field: a kind and a name, or an office of the kabupaten; None for nobody.

    >>> read_addressee("desa:Watodei"), read_addressee("Dinas PUPR"), read_addressee("")
    (Addressee(jenis='desa', nama='Watodei'), Addressee(jenis='kabupaten', nama='Dinas PUPR'), None)
    """
    kind, separator, name = text.partition(":")
    if not separator or kind not in get_args(AddresseeKind):
        kind, name = "kabupaten", text
    if not 1 <= len(name.strip()) <= LONGEST_NAME:
        return None
    return Addressee.model_validate({"jenis": kind, "nama": name.strip()})


def read_day(text: str) -> date | None:
    """The day in a field, as browsers write it; None where there is none.

    >>> read_day("2027-01-31"), read_day("31/1/2027")
    (datetime.date(2027, 1, 31), None)
    """
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
