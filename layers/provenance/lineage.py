"""Which inputs the values of a build were made of: a result of each step, joined at the end.

A *use* is one row of a frame ``place, role, input, row``: the value of the place (its feature id)
was made of that row of that input.  Uses of fields that share them are kept once, as a strand.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import blake2b
from pathlib import Path

import numpy as np
import pandas as pd

from layers.release import array_kinds, provenance_file

USE_COLUMNS = ["place", "role", "input", "row"]
Places = array_kinds.Integers | pd.Series
"""Feature ids."""
_KEY_PARTS = 13
NO_USES = pd.DataFrame({name: pd.Series([], dtype=object) for name in USE_COLUMNS})


@dataclass(frozen=True, slots=True)
class Ranges:
    """Uses with rows that follow each other as one range, sorted by place, role, input and row.

    They are arrays of numbers and no frame: all fields and years of a country have millions.

    Parameters
    ----------
    place
        Feature ids; 0 is every place.
    role
        Positions in `SORTED_ROLES`.
    input
        Positions in the paths of `Sources`.
    first, last
        Rows, both inclusive; 0 is the whole file.
    """

    place: array_kinds.Integers
    role: provenance_file.Codes
    input: provenance_file.Codes
    first: provenance_file.Codes
    last: provenance_file.Codes

    @property
    def columns(self) -> tuple[array_kinds.Integers | provenance_file.Codes, ...]:
        """All of them, in the order they are sorted by."""
        return self.place, self.role, self.input, self.first, self.last

    def is_equal(self, other: "Ranges") -> bool:
        """Whether both say the same."""
        return all(map(np.array_equal, self.columns, other.columns))

    def digest(self) -> bytes:
        """Equal for equal ranges."""
        state = blake2b(digest_size=16)
        for column in self.columns:
            state.update(column.tobytes())
        return state.digest()


NO_RANGES = Ranges(np.zeros(0, dtype="int64"), *np.zeros((4, 0), dtype="int32"))


@dataclass(frozen=True, slots=True)
class Strand:
    """What the values of some fields of one year were made of.

    Parameters
    ----------
    tahun
        `NO_YEAR` for fields without years.
    """

    layer: str
    fields: tuple[str, ...]
    tahun: int
    ranges: Ranges


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
        ranges = self._compress(self._with_keys(joined))
        return Strand(layer, tuple(fields), tahun or provenance_file.NO_YEAR, ranges)

    def expand(self, strand: Strand) -> pd.DataFrame:
        """The uses of a strand, one row each."""
        ranges = strand.ranges
        if not len(ranges.place):
            return NO_USES
        counts = (ranges.last - ranges.first + 1).astype("int64")
        within = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
        roles = np.array(provenance_file.SORTED_ROLES, dtype=object)[ranges.role]
        names = np.array([*self.paths], dtype=object)[ranges.input]
        return pd.DataFrame(
            {
                "place": np.repeat(ranges.place, counts),
                "role": np.repeat(roles, counts),
                "input": np.repeat(names, counts),
                "row": np.repeat(ranges.first.astype("int64"), counts) + within,
            }
        )

    def _compress(self, uses: pd.DataFrame) -> Ranges:
        """The uses with rows that follow each other as ranges, sorted."""
        role = pd.Index(provenance_file.SORTED_ROLES).get_indexer(pd.Index(uses["role"]))
        number = pd.Index([*self.paths]).get_indexer(pd.Index(uses["input"]))
        unknown = set(uses["input"][number < 0])
        assert not unknown, f"no input of this workspace: {unknown}"
        row = uses["row"].astype("Float64").fillna(0).to_numpy("int64")
        place = uses["place"].to_numpy("int64")
        order = np.lexsort((row, number, role, place))
        place, role, number, row = place[order], role[order], number[order], row[order]
        step = np.diff(row, prepend=0)
        # A range goes on with the next row, or the same again; the whole file (0) is alone.
        follows = (step == 0) | ((step == 1) & (row != 1))
        begins = _changes(place, role, number) | ~follows
        starts, ends = np.flatnonzero(begins), np.flatnonzero(np.roll(begins, -1))
        return Ranges(
            place[starts],
            role[starts].astype("int32"),
            number[starts].astype("int32"),
            row[starts].astype("int32"),
            row[ends].astype("int32"),
        )

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
    def keys(self) -> dict[provenance_file.Key, int]:
        """Position of the strand of each layer, field and year; of two the later one counts."""
        return {
            (strand.layer, name, strand.tahun): position
            for position, strand in enumerate(self.strands)
            for name in strand.fields
        }

    def uses_of(self, layer: str, name: str, tahun: int | None) -> pd.DataFrame:
        """The uses of a field; empty where there are none."""
        position = self.keys.get((layer, name, tahun or provenance_file.NO_YEAR))
        return NO_USES if position is None else self.sources.expand(self.strands[position])

    def inputs_of(self, layer: str, name: str) -> dict[int, tuple[str, ...]]:
        """The names of the inputs of a field by year (0 without years)."""
        names = [*self.sources.paths]
        return {
            tahun: tuple(names[number] for number in np.unique(self.strands[position].ranges.input))
            for (of_layer, of_name, tahun), position in sorted(self.keys.items())
            if (of_layer, of_name) == (layer, name)
        }

    def write(self, path: Path) -> None:
        """Write all of it (`layers.release.provenance_file`)."""
        numbers, ranges = self._number_strands()
        provenance_file.write_provenance(
            path,
            [*self.sources.paths.items()],
            {key: numbers[position] for key, position in self.keys.items()},
            *_arrange(ranges),
        )

    def _number_strands(self) -> tuple[dict[int, int], list[Ranges]]:
        """The number of each strand by its position, and the ranges of each number.

        They count in the order of their first key, so that the order of computing does not show;
        strands that say the same are one.
        """
        numbers: dict[int, int] = {}
        ranges: list[Ranges] = []
        number_of: dict[bytes, int] = {}
        for _, position in sorted(self.keys.items()):
            if position in numbers:
                continue
            strand = self.strands[position].ranges
            number = number_of.setdefault(strand.digest(), len(ranges))
            if number == len(ranges):
                ranges.append(strand)
            assert ranges[number].is_equal(strand), "two strands have one digest"
            numbers[position] = number
        return numbers, ranges


def make_uses(
    places: Sequence[int] | Places, role: str, names: object, rows: object = 0
) -> pd.DataFrame:
    """Uses of one role: of one input, or of one each; of whole files, or of one row each."""
    assert role in provenance_file.ROLES, role
    return pd.DataFrame(
        {"place": np.asarray(places, dtype="int64"), "role": role, "input": names, "row": rows}
    )


def use_everywhere(role: str, names: Iterable[str]) -> pd.DataFrame:
    """Uses of whole inputs for every place."""
    parts = [make_uses([provenance_file.EVERYWHERE], role, name) for name in names]
    return pd.concat(parts, ignore_index=True) if parts else NO_USES


def _changes(*columns: array_kinds.Integers | provenance_file.Codes) -> array_kinds.Mask:
    """Which rows differ from the row before; the first does."""
    changes: array_kinds.Mask = np.ones(len(columns[0]), dtype=bool)
    changes[1:] = False
    for column in columns:
        changes[1:] |= column[1:] != column[:-1]
    return changes


def _arrange(
    strands: Sequence[Ranges],
) -> tuple[provenance_file.ValueRows, provenance_file.ProofRows]:
    """The values and proofs of strands in the order of their numbers."""
    strands = strands or [NO_RANGES]
    begins = [_changes(ranges.place) for ranges in strands]
    starts = np.flatnonzero(np.concatenate(begins))
    sizes = np.diff(starts, append=sum(map(len, begins))).astype("int32")
    proof = _number_proofs(_number_parts(strands), starts, sizes)
    values = provenance_file.ValueRows(
        np.repeat(np.arange(len(strands), dtype="int32"), [mask.sum() for mask in begins]),
        np.concatenate([ranges.place[mask] for ranges, mask in zip(strands, begins, strict=True)]),
        proof,
    )
    # Proofs are numbered as they first occur: there each is higher than all before.
    is_first = np.diff(np.maximum.accumulate(proof), prepend=-1) > 0
    masks = np.split(np.repeat(is_first, sizes), np.cumsum([*map(len, begins)])[:-1])
    columns = (
        np.concatenate([column[mask] for column, mask in zip(parts, masks, strict=True)])
        for parts in zip(*(ranges.columns[1:] for ranges in strands), strict=True)
    )
    return values, provenance_file.ProofRows(np.repeat(proof[is_first], sizes[is_first]), *columns)


def _number_parts(strands: Sequence[Ranges]) -> provenance_file.Codes:
    """A number of the part in each row of all strands, the same for equal parts."""
    inputs = max(int(ranges.input.max(initial=0)) for ranges in strands) + 1
    longest = max(int((ranges.last - ranges.first).max(initial=0)) for ranges in strands)
    heads = [
        ((ranges.role.astype("int64") * inputs + ranges.input) << 32) + ranges.first
        for ranges in strands
    ]
    starts, _ = _number_distinct(np.concatenate(heads))
    if longest == 0:
        return starts
    lengths = np.concatenate([ranges.last - ranges.first for ranges in strands])
    return _number_distinct(starts.astype("int64") * (longest + 1) + lengths)[0]


def _number_proofs(
    part: provenance_file.Codes, starts: array_kinds.Rows, sizes: provenance_file.Codes
) -> provenance_file.Codes:
    """A number of each run of parts, the same for equal runs, in the order they first occur.

    Runs are compared part by part: a number for each beginning, from that of the beginning
    without its last part.
    """
    beginning = part[starts]
    count = most = int(part.max(initial=0)) + 1
    depth, longer = 1, np.flatnonzero(sizes > 1)
    while len(longer):
        pairs = beginning[longer].astype("int64") * most + part[starts[longer] + depth]
        numbers, distinct = _number_distinct(pairs)
        beginning[longer] = numbers + count
        count, depth = count + distinct, depth + 1
        longer = longer[sizes[longer] > depth]
    first = np.empty(count, dtype="int32")
    first[beginning[::-1]] = np.arange(len(beginning) - 1, -1, -1, dtype="int32")
    is_first = first[beginning] == np.arange(len(beginning), dtype="int32")
    in_order = np.cumsum(is_first, dtype="int32") - 1
    proof: provenance_file.Codes = in_order[first[beginning]]
    return proof


def _number_distinct(
    keys: array_kinds.Integers | provenance_file.Codes,
) -> tuple[provenance_file.Codes, int]:
    """A number of each key, the same for equal keys, and how many there are.

    In parts, since a table of all keys of a country takes half a gigabyte.
    """
    numbers = np.empty(len(keys), dtype="int32")
    count, remainder = 0, (keys % _KEY_PARTS).astype("int8")
    for part in range(_KEY_PARTS):
        rows = np.flatnonzero(remainder == part)
        of_part, distinct = pd.factorize(keys[rows])
        numbers[rows] = of_part + count
        count += len(distinct)
    return numbers, count
