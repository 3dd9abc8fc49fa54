"""A letter to one addressee with the list of needs that it is about, as a document of Word.

The shipped template is made by `write_template`; a kabupaten changes it in its word processor and
gives its own.  A template holds names in double braces (``{{ number }}``); nothing in it is run.
"""

import io
import re
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

from geo_service.errors import RegisterError

MONTHS = [
    "Januari",
    "Februari",
    "Maret",
    "April",
    "Mei",
    "Juni",
    "Juli",
    "Agustus",
    "September",
    "Oktober",
    "November",
    "Desember",
]
# XML 1.0, 2.2: what is no Char.
_NO_TEXT = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
LARGEST_TEMPLATE = 5_000_000
COLUMNS = (
    ("No.", "number"),
    ("Kode", "kode"),
    ("Desa", "desa"),
    ("Layanan", "service"),
    ("Keadaan", "measure"),
    ("Penduduk", "people"),
)


@dataclass(frozen=True, slots=True)
class LetterLine:
    """One need of the list: where, of which service, what the data say, how many people."""

    number: int
    kode: str
    desa: str
    service: str
    measure: str
    people: str


@dataclass(frozen=True, slots=True)
class Letter:
    """What a template may name.

    Parameters
    ----------
    number
        Number of the letter, as the office counts.
    day, due
        When it is written, and until when an answer is asked for.
    sender, addressee
        The kecamatan and the office, as they are called.
    request
        What is asked, in the words of ``way.toml`` or one's own.
    """

    number: str
    day: date
    due: date
    sender: str
    addressee: str
    request: str
    lines: tuple[LetterLine, ...]


def write_letter(letter: Letter, template: Path | None = None) -> bytes:
    """The letter as a DOCX, by the shipped template or a kabupaten's own.

    Raises
    ------
    RegisterError
        The template is no DOCX, too large, or names what a letter has not.
    """
    # Loaded by who writes a document only: pages know letters too.
    import docxtpl
    import jinja2.sandbox

    source = io.BytesIO(write_template() if template is None else _read(template))
    names = _printable(asdict(letter))
    names |= {"day": write_day(letter.day), "due": write_day(letter.due)}
    names |= {"count": len(letter.lines)}
    # Whatever stands in a name or reason is text, and a template may look at nothing else.
    environment = jinja2.sandbox.SandboxedEnvironment(
        autoescape=True, undefined=jinja2.StrictUndefined
    )
    target = io.BytesIO()
    try:
        document = docxtpl.DocxTemplate(source)
        document.render(names, jinja_env=environment)
        document.save(target)
    except (jinja2.TemplateError, TypeError, ValueError, KeyError, BadZipFile) as error:
        raise RegisterError(
            f"{template}: cannot be filled in ({error}). A template is a DOCX and may name: "
            f"{', '.join(sorted(names))}."
        ) from error
    return target.getvalue()


def _printable(value: Any) -> Any:
    """The same without letters that no document may hold, such as what a keyboard never types."""
    if isinstance(value, str):
        return _NO_TEXT.sub("", value)
    if isinstance(value, dict):
        return {name: _printable(part) for name, part in value.items()}
    return [_printable(part) for part in value] if isinstance(value, (list, tuple)) else value


def write_day(day: date) -> str:
    """A day as letters write it.

    >>> write_day(date(2027, 1, 31))
    '31 Januari 2027'
    """
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def write_template() -> bytes:
    """The shipped template: a letter of one page, and the list on the next."""
    import docx

    document = docx.Document()
    for text in (
        "{{ sender }}",
        "Nomor: {{ number }}",
        "Lampiran: 1 (satu) daftar",
        "Hal: Tindak lanjut kebutuhan layanan dasar",
        "{{ day }}",
        "Kepada Yth. {{ addressee }}",
        "Bersama ini kami sampaikan daftar {{ count }} kebutuhan layanan dasar di wilayah kami. "
        "{{ request }}",
        "Tanggapan kami tunggu sampai {{ due }}.",
    ):
        document.add_paragraph(text)
    document.add_paragraph("Camat,\n\n\n\n(________________)")
    attached = document.add_paragraph("Lampiran surat nomor {{ number }} tanggal {{ day }}")
    attached.paragraph_format.page_break_before = True
    _add_table(document, [title for title, _ in COLUMNS])
    target = io.BytesIO()
    document.save(target)
    return target.getvalue()


def _add_table(document: Any, titles: list[str]) -> None:
    """A table with one row for each line; the rows with ``tr`` are taken out when it is filled."""
    table = document.add_table(rows=4, cols=len(titles))
    table.style = "Table Grid"
    for cell, title in zip(table.rows[0].cells, titles, strict=True):
        cell.text = title
    table.rows[1].cells[0].text = "{%tr for line in lines %}"
    for cell, (_, name) in zip(table.rows[2].cells, COLUMNS, strict=True):
        cell.text = f"{{{{ line.{name} }}}}"
    table.rows[3].cells[0].text = "{%tr endfor %}"


def _read(template: Path) -> bytes:
    try:
        content = template.read_bytes()
    except OSError as error:
        raise RegisterError(f"{template}: cannot be read ({error.strerror}).") from error
    if len(content) > LARGEST_TEMPLATE:
        raise RegisterError(f"{template}: larger than {LARGEST_TEMPLATE} bytes.")
    return content
