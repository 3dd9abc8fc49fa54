"""One route for all levels: which level has which page, and that no other word is a level."""

from __future__ import annotations

import pytest
from fastapi.routing import APIRoute

from tests.web_map.conftest import Pages
from web_map.all_pages import find_routers
from web_map.views.readers import Level, level_of

CODES = {
    Level.PROVINSI: "99",
    Level.KABUPATEN: "99.01",
    Level.KECAMATAN: "99.01.01",
    Level.DESA: "99.01.01.2003",
}
AREAS = [Level.PROVINSI, Level.KABUPATEN, Level.KECAMATAN]
FILES = [".png", ".csv", ".xlsx", ".csv-metadata.json", "/banding", "/banding.csv"]
FIELD = {Level.DESA: "desa.idm_skor", Level.KECAMATAN: "kecamatan.need_count"}


@pytest.mark.parametrize("level", AREAS)
@pytest.mark.parametrize("end", ["", *FILES])
def test_every_level_with_children_has_its_page_and_files(
    pages: Pages, level: Level, end: str
) -> None:
    assert pages.get(f"/{level}/{CODES[level]}{end}").status_code == 200


@pytest.mark.parametrize("level", FIELD)
@pytest.mark.parametrize("end", ["asal", "asal.json"])
def test_values_have_an_origin(pages: Pages, level: Level, end: str) -> None:
    answer = pages.get(f"/{level}/{CODES[level]}/{end}?layer={FIELD[level]}")
    assert answer.status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "/negara/99",
        "/negara/99.csv",
        "/desa/99.01.01.2003.csv",
        "/desa/99.01.01.2003/banding",
        "/provinsi/99/asal",
        "/kecamatanan/99.01.01",
        "/kecamatan/99.01",
        "/kecamatan/99.01.01.pdf",
        "/embed/kabupaten/99.01",
    ],
)
def test_no_other_word_is_a_level_and_no_level_has_what_it_has_not(pages: Pages, path: str) -> None:
    answer = pages.get(path, accept="application/json")
    assert answer.status_code == 404
    assert answer.json()["instance"] == path


def test_no_page_has_a_route_for_each_level() -> None:
    routes = [route for router in find_routers() for route in router.routes]
    paths = [route.path for route in routes if isinstance(route, APIRoute)]
    of_levels = {path.removeprefix("/").partition("/")[0] for path in paths}
    assert not of_levels & {"provinsi", "kabupaten"}
    assert len([path for path in paths if path.startswith("/{level")]) == 8


@pytest.mark.parametrize("level", Level)
def test_the_level_of_a_code_is_in_its_length(level: Level) -> None:
    assert level_of(CODES[level]) is level
    assert level.child is (level if level is Level.DESA else level_of(f"{CODES[level]}.01"))
    assert level.parent is (
        None if level is Level.PROVINSI else level_of(CODES[level].rpartition(".")[0])
    )
