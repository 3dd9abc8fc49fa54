"""What a page says of findings: groups by code with title, advice and the first places."""

from dataclasses import dataclass, replace
from urllib.parse import urlencode

from geo_service.errors import MalformedParameterError, UnknownWilayahError
from geo_service.releases.release import Release
from layers.release.findings_file import DESA_LENGTH, FindingRange, FindingRecord, Findings
from web_map.views.question import named
from web_map.words import Words, readable

SEVERITIES = {"kesalahan": "error", "peringatan": "warning", "catatan": "note"}
FIRST_SPOTS = 5
"""Of more notes than that only one is an example: they are one thing to know."""
SPOTS_A_PAGE = 50
LONGEST_VALUE = 160


@dataclass(frozen=True, slots=True)
class Filter:
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

    def query(self, words: Words, **changed: str | int) -> str:
        """The address of these findings, every default left out of it."""
        asked = replace(self, **{"page": 1, **changed})  # type: ignore[arg-type]
        said = {name: told for told, name in SEVERITIES.items()}
        query = {
            "wilayah": asked.wilayah,
            "keparahan": said.get(asked.severity, ""),
            "temuan": asked.code,
            "halaman": str(asked.page) if asked.page > 1 else "",
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
class Told:
    """One group of findings as the page tells it; ``is_told`` is False where words are missing."""

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


def read_filter(release: Release, query: dict[str, str]) -> tuple[Filter, str]:
    """The filter of a request, and the name of the wilayah it asks for.

    Raises
    ------
    MalformedParameterError
        A severity, code or page that is none.
    UnknownWilayahError
        The release does not cover the wilayah.
    """
    told, page = query.get("keparahan", ""), query.get("halaman", "") or "1"
    if told and told not in SEVERITIES:
        known = ", ".join(SEVERITIES)
        raise MalformedParameterError(f"keparahan: expected one of {known}, got {told!r}.")
    if not (page.isascii() and page.isdigit() and 1 <= int(page[:7]) == int(page)):
        raise MalformedParameterError(f"halaman: expected a number from 1, got {page!r}.")
    wilayah, code = query.get("wilayah", ""), query.get("temuan", "")
    if code and all(group.code != code for group in release.findings.groups):
        raise MalformedParameterError(f"temuan: this release has no finding {code!r}.")
    nama, level = name_of(release, wilayah) if wilayah else ("", "")
    if wilayah and not level:
        raise UnknownWilayahError(f"No wilayah {wilayah!r} in this release.")
    return Filter(wilayah, SEVERITIES.get(told, ""), code, int(page)), nama


def name_of(release: Release, kode: str) -> tuple[str, str]:
    """Name and level of a wilayah that has a page; both empty where it has none."""
    if len(kode) == DESA_LENGTH:
        if "desa" not in release.layers:
            return "", ""
        features = release.features("desa")
        rows = features.select(equals={"kode": kode})
        if not len(rows):
            return "", ""
        return readable(str(features.property_column("nama").value(int(rows[0])) or kode)), "desa"
    found = next((entry for entry in release.manifest.wilayah if entry.kode == kode), None)
    return (named(found).nama, found.level) if found else ("", "")


def tell_findings(release: Release, asked: Filter, words: Words) -> list[Told]:
    """The groups that a filter asks for: errors first, then what concerns most desa.

    Raises
    ------
    MalformedParameterError
        The page asked for is after the last.
    """
    findings = release.findings
    groups = [
        findings.within(group, asked.wilayah) if asked.wilayah else group
        for group in findings.groups
        if asked.severity in ("", group.severity) and asked.code in ("", group.code)
    ]
    order = list(SEVERITIES.values())
    groups = sorted(
        (group for group in groups if group.stop > group.first),
        key=lambda group: (
            order.index(group.severity),
            -group.desa,
            group.first - group.stop,
            group.code,
        ),
    )
    skipped = (asked.page - 1) * SPOTS_A_PAGE if len(groups) == 1 and asked.code else 0
    if skipped and skipped >= groups[0].stop - groups[0].first:
        raise MalformedParameterError(f"halaman: there is no page {asked.page}.")
    names: dict[str, tuple[str, str]] = {}
    return [
        _tell(release, group, words, names, skipped, SPOTS_A_PAGE if asked.code else _few(group))
        for group in groups
    ]


def _few(group: FindingRange) -> int:
    is_one_thing = group.severity == "note" and group.stop - group.first > FIRST_SPOTS
    return 1 if is_one_thing else FIRST_SPOTS


def _tell(
    release: Release,
    group: FindingRange,
    words: Words,
    names: dict[str, tuple[str, str]],
    skipped: int,
    most: int,
) -> Told:
    findings = release.findings
    about = findings.codes.get(group.code)
    first = group.first + skipped
    spots = []
    for record in findings.records(first, min(first + most, group.stop)):
        kode = record.kode or ""
        if kode not in names:
            names[kode] = name_of(release, kode) if kode else ("", "")
        spots.append(_spot(findings, record, words, *names[kode]))
    return Told(
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
    text = words.unit(unit) if named_unit is None else words.text(named_unit.text)
    return f"{number} {text}".strip()
