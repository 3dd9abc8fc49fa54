"""The profile of one desa: every indicator with its history and place, gaps and spending."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from geo_service.errors import UnknownWilayahError
from geo_service.page_field import thematic_layers
from geo_service.page_model import rank_worst_first, value_text
from geo_service.page_question import find_parents, find_wilayah
from geo_service.page_values import FieldValues, read_values, rows_of
from geo_service.release import Release
from geo_service.render.choropleth import Shape, draw_choropleth, shapes_by_kode
from geo_service.render.words import Words
from layers.manifest import FieldEntry, LayerEntry

# Who runs each service.  Source: UU 23/2014 on regional government, annex (health and basic
# education: kabupaten; senior secondary: provinsi); Permendagri 44/2016 on the desa's authority
# (posyandu, poskesdes, PAUD).
ADDRESSEE = {
    "puskesmas": "kabupaten_health",
    "pustu": "kabupaten_health",
    "poskesdes": "desa",
    "posyandu": "desa",
    "paud": "desa",
    "sd": "kabupaten_education",
    "smp": "kabupaten_education",
    "sma": "provinsi_education",
}


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


@dataclass(frozen=True, slots=True)
class Step:
    """One service beyond its norm: how far, to which facility, and who can act."""

    service: str
    title: str
    distance: str
    excess: str
    excess_m: float
    facility: str
    addressee: str


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
        "kode": kode,
        "kecamatan": kecamatan,
        "parents": find_parents(release, kecamatan),
        "groups": [
            (release.layer(layer), groups[layer]) for layer in sorted(groups, key=_group_order)
        ],
        "steps": follow_up(release, fid, words),
        "picture": _locate(release, kecamatan.kode, kode, str(about["nama"]), words, base),
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
    values = latest.values[neighbours]
    known = values[~np.isnan(values)]
    rank = ""
    if row in neighbours:
        place = rank_worst_first(values, is_low_worse=entry.worse == "low")[neighbours.index(row)]
        if place is not None:
            rank = words.say("desa.rank", rank=place, total=len(known))
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
        median=words.value(
            float(np.median(known)) if len(known) else None, entry.unit, entry.decimals, short=True
        ),
        history=tuple((year, told, value, state) for year, value, told, state in history),
        spark=spark_path([value for _, value, _, _ in history]),
    )


def _value_at(
    values: FieldValues, row: int | None, entry: FieldEntry, words: Words
) -> tuple[float | None, str, str]:
    """Value, text and status of one row."""
    if row is None:
        return None, words.say("status.no_data"), "no_data"
    found = float(values.values[row])
    value = None if np.isnan(found) else found
    status = values.statuses[row]
    return value, value_text(value, status, entry, words), status


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


def follow_up(release: Release, fid: int, words: Words) -> tuple[Step, ...]:
    """The services beyond their norm, the largest excess first."""
    if "gaps" not in release.layers:
        return ()
    features, layer = release.features("gaps"), release.layer("gaps")
    row = features.row_of(fid)
    found: list[tuple[float, Step]] = []
    for entry in layer.fields:
        service = entry.name.removeprefix("gap_").removesuffix("_m")
        if row is None or not entry.thematic or entry.name == "gap_count" or service == entry.name:
            continue
        distance = f"jarak_{service}_m"
        if not entry.name.startswith("gap_") or distance not in features.properties:
            continue
        excess = float(read_values(release, "gaps", entry.name, None).values[row])
        if not excess > 0:
            continue
        metres = float(read_values(release, "gaps", distance, None).values[row])
        texts = _texts(release, "gaps", row)
        facility = texts.get(f"fasilitas_{service}")
        addressee = ADDRESSEE.get(service, "kabupaten")
        if addressee == "desa" and texts.get("jenis") == "kelurahan":
            addressee = "kelurahan"
        step = Step(
            service=service,
            title=words.say(f"service.{service}") if words.knows(f"service.{service}") else service,
            distance=words.value(metres, "m", 0),
            excess=words.value(excess, "m", 0),
            excess_m=excess,
            facility=str(facility or "\N{EM DASH}"),
            addressee=words.say(f"addressee.{addressee}"),
        )
        found.append((-excess, step))
    return tuple(step for _, step in sorted(found, key=lambda pair: (pair[0], pair[1].service)))


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
