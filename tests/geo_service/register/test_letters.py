"""Letters as DOCX: by the shipped template or one's own, and whatever was written is text."""

from __future__ import annotations

import io
from datetime import date
from pathlib import Path

import docx
import pytest
from typer.testing import CliRunner

from geo_service.cli.main import app
from geo_service.errors import RegisterError
from geo_service.letters import letter

LINES = (
    letter.LetterLine(1, "99.01.01.2003", "Muara <Telang> & Co", "Poskesdes", "4583 m", "812"),
    letter.LetterLine(2, "99.01.01.2004", "{{ 7 * 7 }}", "Air minum", "-", "-"),
)
LETTER = letter.Letter(
    "005/12/2027",
    date(2027, 1, 31),
    date(2027, 3, 2),
    "Kecamatan Tanjung Sagara",
    "Dinas Kesehatan",
    "Mohon tanggapan.",
    LINES,
)


def text_of(content: bytes) -> tuple[str, list[list[str]]]:
    """The paragraphs of a document, and the rows of its table."""
    document = docx.Document(io.BytesIO(content))
    rows = [[cell.text for cell in row.cells] for row in document.tables[0].rows]
    return "\n".join(paragraph.text for paragraph in document.paragraphs), rows


def own_template(folder: Path, *paragraphs: str) -> Path:
    document = docx.Document()
    for text in paragraphs:
        document.add_paragraph(text)
    document.add_table(rows=1, cols=1)
    document.save(str(folder / "own.docx"))
    return folder / "own.docx"


def test_the_letter_says_to_whom_until_when_and_lists_each_need() -> None:
    text, rows = text_of(letter.write_letter(LETTER))
    for said in ("Nomor: 005/12/2027", "31 Januari 2027", "2 Maret 2027", "daftar 2 kebutuhan"):
        assert said in text
    assert "Kepada Yth. Dinas Kesehatan" in text
    assert rows[0][0] == "No."
    assert rows[1:] == [
        ["1", "99.01.01.2003", "Muara <Telang> & Co", "Poskesdes", "4583 m", "812"],
        ["2", "99.01.01.2004", "{{ 7 * 7 }}", "Air minum", "-", "-"],
    ]


def test_a_kabupaten_gives_its_own_template(tmp_path: Path) -> None:
    path = own_template(tmp_path, "PEMERINTAH KABUPATEN", "No. {{ number }} / {{ addressee }}")
    text, _ = text_of(letter.write_letter(LETTER, path))
    assert "PEMERINTAH KABUPATEN" in text
    assert "No. 005/12/2027 / Dinas Kesehatan" in text


@pytest.mark.parametrize(
    "text",
    [
        "{{ nomor }}",
        "{{ number",
        "{{ number.__class__.__mro__[1].__subclasses__() }}",
        "{% include '/etc/passwd' %}",
    ],
)
def test_a_template_that_names_what_is_not_there_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(RegisterError, match=r"own\.docx: cannot be filled in .* may name: address"):
        letter.write_letter(LETTER, own_template(tmp_path, text))


def test_what_is_no_docx_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "own.docx"
    with pytest.raises(RegisterError, match="cannot be read"):
        letter.write_letter(LETTER, path)
    path.write_bytes(b"not a document")
    with pytest.raises(RegisterError, match="cannot be filled in"):
        letter.write_letter(LETTER, path)


def test_a_letter_of_all_drafts_for_an_office_is_written_and_recorded(
    tmp_path: Path, sample_releases: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GEO_REGISTER", f"sqlite:///{tmp_path / 'register.db'}")

    def run(*words: str) -> str:
        found = CliRunner().invoke(app, ["register", *words], catch_exceptions=False)
        assert found.exit_code == 0, found.output
        return " ".join(found.output.split())

    run("init")
    run("sync", str(sample_releases))
    target = tmp_path / "surat.docx"
    words = ("--area", "99.01.01", "--to", "Dinas Kesehatan", "--number", "005/1")
    more = ("--releases", str(sample_releases), "--send")
    said = run("letter", str(target), *words, *more)
    assert said.endswith("needs for Dinas Kesehatan, recorded as sent.")
    _, rows = text_of(target.read_bytes())
    sent = run("list", "--area", "99.01.01", "--state", "sent")
    assert f"{len(rows) - 1} items ({len(rows) - 1} sent)" in sent
    assert all(row[2] for row in rows)
    with pytest.raises(RegisterError, match="there already"):
        run("letter", str(target), *words, *more)
    with pytest.raises(RegisterError, match="No draft in"):
        run("letter", str(tmp_path / "other.docx"), *words, *more)
    run("template", str(tmp_path / "template.docx"))
    assert (tmp_path / "template.docx").stat().st_size > 1000
