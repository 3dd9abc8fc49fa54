"""The provenance of a release as one SQLite file: its layout, its writer and its reader.

Every question is answered by a few rows: from layer, field and year to a *strand* (fields that
share where they come from), from strand and place to a *proof* (the pieces of inputs that made the
value).  It names files and rows and holds no cell of them, so nothing hidden can be read from it.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NamedTuple, get_args

import numpy as np
from numpy.typing import NDArray

from layers.release import array_kinds, byte_source, errors

FILE_NAME = "tables/provenance.sqlite"
WHOLE_FILE = 0
"""As first and last row: the input counts as a whole (a raster, roads, a list that names none)."""
EVERYWHERE = 0
"""As place: the piece counts for every place of the strand."""
NO_YEAR = 0
"""As year: the field has no years."""
REST = ""
"""As field: every field of the layer that is not named itself."""
VERSION = 1

Role = Literal[
    "value",
    "origin",
    "facility",
    "way",
    "people",
    "boundary",
    "budget",
    "programme",
    "proposal",
    "codes",
    "history",
]
ROLES: tuple[Role, ...] = get_args(Role)
SORTED_ROLES = tuple(sorted(ROLES))
_ROLE_OF: dict[str, Role] = {role: role for role in ROLES}
"""What an input is to a value: the number itself; where a distance starts; where it ends; roads or
rasters between; people counted; the polygon; money of the desa; plans; what led to the code."""

_LAYOUT = """
CREATE TABLE input (input INTEGER PRIMARY KEY, name TEXT NOT NULL, path TEXT NOT NULL);
CREATE TABLE strand (
    layer TEXT NOT NULL, field TEXT NOT NULL, tahun INTEGER NOT NULL, strand INTEGER NOT NULL,
    PRIMARY KEY (layer, field, tahun)) WITHOUT ROWID;
CREATE TABLE value (
    strand INTEGER NOT NULL, place INTEGER NOT NULL, proof INTEGER NOT NULL,
    PRIMARY KEY (strand, place)) WITHOUT ROWID;
CREATE TABLE proof (
    proof INTEGER NOT NULL, role TEXT NOT NULL, input INTEGER NOT NULL,
    first_row INTEGER NOT NULL, last_row INTEGER NOT NULL,
    PRIMARY KEY (proof, role, input, first_row)) WITHOUT ROWID;
"""
_QUESTION = """
SELECT DISTINCT piece.role, source.name, source.path, piece.first_row, piece.last_row
FROM value
JOIN proof AS piece USING (proof)
JOIN input AS source USING (input)
WHERE value.strand = ? AND value.place IN (SELECT atom FROM json_each(?))
"""
_QUESTION_OF_INPUTS = """
SELECT DISTINCT piece.role, source.name, source.path
FROM (SELECT DISTINCT proof FROM value
      WHERE strand = ? AND place IN (SELECT atom FROM json_each(?)))
JOIN proof AS piece USING (proof)
JOIN input AS source USING (input)
"""


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of an input that a value was made of.

    Parameters
    ----------
    role
        What it is to the value, one of `ROLES`.
    input
        Name of the input, as in the manifest (``tables.idm_2024``).
    path
        The file, relative to the workspace.
    first, last
        Rows of the file as its readers count them, both inclusive; `WHOLE_FILE` for all of it.
    """

    role: Role
    input: str
    path: str
    first: int = WHOLE_FILE
    last: int = WHOLE_FILE

    @property
    def is_whole_file(self) -> bool:
        """Whether no row is named."""
        return self.first == WHOLE_FILE


Key = tuple[str, str, int]
Codes = NDArray[np.int32]


class ValueRows(NamedTuple):
    """Which proof each value has: columns of one length, sorted by strand and place.

    ``place`` is a feature id, or `EVERYWHERE`.
    """

    strand: Codes
    place: array_kinds.Integers
    proof: Codes


class ProofRows(NamedTuple):
    """The parts of proofs: columns of one length, sorted by all of them.

    ``role`` are positions in `SORTED_ROLES`, ``input`` in the inputs; rows as in `Piece`.
    """

    proof: Codes
    role: Codes
    input: Codes
    first: Codes
    last: Codes


