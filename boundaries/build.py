"""The stage in one call: declared files in, ``boundaries.parquet`` and findings out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from boundaries.codes.crosswalk import CodeBridge
from boundaries.coverage import coverage_checks, duplicates, hierarchy, shape_checks, shared_borders
from boundaries.coverage.overlaps import cut_out_covered, find_overlaps
from boundaries.coverage.repair import repair_polygons
from boundaries.findings import accepted, locations, report
from boundaries.findings.report import Finding, Report, Severity
from boundaries.history import versions
from boundaries.matching.matching import Proposal
from boundaries.polygons import PolygonSource, local_terms
from boundaries.polygons.intake import dotted_names, is_in_scope, take_in
from boundaries.progress import Progress, silent

NONE_DRAWN = report.declared_kind("boundary.none_drawn")

COLUMNS = (
    "level",
    "kode",
    "nama",
    "jenis",
    "sebutan",
    "kode_kecamatan",
    "nama_kecamatan",
    "kode_kabupaten",
    "nama_kabupaten",
    "kode_provinsi",
    "nama_provinsi",
    "legal_status",
    "valid_from",
    "valid_to",
    "area_ha",
    "source_file",
    "source_row",
    "geometry",
)
PARTITION_FROM_VERTICES = 1_500_000
"""Coverages with more vertices are cleaned provinsi by provinsi (about 1 kB of memory a vertex)."""


@dataclass(frozen=True, slots=True)
class BoundarySet:
    """The boundaries of all levels, and everything observed on the way.

    Parameters
    ----------
    frame
        Columns ``COLUMNS``; one row per wilayah, sorted by level (desa, kecamatan, kabupaten,
        provinsi) and ``kode``.  Geometry MultiPolygon in EPSG:4326, or None.
    proposals
        Codes of polygons without codes that a person must decide, by input.
    """

    frame: gpd.GeoDataFrame
    report: Report
    proposals: Mapping[str, tuple[Proposal, ...]] = field(default_factory=dict)

    def level(self, name: str) -> gpd.GeoDataFrame:
        """The wilayah of one level, sorted by ``kode``."""
        return self.frame[self.frame["level"] == name].reset_index(drop=True)


def build_boundaries(
    sources: Sequence[PolygonSource],
    *,
    scope: Sequence[str],
    year: int,
    names: Mapping[str, str] | None = None,
    allow: Sequence[accepted.Acceptance] = (),
    bridge: CodeBridge | None = None,
    history: versions.History | None = None,
    sliver_width_m: float = shared_borders.SLIVER_WIDTH_M,
    progress: Progress = silent,
) -> BoundarySet:
    """One valid coverage of the desa in the scope, with the outlines of their parents.

    Parameters
    ----------
    scope
        Kabupaten codes (``"53.06"``), provinsi codes (``"32"``) or ``"indonesia"``.
    year
        The year the boundaries are wanted for.
    names
        Official names by Kemendagri code of any level.  Desa of the scope that only this list
        knows are in the result without geometry.
    allow
        Findings that are known and accepted.
    bridge
        How BPS codes cross over; needed only for inputs that declare them.
    history
        How codes changed; it dates the boundaries, see `boundaries.history.versions`, and former
        codes of the scope are read as those of today.
    sliver_width_m
        Holes narrower than this are merged with a neighbour.

    Findings
    --------
    boundary.geometry_missing
        A desa of an input of which no polygon is left, or that had none (warning).
    boundary.none_drawn
        No desa at all has a polygon (error).
    boundary.missing
        A desa of the official list that no input draws (warning).

    Raises
    ------
    BoundariesError
        An input is missing, unreadable or not declared well enough.
    """
    names_by_code = dotted_names(names or {})
    intake = take_in(sources, scope, bridge, progress, history)
    single = duplicates.keep_one_per_code(intake.rows)
    findings = [*intake.findings, *single.findings]
    desa = _with_undrawn(single.desa, names_by_code, scope)
    desa, more = _with_coverage(desa, sliver_width_m, progress)
    refused = {finding.kode for finding in more if finding.severity is Severity.ERROR}
    findings += [*more, *_name_undrawn(desa[~desa["kode"].isin(refused)])]
    desa, more = hierarchy.assign_parents(desa, year)
    findings += more
    desa, more = hierarchy.name_parents(desa, names_by_code)
    findings += [*more, *shape_checks.check_parts(desa), *shape_checks.check_neighbours(desa)]
    desa, more = local_terms.check_terms(desa)
    findings += more
    findings += _name_none_drawn(desa, sources)
    progress("outlines", 0, 3)
    frame = _assemble(desa)
    if history is not None:
        frame, more = versions.date_boundaries(frame, history, year)
        findings += more
    progress("outlines", 3, 3)
    undrawn = int(frame.loc[frame["level"] == "desa"].geometry.isna().sum())
    report = Report()
    loads = intake.count_loads(sources, single.duplicate_rows, undrawn)
    ours = [entry for entry in allow if accepted.is_about_boundaries(entry.check)]
    report.extend(accepted.accept_findings(findings, ours), loads)
    return BoundarySet(frame, report, intake.proposals)


def _with_undrawn(
    desa: gpd.GeoDataFrame, names: Mapping[str, str], scope: Sequence[str]
) -> gpd.GeoDataFrame:
    """The desa with those of the official list that no input draws."""
    listed = pd.Series(sorted(code for code in names if len(code) == 13), dtype=object)
    inside = listed[is_in_scope(listed, scope)] if len(listed) else listed
    undrawn = sorted(set(inside) - set(desa["kode"]))
    if not undrawn:
        return desa
    rows = gpd.GeoDataFrame(
        {"kode": undrawn, "nama": [names[code] for code in undrawn], "legal_status": "unknown"},
        geometry=[None] * len(undrawn),
        crs=4326,
    )
    rows = rows.reindex(columns=desa.columns)
    both = pd.concat([desa.astype(object), rows.astype(object)]).sort_values("kode", kind="stable")
    return gpd.GeoDataFrame(both.reset_index(drop=True), geometry="geometry", crs=4326)


def _name_undrawn(desa: gpd.GeoDataFrame) -> list[Finding]:
    findings = []
    for record in locations.records_of(desa[desa.geometry.isna().to_numpy()]):
        place = locations.place_of(record)
        if place["file"] is None:
            code, message = "boundary.missing", "No input draws this desa of the official list."
        else:
            code, message = "boundary.geometry_missing", "This desa has no polygon to use."
        findings.append(
            report.declared_kind(code).finding(message, **place, severity=Severity.WARNING)
        )
    return findings


def _name_none_drawn(desa: gpd.GeoDataFrame, sources: Sequence[PolygonSource]) -> list[Finding]:
    if len(desa) == 0 or desa.geometry.notna().any():
        return []
    message = f"None of {len(desa)} desa has a polygon to use, so there is nothing to map."
    file = sources[0].label if len(sources) == 1 else None
    return [NONE_DRAWN.finding(message, file)]


def _with_coverage(
    desa: gpd.GeoDataFrame, sliver_width_m: float, progress: Progress
) -> tuple[gpd.GeoDataFrame, list[Finding]]:
    """The desa as one valid coverage, with what was found and changed."""
    progress("repair polygons", 0, len(desa))
    drawn = np.asarray(desa.geometry.values, dtype=object)
    files = [file if isinstance(file, str) else None for file in desa["source_file"]]
    repaired, repairs = repair_polygons(drawn, files)
    records = list(locations.records_of(desa[["kode", "source_file", "source_row"]]))
    findings = [repair.finding(**locations.place_of(records[repair.index])) for repair in repairs]
    findings += shape_checks.check_nodes(desa, drawn)
    findings += shape_checks.check_orientation(desa, drawn)
    repaired, spikes = shape_checks.cut_spikes(repaired)
    findings += shape_checks.check_spikes(desa, spikes)
    progress("repair polygons", len(desa), len(desa))
    progress("overlaps", 0, len(desa))
    overlaps = find_overlaps(repaired, files)
    findings += coverage_checks.check_overlaps(desa, overlaps)
    cut = cut_out_covered(repaired, overlaps)
    for pair in np.flatnonzero(overlaps.is_same_place):
        cut[overlaps.right[pair]] = None
    progress("overlaps", len(desa), len(desa))
    vertices = int(shapely.get_num_coordinates(cut).sum())
    provinsi = desa["kode"].str.slice(0, 2).tolist()
    clean = shared_borders.clean_coverage(
        cut,
        partitions=provinsi if vertices > PARTITION_FROM_VERTICES else None,
        sliver_width_m=sliver_width_m,
        progress=progress,
    )
    findings += coverage_checks.check_coverage(desa, repaired, clean)
    return desa.set_geometry(gpd.GeoSeries(clean.geometry, index=desa.index, crs=4326)), findings


def _assemble(desa: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """All levels in one frame, in the columns and order of the contract."""
    desa_rows = desa.assign(
        level="desa", jenis=[hierarchy.jenis_of(kode) for kode in desa["kode"]], valid_to=None
    )
    frames = [desa_rows, *hierarchy.build_outlines(desa_rows)]
    frame = pd.concat([item.reindex(columns=COLUMNS) for item in frames], ignore_index=True)
    shapes = np.array(frame["geometry"], dtype=object)
    many = ~shapely.is_missing(shapes) & (shapely.get_type_id(shapes) == 3)
    shapes[many] = [shapely.MultiPolygon([shape]) for shape in shapes[many]]
    rank = frame["level"].map({level: position for position, level in enumerate(hierarchy.LEVELS)})
    frame = gpd.GeoDataFrame(frame.drop(columns="geometry"), geometry=shapes, crs=4326)
    frame["area_ha"] = hierarchy.measure_area_ha(shapes)
    for column in ("valid_from", "valid_to", "source_row"):
        frame[column] = pd.array(pd.to_numeric(frame[column]).tolist(), dtype="Int64")
    for column in set(COLUMNS) - {"valid_from", "valid_to", "source_row", "area_ha", "geometry"}:
        texts = frame[column].to_numpy(dtype=object).copy()
        texts[pd.isna(texts)] = None
        frame[column] = pd.Series(texts, dtype=object)
    ordered = frame.assign(rank=rank).sort_values(["rank", "kode"], kind="stable")
    return ordered[list(COLUMNS)].reset_index(drop=True)
