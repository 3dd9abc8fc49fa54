"""Releases on disk: build beside, check, publish by one rename, go back, tidy up.

What is published is never half-written: a release is written in a hidden sibling directory, made
durable, checked and only then renamed to its id; ``current`` is a relative symbolic link replaced
by rename.  A process killed at any point leaves what was published as it was; the next build or
prune removes what it left.  What a release holds is not this module's affair.
"""

import fcntl
import hashlib
import logging
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from layers.errors import ReleaseError
from layers.publish.shared_files import share_files
from layers.publish.verification import find_problems, verify_release
from layers.release import byte_source, journal, manifest_file

logger = logging.getLogger("layers")

LOCK_NAME = ".lock"
MOST_LOOKED_AT = 4
"""Earlier releases in which files are looked for that a new one can share."""
BUILD_PREFIX = ".build-"
REMOVED_PREFIX = ".removed-"

__all__ = [
    "build_into",
    "current_release",
    "list_releases",
    "previous_release",
    "prune",
    "publish",
    "rollback",
    "verify_release",
]


def build_into(
    releases: Path, write: Callable[[Path], manifest_file.Manifest]
) -> manifest_file.ReleaseId:
    """The id of the release that ``write`` wrote, now a checked directory under ``releases``.

    ``write`` gets an empty directory and returns the manifest it wrote there.  If a release of the
    same id exists it has, if sound, the same bytes and is kept; a damaged one is replaced.

    Raises
    ------
    ReleaseError
        What ``write`` left does not pass `verify_release`.
    """
    releases.mkdir(parents=True, exist_ok=True)
    with _building(releases) as build:
        manifest = write(build)
        release_id = manifest_file.ReleaseId(manifest.release_id)
        problems = find_problems(build, release_id)
        if problems:
            raise ReleaseError(f"The build is not sound: {'; '.join(problems[:5])}")
        earlier = [releases / name for name in list_releases(releases)[:MOST_LOOKED_AT]]
        share_files(build, manifest.files, earlier)
        _make_durable(build)
        with _locked(releases):
            _move_into_place(build, releases / release_id)
    return release_id


def publish(releases: Path, release_id: str) -> None:
    """Make ``release_id`` the current release, after checking every byte of it.

    Checking takes its time, and nobody has to wait for it: what others did meanwhile is seen once
    they are locked out.

    Raises
    ------
    ReleaseError
        There is no such release, it is damaged, or it was removed meanwhile; ``current`` is
        unchanged.
    """
    release = _release_path(releases, release_id)
    while not _publish_checked(releases, release_id, _state_of(release), verify_release(release)):
        # Built anew while it was checked.
        pass


def _publish_checked(
    releases: Path,
    release_id: str,
    checked: byte_source.FileState | None,
    problems: list[str],
) -> bool:
    """Publish what was checked; False where another release bears its name by now."""
    with _locked(releases):
        if not (releases / release_id).is_dir():
            raise _removed(releases, release_id)
        if _state_of(releases / release_id) != checked:
            return False
        if problems:
            listed = "\n".join(f"  {problem}" for problem in problems)
            raise ReleaseError(f"{release_id} is damaged and was not published:\n{listed}")
        current = current_release(releases)
        if current != release_id:
            _record(releases, release_id, "published", current)
            _point_current(releases, release_id)
    return True


def _state_of(release: Path) -> byte_source.FileState | None:
    """Which directory bears the name of a release; None where there is no finished one."""
    try:
        return byte_source.FileState.of((release / manifest_file.MANIFEST_NAME).stat())
    except (FileNotFoundError, NotADirectoryError):
        return None


def _removed(releases: Path, release_id: str) -> ReleaseError:
    return ReleaseError(
        f"{releases}: release '{release_id}' was removed while it was checked (geo-service prune, "
        "or by hand), so nothing was published. Build it again, then publish it."
    )


def rollback(releases: Path) -> manifest_file.ReleaseId:
    """The id of the release published before the current one, now current again.

    Raises
    ------
    ReleaseError
        There is no earlier release on disk, or it is damaged; ``current`` is unchanged.
    """
    with _locked(releases):
        current = current_release(releases)
        earlier = previous_release(releases)
        if current is None or earlier is None:
            raise ReleaseError(f"{releases}: no release was published before the current one.")
        problems = verify_release(releases / earlier)
        if problems:
            raise ReleaseError(f"{earlier} is damaged: {'; '.join(problems[:5])}")
        _record(releases, earlier, "rolled-back", current)
        _point_current(releases, earlier)
    return earlier


def prune(releases: Path, keep: int) -> list[manifest_file.ReleaseId]:
    """The ids of the releases removed: all but the ``keep`` newest.

    The current release always stays.  The one published before it stays too, unless ``keep=1``
    asks for the current one alone.  Newest means built last.

    Raises
    ------
    ReleaseError
        ``keep`` is less than 1.
    """
    if keep < 1:
        raise ReleaseError(f"keep must be at least 1, not {keep}: the current release stays.")
    with _locked(releases):
        _remove_leftovers(releases)
        present = list_releases(releases)
        protected = [current_release(releases)]
        if keep > 1:
            protected.append(previous_release(releases))
        first = [release for release in protected if release is not None]
        ranked = first + [release for release in present if release not in first]
        removed = ranked[max(keep, len(first)) :]
        for release in removed:
            _remove(releases / release)
    return removed


