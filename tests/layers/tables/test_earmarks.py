"""Shares of Dana Desa held against the rules of their year, and sums by field and source."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pandas as pd
import pytest

from layers.pipeline.prepare import Prepared, prepare_layers
from layers.sample import make_truth
from layers.tables.spending.earmarks import check_earmarks, read_earmarks

DESA = pd.DataFrame(
    {"kode": ["01", "02", "03", "04"], "jenis": ["desa", "desa", "desa", "kelurahan"]}
)


def make_lines(*lines: tuple[str, str, str, int]) -> pd.DataFrame:
    frame = pd.DataFrame(lines, columns=["kode", "kegiatan", "sumber", "anggaran"])
    return frame.assign(tahun=2025).astype({"anggaran": "Int64", "tahun": "Int64"})


@pytest.mark.parametrize(
    ("food", "rest", "state"),
    [(200, 800, "kept"), (199, 801, "broken"), (1, 4, "kept"), (1, 5, "broken"), (0, 9, "broken")],
)
def test_a_share_is_compared_exactly(food: int, rest: int, state: str) -> None:
    lines = make_lines(("01", "04.02.03", "DDS", food), ("01", "02.03.10", "dds ", rest))
    checked = check_earmarks(lines, DESA, [2025])
    row = checked[(checked["kode"] == "01") & (checked["aturan"] == "ketahanan_pangan")].iloc[0]
    assert row["keadaan"] == state
    assert row["dana_desa_idr"] == food + rest


def test_no_dana_desa_is_no_data_and_a_kelurahan_has_none() -> None:
    lines = make_lines(("01", "04.02.03", "DDS", 9), ("02", "04.02.03", "ADD", 9))
    checked = check_earmarks(lines, DESA, [2025]).set_index(["aturan", "kode"])["keadaan"]
    assert checked["ketahanan_pangan"].to_dict() == {
        "01": "kept",
        "02": "no_data",
        "03": "no_data",
        "04": "not_applicable",
    }
    assert checked["blt"]["01"] == "kept"


def test_a_line_without_an_amount_leaves_its_desa_unjudged() -> None:
    lines = make_lines(("01", "04.02.03", "DDS", 9), ("01", "02.03.10", "DDS", 1))
    lines.loc[1, "anggaran"] = pd.NA
    checked = check_earmarks(lines, DESA, [2025])
    assert set(checked.loc[checked["kode"] == "01", "keadaan"]) == {"no_data"}
    assert checked.loc[checked["kode"] == "01", "anggaran_idr"].isna().all()


@pytest.mark.parametrize(
    ("line", "unjudged"),
    [
        (("01", "02.03.10", "", 5), True),
        (("01", "04", "DDS", 5), True),
        (("01", "", "DDS", 5), True),
        (("01", "", "DDS", 0), False),
        (("01", "02.03", "", 0), False),
        (("01", "02.03", "ADD", 5), False),
    ],
)
def test_a_line_that_may_be_on_either_side_of_a_rule_leaves_its_desa_unjudged(
    line: tuple[str, str, str, int], unjudged: bool
) -> None:
    lines = make_lines(("01", "04.02.03", "DDS", 9), ("01", "02.03.10", "DDS", 1), line)
    lines["kegiatan"] = lines["kegiatan"].replace("", None)
    checked = check_earmarks(lines, DESA, [2025])
    rule = checked[(checked["kode"] == "01") & (checked["aturan"] == "ketahanan_pangan")]
    assert (rule["keadaan"].tolist() == ["no_data"]) == unjudged


def test_a_year_without_dana_desa_is_no_data_for_all() -> None:
    checked = check_earmarks(make_lines(("01", "04.02.03", "ADD", 9)), DESA, [2025])
    assert set(checked["keadaan"]) == {"no_data", "not_applicable"}


def test_a_year_without_rules_has_none() -> None:
    assert read_earmarks(2019) == ()
    assert check_earmarks(make_lines(), DESA, [2019]).empty


@pytest.fixture(scope="module")
def prepared(sample_workspace: Path) -> Prepared:
    return prepare_layers(sample_workspace)


def test_shares_of_the_sample_are_those_of_its_true_lines(prepared: Prepared) -> None:
    checked = prepared.tables["earmarks"]
    lines = [line for line in make_truth().spending if line.tahun == 2025]
    codes = {"ketahanan_pangan": "04.02.03", "blt": "05.03", "operasional": "01.01.0"}
    seen = 0
    for row in checked.to_dict("records"):
        mine = [one for one in lines if one.kode == row["kode"] and one.sumber == "DDS"]
        if not mine:
            assert row["keadaan"] in ("no_data", "not_applicable")
            continue
        whole = sum(one.anggaran_perubahan_idr for one in mine)
        part = sum(
            one.anggaran_perubahan_idr
            for one in mine
            if one.kegiatan.startswith(codes[row["aturan"]])
        )
        share = Fraction(100 * part, whole)
        limit = Fraction(row["persen_batas"])
        is_kept = share >= limit if row["batas"] == "at_least" else share <= limit
        assert row["keadaan"] == ("kept" if is_kept else "broken")
        assert row["persen"] == pytest.approx(float(share), abs=1e-4)
        seen += 1
    assert seen > 90


def test_fields_of_the_budget_and_sources_of_funds_add_up_to_it(prepared: Prepared) -> None:
    layer = next(one for one in prepared.layers if one.definition.id == "spending")
    frame = layer.features
    known = frame[frame["anggaran_idr"].notna()]
    assert len(known) > 30
    bidang = [f"bidang_0{number}_idr" for number in range(1, 6)]
    assert (known[bidang].sum(axis=1) == known["anggaran_idr"]).all()
    sources = ["dana_desa_idr", "add_idr", "bagi_hasil_idr", "pad_idr"]
    assert (known[sources].sum(axis=1) == known["anggaran_idr"]).all()
    people = next(one for one in prepared.layers if one.definition.id == "desa").features
    people = people.set_index("kode")["penduduk_jiwa"]
    expected = (known["anggaran_idr"].astype(float) / known["kode"].map(people)).round()
    shown = known["anggaran_per_jiwa_idr"]
    assert shown.notna().sum() > 30
    assert (shown[shown.notna()].astype(float) == expected[shown.notna()]).all()


def test_the_layer_says_which_of_two_amounts_counts(prepared: Prepared) -> None:
    layer = next(one for one in prepared.layers if one.definition.id == "spending")
    entry = next(one for one in layer.fields if one.name == "anggaran_idr")
    assert entry.method is not None
    assert "PAK" in entry.method.id
