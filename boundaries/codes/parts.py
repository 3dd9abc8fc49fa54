"""Codes kept in pieces: columns per part (BIG, Podes) and Siskeudes' codes without a kabupaten."""

import re
from collections.abc import Iterable, Sequence

from boundaries.codes import column, kode_types, spelling
from boundaries.codes.reference import CodeReference
from boundaries.findings.report import Severity

_BIG_COLUMNS = {
    kode_types.CodeSystem.KEMENDAGRI: ("KDPPUM", "KDPKAB|KDBPUM", "KDCPUM", "KDEPUM"),
    kode_types.CodeSystem.BPS: ("KDPBPS", "KDBBPS", "KDCBPS", "KDEBPS"),
}
_SISKEUDES = re.compile(r"([0-9]{1,2})\.([0-9]{1,4})\.?")
_WHOLE = re.compile(r"([0-9]+)(?:[.,]0+)?")


def big_code_columns(columns: Iterable[str]) -> dict[kode_types.CodeSystem, tuple[str, ...]]:
    """The columns of BIG's attribute schema that hold the parts of a code, per system present.

    Both generations of the schema are known (kabupaten as ``KDPKAB`` or ``KDBPUM``), in any case
    and with the ``_2`` that joins append.  A BIG file carries **both** systems side by side.

    Returns
    -------
    dict
        Column names in the order provinsi, kabupaten, kecamatan, desa; parts that are not there
        are left out, but a system without its desa column is not reported at all.

    Source
    ------
    Permendagri 137/2017 attribute schema as published by BIG (2020).

    Example
    -------
    >>> big_code_columns(["KDPPUM", "KDPKAB", "KDCPUM", "KDEPUM_2", "NAMOBJ"])
    {<CodeSystem.KEMENDAGRI: 'kemendagri'>: ('KDPPUM', 'KDPKAB', 'KDCPUM', 'KDEPUM_2')}
    """
    names = list(columns)
    by_system: dict[kode_types.CodeSystem, tuple[str, ...]] = {}
    for system, parts in _BIG_COLUMNS.items():
        hits = [_first_match(part, names) for part in parts]
        if hits[-1] is not None:
            by_system[system] = tuple(hit for hit in hits if hit is not None)
    return by_system


def _first_match(pattern: str, names: list[str]) -> str | None:
    shape = re.compile(rf"(?:{pattern})(?:_[0-9]+)?", re.IGNORECASE)
    return next((name for name in names if shape.fullmatch(name)), None)


def join_code_parts(
    parts: Sequence[Sequence[object]], system: kode_types.CodeSystem
) -> column.CodeColumn:
    """Desa codes from columns that hold their parts.

    A part may be its own digits (``13``), with leading zeros lost (``6`` for ``06``), or the whole
    code up to that level (``53.06.13``); both kinds occur in BIG files.

    Parameters
    ----------
    parts
        Columns provinsi, kabupaten, kecamatan, desa, all of one length.  With fewer than four, the
        first ones are missing and the others must hold whole codes.

    Returns
    -------
    CodeColumn
        One desa code per row.  Reason ``parent`` where a whole code contradicts a part before it.
    """
    kode = kode_types.kode_type(system)
    codes: list[kode_types.KodeKemendagri | kode_types.KodeBps | None] = []
    problems: list[column.CodeProblem] = []
    for index, cells in enumerate(zip(*parts, strict=True)):
        value = " ".join("" if cell is None else str(cell) for cell in cells)
        try:
            code, is_joined = _join_row(cells, kode)
        except kode_types.CodeError as error:
            problems.append(
                column.CodeProblem(index, value, error.reason, str(error), Severity.WARNING)
            )
            codes.append(None)
            continue
        codes.append(code)
        if is_joined:
            message = f"'{value}' was kept in separate columns; read as {code}."
            problems.append(column.CodeProblem(index, value, "parts", message, Severity.NOTE))
    return column.CodeColumn(system, codes, problems)


def _join_row(
    cells: tuple[object, ...], kode: type[kode_types.KodeKemendagri] | type[kode_types.KodeBps]
) -> tuple[kode_types.KodeKemendagri | kode_types.KodeBps, bool]:
    so_far: str | None = None
    is_joined = False
    for depth, cell in enumerate(cells, start=4 - len(cells)):
        digits = _part_digits(cell)
        if len(digits) == kode.ends[depth]:
            if so_far and not digits.startswith(so_far):
                raise kode_types.CodeError(
                    "parent", f"'{cell}' does not lie in {kode.trusted(so_far)}."
                )
            so_far, is_joined = digits, False
            continue
        width = kode.widths[depth]
        is_short = len(digits) < width and (depth in (0, 3) and width != 3)
        if len(digits) > width or is_short or (so_far is None and depth > 0):
            raise kode_types.CodeError("length", f"'{cell}' is not part {depth + 1} of a code.")
        so_far, is_joined = (so_far or "") + digits.zfill(width), True
    return kode(so_far or ""), is_joined


