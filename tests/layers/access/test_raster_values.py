"""What the numbers of a raster file mean: scale, masks, declared nodata, units."""

from pathlib import Path

import numpy as np
import pytest
import rasterio
from rasterio.enums import ColorInterp

from layers.access.terrain.raster_kinds import ELEVATION, FRICTION, LAND_COVER, PEOPLE, RasterKind
from layers.access.terrain.rasters import read_raster, write_cog
from layers.access.terrain.speeds import read_own_speeds
from layers.errors import DefinitionError
from tests.layers.access.raster_files import KINDS, VALUES, Made, codes, int16, read


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.section)
def test_scale_and_offset_make_the_values(tmp_path: Path, kind: RasterKind) -> None:
    made = Made(int16(VALUES * 10), scales=(0.5,), offsets=(3.0,), nodata=60)
    raster, found = read(made, tmp_path, kind)
    assert raster.values[0].tolist() == [8, 13, 18]
    assert np.isnan(raster.values[1, 2])
    assert found == ["raster.applied"]
    assert "scale 0.5, offset 3, nodata 60" in raster.applied[0].describe()


@pytest.mark.parametrize("scale", [0.0, np.nan, np.inf])
def test_a_scale_that_makes_nothing_of_the_numbers_is_refused(tmp_path: Path, scale: float) -> None:
    path = Made(int16(), scales=(scale,)).write(tmp_path / "r.tif")
    raster, findings = read_raster(path, "r.tif")
    assert raster is None
    assert codes(findings) == ["raster.scale_unusable"]


@pytest.mark.parametrize("is_internal", [True, False])
def test_a_mask_of_the_dataset_takes_cells_away(tmp_path: Path, is_internal: bool) -> None:
    mask = np.array([[True, True, False], [True, False, True]])
    with rasterio.Env(GDAL_TIFF_INTERNAL_MASK=is_internal):
        raster, found = read(Made(int16(), mask=mask), tmp_path)
    assert (tmp_path / "r.tif.msk").exists() != is_internal
    assert np.isfinite(raster.values).tolist() == mask.tolist()
    assert found == ["raster.applied"]
    assert raster.applied[0].masks == ("of the dataset",)


@pytest.mark.parametrize("nodata", [None, 5])
def test_an_alpha_band_is_a_mask_and_no_band_of_its_own(
    tmp_path: Path, nodata: float | None
) -> None:
    alpha = np.array([[255, 255, 0], [255, 255, 1]])
    made = Made(
        np.stack([VALUES, alpha]).astype(np.uint8),
        nodata=nodata,
        colours=(ColorInterp.gray, ColorInterp.alpha),
    )
    raster, _ = read(made, tmp_path)
    assert np.isnan(raster.values[0, 2])
    assert np.isnan(raster.values[1, 1]) == (nodata is not None)
    assert np.nansum(raster.values) == VALUES.sum() - 3 - (nodata or 0)
    assert raster.applied[0].masks == ("alpha band",)


def test_each_band_has_its_own_scale(tmp_path: Path) -> None:
    made = Made(int16(np.stack([VALUES, VALUES])), scales=(1.0, 10.0), offsets=(0.0, 1.0))
    raster, _ = read_raster(made.write(tmp_path / "r.tif"), "r.tif", band=2)
    assert raster is not None
    assert raster.values[0].tolist() == [11, 21, 31]


@pytest.mark.parametrize(
    ("dtype", "nodata", "stored"),
    [
        ("float32", -9999.9, np.float32(-9999.9)),
        ("float64", float(np.float32(-9999.9)), -9999.9),
        ("float64", -9999.9, float(np.float32(-9999.9))),
        ("float32", -3.4028234663852886e38, np.finfo(np.float32).min),
        ("float32", np.nan, np.nan),
        ("float32", np.inf, np.inf),
        ("float32", None, np.nan),
        ("float32", None, -np.inf),
        ("int32", 16777217, 16777217),
        ("uint8", 255, 255),
        ("float32", 0, 0),
    ],
)
def test_nodata_in_all_its_forms(
    tmp_path: Path, dtype: str, nodata: float | None, stored: float
) -> None:
    values = VALUES.astype(dtype)
    values[0, 0] = stored
    raster, found = read(Made(values, nodata=nodata), tmp_path)
    assert np.isnan(raster.values[0, 0])
    assert np.nansum(raster.values) == VALUES.sum() - 1
    assert [code for code in found if code != "raster.undeclared_nodata"] == []


