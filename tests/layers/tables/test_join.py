"""Tables joined by declared code: every row is counted and no value lands on another desa."""

from __future__ import annotations

import random
from collections import Counter
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from layers.errors import InputError
from layers.tables.indicators.join import TableResult, join_table
from layers.workspace.sections import IndicatorSection, TableSection
from tests.layers.tables.conftest import KODE, WriteCsv, WriteXlsx
from tests.layers.tables.dirt import KODE as DIRTY_WORLD
from tests.layers.tables.dirt import make_desa

Indicators = dict[str, IndicatorSection]


def wide(path: str, **given: object) -> TableSection:
    section = {
        "id": "t",
        "path": path,
        "code_system": "kemendagri",
        "code_column": "kode",
        "year": 2024,
        "columns": {"air": "air", "stunting": "stunting"},
    }
    return TableSection.model_validate(section | given)


def values(result: TableResult) -> dict[tuple[str, str], float]:
    ok = result.values[result.values["status"] == "ok"]
    return dict(zip(zip(ok["kode"], ok["indikator"], strict=True), ok["nilai"], strict=True))


def codes(result: TableResult) -> Counter[str]:
    return Counter(finding.code for finding in result.findings)


def test_every_row_is_matched_unmatched_or_a_duplicate(
    tmp_path: Path, write_csv: WriteCsv, desa: pd.DataFrame, indicators: Indicators
) -> None:
    text = (
        "kode,air,stunting\n"
        "53.06.01.2001,40,10\n"  # plain
        "5306012002,50,-\n"  # bare, one value missing
        "53.06.02.2001,60,20\n"  # same twice
        "53.06.02.2001,60,20\n"
        "53.06.02.2002,70,30\n"  # contradicts itself
        "53.06.02.2002,70,31\n"
        "53.06.02.2011,80,40\n"  # no such desa
        "32.05.01.2001,80,40\n"  # outside the scope
        "bukan kode 1,80,40\n"
        ",80,40\n"
        "JUMLAH,999,999\n"
    )
    result = join_table(wide(write_csv(text)), tmp_path, desa, indicators)
    load = result.load
    assert (load.rows_read, load.matched, load.unmatched, load.duplicates) == (10, 3, 4, 3)
    assert load.desa_without_data == 2
    assert values(result) == {
        (KODE[0], "air"): 40,
        (KODE[0], "stunting"): 10,
        (KODE[1], "air"): 50,
        (KODE[3], "air"): 60,
        (KODE[3], "stunting"): 20,
        (KODE[4], "air"): 70,
    }
    assert codes(result) == {
        "table.duplicate_same": 1,
        "table.duplicate_different": 2,
        "table.code_unknown": 1,
        "table.outside_scope": 1,
        "table.code_refused": 1,
        "table.no_code": 1,
        "table.not_a_record": 1,
    }
    unknown = next(found for found in result.findings if found.code == "table.code_unknown")
    assert (unknown.row, unknown.value) == (8, "53.06.02.2011")
    assert "Nearest: 53.06.02.2001" in unknown.message or "53.06.02.2010" in unknown.message


@pytest.mark.parametrize(
    ("columns", "lacking"),
    [
        # Of six, one of which is a kelurahan; two desa have a value.
        ({"n": "idm_skor"}, 3),
        ({"n": "idm_skor", "m": "indeks_desa_skor"}, 3),
        ({"m": "air"}, 4),
        ({"n": "idm_skor", "m": "air"}, 4),
    ],
)
def test_a_kelurahan_lacks_nothing_in_a_table_of_desa(
    tmp_path: Path,
    write_csv: WriteCsv,
    desa: pd.DataFrame,
    indicators: Indicators,
    columns: dict[str, str],
    lacking: int,
) -> None:
    path = write_csv(f"kode,n,m\n{KODE[0]},0.5,60\n{KODE[3]},0.6,70\n")
    result = join_table(wide(path, columns=columns), tmp_path, desa, indicators)
    assert result.load.desa_without_data == lacking


