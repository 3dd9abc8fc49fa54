"""Of which kind a facility is: by declared words, by its name, by the importer of a list."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest

from layers.errors import InputError
from layers.facilities.facility_kinds import find_other_thing
from layers.facilities.read import read_facilities
from layers.pipeline.build import check_workspace
from layers.tables.rows.row_records import Aids
from layers.workspace.sections import FacilitySection
from tests.layers import facility_lists, small_workspace


def test_kinds_are_read_by_the_declared_words(tmp_path: Path) -> None:
    rows = (
        facility_lists.GOOD
        + "2,SMP,Smp  Negeri,120.15,-7.95,\n3,X,Pasar,120.06,-7.95,\n4,Y,,120.07,-7.95,\n"
    )
    kinds = {"SD": "sd", "smp negeri": "smp"}
    result = facility_lists.read(tmp_path, rows, kind_column="jenis", kinds=kinds)
    assert result.facilities["kind"].tolist() == ["sd", "smp"]
    assert facility_lists.codes(result) == ["facility.no_kind", "facility.unknown_kind"]
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
    result = facility_lists.read(tmp_path, rows, kind_in_name=True)
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
    mapped = facility_lists.read(
        tmp_path, rows, kind_in_name=True, kinds={"pustu": "pustu", "bidan": "poskesdes"}
    )
    assert mapped.facilities["kind"].tolist() == ["pustu", "poskesdes"]
    assert facility_lists.codes(mapped).count("facility.unknown_kind") == 2


def test_what_a_name_of_two_kinds_means_is_declared(tmp_path: Path) -> None:
    rows = (
        "1,Pustu/Poskesdes Waibao,,120.05,-7.95,\n2,Poskesdes dan Pustu Boru,,120.06,-7.95,\n"
        "3,PKM. Konga,,120.07,-7.95,\n"
    )
    result = facility_lists.read(
        tmp_path, rows, kind_in_name=True, kinds={"Pustu / poskesdes": "pustu"}
    )
    assert result.facilities["kind"].tolist() == ["pustu", "pustu", "puskesmas"]
    same = {"pustu": "pos", "poskesdes": "pos", "puskesmas": "puskesmas"}
    result = facility_lists.read(tmp_path, rows, kind_in_name=True, kinds=same)
    assert result.facilities["kind"].tolist() == ["pos", "pos", "puskesmas"]
    result = facility_lists.read(tmp_path, rows, kind_in_name=True)
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
    result = facility_lists.read(tmp_path, rows, kind_column="jenis", kinds=kinds)
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
    result = read_facilities(section, tmp_path, facility_lists.desa())
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
    assert facility_lists.codes(result) == ["facility.swapped"]


def test_a_list_of_health_facilities_needs_no_columns_declared(tmp_path: Path) -> None:
    text = (
        "KODE FASKES,NAMA FASKES,LONGITUDE,LATITUDE\n"
        "P1,PUSKESMAS BORU,120.05,-7.95\nP2,Pustu Konga,120.06,-7.95\n"
    )
    (tmp_path / "faskes.csv").write_text(text)
    section = FacilitySection(id="faskes", path="faskes.csv", importer="faskes")
    found = read_facilities(section, tmp_path, facility_lists.desa()).facilities
    assert found[["facility_id", "kind"]].to_numpy().tolist() == [
        ["faskes-P1", "puskesmas"],
        ["faskes-P2", "pustu"],
    ]
    told = text.replace("\n", ",JENIS\n", 1).replace("-7.95\n", "-7.95,Puskesmas Pembantu\n")
    (tmp_path / "jenis.csv").write_text(told)
    by_word = read_facilities(
        section.model_copy(update={"path": "jenis.csv"}), tmp_path, facility_lists.desa()
    )
    assert by_word.facilities["kind"].tolist() == ["pustu", "pustu"]
    assert facility_lists.codes(by_word) == ["facility.kind_contradicts"]
    for importer, words in (("emis", "no importer 'emis'"), ("dapodik", "not the shape")):
        wrong = FacilitySection(id="x", path="faskes.csv", importer=importer)
        with pytest.raises(InputError, match=words):
            read_facilities(wrong, tmp_path, facility_lists.desa())


def test_the_question_is_written_to_the_file_of_decisions_and_read_back(tmp_path: Path) -> None:
    folder = tmp_path / "w"
    sections = (
        '[[facilities]]\nid = "pkm"\npath = "pkm.csv"\nkind = "puskesmas"\nname_column = "nama"\n'
        'lon_column = "lon"\nlat_column = "lat"\n'
    )
    rows = "nama,lon,lat\nPuskesmas Boru,123.01,-8.39\nRumah Dinas Puskesmas,123.03,-8.39\n"
    report = small_workspace.check_report(folder, sections, {"pkm.csv": rows})
    assert [f.row for f in small_workspace.of_code(report, "facility.kind_doubtful")] == [3]
    path = folder / "matches.csv"
    text = path.read_text(encoding="utf-8-sig")
    line = next(line for line in text.splitlines() if "Rumah Dinas" in line)
    assert line.startswith("facilities.pkm,,Rumah Dinas Puskesmas,kind_doubtful,puskesmas,")
    for answer, count in (("ya", 2), ("tidak", 1), ("apotek", 2)):
        path.write_text(text.replace(line, f"{line}{answer}"), encoding="utf-8-sig")
        loads = check_workspace(folder).report.loads
        (load,) = [load for load in loads if load.input == "facilities.pkm"]
        assert load.matched == count, answer
    path.write_text(text.replace(line, f"{line}Rumah Dinas!"), encoding="utf-8-sig")
    (finding,) = small_workspace.of_code(check_workspace(folder).report, "matches.not_understood")
    assert "a kind such as" in finding.message


@pytest.mark.real
@pytest.mark.parametrize(
    ("path", "kind", "left_out"),
    [
        ("jakarta_fasilitas/puskesmas.parquet", "puskesmas", 0),
        ("jakarta_fasilitas/rumahsakit.parquet", "rumah_sakit", 0),
        ("ubunteroz_satu_data/puskesmas.csv.gz", "puskesmas", 0),
        ("ubunteroz_satu_data/rumah_sakit.csv.gz", "rumah_sakit", 0),
        # 10 former offices, 10 areas or buildings of some, 2 houses, 46 offices of camat.
        ("jakarta_fasilitas/pemerintahan.parquet", "kantor_desa", 68),
    ],
)
def test_real_lists_keep_their_facilities(
    shared_data: Path, path: str, kind: str, left_out: int
) -> None:
    file = shared_data / path
    frame = pd.read_parquet(file) if path.endswith("parquet") else pd.read_csv(file)
    names = frame["NAMOBJ" if "NAMOBJ" in frame else "unit_kerja"].dropna().astype(str)
    assert sum(find_other_thing(name, {kind}) is not None for name in names) == left_out


def test_declared_kinds_that_no_name_tells_are_listed_with_those_that_occur(tmp_path: Path) -> None:
    rows = "1,Pustu Boru,,120.05,-7.95,\n2,Pustu/Poskesdes Waibao,,120.06,-7.95,\n"
    kinds = {"pustu": "pustu", "puskemas": "puskesmas", "pustu/poskesdes": "pustu"}
    result = facility_lists.read(tmp_path, rows, kind_in_name=True, kinds=kinds)
    (finding,) = [one for one in result.findings if one.code == "input.word_unused"]
    assert finding.value == "puskemas"
    assert "'pustu' (2 rows)" in finding.message


def test_words_an_importer_knows_are_not_declared_by_anybody(tmp_path: Path) -> None:
    text = "npsn,nama,bentuk_pendidikan,bujur,lintang\n1,SD Satu,SD,120.05,-7.95\n"
    (tmp_path / "dapodik.csv").write_text(text, encoding="utf-8")
    section = FacilitySection(id="s", path="dapodik.csv", importer="dapodik")
    result = read_facilities(section, tmp_path, facility_lists.desa())
    assert result.facilities["kind"].tolist() == ["sd"]
    assert not [one for one in result.findings if one.code == "input.word_unused"]


@pytest.mark.parametrize(
    ("name", "kind", "word"),
    [
        ("SMP Konga (dalam pembangunan)", "smp", "DALAM PEMBANGUNAN"),
        ("SMPN 1 Konga (merger)", "smp", "MERGER"),
        ("SDN 3 digabung ke SDN 1", "sd", "DIGABUNG"),
        ("Puskesmas Boru tidak berfungsi", "puskesmas", "TIDAK BERFUNGSI"),
        ("Posyandu Melati vakum", "posyandu", "VAKUM"),
        ("SMA Harapan (closed)", "sma", "CLOSED"),
        ("RS Hewan", "rumah_sakit", "HEWAN"),
        ("Klinik Kecantikan Ayu", "klinik", "KECANTIKAN"),
        ("Apotek dan Praktik Dokter Hewan", "apotek", "HEWAN"),
        ("SMK Pembangunan", "sma", None),
        ("SD Gabungan", "sd", None),
        ("SMK Pertanian", "sma", None),
        ("Puskesmas Kampung Hewan", "puskesmas", None),
        ("RSUD dr. Ben Mboi", "rumah_sakit", None),
        ("Klinik Pratama Salona", "klinik", None),
    ],
)
def test_what_serves_nobody_or_no_people_is_asked(name: str, kind: str, word: str | None) -> None:
    assert find_other_thing(name, {kind}) == word
    assert find_other_thing(name, {kind}, words=()) == word


STATUS = """nomor,nama,bujur,lintang,{header}
1,SD Satu,120.05,-7.95,{first}
2,SD Dua,120.06,-7.96,{second}
"""


@pytest.mark.parametrize(
    ("header", "first", "second", "is_asked"),
    [
        ("Status Operasional", "Aktif", "Tidak Aktif", True),
        ("status", "NEGERI", "Tutup permanen", True),
        ("KET", "", "Rencana", True),
        ("kondisi", "Baik", "Rusak Berat", False),
        ("status", "Negeri", "Swasta", False),
        ("alamat", "Jl. A", "Tutup", False),
        ("keterangan", "", "Rencana perluasan kelas", False),
    ],
)
@pytest.mark.parametrize("suffix", ["csv", "geojson"])
def test_a_place_that_a_column_says_is_closed_is_asked(
    tmp_path: Path, header: str, first: str, second: str, is_asked: bool, suffix: str
) -> None:
    text = STATUS.format(header=header, first=first, second=second)
    (tmp_path / "f.csv").write_text(text, encoding="utf-8")
    position: dict[str, object] = {"lon_column": "bujur", "lat_column": "lintang"}
    if suffix == "geojson":
        frame = pd.read_csv(tmp_path / "f.csv", dtype=str).fillna("")
        points = gpd.points_from_xy(frame.pop("bujur"), frame.pop("lintang"), crs="EPSG:4326")
        gpd.GeoDataFrame(frame, geometry=points).to_file(tmp_path / "f.geojson")
        position = {}
    section = FacilitySection.model_validate(
        {"id": "sd", "path": f"f.{suffix}", "kind": "sd", "name_column": "nama", **position}
    )
    result = read_facilities(section, tmp_path, facility_lists.desa())
    asked = [f for f in result.findings if f.code == "facility.kind_doubtful"]
    assert [f.value for f in asked] == (["SD Dua"] if is_asked else [])
    assert len(result.facilities) == 2 - is_asked
    assert all(f"{header}: {second}" in finding.message for finding in asked)
    decided = read_facilities(
        section, tmp_path, facility_lists.desa(), aids=Aids(decisions={("", "SD Dua"): "sd"})
    )
    assert len(decided.facilities) == 2
