"""The ``wilayah.toml`` that ``init`` writes: what the files say is declared, the rest is open.

The text stands in ``wilayah.toml.jinja``; here is which section each file gets, and what lacks in
it.  A file of no use is listed with the reason.
"""

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import get_args

from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from boundaries.bounds import input_limits, input_readers
from boundaries.errors import BoundariesError
from layers.errors import WorkspaceError
from layers.proposal import file_columns, file_shapes
from layers.workspace import input_bytes
from layers.workspace.workspace_file import WORKSPACE_NAME

MOST_KABUPATEN = 1
LEAST_PART = 0.02
"""Least share of a file's codes that makes a place part of the scope."""
EXAMPLE = file_columns.FileShape(
    "boundaries", "", keys={"code_column": "KDEPUM", "name_column": "NAMOBJ"}, todo=("path",)
)
ONE_OF_A_KIND = ("population", "land_cover")
REFERENCE_KEYS = ("layer", "code_column", "name_column")
WITHOUT_ID = ("roads", "names", "crosswalks", *ONE_OF_A_KIND)
WITH_CODES = ("tables", "spending", "names", "programmes", "proposals")
WITH_YEARS = ("tables", "spending", "programmes", "proposals")
NOT_TEXTS = ("year", "kind_in_name", "header_row", "header_rows")
SUB_TABLES = {"tables": "columns", "facilities": "kinds", "roads": "classes"}

Places = Sequence[tuple[str, file_columns.FileShape]]
"""Files by their path from the workspace folder, each with its shape."""


@dataclass(frozen=True, slots=True)
class Declaration:
    """One section of ``wilayah.toml`` as the template writes it.

    Parameters
    ----------
    heading
        Its name in brackets.
    lines
        Its keys as TOML, with the table below it.
    open_lines
        Keys of that table of which a person must choose what they are.
    lacks
        What the file does not say.
    is_comment
        Whether it is written as a comment, since something lacks.
    reference
        The polygons whose codes these take.
    """

    heading: str
    path: str
    recognised_by: str = ""
    id: str | None = None
    columns: str = ""
    system: str | None = None
    layer: str | None = None
    lines: tuple[str, ...] = ()
    open_lines: tuple[str, ...] = ()
    lacks: tuple[str, ...] = ()
    is_comment: bool = False
    reference: "Declaration | None" = None


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
    copies = _find_copies(files)
    with input_readers.open_readers():
        shapes = [
            (file.relative_to(folder).as_posix(), shape)
            for file in files
            for shape in (
                [_copy_of(copies[file].relative_to(folder).as_posix())]
                if file in copies
                else _tell_shapes(file)
            )
        ]
    path.write_text(propose(folder.name, shapes), encoding="utf-8", newline="\n")
    return path, len({where for where, shape in shapes if shape.role != "left_out"})


def _tell_shapes(file: Path) -> list[file_columns.FileShape]:
    """What a file most likely is; ``unread`` with the reason where reading it takes too much."""
    try:
        source = input_limits.InputFile(file, file.name)
        return input_readers.read_within(source, file_shapes.tell_shapes, file)
    except BoundariesError as error:
        return [file_columns.FileShape("unread", str(error))]


def _inputs(folder: Path) -> list[Path]:
    """Files that may be inputs; a folder that is one input (``.gdb``) stands for its files."""
    entries = sorted(folder.rglob("*"))
    folders = [entry for entry in entries if entry.is_dir() and entry.suffix.lower() == ".gdb"]
    return [
        entry
        for entry in entries
        if file_shapes.may_be_input(entry)
        and (entry in folders or entry.is_file())
        and not any(parent in folders for parent in entry.parents)
    ]


def _find_copies(files: Sequence[Path]) -> dict[Path, Path]:
    """Files that are byte for byte another one, which alone is proposed: the shortest name.

    Of names equally long it is the last, so the latest year.  Files with companions (shapefiles)
    are more than their own bytes.
    """
    by_size: dict[int, list[Path]] = {}
    for file in files:
        if file.is_file() and not input_bytes.find_companions(file):
            by_size.setdefault(file.stat().st_size, []).append(file)
    groups: dict[str, list[Path]] = {}
    for file in [file for same in by_size.values() if len(same) > 1 for file in same]:
        with file.open("rb") as content:
            digest = hashlib.file_digest(content, "sha256").hexdigest()
        groups.setdefault(digest, []).append(file)
    copies: dict[Path, Path] = {}
    for same in groups.values():
        _, first = max((-len(file.name), file) for file in same)
        copies |= {file: first for file in same if file != first}
    return copies


