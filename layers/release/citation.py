"""How an input is cited: source, supplier, date, licence and file, said once for equal ones.

The server reads it too: it needs the manifest only.
"""

from collections.abc import Iterable, Mapping, Sequence

from layers.release.manifest import FieldEntry, InputEntry

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
