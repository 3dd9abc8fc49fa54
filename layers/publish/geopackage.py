"""GeoPackages that explain themselves: styles, names and units of columns, meanings, sources.

GDAL writes the features; what is added are plain rows of the tables that the standard and QGIS
have for it.  GDAL notes the time of day unless it is given a date; it is given one, so the same
layer gives the same bytes.  ``layer_styles`` comes after the features in ``gpkg_contents``: a
program that opens a file without naming a layer gets the features.

Source
------
OGC 12-128r18, GeoPackage 1.3: requirements 103 to 110 (schema) and 93 to 102 (metadata);
``layer_styles`` is the table of QGIS.
"""

import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

import pyogrio

from layers.publish import qgis_styles
from layers.release import citation, manifest_file

WRITTEN_AT = "2000-01-01T00:00:00.000Z"
"""The time of day of every file: the same inputs give the same bytes."""
VERSION = "1.3"
"""Of the standard: newer than what GDAL 3.6 knows brings a warning with each opening."""
LEGAL_MEANINGS = {
    "fixed": "batas sudah ditetapkan",
    "indicative": "batas indikatif, bukan acuan hukum",
    "not_agreed": "batas belum disepakati",
    "unknown": "status hukum batas tidak diketahui",
    "no_data": "tidak ada batas",
}
"""What the words of the column ``legal_status`` mean."""
_DOMAINS = {"status": citation.STATUS_MEANINGS, "legal_status": LEGAL_MEANINGS}
_JSON = "https://www.w3.org/TR/json/"
_EXTENSIONS = {
    "gpkg_metadata": ("gpkg_metadata", "gpkg_metadata_reference"),
    "gpkg_schema": ("gpkg_data_columns", "gpkg_data_column_constraints"),
}
_DEFINITIONS = {
    "gpkg_metadata": "http://www.geopackage.org/spec131/#extension_metadata",
    "gpkg_schema": "http://www.geopackage.org/spec131/#extension_schema",
}
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
CREATE TABLE gpkg_data_columns (
    table_name TEXT NOT NULL, column_name TEXT NOT NULL, name TEXT, title TEXT, description TEXT,
    mime_type TEXT, constraint_name TEXT,
    CONSTRAINT pk_gdc PRIMARY KEY (table_name, column_name),
    CONSTRAINT gdc_tn UNIQUE (table_name, name));
CREATE TABLE gpkg_data_column_constraints (
    constraint_name TEXT NOT NULL, constraint_type TEXT NOT NULL, value TEXT,
    min NUMERIC, min_is_inclusive BOOLEAN, max NUMERIC, max_is_inclusive BOOLEAN,
    description TEXT,
    CONSTRAINT gdcc_ntv UNIQUE (constraint_name, constraint_type, value));
CREATE TABLE layer_styles (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    f_table_catalog TEXT(256), f_table_schema TEXT(256), f_table_name TEXT(256),
    f_geometry_column TEXT(256), styleName TEXT(30), styleQML TEXT, styleSLD TEXT,
    useAsDefault BOOLEAN, description TEXT, owner TEXT(30), ui TEXT(30),
    update_time DATETIME DEFAULT CURRENT_TIMESTAMP);
"""


@contextmanager
def fixed_date() -> Iterator[None]:
    """GDAL's own switch for reproducible GeoPackages, while a file is written."""
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": WRITTEN_AT})
    try:
        yield
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": None})


def explain_geopackage(
    path: Path,
    layer: manifest_file.LayerEntry,
    inputs: Sequence[manifest_file.InputEntry],
    about: Mapping[str, object],
) -> None:
    """Add to a GeoPackage with the features of a layer all that explains them.

    Parameters
    ----------
    path
        Its only table is named as the layer.
    inputs
        Of the release; those that the layer was made from are cited, by column.
    about
        What is said of the file, as JSON.
    """
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        database.execute("PRAGMA journal_mode = OFF")
        database.execute("BEGIN")
        for statement in filter(str.strip, _TABLES.split(";")):
            database.execute(statement)
        for extension, tables in _EXTENSIONS.items():
            database.executemany(
                "INSERT INTO gpkg_extensions VALUES (?, NULL, ?, ?, 'read-write')",
                [(name, extension, _DEFINITIONS[extension]) for name in tables],
            )
        _add_sources(database, layer, inputs, about)
        _add_columns(database, layer)
        _add_styles(database, layer)
        database.execute("COMMIT")


