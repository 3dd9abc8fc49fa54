"""Codes that stand beside a name in one cell: read where they are whole and the name agrees."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pytest
import shapely

from boundaries.codes import CodeSystem
from boundaries.codes.crosswalk import read_bridge
from boundaries.codes.lists import read_name_list
from boundaries.codes.named_codes import split_name
from boundaries.polygons.reading import read_polygons
from layers.proposal.file_columns import is_code
from tests.boundaries.drawing import source

WAIBAO = "53.06.01.2001"


@pytest.mark.parametrize(
    "cell",
    [
        f"{WAIBAO} - Waibao",
        f"{WAIBAO} – Waibao",
        f"{WAIBAO}. Waibao",
        f"{WAIBAO}/Waibao",
        f"[{WAIBAO}] Waibao",
        f"{WAIBAO} (Waibao)",
        f"Waibao ({WAIBAO})",
        f"Waibao [{WAIBAO}]",
        f"Waibao - {WAIBAO}",
        f"Waibao {WAIBAO}",
        f" {WAIBAO}\n Waibao ",
        f"({WAIBAO})Waibao",
    ],
)
def test_a_whole_code_and_its_name_are_told_apart(cell: str) -> None:
    code, name = split_name(cell) or ("", "")
    assert (code.rstrip("."), name) == (WAIBAO, "Waibao")
    assert split_name(cell.replace(WAIBAO, "5306012001")) is not None
    assert is_code(cell)


@pytest.mark.parametrize("cell", [f"{WAIBAO} Waibao (P)", f"{WAIBAO} (Waibao (P))"])
def test_brackets_of_the_name_itself_stay_whole(cell: str) -> None:
    assert split_name(cell) == (WAIBAO, "Waibao (P)")


@pytest.mark.parametrize(
    "cell",
    [
        WAIBAO,
        f"{WAIBAO} 2024",
        f"{WAIBAO}Waibao",
        f"{WAIBAO} / 53.06.01.2002 Waibao",
        f"{WAIBAO} Waibao 2024",
        "5306 Flores Timur",
        "Waibao (2001)",
        "Waibao",
        "6.1.2001 - Waibao",
        5306012001,
        None,
    ],
)
def test_what_may_be_two_codes_or_none_is_not(cell: object) -> None:
    assert split_name(cell) is None


def test_a_list_takes_the_code_and_holds_the_name_against_its_column(tmp_path: Path) -> None:
    path = tmp_path / "kode.csv"
    path.write_text(
        "kode,nama\n53.06 - Flores Timur,Flores Timur\n53.06.01 Titehena,Titehena\n"
        f"{WAIBAO} - Waibao,WAIBAO\n53.06.01.2002 - Konga,Boru\n53.06.01.2003 - Lato,\n"
    )
    names, findings, load = read_name_list(
        path, "k", code_column="kode", name_column="nama", system=CodeSystem.KEMENDAGRI
    )
    assert names.names["5306012001"] == "WAIBAO"
    assert names.names["5306012003"] == "Lato"
    refused = [(finding.row, finding.value) for finding in findings if "refused" in finding.code]
    assert (5, "53.06.01.2002 - Konga") in refused
    assert load.matched == 5 - len(refused)


def test_a_list_of_one_column_has_codes_and_names(tmp_path: Path) -> None:
    path = tmp_path / "kode.csv"
    path.write_text(f"desa\n{WAIBAO} - Waibao\nKonga (53.06.01.2002)\n")
    names, _, load = read_name_list(
        path, "k", code_column="desa", name_column="desa", system=CodeSystem.KEMENDAGRI
    )
    assert (names.names["5306012001"], names.names["5306012002"]) == ("Waibao", "Konga")
    assert load.matched == 2


def test_both_sides_of_a_bridge_may_hold_names(tmp_path: Path) -> None:
    path = tmp_path / "bridge.csv"
    path.write_text(f"bps,dagri\n5309010001 Waibao,{WAIBAO} - Waibao\n")
    bridge, _, load = read_bridge(
        path, "b", bps_column="bps", kemendagri_column="dagri", date="2024-01-01"
    )
    assert bridge.targets == {"5309010001": "5306012001"}
    assert bridge.bps_names == {"5309010001": "Waibao"}
    assert load.matched == 1


def test_polygons_take_the_name_of_the_cell_or_are_held_against_it(tmp_path: Path) -> None:
    cells = [f"{WAIBAO} - Waibao", "53.06.01.2002 - Konga", "53.06.01.2003"]
    frame = gpd.GeoDataFrame(
        {"desa": cells, "nama": [None, "Boru", "Lato"]},
        geometry=[shapely.box(123 + step, -8, 123.5 + step, -7.5) for step in range(3)],
        crs=4326,
    )
    frame.to_file(tmp_path / "desa.geojson")
    declared = source(tmp_path / "desa.geojson", code_column="desa", name_column="nama")
    polygons, findings = read_polygons(declared)
    assert polygons["kode"].tolist() == [WAIBAO, None, "53.06.01.2003"]
    assert polygons["nama"].tolist() == ["Waibao", "Boru", "Lato"]
    assert [finding.row for finding in findings if finding.code == "codes.refused"] == [2]
