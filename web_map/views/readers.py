"""Who reads a page: the release, the words and the place that it is about, made once per request.

The terms of a place (gampong, distrik) are part of its words, so a sentence cannot be about one
place in the terms of another.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import cast, get_args

from geo_service.errors import MalformedParameterError, UnknownLayerError, UnknownWilayahError
from geo_service.http import accept, parameter_names, urls
from geo_service.ogc.params import ReleaseView
from geo_service.releases import place_words
from geo_service.releases.release import Release, once_per_release
from layers.release.manifest_file import GENERAL_TERMS, WilayahEntry
from web_map.sentences import readable
from web_map.words import Words


class Level(StrEnum):
    """What a wilayah is; the level is in the length of its code, too."""

    PROVINSI = "provinsi"
    KABUPATEN = "kabupaten"
    KECAMATAN = "kecamatan"
    DESA = "desa"

    @property
    def child(self) -> "Level":
        """The level of what lies in it; of a desa, that of a desa."""
        return _LEVELS[min(_LEVELS.index(self) + 1, len(_LEVELS) - 1)]

    @property
    def parent(self) -> "Level | None":
        """The level of what it lies in; None for a provinsi."""
        return None if self is Level.PROVINSI else _LEVELS[_LEVELS.index(self) - 1]


_LEVELS = tuple(Level)


def level_of(kode: str) -> Level:
    """The level that a code is of.

    Example
    -------
    >>> level_of("53.06.13").value, level_of("53.06").child.value
    ('kecamatan', 'kecamatan')
    """
    return _LEVELS[kode.count(".")]


@dataclass(frozen=True, slots=True)
class Reader:
    """What a page knows of its request.

    Parameters
    ----------
    release
        The one release that the whole page is made from.
    words
        Language of the reader, with the terms of what the page is about.
    address
        Outside URL of the server: whoever writes it makes a page that not everybody may keep.
    base
        Its path, without a slash at its end.
    """

    release: Release
    words: Words
    address: urls.Address
    base: str

    def about_all(self) -> "Reader":
        """The same reader on a page about the whole release, in the terms that hold for all."""
        return replace(self, words=self.words_of())

    def about(self, level: str, kode: str) -> "PlaceReader":
        """The same reader on the page of a wilayah, in its terms.

        Raises
        ------
        UnknownWilayahError
            The release does not cover it.
        """
        child = Level(level).child
        words = self.words_of(kode)
        entries = wilayah_by_kode(self.release)
        place = entries.get(kode)
        if place is None or place.level != level:
            raise UnknownWilayahError(f"No {level} {kode!r} in this release.")
        parents: list[WilayahEntry] = []
        above = entries.get(place.parent or "")
        while above is not None:
            parents.insert(0, above)
            above = entries.get(above.parent or "")
        return PlaceReader(
            self.release, words, self.address, self.base, place, tuple(parents), child
        )

    def about_desa(self, kode: str) -> "PlaceReader":
        """The same reader on the page of a desa: about its kecamatan, in the terms of the desa.

        Raises
        ------
        UnknownWilayahError
            The release has no such desa.
        """
        row = find_desa(self.release, kode)
        features = self.release.features("desa")
        parent = features.property_column("kode_kecamatan").value(row)
        reader = self.about(Level.KECAMATAN, str(parent))
        term = term_of_row(self.release, row)
        if term is None:
            return reader
        terms = replace(reader.words.terms, desa=term, village=term)
        return replace(reader, words=replace(reader.words, terms=terms))

    def words_of(self, kode: str = place_words.EVERYWHERE) -> Words:
        """The reader's language with the terms of a wilayah, or of the whole release."""
        return Words(
            self.words.language, place_words.terms_by_kode(self.release).get(kode, GENERAL_TERMS)
        )


@dataclass(frozen=True, slots=True)
class PlaceReader(Reader):
    """A reader on the page of one wilayah.

    A desa is in the layer `desa`, not among the wilayah: its page is about its kecamatan.

    Parameters
    ----------
    place
        The wilayah.
    parents
        Those above it, from the provinsi down.
    child_level
        The level of what lies in it.
    """

    place: WilayahEntry
    parents: tuple[WilayahEntry, ...]
    child_level: Level


def open_reader(view: ReleaseView, query: Mapping[str, str], parameters: Collection[str]) -> Reader:
    """The reader of a request, whose page has these parameters besides ``lang``.

    What the page is about, and with it the terms, is said by `Reader.about` and the like.

    Raises
    ------
    UnknownParameterError, MalformedParameterError
        The message names the parameter and what was expected.
    """
    check_parameters(query, (*parameters, "lang", "token"))
    return Reader(view.release, Words(read_language(query)), view.address, view.address.base)


def read_language(query: Mapping[str, str]) -> accept.Language:
    """The language asked for; Indonesian when none is."""
    return cast(accept.Language, read_choice("lang", query, get_args(accept.Language), "id"))


def read_choice(
    name: str, query: Mapping[str, str], choices: tuple[str, ...], default: str = ""
) -> str:
    """The value of a parameter that has a few; ``default`` where it is not given.

    Raises
    ------
    MalformedParameterError
        The value is none of them.
    """
    text = query.get(name) or default
    if text not in choices and text != default:
        expected = ", ".join(choices)
        raise MalformedParameterError(f"{name}: expected one of {expected}, got {text!r}.")
    return text


def check_parameters(query: Mapping[str, str], names: Collection[str]) -> None:
    """Refuse a query with a parameter that the page does not have.

    Raises
    ------
    UnknownParameterError
        The message names the first of them, the nearest one and what there is.
    """
    unknown = sorted(set(query) - set(names))
    if unknown:
        parameter_names.refuse_name(unknown[0], names)


@once_per_release
def wilayah_by_kode(release: Release) -> Mapping[str, WilayahEntry]:
    """Every wilayah with its name as people write it, in the order of the manifest."""
    return {
        entry.kode: entry.model_copy(update={"nama": readable(entry.nama)})
        for entry in release.manifest.wilayah
    }


def find_desa(release: Release, kode: str) -> int:
    """The row of a desa in the layer ``desa``.

    Raises
    ------
    UnknownWilayahError
        The release has no such desa.
    TokenNeededError, TokenScopeError
        Its desa are not for this reader.
    """
    try:
        rows = release.features("desa").select(equals={"kode": kode})
    except UnknownLayerError:
        raise UnknownWilayahError("This release has no layer of desa.") from None
    if not len(rows):
        raise UnknownWilayahError(f"No desa {kode!r} in this release.")
    return int(rows[0])


def term_of_row(release: Release, row: int) -> str | None:
    """What the desa of a row of the layer ``desa`` is called; None where nothing is known."""
    features = release.features("desa")
    for name in ("sebutan", "jenis"):
        if features.has_property(name):
            term = features.property_column(name).value(row)
            if term is not None:
                return str(term)
    return None


def terms_of_rows(release: Release) -> list[str | None]:
    """`term_of_row` of all rows at once."""
    features = release.features("desa")
    terms: list[str | None] = [None] * features.count
    for name in ("sebutan", "jenis"):
        if features.has_property(name):
            texts = features.property_column(name).texts()
            terms = [term or text for term, text in zip(terms, texts, strict=True)]
    return terms
