"""The collection ``tindak-lanjut`` of OGC API - Features: each item of the register as it is now.

It is no layer of a release: its features change with every event, so nothing below
``/releases/`` leads to it.  A feature lies where a proposal was marked, else at a point of its
desa.
"""

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Annotated, Any, Literal
from urllib.parse import quote, urlencode

import orjson
import shapely
import sqlalchemy as sa
from fastapi import APIRouter, Depends, Query, Request, Response

from geo_service import errors
from geo_service.http import link_types
from geo_service.ogc import json_schemas, params
from geo_service.register.event_store import Register
from geo_service.register.item_lists import ITEM, REFUSALS, TASK, day_of, is_public, lies_in
from geo_service.releases.release import Release, once_per_release
from layers.release import citation, manifest_file

ID = "tindak-lanjut"
ADDRESS = f"/collections/{ID}"
NEEDS = ("needs", "synchronisation")
MOST_DESA = 20_000
"""Desa that a box may meet: more are asked for by their wilayah."""
CSV_TYPE = "text/csv; charset=utf-8"
INDONESIA = (94.9, -11.1, 141.1, 6.2)

_FIELDS: Sequence[tuple[str, Literal["string", "integer", "number", "date"], str, str]] = (
    ("kode", "string", "Kode desa", "Code of the desa"),
    ("desa", "string", "Nama desa", "Name of the desa"),
    ("layanan", "string", "Layanan", "Service"),
    ("ukuran", "string", "Ukuran", "Measure"),
    ("judul", "string", "Judul usulan", "Title of a proposal"),
    ("keadaan", "string", "Keadaan tanggapan", "State of the response"),
    ("lewat_tenggat", "integer", "Lewat tenggat (1: ya)", "Overdue (1: yes)"),
    ("tenggat", "date", "Tenggat terdekat", "Next due date"),
    ("terpenuhi_tahun", "integer", "Terpenuhi menurut data tahun", "Met by the data of"),
    ("penerima", "string", "Penerima", "Addressees"),
    ("dijawab", "integer", "Penerima yang sudah menjawab", "Addressees that answered"),
    ("alasan", "string", "Alasan penolakan", "Reasons of refusal"),
    ("dokumen", "string", "Dokumen anggaran", "Document of the budget"),
    ("tahun_anggaran", "integer", "Tahun anggaran", "Year of the budget"),
    ("anggaran_idr", "number", "Anggaran (rupiah)", "Budget (rupiah)"),
    ("berubah", "string", "Terakhir berubah", "Last changed"),
    ("url", "string", "Halaman", "Page"),
)
LAYER = manifest_file.LayerEntry(
    id="tindak_lanjut",
    level="point",
    title=manifest_file.Text(id="Tanggapan atas kebutuhan", en="Responses to needs"),
    description=manifest_file.Text(
        id="Apa yang terjadi dengan tiap kebutuhan: dikirim kepada siapa, dijawab apa.",
        en="What became of each need: sent to whom, answered how.",
    ),
    fields=tuple(
        manifest_file.FieldEntry(name=name, type=kind, title=manifest_file.Text(id=id_, en=en))
        for name, kind, id_, en in _FIELDS
    ),
    tile_fields=(),
    count=0,
    bbox_lonlat=INDONESIA,
    min_zoom=0,
    max_zoom=0,
)

router = APIRouter(prefix=ADDRESS, tags=["layers"])
JsonFormat = params.JsonFormat


def check_open(release: Release) -> None:
    """Nothing, where this reader may see the needs of a release.

    Raises
    ------
    TokenNeededError, TokenScopeError
        They are only for who shows a token: so is what became of them.
    """
    for layer in NEEDS:
        if release.is_closed(layer):
            release.layer(layer)


def describe(view: params.ReleaseView) -> dict[str, object]:
    """The collection, as `/collections` lists it."""
    address, title = f"{view.root}{ADDRESS}", LAYER.title.id
    schema = f"{link_types.OGC_REL}/schema"
    return {
        "id": ID,
        "title": title,
        "description": LAYER.description.id,
        "extent": {"spatial": {"bbox": [_extent(view.release)], "crs": link_types.CRS84}},
        "itemType": "feature",
        "crs": [link_types.CRS84],
        "storageCrs": link_types.CRS84,
        "links": [
            link_types.make_link(address, "self", link_types.JSON, title),
            link_types.make_link(f"{address}/items", "items", link_types.GEOJSON, title),
            link_types.make_link(f"{address}/items?f=csv", "items", CSV_TYPE, title),
            link_types.make_link(f"{address}/items?f=xlsx", "items", link_types.XLSX, title),
            link_types.make_link(
                f"{address}/schema/feature", "describedBy", link_types.SCHEMA_JSON, title
            ),
            link_types.make_link(f"{address}/schema", schema, link_types.SCHEMA_JSON, title),
        ],
    }


