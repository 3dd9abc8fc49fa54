"""The profile of one desa: every indicator with its history and place, gaps and spending."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from geo_service.errors import UnknownWilayahError
from geo_service.releases.release import Release
from layers.release.manifest import FieldEntry, LayerEntry
from web_map.drawing.choropleth import Shape, draw_choropleth, shapes_by_kode
from web_map.pages.follow_up_words import Task, read_follow_up
from web_map.views.field import thematic_layers
from web_map.views.hidden_values import bounds_of
from web_map.views.question import find_parents, find_wilayah
from web_map.views.standing import stand, standing_text
from web_map.views.terms import called, term_of_row
from web_map.views.values import (
    FieldValues,
    coverage_text,
    is_state,
    read_values,
    rows_of,
    value_text,
    with_coverage,
)
from web_map.views.view import Middle, find_middle
from web_map.words import Words, readable


@dataclass(frozen=True, slots=True)
class Line:
    """One field of a desa; ``history`` is (year, text, value or None, status) from the first."""

    layer: str
    field: str
    title: str
    text: str
    status: str
    tahun: int | None
    rank: str
    median: str
    history: tuple[tuple[int, str, float | None, str], ...]
    spark: str


def desa_values(release: Release, kode: str, words: Words, base: str) -> dict[str, Any]:
    """What ``desa.html`` shows.

    Raises
    ------
    UnknownWilayahError
        The release has no such desa.
    """
    if "desa" not in release.layers:
        raise UnknownWilayahError("This release has no layer of desa.")
    rows = release.features("desa").select(equals={"kode": kode})
    if not len(rows):
        raise UnknownWilayahError(f"No desa {kode!r} in this release.")
    fid = int(release.features("desa").fid[rows[0]])
    about = _texts(release, "desa", int(rows[0]))
    kecamatan = find_wilayah(release, str(about["kode_kecamatan"]), "kecamatan")
    nama = readable(str(about["nama"]))
    groups: dict[str, list[Line]] = {}
    for layer, fields in thematic_layers(release, "desa"):
        for entry in fields:
            if entry.name.startswith("gap_") and entry.name != "gap_count":
                continue
            groups.setdefault(layer.id, []).append(
                make_line(release, layer, entry, fid, kecamatan.kode, words)
            )
    return {
        "about": about,
        "name": called(term_of_row(release, int(rows[0])), nama),
        "kode": kode,
        "kecamatan": kecamatan,
        "parents": find_parents(release, kecamatan),
        "groups": [
            (release.layer(layer), groups[layer]) for layer in sorted(groups, key=_group_order)
        ],
        "steps": _tasks_of(release, kecamatan.kode, kode, words),
        "picture": _locate(release, kecamatan.kode, kode, nama, words, base),
        "centre": _centre(release, int(rows[0])),
    }


def _group_order(layer: str) -> tuple[int, str]:
    """Indicators, then gaps, then spending, then what else there is."""
    known = ("desa", "gaps", "spending")
    return (known.index(layer) if layer in known else len(known)), layer


def make_line(
    release: Release, layer: LayerEntry, entry: FieldEntry, fid: int, kecamatan: str, words: Words
) -> Line:
    """One field of a desa, with its rank among the desa of its kecamatan."""
    features = release.features(layer.id)
    row = features.row_of(fid)
    latest = read_values(release, layer.id, entry.name, None)
    neighbours = rows_of(release, layer.id, "kode_kecamatan", kecamatan)
    bounds = bounds_of(latest, entry)
    rank = ""
    # To say that a desa is the tenth in "no need" of fourteen says nothing.
    if row in neighbours and not is_state(entry):
        standings = stand(bounds.of(neighbours), is_low_worse=entry.worse == "low")
        place = standings[neighbours.index(row)]
        rank = standing_text(place, words, has_worse=bool(entry.worse), key="desa.rank")
    text, status = _value_at(latest, row, entry, words)[1:3]
    history = tuple(
        (year, *_value_at(read_values(release, layer.id, entry.name, year), row, entry, words))
        for year in sorted(entry.years)
    )
    return Line(
        layer=layer.id,
        field=entry.name,
        title=words.text(entry.title),
        text=text,
        status=status,
        tahun=None if row is None else int(latest.tahun[row]) or None,
        rank=rank,
        median=_median(
            find_middle(latest, bounds, neighbours), bounds.of(neighbours).hidden, entry, words
        ),
        history=tuple((year, told, value, state) for year, value, told, state in history),
        spark=spark_path([value for _, value, _, _ in history]),
    )


def _median(median: Middle | None, hidden: int, entry: FieldEntry, words: Words) -> str:
    """The middle value of the kecamatan, and of how many of its desa where not of all."""
    if median is None and hidden:
        return words.say("desa.median_hidden", n=words.number(hidden))
    if is_state(entry) or median is None:
        return "\N{EN DASH}"
    text = words.median(median.value, entry.unit, entry.decimals)
    if median.known == median.total:
        return text
    known, total = words.number(median.known), words.number(median.total)
    return with_coverage(text, words.say("coverage.desa", known=known, total=total))


def _value_at(
    values: FieldValues, row: int | None, entry: FieldEntry, words: Words
) -> tuple[float | None, str, str]:
    """Value, text and status of one row."""
    if row is None:
        return None, words.say("status.no_data"), "no_data"
    found = float(values.values[row])
    value = None if np.isnan(found) else found
    status = values.statuses[row]
    text = value_text(value, status, entry, words)
    return value, with_coverage(text, coverage_text(values, row, words)), status


def spark_path(values: list[float | None], width: int = 72, height: int = 20) -> str:
    """SVG path of a history; a missing year breaks the line, and no year is made up.

    Example
    -------
    >>> spark_path([1.0, 3.0, None, 2.0])
    'M2 18L25 2M70 10h0'
    """
    known = [value for value in values if value is not None]
    if len(known) < 2:
        return ""
    low, spread = min(known), (max(known) - min(known)) or 1.0
    step = (width - 4) / (len(values) - 1)
    path, is_open = "", False
    for at, value in enumerate(values):
        if value is None:
            is_open = False
            continue
        x, y = 2 + step * at, height - 2 - (value - low) / spread * (height - 4)
        is_alone = not is_open and (at + 1 == len(values) or values[at + 1] is None)
        path += f"{'L' if is_open else 'M'}{x:.0f} {y:.0f}{'h0' if is_alone else ''}"
        is_open = True
    return path


def _tasks_of(release: Release, kecamatan: str, kode: str, words: Words) -> tuple[Task, ...]:
    """What is to be done in one desa, by priority."""
    found = read_follow_up(release, kecamatan, words)
    return () if found is None else tuple(task for task in found.tasks if task.kode == kode)


def _texts(release: Release, layer: str, row: int) -> dict[str, Any]:
    features = release.features(layer)
    return {name: features.property_column(name).value(row) for name in features.properties}


def _locate(
    release: Release, kecamatan: str, kode: str, nama: str, words: Words, base: str
) -> str | None:
    """The kecamatan with this desa marked."""
    outline = release.outline(kecamatan)
    if outline is None:
        return None
    language = "" if words.language == "id" else f"?lang={words.language}"
    shapes = [
        Shape(
            kode=child["kode"],
            nama=child["nama"],
            fill="#14424b" if child["kode"] == kode else "#ffffff",
            title=child["nama"],
            href=f"{base}/desa/{child['kode']}{language}",
            is_selected=child["kode"] == kode,
        )
        for child in outline["children"]
    ]
    label = f"{words.say('desa.where')}: {nama}"
    return draw_choropleth(outline, shapes_by_kode(shapes), label=label, labels=False)


def _centre(release: Release, row: int) -> tuple[float, float] | None:
    """Middle of the desa's bounding box, for links to other maps; None without a geometry."""
    box = release.features("desa").bbox(row)
    if box is None:
        return None
    west, south, east, north = box
    return round((west + east) / 2, 5), round((south + north) / 2, 5)
