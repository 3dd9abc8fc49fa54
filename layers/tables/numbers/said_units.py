"""What headers, titles and cells of a file say that its numbers count: thousands, rates, families.

A number is read as it is written; a word beside it that says "ribu jiwa" makes it a thousandth of
what is meant, and "KK" another number of other things; nothing in the number itself shows it.
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
_MONEY_SCALE = re.compile(rf"{_DECLARED_MONEY}{_MONEY}", re.IGNORECASE)
_NAMES_MONEY = re.compile(r"\b(?:rp|idr|rupiah)\b", re.IGNORECASE)
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
# What makes "1 juta" a unit, and what makes "Rp 1.000.000" the amount for each of many.
_DECLARES = re.compile(r"(?:\b(?:dalam|satuan)|[(\[x×*])\s*(?:rp\.?\s*)?$", re.IGNORECASE)
_EACH = re.compile(r"\s*(?:/|\bper\b|\b(?:se)?tiap\b)", re.IGNORECASE)
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

_SAME_UNITS = """
jiwa orang org penduduk people person persons individu anak balita bayi baduta siswa siswi murid
  guru ibu perempuan lansia kader petani nelayan pasien remaja
kk keluarga kpm family families
rumah_tangga ruta rtm rts household households
rumah
unit buah lembaga titik lokasi paket sekolah kelas ruang pos gedung
ekor
ha hektar hektare hectare hectares
km2 kilometer_persegi
m2 meter_persegi
km kilometer
m meter mtr
menit minute minutes
jam hour hours
kg kilogram
ton
kuintal kwintal kw
liter
m3
% persen prosen percent pct persentase prosentase
idr rp rupiah
"""
"""Words for one unit a line; a number of one is not the number of another."""
_KIND_OF = {
    word.replace("_", " "): line.split()[0]
    for line in _SAME_UNITS.replace("\n  ", " ").splitlines()
    for word in line.split()
}
# A house, a school and a cow are units of what is counted.
_UNITS_OF_THINGS = frozenset({"unit", "rumah", "ekor"})
_MEASURES = frozenset({"ha", "km2", "m2", "km", "m", "menit", "jam", "kg", "ton"})
"""What stands behind "/" in a rate; "orang/unit" leaves open which of both it is."""
_PURE_UNITS = frozenset({"jiwa", "orang", "kk", "ha", "km", "km2", "m2", "menit", "jam"})
_COUNTED_PEOPLE = frozenset({"jiwa", "kk", "rumah_tangga"})
_NAMES_UNIT = re.compile(
    r"(?:(?:jumlah|jml|jlh|banyaknya|total|satuan|dalam)\W+)*"
    r"(rumah tangga|kepala keluarga|(?:kilo)?meter persegi|[a-z]+[23]?|%)(.*)"
)
# In brackets behind "Posyandu" or "Guru" these say whose or which: "Posyandu (Lansia)".
_QUALIFIERS = """
anak balita bayi baduta siswa siswi murid guru ibu perempuan lansia kader petani nelayan pasien
remaja titik lokasi paket sekolah kelas ruang pos gedung
"""
_SEVERAL = re.compile(r"\s*(?:[,;&+]|\bdan\b)\s*")
_PER = re.compile(r"\s*/\s*|\s+per\s+")
_LAST_BRACKET = re.compile(r"[(\[]([^()\[\]]{1,30})[)\]]\s*$")
_TITLE_UNIT = re.compile(r"\W*(?:dalam\s+)?satuan(?:\s+data)?\s*[:=]\s*(\S.{0,30})", re.IGNORECASE)
_LEADING_SCALE = re.compile(rf"[(\[]?\s*{_SHORT_SCALE}\s+(.*)", re.IGNORECASE)

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


def is_money_scale(word: str) -> bool:
    """Whether a unit in a row is thousands or millions of rupiah, and of nothing else.

    >>> [is_money_scale(word) for word in ("RIBU RUPIAH", "Rp juta", "ribu batang", "Rupiah", "m3")]
    [True, True, False, False, False]
    """
    return _NAMES_MONEY.search(word) is not None and _MONEY_SCALE.fullmatch(word) is not None


def has_other_unit(header: str) -> bool:
    """Whether a header says that its amounts are thousands or millions.

    >>> [has_other_unit(text) for text in ("Pagu (Rp 000)", "pagu_jt", "PaguJuta", "Tahun 2000")]
    [True, True, True, False]
    >>> [has_other_unit(text) for text in ("BLT 300 ribu", "Pagu (dalam 1 juta)", "Jalan 500 m")]
    [False, True, False]
    """
    words = _split_words(header)
    return any(not _is_of_name(words, match) for match in _OTHER_MONEY.finditer(words))


def _is_of_name(header: str, unit: re.Match[str]) -> bool:
    """Whether the unit is of an amount or length in the name: "BLT 300 ribu", "Jalan 500 m"."""
    number = _NUMBER_BEFORE.search(header[: unit.start()])
    if number is None:
        return "1" in unit[0] and _EACH.match(header[unit.end() :]) is not None
    is_one = number[0].strip() in ("1", "satu")
    return not (is_one and _DECLARES.search(header[: number.start()]))


def contradicting_unit(
    header: str,
    lowest: str,
    titles: Iterable[str],
    expectation: expectations.Expectation,
) -> str | None:
    """The text that says that the numbers of a column are not of the expected unit.

    Rupiah, counts, per cent and the common measures tell; what unit another indicator has is its
    own affair.

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
        if (title := next(filter(_TITLE_COUNT.search, titles), None)) is not None:
            return title
    if expectation.is_percent:
        is_count = _COUNTED.search(ending) and not (_PERCENT.search(words) or _SHARE.search(words))
        return header if is_count or _RATE.search(ending) else None
    bracket = _LAST_BRACKET.search(lowest)
    unit = lowest if bracket is None else bracket[1]
    word = unit.strip().casefold()
    is_unit = (
        _is_only_unit(unit, expectation) if bracket is None else word not in _QUALIFIERS.split()
    )
    return header if is_unit and _is_other_kind(unit, expectation, is_whole=True) else None


