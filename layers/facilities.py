"""Which facilities there are, of which kind and where: the facility lists of a workspace, read.

A row is used (``matched``) when its kind and its position are known; every other row is counted
and named.  Distances are not computed here (`layers.access`).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from boundaries.codes import CodeSystem, read_code_column
from boundaries.findings import Finding, LoadCount, Severity
from layers.access.arrays import keep_where, take_or_none
from layers.access.land import Land, find_land
from layers.access.nearest import measure_pairs
from layers.errors import InputError
from layers.facility_rows import FacilityRows, plain_text, read_facility_rows
from layers.tables.coordinates import CoordinateProblem, repair_positions
from layers.workspace import FacilitySection

KANTOR_DESA = "kantor_desa"
COLUMNS = (
    "facility_id", "kind", "nama", "kode_desa_letak", "kode_desa_declared", "file", "row",
)  # fmt: skip
KANTOR_REACH_M = 5000.0
"""A kantor desa farther than this from the desa it is declared for is a slip, not an office."""

_POSITION_CODES = {
    CoordinateProblem.EMPTY: "facility.no_position",
    CoordinateProblem.UNREADABLE: "facility.unreadable_position",
    CoordinateProblem.OUT_OF_RANGE: "facility.out_of_range",
    CoordinateProblem.ZERO: "facility.zero_position",
    CoordinateProblem.SWAPPED: "facility.swapped",
    CoordinateProblem.MINUS_LOST: "facility.minus_lost",
    CoordinateProblem.MINUS_DOUBTFUL: "facility.minus_doubtful",
    CoordinateProblem.POINT_LOST: "facility.point_lost",
    CoordinateProblem.OUTSIDE_INDONESIA: "facility.outside_indonesia",
    CoordinateProblem.OUTSIDE_AREA: "facility.outside",
    CoordinateProblem.SHARED_POINT: "facility.shared_point",
}
_NOTES = {CoordinateProblem.OUTSIDE_AREA}


@dataclass(frozen=True, slots=True)
class FacilitiesResult:
    """The usable facilities of one input, and what happened to every row.

    ``facilities`` is sorted by ``facility_id`` and has the columns ``facility_id, kind, nama,
    kode_desa_letak`` (the desa it lies in by position, or null), ``kode_desa_declared`` (by its
    code column, or null), ``file, row, geometry`` (Point, EPSG:4326).
    """

    facilities: gpd.GeoDataFrame
    findings: tuple[Finding, ...]
    load: LoadCount


def read_facilities(
    section: FacilitySection, folder: Path, desa: gpd.GeoDataFrame, land: Land | None = None
) -> FacilitiesResult:
    """The facilities of one declared list.

    Parameters
    ----------
    desa
        The loaded desa, EPSG:4326, with ``kode``: for the place of each facility and as proof of
        repaired coordinates.
    land
        What `find_land` returns for ``desa``, where it is known already.

    Findings
    --------
    See the table ``facility.*`` in ``layers/access/README.md``.

    Raises
    ------
    InputError
        The file is missing or unreadable, lacks a declared column, or does not say its CRS; or
        the section does not say of which kind its rows are.
    """
    _check_section(section)
    land = find_land(desa) if land is None else land
    reading = _Reading(section, read_facility_rows(section, folder), desa, land)
    return reading.result()


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


def _check_section(section: FacilitySection) -> None:
    where = f"facilities.{section.id}"
    if (section.kind is None) == (section.kind_column is None):
        raise InputError(f"{where}: declare either kind or kind_column in wilayah.toml.")
    if section.code_column is not None and section.code_system is None:
        raise InputError(f"{where}: code_column is declared, code_system is not.")
    if section.kind == KANTOR_DESA and section.code_column is None:
        raise InputError(
            f"{where}: kind is {KANTOR_DESA!r}, which needs code_column: the desa it is of."
        )


class _Reading:
    """The rows of one list while they are judged; a row's first fatal finding takes it out."""

    def __init__(
        self, section: FacilitySection, rows: FacilityRows, desa: gpd.GeoDataFrame, land: Land
    ) -> None:
        self.section, self.rows, self.desa, self.land = section, rows, desa, land
        self.findings: list[Finding] = list(rows.findings)
        self.kode = desa["kode"].to_numpy(dtype=object)
        self.frame = pd.DataFrame(
            {
                "row": rows.row,
                "identity": [plain_text(cell) for cell in rows.identity],
                "nama": [plain_text(cell) for cell in rows.name],
                "word": [plain_text(cell) for cell in rows.kind],
                "code": [plain_text(cell) for cell in rows.code],
                "written": [
                    f"{plain_text(x)} | {plain_text(y)}"
                    for x, y in zip(rows.lon, rows.lat, strict=True)
                ],
                "at": range(len(rows.row)),
            }
        )

    def result(self) -> FacilitiesResult:
        """Every step takes rows out of the frame or adds columns to those that stay."""
        read = len(self.frame)
        self._drop_repeated(["identity", "nama", "word", "code", "written"])
        self._add_kind()
        self._add_position()
        self._add_declared()
        self._add_place()
        self._name()
        self._drop_repeated(["facility_id", "kind", "nama", "x", "y"])
        self._drop_conflicting()
        frame = self._finish()
        kantor = set(frame.loc[frame["kind"] == KANTOR_DESA, "kode_desa_declared"])
        load = LoadCount(
            input=f"facilities.{self.section.id}",
            file=self.section.path,
            rows_read=read,
            matched=len(frame),
            unmatched=read - len(frame) - self.repeated,
            duplicates=self.repeated,
            desa_without_data=len(self.kode) - len(kantor) if kantor else None,
        )
        return FacilitiesResult(frame, tuple(sorted(self.findings, key=Finding.sort_key)), load)

    repeated = 0

    def _drop_repeated(self, columns: list[str]) -> None:
        again = self.frame.duplicated(columns).to_numpy()
        for row in self.frame.loc[again, "row"]:
            message = "The row repeats another one of this file; it is counted once."
            self._find("facility.duplicate", Severity.WARNING, message, row)
        self.repeated += int(again.sum())
        self.frame = self.frame[~again]

    def _drop(self, gone: pd.Series[bool]) -> None:
        self.frame = self.frame[~gone.to_numpy()]

    def _find(
        self, code: str, severity: Severity, message: str, row: object, **more: object
    ) -> None:
        number = int(str(row))
        self.findings.append(
            Finding(code, severity, message, file=self.section.path, row=number, **more)  # type: ignore[arg-type]
        )

    def _add_kind(self) -> None:
        if self.section.kind is not None:
            self.frame = self.frame.assign(kind=self.section.kind)
            return
        known = {plain_text(word).casefold(): kind for word, kind in self.section.kinds.items()}
        kinds = [self._match_kind(word, known) for word in self.frame["word"]]
        self.frame = self.frame.assign(kind=kinds)
        unknown = self.frame["kind"] == ""
        for row, word in self.frame.loc[unknown, ["row", "word"]].itertuples(index=False):
            if word == "":
                message = f"The cell in column {self.section.kind_column!r} is empty."
                self._find("facility.no_kind", Severity.WARNING, message, row)
            else:
                message = "No kind is declared for this word; add it under [facilities.kinds]."
                self._find("facility.unknown_kind", Severity.WARNING, message, row, value=word)
        self._drop(unknown)

    def _match_kind(self, word: str, known: dict[str, str]) -> str:
        if known:
            return known.get(word.casefold(), "")
        slug = re.sub(r"[^a-z0-9]+", "_", word.casefold()).strip("_")
        return slug if re.fullmatch(r"[a-z][a-z0-9_]{0,62}", slug) else ""

    def _add_position(self) -> None:
        at = self.frame["at"].to_numpy()
        west, south, east, north = self.desa.total_bounds
        positions = repair_positions(
            [self.rows.lon[i] for i in at],
            [self.rows.lat[i] for i in at],
            (float(west), float(south), float(east), float(north)),
        )
        for problem in positions.problems:
            severity = Severity.NOTE if problem.problem in _NOTES else Severity.WARNING
            row = self.frame["row"].iloc[problem.index]
            code, message = _POSITION_CODES[problem.problem], problem.message
            message = f"The facility's {message}." if message[0] != "h" else f"The row {message}."
            self._find(code, severity, message, row, value=problem.value)
        self.frame = self.frame.assign(x=positions.lon, y=positions.lat)
        self._drop(self.frame["x"].isna())

    def _add_declared(self) -> None:
        if self.section.code_column is None or self.section.code_system is None:
            self.frame = self.frame.assign(kode_desa_declared=None)
            return
        cells = [self.rows.code[i] for i in self.frame["at"]]
        column = read_code_column(cells, CodeSystem(self.section.code_system))
        written = [kode if kode in set(self.kode) else None for kode in column.written]
        self.frame = self.frame.assign(kode_desa_declared=np.array(written, dtype=object))
        needs_code = (self.frame["kind"] == KANTOR_DESA) & self.frame["kode_desa_declared"].isna()
        for row, code in self.frame.loc[needs_code, ["row", "code"]].itertuples(index=False):
            message = "The kantor desa has no code of a loaded desa, so it is nobody's origin."
            self._find("facility.kantor_without_desa", Severity.WARNING, message, row, value=code)
        self._drop(needs_code)

    def _add_place(self) -> None:
        lonlat = self.frame[["x", "y"]].to_numpy(float)
        desa = self.land.find_desa(lonlat)
        place = take_or_none(self.kode, desa)
        self.frame = self.frame.assign(kode_desa_letak=place)
        self._report_sea(lonlat[desa < 0], np.flatnonzero(desa < 0))
        self._report_elsewhere()

    def _report_sea(self, lonlat: np.ndarray, rows: np.ndarray) -> None:
        """Points inside the loaded area's box, yet in none of its desa."""
        west, south, east, north = self.desa.total_bounds
        for (x, y), at in zip(lonlat, rows, strict=True):
            if not (west <= x <= east and south <= y <= north):
                continue
            metres = self._measure_to_desa(x, y, None)
            if self.land.find_part(np.array([[x, y]]))[0] >= 0:
                code, severity = "facility.near_shore", Severity.NOTE
                message = "The point lies just outside every desa (a simplified coast?)."
            else:
                code, severity = "facility.on_sea", Severity.WARNING
                message = "The point lies in no loaded desa: at sea, or beyond the border. Used."
            row = self.frame["row"].iloc[at]
            self._find(code, severity, message, row, measure=metres, unit="m")

    def _report_elsewhere(self) -> None:
        """Points that lie in another desa than declared; a kantor far from its desa is dropped."""
        declared = self.frame["kode_desa_declared"]
        moved = declared.notna() & (declared != self.frame["kode_desa_letak"])
        far = np.zeros(len(self.frame), bool)
        for at in np.flatnonzero(moved):
            line = self.frame.iloc[at]
            metres = self._measure_to_desa(line["x"], line["y"], line["kode_desa_declared"])
            is_kantor = line["kind"] == KANTOR_DESA
            far[at] = is_kantor and not metres <= KANTOR_REACH_M
            outcome = "not used as origin" if far[at] else "used as it stands"
            message = f"The point lies outside the desa its code names; {outcome}."
            code = "facility.kantor_elsewhere" if is_kantor else "facility.elsewhere"
            kode = line["kode_desa_declared"]
            self._find(
                code, Severity.WARNING, message, line["row"], kode=kode, measure=metres, unit="m"
            )
        self.frame = self.frame[~far]

    def _measure_to_desa(self, x: float, y: float, kode: str | None) -> float:
        """Metres to the nearest point of a desa, or of any; NaN where it has no polygon."""
        point = shapely.Point(x, y)
        polygon: Any
        if kode is None:
            polygon = self.land.polygons[self.land.tree.nearest(point)]
        else:
            polygon = self.desa.geometry.iloc[int(np.flatnonzero(self.kode == kode)[0])]
        if polygon is None or polygon.is_empty:
            return float("nan")
        way = shapely.get_coordinates(shapely.shortest_line(point, polygon))
        return round(float(measure_pairs(way[:1], way[1:])[0]), 1)

    def _name(self) -> None:
        names = [self._make_id(line) for line in self.frame.itertuples(index=False)]
        self.frame = self.frame.assign(facility_id=names)

    def _make_id(self, line: object) -> str:
        prefix = self.section.id
        identity = getattr(line, "identity", "")
        if identity:
            return f"{prefix}-{identity}"
        if getattr(line, "kind", "") == KANTOR_DESA:
            return f"{prefix}-{getattr(line, 'kode_desa_declared', '')}"
        x, y = (round(float(getattr(line, axis)), 7) for axis in ("x", "y"))
        content = f"{getattr(line, 'kind', '')}|{getattr(line, 'nama', '')}|{x:.7f}|{y:.7f}"
        return f"{prefix}-{blake2b(content.encode(), digest_size=5).hexdigest()}"

    def _drop_conflicting(self) -> None:
        """Rows that say different things of one facility: none is right by being first."""
        conflict = self.frame["facility_id"].duplicated(keep=False)
        kantor = self.frame["kind"] == KANTOR_DESA
        offices = self.frame["kode_desa_declared"].where(kantor)
        conflict |= offices.notna() & offices.duplicated(keep=False)
        for row, facility_id in self.frame.loc[conflict, ["row", "facility_id"]].itertuples(
            index=False
        ):
            message = "Rows of this file say different things of one facility; none is used."
            self._find("facility.conflict", Severity.WARNING, message, row, value=facility_id)
        self._drop(conflict)

    def _finish(self) -> gpd.GeoDataFrame:
        frame = self.frame.sort_values("facility_id", kind="stable").reset_index(drop=True)
        frame["file"] = self.section.path
        frame["nama"] = keep_where((frame["nama"] != "").to_numpy(), frame["nama"].to_numpy(object))
        points = shapely.points(frame[["x", "y"]].to_numpy(float))
        return gpd.GeoDataFrame(frame[list(COLUMNS)], geometry=points, crs="EPSG:4326")


def concat_facilities(results: Sequence[FacilitiesResult]) -> gpd.GeoDataFrame:
    """All facilities of a workspace, sorted by ``facility_id``."""
    frames = [result.facilities for result in results]
    if not frames:
        empty = pd.DataFrame({name: pd.Series([], dtype=object) for name in COLUMNS})
        return gpd.GeoDataFrame(empty, geometry=gpd.GeoSeries([], crs="EPSG:4326"))
    joined = pd.concat(frames, ignore_index=True).sort_values("facility_id", kind="stable")
    return gpd.GeoDataFrame(joined.reset_index(drop=True), geometry="geometry", crs="EPSG:4326")
