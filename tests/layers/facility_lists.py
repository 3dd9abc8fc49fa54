"""A list of schools in three desa, and what becomes of its rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import geopandas as gpd

from boundaries.findings.accepted import Acceptance
from layers.facilities.read import FacilitiesResult, read_facilities
from layers.workspace.sections import FacilitySection
from tests.layers.access.world import make_desa, square

HEADER = "nomor,nama,jenis,bujur,lintang,kode\n"


def desa() -> gpd.GeoDataFrame:
    return make_desa(square(0), square(1), square(5))


def read(tmp_path: Path, rows: str, **section: object) -> FacilitiesResult:
    return read_text(tmp_path, HEADER + rows, section, desa())


def read_text(
    tmp_path: Path,
    text: str,
    section: Mapping[str, object],
    area: gpd.GeoDataFrame,
    accepted: Sequence[Acceptance] = (),
) -> FacilitiesResult:
    """What becomes of the rows of a file, under a section that has these keys besides."""
    (tmp_path / "f.csv").write_text(text, encoding="utf-8")
    columns: dict[str, object] = {
        "id": "sekolah",
        "path": "f.csv",
        "id_column": "nomor",
        "name_column": "nama",
        "lon_column": "bujur",
        "lat_column": "lintang",
    }
    if not {"kind", "kind_column", "kind_in_name"} & section.keys():
        columns["kind"] = "sd"
    declared = FacilitySection.model_validate({**columns, **section})
    result = read_facilities(declared, tmp_path, area, accepted=accepted)
    load = result.load
    assert load.rows_read == load.matched + load.unmatched + load.duplicates
    assert load.matched == len(result.facilities)
    return result


def codes(result: FacilitiesResult) -> list[str]:
    return [finding.code for finding in result.findings if finding.code.startswith("facility")]


GOOD = "1,SD Satu,SD,120.05,-7.95,\n"
