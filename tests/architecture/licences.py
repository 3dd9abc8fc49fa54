"""The licences of the packages that an installation brings: `make supply` prints them."""

from __future__ import annotations

import re
import sys
from importlib import metadata
from pathlib import Path

LOCK = Path(__file__).parents[2] / "requirements.lock"
# What their metadata do not say, or say in the text of a licence; read from their sources.
WITHOUT_NAME = {"exactextract": "Apache-2.0", "resvg-py": "MIT", "colorama": "BSD-3-Clause"}
_FAMILIES = (
    ("MPL", r"mpl|mozilla"),
    ("Apache-2.0", r"apache"),
    ("BSD", r"bsd"),
    ("MIT", r"\bmit\b"),
    ("ISC", r"\bisc\b"),
    ("PSF-2.0", r"psf|python software foundation"),
)


def locked_packages() -> list[str]:
    """The names in the lock file, each once."""
    names = re.findall(r"^([A-Za-z0-9_.-]+)==", LOCK.read_text(encoding="utf-8"), re.M)
    return sorted(set(names))


def licence_of(package: str) -> str:
    """The licence of an installed package as it says itself; empty where it says none we know.

    An expression is given as it is; a free text or classifier by the family that it names.
    """
    if package in WITHOUT_NAME:
        return WITHOUT_NAME[package]
    try:
        described = metadata.metadata(package)
    except metadata.PackageNotFoundError:
        return ""
    if expressions := described.get_all("License-Expression"):
        return str(expressions[0])
    classifiers = [text for text in described.get_all("Classifier") or [] if "License ::" in text]
    said = " ".join(
        [*classifiers, *(text[:60] for text in described.get_all("License") or [])]
    ).lower()
    families = [name for name, pattern in _FAMILIES if re.search(pattern, said)]
    return " AND ".join(families)


def main() -> int:
    """Print package, version and licence; 1 where a licence is not known."""
    unknown = 0
    for package in locked_packages():
        licence = licence_of(package)
        unknown += not licence
        print(f"{package:24} {licence or '?'}")
    return int(unknown > 0)


if __name__ == "__main__":
    sys.exit(main())
