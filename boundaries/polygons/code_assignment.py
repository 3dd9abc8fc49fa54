"""Codes for polygons that carry none, from the reference polygons that cover the same places.

A polygon takes a code only when it and one reference polygon are clearly one place (see
`boundaries.polygons.same_place`) and their names do not contradict each other.  Ties, parts of one
former desa, merged desa, contradicting names, and an equal name just below the limit are for a
person to decide (``matches.csv``).
"""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
from rapidfuzz import fuzz

from boundaries.codes.wilayah_names import name_similarity, names_agree, normalise_name
from boundaries.errors import InputUndeclaredError
from boundaries.findings import report
from boundaries.matching.matching import Proposal
from boundaries.polygons import CodesFrom, PolygonSource, declaration, read_polygons, same_place

NOT_UNDERSTOOD = report.declared_kind("matches.not_understood")

SHORT_FORM_SCORE = 85.0
"""Similarity (0-100) from which the shorter name may be a short form of the longer."""
MATCHES = "matches.csv"
MOST_LISTED = 4
"""So many neighbours are listed in a message."""


class Questions:
    """Polygons without codes beside the reference polygons, and the open questions about them.

    Attributes
    ----------
    of_polygon, of_reference
        What meets each polygon and each reference polygon, by position; the nearest first.
    """

    def __init__(
        self,
        polygons: gpd.GeoDataFrame,
        reference: gpd.GeoDataFrame,
        source: declaration.PolygonSource,
        codes_from: declaration.CodesFrom,
    ) -> None:
        self.source, self.codes_from = source, codes_from
        self.names = [_text(name) for name in polygons["nama"]]
        self.kecamatan = [_text(name) for name in polygons["nama_kecamatan"]]
        self.rows = [int(row) for row in polygons["source_row"]]
        self.reference_codes = [str(kode) for kode in reference["kode"]]
        self.reference_names = [_text(name) for name in reference["nama"]]
        self.of_polygon: dict[int, list[same_place.Overlap]] = defaultdict(list)
        self.of_reference: dict[int, list[same_place.Overlap]] = defaultdict(list)
        for overlap in self._judge(polygons, reference):
            self.of_polygon[overlap.polygon].append(overlap)
            self.of_reference[overlap.reference].append(overlap)
        self.findings: list[report.Finding] = []
        self.proposals: set[Proposal] = set()

    def _judge(
        self, polygons: gpd.GeoDataFrame, reference: gpd.GeoDataFrame
    ) -> list[same_place.Overlap]:
        pairs = same_place.measure_overlaps(
            np.asarray(polygons.geometry.values), np.asarray(reference.geometry.values)
        )
        positions = zip(pairs["polygon"].tolist(), pairs["reference"].tolist(), strict=True)
        namesakes = np.array([self._are_namesakes(*pair) for pair in positions], dtype=bool)
        return same_place.judge_overlaps(pairs, namesakes, self.codes_from.min_overlap)

    def _are_namesakes(self, polygon: int, reference: int) -> bool:
        key = normalise_name(self.names[polygon])
        return bool(key) and key == normalise_name(self.reference_names[reference])

    def names_contradict(self, polygon: int, reference: int) -> bool:
        """Whether both have names, and these are neither spellings nor short forms of one.

        A mere number ("Desa 1") is a placeholder and says nothing.
        """
        name, other_name = self.names[polygon], self.reference_names[reference]
        if not name or not other_name or names_agree(name, other_name):
            return False
        keys = normalise_name(name), normalise_name(other_name)
        is_named = all(any(letter.isalpha() for letter in key) for key in keys)
        return is_named and fuzz.partial_ratio(*keys) < SHORT_FORM_SCORE

    def refuse_decision(self, decision: str) -> None:
        """The decided code is none of the reference."""
        message = f"{decision} is no code of {self.codes_from.label}."
        finding = NOT_UNDERSTOOD.finding(message, MATCHES, value=decision)
        if finding not in self.findings:
            self.findings.append(finding)

    def ask_about_name(self, overlap: same_place.Overlap) -> None:
        """The place is the same, the names are not."""
        polygon, share = overlap.polygon, overlap.share
        self.propose(polygon, overlap.reference, "name_differs")
        message = (
            f"{self.names[polygon]} covers the place of {self._describe(overlap.reference)} "
            f"({share:.0%}), but the names are not spellings of one; it takes no code. Decide in "
            "matches.csv."
        )
        self._warn("boundary.code_name_contradicts", polygon, message, share)

    def ask_about_overlap(
        self, best: same_place.Overlap, overlaps: list[same_place.Overlap]
    ) -> None:
        """A tie, a part or a merge: what lies over what, and the proposal."""
        message = self._say_overlap(best, overlaps)
        if self.names[best.polygon]:
            namesake = [overlap for overlap in overlaps if overlap.is_namesake]
            is_even = sum(overlap.share == best.share for overlap in overlaps) > 1
            nearest = None if is_even else best.reference
            choice = namesake[0].reference if namesake else nearest
            self.propose(best.polygon, choice, best.verdict.value)
            message += " It takes no code; decide in matches.csv."
        else:
            message += " It takes no code, and has no name to decide it by: fill in its code."
        self._warn("boundary.code_ambiguous", best.polygon, message, best.share)

    def _say_overlap(self, best: same_place.Overlap, overlaps: list[same_place.Overlap]) -> str:
        place = f"{best.of_reference:.0%} of {self._describe(best.reference)}"
        neighbours = [
            f"{self.names[other.polygon] or f'row {self.rows[other.polygon]}'} "
            f"({other.of_reference:.0%})"
            for other in self.of_reference[best.reference]
            if other.polygon != best.polygon and other.of_reference >= same_place.PART
        ]
        places = [
            f"{self._describe(overlap.reference)} ({overlap.of_polygon:.0%})"
            for overlap in overlaps
            if overlap.of_polygon >= same_place.PART
        ]
        if best.verdict is same_place.Verdict.SPLIT:
            return (
                f"It covers {place}, where others lie too: {_some(neighbours)}. They may be parts "
                "of one former desa, or one desa drawn twice."
            )
        if best.verdict is same_place.Verdict.HALF:
            sure = f"{same_place.MOST:.0%}"
            return f"It covers only {place}; another desa may be in the rest (sure from {sure})."
        if len(places) > 1:
            return f"It lies over several: {_some(places)}."
        if best.verdict is same_place.Verdict.TIE:
            return f"It covers {place}, and nearly as well does {_some(neighbours)}."
        return f"Only {best.of_polygon:.0%} of it lie in {self._describe(best.reference)}."

    def say_apart(self, polygon: int, overlaps: list[same_place.Overlap]) -> None:
        """No reference polygon covers enough of the place: the nearest, its share and the limit."""
        limit = f"the limit is {self.codes_from.min_overlap:.0%} (min_overlap)"
        if overlaps:
            nearest, share = overlaps[0], overlaps[0].share
            message = (
                f"No polygon covers the same place: {self._describe(nearest.reference)} comes "
                f"nearest with {share:.0%}, {limit}."
            )
            if nearest.is_namesake:
                message += " The names are equal; decide in matches.csv."
            for overlap in overlaps:
                if overlap.is_namesake:
                    self.propose(polygon, overlap.reference, "overlap")
        else:
            message, share = f"No reference polygon meets this one; {limit}.", 0.0
        self._warn("boundary.code_not_lent", polygon, message, share)

    def _warn(self, code: str, polygon: int, message: str, share: float) -> None:
        self.findings.append(
            report.declared_kind(code).finding(
                message,
                file=self.source.label,
                row=self.rows[polygon],
                value=self.names[polygon] or None,
                measure=round(100 * share, 1),
                unit="%",
                severity=report.Severity.WARNING,
            )
        )

    def propose(self, polygon: int, reference: int | None, reason: str) -> None:
        """A line for ``matches.csv``; without a reference polygon where none is nearer."""
        kecamatan, name = self.kecamatan[polygon], self.names[polygon]
        if reference is None:
            self.proposals.add(Proposal(kecamatan, name, reason))
            return
        nama = self.reference_names[reference]
        score = round(name_similarity(name, nama), 1)
        kode = self.reference_codes[reference]
        self.proposals.add(Proposal(kecamatan, name, reason, kode, nama, "", score))

    def _describe(self, reference: int) -> str:
        """Code and name of a reference polygon."""
        return f"{self.reference_codes[reference]} {self.reference_names[reference]}".strip()


