"""Which inputs the values of a build were made of: a result of each step, joined at the end.

A *use* is one row of a frame ``place, role, input, row``: the value of the place (its feature id)
was made of that row of that input.  Uses of fields that share them are kept once, as a strand.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from layers.release.provenance_file import EVERYWHERE, NO_YEAR, ROLES, Key, Part, write_provenance

USE_COLUMNS = ["place", "role", "input", "row"]
RANGE_COLUMNS = ["place", "role", "input", "first", "last"]
Places = npt.NDArray[np.int64] | pd.Series
"""Feature ids."""
NO_USES = pd.DataFrame({name: pd.Series([], dtype=object) for name in USE_COLUMNS})


@dataclass(frozen=True, slots=True)
class Strand:
    """What the values of some fields of one year were made of.

    Parameters
    ----------
    tahun
        `NO_YEAR` for fields without years.
    ranges
        `RANGE_COLUMNS`, sorted; row 0 is the whole file, place 0 every place.
    """

    layer: str
    fields: tuple[str, ...]
    tahun: int
    ranges: pd.DataFrame


@dataclass(frozen=True, slots=True)
class Sources:
    """The inputs of a workspace, as what values are made of.

    Parameters
    ----------
    paths
        Path of each input by its name, in the order of ``wilayah.toml``.
    keys_of
        Inputs that led to the code of a row, by input: a bridge for a table with BPS codes.
    """

    paths: Mapping[str, str]
    keys_of: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def trace(
        self, layer: str, fields: Collection[str], tahun: int | None, uses: Iterable[pd.DataFrame]
    ) -> Strand:
        """What the values of some fields of a year were made of, and what led to the codes there.

        Parameters
        ----------
        uses
            Frames ``place, role, input, row``; row 0 is the whole file, place 0 every place.
        """
        parts = [part[USE_COLUMNS] for part in uses if len(part)]
        joined = pd.concat(parts, ignore_index=True) if parts else NO_USES
        ranges = _compress(self._with_keys(joined))
        return Strand(layer, tuple(fields), tahun or NO_YEAR, ranges)

    def _with_keys(self, uses: pd.DataFrame) -> pd.DataFrame:
        """The uses, with what led to the codes of the rows among them."""
        parts = [uses]
        for name, led_by in self.keys_of.items():
            coded = uses[(uses["input"] == name) & ~uses["role"].isin(["facility", "way"])]
            places = coded["place"].unique()
            parts += [make_uses(places, "codes", other) for other in led_by if len(places)]
        return pd.concat(parts, ignore_index=True) if len(parts) > 1 else uses


@dataclass(frozen=True)
class Lineage:
    """What was used for what: the strands of all steps so far."""

    sources: Sources
    strands: tuple[Strand, ...] = ()

    @cached_property
    def keys(self) -> dict[Key, int]:
        """Position of the strand of each layer, field and year; of two the later one counts."""
        return {
            (strand.layer, name, strand.tahun): position
            for position, strand in enumerate(self.strands)
            for name in strand.fields
        }

    def uses_of(self, layer: str, name: str, tahun: int | None) -> pd.DataFrame:
        """The uses of a field; empty where there are none."""
        position = self.keys.get((layer, name, tahun or NO_YEAR))
        return NO_USES if position is None else expand_uses(self.strands[position])

    def inputs_of(self, layer: str, name: str) -> dict[int, tuple[str, ...]]:
        """The names of the inputs of a field by year (0 without years)."""
        order = {path: number for number, path in enumerate(self.sources.paths)}
        return {
            tahun: tuple(
                sorted(self.strands[position].ranges["input"].unique(), key=order.__getitem__)
            )
            for (of_layer, of_name, tahun), position in sorted(self.keys.items())
            if (of_layer, of_name) == (layer, name)
        }

    def write(self, path: Path) -> None:
        """Write all of it (`layers.release.provenance_file`)."""
        names = list(self.sources.paths)
        number_of = {name: number for number, name in enumerate(names)}
        # In the order of their first key, so that the order of computing does not show.
        used = dict.fromkeys(position for _, position in sorted(self.keys.items()))
        renumbered = {position: number for number, position in enumerate(used)}
        proofs: dict[tuple[Part, ...], int] = {}
        values = [
            (renumbered[position], place, proofs.setdefault(parts, len(proofs)))
            for position in used
            for place, parts in _group(self.strands[position].ranges, number_of)
        ]
        write_provenance(
            path,
            [(name, self.sources.paths[name]) for name in names],
            {key: renumbered[position] for key, position in self.keys.items()},
            values,
            ((number, part) for parts, number in proofs.items() for part in parts),
        )


def expand_uses(strand: Strand) -> pd.DataFrame:
    """The uses of a strand, one row each."""
    ranges = strand.ranges
    if ranges.empty:
        return NO_USES
    counts = (ranges["last"] - ranges["first"] + 1).to_numpy("int64")
    rows = ranges.loc[ranges.index.repeat(counts)]
    within = np.arange(len(rows)) - np.repeat(np.cumsum(counts) - counts, counts)
    return rows.assign(row=rows["first"] + within)[USE_COLUMNS].reset_index(drop=True)


def make_uses(
    places: Sequence[int] | Places, role: str, names: object, rows: object = 0
) -> pd.DataFrame:
    """Uses of one role: of one input, or of one each; of whole files, or of one row each."""
    assert role in ROLES, role
    return pd.DataFrame(
        {"place": np.asarray(places, dtype="int64"), "role": role, "input": names, "row": rows}
    )


def use_everywhere(role: str, names: Iterable[str]) -> pd.DataFrame:
    """Uses of whole inputs for every place."""
    parts = [make_uses([EVERYWHERE], role, name) for name in names]
    return pd.concat(parts, ignore_index=True) if parts else NO_USES


def _compress(uses: pd.DataFrame) -> pd.DataFrame:
    """The uses with rows that follow each other as ranges, sorted."""
    if uses.empty:
        return pd.DataFrame(columns=RANGE_COLUMNS)
    plain = uses.assign(row=uses["row"].astype("Float64").fillna(0).astype("int64"))
    plain = plain.drop_duplicates().sort_values(USE_COLUMNS, ignore_index=True)
    same = (plain[["place", "role", "input"]] == plain[["place", "role", "input"]].shift()).all(
        axis=1
    )
    follows = same & (plain["row"].diff() == 1) & (plain["row"].shift() != 0)
    group = (~follows).cumsum()
    return (
        plain.groupby(group, sort=True)
        .agg(
            place=("place", "first"),
            role=("role", "first"),
            input=("input", "first"),
            first=("row", "first"),
            last=("row", "last"),
        )
        .reset_index(drop=True)
    )


def _group(
    strand: pd.DataFrame, number_of: Mapping[str, int]
) -> Iterable[tuple[int, tuple[Part, ...]]]:
    """The parts of each place, sorted by place."""
    if strand.empty:
        return
    coded = strand.assign(input=strand["input"].map(number_of))
    coded = coded.drop_duplicates().sort_values(RANGE_COLUMNS[:4], ignore_index=True)
    parts = list(zip(coded["role"], coded["input"], coded["first"], coded["last"], strict=True))
    places = coded["place"].to_numpy("int64")
    starts = np.flatnonzero(np.r_[True, places[1:] != places[:-1]])
    for start, end in zip(starts, [*starts[1:], len(places)], strict=True):
        yield (
            int(places[start]),
            tuple(
                (role, int(input_number), int(first), int(last))
                for role, input_number, first, last in parts[start:end]
            ),
        )
