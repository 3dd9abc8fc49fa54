"""The files of ``values/`` that hold a field and year of all places of a layer, as arrays.

Their writer is `layers.publish.value_files`; the layout is in ``layers/publish/README.md``.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import numpy as np
import orjson
from numpy.typing import NDArray

from layers.release.manifest import LayerEntry
from layers.release.place_values import OK, YearColumn

Floats: TypeAlias = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Parts:
    """How many parts of each value are known, of how many; NaN where nothing says.

    ``unit`` is ``desa``, ``ukuran`` (measures of need) or ``layanan`` (services).
    """

    unit: str
    known: Floats
    total: Floats


@dataclass(frozen=True, slots=True)
class ValueColumn:
    """One field and year of all places, in the order of ``ids.json``.

    ``values`` is NaN unless the status is ``ok``.
    """

    values: Floats
    statuses: tuple[str, ...]
    parts: tuple[Parts, ...]


def year_file(layer: str, field: str, tahun: int) -> str:
    """Path of the file of a field and year, in its release."""
    return f"layers/{layer}/values/{field}-{tahun}.json"


def read_value_column(path: Path) -> ValueColumn:
    """The column that a file holds."""
    document = orjson.loads(path.read_bytes())
    statuses = tuple(status for status, count in document["status"] for _ in range(count))
    is_ok = np.array([status == OK for status in statuses], dtype=bool)
    parts = tuple(
        Parts(part["unit"], _floats(part["known"]), _floats(part["total"]))
        for part in document.get("coverage", ())
    )
    return ValueColumn(np.where(is_ok, _floats(document["values"]), np.nan), statuses, parts)


def read_year_columns(release: Path, layer: LayerEntry) -> Iterator[YearColumn]:
    """All columns of years of a layer in a release directory, with their places."""
    places = orjson.loads((release / f"layers/{layer.id}/values/ids.json").read_bytes())["fid"]
    for entry in layer.fields:
        if not entry.thematic or entry.type not in ("integer", "number"):
            continue
        for tahun in entry.years:
            column = read_value_column(release / year_file(layer.id, entry.name, tahun))
            # Of a year there is but one coverage: how many desa have a value in it.
            part = column.parts[0] if column.parts else None
            yield YearColumn(
                layer.id,
                entry.name,
                tahun,
                places,
                column.values,
                column.statuses,
                None if part is None else part.known,
                None if part is None else part.total,
            )


def _floats(numbers: list[float | None]) -> Floats:
    """Numbers as an array, NaN where there is none."""
    return np.array([np.nan if number is None else number for number in numbers], dtype=np.float64)
