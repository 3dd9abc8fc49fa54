"""All pages as the server mounts them (see `geo_service.pages`).

A module of `web_map.pages` that has a ``router`` is a page: it is mounted because it lies there.
"""

from importlib import import_module
from pkgutil import walk_packages

from fastapi import APIRouter

import web_map.pages
from geo_service.pages import Pages
from web_map.pages import answers, error_answers, start


def find_routers() -> tuple[APIRouter, ...]:
    """The router of every module of pages that has one, in the order of their names."""
    names = sorted(
        module.name for module in walk_packages(web_map.pages.__path__, "web_map.pages.")
    )
    routers = (getattr(import_module(name), "router", None) for name in names)
    return tuple(router for router in routers if isinstance(router, APIRouter))


PAGES = Pages(
    routers=find_routers(),
    start_page=start.start_page,
    error_answer=error_answers.error_answer,
    assets=answers.DIST / "assets",
)