def _some(listed: list[str]) -> str:
    more = len(listed) - MOST_LISTED
    return ", ".join(listed[:MOST_LISTED]) + (f" and {more} more" if more > 0 else "")


def _text(cell: object) -> str:
    return "" if cell is None or cell != cell else " ".join(str(cell).split())


CODE_LENT = report.declared_kind("boundary.code_lent")


@dataclass(frozen=True, slots=True)
class AssignedCodes:
    """The polygons with the codes they took, what was observed, and what a person must decide."""

    polygons: gpd.GeoDataFrame
    findings: list[report.Finding]
    proposals: list[Proposal]


def assign_codes(
    polygons: gpd.GeoDataFrame, source: PolygonSource, codes_from: CodesFrom
) -> AssignedCodes:
    """The polygons with ``kode`` and ``nama`` filled where one reference polygon is the same place.

    Parameters
    ----------
    polygons
        Rows without ``kode``, as `read_polygons` gives them.

    Returns
    -------
    AssignedCodes
        Same rows; ``kode`` missing where nothing was certain.  A name of the file itself is kept.
        What ``source.decisions`` says of a polygon counts before its overlap.

    Findings
    --------
    boundary.code_lent
        How many polygons took a code (note), ``measure`` the least overlap among them.
    boundary.code_not_lent
        No reference polygon covers the same place (warning); the best candidate and its share.
    boundary.code_ambiguous
        A tie, a part of a former desa, or a polygon over several (warning); it takes no code.
    boundary.code_name_contradicts
        The reference polygon that covers the place has quite another name (warning); not taken.
    matches.not_understood
        A decided code is none of the reference (warning).

    Raises
    ------
    InputUndeclaredError
        No polygon of the reference has a code to take.
    """
    reference, of_reading = read_polygons(
        PolygonSource(
            layer=codes_from.layer,
            encoding=codes_from.encoding,
            path=codes_from.path,
            label=codes_from.label,
            code_system=codes_from.code_system,
            code_column=codes_from.code_column,
            name_column=codes_from.name_column,
        )
    )
    reference = _usable(reference, of_reading, codes_from.label)
    reference = reference.sort_values("kode", kind="stable").reset_index(drop=True)
    questions = Questions(polygons, reference, source, codes_from)
    assignment = _Assignment(polygons, questions)
    assignment.apply_decisions()
    assignment.assign_same_places()
    assignment.ask_about_others()
    coded = polygons.copy()
    coded["kode"], coded["nama"] = assignment.kode, assignment.nama
    proposals = sorted(questions.proposals, key=lambda line: (line.kecamatan, line.name, str(line)))
    return AssignedCodes(coded, questions.findings, proposals)


