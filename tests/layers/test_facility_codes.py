"""Codes of facilities and offices of desa: crossed over, read by history, held against places."""

from __future__ import annotations

from pathlib import Path

import pytest

from boundaries.codes.crosswalk import CodeBridge
from boundaries.history.versions import Change, History
from layers.facilities.codes import MOST_HINTS
from layers.facilities.read import read_facilities
from layers.tables.rows.row_records import Aids
from layers.workspace.sections import AllowSection, FacilitySection
from tests.layers.facility_lists import HEADER, codes, desa, read


def test_a_facility_in_another_desa_than_its_code_names_is_used_where_it_stands(
    tmp_path: Path,
) -> None:
    row = "1,SD Satu,SD,120.05,-7.95,99.01.01.2002\n"
    result = read(tmp_path, row, code_column="kode", code_system="kemendagri")
    assert codes(result) == ["facility.elsewhere"]
    assert result.facilities["kode_desa_letak"].tolist() == ["99.01.01.2001"]


@pytest.mark.parametrize(("system", "words"), [("kemendagri", "no desa"), ("bps", "BPS codes")])
def test_codes_that_lead_nowhere_are_told_once_and_the_rows_used(
    tmp_path: Path, system: str, words: str
) -> None:
    rows = "1,SD Satu,SD,120.05,-7.95,9901010001\n2,SD Dua,SD,120.06,-7.95,99.09.01.2001\n"
    result = read(tmp_path, rows, code_column="kode", code_system=system)
    unknown = [found for found in result.findings if found.code == "facility.code_unknown"]
    assert [(found.row, found.measure) for found in unknown] == [(2, 2)]
    assert words in unknown[0].message
    assert len(result.facilities) == 2


def write_offices(folder: Path, text: str, code_system: str) -> FacilitySection:
    """The list of offices in a folder, and its declaration."""
    (folder / "kantor.csv").write_text(text, encoding="utf-8")
    return FacilitySection.model_validate(
        {
            "id": "kantor",
            "path": "kantor.csv",
            "kind": "kantor_desa",
            "id_column": "nomor",
            "lon_column": "bujur",
            "lat_column": "lintang",
            "code_column": "kode",
            "code_system": code_system,
        }
    )


def test_bps_codes_of_offices_cross_the_bridge(tmp_path: Path) -> None:
    text = HEADER + (
        "1,Kantor Satu,,120.05,-7.95,9801010001\n2,Kantor Dua,,120.15,-7.95,9801010002\n"
        "3,Kantor Tiga,,120.55,-7.95,9801010009\n"
    )
    section = write_offices(tmp_path, text, "bps")
    bridge = CodeBridge({"9801010001": "9901012001", "9801010002": "9901012002"})
    result = read_facilities(section, tmp_path, desa(), aids=Aids(bridge))
    assert result.facilities["kode_desa_declared"].tolist() == ["99.01.01.2001", "99.01.01.2002"]
    assert codes(result) == ["facility.kantor_without_desa"]
    of_kecamatan = CodeBridge({"9801010": "990101"})
    assert read_facilities(section, tmp_path, desa(), aids=Aids(of_kecamatan)).facilities.empty


def test_former_codes_of_offices_are_read_by_the_history(tmp_path: Path) -> None:
    text = HEADER + (
        "1,Kantor Satu,,120.05,-7.95,98.01.01.2001\n2,Kantor Dua,,120.15,-7.95,98.01.01.2002\n"
        "3,Kantor Tiga,,120.55,-7.95,98.02.01.2001\n"
    )
    section = write_offices(tmp_path, text, "kemendagri")
    history = History.of([Change("98.01", "99.01", "recode", 2022)])
    result = read_facilities(section, tmp_path, desa(), aids=Aids(history=history))
    assert result.facilities["kode_desa_declared"].tolist() == ["99.01.01.2001", "99.01.01.2002"]
    late = [found for found in result.findings if found.code == "table.code_late"]
    assert [(found.row, found.measure) for found in late] == [(2, 2)]


