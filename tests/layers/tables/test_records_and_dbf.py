"""Answers of interfaces in JSON and DBF tables: what they hold and say is told, or refused."""

from __future__ import annotations

import datetime as dt
import decimal
import json
import struct
from pathlib import Path

import pandas as pd
import pytest

from layers.errors import InputError
from layers.tables.files.sheets import Sheet, read_sheet
from layers.tables.numbers.numbers import read_numbers


def read(folder: Path, document: object, *expected: str) -> Sheet:
    """The sheet of a JSON document."""
    (folder / "a.json").write_text(json.dumps(document))
    return read_sheet(folder / "a.json", expected=expected)


def test_keys_that_differ_in_case_are_one_column(tmp_path: Path) -> None:
    records = [{"kode": "1", "Nilai": 3}, {"KODE": "2", "nilai": 4}, {"Kode": "3", "NILAI": None}]
    sheet = read(tmp_path, records, "kode", "nilai")
    assert sheet.column("kode") == ["1", "2", "3"]
    assert sheet.column("nilai") == [3, 4, None]
    assert any("'Nilai' and 'nilai' and 'NILAI'" in f.message for f in sheet.findings)


def test_a_record_with_two_spellings_of_a_key_must_say_one_value(tmp_path: Path) -> None:
    same = [{"kode": "1", "Nilai": 3, "nilai": 3}, {"kode": "2", "Nilai": None, "nilai": 5}]
    assert read(tmp_path, same).column("Nilai") == [3, 5]
    with pytest.raises(InputError, match="row 3 has 'Nilai' and 'nilai' with different values"):
        read(tmp_path, [same[0], {"kode": "2", "Nilai": 4, "nilai": 5}])


@pytest.mark.parametrize("inside", [[3], {"v": 3}, [], ["a", "b"]])
def test_an_array_or_object_where_others_have_a_number_is_no_empty_cell(
    tmp_path: Path, inside: object
) -> None:
    cells = read(tmp_path, [{"kode": "1", "nilai": inside}, {"kode": "2", "nilai": 4}])
    column = read_numbers(cells.column("nilai"))
    assert [problem.reason for problem in column.problems] == ["text"]
    assert column.values.tolist()[1] == 4


def test_arrays_in_a_declared_column_are_refused_cell_by_cell(tmp_path: Path) -> None:
    records = [{"kode": "1", "nilai": [3]}, {"kode": "2", "nilai": [4]}]
    assert len(read_numbers(read(tmp_path, records, "kode", "nilai").column("nilai")).problems) == 2
    assert read(tmp_path, records).header == ("kode",)


ROWS = [{"kode": str(number), "n": number} for number in range(100)]
FEATURES = [{"type": "Feature", "geometry": None, "properties": row} for row in ROWS]


@pytest.mark.parametrize(
    ("document", "word"),
    [
        ({"total": 500, "data": ROWS}, "500 records (total)"),
        ({"total": "500", "data": ROWS}, "500 records"),
        ({"meta": {"pagination": {"total_count": 101}}, "data": ROWS}, "101 records"),
        ({"result": {"total": 500, "records": ROWS, "_links": {"next": "/x"}}}, "500 records"),
        ({"recordsTotal": 7000, "recordsFiltered": 7000, "data": ROWS}, "7000 records"),
        ({"data": {"current_page": 1, "data": ROWS, "next_page_url": "?page=2"}}, "more (next_pag"),
        ({"data": ROWS, "links": {"next": "https://x/2", "prev": None}}, "more (links.next)"),
        ({"data": ROWS, "_links": {"next": {"href": "/2"}}}, "more (_links.next)"),
        ({"data": ROWS, "hasMore": True}, "more (hasMore)"),
        ({"data": ROWS, "page": 1, "total_pages": 5}, "page 1 of 5"),
        ({"exceededTransferLimit": True, "rows": ROWS}, "more (exceededTransferLimit)"),
        ({"count": 100, "next": "https://x/2", "results": ROWS}, "more (next)"),
        ({"count": 100, "exceededTransferLimit": True, "rows": ROWS}, "more (exceededTransferLim"),
        ({"meta": {"count": 100, "pages": 7}, "data": ROWS}, "page ? of 7"),
        ({"count": 100, "total": 700, "data": ROWS}, "700 records (total)"),
        ({"total": 7, "next": "?page=2", "data": ROWS}, "more (next)"),
        (
            {
                "type": "FeatureCollection",
                "features": FEATURES,
                "numberMatched": 442,
                "links": [{"rel": "next", "href": "/2"}],
            },
            "442 records",
        ),
        (
            {
                "type": "FeatureCollection",
                "features": FEATURES,
                "links": [{"rel": "self", "href": "/"}, {"rel": "next", "href": "/2"}],
            },
            "more (links.next)",
        ),
    ],
)
def test_one_page_of_several_is_not_all(tmp_path: Path, document: object, word: str) -> None:
    findings = [f for f in read(tmp_path, document).findings if f.code == "table.records_missing"]
    assert [word in finding.message for finding in findings] == [True]


