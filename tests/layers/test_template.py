"""What ``init`` proposes for the files it finds: the section, the importer, the columns."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from layers.proposal.file_shapes import tell_shape
from layers.proposal.template import write_template
from layers.sample import write_sample
from layers.workspace.workspace import Workspace
from layers.workspace.workspace_file import read_workspace


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
        path.name: tell_shape(path)
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
    assert "BPS?" in shapes["akta_kelahiran_bps_2023_2024.csv"].told_by


COMMENTED = re.compile(r'# (\[\[|\[tables\.columns\]$|[a-z_]+ = |")')


def test_a_proposal_is_a_declaration_once_its_comments_are_taken_away(
    folder: Path, tmp_path: Path
) -> None:
    copy = tmp_path / "kabupaten"
    shutil.copytree(folder, copy)
    path, proposed = write_template(copy)
    workspace = read_workspace(copy)
    assert not any((workspace.tables, workspace.spending, workspace.facilities))
    text = path.read_text(encoding="utf-8")
    head, rest = text.split("# ---- Indicator tables")
    lines = [
        re.sub("^# ", "", line) if COMMENTED.match(line) else line
        for line in ("#" + rest).split("\n")
    ]
    path.write_text(head + "\n".join(lines).split("\n# ---- Known")[0], encoding="utf-8")
    told: Workspace = read_workspace(copy)
    assert proposed == sum(
        len(part)
        for part in (told.boundaries, told.tables, told.spending, told.facilities, told.roads)
    ) + 1  # fmt: skip
    years = {section.id: section.year for section in told.tables}
    assert years["panjang_2023"] == 2023
    assert "rusak.xlsx: not read" in text


def test_files_of_one_name_get_ids_of_their_own(tmp_path: Path) -> None:
    for year in ("2023", "2024"):
        (tmp_path / year).mkdir()
        (tmp_path / year / "air.csv").write_text("kode,air\n53.06.01.2001,5\n")
    text = write_template(tmp_path)[0].read_text(encoding="utf-8")
    assert 'id = "air"' in text
    assert 'id = "air_2"' in text
