"""The join report as one page of HTML, for the people who keep the tables.

What the release's page of data quality shows, as a file that needs no server: whether the data may
be published, what to mend first, then each kind of finding with its places.  Indonesian first,
English second (``lang="en"``).
"""

from collections.abc import Iterator, Sequence
from html import escape
from pathlib import Path

from boundaries.findings.report import Finding, FindingGroup, Report, group_findings
from layers.finding_words.finding_kinds import finding_words
from layers.tables.report.join_workbook import LOADS, SEVERITY, load_row, sorted_loads

MOST_ROWS_OF_A_KIND = 500

_COLUMNS = (("Berkas", "File"), ("Baris", "Row"), ("Kode wilayah", "Kode"))


def write_report_html(report: Report, path: Path, *, title: str = "Laporan data") -> None:
    """The report as one page without scripts or outside files.

    Beyond ``MOST_ROWS_OF_A_KIND`` findings of a kind, and beyond one of many notes, the page says
    how many more the workbook and the JSON hold.
    """
    path.write_text("".join(_page(report, title)), encoding="utf-8", newline="\n")


def _page(report: Report, title: str) -> Iterator[str]:
    heading = escape(title)
    groups = group_findings(report.findings)
    yield (
        '<!doctype html>\n<html lang="id">\n<head>\n<meta charset="utf-8">\n'
        f"<title>{heading}</title>\n"
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<style>{_CSS}</style>\n</head>\n<body>\n<main>\n<h1>{heading}</h1>\n"
    )
    yield f"<p><b>{_both(*_verdict(report))}</b></p>\n"
    yield f"<h2>{_both('Yang perlu diperbaiki', 'What to mend')}</h2>\n"
    for group in groups:
        yield from _group(group)
    if not groups:
        yield f"<p>{_both('Tidak ada temuan.', 'There are no findings.')}</p>\n"
    yield f"<h2>{_both('Baris tiap masukan', 'Rows of each input')}</h2>\n"
    heads = [(indonesian, english) for indonesian, english, _ in LOADS]
    yield from _table(heads, [load_row(load) for load in sorted_loads(report)])
    yield "</main>\n</body>\n</html>\n"


def _verdict(report: Report) -> tuple[str, str]:
    counts = {severity: report.count(severity) for severity in SEVERITY}
    summary = ", ".join(f"{counts[kind]} {names[0].lower()}" for kind, names in SEVERITY.items())
    english = ", ".join(f"{names[1]}: {counts[kind]}" for kind, names in SEVERITY.items())
    if report.blocks_publication:
        return (
            f"Data belum dapat diterbitkan: perbaiki kesalahan lebih dahulu. {summary}.",
            f"The data cannot be published yet: first mend the errors. {english}.",
        )
    return f"Data dapat diterbitkan. {summary}.", f"The data can be published. {english}."


def _group(group: FindingGroup) -> Iterator[str]:
    words = finding_words()
    title, advice = words.title(group.code), words.advice(group.code)
    count, examples = len(group.findings), group.examples(MOST_ROWS_OF_A_KIND)
    severity = SEVERITY[group.severity]
    desa = f", {group.desa} desa" if group.desa else ""
    yield (
        f'<section class="{severity[1]}"><h3>{escape(title.id)}</h3>\n'
        f"<p>{severity[0]} · {count} temuan{desa}</p>\n<p>{escape(advice.id)}</p>\n"
        f'<p class="en" lang="en">{escape(title.en)}. {escape(advice.en)}</p>\n'
        f"<details{' open' if severity[1] == 'error' else ''}><summary>"
        f"{_both('Tempatnya', 'Where')}</summary>\n"
    )
    of_code = words.codes.get(group.code)
    value = (of_code.value if of_code else None) or words.unit("value")
    measure = (of_code.measure if of_code else None) or words.unit("measure")
    heads = (*_COLUMNS, (value.id, value.en), (measure.id, measure.en), ("Rincian", "Detail"))
    yield from _table(heads, [_row(finding) for finding in examples], english={5})
    if count > len(examples):
        more = count - len(examples)
        remark = f"Masih ada {more} lagi; lihat findings.json atau berkas XLSX."
        yield f"<p>{_both(remark, f'{more} more are in findings.json and the XLSX.')}</p>\n"
    yield f"</details>\n<p><code>{escape(group.code)}</code></p></section>\n"


def _row(finding: Finding) -> list[object]:
    measure: object = None
    if finding.measure is not None:
        number = _write_measure(finding.measure)
        measure = f"{number} {finding_words().unit(finding.unit).id}".strip()
    return [finding.file, finding.row, finding.kode, finding.value, measure, finding.message]


def _write_measure(measure: float) -> str:
    """As Indonesians write numbers, never with an exponent.

    >>> _write_measure(1234567890123.0), _write_measure(0.25)
    ('1.234.567.890.123', '0,25')
    """
    digits = f"{measure:,.6f}".rstrip("0").rstrip(".")
    return digits.translate(str.maketrans(",.", ".,"))


def _both(indonesian: str, english: str) -> str:
    return f'{escape(indonesian)} <span class="en" lang="en">{escape(english)}</span>'


def _table(
    columns: Sequence[tuple[str, str]],
    rows: Sequence[Sequence[object]],
    english: frozenset[int] | set[int] = frozenset(),
) -> Iterator[str]:
    head = "".join(f'<th scope="col">{_both(*names)}</th>' for names in columns)
    yield f'<div class="wide"><table>\n<thead><tr>{head}</tr></thead>\n<tbody>\n'
    for row in rows:
        cells = "".join(_cell(cell, number in english) for number, cell in enumerate(row))
        yield f"<tr>{cells}</tr>\n"
    yield "</tbody>\n</table></div>\n"


def _cell(cell: object, is_english: bool) -> str:
    if isinstance(cell, int | float):
        return f'<td class="number">{cell}</td>'
    language = ' lang="en"' if is_english else ""
    return f'<td{language} dir="auto">{escape("" if cell is None else str(cell))}</td>'


_CSS = (
    "body{font:16px/1.5 system-ui,sans-serif;margin:0;color:#1b1b1b;background:#fff}"
    "main{max-width:76rem;margin:0 auto;padding:1rem}p{margin:.25rem 0}"
    "section{border-left:4px solid #8a949b;padding-left:.9rem;margin:1.4rem 0}"
    "section.error{border-color:#b3261e}section.warning{border-color:#b76e00}"
    "h3{margin:0;font-size:1.1rem}.en{color:#5a646b;font-weight:400;font-size:.9em}"
    "summary{cursor:pointer;padding:.4rem 0}"
    ".wide{overflow-x:auto}table{border-collapse:collapse;width:100%;font-size:.9rem}"
    "th,td{border:1px solid #c8c8c8;padding:.3rem .5rem;text-align:left;vertical-align:top;"
    "overflow-wrap:anywhere}th{background:#f0f0f0;overflow-wrap:normal}th .en{display:block}"
    "section td:nth-child(3){white-space:nowrap}"
    ".number{text-align:right;font-variant-numeric:tabular-nums}"
)
