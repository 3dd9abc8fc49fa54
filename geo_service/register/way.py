"""The way of an item: which states there are, and who may make which step from which of them.

The table is ``way.toml``; a kabupaten may give its own.
"""

import tomllib
from datetime import date, timedelta
from pathlib import Path
from typing import Annotated, Any, Literal, Self, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from geo_service.errors import RegisterError
from layers.release.manifest_file import Text

Role: TypeAlias = Literal["kecamatan", "desa", "addressee", "raiser"]
"""Who makes a step: an office of government, the one whose task it is, or who raised the item."""
Need: TypeAlias = Literal["to", "due", "reason", "document", "tahun", "amount_idr", "day"]
Reader: TypeAlias = Literal["addressee", "kecamatan", "desa", "raiser", "sekda"]
"""Who may be told of a step."""
Days: TypeAlias = Annotated[int, Field(ge=1, le=366)]
Month: TypeAlias = Annotated[int, Field(ge=1, le=12)]
DRAFT = "draft"
NOTICED = ("raise", "correct")
"""What may be told of beside steps and reminders."""
SHIPPED = Path(__file__).with_name("way.toml")
LARGEST_FILE = 100_000


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class Step(_Part):
    """One step: from which states to which, by whom, and what it must say."""

    id: str
    title: Text
    origins: Annotated[tuple[str, ...], Field(alias="from", min_length=1)]
    to: str
    roles: Annotated[tuple[Role, ...], Field(min_length=1)]
    needs: tuple[Need, ...]
    days: Days | None = None
    answers: tuple[Text, ...] = ()

    def due_after(self, day: date) -> date | None:
        """The due date of a step on a day where nobody names another; None without ``days``."""
        return None if self.days is None else day + timedelta(days=self.days)


class ReminderLevel(_Part):
    """Who is told of what is not answered, so many days after its due date, and in which words."""

    id: str
    title: Text
    days: Days
    text: Text


class Season(_Part):
    """One part of the year of planning: first and last month, who acts, and where it is written."""

    id: str
    title: Text
    first_month: Month
    last_month: Month
    who: Text
    source: Annotated[str, Field(min_length=1)]

    def covers(self, month: int) -> bool:
        """Whether it is under way in a month; one that begins in a late month may end in an early.

        >>> season = read_way().calendar[0]
        >>> season.first_month, season.last_month, season.covers(5), season.covers(7)
        (4, 6, True, False)
        """
        if self.first_month <= self.last_month:
            return self.first_month <= month <= self.last_month
        return month >= self.first_month or month <= self.last_month


class Digest(_Part):
    """On which day of the week digests go out (1 is Monday), and how old what is told may be."""

    weekday: Annotated[int, Field(ge=1, le=7)] = 1
    fresh_days: Days = 7


class Way(_Part):
    """All states and steps, and how far along each state is.

    Parameters
    ----------
    order
        How far a task has come, least first.
    waiting
        States in which the addressee has not said yet what becomes of it; the step that leads out
        of them is the answer.
    reminders
        Levels to which what is not answered rises, in their order.
    calendar
        The year of planning and budgets.
    notices
        Who is told of a step or reminder, by its id, of a proposal and of a correction.
    report_answers
        Reasons why nothing comes of a citizen's report.
    """

    order: tuple[str, ...]
    waiting: tuple[str, ...] = ("sent", "received")
    states: dict[str, Text]
    steps: tuple[Step, ...]
    reminders: tuple[ReminderLevel, ...] = ()
    calendar: tuple[Season, ...] = ()
    notices: dict[str, tuple[Reader, ...]] = {}
    digest: Digest = Digest()
    report_answers: tuple[Text, ...] = ()

    @model_validator(mode="after")
    def _check_notices(self) -> Self:
        ids = {*NOTICED, *(step.id for step in self.steps), *(one.id for one in self.reminders)}
        if "notices" in self.model_fields_set and (unknown := sorted(set(self.notices) - ids)):
            raise ValueError(f"no step or reminder is called {', '.join(unknown)}")
        return self

    @model_validator(mode="after")
    def _check_names(self) -> Self:
        named = {*self.order, DRAFT}.union(*({*step.origins, step.to} for step in self.steps))
        if "waiting" in self.model_fields_set:
            named.update(self.waiting)
        unknown = sorted(named - set(self.states))
        if unknown:
            raise ValueError(f"no state is called {', '.join(unknown)}")
        for name, parts in (
            ("steps", self.steps),
            ("reminders", self.reminders),
            ("parts of the calendar", self.calendar),
        ):
            ids = [part.id for part in parts]
            if len(set(ids)) < len(ids):
                raise ValueError(f"two {name} have one id")
        days = [level.days for level in self.reminders]
        if days != sorted(set(days)):
            raise ValueError("each reminder must have more days than the one before it")
        return self

    def step(self, name: str) -> Step:
        """The step of this id.

        Raises
        ------
        RegisterError
            There is none; the message lists those there are.
        """
        for step in self.steps:
            if step.id == name:
                return step
        ids = ", ".join(step.id for step in self.steps)
        raise RegisterError(f"No step is called {name!r}. There are: {ids}.")

    def steps_from(self, state: str) -> tuple[Step, ...]:
        """The steps that lead on from a state."""
        return tuple(step for step in self.steps if state in step.origins)

    def is_owed(self, state: str) -> bool:
        """Whether the next step from a state is the addressee's: who has such a task owes work.

        >>> [state for state in ("draft", "sent", "refused", "done") if read_way().is_owed(state)]
        ['sent']
        """
        return any("addressee" in step.roles for step in self.steps_from(state))

    def least(self, states: tuple[str, ...]) -> str:
        """The state that is least far along; those outside the order count only among themselves.

        >>> read_way().least(("done", "sent", "refused"))
        'sent'
        """
        ordered = [state for state in self.order if state in states]
        return ordered[0] if ordered else states[0]


def read_way(path: Path = SHIPPED) -> Way:
    """The table of a file; of a kabupaten's own, on the ground of the shipped one.

    It names what is different: steps and reminders by id, with the keys that change, new ones, and
    lists such as the calendar as a whole.

    Raises
    ------
    RegisterError
        It is not there, no TOML, or says something that no table says; with the place in it.
    """
    try:
        content = path.read_bytes()
        if len(content) > LARGEST_FILE:
            raise RegisterError(f"{path}: larger than {LARGEST_FILE} bytes.")
        given = tomllib.loads(content.decode("utf-8"))
        if path != SHIPPED:
            given = _join(tomllib.loads(SHIPPED.read_text("utf-8")), given)
        return Way.model_validate(given)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise RegisterError(f"{path}: cannot be read ({error}).") from error
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"]) or "the table"
        raise RegisterError(f"{path}: {place}: {first['msg']}.") from error


def _join(shipped: dict[str, Any], own: dict[str, Any]) -> dict[str, Any]:
    """The shipped table with what a kabupaten says otherwise; what is malformed stays as it is."""
    joined = shipped | own
    for name in ("states", "notices", "digest"):
        if isinstance(own.get(name, {}), dict):
            joined[name] = shipped[name] | own.get(name, {})
    for name in ("steps", "reminders"):
        parts = own.get(name, [])
        if isinstance(parts, list) and all(isinstance(part, dict) for part in parts):
            by_id = {part["id"]: part for part in shipped[name]}
            for part in parts:
                key = str(part.get("id"))
                by_id[key] = by_id.get(key, {}) | part
            joined[name] = list(by_id.values())
    return joined
