"""The board of a wilayah: its items, filtered, and many of them sent in one letter."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus
from urllib.parse import urlencode

from fastapi import APIRouter, Response
from pydantic import ValidationError

from geo_service import errors
from geo_service.access.token_file import lies_in
from geo_service.house import accounts, boards, choices, sent_letters
from geo_service.register import records, way
from layers.release.follow_up_file import Addressee
from web_map.house.base.visitors import AnyMember, Member, answer_house, lead_to, page_number
from web_map.house.item_steps.item_steps import refusal_text
from web_map.views.readers import check_parameters

router = APIRouter(tags=["pages"])

ROWS = 20
MOST_CHOSEN = 200
DUE_IN = timedelta(days=30)
AS_LISTED = "usul"
"""Each item to the addressee that the follow-up list names."""
PARAMETERS = ("layanan", "penerima", "keadaan", "lewat", "menunggu", "desa", "halaman", "lang")
SENT, MADE = "terkirim", "tercatat"
"""How many items were just sent, or made another step."""
LETTERS, MOST_LETTERS = "surat", 20
"""The letters with which they were sent: one for each addressee."""


@router.get("/rumah/papan/{kode}")
def board(member: AnyMember, kode: str) -> Response:
    """The items of a wilayah that the person may see."""
    return _answer(member, kode, [])


@dataclass(frozen=True, slots=True)
class UnsentItem:
    """An item that was not sent, and why."""

    item_id: str
    reason: str


@router.post("/rumah/papan/{kode}")
def send(member: AnyMember, kode: str) -> Response:
    """Send the chosen items in one letter, or make another step with all of them.

    What could not be done is shown with its reason; the rest is done.
    """
    check_area(member, kode)
    form: dict[str, list[str]] = member.request.state.form
    chosen = form.get("semua_butir" if member.field("semua") else "butir", [])
    if not chosen or len(chosen) > MOST_CHOSEN:
        message = member.words.say("board.choose", most=MOST_CHOSEN)
        return _answer(member, kode, [UnsentItem("", message)], HTTPStatus.BAD_REQUEST)
    made = [_send(member, text) for text in chosen]
    refusals = [one for one in made if isinstance(one, UnsentItem)]
    items = [one for one in made if isinstance(one, records.Item)]
    is_letter = not member.field("langkah")
    written = {one.letters[-1].id for one in items if is_letter and one.letters}
    letters = sorted(written)[:MOST_LETTERS]
    if refusals:
        return _answer(member, kode, refusals, HTTPStatus.CONFLICT, len(items), letters)
    query = {name: member.request.query_params[name] for name in PARAMETERS if _given(member, name)}
    query[SENT if is_letter else MADE] = str(len(chosen))
    query |= {LETTERS: " ".join(letters)} if letters else {}
    return lead_to(member, f"/rumah/papan/{kode}?{urlencode(query)}")


def _given(member: Member, name: str) -> bool:
    return bool(member.request.query_params.get(name))


def _send(member: Member, text: str) -> records.Item | UnsentItem:
    """The item after it was sent; or why it was not."""
    item_id, _, version = text.partition(":")
    say = member.words.say
    try:
        item = member.register.item(item_id)
    except errors.RegisterError:
        return UnsentItem("", say("board.unknown"))
    if not member.person.sees(item):
        return UnsentItem("", say("board.unknown"))
    if str(item.version) != version:
        return UnsentItem(item.id, say("board.changed"))
    try:
        contents = _contents(member, item)
        return member.register.add(item, contents, member.person.actor, member.moment)
    except ValidationError as error:
        return UnsentItem(item.id, say("board.field", field=str(error.errors()[0]["loc"][-1])))
    except errors.RegisterConflictError:
        return UnsentItem(item.id, say("board.changed"))
    except errors.StepRefusedError:
        return UnsentItem(item.id, refusal_text(member, member.labels, item, contents[0]))


def bulk_steps(person: accounts.Person, table: way.Way) -> list[way.Step]:
    """The steps that a person makes with many items at once: those that need not say anything.

    >>> office = accounts.Person("", "x", "X", "office", "53.06", "Dinas")
    >>> [step.id for step in bulk_steps(office, way.read_way())]
    ['receive', 'accept', 'start']
    """
    is_addressee = person.role in ("office", "desa")
    roles = {person.role, "addressee"} if is_addressee else {person.role}
    return [step for step in table.steps if not step.needs and roles.intersection(step.roles)]


def _contents(member: Member, item: records.Item) -> tuple[records.Stepped, ...]:
    """The letter, or a step for each task that it can be made with; at least one, to be refused."""
    person, name = member.person, member.field("langkah")
    steps = [step for step in bulk_steps(person, member.register.way) if step.id == name]
    if not steps:
        return (_letter(member, item),)
    tasks = [
        task.addressee
        for task in item.tasks
        if task.state in steps[0].origins
        and (person.role != "office" or task.addressee.nama == person.office)
        and (person.role != "office" or task.addressee.jenis != "desa")
        and (person.role != "desa" or task.addressee.jenis == "desa")
    ]
    return tuple(records.Stepped(step=name, task=task) for task in tasks or [choices.NOBODY])


def _letter(member: Member, item: records.Item) -> records.Stepped:
    return records.Stepped(
        step="send",
        to=_addressee(member.field("penerima_baru") or member.field("penerima"), item),
        due=choices.read_day(member.field("batas")),
        letter=member.field("surat") or None,
        note=member.text_field("catatan"),
    )


def _addressee(text: str, item: records.Item) -> Addressee | None:
    if text == AS_LISTED:
        return item.evidence.addressee if item.evidence is not None else None
    return choices.read_addressee(text)


def check_area(member: Member, kode: str) -> None:
    """Refuse the board of what is not in the area of the person."""
    area = member.person.area
    if not boards.is_code(kode) or (area is not None and not lies_in(kode, (area,))):
        raise errors.UnknownItemError(f"No board of {kode!r} for you.")


def _selection(member: Member, kode: str) -> boards.BoardFilter:
    # PostgreSQL takes no text with such a letter.
    query = {name: text.replace("\0", "") for name, text in member.request.query_params.items()}
    desa = query.get("desa") or kode
    if not boards.is_code(desa) or not lies_in(desa, (kode,)):
        raise errors.MalformedParameterError(f"desa: expected the code of a desa in {kode}.")
    jenis, separator, nama = query.get("penerima", "").partition(":")
    return boards.BoardFilter(
        desa,
        query.get("layanan") or None,
        (jenis, nama) if separator else None,
        query.get("keadaan") or None,
        bool(query.get("lewat")),
        bool(query.get("menunggu")),
    )


def _count(query: Mapping[str, str], name: str) -> int:
    text = query.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 4 else 0


def _letters(member: Member, ids: Sequence[str]) -> list[sent_letters.ReadLetter]:
    """The letters that were just sent, as far as they are this person's."""
    read = []
    for letter_id in ids:
        with suppress(errors.RegisterError):
            read.append(
                sent_letters.read_letter(
                    member.register, member.person, letter_id.replace("\0", "")
                )
            )
    return read


