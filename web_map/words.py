"""What the pages say, in Indonesian and English, and how they write numbers and values."""

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from geo_service.http.accept import Language
from layers.release.manifest_file import GENERAL_TERMS, FieldEntry, Terms, Text
from web_map.sentences import Sentences, read_messages, sentences_of

LANGUAGES: tuple[Language, ...] = ("id", "en")

# Rupiah are shortened in words that Indonesian and English readers use.
_RUPIAH_STEPS: tuple[tuple[float, str, str], ...] = (
    (1e12, "triliun", "trillion"),
    (1e9, "miliar", "billion"),
    (1e6, "juta", "million"),
)
_INDONESIAN = str.maketrans(",.", ".,")


@dataclass(frozen=True)
class Words:
    """The texts and numbers of one language, with the terms of the places they are about.

    Example
    -------
    >>> Words("en", Terms(desa="gampong")).say("unit.desa")
    'gampong'
    >>> Words("id").number(1234.5, 1), Words("en").number(1234.5, 1)
    ('1.234,5', '1,234.5')
    >>> Words("id").value(1500, "m", 0), Words("id").value(72.5, "%", 1)
    ('1,5 km', '72,5%')
    """

    language: Language
    terms: Terms = GENERAL_TERMS

    @cached_property
    def sentences(self) -> Sentences:
        """The sentences of the language in these terms, looked up once: a page says hundreds."""
        return sentences_of(self.language, self.terms)

    @cached_property
    def of_villages(self) -> "Words":
        """The same words about desa with a government of their own, without kelurahan.

        Example
        -------
        >>> Words("id").of_villages.say("coverage.desa", known="12", total="13")
        'menurut 12 dari 13 desa'
        """
        return replace(self, terms=replace(self.terms, desa=self.terms.village))

    def say(self, key: str, **values: object) -> str:
        """The message of ``key`` with ``{names}`` filled in; that of one where ``{n}`` is one.

        Example
        -------
        >>> Words("en").say("rank.tied", n="1"), Words("en").say("rank.tied", n="2")
        ('the same as 1 other', 'the same as 2 others')
        """
        if not values:
            return self.sentences.said[key]
        if values.get("n") in ("1", 1) and self.knows(f"{key}.one"):
            key = f"{key}.one"
        return self.sentences.texts[key].format_map({**self.sentences.names, **values})

    def template(self, key: str) -> str:
        """The message of ``key`` with its ``{names}`` as they are, but for the terms."""
        return self.sentences.templates[key]

    def knows(self, key: str) -> bool:
        """Whether there is such a message."""
        return key in read_messages()

    def text(self, text: Text) -> str:
        """The reader's language of a published text."""
        return text.id if self.language == "id" else text.en

    def number(self, value: float, decimals: int = 0) -> str:
        """A number as the language writes it; the minus sign is U+2212."""
        written = f"{value:,.{decimals}f}"
        if self.language == "id":
            written = written.translate(_INDONESIAN)
        if not written.startswith("-"):
            return written
        is_nothing = not any(digit in "123456789" for digit in written)
        return written[1:] if is_nothing else f"\N{MINUS SIGN}{written[1:]}"

    def unit(self, unit: str | None, number: str = "") -> str:
        """The unit as a word of the language; unknown units stay as they are.

        Parameters
        ----------
        number
            What stands before it, as written: of one unit the word is another.
        """
        if unit is None:
            return ""
        key = f"unit.{unit}"
        if number.removeprefix("\N{MINUS SIGN}") == "1" and self.knows(f"{key}.one"):
            key = f"{key}.one"
        return self.template(key) if self.knows(key) else unit

    def norm(self, source: str) -> tuple[str, str]:
        """What a norm rests on, and the language it is in: ours are known in both.

        Example
        -------
        >>> Words("en").norm("IDM: SD/MI dalam 3 km (2024)")
        ('IDM: SD/MI within 3 km (2024)', 'en')
        >>> Words("en").norm("Perbup 12/2025 (2025)")
        ('Perbup 12/2025 (2025)', 'id')
        """
        year = "".join(re.findall(r" \([0-9-]+\)$", source))
        text = source.removesuffix(year)
        if not self.knows(f"norm.{text}"):
            return source, "id"
        return f"{self.say(f'norm.{text}')}{year}", self.language

    def value(
        self, value: float | None, unit: str | None, decimals: int, *, short: bool = False
    ) -> str:
        """A value with its unit, or an em dash when there is none.

        ``short`` shortens rupiah to millions or billions; full rupiah otherwise.
        """
        if value is None or math.isnan(value):
            return "\N{EM DASH}"
        if unit == "%":
            return f"{self.number(value, decimals)}%"
        if unit == "IDR":
            return self._rupiah(value, short=short)
        if unit == "IDR/jiwa":
            return f"{self._rupiah(value, short=short)} {self.say('unit.per_jiwa')}"
        if unit == "m" and abs(value) >= 1000:
            return f"{self.number(value / 1000, 1)} km"
        number = self.number(value, decimals)
        return f"{number} {self.unit(unit, number)}".strip()

    def median(self, value: float, unit: str | None, decimals: int) -> str:
        """A median with its unit, in short: a half is written out, never rounded to a whole.

        Example
        -------
        >>> Words("en").median(3.5, "layanan", 0), Words("id").median(85.949999999, "%", 1)
        ('3.5 services', '85,95%')
        """
        finer = decimals + 1
        room = 1e-6 * max(1.0, abs(value))
        is_half = abs(round(value, finer) - value) <= room / 10
        is_whole = abs(round(value, decimals) - value) <= room / 10
        digits = finer if is_half and not is_whole else decimals
        return self.value(value, unit, digits, short=True)

    def column_step(self, values: Iterable[float], unit: str | None) -> tuple[float, str]:
        """What a column of values is divided by, and its unit for the heading.

        NaN is no value.  Rupiah are written in millions, or in billions where one reaches a
        hundred of them, so that all cells of a column compare; units that are written into each
        value need no heading.

        Example
        -------
        >>> Words("id").column_step([4e6, 622_730_000.0], "IDR")
        (1000000.0, 'Rp juta')
        """
        if unit in ("%", "m"):
            return 1.0, ""
        if unit == "IDR/jiwa":
            return 1000.0, self.say("unit.thousand_per_jiwa")
        if unit != "IDR":
            return 1.0, self.unit(unit)
        most = max((abs(value) for value in values if not math.isnan(value)), default=0.0)
        column_step = 1e9 if most >= 1e11 else 1e6 if most >= 1e6 else 1.0
        for step, indonesian, english in _RUPIAH_STEPS:
            if step == column_step:
                return step, f"Rp {indonesian if self.language == 'id' else english}"
        return 1.0, "Rp"

    def _rupiah(self, value: float, *, short: bool) -> str:
        for step, indonesian, english in _RUPIAH_STEPS if short else ():
            if abs(value) >= step:
                word = indonesian if self.language == "id" else english
                number = self.number(value / step, 2)
                return f"Rp{number.removesuffix(',00').removesuffix('.00')} {word}"
        return f"Rp{self.number(value, 0)}"


