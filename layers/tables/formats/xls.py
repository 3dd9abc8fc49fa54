"""Number formats, errors, marked texts and hidden parts of XLS, by xlrd."""

import io

import xlrd

from boundaries.texts import sheet_places
from layers.tables.formats import colours
from layers.tables.formats.marks import CellMarks, Parts
from layers.tables.numbers import format_codes, special_cells


def read_xls_marks(content: bytes, sheet: str) -> CellMarks:
    """What the workbook says of the cells of one sheet.

    The format keeps no trace of a formula without result but an empty text, which is also what
    ``=IF(A1="";"";A1)`` may give: both count as unsolved, for a warning too many loses no number.
    """
    book = xlrd.open_workbook(
        file_contents=content, formatting_info=True, on_demand=True, logfile=io.StringIO()
    )
    sheet_places.check_xls(book, sheet)
    table = book.sheet_by_name(sheet)
    codes = {style: _code_of(book, style) for style in range(len(book.xf_list))}
    fonts = {style: _mark_of(book, xf.font_index) for style, xf in enumerate(book.xf_list)}
    unseen = {style for style in range(len(book.xf_list)) if _is_unseen(book, style)}
    marks = CellMarks()
    columns, rows = table.colinfo_map.items(), table.rowinfo_map.items()
    marks.hidden_columns += [x for x, info in columns if info.hidden or info.width == 0]
    marks.hidden_rows += [y for y, info in rows if info.hidden or info.height == 0]
    for row in range(table.nrows):
        for column, kind in enumerate(table.row_types(row)):
            if kind in (xlrd.XL_CELL_EMPTY, xlrd.XL_CELL_BLANK):
                continue
            style = table.cell_xf_index(row, column)
            code = codes.get(style)
            if style in unseen and table.cell_value(row, column) != "":
                marks.unseen.add((row, column))
                continue
            if kind == xlrd.XL_CELL_NUMBER and code is not None:
                marks.formats[row, column] = code
            elif kind == xlrd.XL_CELL_ERROR:
                error = table.cell_value(row, column)
                marks.errors[row, column] = xlrd.error_text_from_code.get(error, "#N/A")
            elif kind == xlrd.XL_CELL_TEXT and table.cell_value(row, column) == "":
                marks.unsolved.add((row, column))
            mark = fonts.get(style, special_cells.Mark.PLAIN)
            runs = table.rich_text_runlist_map.get((row, column))
            if runs and kind == xlrd.XL_CELL_TEXT:
                parts = _parts(book, table.cell_value(row, column), runs, mark)
                if any(part_mark is not special_cells.Mark.PLAIN for _, part_mark in parts):
                    marks.parts[row, column] = parts
            elif mark is not special_cells.Mark.PLAIN:
                marks.cell_marks[row, column] = mark
    return marks


def _parts(
    book: xlrd.book.Book, text: str, runs: list[tuple[int, int]], first: special_cells.Mark
) -> Parts:
    """The text cut where its font changes; before the first change it has that of its cell."""
    starts = [(0, first), *((offset, _mark_of(book, font)) for offset, font in runs)]
    ends = [offset for offset, _ in starts[1:]] + [len(text)]
    return [(text[start:end], mark) for (start, mark), end in zip(starts, ends, strict=True)]


def _mark_of(book: xlrd.book.Book, number: int) -> special_cells.Mark:
    """How a font of the workbook writes its text."""
    if number >= len(book.font_list):
        return special_cells.Mark.PLAIN
    font = book.font_list[number]
    if font.struck_out:
        return special_cells.Mark.STRUCK
    return special_cells.Mark.RAISED if font.escapement else special_cells.Mark.PLAIN


def _is_unseen(book: xlrd.book.Book, style: int) -> bool:
    """Whether a cell style writes in the colour of its ground."""
    xf = book.xf_list[style]
    pattern = xf.background.fill_pattern
    if xf.font_index >= len(book.font_list) or pattern > 1:
        return False
    ground = _colour(book, xf.background.pattern_colour_index) if pattern else colours.WHITE
    return colours.is_unseen(_colour(book, book.font_list[xf.font_index].colour_index), ground)


def _colour(book: xlrd.book.Book, number: int) -> colours.Colour | None:
    return book.colour_map.get(number) or colours.numbered_colour(number)


def _code_of(book: xlrd.book.Book, style: int) -> str | None:
    """The code of a cell style if it changes what is seen."""
    key = book.xf_list[style].format_key
    code = format_codes.built_in_format(key)
    if code is None and key in book.format_map:
        code = book.format_map[key].format_str
    return None if code is None or format_codes.is_plain(code) else code
