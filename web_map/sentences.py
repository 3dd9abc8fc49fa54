"""The sentences of the pages in both languages, how terms are filled in, and names as people write.

The tables (``web_map/messages``) hold every sentence in both languages; a key that is missing in
either is an error of ours and raises.  Where a sentence speaks of the desa or kecamatan of the page
it has ``{desa}``, ``{village}``, ``{kecamatan}`` (see `layers.release.manifest_file.Terms`), or the
same with a capital; both languages use the Indonesian noun.
"""

import json
import re
from collections.abc import Mapping
from functools import cache, lru_cache
from importlib.resources import files

from geo_service.http.accept import Language
from layers.release.manifest_file import Terms, Text, fill_terms

_UNSEEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060\u2066-\u2069\ufeff]"
)
_ROMAN = re.compile(r"[IVXL]+")
_SHORT = {"DKI", "DI"}


@cache
def read_messages() -> dict[str, dict[str, str]]:
    """Every message by key: its text by language; no key is in two files."""
    messages: dict[str, dict[str, str]] = {}
    for resource in sorted((files("web_map") / "messages").iterdir(), key=lambda entry: entry.name):
        texts: dict[str, dict[str, str]] = json.loads(resource.read_text(encoding="utf-8"))
        assert not messages.keys() & texts.keys(), resource.name
        messages.update(texts)
    return messages


def text_of_message(key: str) -> Text:
    """A message without blanks to fill in, in both languages."""
    languages = read_messages()[key]
    return Text(id=languages["id"], en=languages["en"])


class Sentences:
    """The messages of one language, spoken of places with these terms.

    Those in which nothing but the terms is filled in are made once.
    """

    def __init__(self, language: Language, terms: Terms) -> None:
        self._language: Language = language
        self._terms = terms
        self._names = terms.names
        self._said: dict[str, str] = {}
        self._templates: dict[str, str] = {}

    def say(self, key: str) -> str:
        """A message in which nothing but the terms is filled in."""
        if (text := self._said.get(key)) is None:
            text = read_messages()[key][self._language].format(**self._names)
            self._said[key] = text
        return text

    def fill_in(self, key: str, values: Mapping[str, object]) -> str:
        """A message with its ``{names}`` filled in."""
        return read_messages()[key][self._language].format_map({**self._names, **values})

    def template(self, key: str) -> str:
        """A message with its terms filled in and all else as it is."""
        if (text := self._templates.get(key)) is None:
            text = fill_terms(read_messages()[key][self._language], self._terms)
            self._templates[key] = text
        return text


@lru_cache(maxsize=128)
def sentences_of(language: Language, terms: Terms) -> Sentences:
    """The sentences of a language in the terms of some places."""
    return Sentences(language, terms)


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
