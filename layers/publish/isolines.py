"""``isolines.jsonl``: how far one gets in so many minutes, as lines over an outline.

The lines are the borders that bands of travel time share: a coast or an impassable river is none.
They lie in the frame of `layers.publish.outlines`, clipped to the wilayah.  The server has no
geometry library, and a page no room for lines that follow every cell; so they are drawn here.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from layers.columns.model import LayerData
from layers.publish.outlines import PixelFrame, line_data, list_children, make_frame, path_data
from layers.release import array_kinds, drawing_file

PREFIX = "isochrones_"
LEVELS: tuple[drawing_file.DrawnLevel, ...] = ("kecamatan", "kabupaten")
MAX_VERTICES = 1100
TOLERANCES_PX = (2.0, 4.0, 8.0, 16.0)
SHORTEST_PX = 24.0
"""A line shorter than this, or a loop around less than a sixth of its square, is not drawn."""
MOST_LABELS = 2
METHOD = "raster"


@dataclass(frozen=True, slots=True)
class Isolines:
    """The lines of one kind: for each edge, in minutes, the borders between below and above it.

    ``unreached`` is the area from which nothing is reached; None where there is none.
    """

    kind: str
    mode: str
    edges: tuple[tuple[float, array_kinds.Geometries], ...]
    unreached: shapely.Geometry | None


def write_isolines(
    layers: Sequence[LayerData],
    boundaries: gpd.GeoDataFrame,
    gaps: pd.DataFrame | None,
    folder: Path,
) -> None:
    """Write the drawings of travel time by kode, then by kind.

    Nothing is written where no layer of isochrones is among the layers.

    Parameters
    ----------
    gaps
        The long table of gaps, whose people by band are told with the lines; None where there is
        none.
    """
    traced = [trace_isolines(data.features) for data in layers if _is_isochrones(data)]
    if traced:
        drawing_file.write_isolines_file(folder, _draw_all(traced, boundaries, gaps))


def _draw_all(
    traced: Sequence[Isolines], boundaries: gpd.GeoDataFrame, gaps: pd.DataFrame | None
) -> Iterator[drawing_file.IsolineDrawing]:
    for level in LEVELS:
        for kode, children in list_children(boundaries, level):
            people = count_band_people(gaps, f"kode_{level}", kode, boundaries)
            for lines in traced:
                yield draw_isolines(lines, kode, children, people.get(lines.kind))


def _is_isochrones(data: LayerData) -> bool:
    return data.definition.id.startswith(PREFIX) and len(data.features) > 0


def trace_isolines(bands: gpd.GeoDataFrame) -> Isolines:
    """The lines between the bands of one layer of isochrones.

    Parameters
    ----------
    bands
        Columns ``service, mode, from_min, to_min, geometry``; neighbours share every vertex of
        their border.  A band without ``from_min`` is what is not reached.
    """
    reached = bands[bands["from_min"].notna()].sort_values("from_min")
    rest = bands[bands["from_min"].isna()]
    segments, low, high = _find_shared(np.asarray(reached.geometry.values, dtype=object))
    starts = reached["from_min"].to_numpy(float)
    edges = []
    for number in range(1, len(reached)):
        # From one band to the next but one, both edges run along the same border.
        crossing = segments[(low < number) & (number <= high)]
        parts = shapely.get_parts(shapely.line_merge(shapely.multilinestrings(crossing)))
        edges.append((float(starts[number]), np.asarray(parts, dtype=object)))
    return Isolines(
        kind=str(bands["service"].iloc[0]),
        mode=str(bands["mode"].iloc[0]),
        edges=tuple(edges),
        unreached=rest.geometry.iloc[0] if len(rest) else None,
    )


def _find_shared(
    polygons: array_kinds.Geometries,
) -> tuple[array_kinds.Floats, array_kinds.Integers, array_kinds.Integers]:
    """Segments that two polygons have in common, shape (n, 2, 2), and the numbers of both."""
    rings, owner = shapely.get_parts(polygons, return_index=True)
    rings, part = shapely.get_rings(rings, return_index=True)
    points, ring = shapely.get_coordinates(rings, return_index=True)
    inside = ring[1:] == ring[:-1]
    segments = np.stack([points[:-1], points[1:]], axis=1)[inside]
    band = owner[part[ring[:-1][inside]]]
    # The same way round in both: by x, then by y.
    first, last = segments[:, 0], segments[:, 1]
    turned = (first[:, 0] > last[:, 0]) | ((first[:, 0] == last[:, 0]) & (first[:, 1] > last[:, 1]))
    segments[turned] = segments[turned][:, ::-1]
    flat = segments.reshape(-1, 4)
    order = np.lexsort(flat.T[::-1])
    flat, band = flat[order], band[order]
    twin = np.flatnonzero((flat[1:] == flat[:-1]).all(axis=1))
    pair = np.sort(np.column_stack([band[twin], band[twin + 1]]), axis=1)
    differs = pair[:, 0] != pair[:, 1]
    return flat[twin][differs].reshape(-1, 2, 2), pair[differs, 0], pair[differs, 1]


def draw_isolines(
    lines: Isolines,
    kode: str,
    children: gpd.GeoDataFrame,
    people: drawing_file.BandPeople | None = None,
) -> drawing_file.IsolineDrawing:
    """The lines inside one wilayah as path data, with places for their labels.

    Parameters
    ----------
    children
        The children of the wilayah, as `layers.publish.outlines.make_outline` takes them.
    """
    geometry = np.asarray(children.geometry.values, dtype=object)
    frame = make_frame(geometry)
    area = shapely.union_all(geometry)
    shapely.prepare(area)
    inside = [_clip(parts, area, frame) for _, parts in lines.edges]
    edges = [
        drawing_file.IsolineEdge(
            min=minutes, d="".join(map(line_data, drawn)), at=_label_places(drawn)
        )
        for (minutes, _), drawn in zip(lines.edges, _simplify(inside), strict=True)
    ]
    return drawing_file.IsolineDrawing(
        mode=lines.mode,
        edges=tuple(edge for edge in edges if edge.d),
        unreached="" if lines.unreached is None else _draw_area(lines.unreached, area, frame),
        kode=kode,
        kind=lines.kind,
        people=people,
    )


def _clip(
    parts: array_kinds.Geometries, area: shapely.Geometry, frame: PixelFrame
) -> array_kinds.Geometries:
    """Lines inside an area, in pixels, whole again where the cut left pieces that touch."""
    near = parts[shapely.intersects(area, parts)]
    cut = shapely.get_parts(shapely.intersection(near, area))
    cut = cut[shapely.get_type_id(cut) == 1] if len(cut) else cut
    merged = shapely.get_parts(shapely.line_merge(shapely.multilinestrings(cut)))
    moved: array_kinds.Geometries = shapely.transform(merged, frame.to_pixels)
    return moved


def _simplify(edges: list[array_kinds.Geometries]) -> list[list[array_kinds.Floats]]:
    """The lines with at most `MAX_VERTICES` together, in whole pixels, without specks."""
    drawn: list[list[array_kinds.Floats]] = []
    for tolerance in TOLERANCES_PX:
        drawn = [
            [
                np.rint(shapely.get_coordinates(line))
                for line in shapely.simplify(parts, tolerance)
                if _is_seen(line)
            ]
            for parts in edges
        ]
        if sum(len(line) for parts in drawn for line in parts) <= MAX_VERTICES:
            break
    return drawn


def _is_seen(line: shapely.LineString) -> bool:
    if shapely.is_closed(line):
        points = shapely.get_coordinates(line)
        return len(points) > 3 and shapely.Polygon(points).area >= SHORTEST_PX**2 / 6
    return bool(shapely.length(line) >= SHORTEST_PX)


def _label_places(drawn: list[array_kinds.Floats]) -> tuple[tuple[int, int], ...]:
    """Vertices of the longest lines where their minutes can stand, the best first.

    The middles come first; the quarters serve where a name or a dot stands at a middle.
    """

    def length(line: array_kinds.Floats) -> float:
        return float(np.hypot(*np.diff(line, axis=0).T).sum())

    longest = sorted(drawn, key=lambda line: (-length(line), line.tolist()))[:MOST_LABELS]
    vertices = [line[int(len(line) * share)] for share in (0.5, 0.25, 0.75) for line in longest]
    return tuple((int(x), int(y)) for x, y in vertices)


def _draw_area(unreached: shapely.Geometry, area: shapely.Geometry, frame: PixelFrame) -> str:
    """What is not reached inside an area, as closed path data."""
    shape = shapely.transform(shapely.intersection(unreached, area), frame.to_pixels)
    shape = shapely.transform(shapely.simplify(shape, TOLERANCES_PX[0]), np.rint)
    parts = [
        part
        for part in shapely.get_parts(shape)
        if shapely.get_type_id(part) == 3 and part.area >= SHORTEST_PX**2 / 6
    ]
    return path_data(shapely.multipolygons(parts)) if parts else ""


def count_band_people(
    gaps: pd.DataFrame | None, column: str, kode: str, boundaries: gpd.GeoDataFrame
) -> dict[str, drawing_file.BandPeople]:
    """People by band of the desa of one wilayah, by kind of facility; empty without such a table.

    A kind without bands or norm in minutes is left out: its people are in no band.

    Parameters
    ----------
    gaps
        The long table of gaps (``tables/gaps.parquet``).
    column, kode
        The parent's column in ``boundaries``, such as ``kode_kecamatan``, and its code.
    """
    if gaps is None or "people_band_1" not in gaps:
        return {}
    desa = boundaries[(boundaries["level"] == "desa") & (boundaries[column] == kode)]["kode"]
    rows = gaps[(gaps["method"] == METHOD) & gaps["kode"].isin(set(desa))]
    return {
        str(kind): _add_up(group)
        for kind, group in rows.groupby("service", sort=True)
        if group["people_unreached"].notna().any() and _upper_edges(group)
    }


def _upper_edges(rows: pd.DataFrame) -> list[float]:
    """Minutes, ascending; none for a kind without bands or norm in minutes."""
    columns = map(str, rows.columns)
    names = [name for name in columns if name.startswith("edge_") and name.endswith("_min")]
    return [float(rows[name].dropna().iloc[0]) for name in names if rows[name].notna().any()]


def _add_up(rows: pd.DataFrame) -> drawing_file.BandPeople:
    counted = rows[rows["people_unreached"].notna()]
    upper = _upper_edges(rows)
    people = [float(counted[f"people_band_{number}"].sum()) for number in range(1, len(upper) + 2)]
    return drawing_file.BandPeople(
        upto=tuple(
            (edge, round(count, 1)) for edge, count in zip([*upper, None], people, strict=True)
        ),
        unreached=round(float(counted["people_unreached"].sum()), 1),
        off_grid=round(float(counted["people_off_grid"].sum()), 1),
        total=round(float(counted["people"].sum()), 1),
        desa=len(counted),
        desa_total=len(rows),
    )
