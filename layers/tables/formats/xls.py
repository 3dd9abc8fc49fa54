"""Number formats and errors of XLS, by xlrd."""

import io

import xlrd

from layers.tables.formats.marks import CellMarks
from layers.tables.numbers.format_codes import built_in_format, is_plain


def read_xls_marks(content: bytes, sheet: str) -> CellMarks:
    """What the workbook says of the cells of one sheet.

    The format keeps no trace of a formula without result but an empty text, which is also what
    ``=IF(A1="";"";A1)`` may give: both count as unsolved, for a warning too many loses no number.
    """
    book = xlrd.open_workbook(
        file_contents=content, formatting_info=True, on_demand=True, logfile=io.StringIO()
    )
    table = book.sheet_by_name(sheet)
    codes = {style: _code_of(book, style) for style in range(len(book.xf_list))}
    marks = CellMarks()
    for row in range(table.nrows):
        if row in table.rowinfo_map and table.rowinfo_map[row].hidden:
            marks.hidden_rows.append(row + 1)
        kinds = table.row_types(row)
        for column, kind in enumerate(kinds):
            if kind == xlrd.XL_CELL_NUMBER:
                code = codes.get(table.cell_xf_index(row, column))
                if code is not None:
                    marks.formats[row, column] = code
            elif kind == xlrd.XL_CELL_ERROR:
                error = table.cell_value(row, column)
                marks.errors[row, column] = xlrd.error_text_from_code.get(error, "#N/A")
            elif kind == xlrd.XL_CELL_TEXT and table.cell_value(row, column) == "":
                marks.unsolved.add((row, column))
    return marks


def _code_of(book: xlrd.book.Book, style: int) -> str | None:
    """The code of a cell style if it changes what is seen."""
    key = book.xf_list[style].format_key
    code = built_in_format(key)
    if code is None and key in book.format_map:
        code = book.format_map[key].format_str
    return None if code is None or is_plain(code) else code
