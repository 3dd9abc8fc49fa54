"""Lists of programmes, and four desa that their rows are about."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pandas as pd
import shapely

from boundaries.codes.crosswalk import CodeBridge
from boundaries.history.versions import History
from layers.access.straight.land import Land, find_land
from layers.tables.plans.plans import PlansResult, join_plans
from layers.tables.rows.row_places import Places
from layers.tables.rows.row_records import Aids
from layers.workspace.plan_sections import ProgrammeSection

HEADER = "kode;kec;lokasi;lon;lat;kegiatan;layanan;pagu;tahun\n"
SERVICES = ("air_minum", "sanitasi")
KEC = "53.06.01"


def four_desa() -> gpd.GeoDataFrame:
    """Four square desa side by side in two kecamatan."""
    names = ["Waibao", "Lato", "Lato", "Bama"]
    frame = pd.DataFrame(
        {
            "kode": ["53.06.01.2001", "53.06.01.2002", "53.06.02.2001", "53.06.02.2002"],
            "nama": names,
            "jenis": "desa",
            "kode_kecamatan": ["53.06.01", "53.06.01", "53.06.02", "53.06.02"],
            "nama_kecamatan": ["Ile Boleng", "Ile Boleng", "Witihama", "Witihama"],
            "kode_kabupaten": "53.06",
            "nama_kabupaten": "Flores Timur",
        }
    )
    boxes = [shapely.box(123 + 0.1 * at, -8.4, 123.1 + 0.1 * at, -8.3) for at in range(4)]
    return gpd.GeoDataFrame(frame, geometry=boxes, crs="EPSG:4326")


def read(
    rows: str,
    folder: Path,
    desa: gpd.GeoDataFrame,
    *,
    bridge: CodeBridge | None = None,
    history: History | None = None,
    aids: Aids | None = None,
    **given: object,
) -> PlansResult:
    (folder / "rkpd.csv").write_text(HEADER + rows, encoding="utf-8")
    declared = {
        "id": "rkpd",
        "path": "rkpd.csv",
        "code_system": "kemendagri",
        "code_column": "kode",
        "kecamatan_column": "kec",
        "place_column": "lokasi",
        "lon_column": "lon",
        "lat_column": "lat",
        "activity_column": "kegiatan",
        "service_column": "layanan",
        "amount_column": "pagu",
        "year_column": "tahun",
        "opd": "Dinas PUPR",
    }
    section = ProgrammeSection.model_validate(declared | given)
    land: Land = find_land(desa)
    return join_plans(
        section, folder, Places.of(desa, history), SERVICES, aids or Aids(bridge), land
    )
