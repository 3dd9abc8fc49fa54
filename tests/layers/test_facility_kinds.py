"""Of which kind a facility is: by declared words, by its name, by the importer of a list."""

from __future__ import annotations

from pathlib import Path

import pytest

from layers.errors import InputError
from layers.facilities.read import read_facilities
from layers.workspace.workspace import FacilitySection
from tests.layers.facility_lists import GOOD, codes, desa, read


def test_kinds_are_read_by_the_declared_words(tmp_path: Path) -> None:
    rows = GOOD + "2,SMP,Smp  Negeri,120.15,-7.95,\n3,X,Pasar,120.06,-7.95,\n4,Y,,120.07,-7.95,\n"
    kinds = {"SD": "sd", "smp negeri": "smp"}
    result = read(tmp_path, rows, kind_column="jenis", kinds=kinds)
    assert result.facilities["kind"].tolist() == ["sd", "smp"]
    assert codes(result) == ["facility.no_kind", "facility.unknown_kind"]
    assert result.load.unmatched == 2


def test_the_kind_inside_a_name_is_read_and_two_kinds_are_not_guessed(tmp_path: Path) -> None:
    names = [
        ("PUSKESMAS PEMBANTU BORU", "pustu"),
        ("PKM. Konga", "puskesmas"),
        ("Posyandu Melati 2", "posyandu"),
        ("UPTD Puskesmas Rsud Lama", None),
        ("Pustu/Poskesdes Waibao", None),
        ("Puskemas Lewolaga", None),
        ("Balai Lelang", None),
        ("Bidan Fany Mariska", "bidan"),
    ]
    rows = "".join(f"{i},{name},,120.0{i},-7.95,\n" for i, (name, _) in enumerate(names, 1))
    result = read(tmp_path, rows, kind_in_name=True)
    assert result.facilities["kind"].tolist() == [kind for _, kind in names if kind]
    told = [(f.code, f.row) for f in result.findings if "kind" in f.code]
    assert told == [
        ("facility.kind_ambiguous", 5),
        ("facility.kind_ambiguous", 6),
        ("facility.no_kind", 7),
        ("facility.no_kind", 8),
    ]
    misspelt = next(f for f in result.findings if f.row == 7 and f.code == "facility.no_kind")
    assert "Is PUSKESMAS meant?" in misspelt.message
    mapped = read(tmp_path, rows, kind_in_name=True, kinds={"pustu": "pustu", "bidan": "poskesdes"})
    assert mapped.facilities["kind"].tolist() == ["pustu", "poskesdes"]
    assert codes(mapped).count("facility.unknown_kind") == 2


def test_what_a_name_of_two_kinds_means_is_declared(tmp_path: Path) -> None:
    rows = (
        "1,Pustu/Poskesdes Waibao,,120.05,-7.95,\n2,Poskesdes dan Pustu Boru,,120.06,-7.95,\n"
        "3,PKM. Konga,,120.07,-7.95,\n"
    )
    result = read(tmp_path, rows, kind_in_name=True, kinds={"Pustu / poskesdes": "pustu"})
    assert result.facilities["kind"].tolist() == ["pustu", "pustu", "puskesmas"]
    same = {"pustu": "pos", "poskesdes": "pos", "puskesmas": "puskesmas"}
    result = read(tmp_path, rows, kind_in_name=True, kinds=same)
    assert result.facilities["kind"].tolist() == ["pos", "pos", "puskesmas"]
    result = read(tmp_path, rows, kind_in_name=True)
    message = next(one.message for one in result.findings if "ambiguous" in one.code)
    assert '"poskesdes/pustu" = "poskesdes"' in message


def test_a_name_of_another_kind_than_its_column_is_told(tmp_path: Path) -> None:
    rows = (
        "1,PAUD Tunas Bangsa,Pondok Bersalin,120.05,-7.95,\n"
        "2,Pustu Boru,Puskesmas Pembantu,120.06,-7.95,\n"
        "3,Puskesmas Boru,Puskesmas,120.07,-7.95,\n"
    )
    kinds = {
        "Pondok Bersalin": "polindes",
        "Puskesmas Pembantu": "puskesmas",
        "Puskesmas": "puskesmas",
    }
    result = read(tmp_path, rows, kind_column="jenis", kinds=kinds)
    assert [(f.code, f.row) for f in result.findings] == [("facility.kind_contradicts", 2)]
    assert len(result.facilities) == 3


