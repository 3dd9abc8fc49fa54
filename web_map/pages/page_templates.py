"""Templates of the pages and the built files they link to; every page carries a strict policy.

No page has inline script or style, and none asks another origin for anything but a base map that
the deployment configured.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import islice
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from layers.release.manifest import Manifest, WilayahEntry
from web_map.drawing.choropleth import pattern_element
from web_map.words import Words, full_name

DIST = Path(__file__).parents[1] / "dist"
ENTRY = "src/page.ts"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
    "connect-src 'self'{origin}; worker-src 'self'; manifest-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors {ancestors}"
)


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
        loader=PackageLoader("web_map", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals["crumbs"] = crumbs
    made.globals["full_name"] = full_name
    return made


@lru_cache(maxsize=4)
def policy(ancestors: str, origin: str | None = None) -> str:
    """The content policy of a page that ``ancestors`` may frame.

    ``origin`` is the one other origin that the page may ask, that of a configured base map.
    """
    return POLICY.format(ancestors=ancestors, origin=f" {origin}" if origin else "")


def render_page(template: str, words: Words, base: str, **values: Any) -> str:
    """A page as HTML.

    Parameters
    ----------
    base
        Path under which the server is reached, without a slash at its end.
    """
    return (
        environment()
        .get_template(template)
        .render(
            words=words,
            say=words.say,
            base=base,
            assets=read_page_assets(),
            patterns=pattern_element(),
            **values,
        )
    )
