"""Any table, shuffled and spoiled in any way: the same join or a finding, never another's value."""

from __future__ import annotations

import csv
import random
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import openpyxl
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st

from boundaries.findings.report import Severity
from layers.tables.indicators.join import TableResult, join_table
from layers.tables.rows.row_places import Places
from layers.tables.rows.row_records import Aids
from layers.workspace.sections import TableSection
from tests.layers.tables.dirt import (
    KODE,
    Row,
    Spoiler,
    bps_of,
    clean_row,
    make_bridge,
    make_desa,
    make_indicators,
)

PLACES = Places.of(make_desa())
INDICATORS = make_indicators()
BRIDGE = make_bridge()
COLUMNS = ("kode", "kecamatan", "nama", "tahun", "air", "jiwa")


@dataclass(frozen=True)
class Plan:
    """What kind of table it is: its keys, its file, how much of it is spoiled."""

    keys: str
    is_workbook: bool
    has_names: bool
    has_kecamatan: bool
    is_titled: bool
    is_long: bool
    has_year: bool
    delimiter: str
    encoding: str
    seed: int
    share: float

    @property
    def columns(self) -> list[str]:
        """The columns the table has, in its order."""
        names = self.has_names or self.keys == "names"
        place = self.has_kecamatan or self.keys == "names"
        has = {
            "kode": self.keys != "names",
            "kecamatan": place,
            "nama": names,
            "tahun": self.has_year,
        }
        return [name for name in COLUMNS if has.get(name, True)]


plans = st.builds(
    Plan,
    keys=st.sampled_from(["kemendagri", "kemendagri", "bps", "names"]),
    is_workbook=st.booleans(),
    has_names=st.booleans(),
    has_kecamatan=st.booleans(),
    is_titled=st.booleans(),
    is_long=st.booleans(),
    has_year=st.booleans(),
    delimiter=st.sampled_from([",", ";", "\t"]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "cp1252", "utf-16"]),
    seed=st.integers(0, 2**32),
    share=st.sampled_from([0.0, 0.1, 0.3, 0.7]),
)


def make_rows(plan: Plan) -> list[Row]:
    """Rows of some of the desa, a share of them spoiled."""
    rng = random.Random(plan.seed)
    chosen = rng.sample(KODE, rng.randint(4, len(KODE)))
    spoiled = {kode for kode in chosen if rng.random() < plan.share}
    spoiler = Spoiler(
        rng,
        frozenset(chosen) - spoiled,
        "nama" in plan.columns,
        "kecamatan" in plan.columns,
        plan.is_workbook,
        plan.keys == "bps",
        plan.has_year,
    )
    rows: list[Row] = []
    for kode in chosen:
        row = clean_row(kode)
        if plan.keys == "bps":
            row = Row(kode, bps_of(kode), *list(vars(row).values())[2:])
        rows += spoiler.spoil(row) if kode in spoiled else [row]
    return rows


def write_table(plan: Plan, rows: list[Row], path: Path) -> None:
    """The table as a file; long tables have a row for each number."""
    header: list[object] = [*plan.columns]
    body = [_cells(plan, row) for row in rows]
    if plan.is_long:
        keys = len(header) - 2
        header = [*header[:keys], "kategori", "nilai"]
        body = [
            [*line[:-2], name, line[at - 2]]
            for line in body
            for at, name in enumerate(("air", "jiwa"))
        ]
    titles: list[list[object]] = [["Tabel 3. Air minum"], []] if plan.is_titled else []
    if plan.is_workbook:
        book = openpyxl.Workbook()
        for line in [*titles, header, *body]:
            book.active.append(list(line))
        book.save(path)
        return
    encoding = "utf-8" if plan.encoding == "cp1252" and not _fits(body) else plan.encoding
    with path.open("w", encoding=encoding, newline="") as stream:
        csv.writer(stream, delimiter=plan.delimiter).writerows([*titles, header, *body])


def _cells(plan: Plan, row: Row) -> list[object]:
    cells = [getattr(row, name) for name in plan.columns]
    return [*cells[:-2], "Saurmanggita", *cells[-2:]] if row.is_shifted else cells


def _fits(body: list[list[object]]) -> bool:
    try:
        "".join(str(cell) for line in body for cell in line).encode("cp1252")
    except UnicodeEncodeError:
        return False
    return True


