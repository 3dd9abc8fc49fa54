"""How one number came about: a value of a wilayah, its inputs, their files and rows.

It answers for a value that is not there too: where it was looked for, and what was found about it.
Cells of inputs are never shown, so a hidden count stays hidden.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from geo_service import errors
from geo_service.http import accept, link_types, query_numbers
from geo_service.ogc.params import View as RequestView
from geo_service.releases.release import Release
from layers.release import citation, manifest_file, provenance_file
from web_map.pages.base.answers import answer_page
from web_map.sentences import readable
from web_map.views import area_views, observations, readers, shown_fields, sources
from web_map.views.shown import Shown, read_shown
from web_map.words import Words

router = APIRouter(tags=["pages"])

MOST_FINDINGS = 10
MOST_PARTS = 60


@router.get("/{level:origin}/{kode}/asal")
def origin_page(
    request: Request, view: RequestView, level: readers.Level, kode: str
) -> HTMLResponse:
    """How a value of a desa, kecamatan or kabupaten came about."""
    reader = _open(view, level, kode, request.query_params)
    origin = find_origin(reader, level, kode, request.query_params)
    parents = origin_parents(reader.release, origin)
    values = {"origin": origin, "parents": parents, "counting": _counting(reader, origin)}
    return answer_page(reader, "origin/origin.html", values)


@router.get("/{level:origin}/{kode}/asal.json")
def origin_file(request: Request, view: RequestView, level: readers.Level, kode: str) -> Response:
    """How a value of a desa, kecamatan or kabupaten came about, for programs."""
    reader = _open(view, level, kode, request.query_params)
    return link_types.document(
        origin_document(find_origin(reader, level, kode, request.query_params))
    )


def _counting(reader: readers.Reader, origin: "Origin") -> Words:
    """The words in which to say how many desa a value is made of."""
    release, layer = reader.release, origin.layer.id
    return shown_fields.words_of_field(release, reader.words, layer, origin.entry.name)


def _open(
    view: RequestView, level: readers.Level, kode: str, query: Mapping[str, str]
) -> readers.Reader:
    reader = readers.open_reader(view, query, ("layer", "tahun"))
    return reader.about_desa(kode) if level is readers.Level.DESA else reader.about(level, kode)


Observed = tuple[tuple[str, str, str], ...]
"""What was observed about a value: file, rows and words of each."""


@dataclass(frozen=True, slots=True)
class UsedFile:
    """One file behind a value: what it is to it, which rows, and how it is cited.

    ``is_whole``: it counts as a whole, beside the rows that count by themselves.
    """

    role: str
    rows: tuple[observations.RowRange, ...]
    entry: manifest_file.InputEntry
    is_whole: bool

    @property
    def rows_text(self) -> str:
        """The rows in order, ranges with a dash; empty for the whole file alone."""
        return observations.ranges_text(self.rows)


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
    shown
        The value as its page shows it.
    why
        Why there is none, in words.
    tahun
        Year of the inputs.
    used
        Files and rows, by role; of a summary those of all its desa.
    searched
        Where the value was looked for, when nothing was used.
    is_recorded
        The release keeps where values come from.
    parts
        The desa that a summary is made of, or all of the place where it has no value: the first of
        ``parts_total``.
    findings
        What was observed about the value: (file, rows, words); None where the report of the data
        is closed to this reader.
    """

    layer: manifest_file.LayerEntry
    entry: manifest_file.FieldEntry
    level: str
    kode: str
    nama: str
    shown: Shown
    why: str
    tahun: int | None
    used: tuple[UsedFile, ...]
    searched: tuple[manifest_file.InputEntry, ...]
    is_recorded: bool
    parts: tuple[Part, ...]
    parts_total: int
    part_layer: str
    part_field: str
    findings: Observed | None
    years: tuple[int, ...]

    def query(self, language: accept.Language, tahun: int | None) -> str:
        """The query of this page, in a language and for a year."""
        return area_views.origin_query(self.layer.id, self.entry.name, tahun, language)


