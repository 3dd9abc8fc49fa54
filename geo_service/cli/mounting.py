"""The pages that the command line serves; loaded in the process that serves them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from geo_service.pages import Pages


def load_pages() -> Pages:
    """The pages of the dashboard."""
    from web_map.all_pages import PAGES

    return PAGES
