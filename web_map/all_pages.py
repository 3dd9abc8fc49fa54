"""All pages as the server mounts them (see `geo_service.pages`)."""

from __future__ import annotations

from geo_service.pages import Pages
from web_map.pages import compare_routes, origin_routes, routes
from web_map.pages.error_answers import error_answer
from web_map.pages.page_templates import DIST

PAGES = Pages(
    routers=(routes.router, compare_routes.router, origin_routes.router),
    start_page=routes.start_page,
    error_answer=error_answer,
    assets=DIST / "assets",
)
