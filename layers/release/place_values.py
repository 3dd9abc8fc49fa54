"""``values.sqlite``: every value of a year by place, so that a place is asked without its peers.

The columnar files of ``values/`` hold a field and year of all places, which is what a map of a
whole release needs; a profile needs all fields and years of one place, a kecamatan one field of
some places.  Both are answered from here by a few rows.  Values without a year, and the latest of
each place, are in ``features.index`` and are not repeated.  This module is the file's writer and
its reader; the layout is in ``layers/publish/README.md``.
"""

import json
import sqlite3
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import isnan
from pathlib import Path
from typing import NamedTuple, TypeAlias, cast, get_args

import numpy as np
from numpy.typing import NDArray

from layers.release import manifest, sqlite_file

FILE_NAME = "values.sqlite"
VERSION = 1
STATUSES: tuple[manifest.Status, ...] = get_args(manifest.Status)
OK: manifest.Status = "ok"
NO_DATA: manifest.Status = "no_data"
_BATCH = 100_000
_LAYOUT = f"""
CREATE TABLE field (field INTEGER PRIMARY KEY, layer TEXT NOT NULL, name TEXT NOT NULL);
CREATE TABLE status (status INTEGER PRIMARY KEY, word TEXT NOT NULL);
CREATE TABLE value (
    place INTEGER NOT NULL, field INTEGER NOT NULL, tahun INTEGER NOT NULL,
    status INTEGER NOT NULL, value REAL, known INTEGER, total INTEGER,
    PRIMARY KEY (place, field, tahun),
    CHECK ((value IS NOT NULL) = (status = {STATUSES.index(OK)}))) WITHOUT ROWID;
"""
_OF_PLACE = "SELECT field, tahun, status, value, known, total FROM value WHERE place = ?"
_OF_YEAR = """
SELECT place, status, value, known, total FROM value
WHERE place IN (SELECT atom FROM json_each(?)) AND field = ? AND tahun = ?
"""

Floats: TypeAlias = NDArray[np.float64]
Row: TypeAlias = tuple[int, int, int, int, float | None, int | None, int | None]
_PlaceRow: TypeAlias = tuple[int, int, int, float | None, int | None, int | None]
_YearRow: TypeAlias = tuple[int, int, float | None, int | None, int | None]


class Value(NamedTuple):
    """One value of a year.

    ``value`` is None unless ``status`` is ``ok``; ``known`` of ``total`` desa are in a sum or
    median, None where nothing says.
    """

    status: manifest.Status
    value: float | None = None
    known: int | None = None
    total: int | None = None


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
        Desa that a value is made of, NaN where nothing says; None for a field without coverage.
    """

    layer: str
    field: str
    tahun: int
    places: Sequence[int]
    values: Floats
    statuses: Sequence[str]
    known: Floats | None = None
    total: Floats | None = None


def write_place_values(path: Path, columns: Iterable[YearColumn]) -> None:
    """Write the file, which must not exist; the order of columns and places does not show.

    A value that is ``no_data`` and has no coverage is left out, which says the same.
    """
    columns = list(columns)
    names = sorted({(column.layer, column.field) for column in columns})
    number = {name: at for at, name in enumerate(names)}
    with sqlite_file.creating(path, _LAYOUT, VERSION) as database:
        database.executemany(
            "INSERT INTO field VALUES (?, ?, ?)", ((at, *name) for name, at in number.items())
        )
        database.executemany("INSERT INTO status VALUES (?, ?)", enumerate(STATUSES))
        parts = [_arrange(column, number[column.layer, column.field]) for column in columns]
        database.executemany("INSERT INTO value VALUES (?, ?, ?, ?, ?, ?, ?)", _rows_of(parts))


_Arrays: TypeAlias = tuple[NDArray[np.int64], Floats]
"""Place, field, year and status in columns; value, known and total in columns, NaN for null."""


def _arrange(column: YearColumn, field: int) -> _Arrays:
    codes = {word: at for at, word in enumerate(STATUSES)}
    status = np.array(
        [codes[cast(manifest.Status, word)] for word in column.statuses], dtype=np.int64
    )
    is_ok = status == codes[OK]
    status[is_ok & np.isnan(column.values)] = codes[NO_DATA]
    unknown = np.full(len(status), np.nan)
    numbers = np.column_stack(
        [
            np.where(is_ok, column.values, np.nan),
            unknown if column.known is None else column.known,
            unknown if column.total is None else column.total,
        ]
    )
    is_said = (status != codes[NO_DATA]) | ~np.isnan(numbers[:, 1:]).all(axis=1)
    places = np.asarray(column.places, dtype=np.int64)
    whole = [places, np.full_like(places, field), np.full_like(places, column.tahun), status]
    return np.column_stack(whole)[is_said], numbers[is_said]


def _rows_of(parts: Sequence[_Arrays]) -> Iterator[Row]:
    """All rows in the order of the key."""
    if not parts:
        return
    keys = np.concatenate([key for key, _ in parts])
    numbers = np.concatenate([number for _, number in parts])
    order = np.lexsort((keys[:, 2], keys[:, 1], keys[:, 0]))
    for start in range(0, len(order), _BATCH):
        batch = order[start : start + _BATCH]
        for key, (value, known, total) in zip(
            keys[batch].tolist(), numbers[batch].tolist(), strict=True
        ):
            yield (
                *key,
                None if isnan(value) else value,
                None if isnan(known) else int(known),
                None if isnan(total) else int(total),
            )


class PlaceValues:
    """The values of years by place, open for reading; any thread may ask.

    Raises
    ------
    OSError
        The file is not there, or is not of this version.
    """

    def __init__(self, path: Path) -> None:
        self._database = sqlite_file.Database(path, VERSION)
        try:
            fields = self._database.rows("SELECT field, layer, name FROM field")
            words = self._database.rows("SELECT word FROM status ORDER BY status")
        except sqlite3.DatabaseError as error:
            raise OSError(f"{path}: {error}") from error
        self._names = {field: (str(layer), str(name)) for field, layer, name in fields}
        self._numbers = {name: cast(int, field) for field, name in self._names.items()}
        self._words = [cast(manifest.Status, word) for (word,) in words]

    def of_place(self, place: int) -> dict[tuple[str, str, int], Value]:
        """All values of a place by layer, field and year; what is absent is `ABSENT`."""
        words, names = self._words, self._names
        rows = cast("list[_PlaceRow]", self._database.rows(_OF_PLACE, (place,)))
        return {
            (*names[field], tahun): Value(words[status], value, known, total)
            for field, tahun, status, value, known, total in rows
        }

    def of_year(
        self, layer: str, field: str, tahun: int, places: Collection[int]
    ) -> dict[int, Value]:
        """The values of some places in a year, by place; what is absent is `ABSENT`."""
        number = self._numbers.get((layer, field))
        if number is None or not places:
            return {}
        listed = json.dumps([int(place) for place in places])
        rows = cast("list[_YearRow]", self._database.rows(_OF_YEAR, (listed, number, tahun)))
        words = self._words
        return {
            place: Value(words[status], value, known, total)
            for place, status, value, known, total in rows
        }
