"""What ``init`` proposes for awkward files: the columns of the very file, and ``check`` passes."""

import json
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import rasterio
import shapely

from boundaries.findings.report import Severity
from layers.pipeline.build import check_workspace
from layers.proposal.template import write_template
from layers.workspace.sections import Workspace
from layers.workspace.workspace_file import read_workspace
from tests.cases.field import CASES
from tests.layers.small_workspace import DESA, write_polygons

NAMES = [(kode, nama) for kode, (nama, _) in DESA.items()]
WITHOUT_PROPOSAL = {"32-dusun-polygons": "polygons of dusun share the code of their desa"}
"""Cases whose files do not allow a proposal that passes, with the reason."""


def coded(code: str, name: str) -> dict[str, dict[str, object]]:
    """The four desa with their codes and names in columns of these names."""
    return {kode: {code: kode, name: nama} for kode, nama in NAMES}


def propose(folder: Path, tables: Mapping[str, str] | None = None) -> Workspace:
    """The workspace that ``init`` writes for the folder and these tables, without errors."""
    for name, text in (tables or {}).items():
        (folder / name).write_text(text, encoding="utf-8")
    write_template(folder)
    report = check_workspace(folder).report
    assert [str(finding) for finding in report.findings if finding.severity is Severity.ERROR] == []
    return read_workspace(folder)


@pytest.mark.parametrize(
    ("code", "name"), [("kode", "nama"), ("KODE_DESA", "NM_DESA"), ("kd_kemendagri", "kelurahan")]
)
def test_codes_are_lent_by_the_columns_of_the_file_that_has_them(
    code: str, name: str, tmp_path: Path
) -> None:
    write_polygons(tmp_path / "acuan.geojson", coded(code, name))
    write_polygons(tmp_path / "baru.geojson", {kode: {"desa": nama} for kode, nama in NAMES})
    (section,) = propose(tmp_path).boundaries
    assert section.path == "baru.geojson"
    assert section.codes_from is not None
    assert section.codes_from.code_column == code
    assert section.codes_from.name_column in (name, None)


def test_codes_are_taken_from_the_layer_that_has_them(tmp_path: Path) -> None:
    drawn = gpd.GeoDataFrame(
        {"KODE": [kode for kode, _ in NAMES], "DESA": [nama for _, nama in NAMES]},
        geometry=[shapely.box(123 + 0.02 * at, -8.4, 123.02 + 0.02 * at, -8.38) for at in range(4)],
        crs="EPSG:4326",
    )
    drawn.to_file(tmp_path / "batas.gpkg", layer="acuan")
    drawn[["DESA", "geometry"]].to_file(tmp_path / "batas.gpkg", layer="baru", mode="a")
    (section,) = propose(tmp_path).boundaries
    assert section.layer == "baru"
    assert section.codes_from is not None
    assert (section.codes_from.layer, section.codes_from.code_column) == ("acuan", "KODE")


def test_polygons_without_codes_beside_two_files_with_codes_stay_open(tmp_path: Path) -> None:
    rows = list(coded("kode", "nama").items())
    write_polygons(tmp_path / "a.geojson", dict(rows[:2]))
    write_polygons(tmp_path / "b.geojson", dict(rows))
    write_polygons(tmp_path / "c.geojson", {kode: {"desa": nama} for kode, nama in NAMES})
    assert [section.path for section in propose(tmp_path).boundaries] == ["a.geojson", "b.geojson"]
    assert '# path = "c.geojson"' in (tmp_path / "wilayah.toml").read_text(encoding="utf-8")


