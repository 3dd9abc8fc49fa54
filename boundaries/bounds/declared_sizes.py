"""What a file says of its own size, held against what it may cost before it is read.

The first thing that is done with any input.  A file may lie; then the limits of the process in
which it is read count.
"""

import re
import sqlite3
import stat
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

from boundaries.bounds import input_limits
from boundaries.bounds.input_limits import MB, Allowance, InputFile, InputLimits
from boundaries.errors import InputUnreadableError

FOLDERS = (".gdb",)
"""Formats of which one input is a folder."""
MOST_HOLES = 20
_HOLES = 100 * MB
_HEAD = 4096
_CHUNK = 1 << 20
_BYTES_A_CELL = 40
"""Of a sheet, empty or not: they are held as a whole, from the first row and column on."""
MOST_MEMBERS = 20_000
_DIMENSION = re.compile(rb'<(?:\w+:)?dimension\s[^>]*?ref="(?:[A-Z]+\d+:)?([A-Z]+)(\d+)"')
_CELL = re.compile(rb'<(?:\w+:)?c\s[^>]*?\br="([A-Z]+)(\d+)"[^>]*?(/?)>')
_SHEET = re.compile(r"xl/worksheets/[^/]+\.xml")
_KINDS = {
    stat.S_IFIFO: "a pipe",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
    stat.S_IFSOCK: "a socket",
}
_SQLITE_STEPS = 5_000_000
_CATALOGUES = {"gpkg_contents", "gpkg_geometry_columns", "gpkg_spatial_ref_sys", "geometry_columns"}


def check_is_file(file: InputFile) -> None:
    """Refuse what waits for ever or has no end; what is missing its reader refuses.

    Raises
    ------
    InputUnreadableError
        A pipe, a device or a socket.
    """
    try:
        kind = stat.S_IFMT(file.path.stat().st_mode)
    except OSError:
        return
    if kind in _KINDS:
        raise InputUnreadableError(
            f"{file.label}: it is {_KINDS[kind]}, not a file; save its data as a file."
        )


def check_size(file: InputFile, limits: InputLimits) -> None:
    """Refuse a file that is too large even to be looked through, and a folder that is no input.

    Raises
    ------
    InputBeyondLimitError, InputUnreadableError
        With its size.
    """
    check_is_file(file)
    if file.path.is_dir():
        if file.path.suffix.lower() not in FOLDERS:
            raise InputUnreadableError(f"{file.label}: a folder; declare a file in it.")
        return
    size = file.path.stat().st_size
    if size > limits.file_mb * MB:
        what = f"The file has {size / MB:,.0f} MB"
        raise input_limits.beyond_limit(file.label, "file_mb", limits.file_mb, "MB", what)
    if size > _HOLES + MOST_HOLES * file.size:
        raise InputUnreadableError(
            f"{file.label}: of its {size / MB:,.0f} MB only {file.size / MB:,.0f} MB were ever "
            "written, the rest is a hole; its copy broke off. Copy it again."
        )


def check_declared(file: InputFile, allowance: Allowance) -> None:
    """Refuse a file that says it is larger than it may be, or that holds no data of its own.

    Raises
    ------
    InputBeyondLimitError
        Members of an archive, an unpacked text, a Parquet file or a sheet.
    InputUnreadableError
        It is no file, or only a query on other data.
    """
    check_is_file(file)
    if not file.path.is_file():
        return
    with file.path.open("rb") as stream:
        head = stream.read(_HEAD)
    if head.startswith(b"PK\x03\x04"):
        _check_archive(file, allowance)
    elif head.startswith(b"PAR1"):
        _check_parquet(file, allowance)
    elif head.startswith(b"SQLite format 3\0"):
        _check_database(file)
    elif b"<OGRVRTDataSource" in head:
        raise InputUnreadableError(
            f"{file.label}: a virtual layer (VRT) that only points at other data; save the layer "
            "itself as GeoPackage and declare that."
        )


def read_content(file: InputFile, allowance: Allowance) -> bytes:
    """The bytes of a file, unpacked where it is gzip by its name.

    Raises
    ------
    InputBeyondLimitError
        It unpacks to more than it may.
    InputUnreadableError
        Not a whole gzip file.
    """
    content = file.path.read_bytes()
    if file.path.suffix.lower() != ".gz":
        return content
    parts, total = [], 0
    try:
        for part in _unpack(content):
            total += len(part)
            if total > allowance.unpacked:
                _refuse_unpacked(file, allowance, "It unpacks to more than may be read")
            parts.append(part)
    except (EOFError, zlib.error) as error:
        raise InputUnreadableError(f"{file.label}: not a whole gzip file: {error}.") from error
    return b"".join(parts)


def _unpack(content: bytes) -> Iterator[bytes]:
    """The parts of all members of a gzip file, each of at most a chunk."""
    rest = content
    while rest:
        unpacker = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
        while not unpacker.eof:
            part = unpacker.decompress(rest, _CHUNK)
            rest = unpacker.unconsumed_tail
            if not part and not rest and not unpacker.eof:
                raise EOFError("it is cut off")
            yield part
        rest = unpacker.unused_data.lstrip(b"\0")