def _part_digits(cell: object) -> str:
    text = "" if cell is None else str(cell).replace("\u00a0", " ").strip().rstrip(".")
    if text.lower() in spelling.EMPTY_WORDS:
        raise kode_types.CodeError("empty", "A part of the code is empty.")
    text = spelling.without_prefix(text)
    if whole := _WHOLE.fullmatch(text):
        return whole[1]
    digits = text.replace(".", "")
    if not (digits.isascii() and digits.isdigit()):
        raise kode_types.CodeError("not_a_code", f"'{text}' is not part of a code.")
    return digits


def read_siskeudes_column(
    values: Sequence[object],
    kabupaten: kode_types.KodeKemendagri,
    reference: CodeReference | None = None,
) -> column.CodeColumn:
    """Desa codes from Siskeudes' ``00.0000.`` (kecamatan and desa), completed by the kabupaten.

    A whole code is taken as it is when it lies in the kabupaten, and refused (``parent``) when it
    does not.  ``5.201``, which a spreadsheet makes of ``05.2010``, is completed where ``reference``
    is complete and has it.

    Source
    ------
    ``Ref_Desa.Kd_Desa`` and ``Ta_Kegiatan.Kd_Desa`` of a Siskeudes export, as OpenSID reads them.

    Example
    -------
    >>> read_siskeudes_column(["05.2003."], kode_types.KodeKemendagri("5306")).written
    ['53.06.05.2003']
    """
    codes: list[kode_types.KodeKemendagri | kode_types.KodeBps | None] = []
    problems: list[column.CodeProblem] = []
    for index, value in enumerate(values):
        text = "" if value is None else str(value).replace("\u00a0", " ").strip()
        try:
            code, repair = _read_siskeudes(text, kabupaten, reference)
        except kode_types.CodeError as error:
            problems.append(
                column.CodeProblem(index, text, error.reason, str(error), Severity.WARNING)
            )
            codes.append(None)
            continue
        codes.append(code)
        if repair:
            message = f"'{text}' was written without provinsi and kabupaten; read as {code}."
            problems.append(column.CodeProblem(index, text, repair, message, Severity.NOTE))
    return column.CodeColumn(kode_types.CodeSystem.KEMENDAGRI, codes, problems)


def _read_siskeudes(
    text: str, kabupaten: kode_types.KodeKemendagri, reference: CodeReference | None
) -> tuple[kode_types.KodeKemendagri, str | None]:
    if text.lower() in spelling.EMPTY_WORDS:
        raise kode_types.CodeError("empty", "No code.")
    text = spelling.without_prefix(text)
    if short := _SISKEUDES.fullmatch(text):
        kecamatan, desa = short[1].zfill(2), short[2]
        is_whole = len(short[1]) == 2 and len(desa) == 4
        digits = kabupaten.digits + kecamatan + desa.ljust(4, "0")
        if len(desa) < 4 and (reference is None or digits not in reference):
            raise kode_types.CodeError(
                "length", f"'{text}': the desa part has four digits, as in 05.2003."
            )
        return kode_types.KodeKemendagri(digits), "siskeudes" if is_whole else "zeros"
    code = kode_types.KodeKemendagri.parse(text)
    if code.level != "desa":
        raise kode_types.CodeError("level", f"'{text}' is not the code of a desa.")
    if code.kabupaten != kabupaten:
        raise kode_types.CodeError("parent", f"'{text}' does not lie in {kabupaten}.")
    return code, None


def split_siskeudes_activity(text: str) -> tuple[str, str] | None:
    """Desa part and activity of a ``Kd_Keg``, both without trailing dot; None if it is neither.

    Example
    -------
    >>> split_siskeudes_activity("05.2003.02.02.02.")
    ('05.2003', '02.02.02')
    """
    parts = text.strip().rstrip(".").split(".")
    shape = [2, 4, 2, 2, 2]
    if [len(part) for part in parts] != shape or not all(part.isdigit() for part in parts):
        return None
    return ".".join(parts[:2]), ".".join(parts[2:])
