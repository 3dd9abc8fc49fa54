"""Texts of a DBF table: an old format whose files say their encoding badly, or not at all.

A file ``.cpg`` beside the table names it; else one byte of its head does, which most programs set
to "Windows" whatever they write.  So the bytes are asked first, see
`boundaries.texts.text_encoding`.
"""

import codecs
import zipfile
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import pandas as pd
from pandas.api.types import is_numeric_dtype

from boundaries.errors import InputUndeclaredError
from boundaries.findings import report
from boundaries.texts.text_encoding import DECLARE, WINDOWS, find_codec

AS_BYTES = "ISO-8859-1"
"""Read as this, every byte is one sign, so that the bytes can be had back."""
_CODE_PAGES = {0x01: "cp437", 0x02: "cp850", 0x03: WINDOWS, 0x57: None, 0x58: None, 0x00: None}
_LAST = 0x0D


@dataclass(frozen=True, slots=True)
class DbfHead:
    """What a table says of its texts.

    Parameters
    ----------
    cpg
        Content of the ``.cpg`` beside it, None where there is none.
    code_page
        The encoding that its head names for certain; None where it names none, or "Windows".
    widths
        Bytes of each field, in the order of the fields.
    """

    cpg: str | None = None
    code_page: str | None = None
    widths: tuple[int, ...] = ()

    @property
    def encoding(self) -> str | None:
        """What the file says, None where it says nothing that is known."""
        return find_codec(self.cpg) if self.cpg is not None else self.code_page


def read_head(path: Path, member: str | None = None) -> DbfHead:
    """What a shapefile says of its texts; ``member`` is its ``.shp`` inside the zip ``path``."""
    if member is None:
        beside = {file.name.lower(): file for file in path.parent.iterdir()}
        stem = path.stem.lower()
        dbf, cpg = beside.get(f"{stem}.dbf"), beside.get(f"{stem}.cpg")
        return _head(dbf.read_bytes() if dbf else b"", cpg.read_bytes() if cpg else None)
    stem = str(PurePosixPath(member).with_suffix("")).lower()
    with zipfile.ZipFile(path) as archive:
        names = {name.lower(): name for name in archive.namelist()}
        dbf_name, cpg_name = names.get(f"{stem}.dbf"), names.get(f"{stem}.cpg")
        return _head(
            archive.read(dbf_name) if dbf_name else b"",
            archive.read(cpg_name) if cpg_name else None,
        )


def _head(dbf: bytes, cpg: bytes | None) -> DbfHead:
    widths = []
    position = 32
    while position + 32 <= len(dbf) and dbf[position] != _LAST:
        widths.append(dbf[position + 16])
        position += 32
    declared = None if cpg is None else cpg.decode("ascii", errors="replace").strip("\ufeff\0 \r\n")
    page = _CODE_PAGES.get(dbf[29]) if len(dbf) > 29 else None
    return DbfHead(declared or None, page, tuple(widths))


def decode_table(
    table: pd.DataFrame, head: DbfHead, label: str, declared: str | None = None
) -> tuple[pd.DataFrame, list[report.Finding]]:
    """The table with its texts and names of columns in the encoding they are in.

    Parameters
    ----------
    table
        As GDAL reads it with the encoding `AS_BYTES`.

    Findings
    --------
    text.encoding_deduced
        Nothing said so, but the texts prove to be UTF-8 (note).
    text.encoding_doubtful
        The file says one encoding and its texts are in another, or nothing says which and they are
        no UTF-8 (warning).

    Raises
    ------
    InputUndeclaredError
        The texts are not in the declared encoding.
    """
    cells = [(str(name), 0, -1) for name in table.columns]
    texts = [
        (cell, row, position)
        for position, name in enumerate(table.columns)
        if not is_numeric_dtype(table.dtypes.iloc[position])
        for row, cell in enumerate(table[name].tolist(), start=1)
        if isinstance(cell, str)
    ]
    odd = [entry for entry in (*cells, *texts) if not entry[0].isascii()]
    if not odd:
        return table, []
    raw = [(text.encode(AS_BYTES), row, _is_full(text, column, head)) for text, row, column in odd]
    encoding, findings = _judge(raw, head, label, declared)
    decoded = {text: _decode(text.encode(AS_BYTES), encoding) for text, _, _ in odd}
    result = table.rename(columns=decoded)
    for position, name in enumerate(result.columns):
        if not is_numeric_dtype(result.dtypes.iloc[position]):
            result[name] = [
                decoded.get(cell, cell) if isinstance(cell, str) else cell
                for cell in result[name].tolist()
            ]
    return result, findings


def _is_full(text: str, position: int, head: DbfHead) -> bool:
    """Whether a cell fills its field, so that its last letter may be cut in two."""
    if position < 0:
        return len(text) >= 10
    return position < len(head.widths) and len(text) >= head.widths[position]


def _judge(
    raw: list[tuple[bytes, int, bool]], head: DbfHead, label: str, declared: str | None
) -> tuple[str, list[report.Finding]]:
    if declared is not None:
        bad = next((row for text, row, full in raw if not _fits(text, declared, full)), None)
        if bad is not None:
            raise InputUndeclaredError(
                f"{label}: row {bad} is not in the declared encoding {declared}. {DECLARE}"
            )
        return declared, []
    is_utf8 = all(_fits(text, "utf-8", full) for text, _, full in raw)
    if head.encoding is not None and head.encoding != "utf-8" and not is_utf8:
        return _as_the_file_says(raw, head.encoding, label)
    source = f".cpg says {head.cpg}" if head.cpg else f"its head says {head.code_page}"
    source = source if head.cpg or head.code_page else "nothing says the encoding"
    if is_utf8:
        if head.encoding == "utf-8":
            return "utf-8", []
        message = f"The texts are UTF-8, though {source}; read as UTF-8."
        if head.encoding is None and head.cpg is None:
            return "utf-8", [
                _finding("text.encoding_deduced", report.Severity.NOTE, message, label, raw)
            ]
        return "utf-8", [
            _finding("text.encoding_doubtful", report.Severity.WARNING, message, label, raw)
        ]
    message = f"The texts are not UTF-8 and {source}; read as Windows-1252. {DECLARE}"
    return WINDOWS, [
        _finding("text.encoding_doubtful", report.Severity.WARNING, message, label, raw)
    ]


def _as_the_file_says(
    raw: list[tuple[bytes, int, bool]], encoding: str, label: str
) -> tuple[str, list[report.Finding]]:
    if all(_fits(text, encoding, full) for text, _, full in raw):
        return encoding, []
    message = f"The texts are not in {encoding}, which the file says; odd letters are lost."
    return encoding, [
        _finding(
            "text.encoding_doubtful", report.Severity.WARNING, f"{message} {DECLARE}", label, raw
        )
    ]


def _finding(
    code: str,
    severity: report.Severity,
    message: str,
    label: str,
    raw: list[tuple[bytes, int, bool]],
) -> report.Finding:
    rows = [row for _, row, _ in raw if row]
    return report.declared_kind(code).finding(
        message,
        file=label,
        row=min(rows, default=None),
        severity=severity,
    )


def _fits(text: bytes, encoding: str, is_full: bool) -> bool:
    try:
        codecs.getincrementaldecoder(encoding)().decode(text, final=not is_full)
    except UnicodeError:
        return False
    return True


def _decode(text: bytes, encoding: str) -> str:
    """The text; a letter cut in two at the end of a full field is left out."""
    decoder = codecs.getincrementaldecoder(encoding)(errors="replace")
    return decoder.decode(text, final=False)
