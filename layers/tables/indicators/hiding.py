"""Small counts of persons are hidden in everything that is published.

One maternal death in a desa names a family.  A count from 1 to below ``hide_below`` of its
indicator has the status ``suppressed`` and no value: in layers, tiles, tables, files and findings.
Zero and larger counts are shown.  Totals are published only where they betray no hidden count
(`layers.tables.indicators.hidden_totals`), middle values only where no hidden count decides them
(`layers.tables.indicators.summary_fields`).
"""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from boundaries.findings import locations, report
from layers.release.manifest_file import Text
from layers.workspace.sections import IndicatorSection

SUPPRESSED = "suppressed"
HIDDEN_COLUMNS = ("kode", "field", "tahun", "value", "least")
"""What was hidden, for totals only: the value, and below which counts of its field are hidden."""

WORDS = ("keterangan", "anjuran", "pelaku")
"""Columns of words beside the values of a cleaned table."""

CODE_REFUSED = "table.code_refused"
NAME_CODES = ("table.name_unmatched", "table.name_contradicts")
_ROW_OF_NAME = "A name with words beside it: see the row in the file."
_ROW_OF_WORDS = "Words instead of a code: see the row in the file."
_WORD = re.compile(r"[^\W\d_]{2,}")
_COUNT = re.compile(r"(?<![\d.])\d{1,5}(?![\d.]*\d)(?=\W|$|[^\W\d_]{2})")
"""A number by itself or before a word ("3kasus"), unlike those of a code."""
_NUMBER_WORD = re.compile(
    r"\b(?:nol|nihil|satu|se(?:orang|ekor|buah|kasus|puluh|belas|ratus|pasang)|dua|tiga|empat|lima"
    r"|enam|tujuh|delapan|sembilan|belas|puluh|beberapa|zero|none|one|two|three|four|five|six|seven"
    r"|eight|nine|ten|eleven|twelve|[ivx]+)\b",
    re.IGNORECASE,
)
"""A number in words, or as a Roman one."""
_COUNTED = re.compile(
    r"(?:\b|\d)(?:kasus|orang|jiwa|ekor|anak|ibu|bayi|balita|kematian|meninggal|penderita|pasien|warga"
    r"|kk|cases?|deaths?|persons?|people|children)\b",
    re.IGNORECASE,
)
"""What numbers count: a name of a place with a number ("Blok 15") has none of these words."""

Indicators = Mapping[str, IndicatorSection]


def list_limits(indicators: Indicators) -> dict[str, int]:
    """``hide_below`` of the indicators that have one."""
    return {
        name: indicator.hide_below
        for name, indicator in indicators.items()
        if indicator.hide_below is not None
    }


def describe_hidden_count(hide_below: int | None) -> Text | None:
    """What ``suppressed`` means for a count of one desa; None where nothing is hidden."""
    if hide_below is None:
        return None
    most = hide_below - 1
    return Text(
        id=f"1\N{EN DASH}{most}: disembunyikan, karena angka kecil dapat menunjuk orang",
        en=f"1\N{EN DASH}{most}: hidden, because a small count may point at a person",
    )


def describe_betraying(count: IndicatorSection, hide_below: int | None = None) -> Text:
    """What ``suppressed`` means for a value that would tell a hidden count.

    Parameters
    ----------
    hide_below
        Of the value's own indicator, whose small counts are hidden too.
    """
    text = Text(
        id=f"disembunyikan: dari nilai ini angka kecil {count.title.id!r} dapat dihitung",
        en=f"hidden: from this value the small count {count.title.en!r} could be worked out",
    )
    own = describe_hidden_count(hide_below)
    if own is None:
        return text
    return Text(id=f"{own.id}; atau {text.id}", en=f"{own.en}; or {text.en}")


