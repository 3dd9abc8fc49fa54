"""A proposal raised by hand: what, where and for how much, by the desa or the kecamatan.

The place is marked by tapping the map, which is a button of the form: it works without script, and
what was typed comes back with the mark.
"""

from collections.abc import Mapping
from http import HTTPStatus

from fastapi import APIRouter, Response
from pydantic import ValidationError

from geo_service import errors
from geo_service.access.token_file import lies_in
from geo_service.house.boards import LENGTH_OF_KECAMATAN, is_code
from geo_service.register import records
from layers.release.drawing_file import Outline
from web_map.house.base import place_map
from web_map.house.base.visitors import AnyMember, Member, answer_house, lead_to

router = APIRouter(tags=["pages"])

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
LABELS = {"bujur": "place.lon", "lintang": "place.lat"}


@router.get("/rumah/usulan")
def proposal_form(member: AnyMember) -> Response:
    """The empty form."""
    return _answer(member)


@router.post("/rumah/usulan")
def raise_proposal(member: AnyMember) -> Response:
    """Raise what was typed, or mark the place that was tapped; or say what is missing."""
    _check_role(member)
    point = place_map.tapped(member, _outline(member))
    if point is not None:
        return _answer(member, place=point)
    say = member.words.say
    try:
        raised = _raised(member)
        item, _ = member.register.raise_item(raised, member.person.actor, member.moment)
    except ValidationError as error:
        field = next((name for name, key in FIELDS.items() if key in error.errors()[0]["loc"]), "")
        message = say("proposal.field", field=say(LABELS.get(field, f"proposal.{field or 'desa'}")))
        return _answer(member, message, HTTPStatus.BAD_REQUEST)
    except errors.StepRefusedError:
        return _answer(member, say("proposal.refused"), HTTPStatus.BAD_REQUEST)
    return lead_to(member, f"/rumah/butir/{item.id}{member.lang}")


@router.get("/rumah/usulan/peta")
def proposal_map(member: AnyMember) -> Response:
    """The map of the form as a picture, with the mark of the place where there is one."""
    outline = _outline(member)
    if outline is None:
        raise errors.UnknownWilayahError("This release has no drawing of your kecamatan.")
    return place_map.answer_map(member, outline)


def _check_role(member: Member) -> None:
    if member.person.role not in RAISERS or member.person.area is None:
        raise errors.UnknownItemError("The desa and the kecamatan raise proposals.")


def _kecamatan(member: Member) -> str:
    return (member.person.area or "")[:LENGTH_OF_KECAMATAN]


def _outline(member: Member) -> Outline | None:
    _check_role(member)
    return member.labels.release.outline(_kecamatan(member))


def _raised(member: Member) -> records.Raised:
    """What was typed, as the beginning of an item; what cannot be read is refused by its field."""
    desa = member.field("desa") or member.person.area or ""
    said: dict[str, object] = {"kode": desa if is_code(desa) else ""}
    for name, key in FIELDS.items():
        text = member.field(name)
        if not text:
            continue
        if key in ("lon", "lat"):
            degrees = place_map.read_degrees(text)
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
        "picture": place_map.picture_size(outline),
        "title": labels.place(member.person.area),
    }
    return answer_house(member, "proposal/proposal.html", values, status)
