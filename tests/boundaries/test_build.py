from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import pyogrio
import pytest
import shapely

from boundaries.build import COLUMNS, build_boundaries
from boundaries.codes import CodeSystem
from boundaries.codes.crosswalk import CodeBridge
from boundaries.coverage.hierarchy import LEVELS
from boundaries.errors import InputUndeclaredError
from boundaries.history.versions import Change, ChangeKind, History
from layers.publish.downloads import write_geoparquet
from layers.publish.report_files import write_findings_gpkg
from tests.boundaries.drawing import (
    build,
    codes_of,
    frame,
    is_coverage,
    kode,
    one,
    reference_of,
    source,
    square,
    write_json,
)

TWO_KECAMATAN = frame(
    [square(0, 0), square(1, 0), square(0, 1), square(1, 1)],
    [kode(1, 1), kode(2, 1), kode(1, 2), "99.01.02.1002"],
)


@dataclass(frozen=True)
class Allowed:
    check: str
    reason: str
    kode: str | None = None
    other: str | None = None


def test_outlines_of_all_levels_share_the_borders_of_the_desa(tmp_path: Path) -> None:
    result = build(tmp_path, TWO_KECAMATAN)
    assert result.frame["level"].value_counts().to_dict() == {
        "desa": 4,
        "kecamatan": 2,
        "kabupaten": 1,
        "provinsi": 1,
    }
    assert tuple(result.frame.columns) == COLUMNS
    kecamatan = result.level("kecamatan")
    assert kecamatan["kode"].tolist() == ["99.01.01", "99.01.02"]
    assert kecamatan.geometry.iloc[0].equals(square(0, 0, 2))
    for level in LEVELS:
        shapes = np.asarray(result.level(level).geometry.values, dtype=object)
        assert is_coverage(shapes)
        assert set(shapely.get_type_id(shapes)) == {6}


def test_area_of_a_parent_is_the_sum_of_its_desa(tmp_path: Path) -> None:
    result = build(tmp_path, TWO_KECAMATAN)
    sums = result.level("desa").groupby("kode_kecamatan")["area_ha"].sum()
    own = result.level("kecamatan").set_index("kode")["area_ha"]
    assert own.to_dict() == pytest.approx(sums.to_dict(), abs=1e-3)
    assert result.level("desa")["area_ha"].iloc[0] == pytest.approx(121.5, abs=1)


def test_the_fourth_part_of_the_code_tells_kelurahan_from_desa(tmp_path: Path) -> None:
    desa = build(tmp_path, TWO_KECAMATAN).level("desa")
    assert desa.set_index("kode")["jenis"]["99.01.02.1002"] == "kelurahan"
    assert desa["jenis"].tolist().count("desa") == 3


def test_rows_outside_the_scope_are_counted_and_named(tmp_path: Path) -> None:
    table = frame(
        [square(0, 0), square(1, 0), square(2, 0), square(3, 0)],
        [kode(1), "99.02.01.2001", "99.02.01.2002", "bukan kode"],
    )
    result = build(tmp_path, table)
    (load,) = result.report.loads
    assert (load.rows_read, load.matched, load.unmatched, load.duplicates) == (4, 1, 3, 0)
    outside = one(result.report.findings, "boundary.out_of_scope")
    assert (outside.kode, outside.value) == ("99.02", "rows 2-3")
    assert one(result.report.findings, "codes.refused").row == 4


def test_a_scope_without_any_row_says_where_the_rows_are(tmp_path: Path) -> None:
    with pytest.raises(InputUndeclaredError, match=r"scope 53\.06.*99\.01 \(4 rows\)"):
        build(tmp_path, TWO_KECAMATAN, scope=("53.06",))


def test_the_same_row_twice_is_counted_once(tmp_path: Path) -> None:
    table = frame([square(0, 0), square(1, 0), square(0, 0)], [kode(1), kode(2), kode(1)])
    result = build(tmp_path, table)
    (load,) = result.report.loads
    assert (load.matched, load.duplicates) == (2, 1)
    assert "boundary.duplicate_row" in codes_of(result.report.findings, "warning")
    assert not result.level("desa").geometry.isna().any()