def test_of_copies_one_is_proposed(tmp_path: Path) -> None:
    table = "kode,jumlah penduduk,tahun\n" + "".join(f"{kode},120,2024\n" for kode, _ in NAMES)
    names = ("penduduk.csv", "penduduk - Copy.csv", "penduduk (1).csv")
    write_polygons(tmp_path / "desa.geojson", coded("kode", "nama"))
    shutil.copy(tmp_path / "desa.geojson", tmp_path / "desa (1).geojson")
    workspace = propose(tmp_path, dict.fromkeys(names, table))
    assert [section.path for section in workspace.boundaries] == ["desa.geojson"]
    assert [section.path for section in workspace.tables] == ["penduduk.csv"]
    text = (tmp_path / "wilayah.toml").read_text(encoding="utf-8")
    assert text.count("byte for byte the same as penduduk.csv") == 2
    assert "# desa (1).geojson: left out (byte for byte the same as desa.geojson)" in text


@pytest.mark.parametrize(
    ("files", "proposed"),
    [
        ({"batas_2023.geojson": 4, "batas_2024.geojson": 4}, ["batas_2024.geojson"]),
        ({"desa.geojson": 4, "desa (1).geojson": 4}, ["desa.geojson"]),
        ({"desa.geojson": 4, "kecamatan_1.geojson": 2}, ["desa.geojson"]),
        ({"a.geojson": 3, "b.geojson": 4, "c.geojson": 4}, ["a.geojson", "c.geojson"]),
    ],
)
def test_of_two_editions_of_the_polygons_one_is_proposed(
    files: dict[str, int], proposed: list[str], tmp_path: Path
) -> None:
    for name, count in files.items():
        rows = dict(list(coded("kode", "nama").items())[:count])
        # No copies: each says of what it is.
        write_polygons(tmp_path / name, {kode: {**row, "ed": name} for kode, row in rows.items()})
    assert [section.path for section in propose(tmp_path).boundaries] == proposed
    text = (tmp_path / "wilayah.toml").read_text(encoding="utf-8")
    assert "which is proposed" in text


@pytest.mark.parametrize(
    ("header", "pairs"),
    [
        ("kode,nama", [("kode", "nama")]),
        ("id_desa,nm_desa", [("id_desa", "nm_desa")]),
        ("KD_KEC,NAMA_KEC,KD_DESA,NAMA_DESA", [("KD_KEC", "NAMA_KEC"), ("KD_DESA", "NAMA_DESA")]),
        ("kode_desa,uraian", [("kode_desa", "uraian")]),
    ],
)
def test_a_code_list_is_proposed_by_its_own_columns(
    header: str, pairs: list[tuple[str, str]], tmp_path: Path
) -> None:
    write_polygons(tmp_path / "desa.geojson", coded("kode", "nama"))
    wide = header.count(",") == 3
    rows = [
        f"{kode[:8]},{kec},{kode},{nama}" if wide else f"{kode},{nama}"
        for kode, (nama, kec) in DESA.items()
    ]
    names = propose(tmp_path, {"daftar.csv": "\n".join([header, *rows])}).names
    assert [(section.code_column, section.name_column) for section in names] == pairs


def test_a_list_of_names_by_bps_codes_is_left_out(tmp_path: Path) -> None:
    write_polygons(tmp_path / "desa.geojson", coded("kode", "nama"))
    rows = [f"530601000{number},{nama}" for number, (_, nama) in enumerate(NAMES, start=1)]
    workspace = propose(tmp_path, {"daftar.csv": "\n".join(["kode_bps,nama", *rows])})
    assert workspace.names == ()


def test_a_bridge_is_proposed_by_its_own_columns(tmp_path: Path) -> None:
    write_polygons(tmp_path / "desa.geojson", coded("kode", "nama"))
    rows = [
        f"530601000{number},{kode},{nama}" for number, (kode, nama) in enumerate(NAMES, start=1)
    ]
    header = "idbps,kd_permendagri,nm_permendagri"
    workspace = propose(tmp_path, {"jembatan.csv": "\n".join([header, *rows])})
    (bridge,), (names,) = workspace.crosswalks, workspace.names
    assert (bridge.from_column, bridge.to_column) == ("idbps", "kd_permendagri")
    assert (names.code_column, names.name_column) == ("kd_permendagri", "nm_permendagri")


