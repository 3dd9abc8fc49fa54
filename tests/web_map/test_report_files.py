"""The report of the data at ``/reports/``: the same findings as JSON, XLSX, HTML and GeoPackage."""

from __future__ import annotations

import io
import json
import re
import sqlite3
from pathlib import Path

import openpyxl
import pytest

from tests.web_map.conftest import Pages


@pytest.fixture(scope="module")
def links(pages: Pages) -> dict[str, str]:
    """Addresses of the report's files, by ending."""
    found = re.findall(r'href="([^"]+/(?:report|findings)\.(\w+))"', pages.get("/reports/").text)
    return {ending: url for url, ending in found}


def test_the_page_leads_to_every_form_of_the_report(pages: Pages, links: dict[str, str]) -> None:
    assert set(links) == {"json", "xlsx", "html", "gpkg"}
    assert {pages.get(url).status_code for url in links.values()} == {200}


def test_all_forms_hold_the_same_findings_and_loads(
    pages: Pages, links: dict[str, str], tmp_path: Path
) -> None:
    report = json.loads(pages.get(links["json"]).content)
    book = openpyxl.load_workbook(io.BytesIO(pages.get(links["xlsx"]).content), read_only=True)
    loads = list(book["Ringkasan"].values)[1:]
    assert [list(row[:2]) for row in loads] == [
        [load["input"], load["file"]]
        for load in sorted(report["loads"], key=lambda load: (load["input"], load["file"]))
    ]
    for row in loads:
        _, _, read, matched, unmatched, duplicates, _ = row
        assert read == matched + unmatched + duplicates
    assert len(list(book["Temuan"].values)) - 1 == len(report["findings"])
    page = pages.get(links["html"]).text
    assert all(load["file"] in page for load in report["loads"])
    (tmp_path / "findings.gpkg").write_bytes(pages.get(links["gpkg"]).content)
    with sqlite3.connect(tmp_path / "findings.gpkg") as base:
        tables = [name for (name,) in base.execute("SELECT table_name FROM gpkg_contents")]
        count = sum(base.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for name in tables)
    base.close()
    assert count == len(report["findings"])


def test_an_unmatched_row_is_named_with_its_number_value_reason_and_nearest(
    pages: Pages, links: dict[str, str]
) -> None:
    findings = json.loads(pages.get(links["json"]).content)["findings"]
    unknown = [one for one in findings if one["code"] == "table.code_unknown"]
    assert unknown
    for one in unknown:
        assert one["row"]
        assert one["value"]
        assert one["message"]