def test_of_two_files_with_the_same_polygon_the_one_declared_first_names_the_desa(
    tmp_path: Path,
) -> None:
    for name, nama in (("lama.parquet", "Waibao"), ("baru.parquet", "Ekasapta")):
        frame([square(0, 0)], nama=[nama]).to_parquet(tmp_path / name)
    for first, second in (("lama", "baru"), ("baru", "lama")):
        sources = [source(tmp_path / f"{name}.parquet") for name in (first, second)]
        result = build_boundaries(sources, scope=["99.01"], year=2025)
        used = "Waibao" if first == "lama" else "Ekasapta"
        assert result.level("desa")["nama"].tolist() == [used]
        twin = one(result.report.findings, "boundary.duplicate_row")
        assert twin.file == f"{second}.parquet"
        assert f"is called '{used}' there" in twin.message


def test_only_what_is_one_desa_still_is_read_by_its_code_of_today(tmp_path: Path) -> None:
    """Two parts of a merged desa are not the merged one, and a split says not which part."""
    old = ("98.01.01.2001", "98.01.01.2002", "98.01.01.2003", "98.01.01.2004")
    kinds: list[tuple[str, int, ChangeKind]] = [
        (old[0], 1, "recode"),
        (old[1], 2, "merge"),
        (old[2], 2, "merge"),
        (old[3], 4, "split"),
        (old[3], 5, "split"),
    ]
    history = History.of([Change(code, kode(new), kind, 2022) for code, new, kind in kinds])
    table = frame([square(at, 0) for at in range(4)], list(old))
    result = build(tmp_path, table, history=history)
    assert result.level("desa")["kode"].tolist() == [kode(1)]
    former = one(result.report.findings, "boundary.code_former")
    assert (former.row, former.value, former.measure) == (1, old[0], 1)
    assert one(result.report.findings, "boundary.out_of_scope").measure == 3


def test_two_files_that_draw_one_desa_differently_are_both_named(tmp_path: Path) -> None:
    frame([square(0, 0), square(1, 0)]).to_parquet(tmp_path / "a.parquet")
    frame([square(0, 0, 0.8)]).to_parquet(tmp_path / "b.parquet")
    sources = [source(tmp_path / f"{name}.parquet") for name in "ab"]
    findings = build_boundaries(sources, scope=["99.01"], year=2025).report.findings
    both = [found for found in findings if found.code == "boundary.code_duplicate"]
    assert [found.file for found in both] == ["a.parquet", "b.parquet"]
    assert {found.kode for found in both} == {kode(1)}
    assert all("of a.parquet and b.parquet" in found.message for found in both)


def test_islands_drawn_as_rows_of_their_own_become_one_desa(tmp_path: Path) -> None:
    table = frame(
        [square(0, 0), square(5, 5)], [kode(1), kode(1)], nama=["Pulau Kera", "pulau kera"]
    )
    result = build(tmp_path, table)
    desa = result.level("desa")
    assert shapely.get_num_geometries(desa.geometry.iloc[0]) == 2
    assert one(result.report.findings, "boundary.parts_merged").measure == 2


@pytest.mark.parametrize("second", [square(0.5, 0), square(5, 5)])
def test_two_desa_under_one_code_are_an_error_and_neither_is_used(
    second: shapely.Polygon, tmp_path: Path
) -> None:
    table = frame([square(0, 0), second, square(9, 9)], [kode(1), kode(1), kode(2)])
    result = build(tmp_path, table)
    assert codes_of(result.report.findings, "error") == ["boundary.code_duplicate"] * 2
    assert result.level("desa").geometry.isna().tolist() == [True, False]
    (load,) = result.report.loads
    assert (load.matched, load.duplicates, load.desa_without_data) == (1, 2, 1)


THIN = shapely.Polygon([(124.5, -9.0), (124.50000001, -9.0), (124.50000001, -9.00000001)])
NOTHING_DRAWN = {
    "null": None,
    "empty polygon": shapely.Polygon(),
    "empty parts": shapely.MultiPolygon(),
    "empty collection": shapely.GeometryCollection(),
    "empty line": shapely.LineString(),
    "empty point": shapely.Point(),
    "smaller than the grid": THIN,
}


