"""How one number came about: a value of a wilayah, its inputs, their files and rows.

It answers for a value that is not there too: where it was looked for, and what was found about it.
Cells of inputs are never shown, so a hidden count stays hidden.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import numpy as np

from geo_service.errors import MalformedParameterError, UnknownWilayahError
from geo_service.releases.release import Release
from layers.release.citation import cite_input
from layers.release.manifest import FieldEntry, InputEntry, LayerEntry, WilayahEntry
from layers.release.provenance_file import ROLES, Piece
from web_map.views.field import choose_field
from web_map.views.question import named
from web_map.views.sources import contributing, entries_of, find_pieces, searched_inputs
from web_map.views.values import FieldValues, read_values, value_text, with_coverage
from web_map.views.values import coverage_text as coverage_of
from web_map.words import Words, readable

LEVELS = ("desa", "kecamatan", "kabupaten")
PARAMETERS = ("layer", "tahun", "lang", "token")
MOST_FINDINGS = 10
MOST_PARTS = 60
_ABOVE = {"desa": "kecamatan", "kecamatan": "kabupaten", "kabupaten": "provinsi"}


@dataclass(frozen=True, slots=True)
class Used:
    """One file behind a value: what it is to it, which rows, and how it is cited."""

    role: str
    rows: tuple[tuple[int, int], ...]
    entry: InputEntry

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

    layer: LayerEntry
    entry: FieldEntry
    level: str
    kode: str
    nama: str
    tahun: int | None
    status: str
    value: float | None
    text: str
    used: tuple[Used, ...]
    searched: tuple[InputEntry, ...]
    parts: tuple[Part, ...]
    parts_total: int
    part_layer: str
    part_field: str
    findings: tuple[tuple[str, int | None, str], ...]
    years: tuple[int, ...]

    def query(self, language: str, tahun: int | None) -> str:
        """The query of this page, in a language and for a year."""
        return origin_query(self.layer.id, self.entry.name, tahun, language)


def origin_query(layer: str, field: str, tahun: int | None, language: str) -> str:
    """The query of a page of origin."""
    parts = {"layer": f"{layer}.{field}", "tahun": str(tahun or "")}
    parts["lang"] = "" if language == "id" else language
    return urlencode([(name, text) for name, text in parts.items() if text])


def find_origin(
    release: Release, level: str, kode: str, query: Mapping[str, str], words: Words
) -> Origin:
    """What a value was made of.

    Raises
    ------
    UnknownWilayahError
        The release has no such place.
    MalformedParameterError
        There is no such field or year.
    """
    layer, entry = choose_field(release, kode, level, {"layer": query.get("layer", "")})
    features = release.features(layer.id)
    rows = features.select(equals={"kode": kode})[:1]
    if not len(rows):
        raise UnknownWilayahError(f"No {level} {kode!r} in this release.")
    row, year = int(rows[0]), _read_year(entry, query.get("tahun", ""))
    found = read_values(release, layer.id, entry.name, year, rows)
    tahun = int(found.tahun[0]) or year
    if tahun is None and entry.years:
        tahun = max(entry.years)
    number, status = float(found.values[0]), found.statuses[0]
    value = None if np.isnan(number) else number
    text = value_text(value, status, entry, words)
    pieces = find_pieces(release, layer.id, entry, tahun, [row])
    used = group_pieces(release, pieces)
    parts, total = _parts_of(release, layer, entry, tahun, row, words)
    of_layer, _, of_field = (entry.summary_of or "").partition(".")
    return Origin(
        layer=layer,
        entry=entry,
        level=level,
        kode=kode,
        nama=readable(str(features.property_column("nama").value(row))),
        tahun=tahun,
        status=status,
        value=value,
        text=with_coverage(text, coverage_of(found, 0, words)),
        used=used,
        searched=() if used else searched_inputs(release, entry, tahun),
        parts=parts,
        parts_total=total,
        part_layer=of_layer,
        part_field=of_field,
        findings=_findings_of(release, kode, entry, status, used, words, tahun),
        years=tuple(sorted(entry.years)),
    )


def _read_year(entry: FieldEntry, text: str) -> int | None:
    if not text:
        return None
    if not text.isdigit() or int(text) not in entry.years:
        known = ", ".join(map(str, entry.years)) or "none"
        raise MalformedParameterError(f"tahun: {entry.name} has {known}, got {text!r}.")
    return int(text)


def group_pieces(release: Release, pieces: Sequence[Piece]) -> tuple[Used, ...]:
    """The pieces of one role and file together, in the order of roles."""
    grouped: dict[tuple[str, str, str], list[tuple[int, int]]] = {}
    for piece in pieces:
        rows = grouped.setdefault((piece.role, piece.input, piece.path), [])
        if not piece.is_whole_file:
            rows.append((piece.first, piece.last))
    first = {(piece.input, piece.path): piece for piece in pieces}
    return tuple(
        Used(role, _joined(rows), entry)
        for role in ROLES
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
    release: Release,
    layer: LayerEntry,
    entry: FieldEntry,
    tahun: int | None,
    row: int,
    words: Words,
) -> tuple[tuple[Part, ...], int]:
    if entry.summary_of is None:
        return (), 0
    of_layer, field = entry.summary_of.split(".", 1)
    rows = contributing(release, layer.id, entry, tahun, [row])
    features = release.features(of_layer)
    child = next(one for one in release.layer(of_layer).fields if one.name == field)
    first = np.array(rows[:MOST_PARTS], np.intp)
    values = read_values(release, of_layer, field, tahun, first) if child.thematic else None
    parts = tuple(
        Part(
            str(features.property_column("kode").value(at)),
            readable(str(features.property_column("nama").value(at))),
            "" if values is None else _text_at(values, position, child, words),
        )
        for position, at in enumerate(first.tolist())
    )
    return parts, len(rows)


def _text_at(values: FieldValues, row: int, entry: FieldEntry, words: Words) -> str:
    number = float(values.values[row])
    value = None if np.isnan(number) else number
    return value_text(value, values.statuses[row], entry, words)


def _findings_of(
    release: Release,
    kode: str,
    entry: FieldEntry,
    status: str,
    used: Sequence[Used],
    words: Words,
    tahun: int | None,
) -> tuple[tuple[str, int | None, str], ...]:
    """What was observed about a place without a value, in the files where it was looked for."""
    if status in ("ok", "suppressed"):
        return ()
    files = {one.entry.path for one in used}
    files |= {one.path for one in searched_inputs(release, entry, tahun)}
    found: dict[tuple[str, int | None, str], None] = {}
    for group in release.findings.groups:
        within = release.findings.within(group, kode)
        for record in release.findings.records(within.first, min(within.stop, within.first + 50)):
            if record.file in files or record.file is None:
                about = release.findings.codes.get(group.code)
                text = group.code if about is None else words.text(about.title)
                found[record.file or "", record.row, text] = None
    return tuple(found)[:MOST_FINDINGS]


def origin_document(origin: Origin) -> dict[str, Any]:
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
                "role": one.role,
                **cite_input(one.entry),
                "sha256": one.entry.sha256,
                "rows": [list(pair) for pair in one.rows],
            }
            for one in origin.used
        ],
        "searched": [cite_input(entry) for entry in origin.searched],
        "desa": [part.kode for part in origin.parts],
        "desa_total": origin.parts_total,
        "norm": origin.entry.source,
        "method": None if origin.entry.method is None else origin.entry.method.model_dump(),
    }


def origin_parents(release: Release, origin: Origin) -> tuple[WilayahEntry, ...]:
    """The wilayah above a place, the outermost first."""
    features = release.features(origin.layer.id)
    row = int(features.select(equals={"kode": origin.kode})[0])
    above, level = [], origin.level
    while level in _ABOVE:
        level = _ABOVE[level]
        if f"kode_{level}" in features.properties:
            kode = features.property_column(f"kode_{level}").value(row)
            above += [named(one) for one in release.manifest.wilayah if one.kode == kode]
    return tuple(reversed(above))
