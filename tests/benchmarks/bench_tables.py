"""Joining indicator tables of the whole country: every row counted, every value with its origin."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
import pandas as pd

from layers.columns.catalogue import read_indicators
from layers.tables.indicators.join import join_table
from layers.tables.rows.row_places import Places
from layers.workspace.sections import TableSection
from tests.benchmarks.harness import absolute, compare

DESA, TABLES, LIMIT_S = 84_000, 100, 60
COLUMNS = {"air": "air_minum_layak_pct", "sanitasi": "sanitasi_layak_pct"}


def make_country() -> pd.DataFrame:
    """84,000 made-up desa: 40 kabupaten of 30 kecamatan of 70 desa."""
    number = np.arange(DESA)
    kabupaten, kecamatan, unit = number // 2100, number // 70 % 30, number % 70
    frame = pd.DataFrame({"kode_kabupaten": [f"99.{one + 1:02d}" for one in kabupaten]})
    frame["kode_kecamatan"] = frame["kode_kabupaten"] + [f".{one + 1:02d}" for one in kecamatan]
    frame["kode"] = frame["kode_kecamatan"] + [f".2{one + 1:03d}" for one in unit]
    frame["nama"] = "Desa " + frame["kode"].str[-4:]
    frame["nama_kecamatan"] = "Kecamatan " + frame["kode_kecamatan"]
    frame["nama_kabupaten"] = "Kabupaten " + frame["kode_kabupaten"]
    return frame.assign(jenis="desa")


def bench_join() -> None:
    """100 tables of 84,000 rows, from CSV to values; one of them beside a plain read and merge."""
    desa, indicators = make_country(), read_indicators()
    places = Places.of(desa)
    mix = np.random.default_rng(3)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for number in range(TABLES):
            table = pd.DataFrame({"kode": desa["kode"]})
            for column in COLUMNS:
                table[column] = mix.uniform(0, 100, DESA).round(1)
            table.to_csv(folder / f"{number}.csv", index=False)

        def join(number: int) -> None:
            section = TableSection(
                id="t",
                path=f"{number}.csv",
                code_system="kemendagri",
                code_column="kode",
                year=2024,
                columns=COLUMNS,
            )
            result = join_table(section, folder, places, indicators)
            assert result.load.matched == DESA

        def merge() -> None:
            pd.read_csv(folder / "0.csv", dtype={"kode": str}).merge(desa, on="kode", how="left")

        compare("tables.one_of_84k_rows", lambda: join(0), merge, limit=None)

        def join_all() -> None:
            for number in range(TABLES):
                join(number)

        absolute("tables.100_of_84k_rows", join_all, limit=LIMIT_S)
