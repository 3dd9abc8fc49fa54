"""Which band of a raster file is read and where it lies; what is refused, and how packed."""

import ast
import gzip
from pathlib import Path
from zipfile import ZipFile

import numpy as np
import pytest
import rasterio
from numpy.typing import NDArray
from rasterio import Affine

from layers.access.terrain.raster_kinds import LAND_COVER, PEOPLE, RasterKind
from layers.access.terrain.rasters import read_raster
from layers.errors import InputError
from tests.layers.access.raster_files import KINDS, UPRIGHT, VALUES, Made, codes, int16, read

LAYERS = Path(__file__).parents[3] / "layers"


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


def test_only_the_reader_opens_rasters() -> None:
    opening = set()
    for path in LAYERS.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not (isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)):
                continue
            if node.value.id == "rasterio" and node.attr in {"open", "io", "vrt", "MemoryFile"}:
                opening.add(path.relative_to(LAYERS).as_posix())
    # What is proposed looks at bands and CRS of a file, not at its cells.
    assert opening == {"access/terrain/rasters.py", "proposal/file_shapes.py"}


def test_a_number_of_a_band_in_quotes_is_told(tmp_path: Path) -> None:
    path = Made(np.stack([VALUES, VALUES])).write(tmp_path / "p.tif")
    with pytest.raises(InputError, match=r"band = 2, without quotes"):
        read_raster(path, "p.tif", PEOPLE, band="2")
