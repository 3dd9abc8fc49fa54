"""Lists of facilities in files of maps: layers, folders, CRS, geometries of all kinds."""

from __future__ import annotations

import zipfile
from pathlib import Path

import geopandas as gpd
import openpyxl
import pytest
import shapely

from layers.errors import InputError
from layers.facilities.read import FacilitiesResult, read_facilities
from layers.workspace.sections import FacilitySection
from tests.layers import facility_lists

PLACES = [(120.01, -7.95), (120.05, -7.95), (120.12, -7.95), (120.17, -7.95)]


def frame_of(places: list[object], crs: str | int = 4326) -> gpd.GeoDataFrame:
    """Places called SD 0, SD 1 and so on; tuples are points."""
    shapes = [shapely.Point(place) if isinstance(place, tuple) else place for place in places]
    names = [f"SD {number}" for number in range(len(shapes))]
    return gpd.GeoDataFrame({"nama": names}, geometry=shapes, crs=crs)


def read(folder: Path, name: str, **keys: object) -> FacilitiesResult:
    """What is read of a file, in three desa between 120 and 120.6 degrees east."""
    section = FacilitySection.model_validate(
        {"id": "s", "path": name, "kind": "sd", "name_column": "nama", **keys}
    )
    return read_facilities(section, folder, facility_lists.desa())


def lonlat(result: FacilitiesResult) -> list[tuple[float, float]]:
    """The places in the order of their rows, to four digits."""
    frame = result.facilities.sort_values("row")
    return [(round(point.x, 4), round(point.y, 4)) for point in frame.geometry]


def write_zones(folder: Path, zones: list[int]) -> str:
    """A table of the places, each in metres of its own UTM zone."""
    lines = ["nama,x,y"]
    for number, (place, zone) in enumerate(zip(PLACES, zones, strict=True)):
        (point,) = frame_of([place]).to_crs(32700 + zone).geometry
        lines.append(f"SD {number},{point.x:.2f},{point.y:.2f}")
    (folder / "s.csv").write_text("\n".join(lines))
    return "s.csv"


COLUMNS = {"lon_column": "x", "lat_column": "y"}


@pytest.mark.parametrize("zones", [[51] * 4, [50] * 4])
def test_metres_of_no_declared_zone_are_proposed_and_read_once_it_is_declared(
    tmp_path: Path, zones: list[int]
) -> None:
    name = write_zones(tmp_path, zones)
    result = read(tmp_path, name, **COLUMNS)
    assert result.load.matched == 0
    (finding,) = result.findings
    assert finding.code == "facility.metres"
    assert f'crs = "EPSG:327{zones[0]}"' in finding.message
    assert lonlat(read(tmp_path, name, **COLUMNS, crs=f"EPSG:327{zones[0]}")) == PLACES


def test_two_zones_in_one_list_are_told_apart(tmp_path: Path) -> None:
    name = write_zones(tmp_path, [51, 51, 51, 50])
    result = read(tmp_path, name, **COLUMNS)
    told = [(f.code, f.row) for f in result.findings]
    assert told == [("facility.metres", 2), ("facility.metres", 5)]
    assert all("mixes zones" in f.message for f in result.findings)
    result = read(tmp_path, name, **COLUMNS, crs="EPSG:32751")
    assert lonlat(result) == PLACES[:3]
    (finding,) = result.findings
    assert (finding.code, finding.row) == ("facility.metres", 5)
    assert "EPSG:32750" in finding.message
    assert "mix zones?" in finding.message


@pytest.mark.parametrize(("name", "driver"), [("s.gpkg", "GPKG"), ("s.gdb", "OpenFileGDB")])
def test_which_of_several_layers_is_meant_is_declared(
    tmp_path: Path, name: str, driver: str
) -> None:
    frame_of(list(PLACES)).to_file(tmp_path / name, layer="sekolah", driver=driver)
    frame_of(list(PLACES[:1])).to_file(tmp_path / name, layer="lain", driver=driver)
    with pytest.raises(InputError, match="layers"):
        read(tmp_path, name)
    assert read(tmp_path, name, layer="lain").load.matched == 1
    with pytest.raises(InputError, match="sekolah"):
        read(tmp_path, name, layer="sekola")


def test_folders_and_packed_files_hold_all_their_places(tmp_path: Path) -> None:
    marks = [
        f"<Folder><name>{number}</name><Placemark><name>SD {number}</name><Point><coordinates>"
        f"{lon},{lat},0</coordinates></Point></Placemark></Folder>"
        for number, (lon, lat) in enumerate(PLACES)
    ]
    head = '<?xml version="1.0"?><kml xmlns="http://www.opengis.net/kml/2.2"><Document>'
    (tmp_path / "s.kml").write_text(f"{head}{''.join(marks)}</Document></kml>")
    with zipfile.ZipFile(tmp_path / "s.kmz", "w") as packed:
        packed.write(tmp_path / "s.kml", "doc.kml")
    frame_of(list(PLACES)).to_file(tmp_path / "s.gdb", driver="OpenFileGDB", layer="sekolah")
    with zipfile.ZipFile(tmp_path / "g.gdb.zip", "w") as packed:
        for part in (tmp_path / "s.gdb").iterdir():
            packed.write(part, f"s.gdb/{part.name}")
    for name, column in (("s.kml", "Name"), ("s.kmz", "Name"), ("s.gdb", "nama")):
        assert lonlat(read(tmp_path, name, name_column=column)) == PLACES, name
    assert lonlat(read(tmp_path, "g.gdb.zip")) == PLACES


