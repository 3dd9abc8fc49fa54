"""The files of ``values/`` that hold a field and year of all places of a layer, as arrays.

They are what a map of a whole release needs, in the browser too, and are joined by the places of
``ids.json``.  The layout is in ``layers/release/README.md``.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, groupby, repeat
from pathlib import Path
from types import NoneType

import numpy as np
import orjson

from layers.release import array_kinds, errors, manifest_file, place_values


@dataclass(frozen=True, slots=True)
class PlaceIds:
    """The places of a layer: feature ids, and their codes where the layer has codes."""

    fid: Sequence[int]
    kode: Sequence[str | None] = ()


@dataclass(frozen=True, slots=True)
class Parts:
    """How many parts of each value are known, of how many; NaN where nothing says.

    ``unit`` is that of `layers.release.manifest_file.Coverage`.
    """

    unit: str
    known: array_kinds.Floats
    total: array_kinds.Floats


@dataclass(frozen=True, slots=True)
class ValueColumn:
    """One field and year of all places, in the order of ``ids.json``.

    Parameters
    ----------
    tahun
        None for a field without years.
    values
        NaN unless the status is ``ok``.
    is_whole
        Whether all values are whole numbers and are written so.
    """

    field: str
    tahun: int | None
    unit: str | None
    values: array_kinds.Floats
    statuses: tuple[str, ...]
    parts: tuple[Parts, ...] = ()
    is_whole: bool = False


def ids_file(layer: str) -> str:
    """Path of the file of the places of a layer, in its release."""
    return f"layers/{layer}/values/ids.json"


def year_file(layer: str, field: str, tahun: int | None) -> str:
    """Path of the file of a field and year, in its release.

    >>> year_file("desa", "idm_skor", 2024), year_file("gaps", "gap_count", None)
    ('layers/desa/values/idm_skor-2024.json', 'layers/gaps/values/gap_count.json')
    """
    return f"layers/{layer}/values/{field}{'' if tahun is None else f'-{tahun}'}.json"


def write_place_ids(path: Path, ids: PlaceIds) -> None:
    """Write the places of a layer."""
    _write(path, {"fid": list(ids.fid), "kode": list(ids.kode)})


def read_place_ids(path: Path) -> PlaceIds:
    """The places of a layer.

    Raises
    ------
    OSError
        The file cannot be read.
    ReleaseUnusableError
        It is damaged.
    """
    with errors.explained(path):
        document = orjson.loads(path.read_bytes())
        ids = PlaceIds(tuple(document["fid"]), tuple(document["kode"]))
        _check_types("fid", ids.fid, int)
        _check_types("kode", ids.kode, str, NoneType)
        if ids.kode and len(ids.kode) != len(ids.fid):
            raise ValueError(f"{len(ids.kode)} codes for {len(ids.fid)} places")
        return ids


def write_value_column(path: Path, column: ValueColumn) -> None:
    """Write a column; statuses as runs of equal neighbours, coverage only where there is one."""
    document: dict[str, object] = {
        "field": column.field,
        "tahun": column.tahun,
        "unit": column.unit,
        "values": _numbers(column.values, is_whole=column.is_whole),
        "status": [(status, len(list(run))) for status, run in groupby(column.statuses)],
    }
    if column.parts:
        document["coverage"] = [
            {
                "unit": part.unit,
                "known": _numbers(part.known, is_whole=True),
                "total": _numbers(part.total, is_whole=True),
            }
            for part in column.parts
        ]
    _write(path, document)


def read_value_column(path: Path) -> ValueColumn:
    """The column that a file holds.

    Raises
    ------
    OSError
        The file cannot be read.
    ReleaseUnusableError
        It is damaged, or its parts are not of one length.
    """
    with errors.explained(path):
        document = orjson.loads(path.read_bytes())
        statuses = _repeat_statuses(document["status"], len(document["values"]))
        is_ok = np.array([status == place_values.OK for status in statuses], dtype=bool)
        numbers = document["values"]
        words = (document["field"], document["unit"])
        _check_types("field and unit", words, str, NoneType)
        _check_types("tahun", [document["tahun"]], int, NoneType)
        return ValueColumn(
            field=document["field"],
            tahun=document["tahun"],
            unit=document["unit"],
            values=np.where(is_ok, _floats(numbers, len(statuses)), np.nan),
            statuses=statuses,
            parts=tuple(
                Parts(
                    part["unit"],
                    _floats(part["known"], len(statuses)),
                    _floats(part["total"], len(statuses)),
                )
                for part in document.get("coverage", ())
            ),
            is_whole=not any(isinstance(number, float) for number in numbers),
        )


def read_year_columns(
    release: Path, layer: manifest_file.LayerEntry
) -> Iterator[place_values.YearColumn]:
    """All columns of years of a layer in a release directory, with their places."""
    places = read_place_ids(release / ids_file(layer.id)).fid
    for entry in layer.fields:
        if not entry.thematic or entry.type not in ("integer", "number"):
            continue
        for tahun in entry.years:
            column = read_value_column(release / year_file(layer.id, entry.name, tahun))
            part = column.parts[0] if column.parts else None
            yield place_values.YearColumn(
                layer.id,
                entry.name,
                tahun,
                places,
                column.values,
                column.statuses,
                None if part is None else part.known,
                None if part is None else part.total,
                tuple((further.known, further.total) for further in column.parts[1:]),
            )


def _write(path: Path, document: dict[str, object]) -> None:
    path.write_bytes(orjson.dumps(document, option=orjson.OPT_APPEND_NEWLINE))


def _numbers(values: array_kinds.Floats, *, is_whole: bool) -> list[float | None]:
    """An array as JSON has it: null for NaN, whole numbers without a decimal point."""
    if is_whole:
        return [None if number != number else int(number) for number in values.tolist()]
    return [None if number != number else number for number in values.tolist()]


def _repeat_statuses(runs: Sequence[tuple[str, int]], count: int) -> tuple[str, ...]:
    """A status for each place; a damaged run could be endless, so counts are looked at first."""
    _check_types("status", [status for status, _ in runs], str)
    _check_types("status", [length for _, length in runs], int)
    if sum(length for _, length in runs) != count:
        raise ValueError(f"statuses for another number of places than {count}")
    return tuple(chain.from_iterable(repeat(status, length) for status, length in runs))


def _floats(numbers: list[float | None], count: int) -> array_kinds.Floats:
    """Numbers as an array, NaN where there is none."""
    _check_types("numbers", numbers, int, float, NoneType)
    if len(numbers) != count:
        raise ValueError(f"{len(numbers)} numbers for {count} places")
    return np.array([np.nan if number is None else number for number in numbers], dtype=np.float64)


def _check_types(name: str, cells: Sequence[object], *types: type) -> None:
    """Raise TypeError where a cell has none of the types; ``True`` is no number."""
    others = set(map(type, cells)) - {*types}
    if others:
        raise TypeError(f"{name}: {', '.join(sorted(other.__name__ for other in others))}")
