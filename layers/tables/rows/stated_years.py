"""The year that a table speaks of: in its cells, columns, titles and names."""

import datetime
import re
from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath
from typing import Protocol

from boundaries.findings.report import Finding
from layers.finding_words.finding_kinds import declared_kind
from layers.tables.files import cell_texts, headers, sheets
from layers.tables.rows import row_places

YEAR_CONTRADICTED = "table.year_contradicted"
_YEAR_HEADERS = re.compile("tahun|thn|ta|tahunanggaran|tahundata|tahunapbdes|year")
_TITLE_YEAR = re.compile(
    r"\b(?:(?:tahun|thn|ta|year)(?:\s+(?:anggaran|data))?|t\.\s?a\.?)\W{0,3}((?:19|20)\d\d)"
    r"(?!\d|\s*(?:[/–-]|s\.?\s?[./]?\s?d\.?|sampai|hingga|dan|&)\s*(?:dengan\s*)?(?:tahun\s*)?\d)",
    re.IGNORECASE,
)
"""The one year of a title, and none of several: "Tahun 2020 s.d. 2024"."""
_OF_A_LAW = re.compile(
    r"\b(?:nomor|no|uu|undang|sk|surat|dicetak|berdiri|keputusan|peraturan|kep"
    r"|(?:per|kep)(?:men\w*|pres|da|gub|bup|wal\w*|des|ka|dirjen))\b",
    re.IGNORECASE,
)
_YEAR = re.compile(r"(?<!\d)((?:19|20)\d\d)(?!\d)")
_NAME_YEAR = re.compile(r"(?<![\d.,])((?:19[4-9]|20\d)\d)(?!\d)")
_DAY, _MONTH = r"(?:0?[1-9]|[12]\d|3[01])", r"(?:0?[1-9]|1[0-2])"
# Days ("2024-01-15", "15_1_2024", "2024-01"), years of school and budget ("2023-24"), codes.
_NO_YEAR = re.compile(
    rf"(?<!\d)(?:(?:19|20)\d\d(?:[-_. ]{_MONTH}(?:[-_. ]{_DAY})?|[-_]\d\d)"
    rf"|{_DAY}[-_. ]{_MONTH}[-_. ](?:19|20)\d\d|\d\d\.\d\d(?:\.\d\d(?:\.\d{{4}})?)?)(?!\d)"
)
_OF_THE_FILE = re.compile(
    r"\b(?:dalam angka|[kdp]c?da)\b"
    r"|\b(?:di)?(?:unduh|cetak|ekspor|export|download|update|backup|revisi|versi|rev|ver|v|epsg)"
    r"(?:an|ed)?\b",
    re.IGNORECASE,
)
"""Words after which the year is that of the file, and not of what is in it: BPS counts in "Dalam
Angka 2024" what was in 2023."""


class YearSection(Protocol):
    """What a section declares of the year of its rows."""

    year: int | None
    year_column: str | None


def report_other_years(
    sheet: sheets.Sheet,
    section: YearSection,
    default_year: int | None = None,
    columns: Iterable[str] = (),
) -> list[Finding]:
    """What is said where titles or names speak of one year only, and it is not the one used.

    Parameters
    ----------
    columns
        The declared columns of values, whose headers may state a year too.

    Findings
    --------
    table.year_contradicted
        A title above the table, the name of the file, of the sheet or of a column states another
        year than the section, or than the workspace where the section states none (warning); used
        all the same.
    """
    year = section.year or default_year
    if year is None or section.year_column is not None:
        return []
    is_declared = section.year is not None
    which = f"the table is declared of {year}" if is_declared else f"no year is declared ({year})"
    return [
        declared_kind(YEAR_CONTRADICTED).finding(
            f"{text}, but {which}: which is it? Used as {year}.", sheet.file, value=str(other)
        )
        for other, text in (*_stated_years(sheet), *_years_of_columns(columns))
        if other != year
    ]


def _stated_years(sheet: sheets.Sheet) -> Iterator[tuple[int, str]]:
    """The one year of the titles, of the file's name, of the sheet's; and who says it."""
    years = {
        int(match[1]): title
        for title in sheet.titles
        if not _OF_A_LAW.search(title)
        for match in _TITLE_YEAR.finditer(title)
    }
    if len(years) == 1:
        ((of_title, title),) = years.items()
        yield of_title, f"A title says '{title}'"
    for what, name in (("file", PurePosixPath(sheet.file).name), ("sheet", sheet.sheet or "")):
        if (of_name := year_of_name(name)) is not None:
            yield of_name, f"The {what} is called '{name}'"


def _years_of_columns(columns: Iterable[str]) -> Iterator[tuple[int, str]]:
    """The one year that headers of values state, once for each; and which of them first does."""
    first: dict[int, str] = {}
    for name in columns:
        if (of_column := year_of_name(name)) is not None:
            first.setdefault(of_column, name)
    for of_column, name in first.items():
        yield of_column, f"Column '{name}' states {of_column}"


def year_of_name(name: str) -> int | None:
    """The one year that a name states; None where it states none or several, or a day or a law.

    >>> [year_of_name(name) for name in ("penduduk_2021.csv", "Penduduk2021 (1).xlsx", "idm-2021")]
    [2021, 2021, 2021]
    >>> days = ("data_20240115.csv", "2024-01-15.csv", "APBDes_2023_2024.csv", "siswa_2023-24.csv")
    >>> others = ("53.06.01.2001.csv", "perda_5_tahun_2019.csv", "unduhan_2025.csv")
    >>> of_books = ("kecamatan-dalam-angka-2024.xlsx", "KCDA 2024.xlsx")
    >>> {year_of_name(name) for name in (*days, *others, *of_books)}
    {None}
    """
    words = re.sub(r"[_\W]+", " ", name)
    if _OF_A_LAW.search(words) or _OF_THE_FILE.search(words):
        return None
    years = set(_NAME_YEAR.findall(_NO_YEAR.sub(" ", name)))
    return int(years.pop()) if len(years) == 1 else None


def refuse_other_years(
    sheet: sheets.Sheet, year: int, reasons: dict[int, row_places.Reason]
) -> None:
    """Rows of another year than the one declared for the whole table, by a column that says it.

    Findings
    --------
    table.year_contradicted
        The row is of another year (warning); not used.
    """
    columns = [name for name in sheet.columns if _YEAR_HEADERS.fullmatch(headers.fold(name))]
    if len(columns) != 1:
        return
    for row, cell in enumerate(sheet.columns[columns[0]]):
        of_row = read_year(cell)
        if of_row not in (None, year) and row not in reasons:
            message = (
                f"'{columns[0]}' says {of_row}, but the table is declared of {year}; not used. "
                f'Declare year_column = "{columns[0]}".'
            )
            reasons[row] = row_places.Reason(YEAR_CONTRADICTED, message, str(of_row))


def read_year(cell: object) -> int | None:
    """The year in a cell: a number, a date, or a text with exactly one year in it.

    >>> read_year("TA 2024"), read_year(2023.0), read_year("2023/2024"), read_year(45000)
    (2024, 2023, None, None)
    """
    if isinstance(cell, datetime.date):
        return cell.year
    years = set(_YEAR.findall(cell_texts.cell_text(cell)))
    return int(years.pop()) if len(years) == 1 else None
