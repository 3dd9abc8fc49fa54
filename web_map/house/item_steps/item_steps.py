"""The steps that who is signed in may make with an item, and what happened to it, with names."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from http import HTTPStatus

from fastapi import APIRouter, Response
from pydantic import ValidationError

from geo_service import errors
from geo_service.house import boards, choices, evidence_files, house
from geo_service.register import records, replaying
from web_map.house.base.places import Labels
from web_map.house.base.visitors import AnyMember, Member, Visitor, answer_house, day_text, lead_to

router = APIRouter(tags=["pages"])

FIELDS = {
    "to": "text",
    "due": "date",
    "day": "date",
    "reason": "long",
    "document": "choice",
    "tahun": "number",
    "amount_idr": "number",
}
"""What a step may have to say, and how it is typed."""
FURTHER = {"send": ("letter", "note"), "budget": ("activity", "note")}
DOCUMENTS = ("RKPDes", "APBDes", "RKPD", "APBD")
LARGEST_NUMBER = 10**15
LONGEST_TITLE = 200
_ITEM_ID = re.compile(r"[0-9a-f]{16}", re.ASCII)


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """One event in words: when, who, what, and what was said."""

    number: int
    day: str
    who: str
    what: str
    said: tuple[tuple[str, str], ...]
    is_new: bool


@router.post("/rumah/butir/{item_id}")
def make_step(member: AnyMember, item_id: str) -> Response:
    """Make a step; or say why not, what changed since the form was shown, and what is possible."""
    item = read_item(member, item_id)
    labels = member.labels
    seen = _number(member.field("versi")) or 0
    if item.version != seen:
        message = member.words.say("steps.changed")
        return _answer(member, item, message, seen, HTTPStatus.CONFLICT)
    try:
        content = _stepped(member)
    except ValidationError as error:
        field = str(error.errors()[0]["loc"][0])
        name = member.words.say(f"step.{field}") if member.words.knows(f"step.{field}") else field
        message = member.words.say("steps.field", field=name)
        return _answer(member, item, message, None, HTTPStatus.BAD_REQUEST)
    if content.step not in {step.id for step in member.register.way.steps}:
        message = refusal_text(member, labels, item, content)
        return _answer(member, item, message, None, HTTPStatus.CONFLICT)
    try:
        member.register.add(item, (content,), member.person.actor, member.moment)
    except errors.RegisterConflictError:
        message = member.words.say("steps.changed")
        return _answer(member, read_item(member, item_id), message, seen, HTTPStatus.CONFLICT)
    except errors.StepRefusedError:
        message = refusal_text(member, labels, item, content)
        return _answer(member, item, message, None, HTTPStatus.CONFLICT)
    return lead_to(member, f"/rumah/butir/{item.id}{member.lang}")


@router.post("/rumah/butir/{item_id}/berkas")
def attach_file(member: AnyMember, item_id: str) -> Response:
    """Keep a photograph or document as evidence of an item; or say why not."""
    item, files = read_item(member, item_id), house.files_of(member.request)
    words, actor, title = member.words, member.person.actor, member.field("judul")
    body: bytes = member.request.state.file
    if files is None or not choices.may_attach(item, actor):
        raise errors.UnknownItemError(f"No files of {item_id!r} are kept here for you.")
    if not body or not 1 <= len(title) <= LONGEST_TITLE:
        message = words.say("files.unnamed")
        return _answer(member, item, message, None, HTTPStatus.BAD_REQUEST)
    try:
        kept = files.keep(body, with_place=member.field("lokasi") == "1")
    except errors.EvidenceRefusedError:
        message = words.say("files.refused")
        return _answer(member, item, message, None, HTTPStatus.BAD_REQUEST)
    attached = records.Attached(
        sha256=kept.sha256, media_type=kept.media_type, size=kept.size, title=title
    )
    # Evidence holds whatever others did meanwhile.
    member.register.note([(item.id, (attached,))], actor, member.moment)
    return lead_to(member, f"/rumah/butir/{item.id}{member.lang}")


@router.get("/rumah/butir/{item_id}/berkas/{sha256}")
def send_file(member: AnyMember, item_id: str, sha256: str) -> Response:
    """A file of an item, for who may see the item; a document is never opened in our name."""
    item, files = read_item(member, item_id), house.files_of(member.request)
    found = [file for file in item.files if file.sha256 == sha256]
    if files is None or not found:
        raise errors.UnknownItemError(f"No file {sha256!r} for you.")
    media_type = found[0].media_type
    ending = media_type.rpartition("/")[2]
    how = "inline" if media_type.startswith("image/") else "attachment"
    headers = {
        "Content-Disposition": f'{how}; filename="{item.id}-{sha256[:8]}.{ending}"',
        "Content-Security-Policy": "sandbox; default-src 'none'",
        "Cache-Control": "private, no-store",
    }
    return Response(files.path(sha256, media_type).read_bytes(), 200, headers, media_type)


def read_item(member: Member, item_id: str) -> records.Item:
    """The item, where there is one that this person may see.

    Raises
    ------
    UnknownItemError
        There is none, or it is not for this person: both say the same.
    """
    item = None
    if _ITEM_ID.fullmatch(item_id):
        events = member.register.events(item_id)
        item = replaying.replay(events, member.register.way) if events else None
    if item is None or not member.person.sees(item):
        raise errors.UnknownItemError(f"No item {item_id!r} for you.")
    return item


def refusal_text(
    member: Member, labels: Labels, item: records.Item, stepped: records.Stepped
) -> str:
    """What a step must say and does not; else the state, and the steps that are possible."""
    way, words = member.register.way, member.words
    step = next((step for step in way.steps if step.id == stepped.step), None)
    needs = () if step is None else step.needs
    missing = [need for need in needs if getattr(stepped, need) in (None, "")]
    if missing:
        fields = ", ".join(words.say(f"step.{need}") for need in missing)
        return words.say("refusal.missing", fields=fields)
    possible = choices.possible_steps(item, member.person.actor, way)
    titles = ", ".join(dict.fromkeys(words.text(choice.step.title) for choice in possible))
    state = labels.state(item.state(way), way)
    if not titles:
        return words.say("refusal.none", state=state)
    return words.say("refusal.possible", state=state, steps=titles)


def _stepped(member: Member) -> records.Stepped:
    """What was typed, as an event; what cannot be read is refused by its field."""
    documents = {name: name for name in DOCUMENTS}
    said = {
        "step": member.field("langkah"),
        "task": choices.read_addressee(member.field("tugas")),
        "to": choices.read_addressee(member.field("to_baru") or member.field("to")),
        "due": choices.read_day(member.field("due")),
        "day": choices.read_day(member.field("day")),
        "reason": member.text_field("reason"),
        "letter": member.field("letter") or None,
        "document": documents.get(member.field("document")),
        "tahun": _number(member.field("tahun")),
        "amount_idr": _number(member.field("amount_idr")),
        "activity": member.field("activity") or None,
        "note": member.text_field("note"),
        "on_behalf": member.field("atas_nama") == "1",
    }
    return records.Stepped.model_validate(said)


def _number(text: str) -> int | None:
    """A whole number, also with the points of thousands; None where it is none."""
    digits = text.replace(".", "").replace(" ", "")
    is_number = digits.isascii() and digits.isdigit() and len(digits) <= len(str(LARGEST_NUMBER))
    return int(digits) if is_number else None


def desk_values(
    member: Visitor, item: records.Item, labels: Labels, seen: int | None = None
) -> Mapping[str, object] | None:
    """What the part of the page for who is signed in is filled with; None for everybody else."""
    if member.person is None or not member.person.sees(item):
        return None
    way = member.register.way
    _, addressees = boards.choices(member.register, member.person, member.person.area)
    return {
        "possible": choices.possible_steps(item, member.person.actor, way),
        "history": _history(member, labels, item, seen),
        "fields": FIELDS,
        "further": FURTHER,
        "documents": DOCUMENTS,
        "addressees": addressees,
        "typed": {name: member.field(name) for name in (*FIELDS, "letter", "activity", "note")},
        "made": (member.field("langkah"), member.field("tugas")),
        "today": member.today,
        "largest_file": house.files_of(member.request) and evidence_files.LARGEST_FILE,
        "may_attach": choices.may_attach(item, member.person.actor),
    }


def _answer(
    member: Member,
    item: records.Item,
    message: str = "",
    seen: int | None = None,
    status: int = HTTPStatus.OK,
) -> Response:
    labels = member.labels
    way = member.register.way
    values = {
        "desk": desk_values(member, item, labels, seen),
        "item": item,
        "labels": labels,
        "way": way,
        "state": item.state(way),
        "message": message,
        "today": member.today,
    }
    return answer_house(member, "item_steps/item_steps.html", values, status)


def _history(
    member: Visitor, labels: Labels, item: records.Item, seen: int | None
) -> Sequence[HistoryLine]:
    events = member.register.events(item.id)
    return [
        line_of_event(member, labels, event, is_new=seen is not None and event.number > seen)
        for event in events
    ]


def line_of_event(
    member: Visitor, labels: Labels, event: records.Event, *, is_new: bool = False
) -> HistoryLine:
    """One event as it is told to who is signed in."""
    words, actor, content = member.words, event.actor, event.content
    place = actor.office or labels.place(actor.area)
    who = ", ".join(filter(None, (words.say(f"role.{actor.role}"), place)))
    if actor.role != "system":
        who = f"{actor.name} ({who})"
    if isinstance(content, records.Stepped):
        step = next((step for step in member.register.way.steps if step.id == content.step), None)
        what = words.text(step.title) if step is not None else content.step
        said = _said(member, content)
    else:
        key = f"event.{content.kind}"
        what = words.say(key) if words.knows(key) else content.kind
        texts = (
            (name, getattr(content, name, None))
            for name in ("text", "reason", "title", "letter", "release")
        )
        said = tuple((words.say(f"step.{name}"), text) for name, text in texts if text)
    return HistoryLine(event.number, member.day(event.moment), who, what, said, is_new)


def _said(member: Visitor, content: records.Stepped) -> tuple[tuple[str, str], ...]:
    """What a step said, field by field; on whose behalf comes first."""
    words = member.words
    parts = []
    if content.on_behalf and content.task is not None:
        parts.append((words.say("step.on_behalf"), content.task.nama))
    elif content.task is not None:
        parts.append((words.say("step.task"), content.task.nama))
    if content.to is not None:
        parts.append((words.say("step.to"), content.to.nama))
    for name in ("due", "day", "letter", "document", "tahun", "activity", "reason", "note"):
        value = getattr(content, name)
        if value is not None:
            text = day_text(words, value) if isinstance(value, date) else str(value)
            parts.append((words.say(f"step.{name}"), text))
    if content.amount_idr is not None:
        parts.append((words.say("step.amount_idr"), words.value(content.amount_idr, "IDR", 0)))
    return tuple(parts)
