"""Named checks of single polygons and of their place among the others."""

import geopandas as gpd
import numpy as np
import pyproj
import shapely

from boundaries.coverage.repair import drop_repeated_points
from boundaries.findings import locations, report
from boundaries.geometry_arrays import Floats, Geometries, Geometry, Positions

SPIKE = report.declared_kind("boundary.spike")
DUPLICATE_NODES = report.declared_kind("boundary.duplicate_nodes")
ORIENTATION = report.declared_kind("boundary.orientation")
OUTSIDE_PARENT = report.declared_kind("boundary.outside_parent")
FAR_APART = report.declared_kind("boundary.far_apart")

FAR_APART_KM = 100.0
"""A part of a desa this far from all its other parts is probably another desa's."""

_ELLIPSOID = pyproj.Geod(ellps="WGS84")


def check_spikes(
    desa: gpd.GeoDataFrame, spikes: list[tuple[int, tuple[float, float]]]
) -> list[report.Finding]:
    """What was cut off as a slip of the pen.

    Findings
    --------
    boundary.spike
        A needle of under half a degree, its tip at the given point (note); it was cut off.
    """
    records = list(locations.records_of(desa[["kode", "source_file", "source_row"]]))
    message = "A spike thinner than half a degree was cut off."
    return [
        SPIKE.finding(
            message, **locations.place_of(records[index]), geometry=f"POINT ({lon:.7g} {lat:.7g})"
        )
        for index, (lon, lat) in spikes
    ]


def check_nodes(desa: gpd.GeoDataFrame, drawn: Geometries) -> list[report.Finding]:
    """Points drawn twice in a row.

    Findings
    --------
    boundary.duplicate_nodes
        How many points of how many polygons of a file were dropped (note).
    """
    lean = drop_repeated_points(drawn)
    spare = shapely.get_num_coordinates(drawn) - shapely.get_num_coordinates(lean)
    findings = []
    for label in sorted(set(desa["source_file"].dropna())):
        spare_of_file = spare[(desa["source_file"] == label).to_numpy()]
        if spare_of_file.any():
            count = int(spare_of_file.sum())
            message = (
                f"{count} points drawn twice in {int((spare_of_file > 0).sum())} polygons; dropped."
            )
            findings.append(DUPLICATE_NODES.finding(message, file=label, measure=count))
    return findings


def check_orientation(desa: gpd.GeoDataFrame, drawn: Geometries) -> list[report.Finding]:
    """Outlines that run clockwise, so that their signed area is negative.

    Findings
    --------
    boundary.orientation
        How many polygons of a file are so, with their rows (note); they were turned round.
    """
    parts, owner = shapely.get_parts(drawn, return_index=True)
    is_area = shapely.get_type_id(parts) == shapely.GeometryType.POLYGON
    parts, owner = parts[is_area], owner[is_area]
    rings = shapely.get_exterior_ring(parts)
    # Rings of fewer than three sides have no orientation; they are reported as degenerate.
    runs = ~shapely.is_ccw(rings) & (shapely.get_num_coordinates(rings) > 3)
    is_clockwise = np.zeros(len(desa), dtype=bool)
    is_clockwise[owner[runs]] = True
    findings = []
    for label in sorted(set(desa["source_file"].dropna())):
        is_turned = is_clockwise & (desa["source_file"] == label).to_numpy()
        if is_turned.any():
            rows = desa["source_row"][is_turned].astype(int).tolist()
            message = (
                f"{len(rows)} outlines run clockwise (signed area below zero); turned round. "
                f"Rows {', '.join(locations.row_ranges(rows))}."
            )
            findings.append(ORIENTATION.finding(message, file=label, measure=len(rows), rows=rows))
    return findings