def _copy_of(first: str) -> file_columns.FileShape:
    return file_columns.FileShape("left_out", f"byte for byte the same as {first}")


def propose(name: str, shapes: Places) -> str:
    """The text of ``wilayah.toml`` for the files of a folder, each with its shape."""
    scope = propose_scope([shape for _, shape in shapes if shape.role == "boundaries"])
    slug = "".join(sign if sign.isalnum() else "-" for sign in name.lower()).strip("-")
    sections: dict[file_columns.Role, list[Declaration]] = {
        role: [] for role in get_args(file_columns.Role)
    }
    ids: Counter[str] = Counter()
    for where, shape in shapes:
        if shape.role in ("left_out", "unread"):
            sections[shape.role].append(_bare(where, shape))
        elif shape.role != "boundaries":
            sections[shape.role].append(_section(where, shape, _name(where, ids), scope))
    sections["boundaries"] = _boundaries(shapes) or [_boundary("batas_desa.geojson", EXAMPLE)]
    histories = sorted({history for _, shape in shapes for history in shape.histories})
    return _template().render(
        folder=name,
        slug=slug[:38] or "wilayah",
        scope=_listed(scope or ("00.00",)),
        is_scope_known=bool(scope),
        sections=sections,
        histories=_listed(histories),
    )


