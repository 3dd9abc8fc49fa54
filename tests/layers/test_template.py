"""What ``init`` proposes for the files it finds: the section, the importer, the columns."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import shapely

from layers.proposal.file_shapes import may_be_input, tell_shapes
from layers.proposal.template import propose, write_template
from layers.sample import write_sample
from layers.tables.files import grids
from layers.workspace.workspace_file import read_workspace

POINT_HEX = shapely.Point(122.9, -8.4).wkb_hex


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files of the sample kabupaten without its declaration, and some more."""
    folder = tmp_path_factory.mktemp("kabupaten")
    write_sample(folder)
    (folder / "wilayah.toml").unlink()
    (folder / "form.csv").write_text("no_akun,nama_akun,jumlah\n5,Belanja,1\n")
    (folder / "faskes.csv").write_text("nama,bujur,lintang\nPUSTU BORU,122,-8\nPKM KONGA,122,-8\n")
    (folder / "Panjang 2023.csv").write_text("kode,kategori,nilai\n99.01.01.2001,Air,5\n")
    (folder / "rusak.xlsx").write_bytes(b"bukan buku kerja")
    return folder


def test_each_file_is_proposed_by_its_shape(folder: Path) -> None:
    shapes = {
        path.name: tell_shapes(path)[0]
        for path in sorted(folder.rglob("*"))
        if path.suffix in (".csv", ".xlsx", ".geojson", ".gpkg", ".zip")
    }
    found = {name: (shape.role, shape.importer) for name, shape in shapes.items()}
    expected = {
        "batas_desa_tanjung_sagara.geojson": ("boundaries", None),
        "batas_desa_pesisir_gading.zip": ("boundaries", None),
        "jaringan_jalan_2024.gpkg": ("roads", None),
        "kantor_desa.geojson": ("facilities", None),
        "sekolah_dapodik_2025.csv": ("facilities", "dapodik"),
        "faskes_2025.xlsx": ("facilities", "faskes"),
        "siskeudes_kegiatan_2024.csv": ("spending", "siskeudes"),
        "form.csv": ("spending", "opendk"),
        "idm_2024.xlsx": ("tables", "idm"),
        "indeks_desa_2025.xlsx": ("tables", "indeks_desa"),
        "satu_data_prasarana_2023_2025.csv": ("tables", "satu_data"),
        "kependudukan_2024.csv": ("tables", None),
        "rusak.xlsx": ("unread", None),
    }
    assert {name: found[name] for name in expected} == expected
    assert shapes["faskes.csv"].keys["kind_in_name"] == "true"
    assert shapes["Panjang 2023.csv"].keys["shape"] == "long"
    assert "BPS?" in shapes["akta_kelahiran_bps_2023_2024.csv"].recognised_by


def test_what_the_files_say_is_declared_and_what_they_do_not_is_a_comment(
    folder: Path, tmp_path: Path
) -> None:
    copy = tmp_path / "kabupaten"
    shutil.copytree(folder, copy)
    path, proposed = write_template(copy)
    workspace = read_workspace(copy)
    text = path.read_text(encoding="utf-8")
    assert workspace.wilayah.scope == ("99.01",)
    assert {section.kind for section in workspace.crosswalks} == {"bridge", "history"}
    assert {section.id: section.code_system for section in workspace.tables} == {
        "akta_kelahiran_2025": None,
        "akta_kelahiran_bps_2023_2024": "bps",
        "idm_2023": "kemendagri",
        "idm_2024": "kemendagri",
        "indeks_desa_2025": "kemendagri",
        "kependudukan_2023": "kemendagri",
        "kependudukan_2024": "kemendagri",
        "kependudukan_2025": "kemendagri",
        "kesehatan_lingkungan_2023": "kemendagri",
        "kesehatan_lingkungan_2024": "kemendagri",
        "kesehatan_lingkungan_2025": "kemendagri",
        "satu_data_prasarana_2023_2025": "kemendagri",
    }
    assert {section.kabupaten for section in workspace.spending} == {"99.01"}
    for commented in ('# id = "panjang_2023"', "# year = 2023", '# id = "form"', '# "Air" = ""'):
        assert commented in text
    assert "# rusak.xlsx: not read" in text
    # One file, the bridge, is a list of names too; the one that was not read counts as well.
    # Without files there is an example of a section, and those at the end.
    examples = propose("x", []).count("path = ") - 1
    assert proposed == text.count("path = ") - examples


