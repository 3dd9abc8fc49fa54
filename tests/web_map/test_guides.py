"""The guides: what they name is there, in both languages, with and without a register."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from geo_service.register import way
from tests.geo_service.register.guests import Guest, guest, open_register
from tests.web_map import guide_pictures
from tests.web_map.chromium import strict_page
from tests.web_map.conftest import Pages
from tests.web_map.test_browser import AXE
from web_map.pages.guide import guide as guides
from web_map.sentences import read_messages

ROLES = [one.id for one in guides.read_guides()]
LANGUAGES = ("", "?lang=en")
NAMED = re.compile(r"\[\[([^\]]*)\]\]")


@pytest.fixture(scope="module")
def house(sample_releases: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guest]:
    url = f"sqlite:///{tmp_path_factory.mktemp('guides') / 'register.db'}"
    open_register(url).close()
    with guest(sample_releases, url) as client:
        yield client


def parts() -> list[guides.GuidePart]:
    return [part for one in guides.read_guides() for part in one.parts]


def test_what_a_guide_names_is_on_the_pages() -> None:
    steps = {step.id for step in way.read_way().steps}
    named = {key for part in parts() for text in part.text for key in NAMED.findall(text.id)}
    assert len(named) > 20
    for key in named:
        step = key.removeprefix("step:")
        assert step in (steps if step != key else read_messages()), key
    for part in parts():
        for text in part.text:
            assert sorted(NAMED.findall(text.id)) == sorted(NAMED.findall(text.en)), text.id


def test_what_only_a_register_has_is_named_in_its_parts_only() -> None:
    for part in (part for part in parts() if part.always):
        assert not part.season
        for text in part.text:
            for key in NAMED.findall(text.id):
                assert not key.startswith(("step:", "house.", "home.", "board.", "meeting.")), key


def test_each_picture_is_there_in_both_languages_and_small() -> None:
    named = {part.picture for part in parts() if part.picture}
    assert named == set(guide_pictures.SCENES)
    files = {file.name: file.stat().st_size for file in guides.PICTURES.iterdir()}
    languages = guide_pictures.LANGUAGES
    assert set(files) == {f"{name}.{language}.webp" for name in named for language in languages}
    assert max(files.values()) <= guide_pictures.MOST_BYTES
    assert sum(files.values()) <= guide_pictures.MOST_BYTES_ALL
    for name in named:
        size = guide_pictures.SCENES[name].size
        for language in languages:
            assert guides.find_picture(name, language)[1:] == size


def test_seasons_are_those_of_the_calendar() -> None:
    calendar = {season.id for season in way.read_way().calendar}
    assert {season for part in parts() for season in part.season} == calendar


def test_a_text_is_escaped_and_names_what_the_pages_say(pages: Pages) -> None:
    del pages
    from web_map.words import Words

    steps = {"accept": "Sanggupi"}
    said = guides.name_things(
        "<i>[[house.tasks]]</i> [[step:accept]] [[board.send_all]]", Words("id"), steps
    )
    assert said == (
        "&lt;i&gt;<b>Tugas saya</b>&lt;/i&gt; <b>Sanggupi</b> <b>Kirim semua di halaman ini (…)</b>"
    )


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("role", ROLES)
def test_a_guide_leads_to_pages_that_are_there(house: Guest, role: str, language: str) -> None:
    text = house.get(f"/panduan/{role}{language}").text
    assert "[[" not in text
    assert ("Agustus" in text or "Juni" in text) == (not language and role != "warga")
    links = set(re.findall(r'(?:href|src)="(/[^"]*)"', text))
    assert len(links) > 5
    for link in links:
        if not link.startswith("/assets"):
            assert house.get(link.replace("&amp;", "&")).status_code == 200, link
    whole = next(one for one in guides.read_guides() if one.id == role)
    assert text.count('class="section guide-part"') == len(whole.parts)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("role", ["", *(f"/{role}" for role in ROLES)])
def test_without_a_register_a_guide_speaks_of_none_of_its_pages(
    pages: Pages, role: str, language: str
) -> None:
    answer = pages.get(f"/panduan{role}{language}")
    assert answer.status_code == 200
    main = answer.text.split("<main", 1)[1].split("</main>")[0]
    assert "/rumah" not in answer.text
    assert ("guide-part" in main) == bool(role)
    for word in ("Tugas saya", "My tasks", "Musrenbang", "Rapatkan", "Hold the meeting"):
        assert word not in main


def test_every_page_leads_to_the_guides(pages: Pages, house: Guest) -> None:
    for path in ("/", "/kecamatan/99.01.01", "/desa/99.01.01.2003", "/reports/", "/cari?q=tan"):
        assert 'href="/panduan"' in pages.get(path).text, path
    for path in ("/rumah", "/rumah/masuk", "/rumah/tanggapan", "/kabupaten/99.01"):
        assert 'href="/panduan"' in house.get(path).text, path
    assert 'href="/panduan?lang=en"' in house.get("/rumah?lang=en").text


def test_pictures_are_kept_and_what_is_none_is_not_found(pages: Pages) -> None:
    answer = pages.get("/panduan/gambar/map.id.webp")
    assert answer.headers["content-type"] == "image/webp"
    assert "max-age=86400" in answer.headers["cache-control"]
    again = pages.get("/panduan/gambar/map.id.webp", if_none_match=answer.headers["etag"])
    assert again.status_code == 304
    for path in ("/panduan/x", "/panduan/gambar/x.webp", "/panduan/gambar/..%2Fguide.py"):
        assert pages.get(path).status_code == 404, path


@pytest.mark.browser
@pytest.mark.parametrize("width", [360, 1280])
def test_axe_finds_nothing_on_a_guide(drawing: Browser, site: str, width: int) -> None:
    with strict_page(drawing, viewport={"width": width, "height": 740}) as page:
        for path in ("", *(f"/{role}?lang=en" for role in ROLES)):
            page.goto(f"{site}/panduan{path}")
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
            page.evaluate(AXE.read_text(encoding="utf-8") + "; 0")
            found = page.evaluate("axe.run().then((report) => report.violations)")
            assert [(fault["id"], path) for fault in found] == []
