"""Publishing: our tiles against tippecanoe's of the same polygons, and the files of Jawa Barat.

Runs on ../shared/data/wilayah_boundaries.  The polygons are cleaned by kabupaten first, as a build
does, outside the timing.
"""

# pmtiles has types in part only.
# mypy: disable-error-code="no-untyped-call"
from __future__ import annotations

import gzip
import shutil
import subprocess
import sys
import tempfile
from functools import cache, partial
from pathlib import Path
from typing import Any

import geopandas as gpd
import mapbox_vector_tile
import numpy as np
import shapely
from pmtiles.reader import MmapSource, all_tiles
from shapely.geometry import shape

from boundaries.coverage.repair import repair_polygons
from boundaries.coverage.shared_borders import clean_coverage
from layers.columns.catalogue import read_layer_definition
from layers.columns.model import LayerData
from layers.publish.describe import describe_layer
from layers.publish.downloads import write_downloads
from layers.publish.feature_files import write_feature_files
from layers.publish.feature_order import LayerFeatures, arrange_features
from layers.publish.publication import verify_release
from layers.publish.tile_layers import MAX_ZOOM, MIN_ZOOM, CutShelf, write_tiles
from layers.release.manifest_file import FieldEntry, LayerEntry, Text
from tests.benchmarks.harness import absolute, compare
from tests.layers.publish.world import write_world

DATA = Path(__file__).parents[3] / "shared/data/wilayah_boundaries"
FLAGS = (
    "--no-simplification-of-shared-nodes",
    "--no-feature-limit",
    "--no-tile-size-limit",
    "--no-tiny-polygon-reduction",
    "-T",
    "kode:string",
    "--force",
    "--quiet",
)


@cache
def layer_of(prefix: str) -> tuple[LayerFeatures, LayerEntry]:
    """The desa of a provinsi or kabupaten with one made-up score."""
    frame = gpd.read_parquet(DATA / f"kel_{prefix[:2]}.parquet").sort_values("kode")
    frame = frame[frame["kode"].str.startswith(prefix)].reset_index(drop=True)
    geometry = np.asarray(frame.geometry.values, dtype=object)
    repaired = repair_polygons(geometry)[0]
    geometry = clean_coverage(repaired, partitions=list(frame["kode"].str[:5])).geometry
    frame = gpd.GeoDataFrame(frame[["kode", "nama"]], geometry=geometry, crs="EPSG:4326")
    frame["kode_kecamatan"] = frame["kode"].str[:8]
    frame["fid"] = [int(kode.replace(".", "")) for kode in frame["kode"]]
    frame["idm_skor"] = np.random.default_rng(1).random(len(frame)).round(4)
    names = ("kode", "nama", "kode_kecamatan")
    fields = [FieldEntry(name=name, type="string", title=Text(id=name, en=name)) for name in names]
    fields.append(
        FieldEntry(name="idm_skor", type="number", title=Text(id="", en=""), thematic=True)
    )
    data = LayerData(read_layer_definition("desa"), tuple(fields), frame)
    features = arrange_features(data)
    return features, describe_layer(data, features, ())


def our_tiles(prefix: str, path: Path, layers: int = 1) -> None:
    """Tiles as a build makes them; ``layers`` archives of the same polygons."""
    features, layer = layer_of(prefix)
    shelf = CutShelf()
    for _ in range(layers):
        write_tiles(features, layer, shelf.cuts(features, layer), path)


def peer_tiles(prefix: str, path: Path, layers: int = 1) -> None:
    """The same with tippecanoe, its own reading of GeoJSON included."""
    program = Path(sys.executable).with_name("tippecanoe")
    source = path.with_suffix(".geojsonl")
    write_feature_files(layer_of(prefix)[0], source, path.with_suffix(".index"))
    zooms = ("-Z", str(MIN_ZOOM), "-z", str(MAX_ZOOM), "-l", "desa")
    for _ in range(layers):
        command = [str(program), *FLAGS, *zooms, "-o", str(path), str(source)]
        subprocess.run(command, check=True)