@pytest.mark.parametrize(
    "document",
    [
        {"total": 100, "data": ROWS},
        {"count": 100, "next": None, "pages": 1, "results": ROWS},
        {"count": 100, "total": 100, "pages": 7, "data": ROWS},
        {"count": 100, "data": ROWS},
        {"result": {"total": 100, "records": ROWS, "_links": {"next": "/x"}}},
        {"data": ROWS, "links": {"next": None}},
        {"data": ROWS, "next": "", "hasMore": False},
        {"data": ROWS, "page": 1, "total_pages": 1},
        {"total": True, "data": ROWS},
        {"links": [{"rel": "self", "href": "/"}], "data": ROWS},
        ROWS,
    ],
)
def test_an_answer_that_is_whole_is_not_doubted(tmp_path: Path, document: object) -> None:
    assert "table.records_missing" not in {f.code for f in read(tmp_path, document).findings}


def test_the_answer_of_bps_is_read_and_its_first_page_is_not_all(tmp_path: Path) -> None:
    sheet = read(tmp_path, {"data": [{"page": 1, "pages": 4, "total": 400}, ROWS]}, "kode", "n")
    assert sheet.column("n") == [*range(100)]
    assert [f.code for f in sheet.findings][:1] == ["table.records_missing"]


@pytest.mark.parametrize("names", [["kode", "n"], [{"name": "kode"}, {"name": "n"}]])
def test_names_beside_the_rows_are_the_header(tmp_path: Path, names: list[object]) -> None:
    rows = [["1", 5], ["2", 6]]
    assert read(tmp_path, {"columns": names, "data": rows}).column("n") == [5, 6]
    assert read(tmp_path, {"result": {"fields": names, "rows": rows}}).column("n") == [5, 6]


def test_a_null_among_records_keeps_the_numbers_of_rows(tmp_path: Path) -> None:
    sheet = read(tmp_path, [{"kode": "1", "n": 5}, None, {"kode": "2", "n": 6}])
    assert (sheet.column("n"), sheet.rows) == ([5, 6], [2, 4])


def test_a_page_of_geojson_is_not_all(tmp_path: Path) -> None:
    document = {"type": "FeatureCollection", "numberMatched": 442, "features": FEATURES}
    (tmp_path / "a.geojson").write_text(json.dumps(document))
    sheet = read_sheet(tmp_path / "a.geojson")
    assert len(sheet) == 100
    assert [f.code for f in sheet.findings] == ["table.records_missing"]