def test_a_value_of_a_kelurahan_hides_no_desa_without_one(
    tmp_path: Path, write_csv: WriteCsv, desa: pd.DataFrame, indicators: Indicators
) -> None:
    path = write_csv(f"kode,n\n{KODE[2]},0.5\n{KODE[3]},0.6\n")
    result = join_table(wide(path, columns={"n": "idm_skor"}), tmp_path, desa, indicators)
    assert result.load.desa_without_data == 4


def test_a_cleaned_table_has_one_row_for_each_record_with_its_fate(
    tmp_path: Path, write_csv: WriteCsv, desa: pd.DataFrame, indicators: Indicators
) -> None:
    text = "kode,air,stunting\n53.06.01.2001,40,10\n53.06.01.2099,1,1\n"
    cleaned = join_table(wide(write_csv(text)), tmp_path, desa, indicators).cleaned
    assert cleaned["row"].tolist() == [2, 3]
    assert cleaned["status"].tolist() == ["matched", "unmatched"]
    assert cleaned["reason"].iloc[1].startswith("table.code_unknown: 53.06.01.2099")
    assert cleaned["air"].tolist() == [40, 1]


def test_a_value_carries_its_file_and_row(
    tmp_path: Path, write_csv: WriteCsv, desa: pd.DataFrame, indicators: Indicators
) -> None:
    result = join_table(
        wide(write_csv("kode,air,stunting\n\n53.06.01.2001,40,\n")), tmp_path, desa, indicators
    )
    air = result.values[result.values["indikator"] == "air"].iloc[0]
    assert (air["file"], air["row"], air["tahun"]) == ("tabel.csv", 3, 2024)


def test_a_value_outside_the_range_or_merged_over_desa_is_not_used(
    tmp_path: Path, write_xlsx: WriteXlsx, desa: pd.DataFrame, indicators: Indicators
) -> None:
    rows = [["kode", "air", "stunting"], [KODE[0], 101, 12], [KODE[1], 50, None]]
    result = join_table(wide(write_xlsx(rows, ["C2:C3"])), tmp_path, desa, indicators)
    assert values(result) == {(KODE[1], "air"): 50}
    assert codes(result) == {"table.out_of_range": 1, "table.merged_value": 2}


def test_a_long_table_is_read_by_indicator_and_year(
    tmp_path: Path, write_csv: WriteCsv, desa: pd.DataFrame, indicators: Indicators
) -> None:
    text = (
        "kode,kategori,nilai,tahun\n"
        "53.06.01.2001,Air bersih,40,2023\n"
        "53.06.01.2001,Air bersih,41,2024\n"
        "53.06.01.2001,Stunting,9,2024\n"
        "53.06.01.2001,Lainnya,1,2024\n"
        "53.06.01.2002,Air bersih,50,entah\n"
    )
    section = wide(
        write_csv(text),
        shape="long",
        indicator_column="kategori",
        value_column="nilai",
        year=None,
        year_column="tahun",
        columns={"Air bersih": "air", "Stunting": "stunting"},
    )
    result = join_table(section, tmp_path, desa, indicators)
    assert result.values[["indikator", "tahun", "nilai"]].to_numpy().tolist() == [
        ["air", 2023, 40],
        ["air", 2024, 41],
        ["stunting", 2024, 9],
    ]
    assert (result.load.matched, result.load.unmatched) == (3, 2)
    assert codes(result) == {"table.indicator_undeclared": 1, "table.year_unreadable": 1}


def test_what_was_interpreted_how_is_in_the_findings(
    tmp_path: Path, write_csv: WriteCsv, desa: pd.DataFrame, indicators: Indicators
) -> None:
    text = "Tabel 1\n\nkode;nama;air;jiwa\n" + "".join(
        f"{kode};Desa;{at},5;{100 + at}\n" for at, kode in enumerate(KODE)
    )
    section = wide(write_csv(text + "x;a;b;1;2\n"), columns={"air": "air", "jiwa": "jiwa"})
    result = join_table(section, tmp_path, desa, indicators)
    notes = {found.code: found for found in result.findings}
    assert "decimal comma shown by 6 of" in notes["table.number_reading"].message
    assert "table.reading" in notes
    assert notes["table.row_shifted"].row == 10
    shifted = result.cleaned[result.cleaned["row"] == 10]
    assert shifted["status"].tolist() == ["unmatched"]


