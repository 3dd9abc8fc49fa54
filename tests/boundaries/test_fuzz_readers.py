"""Broken files: cut short, with bytes changed, or noise. Each reader says so in one message."""

from __future__ import annotations

import contextlib
import json
import zipfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from boundaries.codes import CodeSystem
from boundaries.codes.crosswalk import read_bridge
from boundaries.codes.lists import read_name_list
from boundaries.errors import BoundariesError
from boundaries.history.history_file import read_history
from boundaries.matching.matches_file import read_matches
from boundaries.polygons import PolygonSource, read_polygons

WORLD = gpd.GeoDataFrame(
    {"kode": ["53.06.13.2001", "53.06.13.2002"], "nama": ["Lamakera", "Ba'u"]},
    geometry=[shapely.box(123, -9, 123.1, -8.9), shapely.box(123.1, -9, 123.2, -8.9)],
    crs=4326,
)
PATHS = [
    [[[-9.0, 123.0], [-9.0, 123.1], [-8.9, 123.1], [-9.0, 123.0]]],
    [[[[-9.0, 123.1], [-9.0, 123.2], [-8.9, 123.2], [-9.0, 123.1]]]],
]


def _write_zip(folder: Path) -> None:
    WORLD.to_file(folder / "desa.shp")
    with zipfile.ZipFile(folder / "desa.zip", "w") as archive:
        for part in sorted(folder.glob("desa.???")):
            if part.suffix != ".zip":
                archive.write(part, part.name)


def _write_sql(folder: Path) -> None:
    rows = ",".join(
        f"('{kode}','x',-9.0,123.0,'{json.dumps(path)}')"
        for kode, path in zip(WORLD["kode"], PATHS, strict=True)
    )
    text = f"INSERT INTO wilayah_boundaries (kode,nama,lat,lng,path) VALUES {rows};\n"
    (folder / "desa.sql").write_text(text)


def _write_paths(folder: Path) -> None:
    table = pd.DataFrame({"kode": WORLD["kode"], "nama": "x", "path": map(json.dumps, PATHS)})
    table.to_csv(folder / "desa.csv", index=False)


WRITERS: dict[str, Callable[[Path], None]] = {
    "desa.geojson": lambda folder: WORLD.to_file(folder / "desa.geojson"),
    "desa.gpkg": lambda folder: WORLD.to_file(folder / "desa.gpkg"),
    "desa.fgb": lambda folder: WORLD.to_file(folder / "desa.fgb"),
    "desa.parquet": lambda folder: WORLD.to_parquet(folder / "desa.parquet"),
    "desa.kml": lambda folder: WORLD.to_file(folder / "desa.kml", driver="KML"),
    "desa.zip": _write_zip,
    "desa.sql": _write_sql,
    "desa.csv": _write_paths,
}


@cache
def whole_file(name: str) -> bytes:
    with TemporaryDirectory() as folder:
        WRITERS[name](Path(folder))
        return (Path(folder) / name).read_bytes()


def read_all(folder: Path, name: str, content: bytes) -> None:
    path = folder / name
    path.write_bytes(content)
    code_column = "Name" if name.endswith(".kml") else "kode"
    source = PolygonSource(
        path=path, label=name, code_system=CodeSystem.KEMENDAGRI, code_column=code_column
    )
    with contextlib.suppress(BoundariesError):
        read_polygons(source)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")  # GDAL warns of what it skips in broken files
@pytest.mark.parametrize("name", sorted(WRITERS))
@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_a_broken_polygon_file_gives_findings_or_one_message(
    tmp_path: Path, name: str, data: st.DataObject
) -> None:
    whole = whole_file(name)
    cut = data.draw(st.integers(0, len(whole)))
    broken = bytearray(whole[:cut] if data.draw(st.booleans()) else whole)
    for at, byte in data.draw(
        st.dictionaries(st.integers(0, cut), st.integers(0, 255), max_size=3)
    ).items():
        if at < len(broken):
            broken[at] = byte
    read_all(tmp_path, name, bytes(broken))


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("name", sorted(WRITERS))
@settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(noise=st.binary(max_size=200))
def test_noise_under_any_name_gives_one_message(tmp_path: Path, name: str, noise: bytes) -> None:
    read_all(tmp_path, name, noise)


@pytest.mark.parametrize("name", ["list.csv", "list.csv.gz", "list.xlsx", "list.ods"])
@settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(noise=st.binary(max_size=200) | st.text(max_size=60).map(lambda t: ("a,b,c\n" + t).encode()))
def test_a_broken_list_gives_findings_or_one_message(
    tmp_path: Path, name: str, noise: bytes
) -> None:
    path = tmp_path / name
    path.write_bytes(noise)
    readers: list[Callable[[], object]] = [
        lambda: read_name_list(
            path, name, code_column="a", name_column="b", system=CodeSystem.KEMENDAGRI
        ),
        lambda: read_bridge(path, name, bps_column="a", kemendagri_column="b"),
        lambda: read_history(path, name, old_column="a", new_column="b", kind_column="c"),
        lambda: read_matches(path, []),
    ]
    for read in readers:
        with contextlib.suppress(BoundariesError):
            read()
