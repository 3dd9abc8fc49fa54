"""Old codes: recodes and renames take values along, merges add counts, splits copy nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from boundaries.findings.report import Finding
from boundaries.history.versions import Change, ChangeKind, History
from layers.columns.catalogue import read_indicators, read_layer_definition
from layers.tables.indicators.indicators import build_indicator_fields
from layers.tables.indicators.join import TableResult, join_table
from layers.tables.rows.carried import carry_lines
from layers.tables.rows.row_records import Aids
from layers.tables.spending.spending import SpendingResult, join_spending
from layers.tables.spending.spending_layer import build_spending_fields
from layers.workspace.indicator_units import SUMMABLE_UNITS
from layers.workspace.sections import (
    IndicatorSection,
    SpendingSection,
    TableSection,
)
from tests.layers.tables.conftest import KODE, WriteCsv

X, Y = "53.06.01.2091", "53.06.01.2092"
A, B = KODE[0], KODE[1]

Told = Mapping[str, float | str]
Carry = Callable[..., tuple[pd.DataFrame, list[Finding], TableResult]]


def cells(frame: pd.DataFrame, kode: str, *names: str) -> list[Any]:
    return [frame.at[kode, name] for name in names]


def changes(*lines: tuple[str, str, ChangeKind, int | None]) -> History:
    return History.of(Change(*line) for line in lines)


@pytest.fixture
def carry(
    tmp_path: Path,
    write_csv: WriteCsv,
    desa: pd.DataFrame,
    indicators: dict[str, IndicatorSection],
) -> Carry:
    """One table of one indicator and year under a history: settled values, findings, the table."""
    known = indicators | {
        "jiwa": indicators["jiwa"].model_copy(update={"summable": True}),
    }

    def carry(
        told: Told, history: History, name: str = "jiwa", year: int = 2019
    ) -> tuple[pd.DataFrame, list[Finding], TableResult]:
        text = "kode,nilai\n" + "".join(f"{kode},{value}\n" for kode, value in told.items())
        section = TableSection.model_validate(
            {
                "id": "t",
                "path": write_csv(text),
                "year": year,
                "code_system": "kemendagri",
                "code_column": "kode",
                "columns": {"nilai": name},
            }
        )
        result = join_table(section, tmp_path, desa, known, Aids(history=history))
        built = build_indicator_fields([result], desa, known, year, history)
        return built.settled.set_index("kode"), [*result.findings, *built.findings], result

    return carry


@pytest.mark.parametrize("kind", ["recode", "rename"])
def test_a_recode_takes_the_value_along_with_its_origin(carry: Carry, kind: ChangeKind) -> None:
    settled, findings, result = carry({X: 7}, changes((X, A, kind, 2020)))
    assert cells(settled, A, "nilai", "status", "kode_asal", "asal") == [7, "ok", X, "recoded"]
    assert cells(settled, A, "file", "row") == ["tabel.csv", 2]
    assert (result.load.matched, result.load.unmatched) == (1, 0)
    assert result.cleaned["kode"].tolist() == [X]
    assert [found.code for found in findings] == ["table.code_former"]


def test_a_split_leaves_the_parts_without_value_and_the_old_value_traceable(carry: Carry) -> None:
    settled, findings, result = carry(
        {X: 7, KODE[3]: 5}, changes((X, A, "split", 2020), (X, B, "split", 2020))
    )
    for part in (A, B):
        value, *how = cells(settled, part, "nilai", "status", "kode_asal", "nilai_asal")
        assert pd.isna(value)
        assert how == ["before_split", X, 7]
    assert cells(settled, KODE[3], "nilai", "kode_asal") == [5, None]
    assert X not in settled.index
    assert result.load.rows_read == result.load.matched == 2
    assert {found.code for found in findings} == {"table.code_former", "table.before_split"}


def test_the_wilayah_that_kept_its_code_is_before_the_split_too(carry: Carry) -> None:
    settled, _, _ = carry({A: 7}, changes((A, A, "split", 2020), (A, B, "split", 2020)))
    assert settled.loc[[A, B], "status"].tolist() == ["before_split", "before_split"]
    assert settled.loc[[A, B], "nilai_asal"].tolist() == [7, 7]


MERGE = changes((X, A, "merge", 2020), (Y, A, "merge", 2020))


@pytest.mark.parametrize(
    ("told", "name", "expected"),
    [
        ({X: 7, Y: 5}, "jiwa", (12, "ok", "summed")),
        ({X: 7}, "jiwa", (None, "no_data", "part_missing")),
        ({X: 7, Y: "-"}, "jiwa", (None, "no_data", "part_missing")),
        ({X: 7, Y: 5}, "air", (None, "no_data", "not_summable")),
    ],
)
def test_a_merge_adds_only_counts_and_only_when_all_parts_are_there(
    carry: Carry, told: Told, name: str, expected: tuple[float | None, str, str]
) -> None:
    settled, findings, result = carry(told, MERGE, name)
    value, *how = cells(settled, A, "nilai", "status", "asal")
    assert value == expected[0] if expected[0] is not None else pd.isna(value)
    assert how == list(expected[1:])
    codes = Counter(found.code for found in findings)
    assert codes["table.merge_incomplete"] == (expected[1] == "no_data")
    load = result.load
    assert load.rows_read == load.matched + load.unmatched + load.duplicates


def test_a_recoded_code_that_is_still_used_later_is_read_as_the_new_one(carry: Carry) -> None:
    settled, findings, _ = carry({X: 7}, changes((X, A, "recode", 2015)), year=2019)
    assert cells(settled, A, "nilai", "status") == [7, "ok"]
    assert [found.code for found in findings] == ["table.code_late"]


@pytest.mark.parametrize("kind", ["split", "merge"])
def test_a_split_or_merged_code_used_later_is_refused(carry: Carry, kind: ChangeKind) -> None:
    settled, findings, result = carry({X: 7}, changes((X, A, kind, 2015)), year=2019)
    assert set(settled["status"]) <= {"no_data"}
    assert [(found.code, found.row) for found in findings] == [("table.code_ended", 2)]
    assert (result.load.matched, result.load.unmatched) == (0, 1)


def test_a_code_used_again_does_not_keep_the_value_of_its_former_wilayah(carry: Carry) -> None:
    """A became B, and Y took the code A: the value of A in 2019 is B's, and A has none."""
    history = changes((A, B, "recode", 2020), (Y, A, "recode", 2020))
    settled, _, _ = carry({A: 7}, history)
    assert cells(settled, B, "nilai", "status") == [7, "ok"]
    assert settled.loc[A, "status"] == "no_data"


