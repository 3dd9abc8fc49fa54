"""Files that are made to do harm to whoever reads them, each as an input of a small workspace.

Those that are harmful as files are here; the others lie beside, by what they pretend to be.
"""

from __future__ import annotations

import os
import sys
import zipfile
from pathlib import Path

from tests.chaos import bomb_files, map_bombs, table_bombs


def many_members(path: Path) -> str:
    """An archive of 21,000 empty files."""
    with zipfile.ZipFile(path / "b.zip", "w") as archive:
        for number in range(21_000):
            archive.writestr(f"{number}.shp", b"")
    return bomb_files.BOUNDARY.format(name="b.zip")


def path_in_archive(path: Path) -> str:
    """An archive whose member climbs out of it."""
    with zipfile.ZipFile(path / "b.zip", "w") as archive:
        archive.writestr("../../../../etc/passwd.shp", b"x")
    return bomb_files.BOUNDARY.format(name="b.zip")


def nested_archive(path: Path) -> str:
    """An archive of a gigabyte of zeros under the name of a shapefile."""
    with zipfile.ZipFile(path / "b.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("b.shp", bytes(1_000_000_000))
    return bomb_files.BOUNDARY.format(name="b.zip")


def pipe(path: Path) -> str:
    """A pipe into which nobody writes."""
    os.mkfifo(path / "b.csv")
    return bomb_files.TABLE.format(name="b.csv")


def device(path: Path) -> str:
    """A link to a device without an end."""
    (path / "b.csv").symlink_to("/dev/zero")
    return bomb_files.TABLE.format(name="b.csv")


def circle(path: Path) -> str:
    """Links that point at each other."""
    (path / "b.csv").symlink_to("c.csv")
    (path / "c.csv").symlink_to("b.csv")
    return bomb_files.TABLE.format(name="b.csv")


def folder(path: Path) -> str:
    """The whole disk as one input."""
    (path / "b.csv").symlink_to("/")
    return bomb_files.TABLE.format(name="b.csv")


def hole(path: Path) -> str:
    """A file of 3 GB of which nothing is written."""
    with (path / "b.csv").open("wb") as stream:
        stream.truncate(3_000_000_000)
    return bomb_files.TABLE.format(name="b.csv")


def huge_hole(path: Path) -> str:
    """A file of a terabyte of which nothing is written."""
    with (path / "b.csv").open("wb") as stream:
        stream.truncate(1_000_000_000_000)
    return bomb_files.TABLE.format(name="b.csv")


def nested_declaration(path: Path) -> str:
    """A declaration nested 50,000 deep."""
    del path
    return "x = " + "[" * 50_000 + "]" * 50_000 + "\n"


KNOWN: tuple[bomb_files.Writer, ...] = (
    table_bombs.stray_cell,
    table_bombs.packed_csv,
    table_bombs.repeated_parquet,
    table_bombs.packed_sheet,
    map_bombs.star,
    map_bombs.stack,
    map_bombs.endless_view,
    table_bombs.wide_csv,
)
"""Those that were met first."""
OTHERS: tuple[bomb_files.Writer, ...] = tuple(
    writer
    for module in (table_bombs, map_bombs, sys.modules[__name__])
    for name, writer in list(vars(module).items())
    if callable(writer)
    and getattr(writer, "__module__", "") == module.__name__
    and not name.startswith("_")
    and writer not in KNOWN
)
