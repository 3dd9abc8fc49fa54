"""Provenance of a country: from the uses of each field and year to the file, in its own process.

84,000 desa and 146 field-years, each with a row of its own for every desa, as in long tables;
fields that share their rows are written once.
"""

from __future__ import annotations

import tempfile
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import numpy as np

from layers.provenance.lineage import Lineage, Sources, make_uses
from tests.benchmarks.harness import absolute, measure_cpu, peak_memory_mb
from tests.benchmarks.large_release import DATED, DESA, UNDATED, YEARS

FIELD_YEARS = UNDATED + DATED * len(YEARS)
INPUTS = 12
MOST_S, MOST_MB = 30, 1500


def bench_provenance_of_a_country() -> None:
    """Tracing and writing 12.3 million values that each have a row of their own."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        traced, written, memory, size = pool.submit(_write_country).result()
    absolute("provenance.84k_146.trace", traced)
    absolute("provenance.84k_146.write", written, limit=MOST_S)
    absolute("provenance.84k_146.peak_memory", memory, limit=MOST_MB, unit="MB")
    absolute("provenance.84k_146.file", size, unit="MB")


def _write_country() -> tuple[float, float, float, float]:
    """CPU seconds of both steps, peak memory and the size of the file, MB."""
    sources = Sources({f"tables.{number}": f"{number}.csv" for number in range(INPUTS)})
    places = np.arange(DESA) + 1_101_012_001
    strands = []

    def trace() -> None:
        for number in range(FIELD_YEARS):
            rows = np.arange(DESA) + 2 + number // INPUTS * DESA
            uses = make_uses(places, "value", f"tables.{number % INPUTS}", rows)
            strands.append(sources.trace("desa", [f"nilai_{number}"], 2024, [uses]))

    traced = measure_cpu(trace)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "provenance.sqlite"
        written = measure_cpu(lambda: Lineage(sources, tuple(strands)).write(path))
        return traced, written, peak_memory_mb(), path.stat().st_size / 1e6
