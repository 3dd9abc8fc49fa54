"""The page on data: which files went into the release, how many rows were used, what is wrong."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

import orjson

from geo_service.page_field import thematic_layers
from geo_service.release import Release
from geo_service.render.words import Words

MOST_FINDINGS = 300


@dataclass(frozen=True, slots=True)
class Coverage:
    """How many wilayah have a value of one field."""

    layer: str
    title: str
    years: str
    counts: tuple[tuple[str, int], ...]
    ok: int
    total: int


def report_values(release: Release, words: Words) -> dict[str, Any]:
    """What ``reports.html`` shows."""
    report = orjson.loads((release.path / "findings.json").read_bytes())
    findings = report["findings"]
    severities = Counter(finding["severity"] for finding in findings)
    return {
        "inputs": release.manifest.inputs,
        "loads": report["loads"],
        "findings": findings[:MOST_FINDINGS],
        "severities": severities,
        "total": len(findings),
        "coverage": [
            _coverage(words, layer.id, entry)
            for level in ("desa", "kecamatan")
            for layer, fields in thematic_layers(release, level)
            for entry in fields
            if level == "desa"
        ],
        "layers": release.manifest.layers,
    }


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
        ok=counts.get("ok", 0),
        total=sum(counts.values()),
    )
