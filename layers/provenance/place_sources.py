"""The inputs of a workspace as provenance sees them, and the polygons that every desa rests on."""

from collections.abc import Iterable

import pandas as pd

from layers.columns.assemble import kode_to_fid
from layers.provenance.lineage import Sources, Strand, make_uses
from layers.release.provenance_file import REST
from layers.workspace import inputs, sections


def list_sources(workspace: sections.Workspace) -> Sources:
    """Every declared input, and what leads to the codes of each."""
    paths = {name: section.path for name, section in inputs.list_inputs(workspace)}
    paths["matches"] = "matches.csv"
    bridges = _crosswalks(workspace, "bridge")
    led = {
        name: bridges
        for name, section in inputs.list_inputs(workspace)
        if getattr(section, "code_system", None) == "bps" and name.split(".")[0] not in _CODE_LISTS
    }
    return Sources(paths, led if bridges else {})


_CODE_LISTS = ("names", "crosswalks")


def _crosswalks(workspace: sections.Workspace, kind: str) -> tuple[str, ...]:
    return tuple(
        f"crosswalks.{number}"
        for number, section in enumerate(workspace.crosswalks, start=1)
        if section.kind == kind
    )


def histories(workspace: sections.Workspace) -> tuple[str, ...]:
    """The inputs that say how codes changed."""
    return _crosswalks(workspace, "history")


def groups_of(workspace: sections.Workspace, groups: Iterable[str]) -> list[str]:
    """The inputs of some groups of sections, in the order of ``wilayah.toml``.

    A group is the part of a name before its dot: ``roads`` for ``roads.1``.
    """
    group_names = frozenset(groups)
    return [name for name, _ in inputs.list_inputs(workspace) if name.split(".")[0] in group_names]


def to_places(kode: pd.Series) -> pd.Series:
    """Codes as the integers that places have in the file of provenance."""
    return pd.Series(kode_to_fid(kode.astype(str)), index=kode.index)


def trace_boundaries(
    sources: Sources, workspace: sections.Workspace, boundaries: pd.DataFrame
) -> Strand:
    """The polygon of each desa: what its area, name and parents come from.

    Parameters
    ----------
    boundaries
        ``level, kode, source_file, source_row``.

    Returns
    -------
    Strand
        Its uses are also those of every other value that starts or counts in the polygon.
    """
    desa = boundaries[boundaries["level"] == "desa"]
    parts = []
    for number, section in enumerate(workspace.boundaries, start=1):
        rows = desa[desa["source_file"] == section.path]
        name = f"boundaries.{number}"
        if len(rows):
            places = to_places(rows["kode"])
            parts.append(make_uses(places, "boundary", name, rows["source_row"].to_numpy()))
    return sources.trace("desa", [REST], None, parts)
