"""Every format of ours comes back as it was written, and a damaged file is refused in our words."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeAlias

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from layers.publish.format_table import KINDS
from layers.release.errors import ReleaseUnusableError
from layers.release.feature_index import MAGIC
from tests.layers.release.every_format import CODECS, EXPECTED, Codec, write_all

Json: TypeAlias = "dict[str, Json] | list[Json] | str | int | float | bool | None"
WRONG: Json = [[None]]
"""A value that no key of any of the formats has."""
FREE = ("filter", "paint")
"""Keys below which anything may stand: expressions of MapLibre."""
IN_LINES = ("findings.json", "outlines.jsonl", "isolines.jsonl", "tables/follow_up.jsonl")
OF_JSON = [pattern for pattern in CODECS if "json" in pattern and "geojson" not in pattern]
SQLITE = ("values.sqlite", "tables/provenance.sqlite")
SOUGHT = {"field.field", "status.status", "value.place", "value.strand", "value.proof"}
SOUGHT |= {"value.field", "value.tahun", "proof.proof", "proof.input", "input.input"}
SOUGHT |= {"strand.layer", "strand.field", "strand.tahun"}
SOUGHT |= {"part.place", "part.field", "part.tahun", "part.part"}
"""Columns by which rows are sought: a damaged one is not met, and `verify` finds it."""


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sound")
    write_all(folder)
    return folder


@pytest.fixture
def release(sound: Path, tmp_path: Path) -> Path:
    return shutil.copytree(sound, tmp_path / "release")


def is_refused(codec: Codec, release: Path) -> bool:
    """Whether it is refused, in our words; any other error fails the test."""
    try:
        codec.read(release)
    except ReleaseUnusableError as error:
        message = str(error)
    else:
        return False
    names = (Path(codec.path).name.partition(".")[0], "desa")
    assert any(name in message for name in names), message
    return True


def test_every_kind_of_file_of_ours_is_tested_here() -> None:
    assert list(CODECS) == [kind.pattern for kind in KINDS if kind.record]


@pytest.mark.parametrize("pattern", CODECS)
def test_what_is_written_is_what_is_read(pattern: str, sound: Path) -> None:
    codec = CODECS[pattern]
    expected = EXPECTED.get(pattern)
    assert codec.read(sound) == expected or (expected is None and codec.read(sound))


@pytest.mark.parametrize("pattern", CODECS)
def test_a_file_that_is_not_there_is_said_to_be_missing(pattern: str, release: Path) -> None:
    (release / CODECS[pattern].path).unlink()
    with pytest.raises(FileNotFoundError):
        CODECS[pattern].read(release)


@pytest.mark.parametrize("content", [b"", b"\0" * 9000, b"[]", b"{}", b'"x"', b"PK\3\4", b"\xff"])
@pytest.mark.parametrize("pattern", CODECS)
def test_another_file_under_its_name_is_refused(
    pattern: str, content: bytes, release: Path
) -> None:
    codec = CODECS[pattern]
    (release / codec.path).write_bytes(content)
    # A list without a service is one.
    assert is_refused(codec, release) or (pattern, content) == ("services.json", b"[]")


@pytest.mark.parametrize("pattern", CODECS)
def test_a_file_cut_off_is_refused(pattern: str, release: Path) -> None:
    codec = CODECS[pattern]
    path = release / codec.path
    content = path.read_bytes()
    for length in {1, 7, len(content) // 3, len(content) // 2, len(content) - 3}:
        path.write_bytes(content[:length])
        assert is_refused(codec, release), f"{length} of {len(content)} bytes"


@pytest.mark.parametrize("pattern", CODECS)
def test_flipped_bytes_raise_no_error_of_a_library(pattern: str, sound: Path) -> None:
    codec = CODECS[pattern]
    content = (sound / codec.path).read_bytes()
    changes = st.lists(
        st.tuples(st.integers(0, len(content) - 1), st.integers(0, 255)), min_size=1, max_size=4
    )

    with TemporaryDirectory() as folder:
        release = shutil.copytree(sound, Path(folder) / "release")

        @given(changes)
        @settings(max_examples=60)
        def check(flips: list[tuple[int, int]]) -> None:
            damaged = bytearray(content)
            for position, byte in flips:
                damaged[position] = byte
            (release / codec.path).write_bytes(damaged)
            is_refused(codec, release)

        check()


def places_of(document: Json, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Where each value of a document stands."""
    if path:
        yield path
    if isinstance(document, dict | list) and not set(path) & set(FREE):
        named = document.items() if isinstance(document, dict) else enumerate(document)
        for name, part in named:
            yield from places_of(part, (*path, name))


