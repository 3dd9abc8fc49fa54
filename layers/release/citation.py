"""How an input is cited: source, supplier, date, licence and file, said once for equal ones.

The server reads it too: it needs the manifest only.  A CSV is described beside it, since lines of
comment in a CSV break most readers.

Source
------
W3C, Metadata Vocabulary for Tabular Data (2015-12-17).
"""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Literal, TypeAlias

from pydantic import Field, TypeAdapter

from layers.release import document_files, manifest_file

DataType: TypeAlias = Literal["string", "integer", "double", "date"]
_CONTEXT = "http://www.w3.org/ns/csvw"
Citation = dict[str, str]
"""``input, file`` and, where the workspace declares them, ``source, supplier, date, licence``."""

_DECLARED = ("source", "supplier", "date", "licence")


def find_inputs(
    names: Iterable[str], inputs: Sequence[manifest_file.InputEntry]
) -> tuple[manifest_file.InputEntry, ...]:
    """The entries of some inputs, in the order of the manifest; an input may have several files."""
    chosen = frozenset(names)
    return tuple(entry for entry in inputs if entry.input in chosen)


def cite_input(entry: manifest_file.InputEntry) -> Citation:
    """What a release says of an input, as plain words by key; what is not declared is left out."""
    declared = {name: getattr(entry, name) for name in _DECLARED}
    words = {name: str(value) for name, value in declared.items() if value}
    return {"input": entry.input, "file": entry.path, **words}


def cite(entries: Iterable[manifest_file.InputEntry]) -> tuple[str, ...]:
    """Each source in one line: source, supplier, date, licence; equal ones once.

    An input that declares no source is cited by the name of its file.

    >>> entry = manifest_file.InputEntry(input="tables.a", path="tabel/a.csv", sha256="0" * 64,
    ...     size=1, source="IDM", supplier="Dinas PMD", date="2024-07-31")
    >>> cite([entry, entry.model_copy(update={"path": "tabel/b.csv"})])
    ('IDM, Dinas PMD, 2024-07-31',)
    """
    lines = []
    for entry in entries:
        source = entry.source or entry.path.rsplit("/", 1)[-1]
        parts = [source, entry.supplier, entry.date, entry.licence]
        lines.append(", ".join(part for part in parts if part))
    return tuple(dict.fromkeys(lines))


def describe_field_sources(
    entry: manifest_file.FieldEntry, inputs: Sequence[manifest_file.InputEntry]
) -> dict[str, object]:
    """What metadata of files and of the API say of a field's sources.

    Returns
    -------
    dict
        ``inputs`` (citations), ``years`` (names of inputs by year, where the field has years),
        ``norm`` (what definition, norm or class breaks rest on) and ``summary_of``; only what is
        known.
    """
    sources: dict[str, object] = {}
    cited = [cite_input(source) for source in find_inputs(entry.inputs, inputs)]
    if cited:
        sources["inputs"] = cited
    years: Mapping[str, list[str]] = {
        str(year): list(names) for year, names in sorted(entry.year_inputs.items())
    }
    if years:
        sources["years"] = years
    if entry.source:
        sources["norm"] = entry.source
    if entry.summary_of:
        sources["summary_of"] = entry.summary_of
    return sources


FILE_NOTE = manifest_file.Text(
    id="Batas wilayah bersifat indikatif dan bukan acuan hukum. "
    "Nilai kosong berarti tidak ada data, bukan nol.",
    en="Boundaries are indicative and are no legal reference. "
    "A missing value means no data, not zero.",
)
"""What every file says of itself."""
STATUS_MEANINGS = {
    "ok": "ada nilai",
    "no_data": "tidak ada data",
    "unreachable": "tidak terjangkau",
    "not_applicable": "tidak berlaku bagi wilayah ini",
    "before_split": "sebelum pemekaran: wilayah ini belum ada pada tahun itu",
    "suppressed": "dirahasiakan: jumlah kecil tidak ditampilkan",
}
"""What the words of a column ``…_status`` mean."""


def describe_field(entry: manifest_file.FieldEntry, language: Literal["id", "en"] = "id") -> str:
    """What a column holds: title, unit, how it was made, what an empty cell means.

    >>> text = manifest_file.Text(id="Penduduk", en="People")
    >>> entry = manifest_file.FieldEntry(name="a", type="integer", title=text, unit="jiwa")
    >>> describe_field(entry), describe_field(entry, "en")
    ('Penduduk. Satuan: jiwa.', 'People. Unit: jiwa.')
    """
    unit, norm, empty, hidden = _LABELS[language]
    texts = (entry.title, entry.method, entry.null_meaning, entry.suppressed_meaning)
    title, method, null, secret = (text and getattr(text, language) for text in texts)
    parts = [
        title,
        entry.unit and f"{unit}: {entry.unit}",
        method,
        entry.norm is not None and f"{norm}: {entry.norm:g} {entry.unit or ''}".rstrip(),
        null and f"{empty}: {null}",
        secret and f"{hidden}: {secret}",
    ]
    return ". ".join(part.rstrip(".") for part in parts if part) + "."


def describe_file(
    layer: manifest_file.LayerEntry, inputs: Sequence[manifest_file.InputEntry]
) -> dict[str, object]:
    """What every file of a layer says of it: title, licence, dates, boundaries, inputs."""
    used = find_inputs({source for entry in layer.fields for source in entry.inputs}, inputs)
    return {
        "layer": layer.id,
        "title": layer.title.model_dump(),
        "description": layer.description.model_dump(),
        "licence": layer.licence,
        "attribution": layer.attribution,
        "suppliers": list(layer.suppliers),
        "dated": list(layer.dated),
        "boundaries": FILE_NOTE.model_dump(),
        "inputs": [cite_input(entry) for entry in used],
    }


