"""Cells that say more, or less, than their stored value: formats, formulas, errors, struck text."""

import re
from collections.abc import Sequence
from enum import StrEnum

from layers.tables.numbers import format_codes, number_text

MAGNITUDES = {
    "rb": 1e3,
    "ribu": 1e3,
    "rbu": 1e3,
    "k": 1e3,
    "jt": 1e6,
    "juta": 1e6,
    "jta": 1e6,
    "mio": 1e6,
    "m": 1e9,
    "mlr": 1e9,
    "mil": 1e9,
    "milyar": 1e9,
    "miliar": 1e9,
    "t": 1e12,
    "triliun": 1e12,
}
_FORMULA_ERROR = re.compile(
    r"#(?:null!|div/0!|value!|ref!|name\?|num!|n/a|getting_data|spill!|calc!)"
    r"|err:5(?:02|04|08|11|19|22|23)",
    re.IGNORECASE,
)


class FormattedNumber(float):
    """The stored number of a cell whose format changes what a person reads there."""

    __slots__ = ("code",)

    code: str

    def __new__(cls, number: float, code: str) -> "FormattedNumber":
        """The number with the code of its format."""
        cell = super().__new__(cls, number)
        cell.code = code
        return cell

    def __getnewargs__(self) -> tuple[float, str]:  # type: ignore[override]  # the arguments of its own __new__
        """What makes a copy."""
        return float(self), self.code

    @property
    def section(self) -> format_codes.FormatSection:
        """How this number is shown."""
        return format_codes.section_of(self.code, float(self))

    @property
    def percent(self) -> float | None:
        """The number before the percent sign that the format shows, None where it shows none."""
        section = self.section
        if (
            section.percents != 1
            or section.thousands
            or not self._has_only(section, "%", section.suffix)
        ):
            return None
        # 0.57 times 100 is 56.99999999999999; no cell holds more than 15 digits.
        return float(f"{float(self) * 100:.14g}")

    def says_plainly(self, unit: str | None, factor: float = 1.0) -> bool:
        """Whether the stored number is what the cell says, counted in ``unit``.

        Words beside the number must be those that a text cell may have; a magnitude (``rb``,
        ``jt``) must be the one by which the format divides, or the declared ``factor``.
        """
        section = self.section
        if section.percents or section.is_date or section.is_broken_up or not section.has_number:
            return False
        word = section.suffix.casefold().strip(". ")
        magnitude, _, rest = word.partition(" ")
        if magnitude in MAGNITUDES:
            scale = MAGNITUDES[magnitude] / 1000.0**section.thousands
            is_told = (scale == 1.0 and factor == 1.0) or (
                section.thousands == 0 and factor == scale
            )
            return is_told and self._has_only(section, unit, rest)
        return section.thousands == 0 and self._has_only(section, unit, section.suffix)

    @property
    def text(self) -> str | None:
        """The stored number between the words of its format; None where other digits are shown."""
        section = self.section
        is_other = section.percents or section.thousands or section.is_date or section.is_broken_up
        if is_other or not section.has_number:
            return None
        return f"{section.prefix}{float(self):.15g}{section.suffix}"

    @staticmethod
    def _has_only(section: format_codes.FormatSection, unit: str | None, suffix: str) -> bool:
        return number_text.clean(f"{section.prefix} 7 {suffix}", unit) == "7"


class Mark(StrEnum):
    """How a part of a cell is written."""

    PLAIN = "{}"
    RAISED = "^{}^"
    STRUCK = "~{}~"


class MarkedText(str):
    """The text of a cell of which a part is struck out, raised or lowered.

    As a text it is what stands without these parts, for they are corrections and footnotes; where
    nothing else stands, it is all of it.  It is never a number: whether ``12`` with a raised ``1``
    is 12 or 121, and whether a number that is struck out still counts, only its writer knows.
    """

    __slots__ = ("parts",)

    parts: tuple[tuple[str, Mark], ...]

    def __new__(cls, parts: Sequence[tuple[str, Mark]]) -> "MarkedText":
        """The text made of its parts in order."""
        plain = _joined(parts, {Mark.PLAIN})
        cell = super().__new__(cls, plain or _joined(parts, set(Mark)))
        cell.parts = tuple(parts)
        return cell

    def __reduce__(self) -> "tuple[type[MarkedText], tuple[tuple[tuple[str, Mark], ...]]]":
        """What makes a copy."""
        return MarkedText, (self.parts,)

    @property
    def with_raised(self) -> str:
        """The text with its raised parts, as a header has them: ``km2``."""
        return _joined(self.parts, {Mark.PLAIN, Mark.RAISED}) or str(self)

    @property
    def marks_digits(self) -> bool:
        """Whether a marked part has a digit in it, so that a number may be meant."""
        marked = _joined(self.parts, {Mark.RAISED, Mark.STRUCK})
        return any(character.isdigit() for character in marked)

    @property
    def written(self) -> str:
        """The cell for a message: raised parts between ``^``, struck ones between ``~``."""
        return "".join(mark.value.format(text) for text, mark in self.parts)


def marked_text(parts: Sequence[tuple[str, Mark]]) -> str:
    """The text of a cell from its parts; a plain text where no part that says anything is marked.

    >>> marked_text([("85,3", Mark.PLAIN), ("1)", Mark.RAISED)]).written
    '85,3^1)^'
    >>> type(marked_text([("85,3", Mark.PLAIN), (" ", Mark.RAISED)])).__name__
    'str'
    """
    if all(mark is Mark.PLAIN or not text.strip() for text, mark in parts):
        return "".join(text for text, _ in parts)
    return MarkedText(parts)


def _joined(parts: Sequence[tuple[str, Mark]], marks: set[Mark]) -> str:
    return "".join(text for text, mark in parts if mark in marks).strip()


class UnsolvedFormula:
    """A formula whose result the file does not hold; it is no empty cell, and never evaluated."""

    def __str__(self) -> str:
        """How messages name it."""
        return "formula without result"


class FormulaError(str):
    """A cell whose formula ended in an error, such as ``#REF!``."""

    __slots__ = ()


def is_formula_error(cell: object) -> bool:
    """Whether a cell is the error of a formula, also as text.

    >>> is_formula_error("#DIV/0!"), is_formula_error("n/a")
    (True, False)
    """
    return isinstance(cell, FormulaError) or (
        isinstance(cell, str) and _FORMULA_ERROR.fullmatch(cell.strip()) is not None
    )
