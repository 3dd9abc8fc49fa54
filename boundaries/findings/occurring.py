"""What does occur in a column where a declared word does not: the end of such a message."""

from collections import Counter
from collections.abc import Iterable
from difflib import get_close_matches

MOST_WORDS = 12


def list_words(counts: Counter[str], unit: str = "rows") -> str:
    """The words that occur with their rows (or cells), commonest first.

    >>> list_words(Counter({"desa": 3, "kelurahan": 1}))
    "'desa' (3 rows), 'kelurahan' (1 rows)"
    """
    if not counts:
        return "no word"
    ordered = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    listed = ", ".join(f"'{word}' ({count} {unit})" for word, count in ordered[:MOST_WORDS])
    more = len(ordered) - MOST_WORDS
    return f"{listed} and {more} more words" if more > 0 else listed


def hint_word(word: str, words: Iterable[str]) -> str:
    """The question whether the nearest word is meant; empty where none is near.

    >>> hint_word("Puskemas", ["Puskesmas", "Pustu"])
    " Did you mean 'Puskesmas'?"
    """
    folded = {other.casefold(): other for other in words}
    near = get_close_matches(word.casefold(), list(folded), n=1)
    return f" Did you mean '{folded[near[0]]}'?" if near else ""
