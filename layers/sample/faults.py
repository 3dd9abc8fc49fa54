"""Faults that must stop a build with one clear message: variants of the sample, for tests."""

import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from layers.sample import boundary_files, office, register_files


@dataclass(frozen=True, slots=True)
class Fault:
    """One way to break the workspace, and the exit code that ``check`` and ``build`` answer.

    ``exit_code`` 1: the data blocks publication; 2: wrong use (a file or declaration is at fault).
    """

    about: str
    exit_code: int
    apply: Callable[[Path], None]


def _declare(old: str, new: str) -> Callable[[Path], None]:
    """Changes the first such text of ``wilayah.toml``."""

    def apply(folder: Path) -> None:
        path = folder / "wilayah.toml"
        text = path.read_text(encoding="utf-8")
        if old not in text:
            raise ValueError(f"wilayah.toml has no {old!r}")
        path.write_text(text.replace(old, new, 1), encoding="utf-8", newline="\n")

    return apply


def _remove_file(folder: Path) -> None:
    (folder / register_files.INDEKS_DESA).unlink()


def _cut_file(folder: Path) -> None:
    path = folder / boundary_files.GPKG
    path.write_bytes(path.read_bytes()[:1000])


def _empty_layer(folder: Path) -> None:
    (folder / boundary_files.GEOJSON).write_bytes(office.write_geojson([]))


def _drop_crs(folder: Path) -> None:
    path = folder / boundary_files.SHP
    with zipfile.ZipFile(path) as archive:
        members = {
            name: archive.read(name) for name in archive.namelist() if not name.endswith(".prj")
        }
    path.write_bytes(office.write_zip(members))


FAULTS: dict[str, Fault] = {
    "bps_codes": Fault(
        "a table in BPS codes is declared kemendagri",
        1,
        _declare('code_system = "bps"', 'code_system = "kemendagri"'),
    ),
    "missing_file": Fault("a declared table is not there", 2, _remove_file),
    "unreadable_file": Fault("a GeoPackage is cut off", 2, _cut_file),
    "empty_layer": Fault("a boundary file has no feature", 2, _empty_layer),
    "no_crs": Fault("a Shapefile does not say its coordinate system", 2, _drop_crs),
    "wrong_crs": Fault(
        "degrees are declared to be metres of a UTM zone",
        2,
        _declare('legal_status = "indicative"', 'legal_status = "indicative"\ncrs = "EPSG:32751"'),
    ),
    "unknown_key": Fault("wilayah.toml has a key nobody knows", 2, _declare("scope", "scoope")),
    "no_code_column": Fault(
        "the declared code column is not in the file", 2, _declare('"KDEPUM"', '"KODE_DESA"')
    ),
    "no_code_system": Fault(
        "an input does not declare its code system",
        2,
        _declare('code_system = "kemendagri"\n', ""),
    ),
}
