"""Pictures and tables of a view say what the page says."""

from __future__ import annotations

import csv
import io
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from python_calamine import CalamineWorkbook
from rasterio.io import MemoryFile

from tests.web_map.conftest import Pages

VIEW = "/kecamatan/99.01.01"


def rows_of(pages: Pages, query: str) -> list[dict[str, str]]:
    text = pages.get(f"{VIEW}.csv?{query}").content.decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


@contextmanager
def opened(png: bytes) -> Iterator[Any]:
    """A picture, which has no georeference, as rasterio would have it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with MemoryFile(png) as file, file.open() as image:
            yield image


def colours_of(png: bytes) -> dict[str, int]:
    with opened(png) as image:
        pixels = image.read([1, 2, 3]).reshape(3, -1).T
    counts: dict[str, int] = {}
    for red, green, blue in pixels[::3].tolist():
        key = f"#{red:02x}{green:02x}{blue:02x}"
        counts[key] = counts.get(key, 0) + 1
    return counts


def test_a_table_holds_every_desa_with_values_or_a_reason(pages: Pages) -> None:
    rows = rows_of(pages, "layer=spending.realisasi_idr")
    assert len(rows) == 14
    for row in rows:
        is_known = row["realisasi_idr_status"] == "ok"
        assert (row["realisasi_idr"] != "") == is_known
        assert (row["peringkat"] != "") == is_known


def test_values_of_the_table_are_those_of_the_layer(pages: Pages) -> None:
    items = pages.get("/collections/desa/items?kode_kecamatan=99.01.01&limit=100").json()[
        "features"
    ]
    expected = {item["properties"]["kode"]: item["properties"]["stunting_pct"] for item in items}
    found = {row["kode"]: row["stunting_pct"] for row in rows_of(pages, "layer=desa.stunting_pct")}
    assert {kode: float(value) if value else None for kode, value in found.items()} == expected


def test_a_year_of_the_table_is_that_years_file(pages: Pages) -> None:
    latest = {row["kode"]: row for row in rows_of(pages, "layer=desa.stunting_pct")}
    earlier = {row["kode"]: row for row in rows_of(pages, "layer=desa.stunting_pct&tahun=2023")}
    assert {row["stunting_pct_tahun"] for row in earlier.values()} == {"2023"}
    assert latest["99.01.01.1001"]["stunting_pct"] == "14.1"
    assert earlier["99.01.01.1001"]["stunting_pct"] == "16.5"


def test_a_workbook_has_the_same_rows_and_says_where_they_come_from(pages: Pages) -> None:
    body = pages.get(f"{VIEW}.xlsx?layer=desa.stunting_pct").content
    book = CalamineWorkbook.from_filelike(io.BytesIO(body))
    sheet = book.get_sheet_by_name("Data").to_python()
    assert [str(row[1]) for row in sheet[1:]] == [
        row["kode"] for row in rows_of(pages, "layer=desa.stunting_pct")
    ]
    notes = {str(row[0]): str(row[1]) for row in book.get_sheet_by_name("Sumber").to_python()}
    assert notes["release"].startswith("sampel-")


@pytest.mark.parametrize("width", [300, 1200, 3508])
def test_a_picture_has_the_asked_width(pages: Pages, width: int) -> None:
    body = pages.get(f"{VIEW}.png?width={width}").content
    with opened(body) as image:
        assert image.width == width


def test_a_picture_shows_each_class_that_the_page_shows(pages: Pages) -> None:
    page = pages.get(f"{VIEW}?layer=desa.stunting_pct").text
    shown = colours_of(pages.get(f"{VIEW}.png?layer=desa.stunting_pct").content)
    for colour in ("#fdcc8a", "#fc8d59", "#e34a33"):
        assert f'fill="{colour}" data-kode' in page
        assert shown.get(colour, 0) > 300


def test_the_same_view_is_the_same_picture(pages: Pages) -> None:
    first, second = (pages.get(f"{VIEW}.png").content for _ in range(2))
    assert first == second
