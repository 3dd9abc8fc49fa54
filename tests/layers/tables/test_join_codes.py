"""Rows find their desa by code or by a proven name, and say why where they do not."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from boundaries.codes import CodeSystem
from boundaries.codes.crosswalk import CodeBridge
from layers.tables.indicators.join import join_table
from layers.tables.rows.by_code import CodeSource, place_by_code
from layers.tables.rows.row_places import Places
from layers.tables.rows.row_records import Aids
from tests.layers.tables.conftest import KODE, WriteCsv
from tests.layers.tables.test_join import Indicators, codes, values, wide


def test_names_match_only_inside_their_kecamatan(
    tmp_path: Path, write_csv: WriteCsv, desa: pd.DataFrame, indicators: Indicators
) -> None:
    text = "kec,nama,air\nTITEHENA,DESA LEWOLAGA,40\n,Konga,50\nTitehena,Waibao,60\n"
    section = wide(
        write_csv(text),
        code_system=None,
        code_column=None,
        kecamatan_column="kec",
        name_column="nama",
        columns={"air": "air"},
    )
    result = join_table(section, tmp_path, desa, indicators)
    assert values(result) == {(KODE[0], "air"): 40, (KODE[1], "air"): 50}
    assert codes(result) == {"table.matched_by_name": 1, "table.name_unmatched": 1}
    assert [proposal.name for proposal in result.proposals] == ["Waibao"]


def test_bps_codes_need_a_bridge_and_then_cross_over(
    tmp_path: Path, write_csv: WriteCsv, desa: pd.DataFrame, indicators: Indicators
) -> None:
    section = wide(
        write_csv("kode,air\n5309010001,40\n"), code_system="bps", columns={"air": "air"}
    )
    alone = join_table(section, tmp_path, desa, indicators)
    assert values(alone) == {}
    assert codes(alone)["table.no_bridge"] == 1
    bridge = CodeBridge({"5309010001": "5306012001"}, date="2024")
    crossed = join_table(section, tmp_path, desa, indicators, Aids(bridge=bridge))
    assert values(crossed) == {(KODE[0], "air"): 40}


def test_a_bps_code_that_the_bridge_lacks_is_told_as_that(
    tmp_path: Path, write_csv: WriteCsv, desa: pd.DataFrame, indicators: Indicators
) -> None:
    """The code is well written: what lacks is its pair, unless the bridge has every desa."""
    text = "kode,air\n5309010001,40\n5309010009,50\n5310010001,60\n"
    section = wide(write_csv(text), code_system="bps", columns={"air": "air"})
    partial = CodeBridge({"5309010001": "5306012001"}, date="2024")
    result = join_table(section, tmp_path, desa, indicators, Aids(bridge=partial))
    assert values(result) == {(KODE[0], "air"): 40}
    first, second = (found for found in result.findings if found.code == "codes.not_bridged")
    assert (first.row, first.value, first.severity) == (3, "5309010009", "warning")
    assert "which has 1 other codes of BPS 5309" in first.message
    assert "which has no code of BPS 5310" in second.message
    targets = [kode.replace(".", "") for kode in desa["kode"]]
    whole = CodeBridge({f"530901{at:04d}": target for at, target in enumerate(targets, start=11)})
    result = join_table(section, tmp_path, desa, indicators, Aids(bridge=whole))
    assert codes(result)["table.outside_scope"] == 3
    assert "codes.not_bridged" not in codes(result)


def test_a_belu_table_in_bps_codes_paints_nothing_on_flores_timur(
    tmp_path: Path, write_csv: WriteCsv, desa: pd.DataFrame, indicators: Indicators
) -> None:
    rows = "".join(f"530601{i:04d},{i}\n" for i in range(1, 13))
    section = wide(write_csv("kode,air\n" + rows), columns={"air": "air"})
    bridge = CodeBridge(
        {"5306": "5304", "5309": "5306"},
        {"5306": "BELU", "5309": "FLORES TIMUR"},
        {"5304": "KAB. BELU", "5306": "KAB. FLORES TIMUR"},
    )
    result = join_table(section, tmp_path, desa, indicators, Aids(bridge=bridge))
    assert values(result) == {}
    assert (result.load.matched, result.load.unmatched) == (0, 12)
    assert result.cleaned["reason"].str.startswith("table.system_contradicted").all()
    refused = [found for found in result.findings if found.severity == "error"]
    assert len(refused) == 1
    assert "Belu" in refused[0].message
    assert "Flores Timur" in refused[0].message


@pytest.mark.parametrize(
    ("kode", "code", "message"),
    [
        ("53.07.01.2001", "table.outside_scope", "is of kabupaten 53.07, of which the boundaries"),
        ("32.05.01.2001", "table.outside_scope", "is of provinsi 32 (Jawa Barat), of which"),
        ("53.06.01.2099", "table.code_unknown", "no desa of the boundaries has this code"),
        ("53.06.77.2001", "table.code_unknown", "There is no kecamatan 53.06.77"),
        ("54.06.01.2001", "table.code_unknown", "there is no provinsi 54"),
    ],
)
def test_only_a_code_of_another_kabupaten_is_told_as_one(
    kode: str, code: str, message: str, desa: pd.DataFrame
) -> None:
    source = CodeSource("t.csv", [2], CodeSystem.KEMENDAGRI)
    reason = place_by_code([kode], source, Places.of(desa)).reasons[0]
    assert reason.code == code
    assert message in reason.message
    assert ("kabupaten 53.07" in reason.message) == kode.startswith("53.07")


def test_the_nearest_name_is_told_before_the_nearest_number(desa: pd.DataFrame) -> None:
    frame = desa.sort_values("kode", ignore_index=True)
    named = frame.iloc[-1]
    unknown = f"{named['kode_kecamatan']}.2099"
    source = CodeSource("t.csv", [2], CodeSystem.KEMENDAGRI, names=[named["nama"].upper()])
    reason = place_by_code([unknown], source, Places.of(desa)).reasons[0]
    assert f"By its name: {named['kode']} {named['nama']}." in reason.message
    assert "Nearest:" not in reason.message
    nameless = CodeSource("t.csv", [2], CodeSystem.KEMENDAGRI)
    reason = place_by_code([unknown], nameless, Places.of(desa)).reasons[0]
    assert "By its name" not in reason.message
