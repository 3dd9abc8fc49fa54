"""Every page looks as it did, on a phone and on a desk; ``--bless`` keeps how it looks now."""

from __future__ import annotations

import re

import numpy as np
import pytest
from playwright.sync_api import Browser

from tests.web_map.chromium import strict_page
from tests.web_map.pictures import (
    FOLDER,
    MOST_DIFFERENT,
    make_small,
    read_png,
    share_different,
    write_png,
)

pytestmark = pytest.mark.browser

KECAMATAN = "/kecamatan/99.01.01"
SIZES = {"phone": (360, 740), "desk": (1440, 900)}
PAGES = {
    "start": "/",
    "kecamatan": f"{KECAMATAN}?layer=desa.stunting_pct",
    "selected": f"{KECAMATAN}?layer=spending.realisasi_idr&desa=99.01.01.2005",
    "facilities": f"{KECAMATAN}?layer=gaps.jarak_pustu_m&rings=1",
    "travel-time": f"{KECAMATAN}?layer=gaps.jarak_puskesmas_m&rings=waktu",
    "kabupaten": "/kabupaten/99.01",
    "desa": "/desa/99.01.01.2003",
    "follow-up": f"{KECAMATAN}/tindak-lanjut",
    "compare": f"{KECAMATAN}/banding?layer=desa.stunting_pct&layer2=desa.listrik_pct",
    "crossed": f"{KECAMATAN}/banding?layer=desa.stunting_pct&layer2=desa.listrik_pct&mode=both",
    "search": "/cari?q=tan",
    "reports": "/reports/",
    "embed": "/embed/kecamatan/99.01.02?layer=desa.stunting_pct",
}
# The live map is drawn by another program on each machine; the drawing is the same everywhere.
NO_WEBGL = "HTMLCanvasElement.prototype.getContext = () => null"


def screenshot(browser: Browser, url: str, size: tuple[int, int]) -> bytes:
    viewport = {"width": size[0], "height": size[1]}
    with strict_page(browser, viewport=viewport) as page:
        page.add_init_script(NO_WEBGL)
        page.goto(url)
        page.wait_for_load_state("networkidle")
        return page.screenshot(animations="disabled")


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", PAGES)
def test_a_page_looks_as_it_did(
    drawing: Browser, site: str, name: str, size: str, request: pytest.FixtureRequest
) -> None:
    now = make_small(screenshot(drawing, site + PAGES[name], SIZES[size]))
    path = FOLDER / f"{name}-{size}.png"
    if request.config.getoption("--bless"):
        FOLDER.mkdir(exist_ok=True)
        path.write_bytes(write_png(now))
    assert share_different(read_png(path.read_bytes()), now) <= MOST_DIFFERENT


def test_a_page_without_its_map_or_style_does_not_look_as_it_did(
    drawing: Browser, site: str
) -> None:
    """The comparison can fail: it sees a missing drawing and a missing style sheet."""
    kept = read_png((FOLDER / "kecamatan-desk.png").read_bytes())
    with strict_page(drawing) as page:
        page.add_init_script(NO_WEBGL)
        page.goto(site + PAGES["kecamatan"])
        page.evaluate("document.querySelector('#svgmap > g').remove()")
        assert share_different(kept, make_small(page.screenshot())) > MOST_DIFFERENT / 2
        page.evaluate(
            "document.querySelectorAll('link[rel=stylesheet]').forEach((l) => l.remove())"
        )
        assert share_different(kept, make_small(page.screenshot())) > MOST_DIFFERENT


def test_blocks_are_means_and_differences_are_counted() -> None:
    picture = np.zeros((40, 60, 3), np.uint8)
    picture[:20, :20] = 200
    small = make_small(write_png(picture))
    assert small.shape == (2, 3, 3)
    assert small[0, 0].tolist() == [200, 200, 200]
    assert share_different(small, np.zeros((2, 3, 3), np.uint8)) == pytest.approx(1 / 6)


def test_no_picture_is_kept_of_a_page_that_is_gone() -> None:
    names = {re.sub(r"-(phone|desk)$", "", path.stem) for path in FOLDER.glob("*.png")}
    assert names == set(PAGES)
    assert all(path.stat().st_size < 12_000 for path in FOLDER.glob("*.png"))
