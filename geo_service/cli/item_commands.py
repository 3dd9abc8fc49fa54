"""Items of the register on the command line: raised, merged, corrected, sent in letters."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from geo_service.cli import console, register_commands
from geo_service.cli.register_commands import ItemArgument, RegisterOption, open_register

if TYPE_CHECKING:
    from geo_service.letters import letter as writing
    from geo_service.register import records

items = typer.Typer()
NAME = "command line"
AreaOption = Annotated[str, typer.Option("--area", help="Code of the kecamatan that enters it.")]
ReleasesOption = Annotated[Path, typer.Option(help="Folder that holds the releases.")]
ReasonArgument = Annotated[str, typer.Argument(help="Why.", metavar="REASON")]


def _now() -> datetime:
    return datetime.now(UTC)


def current_release(releases: Path) -> Path:
    """The folder of the current release."""
    from layers.release.manifest_file import CURRENT_LINK

    return (releases / CURRENT_LINK).resolve()


def kecamatan(area: str, role: Literal["kecamatan", "desa"] = "kecamatan") -> records.Actor:
    """Who acts at the command line for a kecamatan, or a desa."""
    from geo_service.register import records

    with _readable():
        return records.Actor(role=role, name=NAME, area=area)


@contextmanager
def _readable() -> Iterator[None]:
    """Say what is wrong with an argument in one line."""
    from pydantic import ValidationError

    try:
        yield
    except ValidationError as error:
        first = error.errors()[0]
        raise register_commands.refusal(
            f"{first['loc'][0]}: {first['input']!r}: {first['msg']}."
        ) from error


@items.command(name="raise")
def raise_item(
    kode: Annotated[str, typer.Argument(help="Code of a desa or kecamatan.", metavar="CODE")],
    title: Annotated[str, typer.Argument(help="What is proposed.", metavar="TITLE")],
    service: Annotated[str | None, typer.Option(help="Id of a basic service.")] = None,
    amount_idr: Annotated[int | None, typer.Option(help="Estimated rupiah.", min=0)] = None,
    activity: Annotated[str | None, typer.Option(help="Activity code, as 02.02.02.")] = None,
    tahun: Annotated[int | None, typer.Option(help="Year for which it is.")] = None,
    lon: Annotated[float | None, typer.Option(help="Place: degrees east.")] = None,
    lat: Annotated[float | None, typer.Option(help="Place: degrees north.")] = None,
    by_desa: Annotated[
        bool, typer.Option("--by-desa", help="The desa raised it, and may reopen it.")
    ] = False,
    register_url: RegisterOption = None,
) -> None:
    """Raise an item by hand; an equal one is not doubled.

    Example: `geo-service register raise 53.06.13.2001 "Sumur bor Dusun II" --by-desa`
    """
    with open_register(register_url) as opened:
        from geo_service.register import records

        with _readable():
            raised = records.Raised(
                kode=kode,
                layanan=service,
                title=title,
                amount_idr=amount_idr,
                activity=activity,
                tahun=tahun,
                lon=lon,
                lat=lat,
            )
            area = kode if by_desa else kode[: len("00.00.00")]
            actor = kecamatan(area, "desa" if by_desa else "kecamatan")
        item, is_new = opened.raise_item(raised, actor, _now())
        line = register_commands.item_line(item, item.state(opened.way))
        known = "" if is_new else "There already: "
        console.out.print(f"{known}{line}", markup=False, soft_wrap=True)


@items.command()
def propose(
    source: Annotated[Path, typer.Argument(help="Sheet of proposals.", metavar="FILE")],
    releases: ReleasesOption = Path("releases"),
    register_url: RegisterOption = None,
) -> None:
    """Raise the proposals of a sheet (musrenbang, RKP Desa); what is there already is not doubled.

    A section `[[proposals]]` of the current release that names the columns of the sheet says how to
    read it; else it is read as `geo-service init` would propose. What is wrong with a row is said
    with file and row; the other rows are taken.

    Example: `geo-service register propose usulan_2027.xlsx --releases releases`
    """
    from geo_service import errors
    from geo_service.cli import proposal_sheet

    new = known = 0
    with open_register(register_url) as opened:
        release = current_release(releases)
        sheet = proposal_sheet.read_proposal_sheet(source, release)
        for raised in sheet.raised:
            is_desa = len(raised.kode) == len("00.00.00.0000")
            actor = kecamatan(raised.kode, "desa" if is_desa else "kecamatan")
            try:
                _, is_new = opened.raise_item(raised, actor, _now())
            except errors.StepRefusedError as error:
                console.err.print(f"{raised.source}: {error}", markup=False, soft_wrap=True)
                continue
            new, known = new + is_new, known + (not is_new)
    for finding in sheet.findings:
        place = f"{finding.file or source}" + (f", row {finding.row}" if finding.row else "")
        console.err.print(f"{place}: {finding.message}", markup=False, soft_wrap=True)
    console.out.print(
        f"{new} proposals raised, {known} were there already; read by {sheet.declared_by}.",
        markup=False,
        soft_wrap=True,
    )


@items.command()
def merge(
    item_id: ItemArgument,
    into: Annotated[str, typer.Argument(help="Id of the item that stays.", metavar="INTO")],
    reason: ReasonArgument,
    area: AreaOption,
    register_url: RegisterOption = None,
) -> None:
    """Make one item of two; the one that stays takes over the tasks of the other.

    Example: `geo-service register merge ID INTO "Satu bangunan" --area 53.06.13`
    """
    with open_register(register_url) as opened:
        given = (opened.item(item_id), opened.item(into), reason, kecamatan(area), _now())
        item = opened.merge(*given)
        console.out.print(
            register_commands.item_line(item, item.state(opened.way)), markup=False, soft_wrap=True
        )


@items.command()
def correct(
    item_id: ItemArgument,
    number: Annotated[int, typer.Argument(help="Number of the event that was a mistake.", min=2)],
    reason: ReasonArgument,
    area: AreaOption,
    register_url: RegisterOption = None,
) -> None:
    """Say that an event was a mistake and does not count; it stays in the history.

    Example: `geo-service register correct ID 3 "Surat tidak jadi dikirim" --area 53.06.13`
    """
    with open_register(register_url) as opened:
        item = opened.correct(opened.item(item_id), number, reason, kecamatan(area), _now())
        console.out.print(
            register_commands.item_line(item, item.state(opened.way)), markup=False, soft_wrap=True
        )


@items.command()
def remind(
    area: Annotated[str | None, typer.Option(help="Code of a wilayah.")] = None,
    register_url: RegisterOption = None,
) -> None:
    """Make the reminders that are due, once for each due date; what stays unanswered rises.

    Run it once a day (cron, systemd timer); a second time on one day it makes none. `deliver` then
    sends them to whom they concern.

    Example: `geo-service register remind`
    """
    with open_register(register_url) as opened:
        from geo_service.register import reminders

        sent = reminders.remind(opened, _now(), area)
        for item, reminder in sent:
            state = item.state(opened.way)
            told = f"{reminder.level}: {reminder.task.nama}, due {reminder.due}"
            line = f"{told}  {register_commands.item_line(item, state)}"
            console.out.print(line, markup=False, soft_wrap=True)
    console.err.print(f"{len(sent)} reminders.", markup=False)


@items.command()
def evaluate(
    kode: Annotated[str, typer.Argument(help="Code of a desa.", metavar="CODE")],
    tahun: Annotated[int, typer.Argument(help="Year of the budget.", metavar="YEAR")],
    releases: ReleasesOption = Path("releases"),
    register_url: RegisterOption = None,
) -> None:
    """Show the evaluation sheet of the budget of a desa: what it leaves open, and what was decided.

    Needs without money, money without a need, earmarks kept or broken, by the current release.

    Example: `geo-service register evaluate 53.06.13.2001 2027 --releases releases`
    """
    with open_register(register_url) as opened:
        from geo_service.needs import evaluation

        release = current_release(releases)
        for line in evaluation.read_evaluation(release, opened, kode, tahun):
            share = "" if line.percent is None else f"  {line.percent:.1f} %"
            if line.limit_percent is not None:
                share += f" ({line.limit} {line.limit_percent:g} %)"
            amount = "-" if line.amount_idr is None else f"Rp {line.amount_idr}"
            said = line.decision
            decision = "" if said is None else f"  {said.decision}: {said.note or '-'}"
            text = f"{line.id}  {line.state}  {amount}{share}{decision}"
            console.out.print(text, markup=False, soft_wrap=True)


@items.command()
def decide(
    kode: Annotated[str, typer.Argument(help="Code of a desa.", metavar="CODE")],
    tahun: Annotated[int, typer.Argument(help="Year of the budget.", metavar="YEAR")],
    line: Annotated[str, typer.Argument(help="Id of a line of the sheet.", metavar="LINE")],
    decision: Annotated[
        str, typer.Argument(help="agreed, to_change or refused.", metavar="DECISION")
    ],
    area: AreaOption,
    note: Annotated[str | None, typer.Option(help="What the desa should change.")] = None,
    releases: ReleasesOption = Path("releases"),
    register_url: RegisterOption = None,
) -> None:
    """Record what the camat decided on one line of the evaluation sheet; the last word counts.

    Example: `geo-service register decide 53.06.13.2001 2027 need:air_minum to_change --area
    53.06.13 --note "Sumur bor Dusun II dianggarkan"`
    """
    with open_register(register_url) as opened:
        from geo_service.needs import evaluation
        from geo_service.register import records

        release = current_release(releases)
        lines = {one.id for one in evaluation.read_evaluation(release, opened, kode, tahun)}
        if line not in lines:
            known = ", ".join(sorted(lines)) or "none"
            raise register_commands.refusal(
                f"{line!r} is no line of {kode} in {tahun}. There are: {known}."
            )
        with _readable():
            said = {"line": line, "decision": decision, "note": note}
            decided = records.Decided.model_validate(said)
        evaluation.decide(opened, (kode, tahun), decided, kecamatan(area), _now())
    console.out.print(f"{kode} {tahun}  {line}  {decision}", markup=False)


@items.command()
def calendar(register_url: RegisterOption = None) -> None:
    """Show the year of planning and budgets as the register knows it, with its sources.

    Example: `geo-service register calendar`
    """
    with open_register(register_url) as opened:
        month = _now().month
        for season in opened.way.calendar:
            mark = "*" if season.covers(month) else " "
            months = f"{season.first_month:02}-{season.last_month:02}"
            text = f"{mark} {months}  {season.title.id}  {season.who.id}  {season.source}"
            console.out.print(text, markup=False, soft_wrap=True)


@items.command()
def letter(
    target: Annotated[Path, typer.Argument(help="New file, such as surat.docx.", metavar="FILE")],
    area: AreaOption,
    to: Annotated[str, typer.Option(help="Name of the office, as the needs have it.")],
    number: Annotated[str, typer.Option(help="Number of the letter.")],
    due: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"])] = None,
    request: Annotated[str | None, typer.Option(help="What is asked; else as way.toml.")] = None,
    template: Annotated[Path | None, typer.Option(help="A DOCX of your own.")] = None,
    send: Annotated[bool, typer.Option("--send", help="Record that it was sent.")] = False,
    releases: ReleasesOption = Path("releases"),
    register_url: RegisterOption = None,
) -> None:
    """Write a letter with all drafts of a kecamatan for one office; `--send` records the sending.

    Example: `geo-service register letter surat.docx --area 53.06.13 --to "Dinas Kesehatan"
    --number 005/12/2027 --send`
    """
    _check_new(target)
    with open_register(register_url) as opened:
        from geo_service.letters import letter as writing
        from geo_service.register import records

        items = [item for item in opened.items(area) if _waits_for(item, to)]
        if not items:
            raise register_commands.refusal(f"No draft in {area} is for {to!r}.")
        today = datetime.now(UTC).date()
        step = opened.way.step("send")
        until = due.date() if due is not None else step.due_after(today)
        if until is None:
            raise register_commands.refusal("A letter must say: --due.")
        words = request or (step.answers[0].id if step.answers else "")
        names = _Names(current_release(releases))
        lines = tuple(names.line(place, item) for place, item in enumerate(items, start=1))
        sender = names.kecamatan.get(area, area)
        made = writing.Letter(number, today, until, f"Kecamatan {sender}", to, words, lines)
        content = writing.write_letter(made, template)
        target.write_bytes(content)
        if send:
            office = {"jenis": "kabupaten", "nama": to}
            said_so = {"step": "send", "to": office, "due": until, "letter": number}
            stepped = records.Stepped.model_validate(said_so)
            for item in items:
                opened.add(item, (stepped,), kecamatan(area), datetime.now(UTC))
    said = ", recorded as sent" if send else ""
    console.out.print(f"{target}: {len(lines)} needs for {to}{said}.", markup=False, soft_wrap=True)


@items.command()
def template(
    target: Annotated[Path, typer.Argument(help="New file, such as surat.docx.", metavar="FILE")],
) -> None:
    """Write the shipped template of a letter, to be changed in a word processor.

    Example: `geo-service register template surat.docx`
    """
    from geo_service.letters import letter as writing

    _check_new(target)
    target.write_bytes(writing.write_template())
    console.out.print(f"{target} is the template; use it with --template.", markup=False)


def _check_new(target: Path) -> None:
    if target.exists():
        raise register_commands.refusal(f"{target}: there already; name a new file.")


def _waits_for(item: records.Item, office: str) -> bool:
    """Whether an item is a draft whose need is for an office."""
    return not item.tasks and item.evidence is not None and item.evidence.addressee.nama == office


class _Names:
    """How a release calls places and services."""

    def __init__(self, release: Path) -> None:
        import pyarrow.parquet as pq

        from layers.release.follow_up_file import read_services_file

        columns = ["level", "kode", "nama"]
        rows = pq.read_table(release / "boundaries.parquet", columns=columns).to_pylist()
        self.desa = {row["kode"]: row["nama"] for row in rows if row["level"] == "desa"}
        self.kecamatan = {row["kode"]: row["nama"] for row in rows if row["level"] == "kecamatan"}
        self.services = {service.id: service.title.id for service in read_services_file(release)}

    def line(self, number: int, item: records.Item) -> writing.LetterLine:
        """The line of the list about an item."""
        from geo_service.letters import letter as writing

        service = item.raised.layanan or ""
        said, evidence = "-", item.evidence
        if evidence is not None and evidence.value is not None:
            norm = "" if evidence.norm is None else f" (norma {evidence.norm:g})"
            said = f"{evidence.value:g} {evidence.unit or ''}{norm}"
        has_people = evidence is not None and evidence.people is not None
        people = f"{evidence.people:.0f}" if evidence and has_people else "-"
        title = self.services.get(service, service)
        return writing.LetterLine(
            number, item.kode, self.desa.get(item.kode, ""), title, said, people
        )
