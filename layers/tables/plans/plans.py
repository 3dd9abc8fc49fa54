"""What is planned for which place: programmes of the kabupaten and proposals of the desa.

One row is one activity.  Nothing is matched with needs here; that is `layers.synchronisation`.
"""

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from boundaries.codes import CodeSystem
from boundaries.findings.report import Finding, LoadCount
from boundaries.matching.matching import Proposal
from layers.access.straight.land import Land
from layers.errors import InputError
from layers.finding_words.finding_kinds import declared_kind
from layers.tables.files.sheets import Sheet, read_section
from layers.tables.plans import plan_codes, plan_columns, plan_places
from layers.tables.points import coordinates, point_cells
from layers.tables.rows import declared_words, lost_rows, row_places, row_records, shipped_histories
from layers.workspace import drawn_files, plan_sections

DUPLICATE = declared_kind("plan.duplicate")

FIRST_FEATURE = 2
"""Row of the first feature of a geometry file, as its attribute table is numbered (header: 1)."""
LINE_COLUMNS = (
    "tingkat",
    "kode",
    "tahun",
    "layanan",
    "kegiatan",
    "opd",
    "lokasi",
    "sumber",
    "keadaan",
    "anggaran_idr",
    "input",
    "file",
    "row",
)


@dataclass(frozen=True, slots=True)
class PlansResult:
    """One list of plans, placed.

    Parameters
    ----------
    lines
        ``tingkat`` (desa, kecamatan, kabupaten, text), ``kode`` of that place or of the area that
        holds a text, ``tahun, layanan`` (id of a service, or null), ``kegiatan, opd, lokasi,
        sumber, keadaan, anggaran_idr`` (Int64), ``input`` (name of the list), ``file, row``; sorted
        by these.
    cleaned
        One row for each record of the file: ``file, row, status, reason`` and the same columns.
    lost
        ``kode, tahun, layanan`` of rows that are not used although their place is known: ``tahun``
        0 and ``layanan`` null where the row does not tell.
    """

    id: str
    lines: pd.DataFrame
    findings: tuple[Finding, ...]
    load: LoadCount
    cleaned: pd.DataFrame
    proposals: tuple[Proposal, ...]
    lost: pd.DataFrame


def join_plans(
    section: plan_sections.PlannedSection,
    folder: Path,
    places: row_places.Places,
    services: Collection[str],
    aids: row_records.Aids,
    land: Land,
) -> PlansResult:
    """The activities of a list of programmes or proposals, each with its place and service.

    Parameters
    ----------
    services
        Ids of the services that are known.

    Findings
    --------
    plan.service_unknown
        The service is none that is known (warning); the row is kept and counts for none.
    plan.amount_unreadable, plan.amount_reading
        As of spending (warning, note).
    plan.duplicate
        A row equal to an earlier one in everything (warning); counted once.
    plan.no_place, plan.outside
        The row says no place, or a point outside every desa (warning); not used.
    plan.position
        A position was repaired, or the point in a row is none (warning).
    And those of `layers.tables.plans.plan_places.place_plans`.

    Raises
    ------
    InputError
        The file cannot be read as declared.
    """
    sheet, findings = read_declared_plans(section, folder)
    findings += [finding for finding in sheet.findings if finding.code != "table.row_shifted"]
    cells = _cells(section, folder, sheet, places, land, findings)
    if section.code_column is not None and section.code_system is None:
        raise InputError(
            f"{section.path}: code_column is declared, code_system is not. Say which it is: "
            '"kemendagri" or "bps".'
        )
    system = None if section.code_system is None else CodeSystem(section.code_system)
    placed = plan_places.place_plans(cells, system, places, aids)
    reasons = placed.reasons
    for row, why in sheet.broken.items():
        reasons[row] = row_places.Reason("table.row_shifted", f"Row not used: {why}.", why)
    table = plan_columns.read_columns(section, sheet, placed, services, aids, reasons, findings)
    lost_rows.refuse_alike(sheet, section.declared_columns, placed.kode, "plan.row_alike", reasons)
    lost = _list_lost(sheet, table, placed, places)
    is_duplicate = _repeats(sheet, reasons, findings)
    column = sheet.resolve(section.service_column or section.activity_column)
    words = sheet.columns[column]
    findings += declared_words.check_words(section.services, words, "services", column, sheet.file)
    findings += [
        *placed.findings,
        *row_places.unmatched_findings(reasons, sheet.file, sheet.rows),
        *shipped_histories.propose_histories(reasons, None, places, sheet.file, sheet.rows),
    ]
    group = "programmes" if isinstance(section, plan_sections.ProgrammeSection) else "proposals"
    table["input"] = f"{group}.{section.id}"
    cleaned = _with_status(table, reasons, is_duplicate)
    lines = cleaned.loc[cleaned["status"] == "matched", list(LINE_COLUMNS)]
    lines = lines.sort_values(
        ["tingkat", "kode", "tahun", "layanan", "kegiatan", "file", "row"],
        ignore_index=True,
        na_position="last",
    )
    load = LoadCount(
        f"{group}.{section.id}",
        section.path,
        len(sheet),
        len(lines),
        len(reasons),
        int(is_duplicate.sum()),
    )
    proposals = tuple(placed.proposals)
    return PlansResult(section.id, lines, tuple(findings), load, cleaned, proposals, lost)


