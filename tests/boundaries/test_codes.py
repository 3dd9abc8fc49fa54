"""Codes: one table of cells and what may be read from them."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest

from boundaries.codes import (
    CodeError,
    CodeReference,
    CodeSystem,
    KodeBps,
    KodeKemendagri,
    Level,
    big_code_columns,
    column_findings,
    join_code_parts,
    read_code_column,
    read_siskeudes_column,
)

K, B = CodeSystem.KEMENDAGRI, CodeSystem.BPS
ACEH = CodeReference.of(K, ["11.10", "11.02.01", "11.01.02", "12.15.02"], ["11", "12"])


@pytest.mark.parametrize(
    ("cell", "system", "level", "digits"),
    [
        ("53.06.13.2001", K, "desa", "5306132001"),
        ("5306132001", K, "desa", "5306132001"),
        (5306132001, K, "desa", "5306132001"),
        (np.int64(5306132001), K, "desa", "5306132001"),
        (5306132001.0, K, "desa", "5306132001"),
        ("5306132001.0", K, "desa", "5306132001"),
        ("5306132001,00", K, "desa", "5306132001"),
        ("5.306132001E+09", K, "desa", "5306132001"),
        ("5,306,132,001", K, "desa", "5306132001"),
        ("5.306.132.001", K, "desa", "5306132001"),
        ("\u00a053.06.13.2001. ", K, "desa", "5306132001"),
        ("'5306132001", K, "desa", "5306132001"),
        ("５３.06.13.2001", K, "desa", "5306132001"),
        ("53-06-13-2001", K, "desa", "5306132001"),
        ("53 06 13 2001", K, "desa", "5306132001"),
        ("53.06.132001", K, "desa", "5306132001"),
        ("53.06.3.2001", K, "desa", "5306032001"),
        ("11.01", K, "kabupaten", "1101"),
        (dt.date(2002, 1, 11), K, "kecamatan", "110102"),
        ("Nov-11", K, "kabupaten", "1111"),
        ("53.0", K, "provinsi", "53"),
        (dt.time(13, 40, 45), K, "kecamatan", "134045"),
        ("21:05:59", K, "kecamatan", "210559"),
        ("5306012001", B, "desa", "5306012001"),
        ("53.06.012.001", B, "desa", "5306012001"),
        ("5306012", B, "kecamatan", "5306012"),
    ],
)
def test_a_cell_that_is_provably_one_code_is_read(
    cell: object, system: CodeSystem, level: Level, digits: str | None
) -> None:
    assert read_code_column([cell], system, level).digits == [digits]


@pytest.mark.parametrize(
    ("cell", "system", "level", "reason"),
    [
        (None, K, "desa", "empty"),
        (float("nan"), K, "desa", "empty"),
        (" - ", K, "desa", "empty"),
        (True, K, "desa", "not_a_code"),
        ("Lamakera", K, "desa", "not_a_code"),
        ("53.O6.13.2001", K, "desa", "not_a_code"),
        ("530613201", K, "desa", "length"),
        ("3579101", B, "desa", "level"),
        ("53.06.13.201", K, "desa", "length"),
        ("53.06.13", K, "desa", "level"),
        ("5.30613E+09", K, "desa", "rounded"),
        ("5306010001", K, "desa", "jenis"),
        ("53.06.010.001", K, "desa", "system"),
        ("53.06.13.2001", B, "desa", "system"),
        (dt.date(2002, 1, 11), K, "desa", "date"),
        ("11.1", K, "kabupaten", "ambiguous"),
        (11.1, K, "kabupaten", "ambiguous"),
        ("11.1.02.2001", K, "desa", "ambiguous"),
        (5.306, K, "kabupaten", "decimal"),
        (dt.date(2012, 11, 12), K, "kecamatan", "ambiguous"),
        (dt.time(11, 2, 8), K, "kecamatan", "ambiguous"),
    ],
)
def test_a_cell_that_is_not_provably_one_code_is_refused_with_its_reason(
    cell: object, system: CodeSystem, level: Level, reason: str
) -> None:
    column = read_code_column([cell], system, level)
    assert column.codes == [None]
    assert [problem.reason for problem in column.problems] == [reason]


@pytest.mark.parametrize(
    ("cell", "level", "digits"),
    [
        ("11.1", "kabupaten", None),  # 11.01 and 11.10 both exist
        (dt.time(11, 1, 2), "kecamatan", "110102"),
        (0.4590509259259259, "kecamatan", "110102"),
        (dt.datetime(1899, 12, 31, 11, 1, 2), "kecamatan", "110102"),
        (dt.timedelta(hours=11, minutes=1, seconds=2), "kecamatan", "110102"),
        ("11:01:02", "kecamatan", "110102"),
        (dt.time(12, 15, 2), "kecamatan", "121502"),  # 11.75.02 does not exist here
        (dt.date(2012, 11, 12), "kecamatan", None),  # neither 11.12.12 nor 12.11.12 exists
    ],
)
def test_a_complete_list_decides_between_readings(
    cell: object, level: Level, digits: str | None
) -> None:
    assert read_code_column([cell], K, level, ACEH).digits == [digits]


def test_a_list_that_is_not_complete_decides_nothing() -> None:
    only_1101 = CodeReference.of(K, ["11.01"], ["11.01"])
    assert read_code_column(["11.1"], K, "kabupaten", only_1101).digits == [None]
    assert read_code_column(
        ["11.1"], K, "kabupaten", CodeReference.of(K, ["11.10"], ["11"])
    ).written == ["11.10"]


def test_the_types_never_compare_equal_and_tell_parent_and_jenis() -> None:
    code = KodeKemendagri.parse("53.06.13.1001.")
    assert len({code, KodeBps.parse("5306131001")}) == 2
    assert (code.jenis, code.level, str(code.parent)) == ("kelurahan", "desa", "53.06.13")
    assert (str(code.kabupaten), str(code.provinsi)) == ("53.06", "53")
    assert KodeKemendagri.parse("53").parent is None
    assert KodeKemendagri.parse("53").kabupaten is None
    assert KodeBps.parse("5306012001").parent == KodeBps("5306012")


@pytest.mark.parametrize("text", ["", "53.6", "5306.132001", "x", 5.3, True, "00.01"])
def test_parse_repairs_nothing(text: object) -> None:
    with pytest.raises(CodeError):
        KodeKemendagri.parse(text)


def test_parts_in_columns_are_joined_with_their_lost_zeros() -> None:
    column = join_code_parts([["35", 35.0], ["79", "79"], ["10", "1"], ["1", "2"]], B)
    assert column.digits == ["3579010001", "3579001002"]
    big = join_code_parts([["53"], ["53.06"], ["53.06.13"], ["53.06.13.2001"]], K)
    assert (big.written, big.problems) == (["53.06.13.2001"], [])
    own = join_code_parts([["53"], ["6"], ["13"], ["2001"]], K)
    assert own.written == ["53.06.13.2001"]


def test_a_part_that_contradicts_its_parent_is_refused() -> None:
    column = join_code_parts([["53"], ["53.06"], ["53.04.13"], ["53.04.13.2001"]], K)
    assert [problem.reason for problem in column.problems] == ["parent"]


def test_both_systems_of_a_big_file_are_found_by_their_columns() -> None:
    columns = ["KDPPUM", "KDBPUM", "kdcpum", "KDEPUM_2", "KDPBPS", "KDBBPS", "KDCBPS", "KDEBPS"]
    assert big_code_columns(columns) == {
        K: ("KDPPUM", "KDBPUM", "kdcpum", "KDEPUM_2"),
        B: ("KDPBPS", "KDBBPS", "KDCBPS", "KDEBPS"),
    }
    assert big_code_columns(["KDPPUM", "NAMOBJ"]) == {}


def test_siskeudes_codes_are_completed_by_the_kabupaten() -> None:
    known = CodeReference.of(K, ["53.06.05.2010"], ["53.06"])
    column = read_siskeudes_column(
        ["05.2003.", "05.2003", 5.2003, "5.201", "53.06.05.2003", "53.04.05.2003", "5.202", None],
        KodeKemendagri("5306"),
        known,
    )
    assert column.written == [
        *["53.06.05.2003"] * 3,
        "53.06.05.2010",
        "53.06.05.2003",
        None,
        None,
        None,
    ]
    refused = [problem.reason for problem in column.problems if problem.severity == "warning"]
    assert refused == ["parent", "length", "empty"]


def test_each_refused_cell_is_a_finding_and_each_kind_of_repair_one_note() -> None:
    column = read_code_column(["5306132001.0", 5306132002.0, "?"], K)
    findings = column_findings(column, "t.csv", [2, 3, 4])
    assert [(f.code, f.row, f.measure) for f in findings] == [
        ("codes.repaired", 2, 2),
        ("codes.refused", 4, None),
    ]
