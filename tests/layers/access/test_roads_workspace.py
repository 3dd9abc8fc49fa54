"""Roads through a whole workspace: from ``wilayah.toml`` to the times of its release."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from boundaries.findings.report import Finding
from layers.pipeline.build import build_release
from tests.layers import small_workspace

SECTIONS = """
[[facilities]]
id = "sekolah"
path = "sekolah.csv"
kind = "sd"
name_column = "nama"
lon_column = "lon"
lat_column = "lat"
[[roads]]
path = "jalan.gpkg"
class_column = "kelas"
oneway_column = "arah"
[roads.classes]
"Jalan Kabupaten" = "secondary"
[norms]
sd = { norm_m = 3000, norm_min = 30 }
[[tables]]
id = "penduduk"
path = "penduduk.csv"
year = 2024
code_system = "kemendagri"
code_column = "kode"
[tables.columns]
jiwa = "penduduk_jiwa"
"""
FILES = {
    "sekolah.csv": "nama,lon,lat\nSD Konga,123.03,-8.39\n",
    "penduduk.csv": "\n".join(
        ["kode,jiwa", *(f"{kode},{100 * at}" for at, kode in enumerate(small_workspace.DESA, 1))]
    ),
}
WAIBAO, KONGA, OESAO, RAKNAMO = small_workspace.DESA
WEST, MIDDLE, EAST = (123.0, -8.39), (123.03, -8.39), (123.08, -8.39)


def build(
    folder: Path, words: tuple[str, str], directions: str = "", gap: float = 0.0
) -> tuple[pd.Series[float], list[Finding]]:
    """Minutes along roads by desa, and the findings; a road west and one east of the school."""
    start = (MIDDLE[0] + gap, MIDDLE[1])
    lines = [shapely.LineString([WEST, MIDDLE]), shapely.LineString([start, EAST])]
    small_workspace.write_workspace(folder, SECTIONS + directions, FILES)
    gpd.GeoDataFrame(
        {"kelas": "Jalan Kabupaten", "arah": list(words)}, geometry=lines, crs=4326
    ).to_file(folder / "jalan.gpkg")
    return read_times(folder)


def read_times(folder: Path) -> tuple[pd.Series[float], list[Finding]]:
    """Of the release of a workspace."""
    built = build_release(folder, folder.parent / "releases")
    gaps = pd.read_parquet(built.path / "tables" / "gaps.parquet")
    times = gaps[gaps["method"] == "network"].set_index("kode")["travel_time_min"]
    return times, list(built.report.findings)


def test_a_workspace_with_roads_both_ways_has_a_time_for_each_desa(tmp_path: Path) -> None:
    times, findings = build(tmp_path / "w", ("Dua Arah", "2 - Dua Arah"))
    assert times.notna().all()
    assert times[RAKNAMO] > times[OESAO] > times[KONGA]
    assert not [finding for finding in findings if finding.code.startswith("road")]


def test_one_way_roads_lead_to_the_school_or_do_not(tmp_path: Path) -> None:
    times, _ = build(tmp_path / "w", ("Satu Arah", "Satu Arah"))
    # The road of the west runs to the school, that of the east away from it.
    assert times[WAIBAO] > 0
    assert times[[OESAO, RAKNAMO]].isna().all()


@pytest.mark.parametrize("words", [("T", "F"), ("1", "2"), ("T", "ya")])
def test_words_that_may_mean_two_things_wait_for_a_declaration(
    tmp_path: Path, words: tuple[str, str]
) -> None:
    times, findings = build(tmp_path / "w", words)
    assert words[0] in {f.value for f in findings if f.code == "road.unknown_oneway"}
    assert pd.isna(times[WAIBAO])
    declared = "".join(f'"{word}" = "both"\n' for word in words)
    text = SECTIONS.replace("[norms]", f"[roads.directions]\n{declared}[norms]")
    folder = tmp_path / "declared"
    small_workspace.write_workspace(folder, text, FILES)
    (folder / "jalan.gpkg").write_bytes((tmp_path / "w" / "jalan.gpkg").read_bytes())
    assert read_times(folder)[0].notna().all()


def test_who_is_cut_off_is_counted_from_the_register(tmp_path: Path) -> None:
    times, findings = build(tmp_path / "w", ("no", "no"), gap=0.0005)
    assert times[[OESAO, RAKNAMO]].isna().all()
    (value,) = [finding.value for finding in findings if finding.code == "road.disconnected"]
    assert value == "Konga (200 jiwa), Waibao (100 jiwa)"