def _extent(release: Release) -> list[float]:
    """The box of the desa: a map that opens the collection looks there."""
    desa = release.layers.get("desa")
    return list(INDONESIA if desa is None or release.is_closed("desa") else desa.bbox_lonlat)


def describe_if_open(view: params.ReleaseView) -> list[dict[str, object]]:
    """The collection, where this reader may see it and the request names no release."""
    is_open = not view.is_pinned and not any(map(view.release.is_closed, NEEDS))
    return [describe(view)] if is_open else []


@router.get("")
def responses(view: params.View, f: JsonFormat = None) -> Response:
    """What became of each need: links to the features and their schema."""
    del f
    check_open(view.release)
    return link_types.document(describe(view))


@router.get("/schema")
def responses_schema(view: params.View, f: JsonFormat = None) -> Response:
    """The properties of the items of the register."""
    del f
    schema = json_schemas.properties_schema(LAYER, f"{view.root}{ADDRESS}/schema")
    schema["properties"]["id"]["type"] = "string"
    return link_types.document(schema, link_types.SCHEMA_JSON)


@router.get("/schema/feature")
def responses_feature(view: params.View, f: JsonFormat = None) -> Response:
    """A whole GeoJSON feature, as older GDAL versions read it."""
    del f
    schema = json_schemas.feature_schema(LAYER, f"{view.root}{ADDRESS}/schema/feature")
    schema["properties"]["id"]["type"] = "string"
    return link_types.document(schema, link_types.SCHEMA_JSON)


class ItemFilters:
    """Which items are asked for: a dependency that collects the filters of a request."""

    def __init__(
        self,
        request: Request,
        bbox: Annotated[str | None, Query(description="west,south,east,north (CRS84).")] = None,
        kode: Annotated[str | None, Query(description="Code of a wilayah.")] = None,
        layanan: Annotated[str | None, Query(description="Id of a service.")] = None,
        keadaan: Annotated[str | None, Query(description="State of the response.")] = None,
        penerima: Annotated[str | None, Query(description="Name of an addressee.")] = None,
        lewat_tenggat: Annotated[Literal["0", "1"] | None, Query(description="Overdue.")] = None,
    ) -> None:
        self.box = None if bbox is None else params.parse_bbox(bbox)
        if kode is not None and not re.fullmatch(manifest_file.KODE, kode):
            raise errors.MalformedParameterError(f"kode: {kode[:20]!r} is no code of a wilayah.")
        self.equals = {ITEM.c.layanan: layanan, ITEM.c.state: keadaan}
        self.kode, self.penerima, self.is_overdue = kode, penerima, lewat_tenggat
        token = request.scope.get("geo_token")
        self.areas: tuple[str, ...] = () if token is None else token.areas

    def clause(self, release: Release, today: date) -> sa.ColumnElement[bool]:
        """The items that meet all of it and that this reader may see."""
        clauses = [is_public(), lies_in(ITEM.c.kode, self.kode)]
        clauses += [column == value for column, value in self.equals.items() if value is not None]
        if self.penerima is not None:
            clauses.append(
                sa.exists().where(TASK.c.item == ITEM.c.id, TASK.c.nama == self.penerima)
            )
        if self.is_overdue is not None:
            is_late = sa.and_(ITEM.c.due.is_not(None), ITEM.c.due < today.isoformat())
            clauses.append(is_late if self.is_overdue == "1" else sa.not_(is_late))
        if self.box is not None:
            clauses.append(_in_box(release, self.box))
        if self.areas and release.open_rows(NEEDS[0]) is not None:
            clauses.append(sa.or_(*(lies_in(ITEM.c.kode, area) for area in self.areas)))
        return sa.and_(*clauses)


