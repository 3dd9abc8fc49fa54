"""Numbers that stand for nothing though nobody declares them: ends of types, frames, seas."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from boundaries.findings.report import Finding
from layers.access.terrain.raster_kinds import ELEVATION, FRICTION, LAND_COVER, PEOPLE, RasterKind
from layers.access.terrain.rasters import Raster, read_raster
from tests.layers.access.raster_files import KINDS, Made, codes

DRAWN = {
    "lone": """
        2 3 4 3 2 5 4 3
        3 2 3 4 # 2 3 4
        4 3 2 3 4 3 2 3
        2 3 4 3 2 5 4 3
        3 2 3 4 3 2 3 4
        4 3 2 3 4 3 2 3""",
    "frame": """
        # # # # # # # #
        # 2 3 4 3 2 5 #
        # 3 2 3 4 3 2 #
        # 4 3 2 3 4 3 #
        # 2 3 4 3 2 5 #
        # # # # # # # #""",
    "turned": """
        # # # 2 3 5 4 #
        # # 2 3 4 3 2 #
        # 2 3 4 3 4 5 4
        3 4 3 2 3 4 2 #
        # 3 4 5 3 2 # #
        # 2 3 2 4 # # #""",
    "sea": """
        4 3 2 3 # # # #
        2 3 4 3 # # # #
        2 3 4 3 # # # #
        2 3 5 3 # # # #
        2 3 4 3 # # # #
        4 3 2 3 # # # #""",
    "scattered": """
        # # # # # # # #
        # 2 # 4 # 2 5 #
        # 3 # 3 4 # 2 #
        # 4 3 # 3 4 3 #
        # 2 3 4 # 2 5 #
        # # # # # # # #""",
}
STEPS = {kind.section: 0.01 if kind is FRICTION else 1.0 for kind in KINDS}


def draw(name: str, number: float, step: float = 1.0, lowest: float = 0.0) -> NDArray[np.float64]:
    """The drawing with a number for each hash, the others times ``step`` from ``lowest`` on."""
    rows = [line.split() for line in DRAWN[name].strip().splitlines()]
    return np.array(
        [[number if cell == "#" else lowest + step * float(cell) for cell in row] for row in rows]
    )


def read_drawn(
    folder: Path, values: NDArray[np.float64], dtype: str, kind: RasterKind, scale: float = 1.0
) -> tuple[NDArray[np.float64], tuple[Finding, ...]]:
    path = Made(values.astype(dtype), scales=(scale,)).write(folder / "r.tif")
    raster, findings = read_raster(path, "r.tif", kind)
    assert isinstance(raster, Raster)
    left = tuple(finding for finding in findings if finding.code != "raster.applied")
    return np.asarray(raster.values, np.float64), left


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.section)
@pytest.mark.parametrize("dtype", ["uint8", "int8", "uint16", "int16", "uint32", "int32"])
@pytest.mark.parametrize("drawing", ["lone", "frame", "sea"])
def test_the_last_number_of_any_type_is_no_value(
    tmp_path: Path, drawing: str, dtype: str, kind: RasterKind
) -> None:
    last = float(np.iinfo(dtype).max)
    scale = STEPS[kind.section]
    values, (finding,) = read_drawn(tmp_path, draw(drawing, last), dtype, kind, scale)
    assert np.isnan(values).tolist() == (draw(drawing, last) == last).tolist()
    assert np.nanmax(values) == pytest.approx(5 * scale)
    assert (finding.code, finding.value) == ("raster.undeclared_nodata", f"{last:.0f}")
    assert finding.measure == np.isnan(values).sum()
    assert f"nodata = {last:.0f} under [{kind.section}]" in finding.message
    assert f"{100 * np.isnan(values).mean():.1f} %" in finding.message


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.section)
@pytest.mark.parametrize("dtype", ["int8", "int16", "int32"])
def test_the_first_number_of_a_signed_type_is_no_value(
    tmp_path: Path, dtype: str, kind: RasterKind
) -> None:
    first = float(np.iinfo(dtype).min)
    values, findings = read_drawn(tmp_path, draw("sea", first), dtype, kind, STEPS[kind.section])
    assert np.isnan(values).sum() == 24
    assert codes(findings) == ["raster.undeclared_nodata"]


@pytest.mark.parametrize("number", [127, 255, 9999, 32767, 65535])
@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.section)
def test_so_is_the_last_number_of_a_narrower_type_in_a_wider_one(
    tmp_path: Path, kind: RasterKind, number: int
) -> None:
    for dtype in ("int32", "float32"):
        drawn = draw("frame", number) if dtype == "int32" else draw("sea", number)
        values, findings = read_drawn(tmp_path, drawn, dtype, kind, STEPS[kind.section])
        assert np.isnan(values).tolist() == (drawn == number).tolist()
        assert codes(findings) == ["raster.undeclared_nodata"]


