"""The profile of one desa: every indicator with its history and place, gaps and spending."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import isnan
from typing import cast

import numpy as np
from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from markupsafe import Markup

from geo_service.errors import TokenNeededError, TokenScopeError
from geo_service.http.live_states import need_states
from geo_service.ogc.params import View as RequestView
from geo_service.releases.release import Release
from layers.release import array_kinds, manifest_file, place_values
from web_map import words as texts
from web_map.drawing.choropleth import Shape, draw_choropleth, shapes_by_kode
from web_map.pages.base import answers
from web_map.pages.follow_up import follow_up_words
from web_map.sentences import readable
from web_map.views import field_values, readers, shown_fields, standing
from web_map.words import Middle, Words

router = APIRouter(tags=["pages"])
History = Sequence[tuple[int, place_values.Value]]
"""The values of a field from the first year."""


@router.get("/desa/{kode}")
def desa(request: Request, view: RequestView, kode: str) -> HTMLResponse:
    """The profile of one desa."""
    reader = readers.open_reader(view, request.query_params, ()).about_desa(kode)
    values = desa_values(reader, kode)
    values["task_states"] = need_states(request, kode, is_pinned=view.is_pinned)
    return answers.answer_page(reader, "desa/desa.html", values)


@dataclass(frozen=True, slots=True)
class ProfileLine:
    """One field of a desa.

    Parameters
    ----------
    key
        Layer and field, as a page of a map is asked for them.
    history
        Each year and what the value was, from the first; empty without years.
    spark
        The same as the path of a small curve; empty where there are not two values.
    is_split
        Whether a value is that of the desa before it was split.
    """

    key: str
    title: str
    text: str
    status: str
    tahun: int | None
    rank: str
    median: str
    history: str
    spark: str
    is_split: bool


def desa_values(reader: readers.PlaceReader, kode: str) -> dict[str, object]:
    """What ``desa.html`` shows."""
    release = reader.release
    features, row = release.features("desa"), readers.find_desa(release, kode)
    nama = readable(str(features.property_column("nama").value(row)))
    has_area = features.has_property("area_ha")
    groups = make_lines(reader, int(features.fid[row]))
    steps = _tasks_of(reader, kode)
    return {
        "area_ha": features.property_column("area_ha").value(row) if has_area else None,
        "name": called(readers.term_of_row(release, row), nama),
        "kode": kode,
        "kecamatan": reader.place,
        "parents": reader.parents,
        "groups": [
            (release.layer(layer), groups[layer]) for layer in sorted(groups, key=_group_order)
        ],
        "has_needs": "needs" in release.layers and steps is not None,
        "steps": steps,
        "has_unknown": any(
            line.status not in ("ok", "not_applicable") for line in groups.get("needs", ())
        ),
        "picture": _locate(reader, kode, nama),
        "centre": _centre(release, row),
    }


def called(term: str | None, nama: str) -> str:
    """The name with what it is called before it, unless the name already says what it is.

    Example
    -------
    >>> called("gampong", "Lamteuba"), called("kampung", "Kampung Tengah"), called(None, "Oesao")
    ('Gampong Lamteuba', 'Kampung Tengah', 'Oesao')
    """
    if term is None:
        return nama
    says_it = nama.casefold().startswith(("desa ", "kelurahan ", f"{term.casefold()} "))
    return nama if says_it else f"{manifest_file.capital(term)} {nama}"


def make_lines(reader: readers.PlaceReader, fid: int) -> dict[str, list[ProfileLine]]:
    """The fields of a desa by layer."""
    release = reader.release
    layers = shown_fields.thematic_layers(release, readers.Level.DESA)
    history = read_history(release, fid, layers)
    groups: dict[str, list[ProfileLine]] = {}
    for layer, fields in layers:
        entries = [
            entry
            for entry in fields
            if entry.name == "gap_count" or not entry.name.startswith("gap_")
        ]
        if entries:
            neighbours = find_neighbours(release, layer.id, fid, reader.place.kode)
            years = [history[layer.id, entry.name] for entry in entries]
            groups[layer.id] = make_group(reader, layer, entries, neighbours, years)
    return groups


def _group_order(layer: str) -> tuple[int, str]:
    """Indicators, then gaps, then spending, then what else there is."""
    order = ("desa", "gaps", "spending")
    return (order.index(layer) if layer in order else len(order)), layer


@dataclass(frozen=True, slots=True)
class Neighbours:
    """A desa among the desa of its kecamatan, in one layer.

    ``rows`` are those of the kecamatan, then that of the desa where it is none of them;
    ``position`` is that of the desa among them, None where the layer does not have it.
    """

    rows: array_kinds.Rows
    position: int | None
    count: int

    @property
    def is_one(self) -> bool:
        """Whether the desa is one of those of the kecamatan."""
        return self.position is not None and self.position < self.count


def find_neighbours(release: Release, layer: str, fid: int, kecamatan: str) -> Neighbours:
    """The desa and its neighbours in the index of a layer."""
    features = release.features(layer)
    rows = features.select(equals={"kode_kecamatan": kecamatan})
    row = features.row_of(fid)
    places = rows.tolist()
    if row is None or row in places:
        return Neighbours(rows, None if row is None else places.index(row), len(rows))
    return Neighbours(np.append(rows, row), len(rows), len(rows))


def make_group(
    reader: readers.PlaceReader,
    layer: manifest_file.LayerEntry,
    entries: Sequence[manifest_file.FieldEntry],
    neighbours: Neighbours,
    histories: Sequence[History],
) -> list[ProfileLine]:
    """Some fields of a desa, each with its rank among the desa of its kecamatan.

    Column by column: to do one thing to a hundred fields takes half the time of all to each.
    """
    words, position = reader.words, neighbours.position
    # The middle value is of all desa and kelurahan of the kecamatan, whatever this one is called.
    around_words = reader.words_of(reader.place.kode)
    latest = field_values.read_latest(reader.release.features(layer.id), entries, neighbours.rows)
    around = [values.first(neighbours.count) for values in latest]
    orders = [
        standing.Order(standing.bounds_of(*pair)) for pair in zip(around, entries, strict=True)
    ]
    middles = [order.find_middle(values) for order, values in zip(orders, around, strict=True)]
    columns = zip(entries, latest, orders, middles, histories, strict=True)
    return [
        ProfileLine(
            f"{layer.id}.{entry.name}",
            words.text(entry.title),
            *_latest_text(values, position, entry, words),
            _rank(order, neighbours, entry, words),
            _median(
                middle,
                order.bounds.hidden,
                entry,
                shown_fields.words_of_field(reader.release, around_words, layer.id, entry.name),
            ),
            *_in_years(history, entry, words),
        )
        for entry, values, order, middle, history in columns
    ]


def _rank(
    order: standing.Order, neighbours: Neighbours, entry: manifest_file.FieldEntry, words: Words
) -> str:
    """The rank of the desa among those of its kecamatan; empty where it has none."""
    # To say that a desa is the tenth in "no need" of fourteen says nothing.
    if neighbours.position is None or not neighbours.is_one or texts.is_state(entry):
        return ""
    value = order.values[neighbours.position]
    rank = order.place(value, is_low_worse=entry.worse == "low")
    return standing.standing_text(rank, words, has_worse=bool(entry.worse), key="desa.rank")


def read_history(
    release: Release, fid: int, layers: shown_fields.Themes
) -> dict[tuple[str, str], History]:
    """The values of all years of a place by layer and field, from the first year."""
    if release.place_values is None:
        return _history_of_columns(release, fid, layers)
    values = release.place_values.of_place(fid)
    return {
        (layer.id, entry.name): [
            (year, values.get((layer.id, entry.name, year), place_values.ABSENT))
            for year in sorted(entry.years)
        ]
        for layer, fields in layers
        for entry in fields
    }


def _history_of_columns(
    release: Release, fid: int, layers: shown_fields.Themes
) -> dict[tuple[str, str], History]:
    """The same from the file of each field and year, in a release without values by place."""
    history: dict[tuple[str, str], History] = {}
    for layer, fields in layers:
        row = release.features(layer.id).row_of(fid)
        for entry in fields:
            history[layer.id, entry.name] = [
                (
                    year,
                    place_values.ABSENT
                    if row is None
                    else _column_value(release, layer, entry, year, row),
                )
                for year in sorted(entry.years)
            ]
    return history


def _column_value(
    release: Release,
    layer: manifest_file.LayerEntry,
    entry: manifest_file.FieldEntry,
    year: int,
    row: int,
) -> place_values.Value:
    values = field_values.read_values(release, layer.id, entry.name, year, np.array([row], np.intp))
    number = float(values.values[0])
    counts = [count for _, *count in values.coverage(0)] or [[None, None]]
    (known, total), *more = counts
    value = None if isnan(number) else number
    rest = tuple((some, every) for some, every in more)
    return place_values.Value(
        cast(manifest_file.Status, values.statuses[0]), value, known, total, rest
    )


def _median(
    median: Middle | None, hidden: int, entry: manifest_file.FieldEntry, words: Words
) -> str:
    """The middle value of the kecamatan, and of how many of its desa where not of all."""
    if median is None and hidden:
        return words.say("desa.median_hidden", n=words.number(hidden))
    if texts.is_state(entry) or median is None:
        return "\N{EN DASH}"
    text = words.median(median.value, entry.unit, entry.decimals)
    if median.count == median.total:
        return text
    count, total = words.number(median.count), words.number(median.total)
    key = "coverage.desa" if median.count else "coverage.desa.part"
    return texts.with_coverage(text, words.say(key, known=count, total=total))


def _latest_text(
    values: field_values.FieldValues,
    position: int | None,
    entry: manifest_file.FieldEntry,
    words: Words,
) -> tuple[str, str, int | None]:
    """Text, status and year of one value."""
    if position is None:
        return words.say("status.no_data"), place_values.NO_DATA, None
    status = values.statuses[position]
    text = texts.value_text(float(values.values[position]), status, entry, words)
    coverage = texts.parts_text(values.shown_coverage(position), words)
    return texts.with_coverage(text, coverage), status, int(values.tahun[position]) or None


def _in_years(
    history: History, entry: manifest_file.FieldEntry, words: Words
) -> tuple[str, str, bool]:
    """The years in words and as a curve, and whether one of them is of before a split."""
    return (
        ", ".join(f"{year}: {_year_text(value, entry, words)}" for year, value in history),
        spark_path([value.value for _, value in history]),
        any(value.status == "before_split" for _, value in history),
    )


def _year_text(value: place_values.Value, entry: manifest_file.FieldEntry, words: Words) -> str:
    """The value of a year, and what it rests on."""
    text = texts.value_text(value.value, value.status, entry, words)
    if value.value is None or not entry.coverage:
        return text
    parts = [(each.unit, *count) for each, count in zip(entry.coverage, value.counts, strict=False)]
    return texts.with_coverage(text, texts.parts_text(parts, words))


def spark_path(values: list[float | None], width: int = 72, height: int = 20) -> str:
    """SVG path of a history; a missing year breaks the line, and no year is made up.

    Example
    -------
    >>> spark_path([1.0, 3.0, None, 2.0])
    'M2 18L25 2M70 10h0'
    """
    numbers = [value for value in values if value is not None]
    if len(numbers) < 2:
        return ""
    low, spread = min(numbers), (max(numbers) - min(numbers)) or 1.0
    step = (width - 4) / (len(values) - 1)
    path, is_open = "", False
    for index, value in enumerate(values):
        if value is None:
            is_open = False
            continue
        x, y = 2 + step * index, height - 2 - (value - low) / spread * (height - 4)
        is_alone = not is_open and (index + 1 == len(values) or values[index + 1] is None)
        path += f"{'L' if is_open else 'M'}{x:.0f} {y:.0f}{'h0' if is_alone else ''}"
        is_open = True
    return path


def _tasks_of(reader: readers.PlaceReader, kode: str) -> tuple[follow_up_words.Task, ...] | None:
    """What is to be done in one desa, by priority; None where it is not for this reader."""
    try:
        follow_up = follow_up_words.read_follow_up(reader.release, reader.place.kode, reader.words)
    except (TokenNeededError, TokenScopeError):
        return None
    tasks = () if follow_up is None else follow_up.tasks
    return tuple(task for task in tasks if task.kode == kode)


def _locate(reader: readers.PlaceReader, kode: str, nama: str) -> Markup | None:
    """The kecamatan with this desa marked."""
    outline = reader.release.outline(reader.place.kode)
    if outline is None:
        return None
    words = reader.words
    language = "" if words.language == "id" else f"?lang={words.language}"
    shapes = [
        Shape(
            kode=child.kode,
            nama=child.nama,
            fill="#14424b" if child.kode == kode else "#ffffff",
            title=child.nama,
            href=f"{reader.base}/desa/{child.kode}{language}",
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
