"""IDM of the country on Merauke (93.01): its codes are of before the new provinsi of Papua."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest

from boundaries.history.history_file import expand_history
from boundaries.history.versions import History
from layers.columns.catalogue import read_indicators
from layers.tables.indicators.join import TableResult, join_table
from layers.tables.rows.row_places import Places
from layers.tables.rows.shipped_histories import choose_histories
from layers.workspace.sections import TableSection

DATA = Path(__file__).parents[2].parent / "shared" / "data"
pytestmark = pytest.mark.real


@pytest.fixture
def desa() -> pd.DataFrame:
    path = DATA / "wilayah_boundaries" / "kel_93.parquet"
    if not path.is_file():
        pytest.skip("no ../shared/data on this machine")
    frame = pd.DataFrame(gpd.read_parquet(path).drop(columns="geometry"))
    frame = frame[frame["kode"].str.startswith("93.01.")][["kode", "nama"]]
    return frame.assign(
        jenis=["kelurahan" if kode[9] == "1" else "desa" for kode in frame["kode"]],
        kode_kecamatan=frame["kode"].str[:8],
        nama_kecamatan=frame["kode"].str[:8],
        kode_kabupaten="93.01",
        nama_kabupaten="Merauke",
    )


def join(desa: pd.DataFrame, history: History | None) -> TableResult:
    section = TableSection.model_validate(
        {
            "id": "idm",
            "path": "idm_summary.csv.gz",
            "importer": "idm",
            "year_column": "tahun",
            "code_system": "kemendagri",
        }
    )
    places = Places.of(desa, history)
    return join_table(section, DATA / "idm_kemendesa", places, read_indicators())


def test_the_history_is_proposed_and_gives_merauke_its_values(desa: pd.DataFrame) -> None:
    without = join(desa, None)
    assert without.load.matched == 0
    codes = [finding.code for finding in without.findings]
    assert "versions.history_proposed" in codes
    changes, _ = choose_histories(["papua-2022"])
    history, _ = expand_history(History.of(changes), frozenset(desa["kode"]))
    joined = join(desa, history)
    assert joined.load.matched > 30
    assert joined.load.desa_without_data is not None
    assert joined.load.desa_without_data < len(desa)
