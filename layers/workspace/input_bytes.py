"""The bytes of the inputs: hashed before they are read, and held against the files after it.

A file that changes in between would be published under a hash it no longer has.  Copies of all
inputs would be safe too, but of a country they take gigabytes and minutes; a second hash takes
seconds.  A file that was changed and changed back has the same hash, but not the same time of
change: the system sets that (``ctime``) at every write, and no program can set it back.
"""

import hashlib
import os
import time
from dataclasses import dataclass, field
from pathlib import Path

from boundaries.bounds import declared_sizes, input_limits
from layers.errors import ChangedInputError

SIDE_SUFFIXES = (
    ".dbf",
    ".shx",
    ".prj",
    ".cpg",
    ".qpj",
    ".sbn",
    ".sbx",
    ".tfw",
    ".tifw",
    ".wld",
    ".jgw",
    ".dat",
    ".id",
    ".map",
    ".ind",
    ".mid",
    ".hdr",
    ".csvt",
)
"""Files beside a declared one, of the same stem, without which it says something else."""
INDEXES = frozenset({".shx", ".sbn", ".sbx", ".ind", ".cpg", ".qpj", ".csvt"})
"""Those that hold no data of their own: places of rows, and how they are read."""
SIDE_ENDINGS = (".aux.xml", ".msk", ".ovr", ".cpg", "-wal", "-journal")
"""Files beside a declared one whose names begin with its whole name."""
SIDED = {".shp", ".tif", ".tiff", ".vrt", ".tab", ".mif", ".asc", ".bil", ".gpkg"}
"""Files that have such companions."""
RACY_NS = 20_000_000
"""Clocks of file systems tick every few milliseconds: within one tick two writes look as one."""


@dataclass(frozen=True, slots=True)
class HashedInput:
    """A file, or a folder that is one input (``.gdb``), as it was hashed.

    Parameters
    ----------
    sha256
        Of the bytes; of a folder that of its files' names and hashes, in the order of the names.
    stamps
        Identity, size and times of change of each file, as the file system gives them.
    """

    sha256: str
    size: int
    stamps: tuple[tuple[str, int, int, int, int], ...]


@dataclass(slots=True)
class InputBytes:
    """What every input was when it was hashed; None for a file that was not there."""

    states: dict[Path, HashedInput | None] = field(default_factory=dict)

    def hash(self, path: Path) -> HashedInput:
        """The state of a file or folder, hashed the first time it is asked for.

        Raises
        ------
        ChangedInputError
            It changed while it was hashed.
        """
        state = self.states.get(path)
        if state is None:
            state = self.states[path] = _read_state(path)
        return state

    def note(self, path: Path) -> None:
        """Remember a file that may or may not be there."""
        self.states[path] = _read_state(path) if path.exists() else None

    def verify(self, *paths: Path) -> None:
        """Nothing, if the files (all that were hashed, where none are named) are as they were.

        Raises
        ------
        ChangedInputError
            Files were changed, replaced, added or removed since, even if they were changed back.
        """
        changed = [
            path for path in sorted(paths or self.states) if not _is_same(path, self.states[path])
        ]
        if changed:
            raise ChangedInputError(_say_changed(changed))


def find_companions(path: Path) -> list[Path]:
    """The files beside a declared one that are read with it, sorted by name."""
    if path.suffix.lower() not in SIDED or not path.is_file():
        return []
    return sorted(
        other
        for other in path.parent.iterdir()
        if other.name != path.name and is_companion(path, other.name) and other.is_file()
    )


def is_companion(path: Path, name: str) -> bool:
    """Whether a file of this name lies beside a declared one and belongs to it."""
    if path.suffix.lower() not in SIDED:
        return False
    lowered, declared = name.lower(), path.name.lower()
    ending = lowered.removeprefix(declared)
    if ending != lowered:
        return ending in SIDE_ENDINGS
    stem, dot, suffix = lowered.rpartition(".")
    return bool(dot) and stem == path.stem.lower() and f".{suffix}" in SIDE_SUFFIXES


def _is_same(path: Path, state: HashedInput | None) -> bool:
    if state is None or not path.exists():
        return state is None and not path.exists()
    try:
        again = _read_state(path)
    except (ChangedInputError, OSError):
        return False
    # Where the time of change is that of making (Windows), the bytes alone must do.
    return again.sha256 == state.sha256 and (os.name == "nt" or again.stamps == state.stamps)


def _read_state(path: Path) -> HashedInput:
    declared_sizes.check_is_file(input_limits.InputFile(path, path.name))
    files = sorted(file for file in path.rglob("*") if file.is_file()) if path.is_dir() else [path]
    stamps = tuple(_stamp(file, path) for file in files)
    hashes = [_hash_file(file) for file in files]
    if tuple(_stamp(file, path) for file in files) != stamps:
        raise ChangedInputError(_say_changed([path]))
    size = sum(size for _, _, size, _, _ in stamps)
    if not path.is_dir():
        return HashedInput(hashes[0], size, stamps)
    whole = hashlib.sha256()
    for (name, *_), digest in zip(stamps, hashes, strict=True):
        whole.update(f"{name}\0{digest}\n".encode())
    return HashedInput(whole.hexdigest(), size, stamps)


def _hash_file(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _stamp(file: Path, root: Path) -> tuple[str, int, int, int, int]:
    stat = file.stat()
    if 0 <= time.time_ns() - stat.st_ctime_ns < RACY_NS:
        time.sleep(RACY_NS / 1e9)
        stat = file.stat()
    name = file.relative_to(root).as_posix()
    return name, stat.st_ino, stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns


def _say_changed(paths: list[Path]) -> str:
    names = ", ".join(path.name for path in paths)
    return (
        f"{names}: changed while it was being read, so nothing is published. Wait until nobody "
        "writes to it (saving, copying, syncing), then run again."
    )
