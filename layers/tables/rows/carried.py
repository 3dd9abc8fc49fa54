"""Values measured under codes that have since been split, merged or changed.

After a split the parts show the old value's year as ``before_split``, without a value of their own;
after a merge a count is summed if every part was measured; a recode takes its value along.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from boundaries.findings.report import Finding, Severity
from boundaries.history.versions import Carried, History, carry_forward
from layers.finding_words.finding_kinds import declared_kind
from layers.tables.rows.row_places import Places, Reason
from layers.workspace.sections import IndicatorSection

MERGE_INCOMPLETE = declared_kind("table.merge_incomplete")
VALUE_NOT_CARRIED = declared_kind("table.value_not_carried")
BEFORE_SPLIT = declared_kind("table.before_split")
SPENDING_MERGE_INCOMPLETE = declared_kind("spending.merge_incomplete")
SPENDING_BEFORE_SPLIT = declared_kind("spending.before_split")

KEY = ["kode", "indikator", "tahun"]
ORIGIN = ["kode_asal", "nilai_asal", "asal"]
"""Of a carried value: the codes it was measured under, the value of the undivided wilayah, how."""

_WORDS = {
    "part_missing": "not every part has one",
    "not_summable": "it is no count",
    "contradicted": "the history gives it to several wilayah, or its code is still in use",
}
Ints = npt.NDArray[np.int64]


def settle_former(
    position: Ints,
    year: Ints,
    places: Places,
    reasons: dict[int, Reason],
    file: str,
    rows: Sequence[int],
) -> tuple[Ints, list[Finding]]:
    """The positions of rows, with former codes held against the year of each row.

    A former code is good in the years before it ended.  Later it stands for the wilayah only if
    that merely changed its code; after a split or merge it means nothing, and the row
    gets a reason.

    Findings
    --------
    table.code_former
        Rows of years in which the code was in use; the history carries their values (note).
    table.code_late
        Rows that use a code after it was changed into another; read as that one (note).
    table.code_ended
        A row that uses a code after its wilayah was split or merged (warning); not used.
    """
    position = position.copy()
    rows_by_case: dict[tuple[str, str, str], list[int]] = {}
    for number in np.flatnonzero(position >= len(places)).tolist():
        kode, tahun = str(places.kode[position[number]]), int(year[number])
        if tahun == 0:
            continue
        ended = places.history.ended(kode)
        heir = places.history.heir(kode, tahun)
        new = ", ".join(places.history.successors(kode))
        if ended is None or tahun < ended:
            rows_by_case.setdefault(("table.code_former", kode, new), []).append(rows[number])
        elif heir is not None and heir in places.by_code:
            position[number] = places.by_code[heir]
            rows_by_case.setdefault(("table.code_late", kode, heir), []).append(rows[number])
        else:
            position[number] = -1
            message = f"{kode} ended in {ended}, the row is of {tahun}. Today: {new}."
            reasons[number] = Reason("table.code_ended", message, kode)
    return position, [
        _tell(key, rows_of_case, file) for key, rows_of_case in sorted(rows_by_case.items())
    ]


def _tell(key: tuple[str, str, str], rows: list[int], file: str) -> Finding:
    code, kode, new = key
    message = f"{len(rows)} rows are of the former {kode}; today: {new}."
    if code == "table.code_late":
        message = f"{len(rows)} rows still say {kode} for {new}; read as {new}."
    return declared_kind(code).finding(
        message,
        file,
        min(rows),
        kode,
        measure=len(rows),
        unit="rows",
        severity=Severity.NOTE,
    )


def carry_values(
    reported: pd.DataFrame,
    history: History,
    desa: pd.DataFrame,
    indicators: Mapping[str, IndicatorSection],
) -> tuple[pd.DataFrame, list[Finding]]:
    """The settled values with those of former codes carried to the desa of today.

    Parameters
    ----------
    reported
        ``kode, indikator, tahun, nilai, status, file, row``, one row for each of the first three;
        codes of today and former ones.
    indicators
        Only those that are ``summable`` are summed after a merge.

    Returns
    -------
    DataFrame
        The same columns and ``ORIGIN``, codes of today only, sorted by the first three.

    Findings
    --------
    table.before_split
        Desa of today that show a year only as before their split (note).
    table.merge_incomplete
        A merged desa without value: a part was not measured, the indicator cannot be summed, or
        the history contradicts the boundaries (warning).
    table.value_not_carried
        A value of a former code that is on no desa of today (warning).
    """
    touched, current = history.touched(), frozenset(desa["kode"])
    is_touched = reported["kode"].isin(touched)
    untouched, changed = reported[~is_touched], reported[is_touched]
    untouched = untouched.assign(kode_asal=None, nilai_asal=np.nan, asal=None)
    lines: list[dict[str, object]] = []
    findings: list[Finding] = []
    for (name, year), part in changed.groupby(["indikator", "tahun"], sort=True):
        by_kode = {str(row["kode"]): row for row in part.to_dict("records")}
        values = {
            kode: None if row["status"] != "ok" else float(row["nilai"])
            for kode, row in by_kode.items()
        }
        tahun, is_summable = int(str(year)), indicators[str(name)].is_summable
        carried = carry_forward(values, tahun, history, current & touched, is_summable=is_summable)
        lines += [_row(value, by_kode, str(name), tahun) for value in carried.values()]
        findings += _carry_findings(str(name), tahun, carried, values)
    if lines:
        new = pd.DataFrame(lines, columns=untouched.columns).astype({"nilai": float})
        untouched = (
            new
            if untouched.empty
            else pd.concat([untouched.astype(new.dtypes), new], ignore_index=True)
        )
    return untouched.sort_values(KEY, ignore_index=True), findings


def _row(
    carried: Carried, by_kode: Mapping[str, Mapping[object, object]], name: str, tahun: int
) -> dict[str, object]:
    """A line as `carry_values` returns it; file and row only where they are of one source."""
    origins = [by_kode[kode] for kode in carried.sources if kode in by_kode]
    files = sorted({str(origin["file"]) for origin in origins})
    return {
        "kode": carried.kode,
        "indikator": name,
        "tahun": tahun,
        "nilai": np.nan if carried.value is None else carried.value,
        "status": carried.status,
        "file": "; ".join(files) or None,
        "row": origins[0]["row"] if len(origins) == 1 else None,
        "kode_asal": ", ".join(carried.sources) if carried.reason else None,
        "nilai_asal": np.nan if carried.undivided is None else carried.undivided,
        "asal": carried.reason or None,
    }


def _carry_findings(
    name: str, tahun: int, carried: Mapping[str, Carried], values: Mapping[str, float | None]
) -> list[Finding]:
    findings = []
    what = f"{name} {tahun}"
    split = [line.kode for line in carried.values() if line.status == "before_split"]
    if split:
        findings.append(
            BEFORE_SPLIT.finding(
                f"{what}: measured before the split of {', '.join(split)}.",
                kode=split[0],
                measure=len(split),
                fields=(name,),
                tahun=tahun,
            )
        )
    findings += [
        MERGE_INCOMPLETE.finding(
            f"{what}: no value from {', '.join(line.sources)}: {_WORDS[line.reason]}.",
            kode=line.kode,
            fields=(name,),
            tahun=tahun,
        )
        for line in carried.values()
        if line.reason in _WORDS
    ]
    used = {kode for line in carried.values() for kode in line.sources}
    findings += [
        VALUE_NOT_CARRIED.finding(
            f"{what}: the value of {kode} is of a wilayah from which none of today comes by "
            "the history, or that today's desa have values of their own for.",
            kode=kode,
            fields=(name,),
            tahun=tahun,
        )
        for kode, value in sorted(values.items())
        if value is not None and kode not in used
    ]
    return findings


@dataclass(frozen=True, slots=True)
class CarriedLines:
    """Where spending lines of codes that a change names belong today.

    Parameters
    ----------
    heirs
        Desa of today by code and year of the lines; lines of other ``touched`` codes are not shown.
    before_split
        Desa of today and years that have only lines of the undivided desa.
    """

    touched: frozenset[str]
    heirs: Mapping[tuple[str, int], str]
    before_split: frozenset[tuple[str, int]]
    findings: tuple[Finding, ...]

    def apply(self, lines: pd.DataFrame) -> pd.DataFrame:
        """The lines (``kode, tahun, …``) that are shown, under the codes of today."""
        is_touched = lines["kode"].isin(self.touched)
        if not is_touched.any():
            return lines
        moved = lines[is_touched & lines["tahun"].notna()]
        keys = zip(moved["kode"], moved["tahun"].astype(int), strict=True)
        heirs = np.array([self.heirs.get(key) for key in keys], dtype=object)
        moved = moved.assign(kode=heirs)
        return pd.concat([lines[~is_touched], moved[moved["kode"].notna()]], ignore_index=True)


def carry_lines(lines: pd.DataFrame, history: History, current: frozenset[str]) -> CarriedLines:
    """To which desa of today the spending lines of former codes belong.

    A merged desa has the lines of its parts only if every part has some in that year.

    Parameters
    ----------
    lines
        ``kode, tahun`` of all lines.

    Findings
    --------
    spending.before_split
        Desa whose lines of a year are those of the undivided desa (note); not shown as theirs.
    spending.merge_incomplete
        A merged desa not all of whose parts have lines in a year (warning); not shown.
    """
    touched = history.touched()
    changed = lines[lines["kode"].isin(touched) & lines["tahun"].notna()]
    heirs: dict[tuple[str, int], str] = {}
    split: set[tuple[str, int]] = set()
    findings = []
    for year, part in changed.groupby("tahun", sort=True):
        tahun, present = int(str(year)), dict.fromkeys(sorted(set(part["kode"])), 1.0)
        heirs_of_year = carry_forward(present, tahun, history, current & touched, is_summable=True)
        for value in heirs_of_year.values():
            if value.status == "ok":
                heirs |= {(kode, tahun): value.kode for kode in value.sources}
            elif value.status == "before_split":
                split.add((value.kode, tahun))
        parted = sorted(kode for kode, of in split if of == tahun)
        if parted:
            message = f"{tahun}: budgeted before the split of {', '.join(parted)}; not shown."
            findings.append(
                SPENDING_BEFORE_SPLIT.finding(
                    message, kode=parted[0], measure=len(parted), tahun=tahun
                )
            )
        findings += [
            SPENDING_MERGE_INCOMPLETE.finding(
                f"{tahun}: nothing shown of {', '.join(value.sources)}: {_WORDS[value.reason]}.",
                kode=value.kode,
                tahun=tahun,
            )
            for value in heirs_of_year.values()
            if value.reason in _WORDS
        ]
    return CarriedLines(touched, heirs, frozenset(split), tuple(findings))
