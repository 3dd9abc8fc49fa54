"""Where in the inputs a row of a frame comes from, in the words of a finding."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from typing import Any, TypedDict

import numpy as np
import pandas as pd
from numpy.typing import NDArray


class Place(TypedDict):
    """File, row and code of a finding."""

    file: str | None
    row: int | None
    kode: str | None


def place_of(record: dict[str, Any]) -> Place:
    """The place of one row (a record of a frame with ``source_file, source_row, kode``)."""
    return Place(
        file=_text(record.get("source_file")),
        row=_number(record.get("source_row")),
        kode=_text(record.get("kode")),
    )


def records_of(frame: pd.DataFrame) -> Iterator[dict[str, Any]]:
    """Each row as a record, without its geometry."""
    plain = pd.DataFrame(frame.drop(columns="geometry", errors="ignore"))
    for record in plain.to_dict("records"):
        yield {str(key): value for key, value in record.items()}


def text_array(values: pd.Series[Any]) -> NDArray[np.object_]:
    """Texts with None where there is none."""
    array = values.to_numpy(dtype=object).copy()
    array[pd.isna(array)] = None
    return array


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _number(value: Any) -> int | None:
    return None if value is None or pd.isna(value) else int(value)


def row_spans(rows: Iterable[int]) -> tuple[tuple[int, int], ...]:
    """Row numbers as ranges in order, each with its first and last.

    >>> row_spans([5, 2, 3, 4, 9, 3])
    ((2, 5), (9, 9))
    """
    spans: list[tuple[int, int]] = []
    for row in sorted(rows):
        if spans and row <= spans[-1][1] + 1:
            spans[-1] = (spans[-1][0], row)
        else:
            spans.append((row, row))
    return tuple(spans)


def row_ranges(rows: Iterable[int]) -> list[str]:
    """Row numbers as the texts of ranges.

    >>> row_ranges([5, 2, 3, 4, 9])
    ['2-5', '9']
    """
    return span_texts(row_spans(rows))


def span_texts(spans: Iterable[tuple[int, int]]) -> list[str]:
    """Ranges of rows as texts (see `row_spans`)."""
    return [str(low) if low == high else f"{low}-{high}" for low, high in spans]


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
