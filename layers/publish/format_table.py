"""Every kind of file that a release holds: its path, the module that knows it, and its record.

``python -m layers.publish.format_table`` prints the table in the README of ``layers/release``; a
test holds it against the files of a release.  Formats of others (Parquet, GeoPackage, GeoTIFF …)
are written by their own libraries and read by no server of ours.
"""

import sys
from dataclasses import dataclass
from fnmatch import fnmatchcase


@dataclass(frozen=True, slots=True)
class ReleaseFile:
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
    ReleaseFile("manifest.json", "release/manifest_file", "Manifest"),
    ReleaseFile("wilayah.toml", "workspace/workspace_file"),
    ReleaseFile("findings.json", "release/findings_file", "FindingsContent"),
    ReleaseFile("services.json", "release/follow_up_file", "ServiceRecord"),
    ReleaseFile("values.sqlite", "release/place_values", "YearColumn"),
    ReleaseFile("outlines.jsonl", "release/drawing_file", "Outline"),
    ReleaseFile("outlines.index.json", "release/document_files", "IndexedLines"),
    ReleaseFile("isolines.jsonl", "release/drawing_file", "IsolineDrawing"),
    ReleaseFile("isolines.index.json", "release/document_files", "IndexedLines"),
    ReleaseFile("layers/*/features.geojsonl", "release/feature_index", "FeatureTable"),
    ReleaseFile("layers/*/features.index", "release/feature_index", "FeatureTable"),
    ReleaseFile("layers/*/tiles.pmtiles", "release/archive", "TileMetadata"),
    ReleaseFile("layers/*/style.json", "release/class_styles", "StyleDocument"),
    ReleaseFile("layers/*/values/ids.json", "release/value_columns", "PlaceIds"),
    ReleaseFile("layers/*/values/*.json", "release/value_columns", "ValueColumn"),
    ReleaseFile("layers/*/data.parquet", "publish/downloads"),
    ReleaseFile("boundaries.parquet", "publish/downloads"),
    ReleaseFile("tables/*.parquet", "publish/write"),
    ReleaseFile("tables/provenance.sqlite", "release/provenance_file", "Piece"),
    ReleaseFile("tables/follow_up.jsonl", "release/follow_up_file", "FollowUpRecord"),
    ReleaseFile("tables/follow_up.index.json", "release/document_files", "IndexedLines"),
    ReleaseFile("downloads/*.gpkg", "publish/geopackage"),
    ReleaseFile("downloads/*.fgb", "publish/downloads"),
    ReleaseFile("downloads/*.fgb.json", "publish/downloads"),
    ReleaseFile("downloads/*.csv", "publish/downloads"),
    ReleaseFile("downloads/*.mbtiles", "publish/tile_layers"),
    ReleaseFile("downloads/*.csv-metadata.json", "release/citation", "TableDescription"),
    ReleaseFile("reports/report.html", "publish/report_files"),
    ReleaseFile("reports/report.xlsx", "publish/report_files"),
    ReleaseFile("reports/findings.gpkg", "publish/report_files"),
    ReleaseFile("access/*.tif", "access/release_files"),
    ReleaseFile("access/what_if.npz", "release/scenario_file", "Scenario"),
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
