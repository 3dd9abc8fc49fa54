"""Words of ``wilayah.toml`` that a file never has: misspelt, or of another file.

The finding lists what does occur, so that the right word can be copied.
"""

from collections import Counter
from collections.abc import Iterable

from boundaries.findings import locations, report
from layers.finding_words.finding_kinds import declared_kind
from layers.tables.files import cell_texts, headers

WORD_UNUSED = declared_kind("input.word_unused")


def check_words(
    declared: Iterable[str], cells: Iterable[object], where: str, column: str, file: str
) -> list[report.Finding]:
    """One finding for each declared word that stands in no cell of the column.

    Parameters
    ----------
    where
        The section that declares the words, such as ``[tables.columns]``.
    cells
        All cells of the column.

    Findings
    --------
    input.word_unused
        The word never occurs (warning); the message lists the words that do, commonest first.
    """
    counts = Counter(text for cell in cells if (text := cell_texts.cell_text(cell)))
    present = {headers.fold(word) for word in counts}
    findings = []
    for word in declared:
        if headers.fold(word) in present:
            continue
        message = (
            f"{where}: '{word}' never occurs in column '{column}', which has "
            f"{locations.list_words(counts)}.{locations.hint_word(word, counts)}"
        )
        findings.append(WORD_UNUSED.finding(message, file, value=word))
    return findings
