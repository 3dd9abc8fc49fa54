"""Workbooks and archives without a clock: the same content gives the same bytes.

Every workbook that is published or downloaded leaves by `workbook_bytes`.  openpyxl stamps the time
of writing into the properties and into each member of the archive, so a digest or an ETag of its
own output would change every two seconds.

Source
------
ECMA-376 part 2 (5th edition, 2021): packages and their core properties; XML 1.0, section 2.2.
"""

import io
import re
import zipfile
from collections.abc import Iterable, Mapping
from datetime import datetime

from openpyxl import Workbook
from openpyxl.cell import Cell
from openpyxl.worksheet.worksheet import Worksheet

# Characters that XML 1.0 does not have; a damaged cell may hold them.
_NO_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_STAMP = re.compile(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
_PROPERTIES = "docProps/core.xml"


def append_row(sheet: Worksheet, cells: Iterable[object]) -> None:
    """Add one row; text stays text even where it looks like a formula or an error value.

    Characters that a workbook cannot hold are left out.
    """
    sheet.append([_inert(sheet, cell) for cell in cells])


def _inert(sheet: Worksheet, value: object) -> object:
    if not isinstance(value, str):
        return value
    text = _NO_XML.sub("", value)
    if not text.startswith(("=", "#")):
        return text or None
    cell = Cell(sheet, value=text)
    cell.data_type = "s"
    return cell


def workbook_bytes(book: Workbook, moment: datetime) -> bytes:
    """The workbook as a file that says it was written at ``moment`` (UTC)."""
    raw = io.BytesIO()
    book.save(raw)
    with zipfile.ZipFile(raw) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    stamp = moment.strftime("%Y-%m-%dT%H:%M:%SZ").encode()
    members[_PROPERTIES] = _STAMP.sub(stamp, members[_PROPERTIES])
    return zip_bytes(members, moment)


def zip_bytes(members: Mapping[str, bytes], moment: datetime) -> bytes:
    """An archive of files by name, in that order, all written at ``moment``."""
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w") as archive:
        for name, content in members.items():
            entry = zipfile.ZipInfo(name, moment.timetuple()[:6])
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, content, zipfile.ZIP_DEFLATED, 6)
    return raw.getvalue()
