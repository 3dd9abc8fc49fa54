"""Points that many facilities share, and facilities that two lists have: asked, none dropped."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest

from layers.facilities.doubtful_places import find_twins
from layers.facilities.facility_kinds import kinds_in_name
from tests.layers.access.world import make_facilities
from tests.layers.facility_lists import codes, read

HERE = "120.05,-7.95"
KINDS = {"TK": "paud", "SD": "sd", "SMP": "smp", "SMA": "sma", "SMK": "sma", "KB": "paud"}


def campus(*rows: str) -> str:
    """Rows ``jenis nama`` on one point."""
    return "".join(
        f"{number},{row.partition(' ')[2]},{row.partition(' ')[0]},{HERE},\n"
        for number, row in enumerate(rows, start=1)
    )


def test_a_campus_of_every_kind_is_used_without_a_word(tmp_path: Path) -> None:
    rows = campus(
        "TK Harapan", "KB Harapan", "SD Harapan", "SMP Harapan", "SMA Harapan", "SMK Harapan"
    )
    result = read(tmp_path, rows, kind_column="jenis", kinds=KINDS)
    assert codes(result) == []
    assert len(result.facilities) == 6


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        (["SD A", "SD B", "SD C"], "3 of them sd"),
        (["SD A", "SMP B", "TK Dinas Pendidikan"], "'Dinas Pendidikan' among them"),
        ([f"{kind} {number}" for kind in KINDS for number in "12"], "more than a campus"),
    ],
)
def test_what_is_no_campus_is_asked_about_and_used(
    tmp_path: Path, rows: list[str], reason: str
) -> None:
    result = read(tmp_path, campus(*rows), kind_column="jenis", kinds=KINDS)
    (finding,) = [one for one in result.findings if one.code == "facility.shared_point"]
    assert reason in finding.message
    assert (finding.row, finding.measure) == (2, len(rows))
    assert len(result.facilities) == len(rows)


def test_a_code_of_a_desa_far_from_the_point_is_asked_about(tmp_path: Path) -> None:
    rows = "".join(f"{number},SD {number},SD,{HERE},99.01.01.200{number}\n" for number in (1, 2, 3))
    result = read(tmp_path, rows, code_column="kode", code_system="kemendagri")
    assert [one.row for one in result.findings if one.code == "facility.office_point"] == [3, 4]
    assert len(result.facilities) == 3
    assert result.load.unmatched == 0


@pytest.mark.parametrize(
    ("name", "kinds"),
    [
        ("SMAS PMB", {"sma"}),
        ("SMA PMB Ende", {"sma"}),
        ("PMB Ny. Siti", {"bidan"}),
        ("Ny. Siti PMB", {"bidan"}),
        ("Bidan Siti (PMB)", {"bidan"}),
        ("Yayasan PMB", set()),
        ("PMB", {"bidan"}),
        ("BPM Desa Boru", {"bidan"}),
        ("SMKS BPM", {"sma"}),
        ("PAUD MIN HAJ", {"paud"}),
        ("MIS Nurul Iman", {"sd"}),
        ("SDK Boru", {"sd"}),
        ("SMPS SDI Harapan", {"smp"}),
        ("RSU Larantuka", {"rumah_sakit"}),
    ],
)
def test_a_short_word_counts_only_where_nothing_else_tells(name: str, kinds: set[str]) -> None:
    assert kinds_in_name(name) == kinds


def make(*rows: tuple[str | None, float, str, int], kind: str = "sd") -> gpd.GeoDataFrame:
    """Name, longitude, file and row of each facility."""
    frame = make_facilities(*[(lon, -8.0) for _, lon, _, _ in rows], kind=kind)
    frame["nama"] = pd.Series([name for name, *_ in rows], dtype=object)
    frame["file"], frame["row"] = [file for *_, file, _ in rows], [row for *_, row in rows]
    return frame


def test_the_same_name_and_kind_nearby_is_told_once_a_list() -> None:
    facilities = make(
        ("SDN 1 Waiwerang", 120.0, "a.csv", 2),
        ("SDN 1 WAIWERANG", 120.0005, "b.csv", 7),
        ("sdn-1 waiwerang.", 120.0, "b.csv", 3),
        ("SDN 1 Waiwerang", 120.1, "b.csv", 9),
        ("SDN 2 Waiwerang", 120.0, "b.csv", 10),
    )
    (finding,) = find_twins(facilities)
    assert (finding.code, finding.file, finding.row) == ("facility.twice", "b.csv", 3)
    assert finding.measure == 2
    assert "Rows 3, 7" in finding.message


def test_another_kind_no_name_and_an_office_are_no_twins() -> None:
    twice = [("Waiwerang", 120.0, "a.csv", 2), ("Waiwerang", 120.0, "a.csv", 3)]
    apart = make(*twice)
    apart["kind"] = ["sd", "smp"]
    assert find_twins(apart) == ()
    assert find_twins(make((None, 120.0, "a.csv", 2), (None, 120.0, "a.csv", 3))) == ()
    assert find_twins(make(*twice, kind="kantor_desa")) == ()
    assert len(find_twins(make(*twice))) == 1