def list_releases(releases: Path) -> list[manifest_file.ReleaseId]:
    """Ids of the releases on disk, last built first."""
    dated = []
    for entry in releases.iterdir():
        if manifest_file.is_release_id(entry.name) and entry.is_dir() and not entry.is_symlink():
            with suppress(FileNotFoundError):
                # Who lists them does not lock out who removes them.
                dated.append((entry.stat().st_mtime_ns, entry.name))
    return [manifest_file.ReleaseId(name) for _, name in sorted(dated, reverse=True)]


def current_release(releases: Path) -> manifest_file.ReleaseId | None:
    """The id ``current`` points at, or None before the first publication."""
    link = releases / manifest_file.CURRENT_LINK
    if not link.is_symlink():
        return None
    name = link.readlink().name
    return manifest_file.ReleaseId(name) if manifest_file.is_release_id(name) else None


def previous_release(releases: Path) -> manifest_file.ReleaseId | None:
    """The last release published before the current one that is still on disk."""
    current = current_release(releases)
    published = _published_until(releases, current)
    earlier = [name for name in published if name != current and (releases / name).is_dir()]
    return earlier[-1] if earlier else None


def _release_path(releases: Path, release_id: str) -> Path:
    release = releases / release_id
    if not manifest_file.is_release_id(release_id) or not release.is_dir():
        present = ", ".join(list_releases(releases)) if releases.is_dir() else ""
        raise ReleaseError(f"{releases}: no release '{release_id}'. Present: {present or 'none'}.")
    return release


# --- order of publication -------------------------------------------------------------------


def _published_until(
    releases: Path, current: manifest_file.ReleaseId | None
) -> list[manifest_file.ReleaseId]:
    """Order of publication up to and including the current one.

    The link is the truth: a process that died between writing the journal and replacing the link
    leaves entries after the current one, which count for nothing.
    """
    history = journal.publication_order(journal.read_journal(releases))
    if current is None:
        return []
    if current not in history:
        return [*history, current]
    return journal.until_last(history, current)


def _record(
    releases: Path, release_id: str, verb: journal.Verb, current: manifest_file.ReleaseId | None
) -> None:
    """Write into the journal that a release is about to become current."""
    try:
        content = (releases / release_id / manifest_file.MANIFEST_NAME).read_bytes()
    except FileNotFoundError:
        raise _removed(releases, release_id) from None
    digest = hashlib.sha256(content).hexdigest()
    journal.append_publication(releases, journal.publication_now(release_id, verb, digest, current))
    _sync(releases)


def _point_current(releases: Path, release_id: str) -> None:
    temporary = releases / f".{manifest_file.CURRENT_LINK}-{os.getpid()}"
    temporary.unlink(missing_ok=True)
    temporary.symlink_to(release_id, target_is_directory=True)
    temporary.replace(releases / manifest_file.CURRENT_LINK)
    _sync(releases)


# --- building beside --------------------------------------------------------------------------


@contextmanager
def _locked(releases: Path) -> Iterator[None]:
    """Alone among all processes that change this directory of releases."""
    if not releases.is_dir():
        raise ReleaseError(f"{releases}: no such folder of releases.")
    with (releases / LOCK_NAME).open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@contextmanager
def _building(releases: Path) -> Iterator[Path]:
    """A hidden directory that is locked while its builder lives, removed unless renamed."""
    with _locked(releases):
        _remove_leftovers(releases)
        build = Path(tempfile.mkdtemp(prefix=f"{BUILD_PREFIX}{os.getpid()}-", dir=releases))
        build.chmod(0o755)
        descriptor = os.open(build, os.O_RDONLY)
        fcntl.flock(descriptor, fcntl.LOCK_EX)
    try:
        yield build
    finally:
        # Locked until it is gone: nobody else takes it for a leftover.
        if build.exists():
            shutil.rmtree(build)
        os.close(descriptor)


def _remove_leftovers(releases: Path) -> None:
    """Remove what dead processes left; a living builder holds a lock on its directory.

    The lock, unlike a process number, cannot belong to another process by chance.
    """
    for entry in sorted(releases.iterdir()):
        if entry.name.startswith((f"{journal.JOURNAL_NAME}-", f".{manifest_file.CURRENT_LINK}-")):
            entry.unlink()
        elif entry.name.startswith((BUILD_PREFIX, REMOVED_PREFIX)) and not _is_locked(entry):
            shutil.rmtree(entry)
            logger.warning("%s: removed what a build or prune that was killed had left", entry)


def _is_locked(directory: Path) -> bool:
    try:
        descriptor = os.open(directory, os.O_RDONLY)
    except FileNotFoundError:
        # Its builder has just removed it.
        return True
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


def _move_into_place(build: Path, release: Path) -> None:
    if release.exists():
        if not verify_release(release):
            return
        _remove(release)
    build.rename(release)
    _sync(release.parent)


def _remove(release: Path) -> None:
    """Let a release vanish in one step, then delete it; open files of readers stay readable."""
    hidden = release.parent / f"{REMOVED_PREFIX}{os.getpid()}-{release.name}"
    release.rename(hidden)
    shutil.rmtree(hidden)


def _make_durable(directory: Path) -> None:
    """Files read-only and on disk, and the directories that name them."""
    for folder, _, names in os.walk(directory, topdown=False):
        for name in names:
            path = Path(folder, name)
            _sync(path)
            if path.stat().st_mode & 0o777 != 0o444:
                path.chmod(0o444)
        _sync(Path(folder))


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
