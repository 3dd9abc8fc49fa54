"""How polygons without codes lie over reference polygons, and what follows from that.

A polygon *is* a reference polygon only where nothing speaks against it: it covers most of it, no
other polygon or reference polygon comes near, and neither is made of several of the other.  All
else is for a person to decide: half of a former desa must never stand for the whole.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from boundaries.coverage.repair import repair_polygons

LEAD = 0.2
"""By how much the share of a pair must exceed every other of its two polygons, else it is a tie."""
MOST = 0.6
"""A covered share that leads what is not covered by as much: below, half may pass for the whole."""
PART = 0.1
"""Parts beside the largest count from this share of the whole on; less is careless drawing."""
ROUNDING = 1e-9


class Verdict(StrEnum):
    """What a pair of a polygon and a reference polygon says."""

    SAME = "same"
    """One place: the polygon may take the code."""
    SPLIT = "split"
    """The polygon is one of several in the reference polygon."""
    HALF = "half"
    """The polygon leaves so much of the reference polygon that another may be there."""
    TIE = "tie"
    """Another pair of one of the two is nearly as good."""
    MERGE = "merge"
    """The polygon covers other reference polygons too, or much else."""
    APART = "apart"
    """Less than the declared share."""


@dataclass(frozen=True, slots=True)
class Overlap:
    """A polygon and a reference polygon that meet, both by position.

    Parameters
    ----------
    of_polygon, of_reference
        The common share of each area.
    is_namesake
        Whether both bear one name.
    """

    polygon: int
    reference: int
    of_polygon: float
    of_reference: float
    is_namesake: bool
    verdict: Verdict

    @property
    def share(self) -> float:
        """The lesser of the two shares."""
        return min(self.of_polygon, self.of_reference)


def measure_overlaps(polygons: NDArray[np.object_], reference: NDArray[np.object_]) -> pd.DataFrame:
    """Every pair that meets: the best of each polygon first.

    Returns
    -------
    pandas.DataFrame
        ``polygon`` and ``reference`` are positions; ``of_polygon`` and ``of_reference`` the common
        share of each area, ``share`` the lesser of the two.  Rounded to 0.0001, so that a tie on
        paper is one.
    """
    repaired_polygons, _ = repair_polygons(polygons)
    repaired_reference, _ = repair_polygons(reference)
    left, right = shapely.STRtree(repaired_reference).query(
        repaired_polygons, predicate="intersects"
    )
    common = shapely.area(shapely.intersection(repaired_polygons[left], repaired_reference[right]))
    overlaps = pd.DataFrame({"polygon": left, "reference": right})
    overlaps["of_polygon"] = np.round(common / shapely.area(repaired_polygons)[left], 4)
    overlaps["of_reference"] = np.round(common / shapely.area(repaired_reference)[right], 4)
    overlaps["share"] = overlaps[["of_polygon", "of_reference"]].min(axis="columns")
    return overlaps.sort_values(
        ["polygon", "share", "reference"], ascending=[True, False, True], ignore_index=True
    )


def judge_overlaps(
    pairs: pd.DataFrame, are_namesakes: NDArray[np.bool_], min_overlap: float
) -> list[Overlap]:
    """The verdict on each pair, in their order.

    Parameters
    ----------
    pairs
        As `measure_overlaps` gives them.
    are_namesakes
        A polygon that was drawn too large is still the desa whose name it bears.  Against a part
        or a tie an equal name proves nothing: a half of a former desa often keeps its name.
    min_overlap
        Least ``share`` of a pair that is worth a question.
    """
    of_polygon, of_reference, share = pairs["of_polygon"], pairs["of_reference"], pairs["share"]
    rival = np.maximum(_best_other(share, pairs["polygon"]), _best_other(share, pairs["reference"]))
    is_part = _are_several(of_reference.where(of_polygon >= 0.5, 0.0), pairs["reference"])
    is_more = _are_several(of_polygon.where(of_reference >= 0.5, 0.0), pairs["polygon"])
    # The first that holds counts.
    conditions = {
        Verdict.SPLIT: is_part & (of_polygon >= 0.5) & (of_reference >= PART),
        Verdict.APART: share < min_overlap,
        Verdict.TIE: share - rival < LEAD - ROUNDING,
        Verdict.HALF: of_reference < MOST,
        Verdict.MERGE: (is_more | (of_polygon < MOST)) & ~are_namesakes,
    }
    verdicts = np.select(
        [holds.to_numpy() for holds in conditions.values()], [*conditions], Verdict.SAME
    )
    return [
        Overlap(*row)
        for row in zip(
            pairs["polygon"].tolist(),
            pairs["reference"].tolist(),
            of_polygon.tolist(),
            of_reference.tolist(),
            are_namesakes.tolist(),
            map(Verdict, verdicts.tolist()),
            strict=True,
        )
    ]


def _are_several(shares: pd.Series[float], whole: pd.Series[int]) -> pd.Series[bool]:
    """Whether the shares of one whole, without the largest, are more than careless drawing."""
    by_whole = shares.groupby(whole)
    return by_whole.transform("sum") - by_whole.transform("max") > PART - ROUNDING


def _best_other(shares: pd.Series[float], group: pd.Series[int]) -> pd.Series[float]:
    """The largest share in the group of each row, without its own; 0 where it stands alone."""
    position = shares.groupby(group).rank(method="first", ascending=False)
    best = shares.groupby(group).transform("max")
    second = shares.where(position == 2).groupby(group).transform("max")
    return best.where(position > 1, second).fillna(0.0)
