"""Slices of ``findings.json`` say the same as the whole file parsed plainly."""

from __future__ import annotations

import json
from itertools import groupby
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from boundaries.findings.report import (
    Catalogue,
    Finding,
    FindingWords,
    LoadCount,
    Report,
    Severity,
    Texts,
)
from layers.publish.report_files import describe_findings
from layers.release.byte_source import MemoryBytes
from layers.release.errors import ReleaseUnusableError
from layers.release.findings_file import Findings, FindingsContent, write_findings_file

KODES = (
    None,
    "99",
    "99.01",
    "99.01.01",
    "99.01.01.2001",
    "99.01.01.2002",
    "99.01.02.1001",
    "99.02.01.2001",
    "98.01.01.2001",
)
# Text that could be taken for a line, a section or the end of the file.
TEXTS = st.sampled_from(
    ["biasa", "]}", '"findings": [', '{"a": 1},', "baris\nbaru\rlagi", "\u2028é[", ""]
)
CATALOGUE = Catalogue(
    {"a.one": FindingWords(Texts("Satu", "One"), Texts("Perbaiki [", "Mend ["))},
    {"ha": Texts("ha", "ha")},
)
FINDINGS = st.lists(
    st.builds(
        Finding,
        code=st.sampled_from(["a.one", "a.two", "b"]),
        severity=st.sampled_from(list(Severity)),
        message=TEXTS,
        file=st.none() | TEXTS,
        row=st.none() | st.integers(1, 9),
        kode=st.sampled_from(KODES),
        value=st.none() | TEXTS,
        measure=st.none() | st.integers(0, 9) | st.floats(0, 9),
        unit=st.sampled_from([None, "ha"]),
    ),
    max_size=40,
)


LOAD = LoadCount("a", "a.csv", 3, 1, 1, 1)


def content_of(found: list[Finding]) -> FindingsContent:
    return describe_findings(Report(list(found), [LOAD]), CATALOGUE)


def write(found: list[Finding]) -> str:
    with TemporaryDirectory() as folder:
        path = Path(folder, "findings.json")
        write_findings_file(path, content_of(found))
        return path.read_text(encoding="utf-8")


def read(text: str | bytes) -> Findings:
    content = text.encode() if isinstance(text, str) else text
    return Findings(MemoryBytes(content), iter(content.splitlines(keepends=True)))


def is_within(kode: str, place: str) -> bool:
    return kode == place or kode.startswith(f"{place}.")


@given(FINDINGS)
def test_what_is_written_is_what_is_read(found: list[Finding]) -> None:
    content = content_of(found)
    text = write(found)
    sliced = read(text)
    assert list(sliced.records(0, len(sliced))) == list(content.findings)
    assert list(sliced.loads) == list(content.loads)
    assert list(sliced.codes.values()) == list(content.codes)
    assert list(sliced.units.values()) == list(content.units)
    plain: dict[str, list[object]] = json.loads(text)
    assert {name: len(records) for name, records in plain.items()} == {
        "loads": 1,
        "codes": len(content.codes),
        "units": len(content.units),
        "findings": len(found),
    }


@given(FINDINGS)
def test_groups_hold_every_finding_once_in_the_order_of_the_file(found: list[Finding]) -> None:
    sliced = read(write(found))
    groups = [sliced.records(group.first, group.stop) for group in sliced.groups]
    expected = groupby(content_of(found).findings, key=lambda one: (one.severity, one.code))
    assert groups == [list(members) for _, members in expected]


@given(FINDINGS, st.sampled_from([kode for kode in KODES if kode]))
def test_within_a_wilayah_is_what_is_about_it_and_below(found: list[Finding], place: str) -> None:
    expected = [one for one in content_of(found).findings if is_within(one.kode or "", place)]
    sliced = read(write(found))
    parts = [sliced.within(group, place) for group in sliced.groups]
    assert [one for part in parts for one in sliced.records(part.first, part.stop)] == expected
    for part in parts:
        named = {one.kode or "" for one in sliced.records(part.first, part.stop)}
        assert part.desa == sum(len(kode) == len("00.00.00.0000") for kode in named)


def test_a_file_cut_off_does_not_pass_for_one_without_findings() -> None:
    found = [Finding("a.one", Severity.WARNING, "x", kode="99.01.01.2001") for _ in range(3)]
    text = write(found).encode()
    assert len(read(text)) == 3
    for length in range(len(text.rstrip())):
        with pytest.raises(ReleaseUnusableError, match=r"findings\.json"):
            read(text[:length])
    with pytest.raises(ReleaseUnusableError, match=r"findings\.json"):
        read("{}")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('"severity": "warning"', '"severity": "bad"'),
        ('"message": "x"', '"message": 1'),
        ('"rows_read": 3', '"rows_read": null'),
        ('"title": {', '"titel": {'),
    ],
)
def test_a_foreign_record_is_named_with_its_reason(before: str, after: str) -> None:
    text = write([Finding("a.one", Severity.WARNING, "x")])
    assert before in text
    with pytest.raises(ReleaseUnusableError, match=r"findings\.json .*\(.+\)"):
        read(text.replace(before, after))
