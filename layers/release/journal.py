"""``.published``: the journal of publications of a folder of releases, one line for each.

    2026-11-30T01:02:03Z published sampel-0123456789abcdef <sha256> -
    2026-11-30T01:05:00Z published sampel-fedcba9876543210 <sha256> sampel-0123456789abcdef
    2026-11-30T01:09:00Z rolled-back sampel-0123456789abcdef <sha256> sampel-fedcba9876543210

The hash is that of ``manifest.json``; last stands what was current until then.  A line is appended
and on disk before ``current`` points to the release, and no line is ever changed: the link is the
truth of what is current, the journal of what was ever published.  A line that was not written to
its end says nothing.  Journals of before this form hold an id a line.
"""

import os
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from layers.release.byte_source import FileState
from layers.release.errors import ReleaseUnusableError
from layers.release.manifest_file import ReleaseId, is_release_id

JOURNAL_NAME = ".published"
Verb = Literal["published", "rolled-back"]
_SHA256_LENGTH = 64
_NOTHING = "-"


@dataclass(frozen=True, slots=True)
class Publication:
    """One line of the journal.

    ``manifest_sha256`` and ``time`` (UTC, ISO 8601) are empty in lines of before this form;
    ``replaced`` is what was current until then, also empty where nothing was.
    """

    release_id: ReleaseId
    verb: Verb = "published"
    manifest_sha256: str = ""
    time: str = ""
    replaced: str = ""

    def line(self) -> str:
        """The line, with its end."""
        replaced = self.replaced or _NOTHING
        words = (self.time, self.verb, self.release_id, self.manifest_sha256, replaced)
        return f"{' '.join(words)}\n"


def read_journal(releases: Path) -> tuple[Publication, ...]:
    """The publications of a folder, first to last; none where nothing was published.

    Raises
    ------
    OSError
        The journal is there and cannot be read.
    """
    try:
        content = (releases / JOURNAL_NAME).read_bytes()
    except FileNotFoundError:
        return ()
    whole, _, _ = content.rpartition(b"\n")
    lines = whole.decode("utf-8", "replace").split("\n")
    return tuple(entry for entry in map(_parse, lines) if entry is not None)


class JournalOfFolder:
    """What the journal of a folder says, read again whenever it has changed.

    Only of releases that are there something is kept: a journal grows for ever.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._state: FileState | None = None
        self._hashes: dict[str, str | None] = {}

    def manifest_of(self, release_id: str) -> str | None:
        """The hash of the manifest of a release, empty where it is not known.

        None where the release was never published.
        """
        hashes = self._hashes_of_now()
        if release_id not in hashes and (self._root / release_id).is_dir():
            # It has come back since the journal was read.
            lines = (line for line in self._read() if line.release_id == release_id)
            hashes[release_id] = next((line.manifest_sha256 for line in reversed([*lines])), None)
        return hashes.get(release_id)

    def last_first(self) -> list[ReleaseId]:
        """Everything ever published, what was current last first."""
        lines = self._read()
        order = [line.release_id for line in lines] + publication_order(lines)
        return list(dict.fromkeys(reversed(order)))

    def _hashes_of_now(self) -> dict[str, str | None]:
        try:
            state = FileState.of((self._root / JOURNAL_NAME).stat())
        except FileNotFoundError:
            state = None
        except OSError as error:
            raise self._unreadable(error) from error
        if state is None or state != self._state:
            written = {line.release_id: line.manifest_sha256 for line in self._read()}
            self._hashes = {name: written[name] for name in written if (self._root / name).is_dir()}
            self._state = state
        return self._hashes

    def _read(self) -> tuple[Publication, ...]:
        try:
            return read_journal(self._root)
        except OSError as error:
            raise self._unreadable(error) from error

    def _unreadable(self, error: OSError) -> ReleaseUnusableError:
        path = self._root / JOURNAL_NAME
        return ReleaseUnusableError(f"{path}: cannot be read: {error.strerror}.")


def append_publication(releases: Path, publication: Publication) -> None:
    """Write one line at the end of the journal; it is on disk when this returns."""
    path = releases / JOURNAL_NAME
    flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC
    descriptor = os.open(path, flags, 0o644)
    try:
        size = os.fstat(descriptor).st_size
        is_cut = size > 0 and os.pread(descriptor, 1, size - 1) != b"\n"
        content = (("\n" if is_cut else "") + publication.line()).encode()
        if os.write(descriptor, content) != len(content):
            raise OSError(f"{path}: the disk is full; nothing was published.")
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def publication_now(
    release_id: str, verb: Verb, manifest_sha256: str, replaced: str | None
) -> Publication:
    """A line of this moment."""
    time = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return Publication(ReleaseId(release_id), verb, manifest_sha256, time, replaced or "")


def publication_order(publications: Iterable[Publication]) -> list[ReleaseId]:
    """The ids in the order of publication, without those that a rollback took back.

    A process that died between its line and the link published nothing, which the next line shows
    by what it replaced.

    Example
    -------
    >>> one, two = ReleaseId("a-0123456789abcdef"), ReleaseId("b-0123456789abcdef")
    >>> lines = [Publication(one), Publication(two), Publication(one, "rolled-back", replaced=two)]
    >>> publication_order(lines[:2]) == [one, two], publication_order(lines) == [one]
    (True, True)
    """
    order: list[ReleaseId] = []
    for entry in publications:
        last = entry.release_id if entry.verb == "rolled-back" else entry.replaced
        if last in order:
            order = until_last(order, last)
        if entry.verb == "published" or not order or order[-1] != entry.release_id:
            order.append(entry.release_id)
    return order


def until_last(order: list[ReleaseId], release_id: str) -> list[ReleaseId]:
    """What comes up to the last time that a release occurs in the order, which it must."""
    return order[: len(order) - order[::-1].index(ReleaseId(release_id))]


def _parse(line: str) -> Publication | None:
    """What a line says; None where it is none of a journal."""
    match line.split():
        case [release_id] if is_release_id(release_id):
            return Publication(ReleaseId(release_id))
        case [time, "published" | "rolled-back" as verb, release_id, digest, replaced] if (
            is_release_id(release_id) and len(digest) == _SHA256_LENGTH
        ):
            is_first = replaced == _NOTHING
            return Publication(
                ReleaseId(release_id), verb, digest, time, "" if is_first else replaced
            )
    return None
