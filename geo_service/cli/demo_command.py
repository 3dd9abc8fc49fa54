"""The demo: the sample kabupaten, built, served, and with a register."""

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from geo_service.cli import console, register_commands

if TYPE_CHECKING:
    from geo_service.register.event_store import Register


def demo(
    folder: Annotated[
        Path, typer.Option(help="Where the sample and its releases are kept.", metavar="DIR")
    ] = Path("demo"),
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.", min=1, max=65535)] = 8000,
) -> None:
    """Make the sample kabupaten, publish it and serve it: the whole line in one command.

    With the extra `geo-service[register]` it has a register, filled with a half-year of letters,
    answers and budgets; links to sign in as an administrator, a kecamatan, a desa and an office
    are printed.

    Example: `geo-service demo --port 8080`
    """
    from geo_service.cli.mounting import serve_pages
    from geo_service.settings import read_settings
    from layers.pipeline.demo import prepare_demo

    with console.progress() as listen:
        prepared = prepare_demo(folder, progress=listen)
    console.err.print(
        f"The sample kabupaten is in {prepared.workspace}, its release is {prepared.release_id}",
        markup=False,
    )
    register = prepare_register(folder, prepared.releases)
    where = f"http://{host}:{port}"
    console.out.print(f"Try {where}/kecamatan/{prepared.kode_kecamatan}", markup=False)
    if register.url is not None:
        status = f"geo-service register deliver --status --register {register.url}"
        console.err.print(f"What waits to be sent: {status}", markup=False, soft_wrap=True)
        console.out.print(f"and {where}/rumah, the register of needs and answers", markup=False)
    for role, token in register.invitations.items():
        line = f"sign in as {role}: {where}/rumah/undangan/{token}"
        console.out.print(line, markup=False, soft_wrap=True)
    serve_pages(
        read_settings(
            releases=prepared.releases,
            host=host,
            port=port,
            workers=1,
            register_url=register.url,
            register_reports=True,
        )
    )


CONTACTS = (
    ("office", "99.01", "Dinas Kesehatan", "dinkes@kabupaten.example"),
    ("office", "99.01", "Dinas PUPR", "pupr@kabupaten.example"),
    ("kecamatan", "99.01.01", None, "camat@kabupaten.example"),
    ("desa", "99.01.01.2005", None, "desa@kabupaten.example"),
    ("sekda", "99.01", None, "sekda@kabupaten.example"),
)
"""Addresses of the demo: role, area, office and mailbox; nothing is sent unless `deliver` runs."""


class DemoRegister(NamedTuple):
    """The register of the demo, None where there is none, and links that work once, by role."""

    url: str | None
    invitations: dict[str, str]


def prepare_register(folder: Path, releases: Path) -> DemoRegister:
    """The register of the demo, filled where it is new; none without the extra.

    One that GEO_REGISTER names is left as it is, and nobody is invited to it.
    """
    from geo_service import errors, settings
    from layers.release.manifest_file import CURRENT_LINK

    if (given := settings.read_settings().register_url) is not None:
        return DemoRegister(given, {})
    url = f"sqlite:///{(folder / 'register.db').resolve()}"
    try:
        with register_commands.open_register(url) as opened:
            from geo_service.house import sample_story
            from geo_service.needs import sync

            now, release = datetime.now(UTC), (releases / CURRENT_LINK).resolve()
            opened.migrate()
            if next(opened.all_events(), None) is None:
                sample_story.tell_half_year(opened, release, now.date())
            else:
                sync.sync_register(opened, sync.read_needs(release), now)
            _add_contacts(opened, release, now)
            return DemoRegister(url, sample_story.invite_people(opened, now))
    except errors.RegisterError as error:
        console.err.print(f"Without a register: {error}", markup=False, soft_wrap=True)
        return DemoRegister(None, {})


def _add_contacts(register: "Register", release: Path, moment: datetime) -> None:
    """Give a demo that has no contacts some, and to each the digest of this week, which waits."""
    from geo_service.outbox import contacts, digests, posting

    book = contacts.Contacts(register)
    if book.find_all(is_open=False):
        return
    for role, area, office, address in CONTACTS:
        book.add_typed(role, area, office, address, moment)
    names = posting.read_names(release, "http://127.0.0.1:8000")
    digests.post_digests(register, names, moment)
