"""Small counts of persons are in nothing that is published, and in no total that betrays them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest

from boundaries.findings import Finding, Severity
from boundaries.sample import make_truth, write_sample
from layers.build import build_release
from layers.catalogue import read_indicators
from layers.manifest import CURRENT_LINK
from layers.tables.hiding import hide_findings

FIELD = "kematian_ibu_jumlah"
DESA = sorted(kode for kode in make_truth().units)
FIRST, SECOND, THIRD = (
    [kode for kode in DESA if kode.startswith(f"99.01.0{number}")] for number in (1, 2, 3)
)
# One small count alone in the first kecamatan; two that can only be 1 and 2 in the second; two in
# the third that may each be 1 to 4.  Zero and larger counts are no secret.
COUNTS = (
    dict.fromkeys(DESA, 0)
    | {FIRST[4]: 3, FIRST[5]: 7}
    | {SECOND[4]: 1, SECOND[5]: 2}
    | {THIRD[4]: 2, THIRD[5]: 3}
)
SMALL = {kode for kode, count in COUNTS.items() if 0 < count < 5}


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("small")
    workspace = folder / "sampel"
    write_sample(workspace)
    rows = "".join(f"{kode};{count}\n" for kode, count in COUNTS.items())
    (workspace / "tabel" / "aki.csv").write_text(f"KODE;AKI\n{rows}", encoding="utf-8")
    with (workspace / "wilayah.toml").open("a", encoding="utf-8") as file:
        file.write(
            '\n[[tables]]\nid = "aki"\npath = "tabel/aki.csv"\ncode_system = "kemendagri"\n'
            f'code_column = "KODE"\nyear = 2025\n[tables.columns]\nAKI = "{FIELD}"\n'
        )
    build_release(workspace, folder / "releases", publish=True)
    return folder / "releases" / CURRENT_LINK


def outputs(release: Path) -> Iterator[tuple[str, dict[str, tuple[object, object]]]]:
    """Name and (value, status) by kode, of everything that shows the desa."""
    lines = (release / "layers/desa/features.geojsonl").read_text(encoding="utf-8").splitlines()
    items = [json.loads(line)["properties"] for line in lines]
    yield "items", {one["kode"]: (one[FIELD], one[f"{FIELD}_status"]) for one in items}
    for name in ("layers/desa/data.parquet", "downloads/desa.gpkg", "downloads/desa.csv"):
        frame = read(release / name)
        yield name, dict(
            zip(frame["kode"], zip(frame[FIELD], frame[f"{FIELD}_status"], strict=True),
                strict=True)
        )  # fmt: skip
    ids = json.loads((release / "layers/desa/values/ids.json").read_text(encoding="utf-8"))
    year = json.loads((release / f"layers/desa/values/{FIELD}-2025.json").read_text("utf-8"))
    statuses = [status for status, count in year["status"] for _ in range(count)]
    yield "values", dict(zip(ids["kode"], zip(year["values"], statuses, strict=True), strict=True))
    settled = pd.read_parquet(release / "tables/indicators.parquet")
    mine = settled[settled["indikator"] == FIELD]
    yield (
        "settled",
        dict(zip(mine["kode"], zip(mine["nilai"], mine["status"], strict=True), strict=True)),
    )


def read(path: Path) -> pd.DataFrame:
    if path.suffix == ".parquet":
        return pd.DataFrame(gpd.read_parquet(path))
    if path.suffix == ".csv":
        return pd.read_csv(path, dtype={"kode": str})
    return pd.DataFrame(gpd.read_file(path))


def test_no_output_shows_a_small_count_and_all_show_the_others(release: Path) -> None:
    seen = 0
    for name, shown in outputs(release):
        seen += 1
        for kode, count in COUNTS.items():
            value, status = shown[kode]
            if kode in SMALL:
                assert pd.isna(value), (name, kode)  # type: ignore[call-overload]
                assert status == "suppressed", (name, kode)
            else:
                assert value == count, (name, kode)
                assert status == "ok"
    assert seen == 6


def test_the_table_as_it_was_read_and_the_findings_do_not_show_it_either(release: Path) -> None:
    cleaned = pd.read_parquet(release / "tables/aki.parquet")
    shown = dict(zip(cleaned["kode"], cleaned[FIELD], strict=True))
    assert {kode for kode in COUNTS if pd.isna(shown[kode])} == SMALL
    findings = json.loads((release / "findings.json").read_text(encoding="utf-8"))["findings"]
    told = [one for one in findings if FIELD in one["message"]]
    assert all("value" not in one and "measure" not in one for one in told)
    assert any(one["code"] == "table.outlier" for one in told) or told == []


def test_a_total_is_told_only_where_it_betrays_nothing(release: Path) -> None:
    frame = read(release / "layers/kecamatan/data.parquet").set_index("kode")
    column = f"{FIELD}_jumlah"
    assert frame[f"{column}_status"].to_dict() == {
        "99.01.01": "suppressed", "99.01.02": "suppressed", "99.01.03": "ok",
    }  # fmt: skip
    assert frame[column].isna().tolist() == [True, True, False]
    assert frame.loc["99.01.03", column] == 5
    kabupaten = read(release / "layers/kabupaten/data.parquet").iloc[0]
    # Without the third kecamatan three counts add up to 6: each may be 1 to 4.
    assert kabupaten[column] == sum(COUNTS.values())


def test_findings_lose_their_numbers_but_not_their_row() -> None:
    message = f"Rows 4, 9 are one desa ({FIELD}: 2, 3)."
    found = Finding(
        "table.duplicate_different", Severity.WARNING, message, "aki.csv", 4, value="2, 3"
    )
    other = Finding("table.outlier", Severity.NOTE, "stunting_pct 2025: 90", "a.csv", 3, value="90")
    hidden, kept = hide_findings([found, other], read_indicators())
    assert (hidden.file, hidden.row, hidden.value) == ("aki.csv", 4, None)
    assert not any(digit in hidden.message for digit in "23")
    assert kept == other
