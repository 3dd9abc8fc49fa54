"""What ``geo-service init`` writes: a ``wilayah.toml`` that proposes the files at hand.

Each file is proposed for the section its shape suggests, with the importer that knows it and the
columns that fit.  A section stands as a declaration where the file itself says all that is needed
(codes that prove their system, words that name an indicator or a kind); where it does not, it is a
comment that says what is missing, so that filling in is choosing.  A file of no use is listed with
the reason.
"""

import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from layers.errors import WorkspaceError
from layers.proposal.file_shapes import may_be_input, tell_shapes
from layers.proposal.shape import FileShape, Role
from layers.workspace.workspace_file import WORKSPACE_NAME

HEAD = """\
# What this workspace brings, and where each file comes from. Paths are relative to this folder.
# Look at every section, then check it with:  geo-service check {folder}
schema = 1

[wilayah]
id = "{slug}"                  # short name, becomes part of the release id
name = "{folder}"              # as shown to readers
scope = [{scope}]              # {scope_note}: kabupaten ("53.06"), provinsi ("32"), or "indonesia"
year = 2025                    # the year the map shows by default

# ---- Desa polygons ------------------------------------------------------------------------------
# code_system says which codes the file has: "kemendagri" (53.06 = Flores Timur) or
# "bps" (5306 = Belu). It is declared, never guessed; a file that contradicts it is refused.
# encoding = "utf-8" or "cp1252" settles names with accents, in every section of a text file.
"""

BOUNDARY_HINTS = """\
# sebutan_column = ""          # what each desa is called: gampong, nagari, kampung
# crs = "EPSG:4326"            # only if the file does not say
# encoding = "utf-8"           # only if names with accents come out wrong
# legal_status = "indicative"  # fixed | indicative | not_agreed
# source = ""
# licence = ""
# date = ""
# supplier = ""
"""

NAMES = """
# ---- Code lists and bridges ---------------------------------------------------------------------
# [[names]]: official names by code.  [[crosswalks]]: kind = "bridge" (BPS to Kemendagri) or
# "history" (old to new codes).
"""

TABLES = """
# ---- Indicator tables ---------------------------------------------------------------------------
# [tables.columns] maps the file's columns to indicators. Known ones are listed in
# layers/definitions/indicators.toml; own ones are declared under [[indicators]].
"""

SPENDING = """
# ---- Spending (APBDes) --------------------------------------------------------------------------
# Without importer: code_column, activity_column (bidang.sub.kegiatan, such as 02.02.02),
# anggaran_column and realisasi_column.
"""

FACILITIES = """
# ---- Facilities ---------------------------------------------------------------------------------
# kind for the whole file; or kind_column and a table [facilities.kinds]; or kind_in_name = true.
"""

HISTORY = """
# ---- Codes of before a change -------------------------------------------------------------------
# A table bears codes that have changed since; check says whether ends and names agree.
# [history]
# use = [{names}]
"""

TAIL = """
# ---- Known and accepted findings ----------------------------------------------------------------
# [[allow]]
# check = "boundary.far_apart"
# kode = "00.00.00.2001"
# reason = "why this is right although it looks wrong"

# ---- People, terrain, norms (layers/access/README.md) -------------------------------------------
# [population]
# path = "penduduk.tif"               # people per cell
# year = 2025
# band = "2025"                       # number or description, where the raster has several bands
# rescale_to = "penduduk_jiwa"        # so that cells add up to the official number of each desa
# [land_cover]                        # or [friction] path = ... in minutes per metre
# path = "tutupan_lahan.tif"
# [land_cover.classes]
# 10 = "forest"
# [travel]
# mode = "motorbike"                  # walking | motorbike | ambulance | boat
# [norms]
# puskesmas = 8000                    # metres, instead of layers/definitions/gaps.toml
"""


def write_template(folder: Path) -> tuple[Path, int]:
    """The path of the written ``wilayah.toml`` and how many files it proposes as inputs.

    Raises
    ------
    WorkspaceError
        There is a ``wilayah.toml`` already: it is never overwritten.
    """
    path = folder / WORKSPACE_NAME
    if path.exists():
        raise WorkspaceError(f"{path} exists already and is left as it is.")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        files = _inputs(folder)
    except OSError as error:
        raise WorkspaceError(f"{folder}: cannot be made or read: {error.strerror}") from error
    shapes = [
        (file.relative_to(folder).as_posix(), shape)
        for file in files
        for shape in tell_shapes(file)
    ]
    path.write_text(propose(folder.name, shapes), encoding="utf-8", newline="\n")
    return path, len({where for where, shape in shapes if shape.role != "left_out"})


def _inputs(folder: Path) -> list[Path]:
    """Files that may be inputs; a folder that is one input (``.gdb``) stands for its files."""
    entries = sorted(folder.rglob("*"))
    folders = [entry for entry in entries if entry.is_dir() and entry.suffix.lower() == ".gdb"]
    return [
        entry
        for entry in entries
        if may_be_input(entry)
        and (entry in folders or entry.is_file())
        and not any(parent in folders for parent in entry.parents)
    ]


