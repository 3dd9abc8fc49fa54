"""A folder of the RBI map as BIG hands it out: what is of use is proposed, the rest says why."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import geopandas as gpd
import pytest
import shapely

from boundaries.findings.report import Severity
from layers.pipeline.build import check_workspace
from layers.proposal.file_columns import FileShape
from layers.proposal.file_shapes import tell_shapes
from layers.proposal.template import write_template
from layers.workspace.workspace_file import read_workspace

OTHERS = """
ADMINISTRASI_LN ADMINISTRASI_AR_KABKOTA ADMINISTRASI_AR_KECAMATAN AGRIKEBUN_AR AGRILADANG_AR
AGRISAWAH_AR AGRITANAMCAMPUR_AR AIRTERJUN_PT ARPEJALAN_LN BANDARA_PT BANGUNAN_AR BANGUNAN_PT
BIDANGTANAH_AR CAGARBUDAYA_PT DANAU_AR DERMAGA_PT EMPANG_AR GARISPANTAI_LN HUTAN_AR INDUSTRI_PT
JEMBATAN_LN KANTORPOS_PT KONTUR_LN LAHANTERBUKA_AR MAKAM_PT MATAAIR_PT MENARALISTRIK_PT
NIAGA_PT NONAGRIALANG_AR NONAGRIHUTANKERING_AR NONAGRISEMAKBELUKAR_AR PANTAI_AR PEMERINTAHAN_PT
PEMUKIMAN_AR PERTAHANAN_PT PILAR_PT RAWA_AR RELKA_LN SARANAIBADAH_PT SPOTHEIGHT_PT STASIUNKA_PT
SUNGAI_AR SUNGAI_LN TAMBANGAN_LN TERMINALBUS_PT TITIKKONTROLGEODESI_PT TOPONIMI_PT
"""
"""Layers of which nothing is used, as BIG names them."""


def square(x: int, y: int) -> shapely.Polygon:
    west, south = 123 + x * 0.05, -8.4 + y * 0.05
    return shapely.box(west, south, west + 0.05, south + 0.05)


def save(path: Path, shapes: Sequence[shapely.Geometry], **columns: list[str]) -> None:
    given = {
        "NAMOBJ": [""] * len(shapes),
        "FCODE": [""] * len(shapes),
        "REMARK": [""] * len(shapes),
        "METADATA": [""] * len(shapes),
    }
    gpd.GeoDataFrame({**given, **columns}, geometry=shapes, crs="EPSG:4326").to_file(path)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Some fifty layers of a kabupaten of four desa."""
    folder = tmp_path_factory.mktemp("rbi")
    codes = ["53.06.01.2001", "53.06.01.2002", "53.06.02.2001", "53.06.02.2002"]
    desa = [square(0, 0), square(1, 0), square(0, 1), square(1, 1)]
    names = ["Waibao", "Konga", "Oesao", "Raknamo"]
    save(
        folder / "ADMINISTRASIDESA_AR_25K.shp",
        desa,
        NAMOBJ=names,
        KDEPUM=codes,
        KDCPUM=[code[:8] for code in codes],
        WADMKC=["Wulanggitang"] * 2 + ["Tanjung Bunga"] * 2,
        WADMKK=["Flores Timur"] * 4,
        WADMPR=["Nusa Tenggara Timur"] * 4,
        WADMKD=names,
    )
    line = shapely.LineString([(123, -8.4), (123.1, -8.3)])
    save(
        folder / "JALAN_LN_25K.shp",
        [line, shapely.reverse(line).centroid.buffer(0.01).boundary],
        REMARK=["Jalan Lokal", "Jalan Setapak"],
    )
    points = [shapely.Point(123.02, -8.38), shapely.Point(123.07, -8.33)]
    save(
        folder / "PENDIDIKAN_PT_25K.shp",
        points,
        NAMOBJ=["SDN BORU", "SMPN 1 KONGA"],
        REMARK=["Pendidikan Dasar", "Pendidikan Menengah"],
    )
    save(
        folder / "KESEHATAN_PT_25K.shp",
        points,
        NAMOBJ=["PUSKESMAS BORU", "PUSTU KONGA"],
        REMARK=["Puskesmas", "Puskesmas Pembantu"],
    )
    save(
        folder / "RUMAHSAKIT_PT_25K.shp",
        points[:1],
        NAMOBJ=["RSUD Larantuka"],
        REMARK=["Rumah Sakit Umum"],
    )
    drawn: dict[str, Sequence[shapely.Geometry]] = {"AR": desa, "LN": [line], "PT": points}
    for name in OTHERS.split():
        save(folder / f"{name}_25K.shp", drawn[name.split("_")[1]])
    return folder


