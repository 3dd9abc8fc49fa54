"""What ``geo-service init`` writes: a commented ``wilayah.toml`` that proposes the files at hand.

Each file is proposed for the section its shape suggests, with the importer that knows it and the
columns that fit, so that filling in is choosing.
Nothing is decided for the user: the code system of every input is left to be declared.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

from layers.errors import WorkspaceError
from layers.proposal.file_shapes import SUFFIXES, FileShape, tell_shape
from layers.workspace.workspace_file import WORKSPACE_NAME

HEAD = """\
# What this workspace brings, and where each file comes from. Paths are relative to this folder.
# Check it with:  geo-service check {folder}
schema = 1

[wilayah]
id = "{slug}"                  # short name, becomes part of the release id
name = "{folder}"              # as shown to readers
scope = ["00.00"]              # CHANGE: kabupaten ("53.06"), provinsi ("32"), or "indonesia"
year = 2025                    # the year the map shows by default

# ---- Desa polygons ------------------------------------------------------------------------------
# code_system says which codes the file has: "kemendagri" (53.06 = Flores Timur) or
# "bps" (5306 = Belu). It is declared, never guessed; a file that contradicts it is refused.
"""

BOUNDARY = """
[[boundaries]]
path = "{path}"
# columns in the file: {columns}
code_system = "kemendagri"     # CHANGE if the codes are BPS codes
code_column = "{code}"
name_column = "{name}"
# kecamatan_name_column = ""
# kabupaten_name_column = ""
# sebutan_column = ""          # what each desa is called: gampong, nagari, kampung
# crs = "EPSG:4326"            # only if the file does not say
# legal_status = "indicative"  # fixed | indicative | not_agreed
# source = ""
# licence = ""
# date = ""
# supplier = ""
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
        files = sorted(entry for entry in folder.rglob("*") if entry.is_file())
    except OSError as error:
        raise WorkspaceError(f"{folder}: cannot be made or read: {error.strerror}") from error
    shapes = {file: tell_shape(file) for file in files if file.suffix.lower() in SUFFIXES}
    slug = "".join(sign if sign.isalnum() else "-" for sign in folder.name.lower()).strip("-")
    text = HEAD.format(folder=folder.name, slug=slug[:38] or "wilayah")
    parts = dict.fromkeys(("boundaries", "tables", "spending", "facilities", "roads"), "")
    names: Counter[str] = Counter()
    for file, shape in shapes.items():
        where = file.relative_to(folder).as_posix()
        role = "tables" if shape.role == "unread" else shape.role
        if role == "boundaries":
            parts[role] += _boundary(where, shape)
        else:
            parts[role] += _section(where, shape, _name(where, names))
    text += parts["boundaries"] or _boundary("batas_desa.geojson", FileShape("boundaries", ""))
    text += TABLES + parts["tables"] + SPENDING + parts["spending"]
    text += FACILITIES + parts["facilities"] + parts["roads"] + _histories(shapes.values()) + TAIL
    path.write_text(text, encoding="utf-8", newline="\n")
    return path, len(shapes)


def _histories(shapes: Iterable[FileShape]) -> str:
    """The shipped histories of whose old codes a table has some, as comments."""
    names = sorted({name for shape in shapes for name in shape.histories})
    if not names:
        return ""
    return HISTORY.format(names=", ".join(_quoted(name) for name in names))


def _boundary(where: str, shape: FileShape) -> str:
    return BOUNDARY.format(
        path=where,
        columns=", ".join(shape.columns) or "(not read)",
        code=_likely(shape.columns, ("KDEPUM", "kode_desa", "kode", "code")),
        name=_likely(shape.columns, ("NAMOBJ", "WADMKD", "nama_desa", "nama", "name")),
    )


def _name(where: str, names: Counter[str]) -> str:
    """An id from the file name, another one for each file."""
    stem = where.rsplit("/", 1)[-1].split(".", 1)[0].lower()
    slug = re.sub(r"[^a-z0-9]+", "_", stem).strip("_") or "tabel"
    name = (slug if slug[0].isalpha() else f"t_{slug}")[:58]
    names[name] += 1
    return name if names[name] == 1 else f"{name}_{names[name]}"


def _section(where: str, shape: FileShape, name: str) -> str:
    """A proposal as comments: what it says must be looked at before it counts."""
    if shape.role == "unread":
        return f"\n# {where}: not read ({' '.join(shape.told_by.split())})\n"
    lines = [
        f"[[{shape.role}]]    # told by {shape.told_by}",
        *([] if shape.role == "roads" else [f"id = {_quoted(name)}"]),
        f"path = {_quoted(where)}",
        f"# columns in the file: {', '.join(shape.columns)}",
    ]
    if shape.importer is not None:
        lines.append(f"importer = {_quoted(shape.importer)}")
    if shape.role in ("tables", "spending"):
        lines.append('code_system = "kemendagri"    # CHANGE if the codes are BPS codes')
    lines += [
        f"{key} = {value if value == 'true' else _quoted(value)}"
        for key, value in shape.keys.items()
    ]
    lines += _missing(shape, where)
    if shape.numbers:
        lines.append("[tables.columns]")
        lines += [f'{_quoted(column)} = ""    # indicator' for column in shape.numbers]
    return "\n" + "".join(f"# {line}\n" for line in lines)


def _missing(shape: FileShape, where: str) -> list[str]:
    """What the file does not say and the user must."""
    missing = []
    if shape.importer == "siskeudes":
        missing.append('kabupaten = "00.00"    # Siskeudes codes do not say it')
    if shape.role == "spending" and shape.importer == "opendk":
        missing.append('desa = "00.00.00.2001"    # the template does not say it')
    has_kind = shape.importer or {"kind_column", "kind_in_name"} & shape.keys.keys()
    if shape.role == "facilities" and not has_kind:
        missing.append('kind = "puskesmas"')
    has_year = "year_column" in shape.keys or shape.importer == "siskeudes"
    if shape.role in ("tables", "spending") and not has_year:
        told = re.findall(r"(?<!\d)20[0-4]\d(?!\d)", where.rsplit("/", 1)[-1])
        missing.append(f"year = {told[0] if len(told) == 1 else '2024    # CHANGE'}")
    return missing


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _likely(columns: Sequence[str], wanted: tuple[str, ...]) -> str:
    lowered = {column.lower(): column for column in columns}
    found = next((lowered[name.lower()] for name in wanted if name.lower() in lowered), wanted[0])
    return json.dumps(found, ensure_ascii=False)[1:-1]
