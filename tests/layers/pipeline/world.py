"""A workspace with one file of every kind that a step reads, four desa large."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import rasterio
import shapely
from affine import Affine

from tests.layers.small_workspace import write_workspace

FILES = {
    "t.csv": "kode,jiwa\n53.06.01.2001,1\n",
    "b.csv": "kode,keg,pagu\n53.06.01.2001,02.02.02,1000000\n",
    "f.csv": "nama,x,y\nA,123.01,-8.39\n",
    "p.csv": "kode,kegiatan,jenis\n53.06.01,SPAM,air\n",
    "n.csv": "kode,nama\n53.06.01.2001,Waibao\n",
    "h.csv": "lama,baru,jenis\n53.06.01.2009,53.06.01.2001,recode\n",
}
SPENDING = """[[spending]]
id = "b"
path = "b.csv"
code_system = "kemendagri"
code_column = "kode"
year = 2024
activity_column = "keg"
anggaran_column = "pagu"
"""
FACILITIES = """[[facilities]]
id = "f"
path = "f.csv"
kind = "sd"
name_column = "nama"
lon_column = "x"
lat_column = "y"
"""
PLANS = """[[programmes]]
id = "p"
path = "p.csv"
code_system = "kemendagri"
code_column = "kode"
activity_column = "kegiatan"
service_column = "jenis"
opd = "PU"
services = { air = "air_minum" }
"""
NAMES = """[[names]]
path = "n.csv"
code_system = "kemendagri"
code_column = "kode"
name_column = "nama"
"""
HISTORY = """[[crosswalks]]
kind = "history"
path = "h.csv"
from_column = "lama"
to_column = "baru"
kind_column = "jenis"
"""
ROADS = """[[roads]]
path = "r.gpkg"
class_column = "fungsi"
[roads.classes]
Arteri = "primary"
"""
POPULATION = """[population]
path = "p.tif"
year = 2024
band = 1
"""
# Two tables by code and one by name, with a decision; a bridge; proposals; a second list of places.
MORE_FILES = {
    "t.csv": "kode,jiwa\n53.06.01.2001,310\n53.06.01.2002,dua\n53.06.02.2009,7\n53.06.01.2009,1\n",
    "u.csv": "kode_bps,layak\n5306010001,40\n5306010002,55\n5306020001,\n",
    "v.csv": "kec,desa,jiwa\nTanjung Bunga,Oesao,80\nTanjung Bunga,Raknamu,90\n",
    "j.csv": (
        "bps,nama,kode,nama2\n5306010001,Waibao,53.06.01.2001,Waibao\n"
        "5306010002,Konga,53.06.01.2002,Konga\n5306020001,Oesao,53.06.02.2001,Oesao\n"
    ),
    "q.csv": "kode,kegiatan,jenis\n53.06.02.2001,Sumur,air\n53.06.02.2001,Taman,lain\n",
    "g.csv": "kode,nama,x,y\n53.06.01.2001,A,123.01,-8.39\n53.06.01.2002,B,123.03,-8.39\n",
}
TABLES = """[[tables]]
id = "t"
path = "t.csv"
code_system = "kemendagri"
code_column = "kode"
year = 2024
[tables.columns]
jiwa = "penduduk_jiwa"

[[tables]]
id = "u"
path = "u.csv"
code_system = "bps"
code_column = "kode_bps"
year = 2024
[tables.columns]
layak = "air_minum_layak_pct"

[[tables]]
id = "v"
path = "v.csv"
kecamatan_column = "kec"
name_column = "desa"
year = 2023
[tables.columns]
jiwa = "penduduk_jiwa"
"""
BRIDGE = """[[crosswalks]]
kind = "bridge"
path = "j.csv"
from_column = "bps"
to_column = "kode"
from_name_column = "nama"
to_name_column = "nama2"
"""
SECOND_BUDGET = SPENDING.replace('"b"', '"c"').replace("year = 2024", "year = 2023")
PROPOSALS = PLANS.replace("programmes", "proposals").replace('"p"', '"q"').replace("p.csv", "q.csv")
PROPOSALS = PROPOSALS.replace('opd = "PU"\n', "")
OFFICES = (
    FACILITIES.replace('"f"', '"g"').replace("f.csv", "g.csv").replace('"sd"', '"kantor_desa"')
    + 'code_column = "kode"\ncode_system = "kemendagri"\n'
)
READ = (TABLES, SPENDING, SECOND_BUDGET, FACILITIES, OFFICES, PLANS, PROPOSALS)
EVERYTHING = "".join((*READ, NAMES, HISTORY, BRIDGE, ROADS, POPULATION))


def write_everything(folder: Path) -> Path:
    """The workspace with all of it."""
    write_workspace(folder, EVERYTHING, FILES | MORE_FILES)
    write_binaries(folder)
    return folder


def write_binaries(folder: Path) -> None:
    """The binary files that sections of these tests declare."""
    line = shapely.LineString([(123.0, -8.4), (123.02, -8.39)])
    roads = gpd.GeoDataFrame({"fungsi": ["Arteri"]}, geometry=[line], crs="EPSG:4326")
    roads.to_file(folder / "r.gpkg")
    with rasterio.open(
        folder / "p.tif",
        "w",
        driver="GTiff",
        width=8,
        height=2,
        count=1,
        dtype="float32",
        crs="EPSG:4326",
        transform=Affine(0.01, 0, 123.0, 0, -0.01, -8.38),
    ) as raster:
        raster.write(np.ones((1, 2, 8), "float32"))
