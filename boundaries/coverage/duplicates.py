"""Several rows of one code: parts of one desa, the same polygon twice, or a contradiction.

- The same polygon again: one is kept, the others are counted as duplicates.
- Polygons apart from each other, under one name: parts of one desa (islands drawn as features of
  their own); they become one MultiPolygon.
- Anything else contradicts itself: **none** of the rows is used, the desa has no geometry.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from boundaries.coverage import work_estimates
from boundaries.findings import locations, report
from boundaries.geometry_arrays import Geometries, Geometry, Mask, Positions

DUPLICATE_ROW = report.declared_kind("boundary.duplicate_row")
PARTS_MERGED = report.declared_kind("boundary.parts_merged")
CODE_DUPLICATE = report.declared_kind("boundary.code_duplicate")

OVERLAP_OF_PARTS = 0.01
"""Parts of one desa may overlap by this share of the smaller: borders drawn twice."""


@dataclass(frozen=True, slots=True)
class OnePerCode:
    """One row per code.

    Parameters
    ----------
    desa
        Sorted by ``kode``.
    duplicate_rows
        Per row given, in the order given: counted as a duplicate.
    """

    desa: gpd.GeoDataFrame
    duplicate_rows: Mask
    findings: list[report.Finding]


def keep_one_per_code(rows: gpd.GeoDataFrame) -> OnePerCode:
    """The rows with one per code; which row comes first in a file decides nothing.

    Findings
    --------
    boundary.duplicate_row
        The same polygon under the same code again (warning).
    boundary.parts_merged
        Several rows are parts of one desa (note); ``measure`` counts them.
    boundary.code_duplicate
        Rows of one code that contradict each other (error, one per row).
    """
    order = _stable_order(rows)
    ordered = rows.iloc[order]
    duplicate = np.zeros(len(rows), dtype=bool)
    repeated = ordered["kode"].duplicated(keep=False).to_numpy()
    if not repeated.any():
        return OnePerCode(ordered.reset_index(drop=True), duplicate, [])
    parts = [ordered[~repeated]]
    findings: list[report.Finding] = []
    positions = order[repeated]
    for _, group in ordered[repeated].groupby("kode", sort=True):
        row, spare, problems = _settle(group)
        parts.append(row)
        findings += problems
        members = positions[ordered[repeated].index.isin(group.index)]
        duplicate[members[spare]] = True
    desa = pd.concat(parts).sort_values("kode", kind="stable").reset_index(drop=True)
    return OnePerCode(gpd.GeoDataFrame(desa, geometry="geometry", crs=4326), duplicate, findings)


def _stable_order(rows: gpd.GeoDataFrame) -> Positions:
    """By code, content and order of the files, so that shuffled rows give the same result."""
    repeated = rows["kode"].duplicated(keep=False).to_numpy()
    content = np.full(len(rows), "", dtype=object)
    shapes = shapely.normalize(np.asarray(rows.geometry.values)[repeated])
    content[repeated] = [shapely.to_wkb(shape, hex=True) or "" for shape in shapes]
    keys = pd.DataFrame(
        {
            "kode": rows["kode"].to_numpy(),
            "content": content,
            "source": rows["source"].to_numpy(),
            "nama": rows["nama"].fillna("").to_numpy(),
            "file": rows["source_file"].to_numpy(),
            "row": rows["source_row"].to_numpy(),
        }
    )
    return keys.sort_values(list(keys.columns), kind="stable").index.to_numpy()


def _settle(
    group: gpd.GeoDataFrame,
) -> tuple[gpd.GeoDataFrame, Mask, list[report.Finding]]:
    """One row of a group of the same code, which rows are duplicates, and the findings."""
    shapes = np.asarray(group.geometry.values)
    normal = shapely.to_wkb(shapely.normalize(shapes))
    drawn = ~shapely.is_missing(shapes)
    records = list(locations.records_of(group))
    first: dict[object, int] = {}
    spare = np.zeros(len(group), dtype=bool)
    for position in np.flatnonzero(drawn):
        spare[position] = first.setdefault(normal[position], int(position)) != position
    spare |= ~drawn if drawn.any() else np.arange(len(group)) > 0
    used = np.flatnonzero(~spare)
    findings = [
        DUPLICATE_ROW.finding(
            _say_again(records[position], records[first.get(normal[position], int(used[0]))]),
            **locations.place_of(records[position]),
        )
        for position in np.flatnonzero(spare)
    ]
    row = group.iloc[used[:1]].copy()
    if len(used) == 1:
        return row, spare, findings
    if _are_parts(group.iloc[used]):
        parts = shapely.get_parts(shapes[used])
        row["geometry"] = gpd.GeoSeries([_union(parts)], index=row.index, crs=4326)
        message = f"{len(used)} rows with this code and name are apart; taken as its parts."
        findings.append(
            PARTS_MERGED.finding(message, **locations.place_of(records[used[0]]), measure=len(used))
        )
        return row, spare, findings
    files = sorted({str(records[position]["source_file"]) for position in used})
    message = _say_contradiction(len(used), files)
    for position in used:
        findings.append(
            CODE_DUPLICATE.finding(
                message,
                **locations.place_of(records[position]),
                value=records[position].get("nama"),
            )
        )
    row["geometry"] = gpd.GeoSeries([None], index=row.index, crs=4326)
    return row, np.ones(len(group), dtype=bool), findings


def _say_contradiction(count: int, files: Sequence[str]) -> str:
    if len(files) == 1:
        return (
            f"{count} different polygons carry this code; none was used. Correct the codes, or "
            "remove the wrong polygon."
        )
    return (
        f"{count} different polygons of {' and '.join(files)} carry this code; none was used. "
        "Decide which file draws this desa, and leave it out of the other (where), or take that "
        "file out."
    )


def _say_again(record: Mapping[str, object], used: Mapping[str, object]) -> str:
    message = "The same polygon, or none, under a code that is there already; counted once."
    name = used["nama"]
    if isinstance(name, str) and isinstance(record["nama"], str) and name != record["nama"]:
        message += f" Here it is called '{record['nama']}'; it is called '{name}' there, used."
    return message


def _are_parts(group: gpd.GeoDataFrame) -> bool:
    names = {_plain(name) for name in group["nama"] if isinstance(name, str)}
    if len(names) > 1:
        return False
    for shape, file in zip(group.geometry, group["source_file"], strict=True):
        if shape is not None and not shape.is_valid:
            work_estimates.check_outline(shape, file)
    shapes = shapely.make_valid(
        np.asarray(group.geometry.values), method="structure", keep_collapsed=False
    )
    areas = shapely.area(shapes)
    for position in range(1, len(shapes)):
        common = shapely.area(shapely.intersection(shapes[position], shapes[:position]))
        if (common > OVERLAP_OF_PARTS * np.minimum(areas[position], areas[:position])).any():
            return False
    return True


def _union(parts: Geometries) -> Geometry:
    valid = shapely.make_valid(parts, method="structure", keep_collapsed=False)
    return shapely.union_all(valid)


def _plain(name: str) -> str:
    return "".join(character for character in name.casefold() if character.isalnum())
