"""Whether the files of an open release are still what was published.

A file is *sound* once its hash was that of the manifest, for as long as the system says of it what
it said then (device, inode, size, times of change).  Only what was read while the files were sound
may be stored for long by others.  A file that is gone, has another size or another hash is
*withdrawn*: what needs it is answered 503 with the reason, until it is as it was published again.
"""

import hashlib
import os
import stat
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Literal

from layers.release import byte_source, errors, manifest_file

CHUNK = 1 << 20
SETTLED_NS = 50_000_000
"""A file changed so recently could be changed again without another time stamp."""


@dataclass(frozen=True, slots=True)
class StoreStatus:
    """What ``/healthz`` says of the releases.

    ``degraded``: an older release than the published one is served, or one without some files.
    """

    status: Literal["ok", "degraded", "unavailable"]
    release_id: str | None
    problem: str | None
    withdrawn: tuple[str, ...] = ()
    """Files of the release that are served no more, each with the reason."""
    hashed: bool | None = None
    """Whether the hash of every file was made since the start; None where nobody makes them."""


@dataclass(slots=True)
class Hashing:
    """A file whose hash is being made, some bytes at a time."""

    entry: manifest_file.FileEntry
    descriptor: int
    state: byte_source.FileState
    digest: "hashlib._Hash" = field(default_factory=hashlib.sha256)
    done: int = 0

    def go_on(self) -> int:
        """Read a piece more; how many bytes, 0 at the end."""
        content = os.pread(self.descriptor, CHUNK, self.done)
        self.digest.update(content)
        self.done += len(content)
        return len(content)

    def close(self) -> None:
        """Let go of the file."""
        os.close(self.descriptor)


