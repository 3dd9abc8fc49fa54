"""Names that may mean something else than the kind their row is of: asked, never dropped."""

from __future__ import annotations

from pathlib import Path

import pytest

from layers.facilities.facility_kinds import find_other_thing
from layers.facilities.read import read_facilities
from layers.tables.rows.row_records import Aids
from layers.workspace.sections import FacilitySection
from tests.layers import facility_lists

OTHERS = """
    Gudang Puskesmas Boru|Jl. Puskesmas|Eks Puskesmas|Rumah Dinas Puskesmas Boru|Rumdin Puskesmas|
    Kantor Puskesmas|Parkir Puskesmas|Pagar Puskesmas|Bekas Puskesmas|Calon Puskesmas Boru|
    Halte Puskesmas|Warung depan Puskesmas|Koperasi Puskesmas|Perumahan Puskesmas|Loket Puskesmas|
    Lapangan Puskesmas|Mobil Ambulans Puskesmas|EX-PUSKESMAS BORU|Gedung eks Puskesmas|
    Puskesmas Boru (eks)|Puskesmas Boru (tutup)|Puskesmas Boru - belum beroperasi
"""


@pytest.mark.parametrize("name", [name.strip() for name in OTHERS.split("|")])
@pytest.mark.parametrize("keys", [{"kind_in_name": True}, {"kind": "puskesmas"}])
def test_what_is_only_named_after_a_facility_is_asked(
    tmp_path: Path, name: str, keys: dict[str, object]
) -> None:
    rows = f"1,{name},x,120.05,-7.95,\n2,Puskesmas Pasar Boru,x,120.06,-7.95,\n"
    result = facility_lists.read(tmp_path, rows, **keys)
    assert [(f.code, f.row) for f in result.findings] == [("facility.kind_doubtful", 2)]
    assert result.facilities["nama"].tolist() == ["Puskesmas Pasar Boru"]
    (question,) = result.proposals
    assert (question.name, question.reason, question.kode) == (name, "kind_doubtful", "puskesmas")


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("puskesmas", "Apotek Puskesmas Boru"),
        ("puskesmas", "Pustu Puskesmas Boru"),
        ("sd", "Kantor UPTD SD Boru"),
        ("sd", "Lapangan SMP Boru"),
        ("sd", "Warung depan SDN 1"),
        ("rumah_sakit", "Parkir RSUD Boru"),
        ("kantor_camat", "Rumah Dinas Kantor Camat"),
        ("pasar", "Eks Pasar Boru"),
        ("kantor_desa", "Gedung Kantor Lurah Boru"),
        ("kantor_desa", "Kantor Camat Boru"),
        ("kantor_desa", "Kawasan Kantor Lurah"),
    ],
)
def test_a_function_in_front_of_the_word_of_a_declared_kind_is_asked(kind: str, name: str) -> None:
    assert find_other_thing(name, {kind}) is not None


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("puskesmas", "UPT. BLUD Puskesmas Pasar Minggu"),
        ("puskesmas", "Pasar Minggu"),
        ("puskesmas", "Simpang Tutup"),
        ("puskesmas", "12. PUSKESMAS SIMPANG TUTUP"),
        ("rumah_sakit", "CHARITAS HOSPITAL"),
        ("rumah_sakit", "RS Tanah Abang"),
        ("sd", "UPT SPF SD Negeri 2 Lapangan"),
        ("smp", "SD-SMP Satap Boru"),
        ("smp", "SD dan SMP Boru"),
        ("pasar", "Pasar Barang Bekas"),
        ("pasar", "Pasar depan SMP"),
        ("gudang", "Gudang Puskesmas"),
        ("lapangan", "Lapangan Kantor Desa"),
        ("apotek", "Apotek Puskesmas Boru"),
        ("kantor_desa", "Balai Desa Boru"),
        ("bidan", "Praktik Mandiri Bidan Siti"),
        ("posyandu", "Posyandu Masjid Al-Ikhlas"),
    ],
)
def test_a_name_that_begins_with_its_kind_or_says_none_is_not_asked(kind: str, name: str) -> None:
    assert find_other_thing(name, {kind}) is None


def test_a_word_of_the_row_is_believed_beside_an_unknown_word_in_front(tmp_path: Path) -> None:
    rows = (
        "1,Yayasan SD Boru,SD,120.05,-7.95,\n2,Rumah Dinas SD Boru,SD,120.06,-7.95,\n"
        "3,TK SD Boru,SD,120.07,-7.95,\n"
    )
    result = facility_lists.read(tmp_path, rows, kind_column="jenis", kinds={"SD": "sd"})
    assert result.facilities["nama"].tolist() == ["Yayasan SD Boru"]
    assert facility_lists.codes(result) == ["facility.kind_doubtful"] * 2


