"""Real tables: the IDM of 2,567 desa joined to the desa of wilayah_boundaries."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pandas as pd
import pytest

from layers.columns.catalogue import read_indicators
from layers.tables.indicators.join import TableResult, join_table
from layers.workspace.sections import TableSection

pytestmark = pytest.mark.real

SUMMARY = "idm_kemendesa/idm_summary.csv.gz"


def desa_of(shared_data: Path, prefix: str = "") -> pd.DataFrame:
    paths = sorted((shared_data / "wilayah_boundaries").glob(f"kel_{prefix[:2]}*.parquet"))
    frames = [pd.read_parquet(path, columns=["kode", "nama"]) for path in paths]
    desa = pd.concat(frames).drop_duplicates("kode")
    desa = desa[desa["kode"].str.startswith(prefix)]
    is_kelurahan = desa["kode"].str[9] == "1"
    return desa.assign(
        jenis=is_kelurahan.map({True: "kelurahan", False: "desa"}),
        kode_kecamatan=desa["kode"].str[:8],
        nama_kecamatan=desa["kode"].str[:8],
        kode_kabupaten=desa["kode"].str[:5],
        nama_kabupaten=desa["kode"].str[:5],
    )


def join_idm(shared_data: Path, desa: pd.DataFrame) -> TableResult:
    section = TableSection(id="idm", path=SUMMARY, importer="idm")
    return join_table(section, shared_data, desa, read_indicators())


@pytest.mark.parametrize(("kabupaten", "desa_matched"), [("53.06", 9), ("32.05", 12)])
def test_the_idm_of_one_kabupaten_has_exact_counts(
    shared_data: Path, kabupaten: str, desa_matched: int
) -> None:
    result = join_idm(shared_data, desa_of(shared_data, kabupaten))
    load = result.load
    assert (load.rows_read, load.matched, load.duplicates) == (10_006, 4 * desa_matched, 0)
    assert load.unmatched == 10_006 - 4 * desa_matched
    named = [finding for finding in result.findings if finding.code == "table.outside_scope"]
    assert len(named) == load.unmatched
    assert result.values["kode"].nunique() == desa_matched
    assert result.values["kode"].str.startswith(kabupaten).all()


def test_every_code_of_the_country_without_a_desa_is_named(shared_data: Path) -> None:
    desa = desa_of(shared_data)
    result = join_idm(shared_data, desa)
    load = result.load
    known = {kode.replace(".", "") for kode in desa["kode"]}
    table = pd.read_csv(shared_data / SUMMARY, dtype=str)
    missing = table[~table["kode"].isin(known)]
    codes = Counter(finding.code for finding in result.findings)
    # Three names are a neighbour's in one of four years, one desa has a new name in three.
    assert codes["table.name_contradicts"] == 6
    assert (load.rows_read, load.unmatched) == (10_006, len(missing) + 6)
    assert load.matched == 10_006 - load.unmatched
    named = {finding.row for finding in result.findings if finding.value and finding.row}
    assert {row + 2 for row in missing.index} <= named
    assert codes["table.code_unknown"] + codes["table.outside_scope"] == len(missing)


def test_the_status_beside_each_score_is_the_published_class(shared_data: Path) -> None:
    result = join_idm(shared_data, desa_of(shared_data))
    assert [found for found in result.findings if found.code == "table.status_disagrees"] == []


def test_the_four_indices_stand_among_the_item_rows(shared_data: Path, tmp_path: Path) -> None:
    rows = pd.read_parquet(shared_data / "idm_kemendesa/idm_rows.parquet")
    rows[rows["kode"].str.startswith("5306")].to_parquet(tmp_path / "idm.parquet")
    section = TableSection(id="idm", path="idm.parquet", importer="idm")
    result = join_table(section, tmp_path, desa_of(shared_data, "53.06"), read_indicators())
    wide = result.values.pivot(index=["kode", "tahun"], columns="indikator", values="nilai")
    assert len(wide) == 36
    mean = wide[["iks_skor", "ike_skor", "ikl_skor"]].mean(axis=1)
    assert (mean - wide["idm_skor"]).abs().max() < 1e-4
