"""The releases of one directory: which is current, and any by its id.

A request resolves the current release once, by reading the symlink ``current`` (about 3 µs): no
watcher, no timer, no reload endpoint.  Everything the request answers comes from that release.
"""

import logging
import os
import threading
import time
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from geo_service.errors import UnknownReleaseError
from geo_service.releases.release import Release
from layers.release.errors import ReleaseUnusableError
from layers.release.manifest_file import CURRENT_LINK, MANIFEST_NAME, is_release_id

logger = logging.getLogger("geo_service")

OPEN_RELEASES = 4
ATTEMPTS = 50
FRESH_NS = 100_000_000


@dataclass(frozen=True, slots=True)
class StoreStatus:
    """What ``/healthz`` says; ``degraded``: an older release than the published one is served."""

    status: Literal["ok", "degraded", "unavailable"]
    release_id: str | None
    problem: str | None


@dataclass(frozen=True, slots=True)
class _Failure:
    """A published release that would not open, and the state of its manifest at that time."""

    release_id: str
    state: tuple[int, int] | None
    message: str


class ReleaseStore:
    """The releases of one directory: the current one, and pinned ones by id.

    A new current release that will not open is logged once, and the one before stays in service;
    it is tried again when its manifest changes.  Released files are held open only while their
    release is current or recently asked for, and let go when its directory is pruned.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self._link = root / CURRENT_LINK
        self._link_text = str(self._link)
        self._current: Release | None = None
        self._failure: _Failure | None = None
        self._pinned: OrderedDict[str, Release] = OrderedDict()
        self._swept_ns = 0
        self._lock = threading.RLock()

    def current(self) -> Release:
        """The release that ``current`` points to, or the one before if that will not open.

        Raises
        ------
        ReleaseUnusableError
            Nothing is published, or the first published release will not open.
        """
        current = self._current
        published = self._read_link()
        if current is not None and current.id == published:
            self._failure = None
            if self._pinned:
                self._drop_pruned()
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
        if not is_release_id(release_id):
            raise UnknownReleaseError(f"{release_id!r} is not a release id.")
        current = self._current
        if current is not None and current.id == release_id:
            return current
        with self._lock:
            self._drop_pruned()
            if release_id not in self._pinned:
                self._pinned[release_id] = self._open_pinned(release_id)
            self._pinned.move_to_end(release_id)
            self._trim()
            return self._pinned[release_id]

    def status(self) -> StoreStatus:
        """Which release is served, and what is wrong if it is not the published one."""
        try:
            release_id = self.current().id
        except ReleaseUnusableError:
            return StoreStatus("unavailable", None, "no release could be opened")
        if self._failure is None:
            return StoreStatus("ok", release_id, None)
        problem = f"release {self._failure.release_id!r} is published but could not be opened"
        return StoreStatus("degraded", release_id, problem)

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
            if self._failure == _Failure(published, state, getattr(self._failure, "message", "")):
                return self._keep_old(published, self._failure.message)
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
        if not is_release_id(name):
            raise ReleaseUnusableError(f"{self._link}: points to {name!r}, which is no release id.")
        return Release(self.root / name)

    def _open_pinned(self, release_id: str) -> Release:
        try:
            return self._open(release_id)
        except FileNotFoundError:
            message = f"There is no release {release_id} here; it may have been pruned."
            raise UnknownReleaseError(message) from None
        except ReleaseUnusableError as error:
            logger.error("release %s cannot be opened: %s", release_id, error)
            raise UnknownReleaseError(f"Release {release_id} cannot be opened.") from error

    def _take(self, release: Release) -> Release:
        previous, self._current, self._failure = self._current, release, None
        self._pinned.pop(release.id, None)
        if previous is not None:
            self._pinned[previous.id] = previous
            logger.info("now serving release %s (before: %s)", release.id, previous.id)
        self._swept_ns = 0
        self._drop_pruned()
        self._trim()
        return release

    def _keep_old(self, published: str, message: str) -> Release:
        failure = _Failure(published, self._state_of(published), message)
        if failure != self._failure:
            self._failure = failure
            if self._current is not None:
                logger.error("still serving release %s: %s", self._current.id, message)
        if self._current is None:
            raise ReleaseUnusableError(message)
        self._drop_pruned()
        return self._current

    def _drop_pruned(self) -> None:
        """Let go of pinned releases whose directory is gone.

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
            for release_id in [key for key in self._pinned if not (self.root / key).is_dir()]:
                del self._pinned[release_id]

    def _trim(self) -> None:
        while len(self._pinned) > OPEN_RELEASES:
            self._pinned.popitem(last=False)

    def _read_link(self) -> str:
        try:
            return os.readlink(self._link_text)  # noqa: PTH115  # five times as fast as Path's
        except OSError:
            return ""

    def _state_of(self, name: str) -> tuple[int, int] | None:
        try:
            state = (self.root / name / MANIFEST_NAME).stat()
        except OSError:
            return None
        return state.st_ino, state.st_mtime_ns
