"""Named checks of a coverage: what was wrong between polygons, and what mending it changed."""

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from boundaries.coverage import shared_borders, slivers
from boundaries.coverage.overlaps import COVERED_SHARE, OVERLAP_SHARE_LISTED, Overlaps, find_covered
from boundaries.findings import locations, report
from boundaries.geometry_arrays import Geometries, Geometry

OVERLAP_SMALL = report.declared_kind("boundary.overlap_small")
ON_TOP = report.declared_kind("boundary.on_top")
HOLE_KEPT = report.declared_kind("boundary.hole_kept")
SLIVER = report.declared_kind("boundary.sliver")

AREA_TOLERANCE_PERCENT = 2.0
"""A desa whose area changes by more is reported."""

AREA_LOSS_PERCENT = 50.0
"""A desa that lost more is no longer what was drawn."""

OVERLAP_SHARE_WARNED = 0.02
HECTARE_DEGREES = (100 / slivers.METRES_PER_DEGREE) ** 2


def check_overlaps(desa: gpd.GeoDataFrame, overlaps: Overlaps) -> list[report.Finding]:
    """What polygons of different codes claim together, before it was settled.

    Findings
    --------
    boundary.duplicate_geometry
        Two codes have the same polygon (error): one of them is wrong, or the new desa of a split
        has not been drawn.  The lower code keeps it.
    boundary.within
        One desa lies in another that was drawn without a hole (warning); it was cut out.
    boundary.on_top
        Others cover a desa to 90 % or more in all (warning): a new desa drawn over the old ones; it
        was cut out of them.
    boundary.overlap
        A common area above 0.1 % of the smaller (warning from 2 %, else note); it goes to the
        desa with the longer shared border.
    boundary.overlap_small
        How many smaller overlaps were settled, per kabupaten (note).
    """
    records = list(locations.records_of(desa[["kode", "nama", "source_file", "source_row"]]))
    share = overlaps.larger_share
    listed = (share >= OVERLAP_SHARE_LISTED) | overlaps.is_same_place
    findings = [_describe_overlap(overlaps, int(pair), records) for pair in np.flatnonzero(listed)]
    findings += _describe_covered(overlaps, records)
    kabupaten = np.array([record["kode"][:5] for record in records], dtype=object)
    areas = overlaps.area / HECTARE_DEGREES
    small = pd.DataFrame(
        {"kabupaten": kabupaten[overlaps.left][~listed], "area_ha": areas[~listed]}
    )
    for kode, group in small.groupby("kabupaten", sort=True):
        total = float(group["area_ha"].sum())
        message = (
            f"{len(group)} overlaps below 0.1 % of a desa were settled, {total:.2f} ha in all."
        )
        findings.append(OVERLAP_SMALL.finding(message, kode=str(kode), measure=len(group)))
    return findings


def _describe_covered(overlaps: Overlaps, records: list[dict[str, object]]) -> list[report.Finding]:
    covered = find_covered(overlaps, len(records))
    inside = np.zeros(len(records), dtype=bool)
    for pair in np.flatnonzero(overlaps.is_within):
        is_left = overlaps.left_share[pair] >= overlaps.right_share[pair]
        inside[(overlaps.left if is_left else overlaps.right)[pair]] = True
    findings = []
    for index in np.flatnonzero((covered >= COVERED_SHARE) & ~inside):
        sides = (
            (overlaps.left, overlaps.left_share, overlaps.right),
            (overlaps.right, overlaps.right_share, overlaps.left),
        )
        others = sorted(
            records[other]["kode"]
            for indices, share, rival in sides
            for other in rival[(indices == index) & (share >= OVERLAP_SHARE_LISTED)]
        )
        percent = round(100 * float(covered[index]), 1)
        message = f"{percent} % of this desa is covered by {', '.join(others)}; cut out of them."
        findings.append(
            ON_TOP.finding(
                message,
                **locations.place_of(records[index]),
                value=" ".join(others),
                measure=percent,
            )
        )
    return findings


