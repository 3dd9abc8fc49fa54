"""All pages as the server mounts them (see `geo_service.pages`).

A module in a folder of ``web_map/pages`` that has a ``router`` is a page: it is mounted because it
lies there; so is one of ``web_map/house``, where there is a register.  These folders have no
``__init__.py``, so that a page is its module, its template and its messages.
"""

from functools import partial
from importlib import import_module
from pathlib import Path

from fastapi import APIRouter

from geo_service.pages import Pages
from web_map.pages.base import answers, error_answers
from web_map.pages.start import start


def find_routers(folder: str = "pages") -> tuple[APIRouter, ...]:
    """The router of every module of pages that has one, in the order of their names."""
    paths = (Path(__file__).parent / folder).glob("*/*.py")
    names = sorted(f"web_map.{folder}.{path.parent.name}.{path.stem}" for path in paths)
    routers = (getattr(import_module(name), "router", None) for name in names)
    return tuple(router for router in routers if isinstance(router, APIRouter))


PAGES = Pages(
    routers=find_routers(),
    start_page=start.start_page,
    error_answer=error_answers.error_answer,
    assets=answers.DIST / "assets",
    load_house=partial(find_routers, "house"),
)