def _refuse_unpacked(file: InputFile, allowance: Allowance, what: str) -> None:
    unpacked = allowance.unpacked / MB
    memory = f" ({unpacked:,.0f} MB, half of the memory)"
    raise input_limits.beyond_memory(file.label, allowance, what + memory)


def _check_archive(file: InputFile, allowance: Allowance) -> None:
    try:
        with zipfile.ZipFile(file.path) as archive:
            members = archive.infolist()
            total = sum(member.file_size for member in members)
            if len(members) > MOST_MEMBERS:
                raise InputUnreadableError(
                    f"{file.label}: an archive of {len(members):,} files; at most "
                    f"{MOST_MEMBERS:,} are looked through. Unpack it and declare the one meant."
                )
            if total > allowance.unpacked:
                what = f"It unpacks to {total / MB:,.0f} MB, more than may be read"
                _refuse_unpacked(file, allowance, what)
            for member in members:
                if _SHEET.fullmatch(member.filename):
                    _check_sheet(file, archive, member.filename, allowance)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, RuntimeError, zlib.error):
        return  # whoever reads the archive says what is wrong with it


def _check_sheet(
    file: InputFile, archive: zipfile.ZipFile, name: str, allowance: Allowance
) -> None:
    """Refuse a sheet whose filled cells span more than can be held.

    What a sheet states as its extent may be formatting alone, so then its cells are looked at.
    """
    most = allowance.memory // _BYTES_A_CELL
    with archive.open(name) as sheet:
        stated = _DIMENSION.search(sheet.read(_HEAD))
    if stated is None or _number(stated[1]) * int(stated[2]) <= most:
        return
    width = height = 0
    for letters, row in _filled_cells(archive, name):
        width, height = max(width, _number(letters)), max(height, int(row))
        if width * height > most:
            what = (
                f"A filled cell at {letters.decode()}{row.decode()}, far from the table, makes the "
                f"sheet {height:,} rows × {width:,} columns; delete the cells outside the table"
            )
            raise input_limits.beyond_memory(file.label, allowance, what)


def _filled_cells(archive: zipfile.ZipFile, name: str) -> Iterator[tuple[bytes, bytes]]:
    with archive.open(name) as sheet:
        rest = b""
        while part := sheet.read(_CHUNK):
            text = rest + part
            end = text.rfind(b">") + 1
            rest = text[end:]
            for match in _CELL.finditer(text, 0, end):
                if not match[3]:
                    yield match[1], match[2]


def _number(letters: bytes) -> int:
    """Column number of its letters.

    >>> _number(b"A"), _number(b"XFD")
    (1, 16384)
    """
    number = 0
    for letter in letters:
        number = 26 * number + letter - ord("A") + 1
    return number


def _check_parquet(file: InputFile, allowance: Allowance) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(file.path) as parquet:
            metadata = parquet.metadata
            groups = [metadata.row_group(number) for number in range(metadata.num_row_groups)]
            total = sum(group.total_byte_size for group in groups)
            rows, columns = metadata.num_rows, metadata.num_columns
    except (pa.ArrowException, OSError, ValueError):
        return
    input_limits.check_extent(file.label, allowance, rows, columns)
    if rows * columns > allowance.memory // _BYTES_A_CELL:
        what = f"It has {rows * columns:,} cells, more than can be held"
        raise input_limits.beyond_memory(file.label, allowance, what)
    if total > allowance.unpacked:
        what = f"It unpacks to {total / MB:,.0f} MB, more than may be read"
        _refuse_unpacked(file, allowance, what)


def _check_database(file: InputFile) -> None:
    """Refuse layers that are views: a query that anybody wrote, and that may never end."""
    try:
        views, listed = _list_views(file.path)
    except sqlite3.Error:
        return  # whoever reads the file says what is wrong with it
    refused = sorted(views & (_CATALOGUES | ({file.layer} if file.layer else listed)))
    if refused:
        raise InputUnreadableError(
            f"{file.label}: '{refused[0]}' is a view, a stored query and no data; save it "
            "as a table (in QGIS: Export, Save Features As), or declare 'layer' of a table."
        )


def _list_views(path: Path) -> tuple[set[str], set[str]]:
    """Names of the views of a database, and of the tables that its catalogue lists."""
    is_written = path.with_name(f"{path.name}-wal").exists()
    address = f"file:{quote(str(path))}?mode=ro" + ("" if is_written else "&immutable=1")
    database = sqlite3.connect(address, uri=True)
    try:
        database.execute("PRAGMA trusted_schema = OFF")
        database.set_progress_handler(lambda: 1, _SQLITE_STEPS)
        names = "SELECT lower(name), name, type FROM sqlite_master"
        entries = database.execute(names).fetchall()
        views = {name for _, name, kind in entries if kind == "view"}
        if {lower for lower, _, kind in entries if kind == "view"} & _CATALOGUES:
            return {name.lower() for name in views}, set()
        if "gpkg_contents" not in {lower for lower, _, _ in entries}:
            return views, set()
        listed = database.execute("SELECT table_name FROM gpkg_contents").fetchall()
        return views, {str(name) for (name,) in listed}
    finally:
        database.close()
