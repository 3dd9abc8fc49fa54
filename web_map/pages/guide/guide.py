"""Guides for each role, in the words of the pages; where no register is, without its parts."""

import re
import struct
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse
from markupsafe import Markup
from pydantic import BaseModel, ConfigDict

from geo_service.errors import UnknownUrlError
from geo_service.ogc.params import View as RequestView
from geo_service.ogc.params import settings_of
from layers.release.manifest_file import Text
from web_map.pages.base.answers import answer_page
from web_map.views.readers import Reader, open_reader
from web_map.words import Words

router = APIRouter(tags=["pages"])

FOLDER = Path(__file__).parent
PICTURES = FOLDER / "pictures"
KEPT_S = 86_400
_NAMED = re.compile(r"\[\[((?:step:)?[\w.]+)\]\]")
_BLANK = re.compile(r"\{\w+\}")


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class GuidePart(_Record):
    """One part of a guide; ``always``: also where there is no register.

    ``[[key]]`` in its text is a message, ``[[step:id]]`` a step of the register.
    """

    title: Text
    text: tuple[Text, ...]
    always: bool = False
    season: tuple[str, ...] = ()
    link: str | None = None
    picture: str | None = None


class Guide(_Record):
    """The guide of one role; ``id`` is the last part of its address."""

    id: str
    title: Text
    lead: Text
    parts: tuple[GuidePart, ...]


class _Guides(_Record):
    guides: tuple[Guide, ...]


class Season(_Record):
    """One part of the year of planning, with its first and last month."""

    id: str
    title: Text
    first_month: int
    last_month: int
    who: Text


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture by the name of its file, with its size in pixels as it is shown."""

    name: str
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class ShownPart:
    """A part in one language, with buttons and links called as the pages call them."""

    title: Text
    text: list[Markup]
    seasons: list[str]
    link: str | None
    picture: Picture | None


@cache
def read_guides() -> tuple[Guide, ...]:
    """All guides, in their order."""
    content = tomllib.loads((FOLDER / "guides.toml").read_text(encoding="utf-8"))
    return _Guides.model_validate(content).guides


@cache
def find_picture(name: str, language: str) -> Picture:
    """The picture of a name in one language; its size is that of the file (VP8 of WebP)."""
    file = PICTURES / f"{name}.{language}.webp"
    width, height = struct.unpack("<HH", file.read_bytes()[26:30])
    return Picture(file.name, width & 0x3FFF, height & 0x3FFF)


@router.get("/panduan")
def all_guides(request: Request, view: RequestView) -> HTMLResponse:
    """The guides by role."""
    reader = open_reader(view, request.query_params, ()).about_all()
    return _answer(request, reader, None)


@router.get("/panduan/{role}")
def guide(request: Request, view: RequestView, role: str) -> HTMLResponse:
    """The guide of one role."""
    reader = open_reader(view, request.query_params, ()).about_all()
    found = next((one for one in read_guides() if one.id == role), None)
    if found is None:
        raise UnknownUrlError(f"There is no guide {role[:40]!r}.")
    return _answer(request, reader, found)


@router.get("/panduan/gambar/{name}")
def guide_picture(name: str) -> Response:
    """A picture of a guide."""
    files = {file.name: file for file in PICTURES.glob("*.webp")}
    if name not in files:
        raise UnknownUrlError(f"There is no picture {name[:40]!r}.")
    headers = {"Cache-Control": f"public, max-age={KEPT_S}"}
    return Response(files[name].read_bytes(), 200, headers, "image/webp")


def _answer(request: Request, reader: Reader, found: Guide | None) -> HTMLResponse:
    words, has_house = reader.words, reader.address.has_house
    calendar, steps = _year(request) if has_house else ({}, {})
    parts = [] if found is None else [part for part in found.parts if part.always or has_house]
    values: dict[str, object] = {
        "guides": read_guides(),
        "guide": found,
        "parts": [
            ShownPart(
                part.title,
                [name_things(words.text(text), words, steps) for text in part.text],
                [_say_months(calendar[name], words) for name in part.season if name in calendar],
                part.link,
                (part.picture and find_picture(part.picture, words.language)) or None,
            )
            for part in parts
        ],
        "calendar": [
            (_say_months(season, words), season.who)
            for season in (calendar.values() if found is None else ())
        ],
    }
    return answer_page(reader, "guide/guide.html", values)


def name_things(text: str, words: Words, steps: dict[str, Text]) -> Markup:
    """A text in which each ``[[key]]`` is what the pages call it, with dots for its blanks."""
    pieces = []
    for place, piece in enumerate(_NAMED.split(text)):
        if place % 2:
            key = piece.removeprefix("step:")
            said = words.template(key) if key == piece else words.text(steps[key])
            pieces.append(Markup("<b>{}</b>").format(_BLANK.sub("…", said)))
        else:
            pieces.append(Markup.escape(piece))
    return Markup("").join(pieces)


def _say_months(season: Season, words: Words) -> str:
    names = words.say("guide.month_names").split()
    first, last = names[season.first_month - 1], names[season.last_month - 1]
    return words.say("guide.months", title=words.text(season.title), first=first, last=last)


def _year(request: Request) -> tuple[dict[str, Season], dict[str, Text]]:
    """The calendar by id, and the titles of steps, as this kabupaten has them."""
    # Loaded where there is a register only.
    from geo_service.register import way

    table = way.read_way(settings_of(request).register_way or way.SHIPPED)
    names = Season.model_fields
    seasons = {
        each.id: Season(**{name: getattr(each, name) for name in names}) for each in table.calendar
    }
    return seasons, {step.id: step.title for step in table.steps}
