"""Indicator tables joined to desa by declared code: every row counted, every value with its origin.

Does not decide what is shown; that is `layers.tables.indicators.indicators`.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from boundaries.findings.report import Finding, LoadCount
from boundaries.matching.matching import Proposal
from layers.errors import InputError
from layers.tables.files.sheets import Sheet, read_section, with_desa
from layers.tables.importers import adapt_section
from layers.tables.indicators import index_checks, keys, summed_parts
from layers.tables.indicators.measures import Measures, read_measures
from layers.tables.rows import declared_words, row_places, row_records, shipped_histories
from layers.workspace.sections import IndicatorSection, TableSection


@dataclass(frozen=True, slots=True)
class TableResult:
    """One table joined.

    Parameters
    ----------
    values
        Long: ``kode, indikator, tahun, nilai, status, file, row``, sorted by the first three; one
        row for each desa, indicator and year the table speaks of; former codes (of a history) are
        among them.  ``nilai`` is NaN unless ``status`` is ``ok``.
    cleaned
        One row for each record of the file, in its order: ``file, row, kode, tahun, status``
        (``matched``, ``unmatched``, ``duplicate``), ``reason``, ``status_berkas`` (the status class
        an IDM or Indeks Desa file names), a column for each indicator, and ``keterangan, anjuran,
        pelaku`` where the section names columns of words.
    proposals
        Matches of names for a person to decide.
    """

    id: str
    values: pd.DataFrame
    findings: tuple[Finding, ...]
    load: LoadCount
    cleaned: pd.DataFrame
    proposals: tuple[Proposal, ...] = ()


def join_table(
    section: TableSection,
    folder: Path,
    desa: pd.DataFrame | row_places.Places,
    indicators: Mapping[str, IndicatorSection],
    aids: row_records.Aids | None = None,
) -> TableResult:
    """The values a table has for the desa of the coverage.

    Parameters
    ----------
    desa
        Columns ``kode, nama, jenis, kode_kecamatan, nama_kecamatan, kode_kabupaten,
        nama_kabupaten``; or their index, to be shared between tables.
    indicators
        Definitions by name; unit, minimum and maximum decide how cells are read.

    Findings
    --------
    table.duplicate_same
        The desa occurs again with the same values; one row is used (warning).
    table.duplicate_different
        The desa occurs again with another value; none is used (warning).
    table.number_unreadable, table.out_of_range, table.merged_value
        A cell that gives no value (warning).
    table.number_reading
        How the numbers of a column were read (note).
    table.outlier
        A value far outside those of the other desa (note); it is used.

    Raises
    ------
    InputError
        The file cannot be read as declared.
    """
    aids = aids or row_records.Aids()
    places = row_places.Places.of(desa, aids.history)
    sheet = read_declared(section, folder)
    declared, section = section.columns, adapt_section(section, sheet)
    if section.desa is not None:
        sheet, column = with_desa(sheet, section.desa)
        section = section.model_copy(update={"code_column": column})
    check_indicators(section, indicators)
    records = row_records.place_records(section, sheet, places, aids)
    summed_parts.check_part_column(section, records)
    measures = read_measures(section, records, indicators)
    is_summed = section.repeats == "sum"
    settled = keys.settle_keys(
        records, measures, is_summed=is_summed, part_column=section.part_column
    )
    values = _values(records, measures, settled, places)
    applying = _list_applying(places, [indicators[name] for name in measures.names])
    load = _count(section, records, measures, settled, values, places, applying)
    findings = (
        *records.findings,
        *measures.findings,
        *settled.findings,
        *index_checks.check_indices(records, measures),
        *_unmatched_findings(records, measures.reasons),
        *_check_words(section, declared, sheet),
        *_propose_histories(section, records, places),
    )
    cleaned = _with_words(_clean(records, measures, settled, places), section, records.sheet)
    return TableResult(section.id, values, findings, load, cleaned, records.proposals)


def read_declared(section: TableSection, folder: Path) -> Sheet:
    """The sheet of a table section, with the declared columns as what its header must have."""
    declared = [
        section.code_column,
        section.name_column,
        section.kecamatan_column,
        section.jenis_column,
        section.year_column,
        section.indicator_column,
        section.value_column,
        section.part_column,
        section.note_column,
        section.step_column,
        section.actor_column,
        *(section.columns if section.shape == "wide" and section.importer is None else ()),
    ]
    return read_section(section, folder / section.path, declared)


def _propose_histories(
    section: TableSection, records: row_records.Records, places: row_places.Places
) -> list[Finding]:
    """Shipped histories that explain the rows outside the scope."""
    sheet = records.sheet
    names = None if section.name_column is None else sheet.column(section.name_column)
    return shipped_histories.propose_histories(
        records.reasons, names, places, sheet.file, sheet.rows
    )


def _check_words(section: TableSection, declared: Iterable[str], sheet: Sheet) -> list[Finding]:
    """The words a long table is declared to have and has not."""
    if section.shape != "long" or section.indicator_column is None:
        return []
    column = sheet.resolve(section.indicator_column)
    cells = sheet.columns[column]
    return declared_words.check_words(declared, cells, "[tables.columns]", column, sheet.file)


def check_indicators(section: TableSection, indicators: Mapping[str, IndicatorSection]) -> None:
    """Refuse a section whose columns name indicators that are not known, or cannot be added.

    Raises
    ------
    InputError
        No columns, an unknown indicator, or ``repeats = "sum"`` of a score.
    """
    if not section.columns:
        raise InputError(f"{section.path}: no columns are declared under [tables.columns].")
    unknown = sorted(set(section.columns.values()) - set(indicators))
    added = [indicators[name] for name in section.columns.values() if name in indicators]
    scores = sorted({indicator.name for indicator in added if not indicator.is_summable})
    if section.part_column is not None and section.repeats != "sum":
        raise InputError(f'{section.path}: part_column needs repeats = "sum".')
    if section.repeats == "sum" and scores:
        raise InputError(
            f'{section.path}: repeats = "sum", but {", ".join(scores)} cannot be summed.'
        )
    if unknown:
        raise InputError(
            f"{section.path}: {', '.join(unknown)}: no such indicator. Use one of "
            "layers/definitions/indicators.toml or declare it under [[indicators]]."
        )


def _values(
    records: row_records.Records,
    measures: Measures,
    settled: keys.Settled,
    places: row_places.Places,
) -> pd.DataFrame:
    rows = np.asarray(records.sheet.rows, dtype=np.int64)
    names = np.array(measures.names, dtype=object)
    ok = np.isfinite(settled.value)
    frame = pd.DataFrame(
        {
            "kode": places.kode[settled.position],
            "indikator": names[settled.measure],
            "tahun": settled.year,
            "nilai": settled.value,
            "status": np.where(ok, "ok", "no_data").astype(object),
            "file": np.full(len(ok), records.sheet.file, dtype=object),
            "row": rows[settled.record] if len(rows) else np.zeros(0, dtype=np.int64),
        }
    )
    order = np.lexsort((settled.year, names.argsort().argsort()[settled.measure], settled.position))
    return frame.iloc[order].reset_index(drop=True)


def _count(
    section: TableSection,
    records: row_records.Records,
    measures: Measures,
    settled: keys.Settled,
    values: pd.DataFrame,
    places: row_places.Places,
    applying: frozenset[str],
) -> LoadCount:
    unmatched = len(records.reasons.keys() | measures.reasons.keys())
    duplicates = int(settled.is_duplicate.sum())
    read = len(records.sheet)
    with_value = values.loc[values["status"] == "ok", "kode"].unique().tolist()
    today = {places.history.today(kode) or kode for kode in with_value}
    return LoadCount(
        input=f"tables.{section.id}",
        file=section.path,
        rows_read=read,
        matched=read - unmatched - duplicates,
        unmatched=unmatched,
        duplicates=duplicates,
        desa_without_data=len(applying - today),
    )


def _list_applying(
    places: row_places.Places, indicators: Sequence[IndicatorSection]
) -> frozenset[str]:
    """Codes of the desa that a table is about: no kelurahan where all of it is of desa only."""
    is_of_desa = bool(indicators) and all(indicator.desa_only for indicator in indicators)
    pairs = zip(places.frame["kode"], places.frame["jenis"], strict=True)
    return frozenset(kode for kode, jenis in pairs if not (is_of_desa and jenis == "kelurahan"))


def _unmatched_findings(
    records: row_records.Records, more: Mapping[int, row_places.Reason]
) -> list[Finding]:
    return row_places.unmatched_findings(
        {**more, **records.reasons}, records.sheet.file, records.sheet.rows
    )


_WORDS = (("keterangan", "note_column"), ("anjuran", "step_column"), ("pelaku", "actor_column"))


def _with_words(cleaned: pd.DataFrame, section: TableSection, sheet: Sheet) -> pd.DataFrame:
    for name, key in _WORDS:
        column = getattr(section, key)
        if column is not None:
            texts = [_words_of(cell) for cell in sheet.column(column)]
            cleaned[name] = np.array(texts, dtype=object)
    return cleaned


def collect_words(cleaned: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """The words beside values of all tables: ``file, row, keterangan, anjuran, pelaku``."""
    columns = ["file", "row", *(name for name, _ in _WORDS)]
    with_words = [
        frame.reindex(columns=columns) for frame in cleaned if {*columns[2:]} & {*frame.columns}
    ]
    if not with_words:
        return pd.DataFrame({name: pd.Series([], dtype=object) for name in columns})
    return pd.concat(with_words, ignore_index=True)


def _words_of(cell: object) -> str | None:
    """A cell as words; None for an empty one and for a lone dash."""
    text = "" if cell is None or cell != cell else " ".join(str(cell).split())
    return text if any(letter.isalnum() for letter in text) else None


def _clean(
    records: row_records.Records,
    measures: Measures,
    settled: keys.Settled,
    places: row_places.Places,
) -> pd.DataFrame:
    count = len(records.sheet)
    reasons = {**measures.reasons, **records.reasons}
    status: npt.NDArray[np.object_] = np.full(count, "matched", dtype=object)
    status[settled.is_duplicate] = "duplicate"
    status[list(reasons)] = "unmatched"
    reason = np.full(count, None, dtype=object)
    for number, why in reasons.items():
        reason[number] = f"{why.code}: {why.message}"
    kode = np.full(count, None, dtype=object)
    placed = records.position >= 0
    kode[placed] = places.kode[records.position[placed]]
    frame = pd.DataFrame(
        {
            "file": np.full(count, records.sheet.file, dtype=object),
            "row": np.asarray(records.sheet.rows, dtype=np.int64),
            "kode": kode,
            "tahun": pd.array(np.where(records.year > 0, records.year, 0), dtype="Int64"),
            "status": status,
            "reason": reason,
        }
    )
    frame.loc[frame["tahun"] == 0, "tahun"] = pd.NA
    named = index_checks.file_status(records, measures)
    if named is not None:
        frame["status_berkas"] = named
    return pd.concat([frame, measures.as_columns(count)], axis=1)