def find_origin(
    reader: readers.Reader, level: readers.Level, kode: str, query: Mapping[str, str]
) -> Origin:
    """What a value was made of.

    Raises
    ------
    UnknownWilayahError
        The release has no such place.
    MalformedParameterError
        There is no such field or year.
    """
    release, name = reader.release, query.get("layer", "")
    if "." in name:
        layer, entry = shown_fields.find_published(release, level, name)
    else:
        layer, entry = shown_fields.choose_field(release, kode, level, {"layer": name})
    row = _row_of(release, layer.id, level, kode)
    shown = read_shown(reader, layer, entry, row, _read_year(entry, query.get("tahun", "")))
    base, source = shown_fields.field_behind(release, layer, entry)
    place, tahun = _row_of(release, base.id, level, kode), shown.tahun
    if tahun is None and source.thematic:
        tahun = read_shown(reader, base, source, place, None).tahun
    used = group_pieces(release, sources.find_pieces(release, base.id, source, tahun, [place]))
    searched = sources.searched_inputs(release, source, tahun)
    children: list[tuple[int, str]] = []
    if source.summary_of is not None and entry.type != "string":
        children = sources.read_children_of(release, base.id, source, tahun, [place])
    counted = [child for child in children if shown.value is None or child[1] in sources.COUNTED]
    of_layer, _, of_field = (source.summary_of or "").partition(".")
    subject = observations.Subject(
        layer=of_layer or base.id,
        fields=frozenset({entry.name, source.name, of_field}),
        kode=kode,
        tahun=tahun,
        rows=_rows_by_file(used),
        inputs=tuple(dict.fromkeys([*searched, *(file.entry for file in used)])),
        is_missing=shown.value is None,
    )
    return Origin(
        layer=layer,
        entry=entry,
        level=level,
        kode=kode,
        nama=readable(str(release.features(layer.id).property_column("nama").value(row))),
        shown=shown,
        why=explain_absence(
            shown_fields.words_of_field(release, reader.words, layer.id, entry.name),
            shown.status,
            [status for _, status in children],
        ),
        tahun=tahun,
        used=used,
        searched=() if used else searched,
        is_recorded=release.provenance is not None,
        parts=_parts_of(reader, source, tahun, [child for child, _ in counted[:MOST_PARTS]]),
        parts_total=len(counted),
        part_layer=of_layer,
        part_field=of_field,
        findings=() if shown.status == "suppressed" else _observed(reader, subject),
        years=tuple(sorted(entry.years)),
    )


def _row_of(release: Release, layer: str, level: readers.Level, kode: str) -> int:
    rows = release.features(layer).select(equals={"kode": kode})
    if not len(rows):
        raise errors.UnknownWilayahError(f"No {level} {kode!r} in this release.")
    return int(rows[0])


def _read_year(entry: manifest_file.FieldEntry, text: str) -> int | None:
    if not text:
        return None
    year = query_numbers.whole_number(text)
    if year is None or year not in entry.years:
        years = ", ".join(map(str, entry.years)) or "none"
        raise errors.MalformedParameterError(f"tahun: {entry.name} has {years}, got {text!r}.")
    return year


def explain_absence(words: Words, status: str, of_children: Sequence[str]) -> str:
    """Why there is no value; of a summary, what its desa have to do with it."""
    key, count = f"origin.why_sum.{status}", of_children.count(status)
    if status == "no_data" and "ok" in of_children:
        key, count = "origin.why_sum.part", of_children.count("ok")
    if of_children and words.knows(key):
        total = len(of_children) - of_children.count("not_applicable")
        return words.say(key, n=words.number(count), total=words.number(total))
    return words.say(f"origin.why.{status}") if words.knows(f"origin.why.{status}") else ""


def group_pieces(release: Release, pieces: Sequence[provenance_file.Piece]) -> tuple[UsedFile, ...]:
    """The pieces of one role and file together, in the order of roles."""
    grouped: dict[tuple[str, str, str], list[provenance_file.Piece]] = {}
    for piece in pieces:
        grouped.setdefault((piece.role, piece.input, piece.path), []).append(piece)
    return tuple(
        UsedFile(role, _joined(of_file), entry, any(piece.is_whole_file for piece in of_file))
        for role in provenance_file.ROLES
        for (of_role, _, _), of_file in grouped.items()
        if of_role == role
        for entry in sources.entries_of(release, of_file[:1])
    )