def test_a_whole_number_beside_nodata_is_no_nodata(tmp_path: Path) -> None:
    values = np.array([[16777216, 16777217]], np.int32)
    raster, _ = read(Made(values, nodata=16777217), tmp_path, LAND_COVER)
    assert raster.values[0, 0] == 16777216
    assert np.isnan(raster.values[0, 1])


def test_a_nodata_that_the_type_cannot_hold_is_said(tmp_path: Path) -> None:
    path = Made(VALUES.astype(np.uint8)).write(tmp_path / "r.tif")
    raster, findings = read_raster(path, "r.tif", nodata=-9999)
    assert raster is not None
    assert raster.values.tolist() == VALUES.tolist()
    assert codes(findings) == ["raster.nodata_outside"]


def test_nodata_is_compared_before_scale_and_offset(tmp_path: Path) -> None:
    made = Made(int16([[-32768, 10, 20]]), scales=(10.0,), nodata=-32768)
    raster, _ = read(made, tmp_path)
    assert np.isnan(raster.values[0, 0])
    path = Made(int16([[-100, 10, 100]]), scales=(10.0,)).write(tmp_path / "s.tif")
    raster_scaled, _ = read_raster(path, "s.tif", nodata=100)
    assert raster_scaled is not None
    assert raster_scaled.values[0, 1] == 100
    assert np.isnan(raster_scaled.values[0, 2])


@pytest.mark.parametrize(
    ("kind", "unit", "factor"),
    [
        (ELEVATION, "metre", 1),
        (ELEVATION, "Feet", 0.3048),
        (ELEVATION, "cm", 0.01),
        (FRICTION, "minutes / meter", 1),
        (FRICTION, "s/m", 1 / 60),
        (PEOPLE, "jiwa", 1),
        (PEOPLE, "people per pixel", 1),
        (LAND_COVER, "class", 1),
    ],
)
def test_a_unit_the_file_states_is_converted(
    tmp_path: Path, kind: RasterKind, unit: str, factor: float
) -> None:
    raster, found = read(Made(VALUES.astype(np.float32), units=(unit,)), tmp_path, kind)
    assert np.allclose(raster.values, VALUES * factor)
    assert found == ([] if factor == 1 else ["raster.applied"])


@pytest.mark.parametrize(
    ("kind", "unit"), [(PEOPLE, "people/km2"), (PEOPLE, "jiwa per ha"), (FRICTION, "km/h")]
)
def test_a_unit_of_something_else_is_refused(tmp_path: Path, kind: RasterKind, unit: str) -> None:
    path = Made(VALUES.astype(np.float32), units=(unit,)).write(tmp_path / "r.tif")
    raster, findings = read_raster(path, "r.tif", kind)
    assert raster is None
    assert codes(findings) == ["raster.other_unit"]


def test_an_unknown_unit_is_said(tmp_path: Path) -> None:
    _, found = read(Made(VALUES.astype(np.float32), units=("furlong",)), tmp_path)
    assert found == ["raster.unknown_unit"]


def test_what_a_release_writes_says_what_was_applied(tmp_path: Path) -> None:
    raster, _ = read(Made(int16(), scales=(0.5,)), tmp_path)
    write_cog(tmp_path / "out.tif", raster, "title", "min")
    with rasterio.open(tmp_path / "out.tif") as source:
        tag = source.tags()["INPUT_1"]
    assert tag == "r.tif: band 1 of 1, scale 0.5, offset 0, no nodata, no mask"


@pytest.mark.parametrize("tag", ["description", "TIFFTAG_IMAGEDESCRIPTION", "long_name"])
def test_people_described_as_a_density_are_refused(tmp_path: Path, tag: str) -> None:
    text = "Population density (people/km2)"
    path = Made(VALUES, descriptions=(text,) if tag == "description" else None).write(
        tmp_path / "pop.tif"
    )
    if tag != "description":
        with rasterio.open(path, "r+") as target:
            target.update_tags(**{tag: text})
    raster, findings = read_raster(path, "pop.tif", PEOPLE)
    assert raster is None
    assert [finding.code for finding in findings] == ["raster.other_unit"]
    assert read_raster(path, "pop.tif", ELEVATION)[0] is not None
    with rasterio.open(path, "r+") as target:
        target.units = ["people"]
    assert read_raster(path, "pop.tif", PEOPLE)[0] is not None


