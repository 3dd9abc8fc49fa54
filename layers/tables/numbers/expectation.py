"""What is known of a column of numbers before it is read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Decimal = Literal[",", "."]

PERCENT = "%"
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
    """

    decimal: Decimal | None = None
    unit: str | None = None
    minimum: float | None = None
    maximum: float | None = None
    factor: float | None = None

    @property
    def is_count(self) -> bool:
        """Whether only whole numbers make sense."""
        return (self.unit or "").lower() in COUNT_UNITS