@pytest.mark.parametrize("drawn", NOTHING_DRAWN.values(), ids=NOTHING_DRAWN)
def test_a_desa_without_polygon_stays_in_the_frame(
    drawn: shapely.Geometry | None, tmp_path: Path
) -> None:
    result = build(tmp_path, frame([square(0, 0), drawn]))
    desa = result.level("desa")
    assert desa.geometry.isna().tolist() == [False, True]
    assert np.isnan(desa["area_ha"].iloc[1])
    assert one(result.report.findings, "boundary.geometry_missing").row == 2


@pytest.mark.parametrize("drawn", [None, shapely.Polygon()])
def test_an_empty_row_beside_the_polygon_of_its_desa_is_a_duplicate(
    drawn: shapely.Geometry | None, tmp_path: Path
) -> None:
    result = build(tmp_path, frame([square(0, 0), drawn], [kode(1), kode(1)]))
    assert one(result.report.findings, "boundary.duplicate_row").row == 2
    assert not result.level("desa").geometry.isna().any()
    assert not codes_of(result.report.findings, "error")


@pytest.mark.parametrize("text", ['{"type": "Polygon", "coordinates": []}', "null"])
def test_empty_coordinates_of_a_geojson_are_a_finding_with_its_row(
    text: str, tmp_path: Path
) -> None:
    features = [
        {
            "type": "Feature",
            "properties": {"kode": code, "nama": "A"},
            "geometry": json.loads(drawn),
        }
        for code, drawn in ((kode(1), shapely.to_geojson(square(0, 0))), (kode(2), text))
    ]
    path = tmp_path / "desa.geojson"
    write_json(path, {"type": "FeatureCollection", "features": features})
    result = build_boundaries([source(path)], scope=["99.01"], year=2025)
    missing = one(result.report.findings, "boundary.geometry_missing")
    assert (missing.file, missing.row, missing.kode) == ("desa.geojson", 2, kode(2))


def test_where_no_desa_has_a_polygon_nothing_is_published(tmp_path: Path) -> None:
    result = build(tmp_path, frame([None, None], [kode(1), kode(2)]))
    assert one(result.report.findings, "boundary.none_drawn").severity == "error"


def test_a_desa_of_the_official_list_that_nobody_draws_is_there_without_geometry(
    tmp_path: Path,
) -> None:
    names = {kode(9): "Desa Baru", "9901": "Kabupaten Contoh", "99": "Provinsi Contoh"}
    result = build(tmp_path, frame([square(0, 0)]), names=names)
    assert result.level("desa")["nama"].tolist() == ["Desa 1", "Desa Baru"]
    assert one(result.report.findings, "boundary.missing").kode == kode(9)
    assert result.level("kabupaten")["nama"].tolist() == ["Kabupaten Contoh"]


def test_an_enclave_drawn_on_top_of_the_desa_around_it_is_cut_out(tmp_path: Path) -> None:
    result = build(tmp_path, frame([square(0, 0, 3, 3), square(1, 1)]))
    shapes = result.level("desa").geometry
    assert shapely.area(shapes.iloc[1]) == pytest.approx(1e-4)
    assert shapely.area(shapes.iloc[0]) == pytest.approx(8e-4)
    assert one(result.report.findings, "boundary.within").kode == kode(1)
    assert one(result.report.findings, "boundary.area_changed").kode == kode(1)


def test_a_new_desa_drawn_over_two_old_ones_is_cut_out_of_both(tmp_path: Path) -> None:
    result = build(tmp_path, frame([square(0, 0, 2, 2), square(2, 0, 2, 2), square(1, 0.5, 2)]))
    shapes = result.level("desa").geometry
    assert shapely.area(shapes).tolist() == pytest.approx([3e-4, 3e-4, 2e-4])
    finding = one(result.report.findings, "boundary.on_top")
    assert (finding.kode, finding.value) == (kode(3), f"{kode(1)} {kode(2)}")


