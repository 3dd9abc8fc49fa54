"""``[sebutan]`` of ``wilayah.toml``: what desa and kecamatan are called, by code."""

from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints, field_validator

from boundaries.polygons.local_terms import LONGEST_TERM, term_of
from layers.workspace.section import Section


def _read_term(text: str) -> str:
    term = term_of(text)
    if term is None:
        raise ValueError(
            f"no word for a kind of place: letters, at most {LONGEST_TERM}, such as gampong"
        )
    return term


Term = Annotated[str, AfterValidator(_read_term)]
CodePrefix = Annotated[
    str, StringConstraints(pattern=r"^(?:\d{2}(?:\.\d{2}(?:\.\d{2}(?:\.\d{4})?)?)?)?$")
]
EVERYWHERE = ""


class SebutanSection(Section):
    """Words by prefix of the code: ``"11" = "gampong"``, ``"11.04" = "kampung"``.

    One word instead of a table counts everywhere; the longest prefix counts.  ``desa`` is for desa
    (fourth part of the code begins with 2), ``desa_adat`` for desa adat (3).  A kelurahan has no
    other name.
    """

    desa: dict[CodePrefix, Term] = Field(default_factory=dict)
    desa_adat: dict[CodePrefix, Term] = Field(default_factory=dict)
    kecamatan: dict[CodePrefix, Term] = Field(default_factory=dict)

    @field_validator("desa", "desa_adat", "kecamatan", mode="before")
    @classmethod
    def _read_bare_word(cls, given: object) -> object:
        """``desa = "gampong"`` is short for that word everywhere."""
        return {EVERYWHERE: given} if isinstance(given, str) else given
