r"""LIKE patterns in time that grows with the text only: ``%`` any text, ``_`` one character.

A pattern such as ``%_%_%_%~`` makes a backtracking expression try every way to share a text among
its wildcards: a minute for one name.  No way but the first needs to be tried: where a segment
between two ``%`` occurs as early as it can, more text is left for those after it.  So each segment
is searched once, as an atomic group that is never entered again, and only the last one is tied to
the end of the text.
"""

import re
from collections.abc import Callable

_PIECES = re.compile(r"\\.|.", re.DOTALL)


def like_matcher(pattern: str, *, is_folded: bool = False) -> Callable[[str], bool]:
    r"""Whether a text is of a pattern; ``\`` takes the character after it as itself.

    Parameters
    ----------
    is_folded
        Capital and small letters are alike.

    Example
    -------
    >>> list(map(like_matcher("Desa%1_"), ("Desa 10", "Desa 1", "Desa 1 11")))
    [True, False, True]
    >>> like_matcher(r"100\%")("100%"), like_matcher("%_" * 2000 + "~")("x" * 200)
    (True, False)
    """
    first, *others = _segments(pattern)
    flags = re.DOTALL | (re.IGNORECASE if is_folded else re.NOFLAG)
    if not others:
        whole = re.compile(first, flags)
        return lambda text: whole.fullmatch(text) is not None
    *middle, last = others
    head = re.compile(first + "".join(f"(?>.*?{segment})" for segment in middle if segment), flags)
    tail, length = re.compile(last, flags), _length(last)

    def matches(text: str) -> bool:
        start = head.match(text)
        begin = len(text) - length
        return (
            start is not None and begin >= start.end() and tail.fullmatch(text, begin) is not None
        )

    return matches


def _segments(pattern: str) -> list[str]:
    """What stands between the ``%`` of a pattern, as expressions of fixed length."""
    segments = [""]
    for piece in _PIECES.findall(pattern):
        if piece == "%":
            segments.append("")
        else:
            segments[-1] += "." if piece == "_" else re.escape(piece[-1])
    return segments


def _length(segment: str) -> int:
    """Characters that a segment matches: an escaped one counts once."""
    return len(_PIECES.findall(segment))
