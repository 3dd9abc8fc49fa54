"""Belu's numbers are never painted on Flores Timur, though both have codes that begin with 5306.

5306 is Belu in BPS codes and Flores Timur in Kemendagri codes; some of Belu's BPS codes, such as
those of Nanaet Duabesi (5306052001 …), are spelt like desa of Flores Timur (53.06.05.2001 …).
"""

from __future__ import annotations

import csv
import json
from collections import defaultdict
from pathlib import Path

import pandas as pd
import pytest

from tests.end_to_end.processes import run

pytestmark = pytest.mark.real

HERE = Path(__file__).parent
TABLE = """
[[tables]]
id = "air_minum"
path = "air_minum.csv"
code_system = "{system}"
code_column = "kode"
{name}
year = 2024
[tables.columns]
air_minum = "air_minum_layak_pct"
"""


@pytest.fixture(scope="module")
def belu(shared_data: Path) -> list[tuple[str, str]]:
    """BPS codes and names of Belu's desa: kecamatan by the bridge, desa numbered as BPS does."""
    bridge = pd.read_csv(shared_data / "bridge_kecamatan" / "kecamatan.csv.gz", dtype=str)
    kecamatan = dict(zip(bridge["kode_dagri"], bridge["kode_bps"], strict=True))
    desa = pd.read_parquet(
        shared_data / "wilayah_boundaries" / "kel_53.parquet", columns=["kode", "nama"]
    )
    numbers: dict[str, int] = defaultdict(int)
    rows = []
    for kode, nama in sorted(zip(desa["kode"], desa["nama"], strict=True)):
        bps = kecamatan.get(kode[:8].replace(".", ""), "")
        if kode.startswith("53.04.") and bps:
            numbers[bps] += 1
            rows.append((f"{bps}{numbers[bps]:03d}", nama))
    assert len(rows) > 60
    assert all(code.startswith("5306") for code, _ in rows)
    return rows


def workspace(
    folder: Path, shared: Path, rows: list[tuple[str, str]], *, system: str, named: bool
) -> Path:
    """The workspace of Flores Timur with one more table."""
    folder.mkdir()
    declared = (HERE / "flores_timur" / "wilayah.toml").read_text(encoding="utf-8")
    declared = declared.replace("../../../../shared/data", shared.as_posix())
    name = 'name_column = "nama"' if named else ""
    declared += TABLE.format(system=system, name=name)
    (folder / "wilayah.toml").write_text(declared, encoding="utf-8")
    with (folder / "air_minum.csv").open("w", newline="", encoding="utf-8") as stream:
        csv.writer(stream).writerows(
            [("kode", "nama", "air_minum")]
            + [(code, nama, str(40 + number % 50)) for number, (code, nama) in enumerate(rows)]
        )
    return folder


@pytest.mark.parametrize("named", [True, False], ids=["with names", "without names"])
def test_a_belu_table_is_refused_naming_both_and_nothing_is_built(
    shared_data: Path, belu: list[tuple[str, str]], tmp_path: Path, *, named: bool
) -> None:
    folder = workspace(tmp_path / "ws", shared_data, belu, system="kemendagri", named=named)
    done = run("build", folder, "--to", tmp_path / "releases")
    assert done.returncode == 1, done.stdout + done.stderr
    said = done.stdout + done.stderr
    assert "Traceback" not in said
    refusal = next(line for line in said.splitlines() if "air_minum.csv" in line)
    assert "5306 is Kab. Belu in BPS codes" in refusal
    assert "Flores Timur (53.06) in Kemendagri codes" in refusal
    assert not list((tmp_path / "releases").glob("*"))
    assert sorted(path.name for path in folder.iterdir()) == ["air_minum.csv", "wilayah.toml"]


def test_no_row_of_the_belu_table_is_used(
    shared_data: Path, belu: list[tuple[str, str]], tmp_path: Path
) -> None:
    folder = workspace(tmp_path / "ws", shared_data, belu, system="kemendagri", named=True)
    done = run("check", folder, "--report", tmp_path / "report")
    assert done.returncode == 1
    report = json.loads((tmp_path / "report" / "findings.json").read_text(encoding="utf-8"))
    load = next(one for one in report["loads"] if one["input"] == "tables.air_minum")
    assert (load["rows_read"], load["matched"]) == (len(belu), 0)
    codes = {one["code"] for one in report["findings"] if one["severity"] == "error"}
    assert codes == {"codes.contradicted"}
