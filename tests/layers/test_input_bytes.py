"""What was hashed is what was read: every change of an input in between is noticed."""

from __future__ import annotations

import os
import shutil
import zipfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

import geopandas as gpd
import pytest
import shapely

from layers.errors import ChangedInputError
from layers.pipeline.build import build_release, check_workspace
from layers.workspace.input_bytes import InputBytes, find_companions
from layers.workspace.inputs import hash_inputs
from layers.workspace.workspace_file import read_workspace
from tests.layers.pipeline.world import write_everything

TOML = """\
schema = 1
[wilayah]
id = "kecil"
name = "Kecil"
scope = ["99.01"]
year = 2025
[[boundaries]]
path = "{path}"
code_system = "kemendagri"
code_column = "kode"
name_column = "nama"
[[facilities]]
id = "pustu"
path = "pustu.csv"
kind = "pustu"
name_column = "nama"
lon_column = "lon"
lat_column = "lat"
"""


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    folder = tmp_path / "kecil"
    folder.mkdir()
    desa = gpd.GeoDataFrame(
        {"kode": ["99.01.01.2001", "99.01.01.2002"], "nama": ["Satu", "Dua"]},
        geometry=[shapely.box(124, -9, 124.1, -8.9), shapely.box(124.1, -9, 124.2, -8.9)],
        crs="EPSG:4326",
    )
    desa.to_file(folder / "batas.shp", engine="pyogrio")
    (folder / "pustu.csv").write_text("nama,lon,lat\nPustu A,124.05,-8.95\n")
    (folder / "wilayah.toml").write_text(TOML.format(path="batas.shp"))
    return folder


class During:
    """Does something once, when a step of the build begins."""

    def __init__(self, step: str, act: Callable[[], object]) -> None:
        self.step, self.act, self.is_done = step, act, False

    def __call__(self, step: str, done: int, total: int) -> None:
        if step.startswith(self.step) and not self.is_done:
            self.is_done = True
            self.act()


def append(path: Path) -> None:
    with path.open("ab") as stream:
        stream.write(b" ")


def change_and_back(path: Path) -> None:
    stat, content = path.stat(), path.read_bytes()
    path.write_bytes(content.replace(b"A", b"B"))
    path.write_bytes(content)
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))


def replace_file(path: Path) -> None:
    copy = path.with_name("copy")
    shutil.copy2(path, copy)
    copy.replace(path)


CHANGES = [append, change_and_back, replace_file, Path.unlink]


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
@pytest.mark.parametrize("name", ["pustu.csv", "batas.dbf"])
def test_an_input_that_changes_before_it_was_read_stops_the_build(
    workspace: Path, change: Callable[[Path], None], name: str
) -> None:
    releases = workspace.parent / "rilis"
    act = During("access", lambda: change(workspace / name))
    with pytest.raises(ChangedInputError, match=f"{name}: changed while it was being read"):
        build_release(workspace, releases, publish=True, progress=act)
    assert act.is_done
    assert not (releases / "current").exists()


def test_the_declaration_and_the_decisions_are_held_too(workspace: Path) -> None:
    for name in ("wilayah.toml", "matches.csv"):
        act = During("access", partial(append, workspace / name))
        with pytest.raises(ChangedInputError, match=name):
            check_workspace(workspace, progress=act)
        (workspace / "matches.csv").unlink(missing_ok=True)


def test_a_declaration_that_changes_while_the_release_is_written_is_refused(
    workspace: Path,
) -> None:
    act = During("boundaries and outlines", lambda: append(workspace / "wilayah.toml"))
    with pytest.raises(ChangedInputError, match=r"wilayah\.toml"):
        build_release(workspace, workspace.parent / "rilis", progress=act)


def test_files_that_stay_are_published_and_companions_are_hashed(workspace: Path) -> None:
    built = build_release(workspace, workspace.parent / "rilis")
    assert built.path.is_dir()
    paths = [entry.path for entry in hash_inputs(read_workspace(workspace), workspace)]
    assert paths == ["batas.cpg", "batas.dbf", "batas.prj", "batas.shp", "batas.shx", "pustu.csv"]
    assert find_companions(workspace / "pustu.csv") == []


