"""Rasters as files really are: scale, masks, bands, directions, nodata, on grids of a few cells."""

from __future__ import annotations

import ast
import gzip
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from zipfile import ZipFile

import numpy as np
import pytest
import rasterio
from numpy.typing import NDArray
from rasterio import Affine
from rasterio.enums import ColorInterp

from layers.access.terrain.raster import Raster, read_raster, write_cog
from layers.access.terrain.raster_kinds import ELEVATION, FRICTION, LAND_COVER, PEOPLE, RasterKind
from layers.errors import InputError

LAYERS = Path(__file__).parents[3] / "layers"
KINDS = (PEOPLE, FRICTION, LAND_COVER, ELEVATION)
UPRIGHT = Affine(0.1, 0, 120, 0, -0.1, -7.0)
VALUES = np.array([[1, 2, 3], [4, 5, 6]])


@dataclass(frozen=True)
class Made:
    """A raster to write; bands have the shape (bands, rows, columns)."""

    bands: NDArray[np.generic]
    transform: Affine = UPRIGHT
    crs: str | None = "EPSG:4326"
    nodata: float | None = None
    scales: tuple[float, ...] | None = None
    offsets: tuple[float, ...] | None = None
    units: tuple[str, ...] | None = None
    descriptions: tuple[str, ...] | None = None
    mask: NDArray[np.bool_] | None = None
    colours: tuple[ColorInterp, ...] | None = None
    palette: bool = False
    driver: str = "GTiff"
    options: Mapping[str, str] = field(default_factory=dict)

    def write(self, path: Path) -> Path:
        """The file."""
        bands = np.atleast_3d(self.bands) if self.bands.ndim == 3 else self.bands[None]
        profile = {
            "driver": self.driver,
            "count": len(bands),
            "height": bands.shape[1],
            "width": bands.shape[2],
            "dtype": bands.dtype.name,
            "transform": self.transform,
            "crs": self.crs,
            "nodata": self.nodata,
            **self.options,
        }
        with rasterio.open(path, "w", **profile) as target:
            if self.palette:
                target.write_colormap(1, {1: (255, 0, 0, 255), 2: (0, 255, 0, 255)})
            if self.colours is not None:
                target.colorinterp = self.colours
            target.write(bands)
            for name in ("scales", "offsets", "units", "descriptions"):
                if getattr(self, name) is not None:
                    setattr(target, name, getattr(self, name))
            if self.mask is not None:
                target.write_mask(self.mask)
        return path


def codes(findings: tuple[object, ...]) -> list[str]:
    return [str(getattr(finding, "code", "")) for finding in findings]


def read(made: Made, folder: Path, kind: RasterKind = PEOPLE) -> tuple[Raster, list[str]]:
    raster, findings = read_raster(made.write(folder / "r.tif"), "r.tif", kind)
    assert raster is not None, findings
    return raster, codes(findings)


def int16(values: object = VALUES) -> NDArray[np.int16]:
    return np.asarray(values, np.int16)


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


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.section)
def test_several_bands_are_never_the_first_in_silence(tmp_path: Path, kind: RasterKind) -> None:
    bands = np.stack([VALUES, VALUES * 2]).astype(np.float32)
    path = Made(bands, descriptions=("2020", "2024")).write(tmp_path / "r.tif")
    raster, findings = read_raster(path, "r.tif", kind)
    assert raster is None
    assert codes(findings) == ["raster.several_bands"]
    assert findings[0].severity == "error"
    assert "1 '2020', 2 '2024'" in findings[0].message


@pytest.mark.parametrize(("band", "first"), [(1, 1), (2, 2), ("2024", 2), (" 2020 ", 1)])
def test_a_declared_band_is_read(tmp_path: Path, band: int | str, first: float) -> None:
    bands = np.stack([VALUES, VALUES * 2]).astype(np.float32)
    path = Made(bands, descriptions=("2020", "2024")).write(tmp_path / "r.tif")
    raster, findings = read_raster(path, "r.tif", band=band)
    assert raster is not None
    assert raster.values[0, 0] == first
    assert codes(findings) == ["raster.applied"]


@pytest.mark.parametrize("band", [3, "2021", 2024])
def test_a_band_that_is_not_there_lists_those_that_are(tmp_path: Path, band: int | str) -> None:
    bands = np.stack([VALUES, VALUES * 2]).astype(np.float32)
    path = Made(bands, descriptions=("2020", "2024")).write(tmp_path / "r.tif")
    with pytest.raises(InputError, match="1 '2020', 2 '2024'"):
        read_raster(path, "r.tif", band=band)