@cache
def _template() -> Template:
    environment = Environment(
        loader=PackageLoader("layers", "proposal"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,  # noqa: S701  what is written is TOML, quoted by `quoted`
    )
    environment.filters |= {"quoted": _quoted, "commented": _commented}
    return environment.get_template("wilayah.toml.jinja")


def propose_scope(shapes: Sequence[file_columns.FileShape]) -> tuple[str, ...]:
    """The kabupaten that the polygons cover; the provinsi where they are several of one.

    >>> codes = ("5306012001", "5306012002")
    >>> propose_scope([file_columns.FileShape("boundaries", "", codes=codes)])
    ('53.06',)
    """
    codes = [code for shape in shapes for code in shape.codes]
    kabupaten = Counter(code[:4] for code in codes)
    often = [place for place, count in kabupaten.items() if count >= LEAST_PART * len(codes)]
    if len(often) <= MOST_KABUPATEN and often:
        return tuple(f"{place[:2]}.{place[2:]}" for place in sorted(often))
    provinsi = sorted({code[:2] for code in codes})
    return ("indonesia",) if len(provinsi) > 30 else tuple(provinsi)


def _boundaries(shapes: Places) -> list[Declaration]:
    """The files of polygons; those without codes take them from the one file that has some.

    Without such a file they are a comment where others are whole.
    """
    polygons = [(where, shape) for where, shape in shapes if shape.role == "boundaries"]
    coded = [place for place in polygons if "code_column" in place[1].keys]
    bare = [shape for _, shape in polygons if "code_column" not in shape.keys and shape.todo]
    if len(coded) == 1 and bare:
        reference = _bare(*coded[0])
        return [
            _boundary(where, shape, reference if shape.todo else None)
            for where, shape in polygons
            if (where, shape) != coded[0]
        ]
    has_whole = any(not shape.todo for _, shape in polygons)
    editions = _find_editions(polygons)
    return [
        replace(
            _boundary(where, shape),
            is_comment=(bool(shape.todo) and has_whole) or place in editions,
            lacks=(*shape.todo, *editions.get(place, ())),
        )
        for place, (where, shape) in enumerate(polygons)
    ]


def _find_editions(polygons: Places) -> dict[int, tuple[str, ...]]:
    """Files with the desa of another one alone, by their place, and what a person must decide.

    Both would be two polygons of each desa.  Of two with the same desa the name with the latest
    year is proposed, else the shortest; of a file within another one that stands before it.
    """
    editions: dict[int, tuple[str, ...]] = {}
    order = sorted(range(len(polygons)), key=lambda place: _edition(polygons[place][0]))
    for place in order:
        codes = frozenset(polygons[place][1].codes)
        for other in range(len(polygons)) if codes else ():
            beside = frozenset(polygons[other][1].codes)
            is_before = (
                order.index(place) < order.index(other) if codes == beside else other < place
            )
            if other != place and other not in editions and codes <= beside and is_before:
                editions[place] = (
                    f"why its desa are those of {polygons[other][0]}, which is proposed",
                )
    return editions


def _edition(path: str) -> tuple[int, int, str]:
    name = path.rsplit("/", 1)[-1]
    return max(map(int, _years(name)), default=0), -len(name), name


def _years(text: str) -> list[str]:
    return re.findall(r"(?<!\d)20[0-4]\d(?!\d)", text)


def _bare(where: str, shape: file_columns.FileShape) -> Declaration:
    """A file that is only named: one that is left out, or whose codes others take."""
    return Declaration(
        "",
        where,
        _one_line(shape.recognised_by),
        system=shape.system,
        layer=shape.keys.get("layer"),
        lines=_key_lines({key: shape.keys[key] for key in REFERENCE_KEYS if key in shape.keys}),
    )


def _boundary(
    where: str, shape: file_columns.FileShape, reference: Declaration | None = None
) -> Declaration:
    return Declaration(
        "[[boundaries]]",
        where,
        columns=_one_line(", ".join(shape.columns)),
        system=shape.system,
        lines=_key_lines(shape.keys),
        lacks=() if reference else shape.todo,
        reference=reference,
    )


def _section(
    where: str, shape: file_columns.FileShape, name: str, scope: Sequence[str]
) -> Declaration:
    """A declaration where the file says all that is needed, else a comment that says what lacks."""
    lines, lacking = _required(shape, where, scope)
    table = SUB_TABLES.get(shape.role)
    below: list[str] = []
    if table is not None and (shape.mapping or shape.numbers):
        below = [f"[{shape.role}.{table}]"]
        below += [f"{_quoted(key)} = {_quoted(value)}" for key, value in shape.mapping.items()]
    importer = {} if shape.importer is None else {"importer": shape.importer}
    lacks = (*shape.todo, *lacking)
    return Declaration(
        f"[{shape.role}]" if shape.role in ONE_OF_A_KIND else f"[[{shape.role}]]",
        where,
        _one_line(shape.recognised_by),
        id=None if shape.role in WITHOUT_ID else name,
        columns=_one_line(", ".join(shape.columns)),
        lines=(*_key_lines({**importer, **shape.keys}), *lines, *below),
        open_lines=tuple(f'{_quoted(column)} = ""    # indicator' for column in shape.numbers),
        lacks=lacks,
        is_comment=bool(lacks),
    )


def _required(
    shape: file_columns.FileShape, where: str, scope: Sequence[str]
) -> tuple[list[str], list[str]]:
    """Lines that the section needs beside its keys, and which of them a person must settle."""
    lines: list[str] = []
    lacking: list[str] = []
    has_codes = "code_column" in shape.keys or shape.importer is not None
    if shape.system or (shape.role in WITH_CODES and has_codes):
        note = "" if shape.system else "    # CHANGE if the codes are BPS codes"
        lines.append(f'code_system = "{shape.system or "kemendagri"}"{note}')
    if shape.importer == "siskeudes":
        is_one = len(scope) == 1 and "." in scope[0]
        place = scope[0] if is_one else "00.00"
        lines.append(f'kabupaten = "{place}"    # Siskeudes codes do not say it')
        lacking += [] if is_one else ["kabupaten"]
    if shape.role == "spending" and shape.importer == "opendk":
        lines.append('desa = "00.00.00.2001"    # the template does not say it')
        lacking.append("desa")
    has_kind = shape.importer or {"kind", "kind_column", "kind_in_name"} & shape.keys.keys()
    if shape.role == "facilities" and not has_kind:
        lines.append('kind = "puskesmas"')
        lacking.append("kind")
    has_year = "year_column" in shape.keys or shape.importer == "siskeudes"
    if shape.role in WITH_YEARS and not has_year:
        years = _years(where.rsplit("/", 1)[-1])
        lines.append(f"year = {years[0] if len(years) == 1 else '2024    # CHANGE'}")
        lacking += [] if len(years) == 1 else ["year"]
    return lines, lacking


def _name(where: str, names: Counter[str]) -> str:
    """An id from the file name, another one for each file."""
    stem = where.rsplit("/", 1)[-1].split(".", 1)[0].lower()
    slug = re.sub(r"[^a-z0-9]+", "_", stem).strip("_") or "tabel"
    name = (slug if slug[0].isalpha() else f"t_{slug}")[:58]
    names[name] += 1
    return name if names[name] == 1 else f"{name}_{names[name]}"


def _key_lines(keys: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(
        f"{key} = {value if key in NOT_TEXTS else _quoted(value)}" for key, value in keys.items()
    )


def _commented(section: str, is_comment: bool) -> str:
    """The section after an empty line, each of its lines a comment where it is one."""
    lines = section.strip("\n").splitlines()
    return "\n" + "".join(f"# {line}\n" if is_comment else f"{line}\n" for line in lines)


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _listed(texts: Iterable[str]) -> str:
    return ", ".join(map(_quoted, texts))


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