MARKUP = (
    "<html><body><table><tr><td>kode</td><td>jumlah_penduduk</td></tr>"
    "<tr><td>99.01.01.2001</td><td>1200</td></tr></table></body></html>"
)
RECORDS = "".join(
    f'{{"kode": "99.01.01.{number}", "jumlah_penduduk": 1200}}\n' for number in range(2001, 2004)
)
SAVED = f"MIME-Version: 1.0\nContent-Type: text/html; charset=utf-8\n\n{MARKUP}\n"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("penduduk_2024.mht", SAVED),
        ("penduduk_2024.MHTML", SAVED),
        ("penduduk_2024.html", MARKUP),
        ("penduduk_2024.htm", MARKUP),
        ("penduduk_2024.xls", MARKUP),
        ("penduduk_2024.jsonl", RECORDS),
    ],
)
def test_a_table_is_proposed_of_whatever_kind_its_file_is(
    tmp_path: Path, name: str, content: str
) -> None:
    (tmp_path / name).write_text(content)
    (tmp_path / "panduan.html").write_text("<html><body><p>Panduan</p></body></html>")
    path, proposed = write_template(tmp_path)
    text = path.read_text(encoding="utf-8")
    assert f'\npath = "{name}"\n' in text
    assert '\ncode_column = "kode"\n' in text
    assert '\n"jumlah_penduduk" = "penduduk_jiwa"\n' in text
    assert "panduan.html" in text
    assert proposed == 2


def test_every_kind_of_table_is_looked_into(tmp_path: Path) -> None:
    kinds = grids.WORKBOOKS | grids.DELIMITED | grids.RECORDS | grids.PAGES | grids.NAMED
    files = [tmp_path / f"a{kind}" for kind in kinds - {".txt"}]
    assert [path.name for path in files if not may_be_input(path)] == []


@pytest.mark.parametrize("delimiter", [";", "\t", ",", "|"])
def test_a_text_of_columns_is_a_table_and_one_without_is_named(
    delimiter: str, tmp_path: Path
) -> None:
    rows = ("kode", "stunting"), ("53.06.01.2001", "12"), ("53.06.01.2002", "10")
    (tmp_path / "gizi.txt").write_text("\n".join(delimiter.join(row) for row in rows) + "\n")
    (tmp_path / "baca.txt").write_text("Data ini dari dinas.\nMohon diperiksa.\n")
    path, count = write_template(tmp_path)
    text = path.read_text(encoding="utf-8")
    assert (count, 'path = "gizi.txt"' in text) == (1, True)
    assert "# baca.txt: left out (a text without columns)" in text


def test_a_dbf_is_a_table_where_it_stands_alone(tmp_path: Path) -> None:
    assert may_be_input(tmp_path / "podes.dbf")
    (tmp_path / "batas[1].SHP").touch()
    assert not may_be_input(tmp_path / "batas[1].dbf")


def test_files_of_one_name_get_ids_of_their_own(tmp_path: Path) -> None:
    for year in ("2023", "2024"):
        (tmp_path / year).mkdir()
        (tmp_path / year / "air.csv").write_text(f"kode,air\n53.06.01.2001,{year[-1]}\n")
    text = write_template(tmp_path)[0].read_text(encoding="utf-8")
    assert 'id = "air"' in text
    assert 'id = "air_2"' in text


