"""Values beside a hidden count that would tell it: a share with its base, a rest, a copy.

A desa hides its 2 malnourished children, and publishes 0.25 % of 800, or 798 of 800 that are well.
The tables are searched for what they make of each other, whatever the columns are called: a copy of
a hidden count, its share of another field, what one or two others leave of a whole, two or three
that add up to it with whatever signs, and, by the rank of the columns of a year, any number of
fields with whatever weights.  Where this holds in nearly all desa of a year it is no chance, and a
value is hidden where it would narrow the count; its totals stay unpublished where those of the
count do.  A count that is hidden itself in a desa takes part as what a reader knows of it: its open
range.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import chain

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from boundaries.geometry_arrays import Floats, Mask
from layers.tables.indicators import agreement, hiding, summary_fields
from layers.workspace.sections import IndicatorSection

PER = (1.0, 100.0, 1_000.0, 10_000.0, 100_000.0)
"""A share is per one, per cent, per thousand and so on."""
_PROBES_OF_FIELD, _MOST_PROBES = 3, 96
_PARTS = 4
"""Parts of the desa of which each is asked for a relation of many fields."""
Fields = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Betrayal:
    """In a year, ``field`` tells the hidden counts of ``count`` in some desa."""

    field: str
    count: str
    tahun: int
    kode: tuple[str, ...]


def hide_betraying(
    settled: pd.DataFrame,
    published: pd.DataFrame,
    hidden: pd.DataFrame,
    indicators: Mapping[str, IndicatorSection],
) -> tuple[pd.DataFrame, pd.DataFrame, tuple[Betrayal, ...]]:
    """The published values without those that tell a hidden count, all that is hidden, and why.

    Parameters
    ----------
    settled
        ``kode, indikator, tahun, nilai, status, …`` with all values.
    published
        The same rows without small counts.
    hidden
        `layers.tables.indicators.hiding.HIDDEN_COLUMNS` of these.

    Returns
    -------
    tuple
        ``hidden`` has a row more for each value; its ``count`` is the small count it tells.
    """
    hidden = hidden.assign(count=hidden["value"])
    betrayals = tuple(find_betrayals(settled, hidden, indicators))
    published, rows = published.copy(), [hidden]
    for betrayal in betrayals:
        of_count = hidden[
            (hidden["field"] == betrayal.count) & (hidden["tahun"] == betrayal.tahun)
        ].set_index("kode")
        is_betraying = (
            (published["indikator"] == betrayal.field)
            & (published["tahun"] == betrayal.tahun)
            & published["kode"].isin(betrayal.kode)
        )
        values = settled[is_betraying]
        small = values["kode"].map(of_count["count"])
        if indicators[betrayal.field].hide_below is not None:
            # Beside small counts of the field itself no range of its total is known: a fraction
            # has none, see `layers.tables.indicators.hidden_totals`.
            small = small + 0.5
        rows.append(
            pd.DataFrame(
                {
                    "kode": values["kode"],
                    "field": betrayal.field,
                    "tahun": betrayal.tahun,
                    "value": values["nilai"],
                    "least": values["kode"].map(of_count["least"]),
                    "count": small,
                }
            )
        )
        published.loc[is_betraying, ["nilai", "nilai_asal"]] = np.nan
        published.loc[is_betraying, "status"] = hiding.SUPPRESSED
    return published, pd.concat(rows, ignore_index=True) if betrayals else hidden, betrayals


def find_betrayals(
    settled: pd.DataFrame, hidden: pd.DataFrame, indicators: Mapping[str, IndicatorSection]
) -> Iterator[Betrayal]:
    """Each field that tells hidden counts of another in a year, with the desa where it does."""
    ok = settled[settled["status"] == "ok"]
    for tahun, of_year in hidden.groupby("tahun", sort=True):
        values = ok[ok["tahun"] == tahun].pivot(index="kode", columns="indikator", values="nilai")
        # A share goes before its base: to be without the number of children helps nobody.
        names = sorted(map(str, values), key=lambda name: (indicators[name].is_summable, name))
        values = values[names]
        most = np.zeros((len(names), len(values)))
        for name, rows in of_year.groupby("field", sort=True):
            places = values.index.get_indexer(pd.Index(rows["kode"]))
            most[names.index(str(name)), places] = rows["least"].to_numpy(np.float64) - 1
        # The people of one year are the base of the next year's shares in many a table.
        others = ok[(ok["tahun"] != tahun) & ok["indikator"].map(_is_base(indicators))]
        bases = others.pivot(index="kode", columns=["indikator", "tahun"], values="nilai")
        year = _Year(
            values.to_numpy(np.float64).T.copy(),
            most,
            bases.reindex(values.index).to_numpy(np.float64).T,
        )
        for count in sorted(np.flatnonzero(most.any(axis=1)), key=names.__getitem__):
            for field, is_betraying in year.search(int(count)):
                kode = tuple(map(str, values.index[is_betraying]))
                yield Betrayal(names[field], names[count], int(str(tahun)), kode)


def _is_base(indicators: Mapping[str, IndicatorSection]) -> dict[str, bool]:
    return {name: indicator.is_summable for name, indicator in indicators.items()}


class _Year:
    """The fields of a year, one row each, and what of them is published.

    Parameters
    ----------
    values
        A column for each desa; NaN where nothing is known.
    most
        Of a hidden small count the greatest that it may be, else 0.
    others
        Fields of other years, of which those of this year may be shares.
    """

    def __init__(self, values: Floats, most: Floats, others: Floats) -> None:
        self.values = values
        self.most = most
        self.bases = np.vstack([values, others])
        self.is_small = most > 0
        self.is_shown = np.isfinite(values) & ~self.is_small
        # Half of the last digit, for shares.
        self.halves = [0.5 * 10.0 ** -summary_fields.count_decimals(row) for row in values]

    def search(self, count: int) -> Iterator[tuple[int, Mask]]:
        """The fields that tell a count, each with the desa where it is hidden from now on."""
        is_hidden: dict[int, Mask] = {}
        for field, mask in self._tell(count):
            is_new = mask & self.is_shown[field]
            self.is_shown[field] &= ~is_new
            is_hidden[field] = is_hidden.get(field, False) | is_new
        return ((field, mask) for field, mask in is_hidden.items() if mask.any())

    def _tell(self, count: int) -> Iterator[tuple[int, Mask]]:
        search = agreement.SoughtCounts(
            self.values[count], self.is_small[count], float(self.most[count].max()) + 1
        )
        probes = self._probes(count)
        others = [field for field in range(len(self.values)) if field != count]
        holding: list[frozenset[int]] = []
        copies = (((field,), ()) for field in others)
        for plus, minus in chain(copies, self._combine(count, others, probes)):
            fields = frozenset(plus + minus)
            # What two fields tell, they tell with a column of zeros too.
            if any(smaller <= fields for smaller in holding):
                continue
            number = self.values[list(plus)].sum(axis=0) - self.values[list(minus)].sum(axis=0)
            if search.agrees(
                number, fewest=agreement.FEWEST_OF_MANY if len(fields) > 2 else agreement.FEWEST
            ):
                holding.append(fields)
                yield from self._close(count, plus, minus)
        yield from self._tell_by_rank(count, others, search, holding)
        for field, base, per in self._shares(count, others, probes):
            room = self.halves[field] * np.abs(self.bases[base]) / per
            number = self.values[field] * self.bases[base] / per
            for middle in (number, number + room):
                # Of a share and its base the share is hidden, where its digits narrow the count.
                if frozenset({field, base}) not in holding and search.agrees(middle, room):
                    holding.append(frozenset({field, base}))
                    is_open = (middle - room <= 1) & (middle + room >= self.most[count])
                    yield field, self.is_small[count] & ~is_open

    def _tell_by_rank(
        self,
        count: int,
        others: list[int],
        search: agreement.SoughtCounts,
        holding: list[frozenset[int]],
    ) -> Iterator[tuple[int, Mask]]:
        """What larger sets of fields tell: while the count is in the span of those that are left.

        Each relation that is found loses a field in the desa that it tells; the next is sought
        without that field.
        """
        left = list(others)
        while left:
            weights = self._weigh(count, left, search)
            if not weights:
                return
            fields = sorted(weights, key=lambda field: (weights[field] > 0, field))
            hidden = fields[0]
            if not any(smaller <= weights.keys() for smaller in holding):
                holding.append(frozenset(fields))
                for field in fields:
                    mask = self._narrows(count, weights) & self.is_shown[field]
                    hidden = field if mask.any() and hidden == fields[0] else hidden
                    yield field, mask
            left.remove(hidden)

    def _weigh(
        self, count: int, fields: list[int], search: agreement.SoughtCounts
    ) -> dict[int, float]:
        """Weights with which some fields add up to a count in nearly all desa; none without such.

        A part of the desa is asked, several times, so that one mistake hides no relation.
        """
        chosen, desa = self._complete(count, fields)
        size = len(chosen) + agreement.FEWEST_OF_MANY
        for part in range(min(_PARTS, len(desa) // size) if chosen else 0):
            rows = desa[part :: max(1, min(_PARTS, len(desa) // size))][: 4 * size]
            found = agreement.find_weights(self.values[chosen][:, rows], self.values[count, rows])
            weights = {chosen[number]: weight for number, weight in found.items()}
            if not weights:
                continue
            number = sum(weight * self.values[field] for field, weight in weights.items())
            if search.agrees(np.asarray(number), fewest=agreement.FEWEST_OF_MANY):
                return weights
        return {}

    def _complete(self, count: int, fields: list[int]) -> tuple[list[int], NDArray[np.intp]]:
        """The fields that are known together in enough desa with the count, and these desa."""
        has_count = self.values[count] > 0
        known = np.isfinite(self.values[fields]) & has_count
        order = np.argsort(-known.sum(axis=1), kind="stable")
        together, chosen = has_count, list[int]()
        for position in order:
            narrower = together & known[position]
            if narrower.sum() < len(chosen) + 1 + agreement.FEWEST_OF_MANY:
                break
            together = narrower
            chosen.append(fields[position])
        return chosen, np.flatnonzero(together)

    def _close(self, count: int, plus: Fields, minus: Fields) -> Iterator[tuple[int, Mask]]:
        """What to hide where ``count`` is ``plus`` without ``minus``."""
        if not minus:
            # No part is more than its sum: all of them are hidden.
            is_known = np.isfinite(self.values[list(plus)]).all(axis=0)
            yield from ((field, self.is_small[count] & is_known) for field in plus)
            return
        # Of a whole and its rest the rest is hidden: the whole says more to everybody.
        weights = dict.fromkeys(plus, 1.0) | dict.fromkeys(minus, -1.0)
        for field in (*minus, *plus):
            yield field, self._narrows(count, weights) & self.is_shown[field]

    def _narrows(self, count: int, weights: Mapping[int, float]) -> Mask:
        """Where the published ones leave the count less than its whole open range."""
        is_known = self.is_small[count].copy()
        for field in weights:
            is_known &= self.is_shown[field] | self.is_small[field]
        least, most = np.zeros((2, len(is_known)))
        for field, weight in weights.items():
            is_small, values = self.is_small[field], self.values[field]
            ends = (
                weight * np.where(is_small, 1.0, values),
                weight * np.where(is_small, self.most[field], values),
            )
            least += np.minimum(*ends)
            most += np.maximum(*ends)
        is_narrower = (least > 1 + agreement.SAME) | (most < self.most[count] - agreement.SAME)
        return np.asarray(is_known & is_narrower, dtype=np.bool_)

    def _probes(self, count: int) -> NDArray[np.intp]:
        """A few desa with the count: some hidden and some not, with each field known in some."""
        probes = []
        for is_probed in (self.is_small[count], (self.values[count] > 0) & ~self.is_small[count]):
            for values in self.values:
                desa = np.flatnonzero(is_probed & np.isfinite(values))
                probes.append(desa[:: max(1, len(desa) // _PROBES_OF_FIELD)][:_PROBES_OF_FIELD])
        desa = np.unique(np.concatenate(probes))
        return desa[:: -(-len(desa) // _MOST_PROBES)]

    def _combine(
        self, count: int, others: list[int], probes: NDArray[np.intp]
    ) -> Iterator[tuple[Fields, Fields]]:
        """Sums and rests of two fields, then of three in each way, that hold in probed desa."""
        probed = self.values[:, probes]
        for first in (None, *others):
            added = np.zeros(len(probes)) if first is None else probed[first]
            later = [field for field in others if first is None or field > first]
            seconds = [field for field in later if field != first]
            if not seconds:
                continue
            parts = added + probed[seconds]
            known = () if first is None else (first,)
            sums = agreement.agree(probed[count] - parts, probed[others], is_pair=first is None)
            rests = agreement.agree(probed[count] + parts, probed[others], is_pair=first is None)
            for row, column in np.argwhere(sums):
                second, third = seconds[row], others[column]
                if third > second:
                    yield (*known, second, third), ()
            for row, column in np.argwhere(rests):
                second, whole = seconds[row], others[column]
                if whole not in (first, second):
                    yield (whole,), (*known, second)
            if first is not None:
                yield from self._mixed(count, first, others, probed)

    def _mixed(
        self, count: int, first: int, others: list[int], probed: Floats
    ) -> Iterator[tuple[Fields, Fields]]:
        """What a field leaves of two that are added up."""
        lost = [field for field in others if field != first]
        sought = probed[count] - probed[first] + probed[lost]
        for row, column in np.argwhere(agreement.agree(sought, probed[others], is_pair=False)):
            third, taken = others[column], lost[row]
            if third > first and third != taken:
                yield (first, third), (taken,)

    def _shares(
        self, count: int, others: list[int], probes: NDArray[np.intp]
    ) -> Iterator[tuple[int, int, float]]:
        """Fields, the bases of which they may be a share that is the count, and per how many."""
        rows = [*others, *range(len(self.values), len(self.bases))]
        wholes, counts = self.bases[rows][:, probes], self.values[count]
        size = np.where(counts > 0, np.maximum(self.most[count].max() + 1, counts), np.nan)
        smallest = np.abs(self.bases[rows]) / size
        smallest = np.fmin.reduce(np.where(smallest > 0, smallest, np.nan), axis=1)
        for field in others:
            for per in PER:
                room = self.halves[field] * np.abs(wholes) / per
                shares = self.values[field, probes] * wholes / per - counts[probes]
                # A share too coarse wherever there is a count shows no relation.
                is_fine = self.halves[field] * smallest / per < agreement.TELLING
                # Rounded, or cut off.
                likely = agreement.is_nothing(shares, room, is_pair=True) | agreement.is_nothing(
                    shares + room, room, is_pair=True
                )
                likely &= is_fine
                yield from ((field, rows[row], per) for row in np.flatnonzero(likely))
