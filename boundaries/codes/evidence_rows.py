"""What the lists of codes say about one row, read as either system: the basis of the evidence."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from boundaries.codes import CodeReference, CodeSystem, crosswalk, wilayah_names

Looked = tuple[bool | None, bool | None]
"""Does the code exist, does the name agree; None where the lists do not tell."""

Side = Literal["neither", "kemendagri", "sure kemendagri", "bps", "sure bps"]
SIDES: dict[CodeSystem, tuple[Side, Side]] = {
    CodeSystem.KEMENDAGRI: ("kemendagri", "sure kemendagri"),
    CodeSystem.BPS: ("bps", "sure bps"),
}
"""For each system the rows that speak for it: by existence, and surely."""


@dataclass(frozen=True, slots=True)
class SystemEvidence:
    """What the column looks like, read as codes of one system.

    Parameters
    ----------
    readable
        Rows that can be desa codes of the system at all.
    covered
        Of these, rows in a kabupaten whose desa are all in the list.
    existing
        Rows whose code exists.  For BPS with a bridge of kecamatan only: whose kecamatan exists.
    compared, agreeing
        Rows whose name could be compared with the list's, and those where it agrees.
    sure, telling
        Rows that speak for this system by name or spelling, and by anything.
    kabupaten, kabupaten_name
        The four digits that most rows begin with (the same for both systems) and what they name in
        this one; None where unknown.
    """

    readable: int
    covered: int
    existing: int
    compared: int
    agreeing: int
    sure: int
    telling: int
    kabupaten: str | None
    kabupaten_name: str | None


class CodeLists:
    """Looks codes of either reading up, with the names beside them.

    Parameters
    ----------
    reference
        Kemendagri codes that exist.
    bridge
        Pairs of codes, or None.
    """

    def __init__(self, reference: CodeReference, bridge: crosswalk.CodeBridge | None) -> None:
        self.reference = reference
        self.names = reference.names
        self.targets = bridge.targets if bridge else {}
        self.bps_names = bridge.bps_names if bridge else {}
        lengths = bridge.lengths if bridge else frozenset()
        self.has_desa, self.has_kecamatan = 10 in lengths, 7 in lengths
        self._complete: dict[str, bool] = {}
        self._keys: dict[str, frozenset[str]] = {}

    def look_up_kemendagri(self, code: str | None, name: object, place: object) -> Looked:
        """Whether the code exists in the reference, under that name."""
        if code is None:
            return None, None
        listed = self.names.get(code)
        if listed is None:
            kabupaten = code[:4]
            if kabupaten not in self._complete:
                self._complete[kabupaten] = self.reference.is_complete_for(kabupaten)
            return (False if self._complete[kabupaten] else None), None
        if listed and name == listed:
            return True, True
        return True, _agree(name, listed, place, self.names.get(code[:6]))

    def look_up_bps(self, code: str | None, name: object, place: object) -> Looked:
        """Whether the bridge has the code, or at least its kecamatan, under that name."""
        if code is None or not self.targets:
            return None, None
        target = self.targets.get(code)
        if target is not None:
            own_name = self.bps_names.get(code) or self.names.get(target)
            return True, _agree(name, own_name, place, self.bps_names.get(code[:7]))
        if self.has_desa or not self.has_kecamatan:
            return (False if self.has_desa else None), None
        kecamatan = self.targets.get(code[:7])
        if kecamatan is None:
            return False, None
        if isinstance(name, str) and wilayah_names.normalise_name(name) in self._names_in(
            kecamatan
        ):
            return True, True
        return True, _agree(None, None, place, self.bps_names.get(code[:7]))

    @cached_property
    def _by_kecamatan(self) -> dict[str, list[str]]:
        names: dict[str, list[str]] = {}
        for code, name in self.names.items():
            if len(code) == 10 and name:
                names.setdefault(code[:6], []).append(name)
        return names

    def _names_in(self, kecamatan: str) -> frozenset[str]:
        """Keys of the names of the listed desa of a kecamatan."""
        keys = self._keys.get(kecamatan)
        if keys is None:
            names: Iterable[str] = self._by_kecamatan.get(kecamatan, ())
            keys = self._keys[kecamatan] = frozenset(map(wilayah_names.normalise_name, names))
        return keys


def _agree(
    name: object, listed: str | None, place: object, listed_place: str | None
) -> bool | None:
    """Whether the names agree: the desa's own counts, the kecamatan's where there is no other."""
    if listed and isinstance(name, str) and name:
        return wilayah_names.names_agree(name, listed)
    if listed_place and isinstance(place, str) and place:
        return wilayah_names.names_agree(place, listed_place)
    return None


def side_of(kemendagri: str | None, bps: str | None, by_kemendagri: Looked, by_bps: Looked) -> Side:
    """Which system a row speaks for, and whether surely.

    Parameters
    ----------
    kemendagri, bps
        Digits read as a code of either system, None where they cannot be one.
    by_kemendagri, by_bps
        What the lists say about the place of each.
    """
    exists, agrees = by_kemendagri
    bps_exists, bps_agrees = by_bps
    if agrees and not bps_agrees:
        return "sure kemendagri"
    if bps_agrees and not agrees:
        return "sure bps"
    if kemendagri is None or bps is None:
        return "sure bps" if kemendagri is None else "sure kemendagri"
    if bps_exists is not False and (exists is False or (exists and agrees is False)):
        return "bps"
    if exists and agrees is not False and not bps_agrees:
        return "kemendagri"
    return "neither"


_Group = tuple[str, str, str, Looked, Looked]
"""Rows alike in kabupaten (own, other reading), seventh digit and what the lists say of them."""


class Tally:
    """Counts of the rows seen so far, by everything the evidence asks about.

    One count a row instead of one for each question: a country has few groups and many rows.
    """

    def __init__(self) -> None:
        self.groups: dict[_Group, int] = {}
        self.disagreeing: list[int] = []

    def add(
        self,
        index: int,
        kemendagri: str | None,
        bps: str | None,
        by_kemendagri: Looked,
        by_bps: Looked,
    ) -> None:
        """Take in one row: its digits either way, and what the lists say of them."""
        group = (
            kemendagri[:4] if kemendagri else "",
            bps[:4] if bps else "",
            (kemendagri or bps or "")[6],
            by_kemendagri,
            by_bps,
        )
        self.groups[group] = self.groups.get(group, 0) + 1
        if by_kemendagri[1] is False:
            self.disagreeing.append(index)

    def seventh_digits(self) -> dict[str, int]:
        """Rows by seventh digit."""
        counts: Counter[str] = Counter()
        for group, rows in self.groups.items():
            counts[group[2]] += rows
        return dict(sorted(counts.items()))

    def summary(
        self, system: CodeSystem, reference: CodeReference, bridge: crosswalk.CodeBridge | None
    ) -> SystemEvidence:
        """What the rows say, read as codes of that system."""
        number = 0 if system is CodeSystem.KEMENDAGRI else 1
        looked: Counter[Looked] = Counter()
        kabupaten: Counter[str] = Counter()
        sides: Counter[Side] = Counter()
        for group, rows in self.groups.items():
            kemendagri, bps, _, by_kemendagri, by_bps = group
            sides[side_of(kemendagri or None, bps or None, by_kemendagri, by_bps)] += rows
            kabupaten[kemendagri or bps] += rows
            if (kemendagri, bps)[number]:
                looked[(by_kemendagri, by_bps)[number]] += rows
        likely, sure = SIDES[system]
        most = min(kabupaten, key=lambda code: (-kabupaten[code], code), default=None)
        return SystemEvidence(
            readable=looked.total(),
            covered=sum(n for (exists, _), n in looked.items() if exists is not None),
            existing=sum(n for (exists, _), n in looked.items() if exists),
            compared=sum(n for (_, agrees), n in looked.items() if agrees is not None),
            agreeing=sum(n for (_, agrees), n in looked.items() if agrees),
            sure=sides[sure],
            telling=sides[sure] + sides[likely],
            kabupaten=most,
            kabupaten_name=most and kabupaten_name(most, system, reference, bridge),
        )


def kabupaten_name(
    digits: str, system: CodeSystem, reference: CodeReference, bridge: crosswalk.CodeBridge | None
) -> str | None:
    """The name of the kabupaten with these four digits in that system, in ordinary letters."""
    name: str | None = None
    if system is CodeSystem.KEMENDAGRI:
        name = reference.names.get(digits)
        if not name and bridge is not None:
            name = bridge.kemendagri_names.get(digits)
    elif bridge is not None:
        target = bridge.targets.get(digits, "")
        name = bridge.kemendagri_names.get(target) or bridge.bps_names.get(digits)
    return _ordinary_letters(name) if name else None


def _ordinary_letters(name: str) -> str:
    words = name.title() if name.isupper() else name
    return words if words.startswith(("Kab", "Kota")) else f"Kab. {words}"
