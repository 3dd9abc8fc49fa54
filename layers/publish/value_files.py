"""``values/``: one small columnar file for each thematic field and year, joined by feature id.

Tiles carry the headline value only; these files carry the rest, in the order of ``ids.json``.
"""

from itertools import groupby
from pathlib import Path
from typing import Any

import orjson
import pandas as pd

from layers.columns.model import COVERAGE_COLUMNS
from layers.publish.feature_order import LayerFeatures, Scalar, plain_values
from layers.release.manifest import FieldEntry

Runs = list[tuple[str, int]]


def write_values(features: LayerFeatures, values: pd.DataFrame | None, folder: Path) -> None:
    """Write ``ids.json``, and for each thematic field one file a year, or one without a year.

    ``values`` is the long table ``fid, field, tahun, value, status`` of `LayerData`.  A desa that
    the table does not mention for a year has status ``no_data`` in it.  A field with coverage has
    ``coverage`` beside its values: for each unit how many parts are ``known`` of the ``total``.
    """
    folder.mkdir(parents=True, exist_ok=True)
    _write(folder / "ids.json", _ids(features))
    for entry in features.fields:
        if not entry.thematic or entry.type not in ("integer", "number"):
            continue
        if not entry.years:
            _write(folder / f"{entry.name}.json", _latest(features, entry))
        for year in entry.years:
            document = _one_year(features, entry, year, values)
            _write(folder / f"{entry.name}-{year}.json", document)


def run_lengths(statuses: list[str]) -> Runs:
    """Equal neighbours as (status, how many).

    >>> run_lengths(["ok", "ok", "no_data"])
    [('ok', 2), ('no_data', 1)]
    """
    return [(status, len(list(group))) for status, group in groupby(statuses)]


def _ids(features: LayerFeatures) -> dict[str, Any]:
    kode = features.column("kode") if "kode" in features.frame.columns else []
    return {"fid": features.fids.tolist(), "kode": kode}


def _latest(features: LayerFeatures, entry: FieldEntry) -> dict[str, Any]:
    statuses = [str(status) for status in features.column(f"{entry.name}_status")]
    document = _document(entry, None, features.column(entry.name), statuses)
    coverage = [
        _coverage(each.unit, *(_parts(features, name) for name in (each.known, each.total)))
        for each in entry.coverage
    ]
    return {**document, "coverage": coverage} if coverage else document


def _parts(features: LayerFeatures, name: str | int) -> list[Scalar]:
    """How many parts each feature has; a number that holds for all is repeated."""
    return [name] * len(features.fids) if isinstance(name, int) else features.column(name)


def _coverage(unit: str, with_data: list[Scalar], total: list[Scalar]) -> dict[str, Any]:
    """How many parts of each feature are known, and of how many."""
    whole = [
        [None if part is None else int(part) for part in parts] for parts in (with_data, total)
    ]
    return {"unit": unit, "known": whole[0], "total": whole[1]}


def _one_year(
    features: LayerFeatures, entry: FieldEntry, year: int, values: pd.DataFrame | None
) -> dict[str, Any]:
    if values is None:
        return _document(entry, year, *_from_frame(features, entry, year))
    chosen = values[(values["field"] == entry.name) & (values["tahun"] == year)]
    rows = chosen.set_index("fid").reindex(features.fids)
    statuses = [str(status or "no_data") for status in plain_values(rows["status"])]
    document = _document(entry, year, plain_values(rows["value"].astype("Float64")), statuses)
    if not entry.coverage:
        return document
    with_data, total = (plain_values(rows[name].astype("Int64")) for name in COVERAGE_COLUMNS)
    return {**document, "coverage": [_coverage("desa", with_data, total)]}


def _from_frame(
    features: LayerFeatures, entry: FieldEntry, year: int
) -> tuple[list[Scalar], list[str]]:
    """Values of the features whose latest year is ``year``."""
    years = features.column(f"{entry.name}_tahun")
    statuses = features.column(f"{entry.name}_status")
    values = features.column(entry.name)
    hits = [year_of_row == year for year_of_row in years]
    return (
        [value if hit else None for value, hit in zip(values, hits, strict=True)],
        [str(status) if hit else "no_data" for status, hit in zip(statuses, hits, strict=True)],
    )


def _document(
    entry: FieldEntry, year: int | None, values: list[Scalar], statuses: list[str]
) -> dict[str, Any]:
    numbers = [_number(value, entry) for value in values]
    return {
        "field": entry.name,
        "tahun": year,
        "unit": entry.unit,
        "values": numbers,
        "status": run_lengths(statuses),
    }


def _number(value: Scalar, entry: FieldEntry) -> Scalar:
    if value is None or entry.type != "integer":
        return value
    return int(float(value)) if isinstance(value, float) else value


def _write(path: Path, document: dict[str, Any]) -> None:
    path.write_bytes(orjson.dumps(document, option=orjson.OPT_APPEND_NEWLINE))
