"""Every kind of file that a release holds: its path, the module that knows it, and its record.

``python -m layers.publish.format_table`` prints the table in the README of ``layers/release``; a
test holds it against the files of a release.  Formats of others (Parquet, GeoPackage, GeoTIFF …)
are written by their own libraries and read by no server of ours.
"""

import sys
from dataclasses import dataclass
from fnmatch import fnmatchcase


@dataclass(frozen=True, slots=True)
class FileKind:
    """One kind of file.

    Parameters
    ----------
    pattern
        Path in the release, as `fnmatch` reads it.
    module
        Where writer and reader are, below ``layers``.
    record
        What is written and read; empty for a format of others.
    """

    pattern: str
    module: str
    record: str = ""

    def matches(self, path: str) -> bool:
        """Whether a path of a release is of this kind; ``*`` is of one folder."""
        names, parts = path.split("/"), self.pattern.split("/")
        return len(names) == len(parts) and all(map(fnmatchcase, names, parts))


KINDS = (
    FileKind("manifest.json", "release/manifest_file", "Manifest"),
    FileKind("wilayah.toml", "workspace/workspace_file"),
    FileKind("findings.json", "release/findings_file", "FindingsContent"),
    FileKind("services.json", "release/follow_up_file", "ServiceRecord"),
    FileKind("values.sqlite", "release/place_values", "YearColumn"),
    FileKind("outlines.jsonl", "release/drawing_file", "Outline"),
    FileKind("outlines.index.json", "release/document_files", "IndexedLines"),
    FileKind("isolines.jsonl", "release/drawing_file", "IsolineDrawing"),
    FileKind("isolines.index.json", "release/document_files", "IndexedLines"),
    FileKind("layers/*/features.geojsonl", "release/feature_index", "FeatureTable"),
    FileKind("layers/*/features.index", "release/feature_index", "FeatureTable"),
    FileKind("layers/*/tiles.pmtiles", "release/archive", "TileMetadata"),
    FileKind("layers/*/style.json", "release/class_styles", "StyleDocument"),
    FileKind("layers/*/values/ids.json", "release/value_columns", "PlaceIds"),
    FileKind("layers/*/values/*.json", "release/value_columns", "ValueColumn"),
    FileKind("layers/*/data.parquet", "publish/downloads"),
    FileKind("boundaries.parquet", "publish/downloads"),
    FileKind("tables/*.parquet", "publish/write"),
    FileKind("tables/provenance.sqlite", "release/provenance_file", "Piece"),
    FileKind("tables/follow_up.jsonl", "release/follow_up_file", "FollowUpRecord"),
    FileKind("tables/follow_up.index.json", "release/document_files", "IndexedLines"),
    FileKind("downloads/*.gpkg", "publish/downloads"),
    FileKind("downloads/*.fgb", "publish/downloads"),
    FileKind("downloads/*.csv", "publish/downloads"),
    FileKind("downloads/*.csv-metadata.json", "release/citation", "TableDescription"),
    FileKind("reports/report.html", "publish/report_files"),
    FileKind("reports/report.xlsx", "publish/report_files"),
    FileKind("reports/findings.gpkg", "publish/report_files"),
    FileKind("access/*.tif", "access/release_files"),
    FileKind("access/what_if.npz", "release/scenario_file", "Scenario"),
)


def render_table() -> str:
    """The table of the README."""
    lines = ["| file | module | record |", "|---|---|---|"]
    for kind in KINDS:
        record = f"`{kind.record}`" if kind.record else "of its own format"
        lines.append(f"| `{kind.pattern}` | `layers/{kind.module}` | {record} |")
    return "\n".join(lines)


if __name__ == "__main__":
    sys.stdout.write(f"{render_table()}\n")
