"""What passes between the steps of a build: frozen records, which no step changes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Generic, Protocol, TypeVar

import geopandas as gpd
import pandas as pd

from boundaries.bounds import input_limits, input_readers
from boundaries.codes.crosswalk import CodeBridge
from boundaries.findings.report import Finding, LoadCount
from boundaries.history.versions import History
from boundaries.matching import matches_file, matching
from layers.access.straight.land import Land
from layers.columns.model import Computed, LayerData
from layers.provenance.lineage import Lineage, Sources, Strand
from layers.release.manifest_file import InputEntry
from layers.synchronisation import match, service_list
from layers.tables.indicators.hiding import HiddenPlaces
from layers.tables.rows import row_places, row_records

Task = TypeVar("Task")
Result = TypeVar("Result")
Result_co = TypeVar("Result_co", covariant=True)


class Runner(Protocol):
    """Calls a step on each task.

    ``map`` is one; so is the ``map`` of a pool of processes, or one that looks into a cache first.
    """

    def __call__(
        self, step: Callable[[Task], Result], tasks: Iterable[Task], /
    ) -> Iterable[Result]:
        """The results, in the order of the tasks."""
        ...


@dataclass(frozen=True)
class StepWithin(Generic[Task, Result]):
    """A step that reads its files within the limits of the workspace, wherever it runs."""

    step: Callable[[Task], Result]
    limits: input_limits.InputLimits

    @property
    def __name__(self) -> str:
        """The name of the step."""
        return str(getattr(self.step, "func", self.step).__name__)

    def __call__(self, task: Task) -> Result:
        """The result of the step."""
        with input_readers.open_readers(self.limits):
            return self.step(task)


@dataclass(frozen=True, slots=True)
class Files:
    """The files a step may read: the folder they lie in, and which bytes each of them is."""

    folder: Path
    entries: tuple[InputEntry, ...]

    def of(self, *names: str) -> Files:
        """Those of some inputs (``tables.idm``) or groups of inputs (``roads``)."""
        chosen = tuple(
            entry
            for entry in self.entries
            if entry.input in names or entry.input.split(".")[0] in names
        )
        return Files(self.folder, chosen)


@dataclass(frozen=True, slots=True)
class Contribution:
    """What one step adds to the release beside the result that other steps use.

    Parameters
    ----------
    strands
        What values were made of.
    tables
        Long tables by name, in a stable order, each row with its file and row.
    proposals
        Matches of names that wait for a decision, by input.
    extras
        Writers of further files by their path in the release.
    """

    findings: tuple[Finding, ...] = ()
    loads: tuple[LoadCount, ...] = ()
    strands: tuple[Strand, ...] = ()
    tables: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    proposals: Mapping[str, tuple[matching.Proposal, ...]] = field(default_factory=dict)
    extras: Mapping[str, Callable[[Path], None]] = field(default_factory=dict)


def join_contributions(parts: Sequence[Contribution]) -> Contribution:
    """All of them in the order given, whatever order they were made in."""
    return Contribution(
        tuple(chain.from_iterable(part.findings for part in parts)),
        tuple(chain.from_iterable(part.loads for part in parts)),
        tuple(chain.from_iterable(part.strands for part in parts)),
        dict(chain.from_iterable(part.tables.items() for part in parts)),
        dict(chain.from_iterable(part.proposals.items() for part in parts)),
        dict(chain.from_iterable(part.extras.items() for part in parts)),
    )


@dataclass(frozen=True, slots=True)
class Loaded(Generic[Result_co]):
    """One declared file as it was read."""

    result: Result_co
    added: Contribution


@dataclass(frozen=True, slots=True)
class CodeAids:
    """What is known of codes before the polygons are read.

    Parameters
    ----------
    bridge
        From BPS to Kemendagri codes.
    history
        How codes changed.
    names
        Official names by dotted code, of every level.
    """

    bridge: CodeBridge | None
    history: History | None
    names: Mapping[str, str]
    added: Contribution


@dataclass(frozen=True, slots=True)
class Matches:
    """The lines of ``matches.csv`` and what a person decided in them, by input."""

    lines: tuple[matches_file.MatchLine, ...] = ()
    decisions: Mapping[str, matches_file.Decisions] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Ground:
    """The places of a workspace, and what rows of tables find theirs by.

    Parameters
    ----------
    boundaries
        All levels in one frame.
    history
        How codes changed, down to the desa.
    polygons
        Uses of the polygon of each desa.
    """

    boundaries: gpd.GeoDataFrame
    desa: gpd.GeoDataFrame
    land: Land
    places: row_places.Places
    bridge: CodeBridge | None
    history: History | None
    matches: Matches
    year: int
    sources: Sources
    polygons: pd.DataFrame
    added: Contribution

    def level(self, name: str) -> gpd.GeoDataFrame:
        """The wilayah of one level, sorted by ``kode``."""
        return self.boundaries[self.boundaries["level"] == name].reset_index(drop=True)

    def aids_for(self, table_id: str) -> row_records.Aids:
        """What one table may use to place its rows."""
        return row_records.Aids(self.bridge, self.matches.decisions.get(table_id), self.year)

    def trace(self, *added: Contribution) -> Lineage:
        """What was used for the polygons, and by the steps that added these."""
        return Lineage(self.sources, join_contributions([self.added, *added]).strands)


@dataclass(frozen=True, slots=True)
class SettledIndicators:
    """The indicators of the desa.

    Parameters
    ----------
    settled
        Long table: one row for each desa, indicator and year.
    words
        Words beside values, by file and row.
    hidden
        Where hidden values stand; findings of the tables lose their numbers there.
    """

    computed: Computed
    settled: pd.DataFrame
    words: pd.DataFrame
    hidden: HiddenPlaces
    added: Contribution


@dataclass(frozen=True, slots=True)
class SettledSpending:
    """The budgets of the desa; both None where no spending is declared.

    Parameters
    ----------
    lines
        Budget lines with the amount that counts, under the codes of today, and those that are lost
        (`layers.tables.spending.spending_layer.list_with_lost`).
    """

    computed: Computed | None
    lines: pd.DataFrame | None
    added: Contribution


@dataclass(frozen=True, slots=True)
class OfficialPeople:
    """Registered people by kode, to which the raster of people is rescaled; None: as it is."""

    official: pd.Series[float] | None
    added: Contribution


@dataclass(frozen=True, slots=True)
class Access:
    """The layers of access, and the long table of all methods (empty without facilities)."""

    layers: tuple[LayerData, ...]
    gaps: pd.DataFrame
    added: Contribution


@dataclass(frozen=True, slots=True)
class Match:
    """Need and money of each desa and service, and the services by id."""

    services: Mapping[str, service_list.BasicService]
    matched: match.Matched
    added: Contribution
