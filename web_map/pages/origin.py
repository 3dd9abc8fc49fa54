"""How one number came about: a value of a wilayah, its inputs, their files and rows.

It answers for a value that is not there too: where it was looked for, and what was found about it.
Cells of inputs are never shown, so a hidden count stays hidden.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isnan

import numpy as np
from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from geo_service.errors import MalformedParameterError, UnknownWilayahError
from geo_service.http import accept, links
from geo_service.ogc.params import View as RequestView
from geo_service.releases.release import Release
from layers.release import citation, manifest, provenance_file
from web_map.pages.answers import answer_page
from web_map.views.field import choose_field, fields_by_name
from web_map.views.reader import Level, Reader, open_reader, whole_number, wilayah_by_kode
from web_map.views.sources import contributing, entries_of, find_pieces, searched_inputs
from web_map.views.values import read_values
from web_map.views.view import origin_query
from web_map.words import parts_text, readable, value_text, with_coverage

router = APIRouter(tags=["pages"])

MOST_FINDINGS = 10
MOST_PARTS = 60


@router.get("/{level:origin}/{kode}/asal")
def origin_page(request: Request, view: RequestView, level: Level, kode: str) -> HTMLResponse:
    """How a value of a desa, kecamatan or kabupaten came about."""
    reader = _open(view, level, kode, request.query_params)
    origin = find_origin(reader, level, kode, request.query_params)
    parents = origin_parents(reader.release, origin)
    return answer_page(reader, "origin.html", {"origin": origin, "parents": parents})


@router.get("/{level:origin}/{kode}/asal.json")
def origin_file(request: Request, view: RequestView, level: Level, kode: str) -> Response:
    """How a value of a desa, kecamatan or kabupaten came about, for programs."""
    reader = _open(view, level, kode, request.query_params)
    return links.document(origin_document(find_origin(reader, level, kode, request.query_params)))


def _open(view: RequestView, level: Level, kode: str, query: Mapping[str, str]) -> Reader:
    reader = open_reader(view, query, ("layer", "tahun"))
    return reader.about_desa(kode) if level is Level.DESA else reader.about(level, kode)


@dataclass(frozen=True, slots=True)
class UsedFile:
    """One file behind a value: what it is to it, which rows, and how it is cited."""

    role: str
    rows: tuple[tuple[int, int], ...]
    entry: manifest.InputEntry

    @property
    def rows_text(self) -> str:
        """The rows in order, ranges with a dash; empty for the whole file."""
        return ", ".join(
            str(first) if first == last else f"{first}\N{EN DASH}{last}"
            for first, last in self.rows
        )


@dataclass(frozen=True, slots=True)
class Part:
    """A desa that a summary value is made of."""

    kode: str
    nama: str
    text: str


@dataclass(frozen=True, slots=True)
class Origin:
    """A value and what it was made of.

    Parameters
    ----------
    value
        None unless ``status`` is ``ok``.
    used
        Files and rows, by role; of a summary those of all its desa.
    searched
        Where the value was looked for, when nothing was used.
    parts
        The desa that a summary is made of: the first of ``parts_total``.
    findings
        What was observed about the place in files of the value: (file, row, words).
    """

    layer: manifest.LayerEntry
    entry: manifest.FieldEntry
    level: str
    kode: str
    nama: str
    tahun: int | None
    status: str
    value: float | None
    text: str
    used: tuple[UsedFile, ...]
    searched: tuple[manifest.InputEntry, ...]
    parts: tuple[Part, ...]
    parts_total: int
    part_layer: str
    part_field: str
    findings: tuple[tuple[str, int | None, str], ...]
    years: tuple[int, ...]

    def query(self, language: accept.Language, tahun: int | None) -> str:
        """The query of this page, in a language and for a year."""
        return origin_query(self.layer.id, self.entry.name, tahun, language)


def find_origin(reader: Reader, level: Level, kode: str, query: Mapping[str, str]) -> Origin:
    """What a value was made of.

    Raises
    ------
    UnknownWilayahError
        The release has no such place.
    MalformedParameterError
        There is no such field or year.
    """
    release, words = reader.release, reader.words
    layer, entry = choose_field(release, kode, level, {"layer": query.get("layer", "")})
    features = release.features(layer.id)
    rows = features.select(equals={"kode": kode})[:1]
    if not len(rows):
        raise UnknownWilayahError(f"No {level} {kode!r} in this release.")
    row, year = int(rows[0]), _read_year(entry, query.get("tahun", ""))
    values = read_values(release, layer.id, entry.name, year, rows)
    tahun = int(values.tahun[0]) or year
    if tahun is None and entry.years:
        tahun = max(entry.years)
    number, status = float(values.values[0]), values.statuses[0]
    coverage = parts_text(values.shown_coverage(0), words)
    used = group_pieces(release, find_pieces(release, layer.id, entry, tahun, [row]))
    parts, total = _parts_of(reader, layer, entry, tahun, row)
    of_layer, _, of_field = (entry.summary_of or "").partition(".")
    searched = searched_inputs(release, entry, tahun)
    return Origin(
        layer=layer,
        entry=entry,
        level=level,
        kode=kode,
        nama=readable(str(features.property_column("nama").value(row))),
        tahun=tahun,
        status=status,
        value=None if isnan(number) else number,
        text=with_coverage(value_text(number, status, entry, words), coverage),
        used=used,
        searched=() if used else searched,
        parts=parts,
        parts_total=total,
        part_layer=of_layer,
        part_field=of_field,
        findings=()
        if status in ("ok", "suppressed")
        else _findings_of(reader, kode, {*searched, *(file.entry for file in used)}),
        years=tuple(sorted(entry.years)),
    )


def _read_year(entry: manifest.FieldEntry, text: str) -> int | None:
    if not text:
        return None
    year = whole_number(text)
    if year is None or year not in entry.years:
        years = ", ".join(map(str, entry.years)) or "none"
        raise MalformedParameterError(f"tahun: {entry.name} has {years}, got {text!r}.")
    return year


def group_pieces(release: Release, pieces: Sequence[provenance_file.Piece]) -> tuple[UsedFile, ...]:
    """The pieces of one role and file together, in the order of roles."""
    grouped: dict[tuple[str, str, str], list[tuple[int, int]]] = {}
    for piece in pieces:
        rows = grouped.setdefault((piece.role, piece.input, piece.path), [])
        if not piece.is_whole_file:
            rows.append((piece.first, piece.last))
    first = {(piece.input, piece.path): piece for piece in pieces}
    return tuple(
        UsedFile(role, _joined(rows), entry)
        for role in provenance_file.ROLES
        for (of_role, name, path), rows in grouped.items()
        if of_role == role
        for entry in entries_of(release, [first[name, path]])
    )


def _joined(rows: Sequence[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    """Ranges of rows in order, those that touch as one."""
    joined: list[tuple[int, int]] = []
    for first, last in sorted(rows):
        if joined and first <= joined[-1][1] + 1:
            joined[-1] = (joined[-1][0], max(last, joined[-1][1]))
        else:
            joined.append((first, last))
    return tuple(joined)


def _parts_of(
    reader: Reader,
    layer: manifest.LayerEntry,
    entry: manifest.FieldEntry,
    tahun: int | None,
    row: int,
) -> tuple[tuple[Part, ...], int]:
    """The first desa that a summary is made of, and how many there are."""
    if entry.summary_of is None:
        return (), 0
    release, words = reader.release, reader.words
    of_layer, field = entry.summary_of.split(".", 1)
    rows = contributing(release, layer.id, entry, tahun, [row])
    features, child = release.features(of_layer), fields_by_name(release, of_layer)[field]
    first = np.array(rows[:MOST_PARTS], np.intp)
    codes = features.property_column("kode").texts_of(first)
    names = features.property_column("nama").texts_of(first)
    texts = [""] * len(first)
    if child.thematic:
        values = read_values(release, of_layer, field, tahun, first)
        pairs = zip(values.values.tolist(), values.statuses, strict=True)
        texts = [value_text(number, status, child, words) for number, status in pairs]
    parts = [
        Part(str(kode), readable(str(nama)), text)
        for kode, nama, text in zip(codes, names, texts, strict=True)
    ]
    return tuple(parts), len(rows)


def _findings_of(
    reader: Reader, kode: str, inputs: set[manifest.InputEntry]
) -> tuple[tuple[str, int | None, str], ...]:
    """What was observed about a place without a value, in the files where it was looked for."""
    files = {entry.path for entry in inputs}
    findings = reader.release.findings
    lines: dict[tuple[str, int | None, str], None] = {}
    for group in findings.groups:
        within = findings.within(group, kode)
        for record in findings.records(within.first, min(within.stop, within.first + 50)):
            if record.file in files or record.file is None:
                about = findings.codes.get(group.code)
                text = group.code if about is None else reader.words.text(about.title)
                lines[record.file or "", record.row, text] = None
    return tuple(lines)[:MOST_FINDINGS]


def origin_document(origin: Origin) -> dict[str, object]:
    """The same as a document: codes instead of words, null where there is no value."""
    return {
        "layer": origin.layer.id,
        "field": origin.entry.name,
        "kode": origin.kode,
        "nama": origin.nama,
        "tahun": origin.tahun,
        "unit": origin.entry.unit,
        "status": origin.status,
        "value": origin.value,
        "summary_of": origin.entry.summary_of,
        "inputs": [
            {
                "role": file.role,
                **citation.cite_input(file.entry),
                "sha256": file.entry.sha256,
                "rows": [list(pair) for pair in file.rows],
            }
            for file in origin.used
        ],
        "searched": [citation.cite_input(entry) for entry in origin.searched],
        "desa": [part.kode for part in origin.parts],
        "desa_total": origin.parts_total,
        "norm": origin.entry.source,
        "method": None if origin.entry.method is None else origin.entry.method.model_dump(),
    }


def origin_parents(release: Release, origin: Origin) -> tuple[manifest.WilayahEntry, ...]:
    """The wilayah above a place, the outermost first."""
    features = release.features(origin.layer.id)
    row = int(features.select(equals={"kode": origin.kode})[0])
    entries = wilayah_by_kode(release)
    parents: list[manifest.WilayahEntry] = []
    level = Level(origin.level).parent
    while level is not None:
        if features.has_property(f"kode_{level}"):
            kode = str(features.property_column(f"kode_{level}").value(row))
            parents = [entries[kode], *parents] if kode in entries else parents
        level = level.parent
    return tuple(parents)
