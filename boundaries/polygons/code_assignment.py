"""Codes for polygons that carry none, from the reference polygons that cover the same places.

A polygon takes a code only when it and one reference polygon are clearly one place (see
`boundaries.polygons.same_place`) and their names do not contradict each other.  Ties, parts of one
former desa, merged desa, contradicting names, and an equal name just below the limit are for a
person to decide (``matches.csv``).
"""

from collections import Counter
from dataclasses import dataclass

import geopandas as gpd
import pandas as pd

from boundaries.findings import kinds, report
from boundaries.matching.matching import Proposal
from boundaries.polygons import CodesFrom, PolygonSource, code_questions, read_polygons, same_place

CODE_LENT = kinds.declared_kind("boundary.code_lent")


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
    """
    reference, _ = read_polygons(
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
    reference = reference[reference["kode"].notna() & ~reference.geometry.isna()]
    reference = reference.sort_values("kode", kind="stable").reset_index(drop=True)
    questions = code_questions.Questions(polygons, reference, source, codes_from)
    assignment = _Assignment(polygons, questions)
    assignment.apply_decisions()
    assignment.assign_same_places()
    assignment.ask_about_others()
    coded = polygons.copy()
    coded["kode"], coded["nama"] = assignment.kode, assignment.nama
    proposals = sorted(questions.proposals, key=lambda line: (line.kecamatan, line.name, str(line)))
    return AssignedCodes(coded, questions.findings, proposals)


class _Assignment:
    """The codes of the polygons of one file, as they are found, asked about or decided."""

    def __init__(self, polygons: gpd.GeoDataFrame, questions: code_questions.Questions) -> None:
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
