"""From what ``wilayah.toml`` declares to what the boundaries stage takes."""

from pathlib import Path

from boundaries.matching.matches_file import MATCHES_NAME, Decisions, read_polygon_decisions
from boundaries.polygons.declaration import CodesFrom, CodesFromKeys, PolygonKeys, PolygonSource
from boundaries.polygons.intake import input_name
from layers.workspace.workspace import BoundarySection, CodesFromSection, Workspace


def polygon_sources(workspace: Workspace, folder: Path) -> tuple[PolygonSource, ...]:
    """One source per ``[[boundaries]]``, with paths resolved against the workspace folder."""
    decisions = read_polygon_decisions(folder / MATCHES_NAME)
    return tuple(
        _polygon_source(section, folder, decisions.get(input_name(position), {}))
        for position, section in enumerate(workspace.boundaries)
    )


def _polygon_source(section: BoundarySection, folder: Path, decisions: Decisions) -> PolygonSource:
    return PolygonSource(
        path=folder / section.path,
        label=section.path,
        codes_from=_reference(section.codes_from, folder),
        decisions=decisions,
        **section.model_dump(include={*PolygonKeys.model_fields}),
    )


def _reference(section: CodesFromSection | None, folder: Path) -> CodesFrom | None:
    if section is None:
        return None
    keys = section.model_dump(include={*CodesFromKeys.model_fields})
    return CodesFrom(path=folder / section.path, label=section.path, **keys)
