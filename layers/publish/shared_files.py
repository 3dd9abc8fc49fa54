"""Files that a new release shares with earlier ones: one copy on disk, a hard link in each.

Two releases of the same kabupaten differ in what changed.  A file that is equal byte for byte is
linked, so a release costs on disk what is new in it; each release stays a whole directory, which
may be copied, served and pruned without the others.
"""

import filecmp
import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from layers.release.errors import ReleaseUnusableError
from layers.release.manifest_file import FileEntry, read_manifest

SMALLEST = 4096
"""A file of less than a block costs no less as a link."""


def share_files(build: Path, files: Iterable[FileEntry], earlier: Iterable[Path]) -> int:
    """Replace files of a release that is being built by links; the bytes that saves.

    Parameters
    ----------
    files
        What the manifest of the new release lists.
    earlier
        Directories of releases, those to be looked at first in front.
    """
    wanted = {(entry.path, entry.sha256): entry for entry in files if entry.size >= SMALLEST}
    saved = 0
    for release in earlier:
        for entry in _files_of(release):
            key = (entry.path, entry.sha256)
            if key in wanted and _share(release / entry.path, build / entry.path):
                saved += wanted.pop(key).size
    return saved


def _files_of(release: Path) -> tuple[FileEntry, ...]:
    try:
        return read_manifest(release).files
    except (OSError, ReleaseUnusableError):
        return ()


def _share(source: Path, target: Path) -> bool:
    """Whether the target is now a link to the source, which has the same bytes.

    They are compared: a source that was altered on disk is not what its manifest says.
    """
    fresh = target.with_name(f".{target.name}.link")
    with suppress(OSError):
        if source.is_symlink() or source.stat().st_mode & 0o222:
            return False
        if filecmp.cmp(source, target, shallow=False):
            # The system may refuse: too many links, another owner, another file system.
            os.link(source, fresh)
            fresh.replace(target)
            return True
    return False
