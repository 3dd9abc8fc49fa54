"""Files of roads as people have them: shapes, words of classes, and where they lie."""

from collections.abc import Sequence
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely

from layers.access.roads import network, roads
from layers.access.terrain.speeds import read_speeds
from layers.errors import InputError
from layers.workspace.access_sections import BarrierSection, RoadSection

SPEEDS = read_speeds()
Line = shapely.Geometry | list[tuple[float, ...]] | None
A, MIDDLE, B = (120.0, -8.0), (120.05, -8.0), (120.1, -8.0)
AREA = (119.9, -8.1, 120.2, -7.9)


def read(folder: Path, **keys: object) -> roads.RoadsResult:
    section = RoadSection.model_validate({"path": "r.gpkg", "class_column": "kelas", **keys})
    return roads.read_roads(section, folder, SPEEDS)


def write(path: Path, *lines: Line, **columns: object) -> None:
    with np.errstate(invalid="ignore"):
        _write(path, lines, columns)


def _write(path: Path, lines: Sequence[Line], columns: dict[str, object]) -> None:
    shapes = [shapely.LineString(line) if isinstance(line, list) else line for line in lines]
    data = {"kelas": "primary", **columns}
    frame = gpd.GeoDataFrame(data, range(len(shapes)), geometry=shapes, crs="EPSG:4326")
    frame.to_file(path)


def codes(result: roads.RoadsResult) -> list[str]:
    return [finding.code for finding in result.findings]


def test_a_line_in_two_classes_is_driven_as_the_faster_one_whatever_the_alphabet(
    tmp_path: Path,
) -> None:
    for classes in (["path", "primary"], ["primary", "track"]):
        write(tmp_path / "r.gpkg", [A, B], [B, A], kelas=classes)
        result = read(tmp_path)
        (finding,) = result.findings
        assert (finding.code, finding.row, finding.measure) == ("road.two_classes", 1, 1)
        assert finding.value == ", ".join(sorted(classes))
        assert (result.load.matched, result.load.duplicates) == (2, 0)
        graph = network.build_network(result.roads, SPEEDS, "motorbike", np.array([A, B]))
        kmh = SPEEDS.modes["motorbike"].roads["primary"]
        assert graph.minutes == pytest.approx(graph.metres / (kmh * 1000 / 60))


def test_the_same_line_at_another_height_is_the_same(tmp_path: Path) -> None:
    write(tmp_path / "r.gpkg", [(*A, 5.0), (*B, 7.0)], [(*A, 0.0), (*B, 0.0)], arah=["yes", "no"])
    result = read(tmp_path, oneway_column="arah")
    assert codes(result) == ["road.duplicate"]
    assert result.roads["oneway"].tolist() == [1]


def test_lines_meet_at_a_vertex_of_other_heights(tmp_path: Path) -> None:
    write(tmp_path / "r.gpkg", [(*A, 5.0), (*MIDDLE, 7.0)], [(*MIDDLE, 0.0), (*B, 0.0)])
    graph = network.build_network(read(tmp_path).roads, SPEEDS, "motorbike", np.array([A, B]))
    assert set(graph.part) == {0}


@pytest.mark.parametrize(
    "shape", [[A, (np.nan, np.nan), B], [A, (np.inf, -8.0)], None, shapely.Point(A)]
)
def test_rows_without_a_line_say_which_is_the_first(tmp_path: Path, shape: Line) -> None:
    write(tmp_path / "r.gpkg", [A, B], shape)
    result = read(tmp_path)
    (finding,) = result.findings
    assert (finding.code, finding.row, finding.measure) == ("road.no_line", 2, 1)
    assert len(result.roads) == 1


def test_barriers_without_numbers_stop_nobody(tmp_path: Path) -> None:
    write(tmp_path / "b.gpkg", [A, B], [A, (np.nan, np.nan), B])
    section = BarrierSection(path="b.gpkg")
    result = roads.read_barriers([section], tmp_path, AREA)
    assert [finding.code for finding in result.findings] == ["access.barrier_unusable"]
    assert len(result.barriers) == 1


@pytest.mark.parametrize(
    ("cells", "declared"),
    [
        ([5.0, None], "5"),
        ([5, 6], "5"),
        (["Jalan  Desa", "x"], "Jalan Desa"),
        (["JALAN DESA ", "x"], "jalan  desa"),
    ],
)
def test_a_word_of_a_class_is_read_as_a_person_reads_it(
    tmp_path: Path, cells: list[object], declared: str
) -> None:
    write(tmp_path / "r.gpkg", [A, MIDDLE], [MIDDLE, B], kelas=cells)
    result = read(tmp_path, classes={declared: "tertiary"})
    assert result.roads["road_class"].tolist() == ["tertiary"]
    (finding,) = result.findings
    assert (finding.code, finding.row) == ("road.unknown_class", 2)


@pytest.mark.parametrize(
    ("lines", "keys", "part"),
    [
        ([A[::-1], B[::-1]], {}, "swapped"),
        ([(174773.0, 9114536.0), (174873.0, 9114536.0)], {}, "are metres"),
        ([A, B], {"crs": "EPSG:32751"}, "is crs right"),
        ([(100.0, 0.0), (101.0, 0.0)], {}, "in the loaded area."),
    ],
)
def test_roads_elsewhere_say_what_their_numbers_look_like(
    tmp_path: Path, lines: list[tuple[float, ...]], keys: dict[str, str], part: str
) -> None:
    write(tmp_path / "r.geojson", lines)
    (finding,) = roads.find_elsewhere(read(tmp_path, path="r.geojson", **keys), AREA)
    assert part in finding.message


@pytest.mark.parametrize("text", ["", "{}", "<html></html>"])
def test_what_cannot_be_read_is_said_without_folders_and_advice_to_programmers(
    tmp_path: Path, text: str
) -> None:
    (tmp_path / "r.geojson").write_text(text)
    with pytest.raises(InputError) as caught:
        read(tmp_path, path="r.geojson")
    assert str(tmp_path) not in str(caught.value)
    assert "driver" not in str(caught.value)


def test_a_shapefile_without_its_table_says_so(tmp_path: Path) -> None:
    write(tmp_path / "r.shp", [A, B])
    (tmp_path / "r.dbf").unlink()
    with pytest.raises(InputError, match=r"is the \.dbf beside it"):
        read(tmp_path, path="r.shp")