def test_desa_roads_schools_and_health_places_are_proposed_and_nothing_else(folder: Path) -> None:
    path, proposed = write_template(folder)
    workspace = read_workspace(folder)
    assert len(OTHERS.split()) >= 45
    assert proposed == 5
    assert [section.path for section in workspace.boundaries] == ["ADMINISTRASIDESA_AR_25K.shp"]
    boundary = workspace.boundaries[0]
    assert (boundary.code_column, boundary.name_column) == ("KDEPUM", "NAMOBJ")
    assert [section.path for section in workspace.roads] == ["JALAN_LN_25K.shp"]
    assert workspace.roads[0].classes == {"Jalan Lokal": "tertiary", "Jalan Setapak": "path"}
    assert {section.path for section in workspace.facilities} == {
        "PENDIDIKAN_PT_25K.shp",
        "KESEHATAN_PT_25K.shp",
        "RUMAHSAKIT_PT_25K.shp",
    }
    assert workspace.wilayah.scope == ("53.06",)
    text = path.read_text(encoding="utf-8")
    for name in OTHERS.split():
        assert f"# {name}_25K.shp: left out (" in text
    report = check_workspace(folder).report
    assert [finding for finding in report.findings if finding.severity is Severity.ERROR] == []


def test_layers_of_rbi_in_one_filegdb_are_told_apart(folder: Path, tmp_path: Path) -> None:
    for name in ("ADMINISTRASIDESA_AR_25K", "SUNGAI_LN_25K", "KESEHATAN_PT_25K"):
        layer = gpd.read_file(folder / f"{name}.shp")
        layer.to_file(tmp_path / "RBI.gdb", driver="OpenFileGDB", layer=name)
    text = write_template(tmp_path)[0].read_text(encoding="utf-8")
    workspace = read_workspace(tmp_path)
    assert [section.layer for section in workspace.boundaries] == ["ADMINISTRASIDESA_AR_25K"]
    assert [section.layer for section in workspace.facilities] == ["KESEHATAN_PT_25K"]
    assert "# RBI.gdb (layer SUNGAI_LN_25K): left out" in text


def areas(folder: Path, name: str, **columns: list[str]) -> FileShape:
    """What a layer of two areas with these columns is told as."""
    save(folder / f"{name}.shp", [square(0, 0), square(1, 0)], **columns)
    return tell_shapes(folder / f"{name}.shp")[0]


KECAMATAN = {"NAMOBJ": ["Wulanggitang", "Tanjung Bunga"], "KDCPUM": ["53.06.01", "53.06.02"]}
DESA = {"NAMOBJ": ["Waibao", "Konga"], "KDEPUM": ["53.06.01.2001", "53.06.01.2002"]}


@pytest.mark.parametrize("empty", ["", "-", "0", "NULL"])
@pytest.mark.parametrize(
    "name", ["ADMINISTRASIKECAMATAN_AR_25K", "ADMINISTRASI_AR_KECAMATAN_25K", "batas_kec_2023"]
)
def test_areas_of_kecamatan_with_empty_columns_of_desa_are_left_out(
    name: str, empty: str, tmp_path: Path
) -> None:
    columns = {"KDEPUM": [empty] * 2, "KDEBPS": [empty] * 2, "WADMKD": [empty] * 2}
    assert areas(tmp_path, name, **KECAMATAN, **columns).role == "left_out"


def test_areas_of_desa_in_a_layer_of_another_name_are_proposed(tmp_path: Path) -> None:
    told = areas(tmp_path, "ADMINISTRASI_AR_25K", **DESA, KDCPUM=["53.06.01"] * 2)
    assert (told.role, told.keys["code_column"]) == ("boundaries", "KDEPUM")
    assert told.keys["kecamatan_code_column"] == "KDCPUM"


def test_a_layer_with_codes_of_bps_only_is_proposed_in_that_system(tmp_path: Path) -> None:
    bps = {"KDPBPS": ["53"] * 2, "KDBBPS": ["09"] * 2, "KDCBPS": ["010"] * 2}
    bps |= {"KDEBPS": ["001", "002"], "KDEPUM": [""] * 2, "NAMOBJ": ["Waibao", "Konga"]}
    told = areas(tmp_path, "ADMINISTRASIDESA_AR_25K", **bps)
    assert (told.role, told.system) == ("boundaries", "bps")
    assert "code_column" not in told.keys


@pytest.mark.parametrize(
    ("kecamatan", "kabupaten"),
    [
        ("KECAMATAN", "KAB_KOTA"),
        ("NM_KEC", "KABKOT"),
        ("nama_kec", "nama_kab"),
        ("Distrik", "Kabupaten"),
    ],
)
def test_columns_of_kecamatan_and_kabupaten_are_proposed_where_they_hold_names(
    kecamatan: str, kabupaten: str, tmp_path: Path
) -> None:
    names = {kecamatan: ["Wulanggitang"] * 2, kabupaten: ["Flores Timur"] * 2}
    keys = areas(tmp_path, "batas_desa", **DESA, **names).keys
    assert (keys["kecamatan_name_column"], keys["kabupaten_name_column"]) == (kecamatan, kabupaten)
    numbers = {kecamatan: ["010", "010"], kabupaten: ["5306", "5306"]}
    keys = areas(tmp_path, "batas_desa_2", **DESA, **numbers).keys
    assert not {"kecamatan_name_column", "kabupaten_name_column"} & keys.keys()
