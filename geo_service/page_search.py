"""Finding a wilayah by name or code, among all that the release covers."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import NamedTuple

from geo_service.page_terms import terms_of_rows
from geo_service.release import Release
from geo_service.render.words import readable

MOST_RESULTS = 60
PARENT = "kode_kecamatan"


class Place(NamedTuple):
    """One wilayah as a result: where it lies, the text it is found by, what it is called."""

    level: str
    kode: str
    nama: str
    within: str
    key: str
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
    """The wilayah whose name or code holds the text: those that begin with it first.

    "Gampong Lamteuba" finds what is called so, too.  One more than `MOST_RESULTS` are returned
    when there are more.
    """
    wanted = fold(text)
    if not wanted:
        return []
    found = [
        place
        for place in _places(release)
        if wanted in place.key or _is_called(place, text.casefold())
    ]
    order = {"provinsi": 0, "kabupaten": 1, "kecamatan": 2, "desa": 3}
    found.sort(
        key=lambda place: (
            not (fold(place.nama).startswith(wanted) or fold(place.kode).startswith(wanted)),
            order[place.level],
            place.nama,
            place.kode,
        )
    )
    return found[: MOST_RESULTS + 1]


def _is_called(place: Place, text: str) -> bool:
    """Whether the text is the place's term, and then what its name holds."""
    term = f"{place.term} "
    return text.startswith(term) and fold(text[len(term) :]) in place.key.partition(" ")[0]


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
    within = {
        kode: f"{names.get(kode or '', '')}, {names.get((kode or '')[:5], '')}"
        for kode in set(columns[2])
    }
    for kode, nama, kecamatan, term in zip(*columns, terms_of_rows(release), strict=True):
        shown, folded = known[nama]
        key = f"{folded} {(kode or '').replace('.', '')}"
        yield Place("desa", kode or "", shown, within[kecamatan], key, term)