def test_each_band_has_its_own_scale(tmp_path: Path) -> None:
    made = Made(int16(np.stack([VALUES, VALUES])), scales=(1.0, 10.0), offsets=(0.0, 1.0))
    raster, _ = read_raster(made.write(tmp_path / "r.tif"), "r.tif", band=2)
    assert raster is not None
    assert raster.values[0].tolist() == [11, 21, 31]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.section)
def test_a_picture_is_refused(tmp_path: Path, kind: RasterKind) -> None:
    made = Made(np.stack([VALUES] * 3).astype(np.uint8), options={"photometric": "RGB"})
    raster, findings = read_raster(made.write(tmp_path / "r.tif"), "r.tif", kind)
    assert raster is None
    assert codes(findings) == ["raster.picture"]
    raster, findings = read_raster(tmp_path / "r.tif", "r.tif", kind, band=2)
    assert raster is not None
    assert codes(findings) == ["raster.picture", "raster.applied"]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.section)
def test_a_palette_is_a_picture_but_for_land_cover(tmp_path: Path, kind: RasterKind) -> None:
    path = Made(VALUES.astype(np.uint8), palette=True).write(tmp_path / "r.tif")
    raster, findings = read_raster(path, "r.tif", kind)
    assert (raster is None) == (kind is not LAND_COVER)
    assert codes(findings) == ([] if kind is LAND_COVER else ["raster.picture"])


def test_complex_numbers_are_refused(tmp_path: Path) -> None:
    path = Made(VALUES.astype(np.complex64)).write(tmp_path / "r.tif")
    raster, findings = read_raster(path, "r.tif")
    assert raster is None
    assert codes(findings) == ["raster.complex"]


@pytest.mark.parametrize(
    ("transform", "stored"),
    [
        (UPRIGHT, VALUES),
        (Affine(0.1, 0, 120, 0, 0.1, -7.2), VALUES[::-1]),
        (Affine(-0.1, 0, 120.3, 0, -0.1, -7.0), VALUES[:, ::-1]),
        (Affine(-0.1, 0, 120.3, 0, 0.1, -7.2), VALUES[::-1, ::-1]),
    ],
)
@pytest.mark.parametrize(
    "box", [None, (120.11, -7.19, 120.29, -7.11), (120.2, -7.1, 120.21, -7.05)]
)
def test_a_raster_is_turned_north_up(
    tmp_path: Path,
    transform: Affine,
    stored: NDArray[np.int64],
    box: tuple[float, float, float, float] | None,
) -> None:
    mask = stored != 5
    path = Made(int16(stored), transform=transform, mask=mask).write(tmp_path / "r.tif")
    raster, findings = read_raster(path, "r.tif", bbox_lonlat=box)
    assert raster is not None
    assert codes(findings) == ["raster.applied"]
    assert raster.applied[0].is_turned == (transform != UPRIGHT)
    lon, lat = np.meshgrid([120.05, 120.15, 120.25], [-7.05, -7.15])
    values, off = raster.sample(np.stack([lon.ravel(), lat.ravel()], axis=1))
    expected = np.where(VALUES == 5, np.nan, VALUES).ravel().astype(float)
    assert np.allclose(values[~off], expected[~off], equal_nan=True)
    assert off.any() == (box is not None)


@pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning")
@pytest.mark.parametrize(
    ("transform", "code"),
    [
        (UPRIGHT @ Affine.rotation(12), "raster.rotated"),
        (Affine(0, 0.1, 120, 0.1, 0, -7), "raster.rotated"),
        (Affine(0.1, 0.02, 120, 0, -0.1, -7), "raster.rotated"),
        (Affine.identity(), "raster.no_place"),
    ],
)
def test_a_raster_that_cannot_be_laid_is_refused(
    tmp_path: Path, transform: Affine, code: str
) -> None:
    path = Made(int16(), transform=transform, options={"tiled": "no"}).write(tmp_path / "r.tif")
    raster, findings = read_raster(path, "r.tif")
    assert raster is None
    assert codes(findings) == [code]


def test_a_rotation_by_rounding_is_none(tmp_path: Path) -> None:
    raster, found = read(Made(int16(), transform=Affine(0.1, 1e-12, 120, 0, -0.1, -7)), tmp_path)
    assert found == []
    assert raster.values.tolist() == VALUES.tolist()


def test_points_and_areas_lie_on_the_same_cells(tmp_path: Path) -> None:
    grids = []
    for word in ("Area", "Point"):
        path = Made(int16()).write(tmp_path / f"{word}.tif")
        with rasterio.open(path, "r+") as target:
            target.update_tags(AREA_OR_POINT=word)
        raster, _ = read_raster(path, "r.tif")
        assert raster is not None
        grids.append(raster.grid)
    assert grids[0] == grids[1]


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


