"""The built files of the pages (``web_map/dist/assets``): listed once, then only what is listed.

Names carry a hash of their content, so they are immutable; a missing one is a 404, never a page.
"""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

from geo_service.files import ServedFile
from geo_service.responses import DATA_POLICY, IMMUTABLE, REVALIDATE

DIST = Path(__file__).parent.parent / "web_map" / "dist"
_HASHED = re.compile(r".+-[A-Za-z0-9_-]{8,}\.[a-z0-9.]+")


def read_assets(folder: Path = DIST / "assets") -> dict[str, ServedFile]:
    """Every file below the folder by its URL path ``/assets/...``; empty without a built page."""
    found = sorted(path for path in folder.rglob("*") if path.is_file())
    return {f"/assets/{path.relative_to(folder).as_posix()}": _asset(path) for path in found}


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
