"""Write everything a release holds into an empty directory, the manifest last.

The directory is the whole of what is published; what makes it durable, checks it and moves it into
place is `layers.publish.publication`.
"""

import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import chain
from pathlib import Path

import geopandas as gpd
import pandas as pd

from boundaries.findings.report import Report, Severity
from boundaries.progress import Progress, silent
from layers.columns.model import LayerData
from layers.publish import (
    class_breaks,
    describe,
    feature_files,
    feature_order,
    isolines,
    outlines,
    report_files,
    styles,
    tile_layers,
    verification,
)
from layers.publish.code_version import code_version
from layers.publish.downloads import write_downloads, write_geoparquet
from layers.release import citation, class_styles, manifest_file, place_values, value_columns
from layers.words.place_terms import fill_texts, terms_of
from layers.workspace import sections, workspace_file


def write_release(
    target: Path,
    *,
    layers: Sequence[LayerData],
    boundaries: gpd.GeoDataFrame,
    tables: Mapping[str, pd.DataFrame],
    report: Report,
    workspace: sections.Workspace,
    workspace_folder: Path,
    inputs: tuple[manifest_file.InputEntry, ...],
    extras: Mapping[str, Callable[[Path], None]] | None = None,
    progress: Progress = silent,
) -> manifest_file.Manifest:
    """The manifest of the release now in ``target``, which was an empty directory.

    Parameters
    ----------
    boundaries
        All levels in one frame, as `boundaries.build.BoundarySet.frame`.
    tables
        Long tables by file name without extension, already in a stable order.
    inputs
        Entries of the workspace's files, already hashed.
    extras
        Writers of further files by their path in the release (rasters, arrays for what-if).
    """
    shutil.copyfile(
        workspace_folder / workspace_file.WORKSPACE_NAME, target / workspace_file.WORKSPACE_NAME
    )
    report_files.write_findings(report, target / "findings.json")
    report_files.write_reports(report, target / "reports", workspace.wilayah.name)
    write_tables(tables, target / "tables")
    progress("boundaries and outlines", 0, 2)
    # Row numbers are provenance: tables/boundaries.parquet has them.
    published = boundaries.drop(columns="source_row", errors="ignore")
    write_geoparquet(published, target / "boundaries.parquet")
    progress("boundaries and outlines", 1, 2)
    outlines.write_outlines(boundaries, target)
    isolines.write_isolines(layers, boundaries, tables.get("gaps"), target)
    progress("boundaries and outlines", 2, 2)
    for name, write in sorted((extras or {}).items()):
        path = target / name
        path.parent.mkdir(parents=True, exist_ok=True)
        write(path)
    area = describe.bbox_of(boundaries)
    entries = [
        write_layer(target, data, shelf, workspace, inputs, terms, area, progress)
        for shelf, terms in [(tile_layers.CutShelf(), terms_of(boundaries))]
        for data in layers
    ]
    entries = describe.guard_layers(entries, workspace.layers)
    columns = chain.from_iterable(
        value_columns.read_year_columns(target, entry) for entry in entries
    )
    place_values.write_place_values(target / place_values.FILE_NAME, columns)
    return _write_manifest(target, entries, boundaries, report, workspace, inputs)


def write_layer(
    target: Path,
    data: LayerData,
    shelf: tile_layers.CutShelf,
    workspace: sections.Workspace,
    inputs: tuple[manifest_file.InputEntry, ...],
    terms: manifest_file.Terms,
    area: manifest_file.Bbox,
    progress: Progress = silent,
) -> manifest_file.LayerEntry:
    """The entry of the layer whose files now lie in ``target``; its texts say ``terms``."""
    step = f"layer {data.definition.id}"
    data = replace(data, definition=fill_texts(data.definition, terms))
    features = feature_order.arrange_features(data)
    fields = class_breaks.classify_fields(features, describe.wishes_for(data, workspace))
    fields = tuple(fill_texts(entry, terms) for entry in fields)
    features = features.with_fields(class_breaks.count_years(fields, data.values))
    layer = describe.describe_layer(data, features, inputs, area)
    folder = target / "layers" / layer.id
    folder.mkdir(parents=True)
    writers = _layer_writers(features, data, layer, shelf, folder)
    for done, write in enumerate(writers):
        progress(step, done, len(writers))
        write()
    progress(step, len(writers), len(writers))
    about = {
        **citation.describe_file(layer, inputs),
        **describe.describe_content(folder / "features.geojsonl", target, workspace.wilayah),
    }
    sources = {
        entry.name: cited
        for entry in layer.fields
        if (cited := citation.describe_field_sources(entry, inputs))
    }
    write_geoparquet(
        features.frame, folder / "data.parquet", layer.fields, {**about, "columns": sources}
    )
    downloads = write_downloads(features, layer, inputs, target / "downloads", about)
    return layer.model_copy(update={"downloads": (*downloads, f"{layer.id}.mbtiles")})


def write_tables(tables: Mapping[str, pd.DataFrame], folder: Path) -> None:
    """Write each table as ``<name>.parquet``, zstd, row order as given."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in sorted(tables):
        frame = tables[name].reset_index(drop=True)
        frame.to_parquet(folder / f"{name}.parquet", index=False, compression="zstd")


def _layer_writers(
    features: feature_order.LayerFeatures,
    data: LayerData,
    layer: manifest_file.LayerEntry,
    shelf: tile_layers.CutShelf,
    folder: Path,
) -> list[Callable[[], None]]:
    return [
        lambda: feature_files.write_feature_files(
            features, folder / "features.geojsonl", folder / "features.index"
        ),
        lambda: feature_files.write_values(features, data.values, folder.parents[1]),
        lambda: tile_layers.write_tiles(
            features,
            layer,
            shelf.cuts(features, layer),
            folder / "tiles.pmtiles",
            folder.parents[1] / "downloads" / f"{layer.id}.mbtiles",
        ),
        lambda: class_styles.write_style_file(folder / "style.json", styles.make_style(layer)),
    ]


def _write_manifest(
    target: Path,
    layers: list[manifest_file.LayerEntry],
    boundaries: gpd.GeoDataFrame,
    report: Report,
    workspace: sections.Workspace,
    inputs: tuple[manifest_file.InputEntry, ...],
) -> manifest_file.Manifest:
    unnamed = manifest_file.Manifest(
        schema_version=manifest_file.SCHEMA_VERSION,
        release_id="",
        manifest_sha256="",
        code_version=code_version(),
        wilayah_id=workspace.wilayah.id,
        title=workspace.wilayah.name,
        year=workspace.wilayah.year,
        bbox_lonlat=describe.bbox_of(boundaries),
        wilayah=describe.list_wilayah(boundaries),
        layers=tuple(layers),
        inputs=inputs,
        findings={severity.value: report.count(severity) for severity in Severity},
        files=verification.list_files(target),
    )
    manifest = manifest_file.sign_manifest(unnamed)
    (target / manifest_file.MANIFEST_NAME).write_bytes(manifest_file.manifest_bytes(manifest))
    return manifest
