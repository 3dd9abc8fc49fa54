"""Finding a wilayah by name or code, among all that the release covers."""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from geo_service.releases.release import Release
from web_map.views.terms import terms_of_rows
from web_map.words import readable

MOST_RESULTS = 60
PARENT = "kode_kecamatan"
LEVELS = ("provinsi", "kabupaten", "kecamatan", "desa")
FEWEST_LETTERS = 3
MOST_WORDS = 8
_LEVEL_WORDS = frozenset({"kab", "kabupaten", "kota", "kec", "kecamatan", "distrik", "di"})


class Place(NamedTuple):
    """One wilayah as a result: where it lies, what it is called, and what it is found by.

    ``key`` is its folded name and code, ``where`` the folded names of what it lies in.
    """

    level: str
    kode: str
    nama: str
    within: str
    key: str
    where: str
    term: str | None = None


def fold(text: str) -> str:
    """A name without case, punctuation and space, as people type it.

    Example
    -------
    >>> fold("Pasi Kuala Ba'u"), fold("53.06.13")
    ('pasikualabau', '530613')
    """
    return re.sub(r"[\W_]+", "", text.casefold())


def find_places(release: Release, text: str) -> list[Place]:
    """The wilayah that the text names: those whose name or code begins with it first.

    "Gampong Lamteuba" finds what is called so, "Sukamaju Garut" the desa of that name there.  One
    more than `MOST_RESULTS` are returned when there are more.
    """
    wanted = fold(text)
    if not wanted:
        return []
    places = _places(release)
    readings = {term: _read(text, term) for term in {place.term for place in places}}
    found = [
        place
        for place in places
        if any(name in place.key and where in place.where for name, where in readings[place.term])
    ]
    found.sort(
        key=lambda place: (
            not (place.key.startswith(wanted) or fold(place.kode).startswith(wanted)),
            wanted not in place.key,
            LEVELS.index(place.level),
            place.nama,
            place.kode,
        )
    )
    return found[: MOST_RESULTS + 1]


def _read(text: str, term: str | None) -> list[tuple[str, str]]:
    """What a text may mean for places of one term: pairs of a name, and of where it lies.

    Example
    -------
    >>> _read("Gampong Blang", "gampong")
    [('gampongblang', ''), ('blang', ''), ('gampong', 'blang')]
    """
    words = text.casefold().split()
    starts = [0, 1] if term and words[0] == term and len(words) > 1 else [0]
    whole = [(fold("".join(words[start:])), "") for start in starts]
    if len(words) > MOST_WORDS:
        return whole
    splits = [
        (fold("".join(words[start:end])), _fold_where(words[end:]))
        for start in starts
        for end in range(start + 1, len(words))
    ]
    return whole + [pair for pair in splits if len(pair[0]) >= FEWEST_LETTERS and pair[1]]


def _fold_where(words: Sequence[str]) -> str:
    """The name of a place that another lies in, without "kab." and the like."""
    return fold("".join(word for word in words if word.strip(".,") not in _LEVEL_WORDS))


@lru_cache(maxsize=4)
def _places(release: Release) -> tuple[Place, ...]:
    """All wilayah of a release, made once."""
    names = {entry.kode: readable(entry.nama) for entry in release.manifest.wilayah}
    places = [
        Place(
            entry.level,
            entry.kode,
            names[entry.kode],
            names.get(entry.parent or "", ""),
            f"{fold(entry.nama)} {fold(entry.kode)}",
            fold(names.get(entry.parent or "", "")),
            entry.sebutan or (entry.level if entry.level == "kecamatan" else None),
        )
        for entry in release.manifest.wilayah
    ]
    return (*places, *_desa(release, names))


def _desa(release: Release, names: Mapping[str, str]) -> Iterator[Place]:
    """The desa; each name of the country's 60,000 is made readable and folded once."""
    if "desa" not in release.layers:
        return
    features = release.features("desa")
    columns = [features.property_column(name).texts() for name in ("kode", "nama", PARENT)]
    known = {nama: (readable(nama or ""), fold(nama or "")) for nama in set(columns[1])}
    around = {
        kode: f"{names.get(kode or '', '')}, {names.get((kode or '')[:5], '')}"
        for kode in set(columns[2])
    }
    where = {kode: fold(text) for kode, text in around.items()}
    for kode, nama, parent, term in zip(*columns, terms_of_rows(release), strict=True):
        shown, folded = known[nama]
        key = f"{folded} {(kode or '').replace('.', '')}"
        yield Place("desa", kode or "", shown, around[parent], key, where[parent], term)