def _list_lost(
    sheet: Sheet, table: pd.DataFrame, placed: plan_codes.PlanPlaces, places: row_places.Places
) -> pd.DataFrame:
    """The rows that are not used although they may pay for a need; see `PlansResult`."""
    areas = lost_rows.find_lost_rows(sheet, placed.reasons, placed.kode, places)
    lost = table.iloc[list(areas)][["tahun", "layanan"]].assign(
        kode=np.array(list(areas.values()), dtype=object)
    )
    # A row of no service counts for none; one that does not fit the header may be of any.
    serves = lost["layanan"].notna().to_numpy(bool) | np.isin(list(areas), list(sheet.torn))
    lost = lost[serves & lost["kode"].notna().to_numpy(bool)]
    return lost.fillna({"tahun": 0})[["kode", "tahun", "layanan"]].reset_index(drop=True)


def read_declared_plans(
    section: plan_sections.PlannedSection, folder: Path
) -> tuple[Sheet, list[Finding]]:
    """The records of a list, and what was left out.

    Raises
    ------
    InputError
        The file cannot be read, or lacks a declared column.
    """
    path = folder / section.path
    if not path.is_file():
        raise InputError(f"{section.path}: no such file.")
    declared = [
        *point_cells.position_columns(section),
        section.code_column,
        section.kecamatan_column,
        section.place_column,
        section.year_column,
        section.activity_column,
        section.service_column,
        section.amount_column,
        section.source_column,
        getattr(section, "opd_column", None),
        getattr(section, "status_column", None),
    ]
    sheet = read_section(section, path, declared)
    for name in declared:
        if name is not None:
            sheet.resolve(name)
    return row_records.without_strangers(sheet, sheet.resolve(section.activity_column))


def _cells(
    section: plan_sections.PlannedSection,
    folder: Path,
    sheet: Sheet,
    places: row_places.Places,
    land: Land,
    findings: list[Finding],
) -> plan_codes.PlanCells:
    desa, positionless = _desa_under(section, folder, sheet, land, findings)
    return plan_codes.PlanCells(
        sheet.file,
        sheet.rows,
        plan_columns.optional_column(sheet, section.code_column),
        plan_columns.optional_column(sheet, section.kecamatan_column),
        plan_columns.optional_column(sheet, section.place_column),
        desa,
        positionless,
    )


def _desa_under(
    section: plan_sections.PlannedSection,
    folder: Path,
    sheet: Sheet,
    land: Land,
    findings: list[Finding],
) -> tuple[list[int | None], dict[int, row_places.Reason]]:
    """Position of the desa under each row's point, and why that point is no position.

    The position is -1 where the point lies in no desa, None where there is no point.
    """
    cells = _point_cells(section, folder, sheet)
    if cells is None:
        return [None] * len(sheet), {}
    positions = point_cells.place_points(cells, land.bounds)
    has_point = [cells.has_any(row) for row in range(len(sheet))]
    positionless: dict[int, row_places.Reason] = {}
    for problem in positions.problems:
        row = problem.index
        if not has_point[row] or problem.problem is coordinates.CoordinateProblem.AREA:
            continue
        why = row_places.Reason(
            "plan.position", coordinates.write_sentence(problem, "activity"), problem.value
        )
        if problem.is_usable:
            findings.append(
                declared_kind(why.code).finding(
                    why.message,
                    sheet.file,
                    sheet.rows[row],
                    value=why.value,
                    severity=why.severity,
                )
            )
        else:
            positionless[row] = why
    lonlat = np.column_stack([positions.lon, positions.lat])
    desa = np.full(len(sheet), -1, dtype=np.int64)
    has_position = np.isfinite(lonlat).all(axis=1)
    desa[has_position] = land.find_desa(lonlat[has_position])
    inside = [int(position) if has else None for position, has in zip(desa, has_point, strict=True)]
    return inside, positionless


def _point_cells(
    section: plan_sections.PlannedSection, folder: Path, sheet: Sheet
) -> point_cells.PointCells | None:
    """The cells of the declared columns, else the geometry of each row; None where there is none.

    An activity drawn as a line (a road) or an area is at a point of it.
    """
    point_cells.check_position_section(section, section.path)
    columns = point_cells.position_columns(section)
    if columns:
        return point_cells.cells_of_columns(section, [sheet.column(name) for name in columns])
    path = folder / section.path
    if path.suffix.lower() not in drawn_files.DRAWN_SUFFIXES:
        return None
    frame, _ = drawn_files.read_drawn(
        path, section.path, layer=section.layer, crs=section.crs, encoding=section.encoding
    )
    shapes = np.asarray(frame.geometry.array, dtype=object)
    return point_cells.cells_of_geometries(
        shapes[[row - FIRST_FEATURE for row in sheet.rows]], takes_lines=True
    )


def _repeats(
    sheet: Sheet, reasons: dict[int, row_places.Reason], findings: list[Finding]
) -> npt.NDArray[np.bool_]:
    """Used rows equal to an earlier one in every cell of the file."""
    seen: set[tuple[str, ...]] = set()
    repeated = np.zeros(len(sheet), dtype=bool)
    for row, cells in enumerate(zip(*sheet.columns.values(), strict=True)):
        whole = tuple(map(repr, cells))
        repeated[row] = whole in seen and row not in reasons
        seen.add(whole)
    findings += [
        DUPLICATE.finding(
            "Equal to an earlier row in everything; counted once.", sheet.file, sheet.rows[row]
        )
        for row in np.flatnonzero(repeated)
    ]
    return repeated


def _with_status(
    table: pd.DataFrame, reasons: dict[int, row_places.Reason], is_duplicate: npt.NDArray[np.bool_]
) -> pd.DataFrame:
    status = np.full(len(table), "matched", dtype=object)
    status[is_duplicate] = "duplicate"
    status[list(reasons)] = "unmatched"
    reason = np.full(len(table), None, dtype=object)
    for row, why in reasons.items():
        reason[row] = f"{why.code}: {why.message}"
    first = ["file", "row", "status", "reason"]
    return table.assign(status=status, reason=reason)[
        [*first, *(name for name in LINE_COLUMNS if name not in first)]
    ]
