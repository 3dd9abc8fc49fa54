"""Codes, joins and lost tables: what must be refused, asked or repaired, and how it is said."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

from boundaries.findings.report import Severity
from tests.cases.field import CaseRun, run_workspace

Case = Callable[[str], CaseRun]


def test_a_word_that_never_occurs_is_named_with_those_that_do(case: Case) -> None:
    run = case("100-long-word-never-occurs")
    (word,) = run.findings("input.word_unused")
    assert word.severity is Severity.WARNING
    assert "'Dana Dicairkan' never occurs" in word.message
    assert "'Dicairkan' (6 rows)" in word.message
    (lost,) = run.findings("input.no_row_used")
    assert lost.severity is Severity.ERROR
    assert (lost.file, lost.row, lost.value) == ("salur.csv", 2, "Dicairkan")
    assert run.release is None
    assert "None of 6 rows is used" in (run.blocked or "")


def test_a_table_without_a_usable_code_blocks_with_an_example(case: Case) -> None:
    run = case("101-no-row-has-a-usable-code")
    (lost,) = run.findings("input.no_row_used")
    assert (lost.file, lost.row, lost.value, lost.measure) == ("salur.csv", 2, "26000", 6)
    assert "has 5 digits" in lost.message
    assert "Write the whole code of ten digits" in lost.message
    assert "Excel" not in lost.message
    assert run.release is None


def test_p_codes_are_read_without_their_letters(case: Case) -> None:
    run = case("07-pcode-prefix")
    (note,) = run.findings("codes.repaired")
    assert note.severity is Severity.NOTE
    assert note.measure == 6
    assert "ID5309010001" in note.message
    assert run.values("penduduk_jiwa")["53.06.02.2003"] == "1005.0"


def test_a_desa_that_became_a_kelurahan_is_named_with_the_nearest(case: Case) -> None:
    run = case("72-desa-became-kelurahan")
    (unknown,) = run.findings("table.code_unknown")
    assert unknown.row == 2
    assert "By its name: 53.06.01.1001 Waibao" in unknown.message
    assert run.values("penduduk_jiwa")["53.06.01.1001"] is None


def test_polygons_of_dusun_are_not_taken_for_desa(case: Case) -> None:
    run = case("32-dusun-polygons")
    refused = [f for f in (run.report.findings if run.report else []) if f.row is not None]
    assert run.refusal or {f.row for f in refused} >= set(range(1, 13))


def test_payments_in_stages_are_told_the_sum_they_would_be(case: Case) -> None:
    run = case("108-payments-in-stages")
    found = run.findings("table.duplicate_different")
    assert len(found) == 12
    assert "Rp 1.201.899.990, Rp 104.991.075" in found[0].message
    assert 'with repeats = "sum" Rp 1.306.891.065' in found[0].message
    assert run.report is not None
    assert not any("e+" in finding.message for finding in run.report.findings)


def test_a_code_is_not_assigned_against_the_name(case: Case) -> None:
    run = case("104-codes-lent-against-the-name")
    (contradiction,) = run.findings("boundary.code_name_contradicts")
    assert contradiction.value == "Zulu"
    assert "99.01.01.2002 Beta" in contradiction.message
    (below,) = run.findings("boundary.code_not_lent")
    assert "99.01.01.2003 Gama comes nearest with 48%" in below.message
    assert "the limit is 50%" in below.message
    assert run.values("dana_desa_salur_idr") == {"99.01.01.2001": "100.0", "99.01.01.2004": "400.0"}
    matches = (run.folder / "matches.csv").read_text(encoding="utf-8-sig")
    assert "boundaries.1,Kec Satu,Zulu,name_differs,99.01.01.2002,Beta" in matches
    assert "boundaries.1,Kec Satu,Gama,overlap,99.01.01.2003,Gama" in matches


def test_codes_of_before_the_new_provinces_are_recognised_and_proposed(case: Case) -> None:
    run = case("70-papua-codes-before-split")
    (proposed,) = run.findings("versions.history_proposed")
    assert proposed.severity is Severity.WARNING
    assert "91.01.01.2001 is 93.01.01.2001 today" in proposed.message
    assert "6 of 6 names agree" in proposed.message
    assert 'use = ["papua-2022"]' in proposed.message
    assert run.findings("input.no_row_used")[0].severity is Severity.ERROR
    assert run.release is None


def test_the_declared_history_gives_each_desa_its_value(case: Case, tmp_path: Path) -> None:
    folder = tmp_path / "w"
    shutil.copytree(case("70-papua-codes-before-split").folder, folder)
    with (folder / "wilayah.toml").open("a", encoding="utf-8") as stream:
        stream.write('[history]\nuse = "papua-2022"\n')
    run = run_workspace(folder, tmp_path / "releases")
    assert run.findings("versions.shipped")
    assert set(run.values("idm_skor").values()) == {"0.6", "0.61", "0.62", "0.63", "0.64", "0.65"}


def test_without_names_of_kecamatan_one_sentence_says_what_to_declare(
    case: Case, tmp_path: Path
) -> None:
    assert not case("106-names-without-kecamatan").findings("table.kecamatan_nameless")
    folder = tmp_path / "w"
    shutil.copytree(case("106-names-without-kecamatan").folder, folder)
    declared = (folder / "wilayah.toml").read_text(encoding="utf-8")
    declared = declared.replace('kecamatan_name_column = "kec"\n', "")
    (folder / "wilayah.toml").write_text(declared, encoding="utf-8")
    run = run_workspace(folder, tmp_path / "releases")
    (nameless,) = run.findings("table.kecamatan_nameless")
    assert nameless.severity is Severity.ERROR
    assert "Declare kecamatan_name_column" in nameless.message
    assert not run.findings("table.name_unmatched")
    assert not run.findings("input.no_row_used")
    assert not (folder / "matches.csv").exists()
