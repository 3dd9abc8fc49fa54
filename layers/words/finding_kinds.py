"""The words of all findings: those of the boundaries and those of this package, in one."""

from functools import cache
from importlib.resources import files

from boundaries.findings.kinds import Catalogue, boundary_words, read_catalogue


@cache
def finding_words() -> Catalogue:
    """What every finding of a build says, in Indonesian and English."""
    return boundary_words().with_words_of(read_catalogue(files("layers") / "finding_words"))