def check_parts(desa: gpd.GeoDataFrame) -> list[report.Finding]:
    """Parts of one desa far from its other parts.

    Findings
    --------
    boundary.far_apart
        A part more than 100 km from all other parts (warning): a wrong code, or a far island.
    """
    shapes = np.asarray(desa.geometry.values, dtype=object)
    wide = np.flatnonzero(_extent_km(shapes) > FAR_APART_KM)
    records = list(locations.records_of(desa[["kode", "source_file", "source_row"]]))
    findings = []
    for index in wide:
        parts = shapely.get_parts(shapes[index])
        for position in range(len(parts)) if len(parts) > 1 else ():
            others = shapely.multipolygons(np.delete(parts, position))
            line = shapely.get_coordinates(shapely.shortest_line(parts[position], others))
            distance_km = _ELLIPSOID.inv(*line[0], *line[1])[2] / 1000
            if distance_km > FAR_APART_KM:
                message = f"A part of this desa lies {distance_km:.0f} km from the others."
                findings.append(
                    FAR_APART.finding(
                        message,
                        **locations.place_of(records[index]),
                        measure=round(distance_km, 1),
                        geometry=_point(parts[position]),
                    )
                )
    return findings


def _extent_km(shapes: Geometries) -> Floats:
    west, south, east, north = shapely.bounds(shapes).T
    return np.asarray(np.nan_to_num(np.hypot(east - west, north - south)) * 111.32)


def check_neighbours(desa: gpd.GeoDataFrame) -> list[report.Finding]:
    """Desa that touch others, but none of their own kecamatan.

    An island that merely touches a neighbour is not reported: it is near its kecamatan, and most of
    its outline is sea.  In Indonesia 46 desa touch none of their own: 16 are warnings (pairs whose
    codes are exchanged among them), 12 notes, 18 islands.

    Findings
    --------
    boundary.outside_parent
        Every neighbour on land belongs to another kecamatan, and they all to one: warning (an
        exclave, or a wrong code) where it is surrounded and a kilometre from its own, or five
        kilometres from it; note where only a strip lies between.  The measure is that distance.
    """
    shapes = np.asarray(desa.geometry.values, dtype=object)
    left, right = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    apart = left != right
    left, right = left[apart], right[apart]
    parent = desa["kode_kecamatan"].to_numpy(dtype=object)
    family = desa.groupby("kode_kecamatan")["kode"].transform("size").to_numpy()
    has_kin = np.zeros(len(desa), dtype=bool)
    has_kin[left[parent[left] == parent[right]]] = True
    touching = np.zeros(len(desa), dtype=bool)
    touching[left] = True
    records = list(locations.records_of(desa[["kode", "source_file", "source_row"]]))
    findings = []
    for index in np.flatnonzero(touching & ~has_kin & (family > 1)):
        near = right[left == index]
        around = sorted(set(parent[near]))
        if len(around) != 1:
            continue
        kin = shapes[(parent == parent[index]) & (np.arange(len(shapes)) != index)]
        severity, away_km = _judge_exclave(shapes[index], shapes[near], kin)
        if severity is not None:
            message = (
                f"All its neighbours on land belong to kecamatan {around[0]}; its own is "
                f"{away_km:.1f} km away."
            )
            findings.append(
                OUTSIDE_PARENT.finding(
                    message,
                    **locations.place_of(records[index]),
                    value=around[0],
                    measure=round(away_km, 2),
                    geometry=_point(shapes[index]),
                    severity=severity,
                )
            )
    return findings


SURROUNDED = 0.5
"""Share of an outline that is border with others, from which a desa lies among them."""
EXCLAVE_KM = 1.0
FAR_KM = 5.0


def _judge_exclave(
    shape: Geometry, near: Geometries, kin: Geometries
) -> tuple[report.Severity | None, float]:
    """How bad it is to touch only another kecamatan, and how far the own one is, in km."""
    lines = shapely.shortest_line(shape, kin[~shapely.is_missing(kin)])
    ends = [shapely.get_coordinates(line) for line in lines if line is not None]
    away_km = min((_ELLIPSOID.inv(*end[0], *end[1])[2] / 1000 for end in ends), default=0.0)
    outline = shapely.boundary(shape)
    shared = shapely.length(shapely.intersection(outline, shapely.boundary(near))).sum()
    is_surrounded = shared >= SURROUNDED * shapely.length(outline)
    if away_km >= FAR_KM or (is_surrounded and away_km >= EXCLAVE_KM):
        return report.Severity.WARNING, away_km
    return (report.Severity.NOTE if is_surrounded else None), away_km


