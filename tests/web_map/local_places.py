"""Small workspaces of places with local terms: two kecamatan of three desa, needs and money."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pandas as pd
import shapely

from layers.pipeline.build import build_release

SIDE = 0.03
DECLARED = """schema = 1
[wilayah]
id = "setempat"
name = "Kabupaten Setempat"
scope = ["{scope}"]
year = 2025
{more}
[[boundaries]]
path = "batas.gpkg"
code_system = "kemendagri"
code_column = "kode"
name_column = "nama"
kecamatan_name_column = "kecamatan"
kabupaten_name_column = "kabupaten"
sebutan_column = "kata"
source = "Peta (rekaan)"
[[tables]]
id = "layanan"
path = "layanan.csv"
code_system = "kemendagri"
code_column = "kode"
year = 2025
source = "Tabel (rekaan)"
[tables.columns]
penduduk = "penduduk_jiwa"
air = "air_minum_layak_pct"
[[tables]]
id = "idm"
path = "idm.csv"
code_system = "kemendagri"
code_column = "kode"
year = 2025
source = "IDM (rekaan)"
[tables.columns]
skor = "idm_skor"
[[spending]]
id = "belanja"
path = "belanja.csv"
code_system = "kemendagri"
code_column = "kode"
activity_column = "kegiatan"
anggaran_column = "anggaran"
year = 2025
source = "Anggaran (rekaan)"
[[facilities]]
id = "puskesmas"
path = "puskesmas.geojson"
kind = "puskesmas"
id_column = "id"
name_column = "nama"
source = "Faskes (rekaan)"
"""


def make_codes(kabupaten: str, kelurahan: int) -> list[str]:
    """Codes of three places in each of two kecamatan, the first ``kelurahan`` of them kelurahan."""
    codes = [f"{kabupaten}.{1 + at // 3:02d}.{2001 + at % 3}" for at in range(6)]
    return [code.replace(".2", ".1") if at < kelurahan else code for at, code in enumerate(codes)]


def write_places(
    folder: Path,
    kabupaten: str,
    west: float,
    south: float,
    *,
    kelurahan: int = 0,
    words: dict[int, str] | None = None,
    more: str = "",
) -> None:
    """The workspace; ``words`` are of the data, by position, ``more`` is put in its declaration."""
    folder.mkdir(parents=True)
    codes = make_codes(kabupaten, kelurahan)
    names = ["Lamteuba", "Cot Baroh", "Blang", "Ulee", "Pasi", "Meunasah"]
    shapes = [
        shapely.box(west + at * SIDE, south, west + (at + 1) * SIDE, south + SIDE)
        for at in range(6)
    ]
    batas = gpd.GeoDataFrame(
        {
            "kode": codes,
            "nama": names,
            "kecamatan": ["Seulimeum"] * 3 + ["Lembah"] * 3,
            "kabupaten": ["Setempat"] * 6,
            "kata": [(words or {}).get(at) for at in range(6)],
        },
        geometry=shapes,
        crs=4326,
    )
    batas.to_file(folder / "batas.gpkg")
    own = [code for code in codes if code[9] == "2"]
    pd.DataFrame(
        {"kode": codes, "penduduk": range(500, 1100, 100), "air": [20, 95, 40, 50, 60, 90]}
    ).to_csv(folder / "layanan.csv", index=False)
    # Of desa only; the last has no score, which is a gap, and a kelurahan has none either.
    pd.DataFrame({"kode": own[:-1], "skor": [0.5 + 0.1 * at for at in range(len(own) - 1)]}).to_csv(
        folder / "idm.csv", index=False
    )
    pd.DataFrame({"kode": own, "kegiatan": "02.04.11", "anggaran": [50_000_000] * len(own)}).iloc[
        : len(own) - 1
    ].to_csv(folder / "belanja.csv", index=False)
    gpd.GeoDataFrame(
        {"id": ["P1"], "nama": ["Puskesmas Satu"]},
        geometry=[shapely.Point(west + SIDE / 2, south + SIDE / 2)],
        crs=4326,
    ).to_file(folder / "puskesmas.geojson")
    (folder / "wilayah.toml").write_text(DECLARED.format(scope=kabupaten, more=more))


def publish_places(folder: Path, releases: Path) -> None:
    """Build the workspace and make it the current release."""
    built = build_release(folder, releases, publish=True)
    assert not [one for one in built.report.findings if one.severity.value == "error"]
