"""The command line ``geo-service``: a thin shell over the stages.

Each command imports its stage only when it runs, so ``--help`` and ``serve`` stay light.
Exit codes: 0 done, 1 the data blocks publication, 2 wrong use.
"""

import sys
from pathlib import Path
from typing import Annotated

import typer

from geo_service.cli import (
    backup_command,
    console,
    demo_command,
    doctor,
    item_commands,
    outbox_commands,
    register_commands,
    token_commands,
    user_commands,
    what_if_commands,
)

app = typer.Typer(
    name="geo-service",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
    help=(
        "Map server of the Dashboard Kecamatan: from a kabupaten's files to a published map.\n\n"
        "The usual way:\n\n"
        "    geo-service init flotim          # writes flotim/wilayah.toml, to be filled in\n\n"
        "    geo-service check flotim         # reads every file, prints what is wrong with it\n\n"
        "    geo-service build flotim --to releases --publish\n\n"
        "    geo-service serve releases       # http://127.0.0.1:8000\n\n"
        "Exit codes: 0 done, 1 the data blocks publication, 2 wrong use."
    ),
)

WorkspaceArgument = Annotated[
    Path, typer.Argument(help="Folder that holds wilayah.toml.", metavar="WORKSPACE")
]
LanguageOption = Annotated[
    console.Language, typer.Option(help="Language of titles and advice: Indonesian or English.")
]
ReleasesArgument = Annotated[
    Path, typer.Argument(help="Folder that holds the releases.", metavar="RELEASES")
]


@app.command()
def init(
    folder: Annotated[Path, typer.Argument(help="Folder of the new workspace.", metavar="DIR")],
) -> None:
    """Write a commented wilayah.toml, with the files already in the folder proposed as inputs.

    Example: `geo-service init flotim`
    """
    from layers.proposal.template import write_template

    path, proposed = write_template(folder)
    console.out.print(f"Wrote {path}; {proposed} files of the folder are proposed in it as inputs.")
    console.out.print(f"Fill it in, then run: geo-service check {folder}", markup=False)


@app.command()
def check(
    workspace: WorkspaceArgument,
    limit: Annotated[int, typer.Option(help="Findings shown for each kind of warning.")] = 5,
    report: Annotated[
        Path | None, typer.Option(help="Also write the whole report into this folder.")
    ] = None,
    lang: LanguageOption = console.Language.ID,
) -> None:
    """Read everything a workspace declares and print the findings, without building.

    Example: `geo-service check flotim --report flotim-report`
    """
    from layers.pipeline.build import check_workspace

    with console.progress() as listen:
        checked = check_workspace(workspace, report_folder=report, progress=listen)
    console.print_report(checked.report, limit=limit, lang=lang)
    if checked.open_matches:
        console.out.print(
            f"Names that need a decision: {checked.open_matches}. Write ya, tidak or a code under "
            f"'keputusan' in {checked.matches_path}, then check again.",
            markup=False,
        )
    if report is not None:
        console.out.print(f"The whole report is in {report}", markup=False)
    raise typer.Exit(1 if checked.report.blocks_publication else 0)


@app.command()
def build(
    workspace: WorkspaceArgument,
    to: Annotated[Path, typer.Option(help="Folder that receives the release.", metavar="RELEASES")],
    publish: Annotated[
        bool, typer.Option("--publish", help="Make it the current release when it is done.")
    ] = False,
    limit: Annotated[int, typer.Option(help="Findings shown for each kind of warning.")] = 3,
    lang: LanguageOption = console.Language.ID,
) -> None:
    """Build a release of a workspace; prints its id. Nothing is published unless you say so.

    Example: `geo-service build flotim --to releases --publish`
    """
    from layers.pipeline.build import build_release

    with console.progress() as listen:
        result = build_release(workspace, to, publish=publish, progress=listen)
    console.print_report(result.report, limit=limit, lang=lang)
    state = "published" if publish else "built, not published"
    console.out.print(f"{result.release_id} ({state})", markup=False)
    if publish:
        register_commands.sync_published(to)
    if not publish:
        console.out.print(f"Publish it: geo-service publish {to} {result.release_id}", markup=False)