def test_repeated_rows_of_a_former_code_with_two_values_give_none(
    tmp_path: Path, write_csv: WriteCsv, desa: pd.DataFrame, indicators: dict[str, IndicatorSection]
) -> None:
    section = TableSection.model_validate(
        {
            "id": "t",
            "path": write_csv(f"kode,nilai\n{X},7\n{X},8\n"),
            "year": 2019,
            "code_system": "kemendagri",
            "code_column": "kode",
            "columns": {"nilai": "jiwa"},
        }
    )
    history = changes((X, A, "recode", 2020))
    result = join_table(section, tmp_path, desa, indicators, Aids(history=history))
    assert (result.load.matched, result.load.duplicates) == (0, 2)
    settled = build_indicator_fields([result], desa, indicators, 2019, history).settled
    assert settled["nilai"].isna().all()


def test_an_old_value_beside_restated_ones_is_said_to_be_unused(carry: Carry) -> None:
    history = changes((X, A, "split", 2020), (X, B, "split", 2020))
    settled, findings, _ = carry({X: 7, A: 4, B: 3}, history)
    assert settled.loc[[A, B], "nilai"].tolist() == [4, 3]
    assert "table.value_not_carried" in {found.code for found in findings}


@pytest.fixture
def spend(tmp_path: Path, write_csv: WriteCsv, desa: pd.DataFrame) -> Callable[..., pd.DataFrame]:
    def spend(lines: list[tuple[str, int, int]], history: History) -> pd.DataFrame:
        rows = "".join(f"{kode},{year},02.02.02,{amount}\n" for kode, year, amount in lines)
        section = SpendingSection.model_validate(
            {
                "id": "s",
                "path": write_csv("kode,tahun,keg,pagu\n" + rows),
                "year_column": "tahun",
                "code_system": "kemendagri",
                "code_column": "kode",
                "activity_column": "keg",
                "anggaran_column": "pagu",
            }
        )
        result: SpendingResult = join_spending(section, tmp_path, desa, Aids(history=history))
        load = result.load
        assert load.rows_read == load.matched + load.unmatched + load.duplicates
        carried = carry_lines(result.lines[["kode", "tahun"]], history, frozenset(desa["kode"]))
        definition = read_layer_definition("spending")
        built = build_spending_fields([(result, "murni")], desa, definition, 2019, carried)
        return built.wide.set_index("kode")

    return spend


def test_spending_of_merged_desa_is_added_to_the_rupiah(
    spend: Callable[..., pd.DataFrame],
) -> None:
    history = changes((X, B, "merge", 2020), (Y, B, "merge", 2020))
    wide = spend([(X, 2019, 1_000_000_001), (Y, 2019, 2)], history)
    assert cells(wide, B, "anggaran_idr", "anggaran_idr_status") == [1_000_000_003, "ok"]
    wide = spend([(X, 2019, 1_000_000_001)], history)
    assert wide.loc[B, "anggaran_idr_status"] == "no_data"


def test_spending_before_a_split_is_on_no_part(spend: Callable[..., pd.DataFrame]) -> None:
    history = changes((X, B, "split", 2020), (X, KODE[3], "split", 2020))
    wide = spend([(X, 2019, 5_000_000), (KODE[4], 2019, 7_000_000)], history)
    assert wide.loc[[B, KODE[3]], "anggaran_idr_status"].tolist() == ["before_split"] * 2
    assert wide.loc[[B, KODE[3]], "anggaran_idr"].isna().all()
    assert wide["anggaran_idr"].sum() == 7_000_000


def test_summable_is_said_of_every_indicator_whose_unit_is_summed() -> None:
    for indicator in read_indicators().values():
        assert indicator.is_summable == (indicator.unit in SUMMABLE_UNITS), indicator.name


def test_what_became_of_spending_lines_of_former_codes_is_told(desa: pd.DataFrame) -> None:
    split = changes((X, A, "split", 2020), (X, KODE[3], "split", 2020))
    lines = pd.DataFrame({"kode": [X], "tahun": pd.array([2019], dtype="Int64")})
    current = frozenset(desa["kode"])
    told = [found.code for found in carry_lines(lines, split, current).findings]
    assert told == ["spending.before_split"]
    merged = changes((X, B, "merge", 2020), (Y, B, "merge", 2020))
    told = [found.code for found in carry_lines(lines, merged, current).findings]
    assert told == ["spending.merge_incomplete"]
