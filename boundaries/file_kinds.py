"""What a file of a table really is, whatever its name says.

Web applications write a page or plain text under the name ``.xls``; people rename files.
"""

import io
import re
from enum import StrEnum
from zipfile import BadZipFile, ZipFile

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_LOOK_AT = 4096
_PAGE = re.compile(
    r"\s*(?:<\?xml[^>]*>\s*|<!--.*?-->\s*)*<(?:!doctype\s+html|html|head|meta|body|table|style|div|center)\b",
    re.IGNORECASE | re.DOTALL,
)
_XML_SHEET = re.compile(r"<(?:\w+:)?Workbook\b[^>]*urn:schemas-microsoft-com:office:spreadsheet")
_WEB_ARCHIVE = re.compile(r"\s*(?:[\w-]+:[^\n]*\n(?:[ \t][^\n]*\n)*)*?MIME-Version:", re.IGNORECASE)
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")


class FileKind(StrEnum):
    """The kinds that files of tables are mistaken for."""

    XLSX = "an XLSX workbook"
    XLSB = "an XLSB workbook"
    XLS = "an XLS workbook"
    ODS = "an ODS workbook"
    LOCKED = "a workbook with a password"
    XML_SHEET = "an XML Spreadsheet 2003"
    PAGE = "a web page (HTML)"
    WEB_ARCHIVE = "a web archive (MHT)"
    TEXT = "a text table"
    JSON = "a JSON document"
    UNKNOWN = "of no kind known here"


WORKBOOKS = frozenset({FileKind.XLSX, FileKind.XLSB, FileKind.XLS, FileKind.ODS})


def kind_of(content: bytes) -> FileKind:
    """What the bytes are.

    >>> kind_of(b"<html><table>").value, kind_of(b"kode;nama").value, kind_of(b"PK").value
    ('a web page (HTML)', 'a text table', 'a text table')
    """
    if content.startswith(b"PK\x03\x04"):
        return _kind_of_archive(content)
    if content.startswith(b"%PDF-"):
        return FileKind.UNKNOWN
    if content.startswith(_OLE):
        return FileKind.LOCKED if _ENCRYPTED in content else FileKind.XLS
    if content[:2] in (b"\x09\x08", b"\x09\x04", b"\x09\x02", b"\x09\x00"):
        return FileKind.XLS
    return _kind_of_text(content[:_LOOK_AT])


def _kind_of_archive(content: bytes) -> FileKind:
    try:
        with ZipFile(io.BytesIO(content)) as archive:
            names = set(archive.namelist())
    except (BadZipFile, OSError, ValueError):
        return FileKind.UNKNOWN
    if "xl/workbook.bin" in names:
        return FileKind.XLSB
    if "content.xml" in names:
        return FileKind.ODS
    return FileKind.XLSX if any(name.startswith("xl/") for name in names) else FileKind.UNKNOWN


def _kind_of_text(head: bytes) -> FileKind:
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        text = head[: len(head) // 2 * 2].decode("utf-16", errors="replace")
    elif b"\0" in head:
        return FileKind.UNKNOWN
    else:
        text = head.decode("utf-8-sig", errors="replace")
    if _XML_SHEET.search(text):
        return FileKind.XML_SHEET
    if _PAGE.match(text):
        return FileKind.PAGE
    if _WEB_ARCHIVE.match(text):
        return FileKind.WEB_ARCHIVE
    return FileKind.JSON if text.lstrip()[:1] in ("{", "[") else FileKind.TEXT