def test_one_place_under_two_codes_blocks_publication_unless_accepted(tmp_path: Path) -> None:
    table = frame([square(0, 0), square(0, 0), square(1, 0)])
    result = build(tmp_path, table)
    assert result.report.blocks_publication
    assert one(result.report.findings, "boundary.duplicate_geometry").value == kode(2)
    accepted = [
        Allowed("duplicate_geometry", "desa pemekaran, batas belum digambar", kode(1), kode(2)),
        Allowed("boundary.vanished", "desa pemekaran, batas belum digambar", kode(2)),
    ]
    calm = build(tmp_path, table, allow=accepted)
    assert not calm.report.blocks_publication
    assert "belum digambar" in one(calm.report.findings, "boundary.duplicate_geometry").message


def test_an_accepted_finding_that_does_not_occur_is_reported(tmp_path: Path) -> None:
    allowed = [Allowed("overlap", "diketahui dan disepakati", kode(1))]
    result = build(tmp_path, TWO_KECAMATAN, allow=allowed)
    assert one(result.report.findings, "boundary.allow_unused").severity == "warning"


def test_the_declared_kecamatan_counts_and_a_difference_is_reported(tmp_path: Path) -> None:
    table = TWO_KECAMATAN.assign(kec=["99.01.01", "99.01.02", "99.01.02", "99.01.02"])
    result = build(tmp_path, table, declared={"kecamatan_code_column": "kec"})
    desa = result.level("desa").set_index("kode")
    assert desa.loc[kode(2, 1), "kode_kecamatan"] == "99.01.02"
    finding = one(result.report.findings, "boundary.parent_mismatch")
    assert (finding.kode, finding.row, finding.value) == (kode(2, 1), 2, "99.01.02")


def test_legal_status_and_year_are_carried_to_every_level(tmp_path: Path) -> None:
    table = TWO_KECAMATAN.assign(uupp=["ditetapkan", "Tanpa Kesepakatan", "indikatif", "hmm"])
    declared = {"legal_status_column": "uupp", "year": 2019}
    result = build(tmp_path, table, declared=declared)
    desa = result.level("desa")
    assert desa["legal_status"].tolist() == ["fixed", "not_agreed", "unknown", "indicative"]
    assert set(result.frame["valid_from"]) == {2019}
    assert one(result.report.findings, "boundary.legal_status_unknown").value == "hmm"


def test_polygons_without_codes_take_them_from_those_that_cover_the_same_place(
    tmp_path: Path,
) -> None:
    reference = frame([square(0, 0), square(1, 0), square(2, 0)])
    reference.to_parquet(tmp_path / "acuan.parquet")
    drawn = frame(
        [square(0.05, 0), square(1, 0, 1, 0.3), square(2, 0), square(2, 0.01)],
        nama=["Satu", "Dua", "Tiga", "Tiga lagi"],
    ).drop(columns="kode")
    lender = reference_of(tmp_path / "acuan.parquet")
    result = build(tmp_path, drawn, declared={"codes_from": lender, "code_column": None})
    (load,) = result.report.loads
    assert (load.rows_read, load.matched, load.unmatched) == (4, 1, 3)
    assert result.level("desa")[["kode", "nama"]].iloc[0].tolist() == [kode(1), "Satu"]
    assert one(result.report.findings, "boundary.code_not_lent").row == 2
    ambiguous = [f for f in result.report.findings if f.code == "boundary.code_ambiguous"]
    assert [finding.row for finding in ambiguous] == [3, 4]


def test_bps_codes_cross_over_a_bridge_or_not_at_all(tmp_path: Path) -> None:
    table = frame([square(0, 0), square(1, 0)], ["9802010001", "9802010002"])
    declared = {"code_system": CodeSystem.BPS}
    with pytest.raises(InputUndeclaredError, match="Declare a bridge"):
        build(tmp_path, table, declared=declared)
    bridge = CodeBridge({"9802010001": "9901012001"}, {}, {})
    result = build(tmp_path, table, declared=declared, bridge=bridge)
    assert result.level("desa")["kode"].tolist() == [kode(1)]
    (load,) = result.report.loads
    assert (load.matched, load.unmatched) == (1, 1)