@pytest.mark.parametrize("number", [-999, -9999, -32768, -99999])
@pytest.mark.parametrize("scale", [1.0, 0.01])
@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.section)
@pytest.mark.parametrize("drawing", ["lone", "frame", "sea"])
def test_a_negative_number_that_stands_for_nothing_is_no_value_however_it_is_scaled(
    tmp_path: Path, drawing: str, kind: RasterKind, scale: float, number: int
) -> None:
    """-9999 in a file of centimetres is not 99.99 m below the sea."""
    drawn = draw(drawing, number, STEPS[kind.section] / scale)
    values, (finding,) = read_drawn(tmp_path, drawn, "float32", kind, scale)
    assert np.isnan(values).tolist() == (drawn == number).tolist()
    assert (finding.code, finding.value) == ("raster.undeclared_nodata", f"{number}")


def test_land_below_the_sea_is_land(tmp_path: Path) -> None:
    drawn = draw("lone", -99, 10.0, -120.0)
    values, findings = read_drawn(tmp_path, drawn, "float32", ELEVATION)
    assert values.tolist() == drawn.tolist()
    assert findings == ()


def test_one_crowded_cell_is_no_stand_in(tmp_path: Path) -> None:
    crowd = np.ones((20, 20))
    crowd[3, 3] = 255
    values, findings = read_drawn(tmp_path, crowd, "float32", PEOPLE)
    assert np.nansum(values) == 399 + 255
    assert findings == ()


def test_a_byte_full_of_numbers_up_to_its_last_is_used_and_asked_about(tmp_path: Path) -> None:
    every = np.arange(256).reshape(16, 16).astype(float)
    values, (finding,) = read_drawn(tmp_path, every, "uint8", PEOPLE)
    assert np.nansum(values) == every.sum()
    assert (finding.code, finding.measure) == ("raster.nodata_suspected", 1)
    assert "declare nodata = 255 under [population]" in finding.message


def test_the_same_byte_is_not_used_where_so_many_cannot_live(tmp_path: Path) -> None:
    every = np.arange(256).reshape(16, 16).astype(np.uint8)
    for side, expected in (
        (0.00025, "raster.undeclared_nodata"),
        (0.001, "raster.nodata_suspected"),
    ):
        made = Made(every, transform=Made.transform.__class__(side, 0, 120, 0, -side, -7))
        raster, findings = read_raster(made.write(tmp_path / "r.tif"), "r.tif")
        assert raster is not None
        assert codes(findings) == [expected]


def test_a_number_that_the_legend_has_is_a_code(tmp_path: Path) -> None:
    path = Made(draw("sea", 255).astype(np.uint8)).write(tmp_path / "r.tif")
    raster, findings = read_raster(path, "r.tif", LAND_COVER, legend=(2, 3, 4, 5, 255))
    assert raster is not None
    assert np.isfinite(raster.values).all()
    assert findings == ()
    raster, (finding,) = read_raster(path, "r.tif", LAND_COVER, legend=(2, 3, 4, 5))
    assert raster is not None
    assert np.isnan(raster.values).sum() == 24
    assert "in no class of [land_cover.classes]" in finding.message


@pytest.mark.parametrize(
    ("drawing", "kind", "number", "lowest", "is_none"),
    [
        ("frame", PEOPLE, 0, 0, True),
        ("turned", PEOPLE, 0, 0, True),
        ("scattered", PEOPLE, 0, 0, False),
        ("sea", PEOPLE, 0, 0, False),
        ("frame", PEOPLE, 77, 0, True),
        ("frame", ELEVATION, 0, 0, False),
        ("frame", ELEVATION, 0, 400, True),
        ("frame", ELEVATION, -32.0, 400, True),
        ("scattered", FRICTION, 0, 0, True),
        ("lone", FRICTION, 0, 0, True),
        ("frame", FRICTION, 1.5, 0, False),
    ],
)
def test_a_frame_is_none_where_it_is_nothing_but_a_frame(
    tmp_path: Path, drawing: str, kind: RasterKind, number: float, lowest: float, is_none: bool
) -> None:
    drawn = draw(drawing, number, lowest=lowest) if kind is not FRICTION else draw(drawing, number)
    values, findings = read_drawn(tmp_path, drawn, "float32", kind)
    assert np.isnan(values).tolist() == ((drawn == number) & is_none).tolist()
    assert codes(findings) == ["raster.undeclared_nodata"] * is_none


def test_what_is_declared_is_no_finding(tmp_path: Path) -> None:
    for number in (0, 127, 255):
        made = Made(draw("frame", number).astype(np.uint8), nodata=number)
        raster, findings = read_raster(made.write(tmp_path / "r.tif"), "r.tif")
        assert raster is not None
        assert np.nansum(raster.values) == draw("frame", 0).sum()
        assert findings == ()
