"""Codes for polygons that carry none, lent by reference polygons that cover the same places.

A polygon takes a code only when it and one reference polygon each cover at least a stated share of
the other, no second pairing does, and their names do not contradict each other.  A contradiction,
and an equal name just below the limit, are for a person to decide (``matches.csv``).
"""

from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from rapidfuzz import fuzz

from boundaries.codes.names import name_similarity, names_agree, normalise_name
from boundaries.coverage.repair import repair_polygons
from boundaries.findings.report import Finding, Severity
from boundaries.matching.matching import Proposal
from boundaries.polygons import CodesFrom, PolygonSource, read_polygons

PART_SCORE = 85.0
"""Similarity (0-100) from which the shorter name may be a short form of the longer."""
MATCHES = "matches.csv"


@dataclass(frozen=True, slots=True)
class Lent:
    """The polygons with the codes they took, what was observed, and what a person must decide."""

    polygons: gpd.GeoDataFrame
    findings: list[Finding]
    proposals: list[Proposal]


def lend_codes(polygons: gpd.GeoDataFrame, source: PolygonSource, lender: CodesFrom) -> Lent:
    """The polygons with ``kode`` and ``nama`` filled where one reference polygon covers the place.

    Parameters
    ----------
    polygons
        Rows without ``kode``, as `read_polygons` gives them.

    Returns
    -------
    Lent
        Same rows; ``kode`` None where nothing was certain.  A name of the file itself is kept.
        What ``source.decisions`` says of a polygon counts before its overlap.

    Findings
    --------
    boundary.code_lent
        How many polygons took a code (note), ``measure`` the least overlap among them.
    boundary.code_not_lent
        No reference polygon covers the same place (warning); the best candidate and its share.
    boundary.code_ambiguous
        Several would fit, or one fits several polygons (warning); none of them takes it.
    boundary.code_name_contradicts
        The reference polygon that covers the place has quite another name (warning); not taken.
    matches.not_understood
        A decided code is none of the reference (warning).
    """
    reference, _ = read_polygons(
        PolygonSource(
            encoding=lender.encoding,
            path=lender.path,
            label=lender.label,
            code_system=lender.code_system,
            code_column=lender.code_column,
            name_column=lender.name_column,
        )
    )
    reference = reference[reference["kode"].notna() & ~reference.geometry.isna()]
    reference = reference.sort_values("kode", kind="stable").reset_index(drop=True)
    pairs = _measure_pairs(polygons, reference)
    fitting = pairs[pairs["share"] >= lender.min_overlap]
    once = ~(
        fitting["polygon"].duplicated(keep=False) | fitting["reference"].duplicated(keep=False)
    )
    certain, unsure = fitting[once], fitting[~once]
    asked = _Asked(polygons, reference, pairs, source, lender)
    lent = polygons.copy()
    codes = reference["kode"].to_numpy(dtype=object)
    names = reference["nama"].to_numpy(dtype=object)
    kode = lent["kode"].to_numpy(dtype=object).copy()
    nama = lent["nama"].to_numpy(dtype=object).copy()
    agrees = [not asked.contradicts(*pair) for pair in _pairs_of(certain)]
    contradicting, certain = certain[~np.array(agrees, dtype=bool)], certain[agrees]
    taken = certain["polygon"].to_numpy()
    given = certain["reference"].to_numpy()
    kode[taken] = codes[given]
    nama[taken] = np.where(pd.isna(nama[taken]), names[given], nama[taken])
    asked.apply_decisions(kode)
    lent["kode"], lent["nama"] = kode, nama
    asked.ask(lent, contradicting)
    findings = asked.findings + _explain(lent, pairs, unsure, asked)
    if len(certain):
        findings.append(_tell_lent(len(certain), len(lent), certain["share"].min(), source, lender))
    return Lent(lent, findings, sorted(asked.proposals))


def _pairs_of(pairs: pd.DataFrame) -> list[tuple[int, int]]:
    return list(zip(pairs["polygon"].tolist(), pairs["reference"].tolist(), strict=True))


def _tell_lent(
    count: int, polygons: int, least: float, source: PolygonSource, lender: CodesFrom
) -> Finding:
    percent, limit = round(100 * float(least), 1), f"{lender.min_overlap:.0%}"
    message = (
        f"{count} of {polygons} polygons took the code of the polygon in {lender.label} that "
        f"covers the same place; the least overlap is {percent} %, the limit {limit}."
    )
    return Finding(
        "boundary.code_lent", Severity.NOTE, message, file=source.label, measure=percent, unit="%"
    )


