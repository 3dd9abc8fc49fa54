"""A workspace small enough to know by heart: four desa, and one file of each kind."""

from __future__ import annotations

import json
from pathlib import Path

WEST, SOUTH, SIDE = 121.0, -8.5, 0.02
KODE = ("99.01.01.2001", "99.01.01.2002", "99.01.02.2001", "99.01.02.2002")
FIDS = tuple(int(kode.replace(".", "")) for kode in KODE)
KECAMATAN = ("99.01.01", "99.01.02")

TOML = """schema = 1
[wilayah]
id = "uji"
name = "Kab Uji"
scope = ["99.01"]
year = 2025

[[boundaries]]
path = "batas.geojson"
code_system = "kemendagri"
code_column = "kode"
name_column = "nama"
kecamatan_name_column = "kec"
kabupaten_name_column = "kab"
source = "Peta batas"
supplier = "Bagian Pemerintahan"
date = "2025-01-01"
licence = "CC0-1.0"

[[tables]]
id = "air_2024"
path = "air_2024.csv"
code_system = "kemendagri"
code_column = "kode"
year = 2024
source = "Profil kesehatan"
supplier = "Dinas Kesehatan"
date = "2024-12-31"
licence = "CC0-1.0"
[tables.columns]
air = "air_minum_layak_pct"

[[tables]]
id = "air_2025"
path = "air_2025.csv"
code_system = "kemendagri"
code_column = "kode"
year = 2025
source = "Profil kesehatan"
supplier = "Dinas Kesehatan"
date = "2025-12-31"
licence = "CC0-1.0"
[tables.columns]
air = "air_minum_layak_pct"

[[tables]]
id = "gizi"
path = "gizi.csv"
code_system = "kemendagri"
code_column = "kode"
year = 2025
source = "Register gizi"
supplier = "Puskesmas"
date = "2025-06-30"
licence = "CC-BY-4.0"
[tables.columns]
gizi = "gizi_buruk_jumlah"
jiwa = "penduduk_jiwa"

[[spending]]
id = "apbdes"
path = "apbdes.csv"
code_system = "kemendagri"
code_column = "kode"
year = 2025
activity_column = "kegiatan"
source_column = "sumber"
anggaran_column = "anggaran"
realisasi_column = "realisasi"
source = "Siskeudes"
supplier = "Dinas PMD"
date = "2025-12-31"
licence = "CC0-1.0"

[[facilities]]
id = "kantor"
path = "kantor.csv"
kind = "kantor_desa"
name_column = "nama"
lon_column = "lon"
lat_column = "lat"
code_column = "kode"
code_system = "kemendagri"
source = "Titik kantor desa"
supplier = "Bagian Pemerintahan"
date = "2025-03-01"
licence = "CC0-1.0"

[[facilities]]
id = "sekolah"
path = "sekolah.csv"
kind = "sd"
name_column = "nama"
lon_column = "lon"
lat_column = "lat"
source = "Dapodik"
supplier = "Dinas Pendidikan"
date = "2025-06-30"
licence = "CC0-1.0"

[[programmes]]
id = "rkpd"
path = "rkpd.csv"
code_system = "kemendagri"
code_column = "kode"
year = 2025
activity_column = "program"
service_column = "layanan"
amount_column = "pagu"
source = "RKPD"
supplier = "Bappeda"
date = "2025-01-31"
licence = "CC0-1.0"
"""

TABLES = {
    # Row 2 is the first desa; the third has an empty cell, the fourth no row.
    "air_2024.csv": f"kode,air\n{KODE[0]},50\n{KODE[1]},90\n{KODE[2]},60\n{KODE[3]},70\n",
    "air_2025.csv": f"kode,air\n{KODE[1]},95\n{KODE[0]},40\n{KODE[2]},\n",
    # The second desa has a count that is hidden.
    "gizi.csv": (
        f"kode,gizi,jiwa\n{KODE[0]},12,1200\n{KODE[1]},2,800\n{KODE[2]},15,900\n{KODE[3]},0,700\n"
    ),
    "apbdes.csv": (
        "kode,kegiatan,sumber,anggaran,realisasi\n"
        f"{KODE[0]},02.02.02,DDS,100000000,90000000\n"
        f"{KODE[0]},01.01.01,ADD,50000000,50000000\n"
        f"{KODE[1]},01.01.01,ADD,70000000,\n"
        f"{KODE[1]},02.04.11,DDS,30000000,10000000\n"
    ),
    "kantor.csv": (
        f"kode,nama,lon,lat\n{KODE[1]},Kantor B,121.03,-8.49\n{KODE[0]},Kantor A,121.01,-8.49\n"
    ),
    "sekolah.csv": "nama,lon,lat\nSD Timur,121.075,-8.495\nSD Barat,121.012,-8.495\n",
    "rkpd.csv": f"kode,program,layanan,pagu\n{KODE[2]},Sumur bor,air_minum,250000000\n",
}


def write_workspace(folder: Path, toml: str = TOML, **replaced: str) -> Path:
    """The workspace in a new folder; ``replaced`` are other contents of files, by their stem."""
    folder.mkdir(parents=True)
    (folder / "wilayah.toml").write_text(toml, encoding="utf-8")
    for name, content in TABLES.items():
        text = replaced.get(name.removesuffix(".csv"), content)
        (folder / name).write_text(text, encoding="utf-8")
    features = [_feature(number) for number in range(len(KODE))]
    collection = {"type": "FeatureCollection", "features": features}
    (folder / "batas.geojson").write_text(json.dumps(collection), encoding="utf-8")
    return folder


def _feature(number: int) -> dict[str, object]:
    west, east = WEST + number * SIDE, WEST + (number + 1) * SIDE
    ring = [[west, SOUTH], [east, SOUTH], [east, SOUTH + SIDE], [west, SOUTH + SIDE], [west, SOUTH]]
    kode = KODE[number]
    return {
        "type": "Feature",
        "properties": {
            "kode": kode,
            "nama": f"Desa {number + 1}",
            "kec": f"Kecamatan {kode[6:8]}",
            "kab": "Uji",
        },
        "geometry": {"type": "Polygon", "coordinates": [ring]},
    }