def _point(shape: Geometry) -> str:
    return str(shapely.to_wkt(shapely.point_on_surface(shape), rounding_precision=7))


SPIKE_DEGREES = 0.5
SPIKE_LENGTH_DEGREES = 5e-4
"""About 55 m: shorter turns are the noise of digitising, and `coverage_clean` settles them."""


def find_spikes(geometry: Geometries) -> tuple[Positions, Floats]:
    """Tips of the spikes.

    Returns
    -------
    owners
        Position of the polygon of each spike, shape (m,).
    tips
        Lon, lat of each tip, shape (m, 2).
    """
    drawn = np.flatnonzero(~shapely.is_missing(geometry))
    parts, owners = shapely.get_parts(geometry[drawn], return_index=True)
    rings, part_of = shapely.get_rings(parts, return_index=True)
    points, ring_of = shapely.get_coordinates(rings, return_index=True)
    if len(points) == 0:
        return np.empty(0, dtype=np.int64), np.empty((0, 2))
    before, after = _neighbours(points, ring_of)
    back, forth = points - before, after - points
    lengths = np.minimum(np.hypot(*back.T), np.hypot(*forth.T))
    sine = np.abs(back[:, 0] * forth[:, 1] - back[:, 1] * forth[:, 0])
    turn = np.arctan2(sine, -(back * forth).sum(axis=1))
    tips = (turn < np.radians(SPIKE_DEGREES)) & (lengths > SPIKE_LENGTH_DEGREES)
    tips[np.flatnonzero(np.diff(ring_of, append=-1))] = False
    return drawn[owners[part_of[ring_of[tips]]]], points[tips]


def _neighbours(points: Floats, ring_of: Positions) -> tuple[Floats, Floats]:
    """Point before and after each point in its closed ring."""
    count = len(points)
    starts = np.flatnonzero(np.diff(ring_of, prepend=-1))
    ends = np.append(starts[1:], count) - 1
    before = np.arange(-1, count - 1)
    after = np.arange(1, count + 1)
    before[starts] = ends - 1
    after[ends] = starts + 1
    return points[before], points[np.minimum(after, count - 1)]


def cut_spikes(geometry: Geometries) -> tuple[Geometries, list[tuple[int, tuple[float, float]]]]:
    """The polygons without the tips of their spikes, and position and tip of each that was cut.

    A polygon that would not be valid without its tip keeps it.
    """
    owners, tips = find_spikes(geometry)
    cut = geometry.copy()
    cuts: list[tuple[int, tuple[float, float]]] = []
    for owner in np.unique(owners):
        tips_of_owner = tips[owners == owner]
        lighter = _without_points(cut[owner], {(float(x), float(y)) for x, y in tips_of_owner})
        if lighter is not None and shapely.is_valid(lighter) and not shapely.is_empty(lighter):
            cut[owner] = lighter
            cuts += [(int(owner), (float(x), float(y))) for x, y in tips_of_owner]
    return cut, cuts


def _without_points(shape: Geometry, tips: set[tuple[float, float]]) -> Geometry | None:
    parts = []
    for part in shapely.get_parts(shape):
        rings = [
            [point for point in map(tuple, ring.coords[:-1]) if point not in tips]
            for ring in (part.exterior, *part.interiors)
        ]
        if any(len(ring) < 3 for ring in rings):
            return None
        parts.append(shapely.Polygon(rings[0], rings[1:]))
    return parts[0] if len(parts) == 1 else shapely.multipolygons(parts)
