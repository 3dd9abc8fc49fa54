"""The releases of one directory: which is current, and any by its id.

A request resolves the current release once, by reading the symlink ``current`` (about 3 µs): no
watcher, no timer, no reload endpoint.  Everything the request answers comes from that release.
"""

import asyncio
import logging
import os
import threading
import time
from collections import OrderedDict
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, TypeAlias

from geo_service.errors import UnknownReleaseError
from geo_service.releases.integrity import Integrity, StoreStatus
from geo_service.releases.release import Release
from layers.release import journal, manifest_file
from layers.release.errors import ReleaseUnusableError

logger = logging.getLogger("geo_service")

OPEN_RELEASES = 4
ATTEMPTS = 50
FRESH_NS = 100_000_000
_BELOW = "/releases/"
RETRY_S = 30.0
"""A release that would not open is tried again after this, even where its manifest is the same."""
Withdrawn: TypeAlias = dict[str, dict[str, str]]
"""Reason by path, by release."""


@dataclass(frozen=True, slots=True)
class _Failure:
    """A published release that would not open, and the state of its manifest at that time."""

    release_id: str
    state: tuple[int, int] | None
    message: str
    time_s: float = field(compare=False)

    @property
    def is_recent(self) -> bool:
        """Whether it is too early to try again what looks the same."""
        return time.monotonic() - self.time_s < RETRY_S

    def is_of(self, release_id: str, state: tuple[int, int] | None) -> bool:
        """Whether a release in this state need not be tried again now."""
        return self.is_recent and (self.release_id, self.state) == (release_id, state)


