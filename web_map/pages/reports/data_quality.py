"""What a page says of findings: groups by code with title, advice and the first places."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TypedDict, Unpack
from urllib.parse import urlencode

from geo_service.errors import MalformedParameterError, UnknownWilayahError
from geo_service.http import query_numbers
from geo_service.releases.release import Release
from layers.release.findings_file import DESA_LENGTH, FindingRange, FindingRecord, Findings
from web_map.sentences import readable
from web_map.views import readers
from web_map.words import Words

PARAMETERS = ("wilayah", "keparahan", "temuan", "halaman")
SEVERITIES = {"kesalahan": "error", "peringatan": "warning", "catatan": "note"}
FIRST_SPOTS = 5
"""Of more notes than that only one is an example: they are one thing to know."""
SPOTS_A_PAGE = 50
LONGEST_VALUE = 160


class FilterChanges(TypedDict, total=False):
    """What of a filter an address may change."""

    severity: str
    code: str
    page: int


@dataclass(frozen=True, slots=True)
class FindingFilter:
    """What of the findings is asked for; the empty filter asks for the first of all.

    Parameters
    ----------
    wilayah
        Kode of a provinsi, kabupaten, kecamatan or desa: findings about it and what lies in it.
    severity
        ``error``, ``warning`` or ``note``.
    code
        Code of the findings, of which then ``SPOTS_A_PAGE`` are shown.
    page
        From 1, where one group is asked for.
    """

    wilayah: str = ""
    severity: str = ""
    code: str = ""
    page: int = 1

    def query(self, words: Words, **changes: Unpack[FilterChanges]) -> str:
        """The address of these findings with some parts changed, every default left out of it."""
        choice = replace(replace(self, page=1), **changes)
        severities = {severity: text for text, severity in SEVERITIES.items()}
        query = {
            "wilayah": choice.wilayah,
            "keparahan": severities.get(choice.severity, ""),
            "temuan": choice.code,
            "halaman": str(choice.page) if choice.page > 1 else "",
            "lang": "" if words.language == "id" else words.language,
        }
        return urlencode({name: value for name, value in query.items() if value})


@dataclass(frozen=True, slots=True)
class Spot:
    """One finding as a line: where it is, and what stands there."""

    kode: str
    nama: str
    level: str
    file: str
    row: int | None
    value: str
    measure: str
    message: str


@dataclass(frozen=True, slots=True)
class ShownFindings:
    """One group of findings as the page has it; ``is_told`` is False where words are missing."""

    severity: str
    code: str
    title: str
    advice: str
    is_told: bool
    count: int
    desa: int
    value_label: str
    measure_label: str
    spots: tuple[Spot, ...]
    first: int


def read_filter(release: Release, query: Mapping[str, str]) -> tuple[FindingFilter, str]:
    """The filter of a request, and the name of the wilayah it asks for.

    Raises
    ------
    MalformedParameterError
        A severity, code or page that is none.
    UnknownWilayahError
        The release does not cover the wilayah.
    """
    severity = SEVERITIES.get(readers.read_choice("keparahan", query, tuple(SEVERITIES)), "")
    page = query.get("halaman", "") or "1"
    number = query_numbers.whole_number(page)
    if number is None or not 1 <= number < 10_000_000:
        raise MalformedParameterError(f"halaman: expected a number from 1, got {page!r}.")
    wilayah, code = query.get("wilayah", ""), query.get("temuan", "")
    if code and all(group.code != code for group in release.findings.groups):
        raise MalformedParameterError(f"temuan: this release has no finding {code!r}.")
    nama, level = name_of(release, wilayah) if wilayah else ("", "")
    if wilayah and not level:
        raise UnknownWilayahError(f"No wilayah {wilayah!r} in this release.")
    return FindingFilter(wilayah, severity, code, number), nama


def name_of(release: Release, kode: str) -> tuple[str, str]:
    """Name and level of a wilayah that has a page; both empty where it has none."""
    if len(kode) == DESA_LENGTH:
        try:
            row = readers.find_desa(release, kode)
        except UnknownWilayahError:
            return "", ""
        nama = release.features(readers.Level.DESA).property_column("nama").value(row)
        return readable(str(nama or kode)), readers.Level.DESA
    entry = readers.wilayah_by_kode(release).get(kode)
    return (entry.nama, entry.level) if entry else ("", "")


def show_findings(reader: readers.Reader, choice: FindingFilter) -> list[ShownFindings]:
    """The groups that a filter asks for: errors first, then what concerns most desa.

    Raises
    ------
    MalformedParameterError
        The page asked for is after the last.
    """
    findings = reader.release.findings
    groups = [
        findings.within(group, choice.wilayah) if choice.wilayah else group
        for group in findings.groups
        if choice.severity in ("", group.severity) and choice.code in ("", group.code)
    ]
    order = list(SEVERITIES.values())

    def place(group: FindingRange) -> tuple[int, int, int, str]:
        severity = order.index(group.severity)
        return severity, -group.desa, group.first - group.stop, group.code

    groups = sorted((group for group in groups if group.stop > group.first), key=place)
    skipped = (choice.page - 1) * SPOTS_A_PAGE if len(groups) == 1 and choice.code else 0
    if skipped and skipped >= groups[0].stop - groups[0].first:
        raise MalformedParameterError(f"halaman: there is no page {choice.page}.")
    names: dict[str, tuple[str, str]] = {}
    return [
        _show(reader, group, names, skipped, SPOTS_A_PAGE if choice.code else _few(group))
        for group in groups
    ]


def _few(group: FindingRange) -> int:
    is_one_thing = group.severity == "note" and group.stop - group.first > FIRST_SPOTS
    return 1 if is_one_thing else FIRST_SPOTS


def _show(
    reader: readers.Reader,
    group: FindingRange,
    names: dict[str, tuple[str, str]],
    skipped: int,
    most: int,
) -> ShownFindings:
    words, findings = reader.words, reader.release.findings
    about = findings.codes.get(group.code)
    first = group.first + skipped
    spots = []
    for record in findings.records(first, min(first + most, group.stop)):
        kode = record.kode or ""
        if kode not in names:
            names[kode] = name_of(reader.release, kode) if kode else ("", "")
        spots.append(_spot(findings, record, words, *names[kode]))
    return ShownFindings(
        severity=group.severity,
        code=group.code,
        title=words.text(about.title) if about else group.code,
        advice=words.text(about.advice) if about else "",
        is_told=about is not None,
        count=group.stop - group.first,
        desa=group.desa,
        value_label=words.text(about.value)
        if about and about.value
        else words.say("reports.spot_value"),
        measure_label=words.text(about.measure) if about and about.measure else "",
        spots=tuple(spots),
        first=skipped + 1,
    )


def _spot(findings: Findings, record: FindingRecord, words: Words, nama: str, level: str) -> Spot:
    value = record.value or ""
    if len(value) > LONGEST_VALUE:
        value = f"{value[: LONGEST_VALUE - 1]}\N{HORIZONTAL ELLIPSIS}"
    return Spot(
        kode=record.kode or "",
        nama=nama,
        level=level,
        file=record.file or "",
        row=record.row,
        value=value,
        measure=_measure(findings, record, words),
        message=record.message,
    )


def _measure(findings: Findings, record: FindingRecord, words: Words) -> str:
    measure, unit = record.measure, record.unit
    if measure is None:
        return ""
    decimals = next((n for n in range(6) if round(measure, n) == measure), 6)
    number = words.number(measure, decimals)
    if unit == "%":
        return f"{number}%"
    named_unit = findings.units.get(str(unit))
    is_one = number == "1" and words.knows(f"unit.{unit}.one")
    if named_unit is None or is_one:
        return f"{number} {words.unit(unit, number)}".strip()
    text = words.text(named_unit.text)
    return f"{number} {text}".strip()
