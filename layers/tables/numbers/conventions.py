"""By which decimal sign the cells of a column are read, and how that is known."""

import math

from layers.tables.numbers.expectation import RUPIAH, Decimal, Expectation
from layers.tables.numbers.number_text import Form, evaluate

_UNCLEAR = (Form.UNCLEAR_POINT, Form.UNCLEAR_COMMA)


def find_convention(
    cleaned: dict[int, str], forms: dict[int, Form], expectation: Expectation
) -> tuple[Decimal | None, list[str]]:
    """The decimal sign of the column, and how that is known."""
    if expectation.decimal is not None:
        return expectation.decimal, []
    speaking = {Form.DECIMAL_COMMA: ",", Form.DECIMAL_POINT: "."}
    votes = [speaking[form] for form in forms.values() if form in speaking]
    commas, points = votes.count(","), votes.count(".")
    unclear = {row: form for row, form in forms.items() if form in _UNCLEAR}
    if commas and points:
        return None, [f"both signs occur: {commas} cells with decimal comma, {points} with point"]
    if commas or points:
        sign: Decimal = "," if commas else "."
        name = "comma" if commas else "point"
        if sign == "," or unclear:
            reason = f"decimal {name} told by {commas or points} of {len(forms)} cells"
            return sign, [reason]
        return sign, []
    if not unclear:
        return None, []
    return _by_expectation(cleaned, unclear, expectation)


def _by_expectation(
    cleaned: dict[int, str], unclear: dict[int, Form], expectation: Expectation
) -> tuple[Decimal | None, list[str]]:
    """For columns where every cell can be read two ways: what the definition leaves possible."""
    possible: list[tuple[Decimal, bool]] = []
    signs: tuple[Decimal, ...] = (",", ".")
    for sign in signs:
        read = [evaluate(cleaned[row], form, sign, False)[0] for row, form in unclear.items()]
        fits = all(value is not None and _fits(value, expectation) for value in read)
        if fits:
            possible.append((sign, fits))
    if len(possible) == 1:
        name = "comma" if possible[0][0] == "," else "point"
        return possible[0][0], [f"decimal {name}: only so do all {len(unclear)} cells make sense"]
    return None, []


def _fits(value: float, expectation: Expectation) -> bool:
    low = -math.inf if expectation.minimum is None else expectation.minimum
    high = math.inf if expectation.maximum is None else expectation.maximum
    return low <= value <= high and (not expectation.is_count or value.is_integer())


def sign_of(form: Form, convention: Decimal | None, expectation: Expectation) -> Decimal | None:
    """The decimal sign by which a cell is read: that of its column; of rupiah each has its own.

    There are no thousandths of a rupiah: three digits behind a sign are a group of thousands.
    """
    is_rupiah = expectation.unit == RUPIAH and expectation.factor in (None, 1.0)
    if not is_rupiah or expectation.decimal is not None or form not in _UNCLEAR:
        return convention
    return "," if form is Form.UNCLEAR_POINT else "."


def mixed_notations(
    cleaned: dict[int, str],
    forms: dict[int, Form],
    convention: Decimal | None,
    expectation: Expectation,
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
