"""Numbers as offices write them: texts cleaned, forms, the decimal sign of a column, values."""

import math
import re
from enum import StrEnum

from layers.tables.numbers import expectations

EMPTY_MARKS = frozenset(
    {
        "",
        "-",
        "--",
        "n/a",
        "na",
        "nan",
        "null",
        "none",
        "nihil",
        "tidakada",
        "tidakadadata",
        "tad",
        "tdkada",
        "...",
        "…",
        ".",
        "?",
    }
)

_SIGNS = str.maketrans(
    {"−": "-", "–": "-", "—": "-", "\u00a0": " ", "\u202f": " ", "\u2007": " ", "\u2009": " "}
)
_MONEY = ("rp", "rupiah", "idr")
_NOTHING = re.compile(r"(?!)()")
_CURRENCY = re.compile(r"^(-?)\s*(?:rp|idr)\.?\s*", re.IGNORECASE)
_BRACKETS = re.compile(r"^\((.*)\)$")


class Form(StrEnum):
    """What the separators of a number text tell about the convention."""

    WHOLE = "whole"
    DECIMAL_COMMA = "decimal_comma"
    DECIMAL_POINT = "decimal_point"
    UNCLEAR_COMMA = "unclear_comma"
    UNCLEAR_POINT = "unclear_point"
    TEXT = "text"


_EXPONENT = r"(?:e[-+]?\d+)?"
_FORMS = (
    (Form.WHOLE, re.compile(r"[-+]?\d+")),
    (Form.UNCLEAR_POINT, re.compile(r"[-+]?[1-9]\d{0,2}\.\d{3}")),
    (Form.UNCLEAR_COMMA, re.compile(r"[-+]?[1-9]\d{0,2},\d{3}")),
    (Form.DECIMAL_COMMA, re.compile(r"[-+]?[1-9]\d{0,2}(?:\.\d{3})+,\d+")),
    (Form.DECIMAL_COMMA, re.compile(rf"[-+]?\d*,\d+{_EXPONENT}")),
    (Form.DECIMAL_POINT, re.compile(r"[-+]?[1-9]\d{0,2}(?:,\d{3})+\.\d+")),
    (Form.DECIMAL_POINT, re.compile(rf"[-+]?\d*\.\d+{_EXPONENT}")),
    (Form.DECIMAL_COMMA, re.compile(r"[-+]?[1-9]\d{0,2}(?:\.\d{3}){2,}")),
    (Form.DECIMAL_POINT, re.compile(r"[-+]?[1-9]\d{0,2}(?:,\d{3}){2,}")),
    (Form.WHOLE, re.compile(r"[-+]?\d+e[-+]?\d+")),
)


def clean(text: str, unit: str | None = None) -> str:
    """The text without currency, percent sign, unit, brackets and spaces; lower case.

    Brackets and a trailing minus become a leading minus.  A sign of another unit than the declared
    one stays: 12 % of the people are not 12 people, nor are Rp 12.

    >>> clean("Rp 1.250.000,00"), clean("(1,5)"), clean("85,5 %"), clean("12 jiwa", "jiwa")
    ('1.250.000,00', '-1,5', '85,5', '12')
    >>> clean("12 %", "jiwa"), clean("Rp 12", "jiwa"), clean("Rp 12", "IDR")
    ('12%', 'rp12', '12')
    """
    bare = text.translate(_SIGNS).strip().lstrip("'").strip().lower()
    currency = _CURRENCY if (unit or "rp").lower().startswith(_MONEY) else _NOTHING
    bare = currency.sub(r"\1", bare)
    match = _BRACKETS.match(bare)
    if match:
        bare = "-" + currency.sub("", match.group(1).strip())
    if bare.endswith((",-", ".-")):
        bare = bare[:-2]
    for tail in _tails(unit):
        if tail and bare.endswith(tail) and len(bare) > len(tail):
            bare = bare[: -len(tail)].rstrip()
    if len(bare) > 1 and bare.endswith("-") and bare[-2].isdigit():
        bare = "-" + bare[:-1]
    return _join_groups(bare)


def _tails(unit: str | None) -> tuple[str, ...]:
    """Words that may stand behind a number of this unit, longest first."""
    if unit is not None and not expectations.is_percent_unit(unit):
        return (unit.lower(),)
    return tuple(sorted(expectations.PERCENT_UNITS, key=len, reverse=True)) if unit else ("%",)


def _join_groups(text: str) -> str:
    """Spaces left out where they group thousands (``1 250 000``) or stand beside a mark.

    Any other space keeps the text from being a number: ``12 13`` is not 1213.
    """
    if " " not in text:
        return text
    if re.fullmatch(r"[-+]?\s*\d{1,3}(?: \d{3})+(?:[.,]\d+)?", text) or not re.search(
        r"\d\s+[\d.,]|[.,]\s+\d", text
    ):
        return text.replace(" ", "")
    return text


_SHORTENED = re.compile(r"\s*[-+]?\d(?:[.,](\d+))?E\+?(\d{2,3})\s*")


def has_lost_digits(text: str) -> bool:
    """Whether a spreadsheet wrote a large number with fewer digits than it has.

    Programs that write all digits have a small ``e``.

    >>> has_lost_digits("1,23457E+09"), has_lost_digits("1.5e+07"), has_lost_digits("1.2345E+04")
    (True, False, False)
    """
    match = _SHORTENED.fullmatch(text)
    return match is not None and len(match[1] or "") < int(match[2])


