"""Small counts of persons are in nothing that is published, and in no total that betrays them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pytest

from boundaries.findings.report import Finding, Severity
from layers.columns.catalogue import read_indicators
from layers.pipeline.build import build_release
from layers.release.manifest_file import CURRENT_LINK
from layers.sample import make_truth, write_sample
from layers.tables.indicators.hiding import HiddenPlaces, hide_cells, hide_findings
from layers.workspace.sections import IndicatorSection
from tests.layers.tables.attacker import Cell, reach_of_cells, totals_in

FIELD = "kematian_ibu_jumlah"
DESA = sorted(kode for kode in make_truth().units)
FIRST, SECOND, THIRD = (
    [kode for kode in DESA if kode.startswith(f"99.01.0{number}")] for number in (1, 2, 3)
)
# One small count alone in the first kecamatan; two that can only be 1 and 2 in the second; two in
# the third that may each be 1 to 4.  Zero and larger counts are no secret.
COUNTS = (
    dict.fromkeys(DESA, 0)
    | {FIRST[4]: 3, FIRST[5]: 7}
    | {SECOND[4]: 1, SECOND[5]: 2}
    | {THIRD[4]: 2, THIRD[5]: 3}
)
SMALL = {kode for kode, count in COUNTS.items() if 0 < count < 5}


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("small")
    workspace = folder / "sampel"
    write_sample(workspace)
    rows = "".join(f"{kode};{count}\n" for kode, count in COUNTS.items())
    (workspace / "tabel" / "aki.csv").write_text(f"KODE;AKI\n{rows}", encoding="utf-8")
    with (workspace / "wilayah.toml").open("a", encoding="utf-8") as file:
        file.write(
            '\n[[tables]]\nid = "aki"\npath = "tabel/aki.csv"\ncode_system = "kemendagri"\n'
            f'code_column = "KODE"\nyear = 2025\n[tables.columns]\nAKI = "{FIELD}"\n'
        )
    build_release(workspace, folder / "releases", publish=True)
    return folder / "releases" / CURRENT_LINK


def outputs(release: Path) -> Iterator[tuple[str, dict[str, tuple[object, object]]]]:
    """Name and (value, status) by kode, of everything that shows the desa."""
    lines = (release / "layers/desa/features.geojsonl").read_text(encoding="utf-8").splitlines()
    items = [json.loads(line)["properties"] for line in lines]
    yield "items", {one["kode"]: (one[FIELD], one[f"{FIELD}_status"]) for one in items}
    for name in ("layers/desa/data.parquet", "downloads/desa.gpkg", "downloads/desa.csv"):
        frame = read(release / name)
        yield (
            name,
            dict(
                zip(
                    frame["kode"],
                    zip(frame[FIELD], frame[f"{FIELD}_status"], strict=True),
                    strict=True,
                )
            ),
        )
    ids = json.loads((release / "layers/desa/values/ids.json").read_text(encoding="utf-8"))
    year = json.loads((release / f"layers/desa/values/{FIELD}-2025.json").read_text("utf-8"))
    statuses = [status for status, count in year["status"] for _ in range(count)]
    yield "values", dict(zip(ids["kode"], zip(year["values"], statuses, strict=True), strict=True))
    settled = pd.read_parquet(release / "tables/indicators.parquet")
    mine = settled[settled["indikator"] == FIELD]
    yield (
        "settled",
        dict(zip(mine["kode"], zip(mine["nilai"], mine["status"], strict=True), strict=True)),
    )


def read(path: Path) -> pd.DataFrame:
    if path.suffix == ".parquet":
        return pd.DataFrame(gpd.read_parquet(path))
    if path.suffix == ".csv":
        return pd.read_csv(path, dtype={"kode": str})
    return pd.DataFrame(gpd.read_file(path, layer=path.stem))


def test_no_output_shows_a_small_count_and_all_show_the_others(release: Path) -> None:
    seen = 0
    for name, shown in outputs(release):
        seen += 1
        for kode, count in COUNTS.items():
            value, status = shown[kode]
            if kode in SMALL:
                assert pd.isna(value), (name, kode)  # type: ignore[call-overload]  # a cell
                assert status == "suppressed", (name, kode)
            else:
                assert value == count, (name, kode)
                assert status == "ok"
    assert seen == 6


def test_the_table_as_it_was_read_and_the_findings_do_not_show_it_either(release: Path) -> None:
    cleaned = pd.read_parquet(release / "tables/aki.parquet")
    shown = dict(zip(cleaned["kode"], cleaned[FIELD], strict=True))
    assert {kode for kode in COUNTS if pd.isna(shown[kode])} == SMALL
    findings = json.loads((release / "findings.json").read_text(encoding="utf-8"))["findings"]
    about = [finding for finding in findings if FIELD in finding["message"]]
    # The measure of a hidden total is how many totals are hidden, never a count of persons.
    cells = [finding for finding in about if finding["code"] != "table.total_hidden"]
    assert all("value" not in finding and "measure" not in finding for finding in cells)
    assert any(finding["code"] == "table.outlier" for finding in cells) or cells == []


def test_a_total_is_told_only_where_it_betrays_nothing(release: Path) -> None:
    frame = read(release / "layers/kecamatan/data.parquet").set_index("kode")
    column = f"{FIELD}_jumlah"
    assert frame[f"{column}_status"].to_dict() == {
        "99.01.01": "suppressed",
        "99.01.02": "suppressed",
        "99.01.03": "ok",
    }
    assert frame[column].isna().tolist() == [True, True, False]
    assert frame.loc["99.01.03", column] == 5
    kabupaten = read(release / "layers/kabupaten/data.parquet").iloc[0]
    # Without the third kecamatan three counts add up to 6: each may be 1 to 4.
    assert kabupaten[column] == sum(COUNTS.values())


def levels_as(release: Path, form: str, level: str, column: str) -> dict[str, Cell]:
    """One field of a level by kode, as one form of the release has it."""
    folder = release / "layers" / level
    if form == "values":
        kode = json.loads((folder / "values/ids.json").read_text("utf-8"))["kode"]
        told = json.loads((folder / f"values/{column}-2025.json").read_text("utf-8"))
        statuses = [status for status, count in told["status"] for _ in range(count)]
        return dict(zip(kode, zip(told["values"], statuses, strict=True), strict=True))
    if form == "items":
        lines = (folder / "features.geojsonl").read_text("utf-8").splitlines()
        items = [json.loads(line)["properties"] for line in lines]
        return {one["kode"]: (one[column], one[f"{column}_status"]) for one in items}
    frame = read(release / "downloads" / f"{level}.{form}")
    return {
        str(kode): (value, str(status))
        for kode, value, status in zip(
            frame["kode"], frame[column], frame[f"{column}_status"], strict=True
        )
    }


@pytest.mark.parametrize("form", ["csv", "gpkg", "values", "items"])
def test_a_solver_that_reads_the_release_narrows_no_hidden_count(release: Path, form: str) -> None:
    desa = levels_as(release, form, "desa", FIELD)
    above = [
        levels_as(release, form, name, f"{FIELD}_jumlah") for name in ("kecamatan", "kabupaten")
    ]
    equations = totals_in(desa, above)
    assert sum(bool(hidden) for hidden, _ in equations) == 2
    reach = reach_of_cells(sorted(SMALL), 5, equations)
    assert set(reach.values()) == {(1, 4)}


def cleaned_table(**columns: list[object]) -> pd.DataFrame:
    frame = pd.DataFrame({"file": "a.csv", **columns})
    return frame.assign(row=range(2, len(frame) + 2), tahun=pd.array([2025] * len(frame), "Int64"))


def settled_table(values: dict[str, float | None]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "kode": list(values),
            "indikator": FIELD,
            "tahun": 2025,
            "nilai": [float("nan") if one is None else one for one in values.values()],
            "status": ["suppressed" if one is None else "ok" for one in values.values()],
        }
    )


@pytest.mark.parametrize(
    ("kode", "cells", "published", "shown"),
    [
        # A small count, a large one and none.
        (["d1", "d2", "d3"], [2, 9, 0], {"d1": None, "d2": 9.0, "d3": 0.0}, [None, 9, 0]),
        # Parts of one desa: the part of 10 would tell the other.
        (["d1", "d1", "d2"], [3, 10, 7], {"d1": 13.0, "d2": 7.0}, [None, None, 7]),
        # A desa that took in a former one: 12 less 10 is the former one's 2.
        (["d1", "former"], [10, 2], {"d1": 12.0}, [None, None]),
        # A row of the whole kecamatan among those of its desa.
        (["d1", "d2", "99.01.01"], [2, 9, 11], {"d1": None, "d2": 9.0}, [None, 9, None]),
        # Rows that are of no desa.
        ([None, "d2"], [30, 9], {"d2": 9.0}, [None, 9]),
    ],
)
def test_a_cell_is_in_the_cleaned_table_only_where_it_is_the_published_value(
    kode: list[object],
    cells: list[object],
    published: dict[str, float | None],
    shown: list[float | None],
) -> None:
    words: list[object] = [f"{cell} kasus" for cell in cells]
    cleaned = cleaned_table(kode=kode, **{FIELD: cells, "keterangan": words, "pct": cells})
    table = hide_cells(cleaned, settled_table(published), read_indicators())
    assert [None if pd.isna(one) else one for one in table[FIELD]] == shown
    assert [one is None for one in table["keterangan"]] == [one is None for one in shown]
    assert table["pct"].tolist() == cells


def test_words_of_a_row_of_totals_are_told_only_where_no_column_is_hidden() -> None:
    total = Finding("table.not_a_record", Severity.NOTE, "No record.", "a.csv", 9, value="Total 5")
    hidden = hide_findings([total], read_indicators(), {FIELD, "stunting_pct"})
    assert [finding.value for finding in hidden] == [None]
    assert hide_findings([total], read_indicators(), {"stunting_pct"}) == [total]


@pytest.mark.parametrize(
    ("cell", "is_quoted"),
    [
        ("Catatan: 3 anak di Desa Konga", False),
        ("Jumlah 41", False),
        ("Keterangan: kasus 2", False),
        ("Waibao: 3kasus", False),
        ("tiga kasus di Konga", False),
        ("Konga: seorang ibu", False),
        ("Kasus III", False),
        ("53.06.01.2001Waibao", True),
        ("53.06.01.2001 - Waibao", True),
        ("53.06.01.200l", True),
        ("ID5306012001x", True),
        ("Sumber: Dinas Kesehatan", True),
    ],
)
def test_words_instead_of_a_code_are_quoted_where_they_hold_no_count(
    cell: str, is_quoted: bool
) -> None:
    message = f"{cell!r} is not a code."
    note = Finding("table.code_refused", Severity.WARNING, message, "a.csv", 9, value=cell)
    (finding,) = hide_findings([note], read_indicators(), {FIELD})
    assert (finding == note) == is_quoted
    assert finding.row == 9
    assert is_quoted or cell not in str(finding)
    columns: dict[str, list[object]] = {FIELD: [None]}
    cleaned = cleaned_table(kode=[None], **columns, reason=[f"table.code_refused: {message}"])
    (reason,) = hide_cells(cleaned, settled_table({}), read_indicators())["reason"]
    assert (message in reason) == is_quoted
    assert hide_findings([note], read_indicators(), {"stunting_pct"}) == [note]


@pytest.mark.parametrize(
    ("name", "is_quoted"),
    [
        ("Konga (3 kasus)", False),
        ("Konga, tiga ibu", False),
        ("Blok 15", True),
        ("Oepuah II", True),
    ],
)
def test_names_with_counts_beside_them_are_not_quoted(name: str, is_quoted: bool) -> None:
    message = f"No desa is called {name!r}."
    note = Finding("table.name_unmatched", Severity.WARNING, message, "a.csv", 9, value=name)
    (finding,) = hide_findings([note], read_indicators(), {FIELD})
    assert (finding == note) == is_quoted
    assert is_quoted or name not in str(finding)
    assert finding.row == 9
    columns: dict[str, list[object]] = {FIELD: [None]}
    cleaned = cleaned_table(kode=[None], **columns, reason=[f"table.name_unmatched: {message}"])
    (reason,) = hide_cells(cleaned, settled_table({}), read_indicators())["reason"]
    assert (message in reason) == is_quoted


def test_of_2_there_would_be_only_the_1_to_hide() -> None:
    own = {"name": "x", "title": {"id": "x", "en": "x"}, "unit": "jiwa"}
    assert IndicatorSection.model_validate(own | {"hide_below": 3}).hide_below == 3
    with pytest.raises(ValueError, match="greater than or equal to 3"):
        IndicatorSection.model_validate(own | {"hide_below": 2})


def test_findings_lose_their_numbers_but_not_their_row() -> None:
    message = f"Rows 4, 9 are one desa ({FIELD}: 2, 3)."
    found = Finding(
        "table.duplicate_different", Severity.WARNING, message, "aki.csv", 4, value="2, 3"
    )
    other = Finding("table.outlier", Severity.NOTE, "stunting_pct 2025: 90", "a.csv", 3, value="90")
    hidden, kept = hide_findings([found, other], read_indicators())
    assert (hidden.file, hidden.row, hidden.value) == ("aki.csv", 4, None)
    assert not any(digit in hidden.message for digit in "23")
    assert kept == other


def test_a_finding_of_a_column_keeps_its_rows_and_no_number() -> None:
    message = f"{FIELD}: the thousands dot was lost: 1.002, 3. All 2 are doubtful. Rows 2-4, 7."
    finding = Finding("table.thousands_lost", Severity.WARNING, message, "a.csv", 2, measure=4)
    finding = replace(finding, fields=(FIELD,), rows=((2, 4), (7, 7)))
    (hidden,) = hide_findings([finding], read_indicators())
    assert hidden.message.endswith("not published. Rows 2-4, 7.")
    assert "1.002" not in hidden.message
    assert (hidden.measure, hidden.fields, hidden.rows) == (None, (FIELD,), ((2, 4), (7, 7)))


@pytest.mark.parametrize(
    ("keys", "is_cleared"),
    [
        ({"file": "a.csv", "row": 3, "fields": ("lain_pct",)}, True),
        ({"file": "a.csv", "row": 1, "rows": ((1, 9),), "fields": ("lain_pct",)}, True),
        ({"kode": "99.01.01.2001", "fields": ("lain_pct",), "tahun": 2025}, True),
        ({"file": "b.csv", "row": 9, "fields": ("rasio_pct",)}, True),
        ({"kode": "99.01.01.2001", "fields": ("lain_pct",), "tahun": 2024}, False),
        ({"file": "a.csv", "row": 4, "fields": ("lain_pct",)}, False),
        ({"file": "b.csv", "row": 3, "fields": ("lain_pct",)}, False),
        ({"file": "a.csv", "row": 3}, False),
    ],
)
def test_no_finding_quotes_a_number_beside_a_hidden_one(
    keys: dict[str, Any], is_cleared: bool
) -> None:
    settled = pd.DataFrame(
        {
            "kode": ["99.01.01.2001"] * 2 + ["99.01.01.2002"],
            "indikator": [FIELD, "lain_pct", FIELD],
            "tahun": 2025,
            "status": ["suppressed", "no_data", "ok"],
            "file": "a.csv",
            "row": [3, 3, 4],
        }
    )
    finding = Finding(
        "table.outlier", Severity.NOTE, "lain_pct: 0.38 is odd.", value="0.38", **keys
    )
    (cleared,) = HiddenPlaces.of(settled, {"rasio_pct"}).clear([finding])
    assert (cleared != finding) == is_cleared
    assert ("0.38" in f"{cleared.message} {cleared.value}") != is_cleared
