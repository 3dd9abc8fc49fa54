"""What a person sees in a sheet is what counts: formats, formulas, damaged columns, file kinds."""

from __future__ import annotations

from collections.abc import Callable

from tests.cases.field import CaseRun

Case = Callable[[str], CaseRun]


def test_where_some_counts_lost_their_thousands_dot_none_of_the_column_is_used(case: Case) -> None:
    run = case("01-thousands-dot-whole")
    assert "thousands dot" in (run.blocked or "")
    (finding,) = run.findings("table.thousands_lost")
    assert (finding.file, finding.row, finding.measure) == ("t.xlsx", 2, 6)
    assert "Rows 2-7" in finding.message


def test_a_cell_shown_as_85_per_cent_is_85_per_cent(case: Case) -> None:
    run = case("02-percent-cells")
    values = [float(value or "nan") for value in run.values("air_minum_layak_pct").values()]
    assert values == [85.3, 50.0, 100.0, 7.0, 91.5, 0.0]


def test_formulas_without_result_are_named_and_not_taken_for_empty_cells(case: Case) -> None:
    run = case("03-formula-no-cache")
    (finding,) = run.findings("table.formula_unsolved")
    assert (finding.file, finding.row, finding.measure) == ("t.xlsx", 2, 6)
    assert "save it once in Excel" in finding.message
    assert "no stored result" in (run.blocked or "")


def test_a_web_page_named_xls_is_read(case: Case) -> None:
    run = case("04-html-named-xls")
    values = [float(value or "nan") for value in run.values("penduduk_jiwa").values()]
    assert values == [1000, 1001, 1002, 1003, 1004, 1005]
    assert any("web page" in finding.message for finding in run.findings("table.reading"))


def test_rows_left_hidden_contradict_those_that_are_seen(case: Case) -> None:
    run = case("05-hidden-rows-sheets")
    assert run.findings("table.duplicate_different")
    assert any(
        "hidden in the sheet" in finding.message for finding in run.findings("table.reading")
    )
    values = run.values("penduduk_jiwa")
    assert values["53.06.01.2001"] is values["53.06.01.2002"] is None


def test_two_blocks_beside_each_other_are_refused(case: Case) -> None:
    run = case("08-two-blocks-side-by-side")
    assert "more than once" in (run.refusal or "")


def test_a_number_with_a_footnote_mark_is_named_and_has_no_value(case: Case) -> None:
    run = case("10-footnote-marks-on-numbers")
    refused = {finding.value for finding in run.findings("table.number_unreadable")}
    assert "85,3*)" in refused
    assert run.values("air_minum_layak_pct")["53.06.01.2001"] is None


def test_a_transposed_table_is_refused_with_its_columns(case: Case) -> None:
    run = case("11-transposed")
    assert "no column 'kode'" in (run.refusal or "")


def test_records_in_json_are_a_table(case: Case) -> None:
    run = case("105-json-records")
    values = [float(value or "nan") for value in run.values("posyandu_jumlah").values()]
    assert values == [0, 1, 2, 3, 4, 5]