def test_a_dump_is_proposed_by_its_own_columns(tmp_path: Path) -> None:
    values = ",\n".join(
        f"('{kode}','{nama}','[[-8.4,{west}],[-8.4,{west + 0.02}],[-8.38,{west + 0.02}],"
        f"[-8.38,{west}],[-8.4,{west}]]')"
        for west, (kode, nama) in zip((123.0, 123.02, 123.04, 123.06), NAMES, strict=True)
    )
    text = f"INSERT INTO wilayah (id_wilayah, nama_desa, path) VALUES\n{values};\n"
    (tmp_path / "wilayah.sql").write_text(text)
    (section,) = propose(tmp_path).boundaries
    assert (section.code_column, section.name_column) == ("id_wilayah", "nama_desa")


def features(kinds: Sequence[str]) -> str:
    """Places of service drawn as points, or as areas round them."""
    shapes = {
        "Point": [123.01, -8.39],
        "Polygon": [[[123.01, -8.39], [123.011, -8.39], [123.011, -8.389], [123.01, -8.39]]],
    }
    rows = [
        {
            "type": "Feature",
            "properties": {"nama": f"Puskesmas {number}"},
            "geometry": {"type": kind, "coordinates": shapes[kind]},
        }
        for number, kind in enumerate(kinds)
    ]
    return json.dumps({"type": "FeatureCollection", "features": rows})


@pytest.mark.parametrize(
    "kinds", [["Point", "Point", "Polygon"], ["Polygon"], ["Polygon", "Polygon", "Point"]]
)
def test_areas_round_places_of_service_are_facilities(kinds: list[str], tmp_path: Path) -> None:
    write_polygons(tmp_path / "desa.geojson", coded("kode", "nama"))
    workspace = propose(tmp_path, {"f.geojson": features(kinds)})
    assert [section.path for section in workspace.facilities] == ["f.geojson"]


@pytest.mark.parametrize(
    ("crs", "bands", "lacks"),
    [("EPSG:4326", 1, None), (None, 1, "crs"), ("EPSG:4326", 3, "band"), (None, 2, "band")],
)
def test_a_raster_is_declared_only_where_it_says_all(
    crs: str | None, bands: int, lacks: str | None, tmp_path: Path
) -> None:
    write_polygons(tmp_path / "desa.geojson", coded("kode", "nama"))
    transform = rasterio.Affine(0.005, 0, 123.0, 0, -0.005, -8.38)
    profile = {"driver": "GTiff", "width": 16, "height": 4, "count": bands, "dtype": "float32"}
    with rasterio.open(
        tmp_path / "penduduk_2024.tif", "w", crs=crs, transform=transform, **profile
    ) as raster:
        raster.write(np.ones((bands, 4, 16), np.float32))
    workspace = propose(tmp_path)
    assert (workspace.population is None) == (lacks is not None)
    text = (tmp_path / "wilayah.toml").read_text(encoding="utf-8")
    assert lacks is None or f"# the file does not say: {lacks}" in text


@pytest.mark.skipif(not CASES.is_dir(), reason="no ../shared/cases on this machine")
def test_what_is_proposed_for_the_field_cases_passes_check(tmp_path: Path) -> None:
    blocked = {}
    for case in sorted(CASES.iterdir()):
        if not (case / "wilayah.toml").is_file():
            continue
        left_behind = shutil.ignore_patterns("case.md", "run.sh", "wilayah.toml")
        shutil.copytree(case, tmp_path / case.name, ignore=left_behind)
        write_template(tmp_path / case.name)
        report = check_workspace(tmp_path / case.name).report
        errors = [finding for finding in report.findings if finding.severity is Severity.ERROR]
        if errors:
            blocked[case.name] = errors
    assert set(blocked) == set(WITHOUT_PROPOSAL), blocked
