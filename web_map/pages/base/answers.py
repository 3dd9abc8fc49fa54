"""How pages are addressed and answered: levels in a path, templates, files, a strict policy.

No page has inline script or style, and none asks another origin for anything but a base map that
the deployment configured.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, lru_cache
from itertools import islice
from pathlib import Path

from fastapi.responses import HTMLResponse, Response
from jinja2 import ChoiceLoader, Environment, PackageLoader, PrefixLoader, StrictUndefined
from starlette.convertors import StringConvertor, register_url_convertor

from geo_service.http.link_types import XLSX, document
from layers.release.manifest_file import Manifest, WilayahEntry
from web_map.drawing.choropleth import pattern_element
from web_map.views.readers import Level, PlaceReader, Reader
from web_map.words import Words, full_name

DIST = Path(__file__).parents[2] / "dist"
ENTRY = "src/page.ts"
CSV_DESCRIPTION = "application/csvm+json"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
    "connect-src 'self'{origin}; worker-src 'self'; manifest-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors {ancestors}"
)


class Ending(StrEnum):
    """Endings of the files that a page gives away."""

    PNG = "png"
    CSV = "csv"
    XLSX = "xlsx"

    @property
    def media_type(self) -> str:
        """What the file is sent as."""
        return _MEDIA_TYPES[self]


_MEDIA_TYPES = {
    Ending.PNG: "image/png",
    Ending.CSV: "text/csv; charset=utf-8",
    Ending.XLSX: XLSX,
}


class AreaLevel(StringConvertor):
    """The level of a wilayah that has a page with its children."""

    regex = f"{Level.PROVINSI}|{Level.KABUPATEN}|{Level.KECAMATAN}"


class OriginLevel(StringConvertor):
    """The level of a wilayah whose values have a page of their origin."""

    regex = f"{Level.DESA}|{Level.KECAMATAN}|{Level.KABUPATEN}"


class FileEnding(StringConvertor):
    """The ending of a picture or table."""

    regex = "|".join(Ending)


class TableEnding(StringConvertor):
    """The ending of a table."""

    regex = f"{Ending.CSV}|{Ending.XLSX}"


class KodePart(StringConvertor):
    """A code at the end of a path, without the ending of a file."""

    regex = "[^/]+" + "".join(rf"(?<!\.{end})" for end in (*Ending, "csv-metadata.json"))


# As in ``/{level:area}/{kode:kode}``.
register_url_convertor("area", AreaLevel())
register_url_convertor("origin", OriginLevel())
register_url_convertor("ending", FileEnding())
register_url_convertor("table", TableEnding())
register_url_convertor("kode", KodePart())


@dataclass(frozen=True, slots=True)
class PageAssets:
    """Names of the built script and styles below ``/assets/``; none where the page is not built."""

    script: str | None = None
    styles: tuple[str, ...] = ()


@cache
def read_page_assets(folder: Path = DIST) -> PageAssets:
    """What Vite built, by its manifest."""
    manifest = folder / "manifest.json"
    if not manifest.is_file():
        return PageAssets()
    entry = json.loads(manifest.read_bytes())[ENTRY]
    return PageAssets(entry["file"], tuple(entry.get("css", ())))


def crumbs(
    parents: Sequence[WilayahEntry], manifest: Manifest
) -> tuple[tuple[WilayahEntry, bool], ...]:
    """The wilayah above a page that lead back to the start, and whether each has a name.

    The provinsi is one of them where the release holds more than one kabupaten: a page that
    compares a single one leads nowhere.
    """
    kabupaten = islice((entry for entry in manifest.wilayah if entry.level == "kabupaten"), 2)
    levels = {"kabupaten", "provinsi"} if len(list(kabupaten)) > 1 else {"kabupaten"}
    return tuple((entry, entry.nama != entry.kode) for entry in parents if entry.level in levels)


@cache
def environment() -> Environment:
    """The template environment: everything is escaped, an unknown name is an error."""
    made = Environment(
        loader=ChoiceLoader(
            [
                PackageLoader("web_map", "pages"),
                PrefixLoader({"house": PackageLoader("web_map", "house")}),
            ]
        ),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        # A changed template is read by the next process, as changed code is.
        auto_reload=False,
    )
    made.globals["full_name"] = full_name
    made.globals["patterns"] = pattern_element()
    return made


@lru_cache(maxsize=4)
def policy(ancestors: str, origin: str | None = None) -> str:
    """The content policy of a page that ``ancestors`` may frame.

    ``origin`` is the one other origin that the page may ask, that of a configured base map.
    """
    return POLICY.format(ancestors=ancestors, origin=f" {origin}" if origin else "")


def render_page(template: str, words: Words, base: str, **values: object) -> str:
    """A page as HTML.

    Parameters
    ----------
    base
        Path under which the server is reached, without a slash at its end.
    """
    page = environment().get_template(template)
    assets = read_page_assets()
    return page.render(words=words, say=words.say, base=base, assets=assets, **values)


def answer_page(
    reader: Reader,
    template: str,
    values: dict[str, object],
    ancestors: str = "'self'",
    origin: str | None = None,
) -> HTMLResponse:
    """A page of a template, filled in from the release of a reader, with its `policy`."""
    manifest = reader.release.manifest
    if isinstance(reader, PlaceReader):
        values = {**values, "crumbs": crumbs(reader.parents, manifest)}
    values = {**values, "manifest": manifest, "data_years": reader.release.data_years}
    values = {**values, "has_house": reader.address.has_house}
    text = render_page(template, reader.words, reader.base, **values)
    return HTMLResponse(text, headers={"Content-Security-Policy": policy(ancestors, origin)})


def download(body: bytes, name: str, ending: Ending, about: str = "") -> Response:
    """A file under its name, a picture to look at first; ``about`` is where a CSV is described."""
    disposition = "inline" if ending is Ending.PNG else "attachment"
    headers = {"Content-Disposition": f'{disposition}; filename="{name}.{ending}"'}
    if ending is Ending.CSV and about:
        headers["Link"] = f'<{about}>; rel="describedby"; type="{CSV_DESCRIPTION}"'
    return Response(body, media_type=ending.media_type, headers=headers)


def described(description: Mapping[str, object]) -> Response:
    """The description of a CSV (see `layers.release.citation`)."""
    return document(dict(description), CSV_DESCRIPTION)
