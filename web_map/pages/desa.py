"""The profile of one desa: every indicator with its history and place, gaps and spending."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import isnan
from typing import Any, cast

import numpy as np

from geo_service.errors import UnknownWilayahError
from geo_service.releases.release import Release
from layers.release.features import Rows
from layers.release.manifest import FieldEntry, LayerEntry, Status
from layers.release.place_values import ABSENT, NO_DATA, Value
from web_map.drawing.choropleth import Shape, draw_choropleth, shapes_by_kode
from web_map.pages.follow_up_words import Task, read_follow_up
from web_map.views.field import Themes, thematic_layers
from web_map.views.hidden_values import bounds_of
from web_map.views.question import find_parents, find_wilayah
from web_map.views.standing import stand_one, standing_text
from web_map.views.terms import called, term_of_row
from web_map.views.values import (
    FieldValues,
    coverage_numbers,
    coverage_text,
    is_state,
    parts_text,
    read_values,
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
    groups = make_lines(release, fid, kecamatan.kode, words)
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


def make_lines(release: Release, fid: int, kecamatan: str, words: Words) -> dict[str, list[Line]]:
    """The fields of a desa by layer."""
    layers = thematic_layers(release, "desa")
    history = read_history(release, fid, layers)
    groups: dict[str, list[Line]] = {}
    for layer, fields in layers:
        neighbours = find_neighbours(release, layer.id, fid, kecamatan)
        groups[layer.id] = [
            make_line(release, layer, entry, neighbours, history[layer.id, entry.name], words)
            for entry in fields
            if entry.name == "gap_count" or not entry.name.startswith("gap_")
        ]
    return {layer: lines for layer, lines in groups.items() if lines}


def _group_order(layer: str) -> tuple[int, str]:
    """Indicators, then gaps, then spending, then what else there is."""
    known = ("desa", "gaps", "spending")
    return (known.index(layer) if layer in known else len(known)), layer


@dataclass(frozen=True, slots=True)
class Neighbours:
    """A desa among the desa of its kecamatan, in one layer.

    ``rows`` are those of the kecamatan, then that of the desa where it is none of them; ``here`` is
    the place of the desa among them, None where the layer does not have it.
    """

    rows: Rows
    here: int | None
    count: int

    @property
    def is_one(self) -> bool:
        """Whether the desa is one of those of the kecamatan."""
        return self.here is not None and self.here < self.count


def find_neighbours(release: Release, layer: str, fid: int, kecamatan: str) -> Neighbours:
    """The desa and its neighbours in the index of a layer."""
    features = release.features(layer)
    rows = features.select(equals={"kode_kecamatan": kecamatan})
    row = features.row_of(fid)
    places = rows.tolist()
    if row is None or row in places:
        return Neighbours(rows, None if row is None else places.index(row), len(rows))
    return Neighbours(np.append(rows, row), len(rows), len(rows))


def make_line(
    release: Release,
    layer: LayerEntry,
    entry: FieldEntry,
    neighbours: Neighbours,
    history: Sequence[tuple[int, Value]],
    words: Words,
) -> Line:
    """One field of a desa, with its rank among the desa of its kecamatan."""
    latest = read_values(release, layer.id, entry.name, None, neighbours.rows)
    here = neighbours.here
    around = latest.first(neighbours.count)
    bounds = bounds_of(around, entry)
    rank = ""
    # To say that a desa is the tenth in "no need" of fourteen says nothing.
    if here is not None and neighbours.is_one and not is_state(entry):
        place = stand_one(bounds, here, is_low_worse=entry.worse == "low")
        rank = standing_text(place, words, has_worse=bool(entry.worse), key="desa.rank")
    text, status = _latest_at(latest, here, entry, words)
    years = tuple((year, *_of_year(value, entry, words)) for year, value in history)
    return Line(
        layer=layer.id,
        field=entry.name,
        title=words.text(entry.title),
        text=text,
        status=status,
        tahun=None if here is None else int(latest.tahun[here]) or None,
        rank=rank,
        median=_median(find_middle(around, bounds), bounds.hidden, entry, words),
        history=years,
        spark=spark_path([value for _, _, value, _ in years]),
    )


def read_history(
    release: Release, fid: int, layers: Themes
) -> dict[tuple[str, str], list[tuple[int, Value]]]:
    """The values of all years of a place by layer and field, from the first year."""
    if release.place_values is None:
        return _history_of_columns(release, fid, layers)
    values = release.place_values.of_place(fid)
    return {
        (layer.id, entry.name): [
            (year, values.get((layer.id, entry.name, year), ABSENT)) for year in sorted(entry.years)
        ]
        for layer, fields in layers
        for entry in fields
    }


def _history_of_columns(
    release: Release, fid: int, layers: Themes
) -> dict[tuple[str, str], list[tuple[int, Value]]]:
    """The same from the file of each field and year, in a release without values by place."""
    history = {}
    for layer, fields in layers:
        row = release.features(layer.id).row_of(fid)
        for entry in fields:
            history[layer.id, entry.name] = [
                (year, ABSENT if row is None else _column_value(release, layer, entry, year, row))
                for year in sorted(entry.years)
            ]
    return history


def _column_value(
    release: Release, layer: LayerEntry, entry: FieldEntry, year: int, row: int
) -> Value:
    values = read_values(release, layer.id, entry.name, year, np.array([row], np.intp))
    number = float(values.values[0])
    _, known, total = next(iter(coverage_numbers(values, 0)), ("", None, None))
    return Value(cast(Status, values.statuses[0]), None if isnan(number) else number, known, total)


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


def _latest_at(
    values: FieldValues, here: int | None, entry: FieldEntry, words: Words
) -> tuple[str, str]:
    """Text and status of one value."""
    if here is None:
        return words.say("status.no_data"), NO_DATA
    number, status = float(values.values[here]), values.statuses[here]
    text = value_text(None if isnan(number) else number, status, entry, words)
    return with_coverage(text, coverage_text(values, here, words)), status


def _of_year(value: Value, entry: FieldEntry, words: Words) -> tuple[str, float | None, str]:
    """Text, value and status of a year."""
    text = value_text(value.value, value.status, entry, words)
    if value.value is None or not entry.coverage:
        return text, value.value, value.status
    part = (entry.coverage[0].unit, value.known, value.total)
    return with_coverage(text, parts_text([part], words)), value.value, value.status


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
            kode=child.kode,
            nama=child.nama,
            fill="#14424b" if child.kode == kode else "#ffffff",
            title=child.nama,
            href=f"{base}/desa/{child.kode}{language}",
            is_selected=child.kode == kode,
        )
        for child in outline.children
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
