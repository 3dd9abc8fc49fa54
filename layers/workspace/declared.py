"""From what ``wilayah.toml`` declares to what the boundaries stage takes."""

from pathlib import Path

from boundaries.codes import CodeSystem
from boundaries.matching.matches_file import MATCHES_NAME, Decisions, read_polygon_decisions
from boundaries.polygons import CodesFrom, PolygonSource
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
        code_system=CodeSystem(section.code_system),
        code_column=section.code_column,
        name_column=section.name_column,
        kecamatan_code_column=section.kecamatan_code_column,
        kecamatan_name_column=section.kecamatan_name_column,
        kabupaten_name_column=section.kabupaten_name_column,
        provinsi_name_column=section.provinsi_name_column,
        sebutan_column=section.sebutan_column,
        kecamatan_sebutan_column=section.kecamatan_sebutan_column,
        legal_status_column=section.legal_status_column,
        legal_status=section.legal_status,
        axis_order=section.axis_order,
        crs=section.crs,
        layer=section.layer,
        encoding=section.encoding,
        where=dict(section.where),
        codes_from=_reference(section.codes_from, folder),
        year=section.year,
        decisions=decisions,
    )


def _reference(section: CodesFromSection | None, folder: Path) -> CodesFrom | None:
    if section is None:
        return None
    return CodesFrom(
        path=folder / section.path,
        label=section.path,
        code_column=section.code_column,
        name_column=section.name_column,
        code_system=CodeSystem(section.code_system),
        min_overlap=section.min_overlap,
        encoding=section.encoding,
    )
