"""The sentences of the pages in both languages, how terms are filled in, and names as people write.

The tables (``web_map/messages``, and beside a page what only it says) hold every sentence in both
languages; a key that is missing in either is an error of ours and raises.  A sentence about the
desa or kecamatan of the page has ``{desa}``, ``{village}``, ``{kecamatan}`` (see
`layers.release.term_words.Terms`), or the same with a capital; both languages use the Indonesian
noun.
"""

import json
import re
from collections.abc import Callable
from functools import cache, lru_cache
from pathlib import Path

from geo_service.http.accept import Language
from layers.release.manifest_file import Terms, Text, fill_terms

_FOLDER = Path(__file__).parent
_UNSEEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060\u2066-\u2069\ufeff]"
)
_ROMAN = re.compile(r"[IVXL]+")
_SHORT = {"DKI", "DI"}


@cache
def read_messages() -> dict[str, dict[str, str]]:
    """Every message by key: its text by language; no key is in two files."""
    messages: dict[str, dict[str, str]] = {}
    paths = sorted(_FOLDER.glob("messages/*.json")) + sorted(_FOLDER.glob("pages/*/*.json"))
    paths += sorted(_FOLDER.glob("house/*/*.json"))
    for path in paths:
        texts: dict[str, dict[str, str]] = json.loads(path.read_text(encoding="utf-8"))
        assert not messages.keys() & texts.keys(), path.name
        messages.update(texts)
    return messages


def text_of_message(key: str) -> Text:
    """A message without blanks to fill in, in both languages."""
    languages = read_messages()[key]
    return Text(id=languages["id"], en=languages["en"])


class _MadeOnce(dict[str, str]):
    """Texts by key, each made when it is first asked for."""

    def __init__(self, make: Callable[[str], str]) -> None:
        super().__init__()
        self._make = make

    def __missing__(self, key: str) -> str:
        return self.setdefault(key, self._make(key))


class Sentences:
    """The messages of one language, spoken of places with these terms.

    ``texts`` are all of them with their ``{names}``, ``names`` what the terms fill in; ``said``
    are those in which nothing but the terms is filled in; ``templates`` keep all else as it is.
    """

    def __init__(self, language: Language, terms: Terms) -> None:
        self.texts = {key: texts[language] for key, texts in read_messages().items()}
        self.names = terms.names
        self.said = _MadeOnce(lambda key: self.texts[key].format(**self.names))
        self.templates = _MadeOnce(lambda key: fill_terms(self.texts[key], terms))


@lru_cache(maxsize=128)
def sentences_of(language: Language, terms: Terms) -> Sentences:
    """The sentences of a language in the terms of some places."""
    return Sentences(language, terms)


@lru_cache(maxsize=4096)
def readable(nama: str) -> str:
    r"""A name as people write it: lists in capitals become words, Roman numerals stay.

    Signs that are not seen are left out: one that turns the direction of writing would turn all
    that stands behind the name, in a table, a picture or a sentence.

    Example
    -------
    >>> readable("KAB. FLORES TIMUR"), readable("XIII KOTO KAMPAR"), readable("Ba'u Mesjid")
    ('Kab. Flores Timur', 'XIII Koto Kampar', "Ba'u Mesjid")
    >>> readable("Waru\u202eotuj\x07")
    'Waruotuj'
    """
    if not nama.isprintable():
        nama = _UNSEEN.sub("", nama)
    if not nama.isupper():
        return nama
    return " ".join(
        word if _ROMAN.fullmatch(word) or word in _SHORT else word.capitalize()
        for word in nama.split(" ")
    )
