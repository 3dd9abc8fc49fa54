"""The kinds of all findings: those of the boundaries and those of this package, in one."""

from functools import cache
from importlib.resources import files

from boundaries.findings import report


@cache
def layer_kinds() -> dict[str, report.Kind]:
    """The kinds of findings that this package declares."""
    return report.read_kinds(files("layers") / "finding_words")


def declared_kind(code: str) -> report.Kind:
    """The declared kind of a code, of this package or of the boundaries.

    Raises
    ------
    KeyError
        No ``finding_words/*.toml`` declares it.
    """
    return layer_kinds().get(code) or report.boundary_kinds()[code]


@cache
def finding_words() -> report.Catalogue:
    """What every finding of a build says, in Indonesian and English."""
    return report.boundary_words().with_words_of(
        report.read_catalogue(files("layers") / "finding_words")
    )