def _usable(
    reference: gpd.GeoDataFrame, findings: Sequence[report.Finding], label: str
) -> gpd.GeoDataFrame:
    """The reference polygons with code and place."""
    usable = reference[reference["kode"].notna() & ~reference.geometry.isna()]
    if len(usable):
        return usable
    reasons = [finding for finding in findings if finding.row is not None]
    why = f" Row {reasons[0].row}: {reasons[0].message}" if reasons else ""
    raise InputUndeclaredError(
        f"{label}: none of its {len(reference)} polygons has a code that another polygon could "
        f"take; check code_column and code_system under [boundaries.codes_from].{why}"
    )


class _Assignment:
    """The codes of the polygons of one file, as they are found, asked about or decided."""

    def __init__(self, polygons: gpd.GeoDataFrame, questions: Questions) -> None:
        self.questions = questions
        self.kode: list[str | None] = [None] * len(polygons)
        self.nama = polygons["nama"].tolist()
        self.settled: set[int] = set()

    def apply_decisions(self) -> None:
        """The codes that a person decided.

        Where several polygons bear the name, a code is decided for those that lie there, and
        ``tidak`` for those whose place does not say what they are.
        """
        questions, decisions = self.questions, self.questions.source.decisions
        by_digits = {code.replace(".", ""): code for code in questions.reference_codes}
        keys = list(zip(questions.kecamatan, questions.names, strict=True))
        namesakes = Counter(keys)
        for polygon, key in enumerate(keys):
            if not key[1] or key not in decisions:
                continue
            decision = decisions[key]
            kode = by_digits.get(decision.replace(".", "")) if decision is not None else None
            if decision is not None and kode is None:
                questions.refuse_decision(decision)
            elif namesakes[key] > 1 and not self._is_meant(polygon, kode):
                continue
            self.kode[polygon] = kode
            self.settled.add(polygon)

    def _is_meant(self, polygon: int, kode: str | None) -> bool:
        """Whether a decision about a name is about this polygon among its namesakes."""
        overlaps, codes = self.questions.of_polygon[polygon], self.questions.reference_codes
        if kode is None:
            return not any(overlap.verdict is same_place.Verdict.SAME for overlap in overlaps)
        return any(codes[overlap.reference] == kode for overlap in overlaps)

    def assign_same_places(self) -> None:
        """The codes of reference polygons that are the same place, unless the names contradict."""
        questions = self.questions
        shares = []
        for polygon in range(len(questions.rows)):
            overlaps = questions.of_polygon[polygon]
            same = [overlap for overlap in overlaps if overlap.verdict is same_place.Verdict.SAME]
            if not same or polygon in self.settled:
                continue
            self.settled.add(polygon)
            (overlap,) = same
            if questions.names_contradict(polygon, overlap.reference):
                questions.ask_about_name(overlap)
                continue
            self.kode[polygon] = questions.reference_codes[overlap.reference]
            if pd.isna(self.nama[polygon]):
                self.nama[polygon] = questions.reference_names[overlap.reference] or None
            shares.append(overlap.share)
        if shares:
            self._note_assigned(shares)

    def ask_about_others(self) -> None:
        """Why each other polygon has no code: the nearest neighbour, its share and the limit."""
        for polygon in range(len(self.questions.rows)):
            if polygon in self.settled:
                continue
            overlaps = self.questions.of_polygon[polygon]
            near = [
                overlap for overlap in overlaps if overlap.verdict is not same_place.Verdict.APART
            ]
            if near:
                self.questions.ask_about_overlap(near[0], overlaps)
            else:
                self.questions.say_apart(polygon, overlaps)

    def _note_assigned(self, shares: list[float]) -> None:
        questions, codes_from = self.questions, self.questions.codes_from
        percent = round(100 * min(shares), 1)
        message = (
            f"{len(shares)} of {len(questions.rows)} polygons took the code of the polygon in "
            f"{codes_from.label} that covers the same place; the least overlap is {percent} %, "
            f"the limit {codes_from.min_overlap:.0%}."
        )
        questions.findings.append(
            CODE_LENT.finding(message, file=questions.source.label, measure=percent)
        )