def bench_tiles_of_garut() -> None:
    """CPU of one layer of 442 desa, and of three layers that share their polygons."""
    if not DATA.is_dir():
        return
    with tempfile.TemporaryDirectory() as folder:
        ours, peer = Path(folder, "ours.pmtiles"), Path(folder, "peer.pmtiles")
        for layers in (1, 3):
            compare(
                f"tiles.garut.{layers}_layer",
                partial(our_tiles, "32.05", ours, layers),
                partial(peer_tiles, "32.05", peer, layers),
                limit=1.0,
                repeat=3,
            )
        _compare_defects(ours, peer)


def bench_tiles_of_jawa_barat() -> None:
    """CPU of three layers of 5,957 desa: the limit is a minute of two cores."""
    if not DATA.is_dir():
        return
    layer_of("32")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "ours.pmtiles")
        absolute("tiles.jawa_barat.3_layers", lambda: our_tiles("32", path, 3), limit=60)
        absolute("tiles.jawa_barat.size", path.stat().st_size / 1e6, unit="MB")
        features, layer = layer_of("32")
        lines = Path(folder, "features.geojsonl")
        absolute(
            "features.jawa_barat",
            lambda: write_feature_files(features, lines, Path(folder, "features.index")),
            limit=10,
        )
        absolute(
            "downloads.jawa_barat",
            lambda: write_downloads(features, layer, (), Path(folder), {}),
            limit=10,
        )


def bench_verify() -> None:
    """Checking every byte of a small release."""
    with tempfile.TemporaryDirectory() as folder:
        release = Path(folder, "release")
        release = release.rename(Path(folder, write_world(release).release_id))
        absolute("verify.small_release", lambda: verify_release(release), limit=0.5, repeat=5)
        shutil.rmtree(release)


def _compare_defects(ours: Path, peer: Path) -> None:
    """Desa missing, torn borders and invalid polygons in the tiles of both, all zooms."""
    expected = len(layer_of("32.05")[0].fids)
    for side, path in (("ours", ours), ("tippecanoe", peer)):
        found = count_defects(path, expected)
        for name, number in found.items():
            limit = 0 if side == "ours" and name in ("missing", "invalid") else None
            absolute(f"tiles.garut.{name}.{side}", float(number), unit="", limit=limit)
        absolute(f"tiles.garut.size.{side}", path.stat().st_size / 1e6, unit="MB")


def count_defects(path: Path, expected: int) -> dict[str, int]:
    """How many features are missing (summed over zooms), and how many pieces invalid or torn.

    Torn counts holes between neighbours: interior rings of the union of all pieces of a tile that
    are larger than one square unit.
    """
    present: dict[int, set[int]] = {}
    invalid = torn = 0
    with path.open("rb") as file:
        for (zoom, _, _), content in all_tiles(MmapSource(file)):
            features = _decode(content)
            present.setdefault(zoom, set()).update(int(name) for name, _ in features)
            pieces = np.array([piece for _, piece in features], dtype=object)
            invalid += int((~shapely.is_valid(pieces)).sum())
            union = shapely.union_all(shapely.make_valid(pieces))
            holes: Any = [
                ring for part in shapely.get_parts(union) for ring in getattr(part, "interiors", ())
            ]
            torn += sum(shapely.Polygon(ring).area > 1 for ring in holes)
    missing = sum(expected - len(found) for found in present.values())
    return {"missing": missing, "invalid": invalid, "torn": torn}


def _decode(content: bytes) -> list[tuple[str, Any]]:
    options = {"y_coord_down": True}
    tile = mapbox_vector_tile.decode(gzip.decompress(content), default_options=options)
    return [
        (feature["properties"]["kode"].replace(".", ""), shape(feature["geometry"]))
        for feature in tile["desa"]["features"]
    ]
