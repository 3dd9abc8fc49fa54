"""Spending lines: exact rupiah, Siskeudes codes, and no desa at zero that merely said nothing."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pandas as pd
import pytest

from boundaries.findings.report import Severity
from layers.columns.catalogue import read_layer_definition
from layers.errors import InputError
from layers.tables.files.sheets import read_sheet
from layers.tables.importers.siskeudes import recognise_columns
from layers.tables.numbers.rupiah import read_rupiah
from layers.tables.spending.earmarks import earmark_fields
from layers.tables.spending.spending import SpendingResult, join_spending
from layers.tables.spending.spending_checks import check_activities
from layers.tables.spending.spending_layer import build_spending_fields
from layers.workspace.plan_sections import ServiceSection
from layers.workspace.sections import SpendingSection
from tests.layers.tables.conftest import KODE, WriteCsv

SISKEUDES = (
    "Tahun;Kd_Desa;ID_Keg;Nama_Kegiatan;Sumberdana;Pagu;Pagu_PAK;Realisasi\n"
    "2024;01.2001.;02.02.02.;Posyandu;DDS;Rp 1.250.000,00;1,500,000.00;1200000\n"
    "2024;01.2001.;02.03.10;Jalan Desa\\/Rabat;DDS;10000000;10000000;9.000.000\n"
    "2024;01.2002;01.01.01.;Siltap;ADD;(2.000.000);2.000.000;\n"
    "2024;01.2002;01.01.01.;Siltap;ADD;(2.000.000);2.000.000;\n"
    "2024;09.2009.;02.02.02.;Posyandu;DDS;1;1;1\n"
    "2024;02.2001.;02.02.02;Posyandu;DDS;segera;5.000.000;0\n"
)


def section(path: str, **given: object) -> SpendingSection:
    declared = {
        "id": "apbdes",
        "path": path,
        "code_system": "kemendagri",
        "code_column": "Kd_Desa",
        "kabupaten": "53.06",
        "year_column": "Tahun",
        "activity_column": "ID_Keg",
        "activity_name_column": "Nama_Kegiatan",
        "source_column": "Sumberdana",
        "anggaran_column": "Pagu",
        "anggaran_perubahan_column": "Pagu_PAK",
        "realisasi_column": "Realisasi",
        "amounts": "perubahan",
    }
    return SpendingSection.model_validate(declared | given)


@pytest.fixture
def result(tmp_path: Path, write_csv: WriteCsv, desa: pd.DataFrame) -> SpendingResult:
    return join_spending(section(write_csv(SISKEUDES)), tmp_path, desa)


def test_a_header_of_two_rows_is_declared_as_for_any_other_table(
    tmp_path: Path, write_csv: WriteCsv, desa: pd.DataFrame
) -> None:
    head, _, lines = SISKEUDES.partition("\n")
    two = head.replace("Pagu;Pagu_PAK", "Pagu;") + "\n;;;;;murni;perubahan;\n" + lines
    declared = section(
        write_csv(two),
        header_row=1,
        header_rows=2,
        anggaran_column="Pagu / murni",
        anggaran_perubahan_column="Pagu / perubahan",
    )
    found = join_spending(declared, tmp_path, desa)
    plain = join_spending(section(write_csv(SISKEUDES)), tmp_path, desa)
    assert found.load.rows_read == plain.load.rows_read > 0
    assert found.lines["anggaran_idr"].tolist() == plain.lines["anggaran_idr"].tolist()


@pytest.mark.parametrize(
    ("cell", "rupiah"),
    [
        ("Rp 1.250.000,00", 1_250_000),
        ("1,250,000.00", 1_250_000),
        ("1.250.000", 1_250_000),
        ("1.250", 1_250),
        ("1,250", 1_250),
        ("(1.250.000)", -1_250_000),
        ("-1.250.000,00", -1_250_000),
        ("Rp1.250.000,-", 1_250_000),
        (1250000.0, 1_250_000),
        ("1250000.50", 1_250_001),
        ("123456789012345", 123_456_789_012_345),
        ("9007199254740993"[:15], 900_719_925_474_099),
    ],
)
def test_an_amount_is_exact_in_every_notation(cell: object, rupiah: int) -> None:
    amounts = read_rupiah([cell])
    assert amounts.rupiah.tolist() == [rupiah]
    assert amounts.problems == ()


@pytest.mark.parametrize("cell", ["segera", True, 1.25, "9" * 16, "1.2.3"])
def test_what_is_no_amount_is_a_problem_and_not_zero(cell: object) -> None:
    amounts = read_rupiah([cell])
    assert not amounts.is_known[0]
    assert len(amounts.problems) == 1


def test_an_empty_amount_is_unknown_and_no_problem() -> None:
    amounts = read_rupiah([None, "", "-", float("nan")])
    assert not amounts.is_known.any()
    assert amounts.problems == ()


def test_siskeudes_rows_find_their_desa_by_the_declared_kabupaten(result: SpendingResult) -> None:
    load = result.load
    assert (load.rows_read, load.matched, load.unmatched, load.duplicates) == (6, 4, 1, 1)
    assert result.lines["kode"].tolist() == [KODE[0], KODE[0], KODE[1], KODE[3]]
    assert result.lines["kegiatan"].tolist() == ["02.02.02", "02.03.10", "01.01.01", "02.02.02"]
    assert result.lines["nama_kegiatan"].iloc[1] == "Jalan Desa/Rabat"
    assert load.desa_without_data == 2


def test_amounts_keep_what_is_not_known_apart_from_zero(result: SpendingResult) -> None:
    lines = result.lines
    assert lines["anggaran_idr"].tolist()[:3] == [1_250_000, 10_000_000, -2_000_000]
    assert lines["anggaran_idr"].isna().tolist() == [False, False, False, True]
    assert lines["realisasi_idr"].isna().tolist() == [False, False, True, False]
    codes = Counter(finding.code for finding in result.findings)
    assert codes["spending.amount_unreadable"] == 1
    assert codes["spending.duplicate"] == 1
    assert codes["table.code_unknown"] == 1


def test_a_desa_without_lines_has_no_data_and_a_kelurahan_is_not_applicable(
    result: SpendingResult, desa: pd.DataFrame
) -> None:
    definition = read_layer_definition("spending")
    built = build_spending_fields([(result, "perubahan")], desa, definition, 2025)
    wide = built.wide.set_index("kode")
    assert wide["anggaran_idr_status"].tolist() == [
        "not_applicable",
        "ok",
        "ok",
        "ok",
        "no_data",
        "no_data",
    ]
    assert wide.loc[KODE[0], "anggaran_idr"] == 11_500_000
    assert wide.loc[KODE[0], "kesehatan_idr"] == 1_500_000
    assert wide.loc[KODE[0], "pendidikan_idr"] == 0
    assert wide["pendidikan_idr"].isna().tolist() == [True, False, False, False, True, True]
    assert wide.loc[KODE[0], "serapan_pct"] == pytest.approx(100 * 10_200_000 / 11_500_000)
    assert wide.loc[KODE[1], "realisasi_idr_status"] == "no_data"
    assert built.values is not None
    assert len(built.values) == len(desa) * (len(definition.fields) + len(earmark_fields(2025)))


def test_lines_without_an_amount_are_no_zero_and_no_share_of_a_budget(
    tmp_path: Path, write_csv: WriteCsv, desa: pd.DataFrame
) -> None:
    text = (
        "Tahun;Kd_Desa;ID_Keg;Nama_Kegiatan;Sumberdana;Pagu;Pagu_PAK;Realisasi\n"
        "2024;01.2001.;02.02.02.;Posyandu;DDS;100000000;100000000;\n"
        "2024;01.2001.;01.01.01.;Siltap;ADD;;;50000000\n"
        "2024;01.2002.;01.01.01.;Siltap;ADD;70000000;70000000;35000000\n"
    )
    lines = join_spending(section(write_csv(text)), tmp_path, desa)
    built = build_spending_fields(
        [(lines, "perubahan")], desa, read_layer_definition("spending"), 2024
    )
    first, second = built.wide.set_index("kode").loc[list(KODE[:2])].to_dict("records")
    assert first["anggaran_idr"] == 100_000_000
    assert (first["add_idr_status"], first["serapan_pct_status"]) == ("no_data", "no_data")
    assert [second[name] for name in ("add_idr", "dana_desa_idr", "serapan_pct")] == [
        70_000_000,
        0,
        50,
    ]


def test_murni_and_perubahan_are_different_sums(result: SpendingResult, desa: pd.DataFrame) -> None:
    definition = read_layer_definition("spending")
    built = build_spending_fields([(result, "murni")], desa, definition, 2025)
    assert built.wide.set_index("kode").loc[KODE[0], "anggaran_idr"] == 11_250_000


def test_kd_keg_serves_as_code_and_activity(
    tmp_path: Path, write_csv: WriteCsv, desa: pd.DataFrame
) -> None:
    text = "Kd_Keg;Anggaran\n01.2001.02.02.02.;5\n"
    given = section(
        write_csv(text),
        code_column="Kd_Keg",
        activity_column="Kd_Keg",
        year=2024,
        year_column=None,
        activity_name_column=None,
        source_column=None,
        anggaran_column="Anggaran",
        anggaran_perubahan_column=None,
        realisasi_column=None,
        amounts="murni",
    )
    lines = join_spending(given, tmp_path, desa).lines
    assert lines[["kode", "kegiatan"]].to_numpy().tolist() == [[KODE[0], "02.02.02"]]


def test_sen_are_rounded_and_lines_of_a_kelurahan_are_kept_but_not_shown(
    tmp_path: Path, write_csv: WriteCsv, desa: pd.DataFrame
) -> None:
    text = "Kd_Desa;ID_Keg;Pagu\n01.2001.;02.02.02.;1.000.000,50\n01.1003.;02.02.02.;7\n"
    given = section(
        write_csv(text),
        year=2024,
        year_column=None,
        activity_name_column=None,
        source_column=None,
        anggaran_perubahan_column=None,
        realisasi_column=None,
        amounts="murni",
    )
    result = join_spending(given, tmp_path, desa)
    told = {found.code: found.row for found in result.findings}
    assert told["spending.kelurahan"] == 3
    assert "spending.amount_reading" in told
    definition = read_layer_definition("spending")
    built = build_spending_fields([(result, "murni")], desa, definition, 2025)
    wide = built.wide.set_index("kode")
    assert wide.loc[KODE[0], "anggaran_idr"] == 1_000_001
    assert wide.loc[KODE[2], "anggaran_idr_status"] == "not_applicable"


def test_a_file_without_amounts_is_refused(
    tmp_path: Path, write_csv: WriteCsv, desa: pd.DataFrame
) -> None:
    given = section(
        write_csv(SISKEUDES),
        anggaran_column=None,
        anggaran_perubahan_column=None,
        realisasi_column=None,
    )
    with pytest.raises(InputError, match="declare anggaran_column"):
        join_spending(given, tmp_path, desa)


def test_siskeudes_tables_are_recognised(tmp_path: Path, write_csv: WriteCsv) -> None:
    found = recognise_columns(read_sheet(tmp_path / write_csv(SISKEUDES)))
    assert found is not None
    assert found["activity_column"] == "ID_Keg"
    rincian = "Tahun;Kd_Desa;Kd_Keg;Kd_Rincian;SumberDana;Anggaran;AnggaranStlhPAK\n2024;;;;;;\n"
    found = recognise_columns(read_sheet(tmp_path / write_csv(rincian)))
    assert found is not None
    assert found["anggaran_perubahan_column"] == "AnggaranStlhPAK"
    assert recognise_columns(read_sheet(tmp_path / write_csv("kode,nilai\n1,2\n"))) is None


def test_activities_of_a_service_that_no_budget_has_are_listed_with_those_that_occur() -> None:
    lines = pd.DataFrame({"kegiatan": ["02.02.02", "02.02.02", "02.03.10", None]})
    services = [
        ServiceSection(id="jalan", activities=("02.03", "02.30.10")),
        ServiceSection(id="posyandu", activities=("02.02.02",)),
        ServiceSection(id="sanitasi"),
    ]
    (finding,) = check_activities(services, lines)
    assert (finding.code, finding.value, finding.file) == (
        "input.word_unused",
        "02.30.10",
        "wilayah.toml",
    )
    assert "'02.02.02' (2 rows), '02.03.10' (1 rows)" in finding.message
    assert check_activities(services[1:], lines) == []


@pytest.mark.parametrize(
    ("extra", "budget"),
    [
        (";Jumlah;;3000000", 3_000_000),
        (";;TOTAL BELANJA;3000000", 3_000_000),
        (";02;Pembangunan;3000000", 3_000_000),
        (";02.02;Kesehatan;1000000", 3_000_000),
        (";02.02;Kesehatan;", 3_000_000),
        (";02.05;Jumlah ternak;500000", 3_500_000),
        (";;Lain-lain;500000", 3_500_000),
    ],
)
def test_totals_among_the_lines_are_not_counted(
    extra: str, budget: int, tmp_path: Path, write_csv: WriteCsv, desa: pd.DataFrame
) -> None:
    lines = f"{KODE[0]};02.02.01;Posyandu;1000000\n{KODE[0]};02.03.10;Jalan;2000000\n"
    text = f"kode;kegiatan;nama;pagu\n{lines}{KODE[0]}{extra}\n"
    declared = SpendingSection.model_validate(
        {
            "id": "apbdes",
            "path": write_csv(text),
            "code_system": "kemendagri",
            "code_column": "kode",
            "activity_column": "kegiatan",
            "activity_name_column": "nama",
            "anggaran_column": "pagu",
            "year": 2024,
        }
    )
    found = join_spending(declared, tmp_path, desa)
    assert found.lines["anggaran_idr"].sum() == budget
    subtotals = [one.row for one in found.findings if one.code == "spending.subtotal"]
    assert subtotals == ([4] if budget == 3_000_000 else [])


@pytest.mark.parametrize(
    ("heading", "differs"),
    [
        ("02.02;Kesehatan;500000", True),
        ("02;Pembangunan;9000000", True),
        ("02.;Pembangunan;3000000", False),
        ("2.2;Kesehatan;1000000", False),
    ],
)
@pytest.mark.parametrize("is_first", [True, False])
def test_a_heading_is_never_added_to_its_lines(
    heading: str,
    differs: bool,
    is_first: bool,
    tmp_path: Path,
    write_csv: WriteCsv,
    desa: pd.DataFrame,
) -> None:
    lines = [f"{KODE[0]};02.02.01;Posyandu;1000000", f"{KODE[0]};02.03.10;Jalan;2000000"]
    other = f"{KODE[1]};02.02;Kesehatan;700000"
    lines.insert(0 if is_first else 2, f"{KODE[0]};{heading}")
    text = "kode;kegiatan;nama;pagu\n" + "\n".join([*lines, other]) + "\n"
    declared = SpendingSection.model_validate(
        {
            "id": "apbdes",
            "path": write_csv(text),
            "code_system": "kemendagri",
            "code_column": "kode",
            "activity_column": "kegiatan",
            "activity_name_column": "nama",
            "anggaran_column": "pagu",
            "year": 2024,
        }
    )
    found = join_spending(declared, tmp_path, desa)
    assert found.lines["anggaran_idr"].sum() == 3_700_000
    told = [
        (finding.code, finding.severity, finding.row)
        for finding in found.findings
        if finding.code.startswith("spending.subtotal")
    ]
    row = 2 if is_first else 4
    if differs:
        assert told == [("spending.subtotal_differs", Severity.WARNING, row)]
    else:
        assert told == [("spending.subtotal", Severity.NOTE, row)]