def join(plan: Plan, rows: list[Row], folder: Path) -> TableResult:
    """The table written and joined as its plan declares it."""
    name = "tabel.xlsx" if plan.is_workbook else "tabel.csv"
    write_table(plan, rows, folder / name)
    declared: dict[str, object] = {
        "id": "t",
        "path": name,
        "columns": {"air": "air", "jiwa": "jiwa"},
    }
    declared |= {"year_column": "tahun"} if plan.has_year else {"year": 2024}
    if plan.is_long:
        declared |= {"shape": "long", "indicator_column": "kategori", "value_column": "nilai"}
    if plan.keys != "names":
        declared |= {"code_system": plan.keys, "code_column": "kode"}
    declared |= {
        f"{key}_column": column
        for key, column in (("kecamatan", "kecamatan"), ("name", "nama"))
        if column in plan.columns
    }
    section = TableSection.model_validate(declared)
    return join_table(section, folder, PLACES, INDICATORS, Aids(bridge=BRIDGE))


def values(result: TableResult) -> dict[tuple[str, str], float]:
    ok = result.values[(result.values["status"] == "ok") & (result.values["tahun"] == 2024)]
    return dict(zip(zip(ok["kode"], ok["indikator"], strict=True), ok["nilai"], strict=True))


@settings(
    deadline=None,
    derandomize=True,
    max_examples=150,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(plan=plans)
def test_any_table_gives_the_same_join_or_a_finding_and_never_anothers_value(
    tmp_path: Path, plan: Plan
) -> None:
    rows = make_rows(plan)
    note(f"{plan}\n" + "\n".join(map(str, rows)))
    shuffled = random.Random(plan.seed + 1).sample(rows, len(rows))
    first, second = join(plan, rows, tmp_path), join(plan, shuffled, tmp_path)
    if plan.keys == "names" and any(not row.kecamatan for row in rows):
        # An empty cell stands for the kecamatan above it, and shuffling puts another one there.
        one, two = values(first), values(second)
        assert all(one[key] == two[key] for key in one.keys() & two.keys())
        never_anothers(second, rows)
    else:
        assert values(first) == values(second)
        assert counts(first) == counts(second)
    for result in (first, second):
        load = result.load
        assert load.rows_read == load.matched + load.unmatched + load.duplicates
        assert load.rows_read == len(result.cleaned)
    never_anothers(first, rows)
    nothing_is_lost(plan, first, rows)


def counts(result: TableResult) -> tuple[int, int, int, int]:
    load = result.load
    return load.rows_read, load.matched, load.unmatched, load.duplicates


def never_anothers(result: TableResult, rows: list[Row]) -> None:
    """Every value is one that a row about that desa states."""
    stated: dict[tuple[str, str], set[float]] = {}
    for row in rows:
        for name, number in zip(("air", "jiwa"), row.truth, strict=True):
            if row.about is not None and number is not None:
                stated.setdefault((row.about, name), set()).add(round(number, 6))
    for key, number in values(result).items():
        assert round(number, 6) in stated.get(key, set()), (key, number)


def nothing_is_lost(plan: Plan, result: TableResult, rows: list[Row]) -> None:
    """Each row that a person would count is used, or named by a finding with its number."""
    if any(found.severity is Severity.ERROR for found in result.findings):
        assert values(result) == {}
        return
    told = {found.row for found in result.findings if found.row is not None}
    used = set(result.cleaned.loc[result.cleaned["status"] == "matched", "row"])
    shown = values(result)
    first = 2 + 2 * plan.is_titled
    for at, row in enumerate(rows):
        numbers = {first + 2 * at, first + 2 * at + 1} if plan.is_long else {first + at}
        keys = [getattr(row, name) for name in plan.columns]
        if all(cell is None or not str(cell).strip() for cell in keys):
            continue
        assert numbers & (told | used), row
        stated = [
            (row.about, name)
            for name, number in zip(("air", "jiwa"), row.truth, strict=True)
            if row.about is not None and number is not None
        ]
        lost = [key for key in stated if key not in shown]
        assert not lost or numbers & told or _is_rewritten(row, rows), row


def _is_rewritten(row: Row, rows: list[Row]) -> bool:
    """Whether another row about the same desa carries the finding of both."""
    return Counter(one.about for one in rows)[row.about] > 1
