"""Which code built a release: the version and a digest of the code and definitions that compute.

The same inputs under the same code give the same release, so the code is part of its identity.
"""

import hashlib
from functools import cache
from importlib.metadata import version
from importlib.resources import files
from importlib.resources.abc import Traversable

COMPUTING_PACKAGES = ("boundaries", "layers")
_SUFFIXES = (".py", ".toml", ".html")


@cache
def code_version() -> str:
    """Version of the project and twelve hex digits over its computing code.

    Returns
    -------
    str
        Such as ``0.1.0+3f2a9c0d1e4b``; equal on every machine that has the same code.
    """
    digest = hashlib.sha256()
    for package in COMPUTING_PACKAGES:
        for name, content in sorted(_sources(files(package), package)):
            digest.update(f"{name}\0{len(content)}\0".encode())
            digest.update(content)
    return f"{version('geo-service')}+{digest.hexdigest()[:12]}"


def _sources(folder: Traversable, name: str) -> list[tuple[str, bytes]]:
    sources: list[tuple[str, bytes]] = []
    for entry in folder.iterdir():
        path = f"{name}/{entry.name}"
        if entry.is_dir():
            if entry.name != "__pycache__":
                sources.extend(_sources(entry, path))
        elif entry.name.endswith(_SUFFIXES):
            sources.append((path, entry.read_bytes()))
    return sources
