"""Random spoiled tables: what is published is the truth, or a finding says why nothing is.

A few tables in every test run; ``make fuzz-tables`` tries 200 (``FUZZ_TABLES`` says how many).
"""

from __future__ import annotations

import os
import re
import tempfile
from collections import Counter
from pathlib import Path

import pandas as pd
from hypothesis import given, note, settings
from hypothesis import strategies as st

from boundaries.codes.crosswalk import CodeBridge
from boundaries.findings.report import Finding, Severity
from layers.columns.catalogue import read_indicators
from layers.errors import LayersError
from layers.tables.indicators.join import join_table
from layers.tables.rows.row_places import Places
from layers.tables.rows.row_records import Aids
from layers.workspace.sections import TableSection
from tests.layers.tables.fuzz_tables import (
    FILES,
    KINDS,
    UNITS,
    YEAR,
    FuzzTable,
    make_table,
    truth_of,
)

TABLES = int(os.environ.get("FUZZ_TABLES", "25"))
PLACES = Places.of(
    pd.DataFrame(
        [
            {
                "kode": unit.kode,
                "nama": unit.nama,
                "jenis": unit.jenis,
                "kode_kecamatan": unit.kode_kecamatan,
                "nama_kecamatan": unit.kecamatan,
                "kode_kabupaten": unit.kode[:5],
                "nama_kabupaten": "Sampel",
            }
            for unit in UNITS
        ]
    )
)
TRUTH = {unit.kode: truth_of(unit) for unit in UNITS}
BRIDGE = CodeBridge(
    {unit.kode_bps: unit.kode.replace(".", "") for unit in UNITS},
    {unit.kode_bps: unit.nama for unit in UNITS},
    {},
    date="2024",
)
INDICATORS = read_indicators()


def test_of_random_spoiled_tables_no_number_is_silently_another() -> None:
    seen: Counter[str] = Counter()

    @settings(deadline=None, derandomize=True, max_examples=TABLES, database=None)
    @given(seed=st.integers(0, 2**32), suffix=st.sampled_from(FILES))
    def try_table(seed: int, suffix: str) -> None:
        with tempfile.TemporaryDirectory() as folder:
            table = make_table(seed, suffix, Path(folder))
            note(str(table))
            counts, differences = judge(table, Path(folder))
        seen.update(counts)
        seen[f"{suffix} tables"] += 1
        assert not differences, f"{table}\n" + "\n".join(differences)

    try_table()
    files = ", ".join(f"{seen[f'{s} tables']} {s}" for s in dict.fromkeys(FILES))
    print(
        f"\n{seen['tables']} tables ({files}): {seen['equal']} cells equal to the truth, "
        f"{seen['refused']} refused by a finding with file and row, {seen['whole']} in "
        f"{seen['tables refused']} tables refused as a whole, 0 silent differences"
    )
    assert seen["tables"] >= TABLES
    assert seen["equal"] > seen["tables"]
    assert seen["refused"] > 0


def judge(table: FuzzTable, folder: Path) -> tuple[Counter[str], list[str]]:
    """How the cells fared, and those that are neither the truth nor named."""
    counts: Counter[str] = Counter(tables=1)
    section = TableSection.model_validate(table.declared)
    try:
        result = join_table(section, folder, PLACES, INDICATORS, Aids(bridge=BRIDGE))
    except LayersError as refusal:
        counts["tables refused"] += 1
        counts["whole"] += len(KINDS) * len(table.about)
        return counts, [] if table.name in str(refusal) else [f"no file in: {refusal}"]
    ok = result.values[(result.values["status"] == "ok") & (result.values["tahun"] == YEAR)]
    published = {
        (str(kode), str(name)): float(value)
        for kode, name, value in zip(ok["kode"], ok["indikator"], ok["nilai"], strict=True)
    }
    differences = [
        f"{kode} {name}: {value} published, {TRUTH[kode][name]} is true"
        for (kode, name), value in published.items()
        if abs(value - TRUTH[kode][name]) > 1e-6
    ]
    is_whole = any(f.severity is Severity.ERROR and f.file for f in result.findings)
    told = rows_told(result.findings, table.name)
    for row, kode in table.about:
        for name in KINDS:
            if (kode, name) in published:
                counts["equal"] += 1
            elif row in told or is_whole:
                counts["refused"] += 1
            else:
                differences.append(f"row {row} {kode} {name}: neither published nor named")
    counts["tables refused"] += is_whole and not published
    return counts, differences


def rows_told(findings: tuple[Finding, ...], file: str) -> set[int]:
    """Rows that findings of the file name, one by one or as ranges."""
    rows: set[int] = set()
    for finding in findings:
        if finding.file != file:
            continue
        rows |= {finding.row} if finding.row is not None else set()
        for listed in re.findall(r"[Rr]ows ([\d, -]+)", finding.message):
            for part in re.findall(r"(\d+)(?:-(\d+))?", listed):
                rows |= set(range(int(part[0]), int(part[1] or part[0]) + 1))
    return rows
