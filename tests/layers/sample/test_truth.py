"""The answers agree with the files, read here in the plainest way there is."""

from __future__ import annotations

import csv
import io
import re
from collections import defaultdict

import openpyxl
import pytest
import rasterio
from rasterio.io import MemoryFile

from layers.sample import make_truth
from layers.sample.health_files import path_of as health_path
from layers.sample.sample_roads import FERRY, SMALL_ISLAND, make_roads, node_of
from layers.sample.sample_workspace import make_files
from layers.sample.spending_files import path_of as spending_path
from layers.sample.world.sample_people import PATH as PEOPLE
from layers.sample.world.sample_places import KINDS
from layers.sample.world.sample_records import (
    KABUPATEN,
    MOTHER_OF_NEW_UNIT,
    NEW_UNIT,
    SPLIT_YEAR,
    unit_by_kode,
)

TRUTH = make_truth()
CONTENT = {file.path: file.content for file in make_files()}


@pytest.mark.parametrize("path", sorted(TRUTH.loads))
def test_every_row_is_matched_unmatched_or_duplicate(path: str) -> None:
    load = TRUTH.loads[path]
    assert load.rows_read == load.matched + load.unmatched + load.duplicates


@pytest.mark.parametrize("year", [2024, 2025])
def test_spending_totals_are_those_of_the_file(year: int) -> None:
    totals: dict[str, int] = defaultdict(int)
    text = CONTENT[spending_path(year)].decode()
    for row in csv.DictReader(io.StringIO(text), delimiter=";"):
        kecamatan = f"{KABUPATEN[0]}.{row['Kd_Desa'][:2]}"
        amount = re.sub(r"[.,]00$", "", row["Pagu_PAK"])
        totals[kecamatan] += int(re.sub(r"\D", "", amount))
    expected = {
        kode: total.anggaran_perubahan_idr
        for (kode, of), total in TRUTH.spending_totals.items()
        if of == year
    }
    assert totals == expected


def test_raster_holds_the_people_of_the_units_and_those_afloat() -> None:
    with rasterio.Env(), MemoryFile(CONTENT[PEOPLE]) as memory, memory.open() as raster:
        cells = raster.read(1, masked=True)
    assert int(cells.sum()) == TRUTH.people_total
    assert TRUTH.people_total == sum(TRUTH.people.values()) + TRUTH.people_afloat


def test_clean_table_holds_the_true_values() -> None:
    book = openpyxl.load_workbook(io.BytesIO(CONTENT[health_path(2023)]), read_only=True)
    rows = list(book["Data"].iter_rows(min_row=6, values_only=True))[:-1]
    read = {str(row[1]): row[4] for row in rows}
    measured = TRUTH.before_split | TRUTH.values
    assert read == {kode: measured[kode, "air_minum_layak_pct", 2023] for kode in TRUTH.units}
    book.close()


def test_before_the_split_neither_part_has_a_value_of_its_own() -> None:
    assert {kode for kode, _, _ in TRUTH.before_split} == {MOTHER_OF_NEW_UNIT, NEW_UNIT.kode}
    assert {year for _, _, year in TRUTH.before_split} == {SPLIT_YEAR - 1}
    assert not TRUTH.before_split.keys() & TRUTH.values.keys()


@pytest.mark.parametrize("year", [2023, 2024, 2025])
def test_labelled_rows_of_a_table_name_the_unit_they_are_about(year: int) -> None:
    book = openpyxl.load_workbook(io.BytesIO(CONTENT[health_path(year)]))
    for dirt in TRUTH.dirt:
        if dirt.file == health_path(year) and dirt.row and dirt.kode:
            cell = str(book["Data"].cell(dirt.row, 2).value)
            assert re.sub(r"\D", "", cell.removesuffix(".0").strip()) == dirt.kode.replace(".", "")


def test_every_state_of_the_match_occurs() -> None:
    assert set(TRUTH.states.values()) == {
        "need_unfunded",
        "need_funded_by_desa",
        "need_in_programme",
        "need_proposed_only",
        "funded_without_need",
        "no_need",
        "unknown",
    }


def test_every_kind_of_facility_has_a_nearest_for_every_listed_kantor() -> None:
    assert set(TRUTH.nearest) == {(kode, kind) for kode in TRUTH.kantor for kind in KINDS}


def test_kelurahan_have_neither_idm_nor_spending() -> None:
    kelurahan = {kode for kode, unit in TRUTH.units.items() if not unit.is_desa}
    assert not kelurahan & {line.kode for line in TRUTH.spending}
    assert not kelurahan & {kode for kode, name, _ in TRUTH.values if name == "idm_skor"}


def test_idm_meets_the_exact_edges_of_the_published_bands() -> None:
    scores = {value for (_, name, _), value in TRUTH.values.items() if name == "idm_skor"}
    assert {0.4907, 0.5989, 0.7072, 0.8155} <= scores


def _reached(start: str, *, by_ferry: bool) -> set[str]:
    """Units whose node can be reached over roads, whatever their direction."""
    ways: dict[tuple[float, ...], set[tuple[float, ...]]] = defaultdict(set)
    for road in make_roads():
        if by_ferry or road.kelas != "Penyeberangan":
            one, two = tuple(road.line.coords[0]), tuple(road.line.coords[-1])
            ways[one].add(two)
            ways[two].add(one)
    seen, todo = set(), [tuple(node_of(unit_by_kode()[start]))]
    while todo:
        node = todo.pop()
        if node not in seen:
            seen.add(node)
            todo += ways[node]
    return {kode for kode, unit in unit_by_kode().items() if tuple(node_of(unit)) in seen}


def test_only_the_ferry_leads_to_the_large_island_and_nothing_to_the_small() -> None:
    everybody = set(unit_by_kode())
    with_ferry = _reached("99.01.01.1001", by_ferry=True)
    without = _reached("99.01.01.1001", by_ferry=False)
    assert everybody - with_ferry == set(SMALL_ISLAND)
    assert FERRY[1] in with_ferry - without
    assert len(with_ferry - without) == 4
