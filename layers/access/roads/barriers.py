"""What nothing crosses but a bridge: rivers and lakes as lines and polygons of GIS files."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from boundaries.findings.report import Finding, LoadCount
from layers.finding_words.finding_kinds import declared_kind
from layers.workspace import access_sections, drawn_files

BARRIER_UNUSABLE = declared_kind("access.barrier_unusable")
BARRIER_ELSEWHERE = declared_kind("access.barrier_elsewhere")

Bbox = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class BarriersResult:
    """Usable barriers (one geometry a row, EPSG:4326) and what became of each file's rows."""

    barriers: gpd.GeoDataFrame
    findings: tuple[Finding, ...]
    loads: tuple[LoadCount, ...]


def read_barriers(
    sections: Sequence[access_sections.BarrierSection], folder: Path, bbox_lonlat: Bbox
) -> BarriersResult:
    """All declared barriers.

    Findings
    --------
    access.barrier_unusable
        Rows without a line or polygon; not used (warning, with their count).
    access.barrier_elsewhere
        Nothing of the file lies in the loaded area (warning).

    Raises
    ------
    InputError
        A file is missing, unreadable or does not say its CRS.
    """
    frames, findings, loads = [], [], []
    for section in sections:
        path = folder / section.path
        label = f"barriers: {section.path}"
        frame, _ = drawn_files.read_drawn(path, label, layer=section.layer, crs=section.crs)
        shapes = np.asarray(frame.geometry.array, dtype=object)
        kinds = shapely.get_dimensions(shapes)
        usable = (kinds >= 1) & ~shapely.is_empty(shapes)
        if not usable.all():
            message = "Rows without a line or polygon stop nobody; not used."
            finding = BARRIER_UNUSABLE.finding(message, section.path)
            findings.append(replace(finding, measure=float((~usable).sum()), unit="rows"))
        lost = int((~usable).sum())
        loads.append(LoadCount("barriers", section.path, len(frame), len(frame) - lost, lost, 0))
        frame = frame[usable]
        if not frame.geometry.intersects(shapely.box(*bbox_lonlat)).any():
            message = "None of these barriers lies in the loaded area."
            findings.append(BARRIER_ELSEWHERE.finding(message, section.path))
        frames.append(frame[["geometry"]])
    joined = pd.concat(frames, ignore_index=True) if frames else {"geometry": []}
    barriers = gpd.GeoDataFrame(joined, geometry="geometry", crs="EPSG:4326")
    return BarriersResult(barriers, tuple(findings), tuple(loads))
