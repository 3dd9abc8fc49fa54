"""Sums and medians of kecamatan: what is removed makes none better without saying so."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from layers.columns.model import Computed
from layers.release.manifest_file import FieldEntry, Text
from layers.tables.indicators.summary_fields import build_summary_fields

KODE = [f"99.01.0{1 + at // 3}.200{at}" for at in range(6)]
DESA = pd.DataFrame(
    {"kode": KODE, "kode_kecamatan": [kode[:8] for kode in KODE], "kode_kabupaten": "99.01"}
)
CELLS = st.one_of(st.none(), st.floats(0, 1000).map(lambda value: round(value, 1)))


def summarise(cells: list[float | None], *, summed: bool) -> pd.DataFrame:
    entry = FieldEntry(
        name="x",
        type="number",
        title=Text(id="x", en="x"),
        unit="jiwa",
        thematic=True,
        years=(2024,),
    )
    status = ["no_data" if cell is None else "ok" for cell in cells]
    values = pd.DataFrame(
        {
            "kode": KODE,
            "field": "x",
            "tahun": 2024,
            "value": pd.array(cells, dtype="Float64"),
            "status": status,
        }
    )
    values["value"] = values["value"].astype("float64")
    wide = pd.DataFrame({"kode": KODE, "x_tahun": 2024})
    fields = frozenset({"x"}) if summed else frozenset[str]()
    return build_summary_fields(Computed((entry,), wide, values, fields), DESA, "kecamatan").wide


@settings(max_examples=40)
@given(
    cells=st.lists(CELLS, min_size=6, max_size=6),
    gone=st.sets(st.integers(0, 5), min_size=1),
    summed=st.booleans(),
)
def test_a_summary_of_fewer_values_says_that_it_is_of_fewer(
    cells: list[float | None], gone: set[int], summed: bool
) -> None:
    name = "x_jumlah" if summed else "x_median"
    fewer = [None if at in gone else cell for at, cell in enumerate(cells)]
    before, after = (summarise(each, summed=summed) for each in (cells, fewer))
    for was, now in zip(before.to_dict("records"), after.to_dict("records"), strict=True):
        assert now["x_desa_berlaku"] == was["x_desa_berlaku"] == 3
        if now[f"{name}_status"] == "ok" and now[name] != was[name]:
            assert now["x_desa_dengan_data"] < was["x_desa_dengan_data"]
        assert (now[f"{name}_status"] == "ok") == (now["x_desa_dengan_data"] > 0)


def test_a_median_has_the_decimals_of_its_values_and_one_more() -> None:
    wide = summarise([85.7, 86.2, None, 0.1, 0.2, 0.3], summed=False)
    assert wide["x_median"].tolist() == [85.95, 0.2]
    sums = summarise([0.1, 0.2, None, 0.1, 0.2, 0.3], summed=True)
    assert sums["x_jumlah"].tolist() == [0.3, 0.6]


@pytest.mark.parametrize("other", ["ok", "not_applicable"])
def test_what_applies_to_no_desa_of_a_kecamatan_does_not_apply_to_it(other: str) -> None:
    entry = FieldEntry(
        name="x",
        type="number",
        title=Text(id="x", en="x"),
        unit="jiwa",
        thematic=True,
        years=(2024,),
    )
    values = pd.DataFrame(
        {
            "kode": KODE,
            "field": "x",
            "tahun": 2024,
            "value": [np.nan] * 3 + ([1.0, 2.0, 3.0] if other == "ok" else [np.nan] * 3),
            "status": ["not_applicable"] * 3 + [other] * 3,
        }
    )
    wide = pd.DataFrame({"kode": KODE, "x_tahun": 2024})
    summary = build_summary_fields(
        Computed((entry,), wide, values, frozenset({"x"})), DESA, "kecamatan"
    ).wide
    assert summary["x_jumlah_status"].tolist() == ["not_applicable", other]
    assert summary["x_desa_berlaku"].tolist() == [0, 3 if other == "ok" else 0]
