"""Report a missing or broken service, by anybody, where the kabupaten has switched it on.

Nobody is asked who they are.  The receipt that is shown afterwards leads to what becomes of it.
"""

from http import HTTPStatus

from fastapi import APIRouter, Request, Response
from pydantic import ValidationError

from geo_service import errors
from geo_service.house import boards, citizen_reports, forms
from geo_service.ogc.params import View
from geo_service.register.item_lists import is_never_sent
from geo_service.settings import Settings
from web_map.house.base import place_map
from web_map.house.base.places import NamedPlace, PlaceNames, refuse_place
from web_map.house.base.visitors import AnyVisitor, Visitor, answer_house, lead_to
from web_map.views.readers import wilayah_by_kode

router = APIRouter(tags=["pages"])

PATH, RECEIPTS = "/rumah/laporkan", "/rumah/laporan"
FIELDS = ("desa", "layanan", "keluhan", "uraian", "bujur", "lintang")
NAMES = {"kode": "desa", "complaint": "keluhan", "text": "uraian", "lon": "bujur", "lat": "lintang"}
"""Fields of the form by what they are of a report, where it is another name."""
LABELS = {"bujur": "place.lon", "lintang": "place.lat"}


def check_open(request: Request) -> None:
    """Refuse the page as one that is not there, where reports are not switched on.

    Raises
    ------
    UnknownUrlError
        They are not.
    """
    settings: Settings = request.app.state.settings
    if not settings.register_reports:
        raise errors.UnknownUrlError("Reports are not switched on (GEO_REGISTER_REPORTS).")


@router.get(PATH)
def choose_wilayah(visitor: AnyVisitor, view: View) -> Response:
    """The wilayah to choose from, down to the kecamatan."""
    places = _open(visitor, view)
    tops = sorted(
        entry.kode for entry in wilayah_by_kode(places.release).values() if entry.parent is None
    )
    while len(tops) == 1 and len(tops[0]) < boards.LENGTH_OF_KECAMATAN:
        tops = places.parts(tops[0])
    return _answer_choice(visitor, places, tops, None)


@router.get(PATH + "/{kode}")
def report_form(visitor: AnyVisitor, view: View, kode: str) -> Response:
    """The form of a kecamatan, or of one desa in it; above it the wilayah to choose from."""
    places = _open(visitor, view)
    if len(kode) < boards.LENGTH_OF_KECAMATAN and places.knows(kode):
        return _answer_choice(visitor, places, places.parts(kode), kode)
    return _answer_form(visitor, places, kode)


@router.post(PATH + "/{kode}")
def report(visitor: AnyVisitor, view: View, kode: str) -> Response:
    """Keep the report and show its receipt; or mark the place, or say what is missing."""
    places = _open(visitor, view)
    villages = _villages(places, kode)
    point = place_map.tapped(visitor, places.release.outline(kode[: boards.LENGTH_OF_KECAMATAN]))
    if point is not None:
        return _answer_form(visitor, places, kode, place=point)
    say = visitor.words.say
    try:
        need = _read(visitor)
        if need.kode not in villages or need.layanan not in (None, *_services(places)):
            raise refuse_place(need.kode)
        address = forms.client_of(visitor.request)
        receipt = citizen_reports.CitizenReports(visitor.register).add(
            need, address, visitor.moment
        )
    except ValidationError as error:
        key = str(error.errors()[0]["loc"][0])
        name = NAMES.get(key, key)
        field = say(LABELS.get(name, f"report.{name}"))
        message = say("report.field", field=field, least=citizen_reports.SHORTEST_TEXT)
        return _answer_form(visitor, places, kode, message, HTTPStatus.BAD_REQUEST)
    except errors.TooManyRequestsError:
        message = say("report.too_many")
        return _answer_form(visitor, places, kode, message, HTTPStatus.TOO_MANY_REQUESTS)
    more = "&lang=en" if visitor.words.language == "en" else ""
    return lead_to(visitor, f"{RECEIPTS}?nomor={receipt}{more}")