def write_provenance(
    path: Path,
    inputs: Sequence[tuple[str, str]],
    strands: Mapping[Key, int],
    values: ValueRows,
    proofs: ProofRows,
) -> None:
    """Write the file, which must not exist: the same content gives the same bytes.

    Parameters
    ----------
    inputs
        Name and path of each input; parts count them from zero.
    strands
        Number of the strand of each layer, field and year (`NO_YEAR`).
    """
    with byte_source.creating(path, _LAYOUT, VERSION) as database:
        numbered = ((number, *entry) for number, entry in enumerate(inputs))
        database.executemany("INSERT INTO input VALUES (?, ?, ?)", numbered)
        keyed = ((*key, number) for key, number in sorted(strands.items()))
        database.executemany("INSERT INTO strand VALUES (?, ?, ?, ?)", keyed)
        for rows in byte_source.batches(len(values.strand)):
            byte_source.insert_rows(database, "value", [column[rows].tolist() for column in values])
        for rows in byte_source.batches(len(proofs.proof)):
            proof, role, *others = (column[rows].tolist() for column in proofs)
            words = [SORTED_ROLES[code] for code in role]
            byte_source.insert_rows(database, "proof", [proof, words, *others])


class Provenance:
    """The provenance of a release, open for reading; any thread may ask.

    Raises
    ------
    FileNotFoundError
        The file is not there.
    ReleaseUnusableError
        It is damaged, or no provenance of this version; so say its questions too.
    """

    def __init__(self, path: Path) -> None:
        self._database = byte_source.Database(path, VERSION)
        rows = self._database.rows("SELECT layer, field, tahun, strand FROM strand")
        with errors.explained(path):
            self._strands = dict(map(_read_strand, rows))

    def pieces(
        self, layer: str, field: str, tahun: int | None, places: Collection[int]
    ) -> tuple[Piece, ...]:
        """What the values of these places together were made of, by role, file and row.

        Parameters
        ----------
        tahun
            Year of the values; None for a field without years.
        places
            Feature ids.
        """
        return self._ask(_QUESTION, layer, field, tahun, places)

    def inputs(
        self, layer: str, field: str, tahun: int | None, places: Collection[int]
    ) -> tuple[Piece, ...]:
        """As `pieces`, without rows: each input once for each of its roles."""
        return self._ask(_QUESTION_OF_INPUTS, layer, field, tahun, places)

    def has(self, layer: str, field: str, tahun: int | None) -> bool:
        """Whether the file says where the values of a field and year come from."""
        return self._strand(layer, field, tahun) is not None

    def _strand(self, layer: str, field: str, tahun: int | None) -> int | None:
        keys = [(layer, field, tahun or NO_YEAR), (layer, field, NO_YEAR), (layer, REST, NO_YEAR)]
        return next((self._strands[key] for key in keys if key in self._strands), None)

    def _ask(
        self, question: str, layer: str, field: str, tahun: int | None, places: Collection[int]
    ) -> tuple[Piece, ...]:
        strand = self._strand(layer, field, tahun)
        if strand is None:
            return ()
        listed = json.dumps([EVERYWHERE, *(int(place) for place in places)])
        rows = self._database.rows(question, (strand, listed))
        with errors.explained(self._database.name):
            return tuple(sorted(map(_read_piece, rows), key=_order))


def _read_strand(row: tuple[object, ...]) -> tuple[Key, int]:
    """Raises TypeError where a cell has another type."""
    match row:
        case (str(layer), str(field), int(tahun), int(strand)):
            return (layer, field, tahun), strand
    raise TypeError(f"{row} is no strand")


def _read_piece(row: tuple[object, ...]) -> Piece:
    """Raises TypeError where a cell has another type, or the role is none of ours."""
    match row:
        case (str(role), str(name), str(path), *rows) if role in _ROLE_OF:
            first, last = rows or (WHOLE_FILE, WHOLE_FILE)
            if isinstance(first, int) and isinstance(last, int):
                return Piece(_ROLE_OF[role], name, path, first, last)
    raise TypeError(f"{row} is no piece of an input")


def _order(piece: Piece) -> tuple[int, str, str, int]:
    return ROLES.index(piece.role), piece.input, piece.path, piece.first
