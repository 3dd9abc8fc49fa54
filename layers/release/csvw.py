"""A CSV described beside it: title, type and sources of each column, as CSV on the Web.

The table itself stays as it is, since lines of comment in a CSV break most readers.  The server
reads this module too: it needs the manifest only.

Source
------
W3C, Metadata Vocabulary for Tabular Data (2015-12-17).
"""

from collections.abc import Sequence
from typing import Any

from layers.release.citation import cite_input, find_inputs
from layers.release.manifest import FieldEntry, InputEntry, Text

FID_COLUMN = FieldEntry(name="fid", type="integer", title=Text(id="Nomor fitur", en="Feature id"))
Cell = str | float | int | None
"""What a cell of a table that leaves is made of."""
_DATATYPES = {"string": "string", "integer": "integer", "number": "double", "date": "date"}
_TERMS = {
    "input": "dc:identifier",
    "file": "dc:title",
    "source": "dc:source",
    "supplier": "dc:publisher",
    "date": "dc:date",
    "licence": "dc:license",
}


def describe_csv(
    name: str, title: str, fields: Sequence[FieldEntry], inputs: Sequence[InputEntry]
) -> dict[str, Any]:
    """A document of CSV on the Web about a table with a column for each field."""
    used = find_inputs({one for entry in fields for one in entry.inputs}, inputs)
    return {
        "@context": ["http://www.w3.org/ns/csvw", {"language": "id"}],
        "url": name,
        "dc:title": title,
        "dc:source": [_as_terms(entry) for entry in used],
        "tableSchema": {"columns": [_column(entry, inputs) for entry in fields]},
    }


def _column(entry: FieldEntry, inputs: Sequence[InputEntry]) -> dict[str, Any]:
    column: dict[str, Any] = {
        "name": entry.name,
        "titles": entry.name,
        "datatype": _DATATYPES[entry.type],
        "dc:description": {"id": entry.title.id, "en": entry.title.en},
    }
    cited = [_as_terms(one) for one in find_inputs(entry.inputs, inputs)]
    if cited:
        column["dc:source"] = cited
    if entry.source:
        column["dc:conformsTo"] = entry.source
    return column


def _as_terms(entry: InputEntry) -> dict[str, str]:
    return {_TERMS[name]: value for name, value in cite_input(entry).items()}


def inert(cell: Cell) -> Cell:
    """A cell that no spreadsheet takes for a formula; numbers are left alone.

    Source: OWASP, CSV Injection.

    Example
    -------
    >>> inert("=HYPERLINK(1)"), inert("Ba'u Mesjid"), inert(-3.5)
    ("'=HYPERLINK(1)", "Ba'u Mesjid", -3.5)
    """
    is_formula = isinstance(cell, str) and cell.startswith(("=", "+", "-", "@", "\t", "\r"))
    return f"'{cell}" if is_formula else cell
