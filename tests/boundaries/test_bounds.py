"""Readers in a process of their own: what ends them, what they say, what comes back."""

from __future__ import annotations

import gzip
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import shapely

from boundaries.bounds import declared_sizes, input_limits, input_readers
from boundaries.coverage import work_estimates
from boundaries.errors import (
    InputBeyondLimitError,
    InputMissingError,
    InputUnreadableError,
)

SMALL = input_limits.InputLimits(memory_mb=60, seconds=1)


class FaultError(Exception):
    """An error of no package of ours, with an argument that cannot leave the process."""


def take_memory() -> int:
    return len(bytearray(400_000_000))


def take_slowly(parts_of_100_kb: int = 10_000) -> int:
    """Memory in use, not asked for at once."""
    parts = []
    for _ in range(parts_of_100_kb):
        parts.append(b"x" * 100_000)
        time.sleep(0.001)
    return len(parts)


def free_much() -> bytes:
    """Leave 400 MB of small pieces free but not returned, below the piece that is returned."""
    pieces = [b"x" * 100_000 for _ in range(4_000)]
    return pieces.pop()


def take_time() -> None:
    while True:
        pass


def die(number: int) -> None:
    os.kill(os.getpid(), number)


def fail(error: Exception) -> None:
    raise error


def recurse(depth: int) -> int:
    return recurse(depth + 1)


def process_id() -> int:
    return os.getpid()


@pytest.fixture
def file(tmp_path: Path) -> input_limits.InputFile:
    (tmp_path / "b.csv").write_text("kode\n")
    return input_limits.InputFile(tmp_path / "b.csv", "data/b.csv")


@pytest.fixture
def opened() -> Iterator[input_readers.Readers]:
    with input_readers.open_readers(SMALL) as open_readers:
        yield open_readers


def beyond(file: input_limits.InputFile, call: object, *given: object) -> tuple[str | None, str]:
    """File and setting of the finding in which a call ends."""
    assert callable(call)
    with pytest.raises(InputBeyondLimitError) as raised:
        input_readers.read_within(file, call, *given)
    finding = raised.value.finding
    assert str(finding.value).removeprefix("limits.") in finding.message
    return finding.file, str(finding.value)


@pytest.mark.usefixtures("opened")
@pytest.mark.parametrize("call", [take_memory, take_slowly])
def test_who_takes_memory_ends_in_a_finding(file: input_limits.InputFile, call: object) -> None:
    assert beyond(file, call) == ("data/b.csv", "limits.memory_mb")


@pytest.mark.usefixtures("opened")
def test_memory_freed_before_counts_when_it_is_taken(file: input_limits.InputFile) -> None:
    last = free_much()
    assert beyond(file, take_slowly, 3_000) == ("data/b.csv", "limits.memory_mb")
    del last


@pytest.mark.usefixtures("opened")
def test_who_takes_time_ends_in_a_finding(file: input_limits.InputFile) -> None:
    assert beyond(file, take_time) == ("data/b.csv", "limits.seconds")


@pytest.mark.usefixtures("opened")
def test_who_aborts_was_refused_memory(file: input_limits.InputFile) -> None:
    assert beyond(file, die, signal.SIGABRT) == ("data/b.csv", "limits.memory_mb")


@pytest.mark.usefixtures("opened")
def test_who_crashes_is_named(file: input_limits.InputFile) -> None:
    with pytest.raises(
        InputUnreadableError, match=r"data/b.csv: its reader broke off \(signal 11\)"
    ):
        input_readers.read_within(file, die, signal.SIGSEGV)


@pytest.mark.usefixtures("opened")
def test_after_one_is_gone_others_are_read(file: input_limits.InputFile) -> None:
    beyond(file, die, signal.SIGABRT)
    assert input_readers.read_within(file, len, "abc") == 3


@pytest.mark.usefixtures("opened")
def test_one_process_reads_many_files(file: input_limits.InputFile) -> None:
    numbers = {input_readers.read_within(file, process_id) for _ in range(3)}
    assert len(numbers) == 1
    assert numbers != {os.getpid()}


def test_the_process_ends_with_the_block(file: input_limits.InputFile) -> None:
    with input_readers.open_readers():
        number = input_readers.read_within(file, process_id)
    with pytest.raises(ProcessLookupError):
        os.kill(number, 0)


