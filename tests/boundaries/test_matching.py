"""Rows without codes: equal names match, near ones are proposed, shared ones are never guessed."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from boundaries.codes.wilayah_names import jenis_in_name, names_agree, normalise_name
from boundaries.matching.matches_file import MATCHES_NAME, read_matches, write_matches
from boundaries.matching.matching import NameIndex, match_names

DESA = pd.DataFrame(
    [
        ("53.01.06.1004", "Oesao", "kelurahan", "53.01.06", "Kupang Timur", "53.01"),
        ("53.01.06.2015", "Oesao", "desa", "53.01.06", "Kupang Timur", "53.01"),
        ("53.01.06.2016", "Pasi Kuala Ba'u", "desa", "53.01.06", "Kupang Timur", "53.01"),
        ("53.01.07.2001", "Kota Bangun II", "desa", "53.01.07", "Ile Bura", "53.01"),
        ("53.01.07.2002", "Sidomulyo", "desa", "53.01.07", "Ile Bura", "53.01"),
        ("53.02.01.2001", "Sidomulyo", "desa", "53.02.01", "Ile Bura", "53.02"),
    ],
    columns=["kode", "nama", "jenis", "kode_kecamatan", "nama_kecamatan", "kode_kabupaten"],
)
INDEX = NameIndex(DESA, ["53.01"])


@pytest.mark.parametrize(
    ("kecamatan", "name", "kode"),
    [
        ("KUPANG TIMUR", "PASI KUALA BAU", "53.01.06.2016"),
        ("Kec. Kupang Timur", "Ds. Pasi  Kuala Ba`u", "53.01.06.2016"),
        ("ILEBURA", "kota bangun 2", "53.01.07.2001"),
        ("Ile Bura", "Desa Sidomulyo", "53.01.07.2002"),
        ("Kupang Timur", "Kel. Oesao", "53.01.06.1004"),
        ("Kupang Timur", "Desa Oesao", "53.01.06.2015"),
    ],
)
def test_equal_names_match_by_themselves(kecamatan: str, name: str, kode: str) -> None:
    matches = match_names([kecamatan], [name], INDEX)
    assert (matches.codes, matches.how, matches.proposals) == ([kode], ["exact"], [])


@pytest.mark.parametrize(
    ("kecamatan", "name", "reason", "proposal"),
    [
        ("Kupang Timur", "Oesao", "same_name", None),
        ("Kupang Timur", "Pasi Kuala Bao", "name", "53.01.06.2016"),
        ("Ile Burra", "Sidomulyo", "kecamatan", "53.01.07.2002"),
        ("Ile Bura", "Kel. Sidomulyo", "jenis", "53.01.07.2002"),
        ("Ile Bura", "Waiwerang", "name", None),
        ("", "", "empty", None),
    ],
)
def test_everything_less_is_proposed_only(
    kecamatan: str, name: str, reason: str, proposal: str | None
) -> None:
    matches = match_names([kecamatan], [name], INDEX)
    assert matches.codes == [None]
    assert [problem.reason for problem in matches.problems] == [reason]
    assert [one.kode for one in matches.proposals] == ([] if reason == "empty" else [proposal])


def test_a_kecamatan_name_that_two_kabupaten_share_is_not_guessed() -> None:
    matches = match_names(["Ile Bura"], ["Sidomulyo"], NameIndex(DESA))
    assert [problem.reason for problem in matches.problems] == ["same_name"]


def test_a_column_of_jenis_tells_namesakes_apart() -> None:
    matches = match_names(["Kupang Timur"], ["Oesao"], INDEX, jenis=["kelurahan"])
    assert matches.codes == ["53.01.06.1004"]


def test_decisions_in_the_file_are_read_by_the_next_build_and_kept(tmp_path: Path) -> None:
    path = tmp_path / MATCHES_NAME
    rows = (["Kupang Timur"] * 2 + ["Ile Bura"], ["Oesao", "Pasi Kuala Bao", "Waiwerang"])
    write_matches(path, {"idm": match_names(*rows, INDEX).proposals})
    text = path.read_bytes().decode("utf-8-sig")
    assert "idm,Kupang Timur,Oesao,same_name,,,,,\r\n" in text
    text = text.replace("same_name,,,,,", "same_name,,,,,5301061004")
    text = text.replace("91.7,", "91.7,Ya").replace("name,,,,,\r", "name,,,,,tidak\r")
    path.write_bytes(text.replace(",", ";").encode("cp1252"))
    lines, decisions, findings = read_matches(path, set(DESA["kode"]))
    matches = match_names(*rows, INDEX, decisions=decisions["idm"])
    assert findings == []
    assert matches.codes == ["53.01.06.1004", "53.01.06.2016", None]
    assert matches.how == ["decided", "decided", None]
    assert [problem.reason for problem in matches.problems] == ["rejected"]
    write_matches(path, {"idm": matches.proposals}, lines)
    assert read_matches(path, set(DESA["kode"]))[1] == decisions


def test_a_decision_that_cannot_be_followed_is_a_finding(tmp_path: Path) -> None:
    path = tmp_path / MATCHES_NAME
    path.write_text(
        "input,kecamatan,nama,alasan,usulan_kode,usulan_nama,usulan_kecamatan,skor,keputusan\n"
        "a,K,X,name,,,,,ya\na,K,Y,name,,,,,32.05.01.2001\na,K,Z,name,,,,,entah\n"
        "a,K,W,name,,,,,tidak\na,K,W,name,,,,,53.01.06.2015\n",
        "utf-8",
    )
    _, decisions, findings = read_matches(path, set(DESA["kode"]))
    assert decisions == {"a": {}}
    assert [finding.code for finding in findings] == [
        *["matches.not_understood"] * 3,
        "matches.contradiction",
    ]


def test_no_file_means_nothing_decided(tmp_path: Path) -> None:
    assert read_matches(tmp_path / MATCHES_NAME, []) == ([], {}, [])


@given(st.permutations(range(4)))
def test_the_order_of_rows_changes_nothing(order: list[int]) -> None:
    rows = [("Ile Bura", "Sidomulio"), ("Ile Bura", "Sidomulyo"), ("X", "Y"), ("Kupang Timur", "B")]
    places, names = zip(*(rows[at] for at in order), strict=True)
    matches = match_names(places, names, INDEX)
    straight = match_names([place for place, _ in rows], [name for _, name in rows], INDEX)
    assert matches.proposals == straight.proposals
    assert [matches.codes[order.index(at)] for at in range(4)] == straight.codes


@given(st.text(max_size=30))
def test_a_key_is_its_own_key(text: str) -> None:
    key = normalise_name(text)
    assert all(character.isdigit() or "A" <= character <= "Z" for character in key)


def test_names_and_their_words() -> None:
    assert normalise_name("Desa") == "DESA"
    assert normalise_name("KAB TIMOR TENGAH SELATAN") == normalise_name("Kab. Timor Tengah Selatan")
    assert jenis_in_name("Kelapa Dua") is None
    assert names_agree("LUT TAWAR", "Laut Tawar")
    assert not names_agree("Sidomulyo", "Lamakera")