class ReleaseStore:
    """The releases of one directory: the current one, and pinned ones by id.

    A new current release that will not open is logged once, and the one before stays in service, at
    the start the last published one that is sound; it is tried again when its manifest changes, and
    from time to time.  Released files are held open only while their release is current or recently
    asked for, and let go when its directory is pruned.  What the journal of publications does not
    name is not served.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.is_checked = False
        """Whether the files of releases are looked at again and again (`Checker`)."""
        self.is_logged_elsewhere = False
        """Whether another process logs which releases do not open."""
        self._publications = journal.JournalOfFolder(root)
        self._withdrawn: Withdrawn = {}
        self._link = root / manifest_file.CURRENT_LINK
        self._link_text = str(self._link)
        self._current: Release | None = None
        self._failure: _Failure | None = None
        self._refused: dict[str, _Failure] = {}
        self._pinned: OrderedDict[str, Release] = OrderedDict()
        self._opening: dict[str, asyncio.Task[None]] = {}
        self._swept_ns = 0
        self._lock = threading.RLock()

    def current(self) -> Release:
        """The release that ``current`` points to, or the one before if that will not open.

        Raises
        ------
        ReleaseUnusableError
            Nothing is published, or no published release will open.
        """
        current = self._current
        published = self._read_link()
        if current is not None and current.id == published:
            self._failure = None
            if self._pinned:
                self.drop_pruned()
            return current
        with self._lock:
            return self._switch()

    def by_id(self, release_id: str) -> Release:
        """A release by its id, whether current or not.

        Raises
        ------
        UnknownReleaseError
            There is no such release, it was pruned, or it will not open.
        """
        if not manifest_file.is_release_id(release_id):
            raise UnknownReleaseError(f"{release_id!r} is not a release id.")
        current = self._current
        if current is not None and current.id == release_id:
            return current
        with self._lock:
            self.drop_pruned()
            if release_id not in self._pinned:
                self._pinned[release_id] = self._open_pinned(release_id)
            self._pinned.move_to_end(release_id)
            self._trim()
            return self._pinned[release_id]

    def to_be_opened(self, path: str) -> str:
        """The release that a path needs and that is not open yet; empty where there is none.

        Parameters
        ----------
        path
            Of a request: below ``/releases/{id}`` it needs that one, else the published one.
        """
        if path.startswith(_BELOW):
            release_id, is_current = path[len(_BELOW) :].partition("/")[0], False
        else:
            release_id, is_current = self._read_link(), True
        current, failure = self._current, self._failure
        if (current is not None and current.id == release_id) or release_id in self._pinned:
            return ""
        has_failed = failure is not None and failure.release_id == release_id and failure.is_recent
        if (is_current and has_failed) or not manifest_file.is_release_id(release_id):
            return ""
        return release_id

    async def open_for(self, path: str) -> None:
        """Wait until the release that a path needs is open; meanwhile others are answered.

        Opening takes a tenth of a second and more, which nobody should wait for who asks for
        another.  A release that does not open is left to who asks for it.
        """
        if release_id := self.to_be_opened(path):
            opening = self._opening.get(release_id)
            if opening is None:
                opening = asyncio.create_task(asyncio.to_thread(self.open_beside, release_id))
                self._opening[release_id] = opening
                opening.add_done_callback(lambda _: self._opening.pop(release_id))
            await asyncio.shield(opening)

    def open_beside(self, release_id: str) -> None:
        """Open a release in a thread of its own.

        It is not kept where others opened it meanwhile, or heard that files of it are altered: who
        asks for it opens it knowing that.
        """
        withdrawn = self._withdrawn.get(release_id)
        try:
            release = self._open_pinned(release_id)
        except UnknownReleaseError:
            return
        with self._lock:
            is_current = self._current is not None and self._current.id == release_id
            if is_current or self._withdrawn.get(release_id) != withdrawn:
                return
            self._pinned.setdefault(release_id, release)
            # It may have been pruned since, when nobody could let go of it yet.
            self._swept_ns = 0

    def status(self) -> StoreStatus:
        """Which release is served, and what is wrong if it is not the published one."""
        try:
            release_id = self.current().id
        except ReleaseUnusableError:
            return StoreStatus("unavailable", None, "no release could be opened")
        current, failure = self._current, self._failure
        assert current is not None
        withdrawn = tuple(
            f"{path}: {reason}" for path, reason in sorted(current.integrity.withdrawn.items())
        )
        hashed = current.integrity.is_hashed if self.is_checked else None
        problem = None
        if failure is not None:
            problem = f"release {failure.release_id!r} is published but could not be opened"
        elif withdrawn:
            problem = f"{len(withdrawn)} files are not what was published, and are not served"
        status: Literal["ok", "degraded"] = "degraded" if problem else "ok"
        return StoreStatus(status, release_id, problem, withdrawn, hashed)

    def age_s(self) -> float | None:
        """How long ago ``current`` was last pointed elsewhere; None where there is no link."""
        try:
            return max(0.0, time.time() - self._link.lstat().st_mtime)
        except OSError:
            return None

    def open_releases(self) -> tuple[Release, ...]:
        """The releases that are held open, the current one first."""
        with self._lock:
            current = () if self._current is None else (self._current,)
            return (*current, *self._pinned.values())

    def integrity_of(self, release_id: str) -> Integrity | None:
        """What is known of the files of a release that is held open; None of another."""
        current = self._current
        if current is not None and current.id == release_id:
            return current.integrity
        release = self._pinned.get(release_id)
        return None if release is None else release.integrity

    @property
    def withdrawn(self) -> Withdrawn:
        """The reason by path of each file that is withdrawn, by release."""
        return {
            release.id: dict(release.integrity.withdrawn)
            for release in self.open_releases()
            if release.integrity.withdrawn
        }

    def take_withdrawn(self, withdrawn: Withdrawn) -> None:
        """Take over what another process found to be altered.

        A release of which this changes is opened anew, since what was read from it may be wrong.
        """
        if withdrawn == self._withdrawn:
            return
        with self._lock:
            changed = {
                release_id
                for release_id in {*withdrawn, *self._withdrawn}
                if withdrawn.get(release_id) != self._withdrawn.get(release_id)
            }
            self._withdrawn = withdrawn
            for release_id in changed:
                self.reopen(release_id)

    def reopen(self, release_id: str) -> None:
        """Open a release anew when it is asked for next."""
        with self._lock:
            self._pinned.pop(release_id, None)
            self._failure = None
            if self._current is not None and self._current.id == release_id:
                self._current = None

    def _switch(self) -> Release:
        """Open what ``current`` points to now.

        The directory may be pruned between reading the link and opening it, when releases follow
        each other fast: then the link is read again.
        """
        for _ in range(ATTEMPTS):
            try:
                published = str(self._link.readlink())
            except OSError as error:
                return self._keep_old("", f"{self._link}: {error.strerror}. Publish a release.")
            if self._current is not None and self._current.id == published:
                return self._current
            state = self._state_of(published)
            failure = self._failure
            if failure is not None and failure.is_of(published, state):
                return self._keep_old(published, failure.message)
            try:
                return self._take(self._pinned.get(published) or self._open(published))
            except FileNotFoundError:
                message = f"{self.root / published}: current points to it, but it is not there."
            except ReleaseUnusableError as error:
                message = str(error)
            if self._read_link() == published:
                return self._keep_old(published, message)
        return self._keep_old(published, f"{self._link}: changed {ATTEMPTS} times while opening.")

    def _open(self, name: str) -> Release:
        if not manifest_file.is_release_id(name):
            raise ReleaseUnusableError(f"{self._link}: points to {name!r}, which is no release id.")
        manifest_sha256 = self._publications.manifest_of(name)
        if manifest_sha256 is None and not (self.root / name).is_dir():
            raise FileNotFoundError(self.root / name)
        if manifest_sha256 is None:
            raise ReleaseUnusableError(
                f"{self.root / name}: was never published. Publish it: "
                f"geo-service publish {self.root} {name}"
            )
        release = Release(self.root / name, manifest_sha256, self._withdrawn.get(name))
        release.integrity.is_checked = self.is_checked
        return release

    def _open_pinned(self, release_id: str) -> Release:
        # What does not open is logged once; of the published one `_keep_old` does that.
        try:
            return self._open(release_id)
        except FileNotFoundError:
            message = f"There is no release {release_id} here; it may have been pruned."
            raise UnknownReleaseError(message) from None
        except ReleaseUnusableError as error:
            failure = self._failure_of(release_id, str(error))
            if failure != self._refused.get(release_id) and release_id != self._read_link():
                self._log("release %s cannot be opened: %s", release_id, error)
            self._refused[release_id] = failure
            raise UnknownReleaseError(f"Release {release_id} cannot be opened.") from error

    def _take(self, release: Release) -> Release:
        previous, self._current, self._failure = self._current, release, None
        self._pinned.pop(release.id, None)
        if previous is not None:
            self._pinned[previous.id] = previous
            logger.info("now serving release %s (before: %s)", release.id, previous.id)
        self._swept_ns = 0
        self.drop_pruned()
        self._trim()
        return release

    def _keep_old(self, published: str, message: str) -> Release:
        last, failure = self._failure, self._failure_of(published, message)
        if failure != last or not last.is_recent:
            self._failure = failure
        if self._current is None:
            self._current = self._last_sound(published, message)
        if failure != last:
            self._log("still serving release %s: %s", self._current.id, message)
        self.drop_pruned()
        return self._current

    def _last_sound(self, published: str, message: str) -> Release:
        """The release published last that opens, but for the one that is to be served."""
        for release_id in self._publications.last_first():
            if release_id != published:
                with suppress(FileNotFoundError, ReleaseUnusableError):
                    return self._pinned.pop(release_id, None) or self._open(release_id)
        raise ReleaseUnusableError(message)

    def drop_pruned(self) -> None:
        """Let go of pinned releases whose directory is gone, also while nobody asks for anything.

        Looked at only when the root directory changed; a change so recent that a second one could
        carry the same time stamp does not count as seen.
        """
        try:
            modified_ns = self.root.stat().st_mtime_ns
        except OSError:
            # The whole folder is away (a mount lost): what is mapped goes on being served.
            return
        if modified_ns == self._swept_ns:
            return
        with self._lock:
            is_settled = time.time_ns() - modified_ns > FRESH_NS
            self._swept_ns = modified_ns if is_settled else 0
            for held in (self._pinned, self._refused):
                for release_id in [key for key in held if not (self.root / key).is_dir()]:
                    del held[release_id]

    def is_pruned(self, release_id: str) -> bool:
        """Whether the directory of a release is gone, but not the whole folder (a mount lost)."""
        return not (self.root / release_id).is_dir() and self.root.is_dir()

    def may_be_served(self, release_id: str) -> bool:
        """Whether what was read from a release before may still be given to somebody.

        Nothing of one that was pruned since: so a value is taken back that should not have been
        published.  The published one goes on being served, though its directory is lost.
        """
        return not self.is_pruned(release_id) or self._read_link() in {"", release_id}

    def let_go(self) -> None:
        """Let go of what was pruned while nobody asks, the release served last included.

        That one only where another is published, and opens.
        """
        self.drop_pruned()
        current = self._current
        if current is not None and not self.may_be_served(current.id):
            with suppress(ReleaseUnusableError):
                self.current()

    def _trim(self) -> None:
        while len(self._pinned) > OPEN_RELEASES:
            self._pinned.popitem(last=False)

    def _read_link(self) -> str:
        try:
            return os.readlink(self._link_text)  # noqa: PTH115  # five times as fast as Path's
        except OSError:
            return ""

    def _failure_of(self, name: str, message: str) -> _Failure:
        return _Failure(name, self._state_of(name), message, time.monotonic())

    def _log(self, message: str, *words: object) -> None:
        logger.log(logging.DEBUG if self.is_logged_elsewhere else logging.ERROR, message, *words)

    def _state_of(self, name: str) -> tuple[int, int] | None:
        try:
            state = (self.root / name / manifest_file.MANIFEST_NAME).stat()
        except OSError:
            return None
        return state.st_ino, state.st_mtime_ns
