"""A copy of a register with its photographs and documents."""

import shutil
import sqlite3
from pathlib import Path
from typing import Annotated

import typer

from geo_service.cli import console, register_commands


def backup(
    target: Annotated[Path, typer.Argument(help="New file.", metavar="FILE")],
    files: Annotated[
        bool, typer.Option(help="Copy photographs and documents too, beside the copy.")
    ] = True,
    register_url: register_commands.RegisterOption = None,
) -> None:
    """Copy a register of SQLite while it is used, with its photographs and documents.

    They go into a folder beside the copy, named as a server looks for it: `register-2026-11-30.db`
    has `register-2026-11-30-files`. To restore, put both back under their names.

    Example: `geo-service register backup /backup/register-2026-11-30.db`
    """
    if target.exists():
        raise register_commands.refusal(f"{target}: there already; name a new file.")
    with register_commands.open_register(register_url) as opened:
        if opened.database is None:
            raise register_commands.refusal("Use pg_dump for PostgreSQL, or `register export`.")
        with sqlite3.connect(opened.database) as source, sqlite3.connect(target) as copy:
            source.backup(copy)
        copy.close()
        source.close()
        console.out.print(f"{target} is a copy of the register.", markup=False)
        if files:
            _copy_files(opened.database, target)


def _copy_files(database: Path, target: Path) -> None:
    """Copy the folder of files after the database: each file that this one names is in it.

    Files are never changed under their name, so that those of the server may go on being added.
    """
    from geo_service import settings
    from geo_service.register.database import files_beside

    folder = settings.read_settings().register_files
    folder = folder or files_beside(database)
    copy = files_beside(target)
    if not folder.is_dir():
        console.out.print(f"{folder}: no files are kept there.", markup=False, soft_wrap=True)
        return
    try:
        # What is being written has a name with a dot until it is whole.
        shutil.copytree(folder, copy, ignore=shutil.ignore_patterns(".*"))
    except (OSError, shutil.Error) as error:
        raise register_commands.refusal(f"{copy}: the files cannot be copied ({error}).") from error
    count = sum(path.is_file() for path in copy.rglob("*"))
    console.out.print(f"{copy} has its {count} files.", markup=False, soft_wrap=True)
