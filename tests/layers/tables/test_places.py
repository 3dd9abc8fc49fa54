"""The desa that a wrong code or a name may mean, among many, is that of a look at each."""

from __future__ import annotations

import random

import pandas as pd
import pytest

from boundaries.codes.wilayah_names import normalise_name
from layers.tables.rows.row_places import Places, Reason, unmatched_findings

DRAW = random.Random(7)
CODES = sorted(
    {f"53.{DRAW.randrange(1, 9):02d}.{DRAW.randrange(1, 9):02d}.20{n:02d}" for n in range(99)}
)
NAMES = [f"Desa {DRAW.choice('ABCDEF')}{DRAW.randrange(9)}" for _ in CODES]
PLACES = Places.of(pd.DataFrame({"kode": CODES, "nama": NAMES}))


def bare(kode: str) -> str:
    return kode.replace(".", "")


@pytest.mark.parametrize("length", [0, 4, 6])
def test_a_name_means_the_only_desa_of_it(length: int) -> None:
    for code, name in zip(CODES, NAMES, strict=True):
        digits = (bare(code)[:length] + "9999999999")[:10] if length else ""
        expected = None
        for end in (6, 4) if digits else (0,):
            fitting = [
                f"{kode} {called}"
                for kode, called in zip(CODES, NAMES, strict=True)
                if normalise_name(called) == normalise_name(name)
                and bare(kode)[:end] == digits[:end]
            ]
            if fitting:
                expected = fitting[0] if len(fitting) == 1 else None
                break
        assert PLACES.nearest_by_name(digits, f" {name.lower()} ") == expected
    assert PLACES.nearest_by_name("", "") is None
    assert PLACES.nearest_by_name("", "Desa lain") is None


def test_where_no_kecamatan_fits_a_code_of_at_most_two_other_digits_is_near() -> None:
    for code in CODES:
        wrong = f"53.{code[3:5]}.9{code[7]}.{code[9:12]}{(int(code[12]) + 1) % 10}"
        near = PLACES.nearest(bare(wrong))
        least = min(sum(a != b for a, b in zip(wrong, kode, strict=True)) for kode in CODES)
        assert near is not None
        assert sum(a != b for a, b in zip(wrong, near, strict=True)) == least
    assert PLACES.nearest("1171012001") is None


def test_in_a_kecamatan_that_exists_the_desa_near_is_one_of_it() -> None:
    near = PLACES.nearest(bare(CODES[0])[:6] + "2999")
    assert near is None or near[:8] == CODES[0][:8]
    assert PLACES.nearest(bare(CODES[0])) == CODES[0]


def test_without_desa_nothing_is_near() -> None:
    empty = Places.of(pd.DataFrame({"kode": [], "nama": []}, dtype=object))
    assert empty.nearest("5301012001") is None
    assert empty.nearest_by_name("", "Desa A1") is None


def test_many_rows_that_fall_out_for_one_reason_are_one_finding() -> None:
    many = {number: Reason("table.code_unknown", "No such desa.", "99") for number in range(1500)}
    few = {2000 + number: Reason("table.year_unreadable", "No year.", "x") for number in range(3)}
    rows = [*range(2, 2100)]
    findings = unmatched_findings(many | few, "a.csv", rows)
    assert len(findings) == 4
    (gathered,) = [finding for finding in findings if finding.code == "table.code_unknown"]
    assert (gathered.row, gathered.measure, gathered.unit) == (2, 1500, "rows")
    assert gathered.rows == ((2, 1501),)
    assert "1500 rows, such as row 2: No such desa." in gathered.message
