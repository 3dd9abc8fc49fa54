"""What may be odd about cells of a workbook and about its layout, whatever its format."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

ERRORS = {"#DIV/0!": 0x07, "#REF!": 0x17, "#N/A": 0x2A}


@dataclass(frozen=True)
class Styled:
    """A number with its format code."""

    number: float
    code: str


@dataclass(frozen=True)
class Formula:
    """A formula as programs write it that do not calculate."""

    text: str = "A1+1"


@dataclass(frozen=True)
class Failed:
    """A formula that ended in an error."""

    name: str = "#DIV/0!"


@dataclass(frozen=True)
class Rich:
    """A text of parts: plain, ``sup``, ``sub`` or ``s`` (struck out)."""

    parts: tuple[tuple[str, str], ...]

    @property
    def text(self) -> str:
        """All of it."""
        return "".join(text for text, _ in self.parts)


@dataclass(frozen=True)
class Struck:
    """A cell that is struck out as a whole."""

    value: float | str


WHITE, NAVY = "FFFFFF", "000080"


@dataclass(frozen=True)
class Painted:
    """A cell in a colour, on a ground of a colour or on none."""

    value: float | str
    text: str = WHITE
    ground: str | None = None


GROUNDS = (None, WHITE, NAVY)
TEXTS = (WHITE, NAVY)


@dataclass(frozen=True)
class Layout:
    """Rows and columns of a sheet, from 0, that are hidden; ranges that are merged."""

    hidden_rows: tuple[int, ...] = ()
    hidden_columns: tuple[int, ...] = ()
    merges: tuple[tuple[int, int, int, int], ...] = ()


PLAIN = Layout()
Rows = Sequence[Sequence[object]]