@router.get("/items", dependencies=[Depends(params.check_datetime)])
def responses_items(
    request: Request,
    view: params.View,
    choice: Annotated[ItemFilters, Depends()],
    limit: params.Limit = params.DEFAULT_LIMIT,
    offset: params.Offset = 0,
    f: Annotated[
        Literal["json", "geojson", "csv", "xlsx"] | None,
        Query(description="GeoJSON, or a table."),
    ] = None,
) -> Response:
    """The items of the register as they are now, by code, service and measure."""
    check_open(view.release)
    request.scope["geo_live"] = True
    register: Register = request.app.state.register
    clause, is_table = choice.clause(view.release, day_of(datetime.now(UTC))), f in ("csv", "xlsx")
    is_whole = is_table and "limit" not in request.query_params
    size = params.MAXIMUM_LIMIT if is_whole else min(limit, params.MAXIMUM_LIMIT)
    order = (ITEM.c.kode, ITEM.c.layanan, ITEM.c.ukuran, ITEM.c.id)
    query = sa.select(ITEM).where(clause).order_by(*order).limit(size).offset(min(offset, 2**31))
    features = _features(register, view, register.rows(query))
    if is_table:
        return _table(features, f or "")
    (matched,) = register.rows(sa.select(sa.func.count()).select_from(ITEM).where(clause))[0]
    links = _links(request, view, (offset, size, int(matched)))
    body = {
        "type": "FeatureCollection",
        "numberMatched": int(matched),
        "numberReturned": len(features),
        "links": links,
        "features": features,
    }
    headers = {"Link": link_types.link_header(links), "Content-Crs": f"<{link_types.CRS84}>"}
    return Response(orjson.dumps(body), media_type=link_types.GEOJSON, headers=headers)


@router.get("/items/{featureId}")
def responses_item(
    request: Request, view: params.View, feature_id: params.FeatureId, f: JsonFormat = None
) -> Response:
    """One item of the register by its id."""
    del f
    check_open(view.release)
    request.scope["geo_live"] = True
    register: Register = request.app.state.register
    clause = ItemFilters(request).clause(view.release, day_of(datetime.now(UTC)))
    query = sa.select(ITEM).where(clause, ITEM.c.id == feature_id)
    for feature in _features(register, view, register.rows(query)):
        address = f"{view.root}{ADDRESS}"
        links = [
            link_types.make_link(f"{address}/items/{feature_id}", "self", link_types.GEOJSON),
            link_types.make_link(address, "collection", link_types.JSON),
        ]
        return link_types.document({**feature, "links": links}, link_types.GEOJSON)
    raise errors.UnknownFeatureError(f"No item {feature_id!r} in the register.")


def _features(
    register: Register, view: params.ReleaseView, rows: Sequence[sa.Row[Any]]
) -> list[dict[str, Any]]:
    tasks: dict[str, list[sa.Row[Any]]] = {}
    of_items = sa.select(TASK).where(TASK.c.item.in_([row.id for row in rows]))
    for task in register.rows(of_items.order_by(TASK.c.jenis, TASK.c.nama)) if rows else ():
        tasks.setdefault(task.item, []).append(task)
    today = day_of(datetime.now(UTC)).isoformat()
    return [
        _feature(view, row, tasks.get(row.id, []), is_late=bool(row.due and row.due < today))
        for row in rows
    ]


def _feature(
    view: params.ReleaseView, row: sa.Row[Any], tasks: Sequence[sa.Row[Any]], *, is_late: bool
) -> dict[str, Any]:
    name, point = desa_place(view.release, row.kode)
    if row.lon is not None and row.lat is not None:
        point = row.lon, row.lat
    amounts = [task.amount_idr for task in tasks if task.amount_idr is not None]
    return {
        "type": "Feature",
        "id": row.id,
        "geometry": None if point is None else {"type": "Point", "coordinates": list(point)},
        "properties": {
            "kode": row.kode,
            "desa": name,
            "layanan": row.layanan,
            "ukuran": row.ukuran,
            "judul": row.title,
            "keadaan": row.state,
            "lewat_tenggat": int(is_late),
            "tenggat": row.due,
            "terpenuhi_tahun": row.met_tahun,
            "penerima": _joined(task.nama for task in tasks),
            "dijawab": sum(task.answer is not None for task in tasks) if tasks else None,
            "alasan": _joined(task.reason for task in tasks if task.state in REFUSALS),
            "dokumen": _joined(task.document for task in tasks),
            "tahun_anggaran": max((t.tahun for t in tasks if t.tahun is not None), default=None),
            # A number, as the schema says: QGIS takes its type from how it is written.
            "anggaran_idr": float(sum(amounts)) if amounts else None,
            "berubah": row.changed,
            "url": f"{view.root}/rumah/butir/{row.id}",
        },
    }


def _joined(texts: Iterable[str | None]) -> str | None:
    return "; ".join(dict.fromkeys(text for text in texts if text)) or None


