"""One need or proposal for everybody: what and where, who answers, and what happened to it.

What the public sees is named here, and nothing else is: facts of steps (state, office, dates,
document, year, rupiah), the title of a proposal, and the reason of a refusal or of "not our task",
which is the answer that the public is owed.  Names of persons, notes, numbers of letters, reasons
of any other step, and all that a step said which was corrected since, are for who is signed in.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from geo_service.errors import UnknownFeatureError
from geo_service.ogc.params import View
from geo_service.register import records, replaying
from geo_service.register.follow_up_collection import check_open
from geo_service.register.item_lists import REFUSALS, day_of, is_never_sent
from geo_service.register.way import Way
from web_map.house.base.places import PlaceNames
from web_map.house.base.visitors import AnyVisitor, answer_house, day_text
from web_map.house.item_steps.item_steps import desk_values
from web_map.words import Words

router = APIRouter(tags=["pages"])


@dataclass(frozen=True, slots=True)
class Happening:
    """One event as the public sees it.

    Parameters
    ----------
    actor
        Role and office.
    said
        Facts in sentences.
    reason
        Why it was refused or forwarded, in the words of the office.
    counts
        Whether no later event corrects it.
    """

    number: int
    day: date
    actor: str
    title: str
    said: tuple[str, ...]
    reason: str | None
    counts: bool


@router.get("/rumah/butir/{item_id}")
def item_page(visitor: AnyVisitor, view: View, item_id: str) -> HTMLResponse:
    """What became of one need; with what who is signed in may do about it."""
    words, way = visitor.words, visitor.register.way
    events = visitor.register.events(item_id) if item_id.isalnum() else []
    if not events:
        raise UnknownFeatureError(f"No item {item_id!r} in the register.")
    item = replaying.replay(events, way)
    desk = desk_values(visitor, item, visitor.labels)
    if desk is None:
        check_open(view.release)
        if item.raised.subject != "need" or is_never_sent(item):
            # What the camat says to a draft budget, and a proposal that nobody sent yet, is for
            # the desa and the kecamatan.
            raise UnknownFeatureError(f"No item {item_id!r} in the register.")
    places = PlaceNames(view.release, words)
    values = {
        "item": item,
        "desk": desk,
        "title": item.raised.title or places.service(item.raised.layanan),
        "state": words.text(way.states[item.state(way)]),
        "places": places,
        "way": way,
        "refusals": REFUSALS,
        "is_overdue": item.is_overdue(way, visitor.today),
        "measure": _measure(item, places),
        "origin": _origin(item, places),
        "history": happenings(events, way, words),
        "lang": "?lang=en" if words.language == "en" else "",
        "amp": "&lang=en" if words.language == "en" else "",
    }
    return answer_house(visitor, "item/item.html", values)


def _measure(item: records.Item, places: PlaceNames) -> str:
    """What the data say of the need; empty for a proposal."""
    evidence, words = item.evidence, places.words
    if evidence is None or evidence.value is None:
        return ""
    decimals = 0 if evidence.value == int(evidence.value) else 1
    value, norm = (
        words.value(number, evidence.unit, decimals) for number in (evidence.value, evidence.norm)
    )
    title = _title_of_measure(item.raised.ukuran or "", places)
    return words.say("item.measure", title=title, value=value, norm=norm, tahun=evidence.tahun)


def _title_of_measure(measure: str, places: PlaceNames) -> str:
    """What a service says that its need is, else the distance or indicator by its field."""
    named = (need for service in places.release.services for need in service.needs)
    need = next((n for n in named if measure in (n.indicator, n.facility)), None)
    if need and need.title:
        return places.words.text(need.title)
    fields = (field for layer in places.release.layers.values() for field in layer.fields)
    names = (measure, f"jarak_{measure}_m")
    return next(
        (places.words.text(field.title) for field in fields if field.name in names), measure
    )


def _origin(item: records.Item, places: PlaceNames) -> str | None:
    """The field of the page that tells how the number came about; None without one."""
    name = f"{item.raised.layanan}_state"
    layer = places.release.layers.get("needs")
    fields = () if layer is None else layer.fields
    is_there = any(field.name == name for field in fields) and item.kode in places.desa_of(
        item.kode[:8]
    )
    return f"needs.{name}" if is_there else None


def happenings(events: Sequence[records.Event], way: Way, words: Words) -> list[Happening]:
    """The events of an item as the public sees them, in order."""
    counting = {event.number for event in replaying.counting_events(events)}
    return [_happening(event, event.number in counting, way, words) for event in events]


def _happening(event: records.Event, counts: bool, way: Way, words: Words) -> Happening:
    content = event.content
    key = f"item.event.{content.kind}"
    title = words.say(key if words.knows(key) else "item.event.other")
    said: list[str] = []
    reason = None
    match content:
        case records.Stepped() as stepped:
            step = way.step(stepped.step)
            title = words.text(step.title)
            said = _facts(stepped, words)
            reason = stepped.reason if step.to in REFUSALS else None
        case records.Evidence(tahun=tahun) | records.Gone(tahun=tahun):
            said = [words.say("item.data_of", tahun=tahun)]
        case records.Moved(kode=kode):
            said = [kode]
        case records.Reminded(task=task, level=level):
            titles = {one.id: words.text(one.title) for one in way.reminders}
            title = titles.get(level, title)
            said = [words.say("item.task", nama=task.nama)]
        case records.Corrected(number=number):
            said = [words.say("item.corrects", number=number)]
    return Happening(
        event.number,
        day_of(event.moment),
        _actor(event, words),
        title,
        tuple(said) if counts else (),
        reason if counts else None,
        counts,
    )


def _facts(stepped: records.Stepped, words: Words) -> list[str]:
    """What a step says in its own fields; nothing that somebody wrote freely."""
    facts = []
    if stepped.to is not None:
        facts.append(words.say("item.to", nama=stepped.to.nama))
    elif stepped.task is not None:
        facts.append(words.say("item.task", nama=stepped.task.nama))
    if stepped.due is not None:
        facts.append(words.say("item.due", day=day_text(words, stepped.due)))
    if stepped.day is not None:
        facts.append(words.say("item.day", day=day_text(words, stepped.day)))
    if stepped.document is not None:
        facts.append(f"{stepped.document} {stepped.tahun or ''}".strip())
    if stepped.amount_idr is not None:
        facts.append(words.value(stepped.amount_idr, "IDR", 0))
    return facts


def _actor(event: records.Event, words: Words) -> str:
    """Role and office of who acted, and for whom."""
    actor, content = event.actor, event.content
    who = words.say(f"item.by.{actor.role}")
    if actor.office:
        who = f"{who} ({actor.office})"
    if isinstance(content, records.Stepped) and content.on_behalf and content.task is not None:
        return words.say("item.on_behalf", who=who, nama=content.task.nama)
    return who
