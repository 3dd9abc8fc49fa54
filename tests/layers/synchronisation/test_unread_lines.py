"""Lines and rows that cannot be read: no need is called unfunded by them, no amount is zero."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
from shapely import box

from layers.pipeline.prepare import Prepared, prepare_layers
from layers.release.follow_up_file import TaskRecord
from layers.synchronisation.follow_up_lists import make_lists
from layers.synchronisation.map_layers import assemble_match
from layers.synchronisation.match import Matched
from tests.layers.provenance.world import KODE, TOML, write_workspace
from tests.layers.synchronisation.needs_world import (
    DESA,
    SERVICES,
    YEAR,
    make_desa,
    make_lines,
    make_plans,
    match,
    service,
    states,
)

NEED: dict[tuple[str, str], float | None] = {
    (kode, "air_minum_layak_pct"): 30.0 for kode in DESA[1:]
}
MET: dict[tuple[str, str], float | None] = {
    (kode, "air_minum_layak_pct"): 90.0 for kode in DESA[1:]
}
OTHER = (DESA[1], "01.01.01", 1)


def row_of(matched: Matched, kode: str = DESA[1]) -> dict[str, object]:
    frame = matched.frame[(matched.frame["layanan"] == "air") & (matched.frame["kode"] == kode)]
    return {str(name): value for name, value in frame.iloc[0].items()}


def money_of(matched: Matched, amount: str = "belanja_idr") -> tuple[int | None, int, int]:
    row = row_of(matched)
    rupiah = row[amount]
    known, total = (int(str(row[f"{amount}_baris_{name}"])) for name in ("diketahui", "jumlah"))
    return None if pd.isna(row_value(rupiah)) else int(str(rupiah)), known, total


def row_value(value: object) -> float:
    return float("nan") if value is pd.NA else float(str(value))


@pytest.mark.parametrize(
    ("activity", "amount", "state"),
    [
        ("02", 5, "unknown"),
        ("02.04", None, "unknown"),
        (None, 5, "unknown"),
        (None, None, "unknown"),
        (None, 0, "need_unfunded"),
        ("03", 5, "need_unfunded"),
        ("02.04.11", None, "need_funded_by_desa"),
    ],
)
def test_a_line_that_may_pay_leaves_the_payer_unknown(
    activity: str | None, amount: int | None, state: str
) -> None:
    lines = make_lines(OTHER, (DESA[1], activity or "", amount), (DESA[2], "01.01.01", 1))
    lines.loc[1, "kegiatan"] = activity
    matched = match(NEED, lines)
    assert states(matched)[DESA[1]] == state
    assert states(matched)[DESA[2]] == "need_unfunded"


def test_a_lost_line_may_pay_and_is_no_evidence() -> None:
    lines = make_lines(OTHER, (DESA[1], "02.04.11", None), (DESA[2], "01.01.01", 1))
    matched = match(NEED, lines.assign(is_lost=[False, True, False]))
    assert states(matched)[DESA[1]] == "unknown"
    assert matched.evidence.empty
    elsewhere = lines.assign(kegiatan=["01.01.01", "03.01.01", "01.01.01"])
    matched = match(NEED, elsewhere.assign(is_lost=[False, True, False]))
    assert states(matched)[DESA[1]] == "need_unfunded"


@pytest.mark.parametrize(
    ("kode", "tahun", "layanan", "unknown"),
    [
        (DESA[1], YEAR, "air", {DESA[1]}),
        (DESA[1], 0, None, {DESA[1]}),
        (DESA[1], YEAR - 1, "air", set()),
        (DESA[1], YEAR, "sakit", set()),
        (DESA[1][:8], YEAR, "air", {DESA[1], DESA[2]}),
        (DESA[1][:5], YEAR, "air", set()),
    ],
)
def test_a_programme_that_is_not_used_may_pay(
    kode: str, tahun: int, layanan: str | None, unknown: set[str]
) -> None:
    lost = pd.DataFrame({"kode": [kode], "tahun": [tahun], "layanan": [layanan]}, dtype=object)
    budget = make_lines(*[(desa, "01.01.01", 1) for desa in DESA[1:]])
    matched = match(NEED, budget, lost_programmes=lost)
    undecided = {kode for kode, state in states(matched).items() if state == "unknown"}
    assert undecided - {DESA[0]} == unknown


@pytest.mark.parametrize(
    ("amounts", "expected"),
    [
        ([7, None], (7, 1, 2)),
        ([None, None], (None, 0, 2)),
        ([0, None], (None, 1, 2)),
        ([0, 0], (0, 2, 2)),
        ([], (None, 0, 0)),
    ],
)
def test_an_amount_says_on_how_many_lines_it_rests(
    amounts: list[int | None], expected: tuple[int | None, int, int]
) -> None:
    matched = match(NEED, make_lines(OTHER, *[(DESA[1], "02.04.11", each) for each in amounts]))
    assert money_of(matched) == expected
    plans = make_plans(*[("desa", DESA[1], "air") for _ in amounts])
    plans["anggaran_idr"] = pd.array(amounts, dtype="Int64")
    matched = match(NEED, make_lines(OTHER), plans)
    assert money_of(matched, "program_idr") == expected


def tasks_of(matched: Matched) -> list[TaskRecord]:
    lists = make_lists(matched, SERVICES, make_desa(), YEAR, set())
    return [task for area in lists for task in area.tasks if task.kode == DESA[1]]


def test_money_of_services_without_need_is_no_zero_where_nobody_can_read_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    need = SERVICES["sakit"].needs[0]
    monkeypatch.setitem(SERVICES, "sakit", service("sakit", need, activities=("02.02",)))
    values = {**MET, (DESA[1], "stunting_pct"): 30.0}
    unread = tasks_of(match(values, make_lines(OTHER, (DESA[1], "02.04.11", None))))
    assert [(task.dapat_digeser_idr, task.baris) for task in unread] == [
        (None, {"dapat_digeser_idr": (0, 1)})
    ]
    part = make_lines(OTHER, (DESA[1], "02.04.11", 9), (DESA[1], "02.04.11.02", None))
    (task,) = tasks_of(match(values, part))
    assert (task.dapat_digeser_idr, task.baris) == (9, {"dapat_digeser_idr": (1, 2)})
    (task,) = tasks_of(match(values, make_lines(OTHER)))
    assert (task.dapat_digeser_idr, task.baris) == (0, {})


def build(folder: Path, toml: str = TOML, **files: str) -> Prepared:
    return prepare_layers(write_workspace(folder / "w", toml, **files))


HEAD = "kode,kegiatan,sumber,anggaran,realisasi\n"


def test_a_torn_row_of_a_budget_or_programme_reaches_the_match(tmp_path: Path) -> None:
    budget = f"{HEAD}{KODE[0]},01.01.01,ADD,5,5\n{KODE[0]},02.04.11,DDS,1,000,000\n"
    plans = f"kode,program,layanan,pagu\n{KODE[2]},Sumur,bor,air_minum,250000000\n"
    prepared = build(tmp_path, apbdes=budget, rkpd=plans)
    frame = prepared.tables["synchronisation"]
    frame = frame[(frame["layanan"] == "air_minum") & (frame["tahun"] == 2025)].set_index("kode")
    assert frame.loc[KODE[0], "kebutuhan"] == "need"
    assert frame.loc[KODE[0], "keadaan"] == "unknown"
    assert len(prepared.tables["spending_lines"]) == 1


@pytest.mark.parametrize("amount", ["1e308", "9" * 400, "-1e308", "999999999999999", "inf", "nan"])
def test_no_amount_and_no_count_of_people_is_too_large(amount: str, tmp_path: Path) -> None:
    budget = f"{HEAD}{KODE[0]},02.04.11,DDS,{amount},{amount}\n{KODE[1]},01.01.01,ADD,7,{amount}\n"
    people = f"kode,gizi,jiwa\n{KODE[0]},12,{amount}\n{KODE[1]},2,800\n"
    plans = f"kode,program,layanan,pagu\n{KODE[2]},Sumur bor,air_minum,{amount}\n"
    prepared = build(tmp_path, apbdes=budget, gizi=people, rkpd=plans)
    spending = next(layer for layer in prepared.layers if layer.definition.id == "spending")
    row = spending.features.set_index("kode").loc[KODE[0]]
    is_amount = amount == "9" * 15
    assert row["anggaran_idr_status"] == ("ok" if is_amount else "no_data")
    codes = {(finding.code, finding.file) for finding in prepared.report.findings}
    expected = {
        ("spending.amount_missing", "apbdes.csv"),
        ("spending.amount_unreadable", "apbdes.csv"),
    }
    assert is_amount or codes & expected
    refused = {("table.out_of_range", "gizi.csv"), ("table.number_unreadable", "gizi.csv")}
    assert amount == "nan" or codes & refused


def test_the_layer_of_the_match_names_the_lines_of_its_amounts() -> None:
    desa = make_desa().assign(nama_kecamatan="K", kode_kabupaten="99.01", nama_kabupaten="U")
    places = gpd.GeoDataFrame(desa, geometry=[box(0, 0, 1, 1)] * len(desa), crs="EPSG:4326")
    matched = match(NEED, make_lines(OTHER, (DESA[1], "02.04.11", None)))
    layer = assemble_match(matched, SERVICES, places, YEAR)
    entries = {entry.name: entry for entry in layer.fields}
    names = [(part.known, part.total, part.unit) for part in entries["desa_idr"].coverage]
    assert names == [("desa_idr_baris_diketahui", "desa_idr_baris_jumlah", "baris")]
    is_air = layer.features["service"] == "air"
    row = layer.features[is_air].set_index("kode").loc[DESA[1]]
    assert row[[names[0][0], names[0][1]]].tolist() == [0, 1]
