"""Answers of what-if and siting as tables for a terminal; plain text where there is none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich import box
from rich.table import Table

from geo_service.cli.console import out

if TYPE_CHECKING:
    from geo_service.http.link_types import Document

MOST_ROWS = 20
EXACT = 1e-4
_NONE = "–"
_SOURCES = {"desa": "origin of desa", "cell": "populated cell", "given": "given"}


def print_change(answer: Document) -> None:
    """Where the new facilities stand, and people and desa before and after."""
    table = _table(f"New {answer['kind']}")
    for name in ("lon", "lat"):
        table.add_column(name, justify="right")
    table.add_column("in desa", overflow="fold")
    for place in answer["points"]:
        table.add_row(_degrees(place["lon"]), _degrees(place["lat"]), _desa(place))
    out.print(table)
    _print_effect(answer)


def print_sites(answer: Document) -> None:
    """The chosen sites, how sure the choice is, and what it changes."""
    unit = answer["gain_unit"]
    table = _table(f"Best places for {len(answer['sites'])} new {answer['kind']}")
    for name in ("lon", "lat"):
        table.add_column(name, justify="right")
    table.add_column("in desa", overflow="fold")
    table.add_column("candidate", overflow="fold")
    table.add_column(f"adds ({unit})", justify="right")
    for site in answer["sites"]:
        named = f"row {site['row']} {site['name']}".strip() if "row" in site else ""
        table.add_row(
            _degrees(site["lon"]),
            _degrees(site["lat"]),
            _desa(site),
            named or _SOURCES[site["source"]],
            _whole(site["gain"]),
        )
    if answer["sites"]:
        out.print(table)
    else:
        out.print("No candidate gains anything.")
    out.print(_certainty(answer), markup=False, soft_wrap=True)
    out.print(
        f"Candidates ({answer['candidates']}): {answer['candidates_rule']}.",
        markup=False,
        soft_wrap=True,
    )
    _print_effect(answer)


def _certainty(answer: Document) -> str:
    gap = f"the best possible choice is at most {100 * answer['gap']:.2f} % better"
    text = {
        "optimal": f"Proven by HiGHS: {gap}.",
        "time_limit": f"HiGHS was stopped by the time limit: {gap}.",
        "explored": f"Greedy choice with swaps: {gap}"
        + ("; --effort prove looks further." if answer["gap"] > EXACT else "."),
    }[answer["status"]]
    if answer["grouped_to_m"] is not None:
        text += f" People were grouped to squares of {answer['grouped_to_m']:.0f} m to choose."
    return text


def _print_effect(answer: Document) -> None:
    people, gaps = answer["people"], answer["gaps"]
    table = _table(f"Norm {answer['norm_m']:,.0f} m, straight line")
    table.add_column("")
    for name in ("before", "after", "change"):
        table.add_column(name, justify="right")
    if people is not None:
        before, after = people["covered_before"], people["covered_after"]
        _add(
            table,
            f"people within the norm (of {_whole(people['total'])} of the raster"
            f"{_of_desa(people)})",
            before,
            after,
        )
        means = people["mean_distance_before_m"], people["mean_distance_after_m"]
        _add(table, "mean distance of people, m", *means)
    _add(
        table,
        f"desa beyond the norm (of {gaps['known_desa']} known of {gaps['total_desa']})",
        gaps["before"],
        gaps["after"],
    )
    out.print(table)
    if people is None:
        out.print("People are not known: this release was built without a population raster.")
    _print_desa(answer)


def _of_desa(part: Document) -> str:
    count, total = part["known_desa"], part["total_desa"]
    return "" if count is None else f", {count} of {total} desa"


def _add(table: Table, name: str, before: float | None, after: float | None) -> None:
    change = _NONE
    if before is not None and after is not None:
        change = f"{round(after - before):+,}" if round(after - before) else "0"
    table.add_row(name, _whole(before), _whole(after), change)


def _print_desa(answer: Document) -> None:
    if not answer["desa"]:
        out.print(
            "No desa comes nearer: its distance starts at its kantor desa, where that is known."
        )
        return
    table = _table(f"Desa that come nearer ({answer['desa_changed']})")
    table.add_column("desa", overflow="fold")
    table.add_column("code", no_wrap=True)
    for name in ("before, m", "after, m", "gap before, m", "gap after, m"):
        table.add_column(name, justify="right")
    table.add_column("status")
    for row in answer["desa"][:MOST_ROWS]:
        numbers = ("distance_before_m", "distance_after_m", "gap_before_m", "gap_after_m")
        status = row["status_before"]
        status += f" → {row['status_after']}" if row["status_after"] != status else ""
        table.add_row(row["nama"] or _NONE, row["kode"], *(_whole(row[n]) for n in numbers), status)
    out.print(table)
    if answer["desa_changed"] > MOST_ROWS:
        more = answer["desa_changed"] - MOST_ROWS
        out.print(f"… and {more} more: --json lists {len(answer['desa'])}.")


def _table(title: str) -> Table:
    style = box.SIMPLE_HEAD if out.is_terminal else box.ASCII2
    return Table(title=title, title_justify="left", box=style, title_style="bold")


def _whole(value: float | None) -> str:
    return _NONE if value is None else f"{value:,.0f}"


def _degrees(value: float) -> str:
    return f"{value:.5f}"


def _desa(place: Document) -> str:
    if place["kode"] is None:
        return "outside every desa"
    return f"{place['nama'] or ''} {place['kode']}".strip()
