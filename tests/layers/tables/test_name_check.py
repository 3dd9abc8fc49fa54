"""A code that stands beside another desa's name is said, whatever spelling the code came in."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from layers.tables.indicators.join import TableResult, join_table
from layers.tables.rows.row_records import Aids
from layers.workspace.sections import IndicatorSection, TableSection
from tests.layers.tables.conftest import KODE, NAMES, WriteCsv


def join(
    text: str, folder: Path, write: WriteCsv, desa: pd.DataFrame, known: dict[str, IndicatorSection]
) -> TableResult:
    section = TableSection.model_validate(
        {
            "id": "t",
            "path": write(text),
            "year": 2024,
            "code_system": "kemendagri",
            "code_column": "kode",
            "name_column": "nama",
            "columns": {"nilai": "air"},
        }
    )
    return join_table(section, folder, desa, known)


def test_a_spelling_is_used_a_short_form_is_told_and_another_name_is_refused(
    tmp_path: Path, write_csv: WriteCsv, desa: pd.DataFrame, indicators: dict[str, IndicatorSection]
) -> None:
    written = ["Lewolaga", "DESA KON GA", "Boru", "Waibao Indah", "Riangpuho", "Lewohala"]
    cells = [*KODE[:5], KODE[5].replace(".", "")]
    rows = "".join(f"{kode},{name},5\n" for kode, name in zip(cells, written, strict=True))
    result = join("kode,nama,nilai\n" + rows, tmp_path, write_csv, desa, indicators)
    told = [(f.code, f.row, f.value) for f in result.findings if f.code in OF_NAMES]
    assert told == [
        ("codes.name_differs", 5, "Waibao Indah"),
        ("table.name_contradicts", 7, "Lewohala"),
    ]
    assert result.load.matched == 5
    assert [(one.name, one.reason, one.kode) for one in result.proposals] == [
        ("Lewohala", "name_differs", KODE[5])
    ]


OF_NAMES = {"codes.name_differs", "table.name_contradicts"}


def test_a_sheet_of_which_one_column_was_sorted_alone_gives_nothing(
    tmp_path: Path, write_csv: WriteCsv, desa: pd.DataFrame, indicators: dict[str, IndicatorSection]
) -> None:
    shifted = [NAMES[1], NAMES[2], NAMES[0], NAMES[4], NAMES[5], NAMES[3]]
    rows = "".join(f"{kode},{name},5\n" for kode, name in zip(KODE, shifted, strict=True))
    result = join("kode,nama,nilai\n" + rows, tmp_path, write_csv, desa, indicators)
    assert (result.load.matched, result.load.unmatched) == (0, 6)


def test_the_name_of_a_neighbour_is_refused_however_alike_the_two_are(
    tmp_path: Path, write_csv: WriteCsv, desa: pd.DataFrame, indicators: dict[str, IndicatorSection]
) -> None:
    twins = desa.assign(nama=["Bongo II", "Bongo III", *NAMES[2:]])
    text = f"kode,nama,nilai\n{KODE[0]},BONGO 3,5\n{KODE[1]},Bongo III,6\n"
    result = join(text, tmp_path, write_csv, twins, indicators)
    assert result.values[["kode", "nilai"]].to_numpy().tolist() == [[KODE[1], 6]]
    section = TableSection.model_validate(
        {
            "id": "t",
            "path": "tabel.csv",
            "year": 2024,
            "code_system": "kemendagri",
            "code_column": "kode",
            "name_column": "nama",
            "columns": {"nilai": "air"},
        }
    )
    decided = Aids(decisions={("", "BONGO 3"): KODE[0]})
    again = join_table(section, tmp_path, twins, indicators, decided)
    assert again.values["nilai"].tolist() == [5, 6]


def test_a_kecamatan_that_is_another_one_refuses_the_row(
    tmp_path: Path, write_csv: WriteCsv, desa: pd.DataFrame, indicators: dict[str, IndicatorSection]
) -> None:
    same = desa.assign(nama=["Oesao", *NAMES[1:3], "Oesao", *NAMES[4:]])
    text = f"kode,kec,nama,nilai\n{KODE[0]},TANJUNG BUNGA,Oesao,5\n{KODE[1]},Titehena,Konga,6\n"
    section = TableSection.model_validate(
        {
            "id": "t",
            "path": write_csv(text),
            "year": 2024,
            "code_system": "kemendagri",
            "code_column": "kode",
            "name_column": "nama",
            "kecamatan_column": "kec",
            "columns": {"nilai": "air"},
        }
    )
    result = join_table(section, tmp_path, same, indicators)
    assert result.values["kode"].tolist() == [KODE[1]]
    refused = [found for found in result.findings if found.code == "table.name_contradicts"]
    assert [found.row for found in refused] == [2]
    assert "kecamatan TANJUNG BUNGA is 53.06.02" in refused[0].message


def test_an_unknown_code_says_which_of_its_parts_is_unknown(
    tmp_path: Path, write_csv: WriteCsv, desa: pd.DataFrame, indicators: dict[str, IndicatorSection]
) -> None:
    rows = "".join(f"{kode},{name},5\n" for kode, name in zip(KODE, NAMES, strict=True))
    rows += "53.06.20.2001,Antah,5\n53.06.01.2044,Berantah,5\n"
    result = join("kode,nama,nilai\n" + rows, tmp_path, write_csv, desa, indicators)
    unknown = {f.row: f.message for f in result.findings if f.code == "table.code_unknown"}
    assert "There is no kecamatan 53.06.20" in unknown[8]
    assert "There is no desa 53.06.01.2044" in unknown[9]


SHIFTED = [*NAMES[1:], NAMES[0]]


def join_undeclared(
    header: str,
    columns: list[list[str]],
    folder: Path,
    write: WriteCsv,
    desa: pd.DataFrame,
    known: dict[str, IndicatorSection],
) -> TableResult:
    """Codes beside columns that no section declares, and a value."""
    rows = "".join(
        f"{kode},{','.join(cells)},5\n" for kode, *cells in zip(KODE, *columns, strict=True)
    )
    section = TableSection.model_validate(
        {
            "id": "t",
            "path": write(f"kode,{header},nilai\n{rows}"),
            "year": 2024,
            "code_system": "kemendagri",
            "code_column": "kode",
            "columns": {"nilai": "air"},
        }
    )
    return join_table(section, folder, desa, known)


@pytest.mark.parametrize(
    "header", ["nama", "DESA", "Nama Desa/Kel.", "Gampong", "NAMOBJ", "Lokasi"]
)
def test_a_column_of_codes_that_slipped_by_a_row_is_seen_without_declared_names(
    tmp_path: Path,
    write_csv: WriteCsv,
    desa: pd.DataFrame,
    indicators: dict[str, IndicatorSection],
    header: str,
) -> None:
    result = join_undeclared(header, [SHIFTED], tmp_path, write_csv, desa, indicators)
    assert (result.load.matched, result.load.unmatched) == (0, 6)
    (told,) = [f for f in result.findings if f.code == "table.name_undeclared"]
    assert (told.row, told.value, told.measure) == (2, header, 6)
    assert len([f for f in result.findings if f.code == "table.name_contradicts"]) == 6


def test_one_slip_among_undeclared_names_leaves_one_row_out(
    tmp_path: Path, write_csv: WriteCsv, desa: pd.DataFrame, indicators: dict[str, IndicatorSection]
) -> None:
    names = [NAMES[0], NAMES[1], NAMES[2], NAMES[3], NAMES[4], NAMES[4]]
    result = join_undeclared("desa", [names], tmp_path, write_csv, desa, indicators)
    assert result.load.matched == 5
    assert [f.row for f in result.findings if f.code == "table.name_contradicts"] == [7]


def test_kecamatan_alone_show_codes_that_slipped(
    tmp_path: Path, write_csv: WriteCsv, desa: pd.DataFrame, indicators: dict[str, IndicatorSection]
) -> None:
    shifted = ["Tanjung Bunga", *["Titehena"] * 3, *["Tanjung Bunga"] * 2]
    result = join_undeclared("Kecamatan", [shifted], tmp_path, write_csv, desa, indicators)
    assert [f.row for f in result.findings if f.code == "table.name_contradicts"] == [2, 5]


@pytest.mark.parametrize("header", ["desa terdekat", "tujuan", "keterangan"])
def test_names_that_may_be_of_another_desa_are_asked_and_the_codes_decide(
    tmp_path: Path,
    write_csv: WriteCsv,
    desa: pd.DataFrame,
    indicators: dict[str, IndicatorSection],
    header: str,
) -> None:
    result = join_undeclared(header, [SHIFTED], tmp_path, write_csv, desa, indicators)
    assert result.load.matched == 6
    (told,) = [f for f in result.findings if f.code == "table.name_undeclared"]
    assert 'name_column = "' + header in told.message
    beside = [SHIFTED, NAMES]
    result = join_undeclared(f"{header},desa", beside, tmp_path, write_csv, desa, indicators)
    assert "table.name_undeclared" not in {f.code for f in result.findings}


@pytest.mark.parametrize(
    ("header", "cells"),
    [
        ("desa", NAMES),
        ("desa", [name.upper() for name in NAMES]),
        ("kepala desa", ["Yohanes", "Maria", "Boru", "Petrus", "Anna", "Konga"]),
        ("status desa", ["Maju", "Mandiri", "Maju", "Berkembang", "Maju", "Maju"]),
        ("desa", ["Konga", "", "", "", "", ""]),
    ],
)
def test_columns_that_agree_or_are_no_names_of_desa_change_nothing(
    tmp_path: Path,
    write_csv: WriteCsv,
    desa: pd.DataFrame,
    indicators: dict[str, IndicatorSection],
    header: str,
    cells: list[str],
) -> None:
    result = join_undeclared(header, [cells], tmp_path, write_csv, desa, indicators)
    assert result.load.matched == 6
    assert not {f.code for f in result.findings} & {*OF_NAMES, "table.name_undeclared"}
