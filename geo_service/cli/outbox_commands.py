"""Who is told of what happens in the register, and delivering it, on the command line."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from geo_service.cli import console
from geo_service.cli.register_commands import RegisterOption, open_register

if TYPE_CHECKING:
    from geo_service.outbox import delivery, messages
    from geo_service.outbox.contacts import Contacts

outbox = typer.Typer()
contacts = typer.Typer(
    no_args_is_help=True,
    help="""Where words go: mail addresses and webhooks of offices, desa, kecamatan and the sekda.

    1. `geo-service register contacts add --role office --area 53.06 --office "Dinas Kesehatan"
    dinkes@flotim.example.go.id` adds a mail address. `--office` is the name as the follow-up lists
    have it.

    2. An address that begins with https:// is a webhook. Its secret is printed once; what comes is
    signed with it (Standard Webhooks: webhook-id, webhook-timestamp, webhook-signature).

    3. `geo-service register deliver` sends what waits. `way.toml` says who is told of what.

    A mail names roles and offices, never a person. An office may look after its own contacts at
    /rumah/kabar.
    """,
)
LISTED = 200


@contacts.command()
def add(
    address: Annotated[str, typer.Argument(help="Mail address, or URL.", metavar="ADDRESS")],
    role: Annotated[str, typer.Option(help="kecamatan, desa, office or sekda.")],
    area: Annotated[str, typer.Option(help="Code of the wilayah, as 53.06.13.")],
    office: Annotated[str | None, typer.Option(help="Name of the office, of an office.")] = None,
    register_url: RegisterOption = None,
) -> None:
    """Tell an address what concerns an office, desa, kecamatan or the sekda, from now on.

    Example: `geo-service register contacts add --role kecamatan --area 53.06.13
    ile.boleng@flotim.example.go.id`
    """
    with open_contacts(register_url) as book:
        contact = book.add_typed(role, area, office, address, datetime.now(UTC))
    console.out.print(f"{contact.id}  {contact.channel}  {contact.address}", markup=False)
    if contact.secret is not None:
        line = f"Secret, shown once: {contact.secret}"
        console.out.print(line, markup=False, soft_wrap=True)


@contacts.command(name="list")
def list_contacts(
    area: Annotated[str | None, typer.Option(help="Only of this wilayah.")] = None,
    ended: Annotated[
        bool, typer.Option("--ended", help="Also those that are told nothing.")
    ] = False,
    register_url: RegisterOption = None,
) -> None:
    """List contacts: id, role, area, office, channel, address, and why one has ended.

    Example: `geo-service register contacts list --area 53.06`
    """
    with open_contacts(register_url) as book:
        made = book.find_all(area, is_open=not ended)
    for contact in made:
        office = f"  {contact.office}" if contact.office else ""
        state = f"  ended: {contact.reason}" if contact.reason else ""
        line = f"{contact.id}  {contact.role}  {contact.area}{office}  {contact.channel}"
        console.out.print(f"{line}  {contact.address}{state}", markup=False, soft_wrap=True)
    console.err.print(f"{len(made)} contacts.", markup=False)


@contacts.command()
def remove(
    contact_id: Annotated[str, typer.Argument(help="Id of a contact, as listed.", metavar="ID")],
    register_url: RegisterOption = None,
) -> None:
    """Tell a contact nothing any more; what waits for it is given up.

    Example: `geo-service register contacts remove 0123456789abcdef`
    """
    with open_contacts(register_url) as book:
        contact = book.find(contact_id)
        book.end(contact, datetime.now(UTC))
    console.out.print(f"{contact.address} is told nothing any more.", markup=False)


@contacts.command()
def calendar(
    contact_id: Annotated[str, typer.Argument(help="Id of a contact, as listed.", metavar="ID")],
    end: Annotated[bool, typer.Option("--end", help="Let its link open nothing any more.")] = False,
    register_url: RegisterOption = None,
) -> None:
    """Print a link to the calendar of a contact's due dates; the link before ends.

    Whoever has an account makes one at /rumah/kabar. Whoever has the link can read the calendar.

    Example: `geo-service register contacts calendar 0123456789abcdef`
    """
    with open_register(register_url) as opened:
        from geo_service import settings
        from geo_service.outbox import calendars, contacts

        contact = contacts.Contacts(opened).find(contact_id)
        keys, given = calendars.CalendarKeys(opened), settings.read_settings()
        if end:
            keys.end(("contact", contact.id))
            console.out.print("The link has ended.", markup=False)
            return
        token = keys.renew(("contact", contact.id), datetime.now(UTC))
    link = f"{given.root}/rumah/kalender/{token}.ics"
    console.out.print(link, markup=False, soft_wrap=True)


@outbox.command()
def deliver(
    every: Annotated[
        int | None, typer.Option(help="Again after so many seconds, until stopped.", min=5)
    ] = None,
    digest: Annotated[
        bool, typer.Option("--digest", help="Write the digests of this week now.")
    ] = False,
    status: Annotated[
        bool, typer.Option("--status", help="Only show what waits and what was given up.")
    ] = False,
    again: Annotated[
        str | None, typer.Option(help="Id of a message to try anew.", metavar="ID")
    ] = None,
    register_url: RegisterOption = None,
) -> None:
    """Send what waits: mails by the server of GEO_OUTBOX, webhooks to their endpoints.

    Each event goes once to each contact that it concerns (`way.toml`, `notices`). What cannot be
    handed over is tried again after 1, 5 and 15 minutes, 1, 4 and 12 hours, and twice after a day;
    then it is given up and listed as dead with its reason. A mail of which nobody knows whether it
    went out, since the program ended meanwhile, is listed as unclear and not sent again by itself.

    On the day of `way.toml` (`digest`) each contact gets what waits for it, the late first, and
    what was answered; once a week, also with `--digest`, and nothing where nothing is to say.

    Run it by a timer, or with `--every 60` as a service; several at once do not disturb each other.
    GEO_OUTBOX names a file with the mail server; without it mails wait:

    `smtp = "smtp://rumah@mail.kabupaten.go.id:587"`, `password_file = "smtp-password"`,
    `sender = "Rumah Bersama <rumah@kabupaten.go.id>"`.

    Examples: `geo-service register deliver --every 60`, `geo-service register deliver --status`
    """
    with open_register(register_url) as opened:
        from geo_service import settings
        from geo_service.outbox import delivery, messages

        box, given = messages.Outbox(opened), settings.read_settings()
        if again is not None:
            box.send_again(again, datetime.now(UTC))
        if status or again is not None:
            _print_status(box)
            return
        deliverer = delivery.make_deliverer(opened, given)
        if given.public_url is None:
            text = f"GEO_PUBLIC_URL is not set: links lead to {deliverer.names.root}"
            console.err.print(text, markup=False, soft_wrap=True)
        _deliver(deliverer, every, digest)


@contextmanager
def open_contacts(register_url: str | None) -> Iterator[Contacts]:
    """The contacts of a register, which is closed at the end."""
    with open_register(register_url) as opened:
        from geo_service import settings
        from geo_service.outbox import contacts, outbox_file

        given = outbox_file.read_outbox_file(settings.read_settings().outbox)
        yield contacts.Contacts(opened, given.webhook_networks)


def _deliver(deliverer: delivery.Deliverer, every: int | None, has_digests: bool) -> None:
    """Deliver once; with ``every``, again and again, whatever is wrong in between."""
    from geo_service import errors

    while True:
        try:
            done = deliverer.run_round(has_digests=has_digests)
        except errors.RegisterError as error:
            if every is None:
                raise
            console.err.print(f"{error}", markup=False, soft_wrap=True)
        else:
            for note in done.notes:
                console.err.print(note, markup=False, soft_wrap=True)
            counts = ", ".join(f"{count} {name}" for name, count in sorted(done.tried.items()))
            if every is None or done.posted or done.tried:
                line = f"{done.posted} messages written; {counts or 'none tried'}."
                console.out.print(line, markup=False)
        if every is None:
            return
        time.sleep(every)


def _print_status(box: messages.Outbox) -> None:
    counts = ", ".join(f"{count} {name}" for name, count in box.counts().items())
    for line in box.find_lines(("dead", "unclear", "waiting"), LISTED):
        console.out.print(_message_line(line), markup=False, soft_wrap=True)
    console.out.print(f"Messages: {counts}.", markup=False)


def _message_line(line: messages.MessageLine) -> str:
    office = f" {line.office}" if line.office else ""
    tried = f"  {line.tries} tries: {line.reason}" if line.reason else ""
    to = f"{line.role}{office} {line.area} {line.channel} {line.address}"
    return f"{line.id}  {line.state}  {line.kind}  {to}  {line.subject}{tried}"
