"""A code that stands beside another desa's name is said, whatever spelling the code came in."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from layers.tables.join import TableResult, join_table
from layers.workspace import IndicatorSection, TableSection
from tests.layers.tables.conftest import KODE, NAMES, WriteCsv


def join(
    text: str, folder: Path, write: WriteCsv, desa: pd.DataFrame, known: dict[str, IndicatorSection]
) -> TableResult:
    section = TableSection.model_validate(
        {"id": "t", "path": write(text), "year": 2024, "code_system": "kemendagri",
         "code_column": "kode", "name_column": "nama", "columns": {"nilai": "air"}}
    )  # fmt: skip
    return join_table(section, folder, desa, known)


def test_quite_another_name_is_a_finding_and_a_spelling_is_none(
    tmp_path: Path, write_csv: WriteCsv, desa: pd.DataFrame, indicators: dict[str, IndicatorSection]
) -> None:
    written = [*NAMES[:3], "DESA WAI BAO", "Riangpuho", "Lewohala"]
    cells = [*KODE[:5], KODE[5].replace(".", "")]
    rows = "".join(f"{kode},{name},5\n" for kode, name in zip(cells, written, strict=True))
    result = join("kode,nama,nilai\n" + rows, tmp_path, write_csv, desa, indicators)
    named = [found for found in result.findings if found.code == "codes.name_differs"]
    assert [(found.row, found.kode, found.value, found.measure) for found in named] == [
        (7, KODE[5], "Lewohala", 1)
    ]
    assert result.load.matched == 6


def test_an_unknown_code_says_which_of_its_parts_is_unknown(
    tmp_path: Path, write_csv: WriteCsv, desa: pd.DataFrame, indicators: dict[str, IndicatorSection]
) -> None:
    rows = "".join(f"{kode},{name},5\n" for kode, name in zip(KODE, NAMES, strict=True))
    rows += "53.06.20.2001,Antah,5\n53.06.01.2044,Berantah,5\n"
    result = join("kode,nama,nilai\n" + rows, tmp_path, write_csv, desa, indicators)
    unknown = {f.row: f.message for f in result.findings if f.code == "table.code_unknown"}
    assert "There is no kecamatan 53.06.20" in unknown[8]
    assert "There is no desa 53.06.01.2044" in unknown[9]
