"""Cells of records in JSON: an array of objects, alone or inside an answer, or one object a line.

An array is what most interfaces of government answer; ``{"data": [...]}`` and
``{"result": {"records": [...]}}`` are the same one level or two down.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence

from layers.errors import InputError
from layers.tables.files import answer_pages, grids, headers

DEPTH = 3
MOST_COLUMNS = 4096
_INSIDE = "."
_NAMES = frozenset({"columns", "fields", "header", "headers", "kolom"})


def read_json_records(content: bytes, label: str, reading: grids.SheetReading) -> grids.CellGrid:
    """The cells with the keys as first row, so that the first record is row 2 as in a sheet.

    An object inside a record gives a column for each of its keys (``induk.anak``).  Keys that
    differ only in case or signs are one column.  An array is no cell: a column of nothing else is
    left out with a note; in others, and in those that are expected, it is a text and no number.

    Findings
    --------
    table.records_missing
        The answer says that there are more records than it holds (warning).

    Raises
    ------
    InputError
        Not JSON, without an array of records, with several that fit, or with a key twice in a
        record, be it in two spellings.
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
    if records and _are(records, list):
        names = _header_beside(document, name, records)
        cells = [*names, *(_as_cells(record) for record in records)]
    else:
        cells = _to_cells(records, notes, label, reading.expected)
    path = name.split(_INSIDE)[:-1] if name else []
    findings = answer_pages.page_findings(document, path, len(records), label)
    return grids.CellGrid(cells, name or None, (), tuple(notes), findings)


def _header_beside(document: object, name: str, records: Sequence[object]) -> list[list[object]]:
    """Names of columns that stand beside the rows, as pandas and some interfaces write them."""
    parent = answer_pages.levels(document, name.split(_INSIDE)[:-1])[-1] if name else None
    if not isinstance(parent, dict):
        return []
    widths = {len(record) for record in records if isinstance(record, list)}
    for key, names in parent.items():
        if headers.fold(key) in _NAMES and isinstance(names, list) and {len(names)} == widths:
            if _are(names, str):
                return [[*names]]
            if all(
                isinstance(field, dict) and isinstance(field.get("name"), str) for field in names
            ):
                return [[field["name"] for field in names]]
    return []


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
        records = [record for record in value if record is not None]
        if records and (_are(records, dict) or (_are(records, list) and len(records) > 1)):
            # A null keeps its row, so that those after it have their numbers.
            yield name, [type(records[0])() if record is None else record for record in value]
        elif depth and isinstance(value[0] if value else None, dict):
            # What the interface of BPS answers: [{page, pages, total}, [records]].
            for number, inside in enumerate(value):
                if isinstance(inside, list):
                    yield from _arrays(inside, _below(name, str(number)), depth - 1)
    elif isinstance(value, dict) and value.get("type") == "FeatureCollection":
        features = value.get("features")
        if isinstance(features, list) and _are(features, dict):
            yield name, [feature.get("properties") or {} for feature in features]
    elif isinstance(value, dict) and depth:
        lists = sum(isinstance(inside, list) for inside in value.values())
        for key, inside in value.items():
            # Links to other pages, and names of columns beside the rows, are no records.
            if headers.fold(key) == "links" or (headers.fold(key) in _NAMES and lists > 1):
                continue
            yield from _arrays(inside, _below(name, key), depth - 1)


def _below(name: str, key: str) -> str:
    return f"{name}{_INSIDE}{key}" if name else key


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
            yield from _flat(value, _below(name, key))
    elif isinstance(record, list) and not name:
        yield from ((str(cell), None) for cell in record)
    else:
        yield name, record


def _to_cells(
    records: Sequence[object], notes: list[str], label: str, expected: Iterable[str]
) -> list[list[object]]:
    """The keys as first row, then the records."""
    flat = [dict(_flat(record, "")) for record in records]
    keys = list(dict.fromkeys(key for record in flat for key in record))
    keys = keys if records else list(expected)
    if len(keys) > MOST_COLUMNS:
        raise InputError(f"{label}: records with {len(keys)} different keys are no table.")
    _take_groups(records, flat, keys)
    spellings = _spellings(keys)
    joined = [names for names in spellings.values() if len(names) > 1]
    if joined:
        listed = "; ".join(" and ".join(map(repr, names)) for names in joined)
        notes.append(f"keys that differ only in case or signs are one column: {listed}")
    columns = {names[0]: _column(flat, names, label) for names in spellings.values()}
    declared = {headers.fold(name) for name in expected}
    lists = [
        name
        for name, cells in columns.items()
        if headers.fold(name) not in declared and _lists(cells)
    ]
    if lists:
        notes.append(f"no cells but arrays, left out: {', '.join(map(repr, lists))}")
    names = [name for name in columns if name not in lists]
    cells = zip(*(columns[name] for name in names), strict=True)
    return [[*names], *(_as_cells([*map(_as_text, row)]) for row in cells)]


def _take_groups(
    records: Sequence[object], flat: Sequence[dict[str, object]], keys: Sequence[str]
) -> None:
    """Gives a record whose object stands where others have a value that object as its cell.

    Its own keys stay columns too, but the column of values must not be empty there in silence.
    """
    for key in keys:
        inside = f"{key}{_INSIDE}"
        if not any(other.startswith(inside) for other in keys):
            continue
        if all(record.get(key) is None for record in flat):
            continue
        for record in flat:
            group = {other: cell for other, cell in record.items() if other.startswith(inside)}
            if group:
                record[key] = {other.removeprefix(inside): cell for other, cell in group.items()}


def _spellings(keys: Sequence[str]) -> dict[str, list[str]]:
    """Keys by how a header is compared."""
    spellings: dict[str, list[str]] = {}
    for key in keys:
        spellings.setdefault(headers.fold(key) or key, []).append(key)
    return spellings


def _column(flat: Sequence[Mapping[str, object]], names: Sequence[str], label: str) -> list[object]:
    """The cells of a column that may be spelt in several ways, one of them in each record."""
    if len(names) == 1:
        return [record.get(names[0]) for record in flat]
    cells: list[object] = []
    for number, record in enumerate(flat, start=2):
        values = [record[name] for name in names if record.get(name) not in (None, "")]
        if any(value != values[0] for value in values):
            raise InputError(
                f"{label}: record in row {number} has {' and '.join(map(repr, names))} with "
                "different values; which one counts?"
            )
        cells.append(values[0] if values else None)
    return cells


def _lists(cells: Sequence[object]) -> bool:
    """Whether a column holds arrays and nothing else."""
    filled = [cell for cell in cells if cell is not None and cell != ""]
    return bool(filled) and _are(filled, list)


def _as_text(cell: object) -> object:
    """An array or object as text: no number, and no value in silence."""
    return json.dumps(cell, ensure_ascii=False) if isinstance(cell, list | dict) else cell


def _as_cells(values: object) -> list[object]:
    assert isinstance(values, list)
    return [None if value == "" else _as_text(value) for value in values]
