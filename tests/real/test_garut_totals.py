"""Garut without a population raster: what nobody knows is no zero, on the map and beside it."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, sync_playwright

from layers.release.manifest_file import CURRENT_LINK
from tests.end_to_end.processes import read_url

pytestmark = pytest.mark.real

KABUPATEN = "32.05"
WITH_ITEMS = ("32.05.18", "32.05.21")
"""The two kecamatan of whose desa the items of the index are known; nobody's budget is."""
AGGREGATES = [
    (layer, kode, name)
    for layer, kode in (
        ("kecamatan", WITH_ITEMS[0]),
        ("kecamatan", WITH_ITEMS[1]),
        ("kabupaten", KABUPATEN),
    )
    for name in ("unfunded_count", "unfunded_people")
]
CHROMIUM = ["--no-sandbox", "--disable-background-networking", "--no-first-run"]


@pytest.fixture(scope="module")
def page(site: str) -> Iterator[Page]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=CHROMIUM)
        page = browser.new_page(viewport={"width": 1280, "height": 900}, java_script_enabled=False)
        yield page
        browser.close()


def properties(releases: Path, layer: str) -> dict[str, dict[str, object]]:
    text = (releases / CURRENT_LINK / "layers" / layer / "features.geojsonl").read_text()
    rows = [json.loads(line)["properties"] for line in text.splitlines()]
    return {str(row["kode"]): row for row in rows}


@pytest.mark.parametrize(("layer", "kode", "name"), AGGREGATES)
def test_the_six_aggregates_have_no_data(garut: Path, layer: str, kode: str, name: str) -> None:
    row = properties(garut, layer)[kode]
    assert (row[name], row[f"{name}_status"]) == (None, "no_data")
    known, total = row[f"{name}_desa_dengan_data"], row[f"{name}_desa_berlaku"]
    assert 0 < int(str(known)) < int(str(total))


def test_a_count_of_a_part_says_of_how_many_desa(garut: Path, site: str) -> None:
    row = properties(garut, "kabupaten")[KABUPATEN]
    assert (row["need_count"], row["need_count_desa_dengan_data"]) == (14, 12)
    assert row["need_count_desa_berlaku"] == 442
    body = read_url(f"{site}/provinsi/32.csv?layer=kabupaten.need_count").decode("utf-8-sig")
    told = next(csv.DictReader(io.StringIO(body, newline="")))
    assert (told["need_count_desa_dengan_data"], told["need_count_desa_berlaku"]) == ("12", "442")


def test_the_origin_of_what_is_not_known_says_of_how_many_desa_a_part_is(site: str) -> None:
    page = read_url(f"{site}/kecamatan/{WITH_ITEMS[0]}/asal?layer=kecamatan.unfunded_people")
    text = " ".join(page.decode().split())
    assert "Tidak ada angka gabungan: hanya 1 dari 5 desa di wilayah ini memiliki nilai" in text
    assert "tidak satu pun" not in text


@pytest.mark.browser
@pytest.mark.parametrize("name", ["unfunded_count", "unfunded_people"])
def test_nobody_is_painted_best_for_what_nobody_knows(
    page: Page, site: str, name: str, tmp_path: Path
) -> None:
    page.goto(f"{site}/kabupaten/{KABUPATEN}?layer=kecamatan.{name}")
    for kode in WITH_ITEMS:
        shape = page.locator(f"#svgmap path[data-kode='{kode}']")
        assert shape.get_attribute("fill") == "url(#p-no_data)"
        cell = page.locator(f"#tbl tr[data-kode='{kode}'] td").nth(1)
        assert cell.inner_text().strip() == "tidak ada data"
    assert page.locator("#tbl tbody tr").count() == 42
    assert page.locator("#svgmap path[data-kode][fill^='#']").count() == 0
    page.screenshot(path=tmp_path / f"{name}.png", full_page=True)


@pytest.mark.browser
def test_a_count_of_a_part_is_marked_on_the_map_and_told_in_the_table(
    page: Page, site: str
) -> None:
    page.goto(f"{site}/provinsi/32?layer=kabupaten.need_count")
    row = page.locator(f"#tbl tr[data-kode='{KABUPATEN}']").inner_text()
    assert "14" in row
    assert "menurut 12 dari 442 desa" in row
    assert page.locator("#legend li[data-mark='part'] .count").inner_text() == "1"
    assert page.locator("#svgmap path.parts").count() == 1


@pytest.mark.browser
def test_the_headlines_of_a_follow_up_list_say_no_zero(page: Page, site: str) -> None:
    page.goto(f"{site}/kecamatan/{WITH_ITEMS[0]}/tindak-lanjut")
    text = page.locator("main").inner_text()
    assert "0 jiwa" not in text
    assert "8 kebutuhan" in text
    # No name of a desa lies over the words beside it, on whatever screen.
    for width in (360, 700, 1280):
        page.set_viewport_size({"width": width, "height": 800})
        names = page.locator(".tasks tbody th bdi")
        for row in range(names.count()):
            box = names.nth(row).bounding_box()
            cell = page.locator(".tasks tbody th").nth(row).bounding_box()
            assert box
            assert cell
            assert box["x"] + box["width"] <= cell["x"] + cell["width"] + 0.5, (width, row)
    page.set_viewport_size({"width": 1280, "height": 900})
