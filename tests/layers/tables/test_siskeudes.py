"""Exports of Siskeudes without declared columns: exact to the rupiah, and nothing counted twice."""

from __future__ import annotations

import datetime
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from random import Random

import pandas as pd
import pytest

from layers.columns.catalogue import read_indicators, read_layer_definition
from layers.errors import InputError
from layers.tables.files.sheets import read_sheet
from layers.tables.importers import detect_spending_importer
from layers.tables.indicators.join import join_table
from layers.tables.spending.spending import SpendingResult, join_spending
from layers.tables.spending.spending_checks import check_counted_twice
from layers.tables.spending.spending_layer import build_spending_fields
from layers.workspace.sections import SpendingSection, TableSection
from tests.layers.tables.conftest import KODE, WriteCsv, WriteXlsx

DESA = [kode for kode in KODE if kode[9] == "2"]
ACTIVITIES = ("01.01.01", "02.02.02", "02.02.90", "02.03.10", "02.04.14", "04.02.99", "05.03.01")
KEGIATAN = (
    "Tahun;Kd_Desa;Kd_Bid;Kd_Keg;ID_Keg;Nama_Kegiatan;Pagu;Pagu_PAK;Lokasi;Sumberdana;Kd_Sub;Nilai"
)
RINCI = "Tahun;Kd_Desa;Kd_Keg;Kd_Rincian;SumberDana;Anggaran;AnggaranStlhPAK;AnggaranPAK"


def write(amount: int, rng: Random) -> str:
    """An amount as text, in one of three notations."""
    english = f"{amount:,}"
    dotted = english.replace(",", ".")
    return rng.choice([f"Rp {dotted},00", f"{english}.00", str(amount)])


@dataclass(frozen=True)
class Export:
    """The lines of an export and what each desa budgets, before and after revision."""

    kegiatan: str
    rinci: str
    murni: dict[str, int]
    perubahan: dict[str, int]
    kesehatan: dict[str, int]


def make_export() -> Export:
    """Four of the five desa; the last says nothing."""
    rng = Random(7)
    kegiatan, rinci = [KEGIATAN], [RINCI]
    murni: dict[str, int] = Counter()
    perubahan: dict[str, int] = Counter()
    kesehatan: dict[str, int] = Counter()
    for kode in DESA[:-1]:
        short = f"{kode[6:]}{rng.choice(['', '.'])}"
        income = f"{kode[6:]}.00.00.00."
        rinci.append(f"2024;{short};{income};4.2.1.01.;DDS;Rp 900.000.000,00;900000000;0")
        rinci.append(f"2024;{short};{income};6.1.1.01.;DDS;12.345.678;12.345.678;0")
        for at, activity in enumerate(ACTIVITIES):
            amount, more = rng.randrange(1, 3 * 10**8), rng.randrange(0, 10**7)
            dot = rng.choice(["", "."])
            keg = f"{kode[6:]}.{activity}{dot}"
            cells = [write(amount, rng), write(amount + more, rng)]
            kegiatan.append(
                f"2024;{short};{activity[:2]};{keg};{activity}{dot};Kegiatan {at}\\/a;{cells[0]};"
                f"{cells[1]};Dusun I;DDS;{activity[:5]}.;0"
            )
            part = amount // 3
            for nth, (own, after) in enumerate(
                ((part, part), (amount - part, amount - part + more))
            ):
                rinci.append(
                    f"2024;{short};{keg};5.2.{nth + 1}.01.;DDS;{write(own, rng)};"
                    f"{write(after, rng)};{after - own}"
                )
            murni[kode] += amount
            perubahan[kode] += amount + more
            if activity.startswith("02.02"):
                kesehatan[kode] += amount + more
    return Export("\n".join(kegiatan), "\n".join(rinci), murni, perubahan, kesehatan)


EXPORT = make_export()


def section(path: str, **given: object) -> SpendingSection:
    declared = {
        "id": "apbdes",
        "path": path,
        "importer": "siskeudes",
        "code_system": "kemendagri",
        "kabupaten": "53.06",
    }
    return SpendingSection.model_validate(declared | given)


