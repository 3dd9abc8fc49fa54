"""The sample kabupaten and its release, made once for each state of the code that makes them.

They lie in ``.cache/`` under a name that is a digest of that code, of the locked libraries and of
Python, so a change of any of these makes them anew; a clean checkout, as in CI, has none and makes
them too.  Two test processes wait for each other instead of building twice.  A copy that a test
changed is noticed by its digest and made anew.
"""

from __future__ import annotations

import fcntl
import hashlib
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from layers.publish.code_version import code_version

REPOSITORY = Path(__file__).parent.parent
CACHE = REPOSITORY / ".cache" / "sample"
MOST_COPIES = 3


def key_of_code() -> str:
    """A digest of all that the sample and its release are made from."""
    lock = (REPOSITORY / "requirements-test.lock").read_bytes()
    python = f"{sys.implementation.cache_tag} {sys.platform}"
    return hashlib.sha256(f"{code_version()} {python} ".encode() + lock).hexdigest()[:16]


def cached(name: str, make: Callable[[Path], None], cache: Path = CACHE) -> Path:
    """The folder of this name as ``make`` fills it, from the cache where its code is unchanged."""
    cache.mkdir(parents=True, exist_ok=True)
    folder = cache / f"{key_of_code()}-{name}"
    seal = folder.with_suffix(".sha256")
    with _lock(cache / f"{name}.lock"):
        if not seal.is_file() or seal.read_text() != digest_of(folder):
            shutil.rmtree(folder, ignore_errors=True)
            _remove_oldest(cache, name)
            make(folder)
            seal.write_text(digest_of(folder))
    return folder


def cached_workspace() -> Path:
    """The sample kabupaten as a workspace folder; not to be changed."""
    from layers.sample import write_sample

    return cached("sampel", write_sample)


def cached_releases() -> Path:
    """A releases folder in which the sample kabupaten is published; not to be changed."""
    from layers.pipeline.build import build_release

    def build(releases: Path) -> None:
        build_release(cached_workspace(), releases, publish=True)

    return cached("releases", build)


def digest_of(folder: Path) -> str:
    """A digest of names, links and contents below a folder; that of nothing where it is absent."""
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_symlink():
            digest.update(f"{name}\0->{path.readlink()}\0".encode())
        elif path.is_file():
            digest.update(f"{name}\0{hashlib.sha256(path.read_bytes()).hexdigest()}\0".encode())
    return digest.hexdigest()


@contextmanager
def _lock(path: Path) -> Iterator[None]:
    with path.open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def _remove_oldest(cache: Path, name: str) -> None:
    seals = sorted(cache.glob(f"*-{name}.sha256"), key=lambda seal: seal.stat().st_mtime)
    for seal in seals[: -MOST_COPIES + 1]:
        seal.unlink()
        shutil.rmtree(seal.with_suffix(""), ignore_errors=True)
