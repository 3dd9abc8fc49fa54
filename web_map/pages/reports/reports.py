"""The page on data: is it good, what to mend first, which files it is made of."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from geo_service.ogc.params import View as RequestView
from geo_service.releases.release import Release
from layers.release.manifest_file import FieldEntry, WilayahEntry
from web_map.pages.base import answers
from web_map.pages.reports import data_quality
from web_map.views import readers, shown_fields
from web_map.words import Words

router = APIRouter(tags=["pages"])

# A list of more places than these is no list any more: it then names the kabupaten only.
MOST_PLACES = 800
# Below this share of values the data are not good, however few findings there are.
SPARSE_PERCENT = 80.0


@router.get("/reports/")
def reports(request: Request, view: RequestView) -> HTMLResponse:
    """Inputs, counts, findings and completeness of the release."""
    query = request.query_params
    reader = readers.open_reader(view, query, data_quality.PARAMETERS).about_all()
    choice, nama = data_quality.read_filter(reader.release, query)
    return answers.answer_page(reader, "reports/reports.html", report_values(reader, choice, nama))


@dataclass(frozen=True, slots=True)
class FieldCompleteness:
    """How many wilayah have a value of one field."""

    layer: str
    title: str
    years: str
    counts: tuple[tuple[str, int], ...]
    ok: int
    total: int


@dataclass(frozen=True, slots=True)
class Pager:
    """Which findings of one code are shown, and the addresses of the pages beside."""

    first: str
    last: str
    count: str
    before: str
    after: str
    is_all: bool


def report_values(
    reader: readers.Reader, choice: data_quality.FindingFilter, nama: str
) -> dict[str, object]:
    """What ``reports.html`` shows of the findings chosen, about a wilayah called so.

    Raises
    ------
    MalformedParameterError
        See `show_findings`.
    """
    release, words = reader.release, reader.words
    groups = data_quality.show_findings(reader, choice)
    is_whole = choice == data_quality.FindingFilter()
    coverage = _coverages(release, words) if is_whole else ()
    filled = _filled(coverage)
    is_sparse = filled is not None and filled < SPARSE_PERCENT
    sections = [
        (severity, [group for group in groups if group.severity == severity])
        for severity in data_quality.SEVERITIES.values()
    ]
    return {
        "asked": choice,
        "is_whole": is_whole,
        "place": nama,
        "severities": data_quality.SEVERITIES,
        "sections": [section for section in sections if section[1]],
        "begin": groups[0] if groups and groups[0].severity != "note" else None,
        "counts": _counts(release),
        "figures": _figures(reader, filled),
        "sparse": words.value(filled, "%", 0) if is_sparse else "",
        "pages": _pages(choice, groups, words),
        "places": _places(release, choice.wilayah),
        "is_told": bool(release.findings.codes) or not len(release.findings),
        "total": len(release.findings),
        "inputs": release.manifest.inputs,
        "loads": release.findings.loads,
        "coverage": coverage,
        "layers": release.manifest.layers,
    }


def _counts(release: Release) -> Counter[str]:
    counts: Counter[str] = Counter()
    for group in release.findings.groups:
        counts[group.severity] += group.stop - group.first
    return counts


def _filled(coverage: tuple[FieldCompleteness, ...]) -> float | None:
    """Per cent of the values that could be there; None where nothing could."""
    filled = sum(line.ok for line in coverage)
    applicable = sum(line.total for line in coverage)
    return 100 * filled / applicable if applicable else None


def _figures(reader: readers.Reader, filled: float | None) -> list[tuple[str, str, str]]:
    """Title, number and note of each figure by which data are judged."""
    release, words = reader.release, reader.words
    counts = _counts(release)
    desa = sum(entry.desa for entry in release.manifest.wilayah if entry.level == "kabupaten")
    figures = [
        (words.say(f"reports.figure_{name}s"), words.number(counts[name]), "")
        for name in data_quality.SEVERITIES.values()
    ]
    of = words.say("reports.figure_of", total=words.number(desa))
    figures.append((words.say("reports.figure_desa"), words.number(release.findings.desa), of))
    if filled is not None:
        share = words.value(filled, "%", 0)
        figures.append((words.say("reports.figure_filled"), share, ""))
    return figures


def _pages(
    choice: data_quality.FindingFilter, groups: Sequence[data_quality.ShownFindings], words: Words
) -> Pager | None:
    """The pages of the findings of one code; None where several are shown."""
    if not choice.code or len(groups) != 1:
        return None
    (group,) = groups
    last = group.first - 1 + len(group.spots)
    return Pager(
        first=words.number(group.first),
        last=words.number(last),
        count=words.number(group.count),
        before=choice.query(words, page=choice.page - 1) if choice.page > 1 else "",
        after=choice.query(words, page=choice.page + 1) if last < group.count else "",
        is_all=group.count <= data_quality.SPOTS_A_PAGE,
    )


Places = list[tuple[WilayahEntry, list[tuple[WilayahEntry, int]]]]


def _places(release: Release, wilayah: str) -> Places:
    """Each kabupaten with its kecamatan that have errors or warnings, and how many."""
    entries = list(readers.wilayah_by_kode(release).values())
    counts = release.findings.places
    kecamatan = [
        (entry, counts.get(entry.kode, 0))
        for entry in entries
        if entry.level == "kecamatan" and (counts.get(entry.kode) or entry.kode == wilayah)
    ]
    if len(kecamatan) > MOST_PLACES:
        kecamatan = [pair for pair in kecamatan if pair[0].kode == wilayah]
    children: dict[str, list[tuple[WilayahEntry, int]]] = {}
    for entry, count in kecamatan:
        children.setdefault(entry.parent or "", []).append((entry, count))
    return [
        (entry, children.get(entry.kode, [])) for entry in entries if entry.level == "kabupaten"
    ]


def _coverages(release: Release, words: Words) -> tuple[FieldCompleteness, ...]:
    return tuple(
        _coverage(words, layer.id, entry)
        for layer, fields in shown_fields.thematic_layers(release, "desa")
        for entry in fields
    )


def _coverage(words: Words, layer: str, entry: FieldEntry) -> FieldCompleteness:
    counts = dict(entry.status_counts)
    years = entry.years
    span = f"{min(years)}\N{EN DASH}{max(years)}" if len(years) > 1 else "".join(map(str, years))
    missing = tuple(sorted((status, n) for status, n in counts.items() if status != "ok" and n))
    return FieldCompleteness(
        layer=layer,
        title=words.text(entry.title),
        years=span,
        counts=missing,
        # A hidden value is known, it is only not shown.
        ok=counts.get("ok", 0) + counts.get("suppressed", 0),
        total=sum(counts.values()) - counts.get("not_applicable", 0),
    )