def _add_sources(
    database: sqlite3.Connection,
    layer: manifest_file.LayerEntry,
    inputs: Sequence[manifest_file.InputEntry],
    about: Mapping[str, object],
) -> None:
    """A record about the table, and one for each set of columns with the same sources."""
    records: dict[str, list[str]] = {}
    for entry in layer.fields:
        sources = citation.describe_field_sources(entry, inputs)
        if sources:
            records.setdefault(_as_json(sources), []).append(entry.name)
    _add_record(database, 1, "dataset", _as_json(about), [("table", layer.id, None)])
    for number, (text, names) in enumerate(records.items(), start=2):
        references = [("column", layer.id, name) for name in names]
        _add_record(database, number, "attribute", text, references)


def _add_record(
    database: sqlite3.Connection,
    number: int,
    scope: str,
    text: str,
    references: Sequence[tuple[str, str, str | None]],
) -> None:
    database.execute(
        "INSERT INTO gpkg_metadata VALUES (?, ?, ?, 'application/json', ?)",
        (number, scope, _JSON, text),
    )
    database.executemany(
        "INSERT INTO gpkg_metadata_reference VALUES (?, ?, ?, NULL, ?, ?, NULL)",
        [(*reference, WRITTEN_AT, number) for reference in references],
    )


def _add_columns(database: sqlite3.Connection, layer: manifest_file.LayerEntry) -> None:
    """Names with units for people, descriptions, and the meanings of words."""
    names = qgis_styles.name_columns(layer.fields)
    domains = {entry.name: _domain_of(entry) for entry in layer.fields}
    database.executemany(
        "INSERT INTO gpkg_data_columns VALUES (?, ?, ?, ?, ?, NULL, ?)",
        [
            (
                layer.id,
                entry.name,
                names[entry.name],
                entry.title.id,
                citation.describe_field(entry),
                domains[entry.name],
            )
            for entry in layer.fields
        ],
    )
    database.executemany(
        "INSERT INTO gpkg_data_column_constraints VALUES (?, 'enum', ?, NULL, NULL, NULL, NULL, ?)",
        [
            (domain, word, meaning)
            for domain in _DOMAINS
            if domain in domains.values()
            for word, meaning in _DOMAINS[domain].items()
        ],
    )


def _domain_of(entry: manifest_file.FieldEntry) -> str | None:
    if entry.name in _DOMAINS:
        return entry.name
    return "status" if entry.name.endswith("_status") and entry.type == "string" else None


def _add_styles(database: sqlite3.Connection, layer: manifest_file.LayerEntry) -> None:
    (geometry,) = database.execute(
        "SELECT column_name FROM gpkg_geometry_columns WHERE table_name = ?", (layer.id,)
    ).fetchone()
    database.execute(
        "INSERT INTO gpkg_contents (table_name, data_type, identifier, description, last_change, "
        "srs_id) VALUES ('layer_styles', 'attributes', 'layer_styles', '', ?, 0)",
        (WRITTEN_AT,),
    )
    database.executemany(
        "INSERT INTO layer_styles VALUES (?, '', '', ?, ?, ?, ?, ?, ?, ?, '', NULL, ?)",
        [
            (
                number,
                layer.id,
                geometry,
                style.name,
                style.qml,
                style.sld,
                number == 1,
                style.description,
                WRITTEN_AT,
            )
            for number, style in enumerate(qgis_styles.make_layer_styles(layer), start=1)
        ],
    )


def _as_json(document: object) -> str:
    return json.dumps(document, ensure_ascii=False)
