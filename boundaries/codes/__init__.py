"""Kode wilayah: the two official code systems as two types, and columns of codes read safely.

Kemendagri and BPS codes of ten digits look alike and mean different places (BPS 5306 is Belu,
Kemendagri 53.06 is Flores Timur).  Here a digit string becomes a code only under a declared system;
what a spreadsheet did to it is undone only where the result is provably one code.

Does not look at geometry, and never decides which system a column is in
(`boundaries.codes.evidence` weighs that against the lists).
"""

from boundaries.codes.column import (
    CodeColumn,
    CodeProblem,
    column_findings,
    read_code_column,
    read_digits,
    read_named_column,
    split_names,
)
from boundaries.codes.kode_types import (
    CodeError,
    CodeSystem,
    Kode,
    KodeBps,
    KodeKemendagri,
    Level,
    kode_type,
)
from boundaries.codes.parts import (
    big_code_columns,
    join_code_parts,
    read_siskeudes_column,
    split_siskeudes_activity,
)
from boundaries.codes.reference import CodeReference

__all__ = [
    "CodeColumn",
    "CodeError",
    "CodeProblem",
    "CodeReference",
    "CodeSystem",
    "Kode",
    "KodeBps",
    "KodeKemendagri",
    "Level",
    "big_code_columns",
    "column_findings",
    "join_code_parts",
    "kode_type",
    "read_code_column",
    "read_digits",
    "read_named_column",
    "read_siskeudes_column",
    "split_names",
    "split_siskeudes_activity",
]
