"""Shapes of well-known sources, each with the trap it is known for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from boundaries.codes.crosswalk import CodeBridge
from layers.columns.catalogue import read_indicators
from layers.errors import InputError
from layers.tables.files.sheets import read_sheet
from layers.tables.importers import detect_importer
from layers.tables.importers.idm import EDGES, STATUSES, read_status
from layers.tables.indicators.join import TableResult, join_table
from layers.tables.rows.row_records import Aids
from layers.workspace.sections import IndicatorSection, TableSection
from tests.layers.tables.conftest import KODE, WriteCsv, WriteXlsx

Indicators = dict[str, IndicatorSection]
Join = Callable[..., TableResult]


@pytest.fixture
def join(tmp_path: Path, desa: pd.DataFrame, indicators: Indicators) -> Join:
    def join(
        path: str, importer: str | None, aids: Aids | None = None, **given: object
    ) -> TableResult:
        declared: dict[str, object] = {"id": "t", "path": path, "importer": importer, "year": 2024}
        section = TableSection.model_validate(declared | given)
        return join_table(section, tmp_path, desa, indicators, aids)

    return join


@pytest.mark.parametrize(
    ("edge", "lower", "upper"), list(zip(EDGES, STATUSES, STATUSES[1:], strict=False))
)
def test_a_score_on_an_edge_belongs_to_the_lower_class(edge: float, lower: str, upper: str) -> None:
    assert read_status(edge) == lower
    assert read_status(edge + 0.0001) == upper


def test_idm_of_a_kabupaten_is_read_with_its_own_words(join: Join, write_xlsx: WriteXlsx) -> None:
    rows = [
        ["STATUS IDM TAHUN 2024"],
        [],
        ["NO", "KECAMATAN", "KODE DESA", "DESA", "IKS", "IKE", "IKL", "NILAI IDM", "STATUS"],
        [1, "TITEHENA", 5306012001, "LEWOLAGA", "0,8", "0,7", "0,6", "0,7000", "BERKEMBANG"],
        [2, "TITEHENA", 5306012002, "KONGA", "0,8", "0,7", "0,6", "0,7072", "BERKEMBANG"],
        [3, "TANJUNG BUNGA", 5306022001, "WAIBAO", "0,8", "0,7", "0,6", "0,9", "MAJU"],
    ]
    columns = {"NILAI IDM": "idm_skor"}
    result: TableResult = join(write_xlsx(rows), "idm", columns=columns)
    assert result.values["nilai"].tolist() == [0.7, 0.7072, 0.9]
    disagreeing = [found for found in result.findings if found.code == "table.status_disagrees"]
    assert [finding.row for finding in disagreeing] == [6]
    assert result.cleaned["status_berkas"].tolist() == ["BERKEMBANG", "BERKEMBANG", "MAJU"]


def test_idm_and_indeks_desa_never_share_a_year(join: Join, write_csv: WriteCsv) -> None:
    text = f"kode,IKS,IKE,IKL,IDM\n{KODE[0]},1,1,1,0.9\n"
    old: TableResult = join(write_csv(text), "idm", year=2025, columns={"IDM": "idm_skor"})
    assert Counter(found.code for found in old.findings)["table.index_year"] == 1
    first: TableResult = join("tabel.csv", "idm", year=2015, columns={"IDM": "idm_skor"})
    assert Counter(found.code for found in first.findings)["table.index_year"] == 1
    header = "kecamatan,kode,desa,dld,ds,de,dl,da,dtkpd,skor,status\n"
    text = f"{header}a,{KODE[0]},Lewolaga,1,1,1,1,1,1,80,MAJU\n"
    new: TableResult = join(write_csv(text), "indeks_desa", year=2025)
    assert new.values[["indikator", "nilai"]].to_numpy().tolist() == [["indeks_desa_skor", 80]]
    assert new.cleaned["status_berkas"].tolist() == ["MAJU"]
    assert "table.index_year" not in {found.code for found in new.findings}


def test_podes_takes_the_column_of_the_declared_system(join: Join, write_csv: WriteCsv) -> None:
    text = f"IDDESA,R101,R106B,R701CK4\n5309010001,53,{KODE[0].replace('.', '')},0.0\n"
    path = write_csv(text)
    columns = {"R701CK4": "air"}
    given: TableResult = join(path, "podes", code_system="kemendagri", columns=columns)
    assert given.values[["kode", "nilai", "status"]].to_numpy().tolist() == [[KODE[0], 0.0, "ok"]]
    aids = Aids(bridge=CodeBridge({"5309010001": "5306012002"}, date="2024"))
    crossed: TableResult = join(path, "podes", aids, code_system="bps", columns=columns)
    assert crossed.values["kode"].tolist() == [KODE[1]]
    with pytest.raises(InputError, match="declare code_system"):
        join(path, "podes", columns=columns)


def test_podes_says_one_for_yes_and_two_for_no(
    tmp_path: Path, write_csv: WriteCsv, desa: pd.DataFrame, indicators: Indicators
) -> None:
    own = {"name": "pustu_ada", "title": {"id": "Pustu", "en": "Pustu"}, "unit": "ada"}
    known = indicators | {"pustu_ada": IndicatorSection.model_validate(own)}
    text = "R106B,R704DK2\n" + "".join(
        f"{kode.replace('.', '')},{cell}\n"
        for kode, cell in zip(KODE, ("1.0", 2, 3, ""), strict=False)
    )
    section = TableSection.model_validate(
        {
            "id": "t",
            "path": write_csv(text),
            "importer": "podes",
            "year": 2024,
            "code_system": "kemendagri",
            "columns": {"R704DK2": "pustu_ada"},
        }
    )
    result = join_table(section, tmp_path, desa, known)
    told = dict(zip(result.values["kode"], result.values["nilai"], strict=True))
    assert (told[KODE[0]], told[KODE[1]]) == (1, 0)
    assert result.values["status"].tolist().count("no_data") == 2
    unread = [found for found in result.findings if found.code == "table.number_unreadable"]
    assert [found.row for found in unread] == [4]


@pytest.mark.parametrize(
    ("cells", "codes", "unused"),
    [("1,2", (1, 2), []), ("2,2", (1, 2), []), ("1,3", (1, 2), ["2"]), ("3,4", (1, 0), ["1", "0"])],
)
def test_presence_codes_that_never_occur_are_told_with_those_that_do(
    cells: str,
    codes: tuple[int, int],
    unused: list[str],
    tmp_path: Path,
    write_csv: WriteCsv,
    desa: pd.DataFrame,
    indicators: Indicators,
) -> None:
    definition = {"name": "pustu_ada", "title": {"id": "Pustu", "en": "Pustu"}, "unit": "ada"}
    known = indicators | {"pustu_ada": IndicatorSection.model_validate(definition)}
    first, second = cells.split(",")
    path = write_csv(f"kode,pustu\n{KODE[0]},{first}\n{KODE[1]},{second}\n")
    section = TableSection.model_validate(
        {
            "id": "t",
            "path": path,
            "year": 2024,
            "code_system": "kemendagri",
            "code_column": "kode",
            "columns": {"pustu": "pustu_ada"},
            "presence_codes": codes,
        }
    )
    findings = join_table(section, tmp_path, desa, known).findings
    told = [one for one in findings if one.code == "input.word_unused"]
    assert [one.value for one in told] == unused
    assert all(f"'{second}' (1 rows)" in one.message for one in told)


def test_a_podes_file_joined_many_times_counts_each_desa_once(
    join: Join, write_csv: WriteCsv
) -> None:
    rows = f"{KODE[0]},1\n" * 96 + f"{KODE[1]},1\n{KODE[1]},2\n"
    result: TableResult = join(
        write_csv("R106B,R1\n" + rows), "podes", code_system="kemendagri", columns={"R1": "air"}
    )
    load = result.load
    assert (load.rows_read, load.matched, load.duplicates) == (98, 1, 97)
    assert result.values["status"].tolist() == ["ok", "no_data"]


def test_satu_data_takes_the_codes_of_the_declared_system(join: Join, write_csv: WriteCsv) -> None:
    text = (
        "bps_kode_desa_kelurahan,bps_desa_kelurahan,kemendagri_kode_desa_kelurahan,"
        "kemendagri_nama_desa_kelurahan,kategori,nilai,satuan,tahun\n"
        f"5306012002,KONGA,{KODE[0]},LEWOLAGA,Air layak,55,PERSEN,2023\n"
    )
    result: TableResult = join(
        write_csv(text),
        "satu_data",
        code_system="kemendagri",
        year=None,
        columns={"Air layak": "air"},
    )
    assert result.values[["kode", "tahun", "nilai"]].to_numpy().tolist() == [[KODE[0], 2023, 55]]


def test_satu_data_of_bandung_has_integers_and_a_name_column_without_its_prefix(
    join: Join, write_csv: WriteCsv
) -> None:
    text = (
        "kode_provinsi;bps_kode_desa_kelurahan;bps_desa_kelurahan;kemendagri_kode_desa_kelurahan;"
        "kemendagri_nama_desa_kelurahan;jumlah;tahun\n"
        f"53;5309010001;LEWOLAGA;{KODE[0]};Lewolaga;55;2023\n"
    )
    aids = Aids(bridge=CodeBridge({"5309010001": "5306012001"}, {"5309010001": "LEWOLAGA"}))
    given: TableResult = join(
        write_csv(text), "satu_data", aids, code_system="bps", year=None, columns={"jumlah": "jiwa"}
    )
    assert given.values[["kode", "tahun", "nilai"]].to_numpy().tolist() == [[KODE[0], 2023, 55]]


def test_the_sample_that_opendk_ships_gives_no_value(join: Join, write_csv: WriteCsv) -> None:
    text = f"desa_id,cakupan_imunisasi\n{KODE[0]},10\n{KODE[0]},20\n{KODE[0]},30\n"
    result: TableResult = join(write_csv(text), "opendk", columns={"cakupan_imunisasi": "air"})
    assert (result.load.matched, result.load.duplicates) == (0, 3)
    assert result.values["status"].tolist() == ["no_data"]


def test_facilities_of_opendk_are_added_by_their_kategori(
    tmp_path: Path, write_csv: WriteCsv, desa: pd.DataFrame
) -> None:
    text = (
        "desa_id,nama,jumlah,kategori,keterangan\n"
        f"{KODE[0]},Melati,1,Posyandu,\n{KODE[0]},Mawar,2,Posyandu,\n"
        f"{KODE[0]},Mawar,2,Posyandu,\n{KODE[0]},Pasar,1,Pasar Desa,\n"
        f"{KODE[1]},Kenanga,1,Posyandu,\n{KODE[1]},Anggrek,belum,Posyandu,\n"
    )
    section = TableSection.model_validate(
        {"id": "sarana", "path": write_csv(text), "importer": "opendk", "year": 2024}
    )
    result = join_table(section, tmp_path, desa, read_indicators())
    ok = result.values[result.values["status"] == "ok"]
    assert ok[["kode", "indikator", "nilai"]].to_numpy().tolist() == [
        [KODE[0], "posyandu_jumlah", 3]
    ]
    load = result.load
    assert (load.rows_read, load.matched, load.unmatched, load.duplicates) == (6, 4, 1, 1)
    assert {"table.duplicate_same", "table.indicator_undeclared", "table.number_unreadable"} <= {
        found.code for found in result.findings
    }


def test_only_counts_can_be_added(join: Join, write_csv: WriteCsv) -> None:
    path = write_csv(f"kode,air\n{KODE[0]},5\n")
    with pytest.raises(InputError, match="air cannot be summed"):
        join(
            path,
            None,
            code_system="kemendagri",
            code_column="kode",
            columns={"air": "air"},
            repeats="sum",
        )


@pytest.mark.parametrize(
    ("header", "importer"),
    [
        ("NO,KODE DESA,IKS,IKE,IKL,IDM", "idm"),
        ("kode,SKOR_SAAT_INI,STATUS,TARGET_STATUS", "idm"),
        ("kecamatan,kode,desa,dld,ds,de,dl,da,dtkpd,skor,status", "indeks_desa"),
        ("IDDESA,R101,R701AK2", "podes"),
        ("bps_kode_desa_kelurahan,kemendagri_kode_desa_kelurahan,nilai", "satu_data"),
        ("desa_id,jumlah_aki,jumlah_akb", "opendk"),
        ("desa_id,nama,jumlah,kategori,keterangan", "opendk"),
        ("tidak_tamat_sekolah,tamat_sd_sederajat,tamat_smp_sederajat", "opendk"),
        ("kode,nilai", None),
    ],
)
def test_a_shape_is_told_by_its_header(
    tmp_path: Path, write_csv: WriteCsv, header: str, importer: str | None
) -> None:
    assert detect_importer(read_sheet(tmp_path / write_csv(f"{header}\n"))) == importer