KOTA_FROM = 71
_SAYS_KABUPATEN = ("kab. ", "kab ", "kabupaten ", "kota ")


def full_name(words: Words, level: str, kode: str, nama: str) -> str:
    """The name with what the wilayah is, as a heading says it; once where the data say it too.

    Kota are numbered from 71 up within their provinsi (Permendagri 72/2019).

    Example
    -------
    >>> full_name(Words("id"), "kabupaten", "53.06", "Flores Timur")
    'Kabupaten Flores Timur'
    >>> full_name(Words("id"), "kabupaten", "32.73", "Bandung")
    'Kota Bandung'
    >>> full_name(Words("id"), "kabupaten", "62.01", "Kab. Kotawaringin Barat")
    'Kab. Kotawaringin Barat'
    """
    if level == "kabupaten":
        if nama.casefold().startswith(_SAYS_KABUPATEN):
            return nama
        number = kode.rpartition(".")[2]
        level = "kota" if number.isdigit() and int(number) >= KOTA_FROM else level
    return words.say(f"title.{level}", nama=nama)


STATE = "state"
"""Unit of a field whose number is a place in a list of states; people read the state's label."""


def is_state(entry: FieldEntry) -> bool:
    """Whether values are states: they have an order, but no middle value and no unit."""
    return entry.unit == STATE


def _state_label(entry: FieldEntry, value: float, words: Words) -> str:
    state, labels = int(value), entry.classes.labels if entry.classes else None
    if labels and 0 <= state < len(labels):
        return words.text(labels[state])
    return words.number(value)


def value_text(value: float | None, status: str, entry: FieldEntry, words: Words) -> str:
    """A value with its unit, or in words why there is none; NaN is no value."""
    if value is None or math.isnan(value):
        return status_text(status, entry, words)
    if is_state(entry):
        return _state_label(entry, value, words)
    return words.value(value, entry.unit, entry.decimals, short=True)


def status_text(status: str, entry: FieldEntry, words: Words) -> str:
    """Why there is no value; of a hidden one, what is kept back and for which reason."""
    if status == "suppressed" and entry.suppressed_meaning is not None:
        return words.text(entry.suppressed_meaning)
    return words.say(f"status.{status}")