@pytest.mark.parametrize(
    ("header", "keys"),
    [
        ("nama,lattitude,Longitude", {"lat_column": "lattitude", "lon_column": "Longitude"}),
        ("nama,Latitute,Longtitude", {"lat_column": "Latitute", "lon_column": "Longtitude"}),
        ("nama,LINTANG,BUJUR", {"lat_column": "LINTANG", "lon_column": "BUJUR"}),
        (
            "nama,lintang (ls),bujur (bt)",
            {"lat_column": "lintang (ls)", "lon_column": "bujur (bt)"},
        ),
        ("nama,Y,X", {"lat_column": "Y", "lon_column": "X"}),
        (
            "nama,koordinat_y,koordinat_x",
            {"lat_column": "koordinat_y", "lon_column": "koordinat_x"},
        ),
        (
            "nama,Koordinat Lintang,Koordinat Bujur",
            {"lat_column": "Koordinat Lintang", "lon_column": "Koordinat Bujur"},
        ),
        ("nama,Garis Lintang,Garis Bujur", {"lat_column": "Garis Lintang"}),
        ("nama,Y_COORD,X_COORD", {"lat_column": "Y_COORD", "lon_column": "X_COORD"}),
        ("nama,lat_dd,long_dd", {"lat_column": "lat_dd", "lon_column": "long_dd"}),
    ],
)
def test_coordinates_are_told_however_their_columns_are_spelt(
    header: str, keys: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / "pustu.csv").write_text(f"{header}\nPUSTU BORU,-8.4,122.9\nPUSTU WAI,-8.5,122.8\n")
    shape = tell_shapes(tmp_path / "pustu.csv")[0]
    assert shape.role == "facilities"
    assert {key: shape.keys[key] for key in keys} == keys
    assert shape.keys["kind"] == "pustu"


@pytest.mark.parametrize("cell", ['"-8.4, 122.9"', "POINT (122.9 -8.4)", POINT_HEX])
def test_one_column_with_both_coordinates_is_a_position_column(cell: str, tmp_path: Path) -> None:
    (tmp_path / "posyandu.csv").write_text(f"nama,titik\nMelati,{cell}\nMawar,{cell}\n")
    shape = tell_shapes(tmp_path / "posyandu.csv")[0]
    assert (shape.role, shape.keys["position_column"]) == ("facilities", "titik")


@pytest.mark.parametrize(
    ("cells", "is_open"),
    [
        ("501100;9072284", True),
        ("501.100;9.072.284", True),
        ("501100.25;9072284.75", True),
        ("122.9;-8.4", False),
        ("122,9;-8,4", False),
    ],
)
def test_of_metres_the_crs_is_asked(cells: str, is_open: bool, tmp_path: Path) -> None:
    """Which zone they are of only their owner knows: declared without one, no row is used."""
    (tmp_path / "pustu.csv").write_text(f"nama;easting;northing\nA;{cells}\nB;{cells}\n")
    shape = tell_shapes(tmp_path / "pustu.csv")[0]
    assert shape.keys["lon_column"] == "easting"
    assert any(lack.startswith("crs ") for lack in shape.todo) == is_open


def test_degrees_minutes_and_seconds_in_columns_of_their_own_are_no_pair(tmp_path: Path) -> None:
    head = "nama,Lintang Derajat,Lintang Menit,Bujur Derajat,Bujur Menit"
    (tmp_path / "pustu.csv").write_text(f"{head}\nA,8,23,123,0\nB,8,24,123,1\n")
    assert "lat_column" not in tell_shapes(tmp_path / "pustu.csv")[0].keys