def test_a_dapodik_list_with_npsn_as_numbers_and_decimal_commas_is_read(tmp_path: Path) -> None:
    text = (
        "npsn;nama;bentuk_pendidikan;kecamatan;desa;lintang;bujur\n"
        "10500123.0;SD INPRES BORU;SD;A;B;-7,95;120,05\n"
        "10500124;SMPN 1;SMP;A;B;7°57'00\" LS;120°06'00\" BT\n"
        "10500125;SMA 1;SMA;A;B;120,07;-7,95\n"
    )
    (tmp_path / "sekolah.csv").write_text(text, encoding="utf-8")
    section = FacilitySection.model_validate(
        {"id": "sekolah", "path": "sekolah.csv", "importer": "dapodik"}
    )
    result = read_facilities(section, tmp_path, desa())
    found = result.facilities
    assert found["kind"].tolist() == ["sd", "smp", "sma"]
    assert found["facility_id"].tolist() == [
        "sekolah-10500123",
        "sekolah-10500124",
        "sekolah-10500125",
    ]
    assert [(round(p.x, 4), round(p.y, 4)) for p in found.geometry] == [
        (120.05, -7.95),
        (120.1, -7.95),
        (120.07, -7.95),
    ]
    assert codes(result) == ["facility.swapped"]


def test_a_list_of_health_facilities_needs_no_columns_declared(tmp_path: Path) -> None:
    text = (
        "KODE FASKES,NAMA FASKES,LONGITUDE,LATITUDE\n"
        "P1,PUSKESMAS BORU,120.05,-7.95\nP2,Pustu Konga,120.06,-7.95\n"
    )
    (tmp_path / "faskes.csv").write_text(text)
    section = FacilitySection(id="faskes", path="faskes.csv", importer="faskes")
    found = read_facilities(section, tmp_path, desa()).facilities
    assert found[["facility_id", "kind"]].to_numpy().tolist() == [
        ["faskes-P1", "puskesmas"],
        ["faskes-P2", "pustu"],
    ]
    told = text.replace("\n", ",JENIS\n", 1).replace("-7.95\n", "-7.95,Puskesmas Pembantu\n")
    (tmp_path / "jenis.csv").write_text(told)
    by_word = read_facilities(section.model_copy(update={"path": "jenis.csv"}), tmp_path, desa())
    assert by_word.facilities["kind"].tolist() == ["pustu", "pustu"]
    assert codes(by_word) == ["facility.kind_contradicts"]
    for importer, words in (("emis", "no importer 'emis'"), ("dapodik", "not the shape")):
        wrong = FacilitySection(id="x", path="faskes.csv", importer=importer)
        with pytest.raises(InputError, match=words):
            read_facilities(wrong, tmp_path, desa())


@pytest.mark.parametrize("name", ["Gudang Puskesmas Boru", "Jl. Puskesmas", "Eks Puskesmas"])
def test_what_is_only_named_after_a_facility_is_asked(tmp_path: Path, name: str) -> None:
    rows = f"1,{name},x,120.05,-7.95,\n2,Puskesmas Pasar Boru,x,120.06,-7.95,\n"
    result = read(tmp_path, rows, kind_in_name=True)
    assert [(f.code, f.row) for f in result.findings] == [("facility.kind_doubtful", 2)]
    assert result.load.matched == 2


def test_declared_kinds_that_no_name_tells_are_listed_with_those_that_occur(tmp_path: Path) -> None:
    rows = "1,Pustu Boru,,120.05,-7.95,\n2,Pustu/Poskesdes Waibao,,120.06,-7.95,\n"
    kinds = {"pustu": "pustu", "puskemas": "puskesmas", "pustu/poskesdes": "pustu"}
    result = read(tmp_path, rows, kind_in_name=True, kinds=kinds)
    (finding,) = [one for one in result.findings if one.code == "input.word_unused"]
    assert finding.value == "puskemas"
    assert "'pustu' (2 rows)" in finding.message


def test_words_an_importer_knows_are_not_declared_by_anybody(tmp_path: Path) -> None:
    text = "npsn,nama,bentuk_pendidikan,bujur,lintang\n1,SD Satu,SD,120.05,-7.95\n"
    (tmp_path / "dapodik.csv").write_text(text, encoding="utf-8")
    section = FacilitySection(id="s", path="dapodik.csv", importer="dapodik")
    result = read_facilities(section, tmp_path, desa())
    assert result.facilities["kind"].tolist() == ["sd"]
    assert not [one for one in result.findings if one.code == "input.word_unused"]
