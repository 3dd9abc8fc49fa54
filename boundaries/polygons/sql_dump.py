"""SQL dumps of ``kode, nama, lat, lng, path``: the INSERT statements, without a database."""

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from boundaries.errors import InputUndeclaredError, InputUnreadableError
from boundaries.polygons import declaration, path_text
from boundaries.texts.text_encoding import decode_text

USUAL_COLUMNS = ("kode", "nama", "lat", "lng", "path")

_INSERT = re.compile(
    r"INSERT\s+(?:IGNORE\s+)?INTO\s+[`\"\[]?[\w.]+[`\"\]]?\s*(?:\(([^)]*)\))?\s*VALUES\s*", re.I
)
_VALUE = re.compile(
    r"\s*(?:'((?:[^'\\]|\\.|'')*)'|\"((?:[^\"\\]|\\.|\"\")*)\"|([^,()'\"\s][^,()]*?))\s*([,)])",
    re.S,
)
_OPEN = re.compile(r"\s*,?\s*\(")
_ESCAPE = re.compile(r"\\(.)|''", re.S)
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "0": "\0"}


def read_sql_dump(path: Path, label: str, encoding: str | None = None) -> declaration.RawLayer:
    """Every inserted row of a dump; rows are numbered in the order of the VALUES.

    The dump is only read: nothing in it is executed.

    Raises
    ------
    InputUnreadableError
        Not a text file, or a statement is cut off.
    InputUndeclaredError
        The inserted table has no column ``path``.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise InputUnreadableError(f"{label}: cannot be read ({error.strerror}).") from error
    text, findings = decode_text(content, label, encoding)
    header: list[str] | None = None
    records: list[list[str | None]] = []
    for statement in _INSERT.finditer(text):
        header = header or _columns(statement.group(1))
        _read_values(text, statement.end(), records, label)
    if header is None:
        raise InputUnreadableError(f"{label}: no INSERT statement, so no rows.")
    if "path" not in header or any(len(record) != len(header) for record in records):
        raise InputUndeclaredError(
            f"{label}: rows must hold {', '.join(header)} with a column 'path' among them."
        )
    table = pd.DataFrame(records, columns=header)
    rows = np.arange(1, len(records) + 1, dtype=np.int64)
    raw = path_text.read_path_column(table.drop(columns="path"), list(table["path"]), rows, label)
    return replace(raw, findings=[*findings, *raw.findings])


def _columns(group: str | None) -> list[str]:
    if group is None:
        return list(USUAL_COLUMNS)
    return [name.strip(' `"[]\n\r\t') for name in group.split(",")]


def _read_values(text: str, position: int, records: list[Any], label: str) -> None:
    while (opening := _OPEN.match(text, position)) is not None:
        position = opening.end()
        record: list[str | None] = []
        while True:
            value = _VALUE.match(text, position)
            if value is None:
                row = len(records) + 1
                raise InputUnreadableError(f"{label}: the dump is cut off in row {row}.")
            record.append(_value(value))
            position = value.end()
            if value.group(4) == ")":
                break
        records.append(record)


def _value(match: re.Match[str]) -> str | None:
    single, double, bare, _ = match.groups()
    if bare is not None:
        return None if bare.strip().upper() == "NULL" else bare.strip()
    quoted = single if single is not None else double
    return _ESCAPE.sub(_unescape, quoted) if "\\" in quoted or "''" in quoted else quoted


def _unescape(match: re.Match[str]) -> str:
    character = match.group(1)
    return "'" if character is None else _ESCAPES.get(character, character)
