"""Looks at the files of all open releases again and again, in a thread of a server process.

Each second the state of every file; beside that the content of one after the other: fast until each
was read once, then slowly, as much a second as is allowed.
"""

import logging
import threading
import time

from geo_service.releases.integrity import Hashing
from geo_service.releases.release import Release
from geo_service.releases.store import ReleaseStore

logger = logging.getLogger("geo_service")

LOOK_S = 1.0
LEAST_REST = 100
"""How many times the CPU time of a look at all files is waited until the next."""
FILE_COST = 50_000
"""Bytes that opening a file counts as."""
RECHECK_MB_S = 1.0
"""Megabytes a second that are read again and again, of all server processes together."""
FIRST_MB_S = 50.0
"""Megabytes a second of what was never read: until then nobody may keep its answers for long."""
TELL_S = 60.0
"""The first file of a release that is lost is logged at once, those after it together, so often."""
MOST_NAMED = 3


class Checker(threading.Thread):
    """Keeps the `Integrity` of each open release; it ends with the process.

    Parameters
    ----------
    mb_s
        Megabytes a second that are read again; 0: each file is read once only.
    """

    def __init__(self, store: ReleaseStore, mb_s: float) -> None:
        super().__init__(name="checker", daemon=True)
        self._store = store
        self._mb_s = mb_s
        self._stop = threading.Event()
        self._budget = self._took_s = 0.0
        self._turn = 0
        self._hashing: tuple[Release, Hashing] | None = None
        self._untold: dict[Release, list[str]] = {}
        self._told_s: dict[Release, float] = {}
        store.is_checked = True
        for release in store.open_releases():
            release.integrity.is_checked = True

    def run(self) -> None:
        """Look until told to stop; what goes wrong is logged, and looked at again."""
        last_s = time.monotonic()
        while not self._stop.is_set():
            now_s = time.monotonic()
            try:
                self.look(now_s - last_s)
            except Exception:
                logger.exception("the files of the releases could not be looked at")
            last_s = now_s
            self._stop.wait(max(LOOK_S, LEAST_REST * self._took_s))

    def stop(self) -> None:
        """End soon."""
        self._stop.set()

    def look(self, passed_s: float) -> None:
        """One look at all files, and as much of their content as the time allows."""
        began_s = time.thread_time()
        self._store.let_go()
        releases = self._store.open_releases()
        for release in releases:
            withdrawn = release.integrity.sweep() if release.path.is_dir() else []
            # What was pruned meanwhile is not altered, and is let go at the next look.
            for path in withdrawn if release.path.is_dir() else ():
                self._note_withdrawn(release, path)
        self._took_s = time.thread_time() - began_s
        if self._hashing is not None and self._hashing[0] not in releases:
            self._hashing[1].close()
            self._hashing = None
        fresh = [release for release in releases if not release.integrity.is_hashed]
        most = (FIRST_MB_S if fresh else self._mb_s) * 1e6 * max(passed_s, LOOK_S)
        # What was read beyond the last share is taken from this one.
        self._budget = min(self._budget + most, most)
        while self._budget > 0 and not self._stop.is_set():
            used = self._step(fresh or list(releases), again=not fresh)
            if used is None:
                break
            self._budget -= used
        self._tell_withdrawn(releases)

    def _step(self, releases: list[Release], *, again: bool) -> int | None:
        """Read a piece more; how many bytes, None where there is nothing to read now."""
        if self._hashing is None:
            self._hashing = self._begin(releases, again=again)
            return None if self._hashing is None else FILE_COST
        release, hashing = self._hashing
        if size := hashing.go_on():
            return size
        self._hashing = None
        path, is_withdrawn = hashing.entry.path, release.integrity.finish(hashing)
        if is_withdrawn:
            self._note_withdrawn(release, path)
        elif is_withdrawn is not None:
            logger.warning("release %s: %s is as it was published again", release.id, path)
            self._store.reopen(release.id)
        return 0

    def _begin(self, releases: list[Release], *, again: bool) -> tuple[Release, Hashing] | None:
        """Open the next file; when files are read again, of one release after the other."""
        self._turn += again
        first = self._turn % len(releases) if releases else 0
        for release in [*releases[first:], *releases[:first]]:
            entry = release.integrity.next_to_hash(again=again)
            if entry is None:
                continue
            begun = release.integrity.begin(entry)
            if isinstance(begun, Hashing):
                return release, begun
            if release.path.is_dir() and release.integrity.refuse(entry.path, begun):
                self._note_withdrawn(release, entry.path)
        return None

    def _note_withdrawn(self, release: Release, path: str) -> None:
        """Forget what was made from a file, and log it soon."""
        release.forget()
        self._untold.setdefault(release, []).append(path)

    def _tell_withdrawn(self, releases: tuple[Release, ...]) -> None:
        """Log the files that are withdrawn, those of one release in one line."""
        now_s = time.monotonic()
        held = [release for release in releases if release.path.is_dir()]
        self._untold = {
            release: self._untold[release] for release in held if release in self._untold
        }
        self._told_s = {
            release: self._told_s[release] for release in held if release in self._told_s
        }
        for release in tuple(self._untold):
            if now_s >= self._told_s.get(release, -TELL_S) + TELL_S:
                self._told_s[release] = now_s
                _log_withdrawn(release, self._untold.pop(release))


def _log_withdrawn(release: Release, paths: list[str]) -> None:
    reasons = release.integrity.withdrawn
    named = "; ".join(f"{path}: {reasons.get(path, 'restored')}" for path in paths[:MOST_NAMED])
    logger.error(
        "release %s: %s withdrawn: %s. What needs it is answered 503. Build the release again, "
        "publish another, or bring back what was lost from a backup",
        release.id,
        "a file is" if len(paths) == 1 else f"{len(paths)} files are",
        named if len(paths) <= MOST_NAMED else f"{named}; and {len(paths) - MOST_NAMED} more",
    )
