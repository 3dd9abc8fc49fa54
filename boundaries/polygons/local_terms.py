"""The words by which a desa and a kecamatan are called locally, as the data have them.

UU 6/2014 (Pasal 1) lets a desa have another name: gampong, nagari, kampung, lembang.  This module
reads such words and holds them against the code; which word counts where the data have none is the
affair of the layers stage.
"""

import re
from collections import Counter
from collections.abc import Sequence

import geopandas as gpd
import numpy as np
import pandas as pd

from boundaries.codes import KodeKemendagri, wilayah_names
from boundaries.findings import locations, report
from boundaries.polygons.declaration import PolygonSource

TERM_CONTRADICTS = report.declared_kind("boundary.term_contradicts")
TERM_DIFFERS = report.declared_kind("boundary.term_differs")

LONGEST_TERM = 30
_TERM = re.compile(r"[^\W\d_]+(?:[ '’-][^\W\d_]+){0,3}")


def term_of(text: str) -> str | None:
    """A word for a kind of place in small letters; None for what is no such word.

    Example
    -------
    >>> term_of("GAMPONG"), term_of(" Desa  Adat "), term_of("<b>desa</b>"), term_of("1")
    ('gampong', 'desa adat', None, None)
    """
    word = " ".join(text.split()).casefold()
    return word if len(word) <= LONGEST_TERM and _TERM.fullmatch(word) else None


def check_terms(desa: gpd.GeoDataFrame) -> tuple[gpd.GeoDataFrame, list[report.Finding]]:
    """The desa with words that agree with their codes, and one word for each kecamatan.

    Parameters
    ----------
    desa
        ``kode, kode_kecamatan, sebutan, sebutan_kecamatan``; words may be None.

    Findings
    --------
    boundary.term_contradicts
        The data call a kelurahan something else, or something else a kelurahan (warning): the
        code counts, and the word is not used.
    boundary.term_differs
        One kecamatan is called by several words (note); the most frequent is used.
    """
    checked = desa.copy()
    is_kelurahan = desa["kode"].map(lambda kode: KodeKemendagri.parse(kode).jenis == "kelurahan")
    says_kelurahan = desa["sebutan"] == "kelurahan"
    wrong = (desa["sebutan"].notna() & (is_kelurahan != says_kelurahan)).to_numpy()
    findings = [
        TERM_CONTRADICTS.finding(
            f"The file calls it '{row['sebutan']}', but its code is that of a "
            f"{KodeKemendagri.parse(row['kode']).jenis}; the code counts.",
            **locations.place_of(row),
            value=row["sebutan"],
        )
        for row in locations.records_of(desa[wrong])
    ]
    checked.loc[wrong, "sebutan"] = None
    chosen, several = _choose(desa)
    checked["sebutan_kecamatan"] = desa["kode_kecamatan"].map(chosen)
    return checked, [*findings, *several]


def _choose(desa: pd.DataFrame) -> tuple[dict[str, str | None], list[report.Finding]]:
    counted: dict[str, Counter[str]] = {str(kode): Counter() for kode in desa["kode_kecamatan"]}
    for kode, term in zip(desa["kode_kecamatan"], desa["sebutan_kecamatan"], strict=True):
        if isinstance(term, str):
            counted[kode][term] += 1
    chosen: dict[str, str | None] = {}
    findings = []
    for kode in sorted(counted):
        terms = wilayah_names.by_frequency(counted[kode])
        chosen[kode] = terms[0] if terms else None
        if len(terms) > 1:
            listed = ", ".join(f"'{term}'" for term in terms)
            message = f"{kode} is called {listed}; the most frequent, '{terms[0]}', is used."
            findings.append(TERM_DIFFERS.finding(message, kode=kode))
    return chosen, findings


TERM_REFUSED = report.declared_kind("boundary.term_refused")


def read_sebutan(
    table: pd.DataFrame, source: PolygonSource, rows: Sequence[int]
) -> tuple[pd.DataFrame, list[report.Finding]]:
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
    findings: list[report.Finding] = []
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
) -> report.Finding:
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
