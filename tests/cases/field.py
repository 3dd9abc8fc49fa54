"""One field case run whole: what ``check`` says, what ``build`` says, what the release holds.

The cases lie beside the project (``../shared/cases``) and are not part of it; where they are absent
their tests skip.  Each file ``test_<area>.py`` of this folder states in our own words what a case
must give; `test_every_case` holds what every case must, those that no test names yet too.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from boundaries.errors import BoundariesError
from boundaries.findings.report import Finding, Report
from layers.errors import LayersError
from layers.pipeline.build import build_release, check_workspace

CASES = Path(__file__).parents[2].parent / "shared" / "cases"


@dataclass(frozen=True, slots=True)
class CaseRun:
    """What became of one case.

    Parameters
    ----------
    report
        Findings and row counts of ``check``; None where it refused the workspace with a message.
    refusal
        The message of ``check`` where it could not read what is declared.
    blocked
        The message of ``build`` where it built nothing, in words and without a traceback.
    release
        The published release, None where nothing was built.
    """

    folder: Path
    report: Report | None
    refusal: str | None
    blocked: str | None
    release: Path | None

    def findings(self, code: str) -> list[Finding]:
        """The findings of one code."""
        return [] if self.report is None else [f for f in self.report.findings if f.code == code]

    @property
    def codes(self) -> set[str]:
        """The codes of all findings."""
        return set() if self.report is None else {f.code for f in self.report.findings}

    def layer(self, name: str = "desa") -> pd.DataFrame:
        """The CSV download of a layer, every cell as text, one row per ``kode``."""
        assert self.release is not None, self.blocked or self.refusal
        frame = pd.read_csv(self.release / "downloads" / f"{name}.csv", dtype=str)
        return frame.set_index("kode") if "kode" in frame else frame

    def values(self, column: str, layer: str = "desa") -> dict[str, str | None]:
        """The published cells of one column by kode; None where the cell is empty."""
        cells = self.layer(layer)[column]
        return {str(kode): None if pd.isna(cell) else str(cell) for kode, cell in cells.items()}


def run_case(name: str, scratch: Path) -> CaseRun:
    """The case in a copy of its own: checked, and built where check lets it.

    An exception that is not a message of ours (a traceback for the user) fails the test.
    """
    folder = scratch / name
    shutil.copytree(CASES / name, folder)
    for path in [folder, *folder.rglob("*")]:
        path.chmod(0o755 if path.is_dir() else 0o644)
    return run_workspace(folder, scratch / f"{name}-releases")


def run_workspace(folder: Path, releases: Path) -> CaseRun:
    """A workspace checked, and built where check lets it."""
    try:
        report = check_workspace(folder).report
    except (LayersError, BoundariesError) as refused:
        return CaseRun(folder, None, str(refused), None, None)
    try:
        built = build_release(folder, releases, publish=True)
    except (LayersError, BoundariesError) as refused:
        return CaseRun(folder, report, None, str(refused), None)
    return CaseRun(folder, report, None, None, built.path)