SHAPES: list[object] = [
    shapely.MultiPoint(PLACES[:1]),
    shapely.MultiPoint(PLACES[1:3]),
    None,
    PLACES[3],
    shapely.LineString(PLACES[:2]),
]


@pytest.mark.parametrize("name", ["s.gpkg", "s.geojson", "s.parquet", "s.fgb"])
def test_a_row_without_one_point_is_named_and_the_others_are_used(
    tmp_path: Path, name: str
) -> None:
    shapes = [*SHAPES, shapely.Point()]
    frame = frame_of(shapes if name != "s.fgb" else SHAPES)
    if name.endswith("parquet"):
        frame.to_parquet(tmp_path / name)
    else:
        frame.to_file(tmp_path / name, **({"SPATIAL_INDEX": "NO"} if name == "s.fgb" else {}))
    result = read(tmp_path, name)
    assert lonlat(result) == [PLACES[0], PLACES[3]]
    told = {f.row: f.code for f in result.findings}
    expected = {2: "not_one_point", 3: "no_position", 5: "not_one_point", 6: "no_position"}
    assert told == {row: f"facility.{code}" for row, code in expected.items() if row <= len(frame)}


@pytest.mark.parametrize("name", ["s.geojson", "s.csv"])
def test_some_rows_with_exchanged_columns_or_zeros_are_told_one_by_one(
    tmp_path: Path, name: str
) -> None:
    places = [PLACES[0], PLACES[1][::-1], (0.0, 0.0), PLACES[3]]
    if name == "s.csv":
        lines = [f"SD {number},{x},{y}" for number, (x, y) in enumerate(places)]
        (tmp_path / name).write_text("\n".join(["nama,x,y", *lines]))
        result, first = read(tmp_path, name, **COLUMNS), 2
    else:
        frame_of(list(places)).to_file(tmp_path / name)
        result, first = read(tmp_path, name), 1
    assert lonlat(result) == [PLACES[0], PLACES[1], PLACES[3]]
    assert {(f.code, f.row) for f in result.findings} == {
        ("facility.swapped", first + 1),
        ("facility.zero_position", first + 2),
    }


@pytest.mark.parametrize(("crs", "words"), [(32751, "numbers are metres"), (4326, "are degrees")])
def test_a_shapefile_without_crs_says_what_its_numbers_look_like(
    tmp_path: Path, crs: int, words: str
) -> None:
    frame_of(list(PLACES)).to_crs(crs).to_file(tmp_path / "s.shp")
    (tmp_path / "s.prj").unlink()
    with pytest.raises(InputError, match=words):
        read(tmp_path, "s.shp")
    assert lonlat(read(tmp_path, "s.shp", crs=f"EPSG:{crs}")) == PLACES


def test_one_place_with_two_kinds_is_two_facilities_and_one_id_for_both_is_told(
    tmp_path: Path,
) -> None:
    (tmp_path / "s.csv").write_text(
        "npsn,nama,jenis,x,y\n1,Boru,SD,120.01,-7.95\n1,Boru,SMP,120.01,-7.95\n"
        "2,Konga,SD,120.05,-7.95\n3,Konga,SMP,120.05,-7.95\n"
    )
    keys = {**COLUMNS, "id_column": "npsn", "kind": None, "kind_column": "jenis"}
    result = read(tmp_path, "s.csv", **keys, kinds={"SD": "sd", "SMP": "smp"})
    assert sorted(result.facilities["kind"]) == ["sd", "sd", "smp", "smp"]
    assert [(f.code, f.row) for f in result.findings] == [
        ("facility.conflict", 2),
        ("facility.conflict", 3),
    ]


@pytest.mark.parametrize(("suffix", "driver"), [(".gml", "GML"), (".tab", "MapInfo File")])
def test_lists_of_other_map_programs_are_read(tmp_path: Path, suffix: str, driver: str) -> None:
    frame_of([*PLACES]).to_file(tmp_path / f"s{suffix}", driver=driver)
    assert lonlat(read(tmp_path, f"s{suffix}")) == PLACES


def test_the_marks_of_a_gps_receiver_are_read_and_not_its_tracks(tmp_path: Path) -> None:
    marks = "".join(
        f'<wpt lat="{lat}" lon="{lon}"><name>SD {number}</name></wpt>'
        for number, (lon, lat) in enumerate(PLACES)
    )
    track = '<trk><trkseg><trkpt lat="-7.9" lon="120"/><trkpt lat="-7.8" lon="120"/></trkseg></trk>'
    head = '<gpx version="1.1" creator="x" xmlns="http://www.topografix.com/GPX/1/1">'
    (tmp_path / "s.gpx").write_text(f"{head}{marks}{track}</gpx>")
    assert lonlat(read(tmp_path, "s.gpx", name_column="name")) == PLACES


def test_coordinates_that_are_formulas_without_result_say_so(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for row in (["nama", "x", "y"], ["SD 0", "=120+0.01", -7.95]):
        book.worksheets[0].append(row)
    book.save(tmp_path / "s.xlsx")
    (finding,) = read(tmp_path, "s.xlsx", **COLUMNS).findings
    assert (finding.code, finding.row) == ("facility.unreadable_position", 2)
    assert "formulas without a stored result" in finding.message
