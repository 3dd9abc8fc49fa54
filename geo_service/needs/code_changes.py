"""Where a code of before lies today, by the changes of codes that a release carries.

Recodes and merges have one code of today.  A split has several, unless the mother kept her code.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, NamedTuple, Self, TypeAlias

import pyarrow.parquet as pq

CODE_HISTORY = "tables/code_history.parquet"
ChangeKind: TypeAlias = Literal["recode", "merge", "split"]
UNDATED = 9999


class CodeChange(NamedTuple):
    """A code that ended, the code that followed, how, and in which year (None: not known)."""

    old: str
    new: str
    kind: Literal["split", "merge", "recode", "rename"]
    year: int | None = None

    @property
    def when(self) -> int:
        """The year, or one later than all where it is not known."""
        return UNDATED if self.year is None else self.year


class CodeCourse(NamedTuple):
    """What became of a code: its code of today, or those of its parts, sorted."""

    codes: tuple[str, ...]
    kind: ChangeKind
    year: int | None


@dataclass(frozen=True, slots=True)
class CodeChanges:
    """All changes of a release, by the code that ended and by the one that followed."""

    by_old: Mapping[str, tuple[CodeChange, ...]] = field(default_factory=dict)
    by_new: Mapping[str, tuple[CodeChange, ...]] = field(default_factory=dict)

    @classmethod
    def of(cls, changes: Iterable[CodeChange]) -> Self:
        """The changes, whatever order they came in."""
        by_old: dict[str, tuple[CodeChange, ...]] = {}
        by_new: dict[str, tuple[CodeChange, ...]] = {}
        ordered = sorted({*changes}, key=lambda one: (one.old, one.when, one.new, one.kind))
        for change in ordered:
            by_old[change.old] = (*by_old.get(change.old, ()), change)
            by_new[change.new] = (*by_new.get(change.new, ()), change)
        return cls(by_old, by_new)

    def course_of(self, kode: str, current: Collection[str]) -> CodeCourse | None:
        """What became of a code; None where it is of today, or nothing is said of it.

        >>> changes = CodeChanges.of([CodeChange("91.01", "93.01", "recode", 2022)])
        >>> changes.course_of("91.01.02.2001", ["93.01.02.2001"])
        CodeCourse(codes=('93.01.02.2001',), kind='recode', year=2022)
        """
        if kode in current:
            return None
        here, year, kind, last = kode, 0, "recode", None
        seen = {kode}
        while step := self._next(here, year):
            news = tuple(sorted({change.new for change in step}))
            year, last = step[0].when, step[0].year
            if len(news) > 1:
                return CodeCourse(self._ends(news, year, current), "split", last)
            if news[0] in seen:
                return None
            here = news[0]
            seen.add(here)
            kind = "merge" if "merge" in (kind, step[0].kind) else "recode"
            if here in current:
                break
        if here == kode:
            return None
        return CodeCourse((here,), "merge" if kind == "merge" else "recode", last)

    def former(self, kode: str) -> tuple[str, ...]:
        """The codes that ended and of which this one came, sorted."""
        olds: set[str] = set()
        left = [kode]
        while left:
            changes = self.by_new.get(left.pop(), ())
            ended = {change.old for change in changes if self.has_ended(change.old)}
            left += ended - olds
            olds |= ended
        return tuple(sorted(olds - {kode}))

    def has_ended(self, kode: str) -> bool:
        """Whether a change took the code away from its desa."""
        return bool(self._next(kode, 0))

    def _ends(self, parts: tuple[str, ...], year: int, current: Collection[str]) -> tuple[str, ...]:
        """The codes of today of the parts of a split."""
        ends: set[str] = set()
        for part in parts:
            course = None if part in current else self._later(year).course_of(part, current)
            ends.update((part,) if course is None else course.codes)
        return tuple(sorted(ends))

    def _later(self, year: int) -> "CodeChanges":
        kept = {
            old: tuple(change for change in changes if change.when > year)
            for old, changes in self.by_old.items()
        }
        return CodeChanges({old: changes for old, changes in kept.items() if changes})

    def _next(self, kode: str, year: int) -> tuple[CodeChange, ...]:
        """The latest change of a code not before a year; of a wilayah above only a recode tells."""
        own = [change for change in self.by_old.get(kode, ()) if change.when >= year]
        if own:
            ended = max(change.when for change in own)
            last = tuple(change for change in own if change.when == ended)
            news = {change.new for change in last}
            # The mother of a split keeps her code where a line says so, or none says otherwise.
            is_kept = kode in news or (len(news) == 1 and last[0].kind == "split")
            return () if is_kept else last
        upper = kode.rpartition(".")[0]
        while upper:
            for change in reversed(self.by_old.get(upper, ())):
                if change.kind == "recode" and change.when >= year and change.new != upper:
                    return (change._replace(old=kode, new=change.new + kode[len(upper) :]),)
            upper = upper.rpartition(".")[0]
        return ()


def read_code_changes(release: Path) -> CodeChanges:
    """The changes that a release carries; none where it was made without a history of codes."""
    path = release / CODE_HISTORY
    if not path.is_file():
        return CodeChanges()
    columns = pq.read_table(path).to_pydict()
    return CodeChanges.of(
        CodeChange(*line)
        for line in zip(
            *(columns[name] for name in ("kode_lama", "kode_baru", "perubahan", "tahun")),
            strict=True,
        )
    )
