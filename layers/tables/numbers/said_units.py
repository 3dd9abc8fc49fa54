"""What headers, titles and cells of a file say that its numbers count: thousands, millions, rates.

A number is read as it is written; a word beside it that says "ribu jiwa" makes it a thousandth of
what is meant, and nothing in the number itself shows it.
"""

import re
from collections.abc import Iterable

from layers.tables.numbers import expectations

_UNIT_WORD = r"(?:(?:ribu|juta|mil[iy]ar)(?:an)?|rb|jt|trili[uy]n|thousands?|millions?|billions?)\b"
_THOUSAND = r"(?:1[.,]?|[01]?[.,])?000(?:[.,]?000)*\b"
# Of the header: "Pagu (Rp 000)", "Anggaran (ribuan rupiah)", "dalam jutaan", "pagujuta", "(M)".
_OTHER_MONEY = re.compile(
    rf"\b(?:pagu|anggaran|realisasi|nilai|jumlah|biaya|dana|rp|idr)?{_UNIT_WORD}"
    r"|(?<![\d.,])[x×]?\s?0?[.,]?000\b|[x×]\s?1[.,]?000"
    rf"|\b(?:dalam|satuan|rp|idr)\W{{0,3}}{_THOUSAND}|(?<![\d.,]){_THOUSAND}\s?(?:rp|rupiah|idr)\b"
    r"|\(\s*(?:dalam\s+)?(?:rp\.?\s*)?m\s*\)|\brp\.?\s*m\b|\sm\s*$",
    re.IGNORECASE,
)
# Of a title only what declares a unit: "dalam ribuan", "Satuan: Rp juta", "(Rp 000)".
_MONEY = r"(?:[\s:.,=/x×]|\b(?:rp|idr|rupiah|uang|angka|nilai|dalam)\b)*"
_DECLARED_MONEY = (
    rf"{_MONEY}(?:\b{_UNIT_WORD}|(?:rp|idr)\.?\s?{_THOUSAND}|\b{_THOUSAND}\s?(?:rp|rupiah|idr)\b)"
)
_TITLE_MONEY = re.compile(
    rf"\b(?:dalam|satuan|unit|in)\b[\s(]*{_DECLARED_MONEY}"
    rf"|(?:^|[(\[]){_DECLARED_MONEY}{_MONEY}(?:$|[)\],;])"
    r"|[(\[]\s*0?[.,]?000\s*[)\]]",
    re.IGNORECASE,
)
_WORD_ENDS = re.compile(r"_|(?<=[a-z0-9])(?=[A-Z])")

_THINGS = (
    r"(?:jiwa|orang|penduduk|kk|keluarga|ruta|rumah(?:\s?tangga)?|anak|balita|bayi|siswa|murid|unit"
    r"|ekor|people|persons?|households?)"
)
_SCALE = r"(?:(?:ribu|juta|mil[iy]ar)(?:an)?|thousands?|millions?)\b"
_SHORT_SCALE = rf"(?:{_SCALE}|(?:rb|jt)\b)"
_NOT_MONEY = r"(?!\s*(?:rp|rupiah|idr)\b)"
# An amount in the name, "KK di bawah 1 juta"; no year, as in "Penduduk 2024 ribu jiwa".
_NUMBER_BEFORE = re.compile(
    r"(?:(?<![\d.,])(?!(?:19|20)\d\d\s*$)\d[\d.,]*|\b(?:satu|dua|tiga|empat|lima|enam|tujuh|delapan"
    r"|sembilan|sepuluh|puluh|ratus|seratus))\s*$",
    re.IGNORECASE,
)
_AFTER_THOUSAND = rf"(?=\s*(?:[)\],;.]|$|{_THINGS}\b))"
# Of the header of a count: "Penduduk (ribu jiwa)", "jumlah_ribu", "KK (000)", "dalam 1.000".
_OTHER_COUNT = re.compile(
    rf"\b{_SCALE}{_NOT_MONEY}|[(\[]\s*{_SHORT_SCALE}{_NOT_MONEY}"
    rf"|(?:[(\[]|\bdalam\b|\bsatuan\b|[x×*'])\s*(?:0?[.,]?000|1[.,]?000){_AFTER_THOUSAND}",
    re.IGNORECASE,
)
# Of a title only what declares a unit: "dalam ribuan", "Satuan: ribu jiwa", "(ribu)".
_TITLE_COUNT = re.compile(
    rf"\b(?:dalam|satuan|unit|in)\b[\s:(]*(?:angka\s+)?(?:{_SHORT_SCALE}{_NOT_MONEY}|1?[.,]?000{_AFTER_THOUSAND})"
    rf"|[(\[]\s*(?:x\s*)?(?:{_SHORT_SCALE}|[01]?[.,]?000\b)\s*{_THINGS}?\s*[)\]]"
    rf"|^\s*{_SHORT_SCALE}\s*{_THINGS}?\s*$",
    re.IGNORECASE,
)
_RATE = re.compile(
    r"‰|\bper\s?mil(?:le)?\b|\bpromil(?:le)?\b|(?:\bper|/)\s*(?:1[.,]?0{3}|10[.,]?0{3}|100[.,]?0{3})\b"
    r"|\bper\s+(?:seribu|seratus\s?ribu|sepuluh\s?ribu)\b",
    re.IGNORECASE,
)
_PER_CENT = r"(?:%|(?:persen|prosen|percent)(?:tase|age)?\b|\bpct\b)"
_PERCENT = re.compile(
    rf"[(\[]\s*{_PER_CENT}\s*[)\]]|{_PER_CENT}\s*$|^\s*{_PER_CENT}", re.IGNORECASE
)
# Of a share the brackets say whose it is: "Prevalensi stunting (balita)".
_SHARE = re.compile(r"\b(?:prevalensi|proporsi|tingkat)\b", re.IGNORECASE)
_COUNTED = re.compile(rf"[(\[]\s*{_THINGS}\s*[)\]]\s*$", re.IGNORECASE)