DECLARED = """
    paud: Pos PAUD Melati|Taman Posyandu dan PAUD Melati|Satuan PAUD Sejenis Mawar|
    Lembaga PAUD Kasih|Yayasan Bina Insan PAUD Melati|Kelompok Bermain Ceria|RW 05 PAUD Anggrek;
    bidan: Hj. Siti, Praktik Mandiri Bidan|Ny. Ratna, S.Tr.Keb PMB|Siti Aminah Bidan;
    posyandu: Taman Posyandu Melati|ILP Posyandu Mawar|Dusun II Posyandu Anggrek|Pos Posyandu A;
    puskesmas: Unit Pelaksana Teknis Daerah Puskesmas Boru|Kelurahan Boru, Puskesmas
"""

DOUBTED = """
    paud: Gudang PAUD Melati|Rumah Dinas Guru PAUD|Yayasan A Gudang PAUD|Pos Satpam PAUD|
    Yayasan Bina PAUD Melati (tutup)|SD Boru PAUD Melati|Desa Boru eks PAUD Melati;
    bidan: Apotek Bidan Siti|Rumah Dinas Bidan Desa|Hj. Siti, Praktik Mandiri Bidan (tutup);
    posyandu: Gudang Posyandu|Calon Posyandu Melati|Taman Posyandu Melati (tidak aktif);
    puskesmas: Taman Puskesmas Boru|Pos Jaga Puskesmas|Loket Puskesmas|Mobil Puskesmas Boru
"""


def _by_kind(names: str) -> list[tuple[str, str]]:
    pairs = (line.split(":") for line in names.split(";"))
    return [(kind.strip(), name.strip()) for kind, some in pairs for name in some.split("|")]


@pytest.mark.parametrize(
    ("kind", "name", "is_used"),
    [(*pair, True) for pair in _by_kind(DECLARED)] + [(*pair, False) for pair in _by_kind(DOUBTED)],
)
def test_a_declared_kind_is_doubted_by_words_of_another_function_only(
    tmp_path: Path, kind: str, name: str, *, is_used: bool
) -> None:
    rows = f'1,"{name}",x,120.05,-7.95,\n'
    result = facility_lists.read(tmp_path, rows, kind=kind)
    assert result.facilities["kind"].tolist() == [kind] * is_used
    assert [question.name for question in result.proposals] == [name] * (not is_used)


@pytest.mark.parametrize(
    ("answer", "kinds"), [("puskesmas", ["puskesmas"]), ("apotek", ["apotek"]), (None, [])]
)
def test_a_doubtful_name_is_what_the_decision_says(
    tmp_path: Path, answer: str | None, kinds: list[str]
) -> None:
    text = facility_lists.HEADER + "1,Apotek  Puskesmas Boru,x,120.05,-7.95,\n"
    (tmp_path / "f.csv").write_text(text, encoding="utf-8")
    section = FacilitySection.model_validate(
        {
            "id": "a",
            "path": "f.csv",
            "kind": "puskesmas",
            "name_column": "nama",
            "lon_column": "bujur",
            "lat_column": "lintang",
        }
    )
    aids = Aids(decisions={("", "Apotek Puskesmas Boru"): answer})
    result = read_facilities(section, tmp_path, facility_lists.desa(), aids=aids)
    assert result.facilities["kind"].tolist() == kinds
    assert result.proposals == ()
    told = [f.severity for f in result.findings if f.code == "facility.kind_doubtful"]
    assert told == ([] if kinds else ["note"])


def test_an_abbreviation_that_alone_tells_the_kind_is_asked_once(tmp_path: Path) -> None:
    rows = "".join(
        f"{at},{name},x,120.0{at},-7.95,\n"
        for at, name in enumerate(["MIS Al Ikhlas", "MIS Nurul", "SDK Boru", "SD MIS Boru"], 1)
    )
    result = facility_lists.read(tmp_path, rows, kind_in_name=True)
    assert result.facilities["nama"].tolist() == ["SD MIS Boru"]
    asked = [(f.row, f.measure) for f in result.findings if f.code == "facility.kind_doubtful"]
    assert asked == [(2, 2.0), (4, 1.0)]
    message = next(f.message for f in result.findings if f.row == 2)
    assert 'Write mis = "sd"' in message
    result = facility_lists.read(
        tmp_path, rows, kind_in_name=True, kinds={"mis": "sd", "sdk": "sd"}
    )
    assert len(result.facilities) == 4
    assert facility_lists.codes(result) == []
