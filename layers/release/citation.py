"""How an input is cited: source, supplier, date, licence and file, said once for equal ones.

The server reads it too: it needs the manifest only.  A CSV is described beside it, since lines of
comment in a CSV break most readers.

Source
------
W3C, Metadata Vocabulary for Tabular Data (2015-12-17).
"""

from collections.abc import Iterable, Mapping, Sequence

from layers.release.manifest import FieldEntry, InputEntry, Text

Citation = dict[str, str]
"""``input, file`` and, where the workspace declares them, ``source, supplier, date, licence``."""

_SAID = ("source", "supplier", "date", "licence")


def find_inputs(names: Iterable[str], inputs: Sequence[InputEntry]) -> tuple[InputEntry, ...]:
    """The entries of some inputs, in the order of the manifest; an input may have several files."""
    wanted = frozenset(names)
    return tuple(entry for entry in inputs if entry.input in wanted)


def cite_input(entry: InputEntry) -> Citation:
    """What a release says of an input, as plain words by key; what is not declared is left out."""
    known = {name: getattr(entry, name) for name in _SAID}
    said = {name: str(value) for name, value in known.items() if value}
    return {"input": entry.input, "file": entry.path, **said}


def cite(entries: Iterable[InputEntry]) -> tuple[str, ...]:
    """Each source in one line: source, supplier, date, licence; equal ones once.

    An input that declares no source is cited by the name of its file.

    >>> entry = InputEntry(input="tables.a", path="tabel/a.csv", sha256="0" * 64, size=1,
    ...     source="IDM", supplier="Dinas PMD", date="2024-07-31")
    >>> cite([entry, entry.model_copy(update={"path": "tabel/b.csv"})])
    ('IDM, Dinas PMD, 2024-07-31',)
    """
    lines = []
    for entry in entries:
        source = entry.source or entry.path.rsplit("/", 1)[-1]
        parts = [source, entry.supplier, entry.date, entry.licence]
        lines.append(", ".join(part for part in parts if part))
    return tuple(dict.fromkeys(lines))


def describe_field_sources(entry: FieldEntry, inputs: Sequence[InputEntry]) -> dict[str, object]:
    """What metadata of files and of the API say of a field's sources.

    Returns
    -------
    dict
        ``inputs`` (citations), ``years`` (names of inputs by year, where the field has years),
        ``norm`` (what definition, norm or class breaks rest on) and ``summary_of``; only what is
        known.
    """
    found: dict[str, object] = {}
    cited = [cite_input(one) for one in find_inputs(entry.inputs, inputs)]
    if cited:
        found["inputs"] = cited
    years: Mapping[str, list[str]] = {
        str(year): list(names) for year, names in sorted(entry.year_inputs.items())
    }
    if years:
        found["years"] = years
    if entry.source:
        found["norm"] = entry.source
    if entry.summary_of:
        found["summary_of"] = entry.summary_of
    return found


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
) -> dict[str, object]:
    """A document of CSV on the Web about a table with a column for each field."""
    used = find_inputs({one for entry in fields for one in entry.inputs}, inputs)
    return {
        "@context": ["http://www.w3.org/ns/csvw", {"language": "id"}],
        "url": name,
        "dc:title": title,
        "dc:source": [_as_terms(entry) for entry in used],
        "tableSchema": {"columns": [_column(entry, inputs) for entry in fields]},
    }


def _column(entry: FieldEntry, inputs: Sequence[InputEntry]) -> dict[str, object]:
    column: dict[str, object] = {
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
