"""Attributes that stand in the description of KML placemarks, as ArcGIS and GDAL write them.

The HTML is only parsed for its words: nothing in it is executed, loaded or followed.
"""

import re
from collections.abc import Sequence
from html.parser import HTMLParser

import pandas as pd

from boundaries.findings import kinds, report

DESCRIPTION_READ = kinds.declared_kind("boundary.description_read")

DESCRIPTION = "description"
MOST_COLUMNS = 300
_LINE = re.compile(r"\s*([^:=]{1,64}?)\s*(?::|=)\s*(.*?)\s*", re.DOTALL)
_BREAKS = {"br", "p", "li", "div", "hr", "tr", "dt", "ul", "ol"}
_CELLS = {"td", "th"}
_SILENT = {"script", "style", "head", "title"}
_NULLS = {"<null>", "null", ""}


class _Words(HTMLParser):
    """Cells of the innermost rows, and the text line by line."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.rows: list[list[str]] = []
        self.lines: list[str] = [""]
        self._open: list[list[str]] = []
        self._cell = False
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: Sequence[tuple[str, str | None]]) -> None:
        del attrs
        self._silent += tag in _SILENT
        if tag in _BREAKS:
            self.lines.append("")
        if tag == "table":
            self._cell = False
        elif tag == "tr":
            self._close_row()
            self._open.append([])
        elif tag in _CELLS and self._open:
            self._open[-1].append("")
            self._cell = True

    def handle_endtag(self, tag: str) -> None:
        self._silent -= tag in _SILENT and self._silent > 0
        if tag in _BREAKS:
            self.lines.append("")
        if tag in _CELLS:
            self._cell = False
        elif tag in ("tr", "table"):
            self._close_row()

    def handle_data(self, data: str) -> None:
        if self._silent:
            return
        self.lines[-1] += data
        if self._cell and self._open:
            self._open[-1][-1] += data

    def close(self) -> None:
        super().close()
        self._close_row()

    def _close_row(self) -> None:
        if self._open:
            self.rows.append([" ".join(cell.split()) for cell in self._open.pop()])
        self._cell = False


def attributes_of(html: str) -> dict[str, str | None]:
    """Names and values of a description: rows of two cells, one head above one row, or lines.

    >>> attributes_of("<table><tr><td>Desa</td></tr><tr><td>KODE</td><td>53.06</td></tr></table>")
    {'KODE': '53.06'}
    >>> attributes_of("<b>KODE:</b> <i>53.06</i><br/>NAMA = Boru<br>")
    {'KODE': '53.06', 'NAMA': 'Boru'}
    """
    words = _Words()
    words.feed(html)
    words.close()
    wide = [row for row in words.rows if len(row) >= 2]
    if len(wide) == 2 and len(wide[0]) == len(wide[1]) > 2:
        pairs = list(zip(*wide, strict=True))
    else:
        pairs = [(row[0].rstrip(" :="), row[1]) for row in wide if len(row) == 2]
    if not pairs:
        lines = (_LINE.fullmatch(" ".join(line.split())) for line in words.lines)
        pairs = [(match[1], match[2]) for match in lines if match is not None]
    values: dict[str, str | None] = {}
    for name, value in pairs:
        if name:
            values.setdefault(name, None if value.casefold() in _NULLS else value)
    return values


def read_descriptions(table: pd.DataFrame, label: str) -> tuple[pd.DataFrame, list[report.Finding]]:
    """The table with a column for each attribute that most of its descriptions give.

    A column that the file has itself stays as it is.

    Findings
    --------
    boundary.description_read
        Columns were read from descriptions (note, with their names).
    """
    column = next((name for name in table.columns if name.lower() == DESCRIPTION), None)
    if column is None:
        return table, []
    texts = [text if isinstance(text, str) else "" for text in table[column].tolist()]
    rows = [attributes_of(text) if text else {} for text in texts]
    filled = sum(bool(row) for row in rows)
    counts: dict[str, int] = {}
    for row in rows:
        for name in row:
            counts[name] = counts.get(name, 0) + 1
    taken = {
        str(name) for name in table.columns if table[name].astype(str).str.strip().ne("").any()
    }
    names = [name for name, count in counts.items() if 2 * count > filled and name not in taken]
    names = names[:MOST_COLUMNS]
    if not names:
        return table, []
    read = pd.DataFrame({name: [row.get(name) for row in rows] for name in names}, dtype=object)
    read.index = table.index
    other_columns = table.drop(columns=[name for name in names if name in table.columns])
    listed = ", ".join(names[:30])
    message = f"Attributes were read from the descriptions of the placemarks: {listed}."
    finding = DESCRIPTION_READ.finding(message, file=label)
    return pd.concat([other_columns, read], axis=1), [finding]
