"""Which facilities there are, of which kind and where: the facility lists of a workspace, read.

A row is used (``matched``) when its kind and its position are known; every other row is counted
and named.  Distances are not computed here (`layers.access`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from boundaries.findings.accepted import Acceptance
from boundaries.findings.report import Finding, LoadCount
from boundaries.history.versions import History
from boundaries.matching.matching import Proposal
from layers.access.straight.arrays import keep_where
from layers.access.straight.land import Land, find_land
from layers.access.straight.unknown_places import UnknownPlace
from layers.errors import InputError
from layers.facilities import checks, codes, importers, lost_places, positions, row_kinds
from layers.facilities.rows import FacilityRows, identity_text, read_facility_rows
from layers.tables.files.cell_texts import cell_text
from layers.tables.rows import row_places, row_records
from layers.workspace.sections import FacilitySection

COLUMNS = (
    "facility_id",
    "kind",
    "nama",
    "kode_desa_letak",
    "kode_desa_declared",
    "supply",
    "supply_unit",
    "file",
    "row",
)


@dataclass(frozen=True, slots=True)
class FacilitiesResult:
    """The usable facilities of one input, and what happened to every row.

    ``facilities`` is sorted by ``facility_id`` and has the columns ``facility_id, kind, nama,
    kode_desa_letak`` (the desa it lies in by position, or null), ``kode_desa_declared`` (by its
    code column, or null), ``supply`` (null where not declared or not known), ``supply_unit``,
    ``file, row, geometry`` (Point, EPSG:4326).  ``proposals`` are names that may be those of
    other things, for a person to decide.  ``lost`` are places without a usable position,
    ``uncovered`` the codes of desa of which the list says nothing.
    """

    facilities: gpd.GeoDataFrame
    findings: tuple[Finding, ...]
    load: LoadCount
    proposals: tuple[Proposal, ...] = ()
    lost: tuple[UnknownPlace, ...] = ()
    uncovered: frozenset[str] = frozenset()


def read_facilities(
    section: FacilitySection,
    folder: Path,
    desa: gpd.GeoDataFrame,
    land: Land | None = None,
    aids: row_records.Aids | None = None,
    accepted: Sequence[Acceptance] = (),
) -> FacilitiesResult:
    """The facilities of one declared list.

    Parameters
    ----------
    desa
        The loaded desa, EPSG:4326, with ``kode``: for the place of each facility and as proof of
        repaired coordinates.
    land
        What `find_land` returns for ``desa``, where it is known already.
    aids
        The bridge from BPS codes, the history of former ones, and what was decided of names that
        may be those of other things.
    accepted
        The workspace's ``[[allow]]``: a kantor desa far from its desa that is accepted is used.

    Findings
    --------
    See ``facility.*`` in ``layers/FINDINGS.md``.

    Raises
    ------
    InputError
        The file is missing or unreadable, lacks a declared column, or does not say its CRS; or
        the section does not say of which kind its rows are.
    """
    declared, section = section.kinds, importers.adapt_facilities(section, folder)
    check_section(section)
    land = find_land(desa) if land is None else land
    rows = read_facility_rows(section, folder)
    log = checks.RowFindings(section.path, rows.findings)
    all_rows = _start_frame(rows)
    fitting = all_rows[~all_rows["at"].isin(rows.broken)]
    frame = checks.drop_repeated(
        fitting, ["identity", "nama", "word", "code", "offered", "written"], log
    )
    repeated = len(fitting) - len(frame)
    log.findings += row_kinds.check_kind_words(declared, section, all_rows)
    aids = aids or row_records.Aids()
    doubts = row_kinds.KindDoubts(aids.decisions or {})
    kinded = row_kinds.add_kind(frame, section, log, doubts)
    frame = positions.add_position(kinded, rows, desa, log)
    index = row_places.Places.of(desa)
    lost = lost_places.find_lost(kinded, frame, rows, section, index, aids, log, accepted)
    frame = codes.add_declared(frame, rows, section, index, aids, log)
    codes.propose_former(rows, section, index, aids.history or History(), log)
    frame = positions.add_place(frame, desa, land, log, accepted)
    named = checks.add_id(checks.add_supply(frame, rows, section, log), section)
    frame = checks.drop_repeated(named, ["facility_id", "kind", "nama", "x", "y", "offered"], log)
    repeated += len(named) - len(frame)
    frame = checks.drop_second_offices(frame, log)
    parted = checks.part_conflicting(frame, log)
    repeated += len(frame) - len(parted)
    facilities = _finish(parted, section.path)
    uncovered = lost_places.list_uncovered(section, desa)
    lost_places.ask_cover(facilities, section, desa, log)
    kantor = set(facilities.loc[facilities["kind"] == checks.KANTOR_DESA, "kode_desa_declared"])
    load = LoadCount(
        input=f"facilities.{section.id}",
        file=section.path,
        rows_read=len(all_rows),
        matched=len(facilities),
        unmatched=len(all_rows) - len(facilities) - repeated,
        duplicates=repeated,
        desa_without_data=len(desa) - len(kantor) if kantor else None,
    )
    findings = tuple(sorted(log.findings, key=Finding.sort_key))
    proposals = tuple(sorted(doubts.proposals))
    return FacilitiesResult(facilities, findings, load, proposals, lost, uncovered)


def make_fids(facility_ids: Sequence[str]) -> np.ndarray:
    """Stable integer ids below 2^48: a hash of the facility id, so no other row changes it.

    Of two ids with the same hash the later in sort order takes the next free number.
    """
    taken: dict[str, int] = {}
    used: set[int] = set()
    for facility_id in sorted(facility_ids):
        number = int.from_bytes(blake2b(facility_id.encode(), digest_size=6).digest(), "big")
        while number in used:
            number = (number + 1) % (1 << 48)
        used.add(number)
        taken[facility_id] = number
    return np.array([taken[facility_id] for facility_id in facility_ids], np.int64)


def check_section(section: FacilitySection) -> None:
    """Refuse a section that does not say of which kind its rows are, or half of a column.

    Raises
    ------
    InputError
        With what to declare.
    """
    where = f"facilities.{section.id}"
    ways = (section.kind is not None, section.kind_column is not None, section.kind_in_name)
    if sum(ways) != 1:
        raise InputError(
            f"{where}: declare either kind, kind_column or kind_in_name in wilayah.toml."
        )
    if section.kind_in_name and section.name_column is None:
        raise InputError(f"{where}: kind_in_name is declared, name_column is not.")
    if section.code_column is not None and section.code_system is None:
        raise InputError(f"{where}: code_column is declared, code_system is not.")
    if section.supply_column is not None and section.supply_unit is None:
        raise InputError(f"{where}: supply_column is declared, supply_unit (of what?) is not.")
    if section.kind == checks.KANTOR_DESA and section.code_column is None:
        raise InputError(
            f"{where}: kind is {checks.KANTOR_DESA!r}, which needs code_column: the desa it is of."
        )


def _start_frame(rows: FacilityRows) -> pd.DataFrame:
    """The cells as text, one row each; ``at`` is where a row stands in ``rows``."""
    return pd.DataFrame(
        {
            "row": rows.row,
            "identity": [identity_text(cell) for cell in rows.identity],
            "nama": [cell_text(cell) for cell in rows.name],
            "word": [cell_text(cell) for cell in rows.kind],
            "code": [cell_text(cell) for cell in rows.code],
            "offered": [cell_text(cell) for cell in rows.supply],
            "written": list(rows.points.written),
            "closed": [rows.closed.get(index, "") for index in range(len(rows.row))],
            "at": range(len(rows.row)),
        }
    )


def _finish(frame: pd.DataFrame, file: str) -> gpd.GeoDataFrame:
    frame = frame.sort_values("facility_id", kind="stable").reset_index(drop=True)
    frame["file"] = file
    frame["nama"] = keep_where((frame["nama"] != "").to_numpy(), frame["nama"].to_numpy(object))
    points = shapely.points(frame[["x", "y"]].to_numpy(float))
    return gpd.GeoDataFrame(frame[list(COLUMNS)], geometry=points, crs="EPSG:4326")


def concat_facilities(results: Sequence[FacilitiesResult]) -> gpd.GeoDataFrame:
    """All facilities of a workspace, sorted by ``facility_id``; ``input`` names their list."""
    frames = [result.facilities.assign(input=result.load.input) for result in results]
    if not frames:
        empty = pd.DataFrame({name: pd.Series([], dtype=object) for name in (*COLUMNS, "input")})
        return gpd.GeoDataFrame(empty, geometry=gpd.GeoSeries([], crs="EPSG:4326"))
    joined = pd.concat(frames, ignore_index=True).sort_values("facility_id", kind="stable")
    return gpd.GeoDataFrame(joined.reset_index(drop=True), geometry="geometry", crs="EPSG:4326")
