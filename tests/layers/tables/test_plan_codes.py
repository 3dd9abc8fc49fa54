"""Codes in lists of programmes: former ones, and those that the names beside them contradict."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from boundaries.history.history_file import expand_history
from boundaries.history.versions import Change, History
from boundaries.matching.matches_file import MATCHES_NAME, read_matches, write_matches
from layers.errors import InputError
from layers.tables.rows.row_records import Aids
from tests.layers.tables.plan_lists import KEC, four_desa, read


@pytest.fixture
def desa() -> gpd.GeoDataFrame:
    return four_desa()


FORMER = [
    Change("52.09", "53.06", "recode", 2022),
    Change("53.06.01.2008", "53.06.01.2002", "merge", 2020),
    Change("53.06.02.2001", "53.06.02.2002", "split", 2021),
    Change("53.06.02.2007", "53.06.02.2001", "split", 2021),
    Change("53.06.02.2007", "53.06.02.2002", "split", 2021),
]


@pytest.mark.parametrize(
    ("code", "level", "kode"),
    [
        ("52.09.01.2001", "desa", "53.06.01.2001"),
        ("52.09.01", "kecamatan", KEC),
        ("52.09", "kabupaten", "53.06"),
        ("53.06.01.2008", "desa", "53.06.01.2002"),
        ("53.06.02.2001", "desa", "53.06.02.2001"),
    ],
)
def test_a_former_code_is_the_place_of_today(
    code: str, level: str, kode: str, tmp_path: Path, desa: gpd.GeoDataFrame
) -> None:
    history, _ = expand_history(History.of(FORMER), frozenset(desa["kode"]))
    result = read(f"{code};;;;;SPAM;air_minum;1;2025\n", tmp_path, desa, history=history)
    assert result.lines[["tingkat", "kode"]].values.tolist() == [[level, kode]]
    late = [found.row for found in result.findings if found.code == "table.code_late"]
    assert late == ([] if code == kode else [2])


def test_a_code_that_was_split_is_no_place_of_today(tmp_path: Path, desa: gpd.GeoDataFrame) -> None:
    history, _ = expand_history(History.of(FORMER), frozenset(desa["kode"]))
    row = "53.06.02.2007;;;;;SPAM;air_minum;1;2025\n"
    result = read(row, tmp_path, desa, history=history)
    assert result.lines.empty
    assert [found.row for found in result.findings if found.code == "table.code_ended"] == [2]


def test_codes_of_kecamatan_propose_a_shipped_history(tmp_path: Path) -> None:
    frame = pd.DataFrame(
        {
            "kode": ["93.01.01.2001"],
            "nama": ["Waibao"],
            "jenis": ["desa"],
            "kode_kecamatan": ["93.01.01"],
            "nama_kecamatan": ["Merauke"],
            "kode_kabupaten": ["93.01"],
            "nama_kabupaten": ["Merauke"],
        }
    )
    merauke = gpd.GeoDataFrame(frame, geometry=[shapely.box(140, -8, 140.1, -7.9)], crs=4326)
    result = read("91.01.01;;;;;SPAM;air_minum;1;2025\n", tmp_path, merauke)
    (proposed,) = [f for f in result.findings if f.code == "versions.history_proposed"]
    assert "91.01.01 is 93.01.01 today" in proposed.message


def test_codes_of_the_other_system_are_refused(tmp_path: Path, desa: gpd.GeoDataFrame) -> None:
    result = read("5306012001;;;;;SPAM;air_minum;1;2025\n", tmp_path, desa, code_system="bps")
    assert result.lines.empty
    assert "table.no_bridge" in {found.code for found in result.findings}


def test_a_code_column_needs_its_system(tmp_path: Path, desa: gpd.GeoDataFrame) -> None:
    with pytest.raises(InputError, match="code_system"):
        read("53.06.01.2001;;;;;SPAM;air_minum;1;2025\n", tmp_path, desa, code_system=None)


@pytest.mark.parametrize(
    ("place", "is_used"),
    [
        ("53.06.01.2001;Ile Boleng;Lato", False),
        ("53.06.01.2001;Ile Boleng;Desa LATO", False),
        ("53.06.01.2001;Witihama;", False),
        ("53.06.01;Witihama;", False),
        ("53.06.01;Witihama;Jalan tani", False),
        ("53.06.01;;Desa Bama", False),
        ("53.06.01;Ile Boleng;Bama", False),
        ("53.06.01;Ile Boleng;Waibao", True),
        ("53.06.01;Ile Boleng;Lato", True),
        ("53.06.01;;Bamaa", True),
        ("53.06.01.2001;Ile Boleng;Desa Waibao", True),
        ("53.06.01.2001;Kec. ILE BOLENG;Waibau", True),
        ("53.06.01.2001;Ile Boleng;dusun rawan air", True),
        ("53.06.01.2001;;Jl. Trans Adonara KM 3", True),
        ("53.06.01;Ile Boleng;", True),
        ("53.06.01;semua;", True),
    ],
)
def test_a_code_is_held_against_the_names_beside_it(
    place: str, is_used: bool, tmp_path: Path, desa: gpd.GeoDataFrame
) -> None:
    result = read(f"{place};;;SPAM;air_minum;1;2025\n", tmp_path, desa)
    assert (len(result.lines), result.load.unmatched) == ((1, 0) if is_used else (0, 1))
    told = [one.row for one in result.findings if one.code == "table.name_contradicts"]
    assert told == ([] if is_used else [2])


def test_a_decision_says_which_desa_a_contradicted_code_means(
    tmp_path: Path, desa: gpd.GeoDataFrame
) -> None:
    decisions = {("Ile Boleng", "Lato"): "53.06.01.2002"}
    row = "53.06.01.2001;Ile Boleng;Lato;;;SPAM;air_minum;1;2025\n"
    result = read(row, tmp_path, desa, aids=Aids(decisions=decisions))
    assert result.lines["kode"].tolist() == ["53.06.01.2002"]


@pytest.mark.parametrize(
    ("place", "question"),
    [
        ("53.06.01;Witihama;", ("Witihama", "53.06.01")),
        ("53.06.01;Kec.  Witihama;Jalan  tani", ("Kec. Witihama", "53.06.01 Jalan tani")),
        ("530601;;Bama", ("", "530601 Bama")),
    ],
)
@pytest.mark.parametrize(
    ("answer", "placed"),
    [
        ("", []),
        ("ya", [("kecamatan", "53.06.01")]),
        ("53.06.02", [("kecamatan", "53.06.02")]),
        ("53.06.02.2002", [("desa", "53.06.02.2002")]),
        ("tidak", []),
        ("53.06.09", []),
        ("Witihama", []),
    ],
)
def test_a_contradicted_code_of_a_kecamatan_is_decided_in_matches_csv(
    place: str,
    question: tuple[str, str],
    answer: str,
    placed: list[tuple[str, str]],
    tmp_path: Path,
    desa: gpd.GeoDataFrame,
) -> None:
    row = f"{place};;;SPAM;air_minum;1;2025\n"
    proposals = read(row, tmp_path, desa).proposals
    assert [(one.kecamatan, one.name) for one in proposals] == [question]
    assert {(one.reason, one.kode) for one in proposals} == {("area_differs", KEC)}
    path = tmp_path / MATCHES_NAME
    write_matches(path, {"programmes.rkpd": proposals})
    text = path.read_text(encoding="utf-8-sig")
    path.write_text(f"{text.rstrip()}{answer}\n", encoding="utf-8-sig")
    scope = {*desa["kode"], *desa["kode_kecamatan"]}
    _, decisions, findings = read_matches(path, scope)
    aids = Aids(decisions=decisions.get("programmes.rkpd"))
    result = read(row, tmp_path, desa, aids=aids)
    assert list(zip(result.lines["tingkat"], result.lines["kode"], strict=True)) == placed
    told = [one.row for one in result.findings if one.code == "table.name_contradicts"]
    assert told == ([] if placed else [2])
    is_refused = answer in ("53.06.09", "Witihama")
    assert [one.code for one in findings] == ["matches.not_understood"] * is_refused
    assert bool(result.proposals) == (answer == "" or is_refused)
