"""Accounts of the register on the command line."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from geo_service.cli import console
from geo_service.cli.register_commands import RegisterOption, open_register

if TYPE_CHECKING:
    from geo_service.house.accounts import Accounts, Person

users = typer.Typer(
    no_args_is_help=True,
    help="""Who may sign in at /rumah, in which role, for which area.

    1. `geo-service register users add camat.ileboleng --name "Maria" --role kecamatan
    --area 53.06.13` makes an account and prints its link. Hand it over; it works once, for seven
    days, and whoever opens it chooses the password. No mail is sent.

    2. `invite` prints a new link; `reset` ends the password and all sessions as well.

    3. `change` gives an account another role, area or office. `disable` closes one at once,
    `enable` opens it again: nothing is deleted, since the history names who acted. `audit` lists
    sign-ins and changes.

    Roles: `kabupaten` (administrator: sees all of its area, looks after accounts), `kecamatan`
    (sends, verifies, enters what it heard), `desa`, `office` (answers what is sent to it; needs
    `--office` exactly as the follow-up lists name it), `viewer` (reads only).
    """,
)
LoginArgument = Annotated[str, typer.Argument(help="What is typed to sign in.", metavar="LOGIN")]
ACTOR = "command line"


@users.command()
def add(
    login: LoginArgument,
    name: Annotated[str, typer.Option(help="Name of the person, for who is signed in only.")],
    role: Annotated[str, typer.Option(help="kabupaten, kecamatan, desa, office or viewer.")],
    area: Annotated[str | None, typer.Option(help="Code of the wilayah, as 53.06.13.")] = None,
    office: Annotated[str | None, typer.Option(help="Name of the office, of an office.")] = None,
    provider: Annotated[
        bool, typer.Option("--provider", help="Signs in by the provider in GEO_OIDC.")
    ] = False,
    register_url: RegisterOption = None,
) -> None:
    """Make an account, and print the link with which its person chooses a password.

    Example: `geo-service register users add dinkes --name "Yosef" --role office --area 53.06
    --office "Dinas Kesehatan"`
    """
    from geo_service.house.accounts import read_person

    with open_accounts(register_url) as book:
        moment = datetime.now(UTC)
        typed = read_person(login, name, role, area, office, by_provider=provider)
        person = book.add(typed, ACTOR, moment)
        _print_link(person, "" if provider else book.invite(person, ACTOR, moment))


@users.command()
def change(
    login: LoginArgument,
    role: Annotated[str | None, typer.Option(help="The new role.")] = None,
    area: Annotated[str | None, typer.Option(help="The new code of the wilayah.")] = None,
    office: Annotated[str | None, typer.Option(help="The new office, of an office.")] = None,
    name: Annotated[str | None, typer.Option(help="Who has the account now.")] = None,
    register_url: RegisterOption = None,
) -> None:
    """Change role, area, office or name of an account; all its sessions end at once.

    What is not named stays, but for the office of who is none any more.

    Example: `geo-service register users change maria --role kecamatan --area 53.06.14`
    """
    from dataclasses import replace

    from geo_service.house.accounts import read_person

    with open_accounts(register_url) as book:
        person = book.find(login)
        kept = office or (person.office if role in (None, "office") else None)
        typed = read_person(
            login, name or person.name, role or person.role, area or person.area, kept
        )
        person = book.change(
            replace(typed, id=person.id, by_provider=person.by_provider), ACTOR, datetime.now(UTC)
        )
    where = f"{person.area or 'everywhere'}{f'  {person.office}' if person.office else ''}"
    console.out.print(f"{person.login}  {person.role}  {where}", markup=False, soft_wrap=True)


@users.command(name="list")
def list_users(
    area: Annotated[str | None, typer.Option(help="Only of this wilayah.")] = None,
    register_url: RegisterOption = None,
) -> None:
    """List accounts: login, role, area, office, name, and whether they can sign in.

    Example: `geo-service register users list --area 53.06`
    """
    with open_accounts(register_url) as book:
        people = book.people(area)
    for person in people:
        state = "open" if person.has_password else "invited"
        state = "closed" if person.is_disabled else "provider" if person.by_provider else state
        where = f"{person.area or 'everywhere'}{f'  {person.office}' if person.office else ''}"
        line = f"{person.login}  {person.role}  {where}  {person.name}  {state}"
        console.out.print(line, markup=False, soft_wrap=True)
    console.err.print(f"{len(people)} accounts.", markup=False)


@users.command()
def invite(login: LoginArgument, register_url: RegisterOption = None) -> None:
    """Print a new link; the one before ends, the password stays until the link is used.

    Example: `geo-service register users invite camat.ileboleng`
    """
    with open_accounts(register_url) as book:
        person = book.find(login)
        _print_link(person, book.invite(person, ACTOR, datetime.now(UTC)))


@users.command()
def reset(login: LoginArgument, register_url: RegisterOption = None) -> None:
    """End the password and all sessions of an account, and print a new link.

    Example: `geo-service register users reset camat.ileboleng`
    """
    with open_accounts(register_url) as book:
        person = book.find(login)
        _print_link(person, book.reset(person, ACTOR, datetime.now(UTC)))


@users.command()
def disable(login: LoginArgument, register_url: RegisterOption = None) -> None:
    """Close an account; all its sessions end at once.

    Example: `geo-service register users disable camat.ileboleng`
    """
    _set_disabled(login, True, register_url)


@users.command()
def enable(login: LoginArgument, register_url: RegisterOption = None) -> None:
    """Open a closed account again; its password is as it was.

    Example: `geo-service register users enable camat.ileboleng`
    """
    _set_disabled(login, False, register_url)


@users.command()
def audit(register_url: RegisterOption = None) -> None:
    """List the latest sign-ins and changes of accounts, the newest first.

    Example: `geo-service register users audit`
    """
    with open_accounts(register_url) as book:
        lines = book.audit_lines()
    for line in lines:
        said = f"{line.what}  {line.login}  by {line.actor}  {line.address or '-'}"
        console.out.print(f"{line.moment:%Y-%m-%d %H:%M:%S}  {said}", markup=False, soft_wrap=True)


@contextmanager
def open_accounts(register_url: str | None) -> Iterator[Accounts]:
    """The accounts of a register, which is closed at the end."""
    with open_register(register_url) as opened:
        from geo_service.house.accounts import Accounts

        yield Accounts(opened)


def _set_disabled(login: str, is_disabled: bool, register_url: str | None) -> None:
    with open_accounts(register_url) as book:
        moment = datetime.now(UTC)
        person = book.set_disabled(book.find(login), is_disabled, ACTOR, moment)
    console.out.print(f"{person.login} is {'closed' if is_disabled else 'open'}.", markup=False)


def _print_link(person: Person, token: str) -> None:
    from geo_service import settings

    given = settings.read_settings()
    path = f"undangan/{token}" if token else "masuk"
    console.out.print(f"{person.login}: {given.root}/rumah/{path}", markup=False, soft_wrap=True)
