"""Some budget lines, and what became of them in the columns of a desa and of its kecamatan."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pandas as pd

from boundaries.findings.report import Finding
from layers.columns.catalogue import LayerDefinition, read_layer_definition
from layers.columns.model import Computed
from layers.tables.indicators.summary_fields import build_summary_fields
from layers.tables.spending.spending import join_spending
from layers.tables.spending.spending_layer import build_spending_fields
from layers.workspace.sections import SpendingSection
from tests.layers.tables.conftest import KODE

HEAD = ("kode", "kegiatan", "sumber", "pagu", "realisasi")
DESA = KODE[0]
KECAMATAN = DESA[:8]
TOTALS = (
    "anggaran_idr",
    "realisasi_idr",
    "serapan_pct",
    "bidang_02_idr",
    "kesehatan_idr",
    "add_idr",
)
FIELDS = {*TOTALS, "bidang_03_idr", "dana_desa_idr", "pendidikan_idr", "anggaran_per_jiwa_idr"}
Cells = Sequence[str]


@dataclass(frozen=True)
class Built:
    """What became of some lines: columns of the desa, their frame, and findings."""

    desa: Computed
    places: pd.DataFrame
    findings: tuple[Finding, ...]

    @cached_property
    def kecamatan(self) -> Computed:
        """The columns of the kecamatan."""
        return build_summary_fields(self.desa, self.places, "kecamatan")

    def of(self, field: str, kode: str = DESA) -> Reading:
        """Value, status, lines known and lines in all of a desa."""
        return _cells(_row(self.desa.wide, kode), field, field)

    def sum_of(self, field: str) -> Reading:
        """The same of the kecamatan."""
        row = _row(self.kecamatan.wide, KECAMATAN)
        kind = "jumlah" if f"{field}_jumlah" in row else "median"
        return _cells(row, f"{field}_{kind}", field)

    def codes(self) -> dict[str, tuple[int | None, str]]:
        """Row and message of the last finding of each code."""
        return {finding.code: (finding.row, finding.message) for finding in self.findings}


Reading = tuple[float | None, str, int | None, int | None]


def _row(frame: pd.DataFrame, kode: str) -> dict[str, object]:
    record = frame[frame["kode"] == kode].iloc[0]
    return {str(name): value for name, value in record.items()}


def _cells(row: dict[str, object], column: str, field: str) -> Reading:
    value, known, total = (
        None if pd.isna(row[name]) else float(str(row[name]))  # type: ignore[call-overload]  # a cell
        for name in (column, f"{field}_baris_diketahui", f"{field}_baris_jumlah")
    )
    counts = [None if count is None else int(count) for count in (known, total)]
    return value, str(row[f"{column}_status"]), counts[0], counts[1]


def build(
    folder: Path, desa: pd.DataFrame, lines: Sequence[Cells], head: Cells = HEAD, **given: object
) -> Built:
    text = "\n".join(";".join(cells) for cells in (head, *lines))
    (folder / "a.csv").write_text(text + "\n", encoding="utf-8")
    section = {
        "id": "s",
        "path": "a.csv",
        "code_system": "kemendagri",
        "code_column": "kode",
        "activity_column": "kegiatan",
        "source_column": "sumber",
        "anggaran_column": "pagu",
        "realisasi_column": "realisasi",
        "year": 2025,
        "delimiter": ";",
    }
    declared = SpendingSection.model_validate(section | given)
    result = join_spending(declared, folder, desa)
    people = {2025: pd.Series(dict.fromkeys(KODE, 100.0))}
    computed = build_spending_fields([(result, "murni")], desa, _definition(), 2025, None, people)
    return Built(computed, desa, result.findings)


def _definition() -> LayerDefinition:
    """The layer with the fields that these tests look at."""
    definition = read_layer_definition("spending")
    fields = [field for field in definition.fields if field.name in FIELDS]
    return definition.model_copy(update={"fields": tuple(fields)})


def line(
    activity: str = "02.02.02",
    source: str = "DDS",
    pagu: str = "100000000",
    spent: str = "90000000",
) -> Cells:
    return (DESA, activity, source, pagu, spent)


FULL = (
    line(),
    line("01.01.01", "ADD", "50000000", "40000000"),
    line("02.03.10", "DDS", "70000000", "70000000"),
)