@pytest.mark.parametrize(("matched", "is_whole"), [(100, True), (7, False)])
def test_a_geojson_that_links_to_a_next_page_is_whole_by_its_own_total_only(
    tmp_path: Path, matched: int, *, is_whole: bool
) -> None:
    links = [{"rel": "next", "href": "/2"}]
    document = {"numberMatched": matched, "links": links, "features": FEATURES}
    (tmp_path / "a.geojson").write_text(json.dumps({"type": "FeatureCollection"} | document))
    codes = [f.code for f in read_sheet(tmp_path / "a.geojson").findings]
    assert codes == ["table.records_missing"] * (not is_whole)


def test_decimals_and_lists_of_parquet(tmp_path: Path) -> None:
    table = pd.DataFrame(
        {"kode": ["1", "2"], "n": [decimal.Decimal("900.50"), None], "foto": [["a"], ["b"]]}
    )
    table.to_parquet(tmp_path / "a.parquet")
    sheet = read_sheet(tmp_path / "a.parquet")
    assert sheet.column("n") == [900.5, None]
    assert any("arrays, left out: 'foto'" in f.message for f in sheet.findings)


Field = tuple[str, str, int, int]


def write_dbf(path: Path, fields: list[Field], records: list[tuple[str, ...]]) -> None:
    """A dBASE III table; the first sign of a record says whether it is deleted."""
    width = 1 + sum(length for _, _, length, _ in fields)
    head = struct.pack(
        "<BBBBLHH", 3, 124, 1, 1, len(records), 32 + 32 * len(fields) + 1, width
    ) + bytes(20)
    for name, kind, length, decimals in fields:
        head += name.encode().ljust(11, b"\0") + kind.encode() + bytes(4)
        head += bytes([length, decimals]) + bytes(14)
    body = b"".join(
        cells[0].encode()
        + b"".join(
            cell.encode("cp1252").ljust(length)[:length]
            for cell, (_, _, length, _) in zip(cells[1:], fields, strict=True)
        )
        for cells in records
    )
    path.write_bytes(head + b"\r" + body + b"\x1a")


FIELDS: list[Field] = [
    ("KODE", "C", 13, 0),
    ("JIWA", "N", 8, 0),
    ("LUAS", "F", 8, 2),
    ("TGL", "D", 8, 0),
    ("ADA", "L", 1, 0),
]


def test_a_dbf_field_that_holds_something_else_is_its_text(tmp_path: Path) -> None:
    write_dbf(
        tmp_path / "a.dbf",
        FIELDS,
        [
            (" ", "53.06.01.2001", "********", "   12,50", "00000000", "?"),
            (" ", "53.06.01.2002", "     123", "   12.50", "20240131", "T"),
            ("*", "53.06.01.2009", "     999", "   99.00", "20240131", "T"),
            (" ", "53.06.01.1003", "", "********", "20241350", "n"),
            (" ", "", " 1.234", "-", "", ""),
        ],
    )
    sheet = read_sheet(tmp_path / "a.dbf")
    assert sheet.column("KODE") == ["53.06.01.2001", "53.06.01.2002", "53.06.01.1003", None]
    assert sheet.column("JIWA") == ["********", 123, None, 1.234]
    assert sheet.column("LUAS") == ["12,50", 12.5, "********", "-"]
    assert sheet.column("TGL") == ["00000000", dt.date(2024, 1, 31), "20241350", None]
    assert sheet.column("ADA") == ["?", True, False, None]
    assert any("1 records are marked as deleted" in f.message for f in sheet.findings)
    numbers = read_numbers(sheet.column("JIWA")[:3])
    assert [(problem.index, problem.value) for problem in numbers.problems] == [(0, "********")]


def test_a_dbf_that_is_cut_off_is_one_clear_message(tmp_path: Path) -> None:
    write_dbf(tmp_path / "a.dbf", FIELDS, [(" ", "53.06.01.2001", "1", "1", "", "T")] * 9)
    (tmp_path / "a.dbf").write_bytes((tmp_path / "a.dbf").read_bytes()[:-90])
    with pytest.raises(InputError, match=r"a\.dbf: cut off: 6 of 9 records"):
        read_sheet(tmp_path / "a.dbf")
