"""Proposals of a sheet, read as those of a workspace are, with the places of a release."""

from __future__ import annotations

from collections.abc import Hashable
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from geo_service.errors import RegisterError

if TYPE_CHECKING:
    from boundaries.findings.report import Finding
    from boundaries.history import versions
    from geo_service.register import records
    from layers.workspace.plan_sections import ProposalSection

LONGEST, LONGEST_FILE = 200, 150


class ProposalSheet(NamedTuple):
    """What a sheet proposes, what is wrong with it, and by which declaration it was read."""

    raised: tuple[records.Raised, ...]
    findings: tuple[Finding, ...]
    declared_by: str


def read_proposal_sheet(path: Path, release: Path) -> ProposalSheet:
    """The proposals of a file, each with the code of its desa, kecamatan or kabupaten.

    A section ``[[proposals]]`` of the release's ``wilayah.toml`` that names columns of the file
    says how to read it; else it is read as ``init`` would propose.

    Raises
    ------
    RegisterError
        No such file, or no section fits it and it does not look like a list of proposals.
    LayersError
        It cannot be read as declared.
    """
    import geopandas as gpd

    from layers.access.straight.land import find_land
    from layers.release.follow_up_file import read_services_file
    from layers.tables.plans.plans import join_plans
    from layers.tables.rows import row_places, row_records

    if not path.is_file():
        raise RegisterError(f"{path}: no such file.")
    section, declared_by = _choose_section(path, release)
    boundaries = gpd.read_parquet(release / "boundaries.parquet")
    desa = boundaries[boundaries["level"] == "desa"].reset_index(drop=True)
    history = _read_history(release)
    services = [service.id for service in read_services_file(release)]
    plans = join_plans(
        section,
        path.parent,
        row_places.Places.of(desa, history),
        services,
        row_records.Aids(history=history),
        find_land(desa),
    )
    lines = plans.lines.astype(object).where(plans.lines.notna(), None).to_dict("records")
    raised = tuple(_raised(line) for line in lines if line["kode"] and line["kegiatan"])
    return ProposalSheet(raised, plans.findings, declared_by)


def _raised(line: dict[Hashable, Any]) -> records.Raised:
    from geo_service.register import records

    return records.Raised(
        kode=line["kode"],
        layanan=line["layanan"],
        title=line["kegiatan"][:LONGEST],
        amount_idr=line["anggaran_idr"],
        tahun=line["tahun"],
        source=f"{line['file'][-LONGEST_FILE:]}, row {line['row']}",
    )


def _choose_section(path: Path, release: Path) -> tuple[ProposalSection, str]:
    """The section that says how to read a file, and where it is from."""
    from layers.errors import LayersError
    from layers.proposal import file_shapes
    from layers.tables.plans import plans
    from layers.workspace.plan_sections import ProposalSection
    from layers.workspace.workspace_file import read_workspace

    for declared in read_workspace(release).proposals:
        section = declared.model_copy(update={"path": path.name})
        try:
            plans.read_declared_plans(section, path.parent)
        except LayersError:
            continue
        return section, f"[[proposals]] {declared.id} of {release.name}"
    shapes = file_shapes.tell_shapes(path)
    for shape in shapes:
        if shape.role == "proposals" and not shape.todo:
            given: dict[str, object] = {
                "id": "usulan",
                "path": path.name,
                "services": dict(shape.mapping),
            }
            if shape.system is not None:
                given["code_system"] = shape.system
            return ProposalSection.model_validate(given | dict(shape.keys)), shape.recognised_by
    looks = "; ".join(f"{shape.role}: {shape.recognised_by}" for shape in shapes) or "nothing"
    raise RegisterError(
        f"{path}: no [[proposals]] of {release.name} names its columns, and it is not recognised "
        f"as a list of proposals ({looks}). Declare it in wilayah.toml, or name them as there."
    )


def _read_history(release: Path) -> versions.History | None:
    from boundaries.history.versions import Change, History
    from geo_service.needs.code_changes import read_code_changes

    lines = [change for each in read_code_changes(release).by_old.values() for change in each]
    changes = [Change(line.old, line.new, line.kind, line.year) for line in lines]
    return History.of(changes) if changes else None
