"""Finding a wilayah by name or code, among all that the release covers."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from geo_service.ogc.params import View as RequestView
from geo_service.releases.release import Release, once_per_release
from web_map.pages.base.answers import answer_page
from web_map.sentences import readable
from web_map.views.readers import Level, open_reader, terms_of_rows

router = APIRouter(tags=["pages"])

LONGEST_SEARCH = 80
MOST_RESULTS = 60
PARENT = "kode_kecamatan"
FEWEST_LETTERS = 3
MOST_WORDS = 8
_LEVEL_WORDS = frozenset({"kab", "kabupaten", "kota", "kec", "kecamatan", "distrik", "di"})


@router.get("/cari")
def search(request: Request, view: RequestView) -> HTMLResponse:
    """Desa, kecamatan and kabupaten by name or code."""
    query = request.query_params
    reader = open_reader(view, query, ("q",)).about_all()
    text = query.get("q", "").strip()[:LONGEST_SEARCH]
    places = find_places(reader.release, text)
    return answer_page(
        reader,
        "search/search.html",
        {
            "text": text,
            "places": places[:MOST_RESULTS],
            "more": len(places) > MOST_RESULTS,
            "most": MOST_RESULTS,
            "is_closed": reader.release.is_closed(Level.DESA),
        },
    )


class SearchEntry(NamedTuple):
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


def find_places(release: Release, text: str) -> list[SearchEntry]:
    """The wilayah that the text names: those whose name or code begins with it first.

    "Gampong Lamteuba" finds what is called so, "Sukamaju Garut" the desa of that name there.  One
    more than `MOST_RESULTS` are returned when there are more.
    """
    folded = fold(text)
    if not folded:
        return []
    places = _places(release)
    readings = {term: _read(text, term) for term in {place.term for place in places}}
    matches = [
        place
        for place in places
        if any(name in place.key and where in place.where for name, where in readings[place.term])
    ]
    matches.sort(
        key=lambda place: (
            not (place.key.startswith(folded) or fold(place.kode).startswith(folded)),
            folded not in place.key,
            list(Level).index(Level(place.level)),
            place.nama,
            place.kode,
        )
    )
    return matches[: MOST_RESULTS + 1]


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


@once_per_release
def _places(release: Release) -> tuple[SearchEntry, ...]:
    """All wilayah of a release, made once."""
    names = {entry.kode: readable(entry.nama) for entry in release.manifest.wilayah}
    places = [
        SearchEntry(
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


def _desa(release: Release, names: Mapping[str, str]) -> Iterator[SearchEntry]:
    """The desa; each name of the country's 60,000 is made readable and folded once."""
    if "desa" not in release.layers:
        return
    features = release.features("desa")
    columns = [features.property_column(name).texts() for name in ("kode", "nama", PARENT)]
    spellings = {nama: (readable(nama or ""), fold(nama or "")) for nama in set(columns[1])}
    around = {
        kode: f"{names.get(kode or '', '')}, {names.get((kode or '')[:5], '')}"
        for kode in set(columns[2])
    }
    where = {kode: fold(text) for kode, text in around.items()}
    for kode, nama, parent, term in zip(*columns, terms_of_rows(release), strict=True):
        name, folded = spellings[nama]
        key = f"{folded} {(kode or '').replace('.', '')}"
        yield SearchEntry(Level.DESA, kode or "", name, around[parent], key, where[parent], term)
