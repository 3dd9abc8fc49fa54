"""Names of wilayah made comparable: one key for the spellings that mean the same.

A key is for comparing inside one kecamatan or one list; it never identifies a place by itself
(98 desa are called Sidomulyo).
"""

import re
import unicodedata
from collections import Counter
from functools import lru_cache

from rapidfuzz import fuzz

AGREEMENT_SCORE = 80.0
"""Similarity of two keys (0-100) from which names count as variants of one; see `names_agree`."""

_JENIS_WORDS = {
    "DESA": "desa",
    "DS": "desa",
    "KELURAHAN": "kelurahan",
    "KEL": "kelurahan",
}
_PREFIXES = frozenset(
    {*_JENIS_WORDS, "KECAMATAN", "KEC", "KABUPATEN", "KAB", "PROVINSI", "PROV", "PROPINSI"}
)
_ROMAN = re.compile(r"X{0,3}(?:IX|IV|V?I{0,3})")
_NOT_WORD = re.compile(r"[^0-9A-Z]+")
_SILENT = re.compile("['`´‘’ʼ\"]")
_LETTER_DIGIT = re.compile(r"(?<=[A-Z])(?=[0-9])|(?<=[0-9])(?=[A-Z])")


@lru_cache(maxsize=400_000)
def normalise_name(text: str) -> str:
    """The key of a name: without case, spaces, punctuation and prefix; numerals as digits.

    Prefixes are ``Desa``, ``Ds.``, ``Kelurahan``, ``Kel.``, ``Kecamatan``, ``Kabupaten`` and their
    short forms; ``Kota`` is part of names and stays.  A name that is only a prefix keeps it.

    Example
    -------
    >>> normalise_name("Ds. Kota Bangun II") == normalise_name("KOTA BANGUN 2")
    True
    >>> normalise_name("Pasi Kuala Ba'u")
    'PASIKUALABAU'
    """
    words = _words(text)
    while len(words) > 1 and words[0] in _PREFIXES:
        words = words[1:]
    return "".join(_number(word) for word in words)


@lru_cache(maxsize=100_000)
def jenis_in_name(text: str) -> str | None:
    """``desa`` or ``kelurahan`` where the name begins with that word; None where it says nothing.

    Example
    -------
    >>> jenis_in_name("Kel. Oesao")
    'kelurahan'
    """
    words = _words(text)
    return _JENIS_WORDS.get(words[0]) if len(words) > 1 else None


def _words(text: str) -> list[str]:
    if not text.isascii():
        decomposed = unicodedata.normalize("NFKD", text)
        text = "".join(c for c in decomposed if not unicodedata.combining(c))
    plain = _SILENT.sub("", text).upper()
    return _LETTER_DIGIT.sub(" ", _NOT_WORD.sub(" ", plain)).split()


def _number(word: str) -> str:
    if word.isdigit():
        return word.lstrip("0") or "0"
    if _ROMAN.fullmatch(word):
        return str(_roman_value(word))
    return word


def _roman_value(word: str) -> int:
    values = [{"I": 1, "V": 5, "X": 10}[letter] for letter in word]
    return sum(
        -value if value < max(values[place:]) else value for place, value in enumerate(values)
    )


def name_similarity(first: str, second: str) -> float:
    """How alike two names are, 0 to 100, by the edits between their keys."""
    return fuzz.ratio(normalise_name(first), normalise_name(second))


def names_agree(first: str, second: str) -> bool:
    """Whether two names can be spellings of one: equal keys, or nearly so.

    Good enough to weigh a whole column, not to join a row: within the two halves of the BPS bridge
    of 2022 most true pairs agree, while random pairs hardly ever do (see ``CODES.md``).
    """
    if first == second:
        return True
    left, right = normalise_name(first), normalise_name(second)
    return left == right or fuzz.ratio(left, right, score_cutoff=AGREEMENT_SCORE) > 0


def by_frequency(spellings: Counter[str]) -> list[str]:
    """The spellings, most frequent first; of equals the first in the alphabet.

    Example
    -------
    >>> by_frequency(Counter(["Lato", "Ile", "Lato"]))
    ['Lato', 'Ile']
    """
    return sorted(spellings, key=lambda spelling: (-spellings[spelling], spelling))
