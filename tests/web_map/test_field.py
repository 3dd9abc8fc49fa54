"""A page that was asked for nothing shows values that exist; names that look like code are text."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook

from layers.publish.publication import build_into, publish
from layers.release.manifest_file import Manifest
from tests.layers.publish.world import make_layers, write_world
from tests.web_map.conftest import Pages

EMPTY, OTHER = "99.01.01", "99.01.02"
FORMULAS = ("=1+1", "@Sum(a1)", "-2+3", "+62")


def write_patchy_world(target: Path) -> Manifest:
    """The small world with no IDM in its first kecamatan, and names that look like formulas."""
    layers = make_layers()
    desa = layers[0].features
    here = desa["kode_kecamatan"] == EMPTY
    desa.loc[here, ["idm_skor", "idm_skor_status"]] = [None, "no_data"]
    desa.loc[desa.index[: len(FORMULAS)], "nama"] = list(FORMULAS)
    return write_world(target, layers)


@pytest.fixture(scope="module")
def releases(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("patchy") / "releases"
    publish(root, build_into(root, write_patchy_world))
    return root


@pytest.fixture(scope="module")
def patchy(releases: Path) -> Iterator[Pages]:
    client = Pages(releases)
    with client:
        yield client


def title_of(page: str) -> str:
    return page.split("<title>")[1].split(" –")[0]


@pytest.mark.parametrize(
    ("path", "title"),
    [
        (f"/kecamatan/{OTHER}", "IDM"),
        (f"/kecamatan/{EMPTY}", "Penduduk"),
        (f"/kecamatan/{EMPTY}?layer=desa", "Penduduk"),
        (f"/kecamatan/{EMPTY}?layer=desa.idm_skor", "IDM"),
    ],
)
def test_a_field_that_nobody_named_has_values_here(patchy: Pages, path: str, title: str) -> None:
    assert title_of(patchy.get(path).text) == title


def test_a_named_field_without_values_says_where_there_are_some(patchy: Pages) -> None:
    text = patchy.get(f"/kecamatan/{EMPTY}?layer=desa.idm_skor").text
    assert 'class="empty"' in text
    assert f'href="/kecamatan/{OTHER}?layer=desa.idm_skor"' in text
    assert 'class="empty"' not in patchy.get(f"/kecamatan/{OTHER}?layer=desa.idm_skor").text


def names_in(text: str) -> list[str]:
    return [row["nama"] for row in csv.DictReader(io.StringIO(text))]


def test_no_name_runs_as_a_formula_in_a_downloaded_table(patchy: Pages, releases: Path) -> None:
    page = patchy.get(f"/kecamatan/{EMPTY}.csv").content.decode("utf-8-sig")
    whole = (releases / "current" / "downloads" / "desa.csv").read_text(encoding="utf-8")
    for text in (page, whole):
        names = names_in(text)
        assert {f"'{name}" for name in FORMULAS} & set(names)
        assert not any(name.startswith(("=", "+", "-", "@")) for name in names)


def test_a_workbook_keeps_such_a_name_as_text(patchy: Pages) -> None:
    body = patchy.get(f"/kecamatan/{EMPTY}.xlsx").content
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(body)).get_sheet_by_name("Data")
    assert {str(row[2]) for row in sheet.to_python()} >= {"=1+1", "@Sum(a1)", "-2+3"}


def test_what_cannot_be_reached_is_marked_otherwise_than_what_is_not_known(patchy: Pages) -> None:
    text = patchy.get(f"/kecamatan/{OTHER}?layer=desa.idm_skor").text
    drawing = text.split('id="svgmap"')[1].split("</svg>")[0]
    for mark in ("no_data", "unreachable"):
        assert f'fill="url(#p-{mark})"' in drawing
        assert f'id="p-{mark}"' in text
        assert f'data-mark="{mark}"' in text.split('id="legend"')[1].split("</section>")[0]
        assert f'"s": "{mark}"' in text
