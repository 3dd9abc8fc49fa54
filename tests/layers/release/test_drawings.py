"""Outlines and isolines come back as they were written, whatever was written."""

from __future__ import annotations

from pathlib import Path
from typing import TypeVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from layers.release.document_files import Document, IndexedLines
from layers.release.drawing_file import (
    ISOLINES_NAME,
    OUTLINES_INDEX_NAME,
    OUTLINES_NAME,
    IsolineDrawing,
    Outline,
    OutlineChild,
    isolines_key,
    open_isolines,
    open_outlines,
    write_isolines_file,
    write_outlines_file,
)
from layers.release.errors import ReleaseUnusableError
from tests.layers.release.records import MAY_REUSE_FOLDERS, of_model

Record = TypeVar("Record", bound=Document)
CHILD = OutlineChild(kode="1.1.1", nama="Désa 'x'\n", fid=111, d="M0 0l1 0z", x=0, y=1)
OUTLINE = Outline(
    kode="1.1",
    level="kabupaten",
    bbox_lonlat=(1, 2, 3, 4),
    width=9,
    height=8,
    children=(CHILD,),
)


def read_all(lines: IndexedLines[Record]) -> list[Record | None]:
    return [lines.find(key) for key in lines.keys]


@given(st.lists(of_model(Outline), unique_by=lambda outline: outline.kode, max_size=4))
@MAY_REUSE_FOLDERS
def test_outlines_come_back(tmp_path: Path, outlines: list[Outline]) -> None:
    write_outlines_file(tmp_path, outlines)
    assert read_all(open_outlines(tmp_path)) == outlines


@given(
    st.lists(
        of_model(IsolineDrawing), unique_by=lambda one: isolines_key(one.kind, one.kode), max_size=4
    )
)
@MAY_REUSE_FOLDERS
def test_isolines_come_back(tmp_path: Path, drawings: list[IsolineDrawing]) -> None:
    write_isolines_file(tmp_path, drawings)
    assert read_all(open_isolines(tmp_path)) == drawings


def test_a_key_that_is_not_there_has_no_record(tmp_path: Path) -> None:
    write_outlines_file(tmp_path, [OUTLINE])
    outlines = open_outlines(tmp_path)
    assert outlines.find("9") is None
    assert outlines.has("1.1")
    assert not outlines.has("9")


def test_an_index_of_another_file_is_refused(tmp_path: Path) -> None:
    write_outlines_file(tmp_path, [OUTLINE, OUTLINE.model_copy(update={"kode": "2"})])
    lines = tmp_path / OUTLINES_NAME
    lines.write_bytes(lines.read_bytes()[:-1])
    with pytest.raises(ReleaseUnusableError, match=r"outlines\.index\.json does not belong"):
        open_outlines(tmp_path)


@pytest.mark.parametrize("content", ["", "[]", '{"1.1": [0]}', '{"1.1": ["0", "9"]}', "\0"])
def test_a_damaged_index_is_named_with_its_reason(tmp_path: Path, content: str) -> None:
    write_outlines_file(tmp_path, [OUTLINE])
    (tmp_path / OUTLINES_INDEX_NAME).write_text(content)
    with pytest.raises(ReleaseUnusableError, match=r"outlines\.index\.json .*\(.+\)"):
        open_outlines(tmp_path)


def test_a_damaged_line_is_named_with_its_reason(tmp_path: Path) -> None:
    write_outlines_file(tmp_path, [OUTLINE])
    lines = tmp_path / OUTLINES_NAME
    lines.write_bytes(lines.read_bytes().replace(b'"width": 9', b'"width": "'))
    with pytest.raises(ReleaseUnusableError, match=r"outlines\.jsonl .*\(.+\)"):
        open_outlines(tmp_path).find("1.1")


def test_a_key_of_a_newer_schema_is_not_looked_at(tmp_path: Path) -> None:
    class Newer(IsolineDrawing):
        colour: str

    drawing = IsolineDrawing(mode="walk", edges=(), unreached="", kode="1", kind="sd", people=None)
    write_isolines_file(tmp_path, [Newer(**dict(drawing), colour="red")])
    assert "red" in (tmp_path / ISOLINES_NAME).read_text()
    assert open_isolines(tmp_path).find("sd/1") == drawing
