"""Crossing over from BPS to Kemendagri codes, only ever through a dated bridge table.

A bridge holds pairs of codes of one place, at one level or several.  Crossing a code needs a pair
of its own level: a bridge of kecamatan says in which kecamatan a BPS desa lies, not which desa it
is (the desa numbers of the two systems are unrelated).
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from boundaries.codes import (
    CodeColumn,
    CodeProblem,
    CodeSystem,
    KodeBps,
    KodeKemendagri,
    column_findings,
    lists,
    read_named_column,
)
from boundaries.findings import report

CONFLICT = report.declared_kind("crosswalk.conflict")
LEVEL_DIFFERS = report.declared_kind("crosswalk.level_differs")
UNDATED = report.declared_kind("crosswalk.undated")


@dataclass(frozen=True, slots=True)
class CodeBridge:
    """Pairs of codes of the two systems that mean one place.

    Parameters
    ----------
    targets
        Kemendagri digits by BPS digits, only where the pair is one to one.
    bps_names, kemendagri_names
        Names by digits where the table has them.
    conflicting
        BPS digits that the table leads to several codes; these never cross.
    date
        Date of the table, as declared.
    """

    targets: Mapping[str, str]
    bps_names: Mapping[str, str] = field(default_factory=dict)
    kemendagri_names: Mapping[str, str] = field(default_factory=dict)
    conflicting: frozenset[str] = frozenset()
    date: str | None = None

    @property
    def lengths(self) -> frozenset[int]:
        """Lengths of the BPS codes the bridge has: 10 means that desa can cross."""
        return frozenset(map(len, self.targets))

    def cross(self, column: CodeColumn) -> CodeColumn:
        """The Kemendagri codes of a column of BPS codes.

        Returns
        -------
        CodeColumn
            One entry per row.  A row that was None stays so with its problem; reason ``no_bridge``
            where the bridge has no pair, ``several_pairs`` where it has several.
        """
        if column.system is not CodeSystem.BPS:
            raise ValueError("only BPS codes cross over")
        codes: list[KodeKemendagri | KodeBps | None] = []
        problems = list(column.problems)
        neighbours = Counter((len(digits), digits[:4]) for digits in self.targets)
        for index, code in enumerate(column.codes):
            target = None if code is None else self.targets.get(code.digits)
            codes.append(None if target is None else KodeKemendagri.trusted(target))
            if code is not None and target is None:
                problems.append(self._uncrossed(index, code.digits, neighbours))
        return CodeColumn(CodeSystem.KEMENDAGRI, codes, sorted(problems, key=lambda p: p.index))

    def _uncrossed(
        self, index: int, digits: str, neighbours: Mapping[tuple[int, str], int]
    ) -> CodeProblem:
        """Why a code does not cross, and how many others of its kabupaten the bridge has."""
        if digits in self.conflicting:
            reason, message = "several_pairs", f"BPS {digits}: the bridge leads to several places."
        else:
            count = neighbours.get((len(digits), digits[:4]), 0)
            beside = f"{count} other codes" if count else "no code"
            message = f"BPS {digits} is not in the bridge, which has {beside} of BPS {digits[:4]}."
            reason = "no_bridge"
        return CodeProblem(index, digits, reason, message, report.Severity.WARNING)


def read_bridge(
    path: Path,
    label: str,
    *,
    bps_column: str,
    kemendagri_column: str,
    bps_name_column: str | None = None,
    kemendagri_name_column: str | None = None,
    date: str | None = None,
    input_name: str = "crosswalks",
    encoding: str | None = None,
) -> tuple[CodeBridge, list[report.Finding], report.LoadCount]:
    """A bridge table, such as the export of BPS' "bridging kode".

    Findings
    --------
    codes.refused, codes.repaired
        As `boundaries.codes.column.column_findings`.
    crosswalk.conflict
        One code is paired with several (warning); it does not cross.
    crosswalk.level_differs
        The two codes of a row are of different levels (warning); the row is not used.
    crosswalk.undated
        The bridge has no date (warning): codes move, and a pair holds for one time.

    Source
    ------
    sig.bps.go.id, bridging kode wilayah BPS - Kemendagri, one table per period.
    """
    columns = [bps_column, kemendagri_column, bps_name_column, kemendagri_name_column]
    listed = lists.read_list(path, label, columns, encoding)
    bps, bps_names, findings = _read_mixed_levels(listed, 0, CodeSystem.BPS, label)
    kemendagri, kemendagri_names, more = _read_mixed_levels(listed, 1, CodeSystem.KEMENDAGRI, label)
    findings += [*more, *listed.findings]
    targets, conflicting, sources = _one_to_one(bps, kemendagri)
    findings += [
        CONFLICT.finding(
            f"{digits} is paired with several codes; it does not cross over.",
            file=label,
            value=digits,
        )
        for digits in sorted(conflicting | sources)
    ]
    if not date:
        message = "The bridge has no date; declare one, since codes move."
        findings.append(UNDATED.finding(message, file=label))
    pairs = [_pair_of_one_level(*both) for both in zip(bps, kemendagri, strict=True)]
    findings += [
        LEVEL_DIFFERS.finding(
            f"{bps[number]} and {kemendagri[number]} are of different levels; not used.",
            file=label,
            row=listed.numbers[number],
        )
        for number, pair in enumerate(pairs)
        if pair is None and bps[number] and kemendagri[number]
    ]
    clashing = {pair for pair in pairs if pair and pair[0] in conflicting}
    load, repeats = lists.count_rows(input_name, label, listed, pairs, clashing)
    findings += repeats
    bridge = CodeBridge(
        targets,
        {code: name for code, name in zip(bps, bps_names, strict=True) if code and name},
        {
            code: name
            for code, name in zip(kemendagri, kemendagri_names, strict=True)
            if code and name
        },
        frozenset(conflicting),
        date,
    )
    return bridge, findings, load


def _pair_of_one_level(bps: str | None, kemendagri: str | None) -> tuple[str, str] | None:
    if not bps or not kemendagri:
        return None
    is_level = KodeBps.ends.index(len(bps)) == KodeKemendagri.ends.index(len(kemendagri))
    return (bps, kemendagri) if is_level else None


def _read_mixed_levels(
    listed: lists.ListRows, position: int, system: CodeSystem, label: str
) -> tuple[list[str | None], list[str | None], list[report.Finding]]:
    """The codes of a column, the names of their rows (two columns on), and what was repaired."""
    texts = listed.column(position)
    names: list[str | None] = [*listed.column(position + 2)]
    levels = [lists.level_of(text, system) for text in texts]
    digits: list[str | None] = [None] * len(texts)
    findings: list[report.Finding] = []
    for level in dict.fromkeys(levels):
        indexes = [index for index, level_of_row in enumerate(levels) if level_of_row == level]
        column, of_rows = read_named_column(
            [texts[i] for i in indexes], [names[i] for i in indexes], system, level
        )
        findings += column_findings(column, label, [listed.numbers[i] for i in indexes])
        for index, code, name in zip(indexes, column.digits, of_rows, strict=True):
            digits[index], names[index] = code, name
    return digits, names, findings


def _one_to_one(
    bps: Sequence[str | None], kemendagri: Sequence[str | None]
) -> tuple[dict[str, str], set[str], set[str]]:
    """Pairs of one level where either side has one partner; BPS and Kemendagri codes with more."""
    forward: dict[str, set[str]] = {}
    backward: dict[str, set[str]] = {}
    for source, target in zip(bps, kemendagri, strict=True):
        pair = _pair_of_one_level(source, target)
        if pair is not None:
            forward.setdefault(pair[0], set()).add(pair[1])
            backward.setdefault(pair[1], set()).add(pair[0])
    crowded = {target for target, sources in backward.items() if len(sources) > 1}
    conflicting = {s for s, targets in forward.items() if len(targets) > 1 or targets & crowded}
    pairs = {s: next(iter(t)) for s, t in forward.items() if s not in conflicting}
    return pairs, conflicting, crowded


def join_bridges(bridges: Sequence[CodeBridge]) -> CodeBridge:
    """One bridge of several, such as those of kabupaten, kecamatan and desa.

    Where two disagree about a code the later date counts; of equal or missing dates neither does.
    """
    best: dict[str, tuple[str, set[str]]] = {}
    bps_names: dict[str, str] = {}
    kemendagri_names: dict[str, str] = {}
    conflicting: set[str] = set()
    for bridge in sorted(bridges, key=lambda each: each.date or ""):
        for source, target in bridge.targets.items():
            date, targets = best.get(source, ("", set()))
            newer = (bridge.date or "") > date
            best[source] = (bridge.date or "", {target} if newer else targets | {target})
        bps_names.update(bridge.bps_names)
        kemendagri_names.update(bridge.kemendagri_names)
        conflicting |= bridge.conflicting
    conflicting |= {source for source, (_, targets) in best.items() if len(targets) > 1}
    pairs = {s: next(iter(t)) for s, (_, t) in best.items() if s not in conflicting}
    dates = sorted(bridge.date for bridge in bridges if bridge.date)
    return CodeBridge(
        pairs, bps_names, kemendagri_names, frozenset(conflicting), dates[-1] if dates else None
    )
