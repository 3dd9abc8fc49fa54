"""The legal status of boundaries: the words of a file in the four of the product."""

from collections.abc import Sequence

import pandas as pd

from boundaries.findings import report
from boundaries.polygons import declaration

LEGAL_STATUS_UNKNOWN = report.declared_kind("boundary.legal_status_unknown")

_STATUS_WORDS = {
    "fixed": "fixed",
    "definitif": "fixed",
    "ditetapkan": "fixed",
    "tetap": "fixed",
    "indicative": "indicative",
    "indikatif": "indicative",
    "not_agreed": "not_agreed",
    "tanpa kesepakatan": "not_agreed",
    "belum sepakat": "not_agreed",
    "tidak sepakat": "not_agreed",
    "unknown": "unknown",
    "": "unknown",
}


def read_legal_status(
    table: pd.DataFrame, source: declaration.PolygonSource, rows: Sequence[int]
) -> tuple[list[str], list[report.Finding]]:
    """Legal status of each boundary, in the four words of the product.

    Findings
    --------
    boundary.legal_status_unknown
        A word that is none of the known ones (warning); the status is ``unknown``.
    """
    if source.legal_status_column is None:
        return [source.legal_status] * len(table), []
    words = [
        text or "" for text in declaration.clean_texts(table[source.legal_status_column].tolist())
    ]
    statuses = [
        _STATUS_WORDS.get(word.casefold().replace("_", " ").strip())
        or _STATUS_WORDS.get(word.casefold())
        for word in words
    ]
    findings = []
    for word in sorted({word for word, status in zip(words, statuses, strict=True) if not status}):
        message = (
            f"'{word}' is no legal status; known: {', '.join(sorted(filter(None, _STATUS_WORDS)))}."
        )
        row = int(rows[words.index(word)])
        findings.append(LEGAL_STATUS_UNKNOWN.finding(message, source.label, row, value=word))
    return [status or "unknown" for status in statuses], findings