def classify(text: str) -> Form:
    """The form of a cleaned text.

    >>> classify("1.250").value, classify("1.250.000").value, classify("12,5").value
    ('unclear_point', 'decimal_comma', 'decimal_comma')
    """
    return next((form for form, shape in _FORMS if shape.fullmatch(text)), Form.TEXT)


def evaluate(
    text: str, form: Form, decimal: str | None, is_declared: bool
) -> tuple[float | None, str | None]:
    """Value of a cleaned text under a decimal sign (None: not known), or why there is none.

    A text whose own form is plain is read by it, unless another sign was declared.
    """
    if form is Form.TEXT:
        return None, "text"
    if form is Form.WHOLE:
        return _finite(text)
    sign = decimal
    if form in (Form.DECIMAL_COMMA, Form.DECIMAL_POINT):
        decimal_sign = "," if form is Form.DECIMAL_COMMA else "."
        if is_declared and decimal != decimal_sign:
            return None, "convention"
        sign = decimal_sign
    if sign is None:
        return None, "ambiguous"
    thousands = "." if sign == "," else ","
    return _finite(text.replace(thousands, "").replace(",", "."))


def _finite(text: str) -> tuple[float | None, str | None]:
    """The number of a plain text; none where it is larger than any."""
    number = float(text)
    return (number, None) if math.isfinite(number) else (None, "infinite")


UNCLEAR = (Form.UNCLEAR_POINT, Form.UNCLEAR_COMMA)


def find_convention(
    cleaned: dict[int, str], forms: dict[int, Form], expectation: expectations.Expectation
) -> tuple[expectations.Decimal | None, list[str]]:
    """The decimal sign of the column, and how that is known."""
    if expectation.decimal is not None:
        return expectation.decimal, []
    speaking = {Form.DECIMAL_COMMA: ",", Form.DECIMAL_POINT: "."}
    votes = [speaking[form] for form in forms.values() if form in speaking]
    commas, points = votes.count(","), votes.count(".")
    unclear = {row: form for row, form in forms.items() if form in UNCLEAR}
    if commas and points:
        return None, [f"both signs occur: {commas} cells with decimal comma, {points} with point"]
    if commas or points:
        sign: expectations.Decimal = "," if commas else "."
        name = "comma" if commas else "point"
        if sign == "," or unclear:
            reason = f"decimal {name} shown by {commas or points} of {len(forms)} cells"
            return sign, [reason]
        return sign, []
    if not unclear:
        return None, []
    return _by_expectation(cleaned, unclear, expectation)


def _by_expectation(
    cleaned: dict[int, str], unclear: dict[int, Form], expectation: expectations.Expectation
) -> tuple[expectations.Decimal | None, list[str]]:
    """For columns where every cell can be read two ways: what the definition leaves possible."""
    possible: list[tuple[expectations.Decimal, bool]] = []
    signs: tuple[expectations.Decimal, ...] = (",", ".")
    for sign in signs:
        read = [evaluate(cleaned[row], form, sign, False)[0] for row, form in unclear.items()]
        fits = all(value is not None and _fits(value, expectation) for value in read)
        if fits:
            possible.append((sign, fits))
    if len(possible) == 1:
        name = "comma" if possible[0][0] == "," else "point"
        return possible[0][0], [f"decimal {name}: only so do all {len(unclear)} cells make sense"]
    return None, []


def _fits(value: float, expectation: expectations.Expectation) -> bool:
    low = -math.inf if expectation.minimum is None else expectation.minimum
    high = math.inf if expectation.maximum is None else expectation.maximum
    return low <= value <= high and (not expectation.is_count or value.is_integer())


def sign_of(
    form: Form, convention: expectations.Decimal | None, expectation: expectations.Expectation
) -> expectations.Decimal | None:
    """The decimal sign by which a cell is read: that of its column; of rupiah each has its own.

    There are no thousandths of a rupiah: three digits behind a sign are a group of thousands.
    """
    if not is_group_of_rupiah(form, expectation):
        return convention
    return "," if form is Form.UNCLEAR_POINT else "."


def is_group_of_rupiah(form: Form, expectation: expectations.Expectation) -> bool:
    """Whether the cell is an amount of rupiah whose sign stands before three digits."""
    is_rupiah = expectation.unit == expectations.RUPIAH and expectation.factor in (None, 1.0)
    return is_rupiah and expectation.decimal is None and form in UNCLEAR


def mixed_notations(
    cleaned: dict[int, str],
    forms: dict[int, Form],
    convention: expectations.Decimal | None,
    expectation: expectations.Expectation,
) -> set[int]:
    """Cells of a count such as ``2.000`` beside ``567.0``: two, or two thousand of another hand.

    Where those that tell the sign have three decimals too (``1234.000``), one program wrote them.
    """
    unclear = Form.UNCLEAR_COMMA if convention == "," else Form.UNCLEAR_POINT
    if convention is None or not expectation.is_count:
        return set()
    telling = (Form.DECIMAL_COMMA, Form.DECIMAL_POINT)
    tails = {
        len(cleaned[row].rpartition(convention)[2])
        for row, form in forms.items()
        if form in telling and convention in cleaned[row]
    }
    if not tails or tails == {3}:
        return set()
    return {row for row, form in forms.items() if form is unclear and cleaned[row].endswith("000")}