def test_a_value_far_outside_the_others_is_noted_and_used(
    tmp_path: Path, indicators: Indicators
) -> None:
    rows = "".join(f"{kode},{100 + at}\n" for at, kode in enumerate(DIRTY_WORLD[1:]))
    (tmp_path / "a.csv").write_text(f"kode,jiwa\n{DIRTY_WORLD[0]},9000\n{rows}")
    section = wide("a.csv", columns={"jiwa": "jiwa"})
    result = join_table(section, tmp_path, make_desa(), indicators)
    assert [(f.row, f.measure) for f in result.findings if f.code == "table.outlier"] == [(2, 9000)]
    assert values(result)[DIRTY_WORLD[0], "jiwa"] == 9000


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"code_system": None}, "code_system is not declared"),
        ({"code_column": None}, "declare code_column, or"),
        ({"code_column": "kodes"}, "no column 'kodes'"),
        ({"columns": {"air": "udara"}}, "udara: no such indicator"),
        ({"columns": {}}, "no columns are declared"),
        ({"year": None}, "declare year"),
        ({"importer": "excel"}, "no importer 'excel'"),
    ],
)
def test_what_is_not_declared_is_one_clear_message(
    tmp_path: Path,
    write_csv: WriteCsv,
    desa: pd.DataFrame,
    indicators: Indicators,
    given: dict[str, object],
    message: str,
) -> None:
    section = wide(write_csv("kode,air,stunting\n53.06.01.2001,1,2\n"), **given)
    with pytest.raises(InputError, match=message):
        join_table(section, tmp_path, desa, indicators)


DIRT = st.sampled_from(
    [
        "",
        "-",
        "x",
        "5306132001",
        "53.06.99.2001",
        "11.1",
        "53.06.02.201",
        "53.6.1.2001",
        "5306012001.0",
        "53.06.01.2001.",
        " 53.06.01.2002 ",
        "BELU",
        "1e3",
        "Rp 5",
        "12,5",
    ]
)


@settings(
    deadline=None,
    derandomize=True,
    max_examples=60,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    rows=st.lists(
        st.tuples(st.sampled_from(KODE) | DIRT, st.sampled_from(["7", "8"]) | DIRT),
        min_size=1,
        max_size=14,
    ),
    seed=st.integers(0, 2**16),
)
def test_shuffled_and_dirtied_rows_give_the_same_join_or_a_finding(
    tmp_path: Path,
    desa: pd.DataFrame,
    indicators: Indicators,
    rows: list[tuple[str, str]],
    seed: int,
) -> None:
    shuffled = random.Random(seed).sample(rows, len(rows))
    results = []
    for name, given_rows in (("a.csv", rows), ("b.csv", shuffled)):
        text = "kode,air\n" + "".join(f'"{kode}","{cell}"\n' for kode, cell in given_rows)
        (tmp_path / name).write_text(text, encoding="utf-8")
        section = wide(name, columns={"air": "air"}, decimal=",")
        results.append(join_table(section, tmp_path, desa, indicators))
    first, second = results
    assert values(first) == values(second)
    for load in (first.load, second.load):
        assert load.rows_read == load.matched + load.unmatched + load.duplicates
    assert (first.load.matched, first.load.duplicates) == (
        second.load.matched,
        second.load.duplicates,
    )
    unmatched = [found for found in first.findings if found.code in UNMATCHED]
    is_refused = any(found.severity == "error" for found in first.findings)
    assert is_refused or len(unmatched) == first.load.unmatched
    for (kode, _), number in values(first).items():
        told = {cell for code, cell in rows if code.strip().rstrip(".") in spellings(kode)}
        assert f"{number:g}" in {cell.replace(",", ".").removeprefix("Rp ") for cell in told}


UNMATCHED = {"table.code_refused", "table.no_code", "table.code_unknown", "table.outside_scope"}


def spellings(kode: str) -> set[str]:
    bare = kode.replace(".", "")
    lost_zero = {"53.06.01.2001": "53.6.1.2001", "53.06.02.2010": "53.06.02.201"}
    return {kode, bare, f"{bare}.0", lost_zero.get(kode, kode)}
