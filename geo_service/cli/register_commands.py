"""The register on the command line: made, synchronised with releases, read, exported."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from geo_service.cli import console

if TYPE_CHECKING:
    from geo_service.errors import GeoServiceError
    from geo_service.register.event_store import Register
    from geo_service.register.figures import Figures
    from geo_service.register.records import Event, Item

register = typer.Typer(
    no_args_is_help=True,
    help="""What becomes of each need: sent to whom, answered how, done when (needs the extra
    `geo-service[register]`).

    The register is one database, `register.db` in this folder unless GEO_REGISTER (or `--register`)
    names another. A server without it stays read-only.

    1. `geo-service register init` makes it.

    2. `geo-service register sync releases` takes over the needs of the current release: new ones
       wait as drafts; what the data no longer show waits for somebody to confirm it.

    3. `geo-service register list --area 53.06.13` shows them; `show ID` tells what happened to one;
       `step ID send …` makes a step, for whoever keeps the register by hand.

    Nothing in it is ever overwritten: a mistake is corrected by a further event. `backup` copies it
    while it is used, `export` and `import` carry it to another database, `check` replays it.
    """,
)
HERE = "sqlite:///register.db"
RegisterOption = Annotated[
    str | None, typer.Option("--register", help="Database (GEO_REGISTER; else register.db here).")
]
ItemArgument = Annotated[str, typer.Argument(help="Id of an item, as listed.", metavar="ID")]


@register.command()
def init(register_url: RegisterOption = None) -> None:
    """Make the register, or bring one of an older program to the newest form.

    Example: `geo-service register init`
    """
    with open_register(register_url) as opened:
        opened.migrate()
        console.out.print(f"The register is ready: {opened.name}", markup=False)


@register.command()
def migrate(register_url: RegisterOption = None) -> None:
    """Bring a register of an older program to the newest form; the same as `init`.

    Example: `geo-service register migrate`
    """
    init(register_url)


@register.command()
def sync(
    releases: Annotated[Path, typer.Argument(help="Folder that holds the releases.")],
    register_url: RegisterOption = None,
) -> None:
    """Take over the needs of the current release.

    Example: `geo-service register sync releases`
    """
    _sync(releases, register_url)


def sync_published(releases: Path) -> None:
    """Take over the needs of what was just published, where GEO_REGISTER names a register.

    What cannot be taken over is said and ends nothing: the release is published.
    """
    from geo_service import errors, settings

    if settings.read_settings().register_url is None:
        return
    try:
        _sync(releases, None)
    except errors.RegisterError as error:
        console.err.print(
            f"Published; the register does not know it yet: {error} "
            f"Then run: geo-service register sync {releases}",
            markup=False,
            soft_wrap=True,
        )


def _sync(releases: Path, register_url: str | None) -> None:
    with open_register(register_url) as opened:
        from geo_service.needs import sync as syncing
        from layers.release.manifest_file import CURRENT_LINK

        needs = syncing.read_needs((releases / CURRENT_LINK).resolve())
        count = syncing.sync_register(opened, needs, datetime.now(UTC))
    console.out.print(
        f"{needs.release}: {count.new} new, {count.changed} changed, {count.gone} no longer shown, "
        f"{count.returned} shown again, {count.moved} moved to other codes, {count.merged} merged, "
        f"{count.former} under former codes, {count.same} as before.",
        markup=False,
    )


@register.command(name="list")
def list_items(
    area: Annotated[str | None, typer.Option(help="Code of a wilayah.")] = None,
    state: Annotated[str | None, typer.Option(help="Only items in this state.")] = None,
    overdue: Annotated[bool, typer.Option("--overdue", help="Only what is late.")] = False,
    register_url: RegisterOption = None,
) -> None:
    """List items: id, code, service and measure, state, whose task it is, until when.

    Example: `geo-service register list --area 53.06.13 --overdue`
    """
    today = datetime.now(UTC).date()
    with open_register(register_url) as opened:
        if state is not None and state not in opened.way.states:
            names = ", ".join(opened.way.states)
            raise refusal(f"No state is called {state!r}. There are: {names}.")
        states = Counter[str]()
        for item in opened.items(area):
            item_state = item.state(opened.way)
            if overdue and not item.is_overdue(opened.way, today):
                continue
            if state is None or item_state == state:
                states[item_state] += 1
                console.out.print(item_line(item, item_state), markup=False, soft_wrap=True)
    counts = ", ".join(f"{count} {name}" for name, count in states.items())
    console.err.print(f"{states.total()} items ({counts or 'none'}).", markup=False)


@register.command()
def figures(
    area: Annotated[str, typer.Option(help="Code of a wilayah.")],
    register_url: RegisterOption = None,
) -> None:
    """Tell what became of the needs of a wilayah: by its parts, offices and services; refusals.

    Example: `geo-service register figures --area 53.06.13`
    """
    with open_register(register_url) as opened:
        from geo_service.register import figures as counting
        from geo_service.register.item_lists import day_of

        today = day_of(datetime.now(UTC))
        groups = (
            counting.of_parts(opened, area, today),
            {name: made for (_, name), made in counting.of_offices(opened, area, today).items()},
            counting.of_services(opened, area, today),
        )
        for group in groups:
            for name, made in group.items():
                console.out.print(f"{name or '-'}: {_counts(made)}", markup=False, soft_wrap=True)
        for refusal in counting.refusals(opened, area):
            line = f"{refusal.item}  {refusal.kode}  {refusal.office}  refused  {refusal.reason}"
            console.out.print(line, markup=False, soft_wrap=True)
    if not groups[0]:
        console.err.print("Nothing was sent to anybody.", markup=False)


@register.command()
def show(item_id: ItemArgument, register_url: RegisterOption = None) -> None:
    """Tell what happened to an item, in order.

    Example: `geo-service register show 0123456789abcdef`
    """
    with open_register(register_url) as opened:
        item = opened.item(item_id)
        console.out.print(item_line(item, item.state(opened.way)), markup=False, soft_wrap=True)
        for event in opened.events(item_id):
            content = event.content.model_dump(exclude_none=True, exclude={"kind"}, mode="json")
            said = ", ".join(f"{name}={value}" for name, value in content.items())
            line = f"{event.number:>3}  {event.moment:%Y-%m-%d %H:%M}  {event.actor.role}"
            console.out.print(f"{line}  {event.content.kind}  {said}", markup=False, soft_wrap=True)


@register.command()
def step(
    item_id: ItemArgument,
    name: Annotated[str, typer.Argument(help="Id of a step, such as send.", metavar="STEP")],
    area: Annotated[str, typer.Option(help="Code of the kecamatan that enters it.")],
    task: Annotated[
        str | None, typer.Option(help="Whose task it is: office, desa:NAME, provinsi:NAME.")
    ] = None,
    to: Annotated[str | None, typer.Option(help="To whom it goes, likewise.")] = None,
    due: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"])] = None,
    day: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"])] = None,
    reason: Annotated[str | None, typer.Option(help="Why it is refused, or not theirs.")] = None,
    letter: Annotated[str | None, typer.Option(help="Number of the letter.")] = None,
    document: Annotated[str | None, typer.Option(help="RKPDes, APBDes, RKPD or APBD.")] = None,
    tahun: Annotated[int | None, typer.Option(help="Year of the budget.")] = None,
    amount_idr: Annotated[int | None, typer.Option(help="Rupiah.", min=0)] = None,
    register_url: RegisterOption = None,
) -> None:
    """Make a step for the kecamatan, or on behalf of the desa or office from which it heard.

    A due date that is not given is so many days away as the way of items says of the step.

    Example: `geo-service register step ID send --area 53.06.13 --to "Dinas PUPR" --due 2027-01-31`
    """
    from pydantic import ValidationError

    from geo_service.register import records

    actor = records.Actor(role="kecamatan", name="command line", area=area)
    said = {
        "step": name,
        "task": _addressee(task),
        "to": _addressee(to),
        "due": _day(due),
        "day": _day(day),
        "reason": reason,
        "letter": letter,
        "document": document,
        "tahun": tahun,
        "amount_idr": amount_idr,
        "on_behalf": True,
    }
    try:
        content = records.Stepped.model_validate(said)
    except ValidationError as error:
        first = error.errors()[0]
        raise refusal(f"{first['loc'][0]}: {first['msg']}.") from error
    with open_register(register_url) as opened:
        if content.due is None and "due" in opened.way.step(name).needs:
            today = datetime.now(UTC).date()
            content = content.model_copy(update={"due": opened.way.step(name).due_after(today)})
        item = opened.add(opened.item(item_id), (content,), actor, datetime.now(UTC))
        console.out.print(item_line(item, item.state(opened.way)), markup=False, soft_wrap=True)


@register.command(name="export")
def export_events(
    target: Annotated[Path, typer.Argument(help="New file of JSON lines.", metavar="FILE")],
    register_url: RegisterOption = None,
) -> None:
    """Write every event as a line of JSON; `import` makes the same register of it.

    Example: `geo-service register export register.jsonl`
    """
    if target.exists():
        raise refusal(f"{target}: there already; name a new file.")
    count = 0
    with open_register(register_url) as opened, target.open("x", encoding="utf-8") as file:
        for event in opened.all_events():
            file.write(event.model_dump_json() + "\n")
            count += 1
    console.out.print(f"{count} events in {target}", markup=False)


@register.command(name="import")
def import_events(
    source: Annotated[Path, typer.Argument(help="File that `export` wrote.", metavar="FILE")],
    register_url: RegisterOption = None,
) -> None:
    """Take an export into an empty register; all of it or nothing.

    Example: `geo-service register import register.jsonl --register sqlite:///new.db`
    """
    from pydantic import ValidationError

    from geo_service.register import event_log

    events: list[Event] = []
    try:
        with source.open(encoding="utf-8") as file:
            events.extend(event_log.read_event(line) for line in file)
    except OSError as error:
        raise refusal(f"{source}: cannot be read ({error.strerror}).") from error
    except (ValidationError, UnicodeDecodeError) as error:
        raise refusal(f"{source}: line {len(events) + 1} is no event.") from error
    with open_register(register_url) as opened:
        opened.migrate()
        console.out.print(f"{opened.load(events)} events taken over.", markup=False)


@register.command()
def check(register_url: RegisterOption = None) -> None:
    """Replay the log and compare the list of items with it; exit code 1 where they differ.

    Example: `geo-service register check`
    """
    with open_register(register_url) as opened:
        differences = opened.check()
    for item, column, listed, replayed in differences:
        console.err.print(
            f"{item}: {column} is {listed!r}, and {replayed!r} by its events.", markup=False
        )
    if differences:
        raise typer.Exit(1)
    console.out.print("The list of items is as the log makes it.")


def refusal(text: str) -> GeoServiceError:
    """What a command says where it cannot do what is asked."""
    from geo_service.errors import RegisterError

    return RegisterError(text)


@contextmanager
def open_register(url: str | None) -> Iterator[Register]:
    """The register of an option or setting, closed at the end."""
    try:
        from geo_service.register import event_store, way
    except ImportError as error:
        raise refusal(
            f"The register needs {error.name}: pip install 'geo-service[register]'."
        ) from error
    from geo_service import settings

    given = settings.read_settings(register_url=url)
    opened = event_store.Register(
        given.register_url or HERE,
        way.read_way(given.register_way) if given.register_way else way.read_way(),
    )
    try:
        yield opened
    finally:
        opened.close()


def item_line(item: Item, state: str) -> str:
    """One line about an item: id, code, what it is about, state, tasks."""
    about = f"{item.raised.layanan}/{item.raised.ukuran}" if item.key else item.raised.title
    tasks = "; ".join(
        f"{task.addressee.nama} {task.state}" + (f" until {task.due}" if task.due else "")
        for task in item.tasks
    )
    met = f"; met by the data of {item.met_tahun}" if item.met_tahun is not None else ""
    return f"{item.id}  {item.kode}  {about}  {state}  {tasks or '-'}{met}"


def _counts(made: Figures) -> str:
    names = ("sent", "in_time", "late", "unanswered", "overdue", "accepted", "refused")
    counts = [f"{getattr(made, name)} {name}" for name in (*names, "forwarded", "budgeted", "done")]
    days = "-" if made.median_days is None else f"{made.median_days:g}"
    return f"{', '.join(counts)}; {days} days to answer (median of {made.answered})"


def _addressee(text: str | None) -> dict[str, str] | None:
    """An office of the kabupaten, unless the text begins with ``desa:`` or ``provinsi:``."""
    if text is None:
        return None
    kind, separator, name = text.partition(":")
    is_said = bool(separator) and kind in ("desa", "provinsi")
    return {"jenis": kind, "nama": name} if is_said else {"jenis": "kabupaten", "nama": text}


def _day(moment: datetime | None) -> date | None:
    return moment.date() if moment is not None else None
