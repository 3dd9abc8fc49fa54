"""The sentences of the pages in both languages, and how the terms of places are filled into them.

The tables (``web_map/messages``) hold every sentence in both languages; a key that is missing in
either is an error of ours and raises.  Where a sentence speaks of the desa or kecamatan of the page
it has ``{desa}``, ``{village}``, ``{kecamatan}`` (see `layers.release.manifest_file.Terms`), or the
same with a capital; both languages use the Indonesian noun.
"""

import json
from collections.abc import Mapping
from functools import cache, lru_cache
from importlib.resources import files

from geo_service.http.accept import Language
from layers.release.manifest_file import Terms, Text, fill_terms


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


@lru_cache(maxsize=64)
def term_names(terms: Terms) -> Mapping[str, str]:
    """What messages fill in for the places that they are about."""
    return terms.names


@lru_cache(maxsize=4096)
def say_in_terms(key: str, language: Language, terms: Terms) -> str:
    """A message in which nothing but the terms is filled in."""
    return read_messages()[key][language].format(**terms.names)


@lru_cache(maxsize=4096)
def fill_in_terms(key: str, language: Language, terms: Terms) -> str:
    """A message with its terms filled in and all else as it is."""
    return fill_terms(read_messages()[key][language], terms)
