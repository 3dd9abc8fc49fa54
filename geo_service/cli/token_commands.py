"""Tokens on the command line: made, listed and revoked beside the releases that they open."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from geo_service.cli import console

if TYPE_CHECKING:
    from geo_service.access.token_file import TokenBook

token = typer.Typer(
    no_args_is_help=True,
    help="""Tokens for layers that are not for everybody.

    A layer of wilayah.toml that says `access = "token"` (and whatever is made from it) is given
    only to who shows a token:

        [layers.spending]
        access = "token"

    1. `geo-service token make releases --layer spending --area 53.06.13 --days 90 --note "Camat X"`
       prints the token once. Send it to its holder by a way that others do not read.

    2. QGIS: Settings, Options, Authentication, a new configuration of the kind "Basic", with any
       user and the token as password; choose it in the connection. Programs send the header
       `Authorization: Bearer geo_...`, or write `?token=geo_...` behind the address.

    3. `geo-service token list releases` shows who has what, `geo-service token revoke releases ID`
       ends one at once. A server that runs notices both; it need not be started again.

    Only a hash of a token is kept (tokens.json in the folder of releases): a lost one is revoked
    and made anew. A token of an area (`--area`) opens features, pages and tables of that wilayah;
    tiles and whole files hold all wilayah, so they need a token without areas.
    """,
)
ReleasesArgument = Annotated[
    Path, typer.Argument(help="Folder that holds the releases.", metavar="RELEASES")
]
LONGEST_DAYS = 3660


@token.command()
def make(
    releases: ReleasesArgument,
    layer: Annotated[
        list[str], typer.Option(help="Id of a layer that it opens; * for all. May be repeated.")
    ],
    days: Annotated[int, typer.Option(help="Days until it expires.", min=1, max=LONGEST_DAYS)],
    area: Annotated[
        list[str] | None,
        typer.Option(help="Code of a wilayah in which it opens them; everywhere without it."),
    ] = None,
    note: Annotated[str, typer.Option(help="Who has it, for your list.")] = "",
) -> None:
    """Make a token and print it, once.

    Example: `geo-service token make releases --layer spending --area 53.06.13 --days 90`
    """
    _check_layers(releases, layer)
    today = datetime.now(UTC).date()
    text, made = _book(releases).make(tuple(layer), tuple(area or ()), today, days, note)
    console.out.print(text, markup=False, soft_wrap=True)
    where = ", ".join(made.areas) or "everywhere"
    console.err.print(
        f"Token {made.id}: {', '.join(made.layers)}; {where}; until {made.expires}. It is shown "
        "only now: send it on, or revoke it and make another.",
        markup=False,
    )


@token.command(name="list")
def list_tokens(releases: ReleasesArgument) -> None:
    """List all tokens: id, state, layers, areas, last day, note; never the tokens themselves.

    Example: `geo-service token list releases`
    """
    today = datetime.now(UTC).date()
    tokens = _book(releases).list()
    for entry in tokens:
        ended = "revoked" if entry.is_revoked else "expired"
        state = "valid" if entry.is_valid(today) else ended
        areas = ",".join(entry.areas) or "everywhere"
        line = f"{entry.id}  {state}  {','.join(entry.layers)}  {areas}  until {entry.expires}"
        console.out.print(f"{line}  {entry.note}".rstrip(), markup=False, soft_wrap=True)
    if not tokens:
        console.err.print("There are no tokens. Make one: geo-service token make --help")


@token.command()
def revoke(
    releases: ReleasesArgument,
    token_id: Annotated[str, typer.Argument(help="Id of the token, as listed.", metavar="ID")],
) -> None:
    """End a token at once, also for servers that run.

    Example: `geo-service token revoke releases 1a2b3c4d`
    """
    revoked = _book(releases).revoke(token_id)
    console.out.print(f"Token {revoked.id} opens nothing any more.", markup=False)


def _book(releases: Path) -> TokenBook:
    from geo_service.access.token_file import TokenBook

    return TokenBook(releases)


def _check_layers(releases: Path, layers: list[str]) -> None:
    """Say which of the layers the current release has not, or gives to everybody."""
    from geo_service import errors
    from geo_service.access import token_file
    from layers.release import manifest_file

    if not releases.is_dir():
        raise errors.TokenFileError(
            f"{releases}: no such folder; name the one that holds the releases."
        )
    try:
        manifest = manifest_file.read_manifest(releases / manifest_file.CURRENT_LINK)
    except FileNotFoundError:
        return
    guarded = {entry.id for entry in manifest.layers if entry.access == "token"}
    for name in layers:
        if name != token_file.EVERYTHING and name not in guarded:
            listed = ", ".join(sorted(guarded)) or "none"
            console.err.print(
                f"Note: layer {name} needs no token in the current release (these do: {listed}).",
                markup=False,
            )
