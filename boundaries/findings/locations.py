"""Where in the inputs a row of a frame comes from, in the words of a finding."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypedDict

import numpy as np
import pandas as pd
from numpy.typing import NDArray


class Place(TypedDict):
    """File, row and code of a finding."""

    file: str | None
    row: int | None
    kode: str | None


def place_of(record: dict[str, Any]) -> Place:
    """The place of one row (a record of a frame with ``source_file, source_row, kode``)."""
    return Place(
        file=_text(record.get("source_file")),
        row=_number(record.get("source_row")),
        kode=_text(record.get("kode")),
    )


def records_of(frame: pd.DataFrame) -> Iterator[dict[str, Any]]:
    """Each row as a record, without its geometry."""
    plain = pd.DataFrame(frame.drop(columns="geometry", errors="ignore"))
    for record in plain.to_dict("records"):
        yield {str(key): value for key, value in record.items()}


def text_array(values: pd.Series[Any]) -> NDArray[np.object_]:
    """Texts with None where there is none."""
    array = values.to_numpy(dtype=object).copy()
    array[pd.isna(array)] = None
    return array


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _number(value: Any) -> int | None:
    return None if value is None or pd.isna(value) else int(value)


def row_ranges(rows: list[int]) -> list[str]:
    """Row numbers as ranges.

    >>> row_ranges([5, 2, 3, 4, 9])
    ['2-5', '9']
    """
    ranges: list[list[int]] = []
    for row in sorted(rows):
        if ranges and row == ranges[-1][1] + 1:
            ranges[-1][1] = row
        else:
            ranges.append([row, row])
    return [str(low) if low == high else f"{low}-{high}" for low, high in ranges]
