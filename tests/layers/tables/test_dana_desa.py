"""A list of Dana Desa is read to the rupiah and never added to a budget."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from layers.columns.catalogue import read_indicators
from layers.tables.indicators.join import join_table
from layers.workspace.sections import TableSection
from tests.layers.tables.conftest import KODE, WriteCsv


def test_amounts_are_exact_and_an_empty_cell_is_none(
    tmp_path: Path, write_csv: WriteCsv, desa: pd.DataFrame
) -> None:
    text = f"kode;pagu;salur\n{KODE[0]};Rp 1.234.567.891,00;987.654.321\n{KODE[1]};0;\n"
    section = TableSection(
        id="dd",
        path=write_csv(text),
        code_system="kemendagri",
        code_column="kode",
        year=2025,
        columns={"pagu": "dana_desa_pagu_idr", "salur": "dana_desa_salur_idr"},
    )
    result = join_table(section, tmp_path, desa, read_indicators())
    told = result.values[result.values["status"] == "ok"]
    values = told.set_index(["kode", "indikator"])["nilai"].to_dict()
    assert values == {
        (KODE[0], "dana_desa_pagu_idr"): 1_234_567_891,
        (KODE[0], "dana_desa_salur_idr"): 987_654_321,
        (KODE[1], "dana_desa_pagu_idr"): 0,
    }
