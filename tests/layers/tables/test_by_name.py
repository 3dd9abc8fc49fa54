"""Tables without codes: names match only where exactly one desa can be meant."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from layers.errors import InputError
from layers.tables.indicators.join import TableResult, join_table
from layers.workspace.sections import IndicatorSection, TableSection
from tests.layers.tables.conftest import KODE, WriteCsv
from tests.layers.tables.dirt import make_desa

Indicators = dict[str, IndicatorSection]


def join(folder: Path, path: str, indicators: Indicators, **given: object) -> TableResult:
    declared: dict[str, object] = {
        "id": "t",
        "path": path,
        "year": 2024,
        "columns": {"air": "air"},
        "kecamatan_column": "kec",
        "name_column": "nama",
    }
    section = TableSection.model_validate(declared | given)
    return join_table(section, folder, make_desa(), indicators)


def matched(result: TableResult) -> dict[str, float]:
    return dict(zip(result.values["kode"], result.values["nilai"], strict=True))


def test_a_kecamatan_above_holds_only_for_names_that_no_other_has(
    tmp_path: Path, write_csv: WriteCsv, indicators: Indicators
) -> None:
    text = "kec,nama,air\nTanjung Bunga,Konga,1\n,Waibao,2\n,Sidomulyo,3\nSemau Selatan,Sidomulyo,4"
    result = join(tmp_path, write_csv(text), indicators)
    assert matched(result) == {"53.06.02.1003": 1, "53.06.02.2002": 2, "53.01.10.2001": 4}
    asked = [(one.name, one.reason, one.kode) for one in result.proposals]
    assert asked == [("Sidomulyo", "kecamatan_above", "53.06.02.2001")]


def test_a_desa_and_a_kelurahan_of_one_name_are_told_apart_or_not_guessed(
    tmp_path: Path, write_csv: WriteCsv, indicators: Indicators
) -> None:
    desa = make_desa()
    pair = desa.assign(nama=desa["nama"].where(desa["kode"] != "53.01.01.1003", "Oesao"))
    pair = pair[pair["kode"] != "53.01.01.2002"]
    text = "kec,nama,jenis,air\nAmarasi,Oesao,Desa,1\nAmarasi,Oesao,KELURAHAN,2\nAmarasi,Oesao,,3\n"
    path = write_csv(text)
    section = TableSection.model_validate(
        {
            "id": "t",
            "path": path,
            "year": 2024,
            "columns": {"air": "air"},
            "kecamatan_column": "kec",
            "name_column": "nama",
            "jenis_column": "jenis",
        }
    )
    told = join_table(section, tmp_path, pair, indicators)
    assert matched(told) == {"53.01.01.2001": 1, "53.01.01.1003": 2}
    untold = join_table(
        section.model_copy(update={"jenis_column": None}), tmp_path, pair, indicators
    )
    assert matched(untold) == {}
    prefixed = write_csv("kec,nama,air\nAmarasi,Ds. Oesao,1\nAmarasi,Kel. Oesao,2\n", "b.csv")
    named = section.model_copy(update={"jenis_column": None, "path": prefixed})
    assert matched(join_table(named, tmp_path, pair, indicators)) == matched(told)


def test_only_the_declared_kabupaten_is_looked_at(
    tmp_path: Path, write_csv: WriteCsv, indicators: Indicators
) -> None:
    path = write_csv("kec,nama,air\nRuteng,Cumbi,1\nAmarasi,Raknamo,2\n")
    result = join(tmp_path, path, indicators, kabupaten="53.10")
    assert matched(result) == {"53.10.10.2002": 1}
    with pytest.raises(InputError, match=r"kabupaten 53\.07 is not in the scope"):
        join(tmp_path, path, indicators, kabupaten="53.07")


def test_fuzzy_is_only_proposed(
    tmp_path: Path, write_csv: WriteCsv, desa: pd.DataFrame, indicators: Indicators
) -> None:
    section = TableSection.model_validate(
        {
            "id": "t",
            "path": write_csv("kec,nama,air\nTitehena,Lewolago,1\n"),
            "year": 2024,
            "columns": {"air": "air"},
            "kecamatan_column": "kec",
            "name_column": "nama",
        }
    )
    result = join_table(section, tmp_path, desa, indicators)
    assert (matched(result), [one.kode for one in result.proposals]) == ({}, [KODE[0]])
