"""The declared columns of a file of polygons: code, names, declared parents, legal status."""

from collections.abc import Sequence

import pandas as pd

from boundaries.codes import (
    CodeColumn,
    big_code_columns,
    join_code_parts,
    read_code_column,
)
from boundaries.errors import InputUndeclaredError
from boundaries.findings import kinds, occurring, report
from boundaries.polygons.declaration import PolygonSource

LEGAL_STATUS_UNKNOWN = kinds.declared_kind("boundary.legal_status_unknown")

_STATUS_WORDS = {
    "fixed": "fixed",
    "definitif": "fixed",
    "ditetapkan": "fixed",
    "tetap": "fixed",
    "indicative": "indicative",
    "indikatif": "indicative",
    "not_agreed": "not_agreed",
    "tanpa kesepakatan": "not_agreed",
    "belum sepakat": "not_agreed",
    "tidak sepakat": "not_agreed",
    "unknown": "unknown",
    "": "unknown",
}
_BIG_NAMES = {
    "nama": ("NAMOBJ", "WADMKD"),
    "nama_kecamatan": ("WADMKC",),
    "nama_kabupaten": ("WADMKK",),
    "nama_provinsi": ("WADMPR",),
}


def check_columns(table: pd.DataFrame, source: PolygonSource) -> None:
    """Every declared column is there.

    Raises
    ------
    InputUndeclaredError
        One message with all missing columns and those that the file has.
    """
    declared = [value for name in _COLUMN_KEYS if (value := getattr(source, name)) is not None]
    declared += list(source.where)
    missing = [name for name in declared if name not in table.columns]
    if missing and not len(table.columns):
        raise InputUndeclaredError(
            f"{source.label}: the file has no features and so no columns; export it again from "
            "the layer that holds the polygons."
        )
    if missing:
        listed = ", ".join(str(name) for name in table.columns)
        lacking = "', '".join(missing)
        hint = occurring.hint_word(missing[0], map(str, table.columns))
        raise InputUndeclaredError(
            f"{source.label}: there is no column '{lacking}'. The file has: {listed}.{hint}"
        )


_COLUMN_KEYS = (
    "code_column",
    "name_column",
    "kecamatan_code_column",
    "kecamatan_name_column",
    "kabupaten_name_column",
    "provinsi_name_column",
    "sebutan_column",
    "kecamatan_sebutan_column",
    "legal_status_column",
)


def read_codes(table: pd.DataFrame, source: PolygonSource) -> CodeColumn | None:
    """The desa codes under the declared system; None where they are assigned by overlap.

    A file of BIG's schema without ``code_column`` is read from the parts of the declared system,
    though it carries both.

    Raises
    ------
    InputUndeclaredError
        Nothing says where the codes are.
    """
    if source.code_column is not None:
        return read_code_column(table[source.code_column].tolist(), source.code_system)
    parts = big_code_columns(map(str, table.columns)).get(source.code_system)
    if parts is not None:
        return join_code_parts([table[name].tolist() for name in parts], source.code_system)
    if source.codes_from is not None:
        return None
    listed = ", ".join(map(str, table.columns))
    raise InputUndeclaredError(
        f"{source.label}: declare code_column, or codes_from where the polygons have no codes. "
        f"The file has: {listed}."
    )


def read_names(table: pd.DataFrame, source: PolygonSource) -> pd.DataFrame:
    """Columns ``nama, nama_kecamatan, nama_kabupaten, nama_provinsi``; None where not given."""
    declared = {
        "nama": source.name_column,
        "nama_kecamatan": source.kecamatan_name_column,
        "nama_kabupaten": source.kabupaten_name_column,
        "nama_provinsi": source.provinsi_name_column,
    }
    is_big = bool(big_code_columns(map(str, table.columns)))
    names = {}
    for target, column in declared.items():
        if column is None and is_big:
            column = next((name for name in _BIG_NAMES[target] if name in table.columns), None)
        names[target] = clean_texts(table[column].tolist()) if column else [None] * len(table)
    return pd.DataFrame(names, index=table.index, dtype=object)


def clean_texts(values: Sequence[object]) -> list[str | None]:
    """Texts without stray space; None for what says nothing.

    >>> clean_texts(["  Oesao ", None, "", float("nan")])
    ['Oesao', None, None, None]
    """
    texts = (
        "" if value is None or value != value else " ".join(str(value).split()) for value in values
    )
    return [text or None for text in texts]


def read_parent_codes(
    table: pd.DataFrame, source: PolygonSource
) -> tuple[list[str | None], CodeColumn | None]:
    """Declared kecamatan codes as written, and the column they were read from."""
    if source.kecamatan_code_column is None:
        return [None] * len(table), None
    values = table[source.kecamatan_code_column].tolist()
    column = read_code_column(values, source.code_system, level="kecamatan")
    return column.written, column


def read_legal_status(
    table: pd.DataFrame, source: PolygonSource, rows: Sequence[int]
) -> tuple[list[str], list[report.Finding]]:
    """Legal status of each boundary, in the four words of the product.

    Findings
    --------
    boundary.legal_status_unknown
        A word that is none of the known ones (warning); the status is ``unknown``.
    """
    if source.legal_status_column is None:
        return [source.legal_status] * len(table), []
    words = [text or "" for text in clean_texts(table[source.legal_status_column].tolist())]
    statuses = [
        _STATUS_WORDS.get(word.casefold().replace("_", " ").strip())
        or _STATUS_WORDS.get(word.casefold())
        for word in words
    ]
    findings = []
    for word in sorted({word for word, status in zip(words, statuses, strict=True) if not status}):
        message = (
            f"'{word}' is no legal status; known: {', '.join(sorted(filter(None, _STATUS_WORDS)))}."
        )
        findings.append(
            LEGAL_STATUS_UNKNOWN.finding(
                message,
                file=source.label,
                row=int(rows[words.index(word)]),
                value=word,
            )
        )
    return [status or "unknown" for status in statuses], findings
