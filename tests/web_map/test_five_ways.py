"""One value is the same wherever it is read: tile, feature, table, workbook and picture."""

from __future__ import annotations

import csv
import io
import json
import random
import re
from collections import Counter
from typing import Any

import mapbox_vector_tile
import numpy as np
import openpyxl
import pytest
import shapely
from PIL import Image

from tests.web_map.conftest import Pages
from web_map.drawing.picture_sheet import EDGE, HEIGHT, SIDE, WIDTH

KECAMATAN = ("99.01.01", "99.01.02", "99.01.03")
LAYERS = ("desa", "gaps", "spending", "needs")
CELLS = 100
ZOOM = 9
PNG_WIDTH = 1600
NEAR = 6
"""Largest difference of a colour channel: pictures are antialiased and packed."""


@pytest.fixture(scope="module")
def headlines(pages: Pages) -> dict[str, str]:
    manifest = pages.json(f"/releases/{release_of(pages)}/files/manifest.json")
    return {one["id"]: one["headline"] for one in manifest["layers"]}


def release_of(pages: Pages) -> str:
    release: str = pages.json("/?f=json")["release_id"]
    return release


@pytest.fixture(scope="module")
def cells(headlines: dict[str, str], pages: Pages) -> list[tuple[str, str, str]]:
    """(layer, field, kode) of 100 cells, those without a value among them."""
    every = [
        (layer, headlines[layer], item["properties"]["kode"])
        for layer in LAYERS
        for item in pages.json(f"/collections/{layer}/items?limit=1000")["features"]
    ]
    return sorted(random.Random(2025).sample(every, CELLS))


def test_one_value_in_five_ways(pages: Pages, cells: list[tuple[str, str, str]]) -> None:
    seen = Counter[str]()
    for layer, field, kode in cells:
        item = of_items(pages, layer)[kode]
        value, status = item[field], item[f"{field}_status"]
        in_tiles = of_tiles(pages, layer).get(kode)
        if in_tiles is not None:
            assert in_tiles.get(field) == value, (layer, kode)
            assert in_tiles.get(f"{field}_status") == status
        in_csv = of_csv(pages, layer, field, kode[:8])[kode]
        assert (float(in_csv[field]) if in_csv[field] else None) == value, (layer, kode)
        assert in_csv[f"{field}_status"] == status
        in_xlsx = of_xlsx(pages, layer, field, kode[:8])[kode]
        assert in_xlsx[field] == value, (layer, kode)
        if kode in of_outline(pages, layer, field, kode[:8]):
            painted = of_picture(pages, layer, field, kode[:8])[kode]
            expected = colour_of(pages, layer, field, value)
            if expected is not None:
                assert max(np.abs(np.array(painted) - expected)) <= NEAR, (layer, kode, painted)
                seen["painted"] += 1
        seen[status] += 1
    assert seen["ok"] > 50
    assert seen["painted"] > 50
    assert seen["no_data"] + seen["not_applicable"] > 3


CACHE: dict[tuple[Any, ...], Any] = {}


def cached(key: tuple[Any, ...], make: Any) -> Any:
    if key not in CACHE:
        CACHE[key] = make()
    return CACHE[key]


def of_items(pages: Pages, layer: str) -> dict[str, dict[str, Any]]:
    def read() -> dict[str, dict[str, Any]]:
        items = pages.json(f"/collections/{layer}/items?limit=1000")["features"]
        return {item["properties"]["kode"]: item["properties"] for item in items}

    return dict(cached(("items", layer), read))


def of_tiles(pages: Pages, layer: str) -> dict[str, dict[str, Any]]:
    def read() -> dict[str, dict[str, Any]]:
        tilejson = pages.json(f"/tiles/{layer}.json")
        west, south, east, north = tilejson["bounds"]
        found: dict[str, dict[str, Any]] = {}
        for x in range(tile_x(west), tile_x(east) + 1):
            for y in range(tile_y(north), tile_y(south) + 1):
                url = tilejson["tiles"][0].format(z=ZOOM, x=x, y=y)
                answer = pages.get("/" + url.split("/", 3)[3])
                if answer.status_code == 200 and answer.content:
                    tile = mapbox_vector_tile.decode(answer.content)
                    found |= {
                        one["properties"]["kode"]: one["properties"]
                        for one in tile[layer]["features"]
                    }
        return found

    return dict(cached(("tiles", layer), read))


def tile_x(lon: float) -> int:
    return int((lon + 180) / 360 * 2**ZOOM)


def tile_y(lat: float) -> int:
    merc = np.arcsinh(np.tan(np.radians(lat))) / np.pi
    return int((1 - merc) / 2 * 2**ZOOM)


def of_csv(pages: Pages, layer: str, field: str, kecamatan: str) -> dict[str, dict[str, str]]:
    def read() -> dict[str, dict[str, str]]:
        text = pages.get(f"/kecamatan/{kecamatan}.csv?layer={layer}.{field}").content
        rows = csv.DictReader(io.StringIO(text.decode("utf-8-sig"), newline=""))
        return {row["kode"]: row for row in rows}

    return dict(cached(("csv", layer, kecamatan), read))


