"""What a file of the sample is: its bytes, its labelled dirt, and what must become of its rows."""

from dataclasses import dataclass
from typing import Literal

Treatment = Literal["repaired", "left_out", "warned"]


@dataclass(frozen=True, slots=True)
class Dirt:
    """One defect put into a file on purpose.

    Parameters
    ----------
    row
        Spreadsheet row (header is row 1) or 1-based feature number; ``None`` for the whole file.
    kind
        Short slug of the kind of dirt.
    detail
        What was done to the data, in words.
    treatment
        ``repaired``: read as if it were clean, and logged.  ``left_out``: the row is not used and
        is listed.  ``warned``: used as it stands, with a finding.
    kode
        The desa concerned, where one is.
    """

    file: str
    row: int | None
    kind: str
    detail: str
    treatment: Treatment
    kode: str | None = None


@dataclass(frozen=True, slots=True)
class Load:
    """What must become of the data rows of one file: every row is one of three.

    ``desa_without_data`` counts the units of the coverage the file says nothing usable about;
    None where that is no question (lists of codes, roads, facilities, programmes).
    """

    rows_read: int
    matched: int
    unmatched: int = 0
    duplicates: int = 0
    desa_without_data: int | None = None


@dataclass(frozen=True, slots=True)
class OfficeFile:
    """One file of the workspace: path relative to it, content, and the right answers for it."""

    path: str
    content: bytes
    about: str
    dirt: tuple[Dirt, ...] = ()
    load: Load | None = None
