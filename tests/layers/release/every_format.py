"""A small file of each kind of the format table: how it is written, and all that is read of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd

from layers.provenance.lineage import Lineage, Sources, make_uses
from layers.release import (
    archive,
    byte_source,
    citation,
    class_styles,
    document_files,
    drawing_file,
    feature_index,
    findings_file,
    follow_up_file,
    manifest_file,
    place_values,
    provenance_file,
    scenario_file,
    value_columns,
)
from layers.release.features import FeatureIndex
from tests.layers.release.records import filled

LAYER = "layers/desa"
PLACES = (7, 9)


@dataclass(frozen=True, slots=True)
class Codec:
    """One kind of file.

    Parameters
    ----------
    path
        Of the file, in the release.
    write, read
        Write it (and what belongs to it) into a release; all that is read of it again.
    optional
        Keys that may be absent, as older releases do not have them.
    """

    path: str
    write: Callable[[Path], None]
    read: Callable[[Path], object]
    optional: frozenset[str] = field(default_factory=frozenset)


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


def _read_lines(lines: document_files.IndexedLines[document_files.Record]) -> list[object]:
    return [lines.find(key) for key in lines.keys]


MANIFEST = filled(manifest_file.Manifest).model_copy(update={"schema_version": "1.5"})
FINDINGS = findings_file.FindingsContent(
    (filled(findings_file.LoadRecord),),
    (filled(findings_file.CodeRecord),),
    (filled(findings_file.UnitRecord),),
    (filled(findings_file.FindingRecord),),
)
OUTLINE = filled(drawing_file.Outline)
ISOLINE = filled(drawing_file.IsolineDrawing)
FOLLOW_UP = filled(follow_up_file.FollowUpRecord)
SERVICE = filled(follow_up_file.ServiceRecord)
YEAR = place_values.YearColumn(
    "desa",
    "x",
    2024,
    PLACES,
    np.array([1.5, np.nan]),
    ("ok", "no_data"),
    np.array([1.0, 0]),
    np.array([2.0, 2]),
    ((np.array([3.0, 1]), np.array([4.0, 4])),),
)
COLUMN = value_columns.ValueColumn(
    "x",
    2024,
    "%",
    np.array([1.5, np.nan]),
    ("ok", "suppressed"),
    (value_columns.Parts("desa", np.array([1.0, 2.0]), np.array([3.0, 3.0])),),
)
IDS = value_columns.PlaceIds(PLACES, ("99.01", "99.02"))
TILES = {(0, 0, 0): b"a", (1, 0, 0): b"bc", (1, 1, 1): b"a"}
METADATA = archive.TileMetadata(
    "Desa",
    "é",
    "",
    "overlay",
    "pbf",
    (archive.TileLayer("desa", "Desa", 0, 1, {"nama": "String"}),),
)
STYLE = class_styles.StyleDocument(
    version=8,
    name="Desa",
    metadata=class_styles.StyleSubject(layer="desa", headline=None),
    sources={"wilayah": class_styles.StyleSource(type="vector", url="pmtiles://tiles.pmtiles")},
    layers=(
        class_styles.StyleLayer.model_validate(
            {
                "id": "a",
                "type": "fill",
                "source": "wilayah",
                "source-layer": "desa",
                "filter": ["all", ["has", "x"]],
                "paint": {"fill-color": "#fff", "fill-opacity": 0.5},
            }
        ),
    ),
)
INPUT = manifest_file.InputEntry(
    input="tables.a", path="a.csv", sha256="0" * 64, size=1, source="IDM", supplier="PMD"
)
FIELD = manifest_file.FieldEntry(
    name="x",
    type="number",
    title=manifest_file.Text(id="X", en="X"),
    source="UU",
    inputs=("tables.a",),
)
DESCRIPTION = citation.describe_table("desa.csv", "Desa", [citation.FID_COLUMN, FIELD], [INPUT])
SCENARIO = scenario_file.Scenario(
    lonlat=np.array([[1.0, 2.0]]),
    people=np.array([3.0]),
    distance_m=np.array([4.0]),
    desa_lonlat=np.array([[1.0, 2.0], [np.nan, np.nan]]),
    desa_distance_m=np.array([5.0, np.nan]),
    kode=np.array(["99.01", "99.02"]),
    norm_m=np.array(6.0),
    people_desa=np.array(1.0),
)


def _write_manifest(folder: Path) -> None:
    (folder / "manifest.json").write_bytes(manifest_file.manifest_bytes(MANIFEST))


def _read_findings(folder: Path) -> object:
    findings = findings_file.read_findings(folder)
    return findings_file.FindingsContent(
        findings.loads,
        tuple(findings.codes.values()),
        tuple(findings.units.values()),
        tuple(findings.records(0, len(findings))),
    )


def _write_features(folder: Path) -> None:
    lines = [feature_index.encode_feature(fid, None, {"nama": "a"}) for fid in PLACES]
    table = feature_index.FeatureTable(
        fid=np.array(PLACES, dtype=np.int64),
        offset=np.cumsum([0, *map(len, lines)]).astype(np.uint64),
        bbox=np.array([[1.0, 2, 3, 4], [np.nan] * 4]),
        columns={
            "nama": feature_index.PropertyColumn.of_texts(["a", None]),
            "nilai": feature_index.PropertyColumn.of_numbers("number", np.array([1.5, np.nan])),
        },
    )
    (folder / f"{LAYER}/features.geojsonl").write_bytes(b"".join(lines))
    (folder / f"{LAYER}/features.index").write_bytes(feature_index.encode_index(table))


def _read_features(folder: Path) -> object:
    features = FeatureIndex(
        byte_source.FileBytes(folder / f"{LAYER}/features.geojsonl"),
        byte_source.FileBytes(folder / f"{LAYER}/features.index"),
        "desa",
    )
    columns = [features.property_column(name) for name in features.properties]
    rows = range(features.count)
    return [
        (int(features.fid[row]), features.bbox(row), [column.value(row) for column in columns])
        for row in rows
    ]


def _read_archive(folder: Path) -> object:
    tiles = archive.Archive(byte_source.FileBytes(folder / f"{LAYER}/tiles.pmtiles"), "desa")
    places = [tiles.find(*key) for key in TILES]
    return [tiles.read(place) for place in places if place is not None], tiles.read_metadata()


def _read_values(folder: Path) -> object:
    values = place_values.PlaceValues(folder / "values.sqlite")
    return [values.of_place(place) for place in PLACES], values.of_year("desa", "x", 2024, PLACES)


def _write_provenance(folder: Path) -> None:
    sources = Sources({"tables.a": "a.csv", "tables.b": "b.csv"})
    uses = pd.concat([make_uses([*PLACES], "value", name, [5, 6]) for name in sources.paths])
    strand = sources.trace("desa", ["x"], 2024, [uses])
    Lineage(sources, (strand,)).write(folder / provenance_file.FILE_NAME)


def _read_provenance(folder: Path) -> object:
    provenance = provenance_file.Provenance(folder / provenance_file.FILE_NAME)
    ask = ("desa", "x", 2024, PLACES)
    return provenance.has("desa", "x", 2024), provenance.pieces(*ask), provenance.inputs(*ask)


def _as_lists(record: object) -> list[object]:
    """A record of arrays as lists, with None for NaN, so that two can be compared."""
    names = type(record).__slots__  # type: ignore[attr-defined]  # a dataclass with slots
    columns = [getattr(record, name) for name in names]
    return [
        [None if number != number else number for number in np.ravel(column).tolist()]
        if isinstance(column, np.ndarray)
        else [_as_lists(part) for part in column]
        if isinstance(column, tuple) and column and not isinstance(column[0], str)
        else column
        for column in columns
    ]


def _read_scenarios(folder: Path) -> object:
    path = folder / scenario_file.FILE_NAME
    kinds = scenario_file.list_kinds(path)
    origins = [scenario_file.find_origin(path, kode) for kode in ("99.01", "99.02", "9")]
    return kinds, origins, _as_lists(scenario_file.read_scenario(path, "sd"))


_OUTLINES = Codec(
    drawing_file.OUTLINES_NAME,
    lambda folder: drawing_file.write_outlines_file(folder, [OUTLINE]),
    lambda folder: _read_lines(drawing_file.open_outlines(folder)),
)
_ISOLINES = Codec(
    drawing_file.ISOLINES_NAME,
    lambda folder: drawing_file.write_isolines_file(folder, [ISOLINE]),
    lambda folder: _read_lines(drawing_file.open_isolines(folder)),
)
_FOLLOW_UP = Codec(
    follow_up_file.FOLLOW_UP_NAME,
    lambda folder: follow_up_file.write_follow_up_lists(folder, [FOLLOW_UP]),
    lambda folder: _read_lines(follow_up_file.open_follow_up_lists(folder)),
    _words("penduduk_dasar sebab baris"),
)
_FEATURES = Codec(f"{LAYER}/features.geojsonl", _write_features, _read_features)


def _with(codec: Codec, path: str) -> Codec:
    """The file that lies beside the one of a codec."""
    return Codec(path, codec.write, codec.read)


CODECS = {
    "manifest.json": Codec(
        "manifest.json",
        _write_manifest,
        manifest_file.read_manifest,
        frozenset(
            name
            for model in (
                manifest_file.FieldEntry,
                manifest_file.LayerEntry,
                manifest_file.WilayahEntry,
                manifest_file.InputEntry,
                manifest_file.Classes,
            )
            for name, entry in model.model_fields.items()
            if not entry.is_required()
        ),
    ),
    "findings.json": Codec(
        "findings.json",
        lambda folder: findings_file.write_findings_file(folder / "findings.json", FINDINGS),
        _read_findings,
        _words("file row kode value measure unit geometry fields tahun rows desa_without_data"),
    ),
    "services.json": Codec(
        "services.json",
        lambda folder: follow_up_file.write_services(folder, [SERVICE]),
        follow_up_file.read_services_file,
        frozenset(
            name
            for name, entry in follow_up_file.ServiceRecord.model_fields.items()
            if not entry.is_required()
        ),
    ),
    "values.sqlite": Codec(
        "values.sqlite",
        lambda folder: place_values.write_place_values(folder / "values.sqlite", [YEAR]),
        _read_values,
    ),
    "outlines.jsonl": _OUTLINES,
    "outlines.index.json": _with(_OUTLINES, drawing_file.OUTLINES_INDEX_NAME),
    "isolines.jsonl": _ISOLINES,
    "isolines.index.json": _with(_ISOLINES, drawing_file.ISOLINES_INDEX_NAME),
    "layers/*/features.geojsonl": _FEATURES,
    "layers/*/features.index": _with(_FEATURES, f"{LAYER}/features.index"),
    "layers/*/tiles.pmtiles": Codec(
        f"{LAYER}/tiles.pmtiles",
        lambda folder: archive.write_archive(
            folder / f"{LAYER}/tiles.pmtiles", TILES, METADATA, (95.0, -11.0, 141.0, 6.0)
        ),
        _read_archive,
    ),
    "layers/*/style.json": Codec(
        f"{LAYER}/style.json",
        lambda folder: class_styles.write_style_file(
            folder / class_styles.style_file("desa"), STYLE
        ),
        lambda folder: class_styles.read_style_file(folder / class_styles.style_file("desa")),
        _words("filter has x fill-color fill-opacity"),
    ),
    "layers/*/values/ids.json": Codec(
        value_columns.ids_file("desa"),
        lambda folder: value_columns.write_place_ids(folder / value_columns.ids_file("desa"), IDS),
        lambda folder: value_columns.read_place_ids(folder / value_columns.ids_file("desa")),
    ),
    "layers/*/values/*.json": Codec(
        value_columns.year_file("desa", "x", 2024),
        lambda folder: value_columns.write_value_column(
            folder / value_columns.year_file("desa", "x", 2024), COLUMN
        ),
        lambda folder: _as_lists(
            value_columns.read_value_column(folder / value_columns.year_file("desa", "x", 2024))
        ),
        _words("coverage"),
    ),
    "tables/provenance.sqlite": Codec(
        provenance_file.FILE_NAME, _write_provenance, _read_provenance
    ),
    "tables/follow_up.jsonl": _FOLLOW_UP,
    "tables/follow_up.index.json": _with(_FOLLOW_UP, follow_up_file.FOLLOW_UP_INDEX_NAME),
    "downloads/*.csv-metadata.json": Codec(
        "downloads/desa.csv-metadata.json",
        lambda folder: citation.write_table_description(
            folder / "downloads/desa.csv-metadata.json", DESCRIPTION
        ),
        lambda folder: citation.read_table_description(folder / "downloads/desa.csv-metadata.json"),
        _words("dc:source dc:publisher dc:date dc:license dc:conformsTo"),
    ),
    "access/what_if.npz": Codec(
        scenario_file.FILE_NAME,
        lambda folder: scenario_file.write_scenarios(
            folder / scenario_file.FILE_NAME, {"sd": SCENARIO}
        ),
        _read_scenarios,
    ),
}
EXPECTED: dict[str, object] = {
    "manifest.json": MANIFEST,
    "findings.json": FINDINGS,
    "services.json": (SERVICE,),
    "outlines.jsonl": [OUTLINE],
    "isolines.jsonl": [ISOLINE],
    "layers/*/features.index": [
        (7, (1.0, 2.0, 3.0, 4.0), ["a", 1.5]),
        (9, None, [None, None]),
    ],
    "layers/*/tiles.pmtiles": ([*TILES.values()], METADATA),
    "layers/*/style.json": STYLE,
    "layers/*/values/ids.json": IDS,
    "layers/*/values/*.json": _as_lists(COLUMN),
    "tables/follow_up.jsonl": [FOLLOW_UP],
    "downloads/*.csv-metadata.json": DESCRIPTION,
    "access/what_if.npz": (("sd",), [(1.0, 2.0), None, None], _as_lists(SCENARIO)),
    "values.sqlite": (
        [
            {("desa", "x", 2024): place_values.Value("ok", 1.5, 1, 2, ((3, 4),))},
            {("desa", "x", 2024): place_values.Value("no_data", None, 0, 2, ((1, 4),))},
        ],
        {
            7: place_values.Value("ok", 1.5, 1, 2, ((3, 4),)),
            9: place_values.Value("no_data", None, 0, 2, ((1, 4),)),
        },
    ),
    "tables/provenance.sqlite": (
        True,
        tuple(
            provenance_file.Piece("value", f"tables.{name}", f"{name}.csv", row, row)
            for name in "ab"
            for row in (5, 6)
        ),
        tuple(provenance_file.Piece("value", f"tables.{name}", f"{name}.csv") for name in "ab"),
    ),
}


def write_all(folder: Path) -> None:
    """A file of each kind, in a new folder."""
    for codec in CODECS.values():
        (folder / codec.path).parent.mkdir(parents=True, exist_ok=True)
        if not (folder / codec.path).exists():
            codec.write(folder)
