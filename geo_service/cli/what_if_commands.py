"""The commands ``whatif`` and ``siting``: the processes of the server, asked on the command line.

Exit codes: 0 done, 1 the release does not allow it or nothing is gained, 2 wrong use.
"""

from __future__ import annotations

import json
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from geo_service.cli import console, what_if_tables

if TYPE_CHECKING:
    from geo_service.http.link_types import Document
    from geo_service.releases.release import Release
    from layers.facilities.rows import CandidateList

ReleasesArgument = Annotated[
    Path, typer.Argument(help="Folder that holds the releases.", metavar="RELEASES")
]
KindOption = Annotated[
    str, typer.Option(help="Kind of service, such as posyandu, puskesmas or sd.", metavar="KIND")
]
JsonOption = Annotated[
    bool, typer.Option("--json", help="Print the whole answer as JSON, for programs.")
]


class Goal(StrEnum):
    """What the best places are best for."""

    COVER = "cover"
    DISTANCE = "distance"


class Effort(StrEnum):
    """How hard the best places are looked for."""

    PROVE = "prove"
    EXPLORE = "explore"


def whatif(
    releases: ReleasesArgument,
    kind: KindOption,
    places: Annotated[
        list[str],
        typer.Option(
            "--at",
            help="Place of a new facility: LON,LAT in degrees, or the code of a desa (where its "
            "distances start: the kantor desa, where known). One to five times.",
            metavar="LON,LAT",
        ),
    ],
    as_json: JsonOption = False,
) -> None:
    """What would new facilities change? People and desa within the norm, before and after.

    Distances are straight lines, as in the published gaps; the current release is asked.

    For example:

        geo-service whatif releases --kind posyandu --at 122.96,-8.32

        geo-service whatif releases --kind sd --at 122.96,-8.32 --at 53.06.13.2004

        geo-service whatif releases --kind posyandu --at 122.96,-8.32 --json > answer.json
    """
    from geo_service.cli.candidate_places import read_place

    release = _open(releases)
    points = [list(read_place(release, text)) for text in places]
    answer = _ask(release, "new-facility", {"kind": kind, "points": points})
    if as_json:
        _print_json(answer)
    else:
        what_if_tables.print_change(answer)


def siting(
    releases: ReleasesArgument,
    kind: KindOption,
    number: Annotated[int, typer.Option(help="How many to place.", min=1, max=20)],
    goal: Annotated[
        Goal,
        typer.Option(help="cover: most people newly within the norm; distance: least mean way."),
    ] = Goal.COVER,
    candidates: Annotated[
        Path | None,
        typer.Option(
            help="Places to choose from, at most 500: a table (CSV, XLSX, ODS) with the columns "
            "lon and lat (or bujur and lintang), or points (GeoJSON, GPKG, SHP, KML). Without it: "
            "origins of desa and the most populated cells beyond the norm.",
            metavar="FILE",
        ),
    ] = None,
    effort: Annotated[
        Effort, typer.Option(help="prove: HiGHS, the gap proven; explore: at once, gap bounded.")
    ] = Effort.PROVE,
    time_limit: Annotated[
        float, typer.Option(help="Seconds HiGHS may search.", min=0.1, max=86_400)
    ] = 60,
    as_json: JsonOption = False,
) -> None:
    """Where should new facilities stand? The best of the candidate places, with the gap stated.

    The gap says by how much the best possible choice may be better than the one given.

    For example:

        geo-service siting releases --kind posyandu --number 3

        geo-service siting releases --kind sd --number 2 --goal distance --candidates tanah.csv
    """
    release = _open(releases)
    inputs: dict[str, object] = {
        "kind": kind,
        "number": number,
        "goal": goal.value,
        "effort": effort.value,
    }
    listed = None if candidates is None else _read(candidates, release)
    if listed is not None:
        inputs["candidates"] = listed.lonlat.tolist()
    answer = _ask(release, "siting", inputs, time_limit)
    if listed is not None:
        for site in answer["sites"]:
            row = site["candidate"]
            site["name"], site["row"] = listed.names[row], listed.rows[row]
    if as_json:
        _print_json(answer)
    else:
        what_if_tables.print_sites(answer)
    if not answer["sites"]:
        raise typer.Exit(1)


def _open(releases: Path) -> Release:
    from geo_service.releases.store import ReleaseStore

    return ReleaseStore(releases).current()


def _ask(
    release: Release, process: str, inputs: dict[str, object], time_limit_s: float = 60
) -> Document:
    """The answer of a process; a release that allows none ends the command with 1."""
    from geo_service.errors import UnknownProcessError
    from geo_service.ogc.what_if import execute

    try:
        return execute(release, process, inputs, time_limit_s=time_limit_s)
    except UnknownProcessError as error:
        console.err.print("error:", style="bold red", end=" ")
        console.err.print(str(error), markup=False, soft_wrap=True)
        raise typer.Exit(1) from None


def _read(path: Path, release: Release) -> CandidateList:
    from layers.facilities.rows import read_candidates

    listed = read_candidates(path, release.manifest.bbox_lonlat)
    for finding in listed.findings:
        console.err.print("warning:", style="yellow", end=" ")
        console.err.print(console.describe(finding), markup=False, soft_wrap=True)
    return listed


def _print_json(answer: Document) -> None:
    typer.echo(json.dumps(answer, ensure_ascii=False, indent=1))
