"""Random tables of the sample's truth, spoiled as offices spoil them, in every kind of file.

Each column has one kind of dirt and the table several; what a column says is known by what it was
made of, so that a published value can only be the truth or wrong.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from random import Random

import openpyxl

from layers.sample.world.sample_records import Unit, make_units
from layers.sample.world.sample_values import official_population, true_value
from tests.layers.tables.workbook_cells import Failed, Formula, Rows, Styled
from tests.layers.tables.workbook_files import WRITERS

YEAR = 2024
AIR, JIWA, PAGU = "air_minum_layak_pct", "penduduk_jiwa", "dana_desa_pagu_idr"
UNITS = make_units()
FILES = (".xlsx", ".xlsx", ".xls", ".ods", ".csv", ".json", ".html")
Cells = list[object]


def truth_of(unit: Unit) -> dict[str, float]:
    """What is true of a desa: a share, a count and an amount."""
    jiwa = official_population(unit, YEAR)
    return {
        AIR: round(true_value(unit, AIR, YEAR), 1),
        JIWA: jiwa,
        PAGU: 700_000_000 + 1_037 * jiwa,
    }


def dotted(number: float) -> str:
    """A whole number with thousands dots."""
    return f"{int(number):,}".replace(",", ".")


def comma(number: float) -> str:
    """A share with a decimal comma."""
    return f"{number:.1f}".replace(".", ",")


def lost(number: float) -> float:
    """What becomes of ``1.234`` where the dot is the decimal sign; millions stay text."""
    return number / 1000 if number < 1_000_000 else number


Dirt = Callable[[float, Random], object]

SHARES: dict[str, Dirt] = {
    "plain": lambda value, _: value,
    "percent format": lambda value, _: Styled(value / 100, "0.0%"),
    "some percent formats": lambda value, rng: rng.choice([value, Styled(value / 100, "0.0%")]),
    "percent format or fraction": lambda value, rng: rng.choice(
        [value / 100, Styled(value / 100, "0.0%")]
    ),
    "percent sign as words": lambda value, _: Styled(value, '0.0"%"'),
    "fractions": lambda value, _: round(value / 100, 4),
    "some fractions": lambda value, rng: rng.choice([value, round(value / 100, 4)]),
    "decimal comma": lambda value, _: comma(value),
    "comma and sign": lambda value, rng: comma(value) + rng.choice([" %", "%", ""]),
    "decimal point as text": lambda value, _: f"{value:.1f}",
    "footnotes": lambda value, rng: comma(value) + rng.choice(["", "", "*)", "¹", " r)"]),
    "no result": lambda value, rng: rng.choice([value, Formula()]),
    "errors": lambda value, rng: rng.choice([value, value, Failed("#REF!")]),
}
COUNTS: dict[str, Dirt] = {
    "plain": lambda value, _: value,
    "thousands lost": lambda value, _: lost(value),
    "some thousands lost": lambda value, rng: rng.choice([value, lost(value)]),
    "dotted": lambda value, _: dotted(value),
    "dotted with unit": lambda value, _: f"{dotted(value)} jiwa",
    "unit": lambda value, rng: f"{int(value)}{rng.choice([' jiwa', '', ' Jiwa '])}",
    "grouped by comma": lambda value, _: f"{int(value):,}",
    "grouped by space": lambda value, _: f"{int(value):,}".replace(",", " "),
    "two decimals": lambda value, _: f"{dotted(value)},00",
    "unit in the format": lambda value, _: Styled(value, '0" jiwa"'),
    "thousands and word": lambda value, _: Styled(value, '#,##0,"rb"'),
    "thousands without word": lambda value, _: Styled(value, "#,##0,"),
    "word without thousands": lambda value, _: Styled(value / 1000, '0"rb"'),
    "hidden by its format": lambda value, rng: rng.choice([value, Styled(value, ";;;")]),
    "percent format": lambda value, _: Styled(value / 100, "0.0%"),
    "text": lambda value, rng: rng.choice([str(int(value)), f"{int(value)} ", f"'{int(value)}"]),
    "dates": lambda value, rng: rng.choice([value, value, dt.datetime(2024, 5, 1)]),
    "footnotes": lambda value, rng: f"{int(value)}{rng.choice(['', '', '*)', ' 1)'])}",
    "no result": lambda value, rng: rng.choice([value, Formula()]),
    "errors": lambda value, rng: rng.choice([value, value, Failed("#N/A")]),
    "marks": lambda value, rng: rng.choice([value, value, "belum ada", "1e999"]),
}
AMOUNTS: dict[str, Dirt] = {
    "plain": lambda value, _: value,
    "rupiah and sen": lambda value, _: f"Rp {dotted(value)},00",
    "rupiah and dash": lambda value, _: f"Rp{dotted(value)},-",
    "dotted": lambda value, _: dotted(value),
    "thousands and word": lambda value, _: Styled(value, '#,##0,"rb"'),
    "thousands without word": lambda value, _: Styled(value, "#,##0,"),
    "errors": lambda value, rng: rng.choice([value, value, Failed("#REF!")]),
    "no result": lambda value, rng: rng.choice([value, Formula()]),
}
KINDS = {AIR: SHARES, JIWA: COUNTS, PAGU: AMOUNTS}
# A text table that shows thousands alone no longer holds the number.
NEEDS_FORMAT = {"thousands without word", "hidden by its format", "word without thousands"}


@dataclass(frozen=True)
class FuzzTable:
    """A table as it was written, and what its rows are about.

    Parameters
    ----------
    about
        Row of the file, code and whether its numbers are those of the year.
    declared
        Keys of the section ``[[tables]]``.
    """

    name: str
    kinds: dict[str, str]
    about: tuple[tuple[int, str], ...]
    declared: dict[str, object]
    table_dirt: tuple[str, ...] = field(default_factory=tuple)


@dataclass
class _Maker:
    """Makes one table; all chance comes from ``rng``."""

    rng: Random
    suffix: str
    dirt: list[str] = field(default_factory=list)

    def chance(self, name: str, share: float) -> bool:
        """Whether the table has this kind of dirt; it is remembered."""
        if self.rng.random() >= share:
            return False
        self.dirt.append(name)
        return True

    def kinds(self) -> dict[str, str]:
        """The dirt of each column."""
        chosen = {}
        for column, known in KINDS.items():
            names = [
                name
                for name in known
                if self.suffix not in (".csv", ".html", ".json") or name not in NEEDS_FORMAT
            ]
            chosen[column] = self.rng.choice(names)
        return chosen

    def code(self, unit: Unit, style: str) -> object:
        """A code as the table writes them."""
        bare = unit.kode.replace(".", "")
        return {
            "dotted": unit.kode,
            "bare": bare,
            "number": int(bare),
            "bps": unit.kode_bps,
            "prefix": f"ID{unit.kode_bps}",
            "spaces": f" {unit.kode} ",
            "lost zeros": unit.kode.rstrip("0"),
            "short parts": unit.kode.replace(".0", "."),
        }[style]


CODE_STYLES = (
    "dotted",
    "dotted",
    "bare",
    "number",
    "bps",
    "prefix",
    "spaces",
    "lost zeros",
    "short parts",
)


def make_table(seed: int, suffix: str, folder: Path) -> FuzzTable:
    """A table written to the folder."""
    maker = _Maker(Random(seed), suffix)
    rng = maker.rng
    units = rng.sample(UNITS, rng.randint(4, 30))
    kinds, style = maker.kinds(), rng.choice(CODE_STYLES)
    has_year = rng.random() < 0.4
    is_dated = has_year and suffix in (".xlsx",) and maker.chance("year as date", 0.5)
    header: Cells = ["kode", "kecamatan", "desa", *(["tahun"] if has_year else []), *KINDS]
    lines: list[tuple[str | None, Cells]] = []
    for unit in units:
        told = truth_of(unit)
        year: Cells = [dt.datetime(YEAR, 12, 31) if is_dated else YEAR] if has_year else []
        numbers = [KINDS[name][kinds[name]](told[name], rng) for name in KINDS]
        row = [maker.code(unit, style), unit.kecamatan, unit.nama, *year, *numbers]
        lines.append((unit.kode, row))
    if maker.chance("another kabupaten", 0.05):
        lines = [(kode, [f"32.05{str(unit)[5:]}", *row]) for kode, (unit, *row) in lines]
    lines = _spoil_rows(maker, lines, has_year=has_year)
    above: list[Cells] = [["Tabel 3. Profil desa"], []] if maker.chance("title", 0.3) else []
    header_rows: list[Cells] = [header]
    if maker.chance("merged heading", 0.2):
        first = len(header) - len(KINDS)
        header_rows = [["Identitas", *[None] * (first - 1), "Nilai", None, None], header]
    if maker.chance("spaces in the header", 0.2):
        header_rows[-1] = [f" {name} " for name in header]
    rows = [*above, *header_rows, *(row for _, row in lines)]
    start = len(above) + len(header_rows) + 1
    about = tuple((start + at, kode) for at, (kode, _) in enumerate(lines) if kode is not None)
    hidden = [at + start for at, (kode, _) in enumerate(lines) if kode == HIDDEN]
    if maker.chance("transposed", 0.05):
        width = max(map(len, rows))
        rows = [
            list(column)
            for column in zip(*([*row, *[None] * (width - len(row))] for row in rows), strict=True)
        ]
    name = f"tabel{'.xls' if suffix == '.html' else suffix}"
    write_table(folder / name, suffix, rows, hidden)
    system = "bps" if style in ("bps", "prefix") else "kemendagri"
    declared: dict[str, object] = {
        "id": "t",
        "path": name,
        "code_system": system,
        "code_column": "kode",
        "kecamatan_column": "kecamatan",
        "name_column": "desa",
        "columns": {f"Nilai / {name}" if len(header_rows) > 1 else name: name for name in KINDS},
        **({"year_column": "tahun"} if has_year else {"year": YEAR}),
    }
    if len(header_rows) > 1:
        declared |= {"header_row": len(above) + 1, "header_rows": 2}
        for key in ("code_column", "kecamatan_column", "name_column", "year_column"):
            if key in declared:
                declared[key] = f"Identitas / {declared[key]}"
    kept = tuple((row, kode) for row, kode in about if kode != HIDDEN)
    return FuzzTable(name, {**kinds, "kode": style}, kept, declared, tuple(maker.dirt))


HIDDEN = "hidden"


def _spoil_rows(
    maker: _Maker, lines: list[tuple[str | None, Cells]], *, has_year: bool
) -> list[tuple[str | None, Cells]]:
    """Rows repeated, old ones hidden, totals, notes and rows of other kabupaten between them."""
    rng = maker.rng
    width = len(lines[0][1])
    if maker.chance("repeated rows", 0.2):
        lines.insert(rng.randrange(len(lines)), rng.choice(lines))
    if maker.chance("old rows left hidden", 0.2):
        _, row = rng.choice(lines)
        lines.insert(rng.randrange(len(lines)), (HIDDEN, [*row[:-3], 11.1, 1_111, 711_111_111]))
    if maker.chance("rows of another scope", 0.2):
        year: Cells = [YEAR] if has_year else []
        foreign: Cells = [
            "32.05.01.2001",
            "Tarogong",
            "Haurpanggung",
            *year,
            77.7,
            7_777,
            777_777_777,
        ]
        lines.insert(rng.randrange(len(lines)), (None, foreign))
    if maker.chance("total", 0.3):
        lines.append((None, ["JUMLAH", *[None] * (width - 4), 999.9, 99_999, 9_999_999_999]))
    if maker.chance("footnote", 0.2):
        lines.append((None, ["*) angka sementara", *[None] * (width - 1)]))
    if maker.chance("spaces in names", 0.3):
        lines = [
            (kode, [row[0], row[1], f" {row[2]}  " if row[2] else None, *row[3:]])
            for kode, row in lines
        ]
    return lines


def write_table(path: Path, suffix: str, rows: Rows, hidden: Sequence[int]) -> None:
    """The table as a file of that kind."""
    if suffix in WRITERS:
        WRITERS[suffix](path, rows)
        if hidden and suffix == ".xlsx":
            _hide(path, hidden)
    elif suffix == ".csv":
        stream = io.StringIO()
        csv.writer(stream, delimiter=";").writerows([map(_shown, row) for row in rows])
        path.write_text(stream.getvalue(), encoding="utf-8")
    elif suffix == ".html":
        lines = "".join(
            f"<tr>{''.join(f'<td>{escape(_shown(cell))}</td>' for cell in row)}</tr>"
            for row in rows
        )
        path.write_text(f"<html><body><table>{lines}</table></body></html>", encoding="utf-8")
    else:
        cells = [[_stored(cell) for cell in row] for row in rows]
        path.write_text(json.dumps(cells), encoding="utf-8")


def _hide(path: Path, hidden: Sequence[int]) -> None:
    book = openpyxl.load_workbook(path)
    for row in hidden:
        book.active.row_dimensions[row].hidden = True
    book.save(path)


def _shown(cell: object) -> str:
    """The cell as a spreadsheet writes it into a text file."""
    if isinstance(cell, Styled):
        if cell.code.endswith("0%"):
            return f"{cell.number * 100:.1f}%".replace(".", ",")
        if cell.code == '#,##0,"rb"':
            return f"{dotted(cell.number / 1000)}rb"
        return f"{cell.number:g} jiwa" if "jiwa" in cell.code else f"{cell.number:.1f}%"
    if isinstance(cell, Failed):
        return cell.name
    if cell is None:
        return ""
    return "#N/A" if isinstance(cell, Formula) else str(cell)


def _stored(cell: object) -> object:
    """The cell as a program hands it on that knows no formats."""
    if isinstance(cell, Styled):
        return cell.number
    if isinstance(cell, Failed | Formula):
        return "#N/A"
    return cell.isoformat() if isinstance(cell, dt.datetime) else cell
