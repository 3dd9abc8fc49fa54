"""The match of need and money for the whole country, and the follow-up lists that come of it."""

from __future__ import annotations

import numpy as np
import pandas as pd

from layers.columns.catalogue import read_indicators
from layers.synchronisation.follow_up_lists import list_follow_up_files
from layers.synchronisation.match import Matched, match_needs
from layers.synchronisation.money import Funding
from layers.synchronisation.needs import NO_GAPS, Demand
from layers.synchronisation.service_list import choose_basic_services, choose_priority
from layers.tables.plans.plans import LINE_COLUMNS
from tests.benchmarks.bench_tables import DESA, make_country
from tests.benchmarks.harness import absolute, peak_memory_mb

YEAR, LINES_A_DESA = 2025, 6
MATCH_LIMIT_S, LISTS_LIMIT_S = 120, 120
CODES = ("01.01.01", "02.02.02", "02.04.11", "02.04.14", "02.03.10", "02.01.01")


def make_demand(desa: pd.DataFrame) -> Demand:
    """A value for every desa of every indicator that a service asks for."""
    mix = np.random.default_rng(5)
    known = read_indicators()
    asked = {
        need.indicator for service in choose_basic_services().values() for need in service.needs
    }
    names = [*sorted(name for name in asked if name is not None), "penduduk_jiwa"]
    parts = []
    for name in names:
        high = {"%": 100.0, "skor": 5.0}.get(known[name].unit, 4000.0)
        values = mix.uniform(0, high, DESA).round(0 if high != 100 else 1)
        parts.append(
            pd.DataFrame(
                {
                    "kode": desa["kode"],
                    "indikator": name,
                    "tahun": YEAR,
                    "nilai": values,
                    "status": "ok",
                    "file": "t.csv",
                    "row": np.arange(2, DESA + 2),
                }
            )
        )
    words = pd.DataFrame(
        {
            name: pd.Series([], dtype=object)
            for name in ("file", "row", "keterangan", "anjuran", "pelaku")
        }
    )
    settled = pd.concat(parts, ignore_index=True)
    return Demand(desa, settled, words, NO_GAPS, known, YEAR, choose_priority())


def make_supply(desa: pd.DataFrame) -> Funding:
    """Six budget lines for every desa, and no programme."""
    mix = np.random.default_rng(6)
    count = DESA * LINES_A_DESA
    lines = pd.DataFrame(
        {
            "kode": np.repeat(desa["kode"].to_numpy(dtype=object), LINES_A_DESA),
            "tahun": YEAR,
            "kegiatan": np.tile(np.array(CODES, dtype=object), DESA),
            "nama_kegiatan": "Kegiatan",
            "sumber": "DDS",
            "anggaran": mix.integers(0, 10**8, count),
            "realisasi_idr": 0,
            "input": "spending.b",
            "file": "b.csv",
            "row": np.arange(2, count + 2),
        }
    )
    plans = pd.DataFrame({name: pd.Series([], dtype=object) for name in LINE_COLUMNS})
    return Funding(lines.astype({"tahun": "Int64", "anggaran": "Int64"}), plans, plans)


def bench_country() -> None:
    """84,000 desa, 14 services, half a million budget lines: states, evidence, lists."""
    desa = make_country()
    services, demand, supply = choose_basic_services(), make_demand(desa), make_supply(desa)
    found: list[Matched] = []
    absolute(
        "synchronisation.match_84k_desa",
        lambda: found.append(match_needs(services, demand, supply)),
        limit=MATCH_LIMIT_S,
    )
    absolute(
        "synchronisation.lists_84k_desa",
        lambda: list_follow_up_files(found[0], services, demand, desa),
        limit=LISTS_LIMIT_S,
    )
    absolute("synchronisation.memory_84k_desa", peak_memory_mb(), limit=6000, unit="MB")
