"""``values.sqlite``: every value of a year by place, so that a place is asked without its peers.

The columnar files of ``values/`` hold a field and year of all places, which is what a map of a
whole release needs; a profile needs all fields and years of one place, a kecamatan one field of
some places.  Both are answered from here by a few rows.  Values without a year, and the latest of
each place, are in ``features.index`` and are not repeated.  This module is the file's writer and
its reader; the layout is in ``layers/release/README.md``.
"""

import json
import sqlite3
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import isnan
from pathlib import Path
from typing import NamedTuple, TypeAlias, get_args

import numpy as np

from layers.release import array_kinds, byte_source, errors, manifest_file

FILE_NAME = "values.sqlite"
VERSION = 1
STATUSES: tuple[manifest_file.Status, ...] = get_args(manifest_file.Status)
_STATUS_OF: dict[str, manifest_file.Status] = {status: status for status in STATUSES}
OK: manifest_file.Status = "ok"
NO_DATA: manifest_file.Status = "no_data"
_LAYOUT = f"""
CREATE TABLE field (field INTEGER PRIMARY KEY, layer TEXT NOT NULL, name TEXT NOT NULL);
CREATE TABLE status (status INTEGER PRIMARY KEY, word TEXT NOT NULL);
CREATE TABLE value (
    place INTEGER NOT NULL, field INTEGER NOT NULL, tahun INTEGER NOT NULL,
    status INTEGER NOT NULL, value REAL, known INTEGER, total INTEGER,
    PRIMARY KEY (place, field, tahun),
    CHECK ((value IS NOT NULL) = (status = {STATUSES.index(OK)}))) WITHOUT ROWID;
CREATE TABLE part (
    place INTEGER NOT NULL, field INTEGER NOT NULL, tahun INTEGER NOT NULL, part INTEGER NOT NULL,
    known INTEGER, total INTEGER,
    PRIMARY KEY (place, field, tahun, part)) WITHOUT ROWID;
"""
_OF_PLACE = "SELECT field, tahun, status, value, known, total FROM value WHERE place = ?"
_OF_YEAR = """
SELECT place, status, value, known, total FROM value
WHERE place IN (SELECT atom FROM json_each(?)) AND field = ? AND tahun = ?
"""
_HAS_PARTS = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'part'"
_PARTS_OF_PLACE = "SELECT field, tahun, known, total FROM part WHERE place = ? ORDER BY part"
_PARTS_OF_YEAR = """
SELECT place, tahun, known, total FROM part
WHERE place IN (SELECT atom FROM json_each(?)) AND field = ? AND tahun = ? ORDER BY part
"""
Count: TypeAlias = tuple[int | None, int | None]


class Value(NamedTuple):
    """One value of a year.

    ``value`` is None unless ``status`` is ``ok``; ``known`` of ``total`` parts are in it, such as
    the desa of a sum or median, None where nothing says.  ``more`` says the same of each further
    kind of parts, such as the lines of a budget.
    """

    status: manifest_file.Status
    value: float | None = None
    known: int | None = None
    total: int | None = None
    more: tuple[Count, ...] = ()

    @property
    def counts(self) -> tuple[Count, ...]:
        """Parts known and parts in all, by kind."""
        return ((self.known, self.total), *self.more)


ABSENT = Value(NO_DATA)
"""What a place has in a year of which the file says nothing."""


@dataclass(frozen=True, slots=True)
class YearColumn:
    """The values of one field and year.

    Parameters
    ----------
    places
        Feature ids.
    values
        NaN where there is none; what stands beside another status than ``ok`` is not written.
    statuses
        One for each place; ``ok`` without a value counts as ``no_data``.
    known, total
        Parts that a value is made of, NaN where nothing says; None for a field without coverage.
    more
        The same for each further kind of parts.
    """

    layer: str
    field: str
    tahun: int
    places: Sequence[int]
    values: array_kinds.Floats
    statuses: Sequence[str]
    known: array_kinds.Floats | None = None
    total: array_kinds.Floats | None = None
    more: tuple[tuple[array_kinds.Floats, array_kinds.Floats], ...] = ()


def write_place_values(path: Path, columns: Iterable[YearColumn]) -> None:
    """Write the file, which must not exist; the order of columns and places does not show.

    A value that is ``no_data`` and has no coverage is left out, which says the same.
    """
    columns = list(columns)
    names = sorted({(column.layer, column.field) for column in columns})
    number = {name: position for position, name in enumerate(names)}
    with byte_source.creating(path, _LAYOUT, VERSION) as database:
        numbered = ((position, *name) for name, position in number.items())
        database.executemany("INSERT INTO field VALUES (?, ?, ?)", numbered)
        database.executemany("INSERT INTO status VALUES (?, ?)", enumerate(STATUSES))
        parts = [_arrange(column, number[column.layer, column.field]) for column in columns]
        _insert(database, parts)
        counts = sorted(
            row
            for column in columns
            for row in _count_parts(column, number[column.layer, column.field])
        )
        database.executemany("INSERT INTO part VALUES (?, ?, ?, ?, ?, ?)", counts)


def _count_parts(
    column: YearColumn, field: int
) -> Iterator[tuple[int, int, int, int, int | None, int | None]]:
    """Place, field, year, kind, known and total of each count that is said."""
    for kind, (known, total) in enumerate(column.more, start=1):
        for place, some, every in zip(column.places, known.tolist(), total.tolist(), strict=True):
            if not (isnan(some) and isnan(every)):
                yield int(place), field, column.tahun, kind, _whole(some), _whole(every)


