"""A list of codes that exist, and for which part of the country it is complete."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Self

from boundaries.codes.kode_types import LEVELS, CodeSystem, kode_type


@dataclass(frozen=True, slots=True)
class CodeReference:
    """Codes that exist in one system, with their names.

    A list can rule a code *out* only where it is complete: the desa of one kabupaten say nothing
    about the neighbour's.  Without that rule ``11.1`` in a table of the whole provinsi would become
    11.01 merely because 11.10 is not loaded.

    Parameters
    ----------
    system
        Whose codes they are.
    names
        Name by digits (no dots), for every level; an empty name where only the code is known.
    complete
        Digits of the wilayah for which the list holds every code; ``""`` for the whole country.
    """

    system: CodeSystem
    names: Mapping[str, str]
    complete: tuple[str, ...] = ()

    @classmethod
    def of(
        cls, system: CodeSystem, names: Mapping[str, str] | Iterable[str], scope: Iterable[str] = ()
    ) -> Self:
        """The reference of codes in either spelling; parents are added, nameless where unknown.

        Parameters
        ----------
        names
            Name by code, or only codes, dotted or bare.
        scope
            Codes of the wilayah the list covers completely, or ``"indonesia"``.
        """
        given = names if isinstance(names, Mapping) else dict.fromkeys(names, "")
        bare = {code.replace(".", ""): name for code, name in given.items()}
        names_by_code: dict[str, str] = {}
        ends = kode_type(system).ends
        for digits in bare:
            for end in ends:
                if end < len(digits):
                    names_by_code.setdefault(digits[:end], "")
        names_by_code.update(bare)
        complete = ("" if code == "indonesia" else code.replace(".", "") for code in scope)
        return cls(system, names_by_code, tuple(sorted(complete)))

    def __contains__(self, digits: object) -> bool:
        return digits in self.names

    def is_complete_for(self, digits: str) -> bool:
        """Whether absence from the list means that the code does not exist."""
        return any(digits.startswith(prefix) for prefix in self.complete)

    def only_existing(self, candidates: Iterable[str]) -> str | None:
        """The one candidate that exists, if the list proves that the others do not; else None."""
        existing = []
        for candidate in candidates:
            if candidate in self.names:
                existing.append(candidate)
            elif not self.is_complete_for(candidate):
                return None
        return existing[0] if len(existing) == 1 else None

    def reason_unknown(self, digits: str) -> tuple[str, str]:
        """Why a code is not in the list: the highest of its parts that the list does not have.

        Returns
        -------
        tuple
            Slug and sentence.  ``outside_scope``: the list is not complete for its kabupaten.
            ``provinsi_unknown``, ``kabupaten_unknown``, ``kecamatan_unknown``: no code of the list
            lies in it, as with codes from before a wilayah was moved (the Papua of before 2022).
            ``desa_unknown``: its kecamatan exists, the desa does not (split off, dissolved,
            recoded, or without polygon).
        """
        kode = kode_type(self.system)
        depth = kode.ends.index(len(digits))
        for end, level in zip(kode.ends[: depth + 1], LEVELS, strict=False):
            part = digits[:end]
            if part not in self.names:
                if not self.is_complete_for(part):
                    return "outside_scope", f"{kode(digits)} lies outside the loaded boundaries."
                return f"{level}_unknown", f"There is no {level} {kode(part)} in the boundaries."
        return "known", f"{kode(digits)} exists."
