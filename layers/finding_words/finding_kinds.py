"""The kinds of all findings: those of the boundaries and those of this package, in one."""

from functools import cache
from importlib.resources import files

from boundaries.findings import kinds


@cache
def layer_kinds() -> dict[str, kinds.Kind]:
    """The kinds of findings that this package declares."""
    return kinds.read_kinds(files("layers") / "finding_words")


def declared_kind(code: str) -> kinds.Kind:
    """The declared kind of a code, of this package or of the boundaries.

    Raises
    ------
    KeyError
        No ``finding_words/*.toml`` declares it.
    """
    return layer_kinds().get(code) or kinds.boundary_kinds()[code]


@cache
def finding_words() -> kinds.Catalogue:
    """What every finding of a build says, in Indonesian and English."""
    return kinds.boundary_words().with_words_of(
        kinds.read_catalogue(files("layers") / "finding_words")
    )
