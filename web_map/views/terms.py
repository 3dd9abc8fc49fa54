"""The words of a page: its language, and what the places it is about are called."""

from dataclasses import replace

from geo_service.releases.place_words import EVERYWHERE, terms_by_kode
from geo_service.releases.release import Release
from layers.release.manifest import (
    GENERAL_TERMS,
    KECAMATAN,
    KELURAHAN,
    Terms,
    capital,
)
from web_map.words import Words


def with_terms(words: Words, release: Release, kode: str = EVERYWHERE) -> Words:
    """The same language with the terms of a wilayah, or of the whole release."""
    return replace(words, terms=terms_by_kode(release).get(kode, GENERAL_TERMS))


def with_terms_of_desa(words: Words, release: Release, kode: str) -> Words:
    """The same language with the terms of one desa and its kecamatan."""
    known = with_terms(words, release, kode.rpartition(".")[0])
    if "desa" not in release.layers:
        return known
    features = release.features("desa")
    rows = features.select(equals={"kode": kode})
    if not len(rows):
        return known
    row = int(rows[0])
    if "kode_kecamatan" in features.properties:
        parent = features.property_column("kode_kecamatan").value(row)
        known = with_terms(words, release, str(parent))
    term = term_of_row(release, row)
    if term is None:
        return known
    return replace(known, terms=replace(known.terms, desa=term, village=term))


def term_of_row(release: Release, row: int) -> str | None:
    """What the desa of a row of the layer ``desa`` is called; None where nothing is known."""
    features = release.features("desa")
    for name in ("sebutan", "jenis"):
        if name in features.properties:
            term = features.property_column(name).value(row)
            if term is not None:
                return str(term)
    return None


def terms_of_rows(release: Release) -> list[str | None]:
    """`term_of_row` of all rows at once."""
    features = release.features("desa")
    found: list[str | None] = [None] * features.count
    for name in ("sebutan", "jenis"):
        if name in features.properties:
            column = features.property_column(name).texts()
            found = [term or text for term, text in zip(found, column, strict=True)]
    return found


def called(term: str | None, nama: str) -> str:
    """The name with what it is called before it, unless the name already says what it is.

    Example
    -------
    >>> called("gampong", "Lamteuba"), called("kampung", "Kampung Tengah"), called(None, "Oesao")
    ('Gampong Lamteuba', 'Kampung Tengah', 'Oesao')
    """
    if term is None:
        return nama
    says_it = nama.casefold().startswith(("desa ", "kelurahan ", f"{term.casefold()} "))
    return nama if says_it else f"{capital(term)} {nama}"


def tag_of(term: str | None, terms: Terms) -> str:
    """What a table adds to a name whose term is not that of the others; empty for the usual."""
    if term == KELURAHAN:
        return "kel."
    return "" if term in (None, terms.village, KECAMATAN, terms.kecamatan) else str(term)