def hide_small_counts(
    settled: pd.DataFrame, indicators: Indicators
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The settled values without small counts, and what was hidden (`HIDDEN_COLUMNS`).

    Parameters
    ----------
    settled
        ``kode, indikator, tahun, nilai, status, nilai_asal, …``.
    """
    limit = settled["indikator"].map(list_limits(indicators)).astype("float64")
    is_small = (settled["nilai"] > 0) & (settled["nilai"] < limit)
    hidden = pd.DataFrame(
        {
            "kode": settled.loc[is_small, "kode"],
            "field": settled.loc[is_small, "indikator"],
            "tahun": settled.loc[is_small, "tahun"],
            "value": settled.loc[is_small, "nilai"],
            "least": limit[is_small],
        }
    ).reset_index(drop=True)
    published = settled.copy()
    published.loc[is_small, "nilai"] = np.nan
    published.loc[is_small, "status"] = SUPPRESSED
    was_small = (settled["nilai_asal"] > 0) & (settled["nilai_asal"] < limit)
    published.loc[was_small, "nilai_asal"] = np.nan
    return published, hidden


def hide_cells(
    cleaned: pd.DataFrame,
    settled: pd.DataFrame,
    indicators: Indicators,
    betraying: Collection[str] = (),
) -> pd.DataFrame:
    """The cleaned table of an input without the small counts it holds or would betray.

    A cell of a hidden indicator stays only where it is itself the published value of its desa and
    year: parts that are added, rows of former codes and of larger wilayah would tell their
    neighbours by subtraction.  Words beside a cell may name its number; they are
    left out with it.

    Parameters
    ----------
    settled
        What is published: ``kode, indikator, tahun, nilai, status``, without small counts.
    betraying
        Indicators of which some values would tell a small count of another.
    """
    hidden_names = [name for name in (*list_limits(indicators), *betraying) if name in cleaned]
    if not hidden_names:
        return cleaned
    cells_left = cleaned.copy()
    is_left_out = pd.Series(data=False, index=cells_left.index)
    keys = _keys(cells_left)
    for name in hidden_names:
        numbers = pd.to_numeric(cells_left[name], errors="coerce")
        published = settled[(settled["indikator"] == name) & (settled["status"] == "ok")]
        values = pd.Series(published["nilai"].to_numpy(), index=_keys(published))
        cells_left[name] = numbers.where(numbers.to_numpy() == values.reindex(keys).to_numpy())
        is_left_out |= numbers.notna() & cells_left[name].isna()
    words = [name for name in WORDS if name in cells_left]
    cells_left[words] = cells_left[words].astype(object).mask(is_left_out, None)
    if "reason" in cells_left:
        cells_left["reason"] = cells_left["reason"].map(_plain_reason)
    return cells_left


def _plain_reason(reason: object) -> object:
    if not isinstance(reason, str) or not _are_words(reason):
        return reason
    if reason.startswith(f"{CODE_REFUSED}: "):
        return f"{CODE_REFUSED}: {_ROW_OF_WORDS}"
    code, _, words = reason.partition(": ")
    is_quoting = code in NAME_CODES and _COUNTED.search(words)
    return f"{code}: {_ROW_OF_NAME}" if is_quoting else reason


def _keys(frame: pd.DataFrame) -> pd.MultiIndex:
    """Desa and year of each row; a row without either has none of another's."""
    years = frame["tahun"].astype("Int64").fillna(-1).astype("int64")
    return pd.MultiIndex.from_arrays([frame["kode"].astype(object), years])


def hide_findings(
    findings: Iterable[report.Finding],
    indicators: Indicators,
    columns: Collection[str] = (),
    betraying: Collection[str] = (),
) -> list[report.Finding]:
    """The findings, without the numbers of those that speak of a hidden indicator.

    Parameters
    ----------
    columns
        Indicators of the table that the findings are of.  If one of them is hidden, a row of
        totals, or of words where a code should stand, keeps its number in the file and loses its
        words: "3 cases in Desa Konga" may tell a hidden count or total.
    """
    names = (*list_limits(indicators), *betraying)
    has_hidden = not set(names).isdisjoint(columns)
    return [
        _without_words(finding) if has_hidden else finding
        for finding in (_without_numbers(finding, names) for finding in findings)
    ]


def _without_words(finding: report.Finding) -> report.Finding:
    """A finding of a row that is no record, without the words that stand in it."""
    if finding.code == "table.not_a_record":
        return replace(finding, value=None)
    if finding.code == CODE_REFUSED and _are_words(finding.value):
        return replace(finding, message=_ROW_OF_WORDS, value=None)
    quoted = f"{finding.value} {finding.message}"
    if finding.code in NAME_CODES and _COUNTED.search(quoted) and _are_words(quoted):
        return replace(finding, message=_ROW_OF_NAME, value=None)
    return finding


def _are_words(text: str | None) -> bool:
    """Whether a number stands among words, as in "3 cases", which it never does in a code.

    >>> _are_words("tiga kasus"), _are_words("3 kasus"), _are_words("53.06.01.2001")
    (True, True, False)
    """
    if text is None or not _WORD.search(text):
        return False
    return bool(_COUNT.search(text) or _NUMBER_WORD.search(text))


@dataclass(frozen=True, slots=True)
class HiddenPlaces:
    """Where hidden values stand: no number of a finding about a field is published from there.

    A cell that is refused is in no layer and is judged by nobody, but a finding may quote it: a
    share of a hidden count, say.

    Parameters
    ----------
    kode
        Years by desa with a hidden value.
    rows
        By file: the rows that speak of these desa and years.
    betraying
        Fields of which some values would tell a small count.
    """

    kode: Mapping[str, frozenset[int]]
    rows: Mapping[str, frozenset[int]]
    betraying: frozenset[str] = frozenset()

    @classmethod
    def of(cls, settled: pd.DataFrame, betraying: Collection[str] = ()) -> "HiddenPlaces":
        """The places of what is hidden in settled values (``kode, tahun, status, file, row``)."""
        keys = settled.loc[settled["status"] == SUPPRESSED, ["kode", "tahun"]].drop_duplicates()
        beside = settled.merge(keys, on=["kode", "tahun"]).dropna(subset=["file", "row"])
        kode, rows = defaultdict[str, set[int]](set), defaultdict[str, set[int]](set)
        for place, tahun in keys.itertuples(index=False):
            kode[str(place)].add(int(tahun))
        for file, row in beside[["file", "row"]].itertuples(index=False):
            rows[str(file)].add(int(row))
        return cls(
            {place: frozenset(years) for place, years in kode.items()},
            {file: frozenset(numbers) for file, numbers in rows.items()},
            frozenset(betraying),
        )

    def clear(self, findings: Iterable[report.Finding]) -> list[report.Finding]:
        """The findings, without the numbers of those that speak of such a place."""
        return [
            _without_numbers(finding, (*sorted(self.betraying), *finding.fields))
            if self._holds(finding)
            else finding
            for finding in findings
        ]

    def _holds(self, finding: report.Finding) -> bool:
        if not finding.fields:
            return False
        if not self.betraying.isdisjoint(finding.fields):
            return True
        years = self.kode.get(finding.kode or "", frozenset())
        if years and finding.tahun in (None, *years):
            return True
        hidden = self.rows.get(finding.file or "", frozenset())
        spans = (*finding.rows, *([] if finding.row is None else [(finding.row, finding.row)]))
        return any(not hidden.isdisjoint(range(first, last + 1)) for first, last in spans)


def _without_numbers(finding: report.Finding, names: tuple[str, ...]) -> report.Finding:
    spoken = (name for name in names if name in finding.fields or name in finding.message)
    name = next(spoken, None)
    if name is None:
        return finding
    message = f"{name}: see the row in the file; small counts of persons are not published."
    rows = ", ".join(locations.span_texts(finding.rows))
    message += f" Rows {rows}." if rows else ""
    return replace(finding, message=message, value=None, measure=None, unit=None)
