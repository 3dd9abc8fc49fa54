"""Cells that hold a code and the name beside it: ``53.06.01.2001 - Waibao``, ``Waibao (…)``.

Only a code as it is officially written is taken out; what the name says is for the reader to check.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

_CODE = r"(?:IDN?[ .:_-]?)?(?:\d{2}\.\d{2}\.\d{2}(?:\.\d{4})?|\d{10}|\d{6,7})\.?"
_SHORT_CODE = rf"(?:{_CODE}|\d{{2}}\.\d{{4}}\.?)"
# No name has a number of four digits, which may be a second code or a year.
_NAME = r"(?!.*\d{4})[(\[\"']?\s*(?P<name>[^\W\d_].*?)[\s)\]\"']*"
_MARK = r"\s*[-\u2010-\u2015:/|,;=_]\s*"


def _shapes(code: str) -> tuple[re.Pattern[str], ...]:
    """A code before or after its name, in brackets or apart by a mark or a space."""
    inside = rf"[(\[]\s*(?P<code>{code})\s*[)\]]"
    bare = rf"(?P<code>{code})"
    # What the name may hold is looked at from its start, so a code after it is cut off first.
    before = r"(?P<name>[^\W\d_](?:(?!\d{4}).)*?)"
    return tuple(
        re.compile(shape, re.IGNORECASE)
        for shape in (
            rf"{inside}(?:{_MARK}|\s*){_NAME}",
            rf"{bare}(?:{_MARK}|\s+|(?=[(\[])){_NAME}",
            rf"{before}(?:{_MARK}|\s*){inside}",
            rf"{before}(?:{_MARK}|\s+){bare}",
        )
    )


_WHOLE_SHAPES, _SHORT_SHAPES = _shapes(_CODE), _shapes(_SHORT_CODE)
_LENGTHS = range(8, 201)
_LABEL = re.compile(
    r"(?:kode|code|id)(?:\W*(?:desa|kel(?:urahan)?|wilayah|bps|kemendagri))*\W*", re.I
)
"""Words for the code itself, which name no place."""


@dataclass(frozen=True, slots=True)
class NamedCodes:
    """Cells without the names that stood in them, and these names; None where there was none."""

    cells: Sequence[object]
    names: Sequence[str | None] | None = None


def split_name(cell: object, *, is_short: bool = False) -> tuple[str, str] | None:
    """The code and the name of a cell that holds both; None of any other.

    Parameters
    ----------
    is_short
        Codes of Siskeudes are known too, which have no kabupaten (``01.2001.``).

    Example
    -------
    >>> split_name("53.06.01.2001 - Waibao"), split_name("Waibao (5306012001)")
    (('53.06.01.2001', 'Waibao'), ('5306012001', 'Waibao'))
    >>> split_name("53.06.01.2001"), split_name("Waibao 53.06.01.2001 / 53.06.01.2002")
    (None, None)
    """
    if not isinstance(cell, str) or len(cell) not in _LENGTHS:
        return None
    text = " ".join(cell.split())
    for shape in _SHORT_SHAPES if is_short else _WHOLE_SHAPES:
        if (match := shape.fullmatch(text)) is not None:
            name = match["name"].strip()
            if name.count("(") > name.count(")"):
                name += ")"  # That of "Waibao (P)", cut off as one around the whole name.
            return match["code"], "" if _LABEL.fullmatch(name) else name
    return None


_PLAIN = re.compile(r"[\d.\s]*").fullmatch


def split_names(cells: Sequence[object], *, is_short: bool = False) -> NamedCodes:
    """The cells of a column of codes, each without the name that stands beside its code."""
    # Of each cell once: a national table repeats each code in every year.
    by_cell = {
        cell: pair
        for cell in {cell for cell in cells if type(cell) is str}
        if _PLAIN(cell) is None and (pair := split_name(cell, is_short=is_short)) is not None
    }
    if not by_cell:
        return NamedCodes(cells)
    plain, names = list(cells), list[str | None]([None] * len(cells))
    for index, cell in enumerate(cells):
        if type(cell) is str and (pair := by_cell.get(cell)) is not None:
            plain[index], names[index] = pair[0], pair[1] or None
    return NamedCodes(plain, names)
