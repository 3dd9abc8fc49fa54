"""The built files of mounted pages: listed once, then only what is listed.

Names carry a hash of their content, so they are immutable; a missing one is a 404, never a page.
"""

import hashlib
import re
from dataclasses import replace
from pathlib import Path

from geo_service.http.files import ServedFile
from geo_service.http.responses import DATA_POLICY, IMMUTABLE, REVALIDATE

WORKER = "/sw.js"
# What a service worker may do is in its own policy; it asks this origin and nobody else.
WORKER_POLICY = b"default-src 'none'; connect-src 'self'"
_HASHED = re.compile(r".+-[A-Za-z0-9_-]{8,}\.[a-z0-9.]+")


def read_assets(folder: Path) -> dict[str, ServedFile]:
    """Every file below the folder by its URL path ``/assets/...``; empty without a built page.

    The service worker, which lies beside the folder, is at the top: it rules what is below it.
    """
    found = sorted(path for path in folder.rglob("*") if path.is_file())
    assets = {f"/assets/{path.relative_to(folder).as_posix()}": _asset(path) for path in found}
    worker = folder.parent / WORKER.removeprefix("/")
    if worker.is_file():
        assets[WORKER] = replace(_asset(worker), policy=WORKER_POLICY)
    return assets


def _asset(path: Path) -> ServedFile:
    """One file, with the copy of it that the build packed beside it."""
    content = path.read_bytes()
    packed = path.with_name(f"{path.name}.br")
    return ServedFile(
        path=path,
        size=len(content),
        etag=hashlib.blake2b(content, digest_size=12).hexdigest(),
        cache_control=IMMUTABLE if _HASHED.fullmatch(path.name) else REVALIDATE,
        policy=DATA_POLICY,
        is_download=False,
        brotli=_asset(packed) if packed.is_file() else None,
    )
