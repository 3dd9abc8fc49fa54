"""Spending tables, shuffled and spoiled: each line is its own desa's, to the rupiah, or named."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import pandas as pd
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st

from boundaries.findings.report import Severity
from layers.tables.rows.row_places import Places
from layers.tables.rows.row_records import Aids
from layers.tables.spending.spending import SpendingResult, join_spending
from layers.workspace.sections import SpendingSection
from tests.layers.tables.dirt import (
    INDEX,
    KODE,
    Row,
    Spoiler,
    bps_of,
    clean_row,
    make_bridge,
    make_desa,
)

PLACES, BRIDGE = Places.of(make_desa()), make_bridge()
ACTIVITIES = ("02.02.02", "02.03.10.", "04.02.90")
Line = tuple[Row, str, int, str]
"""What a line is about, its activity, its amount, and how the amount is written."""


def amount_of(kode: str, activity: int) -> int:
    """An amount that no other desa or activity has."""
    return 1_000_003 * (INDEX[kode] + 1) + 1_001 * activity


def write_amount(amount: int, rng: random.Random) -> str:
    grouped = f"{amount:,}"
    dotted = grouped.replace(",", ".")
    return rng.choice([str(amount), f"Rp {dotted},00", grouped, dotted, f"Rp{dotted},-"])


def make_lines(seed: int, share: float, *, is_bps: bool) -> list[Line]:
    """Lines of some desa; a share of their codes spoiled in ways that leave a trace."""
    rng = random.Random(seed)
    # Without names a slip to a code that exists leaves no trace: no desa counts as present.
    spoiler = Spoiler(rng, frozenset(), False, False, False, is_bps)
    kinds = [
        spoiler.respell,
        spoiler.not_existing,
        spoiler.no_code,
        spoiler.other_place,
        spoiler.other_system,
        spoiler.twice,
        spoiler.heading,
        spoiler.nothing,
    ]
    lines: list[Line] = []
    for kode in rng.sample(KODE, rng.randint(3, 12)):
        for at, activity in enumerate(ACTIVITIES):
            row = clean_row(kode)
            row = replace(row, kode=bps_of(kode)) if is_bps else row
            amount = amount_of(kode, at)
            written = write_amount(amount, rng)
            for one in rng.choice(kinds)(row) if rng.random() < share else [row]:
                foreign = one.about is None
                number = 7 * len(lines) + 5 if foreign else amount
                text = str(number) if foreign and one.air is not None else ""
                lines.append((one, activity, number, text if foreign else written))
    return lines


def join(lines: list[Line], folder: Path, *, is_bps: bool) -> SpendingResult:
    rows = [
        {"kode": row.kode, "kegiatan": activity if text else None, "pagu": text or None}
        for row, activity, _, text in lines
    ]
    pd.DataFrame(rows).to_csv(folder / "a.csv", index=False, sep=";")
    section = SpendingSection.model_validate(
        {
            "id": "s",
            "path": "a.csv",
            "code_system": "bps" if is_bps else "kemendagri",
            "code_column": "kode",
            "activity_column": "kegiatan",
            "anggaran_column": "pagu",
            "year": 2024,
        }
    )
    return join_spending(section, folder, PLACES, Aids(bridge=BRIDGE))


def sums(result: SpendingResult) -> dict[str, int]:
    grouped = result.lines.groupby("kode")["anggaran_idr"].sum()
    return {str(kode): int(amount) for kode, amount in grouped.items()}


@settings(
    deadline=None,
    derandomize=True,
    max_examples=40,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    seed=st.integers(0, 2**32),
    share=st.sampled_from([0.0, 0.2, 0.5]),
    is_bps=st.booleans(),
)
def test_any_spending_table_adds_up_to_the_rupiah_or_says_why_not(
    tmp_path: Path, seed: int, share: float, is_bps: bool
) -> None:
    lines = make_lines(seed, share, is_bps=is_bps)
    note("\n".join(map(str, lines)))
    shuffled = random.Random(seed + 1).sample(lines, len(lines))
    first, second = join(lines, tmp_path, is_bps=is_bps), join(shuffled, tmp_path, is_bps=is_bps)
    assert sums(first) == sums(second)
    load = first.load
    assert load.rows_read == load.matched + load.unmatched + load.duplicates
    if any(found.severity is Severity.ERROR for found in first.findings):
        assert first.lines.empty
        return
    own = {(kode, amount_of(kode, at)) for kode in KODE for at in range(len(ACTIVITIES))}
    shown = list(zip(first.lines["kode"], first.lines["anggaran_idr"].astype(int), strict=True))
    assert set(shown) <= own
    assert len(shown) == len(set(shown))
    told = {found.row for found in first.findings}
    used = set(first.lines["row"])
    for at, (row, _, amount, _) in enumerate(lines, start=2):
        if row.about is not None and at not in used:
            is_twin = (row.about, amount) in set(shown)
            assert at in told or is_twin, row
