"""What desa and kecamatan are called where several are spoken of: one word for a page or a title.

Where all desa (not counting kelurahan) have one local term it is used; where they differ, or none
is known, the word of the law: desa.  A place with both is "desa/kelurahan", as planners write; a
kampung adat counts as a kampung.
Standard library only: the server has it through `layers.release.manifest_file`.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

DESA, KELURAHAN, KECAMATAN = "desa", "kelurahan", "kecamatan"
_TERM = re.compile(r"\{([Dd]esa|[Vv]illage|[Kk]ecamatan)\}")


@dataclass(frozen=True, slots=True)
class Terms:
    """The words for places that are spoken of together.

    Parameters
    ----------
    desa
        For the desa and kelurahan together: ``gampong``, ``desa/kelurahan``, ``kelurahan``.
    village
        For those with a government of their own: ``gampong``; ``kelurahan`` where all are.
    kecamatan
        ``kecamatan``, ``distrik``.
    """

    desa: str = f"{DESA}/{KELURAHAN}"
    village: str = DESA
    kecamatan: str = KECAMATAN

    @property
    def names(self) -> Mapping[str, str]:
        """What messages fill in: each word, and with a capital where a sentence begins with it."""
        return _names(self)


GENERAL_TERMS = Terms()
"""The words of the law, where nothing is known of the places."""


@lru_cache(maxsize=64)
def _names(terms: Terms) -> Mapping[str, str]:
    words = {"desa": terms.desa, "village": terms.village, "kecamatan": terms.kecamatan}
    return {**words, **{name.capitalize(): capital(word) for name, word in words.items()}}


def capital(word: str) -> str:
    """The word as a sentence begins with it.

    Example
    -------
    >>> capital("desa/kelurahan")
    'Desa/kelurahan'
    """
    return word[:1].upper() + word[1:]


def make_terms(desa: Mapping[str, int], kecamatan: Iterable[str | None]) -> Terms:
    """The words for places of which so many desa are called what.

    Example
    -------
    >>> make_terms({"gampong": 20, "kelurahan": 1}, ["kecamatan"]).desa
    'gampong/kelurahan'
    >>> make_terms({"kampung": 9, "kampung adat": 2}, []).village
    'kampung'
    >>> make_terms({"desa": 3, "negeri": 20}, ["distrik", "distrik"])
    Terms(desa='desa', village='desa', kecamatan='distrik')
    """
    if not desa:
        return Terms(kecamatan=_one(kecamatan, KECAMATAN))
    village = _one((term.removesuffix(" adat") for term in desa if term != KELURAHAN), DESA)
    if set(desa) == {KELURAHAN}:
        both = village = KELURAHAN
    else:
        both = f"{village}/{KELURAHAN}" if KELURAHAN in desa else village
    return Terms(both, village, _one(kecamatan, KECAMATAN))


def _one(words: Iterable[str | None], general: str) -> str:
    """The only word there is, else the general one."""
    known = {word for word in words if word}
    return known.pop() if len(known) == 1 else general


def fill_terms(text: str, terms: Terms) -> str:
    """A text with its ``{desa}``, ``{village}`` and ``{kecamatan}`` filled in, and nothing else.

    Example
    -------
    >>> fill_terms("{Village} {nama}", Terms("gampong", "gampong"))
    'Gampong {nama}'
    """
    return _TERM.sub(lambda found: terms.names[found[1]], text)
