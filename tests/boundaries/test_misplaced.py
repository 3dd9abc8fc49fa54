"""A file under the wrong zone of UTM lies beside its kabupaten, and the zone that fits is named."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pyproj
import pytest
import shapely
from shapely.affinity import translate

from boundaries.codes import CodeSystem
from boundaries.errors import InputUndeclaredError
from boundaries.findings.report import Finding, Severity
from boundaries.polygons import PolygonSource
from boundaries.polygons.intake import take_in
from boundaries.polygons.misplaced import kabupaten_boxes
from boundaries.progress import silent

PLACES = {
    "53.06": (123.0, -8.35),  # Flores Timur, zone 51S
    "35.79": (112.53, -7.87),  # Batu, 49S
    "11.01": (97.3, 3.2),  # Aceh Selatan, 47N
    "93.01": (139.5, -8.0),  # Merauke, 54S
}


def write_desa(
    folder: Path, kabupaten: str, true_crs: int, said_crs: int | None, far: int = 0
) -> Path:
    """Five desa as metres of the zone that they are of, under a .prj of another one."""
    lon, lat = PLACES[kabupaten]
    squares = [shapely.box(lon + n / 100, lat, lon + (n + 1) / 100, lat + 0.01) for n in range(5)]
    squares[:far] = [translate(square, 3.0) for square in squares[:far]]
    frame = gpd.GeoDataFrame(
        {"kode": [f"{kabupaten}.01.200{n + 1}" for n in range(5)]}, geometry=squares, crs=4326
    ).to_crs(true_crs)
    path = folder / "desa.shp"
    frame.set_crs(said_crs or true_crs, allow_override=True).to_file(path)
    return path


def findings_of(path: Path, kabupaten: str, crs: str | None = None) -> list[Finding]:
    source = PolygonSource(
        path=path,
        label=path.name,
        code_system=CodeSystem.KEMENDAGRI,
        code_column="kode",
        crs=crs,
    )
    intake = take_in([source], [kabupaten], None, silent)
    return [finding for finding in intake.findings if finding.code == "boundary.misplaced"]


@pytest.mark.parametrize(
    ("kabupaten", "true_crs", "said_crs"),
    [
        ("53.06", 32751, 32750),
        ("53.06", 32751, 32752),
        ("35.79", 32749, 32750),
        ("35.79", 32749, 32748),
        ("11.01", 32647, 32648),
        ("93.01", 32754, 32753),
    ],
)
def test_the_zone_that_fits_is_proposed_and_helps(
    tmp_path: Path, kabupaten: str, true_crs: int, said_crs: int
) -> None:
    path = write_desa(tmp_path, kabupaten, true_crs, said_crs)
    (finding,) = findings_of(path, kabupaten)
    assert finding.severity is Severity.ERROR
    assert (finding.file, finding.row, finding.kode) == ("desa.shp", 1, kabupaten)
    assert (finding.value, finding.measure) == (f"EPSG:{true_crs}", 5)
    assert f'crs = "EPSG:{true_crs}"' in finding.message
    assert findings_of(path, kabupaten, finding.value) == []


@pytest.mark.parametrize("kabupaten", PLACES)
@pytest.mark.parametrize("crs", [4326, 23834, 3857])
def test_a_file_that_lies_where_its_codes_say_is_fine(
    tmp_path: Path, kabupaten: str, crs: int
) -> None:
    assert findings_of(write_desa(tmp_path, kabupaten, crs, None), kabupaten) == []


def test_a_zone_beside_that_receivers_were_set_to_is_fine(tmp_path: Path) -> None:
    assert findings_of(write_desa(tmp_path, "53.06", 32752, None), "53.06") == []


def test_one_desa_far_away_is_no_zone(tmp_path: Path) -> None:
    assert findings_of(write_desa(tmp_path, "53.06", 4326, None, far=2), "53.06") == []
    (finding,) = findings_of(write_desa(tmp_path, "53.06", 4326, None, far=4), "53.06")
    assert finding.value is None
    assert finding.severity is Severity.WARNING
    assert "check the CRS" in finding.message
    (of_metres,) = findings_of(write_desa(tmp_path, "53.06", 32751, None, far=4), "53.06")
    assert of_metres.severity is Severity.ERROR


def test_codes_of_no_known_kabupaten_are_not_judged(tmp_path: Path) -> None:
    PLACES["99.01"] = PLACES["53.06"]
    assert findings_of(write_desa(tmp_path, "99.01", 32751, 32750), "99.01") == []


def test_the_other_hemisphere_is_proposed(tmp_path: Path) -> None:
    path = write_desa(tmp_path, "53.06", 32751, 32651)
    with pytest.raises(InputUndeclaredError, match='crs = "EPSG:32751" is right'):
        findings_of(path, "53.06")


def test_every_kabupaten_has_a_box_in_indonesia() -> None:
    boxes = np.array([*kabupaten_boxes().values()])
    assert len(boxes) == 514
    assert (boxes[:, :2] < boxes[:, 2:]).all()
    assert ((boxes[:, 2] - boxes[:, 0]) < 5).all()
    assert pyproj.CRS(32751).utm_zone == "51S"
