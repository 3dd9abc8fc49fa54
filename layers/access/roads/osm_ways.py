"""Ways of OpenStreetMap: read from its own files, and what their tags say of who may use them."""

from pathlib import Path

import geopandas as gpd
import pandas as pd
import shapely

from boundaries.findings.report import Finding
from layers.access.roads import road_directions
from layers.errors import InputError
from layers.finding_words.finding_kinds import declared_kind

CLOSED = declared_kind("road.closed")
PRIVATE = declared_kind("road.private")
CUT_OFF = declared_kind("road.cut_off")

SUFFIXES = (".pbf", ".osm")
OSM_CLASSES = {
    "motorway_link": "motorway",
    "trunk_link": "trunk",
    "primary_link": "primary",
    "secondary_link": "secondary",
    "tertiary_link": "tertiary",
    "living_street": "residential",
    "service": "residential",
    "road": "unclassified",
    "footway": "path",
    "steps": "path",
    "pedestrian": "path",
    "cycleway": "path",
    "bridleway": "path",
}
ACCESS_KEYS = ("access", "vehicle", "motor_vehicle", "motorcycle", "motorcar", "foot")
"""Tags that say who may use a way."""
OPEN_WORDS = frozenset(("yes", "designated", "permissive", "destination", "official"))
PATH = "path"


def is_osm(path: Path) -> bool:
    """Whether a file is one of OpenStreetMap's own, whatever the case of its ending."""
    return path.suffix.lower() in SUFFIXES


def read_osm(path: Path) -> gpd.GeoDataFrame:
    """Ways of an OSM extract that are roads or ferries.

    Returns
    -------
    geopandas.GeoDataFrame
        ``highway, oneway, name, row, is_cut, geometry`` and `ACCESS_KEYS`.  Where the extract lacks
        a node (``is_cut``), the way ends and goes on behind it; without two nodes in a row it has
        no geometry.

    Raises
    ------
    InputError
        The package ``osmium`` is not installed, or the file is no OSM file.
    """
    try:
        import osmium
    except ImportError as error:
        message = "Reading .osm.pbf needs the package 'osmium': pip install 'geo-service[osm]'"
        raise InputError(message) from error
    rows: list[dict[str, object]] = []
    try:
        entities = osmium.osm.NODE | osmium.osm.WAY
        # The library knows a format by its ending in small letters only.
        source = osmium.io.File(str(path), path.suffix.lower().removeprefix("."))
        for item in osmium.FileProcessor(source, entities).with_locations():
            if not isinstance(item, osmium.osm.Way):
                continue
            tags = {tag.k: tag.v for tag in item.tags}
            kind = "ferry" if tags.get("route") == "ferry" else tags.get("highway")
            if kind is None:
                continue
            points = [
                (node.lon, node.lat) if node.location.valid() else None for node in item.nodes
            ]
            rows.append(
                {
                    "row": len(rows) + 1,
                    "highway": kind,
                    "oneway": _find_oneway(kind, tags.get("oneway"), tags.get("junction")),
                    "name": tags.get("name"),
                    "is_cut": None in points,
                    **{key: tags.get(key) for key in ACCESS_KEYS},
                    "geometry": _draw_way(points),
                }
            )
    except RuntimeError as error:
        raise InputError(f"{path.name} cannot be read as an OSM file: {error}") from error
    names = ["row", "highway", "oneway", "name", "is_cut", *ACCESS_KEYS, "geometry"]
    return gpd.GeoDataFrame(rows, columns=names, geometry="geometry", crs="EPSG:4326")


def _draw_way(points: list[tuple[float, float] | None]) -> shapely.Geometry | None:
    """The line through the nodes, in parts where some are missing; null without a line."""
    parts: list[list[tuple[float, float]]] = [[]]
    for point in points:
        if point is None:
            parts.append([])
        else:
            parts[-1].append(point)
    lines = [part for part in parts if len(part) > 1]
    if len(lines) < 2:
        return shapely.LineString(lines[0]) if lines else None
    return shapely.MultiLineString(lines)


def _find_oneway(kind: str, word: str | None, junction: str | None) -> str | None:
    """What the tag says; without one a roundabout and a motorway are one-way all the same."""
    return "yes" if word is None and road_directions.is_implied_oneway(kind, junction) else word


def report_cut(frame: gpd.GeoDataFrame, path: str) -> list[Finding]:
    """The finding of ways of which the extract lacks nodes, but not all.

    Findings
    --------
    road.cut_off
        They end where the nodes are missing (note, with their count).
    """
    count = int((frame["is_cut"] & frame.geometry.notna()).sum())
    message = "Ways of which the extract lacks nodes end there."
    return [CUT_OFF.finding(message, path, measure=float(count))] if count else []


def close_ways(
    frame: gpd.GeoDataFrame, classes: "pd.Series[str]", path: str
) -> tuple["pd.Series[str]", list[Finding]]:
    """The class of each way with what `ACCESS_KEYS` say: nobody's is none, one on foot is a path.

    A way is closed to vehicles where ``motor_vehicle``, else ``vehicle``, else ``access`` says no
    and neither motorcycles nor cars are let in; on foot, where ``foot``, else ``access`` says no.

    Parameters
    ----------
    frame
        Columns of `ACCESS_KEYS`, as many as there are.
    classes
        Word of the class of each row.

    Returns
    -------
    pandas.Series
        As ``classes``; empty where the way is closed to all.

    Findings
    --------
    road.closed
        Ways closed to all or to vehicles (note, with their count).
    road.private
        Private ways, which are used as others are (note, with their count).

    Source
    ------
    OpenStreetMap Wiki, Key:access: the more special key wins.
    """
    tags = {
        key: frame[key].map(road_directions.single_word) if key in frame else None
        for key in ACCESS_KEYS
    }
    is_road = classes != "ferry"
    let_in = pd.Series(False, frame.index)
    for key in ("motorcycle", "motorcar"):
        let_in |= _says(tags[key], OPEN_WORDS, frame.index)
    vehicles = _choose(tags, ("motor_vehicle", "vehicle", "access"), frame.index)
    walking = _choose(tags, ("foot", "access"), frame.index)
    no_vehicle = vehicles.eq("no") & ~let_in
    nobody = no_vehicle & walking.eq("no")
    on_foot = no_vehicle & ~nobody & is_road
    findings = []
    if nobody.any() or on_foot.any():
        message = (
            f"By their tags {int(nobody.sum())} ways are closed to all and not used, "
            f"{int(on_foot.sum())} closed to vehicles and used as paths."
        )
        count = float((nobody | on_foot).sum())
        findings.append(CLOSED.finding(message, path, measure=count))
    private = int((vehicles.eq("private") & ~let_in).sum())
    if private:
        message = "Private ways are used as others are; take them out if nobody may pass."
        findings.append(PRIVATE.finding(message, path, measure=float(private)))
    return classes.mask(on_foot, PATH).mask(nobody, ""), findings


def _choose(
    tags: "dict[str, pd.Series[str] | None]", keys: tuple[str, ...], index: pd.Index
) -> "pd.Series[str]":
    """The word of the first of the keys that says something."""
    chosen = pd.Series("", index, dtype=object)
    for key in reversed(keys):
        words = tags[key]
        if words is not None:
            chosen = chosen.mask(words != "", words)
    return chosen


def _says(
    words: "pd.Series[str] | None", meanings: frozenset[str], index: pd.Index
) -> "pd.Series[bool]":
    return pd.Series(False, index) if words is None else words.isin(meanings)