def parts_of(pattern: str, path: Path) -> list[tuple[bytes, Json]]:
    """The JSON texts in a file, and what they say."""
    content = path.read_bytes()
    if pattern.endswith("features.index"):
        texts = [content[16 : 16 + int.from_bytes(content[8:16], "little")]]
    elif pattern in IN_LINES:
        texts = [line.strip().rstrip(b",") for line in content.splitlines() if b": " in line]
    else:
        texts = [content]
    return [
        (text, json.loads(text)) for text in texts if text.endswith((b"}", b"]")) and text != b"]"
    ]


def replace_part(pattern: str, release: Path, before: bytes, document: Json) -> None:
    """Put another JSON text in the place of one, in a file that is sound otherwise."""
    path = release / CODECS[pattern].path
    after = json.dumps(document).encode()
    content = path.read_bytes()
    if pattern.endswith("features.index"):
        start = -(-(16 + len(before)) // 8) * 8
        head = MAGIC + len(after).to_bytes(8, "little") + after
        path.write_bytes(head + b"\0" * (-len(head) % 8) + content[start:])
        return
    path.write_bytes(content.replace(before, after))
    index = path.with_suffix(".index.json")
    if index.exists():
        (key,) = json.loads(index.read_bytes())
        index.write_text(json.dumps({key: [0, path.stat().st_size]}))


@pytest.mark.parametrize("pattern", [*OF_JSON, "layers/*/features.index"])
def test_a_missing_key_and_a_value_of_another_type_are_refused(
    pattern: str, sound: Path, release: Path
) -> None:
    codec = CODECS[pattern]
    path = sound / codec.path
    for text, document in parts_of(pattern, path):
        for *parents, name in places_of(document):
            for is_missing in (False, True):
                damaged = json.loads(text)
                holder = damaged
                for parent in parents:
                    holder = holder[parent]
                if is_missing and (isinstance(name, int) or name in codec.optional):
                    continue
                if is_missing:
                    del holder[name]
                else:
                    holder[name] = 5 if name in FREE else WRONG
                shutil.copy(path, release / codec.path)
                replace_part(pattern, release, text, damaged)
                where = f"{[*parents, name]} {'missing' if is_missing else 'wrong'}"
                assert is_refused(codec, release) or is_word(pattern, parents), where


def is_word(pattern: str, parents: list[str | int]) -> bool:
    """Whether the keys there are words of the data, of which any may be absent."""
    words = {
        "manifest.json": (
            "status_counts",
            "year_counts",
            "year_inputs",
            "sebutan_desa",
            "findings",
        ),
        "layers/*/style.json": ("sources",),
        "tables/follow_up.jsonl": ("baris",),
        "layers/*/features.index": ("columns", "arrays"),
    }
    return bool(parents) and parents[-1] in words.get(pattern, ())


def columns_of(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as database:
        tables = [name for (name,) in database.execute("SELECT name FROM sqlite_master")]
        return [
            f"{table}.{column[1]}"
            for table in tables
            for column in database.execute(f"PRAGMA table_info({table})")
        ]


def change(path: Path, *statements: str) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        database.execute("PRAGMA ignore_check_constraints = ON")
        for statement in statements:
            database.execute(statement)


@pytest.mark.parametrize("pattern", SQLITE)
def test_a_database_of_another_version_or_layout_is_refused(
    pattern: str, sound: Path, release: Path
) -> None:
    codec = CODECS[pattern]
    columns = columns_of(sound / codec.path)
    tables = {name.partition(".")[0] for name in columns}
    statements = ["PRAGMA user_version = 9", *(f"DROP TABLE {table}" for table in sorted(tables))]
    for name in columns:
        table, column = name.split(".")
        if name not in SOUGHT:
            statements.append(f"UPDATE {table} SET {column} = x'ff'")
    for statement in statements:
        shutil.copy(sound / codec.path, release / codec.path)
        change(release / codec.path, statement)
        assert is_refused(codec, release), statement


def test_arrays_that_are_missing_or_of_another_kind_are_refused(release: Path) -> None:
    codec = CODECS["access/what_if.npz"]
    path = release / codec.path
    with np.load(path) as archive:
        arrays = dict(archive)
    for name, array in arrays.items():
        others = {key: other for key, other in arrays.items() if key != name}
        wrong = [{**others, name: array.astype("S9")}, {**others, name: np.stack([array, array])}]
        may_be_missing = name in ("people_desa", "norm_m.sd") or name.startswith("untold_")
        for damaged in [*wrong, *([] if may_be_missing else [others])]:
            np.savez_compressed(path, **damaged)
            assert is_refused(codec, release), name
