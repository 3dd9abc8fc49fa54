"""Guides for each role, in the words of the pages; where no register is, without its parts."""

import re
import tomllib
from functools import cache
from pathlib import Path

from fastapi import APIRouter, Request, responses
from markupsafe import Markup
from pydantic import BaseModel, ConfigDict

from geo_service.errors import UnknownUrlError
from geo_service.ogc import params
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


@cache
def read_guides() -> tuple[Guide, ...]:
    """All guides, in their order."""
    content = tomllib.loads((FOLDER / "guides.toml").read_text(encoding="utf-8"))
    return _Guides.model_validate(content).guides


@cache
def find_picture(name: str, language: str) -> tuple[str, int, int]:
    """The file of a picture in one language, and its width and height in pixels (VP8 of WebP)."""
    file = PICTURES / f"{name}.{language}.webp"
    head = file.read_bytes()[:30]
    width, height = (int.from_bytes(head[start : start + 2], "little") for start in (26, 28))
    return file.name, width & 0x3FFF, height & 0x3FFF


@router.get("/panduan")
def all_guides(request: Request, view: params.View) -> responses.HTMLResponse:
    """The guides by role."""
    reader = open_reader(view, request.query_params, ()).about_all()
    return _answer(request, reader, None)


@router.get("/panduan/{role}")
def guide(request: Request, view: params.View, role: str) -> responses.HTMLResponse:
    """The guide of one role."""
    reader = open_reader(view, request.query_params, ()).about_all()
    found = next((one for one in read_guides() if one.id == role), None)
    if found is None:
        raise UnknownUrlError(f"There is no guide {role[:40]!r}.")
    return _answer(request, reader, found)


@router.get("/panduan/gambar/{name}")
def guide_picture(name: str) -> responses.Response:
    """A picture of a guide."""
    files = {file.name: file for file in PICTURES.glob("*.webp")}
    if name not in files:
        raise UnknownUrlError(f"There is no picture {name[:40]!r}.")
    headers = {"Cache-Control": f"public, max-age={KEPT_S}"}
    return responses.Response(files[name].read_bytes(), 200, headers, "image/webp")


def _answer(request: Request, reader: Reader, found: Guide | None) -> responses.HTMLResponse:
    words, has_house = reader.words, reader.address.has_house
    calendar, steps = _year(request, words) if has_house else ({}, {})
    parts = [] if found is None else [part for part in found.parts if part.always or has_house]
    values: dict[str, object] = {
        "guides": read_guides(),
        "guide": found,
        "parts": [
            {
                "title": part.title,
                "text": [name_things(words.text(text), words, steps) for text in part.text],
                "seasons": [calendar[name][0] for name in part.season if name in calendar],
                "link": part.link,
                "picture": find_picture(part.picture, words.language) if part.picture else None,
            }
            for part in parts
        ],
        "calendar": list(calendar.values()) if found is None else [],
    }
    return answer_page(reader, "guide/guide.html", values)


def name_things(text: str, words: Words, steps: dict[str, str]) -> Markup:
    """A text in which each ``[[key]]`` is what the pages call it, with dots for its blanks."""
    pieces = []
    for place, piece in enumerate(_NAMED.split(text)):
        if place % 2:
            key = piece.removeprefix("step:")
            said = words.template(key) if key == piece else steps[key]
            pieces.append(Markup("<b>{}</b>").format(_BLANK.sub("…", said)))
        else:
            pieces.append(Markup.escape(piece))
    return Markup("").join(pieces)


def _year(request: Request, words: Words) -> tuple[dict[str, tuple[str, str]], dict[str, str]]:
    """The calendar by id, months and who acts, and the titles of steps, of this kabupaten."""
    # Loaded where there is a register only.
    from geo_service.register import way

    table = way.read_way(params.settings_of(request).register_way or way.SHIPPED)
    names, calendar = words.say("house.months").split(), {}
    for season in table.calendar:
        first, last = names[season.first_month - 1], names[season.last_month - 1]
        title = words.text(season.title)
        months = words.say("guide.months", title=title, first=first, last=last)
        calendar[season.id] = months, words.text(season.who)
    return calendar, {step.id: words.text(step.title) for step in table.steps}
