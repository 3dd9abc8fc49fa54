"""A coverage of six desa in two kecamatan, small enough to know by heart."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from layers.workspace.sections import IndicatorSection

KODE = [
    "53.06.01.2001",
    "53.06.01.2002",
    "53.06.01.1003",
    "53.06.02.2001",
    "53.06.02.2002",
    "53.06.02.2010",
]
NAMES = ["Lewolaga", "Konga", "Boru", "Waibao", "Riang Puho", "Sinar Hading"]
# The box of the kabupaten, and a position in it.
AREA = (122.6, -8.7, 123.4, -8.0)
LON, LAT = 123 + 1 / 60 + 12 / 3600, -(8 + 22 / 60 + 48 / 3600)  # 123.02, -8.38


@pytest.fixture
def desa() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "kode": KODE,
            "nama": NAMES,
            "jenis": ["kelurahan" if kode[9] == "1" else "desa" for kode in KODE],
            "kode_kecamatan": [kode[:8] for kode in KODE],
            "nama_kecamatan": [
                "Titehena" if kode[6:8] == "01" else "Tanjung Bunga" for kode in KODE
            ],
            "kode_kabupaten": "53.06",
            "nama_kabupaten": "Flores Timur",
        }
    )


@pytest.fixture
def indicators() -> dict[str, IndicatorSection]:
    def one(name: str, unit: str, maximum: float | None = None) -> IndicatorSection:
        title = {"id": name, "en": name}
        return IndicatorSection.model_validate(
            {
                "name": name,
                "title": title,
                "unit": unit,
                "minimum": 0,
                "maximum": maximum,
                "desa_only": name in ("idm_skor", "indeks_desa_skor"),
            }
        )

    known = [
        one("air", "%", 100),
        one("stunting", "%", 100),
        one("jiwa", "jiwa"),
        one("idm_skor", "indeks", 1),
        one("indeks_desa_skor", "%", 100),
    ]
    return {indicator.name: indicator for indicator in known}


WriteCsv = Callable[..., str]


@pytest.fixture
def write_csv(tmp_path: Path) -> WriteCsv:
    def write(text: str, name: str = "tabel.csv", encoding: str = "utf-8") -> str:
        (tmp_path / name).write_bytes(text.encode(encoding))
        return name

    return write


WriteXlsx = Callable[..., str]


@pytest.fixture
def write_xlsx(tmp_path: Path) -> WriteXlsx:
    def write(
        rows: Sequence[Sequence[object]], merged: Sequence[str] = (), name: str = "tabel.xlsx"
    ) -> str:
        book = openpyxl.Workbook()
        sheet = book.active
        for row in rows:
            sheet.append(list(row))
        for area in merged:
            sheet.merge_cells(area)
        book.save(tmp_path / name)
        return name

    return write
