"""Nothing is cut, covered or out of line: what a reader sees, measured in Chromium."""

import pytest
from playwright.sync_api import Browser, Page

from tests.web_map.chromium import strict_page, until, without_live_map

pytestmark = pytest.mark.browser

KECAMATAN = "/kecamatan/99.01.01"
DESA = "/desa/99.01.01.2003"
WIDE = (
    DESA,
    f"{KECAMATAN}?layer=needs.air_minum_state",
    f"{KECAMATAN}?layer=spending.anggaran_per_jiwa_idr",
    f"{KECAMATAN}?layer=gaps.penduduk_di_luar_norma_puskesmas",
    f"{KECAMATAN}/banding",
    f"{KECAMATAN}/tindak-lanjut",
    "/kabupaten/99.01",
)
CUT = """[...document.querySelectorAll('.table')]
  .map((box) => box.scrollWidth - box.clientWidth).filter((more) => more > 0)"""
STRUCK = """[...document.querySelectorAll('#tbl td:has(.bar):has(.part)')].filter((cell) => {
  const bar = cell.querySelector('.bar').getBoundingClientRect();
  const range = document.createRange();
  range.selectNodeContents(cell.querySelector('.part'));
  return [...range.getClientRects()].some((line) => line.bottom > bar.top + 1);
}).length"""


def in_language(path: str, language: str) -> str:
    return path if language == "id" else f"{path}{'&' if '?' in path else '?'}lang={language}"


def open_at(page: Page, url: str) -> None:
    without_live_map(page)
    page.goto(url)


@pytest.mark.parametrize("language", ["id", "en"])
def test_no_table_is_cut_on_a_desk(drawing: Browser, site: str, language: str) -> None:
    with strict_page(drawing, viewport={"width": 1280, "height": 800}) as page:
        for path in WIDE:
            open_at(page, site + in_language(path, language))
            assert page.evaluate(CUT) == [], path


@pytest.mark.parametrize("width", [360, 1280])
def test_no_bar_strikes_through_what_a_value_rests_on(
    drawing: Browser, site: str, width: int
) -> None:
    with strict_page(drawing, viewport={"width": width, "height": 800}) as page:
        for place in (KECAMATAN, f"/embed{KECAMATAN}"):
            open_at(page, f"{site}{place}?layer=gaps.penduduk_di_luar_norma_puskesmas")
            assert page.locator("#tbl td:has(.bar):has(.part)").count() > 0
            assert page.evaluate(STRUCK) == 0


def test_the_years_of_an_origin_stand_on_one_line(drawing: Browser, site: str) -> None:
    with strict_page(drawing) as page:
        open_at(page, f"{site}{DESA}/asal?layer=desa.idm_skor")
        tops = page.locator(".section .links > *").evaluate_all(
            "(years) => years.map((year) => { const range = document.createRange();"
            " range.selectNodeContents(year); return range.getBoundingClientRect().top; })"
        )
        assert len(tops) == 2
        assert abs(tops[0] - tops[1]) < 1


@pytest.mark.parametrize("language", ["id", "en"])
def test_the_hint_of_the_search_fits_a_phone(drawing: Browser, site: str, language: str) -> None:
    with strict_page(drawing, viewport={"width": 360, "height": 740}) as page:
        open_at(page, site + in_language(KECAMATAN, language))
        room, need = page.locator(".find input[type=search]").evaluate(
            """(field) => {
              const style = getComputedStyle(field);
              const words = document.createElement('span');
              words.style.font = style.font;
              words.textContent = field.placeholder;
              document.body.append(words);
              const pad = parseFloat(style.paddingLeft) + parseFloat(style.paddingRight);
              return [field.clientWidth - pad, words.getBoundingClientRect().width];
            }"""
        )
        # A district may call its desa by a word twice as long.
        assert 1.5 * need < room


@pytest.mark.parametrize("language", ["id", "en"])
@pytest.mark.parametrize(
    "path", [KECAMATAN, f"/embed{KECAMATAN}", f"{KECAMATAN}/banding", DESA, "/kabupaten/99.01"]
)
def test_a_long_table_can_be_passed_by(
    drawing: Browser, site: str, path: str, language: str
) -> None:
    with strict_page(drawing) as page:
        open_at(page, site + in_language(path, language))
        link = page.locator(".skip.over").first
        assert link.inner_text() == {"id": "Lewati tabel", "en": "Skip the table"}[language]
        assert link.bounding_box()["x"] < 0  # type: ignore[index]  # a link has a box
        link.focus()
        box = link.bounding_box()
        assert box is not None
        assert box["x"] >= 0
        page.keyboard.press("Enter")
        until(page, "document.activeElement.id === location.hash.slice(1)")
        page.keyboard.press("Tab")
        follows = page.evaluate(
            "!!(document.querySelector('.table:has(td a), .skip.over + .table')"
            ".compareDocumentPosition(document.activeElement) & 4)"
        )
        inside = page.evaluate(
            "!!document.activeElement.closest('#tbl, .profile .group:first-of-type .table')"
        )
        assert follows
        assert not inside
