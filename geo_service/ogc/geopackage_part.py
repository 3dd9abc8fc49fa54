"""The GeoPackage of one wilayah: the released file of a layer with only some of its features.

The released file is copied and what is not asked for is taken out of it, so styles, names and
sources of the columns are those of the whole; nothing is written anew but what is counted.  The
same release and features give the same bytes.
"""

import json
import sqlite3
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path

from layers.release.features import Box


def cut_geopackage(
    source: Path, layer: str, fids: Sequence[int], bounds: Box | None, about: Mapping[str, object]
) -> bytes:
    """A copy of a released GeoPackage that holds only the features of these ids.

    Parameters
    ----------
    bounds
        Of these features; None where none has a geometry.
    about
        Added to what the file says of itself.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "part.gpkg")
        with (
            closing(sqlite3.connect(f"file:{source}?immutable=1", uri=True)) as whole,
            closing(sqlite3.connect(path, isolation_level=None)) as part,
        ):
            part.execute("PRAGMA journal_mode = OFF")
            part.execute("PRAGMA synchronous = OFF")
            whole.backup(part)
            part.execute("BEGIN")
            _keep_rows(part, layer, fids)
            _count_again(part, layer, len(fids), bounds)
            _say(part, about)
            part.execute("COMMIT")
            part.execute("VACUUM")
        return path.read_bytes()


def _keep_rows(database: sqlite3.Connection, layer: str, fids: Sequence[int]) -> None:
    """Delete the other rows, and their boxes; triggers call functions that only GDAL has."""
    triggers = database.execute(
        "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = ?", (layer,)
    ).fetchall()
    for name, _ in triggers:
        database.execute(f'DROP TRIGGER "{name}"')
    database.execute("CREATE TEMP TABLE kept (fid INTEGER PRIMARY KEY)")
    database.executemany("INSERT INTO kept VALUES (?)", [(fid,) for fid in fids])
    # The name of a layer is a plain word (`manifest_file.Name`).
    database.execute(f'DELETE FROM "{layer}" WHERE fid NOT IN (SELECT fid FROM kept)')  # noqa: S608
    for (tree,) in database.execute(
        "SELECT 'rtree_' || table_name || '_' || column_name FROM gpkg_extensions "
        "WHERE extension_name = 'gpkg_rtree_index' AND table_name = ?",
        (layer,),
    ).fetchall():
        database.execute(f'DELETE FROM "{tree}" WHERE id NOT IN (SELECT fid FROM kept)')  # noqa: S608
    for _, statement in triggers:
        database.execute(statement)
    database.execute("DROP TABLE kept")


def _count_again(database: sqlite3.Connection, layer: str, count: int, bounds: Box | None) -> None:
    database.execute(
        "UPDATE gpkg_ogr_contents SET feature_count = ? WHERE table_name = ?", (count, layer)
    )
    database.execute(
        "UPDATE gpkg_contents SET min_x = ?, min_y = ?, max_x = ?, max_y = ? WHERE table_name = ?",
        (*(bounds or (None,) * 4), layer),
    )


def _say(database: sqlite3.Connection, about: Mapping[str, object]) -> None:
    rows = database.execute("SELECT id, metadata FROM gpkg_metadata WHERE md_scope = 'dataset'")
    for number, text in rows.fetchall():
        document = json.dumps({**json.loads(text), **about}, ensure_ascii=False)
        database.execute("UPDATE gpkg_metadata SET metadata = ? WHERE id = ?", (document, number))