@pytest.mark.parametrize("shape", ["kegiatan", "rinci"])
@pytest.mark.parametrize("amounts", ["murni", "perubahan"])
def test_totals_are_exact_to_the_rupiah_and_an_absent_desa_has_no_data(
    tmp_path: Path, write_csv: WriteCsv, desa: pd.DataFrame, shape: str, amounts: str
) -> None:
    path = write_csv(getattr(EXPORT, shape), f"{shape}.csv")
    result = join_spending(section(path, amounts=amounts), tmp_path, desa)
    definition = read_layer_definition("spending")
    built = build_spending_fields([(result, amounts)], desa, definition, 2025)
    wide = built.wide.set_index("kode")
    shown = wide.loc[DESA[:-1], "anggaran_idr"]
    assert {str(kode): int(sum_) for kode, sum_ in shown.items()} == getattr(EXPORT, amounts)
    assert wide.loc[DESA[-1], "anggaran_idr_status"] == "no_data"
    assert wide["anggaran_idr"].isna().loc[DESA[-1]]
    if amounts == "perubahan":
        health = wide.loc[DESA[:-1], "kesehatan_idr"]
        assert {str(kode): int(sum_) for kode, sum_ in health.items()} == EXPORT.kesehatan
    load = result.load
    assert load.rows_read == load.matched + load.unmatched + load.duplicates
    assert load.desa_without_data == 1
    assert {"02.02.90", "04.02.99"} <= set(result.lines["kegiatan"])
    told = Counter(found.code for found in result.findings)
    assert told["spending.amounts"] == 1
    assert told["spending.not_spending"] == (8 if shape == "rinci" else 0)


def test_an_export_is_told_by_its_header(tmp_path: Path, write_csv: WriteCsv) -> None:
    for text, importer in (
        (EXPORT.kegiatan, "siskeudes"),
        (EXPORT.rinci, "siskeudes"),
        ("no_akun;nama_akun;jumlah\n5;Belanja;1\n", "opendk"),
        ("kode;nilai\n1;2\n", None),
    ):
        assert detect_spending_importer(read_sheet(tmp_path / write_csv(text))) == importer


def test_the_kabupaten_is_declared_and_another_one_is_refused(
    tmp_path: Path, write_csv: WriteCsv, desa: pd.DataFrame
) -> None:
    path = write_csv(EXPORT.kegiatan)
    with pytest.raises(InputError, match="declare kabupaten"):
        join_spending(section(path, kabupaten=None), tmp_path, desa)
    rows = "".join(f"2024;{at:02}.2007.;02.02.02.;1;1\n" for at in range(3, 9))
    belu = write_csv("Tahun;Kd_Desa;ID_Keg;Pagu;Pagu_PAK\n2024;01.2001.;02.02.02.;1;1\n" + rows)
    result = join_spending(section(belu), tmp_path, desa)
    assert result.lines.empty
    codes = Counter(found.code for found in result.findings if found.severity == "error")
    assert codes == {"table.kabupaten_contradicted": 1}


def test_a_revision_that_is_not_made_yet_is_said(
    tmp_path: Path, write_csv: WriteCsv, desa: pd.DataFrame
) -> None:
    path = write_csv("Tahun;Kd_Desa;ID_Keg;Pagu;Pagu_PAK\n2024;01.2001.;02.02.02.;5000000;0\n")
    result = join_spending(section(path, amounts="perubahan"), tmp_path, desa)
    assert "spending.amounts_empty" in {found.code for found in result.findings}


def test_activities_and_their_details_are_not_both_counted(
    tmp_path: Path, write_csv: WriteCsv, desa: pd.DataFrame
) -> None:
    def read(name: str, text: str) -> SpendingResult:
        given = section(write_csv(text, f"{name}.csv"), id=name)
        return join_spending(given, tmp_path, desa)

    whole, details = read("kegiatan", EXPORT.kegiatan), read("rinci", EXPORT.rinci)
    found = check_counted_twice([whole, details])
    assert [(one.code, one.severity.value) for one in found] == [
        ("spending.counted_twice", "error")
    ]
    other = read("lain", "Tahun;Kd_Desa;ID_Keg;Sumberdana;Pagu\n2024;01.2001.;02.02.02.;ADD;9\n")
    assert check_counted_twice([whole, other]) == []


