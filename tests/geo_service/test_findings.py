"""Slices of ``findings.json`` say the same as the whole file parsed plainly."""

from __future__ import annotations

import json
from itertools import groupby
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from boundaries.findings.kinds import Catalogue, FindingWords, Texts
from boundaries.findings.report import Finding, LoadCount, Report, Severity
from layers.release.byte_source import MemoryBytes
from layers.release.errors import ReleaseUnusableError
from layers.release.findings_file import Findings

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
        unit=st.sampled_from([None, "ha"]),
    ),
    max_size=40,
)


def write(found: list[Finding]) -> str:
    return Report(list(found), [LoadCount("a", "a.csv", 3, 1, 1, 1)]).to_json(CATALOGUE)


def read(text: str | bytes) -> Findings:
    content = text.encode() if isinstance(text, str) else text
    return Findings(MemoryBytes(content), iter(content.splitlines(keepends=True)))


def is_within(kode: str, place: str) -> bool:
    return kode == place or kode.startswith(f"{place}.")


@given(FINDINGS)
def test_groups_hold_every_finding_once_in_the_order_of_the_file(found: list[Finding]) -> None:
    text = write(found)
    plain: dict[str, Any] = json.loads(text)
    sliced = read(text)
    groups = [sliced.records(group.first, group.stop) for group in sliced.groups]
    expected = groupby(plain["findings"], key=lambda one: (one["severity"], one["code"]))
    assert groups == [list(members) for _, members in expected]
    assert len(sliced) == len(plain["findings"])
    assert list(sliced.loads) == plain["loads"]
    assert list(sliced.codes.values()) == plain["codes"]
    assert list(sliced.units.values()) == plain["units"]


@given(FINDINGS, st.sampled_from([kode for kode in KODES if kode]))
def test_within_a_wilayah_is_what_is_about_it_and_below(found: list[Finding], place: str) -> None:
    text = write(found)
    expected = [
        one for one in json.loads(text)["findings"] if is_within(one.get("kode") or "", place)
    ]
    sliced = read(text)
    parts = [sliced.within(group, place) for group in sliced.groups]
    assert [one for part in parts for one in sliced.records(part.first, part.stop)] == expected
    for part in parts:
        named = {one.get("kode") or "" for one in sliced.records(part.first, part.stop)}
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
