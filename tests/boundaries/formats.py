"""A world of three desa, written in every format that boundaries are read from."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import shapely

from tests.boundaries.drawing import frame, square, write_json

WORLD = frame([square(0, 0), square(1, 0), square(0, 1)])


def write_gpkg(folder: Path) -> Path:
    WORLD.to_file(folder / "desa.gpkg", layer="desa")
    return folder / "desa.gpkg"


def write_geojson(folder: Path) -> Path:
    WORLD.to_file(folder / "desa.geojson")
    return folder / "desa.geojson"


def write_flatgeobuf(folder: Path) -> Path:
    WORLD.to_file(folder / "desa.fgb", SPATIAL_INDEX="NO")
    return folder / "desa.fgb"


def write_geoparquet(folder: Path) -> Path:
    WORLD.to_parquet(folder / "desa.parquet")
    return folder / "desa.parquet"


def write_plain_wkb(folder: Path) -> Path:
    table = pd.DataFrame(WORLD.drop(columns="geometry"))
    table["geom"] = shapely.to_wkb(WORLD.geometry.values)
    table.to_parquet(folder / "desa.parquet")
    return folder / "desa.parquet"


def zip_shapefile(folder: Path, *, without: tuple[str, ...] = (), epsg: int = 4326) -> Path:
    folder.joinpath("shp").mkdir()
    WORLD.to_crs(epsg).to_file(folder / "shp/desa.shp")
    with zipfile.ZipFile(folder / "desa.zip", "w") as archive:
        for part in sorted(folder.glob("shp/*")):
            if part.suffix not in without:
                archive.write(part, f"batas desa/{part.name}")
    return folder / "desa.zip"


def write_utm_shapefile(folder: Path) -> Path:
    return zip_shapefile(folder, epsg=32751)


def write_kml(folder: Path, name: str = "desa.kml") -> Path:
    places = "".join(
        f"<Placemark><ExtendedData><Data name='kode'><value>{row.kode}</value></Data>"
        f"<Data name='nama'><value>{row.nama}</value></Data></ExtendedData><Polygon>"
        "<outerBoundaryIs><LinearRing><coordinates>"
        + " ".join(f"{x},{y},12" for x, y in row.geometry.exterior.coords)
        + "</coordinates></LinearRing></outerBoundaryIs></Polygon></Placemark>"
        for row in WORLD.itertuples()
    )
    head = '<?xml version="1.0"?><kml xmlns="http://www.opengis.net/kml/2.2"><Document>'
    text = f"{head}<Folder><name>a</name>{places}</Folder></Document></kml>"
    if name.endswith(".kmz"):
        with zipfile.ZipFile(folder / name, "w") as archive:
            archive.writestr("doc.kml", text)
    else:
        (folder / name).write_text(text)
    return folder / name


def write_kmz(folder: Path) -> Path:
    return write_kml(folder, "desa.kmz")


def lat_lon_path(shape: Any) -> str:
    return json.dumps([[[y, x] for x, y in shape.exterior.coords]])


def write_topojson(folder: Path) -> Path:
    """Three rings in one table of arcs, of coordinates as differences on a grid."""
    grid = {"scale": [1e-7, 1e-7], "translate": [124.0, -9.0]}
    arcs = [
        np.diff(
            np.round((shape.exterior.coords - np.array([124.0, -9.0])) * 1e7), axis=0, prepend=0
        )
        for shape in WORLD.geometry
    ]
    places = [
        {"type": "Polygon", "arcs": [[at]], "properties": {"kode": row.kode, "nama": row.nama}}
        for at, row in enumerate(WORLD.itertuples())
    ]
    document = {
        "type": "Topology",
        "transform": grid,
        "arcs": [[[int(x), int(y)] for x, y in arc] for arc in arcs],
        "objects": {"desa": {"type": "GeometryCollection", "geometries": places}},
    }
    return write_json(folder / "desa.topojson", document)


def write_gml(folder: Path) -> Path:
    WORLD.to_file(folder / "desa.gml", driver="GML", engine="pyogrio")
    (folder / "desa.xsd").unlink()
    return folder / "desa.gml"


def write_mapinfo_table(folder: Path) -> Path:
    WORLD.to_file(folder / "desa.tab", driver="MapInfo File", engine="pyogrio")
    return folder / "desa.tab"


def write_mapinfo_exchange(folder: Path) -> Path:
    WORLD.to_file(folder / "desa.mif", driver="MapInfo File", engine="pyogrio")
    return folder / "desa.mif"


def write_filegdb(folder: Path) -> Path:
    WORLD.to_file(folder / "desa.gdb", driver="OpenFileGDB", engine="pyogrio", layer="desa")
    return folder / "desa.gdb"


def write_opensid_csv(folder: Path) -> Path:
    table = pd.DataFrame({"kode": WORLD.kode, "nama": WORLD.nama})
    table["path"] = [lat_lon_path(shape) for shape in WORLD.geometry]
    table.to_csv(folder / "desa.csv", index=False, sep=";")
    return folder / "desa.csv"


def write_opensid_json(folder: Path) -> Path:
    rows = [
        {"kode": row.kode, "nama": row.nama, "path": lat_lon_path(row.geometry)}
        for row in WORLD.itertuples()
    ]
    return write_json(folder / "desa.json", {"data": rows})


def write_sql(folder: Path) -> Path:
    rows = ",\n".join(
        f"('{row.kode}','{row.nama}',-9.0,124.0,'{lat_lon_path(row.geometry)}')"
        for row in WORLD.itertuples()
    )
    head = "CREATE TABLE w (kode varchar);\nINSERT INTO `w` (`kode`,`nama`,`lat`,`lng`,`path`)"
    (folder / "desa.sql").write_text(f"{head} VALUES\n{rows};")
    return folder / "desa.sql"


FORMATS = [
    write_gpkg,
    write_geojson,
    write_flatgeobuf,
    write_geoparquet,
    write_plain_wkb,
    zip_shapefile,
    write_utm_shapefile,
    write_kml,
    write_kmz,
    write_topojson,
    write_gml,
    write_mapinfo_table,
    write_mapinfo_exchange,
    write_opensid_csv,
    write_opensid_json,
    write_sql,
]


def write_gpx(folder: Path, gap: float) -> Path:
    points = [(124.0, -9.0), (124.01, -9.0), (124.01, -8.99), (124.0, -8.99), (124.0, -9.0 + gap)]
    text = "".join(f'<trkpt lat="{y}" lon="{x}"><ele>3</ele></trkpt>' for x, y in points)
    head = '<?xml version="1.0"?><gpx version="1.1" xmlns="http://www.topografix.com/GPX/1/1">'
    path = folder / "jejak.gpx"
    path.write_text(f"{head}<trk><name>99.01.01.2001</name><trkseg>{text}</trkseg></trk></gpx>")
    return path