def _joined(pieces: Sequence[provenance_file.Piece]) -> tuple[observations.RowRange, ...]:
    """The rows of pieces as ranges in order, those that touch as one."""
    joined: list[observations.RowRange] = []
    for first, last in sorted((p.first, p.last) for p in pieces if not p.is_whole_file):
        if joined and first <= joined[-1][1] + 1:
            joined[-1] = (joined[-1][0], max(last, joined[-1][1]))
        else:
            joined.append((first, last))
    return tuple(joined)


def _rows_by_file(used: Sequence[UsedFile]) -> dict[str, tuple[observations.RowRange, ...]]:
    rows: dict[str, tuple[observations.RowRange, ...]] = {}
    for file in used:
        rows[file.entry.path] = rows.get(file.entry.path, ()) + file.rows
    return rows


def _parts_of(
    reader: readers.Reader, entry: manifest_file.FieldEntry, tahun: int | None, rows: Sequence[int]
) -> tuple[Part, ...]:
    """Some desa that a summary is about, each with its value."""
    if entry.summary_of is None or not rows:
        return ()
    layer, child = shown_fields.find_published(reader.release, readers.Level.DESA, entry.summary_of)
    features = reader.release.features(layer.id)
    codes, names = features.property_column("kode"), features.property_column("nama")
    return tuple(
        Part(
            kode=str(codes.value(row)),
            nama=readable(str(names.value(row))),
            text=read_shown(reader, layer, child, row, tahun).text,
        )
        for row in rows
    )


def _observed(reader: readers.Reader, subject: observations.Subject) -> Observed | None:
    """What was observed about a value, in words: titles only, never what a cell holds."""
    try:
        codes = reader.release.findings.codes
    except (errors.TokenNeededError, errors.TokenScopeError):
        return None
    lines = []
    for observation in observations.find_observations(reader.release, subject, MOST_FINDINGS):
        about = codes.get(observation.code)
        text = observation.code if about is None else reader.words.text(about.title)
        lines.append((observation.file, observations.ranges_text(observation.rows), text))
    return tuple(lines)


def origin_document(origin: Origin) -> dict[str, object]:
    """The same as a document: codes instead of words, null where there is no value.

    ``findings`` is null where the report of the data is closed to the reader.
    """
    return {
        "layer": origin.layer.id,
        "field": origin.entry.name,
        "kode": origin.kode,
        "nama": origin.nama,
        "tahun": origin.tahun,
        "unit": origin.entry.unit,
        "status": origin.shown.status,
        "value": origin.shown.value,
        "summary_of": origin.entry.summary_of,
        "inputs": [
            {
                "role": file.role,
                **citation.cite_input(file.entry),
                "sha256": file.entry.sha256,
                "rows": [list(pair) for pair in file.rows],
                "whole_file": file.is_whole,
            }
            for file in origin.used
        ],
        "searched": [citation.cite_input(entry) for entry in origin.searched],
        "desa": [part.kode for part in origin.parts],
        "desa_total": origin.parts_total,
        "findings": None
        if origin.findings is None
        else [
            {"file": file or None, "rows": rows or None, "title": title}
            for file, rows, title in origin.findings
        ],
        "norm": origin.entry.source,
        "method": None if origin.entry.method is None else origin.entry.method.model_dump(),
    }


def origin_parents(release: Release, origin: Origin) -> tuple[manifest_file.WilayahEntry, ...]:
    """The wilayah above a place, the outermost first."""
    features = release.features(origin.layer.id)
    row = int(features.select(equals={"kode": origin.kode})[0])
    entries = readers.wilayah_by_kode(release)
    parents: list[manifest_file.WilayahEntry] = []
    level = readers.Level(origin.level).parent
    while level is not None:
        if features.has_property(f"kode_{level}"):
            kode = str(features.property_column(f"kode_{level}").value(row))
            parents = [entries[kode], *parents] if kode in entries else parents
        level = level.parent
    return tuple(parents)
