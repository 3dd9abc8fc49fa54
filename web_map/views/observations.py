"""What the check of the inputs observed about one value: findings of its place, files and rows.

A finding may name a place, a file, a row or many rows, a field and a year.  Of all these none may
be of something else.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from geo_service.releases.release import Release
from layers.release import findings_file, manifest_file
from web_map.views.shown_fields import fields_by_name

RowRange = tuple[int, int]
MOST_READ = 2000
"""Findings of one kind that are read for one place or file."""
_FAMILIES = {
    "boundaries": ("boundary",),
    "tables": ("table", "codes"),
    "spending": ("spending", "codes"),
    "programmes": ("plan",),
    "proposals": ("plan",),
    "facilities": ("facility", "access"),
    "roads": ("road", "access"),
    "crosswalks": ("codes", "crosswalk"),
    "population": ("raster", "population", "access"),
    "friction": ("raster", "access"),
    "land_cover": ("raster", "access"),
    "elevation": ("raster", "access"),
}
"""First words of the codes of findings that name no file, by the section of an input."""


@dataclass(frozen=True, slots=True)
class Subject:
    """A value, as findings speak of it.

    Parameters
    ----------
    layer, fields
        The layer that was read, and what its field may be called.
    kode
        The place; findings about what lies in it are about a sum of it, too.
    tahun
        Year of the value; None without one.
    rows
        By file: the rows that the value was made of, none where it is not known which.
    inputs
        Where the value came from, or was looked for.
    is_missing
        There is no value: then what befell a whole file may be why.
    """

    layer: str
    fields: frozenset[str]
    kode: str
    tahun: int | None
    rows: Mapping[str, tuple[RowRange, ...]]
    inputs: tuple[manifest_file.InputEntry, ...]
    is_missing: bool


@dataclass(frozen=True, slots=True)
class Observation:
    """A finding about a value: its code, and where; ``rows`` are those of the value it is about."""

    code: str
    file: str
    rows: tuple[RowRange, ...]


def find_observations(release: Release, subject: Subject, most: int) -> tuple[Observation, ...]:
    """The first findings about a value, errors before warnings before notes, each once."""
    others = frozenset(fields_by_name(release, subject.layer)) - subject.fields
    observations: dict[Observation, None] = {}
    for group in release.findings.groups:
        for record in _records_near(release, group, subject):
            if _is_of_value(record, subject, others) and _touches(record, subject):
                observations[_observation(record, subject)] = None
        if len(observations) >= most:
            break
    return tuple(observations)[:most]


def _records_near(
    release: Release, group: findings_file.FindingRange, subject: Subject
) -> Iterator[findings_file.FindingRecord]:
    """The findings of a kind that name the place, or a file of the value and no place."""
    findings = release.findings
    within = findings.within(group, subject.kode)
    yield from findings.records(within.first, min(within.stop, within.first + MOST_READ))
    for file in sorted({entry.path for entry in subject.inputs}):
        lines = findings.without_place(group, file)
        yield from findings.records(lines.start, min(lines.stop, lines.start + MOST_READ))


def _is_of_value(
    record: findings_file.FindingRecord, subject: Subject, others: frozenset[str]
) -> bool:
    """Whether a finding is of no other field of the layer, nor of another year of the value."""
    if not subject.fields.isdisjoint(record.fields or ()):
        return record.tahun in (None, subject.tahun)
    return others.isdisjoint(record.fields or ())


def _touches(record: findings_file.FindingRecord, subject: Subject) -> bool:
    """Whether place, file and rows of a finding are those of the value."""
    if record.file is None:
        families = {
            family
            for entry in subject.inputs
            for family in _FAMILIES.get(entry.input.partition(".")[0], ())
        }
        return record.kode is not None and record.code.partition(".")[0] in families
    if all(record.file != entry.path for entry in subject.inputs):
        return False
    if record.kode is not None:
        return True
    rows = rows_of_finding(record)
    if not rows:
        return subject.is_missing and record.severity != "note"
    return bool(_common(rows, subject.rows.get(record.file, ())))


def rows_of_finding(record: findings_file.FindingRecord) -> tuple[RowRange, ...]:
    """The rows that a finding is about: its own, and those that it gathers.

    Example
    -------
    >>> keys = {"code": "a.b", "severity": "note", "row": 2, "message": "", "rows": ((5, 9),)}
    >>> record = findings_file.FindingRecord(**keys)
    >>> rows_of_finding(record)
    ((2, 2), (5, 9))
    """
    rows = list(record.rows or ())
    if record.row is not None and not any(first <= record.row <= last for first, last in rows):
        rows.append((record.row, record.row))
    return tuple(sorted(rows))


def ranges_text(rows: Iterable[RowRange]) -> str:
    """Ranges of rows with a dash.

    Example
    -------
    >>> ranges_text([(2, 5), (9, 9)])
    '2\N{EN DASH}5, 9'
    """
    return ", ".join(
        str(first) if first == last else f"{first}\N{EN DASH}{last}" for first, last in rows
    )


def _common(some: tuple[RowRange, ...], others: tuple[RowRange, ...]) -> tuple[RowRange, ...]:
    pairs = [(max(a, c), min(b, d)) for a, b in some for c, d in others]
    return tuple(sorted({(first, last) for first, last in pairs if first <= last}))


def _observation(record: findings_file.FindingRecord, subject: Subject) -> Observation:
    rows = rows_of_finding(record)
    of_value = _common(rows, subject.rows.get(record.file or "", ()))
    own = () if record.row is None else ((record.row, record.row),)
    return Observation(record.code, record.file or "", of_value or own)