def _describe_overlap(
    overlaps: Overlaps, pair: int, records: list[dict[str, object]]
) -> report.Finding:
    left, right = records[overlaps.left[pair]], records[overlaps.right[pair]]
    share = float(overlaps.larger_share[pair])
    severity = report.Severity.WARNING
    if overlaps.is_same_place[pair]:
        code, severity = "boundary.duplicate_geometry", report.Severity.ERROR
        message = (
            f"{left['kode']} and {right['kode']} have the same polygon; {left['kode']} has it."
        )
    elif overlaps.is_within[pair]:
        code = "boundary.within"
        inner, outer = (left, right) if overlaps.left_share[pair] == share else (right, left)
        message = f"{inner['kode']} lies in {outer['kode']}, which had no hole for it; cut out."
    else:
        code = "boundary.overlap"
        severity = (
            report.Severity.WARNING if share >= OVERLAP_SHARE_WARNED else report.Severity.NOTE
        )
        message = (
            f"{left['kode']} and {right['kode']} overlap by {100 * share:.2f} % of the smaller; "
            "settled as the one on top, else by the longer border."
        )
    return report.declared_kind(code).finding(
        message,
        **locations.place_of(left),
        value=right["kode"],
        measure=round(100 * share, 3),
        unit="%",
        geometry=_point(overlaps.places[pair]),
        severity=severity,
    )


def check_coverage(
    desa: gpd.GeoDataFrame, repaired: Geometries, clean: shared_borders.CleanCoverage
) -> list[report.Finding]:
    """What cleaning changed, and what is still open.

    Findings
    --------
    boundary.sliver
        How many slivers were merged, per kabupaten (note), with area and greatest width.
    boundary.hole_kept
        A hole too wide to be a sliver (note): a lake, an enclave of others, or a missing desa.
    boundary.area_changed
        A desa whose area changed by more than 2 % (warning; error when it lost more than half).
    boundary.vanished
        Nothing of a desa was left: others cover it whole (error).
    """
    records = list(locations.records_of(desa[["kode", "nama", "source_file", "source_row"]]))
    findings = _count_slivers(records, clean)
    for lake in clean.lakes:
        area_ha = float(shapely.area(lake)) / HECTARE_DEGREES
        message = f"A hole of {area_ha:.1f} ha between desa was kept: a lake, or a missing desa?"
        findings.append(
            HOLE_KEPT.finding(message, measure=round(area_ha, 1), geometry=_point(lake))
        )
    findings += _compare_areas(records, repaired, clean.geometry)
    return findings


def _count_slivers(
    records: list[dict[str, object]], clean: shared_borders.CleanCoverage
) -> list[report.Finding]:
    owners = [str(records[owner]["kode"])[:5] for owner in clean.sliver_owners]
    areas = shapely.area(np.asarray(clean.slivers, dtype=object)) / HECTARE_DEGREES
    table = pd.DataFrame({"kode": owners, "ha": areas, "width": clean.sliver_widths_m})
    findings = []
    for kode, group in table.groupby("kode", sort=True):
        message = (
            f"{len(group)} slivers were merged with a neighbour, {group['ha'].sum():.2f} ha in "
            f"all, the widest {group['width'].max():.1f} m."
        )
        findings.append(SLIVER.finding(message, kode=str(kode), measure=len(group)))
    return findings


def _compare_areas(
    records: list[dict[str, object]], before: Geometries, after: Geometries
) -> list[report.Finding]:
    drawn = ~shapely.is_missing(before)
    old = shapely.area(before)
    new = np.nan_to_num(shapely.area(after))
    with np.errstate(invalid="ignore", divide="ignore"):
        change = 100 * (new - old) / old
    findings = []
    for index in np.flatnonzero(drawn & (np.abs(change) > AREA_TOLERANCE_PERCENT)):
        gone = shapely.is_missing(after[index])
        if gone:
            code, severity = "boundary.vanished", report.Severity.ERROR
            message = "Other desa cover this one whole; nothing of it is left."
        else:
            code = "boundary.area_changed"
            severity = (
                report.Severity.ERROR
                if change[index] < -AREA_LOSS_PERCENT
                else report.Severity.WARNING
            )
            message = f"Settling overlaps and slivers changed the area by {change[index]:+.2f} %."
        findings.append(
            report.declared_kind(code).finding(
                message,
                **locations.place_of(records[index]),
                measure=round(float(change[index]), 3),
                unit="%",
                geometry=_point(before[index]),
                severity=severity,
            )
        )
    return findings


def _point(shape: Geometry) -> str:
    return str(shapely.to_wkt(shapely.point_on_surface(shape), rounding_precision=7))
