"""What the features of a layer are asked with: which of them, in what order, and in what form."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated, Literal, TypeAlias

import numpy as np
from fastapi import Query, Request

from geo_service.errors import MalformedParameterError
from geo_service.http import parameter_names, query_numbers
from geo_service.http.link_types import CRS84
from geo_service.ogc import params
from geo_service.ogc.filtering import crs, filters
from layers.release import array_kinds
from layers.release.feature_index import RowSpan
from layers.release.features import Box, FeatureIndex

MOST_IDS = 1000
Format: TypeAlias = Literal[
    "json", "geojson", "csv", "csv-excel", "geojson-file", "geojsonl", "fgb", "xlsx"
]


@dataclass(frozen=True, slots=True)
class Area:
    """A box, and the system that its numbers are of."""

    box: Box
    uri: str


async def asked_area(
    bbox: Annotated[
        str | None,
        Query(
            description="Only features that meet this box: west,south,east,north (CRS84), or the "
            "two corners in the order of the axes of bbox-crs.",
            examples=["122.5,-8.6,123.5,-8.1"],
        ),
    ] = None,
    bbox_crs: Annotated[
        str | None, Query(alias="bbox-crs", description="Coordinate system of bbox, by its URI.")
    ] = None,
) -> Area | None:
    """The asked box, or None (see `params.parse_bbox`)."""
    uri = CRS84 if bbox_crs is None else crs.read_crs("bbox-crs", bbox_crs)
    return None if bbox is None else Area(crs.clipped_box(params.parse_bbox(bbox), uri), uri)


async def asked_crs(
    name: Annotated[
        str | None,
        Query(alias="crs", description="Coordinate system of the answer, by its URI."),
    ] = None,
) -> str:
    """The URI of the system that the coordinates are wanted in."""
    return CRS84 if name is None else crs.read_crs("crs", name)


@dataclass(frozen=True, slots=True)
class Condition:
    """A filter as it was written, and the system of the coordinates in it."""

    text: str
    language: filters.Language
    uri: str


async def asked_condition(
    text: Annotated[
        str | None, Query(alias="filter", description="A condition on the features, in CQL2.")
    ] = None,
    language: Annotated[
        filters.Language,
        Query(
            alias="filter-lang",
            description="How the condition is written; cql-text is what GDAL calls CQL2 text.",
        ),
    ] = "cql2-text",
    uri: Annotated[
        str | None,
        Query(alias="filter-crs", description="Coordinate system of filter, by its URI."),
    ] = None,
) -> Condition | None:
    """The filter, or None."""
    of_text = CRS84 if uri is None else crs.read_crs("filter-crs", uri)
    return None if text is None else Condition(text, language, of_text)


@dataclass(frozen=True, slots=True)
class ItemChoice:
    """Which features by their ids, in what order, and which of their properties; as written."""

    ids: tuple[str, ...] | None
    sort: tuple[str, ...]
    properties: tuple[str, ...] | None


async def asked_choice(
    ids: Annotated[
        str | None,
        Query(
            description="Only the features of these ids, or codes, separated by commas.",
            examples=["53.06.13.2004,53.06.13.2005"],
        ),
    ] = None,
    sortby: Annotated[
        str | None,
        Query(
            description="Names of properties to sort by, each with '-' before it for falling "
            "order; what has no value comes last.",
            examples=["-penduduk_jiwa"],
        ),
    ] = None,
    properties: Annotated[
        str | None,
        Query(description="Only these properties, separated by commas.", examples=["kode,nama"]),
    ] = None,
) -> ItemChoice:
    """Lists of the query; a part that is empty is refused."""
    sort = _parts("sortby", sortby) or ()
    return ItemChoice(_parts("ids", ids), sort, _parts("properties", properties))


def _parts(name: str, text: str | None) -> tuple[str, ...] | None:
    if text is None:
        return None
    parts = tuple(part.strip() for part in text.split(","))
    if not all(parts) or len(parts) > MOST_IDS:
        raise MalformedParameterError(f"{name}: expected 1 to {MOST_IDS} names between commas.")
    return parts


def find_row(features: FeatureIndex, text: str) -> int | None:
    """The row of a feature by its id, or by its code as it is officially written.

    None where there is none, or where several features have the code.
    """
    number = query_numbers.whole_number(text)
    if number is not None and str(number) == text:
        return features.row_of(number)
    if not features.has_property("kode"):
        return None
    rows = np.flatnonzero(features.property_column("kode").equal_to(text))
    return int(rows[0]) if len(rows) == 1 else None


def rows_of_ids(features: FeatureIndex, ids: Iterable[str]) -> array_kinds.Mask:
    """Which features have one of the ids; ids that none has select nothing."""
    mask = np.zeros(features.count, np.bool_)
    mask[[row for text in ids if (row := find_row(features, text)) is not None]] = True
    return mask


def sort_rows(
    features: FeatureIndex, rows: array_kinds.Rows, names: tuple[str, ...]
) -> array_kinds.Rows:
    """Rows in the order of properties; equal ones stay as they are, nulls come last.

    Raises
    ------
    UnknownParameterError
        The layer has no such property.
    """
    keys: list[array_kinds.Floats] = []
    for name in names:
        # A '+' that was not escaped arrives as a space, which was taken off.
        falls, plain = name.startswith("-"), name.lstrip("+-")
        check_properties((plain,), features.properties)
        column = features.property_column(plain)
        values = column.cells.some(RowSpan.of(rows)).astype(np.float64)
        is_null = column.is_null()[rows]
        keys.append(np.where(is_null, np.inf, -values if falls else values))
    return rows[np.lexsort(keys[::-1])] if keys else rows


def check_properties(names: Iterable[str], known: Iterable[str]) -> None:
    """Refuse names that are no property, with the nearest one that is.

    Raises
    ------
    UnknownParameterError
        The first name that the layer does not have.
    """
    declared = list(known)
    for text in names:
        if text not in declared:
            parameter_names.refuse_name(text, declared)


ItemsFormat = Annotated[
    Format | None,
    Query(
        description="GeoJSON by default; csv, geojsonl (one feature a line), fgb (FlatGeobuf) and "
        "xlsx hold all that matches, unless limit says how much."
    ),
]


def read_limit(request: Request, limit: int, form: str) -> int | None:
    """How many features are wanted at most; None for all."""
    if form in {"json", "geojson"}:
        return min(limit, params.MAXIMUM_LIMIT)
    return limit if "limit" in request.query_params else None
