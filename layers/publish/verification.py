"""Whether a release directory is, byte for byte, what its manifest says.

The manifest names every file with size and sha256, carries a hash over all it says, and makes the
id; the directory bears the id.  So one wrong byte anywhere is found and named.
"""

import hashlib
import os
from pathlib import Path, PurePosixPath

from boundaries.progress import Progress, silent
from layers.release import errors, manifest_file


def verify_release(release: Path, *, progress: Progress = silent) -> list[str]:
    """One line for each fault, each beginning with the file concerned; empty when sound."""
    # What `current` points to may change meanwhile.
    directory = release.resolve()
    return find_problems(directory, directory.name, progress)


def find_problems(directory: Path, release_id: str, progress: Progress = silent) -> list[str]:
    """Faults of a directory that should be the release ``release_id``, whatever its own name."""
    path = directory / manifest_file.MANIFEST_NAME
    try:
        content = path.read_bytes()
    except OSError as error:
        is_missing = isinstance(error, FileNotFoundError | NotADirectoryError)
        reason = "missing" if is_missing else f"cannot be read ({error.strerror})"
        return [
            f"{manifest_file.MANIFEST_NAME}: {reason}; {directory.name} is not a finished release"
        ]
    try:
        manifest = manifest_file.parse_manifest(content)
    except errors.ReleaseUnusableError as error:
        return [f"{manifest_file.MANIFEST_NAME}: {error}"]
    problems = _check_manifest(manifest, content, release_id)
    return problems + _check_files(directory, manifest.files, progress)


def list_files(directory: Path) -> tuple[manifest_file.FileEntry, ...]:
    """An entry for every file below ``directory`` except the manifest, sorted by path."""
    names = sorted(_walk(directory) - {manifest_file.MANIFEST_NAME})
    return tuple(describe_file(directory, name) for name in names)


def describe_file(directory: Path, name: str) -> manifest_file.FileEntry:
    """Size and sha256 of one file, as it is now."""
    path = directory / name
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return manifest_file.FileEntry(path=name, size=path.stat().st_size, sha256=digest)


def _check_manifest(manifest: manifest_file.Manifest, content: bytes, release_id: str) -> list[str]:
    problems = []
    if content != manifest_file.manifest_bytes(manifest):
        problems.append(f"{manifest_file.MANIFEST_NAME}: altered after it was written")
    if manifest.manifest_sha256 != manifest_file.hash_manifest(manifest):
        problems.append(
            f"{manifest_file.MANIFEST_NAME}: what it says is not what it was signed for"
        )
    expected = manifest_file.make_release_id(manifest)
    if manifest.release_id != expected:
        problems.append(
            f"{manifest_file.MANIFEST_NAME}: says {manifest.release_id}, "
            f"but its content makes {expected}"
        )
    if manifest.release_id != release_id:
        problems.append(
            f"{manifest_file.MANIFEST_NAME}: says {manifest.release_id}, not {release_id}"
        )
    return problems


def _check_files(
    directory: Path, entries: tuple[manifest_file.FileEntry, ...], progress: Progress
) -> list[str]:
    present = _walk(directory) - {manifest_file.MANIFEST_NAME}
    named = {entry.path for entry in entries}
    problems = [f"{name}: not named in the manifest" for name in sorted(present - named)]
    for done, entry in enumerate(sorted(entries, key=lambda entry: entry.path), start=1):
        if entry.path in present:
            problems += _check_file(directory, entry)
        else:
            problems.append(f"{entry.path}: missing")
        progress("verify", done, len(entries))
    return problems


def _check_file(directory: Path, entry: manifest_file.FileEntry) -> list[str]:
    if (directory / entry.path).is_symlink():
        return [f"{entry.path}: a symbolic link, expected a file"]
    try:
        return _compare(entry, describe_file(directory, entry.path))
    except OSError as error:
        return [f"{entry.path}: cannot be read ({error.strerror})"]


def _compare(expected: manifest_file.FileEntry, actual: manifest_file.FileEntry) -> list[str]:
    if actual.size != expected.size:
        return [f"{expected.path}: {actual.size} bytes, expected {expected.size}"]
    if actual.sha256 != expected.sha256:
        return [f"{expected.path}: content differs (sha256 {actual.sha256[:12]}…)"]
    return []


def _walk(directory: Path) -> set[str]:
    """Paths of all that is not a plain directory, relative, POSIX form."""
    paths = set()
    for folder, folders, names in os.walk(directory):
        links = [name for name in folders if Path(folder, name).is_symlink()]
        for name in names + links:
            paths.add(str(PurePosixPath(Path(folder, name).relative_to(directory))))
    return paths
