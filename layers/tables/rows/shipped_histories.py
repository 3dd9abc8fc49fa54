"""Changes of codes that come with the program: many tables still bear codes of before them.

A history is used only where a workspace declares it (``[history] use = ["papua-2022"]``).  Where a
table has codes of before such a change and the wilayah of today are in the boundaries, it is
proposed, never applied.
"""

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from boundaries.codes.wilayah_names import names_agree
from boundaries.findings.report import Finding
from boundaries.history.versions import Change
from layers.errors import WorkspaceError
from layers.finding_words.finding_kinds import declared_kind
from layers.tables.rows.row_places import Places, Reason

HISTORY_PROPOSED = declared_kind("versions.history_proposed")
SHIPPED = declared_kind("versions.shipped")

FEWEST_SHARE = 0.8
"""Least share of the rows (codes that lead to a desa; names that agree) that proposes a history."""
UPPER_LENGTHS = (len("00.00.00"), len("00.00"))


@dataclass(frozen=True, slots=True)
class ShippedHistory:
    """One history: new code of a kabupaten or kecamatan by its old one, and where it is written."""

    id: str
    title: str
    year: int
    source: str
    recodes: Mapping[str, str]

    @property
    def changes(self) -> list[Change]:
        """Its lines, as a history file would have them."""
        return [Change(old, new, "recode", self.year) for old, new in self.recodes.items()]

    def today(self, kode: str) -> str | None:
        """The dotted code of today of one of before; None where the history does not say."""
        lengths = [end for end in UPPER_LENGTHS if kode[:end] in self.recodes]
        return self.recodes[kode[: lengths[0]]] + kode[lengths[0] :] if lengths else None

    def before(self, kode: str) -> str | None:
        """The dotted code of before of one of today; None where the history does not say."""
        olds = {new: old for old, new in self.recodes.items()}
        lengths = [end for end in UPPER_LENGTHS if kode[:end] in olds]
        return olds[kode[: lengths[0]]] + kode[lengths[0] :] if lengths else None

    def kabupaten_today(self, kode: str) -> str | None:
        """The kabupaten of today of one of before, also where only its kecamatan are listed."""
        end = len("00.00")
        return next((new[:end] for old, new in self.recodes.items() if old[:end] == kode), None)


@cache
def shipped_histories() -> Mapping[str, ShippedHistory]:
    """All shipped histories by id."""
    histories = {}
    for entry in sorted((files("layers") / "histories").iterdir(), key=lambda path: path.name):
        if entry.name.endswith(".toml"):
            name = entry.name.removesuffix(".toml")
            histories[name] = ShippedHistory(id=name, **tomllib.loads(entry.read_text("utf-8")))
    return histories


def choose_histories(names: Sequence[str]) -> tuple[list[Change], list[Finding]]:
    """The changes of the declared histories.

    Findings
    --------
    versions.shipped
        A shipped history is used, with its source (note).

    Raises
    ------
    WorkspaceError
        There is no history of that name.
    """
    shipped, changes, findings = shipped_histories(), [], []
    for name in names:
        if name not in shipped:
            raise WorkspaceError(
                f"[history]: there is no history '{name}'. Use one of: {', '.join(shipped)}."
            )
        history = shipped[name]
        changes += history.changes
        message = (
            f"{name}: {len(history.recodes)} codes of kabupaten and kecamatan of before "
            f"{history.year} are read as those of today. Source: {history.source}."
        )
        findings.append(SHIPPED.finding(message, value=name))
    return changes, findings


def propose_histories(
    reasons: Mapping[int, Reason],
    names: Sequence[object] | None,
    places: Places,
    file: str,
    rows: Sequence[int],
) -> list[Finding]:
    """The shipped histories that would give rows outside the scope their desa of today.

    Parameters
    ----------
    reasons
        Why rows are not used, by position; those outside the scope have their code as value.
    names
        The desa that each row names, where the table has such a column.

    Findings
    --------
    versions.history_proposed
        Ends of the codes, and names where there are any, agree with desa of the boundaries
        (warning); the message says what to declare: where the boundaries have the codes of before
        and the rows those of today, the scope of today too.
    """
    outside = {
        number: why.value for number, why in reasons.items() if why.code == "table.outside_scope"
    }
    findings = []
    directions = [
        (history, lead)
        for history in shipped_histories().values()
        for lead in (history.today, history.before)
    ]
    for history, lead in directions:
        led = {number: new for number, kode in outside.items() if (new := lead(kode)) is not None}
        ours = {
            number: new
            for number, new in led.items()
            if new.replace(".", "")[:4] in places.kabupaten
        }
        exists = {number: new for number, new in ours.items() if _is_of_today(new, places)}
        if not ours or len(exists) < FEWEST_SHARE * len(ours):
            continue
        compared, agreeing = _compare_names(exists, names, places)
        if agreeing < FEWEST_SHARE * compared:
            continue
        names_of = (compared, agreeing)
        propose = _propose if lead == history.today else _propose_scope
        findings.append(propose(history, outside, exists, names_of, file, rows))
    return findings