def propose(name: str, shapes: Sequence[tuple[str, FileShape]]) -> str:
    """The text of ``wilayah.toml`` for the files of a folder, each with its shape."""
    scope = propose_scope([shape for _, shape in shapes if shape.role == "boundaries"])
    slug = "".join(sign if sign.isalnum() else "-" for sign in name.lower()).strip("-")
    parts: dict[Role, str] = {}
    ids: Counter[str] = Counter()
    lender = _lender(shapes)
    has_whole = any(shape.role == "boundaries" and not shape.todo for _, shape in shapes)
    for where, shape in shapes:
        if shape.role == "boundaries":
            lends = lender if shape.todo else None
            section = "" if (where, shape) == lender else _boundary(where, shape, lends)
            if lender is None and shape.todo and has_whole:
                section = _commented(section)
        elif shape.role in ("left_out", "unread"):
            section = _not_used(where, shape)
        else:
            section = _section(where, shape, _name(where, ids), scope)
        parts[shape.role] = parts.get(shape.role, "") + section
    text = HEAD.format(
        folder=name,
        slug=slug[:38] or "wilayah",
        scope=", ".join(_quoted(place) for place in scope or ("00.00",)),
        scope_note="of the codes in the files" if scope else "CHANGE",
    )
    text += parts.get("boundaries") or _boundary("batas_desa.geojson", EXAMPLE, None)
    lists = parts.get("names", "") + parts.get("crosswalks", "")
    text += NAMES + lists if lists else ""
    text += TABLES + parts.get("tables", "") + SPENDING + parts.get("spending", "")
    text += FACILITIES + "".join(
        parts.get(role, "")
        for role in ("facilities", "roads", "programmes", "proposals", "population", "land_cover")
    )
    text += _histories(shape for _, shape in shapes)
    unused = parts.get("unread", "") + parts.get("left_out", "")
    return text + (LEFT_OUT + unused if unused else "") + TAIL


EXAMPLE = FileShape(
    "boundaries", "", keys={"code_column": "KDEPUM", "name_column": "NAMOBJ"}, todo=("path",)
)
LEFT_OUT = """
# ---- Files that are not proposed ----------------------------------------------------------------
"""
MOST_KABUPATEN = 1
LEAST_PART = 0.02
"""Least share of a file's codes that makes a place part of the scope."""


def propose_scope(shapes: Sequence[FileShape]) -> tuple[str, ...]:
    """The kabupaten that the polygons cover; the provinsi where they are several of one.

    >>> propose_scope([FileShape("boundaries", "", codes=("5306012001", "5306012002"))])
    ('53.06',)
    """
    codes = [code for shape in shapes for code in shape.codes]
    kabupaten = Counter(code[:4] for code in codes)
    often = [place for place, count in kabupaten.items() if count >= LEAST_PART * len(codes)]
    if len(often) <= MOST_KABUPATEN and often:
        return tuple(f"{place[:2]}.{place[2:]}" for place in sorted(often))
    provinsi = sorted({code[:2] for code in codes})
    return ("indonesia",) if len(provinsi) > 30 else tuple(provinsi)


def _lender(shapes: Sequence[tuple[str, FileShape]]) -> tuple[str, FileShape] | None:
    """The one file of polygons with codes, where others have names but no codes."""
    polygons = [(where, shape) for where, shape in shapes if shape.role == "boundaries"]
    coded = [(where, shape) for where, shape in polygons if "code_column" in shape.keys]
    bare = [where for where, shape in polygons if "code_column" not in shape.keys and shape.todo]
    return coded[0] if len(coded) == 1 and bare else None


def _histories(shapes: Iterable[FileShape]) -> str:
    """The shipped histories of whose old codes a table has some, as comments."""
    names = sorted({name for shape in shapes for name in shape.histories})
    if not names:
        return ""
    return HISTORY.format(names=", ".join(_quoted(name) for name in names))


def _boundary(where: str, shape: FileShape, lender: tuple[str, FileShape] | None) -> str:
    lines = [
        "[[boundaries]]",
        f"path = {_quoted(where)}",
        f"# columns in the file: {_one_line(', '.join(shape.columns)) or '(not read)'}",
        _code_system(shape),
        *(f"# CHANGE: the file does not say {what}" for what in shape.todo if lender is None),
        *_key_lines(shape.keys),
    ]
    text = "\n" + "\n".join(lines) + "\n" + BOUNDARY_HINTS
    return text if lender is None else text + _codes_from(*lender)


def _code_system(shape: FileShape) -> str:
    note = "the codes prove it" if shape.system else "CHANGE if the codes are BPS codes"
    return f'code_system = "{shape.system or "kemendagri"}"     # {note}'


def _codes_from(where: str, shape: FileShape) -> str:
    """The table below polygons without codes: where those that cover the same places have them."""
    keys = {key: shape.keys[key] for key in LENT_KEYS if key in shape.keys}
    lines = [
        f"[boundaries.codes_from]      # these polygons have no codes; those of {where} do",
        f"path = {_quoted(where)}",
        *_key_lines(keys),
        _code_system(shape),
    ]
    return "\n".join(lines) + "\n"


