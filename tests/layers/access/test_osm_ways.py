"""Ways of OpenStreetMap: who may use them, and what an extract cuts off."""

from pathlib import Path

import geopandas as gpd
import pytest
import shapely

from layers.access.roads import roads
from layers.access.terrain.speeds import read_speeds
from layers.workspace.access_sections import RoadSection

osmium = pytest.importorskip("osmium")
PLACES = {1: (120.0, -8.0), 2: (120.1, -8.0), 3: (120.05, -8.0), 4: (120.15, -8.0)}


def read(path: Path, **keys: object) -> roads.RoadsResult:
    section = RoadSection.model_validate({"path": path.name, "class_column": "highway", **keys})
    return roads.read_roads(section, path.parent, read_speeds())


def write_pbf(path: Path, *ways: tuple[list[int], dict[str, str]]) -> Path:
    writer = osmium.SimpleWriter(str(path))
    for number, place in PLACES.items():
        writer.add_node(osmium.osm.mutable.Node(id=number, location=place))
    for number, (nodes, tags) in enumerate(ways, start=1):
        writer.add_way(osmium.osm.mutable.Way(id=number, nodes=nodes, tags=tags))
    writer.close()
    return path


def write_frame(path: Path, tags: dict[str, object]) -> Path:
    line = shapely.LineString([PLACES[1], PLACES[2]])
    gpd.GeoDataFrame([tags], geometry=[line], crs="EPSG:4326").to_file(path)
    return path


@pytest.mark.parametrize(
    ("tags", "road_class", "code"),
    [
        ({}, "primary", None),
        ({"access": "no"}, None, "road.closed"),
        ({"access": "no", "foot": "yes"}, "path", "road.closed"),
        ({"access": "no", "motor_vehicle": "yes"}, "primary", None),
        ({"access": "no", "motorcycle": "designated"}, "primary", None),
        ({"motor_vehicle": "no"}, "path", "road.closed"),
        ({"motor_vehicle": "no", "motorcycle": "yes"}, "primary", None),
        ({"vehicle": "no"}, "path", "road.closed"),
        ({"vehicle": "no", "motor_vehicle": "destination"}, "primary", None),
        ({"motorcar": "no"}, "primary", None),
        ({"motorcycle": "no"}, "primary", None),
        ({"foot": "no"}, "primary", None),
        ({"access": "permissive"}, "primary", None),
        ({"access": "private"}, "primary", "road.private"),
        ({"access": "private", "motor_vehicle": "yes"}, "primary", None),
    ],
)
def test_a_way_is_open_to_whom_its_tags_say(
    tmp_path: Path, tags: dict[str, str], road_class: str | None, code: str | None
) -> None:
    ways = {"highway": "primary", **tags}
    for path in (
        write_pbf(tmp_path / "a.osm.pbf", ([1, 2], ways)),
        write_frame(tmp_path / "a.gpkg", dict(ways)),
    ):
        result = read(path)
        assert result.roads["road_class"].tolist() == ([road_class] if road_class else [])
        assert [finding.code for finding in result.findings] == ([code] if code else [])
        assert result.load.unmatched == (road_class is None)


def test_a_ferry_without_vehicles_stays_a_ferry(tmp_path: Path) -> None:
    tags = {"route": "ferry", "motor_vehicle": "no"}
    result = read(write_pbf(tmp_path / "a.osm.pbf", ([1, 2], tags)))
    assert result.roads["road_class"].tolist() == ["ferry"]


def test_columns_of_other_files_are_no_tags(tmp_path: Path) -> None:
    path = write_frame(tmp_path / "a.gpkg", {"fclass": "primary", "access": "no"})
    assert len(read(path, class_column="fclass").roads) == 1


def test_a_way_ends_where_the_extract_lacks_a_node(tmp_path: Path) -> None:
    road = {"highway": "primary", "name": "Jalan Raya"}
    path = write_pbf(
        tmp_path / "a.osm.pbf", ([1, 3, 9, 2, 4], road), ([3, 2, 9], road), ([1, 9], road)
    )
    result = read(path, name_column="nama")
    ends = {tuple(line.coords) for line in result.roads.geometry.normalize()}
    assert ends == {(PLACES[1], PLACES[3]), (PLACES[2], PLACES[4]), (PLACES[3], PLACES[2])}
    assert set(result.roads["name"]) == {"Jalan Raya"}
    measures = {finding.code: (finding.measure, finding.row) for finding in result.findings}
    assert measures == {"road.cut_off": (2, None), "road.no_line": (1, 3)}
    assert (result.load.rows_read, result.load.unmatched) == (3, 1)


@pytest.mark.parametrize("name", ["A.OSM.PBF", "jalan.Pbf", "peta.osm", "PETA.OSM"])
def test_files_of_openstreetmap_are_known_in_any_case(tmp_path: Path, name: str) -> None:
    written = write_pbf(
        tmp_path / f"w.osm{'.pbf' if name.lower().endswith('pbf') else ''}",
        ([1, 2], {"highway": "primary"}),
    )
    assert len(read(written.rename(tmp_path / name)).roads) == 1