def test_a_crs_of_feet_is_refused(tmp_path: Path) -> None:
    made = Made(int16(), transform=Affine(100, 0, 6e6, 0, -100, 2e6), crs="EPSG:2225")
    raster, findings = read_raster(made.write(tmp_path / "r.tif"), "r.tif")
    assert raster is None
    assert codes(findings) == ["raster.other_unit"]


@pytest.mark.parametrize("shape", [(1, 4), (4, 1), (1, 1)])
def test_a_single_row_or_column_is_a_raster(tmp_path: Path, shape: tuple[int, int]) -> None:
    raster, found = read(Made(np.full(shape, 7, np.float32)), tmp_path)
    assert found == []
    assert (raster.grid.rows, raster.grid.columns) == shape


@pytest.mark.parametrize("content", [b"", b"not a raster"])
def test_what_is_no_raster_is_an_error_in_words(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "r.tif").write_bytes(content)
    with pytest.raises(InputError, match=r"r\.tif cannot be read as a raster"):
        read_raster(tmp_path / "r.tif", "r.tif")


def test_a_file_cut_off_is_an_error_in_words(tmp_path: Path) -> None:
    path = Made(np.arange(40_000, dtype=np.float32).reshape(200, 200)).write(tmp_path / "r.tif")
    path.write_bytes(path.read_bytes()[:50_000])
    with pytest.raises(InputError, match=r"r\.tif cannot be read as a raster"):
        read_raster(path, "r.tif")


def test_packed_rasters_are_read(tmp_path: Path) -> None:
    path = Made(int16()).write(tmp_path / "r.tif")
    (tmp_path / "r.tif.gz").write_bytes(gzip.compress(path.read_bytes()))
    with ZipFile(tmp_path / "r.zip", "w") as archive:
        archive.write(path, "data/r.tif")
        archive.writestr("readme.txt", "made up")
    for name in ("r.tif.gz", "r.zip"):
        raster, findings = read_raster(tmp_path / name, name)
        assert raster is not None
        assert findings == ()
        assert raster.values.tolist() == VALUES.tolist()
    with ZipFile(tmp_path / "r.zip", "a") as archive:
        archive.write(path, "data/s.tif")
    with pytest.raises(InputError, match=r"2 rasters.*data/r\.tif, data/s\.tif"):
        read_raster(tmp_path / "r.zip", "r.zip")


def test_a_virtual_raster_is_refused(tmp_path: Path) -> None:
    Made(int16()).write(tmp_path / "r.tif")
    (tmp_path / "r.vrt").write_text(
        '<VRTDataset rasterXSize="3" rasterYSize="2"><VRTRasterBand dataType="Int16" band="1">'
        '<SimpleSource><SourceFilename relativeToVRT="1">r.tif</SourceFilename></SimpleSource>'
        "</VRTRasterBand></VRTDataset>"
    )
    with pytest.raises(InputError, match="virtual raster"):
        read_raster(tmp_path / "r.vrt", "r.vrt")


def test_what_a_release_writes_says_what_was_applied(tmp_path: Path) -> None:
    raster, _ = read(Made(int16(), scales=(0.5,)), tmp_path)
    write_cog(tmp_path / "out.tif", raster, "title", "min")
    with rasterio.open(tmp_path / "out.tif") as source:
        tag = source.tags()["INPUT_1"]
    assert tag == "r.tif: band 1 of 1, scale 0.5, offset 0, no nodata, no mask"


def test_only_the_reader_opens_rasters() -> None:
    opening = set()
    for path in LAYERS.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not (isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)):
                continue
            if node.value.id == "rasterio" and node.attr in {"open", "io", "vrt", "MemoryFile"}:
                opening.add(path.relative_to(LAYERS).as_posix())
    assert opening == {"access/terrain/raster.py"}


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


def test_friction_described_as_a_speed_is_refused(tmp_path: Path) -> None:
    path = Made(VALUES, descriptions=("Travel speed (km/h)",)).write(tmp_path / "f.tif")
    raster, (finding,) = read_raster(path, "f.tif", FRICTION)
    assert raster is None
    assert finding.code == "raster.other_unit"
    assert 'gdal_edit.py -units "minutes per metre"' in finding.message


def test_a_number_of_a_band_in_quotes_is_told(tmp_path: Path) -> None:
    path = Made(np.stack([VALUES, VALUES])).write(tmp_path / "p.tif")
    with pytest.raises(InputError, match=r"band = 2, without quotes"):
        read_raster(path, "p.tif", PEOPLE, band="2")
