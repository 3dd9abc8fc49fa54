"""Values by place: what is written is what is read, by place and by year, and nothing hidden."""

from __future__ import annotations

import gc
import random
import sqlite3
import struct
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Barrier

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from layers.release.errors import ReleaseUnusableError
from layers.release.place_values import (
    ABSENT,
    STATUSES,
    PlaceValues,
    Value,
    YearColumn,
    write_place_values,
)

SECRET = 4711.25
PLACES = [9901012001, 7, 9901012003]
VALUES = st.one_of(
    st.floats(allow_nan=False, allow_infinity=False).map(lambda value: Value("ok", value)),
    st.sampled_from([Value(status) for status in STATUSES if status != "ok"]),
    st.builds(
        lambda value, known: Value("ok", value, known, known + 2),
        st.integers(-(10**9), 10**9).map(float),
        st.integers(0, 40),
    ),
    st.builds(lambda known: Value("suppressed", None, known, known), st.integers(0, 40)),
    st.builds(lambda total: Value("no_data", None, 0, total), st.integers(0, 40)),
)
KEYS = st.tuples(
    st.sampled_from(["desa", "gaps"]), st.sampled_from(["x", "y_pct"]), st.integers(2000, 2003)
)
TABLES = st.dictionaries(KEYS, st.lists(VALUES, min_size=len(PLACES), max_size=len(PLACES)))


def floats(numbers: list[float | None]) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    return np.array([np.nan if number is None else number for number in numbers])


def column(key: tuple[str, str, int], values: list[Value], order: list[int]) -> YearColumn:
    shuffled = [values[at] for at in order]
    return YearColumn(
        *key,
        [PLACES[at] for at in order],
        floats([value.value for value in shuffled]),
        [value.status for value in shuffled],
        floats([value.known for value in shuffled]),
        floats([value.total for value in shuffled]),
    )


def write(path: Path, table: dict[tuple[str, str, int], list[Value]], seed: int = 0) -> Path:
    shuffle = random.Random(seed)
    keys = sorted(table)
    shuffle.shuffle(keys)
    orders = {key: shuffle.sample(range(len(PLACES)), len(PLACES)) for key in keys}
    write_place_values(path, [column(key, table[key], orders[key]) for key in keys])
    return path


@pytest.fixture
def small(tmp_path: Path) -> Path:
    table = {("desa", "x", year): [Value("ok", float(year)), ABSENT, ABSENT] for year in (1, 2)}
    return write(tmp_path / "values.sqlite", table)


@given(TABLES)
def test_every_value_comes_back_by_place_and_by_year(
    table: dict[tuple[str, str, int], list[Value]],
) -> None:
    with TemporaryDirectory() as folder:
        values = PlaceValues(write(Path(folder) / "v.sqlite", table))
        for key, written in table.items():
            by_year = values.of_year(*key, PLACES)
            for place, value in zip(PLACES, written, strict=True):
                assert by_year.get(place, ABSENT) == value
                assert values.of_place(place).get(key, ABSENT) == value


@given(TABLES, st.integers(1, 9))
def test_the_order_of_what_is_written_does_not_show(
    table: dict[tuple[str, str, int], list[Value]], seed: int
) -> None:
    with TemporaryDirectory() as folder:
        first = write(Path(folder) / "1.sqlite", table)
        second = write(Path(folder) / "2.sqlite", table, seed)
        assert first.read_bytes() == second.read_bytes()


@pytest.mark.parametrize("status", [status for status in STATUSES if status != "ok"])
def test_a_number_beside_another_status_is_not_in_the_file(tmp_path: Path, status: str) -> None:
    path = tmp_path / "v.sqlite"
    statuses = [status, "ok", "ok"]
    numbers = floats([SECRET, 1.5, None])
    write_place_values(path, [YearColumn("desa", "x", 2024, PLACES, numbers, statuses)])
    assert struct.pack(">d", SECRET) not in path.read_bytes()
    found = PlaceValues(path).of_year("desa", "x", 2024, PLACES)
    assert found.get(PLACES[0], ABSENT) == Value(status)  # type: ignore[arg-type]  # one of the literals
    assert found[PLACES[1]] == Value("ok", 1.5)
    assert PLACES[2] not in found


def test_the_layout_takes_no_hidden_number(small: Path) -> None:
    with sqlite3.connect(small) as database, pytest.raises(sqlite3.IntegrityError, match="CHECK"):
        database.execute("INSERT INTO value VALUES (1, 0, 9, 5, 3.0, NULL, NULL)")
    database.close()


def test_what_is_not_there_is_absent(small: Path) -> None:
    values = PlaceValues(small)
    assert values.of_place(1) == {}
    assert values.of_year("desa", "x", 3, PLACES) == {}
    assert values.of_year("desa", "z", 1, PLACES) == {}
    assert values.of_year("desa", "x", 1, []) == {}


def test_a_file_of_another_version_is_refused(small: Path, tmp_path: Path) -> None:
    with sqlite3.connect(small) as database:
        database.execute("PRAGMA user_version = 99")
    database.close()
    with pytest.raises(ReleaseUnusableError, match="version 99, expected 1"):
        PlaceValues(small)
    small.write_bytes(b"no database at all" * 300)
    with pytest.raises(ReleaseUnusableError, match="not a database"):
        PlaceValues(small)
    with pytest.raises(FileNotFoundError):
        PlaceValues(tmp_path / "none.sqlite")


def test_a_file_of_before_there_were_further_counts_is_read_where_it_may_be(small: Path) -> None:
    before = PlaceValues(small).of_place(PLACES[0])
    with sqlite3.connect(small) as database:
        database.execute("DROP TABLE part")
        database.commit()
        database.execute("VACUUM")
    database.close()
    values = PlaceValues(small, may_lack_parts=True)
    assert values.of_place(PLACES[0]) == {
        key: value._replace(more=()) for key, value in before.items()
    }
    (layer, field, tahun), value = next(iter(values.of_place(PLACES[0]).items()))
    assert values.of_year(layer, field, tahun, PLACES[:1]) == {PLACES[0]: value}
    with pytest.raises(ReleaseUnusableError, match="no such table"):
        PlaceValues(small).of_place(PLACES[0])


def opened(path: Path) -> int:
    """How often this process has a file open."""
    return sum(
        descriptor.is_symlink() and descriptor.readlink() == path for descriptor in _descriptors()
    )


def _descriptors() -> Iterator[Path]:
    return Path("/proc/self/fd").iterdir()


def ask_in_threads(values: PlaceValues, count: int) -> list[int]:
    together = Barrier(count)

    def ask(place: int) -> int:
        together.wait(timeout=30)
        return len(values.of_place(place))

    with ThreadPoolExecutor(count) as threads:
        return list(threads.map(ask, [PLACES[0]] * count))


def test_each_thread_has_a_connection_that_goes_with_it(small: Path) -> None:
    values = PlaceValues(small)
    assert ask_in_threads(values, 4) == [2] * 4
    gc.collect()
    assert opened(small) == 1
    del values
    gc.collect()
    assert opened(small) == 0
