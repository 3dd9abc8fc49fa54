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

from layers.release.workbook_writer import append_row, workbook_bytes

MOMENT = datetime(2024, 5, 6, 7, 8, 10, tzinfo=UTC)
ROOT = Path(__file__).parents[2]


def written(*rows: list[object]) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in rows:
        append_row(sheet, row)
    return workbook_bytes(book, MOMENT)


def test_every_time_in_a_workbook_is_the_given_one() -> None:
    with zipfile.ZipFile(io.BytesIO(written(["kode", 1]))) as archive:
        assert {entry.date_time for entry in archive.infolist()} == {(2024, 5, 6, 7, 8, 10)}
        core = archive.read("docProps/core.xml").decode()
    assert re.findall(r"\d{4}-\d\d-\d\dT[\d:]+Z", core) == ["2024-05-06T07:08:10Z"] * 2


def test_an_hour_later_the_bytes_are_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    before = written(["kode", 1])
    now = zipfile.time.time()  # type: ignore[attr-defined]
    monkeypatch.setattr(zipfile.time, "time", lambda: now + 3600)  # type: ignore[attr-defined]
    assert written(["kode", 1]) == before


TEXT = st.text(min_size=1, max_size=20) | st.sampled_from(["=1+1", "#N/A", "#REF!", "\x1f"])


@given(st.lists(TEXT, min_size=1, max_size=5))
def test_any_text_is_kept_as_text(cells: list[str]) -> None:
    book = openpyxl.load_workbook(io.BytesIO(written(["ujung", *cells])))
    assert book.active is not None
    found = list(book.active[1])
    for cell, text in zip(found[1:], cells, strict=False):
        kept = re.sub("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]", "", text)
        assert cell.data_type == ("s" if kept else "n"), "never a formula, never an error"
        assert str(cell.value or "").replace("\r", "\n") == kept.replace("\r", "\n")


def test_no_other_module_saves_a_workbook() -> None:
    saves = {
        path.relative_to(ROOT).as_posix()
        for folder in ("boundaries", "layers", "geo_service")
        for path in (ROOT / folder).rglob("*.py")
        if "book.save(" in path.read_text(encoding="utf-8")
    }
    assert saves == {"layers/release/workbook_writer.py"}