def _whole(number: float) -> int | None:
    return None if isnan(number) else int(number)


_Arrays: TypeAlias = tuple[array_kinds.Integers, array_kinds.Floats]
"""Place, field, year and status in columns; value, known and total in columns, NaN for null."""


def _arrange(column: YearColumn, field: int) -> _Arrays:
    code_of = {word: code for code, word in enumerate(STATUSES)}
    status = np.array([code_of[_STATUS_OF[word]] for word in column.statuses], dtype=np.int64)
    is_ok = status == code_of[OK]
    status[is_ok & np.isnan(column.values)] = code_of[NO_DATA]
    unknown = np.full(len(status), np.nan)
    numbers = np.column_stack(
        [
            np.where(is_ok, column.values, np.nan),
            unknown if column.known is None else column.known,
            unknown if column.total is None else column.total,
        ]
    )
    is_said = (status != code_of[NO_DATA]) | ~np.isnan(numbers[:, 1:]).all(axis=1)
    places = np.asarray(column.places, dtype=np.int64)
    whole = [places, np.full_like(places, field), np.full_like(places, column.tahun), status]
    return np.column_stack(whole)[is_said], numbers[is_said]


def _insert(database: sqlite3.Connection, parts: Sequence[_Arrays]) -> None:
    """Insert all rows in the order of the key."""
    if not parts:
        return
    keys = np.concatenate([key for key, _ in parts])
    numbers = np.concatenate([number for _, number in parts])
    order = np.lexsort((keys[:, 2], keys[:, 1], keys[:, 0]))
    for rows in byte_source.batches(len(order)):
        value, known, total = numbers[order[rows]].T.tolist()
        columns = [
            *keys[order[rows]].T.tolist(),
            [None if isnan(number) else number for number in value],
            *([None if isnan(part) else int(part) for part in parts] for parts in (known, total)),
        ]
        byte_source.insert_rows(database, "value", columns)


class PlaceValues:
    """The values of years by place, open for reading; any thread may ask.

    Parameters
    ----------
    may_lack_parts
        Whether there may be no table of the counts of further kinds of parts: the first releases of
        schema 1.5 have none.

    Raises
    ------
    FileNotFoundError
        The file is not there.
    ReleaseUnusableError
        It is damaged, or not of this version; so say its questions too.
    """

    def __init__(self, path: Path, *, may_lack_parts: bool = False) -> None:
        self._database = byte_source.Database(path, VERSION)
        fields = self._database.rows("SELECT field, layer, name FROM field")
        words = self._database.rows("SELECT status, word FROM status")
        with errors.explained(path):
            self._names = dict(map(_read_field, fields))
            self._words = dict(map(_read_status, words))
        self._numbers = {name: field for field, name in self._names.items()}
        self._has_parts = not may_lack_parts or bool(self._database.rows(_HAS_PARTS))

    def of_place(self, place: int) -> dict[tuple[str, str, int], Value]:
        """All values of a place by layer, field and year; what is absent is `ABSENT`."""
        rows = self._database.rows(_OF_PLACE, (place,))
        with errors.explained(self._database.name):
            more = self._read_more(_PARTS_OF_PLACE, (place,))
            return {
                (*self._names[field], tahun): value._replace(more=more.get((field, tahun), ()))
                for field, tahun, value in (self._read(2, row) for row in rows)
            }

    def _read_more(
        self, question: str, values: Sequence[str | int]
    ) -> dict[tuple[int, int], tuple[Count, ...]]:
        """The counts of further kinds of parts, by the first two columns of the answer."""
        more: dict[tuple[int, int], tuple[Count, ...]] = {}
        for row in self._database.rows(question, values) if self._has_parts else ():
            match row:
                case (int(first), int(second), int() | None as known, int() | None as total):
                    more[first, second] = (*more.get((first, second), ()), (known, total))
                case _:
                    raise TypeError(f"{row} is no count")
        return more

    def of_year(
        self, layer: str, field: str, tahun: int, places: Collection[int]
    ) -> dict[int, Value]:
        """The values of some places in a year, by place; what is absent is `ABSENT`."""
        number = self._numbers.get((layer, field))
        if number is None or not places:
            return {}
        listed = json.dumps([int(place) for place in places])
        rows = self._database.rows(_OF_YEAR, (listed, number, tahun))
        with errors.explained(self._database.name):
            more = self._read_more(_PARTS_OF_YEAR, (listed, number, tahun))
            return {
                place: value._replace(more=more.get((place, tahun), ()))
                for place, _, value in (self._read(1, row) for row in rows)
            }

    def _read(self, keys: int, row: tuple[object, ...]) -> tuple[int, int, Value]:
        """One or two keys and the value beside them.

        Raises TypeError where a cell has another type, or a value stands beside another status.
        """
        match row[keys:]:
            case (
                int(status),
                float() | None as value,
                int() | None as known,
                int() | None as total,
            ) if (value is not None) == (self._words[status] == OK):
                first, second = row[0], row[keys - 1]
                if isinstance(first, int) and isinstance(second, int):
                    return first, second, Value(self._words[status], value, known, total)
        raise TypeError(f"{row} is no value")


def _read_field(row: tuple[object, ...]) -> tuple[int, tuple[str, str]]:
    match row:
        case (int(field), str(layer), str(name)):
            return field, (layer, name)
    raise TypeError(f"{row} is no field")


def _read_status(row: tuple[object, ...]) -> tuple[int, manifest_file.Status]:
    match row:
        case (int(status), str(word)) if word in _STATUS_OF:
            return status, _STATUS_OF[word]
    raise TypeError(f"{row} is no status")