def test_outside_of_a_block_nothing_is_forked(file: input_limits.InputFile) -> None:
    assert input_readers.read_within(file, process_id) == os.getpid()


@pytest.mark.usefixtures("opened")
def test_errors_of_the_project_come_back_as_they_are(file: input_limits.InputFile) -> None:
    with pytest.raises(InputMissingError, match="gone"):
        input_readers.read_within(file, fail, InputMissingError("gone"))


@pytest.mark.usefixtures("opened")
@pytest.mark.parametrize("error", [FaultError("x"), IndexError("list index out of range")])
def test_other_errors_name_the_file(file: input_limits.InputFile, error: Exception) -> None:
    with pytest.raises(InputUnreadableError, match=r"data/b\.csv: cannot be read"):
        input_readers.read_within(file, fail, error)


@pytest.mark.usefixtures("opened")
def test_nesting_is_a_message(file: input_limits.InputFile) -> None:
    with pytest.raises(InputUnreadableError, match=r"data/b\.csv: nested deeper"):
        input_readers.read_within(file, recurse, 0)


def test_a_hole_buys_no_memory(tmp_path: Path) -> None:
    with (tmp_path / "b.csv").open("wb") as stream:
        stream.truncate(10_000_000_000)
    assert input_limits.InputFile(tmp_path / "b.csv", "b").size < 1_000_000


def test_limits_grow_with_the_file_unless_they_are_declared() -> None:
    small, large = (input_limits.InputLimits().allow(size) for size in (1_000, 50_000_000))
    assert small.memory < large.memory
    assert small.seconds < large.seconds
    assert SMALL.allow(1_000).memory == SMALL.allow(50_000_000).memory == 60_000_000


def test_parquet_of_few_words_is_given_memory_by_its_cells(tmp_path: Path) -> None:
    table = pa.table({"kode": ["53.06.01.2001"] * 500_000})
    pq.write_table(table, tmp_path / "b.parquet")
    file = input_limits.InputFile(tmp_path / "b.parquet", "b.parquet")
    assert (tmp_path / "b.parquet").stat().st_size < 100_000
    assert file.size == 6_000_000


def test_all_members_of_a_gzip_file_are_read(tmp_path: Path) -> None:
    path = tmp_path / "b.csv.gz"
    path.write_bytes(gzip.compress(b"kode\n") + gzip.compress(b"1\n" * 2_000_000))
    file = input_limits.InputFile(path, "b.csv.gz")
    content = declared_sizes.read_content(file, input_limits.InputLimits().allow(file.size))
    assert content == b"kode\n" + b"1\n" * 2_000_000


@pytest.mark.parametrize("cut", [5, 30, -3])
def test_a_gzip_file_that_is_cut_off_is_named(tmp_path: Path, cut: int) -> None:
    path = tmp_path / "b.csv.gz"
    path.write_bytes(gzip.compress(bytes(range(256)) * 100)[:cut])
    file = input_limits.InputFile(path, "b.csv.gz")
    with pytest.raises(InputUnreadableError, match="not a whole gzip file"):
        declared_sizes.read_content(file, input_limits.InputLimits().allow(file.size))


def test_crossings_of_a_small_outline_are_counted() -> None:
    bow = shapely.from_wkt("POLYGON ((0 0, 2 2, 2 0, 0 2, 0 0))")
    assert work_estimates.estimate_crossings(bow) == 1
    assert work_estimates.estimate_crossings(shapely.box(0, 0, 1, 1)) == 0


def test_crossings_of_a_large_outline_are_estimated() -> None:
    count = 401
    angle = 2 * np.pi * (np.arange(count) * (count // 2) % count) / count
    star = shapely.Polygon(np.c_[np.cos(angle), np.sin(angle)])
    assert work_estimates.estimate_crossings(star) == pytest.approx(
        count * (count - 3) / 2, rel=0.1
    )


def test_pairs_of_a_stack_are_refused_and_those_of_a_map_are_not() -> None:
    beside = np.array([shapely.box(x, 0, x + 1, 1) for x in range(2_000)])
    work_estimates.check_pairs(beside, "b.gpkg")
    with pytest.raises(InputBeyondLimitError, match=r"b\.gpkg: Of 2,000 polygons about"):
        work_estimates.check_pairs(np.array([shapely.box(0, 0, 1, 1)] * 2_000), "b.gpkg")