@app.command()
def verify(
    release: Annotated[Path, typer.Argument(help="Release directory.", metavar="RELEASE")],
) -> None:
    """Check every file of a release against its manifest; names each that differs.

    Example: `geo-service verify releases/current`
    """
    from layers.errors import ReleaseError
    from layers.publish.publication import verify_release

    if not release.is_dir():
        raise ReleaseError(f"{release}: no such directory.")
    with console.progress() as listen:
        problems = verify_release(release, progress=listen)
    for problem in problems:
        console.err.print(problem, style="red", markup=False)
    if problems:
        raise typer.Exit(1)
    console.out.print(f"{release}: every file is as its manifest says.", markup=False)


@app.command()
def publish(
    releases: ReleasesArgument,
    release_id: Annotated[str, typer.Argument(help="Id of a built release.", metavar="ID")],
) -> None:
    """Make a built release the current one; the change is atomic.

    Example: `geo-service publish releases flotim-0123456789abcdef`
    """
    from layers.publish.publication import publish as publish_release

    publish_release(releases, release_id)
    console.out.print(f"{release_id} is now the current release.", markup=False)
    register_commands.sync_published(releases)


@app.command()
def rollback(releases: ReleasesArgument) -> None:
    """Go back to the release that was current before this one.

    Example: `geo-service rollback releases`
    """
    from layers.publish.publication import rollback as roll_back

    console.out.print(f"{roll_back(releases)} is now the current release.", markup=False)
    register_commands.sync_published(releases)


@app.command()
def prune(
    releases: ReleasesArgument,
    keep: Annotated[int, typer.Option(help="How many releases to keep.", min=1)],
) -> None:
    """Delete old releases, never the current one.

    Example: `geo-service prune releases --keep 3`
    """
    from layers.publish.publication import prune as prune_releases

    for removed in prune_releases(releases, keep):
        console.out.print(f"removed {removed}", markup=False)


@app.command()
def serve(
    releases: ReleasesArgument,
    host: Annotated[
        str | None, typer.Option(help="Address to listen on (GEO_HOST; else 127.0.0.1).")
    ] = None,
    port: Annotated[
        int | None, typer.Option(help="Port to listen on (GEO_PORT; else 8000).", min=1, max=65535)
    ] = None,
    workers: Annotated[
        int | None, typer.Option(help="Server processes (GEO_WORKERS; else 1).", min=1, max=64)
    ] = None,
) -> None:
    """Serve the current release over HTTP until stopped; a new release is taken up at once.

    Example: `geo-service serve releases --port 8080 --workers 2`
    """
    from geo_service.cli.mounting import serve_pages
    from geo_service.settings import read_settings

    serve_pages(read_settings(releases=releases, host=host, port=port, workers=workers))


app.command()(what_if_commands.whatif)
app.command()(what_if_commands.siting)
app.command()(doctor.doctor)
app.add_typer(token_commands.token, name="token")
register_commands.register.add_typer(item_commands.items)
register_commands.register.command()(backup_command.backup)
register_commands.register.add_typer(user_commands.users, name="users")
register_commands.register.add_typer(outbox_commands.outbox)
register_commands.register.add_typer(outbox_commands.contacts, name="contacts")
app.add_typer(register_commands.register, name="register")


app.command()(demo_command.demo)


@app.command()
def settings() -> None:
    """Print the effective settings of the server (environment variables GEO_*).

    Example: `GEO_RELEASES=releases geo-service settings`
    """
    from geo_service.settings import describe_settings, read_settings

    for line in describe_settings(read_settings()):
        console.out.print(line, markup=False, soft_wrap=True)


def main() -> None:
    """Run the command line; data that blocks and wrong use end with one message, no traceback."""
    from boundaries.errors import BoundariesError, CodeSystemError
    from geo_service.errors import GeoServiceError
    from layers.errors import BlockedError, LayersError

    try:
        app()
    except (BlockedError, CodeSystemError) as error:
        _fail(error, 1)
    except (BoundariesError, LayersError, GeoServiceError) as error:
        _fail(error, 2)
    except OSError as error:
        # A full disk, a folder without permission: the system's own words name the file.
        _fail(error, 2)


def _fail(error: Exception, code: int) -> None:
    console.err.print("error:", style="bold red", end=" ")
    console.err.print(str(error), markup=False, soft_wrap=True)
    sys.exit(code)
