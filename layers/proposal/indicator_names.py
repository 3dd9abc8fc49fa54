"""Which indicator a column most likely holds, by the words of its name; for a proposal only."""

import re
from functools import cache

from layers.columns.catalogue import read_indicators

LEAST_SHARE = 0.5
"""Least share of common words, of all words of both names."""
_IDLE = frozenset(
    {
        "jumlah",
        "cakupan",
        "persen",
        "persentase",
        "total",
        "banyaknya",
        "angka",
        "nilai",
        "skor",
        "pct",
        "rumah",
        "tangga",
        "lengkap",
        "kondisi",
        "desa",
        "kelurahan",
        "per",
        "orang",
        "jiwa",
        "tahun",
        "unit",
        "dan",
        "yang",
        "di",
        "dengan",
        "akses",
        "kk",
        "data",
        "pagu",
        "idr",
    }
)
_SAME = {"berlistrik": "listrik", "kelahiran": "lahir", "warga": "penduduk", "kemiskinan": "miskin"}
_FAMILIES = frozenset({"kk", "keluarga"})


def propose_indicator(column: str, file_stem: str = "") -> str | None:
    """The indicator whose words the column has; None where none or several fit.

    A column without a word of its own ("Cakupan (%)") is what its file is about.

    >>> propose_indicator("AIR DAN SANITASI (% KK) / Air minum layak")
    'air_minum_layak_pct'
    >>> propose_indicator("Cakupan (%)", "akta_kelahiran_2025"), propose_indicator("Luas (ha)")
    ('akta_kelahiran_pct', None)
    """
    last = column.rsplit(" / ", 1)[-1]
    names = {key for key in read_indicators() if key == column.strip().lower()}
    if names:
        return names.pop()
    if _FAMILIES & set(_split(last)) and not _words(last):
        return "keluarga_jumlah"
    words = _words(last) or _words(file_stem)
    if not words:
        return None
    scores = {name: len(words & own) / len(words | own) for name, own in _indicator_words().items()}
    best = max(scores.values())
    fitting = [name for name, score in scores.items() if score == best]
    return fitting[0] if best >= LEAST_SHARE and len(fitting) == 1 else None


def _split(text: str) -> list[str]:
    return re.findall(r"[a-z]+", text.lower())


def _words(text: str) -> frozenset[str]:
    return frozenset(_SAME.get(word, word) for word in _split(text) if word not in _IDLE)


@cache
def _indicator_words() -> dict[str, frozenset[str]]:
    """The words of each indicator's name; items of an index are named by their importer only."""
    named = {name: _words(name) for name in read_indicators() if not name.startswith("idm_")}
    return {name: words for name, words in named.items() if words}
