"""What a value measured under an old code says about the wilayah of today.

A history lists how codes changed: split, merge, recode, rename.  A value keeps the wilayah it was
measured for: after a split the parts show it as *before split*, without a value of their own; after
a merge it is summed only if the indicator can be summed and every part was measured.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal, Self

import geopandas as gpd
import pandas as pd

from boundaries.findings import report

ChangeKind = Literal["split", "merge", "recode", "rename"]
Status = Literal["ok", "no_data", "before_split"]

UNDATED = 9999
"""Year of a change without one: after every value."""


@dataclass(frozen=True, order=True, slots=True)
class Change:
    """One line of a history.

    Parameters
    ----------
    old, new
        Dotted Kemendagri codes.  A wilayah that keeps its code in a split has a line with
        ``old == new``, or none.
    year
        The first year in which the new code holds; None where the history does not say.
    """

    old: str
    new: str
    kind: ChangeKind
    year: int | None = None

    @property
    def when(self) -> int:
        """The year, or one later than all where it is not known."""
        return UNDATED if self.year is None else self.year


@dataclass(frozen=True, slots=True)
class Carried:
    """A value of today's wilayah, and where it comes from.

    Parameters
    ----------
    value
        Null unless ``status`` is ``ok``.
    sources
        Codes it was measured under.
    undivided
        With ``before_split``: the value of the undivided wilayah, to be shown as such only.
    reason
        ``recoded``, ``summed``, ``before_split``, ``part_missing``, ``not_summable``,
        ``contradicted`` (the history would give one value to two wilayah), or ``""`` for a value
        measured under today's code.
    """

    kode: str
    value: float | None
    status: Status
    sources: tuple[str, ...]
    undivided: float | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class History:
    """The changes of codes, by the code they led to."""

    changes: tuple[Change, ...] = ()
    _by_code: Mapping[str, tuple[Change, ...]] = field(default_factory=dict, repr=False)

    @classmethod
    def of(cls, changes: Iterable[Change]) -> Self:
        """The history of these changes, in one order whatever order they came in."""
        ordered = tuple(sorted(set(changes), key=lambda c: (c.new, c.old, c.kind, c.when)))
        by_code: dict[str, tuple[Change, ...]] = {}
        for change in ordered:
            for code in dict.fromkeys((change.old, change.new)):
                by_code[code] = (*by_code.get(code, ()), change)
        return cls(ordered, by_code)

    def into(self, kode: str, tahun: int, before: int = UNDATED + 1) -> tuple[Change, ...]:
        """The latest changes that made this code what it is, after one year and before another.

        A change without a year counts as later than any value.
        """
        later = [c for c in self.changes_of(kode) if c.new == kode and tahun < c.when < before]
        # A wilayah that kept its code when others were split off it changed all the same.
        later += [
            Change(kode, kode, "split", c.year)
            for c in self.changes_of(kode)
            if c.kind == "split" and c.old == kode != c.new and tahun < c.when < before
        ]
        newest = max((change.when for change in later), default=0)
        return tuple(sorted({c for c in later if c.when == newest}, key=_by_old))

    def changes_of(self, kode: str) -> tuple[Change, ...]:
        """The changes that name a code, as old or new."""
        return self._by_code.get(kode, ())

    def in_use(self, tahun: int) -> frozenset[str]:
        """Codes that a change after that year ended or altered, so that they were in use in it."""
        return frozenset(change.old for change in self.changes if change.when > tahun)

    def successors(self, kode: str) -> tuple[str, ...]:
        """Codes that came of this one, sorted."""
        return tuple(sorted({c.new for c in self.changes_of(kode) if c.old == kode}))

    def touched(self) -> frozenset[str]:
        """Codes that any change names."""
        return frozenset(self._by_code)

    def former(self, current: Collection[str]) -> tuple[str, ...]:
        """Codes from which those of today came and which are none of them, sorted."""
        former_codes: set[str] = set()
        left = [kode for kode in current if kode in self._by_code]
        while left:
            kode = left.pop()
            olds = {c.old for c in self.changes_of(kode) if c.new == kode} - former_codes
            former_codes |= olds
            left += olds
        return tuple(sorted(former_codes - set(current)))

    def ended(self, kode: str) -> int | None:
        """The first year in which a code of the past no longer holds; None if it never ended."""
        return max((c.when for c in self.changes_of(kode) if c.old == kode != c.new), default=None)

    def heir(self, kode: str, tahun: int) -> str | None:
        """The code that a recoded wilayah had in a year, for tables that still use the old one.

        None where the wilayah itself changed: after a split or merge the old code means nothing.
        """
        seen = {kode}
        while (year := self.ended(kode)) is not None and year <= tahun:
            last = [c for c in self.changes_of(kode) if c.old == kode != c.new and c.when == year]
            kode = last[0].new
            olds = {c.old for c in self.changes_of(kode) if c.new == kode and c.when == year}
            is_same = len(last) == len(olds) == 1 and last[0].kind in ("recode", "rename")
            if not is_same or kode in seen:
                return None
            seen.add(kode)
        return kode

    def today(self, kode: str) -> str | None:
        """The wilayah of today in which the whole of a former one lies, for what is at a place.

        Recodes and merges are followed, also those of the wilayah above (whose parts keep the ends
        of their codes); None after a split, or where the history says nothing of the code.

        >>> History.of([Change("91.01", "93.01", "recode", 2022)]).today("91.01.02.2001")
        '93.01.02.2001'
        """
        seen = {kode}
        while (new := self._next(kode)) is not None and new not in seen:
            kode = new
            seen.add(kode)
        return kode if len(seen) > 1 and self.ended(kode) is None else None

    def _next(self, kode: str) -> str | None:
        """What the latest change made of a code; of a wilayah above only recodes tell."""
        year = self.ended(kode)
        if year is not None:
            last = [c for c in self.changes_of(kode) if c.old == kode != c.new and c.when == year]
            is_whole = len({change.new for change in last}) == 1
            return last[0].new if is_whole and last[0].kind != "split" else None
        upper = kode.rpartition(".")[0]
        while upper:
            last = [c for c in self.changes_of(upper) if c.old == upper != c.new]
            if last:
                change = max(last, key=lambda candidate: candidate.when)
                is_recode = change.kind == "recode" and len(change.new) == len(upper)
                return change.new + kode[len(upper) :] if is_recode else None
            upper = upper.rpartition(".")[0]
        return None


def _by_old(change: Change) -> tuple[str, str]:
    return change.old, change.kind


def carry_forward(
    values: Mapping[str, float | None],
    tahun: int,
    history: History,
    current: Collection[str],
    *,
    is_summable: bool,
) -> dict[str, Carried]:
    """The values of one indicator and year for the wilayah of today.

    Parameters
    ----------
    values
        Measured values by the code they were measured under; None is measured as missing.
    tahun
        Year of measurement.
    current
        Codes of today.
    is_summable
        Whether the indicator is a count, so that a merged wilayah has the sum of its parts.
        Rates, scores and percentages are not.

    Returns
    -------
    dict
        One entry for each code of today about which the values say anything, in code order.  Codes
        that no wilayah of today comes from are in no entry's ``sources``; the join lists them.

    Notes
    -----
    An office may restate old years under the new codes.  A code that came into being by the change
    and has a value of its own was measured as it is, and then so were its siblings.

    Example
    -------
    >>> split = History.of([Change("53.06.01.2001", "53.06.01.2009", "split", 2020)])
    >>> carried = carry_forward({"53.06.01.2001": 7.0}, 2019, split,
    ...     ["53.06.01.2001", "53.06.01.2009"], is_summable=True)
    >>> [(one.status, one.value, one.undivided) for one in carried.values()]
    [('before_split', None, 7.0), ('before_split', None, 7.0)]
    """
    touched = history.touched()
    measured = _Measured(values, tahun, history, history.in_use(tahun), is_summable)
    carried = {}
    for kode in sorted(current):
        value = _carry_one(kode, measured) if kode in touched else measured.of(kode)
        if value is not None:
            carried[kode] = value
    return _without_copies(carried)


def _without_copies(carried: dict[str, Carried]) -> dict[str, Carried]:
    """The values, with none on two wilayah: where a history would copy one, it is nobody's.

    A wilayah that has it under its own code, unchanged, keeps it.
    """
    uses = Counter(
        kode for value in carried.values() if value.status == "ok" for kode in value.sources
    )
    return {
        kode: Carried(kode, None, "no_data", value.sources, reason="contradicted")
        if value.reason
        and value.status == "ok"
        and any(uses[source] > 1 for source in value.sources)
        else value
        for kode, value in carried.items()
    }


@dataclass(frozen=True, slots=True)
class _Measured:
    """The values of one year, with what is known of the codes of that year."""

    values: Mapping[str, float | None]
    tahun: int
    history: History
    in_use: frozenset[str]
    is_summable: bool

    def of(self, kode: str) -> Carried | None:
        if kode not in self.values:
            return None
        value = self.values[kode]
        return Carried(kode, value, "no_data" if value is None else "ok", (kode,))


def _carry_one(kode: str, measured: _Measured, before: int = UNDATED + 1) -> Carried | None:
    changes = measured.history.into(kode, measured.tahun, before)
    if not changes or _is_restated(kode, changes, measured):
        return measured.of(kode)
    # Further back only what happened earlier counts: codes are used again, even swapped.
    year = changes[0].when
    olds = tuple(sorted({change.old for change in changes}))
    if any(change.kind == "merge" for change in changes):
        return _merge(kode, olds, measured, year)
    parts = [_carry_one(old, measured, year) for old in olds]
    known_parts = [part for part in parts if part is not None]
    if len(known_parts) != 1:
        return Carried(kode, None, "no_data", olds, reason="part_missing") if known_parts else None
    return _renamed(kode, known_parts[0], is_split=any(c.kind == "split" for c in changes))


def _is_restated(kode: str, changes: tuple[Change, ...], measured: _Measured) -> bool:
    """Whether the values are already given under codes that only these changes brought."""
    olds = {change.old for change in changes if change.kind == "split"}
    new = {kode}.union(*(measured.history.successors(old) for old in olds))
    if any(change.kind == "merge" for change in changes):
        parts = {change.old for change in changes}
        new = {kode} if len(parts) > 1 and not parts & measured.values.keys() else set()
    return any(code in measured.values for code in new - measured.in_use)


def _renamed(kode: str, before: Carried, *, is_split: bool) -> Carried:
    if is_split or before.status == "before_split":
        undivided = before.undivided if before.status == "before_split" else before.value
        return Carried(kode, None, "before_split", before.sources, undivided, "before_split")
    reason = before.reason or ("recoded" if before.kode != kode else "")
    return Carried(kode, before.value, before.status, before.sources, None, reason)


def _merge(kode: str, olds: tuple[str, ...], measured: _Measured, year: int) -> Carried | None:
    """The sum of all parts; the wilayah that took the others in is a part where it has a value."""
    parts = [_carry_one(old, measured, year) for old in olds]
    if kode not in olds and (kode in measured.values or len(olds) == 1):
        parts.append(_carry_one(kode, measured, year))
    parts_with_data = [part for part in parts if part is not None]
    if not parts_with_data:
        return None
    sources = tuple(sorted({code for part in parts_with_data for code in part.sources}))
    if len(parts_with_data) < len(parts) or any(part.value is None for part in parts_with_data):
        return Carried(kode, None, "no_data", sources, reason="part_missing")
    if not measured.is_summable:
        return Carried(kode, None, "no_data", sources, reason="not_summable")
    total = sum(sorted(part.value for part in parts_with_data if part.value is not None))
    return Carried(kode, total, "ok", sources, reason="summed")


POLYGON_BEFORE_CHANGE = report.declared_kind("versions.polygon_before_change")


def date_boundaries(
    frame: gpd.GeoDataFrame, history: History, year: int
) -> tuple[gpd.GeoDataFrame, list[report.Finding]]:
    """The boundaries with ``valid_from`` and ``valid_to`` (the last year) where they are known.

    Renames change no boundary.  Changes without year say nothing here.

    Parameters
    ----------
    frame
        Columns ``kode, valid_from, valid_to, source_file, source_row, geometry``; ``valid_from`` is
        the year of the source, or null.
    year
        The year the boundaries are wanted for.

    Findings
    --------
    versions.polygon_before_change
        A polygon of a year before its wilayah was split, merged or recoded (warning): it is still
        drawn as it was; ``valid_to`` says so.  A recode alone changes no line and is not reported.
    """
    starts, ends = frame["valid_from"].tolist(), frame["valid_to"].tolist()
    findings = []
    touched = history.touched()
    rows = zip(
        frame["kode"], frame["source_file"], frame["source_row"], frame.geometry, strict=True
    )
    for index, (kode, file, row, shape) in enumerate(rows):
        if kode not in touched:
            continue
        changes = _of_boundary(history, kode)
        drawn = None if pd.isna(starts[index]) else int(starts[index])
        until = year if drawn is None or shape is None else min(drawn, year)
        since = [change.when for change in changes if change.when <= until]
        later = [change for change in changes if change.when > until]
        if since:
            starts[index] = max(since)
        if later:
            ends[index] = min(change.when for change in later) - 1
        redrawn = [c.when for c in later if c.when <= year and c.kind != "recode"]
        if redrawn and shape is not None:
            message = f"Drawn as of {drawn}, but changed in {min(redrawn)}: the polygon is older."
            findings.append(
                POLYGON_BEFORE_CHANGE.finding(
                    message,
                    file=file,
                    row=None if pd.isna(row) else int(row),
                    kode=kode,
                )
            )
    dated = frame.assign(
        valid_from=pd.array(starts, dtype="Int64"), valid_to=pd.array(ends, dtype="Int64")
    )
    return dated, findings


def _of_boundary(history: History, kode: str) -> list[Change]:
    """Dated changes that gave this code its boundary, or took it away."""
    return [
        change
        for change in history.changes_of(kode)
        if change.kind != "rename" and change.when != UNDATED
    ]
