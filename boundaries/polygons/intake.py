"""All declared files as rows with Kemendagri codes inside the scope; every other row is named."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
from numpy.typing import NDArray

from boundaries.codes import CodeSystem, column_findings, crosswalk, kode_types, read_code_column
from boundaries.errors import InputUndeclaredError, NothingInScopeError
from boundaries.findings import locations, report
from boundaries.history.versions import History
from boundaries.matching.matching import Proposal
from boundaries.polygons import PolygonSource, code_assignment, misplaced, read_polygons
from boundaries.progress import Progress

CODE_FORMER = report.declared_kind("boundary.code_former")
OUT_OF_SCOPE = report.declared_kind("boundary.out_of_scope")

WHOLE_COUNTRY = "indonesia"


@dataclass(frozen=True, slots=True)
class Intake:
    """Rows of all inputs.

    Parameters
    ----------
    rows
        Rows with a code inside the scope; ``source`` is the position of their input.
    rows_read
        Per input.
    proposals
        Codes of polygons that a person must decide, by input.
    """

    rows: gpd.GeoDataFrame
    rows_read: list[int]
    findings: list[report.Finding]
    proposals: dict[str, tuple[Proposal, ...]]

    def count_loads(
        self,
        sources: Sequence[PolygonSource],
        duplicate: NDArray[np.bool_],
        desa_without_data: int,
    ) -> list[report.LoadCount]:
        """What happened to every row of each input."""
        owner = self.rows["source"].to_numpy()
        loads = []
        for position, source in enumerate(sources):
            of_source = owner == position
            duplicates = int((of_source & duplicate).sum())
            loads.append(
                report.LoadCount(
                    input=input_name(position),
                    file=source.label,
                    rows_read=self.rows_read[position],
                    matched=int(of_source.sum()) - duplicates,
                    unmatched=self.rows_read[position] - int(of_source.sum()),
                    duplicates=duplicates,
                    desa_without_data=desa_without_data,
                )
            )
        return loads


def input_name(position: int) -> str:
    """What the input is called in loads and in ``matches.csv``; the first has position 0."""
    return f"boundaries.{position + 1}"


def take_in(
    sources: Sequence[PolygonSource],
    scope: Sequence[str],
    bridge: crosswalk.CodeBridge | None,
    progress: Progress,
    history: History | None = None,
) -> Intake:
    """The rows of every input that lie in the scope.

    Findings
    --------
    boundary.code_former
        Rows whose codes a history leads to a desa of the scope (note); read as of today.
    boundary.out_of_scope
        Rows of a kabupaten outside the scope (note, one for each kabupaten); ``value`` lists them.

    Raises
    ------
    NothingInScopeError
        No row of any input lies in the scope.
    InputUndeclaredError
        BPS codes have no bridge to cross over.
    """
    findings: list[report.Finding] = []
    frames = []
    counts = []
    proposals: dict[str, tuple[Proposal, ...]] = {}
    for position, source in enumerate(sources):
        progress("read boundaries", position, len(sources))
        frame, reading_findings = read_polygons(source)
        crs = pyproj.CRS(frame.attrs.pop("crs"))
        findings += reading_findings
        counts.append(len(frame))
        if source.codes_from is not None and source.code_column is None:
            assigned = code_assignment.assign_codes(frame, source, source.codes_from)
            frame, proposals[input_name(position)] = assigned.polygons, tuple(assigned.proposals)
            findings += assigned.findings
        coded, more = _with_codes(frame, source, bridge)
        findings += more
        if history is not None:
            coded, more = _with_codes_of_today(coded, history, scope, source.label)
            findings += more
        coded = coded.assign(source=position, source_file=source.label, valid_from=source.year)
        findings += misplaced.find_misplaced(coded, source.label, crs)
        inside, outside = _split_by_scope(coded, scope, source.label)
        findings += outside
        frames.append(inside)
    progress("read boundaries", len(sources), len(sources))
    rows = gpd.GeoDataFrame(pd.concat(frames, ignore_index=True), geometry="geometry", crs=4326)
    if len(rows) == 0:
        elsewhere = {finding.kode for finding in findings if finding.code == OUT_OF_SCOPE.code}
        raise NothingInScopeError(
            _nothing_in_scope(findings, scope), proposals, tuple(sorted(filter(None, elsewhere)))
        )
    return Intake(rows, counts, findings, proposals)


def _with_codes(
    frame: gpd.GeoDataFrame, source: PolygonSource, bridge: crosswalk.CodeBridge | None
) -> tuple[gpd.GeoDataFrame, list[report.Finding]]:
    system = source.code_system
    findings: list[report.Finding] = []
    if source.codes_from is not None and source.code_column is None:
        system = source.codes_from.code_system
    if system is CodeSystem.KEMENDAGRI:
        return frame, findings
    if bridge is None:
        raise InputUndeclaredError(
            f"{source.label}: its codes are declared as BPS. Declare a bridge to Kemendagri codes "
            "under [[crosswalks]]; codes never cross over without one."
        )
    crossed = frame.copy()
    for column in ("kode", "kode_kecamatan_declared"):
        level = "desa" if column == "kode" else "kecamatan"
        filled = np.flatnonzero(frame[column].notna().to_numpy())
        texts = locations.text_array(frame[column])[filled].tolist()
        over = bridge.cross(read_code_column(texts, CodeSystem.BPS, level=level))  # type: ignore[arg-type]  # texts or None
        codes = np.full(len(frame), None, dtype=object)
        codes[filled] = over.written
        crossed[column] = codes
        rows = frame["source_row"].to_numpy()[filled]
        findings += column_findings(over, source.label, rows.tolist())
    return crossed, findings


def _with_codes_of_today(
    frame: gpd.GeoDataFrame, history: History, scope: Sequence[str], label: str
) -> tuple[gpd.GeoDataFrame, list[report.Finding]]:
    """The rows with former codes of the scope by those of today, as far as each is one desa still.

    Codes of which several lead to one, or to one that is drawn already, stay as they are: a merged
    desa is no row of its parts.
    """
    kode = frame["kode"].tolist()
    is_settled = is_in_scope(frame["kode"], scope) & (WHOLE_COUNTRY not in scope)
    today = [
        history.today(code) if isinstance(code, str) and not settled else None
        for code, settled in zip(kode, is_settled, strict=True)
    ]
    within = is_in_scope(pd.Series(today, dtype=object), scope)
    counts = Counter(dict.fromkeys(zip(kode, today, strict=True)))
    olds_of = Counter(new for _, new in counts)
    recoded = [
        index
        for index, new in enumerate(today)
        if within[index] and olds_of[new] == 1 and new not in kode
    ]
    if not recoded:
        return frame, []
    parents = frame["kode_kecamatan_declared"].tolist()
    former = kode[recoded[0]]
    for index in recoded:
        kode[index] = today[index]
        parent = parents[index]
        parents[index] = (history.today(parent) or parent) if isinstance(parent, str) else parent
    message = (
        f"{len(recoded)} rows bear codes of before a change, such as {former}, which is "
        f"{kode[recoded[0]]} today; read as those of today."
    )
    row = int(frame["source_row"].iloc[recoded[0]])
    columns = {"kode": kode, "kode_kecamatan_declared": parents}
    coded = frame.assign(**{name: np.array(cells, dtype=object) for name, cells in columns.items()})
    return coded, [CODE_FORMER.finding(message, label, row, value=former, measure=len(recoded))]


def _split_by_scope(
    frame: gpd.GeoDataFrame, scope: Sequence[str], label: str
) -> tuple[gpd.GeoDataFrame, list[report.Finding]]:
    coded = frame["kode"].notna().to_numpy()
    inside = coded & is_in_scope(frame["kode"], scope)
    elsewhere = frame[coded & ~inside]
    findings = []
    for kabupaten, rows in elsewhere.groupby(elsewhere["kode"].str.slice(0, 5), sort=True):
        message = f"{len(rows)} rows of kabupaten {kabupaten} lie outside the scope; not used."
        numbers = rows["source_row"].astype(int).tolist()
        findings.append(
            OUT_OF_SCOPE.finding(
                message,
                file=label,
                kode=str(kabupaten),
                value="rows " + ", ".join(locations.row_ranges(numbers)),
                measure=len(rows),
                rows=numbers,
            )
        )
    return frame[inside], findings


def is_in_scope(kode: pd.Series[Any], scope: Sequence[str]) -> NDArray[np.bool_]:
    """Whether each desa code lies in one of the kabupaten or provinsi of the scope."""
    if WHOLE_COUNTRY in scope:
        return kode.notna().to_numpy()
    prefixes = tuple(f"{place}." for place in scope)
    return kode.fillna("").str.startswith(prefixes).to_numpy(dtype=bool)


def _nothing_in_scope(findings: Sequence[report.Finding], scope: Sequence[str]) -> str:
    """Why no polygon is of the scope: codes of elsewhere, or what most rows lack a code for."""
    nothing = f"No polygon lies in the scope {', '.join(scope)}."
    outside = Counter[str]()
    for finding in findings:
        if finding.code == "boundary.out_of_scope" and finding.kode:
            outside[finding.kode] += int(finding.measure or 0)
    if outside:
        listed = ", ".join(f"{kode} ({count} rows)" for kode, count in outside.most_common(5))
        return f"{nothing} Their codes are of kabupaten {listed}. Check scope and code_column."
    refused = [
        finding
        for finding in findings
        if finding.severity is not report.Severity.NOTE
        and report.declared_kind(finding.code).lacks_code
    ]
    if not refused:
        return f"{nothing} No row has a usable code. Check scope and code_column."
    commonest, count = Counter(finding.code for finding in refused).most_common(1)[0]
    example = min(
        (finding for finding in refused if finding.code == commonest),
        key=report.Finding.sort_key,
    )
    where = f"row {example.row}: " if example.row is not None else ""
    return f"{nothing} {count} findings say why, such as {example.file}, {where}{example.message}"


def dotted_names(names: Mapping[str, str]) -> dict[str, str]:
    """Names by dotted code, whichever way the keys are written."""
    dotted = {}
    for code, name in names.items():
        digits = "".join(character for character in code if character.isdigit())
        dotted[kode_types.dot_kemendagri(digits)] = name
    return dotted