def test_shuffled_rows_and_two_runs_give_the_same_bytes(tmp_path: Path) -> None:
    rough = frame(
        [square(0, 0), square(0.999, 0), square(0, 0.998, 1), square(1.003, 1), square(0, 0)],
        [kode(1), kode(2), kode(3), kode(4), kode(1)],
    )
    outputs = []
    for order in ([0, 1, 2, 3, 4], [0, 1, 2, 3, 4], [4, 2, 0, 3, 1]):
        shuffled = rough.iloc[order].reset_index(drop=True).assign(nama="Sama")
        result = build(tmp_path, shuffled)
        result.frame["source_row"] = 0
        write_geoparquet(result.frame, tmp_path / "out.parquet")
        outputs.append((tmp_path / "out.parquet").read_bytes())
    assert outputs[0] == outputs[1] == outputs[2]


def test_the_written_file_is_geoparquet_that_reads_back(tmp_path: Path) -> None:
    result = build(tmp_path, TWO_KECAMATAN)
    write_geoparquet(result.frame, tmp_path / "boundaries.parquet")
    again = gpd.read_parquet(tmp_path / "boundaries.parquet", bbox=(124.0, -9.0, 124.001, -8.999))
    assert set(again["kode"]) == {kode(1), "99.01.01", "99.01", "99"}
    assert again.crs.to_epsg() == 4326


def test_findings_open_in_qgis_as_points_and_a_table_with_equal_bytes(tmp_path: Path) -> None:
    table = frame([square(0, 0), square(0.9, 0), square(5, 5)], [kode(1), kode(2), "99.02.01.2001"])
    result = build(tmp_path, table)
    write_findings_gpkg(result.report, tmp_path / "a.gpkg")
    write_findings_gpkg(result.report, tmp_path / "b.gpkg")
    assert (tmp_path / "a.gpkg").read_bytes() == (tmp_path / "b.gpkg").read_bytes()
    layers = dict(pyogrio.list_layers(tmp_path / "a.gpkg"))
    assert layers == {"points": "MultiPoint", "without_place": None}
    points = gpd.read_file(tmp_path / "a.gpkg", layer="points")
    assert "boundary.overlap" in set(points["code"])


def test_an_empty_report_is_a_geopackage_too(tmp_path: Path) -> None:
    result = build(tmp_path, TWO_KECAMATAN)
    result.report.findings.clear()
    write_findings_gpkg(result.report, tmp_path / "a.gpkg")
    assert len(gpd.read_file(tmp_path / "a.gpkg")) == 0


@pytest.mark.real
def test_all_250_desa_of_flores_timur_are_used_and_3102_rows_named(shared_data: Path) -> None:
    declared = source(shared_data / "wilayah_boundaries/kel_53.parquet")
    result = build_boundaries([declared], scope=("53.06",), year=2025)
    (load,) = result.report.loads
    assert (load.rows_read, load.matched, load.unmatched) == (3352, 250, 3102)
    overlaps = [f for f in result.report.findings if f.code == "boundary.overlap"]
    assert len(overlaps) == 36
    assert len(result.level("kecamatan")) == 19


@pytest.mark.real
def test_kelurahan_of_jakarta_take_258_codes_and_three_stay_without(shared_data: Path) -> None:
    lender = reference_of(shared_data / "wilayah_boundaries/kel_31.parquet")
    declared = source(
        shared_data / "inasafe_jakarta/kelurahan_jakarta.parquet",
        code_column=None,
        name_column="KEL_NAME2",
        codes_from=lender,
    )
    result = build_boundaries([declared], scope=("31",), year=2016)
    (load,) = result.report.loads
    assert (load.rows_read, load.matched, load.unmatched) == (261, 258, 3)
    desa = result.level("desa")
    reference = gpd.read_parquet(shared_data / "wilayah_boundaries/kel_31.parquet")
    names = dict(zip(reference["kode"], reference["nama"], strict=True))
    same = [
        names[k].casefold() == n.casefold() for k, n in zip(desa["kode"], desa["nama"], strict=True)
    ]
    assert sum(same) > 240