_LABELS = {
    "id": ("Satuan", "Norma", "Kosong", "Dirahasiakan"),
    "en": ("Unit", "Norm", "Empty", "Suppressed"),
}
FID_COLUMN = manifest_file.FieldEntry(
    name="fid", type="integer", title=manifest_file.Text(id="Nomor fitur", en="Feature id")
)
Cell = str | float | int | None
"""What a cell of a table that leaves is made of."""
_DATATYPES: Mapping[str, DataType] = {
    "string": "string",
    "integer": "integer",
    "number": "double",
    "date": "date",
}


class SourceTerms(document_files.Document):
    """An input in the terms of Dublin Core; what is not declared is left out."""

    identifier: str = Field(alias="dc:identifier")
    file: str = Field(alias="dc:title")
    source: str | None = Field(None, alias="dc:source")
    supplier: str | None = Field(None, alias="dc:publisher")
    date: str | None = Field(None, alias="dc:date")
    licence: str | None = Field(None, alias="dc:license")


class LocalText(document_files.Document):
    """A text, and the language it is in."""

    value: str = Field(alias="@value")
    language: Literal["id", "en"] = Field(alias="@language")


LocalTexts = tuple[LocalText, ...]


def local_texts(text: manifest_file.Text) -> LocalTexts:
    """A text in both languages, as a document of linked data says it."""
    pairs = text.model_dump().items()
    return tuple(
        LocalText.model_validate({"@value": words, "@language": language})
        for language, words in pairs
    )


class TableColumn(document_files.Document):
    """One column of a table: ``norm`` is what definition, norm or class breaks rest on."""

    name: str
    titles: str
    datatype: DataType
    title: LocalTexts = Field(alias="dc:title")
    description: str = Field(alias="dc:description")
    unit: str | None = Field(None, alias="schema:unitText")
    sources: tuple[SourceTerms, ...] = Field((), alias="dc:source")
    norm: str | None = Field(None, alias="dc:conformsTo")


class TableColumns(document_files.Document):
    """The columns of a table, in their order."""

    columns: tuple[TableColumn, ...]


class TextLanguage(document_files.Document):
    """The language of texts that name none."""

    language: str = Field(alias="@language")


class TableDescription(document_files.Document):
    """A document of CSV on the Web about a table, as ``*.csv-metadata.json`` holds it."""

    context: tuple[str, TextLanguage] = Field(alias="@context")
    url: str
    title: str = Field(alias="dc:title")
    note: LocalTexts = Field((), alias="dc:description")
    sources: tuple[SourceTerms, ...] = Field(alias="dc:source")
    table: TableColumns = Field(alias="tableSchema")


_DESCRIPTION = TypeAdapter(TableDescription)


def describe_table(
    name: str,
    title: str,
    fields: Sequence[manifest_file.FieldEntry],
    inputs: Sequence[manifest_file.InputEntry],
) -> TableDescription:
    """What is said about a table with a column for each field."""
    used = find_inputs({source for entry in fields for source in entry.inputs}, inputs)
    return TableDescription.model_validate(
        {
            "@context": (_CONTEXT, TextLanguage.model_validate({"@language": "id"})),
            "url": name,
            "dc:title": title,
            "dc:description": local_texts(FILE_NOTE),
            "dc:source": tuple(map(_as_terms, used)),
            "tableSchema": TableColumns(columns=tuple(_column(entry, inputs) for entry in fields)),
        }
    )


def describe_csv(
    name: str,
    title: str,
    fields: Sequence[manifest_file.FieldEntry],
    inputs: Sequence[manifest_file.InputEntry],
) -> dict[str, object]:
    """The same as a JSON document."""
    return document_files.given_content(describe_table(name, title, fields, inputs))


def write_table_description(path: Path, description: TableDescription) -> None:
    """Write what is said about a table."""
    document_files.write_given(description, path)


def read_table_description(path: Path) -> TableDescription:
    """What a file says about a table.

    Raises
    ------
    OSError
        The file cannot be read.
    ReleaseUnusableError
        It is damaged.
    """
    return document_files.read_json(path, _DESCRIPTION)


def _column(
    entry: manifest_file.FieldEntry, inputs: Sequence[manifest_file.InputEntry]
) -> TableColumn:
    column: dict[str, object] = {
        "name": entry.name,
        "titles": entry.name,
        "datatype": _DATATYPES[entry.type],
        "dc:title": local_texts(entry.title),
        "dc:description": describe_field(entry),
    }
    if entry.unit:
        column["schema:unitText"] = entry.unit
    cited = tuple(map(_as_terms, find_inputs(entry.inputs, inputs)))
    if cited:
        column["dc:source"] = cited
    if entry.source:
        column["dc:conformsTo"] = entry.source
    return TableColumn.model_validate(column)


def _as_terms(entry: manifest_file.InputEntry) -> SourceTerms:
    words = {_TERMS[name]: value for name, value in cite_input(entry).items()}
    return SourceTerms.model_validate(words)


_TERMS = {
    "input": "dc:identifier",
    "file": "dc:title",
    "source": "dc:source",
    "supplier": "dc:publisher",
    "date": "dc:date",
    "licence": "dc:license",
}


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
