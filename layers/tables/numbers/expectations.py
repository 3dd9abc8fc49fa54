"""What is known of a column of numbers before it is read."""

from dataclasses import dataclass
from typing import Literal

Decimal = Literal[",", "."]

PERCENT = "%"
PERCENT_UNITS = frozenset({PERCENT, "persen", "prosen", "percent", "pct"})
RUPIAH = "IDR"
COUNT_UNITS = frozenset({"jiwa", "keluarga", "orang", "kk", "unit", "rumah", "anak", "balita"})


@dataclass(frozen=True, slots=True)
class Expectation:
    """What is known of a column before reading it; decides cells that can be read two ways.

    Parameters
    ----------
    decimal
        Declared decimal sign.
    unit
        Unit of the numbers.
    minimum, maximum
        Their range before they are multiplied by ``factor``.
    factor
        By what the numbers are multiplied later; None where nothing is declared.
    is_whole
        The definition says that things are counted, whatever their unit (pupils, cattle, cases).
    """

    decimal: Decimal | None = None
    unit: str | None = None
    minimum: float | None = None
    maximum: float | None = None
    factor: float | None = None
    is_whole: bool = False

    @property
    def is_count(self) -> bool:
        """Whether only whole numbers make sense."""
        return self.is_whole or (self.unit or "").lower() in COUNT_UNITS

    @property
    def is_percent(self) -> bool:
        """Whether the numbers are per cent, in whatever word the unit is written."""
        return is_percent_unit(self.unit)


def is_percent_unit(unit: str | None) -> bool:
    """Whether a unit is per cent.

    >>> is_percent_unit("Persen"), is_percent_unit("%"), is_percent_unit(None)
    (True, True, False)
    """
    return (unit or "").strip().casefold() in PERCENT_UNITS


def has_percent(text: str) -> bool:
    """Whether a text says that its number is per cent.

    >>> has_percent("85,3 %"), has_percent("85,3 Persen"), has_percent("85,3")
    (True, True, False)
    """
    return any(word in text.casefold() for word in PERCENT_UNITS)
