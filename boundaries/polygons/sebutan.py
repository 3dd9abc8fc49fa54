"""What the places of a file are called locally: the words of the declared columns."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from boundaries.findings.kinds import declared_kind
from boundaries.findings.report import Finding
from boundaries.polygons.declaration import PolygonSource
from boundaries.polygons.local_terms import term_of

TERM_REFUSED = declared_kind("boundary.term_refused")


def read_sebutan(
    table: pd.DataFrame, source: PolygonSource, rows: Sequence[int]
) -> tuple[pd.DataFrame, list[Finding]]:
    """Columns ``sebutan`` and ``sebutan_kecamatan``: words in small letters, None where not given.

    Findings
    --------
    boundary.term_refused
        A cell is no word for a kind of place (warning, one for each such word); it is not used.
    """
    columns = {
        "sebutan": source.sebutan_column,
        "sebutan_kecamatan": source.kecamatan_sebutan_column,
    }
    findings: list[Finding] = []
    read = {}
    for target, column in columns.items():
        texts = [None] * len(table) if column is None else table[column].tolist()
        words = [_text(value) for value in texts]
        terms = [None if word is None else term_of(word) for word in words]
        refused = [
            position
            for position, word in enumerate(words)
            if word is not None and terms[position] is None
        ]
        seen: set[str] = set()
        for position in refused:
            word = str(words[position])
            if word not in seen:
                seen.add(word)
                findings.append(_refusal(source, str(column), word, words, rows[position]))
        read[target] = np.array(terms, dtype=object)
    return pd.DataFrame(read, index=table.index, dtype=object), findings


def _text(value: object) -> str | None:
    """A cell without stray space; None for what says nothing."""
    if value is None or value != value:
        return None
    return " ".join(str(value).split()) or None


def _refusal(
    source: PolygonSource, column: str, word: str, words: Sequence[str | None], row: int
) -> Finding:
    count = words.count(word)
    short_word = word if len(word) <= 40 else f"{word[:40]}…"
    return TERM_REFUSED.finding(
        f"'{short_word}' in '{column}' is no word for a kind of place ({count} rows): expected "
        "letters, such as gampong or desa adat. It is not used.",
        file=source.label,
        row=row,
        value=short_word,
        measure=count,
    )