@once_per_release
def _desa_rows(release: Release) -> Mapping[str, int]:
    """The row of each desa in its layer, by code; none where the layer is not for this reader."""
    if release.is_closed("desa") or "desa" not in release.layers:
        return {}
    codes = release.features("desa").property_column("kode").texts()
    return {kode: row for row, kode in enumerate(codes) if kode is not None}


@once_per_release
def desa_place(release: Release, kode: str) -> tuple[str | None, tuple[float, float] | None]:
    """The name of a desa and a point in it; None where the release does not know them."""
    row = _desa_rows(release).get(kode)
    if row is None:
        return None, None
    features = release.features("desa")
    name = str(features.property_column("nama").value(row))
    geometry = features.geometry(row)
    if geometry is None:
        return name, None
    shape = shapely.from_geojson(orjson.dumps(geometry))
    point = shapely.point_on_surface(shape)
    return name, (round(point.x, 6), round(point.y, 6))


def _in_box(release: Release, box: tuple[float, float, float, float]) -> sa.ColumnElement[bool]:
    """The items that lie in a box; `desa_place` is asked only of desa on its edge."""
    west, south, east, north = box
    rows = _desa_rows(release)
    inside: list[str] = []
    if rows:
        features = release.features("desa")
        meets = features.near(box)
        for kode, row in rows.items():
            bounds = features.bbox(row) if meets[row] else None
            if bounds is None:
                continue
            is_whole = west <= bounds[0] and bounds[2] <= east
            if not (is_whole and south <= bounds[1] and bounds[3] <= north):
                point = desa_place(release, kode)[1]
                if not (point and west <= point[0] <= east and south <= point[1] <= north):
                    continue
            inside.append(kode)
    if len(inside) > MOST_DESA:
        raise errors.CostlySelectionError(
            f"bbox: {len(inside)} desa lie in it; ask for at most {MOST_DESA}, or name kode."
        )
    marked = sa.and_(ITEM.c.lon.between(west, east), ITEM.c.lat.between(south, north))
    return sa.or_(marked, sa.and_(ITEM.c.lon.is_(None), ITEM.c.kode.in_(inside)))


def _table(features: Sequence[Mapping[str, Any]], ending: str) -> Response:
    """The features as a table: CSV, or a workbook that stays the same while they do."""
    rows: list[list[Any]] = [["id", *(name for name, *_ in _FIELDS), "lon", "lat"]]
    for feature in features:
        point = feature["geometry"]["coordinates"] if feature["geometry"] else (None, None)
        cells = feature["properties"].values()
        rupiah = (int(cell) if isinstance(cell, float) else cell for cell in cells)
        rows.append([feature["id"], *rupiah, *point])
    headers = {"Content-Disposition": f'attachment; filename="{ID}.{ending}"'}
    if ending == "xlsx":
        # Loaded when first asked.
        from layers.release.workbook_writer import WorkbookSheet, workbook_bytes

        sheet = WorkbookSheet(LAYER.title.id, rows, (18,) * len(rows[0]), has_head=True)
        body = workbook_bytes((sheet,), datetime(2000, 1, 1, tzinfo=UTC))
        return Response(body, media_type=link_types.XLSX, headers=headers)
    text = io.StringIO(newline="")
    csv.writer(text).writerows([citation.inert(cell) for cell in row] for row in rows)
    return Response(text.getvalue().encode("utf-8-sig"), media_type=CSV_TYPE, headers=headers)


def _links(
    request: Request, view: params.ReleaseView, window: tuple[int, int, int]
) -> list[link_types.Link]:
    """Links to this page and its neighbours; ``window`` is offset, limit and how many match."""
    offset, limit, matched = window
    given = [pair for pair in request.query_params.multi_items() if pair[0] != "offset"]

    def page_url(start: int) -> str:
        pairs = [*given, *([("offset", str(start))] if start else [])]
        query = urlencode(pairs, safe=",:/", quote_via=quote)
        return f"{view.root}{ADDRESS}/items{f'?{query}' if query else ''}"

    collection = f"{view.root}{ADDRESS}"
    links = [
        link_types.make_link(page_url(offset), "self", link_types.GEOJSON),
        link_types.make_link(collection, "collection", link_types.JSON),
    ]
    if offset + limit < matched:
        following = view.carried(page_url(offset + limit))
        links.append(link_types.make_link(following, "next", link_types.GEOJSON))
    if offset > 0:
        before = view.carried(page_url(max(0, offset - limit)))
        links.append(link_types.make_link(before, "prev", link_types.GEOJSON))
    return links
