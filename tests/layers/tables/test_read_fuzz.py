"""Truncated, flipped and random files end in one message, never in a traceback."""

from __future__ import annotations

import gzip
import random
from contextlib import suppress
from pathlib import Path

import pandas as pd
import pytest

from layers.errors import InputError
from layers.tables.files.sheets import read_sheet
from layers.tables.indicators.join import join_table
from layers.workspace.sections import IndicatorSection, TableSection
from tests.layers.tables.conftest import KODE, WriteXlsx


def damaged(content: bytes, seed: int) -> bytes:
    chance = random.Random(seed)
    kind = seed % 3
    if kind == 0:
        return content[: chance.randrange(len(content))]
    if kind == 1:
        flipped = bytearray(content)
        for _ in range(1 + chance.randrange(20)):
            flipped[chance.randrange(len(flipped))] = chance.randrange(256)
        return bytes(flipped)
    return chance.randbytes(chance.randrange(1, 600))


@pytest.mark.parametrize("suffix", ["xlsx", "csv", "csv.gz", "parquet", "ods", "xls", "dbf"])
def test_a_damaged_file_is_read_or_refused_with_a_message(
    tmp_path: Path,
    write_xlsx: WriteXlsx,
    desa: pd.DataFrame,
    indicators: dict[str, IndicatorSection],
    suffix: str,
) -> None:
    frame = pd.DataFrame({"kode": KODE, "air": range(len(KODE))})
    text = frame.to_csv(index=False).encode()
    contents = {
        "csv": text,
        "csv.gz": gzip.compress(text, mtime=0),
        "xlsx": (tmp_path / write_xlsx([["kode", "air"], *frame.to_numpy().tolist()])).read_bytes(),
    }
    frame.to_parquet(tmp_path / "whole.parquet")
    contents["parquet"] = (tmp_path / "whole.parquet").read_bytes()
    content = contents.get(suffix, contents["xlsx"])
    path = tmp_path / f"damaged.{suffix}"
    section = TableSection.model_validate(
        {
            "id": "t",
            "path": path.name,
            "code_system": "kemendagri",
            "code_column": "kode",
            "year": 2024,
            "columns": {"air": "air"},
        }
    )
    for seed in range(60):
        path.write_bytes(damaged(content, seed))
        with suppress(InputError):
            load = join_table(section, tmp_path, desa, indicators).load
            assert load.rows_read == load.matched + load.unmatched + load.duplicates
        with suppress(InputError):
            read_sheet(path)