@dataclass(slots=True)
class Integrity:
    """The state of every file of one release.

    Parameters
    ----------
    withdrawn
        Reason by path of what is known to be altered; its place is not looked at when opening.
    is_checked
        Whether the files are looked at again and again; else they are taken as they were.

    Raises
    ------
    ReleaseUnusableError
        A file of the manifest is not there, has another size, or is reached through a link.
    """

    folder: Path
    entries: Mapping[str, manifest_file.FileEntry]
    withdrawn: dict[str, str] = field(default_factory=dict)
    is_checked: bool = False
    _folders: frozenset[str] = frozenset()
    _states: dict[str, byte_source.FileState | None] = field(default_factory=dict)
    _hashed: dict[str, byte_source.FileState] = field(default_factory=dict)
    """The state in which the hash of a file was made, that made longest ago first."""
    _unchanged_since_s: float = field(default_factory=time.monotonic)
    _swept_s: float = 0.0

    def __post_init__(self) -> None:
        """Look at every file once."""
        self._folders = frozenset(
            str(parent) for path in self.entries for parent in PurePosixPath(path).parents
        )
        for parent in self._folders:
            if not _is_plain_folder(self.folder / parent):
                raise errors.ReleaseUnusableError(
                    f"{self.folder / parent}: expected a plain folder."
                )
        for path in self.entries:
            self._states[path], problem = self._look(path)
            if problem and path not in self.withdrawn:
                raise errors.ReleaseUnusableError(f"{self.folder / path}: {problem}.")

    def check(self, *paths: str) -> None:
        """Refuse what rests on a withdrawn file.

        Raises
        ------
        AlteredFileError
            One of these files is withdrawn.
        """
        if self.withdrawn:
            for path in paths:
                if path in self.withdrawn:
                    raise errors.AlteredFileError(path, self.withdrawn[path])

    def is_whole(self, *paths: str) -> bool:
        """Whether none of these files is withdrawn."""
        return not any(path in self.withdrawn for path in paths)

    def sound_state(self, path: str) -> byte_source.FileState | None:
        """The state in which a file had the right hash; None where that is not known now."""
        return None if path in self.withdrawn else self._hashed.get(path)

    def is_sound(self, path: str, state: byte_source.FileState) -> bool:
        """Whether bytes that were just read from a file in this state are those published."""
        return not self.is_checked or self.sound_state(path) == state

    def was_sound(self, began_s: float, made_s: float) -> bool:
        """Whether all files were sound while an answer was made (`time.monotonic`).

        That is known only some time later, when every hash was right and a look at all files
        that began after the answer was made found none changed.
        """
        if not self.is_checked:
            return True
        is_whole = len(self._hashed) == len(self.entries) and not self.withdrawn
        return is_whole and self._unchanged_since_s <= began_s <= made_s < self._swept_s

    def may_become_sound(self, began_s: float) -> bool:
        """Whether `was_sound` can still be said of an answer; if not, it is to be made anew."""
        return not self.is_checked or self._unchanged_since_s <= began_s

    def sweep(self) -> list[str]:
        """Look at every file; the paths that are newly withdrawn."""
        began_s, withdrawn = time.monotonic(), []
        is_changed = not all(_is_plain_folder(self.folder / name) for name in self._folders)
        for path, known in tuple(self._states.items()):
            state, problem = self._look(path)
            if state == known:
                continue
            is_changed = True
            self._states[path] = state
            self._hashed.pop(path, None)
            if problem and self._withdraw(path, problem):
                withdrawn.append(path)
        if is_changed:
            self._unchanged_since_s = time.monotonic()
        self._swept_s = began_s
        return withdrawn

    def next_to_hash(self, *, again: bool) -> manifest_file.FileEntry | None:
        """A file whose hash was never made, else with ``again`` that of which it is oldest."""
        unhashed = (
            path
            for path, state in self._states.items()
            if path not in self._hashed and state is not None and _is_settled(state)
        )
        path = next(unhashed, None)
        if path is None and again:
            path = next(iter(self._hashed), None)
        return None if path is None else self.entries[path]

    @property
    def is_hashed(self) -> bool:
        """Whether the hash of every file that is there was made once."""
        return len(self._hashed) == sum(state is not None for state in self._states.values())

    def begin(self, entry: manifest_file.FileEntry) -> Hashing | str:
        """Begin to make the hash of a file; the reason where it cannot be opened."""
        try:
            flags = os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW
            descriptor = os.open(self.folder / entry.path, flags)
        except OSError as error:
            return (error.strerror or "cannot be read").lower()
        return Hashing(entry, descriptor, byte_source.FileState.of(os.fstat(descriptor)))

    def finish(self, hashing: Hashing) -> bool | None:
        """Note what the hash says: True where the file is newly withdrawn, False where restored."""
        path, state = hashing.entry.path, hashing.state
        is_same = (
            byte_source.FileState.of(os.fstat(hashing.descriptor))
            == state
            == self._states.get(path)
        )
        hashing.close()
        # At the end of the order, so that the others have their turn.
        self._hashed.pop(path, None)
        if not is_same:
            # It was changed meanwhile: the next look says so, and its hash is made again.
            return None
        self._hashed[path] = state
        if hashing.digest.hexdigest() != hashing.entry.sha256:
            self._unchanged_since_s = time.monotonic()
            return self._withdraw(path, "its content is not what was published") or None
        if self.withdrawn.pop(path, None) is None:
            return None
        self._unchanged_since_s = time.monotonic()
        return False

    def refuse(self, path: str, problem: str) -> bool:
        """Withdraw a file that cannot be read; whether that is new."""
        state = self._states.get(path)
        if state is not None:
            self._hashed.pop(path, None)
            self._hashed[path] = state
        return self._withdraw(path, problem)

    def _withdraw(self, path: str, problem: str) -> bool:
        is_new = path not in self.withdrawn
        self.withdrawn[path] = problem
        return is_new

    def _look(self, path: str) -> tuple[byte_source.FileState | None, str]:
        """The state of a file; None and why where it cannot be what was published."""
        try:
            result = os.lstat(f"{self.folder}/{path}")
        except OSError as error:
            return None, (error.strerror or "cannot be read").lower()
        if not stat.S_ISREG(result.st_mode):
            return None, "expected a file of its own"
        expected = self.entries[path].size
        if result.st_size != expected:
            return None, f"{result.st_size} bytes, expected {expected}"
        return byte_source.FileState.of(result), ""


def _is_settled(state: byte_source.FileState) -> bool:
    return abs(time.time_ns() - state.changed_ns) > SETTLED_NS


def _is_plain_folder(path: Path) -> bool:
    try:
        return stat.S_ISDIR(os.lstat(path).st_mode)
    except OSError:
        return False
