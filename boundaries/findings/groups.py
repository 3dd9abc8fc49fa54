"""Findings by kind: the same defect many times is one thing to mend, with its places."""

from collections.abc import Iterable
from dataclasses import dataclass

from boundaries.findings.report import Finding, Severity

FEW_NOTES = 5
"""More notes of a kind are one thing to know: they are shown as their number and one example."""
_RANK = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.NOTE: 2}
_DESA_LENGTH = len("00.00.00.0000")


@dataclass(frozen=True, slots=True)
class FindingGroup:
    """All findings of one code and severity, sorted as in the report."""

    severity: Severity
    code: str
    findings: tuple[Finding, ...]

    def examples(self, most: int) -> tuple[Finding, ...]:
        """The first ``most`` findings; of many notes one."""
        is_one_thing = self.severity is Severity.NOTE and len(self.findings) > min(most, FEW_NOTES)
        return self.findings[: min(1, most) if is_one_thing else most]

    @property
    def desa(self) -> int:
        """How many desa the findings name; 0 where they are about files or rows without code."""
        kodes = {finding.kode for finding in self.findings if finding.kode}
        return sum(len(kode) == _DESA_LENGTH for kode in kodes)


def group_findings(findings: Iterable[Finding]) -> list[FindingGroup]:
    """The findings by code and severity: errors first, then what concerns most desa."""
    groups: dict[tuple[Severity, str], list[Finding]] = {}
    for finding in sorted(findings, key=Finding.sort_key):
        groups.setdefault((finding.severity, finding.code), []).append(finding)
    made = [FindingGroup(*key, tuple(members)) for key, members in groups.items()]
    return sorted(
        made, key=lambda group: (_RANK[group.severity], -group.desa, -len(group.findings))
    )