_UNIT_CELL = re.compile(
    rf"[(\[](?!\s*dalam)[^)\]]{{1,30}}[)\]]|(?:{_SHORT_SCALE}\s*)?"
    rf"(?:{_THINGS}|%|persen|rp\.?|rupiah|idr|ha|hektare?|km2?|km²|m|menit|jam|indeks|skor|buah|kasus)?",
    re.IGNORECASE,
)


def are_units(texts: Iterable[str]) -> bool:
    """Whether all texts are units, as in a row below a header; "dalam ribuan" is of the table.

    >>> are_units(["(ribu jiwa)", "%"]), are_units(["Waibao", "12"])
    (True, False)
    """
    return all(_UNIT_CELL.fullmatch(text.strip()) for text in texts)


def money_unit(header: str, titles: Iterable[str]) -> str | None:
    """The header, or a title of the table, that says that amounts are thousands or millions."""
    if has_other_unit(header):
        return header
    return next((title for title in titles if _TITLE_MONEY.search(title)), None)


def has_other_unit(header: str) -> bool:
    """Whether a header says that its amounts are thousands or millions.

    >>> [has_other_unit(text) for text in ("Pagu (Rp 000)", "pagu_jt", "PaguJuta", "Tahun 2000")]
    [True, True, True, False]
    """
    return _OTHER_MONEY.search(_split_words(header)) is not None


def contradicting_unit(
    header: str,
    lowest: str,
    titles: Iterable[str],
    expectation: expectations.Expectation,
) -> str | None:
    """The text that says that the numbers of a column are not of the expected unit.

    Rupiah, counts and per cent tell; what unit another indicator has is its own affair.

    Parameters
    ----------
    header, lowest
        The whole name of the column, and its part in the lowest row of the header.
    titles
        Texts above the table.

    Examples
    --------
    >>> people = expectations.Expectation(unit="jiwa")
    >>> [contradicting_unit(text, text, (), people) for text in ("Jiwa (ribu)", "Ibu 1000 HPK")]
    ['Jiwa (ribu)', None]
    >>> contradicting_unit("Jumlah", "Jumlah", ["Penduduk (dalam ribuan)"], people)
    'Penduduk (dalam ribuan)'
    """
    if expectation.unit == expectations.RUPIAH:
        return money_unit(header, titles)
    words, ending = _split_words(header), _split_words(lowest)
    if expectation.is_count:
        if _says_scale(words) or _RATE.search(ending) or _PERCENT.search(ending):
            return header
        return next((title for title in titles if _TITLE_COUNT.search(title)), None)
    if expectation.is_percent and (
        _RATE.search(ending)
        or (_COUNTED.search(ending) and not (_PERCENT.search(words) or _SHARE.search(words)))
    ):
        return header
    return None


def is_other(word: str, expectation: expectations.Expectation) -> bool:
    """Whether the unit that a row states (``RIBU ORANG``, ``PERSEN``) is not the expected one.

    >>> is_other("RIBU ORANG", expectations.Expectation(unit="jiwa"))
    True
    >>> is_other("ORANG", expectations.Expectation(unit="jiwa"))
    False
    """
    stated = f"({word.strip()})"
    return contradicting_unit(stated, stated, (), expectation) is not None


def _says_scale(header: str) -> bool:
    """Whether thousands or millions are said of the whole column, and of no amount in its name."""
    return any(
        match[0][0] in "([" or _NUMBER_BEFORE.search(header[: match.start()]) is None
        for match in _OTHER_COUNT.finditer(header)
    )


def _split_words(header: str) -> str:
    return _WORD_ENDS.sub(" ", header)
