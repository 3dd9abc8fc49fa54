"""What became of the needs that were sent, for everybody: by wilayah, office and service."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from fastapi import APIRouter, Response
from fastapi.responses import HTMLResponse
from markupsafe import Markup

from geo_service.http import link_types
from geo_service.ogc.params import View
from geo_service.register import figures
from geo_service.register.event_store import Register
from geo_service.register.figures import Figures
from geo_service.register.follow_up_collection import check_open
from layers.release import citation
from layers.release.manifest_file import KODE
from web_map.drawing.choropleth import Shape, draw_choropleth, shapes_by_kode
from web_map.exports import table
from web_map.house.base.places import NamedPlace, PlaceNames, refuse_place
from web_map.house.base.visitors import AnyVisitor, Visitor, answer_house
from web_map.pages.base import answers
from web_map.words import Words

router = APIRouter(tags=["pages"])

PATH = "/rumah/tanggapan"
COUNTS = (
    *("sent", "in_time", "late", "unanswered", "overdue", "accepted", "refused", "forwarded"),
    *("budgeted", "done", "verified"),
)
COLOURS = {
    "overdue": "#d55e00",
    "waiting": "#f0e442",
    "refused": "#5c1a66",
    "going": "#9fd0ee",
    "budgeted": "#2f7fc1",
    "done": "#00734f",
}
"""The colour of each state of response (see `figures.response_of`), told apart also by eyes that
miss red or green; over that of overdue lies a mark, and ``none`` has a mark instead."""
FILLS = {**COLOURS, "overdue": "url(#p-overdue)", "none": "url(#p-no_data)"}
HAND = "usulan"
"""What stands for the service of what was raised by hand."""
HEAD = (
    *("kelompok", "kode", "nama", "dikirim", "tepat_waktu", "terlambat", "belum_dijawab"),
    *("lewat_tenggat", "disanggupi", "ditolak", "diteruskan", "dianggarkan", "selesai"),
    *("diverifikasi", "rupiah", "dijawab", "hari_median"),
)


@dataclass(frozen=True, slots=True)
class Line:
    """One row of a table; ``made`` is None where nothing was sent."""

    kode: str
    title: str
    made: Figures | None


@dataclass(frozen=True, slots=True)
class AreaFigures:
    """All that a page of figures says of a wilayah.

    Parameters
    ----------
    kode
        None for all that the register has.
    groups
        Tables by what their rows are: ``parts``, ``offices``, ``services``.
    """

    kode: str | None
    title: str
    whole: Figures | None
    groups: dict[str, list[Line]]
    refused: Sequence[figures.Refusal]
    items: Sequence[figures.ItemLine]

    @property
    def responses(self) -> dict[str, int]:
        """How many parts are in each state of response, those of the legend in its order."""
        counts = dict.fromkeys(FILLS, 0)
        for line in self.groups["parts"]:
            counts[figures.response_of(line.made)] += 1
        return counts


@router.get(PATH)
def response_page(visitor: AnyVisitor, view: View) -> HTMLResponse:
    """What became of all needs."""
    places = _open(visitor, view)
    return _answer(visitor, places, _top(visitor, places))


@router.get(PATH + ".{ending:table}")
def response_file(visitor: AnyVisitor, view: View, ending: answers.Ending) -> Response:
    """The figures of all needs as a table."""
    places = _open(visitor, view)
    return _write(visitor, places, _top(visitor, places), view.root, ending)


@router.get(PATH + "/{kode}.json")
def response_states(visitor: AnyVisitor, view: View, kode: str) -> Response:
    """The state of response of each part of a wilayah, for maps that join it by code."""
    places = _open(visitor, view)
    codes, by_service = _states(visitor, places, kode)
    services = sorted({layanan for part in by_service.values() for layanan in part}, key=str)
    parts = {}
    for code in codes:
        made = by_service.get(code, {})
        whole = figures.total(list(made.values()))
        counts = dict(zip(HEAD[3:], _cells(whole), strict=True))
        states = {layanan or HAND: figures.response_of(each) for layanan, each in made.items()}
        parts[code] = {"keadaan": figures.response_of(whole), **counts, "layanan": states}
    titles = [{"id": name or HAND, "judul": places.service(name)} for name in services]
    keys = [
        {"id": state, "judul": visitor.words.say(f"response.state.{state}"), "warna": colour}
        for state, colour in [*COLOURS.items(), ("none", None)]
    ]
    body = {"kode": kode, "hari": visitor.today.isoformat(), "keadaan": keys}
    return link_types.document({**body, "layanan": titles, "wilayah": parts})


@router.get(PATH + "/{kode:kode}")
def response_of_area(visitor: AnyVisitor, view: View, kode: str) -> HTMLResponse:
    """What became of the needs of a wilayah."""
    places = _open(visitor, view)
    return _answer(visitor, places, _standing(visitor, places, kode))


@router.get(PATH + "/{kode}.{ending:table}")
def response_file_of_area(
    visitor: AnyVisitor, view: View, kode: str, ending: answers.Ending
) -> Response:
    """The figures of a wilayah as a table."""
    places = _open(visitor, view)
    return _write(visitor, places, _standing(visitor, places, kode), view.root, ending)


def _open(visitor: Visitor, view: View) -> PlaceNames:
    check_open(view.release)
    return PlaceNames(view.release, visitor.words)


def _top(visitor: Visitor, places: PlaceNames) -> AreaFigures:
    """All that there is: of the smallest wilayah that it all lies in, down to a kabupaten."""
    today = visitor.today
    parts = figures.of_parts(visitor.register, None, today)
    if len(parts) == 1:
        (provinsi,) = parts
        below = figures.of_parts(visitor.register, provinsi, today)
        (kode, *others) = below
        return _standing(visitor, places, provinsi if others else kode)
    lines = [Line(kode, places.title(kode), made) for kode, made in parts.items()]
    whole = figures.total(list(parts.values()))
    title = visitor.words.say("response.all")
    return AreaFigures(None, title, whole, {"parts": lines}, (), ())


def _standing(visitor: Visitor, places: PlaceNames, kode: str) -> AreaFigures:
    if not re.fullmatch(KODE, kode):
        raise refuse_place(kode)
    register, today = visitor.register, visitor.today
    made = figures.of_parts(register, kode, today)
    is_desa = len(kode) == 13
    if not made and not places.knows(kode):
        raise refuse_place(kode)
    codes = [] if is_desa else sorted({*made, *places.parts(kode)})
    return AreaFigures(
        kode,
        places.title(kode),
        figures.total(list(made.values())),
        {
            "parts": [Line(part, places.name(part), made.get(part)) for part in codes],
            "offices": _office_lines(register, kode, today, visitor.words),
            "services": [
                Line("", places.service(layanan), each)
                for layanan, each in figures.of_services(register, kode, today).items()
            ],
        },
        figures.refusals(register, kode),
        figures.items_of(register, kode) if is_desa else (),
    )


def _states(
    visitor: Visitor, places: PlaceNames, kode: str
) -> tuple[list[str], dict[str, dict[str | None, Figures]]]:
    """The codes of the parts of a wilayah, and by part the figures of each service.

    A map asks for them every few seconds, so nothing else of the page is made for it.
    """
    if not re.fullmatch(KODE, kode):
        raise refuse_place(kode)
    by_service: dict[str, dict[str | None, Figures]] = {}
    made = figures.of_parts_by_service(visitor.register, kode, visitor.today)
    for (part, layanan), each in made.items():
        by_service.setdefault(part, {})[layanan] = each
    if not by_service and not places.knows(kode):
        raise refuse_place(kode)
    return sorted({*by_service, *places.parts(kode)}), by_service


def _office_lines(register: Register, kode: str, today: date, words: Words) -> list[Line]:
    lines = []
    for (jenis, nama), made in figures.of_offices(register, kode, today).items():
        lines.append(Line("", nama or words.say(f"response.to_{jenis}"), made))
    return lines


def _answer(visitor: Visitor, places: PlaceNames, standing: AreaFigures) -> HTMLResponse:
    above: list[NamedPlace] = places.above(standing.kode) if standing.kode else []
    values = {
        "standing": standing,
        "above": above,
        "places": places,
        "counts": COUNTS,
        "way": visitor.register.way,
        "lang": "?lang=en" if visitor.words.language == "en" else "",
        "lead": _lead(standing.whole, visitor.words),
        "picture": _draw(visitor, places, standing),
        "fills": FILLS,
    }
    return answer_house(visitor, "response/response.html", values)


def _draw(visitor: Visitor, places: PlaceNames, standing: AreaFigures) -> Markup | None:
    """The map of a wilayah: its parts by the state of their response; None without an outline."""
    outline = places.release.outline(standing.kode) if standing.kode else None
    if outline is None:
        return None
    words, lang = visitor.words, "?lang=en" if visitor.words.language == "en" else ""
    shapes = []
    for line in standing.groups["parts"]:
        state = figures.response_of(line.made)
        title = f"{line.title}: {words.say(f'response.state.{state}')}"
        href = f"{visitor.base}{PATH}/{line.kode}{lang}"
        shapes.append(Shape(line.kode, line.title, FILLS[state], title, href))
    label = f"{words.say('response.map')}: {standing.title}"
    return draw_choropleth(outline, shapes_by_kode(shapes), label=label, labels=len(shapes) < 60)


def _lead(whole: Figures | None, words: Words) -> list[str]:
    """The figures as sentences."""
    if whole is None:
        return [words.say("response.none")]
    numbers = {name: words.number(getattr(whole, name)) for name in (*COUNTS, "answered")}
    said = [words.say("response.sent", **numbers)]
    if whole.answered:
        said.append(words.say("response.answered", **numbers))
    if whole.median_days is not None:
        days = words.number(whole.median_days, 0 if whole.median_days % 1 == 0 else 1)
        said.append(words.say("response.median", days=days, answered=numbers["answered"]))
    if whole.budgeted:
        amount = words.value(whole.amount_idr, "IDR", 0, short=True)
        said.append(words.say("response.budgeted", amount=amount, **numbers))
    said.append(words.say("response.done", **numbers))
    return said


def _write(
    visitor: Visitor, places: PlaceNames, standing: AreaFigures, root: str, ending: answers.Ending
) -> Response:
    words = visitor.words
    rows = list(_rows(standing, words))
    name = "tanggapan" + (f"-{standing.kode}" if standing.kode else "")
    if ending is answers.Ending.CSV:
        return answers.download(table.csv_of(HEAD, rows), name, ending)
    address = f"{root}{PATH}" + (f"/{standing.kode}" if standing.kode else "")
    notes: list[list[citation.Cell]] = [
        [words.say("response.title"), standing.title],
        [words.say("response.day"), visitor.today.isoformat()],
        ["release", places.release.id],
        ["url", address],
    ]
    sentences = [*_lead(standing.whole, words), words.say("response.note")]
    notes += [["", sentence] for sentence in sentences]
    return answers.download(table.xlsx_of(HEAD, rows, notes, visitor.moment.year), name, ending)


def _rows(standing: AreaFigures, words: Words) -> Iterable[list[citation.Cell]]:
    for group, lines in standing.groups.items():
        kind = words.say(f"response.{group}")
        for line in lines:
            yield [kind, line.kode or None, line.title, *_cells(line.made)]
    yield [words.say("response.total"), standing.kode, standing.title, *_cells(standing.whole)]


def _cells(made: Figures | None) -> list[citation.Cell]:
    """The counts of a row; empty where nothing was sent, since none known is no zero."""
    if made is None:
        return [None] * (len(COUNTS) + 3)
    days = table.plain_number(made.median_days)
    return [*[getattr(made, name) for name in COUNTS], made.amount_idr, made.answered, days]
