"""Codes of before a recode, wherever one may stand: read by the history, else it is proposed."""

from pathlib import Path

import pytest

from boundaries.errors import InputUndeclaredError
from boundaries.findings.report import Finding
from layers.pipeline.prepare import Prepared, prepare_layers
from tests.layers.small_workspace import BOUNDARIES, HEAD, write_polygons

DESA = ("Waninggap", "Sota", "Erambu", "Rawa")
ENDS = ("01.2001", "01.2002", "02.2001", "02.2002")
OLD, NEW = ([f"{start}.{end}" for end in ENDS] for start in ("91.01", "93.01"))
USE = '[history]\nuse = ["papua-2022"]\n'
CODES = 'code_system = "kemendagri"\ncode_column = "kode"\n'
NAMES = f'[[names]]\npath = "nama.csv"\n{CODES}name_column = "nama"\n'
FACILITIES = f"""[[facilities]]
id = "puskesmas"
path = "puskesmas.csv"
kind = "puskesmas"
name_column = "nama"
lon_column = "lon"
lat_column = "lat"
{CODES}"""
BRIDGE = """[[crosswalks]]
path = "jembatan.csv"
kind = "bridge"
from_column = "bps"
to_column = "kode"
date = "2021-06-30"
"""
TABLE = f"""[[tables]]
id = "t"
path = "t.csv"
{CODES}year = 2024
[tables.columns]
jiwa = "penduduk_jiwa"
"""
BY_NAME = TABLE.replace(CODES, 'name_column = "desa"\nkecamatan_column = "kec"\n')
DECISIONS = "input,kecamatan,nama,alasan,usulan_kode,usulan_nama,usulan_kecamatan,skor,keputusan\n"


def prepare(
    folder: Path, sections: str, *, use: bool = True, scope: str = "93.01", **files: str
) -> Prepared:
    """Four desa of Merauke in codes of today, and files in codes of before."""
    folder.mkdir()
    rows = {
        kode: {"kode": kode, "nama": nama, "kec": f"Distrik {kode[6:8]}"}
        for kode, nama in zip(NEW, DESA, strict=True)
    }
    write_polygons(folder / "desa.geojson", rows)
    for name, text in files.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    head = HEAD.replace("53.06", scope)
    drawn = BOUNDARIES
    if sections.startswith(NAMES):
        drawn = drawn.replace('name_column = "nama"\nkecamatan_name_column = "kec"\n', "")
    text = head + (USE if use else "") + drawn + sections
    (folder / "wilayah.toml").write_text(text, encoding="utf-8")
    return prepare_layers(folder)


def rows_of(header: str, *columns: list[str]) -> str:
    return "\n".join([header, *map(",".join, zip(*columns, strict=True)), ""])


def of_code(prepared: Prepared, code: str) -> list[Finding]:
    return [finding for finding in prepared.report.findings if finding.code == code]


def proposals(prepared: Prepared) -> list[str | None]:
    return [finding.value for finding in of_code(prepared, "versions.history_proposed")]


@pytest.mark.parametrize("extra", ["", f"{NEW[0]},Waninggap Nanggo\n"])
def test_names_of_before_name_desa_of_today(tmp_path: Path, extra: str) -> None:
    listed = rows_of("kode,nama", OLD, list(DESA))
    listed += "91.01,Merauke\n91.01.01,Merauke\n91.01.02,Muting\n" + extra
    prepared = prepare(tmp_path / "w", NAMES, nama=listed)
    assert not prepared.report.blocks_publication
    (late,) = of_code(prepared, "table.code_late")
    assert (late.file, late.measure) == ("nama.csv", 7)
    names = prepared.boundaries.set_index("kode")["nama"]
    assert names["93.01.02"] == "Muting"
    # What the list says of the code of today counts before what it says of the former one.
    assert names[NEW[0]] == ("Waninggap Nanggo" if extra else "Waninggap")


def test_names_of_before_ask_for_the_history(tmp_path: Path) -> None:
    listed = rows_of("kode,nama", OLD, list(DESA))
    prepared = prepare(tmp_path / "w", NAMES, use=False, nama=listed)
    (lost,) = of_code(prepared, "input.no_row_used")
    assert "91.01 bear codes of before 2022: it is 93.01 today" in lost.message
    assert 'use = ["papua-2022"]' in lost.message


@pytest.mark.parametrize("use", [True, False])
def test_a_bridge_of_before_crosses_to_desa_of_today(tmp_path: Path, use: bool) -> None:
    bps = ["9401010001", "9401010002", "9401020001", "9401020002"]
    prepared = prepare(
        tmp_path / "w",
        BRIDGE + TABLE.replace('"kemendagri"', '"bps"'),
        use=use,
        jembatan=rows_of("bps,kode", bps, OLD),
        t=rows_of("kode,jiwa", bps, ["1", "2", "3", "4"]),
    )
    assert prepared.report.blocks_publication is not use
    if use:
        values = prepared.tables["indicators"]
        assert dict(zip(values["kode"], values["nilai"], strict=True)) == dict(
            zip(NEW, (1, 2, 3, 4), strict=True)
        )
    else:
        lost = of_code(prepared, "input.no_row_used")
        assert all('use = ["papua-2022"]' in finding.message for finding in lost)
        assert {finding.file for finding in lost} == {"jembatan.csv", "t.csv"}


@pytest.mark.parametrize("use", [True, False])
def test_a_history_in_use_is_not_proposed_for_facilities(tmp_path: Path, use: bool) -> None:
    names = [f"Puskesmas {nama}" for nama in DESA]
    listed = rows_of(
        "kode,nama,lon,lat", OLD, names, ["123.01", "123.03", "123.05", "123.07"], ["-8.39"] * 4
    )
    prepared = prepare(tmp_path / "w", FACILITIES, use=use, puskesmas=listed)
    assert proposals(prepared) == ([] if use else ["papua-2022"])
    assert bool(of_code(prepared, "facility.code_unknown")) is not use


@pytest.mark.parametrize("use", [True, False])
def test_what_was_decided_in_codes_of_before_still_counts(tmp_path: Path, use: bool) -> None:
    listed = rows_of(
        "kec,desa,jiwa",
        ["Distrik 01", "Distrik 01", "Distrik 02", "Distrik 02"],
        ["Waninggap", "Kampung Perbatasan", "Erambu", "Rawa"],
        ["1", "2", "3", "4"],
    )
    decided = DECISIONS + f"t,Distrik 01,Kampung Perbatasan,name,,,,,{OLD[1]}\n"
    prepared = prepare(tmp_path / "w", BY_NAME, use=use, t=listed, matches=decided)
    values = prepared.tables["indicators"].set_index("kode")["nilai"]
    assert values[NEW[0]] == 1
    assert bool(values[NEW[1]] == 2) is use
    assert bool(of_code(prepared, "matches.not_understood")) is not use


@pytest.mark.parametrize("use", [True, False])
def test_a_scope_of_before_is_told_that_of_today(tmp_path: Path, use: bool) -> None:
    listed = rows_of("kode,jiwa", NEW, ["1", "2", "3", "4"])
    with pytest.raises(InputUndeclaredError, match=r'scope 91\.01 .* Write scope = \["93\.01"\]'):
        prepare(tmp_path / "w", TABLE, use=use, scope="91.01", t=listed)
