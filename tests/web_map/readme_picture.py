"""The picture in the root README: ``python -m tests.web_map.readme_picture`` draws it anew.

The page of a kecamatan of the sample, on a desk, with the same drawing on every machine (no live
map), in so few colours that it stays small.
"""

from __future__ import annotations

import io
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright

from tests.end_to_end.processes import serving
from tests.sample_cache import cached_releases
from tests.web_map.chromium import DRAWING, launch
from tests.web_map.test_pictures import screenshot

PICTURE = Path(__file__).parents[2] / "web_map" / "page.png"
PATH = "/kecamatan/99.01.01?layer=gaps.jarak_puskesmas_m&lang=en"
SIZE = (1280, 860)
COLOURS = 48
MOST_BYTES = 150_000


def draw() -> bytes:
    """The page as a PNG with a palette."""
    with serving(cached_releases()) as site, sync_playwright() as playwright:
        browser = launch(playwright, DRAWING)
        png = screenshot(browser, site + PATH, SIZE)
        browser.close()
    image = Image.open(io.BytesIO(png)).convert("RGB")
    small = io.BytesIO()
    image.quantize(COLOURS, dither=Image.Dither.NONE).save(small, "PNG", optimize=True)
    return small.getvalue()


if __name__ == "__main__":
    picture = draw()
    assert len(picture) <= MOST_BYTES, len(picture)
    PICTURE.write_bytes(picture)
    print(f"{PICTURE.name}: {len(picture)} bytes")