def test_an_activity_that_became_a_time_is_read_back(
    tmp_path: Path, write_xlsx: WriteXlsx, desa: pd.DataFrame
) -> None:
    rows = [
        ["Tahun", "Kd_Desa", "ID_Keg", "Pagu"],
        [2024, "01.2001.", datetime.time(2, 2, 2), 100],
        [2024, "01.2001.", datetime.time(2, 5, 30), 200],
    ]
    result = join_spending(section(write_xlsx(rows)), tmp_path, desa)
    assert result.lines["kegiatan"].tolist()[0] == "02.02.02"
    assert pd.isna(result.lines["kegiatan"].iloc[1])
    told = {found.code for found in result.findings}
    assert {"spending.activity_repaired", "spending.activity_unreadable"} <= told


def test_the_apbdes_of_opendk_counts_spending_once(
    tmp_path: Path, write_csv: WriteCsv, desa: pd.DataFrame
) -> None:
    text = (
        "no_akun,nama_akun,jumlah\n4,Pendapatan,1000000\n412-01,Dana Desa,1000000\n"
        "5,Belanja,900000\n51,Belanja Pegawai,500000\n511-01,Siltap,500000\n"
        "521-02,Posyandu,400000\n6,Pembiayaan,100000\nx,?,5000\nJUMLAH,,2000000\n"
    )
    given = section(write_csv(text), importer="opendk", desa=KODE[1], kabupaten=None, year=2023)
    result = join_spending(given, tmp_path, desa)
    assert result.lines["anggaran_idr"].tolist() == [500_000, 400_000]
    assert set(result.lines["kode"]) == {KODE[1]}
    told = Counter(found.code for found in result.findings)
    assert told["spending.not_spending"] == 3
    assert told["spending.subtotal"] == 2
    assert told["spending.account_unreadable"] == 1


@pytest.mark.parametrize(
    ("header", "cells", "found"),
    [
        (
            "jumlah_paud_ra,jumlah_guru_paud_ra,jumlah_siswa_paud_ra",
            "2,5,40",
            {"paud_jumlah": 2, "guru_paud_jumlah": 5, "siswa_paud_jumlah": 40},
        ),
        (
            "siswa_sd_mi,anak_usia_sd_mi",
            "90,100",
            {"siswa_sd_jumlah": 90, "anak_usia_sd_jumlah": 100},
        ),
        (
            "tidak_tamat_sekolah,tamat_sd_sederajat",
            "7,8",
            {"tidak_tamat_sekolah_jiwa": 7, "tamat_sd_jiwa": 8},
        ),
    ],
)
def test_a_form_of_opendk_without_desa_is_of_the_declared_one(
    tmp_path: Path,
    write_csv: WriteCsv,
    desa: pd.DataFrame,
    header: str,
    cells: str,
    found: dict[str, float],
) -> None:
    given = TableSection.model_validate(
        {
            "id": "form",
            "path": write_csv(f"{header}\n{cells}\n"),
            "importer": "opendk",
            "desa": KODE[0],
            "year": 2023,
        }
    )
    values = join_table(given, tmp_path, desa, read_indicators()).values
    assert dict(zip(values["indikator"], values["nilai"], strict=True)) == found
    assert set(values["kode"]) == {KODE[0]}


def test_deaths_beyond_what_a_desa_can_have_are_not_used(
    tmp_path: Path, write_csv: WriteCsv, desa: pd.DataFrame
) -> None:
    text = f"desa_id,jumlah_aki,jumlah_akb\n{KODE[0]},343,2\n"
    given = TableSection.model_validate(
        {"id": "aki", "path": write_csv(text), "importer": "opendk", "year": 2023}
    )
    result = join_table(given, tmp_path, desa, read_indicators())
    ok = result.values[result.values["status"] == "ok"]
    assert ok[["indikator", "nilai"]].to_numpy().tolist() == [["kematian_bayi_jumlah", 2]]
    assert "table.out_of_range" in {found.code for found in result.findings}
