"""The findings at ``/reports/``: by kind, in the reader's language, filtered, small and safe."""

from __future__ import annotations

import gzip
import html
import json
import re
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path

import pytest

from boundaries.findings.report import Catalogue, Finding, LoadCount, Report, Severity
from layers.finding_words.finding_kinds import finding_words
from layers.publish.report_files import describe_findings, write_findings
from layers.release.findings_file import read_findings, write_findings_file
from tests.geo_service.republished import republish
from tests.web_map.conftest import Pages
from web_map.pages.reports.data_quality import FIRST_SPOTS, SPOTS_A_PAGE

PAGE = "/reports/"
ENGLISH = re.compile(r"\b(the|of|is|are|was|were|with|rows?|which|its|used|from)\b", re.IGNORECASE)
HOSTILE = "<script>alert(1)</script>\"'&\u202eטקסט" + "x" * 5000


class Visible(HTMLParser):
    """The text of a page that is said in its own language: nothing below ``lang="en"`` or code."""

    VOID = frozenset({"meta", "link", "input", "br", "img"})

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[bool] = []
        self.said: list[str] = []
        self.feed(text.split("<main", 1)[1].split("</main>", 1)[0])

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in self.VOID:
            # Names of files, cells of inputs and codes are what they are in either language.
            is_apart = dict(attrs).get("lang") == "en" or tag in ("bdi", "code", "b", "td", "th")
            self.open.append(is_apart)

    def handle_endtag(self, tag: str) -> None:
        if tag not in self.VOID and self.open:
            self.open.pop()

    def handle_data(self, data: str) -> None:
        if not any(self.open):
            self.said.append(data)


def report_of(release: Path) -> list[dict[str, object]]:
    found: list[dict[str, object]] = json.loads((release / "findings.json").read_text())["findings"]
    return found


@pytest.fixture(scope="module")
def findings(sample_releases: Path) -> list[dict[str, object]]:
    return report_of(sample_releases / "current")


def codes_of(found: list[dict[str, object]]) -> set[str]:
    return {f"{one['severity']}-{str(one['code']).replace('.', '-')}" for one in found}


def shown(text: str) -> list[str]:
    return re.findall(r'<article class="finding [\w-]+" id="([\w-]+)"', text)


@pytest.mark.parametrize("language", ["id", "en"])
def test_every_kind_of_finding_is_told_with_what_to_do(
    pages: Pages, findings: list[dict[str, object]], language: str
) -> None:
    text = pages.get(f"{PAGE}?lang={language}").text
    assert set(shown(text)) == codes_of(findings)
    text = html.unescape(text)
    for code in {str(one["code"]) for one in findings}:
        words = finding_words().codes[code]
        for said in (words.title, words.advice):
            assert getattr(said, language) in text


def test_the_indonesian_page_says_nothing_in_english_unmarked(pages: Pages) -> None:
    for path in (PAGE, f"{PAGE}?temuan=table.code_unknown", f"{PAGE}?wilayah=99.01"):
        said = " ".join(Visible(pages.get(path).text).said)
        assert "Peringatan" in said
        assert ENGLISH.findall(said) == []


def test_many_notes_of_a_kind_are_told_once_with_their_number(
    pages: Pages, findings: list[dict[str, object]]
) -> None:
    counts = Counter(str(one["code"]) for one in findings if one["severity"] == "note")
    many = [code for code, count in counts.items() if count > FIRST_SPOTS]
    assert many
    text = pages.get(PAGE).text
    for code in many:
        article = text.split(f'id="note-{code.replace(".", "-")}"', 1)[1].split("</article>", 1)[0]
        assert article.count('<li><div class="spot">') == 1
        assert f"Lihat 1 dari {counts[code]}" in article
    listed = pages.get(f"{PAGE}?temuan={many[0]}&keparahan=catatan").text
    assert listed.count('<li><div class="spot">') == min(counts[many[0]], SPOTS_A_PAGE)


def test_what_weighs_most_comes_first_and_is_linked_from_the_verdict(
    pages: Pages, findings: list[dict[str, object]]
) -> None:
    text = pages.get(PAGE).text
    order = [one.split("-")[0] for one in shown(text)]
    assert order == sorted(order, key=["error", "warning", "note"].index)
    verdict = text.split('class="verdict', 1)[1].split("</div>", 1)[0]
    assert f'href="#{shown(text)[0]}"' in verdict
    assert str(sum(one["severity"] == "warning" for one in findings)) in verdict


def test_findings_can_be_filtered_by_severity_place_and_code(
    pages: Pages, findings: list[dict[str, object]]
) -> None:
    notes = [one for one in findings if one["severity"] == "note"]
    assert set(shown(pages.get(f"{PAGE}?keparahan=catatan").text)) == codes_of(notes)
    kode = next(str(one["kode"]) for one in findings if len(str(one.get("kode", ""))) == 13)
    for place in (kode, kode[:8], kode[:5]):
        inside = [one for one in findings if f"{one.get('kode', '')}.".startswith(f"{place}.")]
        assert set(shown(pages.get(f"{PAGE}?wilayah={place}").text)) == codes_of(inside)
    text = pages.get(f"{PAGE}?temuan=table.code_unknown").text
    assert shown(text) == ["warning-table-code_unknown"]
    assert f'href="/desa/{kode}"' in pages.get(f"{PAGE}?wilayah={kode}").text


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("keparahan=gawat", 400),
        ("temuan=no.such", 400),
        ("temuan=table.code_unknown&halaman=2", 400),
        ("halaman=0", 400),
        ("halaman=%C2%B2", 400),
        ("halaman=99999999999999999999", 400),
        (f"halaman={'9' * 4400}", 400),
        ("wilayah=99.01.99", 404),
        ("wilayah=99.01.01.2999", 404),
        ("wilayah=<b>", 404),
        ("kode=1", 400),
    ],
)
def test_a_filter_that_is_none_is_refused(pages: Pages, query: str, status: int) -> None:
    assert pages.get(f"{PAGE}?{query}").status_code == status