def _commented(section: str) -> str:
    lines = section.strip("\n").splitlines()
    return "\n" + "".join(f"{line}\n" if line[:1] == "#" else f"# {line}\n" for line in lines)


def _name(where: str, names: Counter[str]) -> str:
    """An id from the file name, another one for each file."""
    stem = where.rsplit("/", 1)[-1].split(".", 1)[0].lower()
    slug = re.sub(r"[^a-z0-9]+", "_", stem).strip("_") or "tabel"
    name = (slug if slug[0].isalpha() else f"t_{slug}")[:58]
    names[name] += 1
    return name if names[name] == 1 else f"{name}_{names[name]}"


def _not_used(where: str, shape: FileShape) -> str:
    layer = f" (layer {shape.keys['layer']})" if "layer" in shape.keys else ""
    reason = _one_line(shape.told_by)
    word = "not read" if shape.role == "unread" else "left out"
    return f"# {where}{layer}: {word} ({reason})\n"


ONE_OF_A_KIND = ("population", "land_cover")
LENT_KEYS = ("layer", "code_column", "name_column")
WITHOUT_ID = ("roads", "names", "crosswalks", *ONE_OF_A_KIND)
WITH_CODES = ("tables", "spending", "names", "programmes", "proposals")
NOT_TEXTS = ("year", "kind_in_name", "header_row", "header_rows")
SUB_TABLES = {"tables": "columns", "facilities": "kinds", "roads": "classes"}


def _section(where: str, shape: FileShape, name: str, scope: Sequence[str]) -> str:
    """A declaration where the file says all that is needed, else a comment that says what lacks."""
    lines, lacking = _required(shape, where, scope)
    section = f"[{shape.role}]" if shape.role in ONE_OF_A_KIND else f"[[{shape.role}]]"
    body = [
        f"{section}    # told by {_one_line(shape.told_by)}",
        *([] if shape.role in WITHOUT_ID else [f"id = {_quoted(name)}"]),
        f"path = {_quoted(where)}",
        *(
            [f"# columns in the file: {_one_line(', '.join(shape.columns))}"]
            if shape.columns
            else []
        ),
        *([f"importer = {_quoted(shape.importer)}"] if shape.importer else []),
        *_key_lines(shape.keys),
        *lines,
    ]
    table = SUB_TABLES.get(shape.role)
    if table is not None and (shape.mapping or shape.numbers):
        body.append(f"[{shape.role}.{table}]")
        body += [f"{_quoted(key)} = {_quoted(value)}" for key, value in shape.mapping.items()]
    open_lines = [f'{_quoted(column)} = ""    # indicator' for column in shape.numbers]
    if not (lacking or shape.todo):
        return (
            "\n"
            + "".join(f"{line}\n" for line in body)
            + "".join(f"# {line}\n" for line in open_lines)
        )
    lacks = [f"the file does not say: {what}" for what in (*shape.todo, *lacking)]
    return "\n" + "".join(f"# {line}\n" for line in (*lacks, *body, *open_lines))


def _required(shape: FileShape, where: str, scope: Sequence[str]) -> tuple[list[str], list[str]]:
    """Lines that the section needs beside its keys, and which of them a person must settle."""
    lines: list[str] = []
    lacking: list[str] = []
    has_codes = "code_column" in shape.keys or shape.importer is not None
    if shape.system or (shape.role in WITH_CODES and has_codes):
        note = "" if shape.system else "    # CHANGE if the codes are BPS codes"
        lines.append(f'code_system = "{shape.system or "kemendagri"}"{note}')
    if shape.importer == "siskeudes":
        is_one = len(scope) == 1 and "." in scope[0]
        lines.append(
            f'kabupaten = "{scope[0] if is_one else "00.00"}"    # Siskeudes codes do not say it'
        )
        lacking += [] if is_one else ["kabupaten"]
    if shape.role == "spending" and shape.importer == "opendk":
        lines.append('desa = "00.00.00.2001"    # the template does not say it')
        lacking.append("desa")
    has_kind = shape.importer or {"kind", "kind_column", "kind_in_name"} & shape.keys.keys()
    if shape.role == "facilities" and not has_kind:
        lines.append('kind = "puskesmas"')
        lacking.append("kind")
    has_year = "year_column" in shape.keys or shape.importer == "siskeudes"
    if shape.role in ("tables", "spending", "programmes", "proposals") and not has_year:
        years = re.findall(r"(?<!\d)20[0-4]\d(?!\d)", where.rsplit("/", 1)[-1])
        lines.append(f"year = {years[0] if len(years) == 1 else '2024    # CHANGE'}")
        lacking += [] if len(years) == 1 else ["year"]
    return lines, lacking


def _key_lines(keys: Mapping[str, str]) -> list[str]:
    return [
        f"{key} = {value if key in NOT_TEXTS else _quoted(value)}" for key, value in keys.items()
    ]


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
