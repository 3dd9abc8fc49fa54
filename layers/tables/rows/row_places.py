"""The desa of the coverage as an index that tables are joined to, and what placing a row yields."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd
from rapidfuzz import process

from boundaries.codes import CodeReference, CodeSystem, KodeKemendagri, wilayah_names
from boundaries.findings import locations, report
from boundaries.findings.report import Finding, Severity
from boundaries.history.versions import History
from boundaries.matching.matching import NameIndex
from layers.finding_words.finding_kinds import declared_kind

INDICATOR_UNDECLARED = declared_kind("table.indicator_undeclared")
OUTSIDE_SCOPE = declared_kind("table.outside_scope")

MANY_OUTSIDE = 20_000
MANY_UNDECLARED = 50
MANY_ALIKE = 1_000
"""More rows than these that fall out for one reason are one thing to know."""
# One finding (error) already says that no row of the table is used.
OF_WHOLE_TABLE = frozenset(
    {"table.no_bridge", "table.system_contradicted", "table.kecamatan_nameless"}
)


def unmatched_findings(
    reasons: Mapping[int, Reason], file: str, rows: list[int]
) -> list[report.Finding]:
    """One finding for each row that is not used, unless one refuses the whole table.

    Rows outside the scope are gathered by kabupaten when there are more than ``MANY_OUTSIDE``
    (a table of the whole country on one kabupaten): each is still named, as a range of rows.
    """
    outside = [number for number, why in reasons.items() if why.code == "table.outside_scope"]
    undeclared = [
        number for number, why in reasons.items() if why.code == "table.indicator_undeclared"
    ]
    gathered = set(outside) if len(outside) > MANY_OUTSIDE else set()
    others = set(undeclared) if len(undeclared) > MANY_UNDECLARED else set()
    by_code = Counter(why.code for why in reasons.values())
    many = {
        code
        for code, count in by_code.items()
        if count > MANY_ALIKE
        and code not in OF_WHOLE_TABLE
        and code not in ("table.outside_scope", "table.indicator_undeclared")
    }
    findings = [
        declared_kind(why.code).finding(
            why.message,
            file,
            rows[number],
            value=why.value,
            severity=why.severity,
        )
        for number, why in sorted(reasons.items())
        if number not in gathered
        and number not in others
        and why.code not in many
        and why.code not in OF_WHOLE_TABLE
    ]
    findings += [_gathered_code(code, reasons, file, rows) for code in sorted(many)]
    findings += _gathered_words(reasons, others, file, rows)
    by_kabupaten: dict[str, list[int]] = {}
    for number in gathered:
        kode = reasons[number].value
        kabupaten = kode[:4] if kode.isdigit() else kode[:5]
        by_kabupaten.setdefault(kabupaten, []).append(rows[number])
    for kabupaten, rows_there in sorted(by_kabupaten.items()):
        listed = ", ".join(locations.row_ranges(rows_there))
        message = f"{len(rows_there)} rows of {kabupaten} are outside the scope: rows {listed}."
        findings.append(
            OUTSIDE_SCOPE.finding(
                message,
                file,
                min(rows_there),
                value=kabupaten,
                measure=len(rows_there),
                rows=rows_there,
            )
        )
    return findings


def _gathered_code(
    code: str, reasons: Mapping[int, Reason], file: str, rows: list[int]
) -> report.Finding:
    """One finding for all rows that are not used for one reason, with an example."""
    numbers = sorted(number for number, why in reasons.items() if why.code == code)
    first, numbers_in_file = reasons[numbers[0]], [rows[number] for number in numbers]
    return declared_kind(code).finding(
        f"{len(numbers)} rows, such as row {rows[numbers[0]]}: {first.message}",
        file,
        min(numbers_in_file),
        value=first.value,
        measure=len(numbers),
        unit="rows",
        severity=first.severity,
        rows=numbers_in_file,
    )


def _gathered_words(
    reasons: Mapping[int, Reason], others: set[int], file: str, rows: list[int]
) -> list[report.Finding]:
    """One note for each undeclared indicator of a long table, with the rows that speak of it."""
    by_word: dict[str, list[int]] = {}
    for number in others:
        by_word.setdefault(reasons[number].value, []).append(rows[number])
    return [
        INDICATOR_UNDECLARED.finding(
            f"{len(rows_there)} rows of '{word}', not declared under [tables.columns]: rows "
            f"{', '.join(locations.row_ranges(rows_there))}.",
            file,
            min(rows_there),
            value=word,
            measure=len(rows_there),
            rows=rows_there,
        )
        for word, rows_there in sorted(by_word.items())
    ]


Ints = npt.NDArray[np.int64]

DESA = "00.00.00.0000"
_NEAR_DIGITS = 2
"""So many digits of a code may be wrong for it to be near another."""


@dataclass(frozen=True)
class Places:
    """The desa of the coverage, looked up by code; ``frame`` is sorted by ``kode``.

    Parameters
    ----------
    history
        How codes changed: former codes have the positions after those of the frame.
    """

    frame: pd.DataFrame
    history: History = field(default_factory=History)

    @classmethod
    def of(cls, desa: pd.DataFrame | Places, history: History | None = None) -> Places:
        """The index of a frame with columns ``kode, nama, jenis, kode_kecamatan, …``."""
        if isinstance(desa, Places):
            return desa
        frame = pd.DataFrame(desa).sort_values("kode", ignore_index=True)
        return cls(frame, history or History())

    def __len__(self) -> int:
        return len(self.frame)

    @cached_property
    def kode(self) -> npt.NDArray[np.object_]:
        """Dotted codes in order; after them the former codes from which these came."""
        current = self.frame["kode"].tolist()
        former = [kode for kode in self.history.former(current) if len(kode) == len(DESA)]
        return np.array([*current, *former], dtype=object)

    @cached_property
    def kabupaten(self) -> frozenset[str]:
        """Digits of the kabupaten covered."""
        return frozenset(str(kode).replace(".", "")[:4] for kode in self.frame["kode"])

    @cached_property
    def by_code(self) -> dict[object, int]:
        """Position by dotted code, bare code and whole number."""
        lookup: dict[object, int] = {}
        for position, kode in enumerate(self.kode):
            bare = str(kode).replace(".", "")
            lookup[kode] = lookup[bare] = lookup[int(bare)] = position
        return lookup

    def areas(self, level: Literal["desa", "kecamatan", "kabupaten"]) -> frozenset[str]:
        """Dotted codes of the wilayah of today of a level."""
        return self._areas.get(level, frozenset())

    @cached_property
    def _areas(self) -> dict[str, frozenset[str]]:
        columns = {"desa": "kode", "kecamatan": "kode_kecamatan", "kabupaten": "kode_kabupaten"}
        return {
            level: frozenset(map(str, self.frame[column].dropna()))
            for level, column in columns.items()
            if column in self.frame
        }

    @cached_property
    def shouted(self) -> list[str]:
        """Names of the desa in capitals, by position; empty where a desa has none."""
        return [name.upper() if isinstance(name, str) else "" for name in self.frame["nama"]]

    @cached_property
    def names(self) -> list[str]:
        """Names of the desa as listed, by position; empty where a desa has none."""
        return [name if isinstance(name, str) else "" for name in self.frame["nama"]]

    @cached_property
    def keys(self) -> list[str]:
        """Keys of the names, by position, see `normalise_name`."""
        return [wilayah_names.normalise_name(name) for name in self.names]

    @cached_property
    def kecamatan_of(self) -> list[tuple[str, str]]:
        """Code of the kecamatan of each desa and its name in capitals, by position."""
        pairs = zip(self.frame["kode_kecamatan"], self.frame["nama_kecamatan"], strict=True)
        return [(str(kode), name.upper() if isinstance(name, str) else "") for kode, name in pairs]

    @cached_property
    def kecamatan_by_name(self) -> dict[str, set[str]]:
        """Codes of kecamatan by key of the name, see `normalise_name`."""
        codes: dict[str, set[str]] = {}
        for kode, name in set(self.kecamatan_of):
            codes.setdefault(wilayah_names.normalise_name(name), set()).add(kode)
        return codes

    @cached_property
    def names_in(self) -> dict[str, dict[str, list[str]]]:
        """Codes of the desa by kecamatan and key of the name."""
        names: dict[str, dict[str, list[str]]] = {}
        for place, (kecamatan, _) in enumerate(self.kecamatan_of):
            if self.shouted[place]:
                named = names.setdefault(kecamatan, {})
                named.setdefault(wilayah_names.normalise_name(self.shouted[place]), []).append(
                    str(self.kode[place])
                )
        return names

    def kecamatan_with(self, name: str) -> list[str]:
        """Codes of the kecamatan that have a desa of that name."""
        key = wilayah_names.normalise_name(name)
        return [kecamatan for kecamatan, named in self.names_in.items() if key in named]

    @cached_property
    def name_index(self) -> NameIndex:
        """The desa by kecamatan and name."""
        return NameIndex(self.frame)

    @cached_property
    def reference(self) -> CodeReference:
        """The codes and names that exist, complete for the kabupaten covered."""
        names: dict[str, str] = {}
        for kode, name, upper in (
            ("kode_kabupaten", "nama_kabupaten", 4),
            ("kode_kecamatan", "nama_kecamatan", 6),
            ("kode", "nama", 10),
        ):
            if kode in self.frame and name in self.frame:
                pairs = zip(self.frame[kode], self.frame[name], strict=True)
                names |= {str(code): str(called) for code, called in pairs if upper}
        names = dict.fromkeys(map(str, self.kode[len(self) :]), "") | names
        return CodeReference.of(CodeSystem.KEMENDAGRI, names, self.kabupaten)

    def nearest_by_name(self, digits: str, name: object) -> str | None:
        """The desa of that name in the kecamatan of a code, else in its kabupaten; with its name.

        Without digits, anywhere.  None where there is no such desa or more than one.
        """
        key = wilayah_names.normalise_name(str(name)) if name else ""
        namesakes = self._by_key.get(key, []) if key else []
        for end in (6, 4) if digits else (0,):
            fitting = [place for place in namesakes if self._bare[place][:end] == digits[:end]]
            if fitting:
                (place, *others) = fitting
                return None if others else f"{self.kode[place]} {self.names[place]}"
        return None

    def nearest(self, digits: str) -> str | None:
        """A known code that differs in a digit or two, for the message of an unknown one."""
        places = self._by_kecamatan.get(digits[:6])
        if places is None:
            if not self._bare or len(digits) != len(self._digits):
                return None
            written = np.frombuffer(digits.encode("ascii", "replace"), np.uint8)
            differing = (self._digits != written[:, None]).sum(axis=0, dtype=np.uint8)
            places = np.flatnonzero(differing <= _NEAR_DIGITS).tolist()
        pool = [str(self.kode[place]) for place in places]
        match = process.extractOne(KodeKemendagri(digits).dotted, pool, score_cutoff=84)
        return None if match is None else str(match[0])

    @cached_property
    def _bare(self) -> list[str]:
        """Digits of the desa, by position."""
        return [str(kode).replace(".", "") for kode in self.kode[: len(self)]]

    @cached_property
    def _by_key(self) -> dict[str, list[int]]:
        """Positions by key of the name."""
        places: dict[str, list[int]] = {}
        for place, key in enumerate(self.keys):
            places.setdefault(key, []).append(place)
        return places

    @cached_property
    def _by_kecamatan(self) -> dict[str, list[int]]:
        """Positions by the digits of the kecamatan."""
        places: dict[str, list[int]] = {}
        for place, bare in enumerate(self._bare):
            places.setdefault(bare[:6], []).append(place)
        return places

    @cached_property
    def _digits(self) -> npt.NDArray[np.uint8]:
        """A column of digits for each desa, as bytes."""
        joined = "".join(self._bare).encode("ascii")
        rows = np.frombuffer(joined, np.uint8).reshape(len(self._bare), -1)
        return np.ascontiguousarray(rows.T)


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a row has no desa: the finding it becomes."""

    code: str
    message: str
    value: str
    severity: Severity = Severity.WARNING


@dataclass(frozen=True, slots=True)
class Placement:
    """Position in `Places` of each row (-1: none), the reason of each row without one.

    ``listed`` holds the names that codes of the other system bear in it, where they are known;
    ``cell_names`` those that stand beside the code in its cell, to be held against it.
    """

    position: Ints
    reasons: Mapping[int, Reason] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()
    listed: Sequence[str | None] | None = None
    cell_names: Sequence[str | None] | None = None
