"""Codes with the letters of the country before them, wherever a code is read."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from boundaries.codes import CodeSystem, KodeKemendagri, read_code_column, read_siskeudes_column
from boundaries.codes.parts import join_code_parts
from boundaries.findings.report import Severity

DIGITS = st.from_regex(r"[1-9][1-9][0-9]{8}", fullmatch=True)


@given(digits=DIGITS, prefix=st.sampled_from(["ID", "id", "Id", "IDN", "ID-", "ID ", "id_"]))
def test_the_letters_change_nothing_but_the_note(digits: str, prefix: str) -> None:
    bare = read_code_column([digits], CodeSystem.BPS)
    column = read_code_column([prefix + digits], CodeSystem.BPS)
    assert column.digits == bare.digits
    if column.digits[0] is not None:
        assert [p.severity for p in column.problems] == [Severity.NOTE]


@pytest.mark.parametrize("cell", ["ID53.06.01.2001", "'ID5306012001", " id5306012001 "])
def test_kemendagri_codes_with_letters_are_read(cell: str) -> None:
    column = read_code_column([cell], CodeSystem.KEMENDAGRI)
    assert column.written == ["53.06.01.2001"]


@pytest.mark.parametrize(
    "cell", ["XX5309010001", "ID", "IDA5309010001", "5309010001ID", "ID530901"]
)
def test_other_letters_are_refused(cell: str) -> None:
    column = read_code_column([cell], CodeSystem.BPS)
    assert column.digits == [None]
    assert column.problems[0].severity is Severity.WARNING


def test_upper_levels_parts_and_siskeudes_are_read_alike() -> None:
    assert read_code_column(["ID5309010"], CodeSystem.BPS, "kecamatan").digits == ["5309010"]
    parts = [["ID53"], ["ID5306"], ["ID530601"], ["ID5306012001"]]
    assert join_code_parts(parts, CodeSystem.KEMENDAGRI).written == ["53.06.01.2001"]
    column = read_siskeudes_column(["ID5306012001"], KodeKemendagri("5306"))
    assert column.written == ["53.06.01.2001"]
