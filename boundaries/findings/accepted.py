"""Findings that the workspace knows and accepts, with its reason."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

from boundaries.findings import report

ALLOW_UNUSED = report.declared_kind("boundary.allow_unused")


class Acceptance(Protocol):
    """One entry of the allow-list; ``check`` is a finding's code, with or without its prefix.

    An entry may also have ``file``: only findings of this input file, as declared.
    """

    @property
    def check(self) -> str:
        """Code of the finding."""

    @property
    def kode(self) -> str | None:
        """Only for this wilayah."""

    @property
    def other(self) -> str | None:
        """Only against this other wilayah, for findings about pairs."""

    @property
    def reason(self) -> str:
        """Why it is right as it is; published."""


def accept_findings(
    findings: Sequence[report.Finding], allowed: Sequence[Acceptance]
) -> list[report.Finding]:
    """The findings, those on the allow-list as notes that state the reason.

    Findings
    --------
    boundary.allow_unused
        An entry that fits no finding (warning): mended since, or misspelt.

    Notes
    -----
    Each stage is given the entries that are about its own findings, see `is_about_boundaries`.
    """
    used = [False] * len(allowed)
    result = []
    for finding in findings:
        for position, entry in enumerate(allowed):
            if _fits(finding, entry):
                used[position] = True
                message = f"{finding.message} Accepted: {entry.reason}"
                result.append(replace(finding, severity=report.Severity.NOTE, message=message))
                break
        else:
            result.append(finding)
    for entry, was_used in zip(allowed, used, strict=True):
        if not was_used:
            message = f"The accepted finding '{entry.check}' does not occur. Remove the entry."
            result.append(ALLOW_UNUSED.finding(message, kode=entry.kode))
    return result


def is_accepted(finding: report.Finding, allowed: Sequence[Acceptance]) -> bool:
    """Whether an entry of the allow-list is about this finding."""
    return any(_fits(finding, entry) for entry in allowed)


def is_about_boundaries(check: str) -> bool:
    """Whether an entry is about findings of the polygons, which may be named without prefix."""
    return check.startswith("boundary.") or "." not in check


def _fits(finding: report.Finding, entry: Acceptance) -> bool:
    if finding.code not in (entry.check, f"boundary.{entry.check}"):
        return False
    if getattr(entry, "file", None) not in (None, finding.file):
        return False
    pair = {finding.kode, *(finding.value or "").split()}
    named = {code for code in (entry.kode, entry.other) if code}
    return named <= pair
