"""Cells of records in JSON: an array of objects, alone or inside an answer, or one object a line.

An array is what most interfaces of government answer; ``{"data": [...]}`` and
``{"result": {"records": [...]}}`` are the same one level or two down.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence

from layers.errors import InputError
from layers.tables.files import grids, headers

DEPTH = 3
MOST_COLUMNS = 4096
_INSIDE = "."


def read_json_records(content: bytes, label: str, reading: grids.SheetReading) -> grids.CellGrid:
    """The cells with the keys as first row, so that the first record is row 2 as in a sheet.

    An object inside a record gives a column for each of its keys (``induk.anak``); an array inside
    a record is no cell and is left out with a note.

    Raises
    ------
    InputError
        Not JSON, without an array of records, with several that fit, or with a key twice in a
        record.
    """
    document = _parse(content, label, reading.encoding)
    places = dict(_arrays(document, "", DEPTH))
    if not places:
        raise InputError(
            f"{label}: JSON without records; expected [{{…}}, {{…}}], or such an array under a key "
            'as in {"data": [{…}]}.'
        )
    name = _choose(places, label, reading)
    notes = [f"records read from '{name}'"] if name else []
    records = places[name]
    if records and all(isinstance(record, list) for record in records):
        return grids.CellGrid(
            [_as_cells(record) for record in records], name or None, (), tuple(notes)
        )
    return _to_grid(records, name, notes, label, reading.expected)


def _parse(content: bytes, label: str, encoding: str | None) -> object:
    try:
        text = content.decode(encoding or json.detect_encoding(content)).lstrip("\ufeff")
    except (UnicodeError, LookupError) as error:
        raise InputError(f"{label}: not in the encoding it should have: {error}.") from error
    try:
        return _load(text)
    except (ValueError, RecursionError) as error:
        lines = _parse_lines(text)
        if lines is None:
            raise InputError(f"{label}: not readable JSON: {error}.") from error
        return lines
    except _RepeatedKeyError as repeated:
        raise InputError(
            f"{label}: a record has the key '{repeated}' twice; which one counts?"
        ) from repeated


def _parse_lines(text: str) -> list[object] | None:
    """The objects of JSON lines, None where a line is none."""
    try:
        lines = [_load(line) for line in text.splitlines() if line.strip()]
    except (ValueError, RecursionError):
        return None
    return lines if len(lines) > 1 else None


class _RepeatedKeyError(Exception):
    """A key that stands twice in one object."""


def _load(text: str) -> object:
    document: object = json.loads(text, object_pairs_hook=_unique)
    return document


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    members = dict(pairs)
    if len(members) < len(pairs):
        names = [name for name, _ in pairs]
        raise _RepeatedKeyError(next(name for name in names if names.count(name) > 1))
    return members


def _arrays(value: object, name: str, depth: int) -> Iterator[tuple[str, Sequence[object]]]:
    """Arrays of records by the path of keys that leads to them."""
    if isinstance(value, list):
        if value and (_are(value, dict) or (_are(value, list) and len(value) > 1)):
            yield name, value
    elif isinstance(value, dict) and value.get("type") == "FeatureCollection":
        features = value.get("features")
        if isinstance(features, list) and _are(features, dict):
            yield name, [feature.get("properties") or {} for feature in features]
    elif isinstance(value, dict) and depth:
        for key, inside in value.items():
            yield from _arrays(inside, f"{name}{_INSIDE}{key}" if name else key, depth - 1)


def _are(values: Sequence[object], kind: type) -> bool:
    return all(isinstance(value, kind) for value in values)


def _choose(places: Mapping[str, Sequence[object]], label: str, reading: grids.SheetReading) -> str:
    if reading.sheet is not None:
        if reading.sheet in places:
            return reading.sheet
        raise InputError(f"{label}: no records under '{reading.sheet}'; there are {[*places]}.")
    expected = {headers.fold(name) for name in reading.expected}
    fitting = [name for name, records in places.items() if expected <= _keys(records)]
    candidates = fitting or [*places]
    if len(candidates) > 1:
        raise InputError(
            f"{label}: records under several keys ({', '.join(map(repr, candidates))}); say which "
            "with 'sheet'."
        )
    return candidates[0]


def _keys(records: Sequence[object]) -> set[str]:
    keys: set[str] = set()
    for record in records[:200]:
        keys |= {headers.fold(key) for key, _ in _flat(record, "")}
    return keys


def _flat(record: object, name: str) -> Iterator[tuple[str, object]]:
    """The cells of a record by column; an object inside it is a group of columns."""
    if isinstance(record, dict):
        for key, value in record.items():
            yield from _flat(value, f"{name}{_INSIDE}{key}" if name else key)
    elif isinstance(record, list) and not name:
        yield from ((str(cell), None) for cell in record)
    else:
        yield name, record


def _to_grid(
    records: Sequence[object], name: str, notes: list[str], label: str, expected: Iterable[str]
) -> grids.CellGrid:
    flat = [dict(_flat(record, "")) for record in records]
    columns = list(dict.fromkeys(key for record in flat for key in record))
    columns = columns if records else list(expected)
    if len(columns) > MOST_COLUMNS:
        raise InputError(f"{label}: records with {len(columns)} different keys are no table.")
    lists = [key for key in columns if any(isinstance(record.get(key), list) for record in flat)]
    columns = [key for key in columns if key not in lists]
    if lists:
        notes.append(f"no cells but arrays, left out: {', '.join(map(repr, lists))}")
    rows = [_as_cells([record.get(key) for key in columns]) for record in flat]
    return grids.CellGrid([columns, *rows], name or None, (), tuple(notes))


def _as_cells(values: object) -> list[object]:
    assert isinstance(values, list)
    return [None if value == "" else value for value in values]