def _is_only_unit(header: str, expectation: expectations.Expectation) -> bool:
    """Whether a header says nothing but what is counted: "Km2", or "Jumlah KK" of people."""
    if header.strip().casefold() in _PURE_UNITS:
        return True
    kinds = {_kind_of(header, is_whole=True), _kind_of(expectation.unit or "", is_whole=True)}
    return kinds <= _COUNTED_PEOPLE


def is_other(word: str, expectation: expectations.Expectation) -> bool:
    """Whether the unit that a row states (``RIBU ORANG``, ``PERSEN``) is not the expected one.

    >>> is_other("RIBU ORANG", expectations.Expectation(unit="jiwa"))
    True
    >>> [is_other(text, expectations.Expectation(unit="jiwa")) for text in ("ORANG", "KK", "Kasus")]
    [False, True, False]
    """
    stated = f"({word.strip()})"
    return contradicting_unit(stated, stated, (), expectation) is not None or _is_other_kind(
        word, expectation
    )


def title_units(titles: Iterable[str]) -> list[str]:
    """The units that titles state for the numbers of the table.

    >>> title_units(["Satuan: KK", "Penduduk menurut satuan kerja"])
    ['KK']
    """
    return [match[1].strip(" )]") for match in map(_TITLE_UNIT.match, titles) if match is not None]


def _is_other_kind(
    text: str, expectation: expectations.Expectation, *, is_whole: bool = False
) -> bool:
    """Whether a text names a unit that is not the expected one; False where either is not known."""
    expected = _kind_of(expectation.unit or "", is_whole=True)
    if expected is None:
        return False
    if (scaled := _LEADING_SCALE.fullmatch(text.strip())) is not None:
        return _kind_of(scaled[1], is_whole=is_whole) is not None
    if any(_kind_of(part) == expected for part in _SEVERAL.split(text.casefold())):
        return False
    stated = _kind_of(text, is_whole=is_whole)
    return stated not in (None, expected) and not {str(stated), expected} <= _UNITS_OF_THINGS


def _kind_of(text: str, *, is_whole: bool = False) -> str | None:
    """The unit that a text names, whatever word it uses; of a rate both of its units.

    Parameters
    ----------
    is_whole
        The text must name nothing more: of "Orang miskin" the first word is the unit.

    >>> _kind_of("Kepala Keluarga (KK)"), _kind_of("orang/km\u00b2"), _kind_of("unit/desa")
    ('kk', 'jiwa/km2', None)
    """
    plain = text.casefold().translate(str.maketrans("\u00b2\u00b3", "23")).strip(" .:()[]")
    parts = _PER.split(plain)
    if len(parts) == 2:
        upper, lower = (_kind_of(part, is_whole=is_whole) for part in parts)
        if upper is None or lower is None or upper == lower:
            return upper if upper == lower else None
        is_rate = lower in _MEASURES or "/" not in plain
        return f"{upper}/{lower}" if is_rate else None
    match = _NAMES_UNIT.fullmatch(plain)
    if match is None:
        return None
    kind = "kk" if match[1] == "kepala keluarga" else _KIND_OF.get(match[1])
    rest = match[2].strip(" .:()[]")
    return kind if not (is_whole and rest) or _kind_of(rest, is_whole=True) == kind else None


def _says_scale(header: str) -> bool:
    """Whether thousands or millions are said of the whole column, and of no amount in its name."""
    return any(
        match[0][0] in "([" or _NUMBER_BEFORE.search(header[: match.start()]) is None
        for match in _OTHER_COUNT.finditer(header)
    )


def _split_words(header: str) -> str:
    return _WORD_ENDS.sub(" ", header)
