"""What the steps of a build share: the workspace, its places, and what each step adds."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import geopandas as gpd
import pandas as pd

from boundaries.codes.crosswalk import CodeBridge
from boundaries.findings.report import Finding, LoadCount, Report
from boundaries.history.versions import History
from boundaries.matching.matching import Proposal
from boundaries.progress import Progress
from layers.columns.catalogue import read_indicators
from layers.pipeline.aids import Matches
from layers.pipeline.lost_inputs import find_lost
from layers.provenance.lineage import Lineage, Sources, Strand
from layers.tables.indicators.join import collect_words
from layers.tables.rows.places import Places
from layers.workspace.workspace import IndicatorSection, Workspace


@dataclass(slots=True)
class Run:
    """What the steps share and add to."""

    workspace: Workspace
    folder: Path
    progress: Progress
    desa: gpd.GeoDataFrame
    places: Places
    history: History | None
    bridge: CodeBridge | None
    matches: Matches
    report: Report
    sources: Sources
    strands: list[Strand] = field(default_factory=list)
    tables: dict[str, pd.DataFrame] = field(default_factory=dict)
    proposals: dict[str, tuple[Proposal, ...]] = field(default_factory=dict)
    extras: dict[str, Callable[[Path], None]] = field(default_factory=dict)
    words: pd.DataFrame = field(default_factory=lambda: collect_words([]))
    spending_lines: pd.DataFrame | None = None

    @property
    def lineage(self) -> Lineage:
        """What was used so far."""
        return Lineage(self.sources, tuple(self.strands))

    @property
    def known_indicators(self) -> dict[str, IndicatorSection]:
        """The indicators of the catalogue and of the workspace, by name."""
        return read_indicators() | {own.name: own for own in self.workspace.indicators}

    def take_in(
        self, findings: Sequence[Finding], load: LoadCount, telling: int | None = None
    ) -> None:
        """Report what became of one input, and that nothing of it is used where that is so.

        ``telling`` is the number of its used rows that say something, where that can be none.
        """
        self.report.extend([*findings, *find_lost(findings, load, telling)], [load])