def cell_text(value: float, entry: FieldEntry, words: Words, step: float) -> str:
    """A value for a column that names its unit; metres and per cent keep theirs."""
    if is_state(entry):
        return _state_label(entry, value, words)
    if entry.unit in ("m", "%"):
        return words.value(value, entry.unit, entry.decimals, short=True)
    decimals = 1 if step > 1 else entry.decimals
    return words.number(value / step, decimals)


Part = tuple[str, int | None, int | None]
"""What an aggregate rests on: unit, parts known, parts in all; None where nothing says."""


def parts_text(parts: Sequence[Part], words: Words) -> str:
    """What a value rests on; empty where that is all.

    A sum of which no desa knows more than a part rests on none of them wholly.
    """
    return ", ".join(
        words.say(
            "coverage.desa.part" if unit == "desa" and count == 0 else f"coverage.{unit}",
            known=words.number(count),
            total=words.number(total),
        )
        for unit, count, total in parts
        if count is not None and total is not None and count < total
    )


def with_coverage(text: str, coverage: str) -> str:
    """A value in words and what it rests on."""
    return f"{text}, {coverage}" if coverage else text


@dataclass(frozen=True, slots=True)
class Middle:
    """A median, of how many whole values (``count``), and of how many places it could be."""

    value: float
    count: int
    total: int


@dataclass(frozen=True, slots=True)
class MiddleWords:
    """A median in words, of how many places it is where that is not all, and both in one."""

    text: str
    part: str
    whole: str


def middle_words(
    median: Middle | None, entry: FieldEntry, level: str, words: Words
) -> MiddleWords | None:
    """A median of places of a level in words; None without one."""
    if median is None:
        return None
    text, part = words.median(median.value, entry.unit, entry.decimals), ""
    if median.count != median.total:
        numbers = {"known": words.number(median.count), "total": words.number(median.total)}
        key = "coverage.places" if median.count else "coverage.places.part"
        part = words.say(key, level=words.say(f"level.{level}"), **numbers)
    return MiddleWords(text, part, with_coverage(text, part))


@dataclass(frozen=True, slots=True)
class ValueWords:
    """A value in words: with its unit, as a cell of a column that names the unit, what it rests on.

    ``coverage`` is empty where an aggregate rests on all; ``text`` and ``cell`` are without it.
    """

    text: str
    cell: str
    coverage: str


def value_words(
    numbers: Sequence[float],
    statuses: Sequence[str],
    parts: Sequence[Sequence[Part]],
    entry: FieldEntry,
    step: float,
    words: Words,
    counting: Words,
) -> list[ValueWords]:
    """Each value of a field in words, or why there is none.

    ``step`` divides the cells; ``counting`` says on how many desa a value rests.
    """
    absent = {
        status: ValueWords(status_text(status, entry, words), words.say(f"status.{status}"), "")
        for status in set(statuses)
    }
    return [
        absent[status]
        if math.isnan(number)
        else ValueWords(
            value_text(number, status, entry, words),
            cell_text(number, entry, words, step),
            parts_text(rests_on, counting),
        )
        for number, status, rests_on in zip(numbers, statuses, parts, strict=True)
    ]


ColumnCell = tuple[str, float | None, str]
"""Name, value and text of a further column; None without a value, the text says why."""
REGISTERED = "penduduk_jiwa"
"""The field of people by the register; all other people are those of the population raster."""


@dataclass(frozen=True, slots=True)
class ColumnWords:
    """A further column of a table in words: ``cells`` by feature id."""

    name: str
    title: str
    cells: dict[int, ColumnCell]
    empty: ColumnCell


def column_words(
    entry: FieldEntry,
    fids: Sequence[int],
    numbers: Sequence[float],
    statuses: Sequence[str],
    parts: Sequence[Sequence[Part]],
    words: Words,
    counting: Words,
) -> ColumnWords:
    """A column of values in words, its unit in the heading."""
    step, unit = words.column_step(numbers, entry.unit)
    heading = unit.replace(" ", "\N{NO-BREAK SPACE}") if entry.unit == "IDR" else ""
    if entry.name == REGISTERED:
        # Beside people that a raster counts: the two need not agree.
        heading = words.say("figure.registered")
    cells: dict[int, ColumnCell] = {}
    values = value_words(numbers, statuses, parts, entry, step, words, counting)
    for fid, number, each in zip(fids, numbers, values, strict=True):
        if math.isnan(number):
            cells[fid] = (entry.name, None, each.text)
        else:
            cells[fid] = (entry.name, number, with_coverage(each.cell, each.coverage))
    title = f"{words.text(entry.title)}{f' ({heading})' if heading else ''}"
    return ColumnWords(entry.name, title, cells, (entry.name, None, words.say("status.no_data")))