def _answer(
    member: Member,
    kode: str,
    refusals: Sequence[UnsentItem],
    status: int = HTTPStatus.OK,
    sent: int = 0,
    letters: Sequence[str] = (),
) -> Response:
    check_area(member, kode)
    query = member.request.query_params
    check_parameters(query, (*PARAMETERS, SENT, MADE, LETTERS))
    selection, page = _selection(member, kode), page_number(query)
    today = member.today
    rows, total = boards.find_rows(
        member.register, member.person, selection, today, ROWS, (page - 1) * ROWS
    )
    services, addressees = boards.choices(member.register, member.person, kode)
    labels = member.labels
    kept = {name: query[name] for name in PARAMETERS if query.get(name) and name != "halaman"}
    values = {
        "kode": kode,
        "rows": rows,
        "total": total,
        "page": page,
        "pages": max(1, -(-total // ROWS)),
        "selection": selection,
        "services": services,
        "addressees": addressees,
        "villages": labels.villages(kode) if len(kode) == boards.LENGTH_OF_KECAMATAN else [],
        "labels": labels,
        "way": member.register.way,
        "today": today,
        "refusals": refusals,
        "sent": sent or _count(query, SENT),
        "made": _count(query, MADE),
        "letters": _letters(member, letters or query.get(LETTERS, "").split()[:MOST_LETTERS]),
        "bulk": bulk_steps(member.person, member.register.way),
        "query": urlencode(kept),
        "kept": kept,
        "filters": set(kept) - {"lang"},
        "ready": member.register.way.step("send").answers,
        "may_send": member.person.role in ("kecamatan", "desa"),
        "chosen": {refusal.item_id for refusal in refusals},
        "typed": {name: member.field(name) for name in ("surat", "batas", "penerima", "catatan")},
        "due": (today + DUE_IN).isoformat(),
    }
    return answer_house(member, "board/board.html", values, status)
