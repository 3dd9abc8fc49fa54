"""Columns of the desa layer: one year a map, nothing filled, nothing averaged."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from boundaries.history.versions import Change, History
from layers.columns.model import Computed
from layers.release.manifest_file import FieldEntry, Text
from layers.tables.indicators.indicators import IndicatorFields, build_indicator_fields
from layers.tables.indicators.join import join_table
from layers.tables.indicators.summary_fields import build_summary_fields, summarise_desa
from layers.tables.rows.row_records import Aids
from layers.workspace.sections import IndicatorSection, TableSection
from tests.layers.tables.conftest import KODE, WriteCsv

Indicators = dict[str, IndicatorSection]
Build = Callable[..., IndicatorFields]


@pytest.fixture
def build(tmp_path: Path, write_csv: WriteCsv, desa: pd.DataFrame, indicators: Indicators) -> Build:
    def build(*tables: tuple[str, int, dict[str, float]], year: int = 2025) -> IndicatorFields:
        results = []
        for number, (name, when, told) in enumerate(tables):
            text = "kode,nilai\n" + "".join(f"{kode},{value}\n" for kode, value in told.items())
            section = TableSection.model_validate(
                {
                    "id": f"t{number}",
                    "path": write_csv(text, f"t{number}.csv"),
                    "year": when,
                    "code_system": "kemendagri",
                    "code_column": "kode",
                    "columns": {"nilai": name},
                }
            )
            results.append(join_table(section, tmp_path, desa, indicators))
        return build_indicator_fields(results, desa, indicators, year)

    return build


def test_the_latest_year_not_after_the_workspace_is_shown(build: Build) -> None:
    built: IndicatorFields = build(
        ("air", 2023, {KODE[0]: 40, KODE[1]: 50}),
        ("air", 2024, {KODE[0]: 41}),
        ("air", 2026, {KODE[0]: 43}),
    )
    wide = built.computed.wide.set_index("kode")
    shown = wide[["air", "air_status", "air_tahun"]].to_numpy().tolist()
    assert shown[1] == [41, "ok", 2024]
    # The value of 2023 is not carried over into the map of 2024.
    assert wide.loc[KODE[1], "air_status"] == "no_data"
    assert next(entry.years for entry in built.computed.fields) == (2023, 2024, 2026)
    values = built.computed.values
    assert values is not None
    assert len(values) == 3 * len(KODE)


def test_only_years_after_the_workspace_show_nothing(build: Build) -> None:
    built: IndicatorFields = build(("air", 2026, {KODE[0]: 43}))
    assert set(built.computed.wide["air_status"]) == {"no_data"}
    (finding,) = built.findings
    assert (finding.code, finding.severity) == ("table.year_after_workspace", "warning")
    assert (finding.row is not None, finding.value, finding.measure) == (True, "2026", 1)
    assert "year = 2026" in finding.message


def test_some_years_after_the_workspace_are_told_though_an_earlier_one_is_shown(
    build: Build,
) -> None:
    built: IndicatorFields = build(
        ("air", 2024, {KODE[0]: 41}), ("air", 2026, {KODE[0]: 43, KODE[1]: 44})
    )
    (finding,) = [f for f in built.findings if f.code == "table.year_after_workspace"]
    assert (finding.severity, finding.measure) == ("note", 2)
    assert "the map shows 2024" in finding.message


def test_a_kelurahan_is_not_applicable_where_only_desa_are_assessed(build: Build) -> None:
    built: IndicatorFields = build(
        ("idm_skor", 2024, {KODE[0]: 0.7}),
        ("air", 2024, {KODE[0]: 40}),
    )
    wide = built.computed.wide.set_index("kode")
    assert wide.loc[KODE[2], "idm_skor_status"] == "not_applicable"
    assert wide.loc[KODE[2], "air_status"] == "no_data"


def test_tables_that_disagree_give_no_value_and_agreeing_ones_one(build: Build) -> None:
    built: IndicatorFields = build(
        ("air", 2024, {KODE[0]: 40, KODE[1]: 50}),
        ("air", 2024, {KODE[0]: 41, KODE[1]: 50}),
    )
    wide = built.computed.wide.set_index("kode")
    assert wide.loc[KODE[0], "air_status"] == "no_data"
    assert wide.loc[KODE[1], "air"] == 50
    assert Counter(finding.code for finding in built.findings) == {
        "table.conflict_between_tables": 1
    }


def test_every_settled_value_says_its_file_and_row(build: Build) -> None:
    built: IndicatorFields = build(("air", 2024, {KODE[0]: 40}))
    settled = built.settled.set_index("kode")
    assert settled["file"].tolist()[1] == "t0.csv"
    assert settled["row"].tolist()[1] == 2
    assert settled[["file", "row"]].drop(KODE[0]).isna().to_numpy().all()


def test_a_table_copied_under_another_year_is_told(
    tmp_path: Path, write_csv: WriteCsv, indicators: Indicators
) -> None:
    kode = [f"53.06.01.20{i:02d}" for i in range(1, 13)]
    desa = pd.DataFrame({"kode": kode, "nama": kode, "jenis": "desa"})
    text = "kode,nilai\n" + "".join(f"{one},{i}\n" for i, one in enumerate(kode))
    results = [
        join_table(
            TableSection.model_validate(
                {
                    "id": f"t{year}",
                    "path": write_csv(text, f"{year}.csv"),
                    "year": year,
                    "code_system": "kemendagri",
                    "code_column": "kode",
                    "columns": {"nilai": "air"},
                }
            ),
            tmp_path,
            desa,
            indicators,
        )
        for year in (2023, 2024)
    ]
    findings = build_indicator_fields(results, desa, indicators, 2025).findings
    assert [finding.code for finding in findings] == ["table.identical"]


def test_one_year_of_an_indicator_in_two_tables_is_told_and_used_once(build: Build) -> None:
    told = dict(zip(KODE[:4], (1.0, 1.0, 2.0, 3.0), strict=True))
    built: IndicatorFields = build(("air", 2024, told), ("air", 2024, told))
    assert [finding.code for finding in built.findings] == ["table.identical"]
    assert built.settled["status"].tolist().count("ok") == 4


def test_no_tables_give_no_columns(desa: pd.DataFrame, indicators: Indicators) -> None:
    built = build_indicator_fields([], desa, indicators, 2025)
    assert built.computed.fields == ()
    assert built.computed.wide.columns.tolist() == ["kode"]


def test_sums_reconcile_and_percentages_are_never_averaged(desa: pd.DataFrame) -> None:
    jiwa = [100.0, 200.0, None, 10.0, 20.0, 30.0]
    values = pd.concat(
        pd.DataFrame(
            {
                "kode": KODE,
                "field": name,
                "tahun": 2024,
                "value": jiwa,
                "status": ["ok" if one is not None else "no_data" for one in jiwa],
            }
        )
        for name in ("jiwa", "air")
    )
    kecamatan = by_key(summarise_desa(values, desa, {"jiwa"}, "kecamatan"))
    kabupaten = by_key(summarise_desa(values, desa, {"jiwa"}, "kabupaten"))
    first = kecamatan["53.06.01", "jiwa"]
    assert (first["jumlah"], first["desa_dengan_data"], first["desa"]) == (300, 2, 3)
    whole = sum(one["jumlah"] for (_, field), one in kecamatan.items() if field == "jiwa")
    assert whole == kabupaten["53.06", "jiwa"]["jumlah"] == 360
    air = kecamatan["53.06.02", "air"]
    assert pd.isna(air["jumlah"])
    assert (air["minimum"], air["median"], air["maksimum"]) == (10, 20, 30)


def by_key(summary: pd.DataFrame) -> dict[tuple[str, str], dict[str, Any]]:
    return {(row["kode"], row["field"]): row for row in summary.to_dict("records")}  # type: ignore[misc]  # keys are names


def test_a_value_from_before_a_split_is_shown_as_such_and_never_copied(
    tmp_path: Path, write_csv: WriteCsv, desa: pd.DataFrame, indicators: Indicators
) -> None:
    history = History.of(
        [
            Change("53.06.01.2099", KODE[0], "split", 2024),
            Change("53.06.01.2099", KODE[1], "split", 2024),
            Change("53.06.02.2098", KODE[3], "recode", 2024),
        ]
    )
    text = f"kode,nilai\n53.06.01.2099,40\n53.06.02.2098,50\n{KODE[4]},60\n"
    section = TableSection.model_validate(
        {
            "id": "t",
            "path": write_csv(text),
            "year": 2023,
            "code_system": "kemendagri",
            "code_column": "kode",
            "columns": {"nilai": "air"},
        }
    )
    result = join_table(section, tmp_path, desa, indicators, Aids(history=history))
    assert (result.load.matched, result.load.unmatched) == (3, 0)
    assert Counter(found.code for found in result.findings) == {"table.code_former": 2}
    built = build_indicator_fields([result], desa, indicators, 2023, history)
    wide = built.computed.wide.set_index("kode")
    shown = dict(zip(wide.index, wide["air_status"], strict=True))
    assert shown == {
        KODE[0]: "before_split",
        KODE[1]: "before_split",
        KODE[2]: "no_data",
        KODE[3]: "ok",
        KODE[4]: "ok",
        KODE[5]: "no_data",
    }
    assert wide["air"].dropna().to_dict() == {KODE[3]: 50, KODE[4]: 60}
    assert [found.code for found in built.findings] == ["table.before_split"]


def test_a_sum_without_the_undivided_desa_has_no_value_instead_of_dipping(
    desa: pd.DataFrame,
) -> None:
    values = pd.DataFrame(
        {
            "kode": [*KODE, *KODE],
            "field": "jiwa",
            "tahun": [2019] * 6 + [2024] * 6,
            "value": [10.0, None, None, 1, 2, 3, 5, 5, 5, 1, 2, 3],
            "status": ["ok", "before_split", "before_split", *["ok"] * 9],
        }
    )
    entry = FieldEntry(
        name="jiwa",
        type="number",
        title=Text(id="j", en="j"),
        unit="jiwa",
        thematic=True,
        years=(2019, 2024),
    )
    shown = pd.DataFrame({"kode": KODE, "jiwa_tahun": 2019})
    computed = Computed((entry,), shown, values, frozenset({"jiwa"}))
    summary = build_summary_fields(computed, desa, "kecamatan")
    wide = summary.wide.set_index("kode")
    assert wide["jiwa_jumlah_status"].tolist() == ["before_split", "ok"]
    assert wide["jiwa_jumlah"].isna().tolist() == [True, False]
    assert wide["jiwa_desa_dengan_data"].tolist() == [1, 3]
    assert summary.values is not None
    later = summary.values[summary.values["tahun"] == 2024]
    assert later["value"].tolist() == [15, 6]


@pytest.mark.parametrize(
    ("unit", "declared", "is_summable"),
    [("jiwa", None, True), ("%", None, False), ("m", True, True), ("jiwa", False, False)],
)
def test_what_may_be_summed_is_declared_or_told_by_the_unit(
    unit: str, declared: bool | None, is_summable: bool
) -> None:
    own = IndicatorSection.model_validate(
        {"name": "x", "title": {"id": "x", "en": "x"}, "unit": unit, "summable": declared}
    )
    assert own.is_summable is is_summable
