"""The server with its pages, as the command line starts it."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from geo_service.cli import console

if TYPE_CHECKING:
    from geo_service.pages import Pages
    from geo_service.settings import Settings


def serve_pages(settings: Settings) -> None:
    """Serve until stopped; says where."""
    from geo_service.server import serve

    where = f"http://{settings.host}:{settings.port}/"
    console.out.print(f"Starting {where}  (stop with Ctrl-C)", markup=False, soft_wrap=True)
    sys.stdout.flush()
    serve(settings, load_pages)


def load_pages() -> Pages:
    """The pages of the dashboard; loaded in the process that serves them."""
    from web_map.all_pages import PAGES

    return PAGES
