"""A comparison as a table says what its page says."""

from __future__ import annotations

import csv
import io
import re

import openpyxl
import pytest

from tests.web_map.conftest import Pages

HERE = "/kecamatan/99.01.01/banding"
QUERY = "layer=desa.stunting_pct&layer2=spending.kesehatan_idr"
YEARS = "layer=desa.stunting_pct&tahun=2025&layer2=desa.stunting_pct&tahun2=2023"


def rows_of(pages: Pages, query: str, path: str = HERE) -> list[dict[str, str]]:
    content = pages.get(f"{path}.csv?{query}").content
    assert content.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def single(pages: Pages, layer: str, more: str = "") -> dict[str, dict[str, str]]:
    text = pages.get(f"/kecamatan/99.01.01.csv?layer={layer}{more}").content.decode("utf-8-sig")
    return {row["kode"]: row for row in csv.DictReader(io.StringIO(text, newline=""))}


def test_both_values_are_those_of_the_single_tables(pages: Pages) -> None:
    rows = rows_of(pages, QUERY)
    need = single(pages, "desa.stunting_pct")
    money = single(pages, "spending.kesehatan_idr")
    assert {row["kode"] for row in rows} == set(need)
    for row in rows:
        one, other = need[row["kode"]], money[row["kode"]]
        for field, of in (("stunting_pct", one), ("kesehatan_idr", other)):
            for name in (field, f"{field}_status", f"{field}_tahun"):
                assert row[name] == of[name], (row["kode"], name)
        assert row["peringkat_1"] == one["peringkat"]
        assert row["peringkat_2"] == other["peringkat"]
        assert row["kelas_1"] == one["kelas"]
        assert row["kelas_2"] == other["kelas"]


def test_the_class_of_both_is_that_of_the_page(pages: Pages) -> None:
    page = pages.get(f"{HERE}?{QUERY}").text
    body = page.split('id="tbl"')[1].split("<tbody>")[1].split("</tbody>")[0]
    shown = {
        kode: re.findall(r"<td>([^<]*)</td>", row)[-1].replace("–", "")
        for kode, row in re.findall(r'<tr data-kode="([\d.]+)"(.*?)</tr>', body, re.DOTALL)
    }
    rows = rows_of(pages, QUERY)
    assert [row["kode"] for row in rows] == list(shown), "in the order of the page"
    assert {row["kode"]: row["kelas_gabungan"] for row in rows} == shown
    assert "" in shown.values(), "a kelurahan has no budget of a desa"
    for row in rows:
        thirds = row["sepertiga_1"], row["sepertiga_2"]
        code = f"{'ABC'[int(thirds[0]) - 1]}{thirds[1]}" if all(thirds) else ""
        assert row["kelas_gabungan"] == code
        assert (row["sepertiga_2"] == "") == (row["kesehatan_idr_status"] != "ok")


def test_two_years_of_one_field_have_columns_of_their_own_and_a_change(pages: Pages) -> None:
    rows = rows_of(pages, YEARS)
    assert {row["stunting_pct_tahun"] for row in rows if row["stunting_pct"]} == {"2025"}
    assert {row["stunting_pct_tahun_2"] for row in rows if row["stunting_pct_2"]} == {"2023"}
    for row in rows:
        if row["stunting_pct"] and row["stunting_pct_2"]:
            change = float(row["stunting_pct_2"]) - float(row["stunting_pct"])
            assert float(row["selisih"]) == pytest.approx(change)
        else:
            assert row["selisih"] == ""
    assert "selisih" not in rows_of(pages, QUERY)[0]


def test_the_workbook_has_the_same_rows_and_what_must_be_known(pages: Pages) -> None:
    body = pages.get(f"{HERE}.xlsx?{QUERY}").content
    assert body == pages.get(f"{HERE}.xlsx?{QUERY}").content
    book = openpyxl.load_workbook(io.BytesIO(body))
    head, *rows = book["Data"].iter_rows(values_only=True)
    expected = rows_of(pages, QUERY)
    assert list(head) == list(expected[0])
    for found, row in zip(rows, expected, strict=True):
        for value, text in zip(found, row.values(), strict=True):
            told = "" if value is None else str(value)
            assert told == text or float(told) == float(text)
    notes = [[cell for cell in row if cell] for row in book["Sumber"].iter_rows(values_only=True)]
    said = " ".join(str(cell) for row in notes for cell in row)
    assert "IDR" in said
    assert "%" in said
    assert f"{HERE}?layer=desa.stunting_pct" in said
    assert "sampel-" in said


def test_the_page_leads_to_both_files_and_they_to_the_page(pages: Pages) -> None:
    text = pages.get(f"{HERE}?{QUERY}&compare=release&lang=en").text
    for ending in ("csv", "xlsx"):
        link = re.search(rf'href="({HERE}\.{ending}\?[^"]*)"', text)
        assert link is not None
        assert "compare=release" in link[1]
        assert pages.get(link[1].replace("&amp;", "&")).status_code == 200


@pytest.mark.parametrize("path", ["/kabupaten/99.01/banding", "/provinsi/99/banding"])
def test_larger_wilayah_have_the_files_too(pages: Pages, path: str) -> None:
    assert rows_of(pages, "", path)


def test_what_is_not_known_is_refused(pages: Pages) -> None:
    assert pages.get(f"{HERE}.csv?{QUERY}&k=3", accept="*/*").status_code == 400
    assert pages.get("/kecamatan/99.01.99/banding.csv", accept="*/*").status_code == 404
