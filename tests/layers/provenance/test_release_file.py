"""The file of provenance: what is written is what is read, byte for byte the same each time."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from layers.provenance.lineage import USE_COLUMNS, Lineage, Sources, make_uses, use_everywhere
from layers.release.errors import ReleaseUnusableError
from layers.release.provenance_file import REST, Piece, Provenance

PATHS = {"tables.a": "a.csv", "tables.b": "b.csv", "roads.1": "jalan.gpkg", "crosswalks.1": "x.csv"}


def read(lineage: Lineage, path: Path) -> Provenance:
    lineage.write(path)
    return Provenance(path)


def make_lineage() -> Lineage:
    sources = Sources(PATHS, {"tables.b": ("crosswalks.1",)})
    lines = make_uses([1] * 4, "budget", "tables.a", [3, 4, 5, 9])
    ways = use_everywhere("way", ["roads.1"])
    strands = (
        sources.trace("desa", ["x"], 2024, [make_uses([1, 2], "value", "tables.a", [5, 6])]),
        sources.trace("desa", ["x"], 2025, [make_uses([1], "value", "tables.b", [9])]),
        sources.trace("spending", ["y", "z"], 2024, [lines]),
        sources.trace("gaps", [REST], None, [make_uses([1], "facility", "tables.a", [7]), ways]),
    )
    return Lineage(sources, strands)


def lineage_of(*uses: pd.DataFrame) -> Lineage:
    """Of one field without years."""
    sources = Sources(PATHS)
    return Lineage(sources, (sources.trace("desa", ["x"], None, uses),))


def test_each_value_has_its_rows(tmp_path: Path) -> None:
    provenance = read(make_lineage(), tmp_path / "p.sqlite")
    assert provenance.pieces("desa", "x", 2024, [1]) == (Piece("value", "tables.a", "a.csv", 5, 5),)
    assert provenance.pieces("desa", "x", 2024, [3]) == ()
    assert [piece.first for piece in provenance.pieces("desa", "x", 2024, [1, 2])] == [5, 6]


def test_a_code_of_another_system_brings_its_bridge(tmp_path: Path) -> None:
    found = read(make_lineage(), tmp_path / "p.sqlite").pieces("desa", "x", 2025, [1])
    assert [(piece.role, piece.input, piece.is_whole_file) for piece in found] == [
        ("value", "tables.b", False),
        ("codes", "crosswalks.1", True),
    ]


def test_rows_that_follow_each_other_are_a_range(tmp_path: Path) -> None:
    provenance = read(make_lineage(), tmp_path / "p.sqlite")
    for field in ("y", "z"):
        found = provenance.pieces("spending", field, 2024, [1])
        assert [(piece.first, piece.last) for piece in found] == [(3, 5), (9, 9)]


def test_what_counts_everywhere_counts_at_each_place(tmp_path: Path) -> None:
    provenance = read(make_lineage(), tmp_path / "p.sqlite")
    assert {piece.input for piece in provenance.pieces("gaps", "any", None, [1])} == {
        "tables.a",
        "roads.1",
    }
    assert {piece.input for piece in provenance.pieces("gaps", "any", None, [2])} == {"roads.1"}


def test_inputs_are_named_once_for_many_places(tmp_path: Path) -> None:
    provenance = read(make_lineage(), tmp_path / "p.sqlite")
    assert provenance.inputs("desa", "x", 2024, [1, 2]) == (Piece("value", "tables.a", "a.csv"),)


def test_the_manifest_side_tells_inputs_by_year() -> None:
    assert make_lineage().inputs_of("desa", "x") == {
        2024: ("tables.a",),
        2025: ("tables.b", "crosswalks.1"),
    }


def test_no_cell_and_no_clock_is_in_the_file(tmp_path: Path) -> None:
    first, second = tmp_path / "1.sqlite", tmp_path / "2.sqlite"
    make_lineage().write(first)
    make_lineage().write(second)
    assert first.read_bytes() == second.read_bytes()
    columns = {
        column[1]
        for (table,) in sqlite3.connect(first).execute("SELECT name FROM sqlite_master")
        for column in sqlite3.connect(first).execute(f"PRAGMA table_info({table})")
    }
    assert columns == {
        "input",
        "name",
        "path",
        "layer",
        "field",
        "tahun",
        "strand",
        "place",
        "proof",
        "role",
        "first_row",
        "last_row",
    }


def test_the_order_of_computing_does_not_show(tmp_path: Path) -> None:
    uses = make_uses([2, 1], "value", "tables.a", [6, 5])
    sources = Sources(PATHS)
    x = sources.trace("desa", ["x"], 2024, [uses])
    y = sources.trace("desa", ["y"], 2024, [uses.assign(input="tables.b")])
    y_first = sources.trace("desa", ["y"], 2024, [uses.assign(input="tables.b").iloc[::-1]])
    x_second = sources.trace("desa", ["x"], 2024, [uses.iloc[::-1]])
    Lineage(sources, (x, y)).write(tmp_path / "1.sqlite")
    Lineage(sources, (y_first, x_second)).write(tmp_path / "2.sqlite")
    assert (tmp_path / "1.sqlite").read_bytes() == (tmp_path / "2.sqlite").read_bytes()


@given(st.sets(st.tuples(st.integers(1, 3), st.sampled_from(sorted(PATHS)), st.integers(0, 9))))
def test_uses_survive_being_ranges(uses: set[tuple[int, str, int]]) -> None:
    rows = sorted(uses)
    frame = make_uses(
        [place for place, *_ in rows],
        "value",
        [name for _, name, _ in rows],
        [row for *_, row in rows],
    )
    found = lineage_of(frame).uses_of("desa", "x", None)
    told = set(zip(found["place"], found["input"], found["row"], strict=True))
    assert told == uses


def test_a_file_of_another_version_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "p.sqlite"
    make_lineage().write(path)
    database = sqlite3.connect(path)
    database.execute("PRAGMA user_version = 99")
    database.close()
    with pytest.raises(ReleaseUnusableError, match="version 99"):
        Provenance(path)
    path.write_bytes(b"no database at all" * 100)
    with pytest.raises(ReleaseUnusableError, match="database"):
        Provenance(path)


def test_missing_rows_are_the_whole_file() -> None:
    rows = pd.array([4, pd.NA], dtype="Int64")
    lineage = lineage_of(make_uses([1, 2], "value", "tables.a", rows))
    assert lineage.uses_of("desa", "x", None)["row"].tolist() == [4, 0]


USES = st.sets(
    st.tuples(
        st.integers(0, 3),
        st.sampled_from(["value", "budget", "codes"]),
        st.sampled_from(sorted(PATHS)),
        st.integers(0, 5),
    )
)


@given(st.lists(USES, max_size=4))
def test_the_file_says_of_each_place_what_was_used_and_equal_proofs_once(
    used: list[set[tuple[int, str, str, int]]],
) -> None:
    sources = Sources(PATHS)
    strands = tuple(
        sources.trace(
            "desa", [f"x{number}"], None, [pd.DataFrame(sorted(uses), columns=USE_COLUMNS)]
        )
        for number, uses in enumerate(used)
    )
    with TemporaryDirectory() as folder:
        path = Path(folder) / "p.sqlite"
        provenance = read(Lineage(sources, strands), path)
        for number, uses in enumerate(used):
            for place in range(1, 4):
                pieces = provenance.pieces("desa", f"x{number}", None, [place])
                rows = {
                    (piece.role, piece.input, row)
                    for piece in pieces
                    for row in range(piece.first, piece.last + 1)
                }
                assert rows == {tuple(use[1:]) for use in uses if use[0] in (0, place)}
        with closing(sqlite3.connect(path)) as database:
            parts = database.execute(
                "SELECT group_concat(role || input || '.' || first_row || '-' || last_row)"
                " FROM proof GROUP BY proof"
            ).fetchall()
            proofs = [row for (row,) in database.execute("SELECT proof FROM value")]
    assert len(parts) == len(set(parts))
    # A proof has the number that it first occurs with.
    assert list(dict.fromkeys(proofs)) == list(range(len(parts)))


def test_fields_that_say_the_same_are_one_strand(tmp_path: Path) -> None:
    sources = Sources(PATHS)
    uses = make_uses([1, 2], "value", "tables.a", [5, 6])
    strands = [sources.trace("desa", [name], 2024, [uses]) for name in "xyz"]
    Lineage(sources, tuple(strands)).write(tmp_path / "p.sqlite")
    with closing(sqlite3.connect(tmp_path / "p.sqlite")) as database:
        assert database.execute("SELECT field, strand FROM strand").fetchall() == [
            ("x", 0),
            ("y", 0),
            ("z", 0),
        ]
        assert database.execute("SELECT count(*) FROM value").fetchone() == (2,)
