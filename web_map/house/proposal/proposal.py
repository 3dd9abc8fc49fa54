"""A proposal raised by hand: what, where and for how much, by the desa or the kecamatan.

The place is marked by tapping the map, which is a button of the form: it works without script, and
what was typed comes back with the mark.
"""

from collections.abc import Mapping
from http import HTTPStatus
from math import isfinite

from fastapi import APIRouter, Response
from pydantic import ValidationError

from geo_service import errors
from geo_service.access.token_file import lies_in
from geo_service.house.boards import is_code
from geo_service.register import records
from layers.release.drawing_file import Outline
from web_map.drawing import choropleth
from web_map.house.base.visitors import AnyMember, Member, answer_house, lead_to

router = APIRouter(tags=["pages"])

PICTURE_PX = 320
"""The map fits a phone; a tap tells where by the pixels of this width."""
RAISERS = ("desa", "kecamatan")
FIELDS = {
    "judul": "title",
    "layanan": "layanan",
    "kegiatan": "activity",
    "biaya": "amount_idr",
    "tahun": "tahun",
    "bujur": "lon",
    "lintang": "lat",
}
"""Fields of the form, and what they are of the item."""
CHOSEN, OTHER = "#bcd9de", "#eef2f3"


@router.get("/rumah/usulan")
def proposal_form(member: AnyMember) -> Response:
    """The empty form."""
    return _answer(member)


@router.post("/rumah/usulan")
def raise_proposal(member: AnyMember) -> Response:
    """Raise what was typed, or mark the place that was tapped; or say what is missing."""
    _check_role(member)
    point = _tapped(member)
    if point is not None:
        return _answer(member, place=point)
    say = member.words.say
    try:
        raised = _raised(member)
        item, _ = member.register.raise_item(raised, member.person.actor, member.moment)
    except ValidationError as error:
        field = next((name for name, key in FIELDS.items() if key in error.errors()[0]["loc"]), "")
        message = say("proposal.field", field=say(f"proposal.{field or 'desa'}"))
        return _answer(member, message, HTTPStatus.BAD_REQUEST)
    except errors.StepRefusedError:
        return _answer(member, say("proposal.refused"), HTTPStatus.BAD_REQUEST)
    return lead_to(member, f"/rumah/butir/{item.id}{member.lang}")


@router.get("/rumah/usulan/peta")
def place_map(member: AnyMember) -> Response:
    """The map of the form as a picture, with the mark of the place where there is one."""
    outline = _outline(member)
    if outline is None:
        raise errors.UnknownWilayahError("This release has no drawing of your kecamatan.")
    query = member.request.query_params
    lon, lat = _degrees(query.get("bujur", "")), _degrees(query.get("lintang", ""))
    chosen = query.get("desa", "")
    shapes = {
        child.kode: choropleth.Shape(
            child.kode, child.nama, CHOSEN if child.kode == chosen else OTHER, child.nama
        )
        for child in outline.children
    }
    places = [] if lon is None or lat is None else [(lon, lat, member.words.say("proposal.place"))]
    drawing = choropleth.draw_choropleth(
        outline,
        shapes,
        label=member.words.say("proposal.map"),
        marks=choropleth.draw_pins(outline, places),
    )
    headers = {
        "Cache-Control": "private, no-store",
        "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'",
    }
    return Response(str(drawing), HTTPStatus.OK, headers, "image/svg+xml")


def _check_role(member: Member) -> None:
    if member.person.role not in RAISERS or member.person.area is None:
        raise errors.UnknownItemError("The desa and the kecamatan raise proposals.")


def _kecamatan(member: Member) -> str:
    return (member.person.area or "")[: len("00.00.00")]


def _outline(member: Member) -> Outline | None:
    _check_role(member)
    return member.labels.release.outline(_kecamatan(member))


def _tapped(member: Member) -> tuple[float, float] | None:
    """Where on the map was tapped, in degrees; None where the form was sent otherwise."""
    pixels = [member.field(f"titik.{name}") for name in "xy"]
    outline = _outline(member)
    if outline is None or not all(text.isascii() and text.isdigit() for text in pixels):
        return None
    frame = choropleth.frame_of(outline)
    across, down = (min(int(text[:5]), PICTURE_PX * 4) * frame[0] / PICTURE_PX for text in pixels)
    return choropleth.unproject(outline, across - choropleth.MARGIN, down - choropleth.MARGIN)


def _raised(member: Member) -> records.Raised:
    """What was typed, as the beginning of an item; what cannot be read is refused by its field."""
    desa = member.field("desa") or member.person.area or ""
    said: dict[str, object] = {"kode": desa if is_code(desa) else ""}
    for name, key in FIELDS.items():
        text = member.field(name)
        if not text:
            continue
        if key in ("lon", "lat"):
            degrees = _degrees(text)
            said[key] = text if degrees is None else degrees
        else:
            is_number = key in ("amount_idr", "tahun")
            said[key] = _whole(text) if is_number else text
    if not said.get("title"):
        said["title"] = ""
    return records.Raised.model_validate(said)


def _whole(text: str) -> object:
    digits = text.replace(".", "").replace(" ", "").removeprefix("Rp")
    return int(digits[:18]) if digits.isascii() and digits.isdigit() else text


def _degrees(text: str) -> float | None:
    """A finite number of degrees, also with a decimal comma; None where it is none."""
    try:
        degrees = float(text.replace(",", ".")[:20])
    except ValueError:
        return None
    return degrees if isfinite(degrees) else None


def _answer(
    member: Member,
    message: str = "",
    status: int = HTTPStatus.OK,
    place: tuple[float, float] | None = None,
) -> Response:
    _check_role(member)
    kecamatan, outline = _kecamatan(member), _outline(member)
    typed = {name: member.field(name) for name in (*FIELDS, "desa")}
    if place is not None:
        typed |= {"bujur": f"{place[0]:.5f}", "lintang": f"{place[1]:.5f}"}
    labels = member.labels
    villages = labels.villages(kecamatan)
    if member.person.role == "desa":
        villages = [pair for pair in villages if lies_in(pair[0], (member.person.area or "",))]
        typed["desa"] = member.person.area or ""
    values: Mapping[str, object] = {
        "typed": typed,
        "message": message,
        "villages": villages,
        "services": [(one.id, member.words.text(one.title)) for one in labels.release.services],
        "year": member.moment.year + 1,
        "picture": None if outline is None else _picture_size(outline),
        "title": labels.place(member.person.area),
    }
    return answer_house(member, "proposal/proposal.html", values, status)


def _picture_size(outline: Outline) -> tuple[int, int]:
    width, height = choropleth.frame_of(outline)
    return PICTURE_PX, round(PICTURE_PX * height / width)