def test_the_other_language_keeps_the_filter(pages: Pages) -> None:
    text = pages.get(f"{PAGE}?wilayah=99.01.01&keparahan=peringatan").text
    assert 'href="?wilayah=99.01.01&amp;keparahan=peringatan&amp;lang=en"' in text
    assert 'href="?lang=id"' in pages.get(f"{PAGE}?lang=en").text


def test_the_file_explains_the_codes_and_units_it_holds(sample_releases: Path) -> None:
    document = json.loads((sample_releases / "current" / "findings.json").read_text())
    codes = {one["code"] for one in document["findings"]}
    assert {one["code"] for one in document["codes"]} == codes
    units = {one["unit"]: one["id"] for one in document["units"]}
    assert units["rows"] == "baris"
    assert {one["unit"] for one in document["findings"] if "unit" in one} == set(units)


# --- releases of every kind: hostile, large, older ---------------------------------------------


def many(count: int) -> Report:
    findings = [
        Finding(
            "table.code_unknown",
            Severity.WARNING,
            HOSTILE,
            f"{HOSTILE[:60]}.csv",
            row,
            value=HOSTILE,
            kode=f"99.01.{1 + row % 3:02}.{2001 + row % 14}",
            measure=1.5,
            unit="%",
        )
        for row in range(count)
    ]
    return Report(findings, [LoadCount("tables.a", "a.csv", count, 0, count, 0)])


@pytest.fixture
def served(sample_releases: Path, tmp_path: Path) -> Pages:
    """The sample release with other findings."""

    def change(folder: Path) -> None:
        (folder / "findings.json").unlink()
        write_findings(many(1234), folder / "findings.json")

    (tmp_path / "releases").mkdir()

    republish((sample_releases / "current").resolve(), tmp_path / "releases", change)
    return Pages(tmp_path / "releases")


def test_hostile_text_of_inputs_stays_text_and_is_cut(served: Pages) -> None:
    with served as pages:
        for language in ("id", "en"):
            text = pages.get(f"{PAGE}?lang={language}").text
            assert "<script>alert" not in text
            assert "&lt;script&gt;alert(1)" in text
            assert max(map(len, re.findall(r'<b dir="auto">([^<]*)</b>', text))) < 300


def test_many_findings_stay_a_small_page_with_pages_behind(served: Pages) -> None:
    with served as pages:
        first = pages.get(PAGE).text
        assert first.count('<div class="spot">') == 5
        assert "Lihat semua 1.234 temuan ini" in first
        assert len(gzip.compress(first.encode(), 5)) < 40_000
        last = 1234 // SPOTS_A_PAGE + 1
        query = "temuan=table.code_unknown&keparahan=peringatan"
        text = pages.get(f"{PAGE}?{query}&halaman={last}").text
        assert text.count('<div class="spot">') == 1234 % SPOTS_A_PAGE
        assert f'<ol class="spots" start="{(last - 1) * SPOTS_A_PAGE + 1}">' in text
        assert 'rel="prev"' in text
        assert 'rel="next"' not in text
        assert pages.get(f"{PAGE}?{query}&halaman={last + 1}").status_code == 400
        inside = pages.get(f"{PAGE}?wilayah=99.01.02").text
        assert "411 temuan" in inside


def test_an_older_release_without_words_is_shown_by_code(tmp_path: Path) -> None:
    write_findings_file(tmp_path / "findings.json", describe_findings(many(3), Catalogue()))
    text = (tmp_path / "findings.json").read_text(encoding="utf-8")
    old = re.sub(r'"codes": \[\n\],\n"units": \[\n\],\n', "", text)
    assert old != text
    (tmp_path / "findings.json").write_text(old, encoding="utf-8")
    found = read_findings(tmp_path)
    assert (len(found), found.codes, found.loads[0].file) == (3, {}, "a.csv")
    assert [group.desa for group in found.groups] == [3]


def test_a_report_without_findings_is_read(tmp_path: Path) -> None:
    write_findings(Report(), tmp_path / "findings.json")
    found = read_findings(tmp_path)
    assert (len(found), found.groups, found.desa) == (0, (), 0)


@pytest.mark.parametrize("kode", ["99", "99.01", "99.01.02", "99.01.02.2002", "99.01.04", "98"])
def test_the_part_of_a_wilayah_is_what_its_code_begins(tmp_path: Path, kode: str) -> None:
    write_findings(many(60), tmp_path / "findings.json")
    found = read_findings(tmp_path)
    part = found.within(found.groups[0], kode)
    inside = [at for at in range(60) if f"{found.record(at).kode}.".startswith(f"{kode}.")]
    assert list(range(part.first, part.stop)) == inside
    assert part.desa == len({found.record(at).kode for at in inside})