@router.get(PATH + "/{kode}/peta")
def report_map(visitor: AnyVisitor, view: View, kode: str) -> Response:
    """The map of the form as a picture."""
    places = _open(visitor, view)
    _villages(places, kode)
    outline = places.release.outline(kode[: boards.LENGTH_OF_KECAMATAN])
    if outline is None:
        raise refuse_place(kode)
    return place_map.answer_map(visitor, outline)


@router.get(RECEIPTS)
def receipt_page(visitor: AnyVisitor, view: View) -> Response:
    """What became of the report of a receipt."""
    places = _open(visitor, view)
    receipt = visitor.request.query_params.get("nomor", "")[:40]
    report = citizen_reports.CitizenReports(visitor.register).find(receipt) if receipt else None
    number = citizen_reports.group_receipt(receipt) if report is not None else receipt
    item = report.item if report is not None else None
    is_public = item is not None and not is_never_sent(visitor.register.item(item))
    values = {"receipt": number, "report": report, "places": places, "is_public": is_public}
    status = HTTPStatus.NOT_FOUND if receipt and report is None else HTTPStatus.OK
    answer = answer_house(visitor, "citizen_report/receipt.html", values, status)
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


def _open(visitor: Visitor, view: View) -> PlaceNames:
    check_open(visitor.request)
    return PlaceNames(view.release, visitor.words)


def _villages(places: PlaceNames, kode: str) -> dict[str, str]:
    """Names of the desa that a report of this address may be about."""
    villages = places.desa_of(kode[: boards.LENGTH_OF_KECAMATAN])
    if len(kode) > boards.LENGTH_OF_KECAMATAN:
        villages = {desa: nama for desa, nama in villages.items() if desa == kode}
    if not villages:
        raise refuse_place(kode)
    return dict(villages)


def _services(places: PlaceNames) -> dict[str, str]:
    return {service.id: places.words.text(service.title) for service in places.release.services}


def _read(visitor: Visitor) -> citizen_reports.ReportedNeed:
    values: dict[str, object] = {
        "kode": visitor.field("desa"),
        "layanan": visitor.field("layanan") or None,
        "complaint": visitor.field("keluhan"),
        "text": visitor.field("uraian"),
    }
    for name, key in (("bujur", "lon"), ("lintang", "lat")):
        if text := visitor.field(name):
            degrees = place_map.read_degrees(text)
            values[key] = text if degrees is None else degrees
    return citizen_reports.ReportedNeed.model_validate(values)


def _answer_choice(
    visitor: Visitor, places: PlaceNames, codes: list[str], kode: str | None
) -> Response:
    above = [*places.above(kode), NamedPlace(kode, places.title(kode))] if kode else []
    named = [NamedPlace(code, places.title(code)) for code in codes]
    values = {"above": above, "parts": sorted(named, key=lambda place: place.title), "receipt": ""}
    return answer_house(visitor, "citizen_report/choose.html", values, has_form=True)


def _answer_form(
    visitor: Visitor,
    places: PlaceNames,
    kode: str,
    message: str = "",
    status: int = HTTPStatus.OK,
    place: tuple[float, float] | None = None,
) -> Response:
    villages = _villages(places, kode)
    typed = {name: visitor.field(name) for name in FIELDS}
    if place is not None:
        typed |= {"bujur": f"{place[0]:.5f}", "lintang": f"{place[1]:.5f}"}
    if len(villages) == 1:
        (typed["desa"],) = villages
    kecamatan = kode[: boards.LENGTH_OF_KECAMATAN]
    values = {
        "kode": kode,
        "title": places.title(kecamatan),
        "villages": sorted(villages.items(), key=lambda pair: pair[1]),
        "services": _services(places),
        "complaints": citizen_reports.COMPLAINTS,
        "typed": typed,
        "message": message,
        "picture": place_map.picture_size(places.release.outline(kecamatan)),
        "longest": citizen_reports.LONGEST_TEXT,
        "days": citizen_reports.KEPT_FOR.days,
    }
    return answer_house(
        visitor, "citizen_report/citizen_report.html", values, status, has_form=True
    )