@pytest.mark.parametrize(
    ("unit", "is_used"),
    [
        ("people per square km", False),
        ("persons/sq km", False),
        ("jiwa per kilometer persegi", False),
        ("thousand people", False),
        ("ribu jiwa", False),
        ("jiwa", True),
        ("distribusi penduduk", True),
    ],
)
def test_people_by_area_or_by_the_thousand_are_no_people_per_cell(
    tmp_path: Path, unit: str, is_used: bool
) -> None:
    path = Made(VALUES, units=(unit,)).write(tmp_path / "p.tif")
    raster, findings = read_raster(path, "p.tif", PEOPLE)
    assert (raster is not None) is is_used
    assert ("raster.other_unit" in [finding.code for finding in findings]) is not is_used


def test_infinite_cells_are_none_and_leave_the_others_alone(tmp_path: Path) -> None:
    values = np.full((8, 32), 4.0)
    values[:, :4] = np.inf
    raster, findings = read_raster(Made(values).write(tmp_path / "p.tif"), "p.tif", PEOPLE)
    assert raster is not None
    assert np.isnan(raster.values[:, :4]).all()
    assert (raster.values[:, 4:] == 4).all()
    assert [finding.code for finding in findings] == ["raster.undeclared_nodata"]


def test_what_is_proposed_as_nodata_has_all_its_digits(tmp_path: Path) -> None:
    values = np.arange(256, dtype=np.int32).reshape(8, 32)
    values[:, :4] = -2147483648
    _, findings = read_raster(Made(values).write(tmp_path / "p.tif"), "p.tif", PEOPLE)
    assert any("declare nodata = -2147483648 under" in finding.message for finding in findings)


def test_friction_described_as_a_speed_is_refused(tmp_path: Path) -> None:
    path = Made(VALUES, descriptions=("Travel speed (km/h)",)).write(tmp_path / "f.tif")
    raster, (finding,) = read_raster(path, "f.tif", FRICTION)
    assert raster is None
    assert finding.code == "raster.other_unit"
    assert 'gdal_edit.py -units "minutes per metre"' in finding.message


@pytest.mark.parametrize(
    ("kind", "text", "is_used"),
    [
        (FRICTION, "kecepatan (km/jam)", False),
        (FRICTION, "friction surface, seconds per meter", False),
        (FRICTION, "menit/km", False),
        (FRICTION, "metres per minute", False),
        (FRICTION, "friction (minutes/metre)", True),
        (FRICTION, "motorized friction surface, 30 arc-seconds", True),
        (FRICTION, "second version", True),
        (ELEVATION, "slope (degrees)", False),
        (ELEVATION, "Kemiringan lereng", False),
        (ELEVATION, "hillshade", False),
        (ELEVATION, "SRTM, 1 degree tile", True),
        (ELEVATION, "DEMNAS, metres above sea", True),
    ],
)
def test_a_description_of_another_measure_is_believed(
    tmp_path: Path, kind: RasterKind, text: str, is_used: bool
) -> None:
    path = Made(VALUES / 100 if kind is FRICTION else VALUES, descriptions=(text,))
    raster, findings = read_raster(path.write(tmp_path / "r.tif"), "r.tif", kind)
    assert (raster is not None) is is_used
    assert ("raster.other_unit" in [finding.code for finding in findings]) is not is_used


@pytest.mark.parametrize(
    ("kmh", "message"),
    [("0.08", "slower than anything"), ("280", "less than or equal to 100"), ("-1", "greater")],
)
def test_speeds_in_another_unit_are_refused(tmp_path: Path, kmh: str, message: str) -> None:
    path = tmp_path / "s.toml"
    path.write_text(f"[modes.motorbike.land]\ncrop = {kmh}\n", encoding="utf-8")
    with pytest.raises(DefinitionError, match=message):
        read_own_speeds(path, "s.toml")
    for usable in (0, 0.5, 60):
        path.write_text(f"[modes.motorbike.land]\ncrop = {usable}\n", encoding="utf-8")
        assert read_own_speeds(path, "s.toml").modes["motorbike"].land["crop"] == usable