@pytest.mark.parametrize("change", [append, change_and_back], ids=lambda change: change.__name__)
def test_a_folder_and_an_archive_are_held_member_by_member(
    tmp_path: Path, change: Callable[[Path], None]
) -> None:
    folder = tmp_path / "batas.gdb"
    (folder / "deep").mkdir(parents=True)
    (folder / "a0001.gdbtable").write_bytes(b"A")
    (folder / "deep" / "b").write_bytes(b"A")
    archive = tmp_path / "batas.zip"
    with zipfile.ZipFile(archive, "w") as packed:
        packed.writestr("batas.dbf", b"A")
    files = InputBytes()
    whole = files.hash(folder)
    assert whole.size == 2
    files.hash(archive)
    files.verify()
    change(folder / "deep" / "b")
    with pytest.raises(ChangedInputError, match=r"batas\.gdb"):
        files.verify()
    change(archive)
    with pytest.raises(ChangedInputError, match=r"batas\.gdb, batas\.zip"):
        files.verify()


def test_a_file_that_comes_or_goes_in_a_folder_is_a_change(tmp_path: Path) -> None:
    folder = tmp_path / "batas.gdb"
    folder.mkdir()
    files = InputBytes()
    files.hash(folder)
    (folder / "new").write_bytes(b"")
    with pytest.raises(ChangedInputError, match="batas"):
        files.verify()


RASTERS = """[friction]
path = "gesekan.tif"
[elevation]
path = "tinggi.tif"
[[barriers]]
path = "r.gpkg"
[speeds]
path = "laju.toml"
"""
LAND_COVER = """[land_cover]
path = "tutupan.tif"
[land_cover.classes]
1 = "forest"
"""
KINDS = (
    "boundaries names crosswalks tables spending facilities roads barriers programmes proposals "
    "population friction land_cover elevation speeds"
)


@pytest.fixture(scope="module")
def everything(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with an input of every kind, rasters of several files among them."""
    folder = write_everything(tmp_path_factory.mktemp("all") / "w")
    for name in ("gesekan.tif", "tutupan.tif", "tinggi.tif"):
        shutil.copy(folder / "p.tif", folder / name)
    (folder / "gesekan.tfw").write_text("0.01\n0\n0\n-0.01\n123.005\n-8.385\n")
    (folder / "gesekan.tif.aux.xml").write_text("<PAMDataset></PAMDataset>")
    (folder / "laju.toml").write_text("")
    toml = folder / "wilayah.toml"
    toml.write_text(toml.read_text() + RASTERS + LAND_COVER)
    return folder


def test_every_kind_of_input_and_each_of_its_files_is_hashed(everything: Path) -> None:
    entries = hash_inputs(read_workspace(everything), everything)
    assert {entry.input.partition(".")[0] for entry in entries} == set(KINDS.split())
    files = [entry.path for entry in entries if entry.input == "friction"]
    assert files == ["gesekan.tfw", "gesekan.tif", "gesekan.tif.aux.xml"]


@pytest.mark.parametrize("change", [append, change_and_back, replace_file, Path.unlink])
def test_a_change_of_each_file_of_each_kind_is_named(
    everything: Path, tmp_path: Path, change: Callable[[Path], None]
) -> None:
    folder = shutil.copytree(everything, tmp_path / "w")
    files = InputBytes()
    entries = hash_inputs(read_workspace(folder), folder, files)
    files.verify()
    for path in sorted({folder / entry.path for entry in entries}):
        change(path)
        with pytest.raises(ChangedInputError, match=path.name):
            files.verify(path)


@pytest.mark.parametrize("step", ["outlines", "tables", "facilities"])
def test_files_that_change_while_a_build_reads_them_are_all_named(
    everything: Path, tmp_path: Path, step: str
) -> None:
    folder = shutil.copytree(everything, tmp_path / "w")
    # A surface is made from friction or from land cover, never from both.
    toml = folder / "wilayah.toml"
    toml.write_text(toml.read_text().replace(LAND_COVER, ""))
    names = {entry.path for entry in hash_inputs(read_workspace(folder), folder)}

    def change_all() -> None:
        for name in names:
            change_and_back(folder / name)

    act = During(step, change_all)
    with pytest.raises(ChangedInputError) as refused:
        check_workspace(folder, progress=act)
    assert act.is_done
    assert [name for name in names if Path(name).name not in str(refused.value)] == []