def propose_for_polygons(
    kabupaten: Mapping[str, str | None], scope: Sequence[str]
) -> list[Finding]:
    """The shipped histories that lead polygons of kabupaten outside the scope into it.

    Parameters
    ----------
    kabupaten
        The file by the dotted code of each kabupaten outside.

    Findings
    --------
    versions.history_proposed
        Polygons bear codes of before a change (warning); the message says what to declare.
    """
    return [
        HISTORY_PROPOSED.finding(f"Polygons of {message}", kabupaten[kode], value=history.id)
        for history, kode, message in _find_former(kabupaten, scope)
    ]


def explain_former(codes: Iterable[str], scope: Sequence[str]) -> str:
    """What to declare where a list of codes (dotted) is of before a change, or the scope is.

    Empty where no shipped history says anything of them.
    """
    kabupaten = sorted({kode[: UPPER_LENGTHS[-1]] for kode in codes})
    reasons = [f"Rows of {message}" for _, _, message in _find_former(kabupaten, scope)]
    for history in shipped_histories().values():
        for place in scope:
            today = history.kabupaten_today(place)
            if today in kabupaten:
                reasons.append(
                    f"The scope {place} is a code of before {history.year}: it is {today} today. "
                    f'Write scope = ["{today}"] in wilayah.toml. Source: {history.source}.'
                )
    return " ".join(reasons)


def _find_former(
    kabupaten: Iterable[str], scope: Sequence[str]
) -> list[tuple[ShippedHistory, str, str]]:
    """The kabupaten of before a shipped history that it leads into the scope, and what to do."""
    former = []
    for history in shipped_histories().values():
        for kode in sorted(kabupaten):
            today = history.kabupaten_today(kode)
            if today is None or not any(today == place or today[:2] == place for place in scope):
                continue
            message = (
                f"{kode} bear codes of before {history.year}: it is {today} today. "
                f'Declare [history] use = ["{history.id}"] in wilayah.toml to read them so. '
                f"Source: {history.source}."
            )
            former.append((history, kode, message))
    return former


def _is_of_today(kode: str, places: Places) -> bool:
    return any(kode in places.areas(level) for level in ("desa", "kecamatan", "kabupaten"))


def _compare_names(
    exists: Mapping[int, str], names: Sequence[object] | None, places: Places
) -> tuple[int, int]:
    """How many rows have a name to compare, and how many of these agree."""
    if names is None:
        return 0, 0
    pairs = [
        (str(names[number]), places.names[places.by_code[kode]])
        for number, kode in exists.items()
        if kode in places.areas("desa") and names[number] and places.names[places.by_code[kode]]
    ]
    return len(pairs), sum(names_agree(name, listed) for name, listed in pairs)


def _propose(
    history: ShippedHistory,
    outside: Mapping[int, str],
    exists: Mapping[int, str],
    agreement: tuple[int, int],
    file: str,
    rows: Sequence[int],
) -> Finding:
    first = min(exists)
    message = (
        f"{len(exists)} rows bear codes of before {history.year}: {outside[first]} is "
        f"{exists[first]} today (the ends of the codes agree{_say_names(agreement)}). Declare "
        f'[history] use = ["{history.id}"] in wilayah.toml to use them. Source: {history.source}.'
    )
    return _proposal(history, exists, message, file, rows)


def _proposal(
    history: ShippedHistory,
    exists: Mapping[int, str],
    message: str,
    file: str,
    rows: Sequence[int],
) -> Finding:
    return HISTORY_PROPOSED.finding(
        message, file, rows[min(exists)], value=history.id, measure=len(exists)
    )


def _propose_scope(
    history: ShippedHistory,
    outside: Mapping[int, str],
    exists: Mapping[int, str],
    agreement: tuple[int, int],
    file: str,
    rows: Sequence[int],
) -> Finding:
    """The boundaries have the codes of before: these are read as of today where the scope is."""
    first = min(exists)
    scope = sorted({outside[number][: len("00.00")] for number in exists})
    message = (
        f"{len(exists)} rows bear codes of {history.year} and later, the boundaries those of "
        f"before: {outside[first]} is {exists[first]} there (the ends of the codes "
        f'agree{_say_names(agreement)}). Declare [history] use = ["{history.id}"] and the scope '
        f"of today, {', '.join(scope)}, in wilayah.toml. Source: {history.source}."
    )
    return _proposal(history, exists, message, file, rows)


def _say_names(agreement: tuple[int, int]) -> str:
    compared, agreeing = agreement
    return f"; {agreeing} of {compared} names agree" if compared else ""
