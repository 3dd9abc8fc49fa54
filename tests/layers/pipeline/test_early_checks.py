"""What is declared wrongly is told before the polygons are read."""

from __future__ import annotations

from pathlib import Path

import pytest

from boundaries.errors import BoundariesError
from layers.errors import InputError, LayersError
from layers.pipeline.build import check_workspace
from tests.layers.pipeline.world import (
    FACILITIES,
    FILES,
    HISTORY,
    NAMES,
    PLANS,
    POPULATION,
    ROADS,
    SPENDING,
    write_binaries,
)
from tests.layers.small_workspace import BOUNDARIES, write_workspace

TABLE = """[[tables]]
id = "t"
path = "t.csv"
code_system = "kemendagri"
code_column = "kode"
year = 2024
[tables.columns]
jiwa = "penduduk_jiwa"
"""


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (TABLE.replace('"kode"', '"kod"'), "no column 'kod'"),
        (TABLE.replace("jiwa =", "orang ="), "no column 'orang'"),
        (TABLE.replace("penduduk_jiwa", "penduduk"), "penduduk: no such indicator"),
        (TABLE.replace("t.csv", "u.csv"), "u.csv"),
    ],
)
def test_it_is_told_before_the_polygons(tmp_path: Path, wrong: str, message: str) -> None:
    folder = write_workspace(tmp_path / "w", wrong, {"t.csv": "kode,jiwa\n53.06.01.2001,1\n"})
    (folder / "desa.geojson").write_text("no polygons at all", encoding="utf-8")
    with pytest.raises(InputError, match=message):
        check_workspace(folder)


def test_all_files_that_cannot_be_read_as_declared_are_told_at_once(tmp_path: Path) -> None:
    sections = TABLE.replace('"kode"', '"kod"') + FACILITIES.replace('"nama"', '"nme"')
    other = TABLE.replace('"t"', '"u"').replace("jiwa =", "orang =")
    text = {"t.csv": "kode,jiwa\n53.06.01.2001,1\n"}
    folder = write_workspace(tmp_path / "w", sections + other, FILES | text)
    with pytest.raises(InputError, match="3 inputs cannot be read as declared") as refused:
        check_workspace(folder)
    for words in ("no column 'kod'", "no column 'orang'", "no column 'nme'"):
        assert words in str(refused.value)


SERVICE = """[[services]]
id = "sanitasi"
[[services.needs]]
indicator = "penduduk_jiwa"
norm = 1
"""


@pytest.mark.parametrize(
    ("section", "right", "wrong", "message"),
    [
        (SPENDING, '"keg"', '"kegiatan"', "no column 'kegiatan'"),
        (SPENDING, '"pagu"', '"pago"', "Did you mean 'pagu'"),
        (SPENDING, 'anggaran_column = "pagu"', "", "declare anggaran_column or realisasi"),
        (FACILITIES, '"nama"', '"nme"', "no column 'nme'"),
        (FACILITIES, 'lat_column = "y"', 'lat_column = "z"', "no column 'z'"),
        (FACILITIES, 'kind = "sd"', "", "declare either kind"),
        (PLANS, '"jenis"', '"jeniss"', "no column 'jeniss'"),
        (PLANS, "air_minum", "air_minun", "air_minun, which is no service"),
        (NAMES, '"nama"', '"nma"', "nma"),
        (HISTORY, '"baru"', '"bru"', "bru"),
        (HISTORY, 'kind_column = "jenis"\n', "", "kind_column"),
        (ROADS, '"fungsi"', '"funsi"', "Did you mean 'fungsi'"),
        (ROADS, '"primary"', '"primry"', "no mode has a speed for the class primry"),
        (POPULATION, "band = 1", "band = 4", "none of its 1 bands"),
        (POPULATION, "p.tif", "t.csv", "cannot be read as a raster"),
        (POPULATION, "band = 1", 'rescale_to = "penduduk"', "is no indicator"),
        ('[history]\nuse = "papua-2022"\n', "papua-2022", "papua", "there is no history 'papua'"),
        ('[travel]\nmode = "walking"\n', '"walking"', '"wlking"', "wlking"),
        (
            SERVICE,
            "penduduk_jiwa",
            "penduduk",
            "'penduduk' is no indicator",
        ),
    ],
)
def test_every_section_is_told_before_the_polygons(
    section: str, right: str, wrong: str, message: str, tmp_path: Path
) -> None:
    assert right in section
    folder = write_workspace(tmp_path / "w", section.replace(right, wrong), FILES)
    write_binaries(folder)
    (folder / "desa.geojson").write_text("no polygons at all", encoding="utf-8")
    with pytest.raises((LayersError, BoundariesError), match=message):
        check_workspace(folder)


@pytest.mark.parametrize(
    ("boundaries", "message"),
    [
        (BOUNDARIES.replace('"kec"', '"kecamatan"'), "no column 'kecamatan'"),
        (BOUNDARIES + 'where = { kec = "Wulanggitng" }\n', "Did you mean 'Wulanggitang'"),
    ],
)
def test_columns_and_conditions_of_boundaries_are_told_without_reading_polygons(
    boundaries: str, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = write_workspace(tmp_path / "w", "", {}, boundaries)
    monkeypatch.setattr("layers.pipeline.ground.build_boundaries", _no_polygons)
    with pytest.raises(BoundariesError, match=message):
        check_workspace(folder)


def _no_polygons(*_: object, **__: object) -> None:
    raise AssertionError("polygons were read")


def test_what_is_declared_rightly_passes(tmp_path: Path) -> None:
    sections = SPENDING + FACILITIES + PLANS + NAMES + HISTORY + ROADS + POPULATION
    folder = write_workspace(tmp_path / "w", sections, FILES)
    write_binaries(folder)
    assert check_workspace(folder).report.loads
