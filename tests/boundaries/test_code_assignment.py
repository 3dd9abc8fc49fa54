"""Codes by overlap: only one and the same place takes a code, a tie or a part is asked about."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from boundaries.errors import InputUndeclaredError
from boundaries.matching.matches_file import (
    MatchLine,
    read_matches,
    read_polygon_decisions,
    write_matches,
)
from boundaries.polygons import read_polygons
from boundaries.polygons.code_assignment import AssignedCodes, assign_codes
from boundaries.polygons.same_place import Verdict, judge_overlaps, measure_overlaps
from tests.boundaries.drawing import codes_of, frame, kode, reference_of, source, square

Strip = tuple[str, float, float]
"""Name of a polygon, and from where to where it goes along a row of reference squares."""
ALFA, BETA, GAMA = kode(1), kode(2), kode(3)
REFERENCE = (("Alfa", 0, 1), ("Beta", 1, 2), ("Gama", 2, 3))


AMBIGUOUS, NOT_LENT = "boundary.code_ambiguous", "boundary.code_not_lent"


def write(path: Path, strips: Sequence[Strip]) -> Path:
    shapes = [square(west, 0, east - west) for _, west, east in strips]
    frame(shapes, nama=[name for name, _, _ in strips]).to_parquet(path)
    return path


def assign(
    folder: Path, strips: Sequence[Strip], min_overlap: float = 0.5, **declared: object
) -> AssignedCodes:
    """The strips against Alfa, Beta and Gama, three squares in a row."""
    reference = write(folder / "acuan.parquet", REFERENCE)
    codes_from = reference_of(reference, label="acuan", min_overlap=min_overlap)
    drawn = source(
        write(folder / "batas.parquet", strips),
        code_column=None,
        codes_from=codes_from,
        **declared,
    )
    return assign_codes(read_polygons(drawn)[0], drawn, codes_from)


def taken(assigned: AssignedCodes) -> list[str | None]:
    return [kode if isinstance(kode, str) else None for kode in assigned.polygons["kode"]]


def proposed(assigned: AssignedCodes) -> list[tuple[str, str, str | None]]:
    return [(line.name, line.reason, line.kode) for line in assigned.proposals]


@pytest.mark.parametrize(
    ("east", "kode", "code", "reason"),
    [
        (0.49, None, NOT_LENT, "overlap"),
        (0.5, None, AMBIGUOUS, "half"),
        (0.51, None, AMBIGUOUS, "half"),
        (0.59, None, AMBIGUOUS, "half"),
        (0.6, ALFA, None, None),
        (1.0, ALFA, None, None),
    ],
)
def test_half_of_a_desa_never_stands_for_the_whole(
    tmp_path: Path, east: float, kode: str | None, code: str | None, reason: str | None
) -> None:
    assigned = assign(tmp_path, [("Alfa", 0, east)])
    assert taken(assigned) == [kode]
    questions = [found for found in assigned.findings if found.code != "boundary.code_lent"]
    assert [found.code for found in questions] == ([code] if code else [])
    assert proposed(assigned) == ([("Alfa", reason, ALFA)] if reason else [])


@pytest.mark.parametrize(
    "cuts", [(0.5,), (0.49,), (0.51,), (0.3,), (0.9,), (1 / 3, 2 / 3), (0.6, 0.8)]
)
@pytest.mark.parametrize("first", ["Alfa", "Alfa Induk", "Zulu"])
def test_parts_of_one_former_desa_are_asked_about_whatever_they_are_called(
    tmp_path: Path, cuts: tuple[float, ...], first: str
) -> None:
    edges = [0.0, *cuts, 1.0]
    names = [first, "Mekar", "Baru"]
    strips = [(names[at], edges[at], edges[at + 1]) for at in range(len(edges) - 1)]
    assigned = assign(tmp_path, [*strips, ("Gama", 2, 3)])
    assert taken(assigned) == [None] * len(strips) + [GAMA]
    assert {found.code for found in assigned.findings} == {AMBIGUOUS, "boundary.code_lent"}
    assert sorted(proposed(assigned)) == sorted((name, "split", ALFA) for name, _, _ in strips)
    assert "parts of one former desa" in assigned.findings[-1].message


def test_a_careless_corner_is_no_part(tmp_path: Path) -> None:
    assigned = assign(tmp_path, [("Alfa", 0, 0.95), ("Pojok", 0.95, 1)])
    assert taken(assigned) == [ALFA, None]
    assert proposed(assigned) == []


@pytest.mark.parametrize("shift", [0.49, 0.5, 0.51, 0.41])
@pytest.mark.parametrize("name", ["Alfa", "Zulu"])
def test_a_polygon_between_two_desa_is_a_tie(tmp_path: Path, shift: float, name: str) -> None:
    assigned = assign(tmp_path, [(name, shift, 1 + shift)])
    assert taken(assigned) == [None]
    (finding,) = assigned.findings
    assert (finding.code, finding.value) == (AMBIGUOUS, name)
    assert f"{ALFA} Alfa" in finding.message
    assert f"{BETA} Beta" in finding.message
    nearest = ALFA if shift < 0.5 or name == "Alfa" else BETA
    even = shift == 0.5 and name != "Alfa"
    assert proposed(assigned) == [(name, "tie", None if even else nearest)]


def test_a_small_shift_is_no_tie_and_a_name_that_contradicts_is_asked(tmp_path: Path) -> None:
    assigned = assign(tmp_path, [("Alfa", 0.3, 1.3), ("Zulu", 2, 3)])
    assert taken(assigned) == [ALFA, None]
    assert proposed(assigned) == [("Zulu", "name_differs", GAMA)]


def test_a_merged_desa_is_asked_about_unless_it_bears_the_name(tmp_path: Path) -> None:
    assert proposed(assign(tmp_path, [("Zulu", 0, 1.5)])) == [("Zulu", "merge", ALFA)]
    assert taken(assign(tmp_path, [("Alfa", 0, 1.5)])) == [ALFA]
    assert proposed(assign(tmp_path, [("Zulu", 0, 2)])) == [("Zulu", "tie", None)]


def test_a_higher_limit_counts_and_a_lower_one_only_asks_more(tmp_path: Path) -> None:
    assert taken(assign(tmp_path, [("Alfa", 0, 0.8)], min_overlap=0.9)) == [None]
    lower = assign(tmp_path, [("Alfa", 0, 0.4)], min_overlap=0.3)
    assert taken(lower) == [None]
    assert proposed(lower) == [("Alfa", "half", ALFA)]


def test_a_part_without_a_name_is_told_to_bear_its_code(tmp_path: Path) -> None:
    assigned = assign(tmp_path, [("", 0, 0.5), ("", 0.5, 1)])
    assert proposed(assigned) == []
    assert all("fill in its code" in found.message for found in assigned.findings)


def test_a_decision_about_namesakes_is_about_the_one_that_lies_there(tmp_path: Path) -> None:
    strips = [("Alfa", 0, 0.55), ("Alfa", 2, 2.55)]
    assert taken(assign(tmp_path, strips)) == [None, None]
    decided = assign(tmp_path, strips, decisions={("", "Alfa"): ALFA})
    assert taken(decided) == [ALFA, None]
    rejected = assign(tmp_path, [("Alfa", 0, 1), strips[1]], decisions={("", "Alfa"): None})
    assert taken(rejected) == [ALFA, None]
    assert [found.code for found in rejected.findings] == ["boundary.code_lent"]


def test_two_answers_about_one_polygon_are_no_decision(tmp_path: Path) -> None:
    lines = [
        MatchLine("boundaries.1", "Kec", "Alfa", "tie", keputusan=ALFA),
        MatchLine("boundaries.1", "Kec", "Alfa", "tie", BETA, keputusan="ya"),
        MatchLine("boundaries.1", "Kec", "Zulu", "tie", keputusan="ya"),
    ]
    write_matches(tmp_path / "matches.csv", {}, lines)
    decisions = read_polygon_decisions(tmp_path / "matches.csv")
    assert decisions == {"boundaries.1": {("Kec", "Zulu"): "ya"}}
    _, _, findings = read_matches(tmp_path / "matches.csv", set())
    assert codes_of(findings) == ["matches.contradiction"]
    assigned = assign(tmp_path, [("Zulu", 0, 0.5)], decisions={("", "Zulu"): "ya"})
    assert codes_of(assigned.findings) == ["matches.not_understood"]


@given(st.lists(st.integers(1, 119), min_size=1, max_size=6, unique=True))
def test_whatever_takes_a_code_is_most_of_the_desa_and_alone_in_it(cuts: list[int]) -> None:
    """Polygons of any widths along three desa of 40 steps each."""
    edges = [0, *sorted(cuts), 120]
    drawn = [shapely.box(west, 0, east, 40) for west, east in pairwise(edges)]
    desa = [shapely.box(west, 0, west + 40, 40) for west in (0, 40, 80)]
    pairs = measure_overlaps(np.array(drawn), np.array(desa))
    overlaps = judge_overlaps(pairs, np.zeros(len(pairs), dtype=bool), 0.5)
    for overlap in overlaps:
        if overlap.verdict is Verdict.SAME:
            assert min(overlap.of_polygon, overlap.of_reference) >= 0.6
            others = [o for o in overlaps if o.reference == overlap.reference and o is not overlap]
            assert sum(o.of_reference for o in others if o.of_polygon >= 0.5) < 0.1 - 1e-9
            assert all(o.share <= overlap.share - 0.2 + 1e-9 for o in others)


@pytest.mark.parametrize("declared", [{"code_column": "nama"}, {"code_system": "bps"}])
def test_a_reference_without_codes_to_take_says_so_rather_than_that_nothing_is_near(
    declared: dict[str, str], tmp_path: Path
) -> None:
    reference = reference_of(write(tmp_path / "acuan.parquet", REFERENCE), **declared)
    path = write(tmp_path / "batas.parquet", REFERENCE)
    drawn = source(path, code_column=None, codes_from=reference)
    with pytest.raises(InputUndeclaredError, match=r"acuan\.parquet: none of its 3 .* Row 1:"):
        assign_codes(read_polygons(drawn)[0], drawn, reference)