def of_xlsx(pages: Pages, layer: str, field: str, kecamatan: str) -> dict[str, dict[str, Any]]:
    def read() -> dict[str, dict[str, Any]]:
        body = pages.get(f"/kecamatan/{kecamatan}.xlsx?layer={layer}.{field}").content
        head, *rows = openpyxl.load_workbook(io.BytesIO(body))["Data"].iter_rows(values_only=True)
        named = [dict(zip(head, row, strict=True)) for row in rows]
        return {str(row["kode"]): row for row in named}

    return dict(cached(("xlsx", layer, kecamatan), read))


def of_outline(pages: Pages, layer: str, field: str, kecamatan: str) -> dict[str, Any]:
    """Polygons of the desa in pixels of the outline."""

    def read() -> dict[str, Any]:
        rid = release_of(pages)
        index = pages.json(f"/releases/{rid}/files/outlines.index.json")
        start, length = index[kecamatan]
        lines = pages.get(f"/releases/{rid}/files/outlines.jsonl").content
        return dict(json.loads(lines[start : start + length]))

    outline = cached(("outline", kecamatan), read)
    return {child["kode"]: child["d"] for child in outline["children"]}


def of_picture(pages: Pages, layer: str, field: str, kecamatan: str) -> dict[str, Any]:
    """The most frequent colour inside each desa of the PNG."""

    def read() -> dict[str, Any]:
        url = f"/kecamatan/{kecamatan}.png?layer={layer}.{field}&width={PNG_WIDTH}"
        picture = Image.open(io.BytesIO(pages.get(url).content)).convert("RGB")
        outline = CACHE["outline", kecamatan]
        frame = (WIDTH - 3 * EDGE - SIDE, HEIGHT - 128 - 112)
        scale = min((frame[0] - 32) / outline["width"], (frame[1] - 32) / outline["height"])
        left = EDGE + (frame[0] - outline["width"] * scale) / 2
        top = 128 + (frame[1] - outline["height"] * scale) / 2
        zoom = PNG_WIDTH / WIDTH
        return {
            child["kode"]: main_colour(picture, child["d"], scale, left, top, zoom)
            for child in outline["children"]
        }

    return dict(cached(("picture", layer, kecamatan), read))


def main_colour(
    picture: Image.Image, path: str, scale: float, left: float, top: float, zoom: float
) -> tuple[int, ...]:
    area = largest_ring(path)
    west, south, east, north = area.buffer(-2).bounds if area.buffer(-2).area else area.bounds
    luck = random.Random(7)
    colours: Counter[tuple[int, ...]] = Counter()
    for _ in range(4000):
        x, y = luck.uniform(west, east), luck.uniform(south, north)
        if area.contains(shapely.Point(x, y)):
            at = int((left + x * scale) * zoom), int((top + y * scale) * zoom)
            pixel = picture.getpixel(at)
            assert isinstance(pixel, tuple)
            colours[tuple(int(channel) for channel in pixel)] += 1
        if colours.total() >= 400:
            break
    return colours.most_common(1)[0][0]


def largest_ring(path: str) -> Any:
    """The largest ring of an SVG path of absolute or relative whole-pixel lines."""
    rings: list[list[tuple[float, float]]] = []
    ring: list[tuple[float, float]] = []
    at, mode = (0.0, 0.0), ""
    for command, numbers in re.findall(r"([MmLlHhVvZz])([^MmLlHhVvZz]*)", path):
        values = [float(one) for one in re.findall(r"-?\d+(?:\.\d+)?", numbers)]
        mode = command
        if command in "Zz":
            rings.append(ring)
            at = ring[0] if ring else at
            ring = []
            continue
        if command in "HhVv":
            for value in values:
                x, y = at
                if command in "Hh":
                    x = value if command == "H" else x + value
                else:
                    y = value if command == "V" else y + value
                at = (x, y)
                ring.append(at)
            continue
        for x, y in zip(values[::2], values[1::2], strict=True):
            at = (x, y) if mode.isupper() else (at[0] + x, at[1] + y)
            ring.append(at)
    if ring:
        rings.append(ring)
    return max(
        (shapely.Polygon(one).buffer(0) for one in rings if len(one) > 3), key=lambda one: one.area
    )


def colour_of(pages: Pages, layer: str, field: str, value: float | None) -> Any:
    """RGB of the class that the manifest gives a value; None without one."""
    if value is None:
        return None

    def read() -> Any:
        manifest = pages.json(f"/releases/{release_of(pages)}/files/manifest.json")
        entry = next(one for one in manifest["layers"] if one["id"] == layer)
        return next(one for one in entry["fields"] if one["name"] == field)["classes"]

    classes = cached(("classes", layer), read)
    at = sum(value > edge for edge in classes["breaks"])
    colour = classes["colours"][at]
    return np.array([int(colour[place : place + 2], 16) for place in (1, 3, 5)])