class _Asked:
    """What names say beside the overlap: contradictions, proposals, and what was decided."""

    def __init__(
        self,
        polygons: gpd.GeoDataFrame,
        reference: gpd.GeoDataFrame,
        pairs: pd.DataFrame,
        source: PolygonSource,
        lender: CodesFrom,
    ) -> None:
        self.source, self.lender, self.pairs = source, lender, pairs
        self.names = [_text(name) for name in polygons["nama"]]
        self.kecamatan = [_text(name) for name in polygons["nama_kecamatan"]]
        self.rows = polygons["source_row"].tolist()
        self.codes = [str(kode) for kode in reference["kode"]]
        self.other_names = [_text(name) for name in reference["nama"]]
        self.findings: list[Finding] = []
        self.proposals: set[Proposal] = set()
        self.decided: set[int] = set()

    def contradicts(self, polygon: int, other: int) -> bool:
        """Whether both have names, and these are neither spellings nor short forms of one.

        A mere number ("Desa 1") is a placeholder and says nothing.
        """
        name, other_name = self.names[polygon], self.other_names[other]
        if not name or not other_name or names_agree(name, other_name):
            return False
        keys = normalise_name(name), normalise_name(other_name)
        is_named = all(any(letter.isalpha() for letter in key) for key in keys)
        return is_named and fuzz.partial_ratio(*keys) < PART_SCORE

    def apply_decisions(self, kode: np.ndarray[Any, np.dtype[np.object_]]) -> None:
        """Write the decided codes over those that were lent."""
        by_digits = {code.replace(".", ""): code for code in self.codes}
        for at, key in enumerate(zip(self.kecamatan, self.names, strict=True)):
            if not key[1] or key not in self.source.decisions:
                continue
            self.decided.add(at)
            decision = self.source.decisions[key]
            kode[at] = None if decision is None else by_digits.get(decision.replace(".", ""))
            if decision is not None and kode[at] is None:
                message = f"{decision} is no code of {self.lender.label}."
                self.findings.append(
                    Finding(
                        "matches.not_understood", Severity.WARNING, message, MATCHES, value=decision
                    )
                )

    def describe(self, other: int) -> str:
        """Code and name of a reference polygon."""
        return f"{self.codes[other]} {self.other_names[other]}".strip()

    def ask(self, lent: gpd.GeoDataFrame, contradicting: pd.DataFrame) -> None:
        """Propose what a person must decide: contradictions, and equal names below the limit."""
        for (at, other), share in zip(
            _pairs_of(contradicting), contradicting["share"].tolist(), strict=True
        ):
            if at in self.decided:
                continue
            self.decided.add(at)
            self._propose(at, other, "name_differs")
            message = (
                f"{self.names[at]} covers the place of {self.describe(other)} ({share:.0%}), but "
                "the names are not spellings of one; it takes no code. Decide in matches.csv."
            )
            self.findings.append(
                Finding(
                    "boundary.code_name_contradicts",
                    Severity.WARNING,
                    message,
                    self.source.label,
                    int(self.rows[at]),
                    value=self.names[at],
                    measure=round(100 * share, 1),
                    unit="%",
                )
            )
        uncoded = set(np.flatnonzero(lent["kode"].isna().to_numpy()).tolist()) - self.decided
        for at, other in _pairs_of(self.pairs):
            key = normalise_name(self.names[at])
            if at in uncoded and key and key == normalise_name(self.other_names[other]):
                self._propose(at, other, "overlap")

    def _propose(self, at: int, other: int, reason: str) -> None:
        score = round(name_similarity(self.names[at], self.other_names[other]), 1)
        self.proposals.add(
            Proposal(
                self.kecamatan[at],
                self.names[at],
                reason,
                self.codes[other],
                self.other_names[other],
                "",
                score,
            )
        )


def _text(cell: object) -> str:
    return "" if cell is None or cell != cell else " ".join(str(cell).split())


def _measure_pairs(polygons: gpd.GeoDataFrame, reference: gpd.GeoDataFrame) -> pd.DataFrame:
    """Every pair that meets, with the lesser of the two shares of area; best first."""
    own, _ = repair_polygons(np.asarray(polygons.geometry.values))
    other, _ = repair_polygons(np.asarray(reference.geometry.values))
    left, right = shapely.STRtree(other).query(own, predicate="intersects")
    common = shapely.area(shapely.intersection(own[left], other[right]))
    largest = np.maximum(shapely.area(own)[left], shapely.area(other)[right])
    pairs = pd.DataFrame({"polygon": left, "reference": right, "share": common / largest})
    return pairs.sort_values(["polygon", "share", "reference"], ascending=[True, False, True])


def _explain(
    lent: gpd.GeoDataFrame, pairs: pd.DataFrame, unsure: pd.DataFrame, asked: _Asked
) -> list[Finding]:
    """Why each polygon without a code has none, with the neighbour, its share and the limit."""
    first = pairs.drop_duplicates("polygon")
    best = dict(
        zip(first["polygon"], zip(first["reference"], first["share"], strict=True), strict=True)
    )
    limit = f"the limit is {asked.lender.min_overlap:.0%} (min_overlap)"
    findings = []
    for position in np.flatnonzero(lent["kode"].isna().to_numpy()).tolist():
        if position in asked.decided:
            continue
        rivals = unsure[unsure["polygon"] == position]
        code, share = "boundary.code_not_lent", 0.0
        if len(rivals):
            listed = ", ".join(asked.describe(other) for other in rivals["reference"].tolist())
            code = "boundary.code_ambiguous"
            message = f"{listed} would fit this polygon, or fits others too; it takes no code."
            share = float(rivals["share"].max())
        elif position in best:
            nearest, share = best[position]
            message = (
                f"No polygon covers the same place: {asked.describe(nearest)} comes nearest with "
                f"{share:.0%}, {limit}."
            )
            key = normalise_name(asked.names[position])
            if key and key == normalise_name(asked.other_names[nearest]):
                message += " The names are equal; decide in matches.csv."
        else:
            message = f"No reference polygon meets this one; {limit}."
        findings.append(
            Finding(
                code,
                Severity.WARNING,
                message,
                file=asked.source.label,
                row=int(lent["source_row"].iloc[position]),
                value=asked.names[position] or None,
                measure=round(100 * float(share), 1),
                unit="%",
            )
        )
    return findings
