"""The page on data: is it good, what to mend first, which files it is made of."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from geo_service.releases.release import Release
from layers.release.manifest import WilayahEntry
from web_map.pages.data_quality import (
    SEVERITIES,
    SPOTS_A_PAGE,
    Filter,
    Told,
    read_filter,
    tell_findings,
)
from web_map.views.field import thematic_layers
from web_map.views.question import named
from web_map.words import Words

# A list of more places than these is no list any more: it then names the kabupaten only.
MOST_PLACES = 800
# Below this share of values the data are not good, however few findings there are.
SPARSE_PERCENT = 80.0


@dataclass(frozen=True, slots=True)
class Coverage:
    """How many wilayah have a value of one field."""

    layer: str
    title: str
    years: str
    counts: tuple[tuple[str, int], ...]
    ok: int
    total: int


def report_values(release: Release, words: Words, query: Mapping[str, str]) -> dict[str, Any]:
    """What ``reports.html`` shows.

    Raises
    ------
    MalformedParameterError, UnknownWilayahError
        See `read_filter` and `tell_findings`.
    """
    asked, nama = read_filter(release, dict(query))
    told = tell_findings(release, asked, words)
    is_whole = asked == Filter()
    coverage = _coverages(release, words) if is_whole else ()
    filled = _filled(coverage)
    is_sparse = filled is not None and filled < SPARSE_PERCENT
    return {
        "asked": asked,
        "is_whole": is_whole,
        "place": nama,
        "severities": SEVERITIES,
        "sections": [
            (severity, found)
            for severity in SEVERITIES.values()
            if (found := [one for one in told if one.severity == severity])
        ],
        "begin": told[0] if told and told[0].severity != "note" else None,
        "counts": _counts(release),
        "figures": _figures(release, filled, words),
        "sparse": words.value(filled, "%", 0) if is_sparse else "",
        "pages": _pages(asked, told, words),
        "places": _places(release, asked),
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


def _filled(coverage: tuple[Coverage, ...]) -> float | None:
    """Per cent of the values that could be there; None where nothing could."""
    filled = sum(line.ok for line in coverage)
    wanted = sum(line.total - dict(line.counts).get("not_applicable", 0) for line in coverage)
    return 100 * filled / wanted if wanted else None


def _figures(release: Release, filled: float | None, words: Words) -> list[tuple[str, str, str]]:
    """Title, number and note of each figure by which data are judged."""
    counts = _counts(release)
    desa = sum(entry.desa for entry in release.manifest.wilayah if entry.level == "kabupaten")
    figures = [
        (words.say(f"reports.figure_{name}s"), words.number(counts[name]), "")
        for name in SEVERITIES.values()
    ]
    of = words.say("reports.figure_of", total=words.number(desa))
    figures.append((words.say("reports.figure_desa"), words.number(release.findings.desa), of))
    if filled is not None:
        share = words.value(filled, "%", 0)
        figures.append((words.say("reports.figure_filled"), share, ""))
    return figures


def _pages(asked: Filter, told: list[Told], words: Words) -> dict[str, Any] | None:
    """Which findings of one code are shown, and the addresses of the pages beside."""
    if not asked.code or len(told) != 1:
        return None
    (group,) = told
    last = group.first - 1 + len(group.spots)
    return {
        "first": words.number(group.first),
        "last": words.number(last),
        "count": words.number(group.count),
        "before": asked.query(words, page=asked.page - 1) if asked.page > 1 else "",
        "after": asked.query(words, page=asked.page + 1) if last < group.count else "",
        "is_all": group.count <= SPOTS_A_PAGE,
    }


Places = list[tuple[WilayahEntry, list[tuple[WilayahEntry, int]]]]


def _places(release: Release, asked: Filter) -> Places:
    """Each kabupaten with its kecamatan that have errors or warnings, and how many."""
    entries = [named(entry) for entry in release.manifest.wilayah]
    found = release.findings.places
    kecamatan = [
        (entry, found.get(entry.kode, 0))
        for entry in entries
        if entry.level == "kecamatan" and (found.get(entry.kode) or entry.kode == asked.wilayah)
    ]
    if len(kecamatan) > MOST_PLACES:
        kecamatan = [one for one in kecamatan if one[0].kode == asked.wilayah]
    children: dict[str, list[tuple[WilayahEntry, int]]] = {}
    for entry, count in kecamatan:
        children.setdefault(entry.parent or "", []).append((entry, count))
    return [
        (entry, children.get(entry.kode, [])) for entry in entries if entry.level == "kabupaten"
    ]


def _coverages(release: Release, words: Words) -> tuple[Coverage, ...]:
    return tuple(
        _coverage(words, layer.id, entry)
        for layer, fields in thematic_layers(release, "desa")
        for entry in fields
    )


def _coverage(words: Words, layer: str, entry: Any) -> Coverage:
    counts = dict(entry.status_counts)
    years = entry.years
    span = f"{min(years)}\N{EN DASH}{max(years)}" if len(years) > 1 else "".join(map(str, years))
    missing = tuple(sorted((status, n) for status, n in counts.items() if status != "ok" and n))
    return Coverage(
        layer=layer,
        title=words.text(entry.title),
        years=span,
        counts=missing,
        # A hidden value is known, it is only not shown.
        ok=counts.get("ok", 0) + counts.get("suppressed", 0),
        total=sum(counts.values()),
    )
