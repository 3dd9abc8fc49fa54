"""Where the columns of a downloaded file come from, in the form that each format has for it.

CSV: a file of CSV on the Web beside it.  GeoPackage: its own metadata tables, by column.
Neither names rows: a download is the same whatever order the rows of an input had.

Source
------
OGC GeoPackage 1.3.1, annex F.8; `layers.release.citation`.
"""

import json
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from layers.publish.feature_order import LayerFeatures
from layers.release import citation, manifest

CSVW_SUFFIX = "-metadata.json"
"""What CSV on the Web adds to the name of a CSV file for the file that describes it."""
_EXTENSION = (
    "gpkg_metadata",
    "http://www.geopackage.org/spec131/#extension_metadata",
    "read-write",
)
_STANDARD = "https://www.w3.org/TR/json/"
WRITTEN_AT = "2000-01-01T00:00:00.000Z"
"""The time of day of every file: the same inputs give the same bytes."""
_TABLES = """
CREATE TABLE IF NOT EXISTS gpkg_extensions (
    table_name TEXT, column_name TEXT, extension_name TEXT NOT NULL, definition TEXT NOT NULL,
    scope TEXT NOT NULL,
    CONSTRAINT ge_tce UNIQUE (table_name, column_name, extension_name));
CREATE TABLE gpkg_metadata (
    id INTEGER CONSTRAINT m_pk PRIMARY KEY ASC NOT NULL,
    md_scope TEXT NOT NULL DEFAULT 'dataset', md_standard_uri TEXT NOT NULL,
    mime_type TEXT NOT NULL DEFAULT 'text/xml', metadata TEXT NOT NULL DEFAULT '');
CREATE TABLE gpkg_metadata_reference (
    reference_scope TEXT NOT NULL, table_name TEXT, column_name TEXT, row_id_value INTEGER,
    timestamp DATETIME NOT NULL, md_file_id INTEGER NOT NULL, md_parent_id INTEGER,
    CONSTRAINT crmr_mfi_fk FOREIGN KEY (md_file_id) REFERENCES gpkg_metadata(id),
    CONSTRAINT crmr_mpi_fk FOREIGN KEY (md_parent_id) REFERENCES gpkg_metadata(id));
"""


def write_csv_metadata(
    features: LayerFeatures,
    layer: manifest.LayerEntry,
    inputs: Sequence[manifest.InputEntry],
    path: Path,
) -> None:
    """Describe ``<layer>.csv`` in ``path``: each column with its title, type and sources."""
    document = citation.describe_csv(
        f"{layer.id}.csv", layer.title.id, [citation.FID_COLUMN, *features.fields], inputs
    )
    path.write_text(json.dumps(document, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def write_gpkg_metadata(
    path: Path,
    table: str,
    fields: Sequence[manifest.FieldEntry],
    inputs: Sequence[manifest.InputEntry],
) -> None:
    """Add the sources to a GeoPackage: of its table as a whole, and of each column.

    Columns with the same sources share a record; its JSON is `describe_field_sources`.
    """
    used = citation.find_inputs({input_id for entry in fields for input_id in entry.inputs}, inputs)
    whole = {"inputs": [citation.cite_input(entry) for entry in used]}
    records: dict[str, list[str]] = {}
    for entry in fields:
        sources = citation.describe_field_sources(entry, inputs)
        if sources:
            records.setdefault(_as_json(sources), []).append(entry.name)
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        database.execute("PRAGMA journal_mode = OFF")
        database.execute("BEGIN")
        for statement in filter(str.strip, _TABLES.split(";")):
            database.execute(statement)
        for name in ("gpkg_metadata", "gpkg_metadata_reference"):
            database.execute(
                "INSERT INTO gpkg_extensions VALUES (?, NULL, ?, ?, ?)", (name, *_EXTENSION)
            )
        _add_record(database, 1, "dataset", _as_json(whole), [("table", table, None)])
        for number, (text, names) in enumerate(records.items(), start=2):
            references = [("column", table, name) for name in names]
            _add_record(database, number, "attribute", text, references)
        database.execute("COMMIT")


def _as_json(document: object) -> str:
    return json.dumps(document, ensure_ascii=False)


def _add_record(
    database: sqlite3.Connection,
    number: int,
    scope: str,
    text: str,
    references: Sequence[tuple[str, str, str | None]],
) -> None:
    database.execute(
        "INSERT INTO gpkg_metadata VALUES (?, ?, ?, 'application/json', ?)",
        (number, scope, _STANDARD, text),
    )
    database.executemany(
        "INSERT INTO gpkg_metadata_reference VALUES (?, ?, ?, NULL, ?, ?, NULL)",
        [(*reference, WRITTEN_AT, number) for reference in references],
    )
