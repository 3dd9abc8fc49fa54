"""What the wilayah and services of the register are called, by the release that is served."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from geo_service.errors import UnknownLayerError, UnknownWilayahError
from geo_service.register.item_lists import LAST_CODES
from geo_service.register.way import Way
from geo_service.releases.release import Release, once_per_release
from web_map.sentences import readable
from web_map.views.readers import level_of, wilayah_by_kode
from web_map.words import Words, full_name


class NamedPlace(NamedTuple):
    """A wilayah with its code, and its name with what it is ("Kecamatan Muara Telang")."""

    kode: str
    title: str


@dataclass(frozen=True, slots=True)
class PlaceNames:
    """The wilayah of a release in words of one language.

    A code that the release does not know, or whose desa are not for this reader, is its own name.
    """

    release: Release
    words: Words

    def name(self, kode: str) -> str:
        """The name of a wilayah."""
        if len(kode) > len(LAST_CODES):
            return self.desa_of(kode[:8]).get(kode, kode)
        entry = wilayah_by_kode(self.release).get(kode)
        return kode if entry is None else entry.nama

    def title(self, kode: str) -> str:
        """The name of a wilayah with what it is, as a heading says it."""
        name = self.name(kode)
        level = level_of(kode).value
        if name == kode or level == "desa":
            return f"{self.words.say('level.desa').capitalize()} {name}" if name != kode else kode
        return full_name(self.words, level, kode, name)

    def above(self, kode: str) -> list[NamedPlace]:
        """The wilayah that one lies in, from the provinsi down."""
        return [
            NamedPlace(kode[:end], self.title(kode[:end])) for end in (2, 5, 8) if end < len(kode)
        ]

    def parts(self, kode: str) -> list[str]:
        """Codes of the wilayah that the release has in one, in order."""
        if len(kode) == 8:
            return list(self.desa_of(kode))
        entries = wilayah_by_kode(self.release).values()
        return sorted(entry.kode for entry in entries if entry.parent == kode)

    def knows(self, kode: str) -> bool:
        """Whether the release has such a wilayah."""
        return self.name(kode) != kode or kode in wilayah_by_kode(self.release)

    def desa_of(self, kecamatan: str) -> Mapping[str, str]:
        """The names of the desa of a kecamatan by code; none where they are not for this reader."""
        if self.release.is_closed("desa"):
            return {}
        try:
            features = self.release.features("desa")
        except UnknownLayerError:
            return {}
        rows = features.select(equals={"kode_kecamatan": kecamatan}).tolist()
        codes, names = (features.property_column(name) for name in ("kode", "nama"))
        pairs = sorted((str(codes.value(row)), str(names.value(row))) for row in rows)
        return {kode: readable(name) for kode, name in pairs}

    def service(self, layanan: str | None) -> str:
        """The title of a service; of what was raised by hand, that it was."""
        if layanan is None:
            return self.words.say("house.by_hand")
        for service in self.release.services:
            if service.id == layanan:
                return self.words.text(service.title)
        return layanan


class Labels(PlaceNames):
    """The same for who is signed in: also measures, states and what an item is about."""

    def place(self, kode: str | None) -> str:
        """The name of a wilayah, with what it is above the desa; empty for the whole register."""
        if kode is None:
            return ""
        if level_of(kode).value != "desa":
            return self.title(kode)
        return _names_of_desa(self.release).get(kode, kode)

    def need(self, layanan: str | None, ukuran: str | None) -> str:
        """The title of a service, and of the measure by which it is needed."""
        title = self.service(layanan)
        needs = [need for service in self.release.services for need in service.needs]
        titles = [need.title for need in needs if ukuran in (need.indicator, need.facility)]
        if titles and titles[0]:
            return f"{title}: {self.words.text(titles[0])}"
        return title if ukuran in (None, layanan) else f"{title}: {str(ukuran).replace('_', ' ')}"

    def about(self, layanan: str | None, ukuran: str | None, title: str | None) -> str:
        """What an item is about: the title that a person gave it, or the need of the data."""
        return title or self.need(layanan, ukuran)

    def state(self, state: str, way: Way) -> str:
        """The name of a state."""
        return self.words.text(way.states[state]) if state in way.states else state

    def villages(self, kecamatan: str) -> list[tuple[str, str]]:
        """Code and name of each desa of a kecamatan, by name."""
        pairs = _names_of_desa(self.release).items()
        inside = [(name, kode) for kode, name in pairs if kode.startswith(f"{kecamatan}.")]
        return [(kode, name) for name, kode in sorted(inside)]


@once_per_release
def _names_of_desa(release: Release) -> Mapping[str, str]:
    if "desa" not in release.layers:
        return {}
    features = release.features("desa")
    columns = [features.property_column(name).texts() for name in ("kode", "nama")]
    return {kode or "": readable(nama or "") for kode, nama in zip(*columns, strict=True)}


def refuse_place(kode: str) -> UnknownWilayahError:
    """The error of a wilayah that neither release nor register knows."""
    return UnknownWilayahError(f"No wilayah {kode!r} in this release or in the register.")