def test_names_that_only_resemble_coordinates_are_none(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("kode,latihan,bujuran\n53.06.01.2001,Melati,Mawar\n")
    assert tell_shapes(tmp_path / "t.csv")[0].role == "tables"


def test_the_value_columns_of_podes_are_listed_to_choose_from(tmp_path: Path) -> None:
    (tmp_path / "podes.csv").write_text(
        "IDDESA,R106B,R701CK2,R701CK4\n5306010003,5306012001,1,0.5\n5306010004,5306012002,2,3\n"
    )
    text = write_template(tmp_path)[0].read_text(encoding="utf-8")
    assert '# importer = "podes"' in text
    assert '# "R701CK4" = ""    # indicator' in text


BUDGETS = {
    "by activity": (
        "Kode Desa;Kode Kegiatan;Nama Kegiatan;Sumber Dana;Anggaran (Rp);Realisasi (Rp)",
        "53.06.01.2001;02.02.02;Posyandu;DDS;100;90",
        {
            "code_column": "Kode Desa",
            "activity_column": "Kode Kegiatan",
            "activity_name_column": "Nama Kegiatan",
            "source_column": "Sumber Dana",
            "anggaran_column": "Anggaran (Rp)",
            "realisasi_column": "Realisasi (Rp)",
        },
    ),
    "by account": (
        "kode_desa;tahun;kode_rekening;uraian;pagu;pagu perubahan",
        "53.06.01.2001;2024;5.1.2;Belanja;100;120",
        {
            "code_column": "kode_desa",
            "year_column": "tahun",
            "account_column": "kode_rekening",
            "activity_name_column": "uraian",
            "anggaran_column": "pagu",
            "anggaran_perubahan_column": "pagu perubahan",
        },
    ),
}


@pytest.mark.parametrize("kind", BUDGETS)
def test_lines_of_a_budget_are_proposed_as_spending(kind: str, tmp_path: Path) -> None:
    header, row, keys = BUDGETS[kind]
    (tmp_path / "apbdes.csv").write_text(f"{header}\n{row}\n")
    told = tell_shapes(tmp_path / "apbdes.csv")[0]
    assert (told.role, told.keys, told.system, told.todo) == ("spending", keys, "kemendagri", ())


def test_a_budget_of_one_desa_asks_for_its_code(tmp_path: Path) -> None:
    (tmp_path / "apbdes.csv").write_text("Kode Kegiatan,Anggaran\n02.02.02,100\n01.01.01,5\n")
    told = tell_shapes(tmp_path / "apbdes.csv")[0]
    assert told.role == "spending"
    assert "desa = the one desa of the file" in told.todo[0]


@pytest.mark.parametrize(
    ("text", "role"),
    [
        ("kode_desa,pagu dana desa,realisasi\n53.06.01.2001,9,8\n", "tables"),
        ("kode,opd,kegiatan,kode kegiatan,pagu\n53.06.01.2001,PU,SPAM,02.02.02,9\n", "programmes"),
        ("kode_desa,kode kegiatan,jumlah peserta\n53.06.01.2001,02.02.02,9\n", "tables"),
    ],
)
def test_amounts_without_activities_of_desa_are_no_spending(
    text: str, role: str, tmp_path: Path
) -> None:
    (tmp_path / "t.csv").write_text(text)
    assert tell_shapes(tmp_path / "t.csv")[0].role == role


@pytest.mark.parametrize(
    ("header", "name", "kind"),
    [
        ("No,Nama Puskesmas,Kecamatan", "Nama Puskesmas", "puskesmas"),
        ("No,Nama Desa,Nama Posyandu", "Nama Posyandu", "posyandu"),
        ("No,NM_SEKOLAH,Nama Kepala Sekolah", "NM_SEKOLAH", None),
        ("No,Nama Desa,Nama Pasar", "Nama Pasar", None),
        ("No,Nama Desa,Nama Pemilik", None, None),
        ("No,Nama Ruang,Nama Gedung", None, None),
    ],
)
def test_the_column_of_names_of_places_is_told_by_its_header(
    header: str, name: str | None, kind: str | None, tmp_path: Path
) -> None:
    (tmp_path / "data.csv").write_text(f"{header},Bujur,Lintang\n1,Waibao,Melati,122.9,-8.4\n")
    keys = tell_shapes(tmp_path / "data.csv")[0].keys
    assert (keys.get("name_column"), keys.get("kind")) == (name, kind)


def test_a_table_by_code_has_its_kecamatan_too(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("kode,kecamatan,air\n53.06.01.2001,Wulanggitang,5\n")
    assert tell_shapes(tmp_path / "t.csv")[0].keys["kecamatan_column"] == "kecamatan"
    (tmp_path / "u.csv").write_text("kode,kecamatan,air\n53.06.01.2001,010,5\n")
    assert "kecamatan_column" not in tell_shapes(tmp_path / "u.csv")[0].keys
