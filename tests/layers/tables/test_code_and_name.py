"""Codes beside names in one cell, in tables, spending, plans and facilities: both must agree."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from layers.tables.indicators.join import TableResult, join_table
from layers.tables.rows.row_records import Aids
from layers.tables.spending.spending import join_spending
from layers.workspace.sections import IndicatorSection, SpendingSection, TableSection
from tests.layers import facility_lists
from tests.layers.tables import plan_lists
from tests.layers.tables.conftest import KODE, NAMES, WriteCsv

FORMS = ("{0} - {1}", "[{0}] {1}", "{1} ({0})", "{0} DESA {1}")


def join(
    path: str,
    folder: Path,
    desa: pd.DataFrame,
    known: dict[str, IndicatorSection],
    aids: Aids | None = None,
    **keys: object,
) -> TableResult:
    declared = {
        "id": "t",
        "path": path,
        "year": 2024,
        "code_system": "kemendagri",
        "code_column": "desa",
        "columns": {"nilai": "air"},
    }
    section = TableSection.model_validate(declared | keys)
    return join_table(section, folder, desa, known, aids)


@pytest.mark.parametrize("form", FORMS)
def test_rows_of_a_table_are_read(
    form: str,
    tmp_path: Path,
    write_csv: WriteCsv,
    desa: pd.DataFrame,
    indicators: dict[str, IndicatorSection],
) -> None:
    pairs = zip(KODE, NAMES, strict=True)
    path = write_csv("desa,nilai\n" + "".join(f"{form.format(*pair)},5\n" for pair in pairs))
    result = join(path, tmp_path, desa, indicators)
    assert result.load.matched == len(KODE)
    (note,) = [finding for finding in result.findings if finding.code == "codes.repaired"]
    assert note.measure == len(KODE)


def test_a_column_may_be_declared_for_code_and_name(
    tmp_path: Path, write_csv: WriteCsv, desa: pd.DataFrame, indicators: dict[str, IndicatorSection]
) -> None:
    cells = (f"{KODE[0]} - {NAMES[0]}", f"{KODE[1]} - {NAMES[2]}")
    path = write_csv("desa,nilai\n" + "".join(f"{cell},5\n" for cell in cells))
    result = join(path, tmp_path, desa, indicators, name_column="desa")
    doubts = [(finding.row, finding.code) for finding in result.findings if "name" in finding.code]
    assert doubts == [(3, "table.name_contradicts")]


def test_a_name_of_another_desa_waits_for_a_decision(
    tmp_path: Path, write_csv: WriteCsv, desa: pd.DataFrame, indicators: dict[str, IndicatorSection]
) -> None:
    cells = [
        f"{KODE[0]} - {NAMES[1]}",
        f"{KODE[1]} - {NAMES[1]}",
        KODE[2],
        f"{KODE[3]} - {KODE[4]}",
    ]
    path = write_csv("desa,nama,nilai\n" + "".join(f"{cell},,5\n" for cell in cells))
    result = join(path, tmp_path, desa, indicators)
    refused = [(finding.row, finding.code) for finding in result.findings if finding.row]
    assert (2, "table.name_contradicts") in refused
    assert (5, "table.code_refused") in refused
    assert result.values["kode"].tolist() == sorted(KODE[1:3])
    assert [proposal.name for proposal in result.proposals] == [NAMES[1]]
    decided = Aids(decisions={("", NAMES[1]): KODE[0]})
    again = join(path, tmp_path, desa, indicators, decided)
    assert KODE[0] in again.values["kode"].tolist()


def test_the_cell_is_held_against_the_code_beside_a_column_of_names_too(
    tmp_path: Path, write_csv: WriteCsv, desa: pd.DataFrame, indicators: dict[str, IndicatorSection]
) -> None:
    path = write_csv(f"desa,nama,nilai\n{KODE[0]} - {NAMES[1]},{NAMES[0]},5\n")
    result = join(path, tmp_path, desa, indicators, name_column="nama")
    assert result.load.matched == 0


@pytest.mark.parametrize("kabupaten", [None, "53.06"])
def test_lines_of_budgets_are_read_and_held_against_the_name(
    kabupaten: str | None, tmp_path: Path, write_csv: WriteCsv, desa: pd.DataFrame
) -> None:
    codes = KODE if kabupaten is None else [f"{kode[6:]}." for kode in KODE]
    path = write_csv(
        f"desa;kegiatan;pagu\n{codes[0]} - {NAMES[0]};02.02.02;5000\n"
        f"{codes[1]} {NAMES[0]};02.02.02;7000\n"
    )
    section = SpendingSection.model_validate(
        {
            "id": "s",
            "path": path,
            "year": 2024,
            "code_system": "kemendagri",
            "kabupaten": kabupaten,
            "code_column": "desa",
            "activity_column": "kegiatan",
            "anggaran_column": "pagu",
        }
    )
    result = join_spending(section, tmp_path, desa)
    assert result.lines["kode"].tolist() == [KODE[0]]
    assert [proposal.name for proposal in result.proposals] == [NAMES[0]]
    # It may be of either desa, so no sum of the kabupaten is known to be whole.
    assert (result.lost["kode"].tolist(), result.load.unmatched) == (["53.06"], 1)


def test_rows_of_plans_are_read_at_desa_and_kecamatan(tmp_path: Path) -> None:
    rows = (
        "53.06.01.2001 - Waibao;;;;;Air;air_minum;5000;2024\n"
        "53.06.01.2001 - Lato;;;;;Air;air_minum;5000;2024\n"
        "53.06.02 Witihama;;;;;Air;air_minum;5000;2024\n"
        "53.06.02 Ile Boleng;;;;;Air;air_minum;5000;2024\n"
    )
    result = plan_lists.read(rows, tmp_path, plan_lists.four_desa())
    contradicted = [f.row for f in result.findings if f.code == "table.name_contradicts"]
    assert contradicted == [3, 5]
    assert result.load.unmatched == 2


def test_codes_of_facilities_are_read_and_held_against_the_name(tmp_path: Path) -> None:
    first, second = facility_lists.desa()["nama"].tolist()[:2]
    rows = (
        f"1,SD Satu,SD,120.05,-7.95,99.01.01.2001 - {first}\n"
        f"2,SD Dua,SD,120.06,-7.95,99.01.01.2001 - {second}\n"
    )
    result = facility_lists.read(tmp_path, rows, code_column="kode", code_system="kemendagri")
    written = result.facilities.set_index("nama")["kode_desa_declared"]
    assert written["SD Satu"] == "99.01.01.2001"
    assert pd.isna(written["SD Dua"])
    contradicted = [f.row for f in result.findings if f.code == "table.name_contradicts"]
    assert (contradicted, facility_lists.codes(result)) == ([3], [])
