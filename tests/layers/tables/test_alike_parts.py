"""Rows of one desa that are alike by chance are no repeats where those of other desa contradict."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.layers import small_workspace

WIDE = """[[tables]]
id = "t"
path = "t.csv"
code_system = "kemendagri"
code_column = "kode"
year = 2024
[tables.columns]
jiwa = "penduduk_jiwa"
"""
LONG = WIDE.partition("[tables.columns]")[0] + (
    'shape = "long"\nindicator_column = "jk"\nvalue_column = "jiwa"\n'
    '[tables.columns]\nL = "penduduk_jiwa"\nP = "penduduk_jiwa"\n'
)


def count_repeats(folder: Path, section: str, lines: list[str]) -> tuple[int, int]:
    """How many rows contradict another, and how many repeat one."""
    files = {"t.csv": "\n".join(lines) + "\n"}
    report = small_workspace.check_report(folder, section, files)
    different = small_workspace.of_code(report, "table.duplicate_different")
    return len(different), len(small_workspace.of_code(report, "table.duplicate_same"))


@pytest.mark.parametrize("section", [WIDE, LONG])
def test_parts_that_are_alike_in_one_desa_are_not_counted_once(
    section: str, tmp_path: Path
) -> None:
    lines = ["kode,jk,jiwa"]
    for at, kode in enumerate(small_workspace.DESA):
        lines += [f"{kode},L,{100 + at}", f"{kode},P,{100 + at + (at != 2)}"]
    assert count_repeats(tmp_path, section, lines) == (8, 0)


def test_a_block_pasted_twice_of_which_one_row_was_mended_still_counts_once(tmp_path: Path) -> None:
    desa = [*small_workspace.DESA, *small_workspace.DESA]
    rows = [f"{no},{kode},{100 + (no == 5)}" for no, kode in enumerate(desa, 1)]
    assert count_repeats(tmp_path, WIDE, ["no,kode,jiwa", *rows]) == (2, 3)


def test_people_repeated_beside_parts_of_another_indicator_count_once(tmp_path: Path) -> None:
    section = WIDE + 'kk = "keluarga_jumlah"\n'
    lines = ["kode,sekolah,jiwa,kk"]
    for at, kode in enumerate(small_workspace.DESA):
        lines += [f"{kode},SDN {n},{100 + at},{20 + at + n}" for n in (1, 2)]
    files = {"t.csv": "\n".join(lines) + "\n"}
    report = small_workspace.check_report(tmp_path, section, files)
    different = small_workspace.of_code(report, "table.duplicate_different")
    assert {finding.fields for finding in different} == {("keluarga_jumlah",)}


def test_parts_of_zero_are_zero_together(tmp_path: Path) -> None:
    lines = ["kode,jk,jiwa"]
    for at, kode in enumerate(small_workspace.DESA):
        lines += [f"{kode},L,{at}", f"{kode},P,{at + (at > 1)}"]
    # Of the desa with 0 and 0 one is counted; the one with 1 and 1 has no value.
    assert count_repeats(tmp_path, WIDE, lines) == (6, 1)
