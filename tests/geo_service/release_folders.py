"""Releases side by side in a folder: the link to one of them, the journal, files held open."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from layers.release.journal import JOURNAL_NAME
from layers.release.manifest_file import ReleaseId

Two = tuple[Path, ReleaseId, ReleaseId]


def point_current(root: Path, target: str) -> None:
    """Replace the link by one rename, as publishing does."""
    fresh = root / ".current.new"
    fresh.symlink_to(target)
    fresh.replace(root / "current")


def opened(root: Path) -> int:
    """How many files below a directory this process holds open or has mapped."""
    maps = Path("/proc/self/maps").read_text(encoding="utf-8")
    mapped = {line.split(maxsplit=5)[5] for line in maps.splitlines() if str(root) in line}
    links = []
    for link in Path("/proc/self/fd").iterdir():
        with suppress(OSError):
            links.append(str(link.readlink()))
    return len(mapped) + sum(str(root) in link for link in links)


def publish_by_hand(root: Path, release_id: str) -> None:
    """Write into the journal that a release was published, as journals did before hashes."""
    with (root / JOURNAL_NAME).open("a") as journal:
        journal.write(f"{release_id}\n")
