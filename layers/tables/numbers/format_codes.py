"""What a number format of a spreadsheet makes of a number: percent, scale, words beside it.

A format code is read as spreadsheets do (sections, conditions, literals); nothing is rendered, for
only what changes the meaning of the number counts, not how many decimals are shown.
"""

import operator
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache

_TOKEN = re.compile(
    r"""
    "(?P<quoted>[^"]*)"? | \\(?P<escaped>.) | (?P<pad>_.) | (?P<fill>\*.)
    | \[\$(?P<currency>[^\]-]*)(?:-[^\]]*)?\]
    | \[(?P<sign>[<>=]{1,2})(?P<limit>[-+]?\d+(?:\.\d+)?(?:E[-+]?\d+)?)\]
    | (?P<elapsed>\[(?:h+|m+|s+)\]) | (?P<bracket>\[[^\]]*\])
    | (?P<general>General|Standard|@) | (?P<exponent>E[-+]) | (?P<clock>AM/PM|A/P)
    | (?P<digit>[0\#?]) | (?P<point>\.) | (?P<comma>,) | (?P<percent>%)
    | (?P<date>[ymdhs]) | (?P<other>.)
    """,
    re.VERBOSE | re.IGNORECASE | re.DOTALL,
)
_NO_WORDS = " -+()\u00a0"
_COMPARE: dict[str, Callable[[float, float], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "=": operator.eq,
    "<>": operator.ne,
}
_DATE_IDS = {*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)}


@dataclass(frozen=True, slots=True)
class FormatSection:
    """One section of a format code.

    Parameters
    ----------
    prefix, suffix
        Words before and behind the number, without signs, brackets and space.
    percents
        How often the number is multiplied by a hundred.
    thousands
        How often it is divided by a thousand.
    has_number
        Whether the number is shown at all.
    is_broken_up
        Whether signs stand between its digits.
    is_date
        Whether it is shown as a date or a time.
    condition
        Numbers that the section is for, None where its place in the code says so.
    """

    prefix: str = ""
    suffix: str = ""
    percents: int = 0
    thousands: int = 0
    has_number: bool = False
    is_broken_up: bool = False
    is_date: bool = False
    condition: tuple[str, float] | None = None

    @property
    def is_plain(self) -> bool:
        """Whether the number is shown as it is stored."""
        return self == _PLAIN


_PLAIN = FormatSection(has_number=True)
_HIDDEN = FormatSection()


@cache
def read_format(code: str) -> tuple[FormatSection, ...]:
    """The sections of a format code that are for numbers, at most three.

    >>> [section.percents for section in read_format("0.0%")]
    [1]
    >>> read_format('#,##0,"rb"')[0].thousands, read_format('#,##0,"rb"')[0].suffix
    (1, 'rb')
    >>> is_plain('_-* #,##0_-;-* #,##0_-;_-* "-"_-;_-@_-'), is_plain("0.00E+00"), is_plain("0;;")
    (True, True, False)
    """
    return tuple(_read_section(text) for text in _split(code)[:3]) or (_PLAIN,)


@cache
def is_plain(code: str) -> bool:
    """Whether every number is shown as it is stored; a zero shown as ``-`` is still a zero."""
    first, *others = read_format(code)
    zero = others[1] if len(others) == 2 and first.condition is None else None
    if zero is not None and not zero.has_number and not zero.is_date:
        others = others[:1]
        if not _shows_dash(code):
            return False
    return all(section.is_plain for section in (first, *others))


def section_of(code: str, number: float) -> FormatSection:
    """The section by which a number is shown.

    >>> section_of('[>=1000000]0.0,,"jt";[>=1000]0,"rb";0', 2500).suffix
    'rb'
    """
    sections = read_format(code)
    if any(section.condition for section in sections):
        return next((section for section in sections if _is_for(section, number)), _HIDDEN)
    if number == 0 and len(sections) == 3:
        return _PLAIN if _shows_dash(code) else sections[2]
    return sections[1] if number < 0 and len(sections) > 1 else sections[0]


def built_in_format(number: int) -> str | None:
    """The code of a format that workbooks know by number; None where it shows numbers plainly."""
    if number in _DATE_IDS:
        return "yyyy-mm-dd"
    return {9: "0%", 10: "0.00%"}.get(number)


def _split(code: str) -> list[str]:
    """The sections; a semicolon in quotes or behind a backslash is text."""
    parts, start = [], 0
    for match in _TOKEN.finditer(code):
        if match["other"] == ";":
            parts.append(code[start : match.start()])
            start = match.end()
    return [*parts, code[start:]] if code else []


def _shows_dash(code: str) -> bool:
    """Whether the third section shows zero as a dash, as the comma style of Excel does."""
    parts = _split(code)
    texts = (
        [
            match["quoted"] or match["escaped"] or match["other"] or ""
            for match in _TOKEN.finditer(parts[2])
        ]
        if len(parts) > 2
        else []
    )
    return re.sub(r"(?i)\brp\.?|\bidr|\s", "", "".join(texts)) in {"-", "–", "—", "0"}


def _is_for(section: FormatSection, number: float) -> bool:
    if section.condition is None:
        return True
    sign, limit = section.condition
    compare = _COMPARE.get(sign)
    return compare is not None and compare(number, limit)


def _read_section(text: str) -> FormatSection:
    tokens = [(str(match.lastgroup), match) for match in _TOKEN.finditer(text)]
    kinds = [kind for kind, _ in tokens]
    section = FormatSection(condition=_condition(tokens))
    if not {"date", "elapsed", "clock"}.isdisjoint(kinds) and "general" not in kinds:
        return replace(section, is_date=True, has_number=True)
    places = [i for i, kind in enumerate(kinds) if kind in ("digit", "general")]
    words = [_words(kind, match) for kind, match in tokens]
    if not places:
        return replace(section, prefix="".join(words).strip(_NO_WORDS))
    first, last = places[0], places[-1]
    inside = "".join(words[first : last + 1]).strip()
    return replace(
        section,
        prefix="".join(words[:first]).strip(_NO_WORDS),
        suffix="".join(words[last + 1 :]).strip(_NO_WORDS),
        percents=kinds.count("percent"),
        thousands=_thousands(kinds),
        has_number=True,
        is_broken_up=inside not in ("", "/"),
    )


def _condition(tokens: list[tuple[str, re.Match[str]]]) -> tuple[str, float] | None:
    return next(
        ((match["sign"], float(match["limit"])) for _, match in tokens if match["sign"]), None
    )


def _words(kind: str, match: re.Match[str]) -> str:
    if kind in ("quoted", "escaped", "currency", "other"):
        return match[kind] or ""
    return " " if kind == "pad" else ""


def _thousands(kinds: list[str]) -> int:
    """Commas behind the last digit before the point, and behind the last of all."""
    numeric = [kind for kind in kinds if kind in ("digit", "comma", "point")]
    text = "".join({"digit": "0", "comma": ",", "point": "."}[kind] for kind in numeric)
    return sum(len(match.group(1)) for match in re.finditer(r"0(,+)(?=\.|$)", text))