def test_a_kantor_desa_belongs_to_the_desa_of_its_code(tmp_path: Path) -> None:
    rows = (
        "1,Kantor 1,,120.05,-7.95,99.01.01.2001\n"
        "2,Kantor 2,,120.05,-7.96,99.01.01.2002\n"  # stands in the neighbour, 5.5 km off
        "3,Kantor 3,,120.55,-7.95,99.01.01.2999\n"  # no such desa
    )
    result = read(tmp_path, rows, kind="kantor_desa", code_column="kode", code_system="kemendagri")
    assert result.facilities["kode_desa_declared"].tolist() == ["99.01.01.2001"]
    assert codes(result) == ["facility.kantor_elsewhere", "facility.kantor_without_desa"]
    assert result.load.desa_without_data == 2


def test_a_kantor_desa_far_from_its_desa_waits_for_a_decision(tmp_path: Path) -> None:
    rows = "2,Kantor 2,,120.04,-7.96,99.01.01.2002\n"
    read(tmp_path, rows, kind="kantor_desa", code_column="kode", code_system="kemendagri")
    section = FacilitySection(
        id="kantor",
        path="f.csv",
        kind="kantor_desa",
        id_column="nomor",
        name_column="nama",
        lon_column="bujur",
        lat_column="lintang",
        code_column="kode",
        code_system="kemendagri",
    )
    accepted, other = (
        AllowSection(check="facility.kantor_elsewhere", reason="Pindah sementara.", kode=kode)
        for kode in ("99.01.01.2002", "99.01.01.2001")
    )
    held = read_facilities(section, tmp_path, desa(), accepted=[other])
    assert held.facilities.empty
    (finding,) = (one for one in held.findings if one.code == "facility.kantor_elsewhere")
    assert 'kode = "99.01.01.2002"' in finding.message
    assert finding.row == 2
    used = read_facilities(section, tmp_path, desa(), accepted=[accepted])
    assert used.facilities["kode_desa_declared"].tolist() == ["99.01.01.2002"]


def test_two_offices_of_one_desa_are_both_refused(tmp_path: Path) -> None:
    rows = "1,A,,120.05,-7.95,99.01.01.2001\n2,B,,120.06,-7.95,99.01.01.2001\n"
    result = read(tmp_path, rows, kind="kantor_desa", code_column="kode", code_system="kemendagri")
    assert result.facilities.empty
    assert codes(result) == ["facility.two_kantor_desa", "facility.two_kantor_desa"]


def test_p_codes_of_facilities_are_read_with_a_note(tmp_path: Path) -> None:
    rows = "1,SD A,SD,120.05,-7.95,ID9901012001\n2,SD B,SD,120.06,-7.95,id9901012001\n"
    result = read(tmp_path, rows, code_column="kode", code_system="kemendagri")
    assert result.facilities["kode_desa_declared"].tolist() == ["99.01.01.2001"] * 2
    (note,) = [one for one in result.findings if one.code == "codes.repaired"]
    assert (note.row, note.measure, note.file) == (2, 2, "f.csv")


def test_only_so_many_offices_of_a_list_are_told_the_desa_that_may_be_meant(tmp_path: Path) -> None:
    wrong = ["99.01.02.2001"] * (MOST_HINTS + 3)
    rows = "".join(f"{at},Kantor,,120.05,-7.95,{code}\n" for at, code in enumerate(["", *wrong]))
    result = read(tmp_path, rows, kind="kantor_desa", code_column="kode", code_system="kemendagri")
    lost = [f for f in result.findings if f.code == "facility.kantor_without_desa"]
    assert len(lost) == 1 + len(wrong)
    assert sum("Nearest: 99.01.01.2001." in finding.message for finding in lost) == MOST_HINTS
    assert "has the code 99.01.02.2001." in lost[-1].message
