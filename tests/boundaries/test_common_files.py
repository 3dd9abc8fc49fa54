"""Files that offices really send: geometry as text, FileGDB, KML with its attributes in words."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pandas as pd
import pytest
import shapely

from boundaries.errors import InputUndeclaredError, InputUnreadableError
from boundaries.polygons import read_polygons
from boundaries.polygons.vector_files import attributes_of
from layers.errors import InputError
from layers.workspace.drawn_files import read_drawn
from tests.boundaries.drawing import one, source
from tests.boundaries.formats import WORLD

SHAPES = list(WORLD.geometry)
METRES = list(WORLD.to_crs(32751).geometry)


def text_table(folder: Path, texts: list[str], name: str = "desa.csv", column: str = "WKT") -> Path:
    table = pd.DataFrame({column: texts, "kode": WORLD.kode, "nama": WORLD.nama})
    separator = "\t" if name.endswith(".tsv") else ";"
    table.to_csv(folder / name, index=False, sep=separator)
    return folder / name


@pytest.mark.parametrize(
    ("texts", "column", "name"),
    [
        ([shape.wkt for shape in SHAPES], "WKT", "desa.csv"),
        ([shape.wkt for shape in SHAPES], "batas", "desa.tsv"),
        ([f"SRID=4326;{shape.wkt}" for shape in SHAPES], "geom", "desa.csv"),
        ([f"srid=32751; {shape.wkt}" for shape in METRES], "geom", "desa.csv"),
        ([shape.wkb_hex for shape in SHAPES], "wkb_geometry", "desa.csv"),
        (
            [
                shapely.to_wkb(shapely.set_srid(shape, 32751), hex=True, include_srid=True)
                for shape in METRES
            ],
            "geom",
            "desa.csv",
        ),
        (
            [
                f"MULTIPOLYGON Z (({shapely.force_3d(shape).wkt.split('(', 1)[1]})"
                for shape in SHAPES
            ],
            "the_geom",
            "desa.csv",
        ),
        ([json.dumps(shapely.geometry.mapping(shape)) for shape in SHAPES], "geojson", "desa.csv"),
    ],
)
def test_polygons_written_as_text_are_read(
    texts: list[str], column: str, name: str, tmp_path: Path
) -> None:
    polygons, findings = read_polygons(source(text_table(tmp_path, texts, name, column)))
    assert polygons["kode"].tolist() == WORLD["kode"].tolist()
    for ours, drawn in zip(polygons.geometry, SHAPES, strict=True):
        assert shapely.hausdorff_distance(ours, drawn) < 1e-6
    assert not any(finding.severity == "error" for finding in findings)


def test_wkt_in_records_of_json_and_in_parquet_is_read_too(tmp_path: Path) -> None:
    table = pd.DataFrame({"kode": WORLD.kode, "nama": WORLD.nama})
    table["wkt"] = [shape.wkt for shape in SHAPES]
    table.to_parquet(tmp_path / "desa.parquet")
    table.to_json(tmp_path / "desa.json", orient="records")
    for name in ("desa.parquet", "desa.json"):
        polygons, _ = read_polygons(source(tmp_path / name))
        assert shapely.hausdorff_distance(polygons.geometry.iloc[0], SHAPES[0]) < 1e-6


def test_a_geometry_that_was_cut_off_is_named_with_its_row(tmp_path: Path) -> None:
    texts = [shape.wkt for shape in SHAPES]
    texts[1] = texts[1][:30]
    polygons, findings = read_polygons(source(text_table(tmp_path, texts)))
    damaged = one(findings, "boundary.geometry_text_damaged")
    assert damaged.row == 2
    assert "cut off" in damaged.message
    assert polygons.geometry.isna().tolist() == [False, True, False]


@pytest.mark.parametrize(
    "text",
    [
        "CURVEPOLYGON(CIRCULARSTRING(0 0, 1 1, 2 0, 1 -1, 0 0))",
        "MULTISURFACE(((0 0, 1 0, 1 1, 0 0)))",
        "SRID=4326;CURVEPOLYGON(COMPOUNDCURVE((0 0, 1 0), CIRCULARSTRING(1 0, 1 1, 0 0)))",
    ],
)
def test_a_geometry_with_arcs_is_named_with_its_row(text: str, tmp_path: Path) -> None:
    texts = [shape.wkt for shape in SHAPES]
    texts[2] = text
    _, findings = read_polygons(source(text_table(tmp_path, texts)))
    damaged = one(findings, "boundary.geometry_text_damaged")
    assert damaged.row == 3
    assert "arcs" in damaged.message


def test_several_srids_and_no_geometry_at_all_are_refused(tmp_path: Path) -> None:
    texts = [
        f"SRID={number};{shape.wkt}"
        for number, shape in zip((4326, 32751, 4326), SHAPES, strict=False)
    ]
    with pytest.raises(InputUndeclaredError, match="several SRIDs"):
        read_polygons(source(text_table(tmp_path, texts)))
    with pytest.raises(InputUndeclaredError, match="no column of WKT, WKB or GeoJSON"):
        read_polygons(source(text_table(tmp_path, ["Polygon Desa"] * 3)))


def geodatabase(folder: Path, *, layers: tuple[str, ...] = ("desa",)) -> Path:
    for layer in layers:
        WORLD.to_file(folder / "batas.gdb", driver="OpenFileGDB", layer=layer)
    return folder / "batas.gdb"


def test_a_folder_of_a_filegdb_is_one_input(tmp_path: Path) -> None:
    path = geodatabase(tmp_path)
    polygons, _ = read_polygons(source(path))
    assert polygons["kode"].tolist() == WORLD["kode"].tolist()
    drawn, _ = read_drawn(path, "barriers: batas.gdb")
    assert len(drawn) == 3


def test_a_filegdb_with_several_layers_is_asked_about_also_in_an_archive(tmp_path: Path) -> None:
    path = geodatabase(tmp_path, layers=("desa", "kecamatan"))
    with zipfile.ZipFile(tmp_path / "batas.zip", "w") as archive:
        for part in sorted(path.iterdir()):
            archive.write(part, f"data/batas.gdb/{part.name}")
    for name in ("batas.gdb", "batas.zip"):
        with pytest.raises(InputUndeclaredError, match=r"desa, kecamatan.*Declare one"):
            read_polygons(source(tmp_path / name))
        polygons, _ = read_polygons(source(tmp_path / name, layer="kecamatan"))
        assert len(polygons) == 3
        with pytest.raises(InputUndeclaredError, match="there is no layer 'jalan'"):
            read_polygons(source(tmp_path / name, layer="jalan"))


def test_an_empty_folder_named_as_a_filegdb_is_unreadable(tmp_path: Path) -> None:
    (tmp_path / "batas.gdb").mkdir()
    with pytest.raises(InputUnreadableError, match=r"cannot be read as FileGDB"):
        read_polygons(source(tmp_path / "batas.gdb"))
    with pytest.raises(InputError, match="cannot be read"):
        read_drawn(tmp_path / "batas.gdb", "roads: batas.gdb")


def described(kode: str, nama: str, form: str) -> str:
    return {
        "table": f"<html><body><table border='1'><tr><td>{nama}</td></tr><tr><td><table>"
        f"<tr bgcolor='#D4E4F3'><td>kode</td><td>{kode}</td></tr><tr><td>nama</td><td>{nama}</td>"
        "</tr></table></td></tr></table><script>alert('kode: 1')</script></body></html>",
        "heads": f"<table><tr><th>kode</th><td>{kode}</td></tr><tr><th>nama</th><td>{nama}</td>",
        "lines": f"<b>kode:</b> <i>{kode}</i><br /><b>nama:</b> <i>{nama}</i><br />",
        "plain": f"kode = {kode}<br>nama = {nama}",
        "wide": f"<table><tr><th>kode</th><th>nama</th><th>x</th></tr><tr><td>{kode}</td>"
        f"<td>{nama}</td><td>1</td></tr></table>",
    }[form]


@pytest.mark.parametrize("form", ["table", "heads", "lines", "plain", "wide"])
@pytest.mark.parametrize("name", ["desa.kml", "desa.kmz", "desa.zip"])
def test_attributes_in_descriptions_are_columns(form: str, name: str, tmp_path: Path) -> None:
    places = "".join(
        "<Placemark><name>x</name><description>"
        f"<![CDATA[{described(str(row.kode), str(row.nama), form)}]]></description>"
        "<Polygon><outerBoundaryIs><LinearRing><coordinates>"
        + " ".join(f"{x},{y}" for x, y in shapely.get_coordinates(row.geometry))
        + "</coordinates></LinearRing></outerBoundaryIs></Polygon></Placemark>"
        for row in WORLD.itertuples()
    )
    head = '<?xml version="1.0"?><kml xmlns="http://www.opengis.net/kml/2.2"><Document>'
    text = f"{head}{places}</Document></kml>"
    if name.endswith(".kml"):
        (tmp_path / name).write_text(text)
    else:
        with zipfile.ZipFile(tmp_path / name, "w") as archive:
            archive.writestr("doc.kml", text)
    polygons, findings = read_polygons(source(tmp_path / name))
    assert polygons["kode"].tolist() == WORLD["kode"].tolist()
    assert polygons["nama"].tolist() == WORLD["nama"].tolist()
    assert "kode, nama" in one(findings, "boundary.description_read").message


def test_a_description_that_holds_nothing_but_words_gives_no_columns() -> None:
    assert attributes_of("Batas desa Oesao, digambar 2021.") == {}
    assert attributes_of("<table><tr><td>KODE</td><td>&lt;Null&gt;</td></tr></table>") == {
        "KODE": None
    }
    assert attributes_of("<table><tr><td>a<td>1<tr><td>b<td>2</table>") == {"a": "1", "b": "2"}
