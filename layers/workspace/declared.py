"""From what ``wilayah.toml`` declares to what the boundaries stage takes."""

from pathlib import Path

from boundaries.matching.matches_file import MATCHES_NAME, Decisions, read_polygon_decisions
from boundaries.polygons import declaration, intake
from layers.workspace.workspace import BoundarySection, CodesFromSection, Workspace


def polygon_sources(workspace: Workspace, folder: Path) -> tuple[declaration.PolygonSource, ...]:
    """One source per ``[[boundaries]]``, with paths resolved against the workspace folder."""
    decisions = read_polygon_decisions(folder / MATCHES_NAME)
    return tuple(
        _polygon_source(section, folder, decisions.get(intake.input_name(position), {}))
        for position, section in enumerate(workspace.boundaries)
    )


def _polygon_source(
    section: BoundarySection, folder: Path, decisions: Decisions
) -> declaration.PolygonSource:
    return declaration.PolygonSource(
        path=folder / section.path,
        label=section.path,
        codes_from=_reference(section.codes_from, folder),
        decisions=decisions,
        **section.model_dump(include={*declaration.PolygonKeys.model_fields}),
    )


def _reference(section: CodesFromSection | None, folder: Path) -> declaration.CodesFrom | None:
    if section is None:
        return None
    keys = section.model_dump(include={*declaration.CodesFromKeys.model_fields})
    return declaration.CodesFrom(path=folder / section.path, label=section.path, **keys)
