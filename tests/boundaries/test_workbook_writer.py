"""Workbooks say what they were given, and never when they were written."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from layers.release.workbook_writer import LONGEST_TEXT, WorkbookSheet, workbook_bytes

MOMENT = datetime(2024, 5, 6, 7, 8, 10, tzinfo=UTC)
ROOT = Path(__file__).parents[2]


def written(*rows: list[object]) -> bytes:
    return workbook_bytes([WorkbookSheet("Data", rows)], MOMENT)


def test_every_time_in_a_workbook_is_the_given_one() -> None:
    with zipfile.ZipFile(io.BytesIO(written(["kode", 1]))) as archive:
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        core = archive.read("docProps/core.xml").decode()
    assert re.findall(r"\d{4}-\d\d-\d\dT[\d:]+Z", core) == ["2024-05-06T07:08:10Z"] * 2


def test_an_hour_later_the_bytes_are_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    before = written(["kode", 1])
    now = zipfile.time.time()  # type: ignore[attr-defined]  # what zipfile itself imports
    monkeypatch.setattr(zipfile.time, "time", lambda: now + 3600)  # type: ignore[attr-defined]  # as above
    assert written(["kode", 1]) == before


TEXT = st.text(min_size=1, max_size=20) | st.sampled_from(
    ["=1+1", "#N/A", "#REF!", "\x1f", "0012", "1e5", "http://a.id", "mailto:a@b.id", "{=1}", "TRUE"]
)


@given(st.lists(TEXT, min_size=1, max_size=5))
def test_any_text_is_kept_as_text(cells: list[str]) -> None:
    book = openpyxl.load_workbook(io.BytesIO(written(["ujung", *cells])))
    assert book.active is not None
    found = list(book.active[1])
    for cell, text in zip(found[1:], cells, strict=False):
        kept = re.sub("\r\n?", "\n", text)
        kept = re.sub("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]", "", kept)
        assert cell.data_type == ("s" if kept else "n"), "never a formula, never an error"
        assert (cell.value or "") == kept


def read(content: bytes) -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(content))


def test_numbers_are_numbers_and_what_is_none_is_no_cell() -> None:
    sheet = read(written([1, 2.5, True, None, float("nan"), float("inf"), "", -0.25])).active
    assert sheet is not None
    assert [cell.value for cell in sheet[1]] == [1, 2.5, True, None, None, None, None, -0.25]


def test_a_cell_of_another_kind_is_refused() -> None:
    with pytest.raises(TypeError, match="text or a number"):
        written([["a"]])


def test_a_text_too_long_for_a_cell_is_cut_and_not_lost() -> None:
    sheet = read(written(["x" * (LONGEST_TEXT + 5)])).active
    assert sheet is not None
    assert sheet["A1"].value == "x" * LONGEST_TEXT


def test_head_filter_widths_and_merged_ranges() -> None:
    rows: list[list[object]] = [["kode", "nama", None], ["1", "=A1", 3]]
    head = WorkbookSheet("Satu", rows, (10, 20), has_head=True, has_filter=True)
    book = read(workbook_bytes([head, WorkbookSheet("Dua", rows, merged=("B2:C2",))], MOMENT))
    first, second = book["Satu"], book["Dua"]
    assert (first.freeze_panes, first.auto_filter.ref) == ("A2", "A1:C2")
    assert [cell.font.bold for cell in first[1]][:2] == [True, True]
    assert not first["A2"].font.bold
    assert [str(area) for area in second.merged_cells.ranges] == ["B2:C2"]
    assert (second["B2"].value, second["B2"].data_type) == ("=A1", "s")


def test_no_other_module_writes_a_workbook() -> None:
    writers = {
        path.relative_to(ROOT).as_posix()
        for folder in ("boundaries", "layers", "geo_service", "web_map")
        for path in (ROOT / folder).rglob("*.py")
        if "node_modules" not in path.parts
        if re.search(r"book\.save\(|^from openpyxl|xlsxwriter", path.read_text("utf-8"), re.M)
    }
    assert writers == {"layers/release/workbook_writer.py"}
